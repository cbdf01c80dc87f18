/** What past drills, failovers and failbacks came to. Nothing of AWS is contacted but a table that keeps journals. */
import { parseDuration } from '../config/durations.ts';
import { coverageOf, type CoveredRunbook, type StepCoverage } from '../drills/coverage.ts';
import {
  byTime,
  drillAgeOf,
  isOfStack,
  kindOfRunId,
  pastRunOf,
  recoveryRunbooks,
  timeOfRunId,
  trendOf,
  type PastRun,
  type Trend,
} from '../drills/history.ts';
import { summarise } from '../engine/runbook.ts';
import type { RunHistory } from '../engine/history.ts';
import type { ListDocument } from '../report/schemas.ts';
import { drillSettings, type ConfigChoice, type StackName } from './drill-settings.ts';
import { readRecoveryRuns, type RecoveryRuns, type UnreadableRun } from './past-runs.ts';
import { builtInRunbook } from './runbooks.ts';
import type { Stores } from './stores.ts';

/** A past run. Times are ISO 8601 in UTC, durations milliseconds; null stands for what was not measured or is not known. */
export type PastRunItem = {
  readonly id: string;
  readonly at: string | null;
  /** `drill`, `failover` or `failback`; `store` for a store that could not be read. */
  readonly kind: string;
  readonly mode: string | null;
  /** The verdict; `aborted`; `suspended` or `unfinished` where it has not ended; `unreadable`. */
  readonly verdict: string;
  readonly rtoMs: number | null;
  readonly rtoMet: boolean | null;
  readonly rpoMs: number | null;
  readonly rpoMet: boolean | null;
  /** Null where the journal cannot be read. */
  readonly simulated: boolean | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Who agreed to something in it. */
  readonly who: readonly string[];
  readonly service: string | null;
  readonly environment: string | null;
  readonly store: string;
  /** Why it cannot be read, and what to do about it. */
  readonly summary?: string;
  readonly nextStep?: string;
};

export type CoverageItem = Omit<StepCoverage, 'realAt' | 'simulatedAt'> & {
  readonly realAt: string | null;
  readonly simulatedAt: string | null;
};

export interface DrillHistory extends ListDocument {
  /** Newest first. */
  readonly items: readonly PastRunItem[];
  /** Whose real runs these are; null where none is known. Simulated runs are of any stack. */
  readonly stack: StackName | null;
  /** Dry runs, which are left out. */
  readonly dryRuns: number;
  /** Real runs of other stacks, which are left out. */
  readonly otherStacks: number;
  readonly trend: { readonly real: Trend; readonly simulated: Trend };
  readonly coverage: {
    readonly real: number;
    readonly simulated: number;
    readonly never: number;
    readonly steps: readonly CoverageItem[];
  };
  /** With `--max-age`. */
  readonly maxAge?: {
    readonly limitMs: number;
    /** Of the newest real drill that succeeded. */
    readonly ageMs: number | null;
    readonly runId: string | null;
    /** Null: what could not be read may hold a younger one. */
    readonly met: boolean | null;
    /** The newest real drill, where it is a later one and did not succeed. */
    readonly failedSince: string | null;
  };
}

export interface HistoryWanted extends ConfigChoice {
  readonly nowMs: number;
  readonly maxAge: string | undefined;
}

/**
 * The exit code is 3 where a store could not be read. With `maxAge` it is 0 where the newest real drill that succeeded is
 * young enough, 1 where none is, and 3 where what could not be read may be one.
 *
 * @throws NanoopsError `InvalidDuration`, and as `drillSettings` does; StateError where no store can be read.
 */
export async function drillHistory(
  stores: Stores,
  wanted: HistoryWanted,
): Promise<{ readonly document: DrillHistory; readonly exitCode: 0 | 1 | 3 }> {
  const limitMs = wanted.maxAge === undefined ? undefined : parseDuration(wanted.maxAge, '--max-age');
  const [{ stack: configured }, read] = await Promise.all([drillSettings(wanted), readRecoveryRuns(stores)]);
  const all = read.found.flatMap(({ history, store }) => {
    const run = pastRunOf(history);
    return run === undefined ? [] : [{ run, history, store }];
  });
  const done = all.filter(({ run }) => !run.isDryRun);
  const stack = configured ?? newestStack(done.map(({ run }) => run));
  const own = done.filter(({ run }) =>
    wanted.isSandbox ? run.simulated : stack === undefined || isOfStack(run, stack),
  );
  const runs = own.map(({ run }) => run);
  const maxAge = limitMs === undefined ? undefined : ageJudged(runs, read, limitMs, wanted.nowMs);
  const document: DrillHistory = {
    schema: 'nanoops/list@1',
    items: [
      ...read.unread.map(({ name, error }) => unreadItem(name, error)),
      ...[...own.map(({ run, store }) => itemOf(run, store)), ...read.unreadable.map(unreadableItem)].toSorted((a, b) =>
        a.id < b.id ? 1 : -1,
      ),
    ],
    stack: stack ?? null,
    dryRuns: all.length - done.length,
    otherStacks: done.length - own.length,
    trend: { real: trendOf(runs, 'real'), simulated: trendOf(runs, 'simulated') },
    coverage: coverageDocument(own.map(({ history }) => history)),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
  return { document, exitCode: exitCodeOf(maxAge, read) };
}

function exitCodeOf(maxAge: DrillHistory['maxAge'], { unread }: RecoveryRuns): 0 | 1 | 3 {
  if (maxAge === undefined) return unread.length > 0 ? 3 : 0;
  if (maxAge.met === null) return 3;
  return maxAge.met ? 0 : 1;
}

function ageJudged(
  runs: readonly PastRun[],
  { unread, unreadable }: RecoveryRuns,
  limitMs: number,
  nowMs: number,
): NonNullable<DrillHistory['maxAge']> {
  const { newest, ageMs = null, failedSince } = drillAgeOf(runs, nowMs);
  const isYoung = ageMs !== null && ageMs <= limitMs;
  const isHidden =
    unread.length > 0 ||
    unreadable.some(({ runId }) => kindOfRunId(runId) === 'drill' && (timeOfRunId(runId) ?? nowMs) >= nowMs - limitMs);
  return {
    limitMs,
    ageMs,
    runId: newest?.runId ?? null,
    met: isYoung ? true : isHidden ? null : false,
    failedSince: failedSince?.runId ?? null,
  };
}

/** Without a configuration: the stack that was moved last. */
function newestStack(runs: readonly PastRun[]): StackName | undefined {
  const newest = runs
    .filter(({ simulated }) => !simulated)
    .toSorted(byTime)
    .findLast(({ service }) => service !== undefined);
  return newest?.service === undefined ? undefined : { service: newest.service, environment: newest.environment };
}

function itemOf(run: PastRun, store: string): PastRunItem {
  const { runId, at, kind, mode, verdict, rtoMs, rtoMet, rpoMs, rpoMet, simulated, from, to, who } = run;
  return {
    id: runId,
    at: new Date(at).toISOString(),
    kind,
    mode: mode ?? null,
    verdict,
    rtoMs,
    rtoMet,
    rpoMs,
    rpoMet,
    simulated,
    from: from ?? null,
    to: to ?? null,
    who,
    service: run.service ?? null,
    environment: run.environment,
    store,
  };
}

const nothingKnown = {
  mode: null,
  verdict: 'unreadable',
  rtoMs: null,
  rtoMet: null,
  rpoMs: null,
  rpoMet: null,
  simulated: null,
  from: null,
  to: null,
  who: [],
  service: null,
  environment: null,
} as const;

function unreadableItem({ runId, store, error }: UnreadableRun): PastRunItem {
  const at = timeOfRunId(runId);
  return {
    ...nothingKnown,
    id: runId,
    at: at === undefined ? null : new Date(at).toISOString(),
    kind: kindOfRunId(runId) ?? 'drill',
    store,
    summary: error.message,
    nextStep: error.details.nextStep,
  };
}

function unreadItem(name: string, error: UnreadableRun['error']): PastRunItem {
  return {
    ...nothingKnown,
    id: name,
    at: null,
    kind: 'store',
    store: name,
    summary: error.message,
    nextStep: error.details.nextStep,
  };
}

function coverageDocument(histories: readonly RunHistory[]): DrillHistory['coverage'] {
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const steps = coverageOf(histories, coveredRunbooks(histories)).map((step) => ({
    ...step,
    realAt: iso(step.realAt),
    simulatedAt: iso(step.simulatedAt),
  }));
  const count = (coverage: StepCoverage['coverage']): number =>
    steps.filter((step) => step.coverage === coverage).length;
  return { real: count('real'), simulated: count('simulated'), never: count('never'), steps };
}

/** As they are now; of a runbook that this nanoops does not have, as its newest run had it. */
function coveredRunbooks(histories: readonly RunHistory[]): readonly CoveredRunbook[] {
  return [...recoveryRunbooks.keys()].flatMap((id) => {
    const steps =
      builtInStepsOf(id) ??
      histories.filter(({ runbook }) => runbook === id).toSorted((a, b) => (a.runId < b.runId ? 1 : -1))[0]?.summaries;
    return steps === undefined ? [] : [{ id, steps }];
  });
}

function builtInStepsOf(id: string) {
  const runbook = builtInRunbook(id);
  return runbook && summarise(runbook.steps);
}
