/**
 * Runs a runbook: puts together what carries its steps out, drives them and watches the run meanwhile, has what did not help put
 * back, and gives what came of it. All of it is told as events. It reads no wall clock and starts no timer: both are the clock
 * it is given.
 */
import { Aborting } from './aborting.ts';
import { Asking } from './asking.ts';
import { Changing } from './changing.ts';
import { Course } from './course.ts';
import { Ending } from './ending.ts';
import type { EventBody, StepSummary, Verdict } from './events.ts';
import type { RunHistory, StepRecord } from './history.ts';
import { Leasing } from './leasing.ts';
import { Performing, type Deeds } from './performing.ts';
import type { Acting, RunOptions } from './run-options.ts';
import { RunLog } from './run-log.ts';
import { differencesOf, fingerprintOf, isLooking, lookingPart, summarise, waitOf, type Conclusion } from './runbook.ts';
import { Schedule } from './schedule.ts';
import { StepEnds } from './step-ends.ts';
import type { AnyStep, RunStep, Settled } from './step.ts';
import { takenUp } from './taking-up.ts';
import { Undoing } from './undoing.ts';
import { Watching } from './watching.ts';

export type { StepRecord } from './history.ts';
export type { Acting, RunOptions } from './run-options.ts';

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

/**
 * Runs a runbook to its end, or to where it has to wait.
 *
 * @throws StateError when the journal cannot be begun, TypeError for a step that cannot be carried out by itself: nothing was
 * done then. Everything else is in the result.
 */
export async function run<Outcome extends Conclusion, Ports, Settings, Act = never>(
  options: RunOptions<Outcome, Ports, Settings, Act>,
): Promise<RunResult<Outcome>> {
  return new Run(options).result();
}

class Run<Outcome extends Conclusion, Ports, Settings, Act> {
  private readonly options: RunOptions<Outcome, Ports, Settings, Act>;
  /** Of this run, in the runbook's order. */
  private readonly steps: readonly RunStep<Ports, Settings, Act>[];
  /** What the steps so far came to. */
  private readonly results = new Map<AnyStep, Settled<unknown>>();
  private readonly course = new Course();
  private readonly log: RunLog<Act>;
  /** Absent in a run that only looks. */
  private readonly deeds: Deeds<Ports, Settings, Act> | undefined;
  private readonly ends: StepEnds<Act>;
  private readonly schedule: Schedule<Ports, Settings, Act>;
  private readonly watching: Watching<Ports, Settings, Act>;
  private readonly aborting: Aborting<Outcome, Ports, Settings, Act>;
  /** Absent where nothing is really changed. */
  private readonly undoing: Undoing<Ports, Settings, Act> | undefined;
  private readonly ending: Ending<Act>;

  constructor(options: RunOptions<Outcome, Ports, Settings, Act>) {
    this.options = options;
    const { runbook, acting, mode, clock, random, settings, timeoutMs, purpose = 'continue' } = options;
    const { course, results } = this;
    const { steps: all, conclusion } = runbook;
    const steps = acting === undefined ? lookingPart(all) : all;
    const log = new RunLog({ options, steps, conclusion, results, tripped: (error) => course.trip(error) });
    const ports = (stepId: string): Ports => options.portsFor?.(stepId) ?? options.ports;
    this.steps = steps;
    this.log = log;
    const deeds = acting && this.deedsWith(acting, ports);
    const stands = (stepId: string): boolean => deeds?.changing.records.stands(stepId) === true;
    const ends = new StepEnds({ acting, mode, clock, course, log, stands });
    const performing = new Performing<Ports, Settings, Act>({
      clock,
      random,
      settings,
      mode,
      ports,
      deeds,
      results,
      firsts: log.before?.firsts,
      course,
      log,
      ends,
    });
    const schedule = new Schedule({ all, steps, results, clock, perform: (step) => performing.perform(step), ends });
    const triedOf = (step: AnyStep) => ends.triedOf(step);
    const isReal = deeds !== undefined && mode !== 'dry-run';
    const condition = isReal ? runbook.stop : undefined;
    this.deeds = deeds;
    this.ends = ends;
    this.schedule = schedule;
    this.watching = new Watching({ condition, timeoutMs, ports: options.ports, settings, clock, course, log });
    this.aborting = new Aborting({ runbook, results, schedule, performing, course, log, stands, triedOf });
    const undoing = isReal ? { changing: deeds.changing, leasing: deeds.leasing } : undefined;
    this.undoing = undoing && new Undoing({ steps: all, clock, ...undoing, course, log, ends });
    const hasToPutBack = () => deeds !== undefined && deeds.changing.records.undoable().length > 0;
    this.ending = new Ending({ acting, mode, purpose, steps, course, log, hasToPutBack });
  }

  /** What it acts with. A run that nobody could take up again does not go on. */
  private deedsWith(acting: Acting<Act>, ports: (stepId: string) => Ports): Deeds<Ports, Settings, Act> {
    const { runbook, runId, mode, clock, random, settings } = this.options;
    const { course, log } = this;
    const { before: history } = log;
    acting.journal.watch((failure) => {
      course.trip(failure);
      course.cut(failure);
    });
    const emit = (body: EventBody) => log.emit(body);
    return {
      ports: acting.ports,
      leasing: new Leasing({ acting, resources: () => runbook.resources(settings), course, log }),
      asking: new Asking({ acting, runId, clock, mode, emit, history }),
      changing: new Changing({
        acting,
        clock,
        random,
        settings,
        ports,
        stop: course.stopped,
        standstill: (step) => course.standstill(step),
        hasTold: () => log.toldBy().size > 0,
        isAwaited: (step) => waitOf(runbook.steps, step) !== undefined,
        emit,
        history,
        checkpoint: () => log.checkpoint(),
      }),
    };
  }

  async result(): Promise<RunResult<Outcome>> {
    const { clock, signal, acting, purpose = 'continue', stepwise } = this.options;
    const { course, watching } = this;
    const startedAt = clock.now();
    this.restore(purpose);
    const step = stepwise?.stepId === undefined ? undefined : this.stepToGo(stepwise.stepId);
    this.begin(purpose);
    await acting?.journal.synced();
    if (stepwise !== undefined && stepwise.stepId === undefined) return this.told(startedAt);

    const interrupt = () => course.interrupt(signal.reason);
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt);
    const finished = new AbortController();
    const deadline = watching.time(finished.signal);

    // From the start: of two runs one is told of the other at once, and what a dead process held is given back in the end.
    const mayGoOn = (await (this.deeds?.leasing.take() ?? true)) || !this.log.isCheckpointed;
    if (purpose === 'continue' && mayGoOn) {
      await (step === undefined ? this.goThrough() : this.goOneStep(step));
    }
    if (purpose === 'abort' && mayGoOn) await this.aborting.endWhatWasBegun();
    await this.undoing?.putBack(purpose === 'abort' ? 'abort' : 'undo');
    finished.abort();
    signal.removeEventListener('abort', interrupt);
    await deadline;
    const outcome = this.outcome() ?? (purpose === 'abort' ? await this.aborting.left() : undefined);
    const isLeftOpen = stepwise !== undefined && this.results.size < this.steps.length;
    await this.ending.end(outcome, () => clock.now() - startedAt, isLeftOpen);
    return this.told(startedAt, outcome);
  }

  private begin(purpose: 'continue' | 'abort'): void {
    const { runbook, runId, mode, environment, acting, past = [], stepwise } = this.options;
    const steps: readonly StepSummary[] = summarise(this.steps);
    const [first] = past;
    if (first?.type === 'run.started') {
      const differences = differencesOf(first.steps, steps);
      const by = acting?.by ?? 'unknown';
      this.log.emit({ type: 'run.resumed', by, purpose: stepwise === undefined ? purpose : 'step', differences });
      return;
    }
    this.log.emit({
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

  /** Goes on from what an earlier part of the run left. */
  private restore(purpose: 'continue' | 'abort'): void {
    const { log, course, steps } = this;
    const { runbook, stepwise } = this.options;
    const { before: history, keepsAll } = log;
    if (history === undefined) return;
    if (purpose === 'abort') course.fail('the run was aborted');
    const triedOf = (step: AnyStep) => this.ends.triedOf(step);
    const { conclusion } = runbook;
    const known = takenUp({ history, steps, conclusion, isStepwise: stepwise !== undefined, keepsAll, triedOf });
    for (const [step, result] of known) this.results.set(step, result);
    if (history.phase === 'undoing') course.fail(history.undoingFor ?? 'a step failed');
  }

  /** Every step that has not ended before. */
  private async goThrough(): Promise<void> {
    const all = this.schedule.through();
    const done = new AbortController();
    const watching = this.watching.world(done.signal);
    await all;
    done.abort();
    await watching;
  }

  /** The one step that this process carries out. Nothing was told or taken yet. */
  private stepToGo(stepId: string): RunStep<Ports, Settings, Act> {
    const step = this.steps.find(({ id }) => id === stepId);
    if (step === undefined) throw new TypeError(`the runbook has no step "${stepId}"`);
    const missing = step.needs.find((need) => !this.results.has(need.step));
    // A run that has failed goes through all that is left.
    if (missing === undefined || this.course.failure !== undefined) return step;
    throw new TypeError(`"${stepId}" needs "${missing.step.id}", which has not ended`);
  }

  /** One step, and the whole rest where the run fails by it. */
  private async goOneStep(step: RunStep<Ports, Settings, Act>): Promise<void> {
    const { course, log, watching } = this;
    if (course.failure === undefined) {
      const done = new AbortController();
      // Between two steps nobody watches.
      if (!isLooking(step) && log.hasActed()) await watching.once();
      const watched = watching.world(done.signal);
      await this.schedule.one(step);
      done.abort();
      await watched;
    }
    if (course.failure !== undefined || course.defect !== undefined) await this.goThrough();
  }

  private outcome(): Outcome | undefined {
    const conclusion = this.results.get(this.options.runbook.conclusion);
    // The conclusion's own step put this value there.
    return conclusion?.known === true ? (conclusion.value as Outcome) : undefined;
  }

  private told(startedAt: number, outcome?: Outcome): RunResult<Outcome> {
    const { runbook, clock } = this.options;
    const history = this.log.history();
    const records = new Map(history.steps.map((step) => [step.stepId, step]));
    return {
      verdict: this.ending.verdict(outcome),
      startedAt,
      endedAt: clock.now(),
      steps: runbook.steps.flatMap((step) => records.get(step.id) ?? []),
      outcome,
      defect: this.course.defect,
      history,
    };
  }
}
