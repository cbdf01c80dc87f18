/**
 * Makes changes, once each: looks at reality first, sends what is not so yet, and says what came of it. Puts them back in the
 * same way.
 */
import type { Approval } from './approval.ts';
import { planHash, type Change, type Look } from './change.ts';
import type { ChangeEnd, ChangeFailure } from './change-end.ts';
import { ChangeRecords } from './change-records.ts';
import type { RunHistory } from './history.ts';
import { asKnown, lookEveryMs, Looking, type LookingTools } from './looking.ts';
import { Sending, type SendingTools } from './sending.ts';
import type { AnyStep, ChangeBody } from './step.ts';

export interface ChangingTools<Ports, Settings, Act>
  extends
    Omit<LookingTools<Ports, Settings>, 'sentAt'>,
    Omit<SendingTools<Ports, Settings, Act>, 'looking' | 'records'> {
  /** True once somebody else's program may have changed the world. */
  readonly hasTold: () => boolean;
  /** Of the run so far, where it is taken up again. */
  readonly history: RunHistory | undefined;
}

/** What is not sent twice, and does not show: nobody knows whether it is still under way. */
function startedBefore({ detail }: Look): ChangeFailure {
  return {
    kind: 'not-made',
    consequence: 'unknown',
    detail: `it was begun before, and is not begun again: it may still be under way (${detail})`,
    attempts: 1,
  };
}

/** What was sent, and then given up by whoever was asked for it. */
function givenUp(detail: string): ChangeFailure {
  return { kind: 'not-made', consequence: 'undo', detail, attempts: 1 };
}

export class Changing<Ports, Settings, Act> {
  private readonly tools: ChangingTools<Ports, Settings, Act>;
  private readonly looking: Looking<Ports, Settings, Act>;
  private readonly sending: Sending<Ports, Settings, Act>;
  readonly records: ChangeRecords;

  constructor(tools: ChangingTools<Ports, Settings, Act>) {
    this.tools = tools;
    this.records = new ChangeRecords(tools.history, tools.emit, tools.clock);
    this.looking = new Looking({ ...tools, sentAt: (stepId) => this.records.sentAt(stepId) });
    this.sending = new Sending({ ...tools, looking: this.looking, records: this.records });
  }

  /** How a change stands once nothing of it is under way any more. */
  async stillness(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const seen = await this.looking.once(step, body, change);
    const isUnclear = seen.state === 'in-flight' || seen.state === 'unknown';
    return isUnclear ? this.looking.untilStill(step, body, change) : seen;
  }

  /** Notes that a change was taken back, where that shows at once. Whoever cannot look leaves it told as it was known. */
  async noteIfTakenBack(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<void> {
    const seen = await this.looking.once(step, body, change).catch(() => undefined);
    if (seen?.state === 'failed' && seen.isAsBefore === true) this.records.note(step, change, seen, 'apply');
  }

  /** Makes the change, if reality is still as the plan says. `consent` is what the approving step yielded. */
  async make(
    step: AnyStep,
    body: ChangeBody<Ports, Settings, Act>,
    planned: Change,
    consent: unknown,
  ): Promise<ChangeEnd> {
    const { acting } = this.tools;
    // What was begun is finished as it was begun, whatever would be planned today.
    const record = this.records.begun(step.id);
    const change = record?.change ?? planned;
    if (!covers(consent, planHash([change], acting.digest))) {
      const error = new TypeError(`step "${step.id}" would make a change that "${body.approval.id}" has not shown`);
      return { kind: 'not-made', consequence: 'defect', detail: error.message, attempts: 0, error };
    }
    if (record?.status === 'applied' || record?.status === 'taken-back') {
      const { receipt, gaveUp } = record;
      if (gaveUp !== undefined && !this.tools.isAwaited(step)) return givenUp(gaveUp);
      const told = receipt === undefined ? {} : { receipt };
      return { kind: 'made', made: true, detail: `${change.summary} (done before)`, attempts: 1, ...told };
    }
    const wasSent = record?.status === 'intended' || record?.status === 'unknown';
    const endsAt = this.tools.clock.now() + step.timeoutMs;
    const seen = await this.firstLook(step, body, change, wasSent, endsAt, true);
    if (wasSent) this.records.note(step, change, asKnown(body, change, seen), 'apply');
    switch (seen.state) {
      case 'done':
      case 'in-flight':
        return wasSent
          ? { kind: 'made', made: true, detail: `${change.summary}: ${seen.detail}`, attempts: 1 }
          : {
              kind: 'made',
              made: false,
              ...(seen.state === 'in-flight' ? { isUnderWay: true } : {}),
              detail: `nothing sent: ${seen.detail}`,
              attempts: 1,
            };
      case 'failed':
        return wasSent && this.tools.isAwaited(step)
          ? { kind: 'made', made: true, detail: change.summary, attempts: 1 }
          : givenUp(seen.detail);
      case 'unknown':
        // It sets a value: whether it did so before is all the same.
        if (wasSent && body.isIdempotent) return this.sending.send(step, body, change, 'apply', endsAt);
        // What was done for a change that nobody can make is put back.
        return {
          kind: 'not-made',
          consequence: !wasSent && this.hasChanged() ? 'undo' : 'unknown',
          detail: seen.detail,
          attempts: 1,
        };
      case 'drifted':
        return this.drifted(step, body, seen, wasSent, consent.hash);
      case 'not-started':
        if (wasSent && body.isOnce(change)) return startedBefore(seen);
        // What has to be done soon has one limit for all of it.
        return this.sending.send(
          step,
          body,
          change,
          'apply',
          body.isIdempotent ? endsAt : this.tools.clock.now() + step.timeoutMs,
        );
    }
  }

  private hasChanged(): boolean {
    return this.records.hasAny() || this.tools.hasTold();
  }

  /** How it stands before it is sent. What has to be done soon, or is one of several, is looked at until something answers. */
  private async firstLook(
    step: AnyStep,
    body: ChangeBody<Ports, Settings, Act>,
    change: Change,
    wasSent: boolean,
    endsAt: number,
    isApplying: boolean,
  ): Promise<Look> {
    if (wasSent) return this.looking.untilClear(step, body, change);
    const { clock, acting } = this.tools;
    for (;;) {
      const seen = await this.looking.once(step, body, change);
      const isLast = clock.now() + acting.requestMs > endsAt;
      // Where nothing was changed yet, whoever began it can just as well begin anew.
      const isWorthIt = body.isIdempotent || this.hasChanged();
      if (seen.state !== 'unknown' || !isWorthIt || isLast) return seen;
      // A run that stops does not wait for it.
      if (isApplying && this.tools.standstill(step) !== undefined) return seen;
      await clock.sleep(lookEveryMs, this.tools.stop);
    }
  }

  /** Puts a change back: by its reverse, made like any change. */
  async undo(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<ChangeEnd> {
    const record = this.records.of(step.id);
    if (record?.status === 'intended' || record?.status === 'unknown') {
      const first = await this.looking.untilClear(step, body, change);
      const isUnclear = first.state === 'unknown' && body.isIdempotent;
      const seen = isUnclear ? await this.looking.untilStill(step, body, change) : first;
      this.records.note(step, change, asKnown(body, change, seen), 'apply');
      if (seen.state === 'not-started' && body.isOnce(change)) return startedBefore(seen);
      if (seen.state === 'not-started' || (seen.state === 'failed' && seen.isAsBefore === true)) {
        return { kind: 'made', made: false, detail: `nothing to put back: ${seen.detail}`, attempts: 1 };
      }
      if (seen.state === 'unknown' || seen.state === 'drifted') {
        return { kind: 'not-made', consequence: 'unknown', detail: `not put back: ${seen.detail}`, attempts: 1 };
      }
    }
    const reverse = body.reverse?.(change);
    if (reverse === undefined) {
      return {
        kind: 'not-made',
        consequence: 'unknown',
        detail: `stays as it is, since it cannot be put back: ${change.summary}`,
        attempts: 0,
      };
    }
    const begun = record?.status === 'reverting';
    const first = await this.firstLook(step, body, reverse, begun, this.tools.clock.now() + step.timeoutMs, false);
    // What is under way may be the change itself as well as its reverse: which of them shows when it is over.
    const isUnclear = first.state === 'in-flight' || (first.state === 'unknown' && body.isIdempotent);
    const seen = isUnclear ? await this.looking.untilStill(step, body, reverse) : first;
    switch (seen.state) {
      case 'done':
        this.records.note(step, change, seen, 'undo');
        return { kind: 'made', made: false, detail: `put back: ${seen.detail}`, attempts: 1 };
      case 'in-flight':
      case 'unknown':
      case 'failed':
      case 'drifted':
        return { kind: 'not-made', consequence: 'unknown', detail: `not put back: ${seen.detail}`, attempts: 1 };
      case 'not-started': {
        if (begun && body.isOnce(reverse)) return startedBefore(seen);
        const endsAt = this.tools.clock.now() + step.timeoutMs;
        const end = await this.sending.send(step, body, reverse, 'undo', endsAt, change);
        return end.kind === 'made' ? this.awaitUndone(step, body, change, reverse, end.attempts) : end;
      }
    }
  }

  /** It is undone when reality says so, not when somebody agreed to do it. */
  private async awaitUndone(
    step: AnyStep,
    body: ChangeBody<Ports, Settings, Act>,
    change: Change,
    reverse: Change,
    attempts: number,
  ): Promise<ChangeEnd> {
    const { clock, stop } = this.tools;
    const endsAt = clock.now() + this.looking.undoneWithin(body);
    for (;;) {
      const seen = await this.looking.once(step, body, reverse);
      if (seen.state === 'done') {
        this.records.note(step, change, seen, 'undo');
        return { kind: 'made', made: true, detail: `put back: ${reverse.summary}`, attempts };
      }
      if (clock.now() + lookEveryMs > endsAt || seen.state === 'failed' || seen.state === 'drifted') {
        return { kind: 'not-made', consequence: 'unknown', detail: `not seen put back: ${seen.detail}`, attempts };
      }
      await clock.sleep(lookEveryMs, stop);
    }
  }

  private drifted(
    { isOptional }: AnyStep,
    { approval }: ChangeBody<Ports, Settings, Act>,
    seen: Look,
    wasSent: boolean,
    hash: string,
  ): ChangeFailure {
    const detail = `the world has changed since this was planned: ${seen.detail}`;
    if (wasSent) return { kind: 'not-made', consequence: 'unknown', detail, attempts: 1 };
    if (isOptional === true || this.hasChanged()) return { kind: 'not-made', consequence: 'undo', detail, attempts: 1 };
    this.tools.emit({ type: 'approval.lapsed', stepId: approval.id, hash, reason: seen.detail });
    return { kind: 'not-made', consequence: 'ask-again', detail, attempts: 1 };
  }
}

function covers(consent: unknown, hash: string): consent is Approval {
  return isApproval(consent) && consent.changes.includes(hash);
}

function isApproval(value: unknown): value is Approval {
  return typeof value === 'object' && value !== null && 'changes' in value && Array.isArray(value.changes);
}
