/**
 * Sends changes: writes the intent down and syncs it, sends one call, writes the answer down, and where none came asks reality
 * what became of it.
 */
import { planHash, type Change } from './change.ts';
import type { ChangeEnd, ChangeFailure } from './change-end.ts';
import type { ChangeRecords } from './change-records.ts';
import type { Clock, Random } from './clock.ts';
import { classOf, leavesOpen, messageOf, nextStepOf, type ErrorClass } from './errors.ts';
import type { Direction, EventBody } from './events.ts';
import { asKnown, lookEveryMs, type Looking } from './looking.ts';
import type { PlainRecord } from './plain.ts';
import type { Acting } from './run-options.ts';
import type { AnyStep, ChangeBody } from './step.ts';

export interface SendingTools<Ports, Settings, Act> {
  readonly acting: Acting<Act>;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly stop: AbortSignal;
  /** Why no change is made any more; undefined while the run goes on. */
  readonly standstill: (step: AnyStep) => string | undefined;
  readonly emit: (body: EventBody) => void;
  /** Called before the first change of a run, and done before it is sent. */
  readonly checkpoint: () => Promise<void>;
  /** True where a later step waits for the step's change, and tells how it ended. */
  readonly isAwaited: (step: AnyStep) => boolean;
  readonly looking: Looking<Ports, Settings, Act>;
  readonly records: ChangeRecords;
}

/** How often one change is sent, when reality says that it was not made. */
const mostSendings = 2;
/** A throttled caller tries again after so long at most. */
const longestBackoffMs = 20_000;

export class Sending<Ports, Settings, Act> {
  private readonly tools: SendingTools<Ports, Settings, Act>;

  constructor(tools: SendingTools<Ports, Settings, Act>) {
    this.tools = tools;
  }

  /** Sends a change until it is answered, or reality shows what became of it. `undoes`: the change that it puts back. */
  async send(
    step: AnyStep,
    body: ChangeBody<Ports, Settings, Act>,
    change: Change,
    direction: Direction,
    endsAt: number,
    undoes = change,
  ): Promise<ChangeEnd> {
    const { acting, clock, random, emit, stop, looking, records } = this.tools;
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
        records.answered(step, undoes, direction, 'applied', undefined, answer.receipt);
        await acting.journal.synced().catch(() => undefined); // What is done is done; the run ends by it.
        return { kind: 'made', made: true, detail: change.summary, attempts: attempt, ...answer };
      }
      const { error, errorClass, isOpen } = answer;
      const reason = messageOf(error);
      // Who trips over his own feet may have sent it before.
      const isSaid = !isOpen && (errorClass !== 'defect' || isUnsent(error));
      records.answered(step, undoes, direction, isSaid ? 'failed' : 'unknown', reason);
      if (isOpen) {
        const isRepeatable = body.isIdempotent && clock.now() + acting.requestMs <= endsAt;
        const seen = isRepeatable
          ? await looking.once(step, body, change)
          : await looking.untilClear(step, body, change);
        const isUnmade = seen.state === 'not-started' || seen.state === 'unknown';
        const isAgain = isRepeatable && isUnmade && clock.now() + acting.requestMs <= endsAt;
        // What was sent just now may still arrive: nobody says yet that it was never made.
        if (!isAgain) records.note(step, undoes, asKnown(body, change, seen), direction);
        if (isAgain) {
          emit({ type: 'step.retried', stepId: step.id, attempt, delayMs: lookEveryMs, errorClass, reason });
          await clock.sleep(lookEveryMs, stop);
          continue;
        }
        const isToldLater = seen.state === 'failed' && direction === 'apply' && this.tools.isAwaited(step);
        if (seen.state === 'done' || seen.state === 'in-flight' || isToldLater) {
          const detail = `${change.summary} (its answer was lost; ${seen.detail})`;
          return { kind: 'made', made: true, detail, attempts: attempt };
        }
        const isUndecided = seen.state === 'unknown' || seen.state === 'drifted';
        if (isUndecided || seen.state === 'failed' || sendings >= (body.isOnce(change) ? 1 : mostSendings)) {
          const consequence = isUndecided ? 'unknown' : 'undo';
          return { kind: 'not-made', consequence, detail: `${reason} ${seen.detail}`, attempts: attempt, errorClass };
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
      const seen = await looking.once(step, body, change);
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
    const { acting, clock, emit, records } = this.tools;
    const { leases, journal, requestMs } = acting;
    try {
      await this.tools.checkpoint();
      await leases?.ensure(requestMs);
      const hash = planHash([change], acting.digest);
      records.intended(step.id, undoes, direction);
      emit({ type: 'change.intended', stepId: step.id, direction, change, hash, tokens: leases?.tokens ?? {} });
      await journal.synced();
      // Writing may have taken long; the lease must outlive the request all the same.
      if (leases?.outlives(clock.now() + requestMs) === false) await leases.ensure(requestMs);
      return undefined;
    } catch (error) {
      const errorClass = classOf(error);
      if (errorClass === 'defect') throw error;
      if (records.of(step.id)?.status === 'intended')
        records.answered(step, undoes, direction, 'failed', messageOf(error));
      const nextStep = nextStepOf(error);
      const detail = `nothing sent: ${messageOf(error)}`;
      const told = { kind: 'not-made', consequence: 'suspend', detail, errorClass } as const;
      return nextStep === undefined ? told : { ...told, nextStep };
    }
  }
}

/** True where whoever sent it is certain that nothing left: an error says so at `details.sent`. */
function isUnsent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('details' in error)) return false;
  const { details } = error;
  return typeof details === 'object' && details !== null && 'sent' in details && details.sent === false;
}
