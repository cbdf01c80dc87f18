/**
 * Makes changes, once each: looks at reality first, writes the intent down and syncs it, sends one call, writes the answer
 * down, and where none came asks reality what became of it. Puts them back in the same way.
 */
import type { Approval } from './approval.ts';
import { broughtBackIn, planHash, type Change, type Look } from './change.ts';
import type { Clock, Random } from './clock.ts';
import { classOf, Interrupted, leavesOpen, nextStepOf, type ErrorClass } from './errors.ts';
import type { Direction, EventBody, RunMode } from './events.ts';
import type { ChangeRecord, RunHistory } from './history.ts';
import type { PlainRecord } from './plain.ts';
import type { Acting } from './run.ts';
import type { AnyStep, StepBody } from './step.ts';

/** What the run is to do when a change was not made. */
export type Consequence =
  /** It failed: put back what was changed. */
  | 'undo'
  /** The world is not as it was shown to whoever approved. */
  | 'ask-again'
  /** Neither going on nor putting back is possible now: wait for somebody. */
  | 'suspend'
  /** Whether it was made cannot be told. */
  | 'unknown'
  /** It was not sent, because the run does not go on: for a reason that is not this step's. */
  | 'halt'
  | 'defect';

export interface ChangeFailure {
  readonly kind: 'not-made';
  readonly consequence: Consequence;
  readonly detail: string;
  readonly attempts: number;
  readonly errorClass?: ErrorClass;
  readonly nextStep?: string;
  readonly error?: unknown;
}

export type ChangeEnd =
  | {
      readonly kind: 'made';
      /** False where the world was so already, and nothing was sent. */
      readonly made: boolean;
      /** True where nothing was sent since it was on its way already: whether it arrives is another question. */
      readonly isUnderWay?: boolean;
      readonly detail: string;
      readonly attempts: number;
      /** What the answer gave, where one came. */
      readonly receipt?: PlainRecord;
    }
  | ChangeFailure;

type ChangeBody<Ports, Settings, Act> = Extract<StepBody<unknown, Ports, Settings, Act>, { form: 'change' }>;

export interface ChangingTools<Ports, Settings, Act> {
  readonly acting: Acting<Act>;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly ports: (stepId: string) => Ports;
  readonly mode: RunMode;
  readonly stop: AbortSignal;
  /** Why no change is made any more; undefined while the run goes on. */
  readonly standstill: (step: AnyStep) => string | undefined;
  /** True once somebody else's program may have changed the world. */
  readonly hasTold: () => boolean;
  readonly emit: (body: EventBody) => void;
  readonly history: RunHistory | undefined;
  /** Called before the first change of a run, and done before it is sent. */
  readonly checkpoint: () => Promise<void>;
}

/** How long a change may take to show itself after its answer was lost, before it counts as not made. */
const showsWithinMs = { reversible: 20_000, irreversible: 60_000, 'data-loss': 60_000 } as const;
const lookEveryMs = 2_000;
/** How often one change is sent, when reality says that it was not made. */
const mostSendings = 2;
/** A throttled caller tries again after so long at most. */
const longestBackoffMs = 20_000;
/** How long putting something back may take to be seen. */
const undoneWithinMs = 300_000;

/** What is not sent twice, and does not show: nobody knows whether it is still under way. */
function startedBefore({ detail }: Look): ChangeFailure {
  return {
    kind: 'not-made',
    consequence: 'unknown',
    detail: `it was begun before, and is not begun again: it may still be under way (${detail})`,
    attempts: 1,
  };
}

/** What was begun and may still be at it is not known to be undone: whoever goes on later must not begin it again. */
function asKnown(body: { readonly isOnce: (change: Change) => boolean }, change: Change, seen: Look): Look {
  return seen.state === 'not-started' && body.isOnce(change) ? { state: 'unknown', detail: seen.detail } : seen;
}

export class Changing<Ports, Settings, Act> {
  private readonly tools: ChangingTools<Ports, Settings, Act>;
  private readonly records = new Map<string, ChangeRecord>();

  constructor(tools: ChangingTools<Ports, Settings, Act>) {
    this.tools = tools;
    for (const record of tools.history?.changes ?? []) this.records.set(record.stepId, record);
  }

  /** What was changed and is to be put back, newest first; of what is not known for sure, reality will tell. */
  undoable(): readonly ChangeRecord[] {
    return [...this.records.values()].filter(({ status }) => status !== 'failed' && status !== 'reverted').toReversed();
  }

  /** The steps whose changes were brought back by a later one of this run, each with the step that did; newest last. */
  pairs(): readonly (readonly [earlier: string, later: string])[] {
    const applied = [...this.records.values()].filter(({ status }) => status === 'applied');
    const idAt = (at: number): string => applied[at]?.stepId ?? '';
    return [...broughtBackIn(applied.map(({ change }) => change))].map(([back, at]) => [idAt(back), idAt(at)] as const);
  }

  /** How a change stands once nothing of it is under way any more. */
  async stillness(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const seen = await this.look(step, body, change);
    const isUnclear = seen.state === 'in-flight' || seen.state === 'unknown';
    return isUnclear ? this.lookUntilStill(step, body, change) : seen;
  }

  /** True where the step's change may be in the world. */
  stands(stepId: string): boolean {
    return this.undoable().some((record) => record.stepId === stepId);
  }

  /** What is back already, or was never made. */
  settled(): readonly ChangeRecord[] {
    return [...this.records.values()].filter(({ status }) => status === 'failed' || status === 'reverted');
  }

  /** A step's change as it was begun; what was refused or put back never began. */
  begun(stepId: string): ChangeRecord | undefined {
    const known = this.records.get(stepId);
    return known?.status === 'failed' || known?.status === 'reverted' ? undefined : known;
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
    const record = this.begun(step.id);
    const change = record?.change ?? planned;
    if (!covers(consent, planHash([change], acting.digest))) {
      const error = new TypeError(`step "${step.id}" would make a change that "${body.approval.id}" has not shown`);
      return { kind: 'not-made', consequence: 'defect', detail: error.message, attempts: 0, error };
    }
    if (record?.status === 'applied') {
      const { receipt } = record;
      const told = receipt === undefined ? {} : { receipt };
      return { kind: 'made', made: true, detail: `${change.summary} (done before)`, attempts: 1, ...told };
    }
    const wasSent = record?.status === 'intended' || record?.status === 'unknown';
    const endsAt = this.tools.clock.now() + step.timeoutMs;
    const seen = await this.firstLook(step, body, change, wasSent, endsAt, true);
    if (wasSent) this.note(step, change, asKnown(body, change, seen), 'apply');
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
        return { kind: 'not-made', consequence: 'undo', detail: seen.detail, attempts: 1 };
      case 'unknown':
        // It sets a value: whether it did so before is all the same.
        if (wasSent && body.isIdempotent) return this.send(step, body, change, 'apply', endsAt);
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
        return this.send(
          step,
          body,
          change,
          'apply',
          body.isIdempotent ? endsAt : this.tools.clock.now() + step.timeoutMs,
        );
    }
  }

  private hasChanged(): boolean {
    return [...this.records.values()].some(({ status }) => status !== 'failed') || this.tools.hasTold();
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
    if (wasSent) return this.lookUntilClear(step, body, change);
    const { clock, acting } = this.tools;
    for (;;) {
      const seen = await this.look(step, body, change);
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
    const record = this.records.get(step.id);
    if (record?.status === 'intended' || record?.status === 'unknown') {
      const first = await this.lookUntilClear(step, body, change);
      const isUnclear = first.state === 'unknown' && body.isIdempotent;
      const seen = isUnclear ? await this.lookUntilStill(step, body, change) : first;
      this.note(step, change, asKnown(body, change, seen), 'apply');
      if (seen.state === 'not-started' && body.isOnce(change)) return startedBefore(seen);
      if (seen.state === 'not-started' || seen.state === 'failed') {
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
    const seen = isUnclear ? await this.lookUntilStill(step, body, reverse) : first;
    switch (seen.state) {
      case 'done':
        this.note(step, change, seen, 'undo');
        return { kind: 'made', made: false, detail: `put back: ${seen.detail}`, attempts: 1 };
      case 'in-flight':
      case 'unknown':
      case 'failed':
      case 'drifted':
        return { kind: 'not-made', consequence: 'unknown', detail: `not put back: ${seen.detail}`, attempts: 1 };
      case 'not-started': {
        if (begun && body.isOnce(reverse)) return startedBefore(seen);
        const endsAt = this.tools.clock.now() + step.timeoutMs;
        const end = await this.send(step, body, reverse, 'undo', endsAt, change);
        return end.kind === 'made' ? this.awaitUndone(step, body, change, reverse, end.attempts) : end;
      }
    }
  }

  /** Looks for as long as something is under way, or cannot be seen. */
  private async lookUntilStill(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, stop } = this.tools;
    const endsAt = clock.now() + (body.undoneWithinMs ?? undoneWithinMs);
    for (;;) {
      await clock.sleep(lookEveryMs, stop);
      const seen = await this.look(step, body, change);
      if (seen.state !== 'in-flight' && seen.state !== 'unknown') return seen;
      if (clock.now() + lookEveryMs > endsAt) return seen;
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
    const endsAt = clock.now() + (body.undoneWithinMs ?? undoneWithinMs);
    for (;;) {
      const seen = await this.look(step, body, reverse);
      if (seen.state === 'done') {
        this.note(step, change, seen, 'undo');
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

  /** Sends a change until it is answered, or reality shows what became of it. `undoes`: the change that it puts back. */
  private async send(
    step: AnyStep,
    body: ChangeBody<Ports, Settings, Act>,
    change: Change,
    direction: Direction,
    endsAt: number,
    undoes = change,
  ): Promise<ChangeEnd> {
    const { clock, random, emit, stop } = this.tools;
    let sendings = 0;
    for (let attempt = 1; ; attempt += 1) {
      if (stop.aborted) throw stop.reason;
      const halted = direction === 'apply' ? this.tools.standstill(step) : undefined;
      if (halted !== undefined) {
        return { kind: 'not-made', consequence: 'halt', detail: `nothing sent: ${halted}`, attempts: attempt - 1 };
      }
      const refused = await this.allow(step, change, direction, undoes);
      if (refused !== undefined) return { ...refused, attempts: attempt - 1 };
      sendings += 1;
      const answer = await this.sendOnce(body, change);
      if (!('error' in answer)) {
        this.answered(step, undoes, direction, 'applied', undefined, answer.receipt);
        await this.tools.acting.journal.synced().catch(() => undefined); // What is done is done; the run ends by it.
        return { kind: 'made', made: true, detail: change.summary, attempts: attempt, ...answer };
      }
      const { error, errorClass, isOpen } = answer;
      const reason = messageOf(error);
      // Who trips over his own feet may have sent it before.
      const isSaid = !isOpen && (errorClass !== 'defect' || isUnsent(error));
      this.answered(step, undoes, direction, isSaid ? 'failed' : 'unknown', reason);
      if (isOpen) {
        const isRepeatable = body.isIdempotent && clock.now() + this.tools.acting.requestMs <= endsAt;
        const seen = isRepeatable ? await this.look(step, body, change) : await this.lookUntilClear(step, body, change);
        const isUnmade = seen.state === 'not-started' || seen.state === 'unknown';
        const isAgain = isRepeatable && isUnmade && clock.now() + this.tools.acting.requestMs <= endsAt;
        // What was sent just now may still arrive: nobody says yet that it was never made.
        if (!isAgain) this.note(step, undoes, seen, direction);
        if (isAgain) {
          emit({ type: 'step.retried', stepId: step.id, attempt, delayMs: lookEveryMs, errorClass, reason });
          await clock.sleep(lookEveryMs, stop);
          continue;
        }
        if (seen.state === 'done' || seen.state === 'in-flight') {
          const detail = `${change.summary} (its answer was lost; ${seen.detail})`;
          return { kind: 'made', made: true, detail, attempts: attempt };
        }
        if (seen.state === 'unknown' || seen.state === 'drifted') {
          return {
            kind: 'not-made',
            consequence: 'unknown',
            detail: `${reason} ${seen.detail}`,
            attempts: attempt,
            errorClass,
          };
        }
        if (seen.state === 'failed' || sendings >= (body.isOnce(change) ? 1 : mostSendings)) {
          return {
            kind: 'not-made',
            consequence: 'undo',
            detail: `${reason} ${seen.detail}`,
            attempts: attempt,
            errorClass,
          };
        }
        emit({ type: 'step.retried', stepId: step.id, attempt, delayMs: 0, errorClass, reason });
        continue;
      }
      const nextStep = nextStepOf(error);
      const told = { kind: 'not-made', detail: reason, attempts: attempt, errorClass, error } as const;
      const hinted = nextStep === undefined ? told : { ...told, nextStep };
      if (errorClass === 'defect') return { ...hinted, consequence: 'defect' };
      // Who is nobody any more can neither go on nor put back.
      if (errorClass === 'credentials') return { ...hinted, consequence: 'suspend' };
      const delayMs = Math.round((0.5 + random() / 2) * Math.min(longestBackoffMs, 1_000 * 2 ** attempt));
      const mayPass = errorClass === 'throttled' || errorClass === 'unreachable' || errorClass === 'service-fault';
      if (!mayPass || clock.now() + delayMs > endsAt) return { ...hinted, consequence: 'undo' };
      sendings -= 1; // It was answered, and the answer was no: it was never made.
      emit({ type: 'step.retried', stepId: step.id, attempt, delayMs, errorClass, reason });
      await clock.sleep(delayMs, stop);
      // Somebody else may have made it meanwhile, or something else.
      const seen = await this.look(step, body, change);
      if (seen.state === 'not-started' || seen.state === 'unknown') continue;
      const isSo = seen.state === 'done' || seen.state === 'in-flight';
      return isSo
        ? {
            kind: 'made',
            made: false,
            ...(seen.state === 'in-flight' ? { isUnderWay: true } : {}),
            detail: `made by somebody else: ${seen.detail}`,
            attempts: attempt,
          }
        : { ...hinted, consequence: 'undo', detail: `${reason} Meanwhile: ${seen.detail}` };
    }
  }

  private async sendOnce(
    body: ChangeBody<Ports, Settings, Act>,
    change: Change,
  ): Promise<
    | { readonly receipt?: PlainRecord }
    | { readonly error: unknown; readonly errorClass: ErrorClass; readonly isOpen: boolean }
  > {
    const { acting, clock, settings } = this.tools;
    try {
      const receipt = await clock.busy(() => body.apply(change, { ports: acting.ports, settings, clock }));
      return receipt === undefined ? {} : { receipt };
    } catch (error) {
      const errorClass = classOf(error);
      return { error, errorClass, isOpen: leavesOpen(errorClass) && !isUnsent(error) };
    }
  }

  /** Everything that must hold before a call is sent; the intent is durable afterwards. */
  private async allow(
    step: AnyStep,
    change: Change,
    direction: Direction,
    undoes: Change,
  ): Promise<Omit<ChangeFailure, 'attempts'> | undefined> {
    const { acting, clock, emit } = this.tools;
    const { leases, journal, requestMs } = acting;
    try {
      await this.tools.checkpoint();
      await leases?.ensure(requestMs);
      const hash = planHash([change], acting.digest);
      this.records.set(step.id, {
        stepId: step.id,
        change: undoes,
        status: direction === 'apply' ? 'intended' : 'reverting',
      });
      emit({ type: 'change.intended', stepId: step.id, direction, change, hash, tokens: leases?.tokens ?? {} });
      await journal.synced();
      // Writing may have taken long; the lease must outlive the request all the same.
      if (leases?.outlives(clock.now() + requestMs) === false) await leases.ensure(requestMs);
      return undefined;
    } catch (error) {
      const errorClass = classOf(error);
      if (errorClass === 'defect') throw error;
      if (this.records.get(step.id)?.status === 'intended')
        this.answered(step, undoes, direction, 'failed', messageOf(error));
      const nextStep = nextStepOf(error);
      const detail = `nothing sent: ${messageOf(error)}`;
      const told = { kind: 'not-made', consequence: 'suspend', detail, errorClass } as const;
      return nextStep === undefined ? told : { ...told, nextStep };
    }
  }

  private answered(
    step: AnyStep,
    change: Change,
    direction: Direction,
    outcome: 'applied' | 'failed' | 'unknown',
    reason?: string,
    receipt?: PlainRecord,
  ): void {
    const said = { ...(reason === undefined ? {} : { reason }), ...(receipt === undefined ? {} : { receipt }) };
    this.tools.emit({ type: 'change.answered', stepId: step.id, direction, outcome, ...said });
    const status = direction === 'apply' ? outcome : outcome === 'failed' ? 'applied' : 'reverting';
    this.records.set(step.id, { stepId: step.id, change, status });
  }

  /** Keeps what reality showed of a change. */
  private note(step: AnyStep, change: Change, seen: Look, direction: Direction): void {
    this.tools.emit({ type: 'change.looked-up', stepId: step.id, direction, ...seen });
    const isSo = seen.state === 'done' || (seen.state === 'in-flight' && direction === 'apply');
    const isNot = seen.state === 'not-started' || seen.state === 'failed';
    if (!isSo && !isNot) return;
    const status = direction === 'apply' ? (isSo ? 'applied' : 'failed') : isSo ? 'reverted' : 'applied';
    this.records.set(step.id, { stepId: step.id, change, status });
  }

  /** Looks until reality says yes or no; a no must stay one for a while, since what was sent may still arrive. */
  private async lookUntilClear(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, stop } = this.tools;
    const endsAt = clock.now() + showsWithinMs[change.risk];
    for (;;) {
      const seen = await this.look(step, body, change);
      if (seen.state !== 'not-started' && seen.state !== 'unknown') return seen;
      if (clock.now() + lookEveryMs > endsAt) return seen;
      await clock.sleep(lookEveryMs, stop);
    }
  }

  private async look(step: AnyStep, body: ChangeBody<Ports, Settings, Act>, change: Change): Promise<Look> {
    const { clock, settings, stop, ports } = this.tools;
    try {
      return await body.look(change, { ports: ports(step.id), settings, clock, signal: stop });
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      const errorClass = classOf(error);
      // Who is nobody any more waits until he is somebody; any other failure to look is an answer of its own.
      if (error instanceof Interrupted || errorClass === 'defect' || errorClass === 'credentials') throw error;
      return { state: 'unknown', detail: `how it stands cannot be read: ${messageOf(error)}` };
    }
  }
}

function covers(consent: unknown, hash: string): consent is Approval {
  return isApproval(consent) && consent.changes.includes(hash);
}

function isApproval(value: unknown): value is Approval {
  return typeof value === 'object' && value !== null && 'changes' in value && Array.isArray(value.changes);
}

/** True where whoever sent it is certain that nothing left: an error says so at `details.sent`. */
function isUnsent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('details' in error)) return false;
  const { details } = error;
  return typeof details === 'object' && details !== null && 'sent' in details && details.sent === false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
