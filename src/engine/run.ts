/**
 * Runs a runbook: starts every step as soon as what it needs has ended, so that the wall time is the critical path's;
 * retries, bounds and cancels; and tells all of it as events. It reads no wall clock and starts no timer: both are the
 * clock it is given.
 */
import type { Clock, Random } from './clock.ts';
import { classOf, DeadlineError, Interrupted, nextStepOf, type ErrorClass } from './errors.ts';
import type { EventBody, RunEvent, RunMode, Verdict } from './events.ts';
import { retryDelayMs } from './retry.ts';
import { summarise, type Conclusion, type Runbook } from './runbook.ts';
import type { AnyStep, ObserveContext, Settled, Step, StepOutcome } from './step.ts';

export interface RunOptions<Outcome extends Conclusion, Ports, Settings> {
  readonly runbook: Runbook<Outcome, Ports, Settings>;
  readonly runId: string;
  readonly mode: RunMode;
  readonly environment: string;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the run: steps under way are aborted, no other step is started. */
  readonly signal: AbortSignal;
  /** Milliseconds that the whole run may take; unlimited when absent. */
  readonly timeoutMs?: number;
  readonly emit: (event: RunEvent) => void;
}

/** How a step ended; see `step.finished`. */
export type StepRecord = Omit<Extract<EventBody, { type: 'step.finished' }>, 'type'>;

export interface RunResult<Outcome> {
  readonly verdict: Verdict;
  readonly startedAt: number;
  readonly endedAt: number;
  /** In the runbook's order. */
  readonly steps: readonly StepRecord[];
  /** What the runbook concluded; absent when it could not conclude. */
  readonly outcome?: Outcome;
  /** The defect that ended the run, where one did. */
  readonly defect?: unknown;
}

/** Runs a runbook to its end. Never rejects: what goes wrong is in the result. */
export async function run<Outcome extends Conclusion, Ports, Settings>(
  options: RunOptions<Outcome, Ports, Settings>,
): Promise<RunResult<Outcome>> {
  return new Run(options).result();
}

class Run<Outcome extends Conclusion, Ports, Settings> {
  private readonly options: RunOptions<Outcome, Ports, Settings>;
  private readonly ended = new Map<AnyStep, Promise<Settled<unknown>>>();
  private readonly results = new Map<AnyStep, Settled<unknown>>();
  private readonly records = new Map<AnyStep, StepRecord>();
  /** Aborts when the run is interrupted or its time is up: steps that look end then. */
  private readonly stop = new AbortController();
  private defect: unknown;
  private seq = 0;

  constructor(options: RunOptions<Outcome, Ports, Settings>) {
    this.options = options;
  }

  async result(): Promise<RunResult<Outcome>> {
    const { runbook, runId, mode, environment, clock, signal } = this.options;
    const startedAt = clock.now();
    this.emit({
      type: 'run.started',
      runId,
      runbook: runbook.id,
      title: runbook.title,
      mode,
      environment,
      steps: summarise(runbook.steps),
    });

    const interrupt = () => this.stop.abort(new Interrupted('the run was interrupted', { cause: signal.reason }));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt);
    const finished = new AbortController();
    const deadline = this.watchDeadline(finished.signal);

    for (const step of runbook.steps) this.ended.set(step, this.settle(step));
    await Promise.all(this.ended.values());
    finished.abort();
    signal.removeEventListener('abort', interrupt);
    await deadline;

    const conclusion = this.results.get(runbook.conclusion);
    // The conclusion's own step put this value there.
    const outcome = conclusion?.known === true ? (conclusion.value as Outcome) : undefined;
    const endedAt = clock.now();
    this.emit({ type: 'run.finished', verdict: this.verdict(outcome), durationMs: endedAt - startedAt, outcome });
    return {
      verdict: this.verdict(outcome),
      startedAt,
      endedAt,
      steps: runbook.steps.flatMap((step) => this.records.get(step) ?? []),
      outcome,
      defect: this.defect,
    };
  }

  private verdict(outcome: Outcome | undefined): Verdict {
    if (this.stop.signal.reason instanceof Interrupted) return 'interrupted';
    if (this.defect !== undefined) return 'failed';
    return outcome?.verdict ?? 'unknown';
  }

  private async watchDeadline(finished: AbortSignal): Promise<void> {
    const { timeoutMs, clock } = this.options;
    if (timeoutMs === undefined) return;
    try {
      await clock.sleep(timeoutMs, finished);
    } catch {
      return; // The run ended in time.
    }
    this.stop.abort(new DeadlineError(`the run's limit of ${timeoutMs / 1000} s was reached`));
  }

  private async settle(step: Step<string, unknown, Ports, Settings>): Promise<Settled<unknown>> {
    const needs = await Promise.all(
      step.needs.map(async (need) => ({ need, result: await this.ended.get(need.step) })),
    );
    const unmet = needs.flatMap(({ need, result }) =>
      need.optional || result === undefined || result.known ? [] : [{ need: need.step, result }],
    );
    // A gap outweighs what was skipped: whoever concludes must hear of it, in whatever order the needs are written.
    const worst = unmet.find(({ result }) => result.because === 'unknown') ?? unmet[0];
    const settled = worst === undefined ? await this.attempt(step) : this.block(step, worst.need, worst.result);
    this.results.set(step, settled);
    return settled;
  }

  /** A step whose need was not met: skipped when there was nothing to look at, blocked otherwise. */
  private block(step: AnyStep, need: AnyStep, result: Extract<Settled<unknown>, { known: false }>): Settled<unknown> {
    const startedAt = this.options.clock.now();
    const reason = `needs "${need.id}": ${result.reason}`;
    const status = result.because === 'skipped' ? 'skipped' : 'blocked';
    this.finish(step, { status, detail: reason, startedAt, attempts: 0, errorClass: result.errorClass });
    return { ...result, reason };
  }

  private async attempt(step: Step<string, unknown, Ports, Settings>): Promise<Settled<unknown>> {
    const { clock, random } = this.options;
    const startedAt = clock.now();
    let previous: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      if (this.defect !== undefined || (this.stop.signal.aborted && step.kind !== 'decide')) {
        return this.notStarted(step, startedAt, attempt - 1, previous);
      }
      if (attempt === 1) this.emit({ type: 'step.started', stepId: step.id });
      try {
        const outcome = await this.once(step);
        return this.succeed(step, outcome, startedAt, attempt);
      } catch (error) {
        const errorClass = classOf(error);
        const delayMs = this.stop.signal.aborted ? undefined : retryDelayMs(step.retry, errorClass, attempt, random);
        if (delayMs === undefined) return this.giveUp(step, error, errorClass, startedAt, attempt);
        previous = messageOf(error);
        this.emit({ type: 'step.retried', stepId: step.id, attempt, delayMs, errorClass, reason: previous });
        await clock.sleep(delayMs, this.stop.signal).catch(() => undefined); // An abort is seen at the loop's head.
      }
    }
  }

  /** One attempt, ended by the step's own limit or by the run's end, whichever comes first. */
  private async once(step: Step<string, unknown, Ports, Settings>): Promise<StepOutcome<unknown>> {
    const { clock, ports, settings } = this.options;
    if (step.kind === 'decide') {
      const idle = new AbortController().signal;
      return step.execute(this.results, { ports, settings, clock, signal: idle });
    }
    const done = new AbortController();
    const limit = new AbortController();
    const signal = AbortSignal.any([this.stop.signal, limit.signal]);
    const context: ObserveContext<Ports, Settings> = { ports, settings, clock, signal };
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal });
    });
    const late = clock.sleep(step.timeoutMs, done.signal).then(
      () => limit.abort(new DeadlineError(`no answer within the step's ${step.timeoutMs / 1000} s`)),
      () => undefined, // The step ended in time.
    );
    try {
      return await Promise.race([step.execute(this.results, context), aborted]);
    } finally {
      done.abort();
      await late;
    }
  }

  private succeed(step: AnyStep, outcome: StepOutcome<unknown>, startedAt: number, attempts: number): Settled<unknown> {
    if (outcome.kind === 'skipped') {
      this.finish(step, { status: 'skipped', detail: outcome.reason, startedAt, attempts });
      return { known: false, because: 'skipped', reason: outcome.reason };
    }
    const status = outcome.isUnknown === true ? 'unknown' : 'succeeded';
    this.finish(step, { status, detail: outcome.detail, startedAt, attempts });
    return { known: true, value: outcome.output };
  }

  private giveUp(
    step: AnyStep,
    error: unknown,
    errorClass: ErrorClass,
    startedAt: number,
    attempts: number,
  ): Settled<unknown> {
    const reason = messageOf(error);
    if (error instanceof Interrupted) {
      this.finish(step, { status: 'blocked', detail: reason, startedAt, attempts });
      return { known: false, because: 'unknown', reason };
    }
    if (errorClass === 'defect') this.fail(error);
    const status = errorClass === 'defect' ? 'failed' : 'unknown';
    const nextStep = nextStepOf(error);
    const told = nextStep === undefined ? { errorClass } : { errorClass, nextStep };
    this.finish(step, { status, detail: reason, startedAt, attempts, ...told });
    return { known: false, because: 'unknown', reason, ...told };
  }

  /** A step that the run's end kept from its first attempt, or from its next one: then it is told what it waited for. */
  private notStarted(
    step: AnyStep,
    startedAt: number,
    attempts: number,
    previous: string | undefined,
  ): Settled<unknown> {
    const { aborted, reason: why } = this.stop.signal;
    const end = aborted ? messageOf(why) : 'the run stopped before this step';
    const reason = previous === undefined ? end : `${previous}; not tried again: ${end}`;
    const errorClass = aborted ? deadlineOrNone(why) : undefined;
    const status = attempts > 0 && errorClass === 'deadline' ? 'unknown' : 'blocked';
    this.finish(step, { status, detail: reason, startedAt, attempts, errorClass });
    return { known: false, because: 'unknown', reason, errorClass };
  }

  /** Keeps the first defect. Even nothing at all can be thrown, and is a defect. */
  private fail(error: unknown): void {
    this.defect ??= error ?? new TypeError(`a step threw ${String(error)}`);
  }

  private finish(step: AnyStep, end: Omit<StepRecord, 'stepId' | 'durationMs'>): void {
    const record: StepRecord = { stepId: step.id, durationMs: this.options.clock.now() - end.startedAt, ...end };
    this.records.set(step, record);
    this.emit({ type: 'step.finished', ...record });
  }

  private emit(body: EventBody): void {
    this.seq += 1;
    try {
      this.options.emit({ seq: this.seq, at: this.options.clock.now(), ...body });
    } catch (error) {
      this.fail(error); // Whoever listens is part of the program; the run ends as it does for any defect.
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function deadlineOrNone(reason: unknown): ErrorClass | undefined {
  return reason instanceof DeadlineError ? 'deadline' : undefined;
}
