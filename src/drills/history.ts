/**
 * Past drills, failovers and failbacks, as their journals have them: what each came to, how recovery times develop, and
 * how old the newest proof is. Pure. A dry run is no drill, and a drill on the simulated AWS is no real one.
 */
import type { RunHistory } from '../engine/history.ts';
import { medianOf, p95Of } from './figures.ts';
import { recoveryOutcomeOf, stackOfRun } from './outcome.ts';

export type RecoveryKind = 'drill' | 'failover' | 'failback';

/** The runbooks that move a stack to another region. */
export const recoveryRunbooks: ReadonlyMap<string, RecoveryKind> = new Map([
  ['region-drill', 'drill'],
  ['region-failover', 'failover'],
  ['region-failback', 'failback'],
]);

/** The kind of recovery that a run's id names, if any. What comes after the runbook's name may be somebody else's: an execution's. */
export function kindOfRunId(runId: string): RecoveryKind | undefined {
  const named = /^\d{8}T\d{6}Z-(.+)$/.exec(runId)?.[1] ?? '';
  return [...recoveryRunbooks].find(([runbook]) => named.startsWith(`${runbook}-`))?.[1];
}

export interface PastRun {
  readonly runId: string;
  readonly runbook: string;
  readonly kind: RecoveryKind;
  /** When it was begun, epoch milliseconds of the wall's time, also where it ran on a simulated clock. */
  readonly at: number;
  readonly environment: string;
  /** Absent where the journal does not tell. */
  readonly service?: string;
  /** True where nothing was done to any stack but a simulated one. */
  readonly simulated: boolean;
  readonly isDryRun: boolean;
  readonly hasEnded: boolean;
  /** The verdict; `aborted`; `suspended` or `unfinished` where it has not ended. */
  readonly verdict: string;
  /** What was done to the database. */
  readonly mode?: string;
  /** Milliseconds; null where it was not measured. */
  readonly rtoMs: number | null;
  readonly rtoMet: boolean | null;
  readonly rpoMs: number | null;
  readonly rpoMet: boolean | null;
  /** By phase of RTO, milliseconds. */
  readonly phases: Readonly<Record<string, number | null>>;
  /** The way back of a drill; absent where it was not begun. */
  readonly back?: Pick<PastRun, 'mode' | 'rtoMs' | 'phases'>;
  readonly from?: string;
  readonly to?: string;
  /** Who agreed to something in it. */
  readonly who: readonly string[];
}

/** Undefined for a run of another kind, and for one that only looked. */
export function pastRunOf(history: RunHistory): PastRun | undefined {
  const kind = recoveryRunbooks.get(history.runbook);
  if (kind === undefined || history.mode === 'observe') return undefined;
  const { objectives, recovery, failback } = recoveryOutcomeOf(history.outcome);
  const { service, isSimulated } = stackOfRun(history.context);
  const simulated = isSimulated || recovery?.isSimulated === true;
  return {
    runId: history.runId,
    runbook: history.runbook,
    kind,
    at: (simulated ? timeOfRunId(history.runId) : undefined) ?? history.startedAt,
    environment: history.environment,
    ...(service === undefined ? {} : { service }),
    simulated,
    isDryRun: history.mode === 'dry-run',
    hasEnded: history.phase === 'ended',
    verdict: verdictOf(history),
    ...(recovery?.mode === undefined ? {} : { mode: recovery.mode }),
    rtoMs: objectives?.rto?.measuredMs ?? null,
    rtoMet: objectives?.rto?.met ?? null,
    rpoMs: objectives?.rpo?.measuredMs ?? null,
    rpoMet: objectives?.rpo?.met ?? null,
    phases: objectives?.rto?.phases ?? {},
    ...(failback === undefined
      ? {}
      : {
          back: {
            ...(failback.recovery?.mode === undefined ? {} : { mode: failback.recovery.mode }),
            rtoMs: failback.objectives?.rto?.measuredMs ?? null,
            phases: failback.objectives?.rto?.phases ?? {},
          },
        }),
    ...(recovery?.from === undefined ? {} : { from: recovery.from }),
    ...(recovery?.to === undefined ? {} : { to: recovery.to }),
    who: [...new Set([...history.approvals.values()].map(({ by }) => by))],
  };
}

function verdictOf({ phase, aborted, verdict, suspended }: RunHistory): string {
  if (phase === 'ended') return aborted ? 'aborted' : (verdict ?? 'unknown');
  return suspended === undefined ? 'unfinished' : (verdict ?? 'suspended');
}

/** The wall's time, with which a run's id begins: `20261123T110300Z`. Epoch milliseconds. */
export function timeOfRunId(runId: string): number | undefined {
  const [, day, time] = /^(\d{8})T(\d{6})Z-/.exec(runId) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const at = Date.parse(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Whether a run says something of a stack: a real one of that stack, or any simulated one. A run whose journal does not
 * tell its service counts by its environment.
 */
export function isOfStack(
  { service, environment, simulated }: PastRun,
  stack: { readonly service: string; readonly environment: string },
): boolean {
  return simulated || (environment === stack.environment && (service === undefined || service === stack.service));
}

/** How the recovery times of drills develop. Milliseconds; null where there is too little to say it. */
export interface Trend {
  /** Drills that have ended. */
  readonly drills: number;
  /** Those of them whose recovery time was measured. */
  readonly measured: number;
  readonly medianMs: number | null;
  /** By nearest rank; null for fewer than five. */
  readonly p95Ms: number | null;
  readonly newestMs: number | null;
  /** The median of all before the newest. */
  readonly medianBeforeMs: number | null;
  /** The newest against the median before it; within a tenth it is steady. */
  readonly direction: 'better' | 'worse' | 'steady' | null;
  /** In how many the objective was met. What was not measured was not met. */
  readonly rtoMet: number;
  readonly rpoMet: number;
  /** `rtoMet` of `drills`, 0 to 1. */
  readonly rtoMetShare: number | null;
  readonly rpoMetShare: number | null;
  /** Oldest first. */
  readonly rtosMs: readonly number[];
}

/** Of drills that have ended, of real ones or of simulated ones. `runs` in any order. */
export function trendOf(runs: readonly PastRun[], which: 'real' | 'simulated'): Trend {
  const drills = runs
    .filter((run) => run.kind === 'drill' && !run.isDryRun && run.hasEnded && run.simulated === (which === 'simulated'))
    .toSorted(byTime);
  const rtosMs = drills.flatMap(({ rtoMs }) => rtoMs ?? []);
  const newestMs = rtosMs.at(-1) ?? null;
  const medianBeforeMs = medianOf(rtosMs.slice(0, -1)) ?? null;
  const rtoMet = drills.filter((run) => run.rtoMet === true).length;
  const rpoMet = drills.filter((run) => run.rpoMet === true).length;
  const share = (met: number): number | null => (drills.length === 0 ? null : met / drills.length);
  return {
    drills: drills.length,
    measured: rtosMs.length,
    medianMs: medianOf(rtosMs) ?? null,
    p95Ms: p95Of(rtosMs) ?? null,
    newestMs,
    medianBeforeMs,
    direction: newestMs === null || medianBeforeMs === null ? null : directionOf(newestMs, medianBeforeMs),
    rtoMet,
    rpoMet,
    rtoMetShare: share(rtoMet),
    rpoMetShare: share(rpoMet),
    rtosMs,
  };
}

const steadyShare = 0.1;

function directionOf(newest: number, before: number): 'better' | 'worse' | 'steady' {
  if (Math.abs(newest - before) <= before * steadyShare) return 'steady';
  return newest < before ? 'better' : 'worse';
}

/** Oldest first. Ids begin with their time, and tell apart what began in the same second. */
export function byTime(a: PastRun, b: PastRun): number {
  return a.at - b.at || (a.runId < b.runId ? -1 : 1);
}

export interface DrillAge {
  /** The newest real drill that succeeded. */
  readonly newest?: { readonly runId: string; readonly at: number; readonly verdict: string };
  /** Milliseconds since it was begun. */
  readonly ageMs?: number;
  /** The newest real drill, where it is a later one and did not succeed. */
  readonly failedSince?: { readonly runId: string; readonly at: number; readonly verdict: string };
}

/** How old the newest proof is that recovery works. Failovers in earnest, simulated drills and dry runs are none. */
export function drillAge(histories: readonly RunHistory[], nowMs: number): DrillAge {
  return drillAgeOf(
    histories.flatMap((history) => pastRunOf(history) ?? []),
    nowMs,
  );
}

/** The same of runs that have been read already. */
export function drillAgeOf(runs: readonly PastRun[], nowMs: number): DrillAge {
  const drills = runs
    .filter(({ kind, simulated, isDryRun, hasEnded }) => kind === 'drill' && !simulated && !isDryRun && hasEnded)
    .toSorted(byTime);
  const newest = drills.findLast(({ verdict }) => verdict === 'ok');
  const last = drills.at(-1);
  return {
    ...(newest === undefined ? {} : { newest: toldOf(newest), ageMs: Math.max(0, nowMs - newest.at) }),
    ...(last === undefined || last === newest ? {} : { failedSince: toldOf(last) }),
  };
}

function toldOf({ runId, at, verdict }: PastRun) {
  return { runId, at, verdict };
}

/**
 * When the newest real failover or failback that changed something began, epoch milliseconds: what a hold time counts
 * from. Drills count, too, since they move the stack as well.
 */
export function lastMoveAt(histories: readonly RunHistory[]): number | undefined {
  const moved = histories.flatMap((history) => {
    const run = history.changes.some(({ status }) => status !== 'failed') ? pastRunOf(history) : undefined;
    return run === undefined || run.simulated || run.isDryRun ? [] : [run.at];
  });
  return moved.length === 0 ? undefined : Math.max(...moved);
}
