/** Could we fail over now? Looks at both regions and at past runs, changes nothing, and gives a report. */
import { phases, type DrillTold, type ReadinessTold, type StateTrouble } from '../checks/readiness/seen.ts';
import { receiverKeys } from '../config/schema/notify.ts';
import { parseDuration } from '../config/durations.ts';
import { drillAgeOf, isOfStack, pastRunOf } from '../drills/history.ts';
import { predictionsFrom } from '../drills/predictions.ts';
import { StateError } from '../engine/journal-store.ts';
import { callsOf, changesOf } from '../engine/runbook.ts';
import { run } from '../engine/run.ts';
import type { ReportDocument } from '../report/schemas.ts';
import type { ActPorts, RunbookPorts } from '../runbooks/kit.ts';
import { plannedPhaseMs } from '../runbooks/move/timing.ts';
import { actionsOf } from '../runbooks/readiness/actions.ts';
import type { ReadinessSettings } from '../runbooks/readiness/kit.ts';
import { regionFailover } from '../runbooks/region-failover.ts';
import { regionReadiness, type ReadinessConclusion } from '../runbooks/region-readiness.ts';
import { checkOf } from './check-report.ts';
import { exitCodes } from './exit-codes.ts';
import { moveSettings } from './move-settings.ts';
import { loadRecoveryHistories, type PastRuns } from './past-runs.ts';
import { newRunId } from './run-id.ts';
import { runSettings } from './run-settings.ts';
import type { Session } from './session.ts';
import type { StateStore, Stores } from './stores.ts';

/** Enough for years of drills, and for a rehearsal of each day between two of them. */
const mostRuns = 1000;
/** What is read of past runs must not keep the answer. */
const historyMs = 5000;

export interface ReadinessWanted {
  readonly stores: Stores;
  /** As given with `--max-age`. */
  readonly maxAge?: string | undefined;
  readonly failOn: 'warning' | 'breach';
  readonly timeoutMs?: number | undefined;
  /** The wall's time, by which the age of a drill is told; epoch milliseconds. */
  readonly wallMs: number;
  /** True where no run of this stack is ever kept in its configured store: on the sandbox. */
  readonly isSandbox: boolean;
}

export interface ReadinessDocument extends ReportDocument {
  /** The answer in one line. */
  readonly summary: string;
  readonly readiness: {
    readonly from: string;
    readonly to: string;
    /** Null: nobody can tell. */
    readonly possible: boolean | null;
    /** Ids of checks. */
    readonly blocks: readonly string[];
    readonly slows: readonly string[];
    readonly unknown: readonly string[];
    /** Milliseconds. */
    readonly predictedRtoMs: number | null;
    readonly predictedRpoMs: number | null;
  };
}

/** @throws NanoopsError `NoRecoveryRegion`, `InvalidDuration`, and as opening a session does. */
export async function readiness(session: Session, wanted: ReadinessWanted): Promise<ReadinessDocument> {
  const { clock, random, signal, cloud, isSimulated, stack } = session;
  const limitMs = wanted.maxAge === undefined ? undefined : parseDuration(wanted.maxAge, '--max-age');
  const request = { kind: 'failover', mode: 'failover', isRehearsal: true, isSimulated } as const;
  // Past runs are read here, more of them than a move wants.
  const move = await moveSettings(session, request, { journals: [], clock, signal });
  const { region } = move.to;
  await session.verify(region);
  cloud.prepare(region, callsOf(regionReadiness.steps));
  const [past, trouble] = await Promise.all([
    loadRecoveryHistories({
      journals: wanted.stores.all.map(({ journals }) => journals),
      clock,
      signal,
      limitMs: historyMs,
      mostRuns,
    }),
    stateTrouble(session, wanted),
  ]);
  const runId = newRunId(regionReadiness.id, clock.now(), random);
  const own = { runId, runbook: regionReadiness.id, move };
  const settings: ReadinessSettings = {
    ...runSettings(session, clock.now(), {}, own),
    move,
    failOn: wanted.failOn,
    told: toldOf(session, move, past, { limitMs, trouble, wallMs: wanted.wallMs }),
  };
  const { outcome, defect, endedAt } = await run<ReadinessConclusion, RunbookPorts, ReadinessSettings, ActPorts>({
    runbook: regionReadiness,
    runId,
    mode: 'observe',
    environment: stack.environment,
    ports: { facts: cloud.facts, outside: session.outside },
    settings,
    clock,
    random,
    signal,
    timeoutMs: wanted.timeoutMs,
    emit: session.emit,
  });
  if (outcome === undefined) throw defect ?? signal.reason ?? new TypeError('readiness was not concluded');
  const { verdict, checks, answer } = outcome;
  return {
    schema: 'nanoops/report@1',
    command: 'dr readiness',
    environment: stack.environment,
    generatedAt: iso(endedAt),
    verdict,
    exitCode: exitCodes[verdict],
    summary: answer.text,
    readiness: {
      from: move.from.region,
      to: move.to.region,
      possible: answer.possible,
      blocks: answer.blocks,
      slows: answer.slows,
      unknown: answer.unknown,
      predictedRtoMs: answer.rtoMs,
      predictedRpoMs: answer.rpoMs,
    },
    checks: checks.map((result) => checkOf(result, session.ownOptions)),
    api: cloud.usage(),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

interface Known {
  readonly limitMs: number | undefined;
  readonly trouble: StateTrouble | undefined;
  readonly wallMs: number;
}

function toldOf(
  { config, stack, awsOptions, isSimulated }: Session,
  move: ReadinessSettings['move'],
  past: PastRuns,
  { limitMs, trouble, wallMs }: Known,
): ReadinessSettings['told'] {
  const { rto, rpo } = config.objectives;
  // A switchover tells nothing of a failover; a replica can only be promoted.
  const mode = move.globalCluster === undefined ? {} : { mode: move.mode };
  const predicted = predictionsFrom(past.histories, { runbook: regionFailover.id, stack, ...mode }).phases;
  const receivers = receiversOf(config.notify);
  return {
    from: move.from,
    to: move.to,
    ...(move.globalCluster === undefined ? {} : { globalCluster: move.globalCluster }),
    ...(move.traffic === undefined ? {} : { traffic: move.traffic }),
    ...(move.sessionsTable === undefined ? {} : { sessionsTable: move.sessionsTable }),
    rtoMs: rto,
    rpoMs: rpo,
    awsOptions,
    isSimulated,
    outside: move.outside,
    healthyAlarms: move.healthyAlarms,
    state: {
      ...(config.state === 'file' ? { kind: 'file' as const } : { kind: 'table' as const, ...config.state.dynamodb }),
      ...(trouble === undefined ? {} : { trouble }),
    },
    ...(receivers === undefined ? {} : { receivers }),
    actions: {
      changing: actionsOf(changesOf(regionFailover.steps), move),
      looking: actionsOf(callsOf(regionFailover.steps), move),
    },
    planned: plannedPhaseMs,
    predicted: Object.fromEntries(phases.map((phase) => [phase, predicted[phase]] as const).filter(([, each]) => each)),
    drill: drillOf(past, stack, { limitMs, wallMs }),
  };
}

/** Those of AWS are in a region, and go with it. */
function receiversOf(notify: Session['config']['notify']): ReadinessTold['receivers'] {
  if (notify === undefined) return undefined;
  return receiverKeys.flatMap((name) => {
    if (notify[name] === undefined) return [];
    const region =
      name === 'sns'
        ? notify.sns?.topicArn.split(':')[3]
        : name === 'eventbridge'
          ? notify.eventbridge?.region
          : undefined;
    return [{ name, ...(region === undefined ? {} : { region }) }];
  });
}

function drillOf(
  { histories, gaps }: PastRuns,
  stack: Session['stack'],
  { limitMs, wallMs }: Omit<Known, 'trouble'>,
): DrillTold {
  const runs = histories.flatMap((history) => pastRunOf(history) ?? []).filter((each) => isOfStack(each, stack));
  const { newest, ageMs, failedSince } = drillAgeOf(runs, wallMs);
  return {
    ...(limitMs === undefined ? {} : { limitMs }),
    ...(newest === undefined ? {} : { runId: newest.runId }),
    ...(ageMs === undefined ? {} : { ageMs }),
    ...(failedSince === undefined ? {} : { failedSince: failedSince.runId }),
    gaps,
  };
}

/** Why the store in which a failover would be kept cannot be read; undefined where it can. */
async function stateTrouble(
  { clock }: Session,
  { stores, isSandbox }: ReadinessWanted,
): Promise<StateTrouble | undefined> {
  if (isSandbox) return undefined;
  const { own }: { own: StateStore } = stores;
  try {
    await clock.busy(() => own.journals.list());
    return undefined;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const kind = error.kind === 'missing' ? 'missing' : 'unreadable';
    return { kind, reason: error.message, nextStep: error.details.nextStep };
  }
}
