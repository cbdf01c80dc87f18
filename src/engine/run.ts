/**
 * Runs a runbook: starts every step as soon as what it needs has ended, so that the wall time is the critical path's;
 * retries, bounds and cancels; asks before it acts, and puts back what did not help; and tells all of it as events. It
 * reads no wall clock and starts no timer: both are the clock it is given.
 */
import type { Approver } from './approval.ts';
import type { Digest } from './change.ts';
import type { Clock, Random } from './clock.ts';
import { Asking } from './asking.ts';
import { Changing, type ChangeFailure, type Consequence } from './changing.ts';
import { classOf, DeadlineError, Halted, Interrupted, nextStepOf, type ErrorClass } from './errors.ts';
import type { Basis, EventBody, RunEvent, RunMode, StepStatus, StepSummary, Verdict } from './events.ts';
import { historyOf, type ChangeRecord, type RunHistory, type StepRecord } from './history.ts';
import type { Journal } from './journal.ts';
import type { Lease, LeaseLostError } from './lease-store.ts';
import type { LeaseKeeper } from './leases.ts';
import { hasEnded, isDone, openSteps } from './open-steps.ts';
import { plainOf, type Plain } from './plain.ts';
import { pollUntil } from './polling.ts';
import { retryDelayMs } from './retry.ts';
import {
  differencesOf,
  fingerprintOf,
  isLooking,
  lookingPart,
  summarise,
  type Conclusion,
  type Runbook,
} from './runbook.ts';
import type { AnyStep, ObserveContext, Settled, Step, StepOutcome, Told } from './step.ts';

export type { StepRecord } from './history.ts';

/** What a run that may act is given. */
export interface Acting<Act> {
  readonly ports: Act;
  readonly journal: Journal;
  /** Absent in a dry run, which needs nobody's leave. */
  readonly leases?: LeaseKeeper;
  readonly approver: Approver;
  readonly digest: Digest;
  /** Who runs it: `ana@laptop`. */
  readonly by: string;
  /** What whoever resumes needs to open the same stack again. */
  readonly context: Plain;
  /** Milliseconds after which the request of a change is given up. */
  readonly requestMs: number;
  /** What resuming and the like are typed as. */
  readonly nextSteps: { readonly resume: string; readonly abort: string; readonly locks: string };
}

export interface RunOptions<Outcome extends Conclusion, Ports, Settings, Act = never> {
  readonly runbook: Runbook<Outcome, Ports, Settings, Act>;
  readonly runId: string;
  readonly mode: RunMode;
  readonly environment: string;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the run: steps that look are aborted, a change under way is finished, no other step is started. */
  readonly signal: AbortSignal;
  /** Milliseconds that the whole run may take; unlimited when absent. */
  readonly timeoutMs?: number;
  readonly emit: (event: RunEvent) => void;
  /** Without it the run only looks, and its acting steps are left out. */
  readonly acting?: Acting<Act>;
  /** The events of a run that is taken up again. */
  readonly past?: readonly RunEvent[];
  /** `abort`: nothing is started any more, and what was changed is put back. */
  readonly purpose?: 'continue' | 'abort';
  /**
   * Carries out one step and no more, of a run whose steps are carried out each by a process of its own; what it needs has
   * ended before. Without a step the run is begun, and nothing is carried out. A step that makes the run fail takes the run
   * to its end: what was changed is put back at once.
   */
  readonly stepwise?: { readonly stepId?: string };
  /** In a dry run: what a step's detail rests on. */
  readonly basisOf?: (stepId: string) => Basis;
  /** The ports for one step, where each has its own. */
  readonly portsFor?: (stepId: string) => Ports;
}

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
  /** All of it, as its events tell it. */
  readonly history: RunHistory;
}

/** Why a run stops before its end, and can be taken up again. */
interface Suspension {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly nextSteps: readonly string[];
}

/**
 * Runs a runbook to its end, or to where it has to wait.
 *
 * @throws StateError when the journal cannot be begun: nothing was done then. Everything else is in the result.
 */
export async function run<Outcome extends Conclusion, Ports, Settings, Act = never>(
  options: RunOptions<Outcome, Ports, Settings, Act>,
): Promise<RunResult<Outcome>> {
  return new Run(options).result();
}

class Run<Outcome extends Conclusion, Ports, Settings, Act> {
  private readonly options: RunOptions<Outcome, Ports, Settings, Act>;
  private readonly events: RunEvent[];
  private readonly ended = new Map<AnyStep, Promise<Settled<unknown>>>();
  private readonly results = new Map<AnyStep, Settled<unknown>>();
  private readonly bases = new Map<AnyStep, Basis>();
  /** Aborts when the run is interrupted or its time is up: steps that look end then. */
  private readonly stop = new AbortController();
  /** Aborts when the runbook's stop condition holds: what waits ends then, and what was changed is put back. */
  private readonly halt = new AbortController();
  /** Either of them. */
  private readonly ending = AbortSignal.any([this.stop.signal, this.halt.signal]);
  private readonly asking: Asking<Act> | undefined;
  private readonly changing: Changing<Ports, Settings, Act> | undefined;
  private readonly steps: readonly Step<string, unknown, Ports, Settings, string, Act>[];
  /** What steps that keep it yielded when the run looked first. */
  private readonly firsts: RunHistory['firsts'];
  private defect: unknown;
  /** What made the run stop and put back what it changed. */
  private failure: { readonly stepId: string; readonly reason: string } | undefined;
  private suspension: Suspension | undefined;
  private leasesTaken: Promise<boolean> | undefined;
  private checkpointed: boolean;
  /** True where what every step yielded is in the journal, and not only what was needed when the first change was made. */
  private readonly keepsAll: boolean;
  private seq: number;

  constructor(options: RunOptions<Outcome, Ports, Settings, Act>) {
    this.options = options;
    const { acting, mode, runbook, past = [] } = options;
    this.events = [...past];
    this.seq = past.length;
    this.steps = acting === undefined ? lookingPart(runbook.steps) : runbook.steps;
    const history = past.length === 0 ? undefined : historyOf(past);
    this.checkpointed = history === undefined ? options.stepwise !== undefined : history.phase !== 'looking';
    this.keepsAll = this.checkpointed && (history === undefined || history.isStepwise);
    this.firsts = history?.firsts ?? new Map();
    if (acting === undefined) return;
    // A run that nobody could take up again does not go on.
    acting.journal.watch((failure) => {
      this.fail(failure);
      this.stop.abort(failure);
    });
    const emit = (body: EventBody) => this.emit(body);
    this.asking = new Asking({ acting, runId: options.runId, clock: options.clock, mode, emit, history });
    this.changing = new Changing({
      acting,
      clock: options.clock,
      random: options.random,
      settings: options.settings,
      ports: (stepId) => this.portsOf(stepId),
      mode,
      stop: this.stop.signal,
      standstill: (step) => this.standstill(step),
      hasTold: () => this.toldBy().size > 0,
      emit,
      history,
      checkpoint: () => this.checkpoint(),
    });
  }

  async result(): Promise<RunResult<Outcome>> {
    const { clock, signal, acting, purpose = 'continue', stepwise } = this.options;
    const startedAt = clock.now();
    this.begin(purpose);
    await acting?.journal.synced();
    if (stepwise !== undefined && stepwise.stepId === undefined) return this.told(startedAt);

    const interrupt = () => this.stop.abort(new Interrupted('the run was interrupted', { cause: signal.reason }));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt);
    const finished = new AbortController();
    const deadline = this.watchDeadline(finished.signal);

    this.restore();
    // From the start: of two runs one is told of the other at once, and what a dead process held is given back in the end.
    const mayGoOn = (await this.takeLeases()) || !this.checkpointed;
    if (purpose === 'continue' && mayGoOn) {
      await (stepwise?.stepId === undefined ? this.goThrough() : this.goOneStep(stepwise.stepId));
    }
    if (purpose === 'abort' && mayGoOn) await this.endWhatWasBegun();
    await this.putBack(purpose);
    finished.abort();
    signal.removeEventListener('abort', interrupt);
    await deadline;
    const outcome = this.outcome() ?? (purpose === 'abort' ? await this.leftByAbort() : undefined);
    await this.end(outcome, startedAt);
    return this.told(startedAt, outcome);
  }

  private outcome(): Outcome | undefined {
    const conclusion = this.results.get(this.options.runbook.conclusion);
    // The conclusion's own step put this value there.
    return conclusion?.known === true ? (conclusion.value as Outcome) : undefined;
  }

  private told(startedAt: number, outcome?: Outcome): RunResult<Outcome> {
    const { runbook, clock } = this.options;
    const history = historyOf(this.events);
    const records = new Map(history.steps.map((step) => [step.stepId, step]));
    return {
      verdict: this.verdict(outcome),
      startedAt,
      endedAt: clock.now(),
      steps: runbook.steps.flatMap((step) => records.get(step.id) ?? []),
      outcome,
      defect: this.defect,
      history,
    };
  }

  /** Every step that has not ended before. */
  private async goThrough(): Promise<void> {
    for (const step of this.options.runbook.steps) {
      const known = this.results.get(step);
      this.ended.set(step, known === undefined ? this.settle(step) : Promise.resolve(known));
    }
    const done = new AbortController();
    const watching = this.watchStopCondition(done.signal);
    await Promise.all(this.ended.values());
    done.abort();
    await watching;
  }

  /** One step, and the whole rest where the run fails by it. */
  private async goOneStep(stepId: string): Promise<void> {
    const step = this.steps.find(({ id }) => id === stepId);
    if (step === undefined) throw new TypeError(`the runbook has no step "${stepId}"`);
    for (const [ended, result] of this.results) this.ended.set(ended, Promise.resolve(result));
    if (this.failure === undefined) {
      const missing = step.needs.find((need) => !this.results.has(need.step));
      if (missing !== undefined) throw new TypeError(`"${stepId}" needs "${missing.step.id}", which has not ended`);
      const done = new AbortController();
      // Between two steps nobody watches.
      if (!isLooking(step) && this.hasActed()) await this.seesStopCondition(this.stop.signal);
      const watching = this.watchStopCondition(done.signal);
      const settled = this.results.get(step) ?? this.settle(step);
      this.ended.set(step, Promise.resolve(settled));
      await settled;
      done.abort();
      await watching;
    }
    if (this.failure !== undefined || this.defect !== undefined) await this.goThrough();
  }

  /** Of a run that is aborted: only what ends somebody else's doing, before anything is put back. */
  private async endWhatWasBegun(): Promise<void> {
    const begun = this.toldBy();
    if (begun.size === 0) return;
    for (const step of this.options.runbook.steps) {
      const known = this.results.get(step);
      const reason = 'the run was aborted';
      const open: Settled<unknown> = begun.has(step.id)
        ? { known: false, because: 'unknown', reason, tried: true }
        : { known: false, because: 'skipped', reason };
      if (known === undefined && step.endsAnyway !== true) this.results.set(step, open);
      const settled = known ?? (step.endsAnyway === true ? this.settle(step) : open);
      this.ended.set(step, Promise.resolve(settled));
    }
    await Promise.all(this.ended.values());
  }

  /** What an aborted run has to say of what it leaves. Nothing is looked at for it: by what is known it may be dangerous. */
  private async leftByAbort(): Promise<Outcome | undefined> {
    const { afterAbort, steps, conclusion } = this.options.runbook;
    if (afterAbort === undefined || !this.checkpointed) return undefined;
    const reason = 'the run was aborted';
    try {
      for (const step of steps) {
        const known = this.results.get(step);
        if (step.body.form === 'change' && (known === undefined || this.changing?.stands(step.id) === false)) {
          this.results.set(step, { known: false, because: 'unknown', reason, ...this.triedOf(step) });
        } else if (known?.known !== true && step.kind === 'decide' && step !== conclusion) {
          this.results.set(step, (await this.decided(step)) ?? { known: false, because: 'unknown', reason });
        } else if (known === undefined) {
          this.results.set(step, { known: false, because: 'unknown', reason });
        }
      }
      const left = await this.decided(afterAbort);
      // It is declared to yield this.
      return left?.known === true ? (left.value as Outcome | undefined) : undefined;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** What a pure step comes to by what is known, without a word in the journal; undefined where it needs what is not. */
  private async decided(
    step: Step<string, unknown, Ports, Settings, string, Act>,
  ): Promise<Settled<unknown> | undefined> {
    if (step.needs.some((need) => !need.optional && this.results.get(need.step)?.known !== true)) return undefined;
    const outcome = await this.once(step);
    return outcome.kind === 'skipped'
      ? { known: false, because: 'skipped', reason: outcome.reason }
      : { known: true, value: outcome.output };
  }

  /** Looks again and again whether the run must stop, once it has changed something. */
  private async watchStopCondition(done: AbortSignal): Promise<void> {
    const { acting, mode, runbook, clock } = this.options;
    const { stop: condition } = runbook;
    if (condition === undefined || acting === undefined || mode === 'dry-run') return;
    const ended = AbortSignal.any([done, this.stop.signal]);
    for (;;) {
      try {
        await clock.sleep(condition.everyMs, ended);
      } catch {
        return; // The run has come to its end.
      }
      if (!this.hasActed() || this.failure !== undefined) continue;
      if (await this.seesStopCondition(ended)) return;
    }
  }

  /** Looks once whether the run must stop, and stops it. True where there is nothing more to watch for. */
  private async seesStopCondition(ended: AbortSignal): Promise<boolean> {
    const { runbook, clock, settings, ports } = this.options;
    const { stop: condition } = runbook;
    if (condition === undefined) return true;
    try {
      const reason = await this.limited(
        30_000,
        'the 30 s of one look',
        (signal) => condition.watch({ ports, settings, clock, signal }),
        ended,
      );
      if (reason === undefined || ended.aborted) return false;
      this.emit({ type: 'run.halted', reason });
      this.failure = { stepId: '', reason };
      this.halt.abort(new Halted(reason));
      return true;
    } catch (error) {
      if (ended.aborted) return true;
      // A look that fails stops nothing; a defect does.
      if (classOf(error) !== 'defect') return false;
      this.fail(error);
      // What waits would wait for nothing any more.
      this.halt.abort(new Halted('whether the run must stop cannot be watched any more'));
      return true;
    }
  }

  /** Whether the run has changed something, or may have. */
  private hasActed(): boolean {
    // One whose steps come one by one keeps what they yield from the start, and has changed nothing by that.
    if (!this.keepsAll) return this.checkpointed;
    return historyOf(this.events).changes.length > 0 || this.toldBy().size > 0;
  }

  private begin(purpose: 'continue' | 'abort'): void {
    const { runbook, runId, mode, environment, acting, past = [], stepwise } = this.options;
    const steps: readonly StepSummary[] = summarise(this.steps);
    const [first] = past;
    if (first?.type === 'run.started') {
      const differences = differencesOf(first.steps, steps);
      const by = acting?.by ?? 'unknown';
      this.emit({ type: 'run.resumed', by, purpose: stepwise === undefined ? purpose : 'step', differences });
      return;
    }
    this.emit({
      type: 'run.started',
      runId,
      runbook: runbook.id,
      title: runbook.title,
      mode,
      environment,
      steps,
      ...(acting === undefined ? {} : { fingerprint: fingerprintOf(runbook, acting.digest), context: acting.context }),
      ...(stepwise === undefined ? {} : { isStepwise: true }),
    });
  }

  /**
   * Takes over what an earlier part of the run left: once something was changed, the run goes on from what was known
   * then, and does not conclude anew from a world that it has changed itself.
   */
  private restore(): void {
    const { past = [], purpose, stepwise, runbook } = this.options;
    if (past.length === 0) return;
    const history = historyOf(past);
    if (purpose === 'abort') this.failure = { stepId: '', reason: 'the run was aborted' };
    if (history.phase === 'looking') return;
    const kinds = new Map(history.summaries.map(({ id, kind }) => [id, kind]));
    const remembered = new Map(
      history.remembered.filter(({ stepId }) => kinds.has(stepId)).map((step) => [step.stepId, step]),
    );
    const open = this.openSteps(remembered, history.phase === 'undoing' ? 'undoing' : 'acting');
    // Whoever carries out single steps concludes when it is the conclusion's turn, and once.
    if (stepwise !== undefined && hasEnded(runbook.conclusion, remembered.get(runbook.conclusion.id)?.status)) {
      open.delete(runbook.conclusion);
    }
    const records = new Map(history.steps.map((step) => [step.stepId, step]));
    // Whoever needs a step stands after it.
    for (const step of this.steps.toReversed()) {
      const found = remembered.get(step.id);
      if (found === undefined || (step === runbook.conclusion && open.has(step))) continue;
      if (kinds.get(step.id) !== step.kind) {
        open.add(step);
        continue;
      }
      const { status, detail, output } = found;
      const { errorClass, nextStep } = records.get(step.id) ?? {};
      const told = {
        ...(errorClass === undefined ? {} : { errorClass }),
        ...(nextStep === undefined ? {} : { nextStep }),
      };
      const isBlocked = this.keepsAll && status === 'blocked' && !open.has(step);
      if (open.has(step) && hasEnded(step, status)) continue;
      if (output !== undefined || (isDone(status) && (this.keepsAll || !this.isNeededBy(open, step)))) {
        this.results.set(step, { known: true, value: output });
      } else if (status === 'skipped') {
        this.results.set(step, { known: false, because: 'skipped', reason: detail });
      } else if ((hasEnded(step, status) && !isDone(status)) || isBlocked || history.phase === 'undoing') {
        this.results.set(step, { known: false, because: 'unknown', reason: detail, ...told, ...this.triedOf(step) });
      } else {
        open.add(step);
      }
    }
    if (history.phase === 'undoing') this.failure ??= { stepId: '', reason: history.undoingFor ?? 'a step failed' };
  }

  private openSteps(ended: ReadonlyMap<string, { readonly status: StepStatus }>, phase: 'acting' | 'undoing') {
    return openSteps({ steps: this.steps, conclusion: this.options.runbook.conclusion }, ended, phase);
  }

  private isNeededBy(others: ReadonlySet<AnyStep>, step: AnyStep): boolean {
    return [...others].some((other) => other.needs.some((need) => need.step === step));
  }

  private verdict(outcome: Outcome | undefined): Verdict {
    const { acting, mode, purpose } = this.options;
    if (this.suspension?.verdict === 'locked') return 'locked';
    if (this.stop.signal.reason instanceof Interrupted) return 'interrupted';
    const suspension = this.suspension ?? this.interruption();
    if (purpose === 'abort' && this.defect === undefined && suspension === undefined) return this.afterAbort();
    if (this.defect !== undefined || this.failure !== undefined) return 'failed';
    if (suspension !== undefined) return suspension.verdict;
    const told = outcome?.verdict ?? 'unknown';
    if (acting === undefined || told !== 'ok') return told;
    // What a dry run only planned is still to be done.
    if (mode === 'dry-run' && outcome?.judgesRehearsal !== true && historyOf(this.events).changes.length > 0) {
      return 'attention';
    }
    return this.isAnythingOpen() ? 'unknown' : told;
  }

  /** How things stand once everything that can be put back was to be. */
  private afterAbort(): Verdict {
    const { changes, steps } = historyOf(this.events);
    const mending = new Set(this.steps.filter(({ endsAnyway }) => endsAnyway === true).map(({ id }) => id));
    // What the run had broken is broken still.
    if (steps.some(({ stepId, status }) => mending.has(stepId) && (status === 'failed' || status === 'unknown'))) {
      return 'failed';
    }
    const statuses = new Set(changes.map(({ status }) => status));
    if (statuses.has('reverting')) return 'failed';
    if (statuses.has('intended') || statuses.has('unknown')) return 'unknown';
    // What it was begun for was not seen to end.
    if (!statuses.has('applied')) return 'attention';
    const stays = new Set(changes.filter(({ status }) => status === 'applied').map(({ stepId }) => stepId));
    return steps.some(({ stepId, status }) => stays.has(stepId) && status === 'failed') ? 'failed' : 'attention';
  }

  /** True where something that was to be seen done or to hold was not seen. */
  private isAnythingOpen(): boolean {
    const { steps, changes } = historyOf(this.events);
    // What a step that may fail came to is for the conclusion to judge.
    const kinds = new Map(this.steps.filter(({ isOptional }) => isOptional !== true).map(({ id, kind }) => [id, kind]));
    return (
      changes.some(({ status }) => status === 'intended' || status === 'unknown') ||
      steps.some(({ stepId, status }) => {
        const kind = kinds.get(stepId);
        return (
          (status === 'unknown' || status === 'blocked') && (kind === 'act' || kind === 'wait' || kind === 'verify')
        );
      })
    );
  }

  private async end(outcome: Outcome | undefined, startedAt: number): Promise<void> {
    const { acting, clock } = this.options;
    const released = await acting?.leases?.release();
    await acting?.journal.synced().catch((error: unknown) => this.fail(error));
    const concluded = acting === undefined ? outcome : this.plainOutcome(outcome);
    const verdict = this.verdict(outcome);
    for (const { resource, token } of released ?? []) this.emit({ type: 'lease.released', resource, token });
    const durationMs = clock.now() - startedAt;
    const suspension = this.suspension ?? this.interruption();
    const isLeftOpen = this.options.stepwise !== undefined && this.results.size < this.steps.length;
    if (acting !== undefined && suspension !== undefined) {
      const { reason, nextSteps } = suspension;
      this.emit({ type: 'run.suspended', verdict, reason, nextSteps, durationMs });
    } else if (!isLeftOpen) {
      this.emit({ type: 'run.finished', verdict, durationMs, outcome: concluded });
    }
    await acting?.journal.synced().catch((error: unknown) => this.fail(error));
  }

  /** What a journal can hold of the conclusion: one that it cannot hold is a defect, and must not cost the run its end. */
  private plainOutcome(outcome: Outcome | undefined): Plain | undefined {
    if (outcome === undefined) return undefined;
    try {
      return plainOf(outcome, 'what the runbook concludes');
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** A run that was told to stop, or ran out of time or tripped while it acted, can be taken up again. */
  private interruption(): Suspension | undefined {
    const { acting, mode } = this.options;
    if (acting === undefined) return undefined;
    if (this.defect !== undefined && mode === 'execute' && this.hasToPutBack()) {
      const { resume, abort } = acting.nextSteps;
      return { verdict: 'failed', reason: messageOf(this.defect), nextSteps: [abort, resume] };
    }
    if (!this.stop.signal.aborted) return undefined;
    const reason = messageOf(this.stop.signal.reason);
    const isInterrupted = this.stop.signal.reason instanceof Interrupted;
    if (!isInterrupted && !this.checkpointed) return undefined;
    const { resume, abort } = acting.nextSteps;
    return {
      verdict: isInterrupted ? 'interrupted' : 'failed',
      reason,
      nextSteps: this.checkpointed ? [resume, abort] : [resume],
    };
  }

  /** Whether the step's change may be in the world, for whoever goes on without its value. */
  private triedOf({ id, body }: AnyStep): { readonly tried?: true } {
    return body.form === 'change' && this.changing?.stands(id) === true ? { tried: true } : {};
  }

  /** The steps that let somebody else's program loose on the world, whatever became of it. */
  private toldBy(): ReadonlySet<string> {
    const acting = new Set(
      this.steps.filter(({ kind, body }) => kind === 'act' && body.form === 'tell').map(({ id }) => id),
    );
    const told = new Set<string>();
    for (const event of this.events) {
      if (event.type === 'step.started' && acting.has(event.stepId)) told.add(event.stepId);
      if (event.type === 'step.finished' && event.status === 'skipped') told.delete(event.stepId);
    }
    return told;
  }

  private hasToPutBack(): boolean {
    return (this.changing?.undoable().length ?? 0) > 0;
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

  private portsOf(stepId: string): Ports {
    return this.options.portsFor?.(stepId) ?? this.options.ports;
  }

  private async settle(step: Step<string, unknown, Ports, Settings, string, Act>): Promise<Settled<unknown>> {
    if (!this.steps.includes(step)) {
      return this.keep(step, { known: false, because: 'skipped', reason: 'this run only looks' });
    }
    const needs = await Promise.all(
      step.needs.map(async (need) => ({ need, result: await this.ended.get(need.step) })),
    );
    const unmet = needs.flatMap(({ need, result }) =>
      need.optional || result === undefined || result.known ? [] : [{ need: need.step, result }],
    );
    // A gap outweighs what was skipped: whoever concludes must hear of it, in whatever order the needs are written.
    const worst = unmet.find(({ result }) => result.because === 'unknown') ?? unmet[0];
    if (worst !== undefined) return this.keep(step, this.block(step, worst.need, worst.result));
    try {
      return this.keep(step, await this.start(step));
    } catch (error) {
      // Whatever a step could throw was caught where it was run: this is the engine's own.
      return this.keep(step, this.giveUp(step, error, 'defect', this.options.clock.now(), 1));
    }
  }

  private keep(step: AnyStep, result: Settled<unknown>): Settled<unknown> {
    this.results.set(step, result);
    return result;
  }

  private start(step: Step<string, unknown, Ports, Settings, string, Act>): Promise<Settled<unknown>> {
    switch (step.body.form) {
      case 'run':
        return this.attempt(step);
      case 'poll':
        return this.guarded(step, (startedAt) => this.poll(step, startedAt));
      case 'ask':
        return this.guarded(step, (startedAt) => this.ask(step, startedAt));
      case 'change':
        return this.guarded(step, (startedAt) => this.change(step, startedAt));
      case 'tell':
        return this.guarded(step, (startedAt) => this.tell(step, startedAt));
    }
  }

  /** A step whose need was not met: skipped when there was nothing to look at, blocked otherwise. */
  private block(step: AnyStep, need: AnyStep, result: Extract<Settled<unknown>, { known: false }>): Settled<unknown> {
    const startedAt = this.options.clock.now();
    // What stands at the beginning of a chain is what there is to know of it.
    const reason = /^needs "[^"]*": /.test(result.reason) ? result.reason : `needs "${need.id}": ${result.reason}`;
    const status = result.because === 'skipped' ? 'skipped' : 'blocked';
    this.finish(step, { status, detail: reason, startedAt, attempts: 0, errorClass: result.errorClass });
    return { ...result, reason };
  }

  /** Why nothing but conclusions is started any more; undefined while the run goes on. */
  private standstill(step: AnyStep): string | undefined {
    if (this.defect !== undefined) return 'the run stopped before this step';
    if (this.stop.signal.aborted && step.kind !== 'decide') return messageOf(this.stop.signal.reason);
    if (isLooking(step)) return undefined;
    if (this.suspension !== undefined) return this.suspension.reason;
    if (this.failure !== undefined && step.kind !== 'notify' && step.endsAnyway !== true) return this.failure.reason;
    return undefined;
  }

  private async attempt(step: Step<string, unknown, Ports, Settings, string, Act>): Promise<Settled<unknown>> {
    const { clock, random } = this.options;
    const startedAt = clock.now();
    let previous: string | undefined;
    for (let attempt = 1; ; attempt += 1) {
      if (this.standstill(step) !== undefined) return this.notStarted(step, startedAt, attempt - 1, previous);
      if (attempt === 1) this.emit({ type: 'step.started', stepId: step.id });
      try {
        const outcome = await this.once(step);
        return this.succeed(step, outcome, startedAt, attempt);
      } catch (error) {
        const errorClass = classOf(error);
        const delayMs = this.ending.aborted ? undefined : retryDelayMs(step.retry, errorClass, attempt, random);
        if (delayMs === undefined) return this.giveUp(step, error, errorClass, startedAt, attempt);
        previous = messageOf(error);
        this.emit({ type: 'step.retried', stepId: step.id, attempt, delayMs, errorClass, reason: previous });
        await clock.sleep(delayMs, this.ending).catch(() => undefined); // An abort is seen at the loop's head.
      }
    }
  }

  /** One attempt, ended by the step's own limit or by the run's end, whichever comes first. */
  private async once(step: Step<string, unknown, Ports, Settings, string, Act>): Promise<StepOutcome<unknown>> {
    const { clock, settings } = this.options;
    const { body } = step;
    if (body.form !== 'run') throw new TypeError(`step "${step.id}" does not run`);
    const first = this.firsts.get(step.id);
    const context = { ports: this.portsOf(step.id), settings, clock, ...(first === undefined ? {} : { first }) };
    if (step.kind === 'decide') {
      const idle = new AbortController().signal;
      return body.execute(this.results, { ...context, signal: idle });
    }
    return this.limited(step.timeoutMs, `the step's ${step.timeoutMs / 1000} s`, (signal) =>
      body.execute(this.results, { ...context, signal }),
    );
  }

  /** Runs `work` until it ends, the time is up, or the run has to end: which `ending` says. */
  private async limited<T>(
    limitMs: number,
    limitText: string,
    work: (signal: AbortSignal) => Promise<T>,
    ending = this.ending,
  ): Promise<T> {
    const { clock } = this.options;
    const done = new AbortController();
    const limit = new AbortController();
    const signal = AbortSignal.any([ending, limit.signal]);
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal });
    });
    const late = clock.sleep(limitMs * (clock.pace ?? 1), done.signal).then(
      () => limit.abort(new DeadlineError(`no answer within ${limitText}`)),
      () => undefined, // It ended in time.
    );
    try {
      return await Promise.race([work(signal), aborted]);
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
    this.finish(step, { status, detail: outcome.detail, startedAt, attempts }, outcome.output);
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
    if (error instanceof Halted) {
      this.finish(step, { status: 'blocked', detail: `stopped: ${reason}`, startedAt, attempts });
      return { known: false, because: 'unknown', reason };
    }
    if (error instanceof Interrupted || (errorClass === 'locked' && !isLooking(step))) {
      this.finish(step, { status: isLooking(step) ? 'blocked' : 'suspended', detail: reason, startedAt, attempts });
      return { known: false, because: 'unknown', reason, ...this.triedOf(step) };
    }
    if (this.canWait(step, errorClass)) return this.leaveOpen(step, error, errorClass, startedAt, attempts);
    if (errorClass === 'defect') this.fail(error);
    const status = errorClass === 'defect' ? 'failed' : 'unknown';
    const nextStep = nextStepOf(error);
    const told = nextStep === undefined ? { errorClass } : { errorClass, nextStep };
    this.finish(step, { status, detail: reason, startedAt, attempts, ...told });
    return { known: false, because: 'unknown', reason, ...told, ...this.triedOf(step) };
  }

  /**
   * True where a run that acts is rather taken up again than ended with a gap: its time is up, or whoever runs it is nobody
   * any more. What it changed must not be left to itself then.
   */
  private canWait(step: AnyStep, errorClass: ErrorClass): boolean {
    const { acting, mode } = this.options;
    if (acting === undefined || mode !== 'execute') return false;
    if (step.isOptional === true && errorClass === 'credentials') return false;
    if (errorClass === 'deadline') return this.checkpointed && this.stop.signal.aborted;
    return errorClass === 'credentials' && (this.checkpointed || !isLooking(step));
  }

  private leaveOpen(
    step: AnyStep,
    error: unknown,
    errorClass: ErrorClass,
    startedAt: number,
    attempts: number,
  ): Settled<unknown> {
    const reason = messageOf(error);
    const nextStep = nextStepOf(error);
    const { resume = '', abort = '' } = this.options.acting?.nextSteps ?? {};
    if (errorClass === 'credentials') {
      const first = nextStep === undefined ? [] : [nextStep];
      const goOn = this.checkpointed ? [resume, abort] : [resume];
      this.suspension ??= { verdict: 'failed', reason, nextSteps: [...first, ...goOn] };
    }
    const told = nextStep === undefined ? { errorClass } : { errorClass, nextStep };
    const status = isLooking(step) ? 'blocked' : 'suspended';
    this.finish(step, { status, detail: reason, startedAt, attempts, ...told });
    return { known: false, because: 'unknown', reason, ...told, ...this.triedOf(step) };
  }

  /** A step that the run's end kept from its first attempt, or from its next one: then it is told what it waited for. */
  private notStarted(
    step: AnyStep,
    startedAt: number,
    attempts: number,
    previous: string | undefined,
  ): Settled<unknown> {
    const { aborted, reason: why } = this.stop.signal;
    const end = aborted ? messageOf(why) : (this.standstill(step) ?? 'the run stopped before this step');
    const reason = previous === undefined ? end : `${previous}; not tried again: ${end}`;
    const errorClass = aborted ? deadlineOrNone(why) : undefined;
    // What a run that acts did not get to, it gets to when it is taken up again.
    const isGap = attempts > 0 && errorClass === 'deadline' && !this.checkpointed;
    const status = isGap ? 'unknown' : 'blocked';
    this.finish(step, { status, detail: reason, startedAt, attempts, errorClass });
    return { known: false, because: 'unknown', reason, errorClass };
  }

  /** What every step that waits, asks, acts or tells has in common: it starts only while the run goes on. */
  private async guarded(
    step: Step<string, unknown, Ports, Settings, string, Act>,
    work: (startedAt: number) => Promise<Settled<unknown>>,
  ): Promise<Settled<unknown>> {
    const startedAt = this.options.clock.now();
    const { body } = step;
    if (body.form === 'run') throw new TypeError(`step "${step.id}" runs`);
    if (this.standstill(step) !== undefined) return this.notStarted(step, startedAt, 0, undefined);
    try {
      const reason = body.skip(this.results, this.options.settings);
      if (reason !== undefined) {
        this.emit({ type: 'step.started', stepId: step.id });
        return this.succeed(step, { kind: 'skipped', reason }, startedAt, 1);
      }
      this.options.acting?.leases?.at(step.id);
      return await work(startedAt);
    } catch (error) {
      return this.giveUp(step, error, classOf(error), startedAt, 1);
    }
  }

  private async poll(
    step: Step<string, unknown, Ports, Settings, string, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { clock, settings, mode } = this.options;
    const { body } = step;
    if (body.form !== 'poll') throw new TypeError(`step "${step.id}" does not poll`);
    this.emit({ type: 'step.started', stepId: step.id });
    const done = mode === 'dry-run' ? 'planned' : 'succeeded';
    if (mode === 'dry-run' && body.basis === 'measurement') {
      const assumed = body.assume?.(this.results, settings);
      if (assumed === undefined) throw new TypeError(`step "${step.id}" does not say what a dry run is to assume`);
      this.bases.set(step, 'assumed');
      this.finish(step, { status: done, detail: assumed.detail, startedAt, attempts: 0 }, assumed.output);
      return { known: true, value: assumed.output };
    }
    const ports = this.portsOf(step.id);
    const ended = await pollUntil({
      clock,
      everyMs: body.everyMs,
      withinMs: step.timeoutMs,
      stop: this.ending,
      poll: () =>
        this.limited(Math.min(30_000, step.timeoutMs), 'the 30 s of one look', (signal) => {
          const context: ObserveContext<Ports, Settings> = { ports, settings, clock, signal };
          return body.poll(this.results, context);
        }),
      progressed: (detail) => this.emit({ type: 'step.progressed', stepId: step.id, detail }),
    });
    switch (ended.state) {
      case 'reached':
        this.finish(step, { status: done, detail: ended.detail, startedAt, attempts: ended.looks }, ended.output);
        return { known: true, value: ended.output };
      case 'failed': {
        this.finish(step, { status: 'failed', detail: ended.detail, startedAt, attempts: ended.looks });
        if (step.isOptional !== true) this.failure ??= { stepId: step.id, reason: ended.detail };
        return { known: false, because: 'unknown', reason: ended.detail };
      }
      case 'unknown':
        return this.giveUp(step, ended.error, classOf(ended.error), startedAt, ended.looks);
    }
  }

  private async ask(
    step: Step<string, unknown, Ports, Settings, string, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { body } = step;
    const { settings, mode } = this.options;
    if (body.form !== 'ask' || this.asking === undefined) throw new TypeError(`step "${step.id}" cannot ask`);
    if (!(await this.takeLeases())) return this.notStarted(step, startedAt, 0, undefined);
    this.emit({ type: 'step.started', stepId: step.id });
    const asked = body.ask(this.results, settings);
    const end = await this.asking.ask(step, asked, this.ending);
    if (end.kind === 'given') {
      const output = body.answered(end.approval);
      const status = mode === 'dry-run' ? 'planned' : 'succeeded';
      this.bases.set(step, 'assumed');
      this.finish(step, { status, detail: end.detail, startedAt, attempts: 1 }, output);
      return { known: true, value: output };
    }
    this.suspension ??= { verdict: 'awaiting-approval', reason: end.detail, nextSteps: end.nextSteps };
    this.finish(step, { status: 'suspended', detail: end.detail, startedAt, attempts: 1 });
    return { known: false, because: 'unknown', reason: end.detail };
  }

  private async change(
    step: Step<string, unknown, Ports, Settings, string, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { body } = step;
    const { settings, mode } = this.options;
    if (body.form !== 'change' || this.changing === undefined) throw new TypeError(`step "${step.id}" cannot act`);
    if (!(await this.takeLeases())) return this.notStarted(step, startedAt, 0, undefined);
    this.emit({ type: 'step.started', stepId: step.id });
    const consent = this.results.get(body.approval);
    // Whoever needs it is told what was begun, also by a build that would plan something else today.
    const change = this.changing.begun(step.id)?.change ?? body.change(this.results, settings);
    const end = await this.changing.make(step, body, change, consent?.known === true ? consent.value : undefined);
    if (end.kind === 'made') {
      const { made, isUnderWay, receipt } = end;
      const at = this.options.clock.now();
      const output = body.changed(change, {
        made,
        ...(isUnderWay === undefined ? {} : { isUnderWay }),
        at,
        ...(receipt === undefined ? {} : { receipt }),
      });
      const status = mode === 'dry-run' ? 'planned' : 'succeeded';
      this.bases.set(step, 'assumed');
      this.finish(step, { status, detail: end.detail, startedAt, attempts: end.attempts }, output);
      return { known: true, value: output };
    }
    return this.changeFailed(step, end, startedAt);
  }

  private changeFailed(step: AnyStep, end: ChangeFailure, startedAt: number): Settled<unknown> {
    const { acting } = this.options;
    const { errorClass, nextStep } = end;
    const told = {
      ...(errorClass === undefined ? {} : { errorClass }),
      ...(nextStep === undefined ? {} : { nextStep }),
    };
    const { resume = '', abort = '' } = acting?.nextSteps ?? {};
    const goOn = this.checkpointed ? [resume, abort] : [resume];
    const { isOptional = false } = step;
    // Whoever may not come in there may well go on elsewhere; what nobody could journal is another matter.
    const consequence = isOptional && errorClass === 'credentials' ? 'undo' : end.consequence;
    switch (consequence) {
      case 'undo':
        if (!isOptional) this.failure ??= { stepId: step.id, reason: end.detail };
        break;
      case 'ask-again':
        this.suspension ??= { verdict: 'awaiting-approval', reason: end.detail, nextSteps: [resume] };
        break;
      case 'suspend':
        this.suspension ??= {
          verdict: errorClass === 'locked' ? 'locked' : 'failed',
          reason: end.detail,
          nextSteps: [...(nextStep === undefined ? [] : [nextStep]), ...goOn],
        };
        break;
      case 'defect':
        this.fail(end.error);
        break;
      case 'unknown':
      case 'halt':
        break;
    }
    this.finish(step, {
      status: statusAfter[consequence],
      detail: end.detail,
      startedAt,
      attempts: end.attempts,
      ...told,
    });
    return { known: false, because: 'unknown', reason: end.detail, ...told, ...this.triedOf(step) };
  }

  private async tell(
    step: Step<string, unknown, Ports, Settings, string, Act>,
    startedAt: number,
  ): Promise<Settled<unknown>> {
    const { body } = step;
    const { clock, settings, mode, acting } = this.options;
    if (body.form !== 'tell' || acting === undefined) throw new TypeError(`step "${step.id}" cannot tell anybody`);
    this.emit({ type: 'step.started', stepId: step.id });
    if (mode === 'dry-run') {
      const detail = `would tell: ${body.preview(this.results, { settings, now: clock.now() })}`;
      this.finish(step, { status: 'planned', detail, startedAt, attempts: 0 }, { delivered: false, detail });
      return { known: true, value: body.told({ delivered: false, detail }) };
    }
    // What somebody else's program did to the world must not be taken for how it was.
    if (step.kind === 'act') await this.checkpoint();
    let told: Told;
    try {
      told = await clock.busy(() => body.tell(this.results, { ports: acting.ports, settings, clock }));
    } catch (error) {
      if (classOf(error) === 'defect') throw error;
      told = { delivered: false, detail: messageOf(error) };
    }
    const status = told.delivered ? 'succeeded' : told.isOff === true ? 'skipped' : 'failed';
    const { delivered, detail } = told;
    if (status === 'failed' && body.isVital === true) {
      this.finish(step, { status, detail, startedAt, attempts: 1 });
      this.failure ??= { stepId: step.id, reason: detail };
      return { known: false, because: 'unknown', reason: detail, tried: true };
    }
    this.finish(step, { status, detail, startedAt, attempts: 1 }, { delivered, detail });
    return { known: true, value: body.told(told) };
  }

  /** Takes the leases once, before the first step that asks or acts. False where another run has one of them. */
  private takeLeases(): Promise<boolean> {
    this.leasesTaken ??= this.acquire();
    return this.leasesTaken;
  }

  private async acquire(): Promise<boolean> {
    const { acting, runbook, settings } = this.options;
    const leases = acting?.leases;
    if (acting === undefined || leases === undefined) return true;
    let held: Lease | undefined;
    try {
      held = await leases.acquire(runbook.resources(settings));
    } catch (error) {
      if (classOf(error) === 'defect') throw error;
      const nextStep = nextStepOf(error);
      const { resume, abort } = acting.nextSteps;
      this.suspension ??= {
        verdict: 'failed',
        reason: messageOf(error),
        nextSteps: [...(nextStep === undefined ? [] : [nextStep]), resume, ...(this.checkpointed ? [abort] : [])],
      };
      return false;
    }
    if (held !== undefined) {
      const holder = holderText(held);
      this.emit({ type: 'lease.refused', resource: held.resource, holder });
      const reason = `${held.resource} is held by ${holder}`;
      this.suspension ??= {
        verdict: 'locked',
        reason,
        nextSteps: [acting.nextSteps.locks, acting.nextSteps.resume],
      };
      return false;
    }
    for (const [resource, token] of Object.entries(leases.tokens))
      this.emit({ type: 'lease.acquired', resource, token });
    leases.beat((lost) => this.lost(lost));
    return true;
  }

  private lost(error: LeaseLostError): void {
    const { acting } = this.options;
    const token = acting?.leases?.tokens[error.resource] ?? 0;
    this.emit({ type: 'lease.lost', resource: error.resource, token, reason: error.message });
    this.suspension ??= {
      verdict: 'locked',
      reason: error.message,
      nextSteps: acting === undefined ? [] : [acting.nextSteps.locks, acting.nextSteps.resume],
    };
    // What is waited for is somebody else's to bring about now.
    this.stop.abort(error);
  }

  /** Puts back what was changed, newest first, where the run failed or is aborted. */
  private async putBack(purpose: 'continue' | 'abort'): Promise<void> {
    const { changing, failure } = this;
    const { clock, runbook, mode } = this.options;
    if (changing === undefined || failure === undefined || mode === 'dry-run' || this.defect !== undefined) return;
    const byId = new Map(runbook.steps.map((step) => [step.id, step]));
    this.tellWhatIsBack(changing.settled());
    const back = await this.broughtBack(changing);
    const undoable = changing.undoable().filter(({ stepId }) => !back.has(stepId));
    const isOpen = undoable.some(({ stepId, status, change }) => {
      const body = byId.get(stepId)?.body;
      return body?.form === 'change' && (status !== 'applied' || body.reverse?.(change) !== undefined);
    });
    if (!isOpen || this.stop.signal.aborted || this.suspension?.verdict === 'locked') return;
    this.options.acting?.leases?.at(purpose === 'abort' ? 'abort' : 'undo');
    try {
      if (!(await this.takeLeases())) return;
    } catch (error) {
      this.fail(error);
      return;
    }
    this.emit({ type: 'run.undoing', reason: failure.reason });
    for (const record of undoable) {
      const step = byId.get(record.stepId);
      if (step?.body.form !== 'change') continue; // A step that the runbook has no more cannot be put back by it.
      const startedAt = clock.now();
      const seal = runbook.steps.find(({ id, body }) => seals(body, step) && changing.stands(id));
      if (seal !== undefined) continue;
      try {
        const end = await changing.undo(step, step.body, record.change);
        if (end.kind === 'made') {
          this.finish(step, { status: 'rolled-back', detail: end.detail, startedAt, attempts: end.attempts });
          continue;
        }
        if (end.consequence === 'suspend') {
          this.changeFailed(step, end, startedAt);
          return;
        }
        if (end.consequence === 'defect') this.fail(end.error);
        // It stays as it is, which is told; what was changed before it is put back all the same.
        if (end.attempts > 0)
          this.finish(step, { status: 'failed', detail: end.detail, startedAt, attempts: end.attempts });
      } catch (error) {
        this.giveUp(step, error, classOf(error), startedAt, 1);
        return;
      }
    }
  }

  /** Changes of this run that need no putting back, since one brought back what the other had changed; both of them. */
  private async broughtBack(changing: Changing<Ports, Settings, Act>): Promise<ReadonlySet<string>> {
    const byId = new Map(this.options.runbook.steps.map((step) => [step.id, step]));
    const records = new Map(changing.undoable().map((record) => [record.stepId, record]));
    const pairs = changing.pairs();
    const paired = new Set(pairs.flat());
    const reverses = (stepId: string): boolean => {
      const body = byId.get(stepId)?.body;
      const record = records.get(stepId);
      return body?.form === 'change' && record !== undefined && body.reverse?.(record.change) !== undefined;
    };
    // Once all of it has come back there is nothing to put back, whatever could not be put back by itself.
    const isComplete = [...records.keys()].every((stepId) => paired.has(stepId) || !reverses(stepId));
    const settled = new Set<string>();
    for (const [earlier, later] of pairs) {
      // Until then, what cannot be put back where it is alone would be parted from what can.
      if (!isComplete && !reverses(earlier)) continue;
      const step = byId.get(later);
      const record = records.get(later);
      if (step?.body.form !== 'change' || record === undefined) continue;
      // Whoever cannot look has it put back, and is told there why that fails.
      const seen = await changing.stillness(step, step.body, record.change).catch(() => undefined);
      // All of them or none: half of a stack at home is an outage. What somebody has changed since is nobody's to put back.
      if (seen?.state !== 'done' && seen?.state !== 'drifted') return new Set();
      for (const id of [earlier, later]) settled.add(id);
    }
    return settled;
  }

  /** What an earlier part of the run put back, or found never made, and died before it said so. */
  private tellWhatIsBack(settled: readonly ChangeRecord[]): void {
    const ended = new Map(historyOf(this.events).steps.map(({ stepId, status }) => [stepId, status]));
    for (const { stepId, status, change } of settled) {
      const step = this.options.runbook.steps.find(({ id }) => id === stepId);
      const isTold = status === 'reverted' ? ended.get(stepId) === 'rolled-back' : ended.has(stepId);
      if (step === undefined || isTold) continue;
      const detail = `${status === 'reverted' ? 'put back' : 'never made'}: ${change.summary}`;
      this.finish(step, { status: 'rolled-back', detail, startedAt: this.options.clock.now(), attempts: 0 });
    }
  }

  /** Just before the first change, or the first program of somebody else's: keeps what later steps will need. */
  private async checkpoint(): Promise<void> {
    const { acting } = this.options;
    if (this.checkpointed || acting === undefined) return;
    const records = new Map(historyOf(this.events).steps.map((step) => [step.stepId, step]));
    const open = this.openSteps(records, 'acting');
    const steps = this.steps.flatMap((step) => {
      const record = records.get(step.id);
      const result = this.results.get(step);
      if (record === undefined || result === undefined) return [];
      const value = result.known && this.isNeededBy(open, step) ? result.value : undefined;
      // Nothing at all is looked at anew, which costs less than to keep it.
      const output = value === undefined ? undefined : plainOf(value, `what step "${step.id}" yields`);
      const { status, detail } = record;
      return [{ stepId: step.id, status, detail, ...(output === undefined ? {} : { output }) }];
    });
    // Only now: what cannot be kept lets no change through, of whatever step.
    this.checkpointed = true;
    this.emit({ type: 'run.checkpointed', steps });
    await acting.journal.synced();
  }

  /** Keeps the first defect. Even nothing at all can be thrown, and is a defect. */
  private fail(error: unknown): void {
    this.defect ??= error ?? new TypeError(`a step threw ${String(error)}`);
  }

  private finish(step: AnyStep, end: Omit<StepRecord, 'stepId' | 'durationMs' | 'basis'>, output?: unknown): void {
    const { clock, acting, runbook } = this.options;
    const basis = this.basis(step, end);
    const isWanted = this.checkpointed || step.keepsFirst === true;
    const isConcluding = step === runbook.conclusion && this.options.stepwise === undefined;
    const isKept = acting !== undefined && isWanted && output !== undefined && !isConcluding;
    this.emit({
      type: 'step.finished',
      stepId: step.id,
      durationMs: clock.now() - end.startedAt,
      ...end,
      ...(basis === undefined ? {} : { basis }),
      ...(isKept ? { output: plainOf(output, `what step "${step.id}" yields`) } : {}),
    });
  }

  /** In a dry run a step rests on what it saw itself and on what the steps before it rest on. */
  private basis(step: AnyStep, { status }: Pick<StepRecord, 'status'>): Basis | undefined {
    const { mode, basisOf, acting } = this.options;
    if (mode !== 'dry-run' || acting === undefined) return undefined;
    const own = this.bases.get(step) ?? basisOf?.(step.id) ?? 'observed';
    const all = [own, ...step.needs.map((need) => this.bases.get(need.step) ?? 'observed')];
    const isUnknown = status === 'unknown' || status === 'blocked' || status === 'failed' || all.includes('unknown');
    const basis = isUnknown ? 'unknown' : all.includes('assumed') ? 'assumed' : 'observed';
    this.bases.set(step, basis);
    return basis;
  }

  private emit(body: EventBody): void {
    const { clock, acting, emit } = this.options;
    this.seq += 1;
    const event: RunEvent = { seq: this.seq, at: clock.now(), ...body };
    this.events.push(event);
    try {
      acting?.journal.add(event);
      emit(event);
    } catch (error) {
      this.fail(error); // Whoever listens is part of the program; the run ends as it does for any defect.
    }
  }
}

const statusAfter = {
  undo: 'failed',
  'ask-again': 'suspended',
  suspend: 'suspended',
  defect: 'failed',
  unknown: 'unknown',
  halt: 'blocked',
} as const satisfies Record<Consequence, StepStatus>;

function holderText({ holder }: Lease): string {
  const step = holder.step === undefined ? '' : `, at step "${holder.step}"`;
  return `run ${holder.runId} of ${holder.who}, since ${new Date(holder.since).toISOString()}${step}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function deadlineOrNone(reason: unknown): ErrorClass | undefined {
  return reason instanceof DeadlineError ? 'deadline' : undefined;
}

/** True where the step's change keeps what the other one did from being put back. */
function seals(body: AnyStep['body'], other: AnyStep): boolean {
  return body.form === 'change' && body.seals.includes(other);
}
