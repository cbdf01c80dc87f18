/** What a move between regions is told: both halves of the stack, what is aimed for, what past moves took. */
import type { DrillPlan } from '../drills/schedule.ts';
import { lastMoveAt } from '../drills/history.ts';
import { stackOfRun } from '../drills/outcome.ts';
import { predictionsFrom } from '../drills/predictions.ts';
import type { Clock } from '../engine/clock.ts';
import type { RunHistory } from '../engine/history.ts';
import type { JournalStore } from '../engine/journal-store.ts';
import { NanoopsError } from '../errors.ts';
import type { MoveSettings, PastMoves, PastWays } from '../runbooks/kit.ts';
import { loadRecoveryHistories } from './past-runs.ts';
import { runbookOfMove, type Move } from './moves.ts';
import type { SettingsSource } from './run-settings.ts';

/** `mode` is what is done to the database where the region that is left is well; a failover decides by how it is. */
export interface MoveRequest extends Move {
  /** When the outage began, where the operator says so; epoch milliseconds. */
  readonly outageAt?: number;
  readonly isRehearsal: boolean;
  readonly isSimulated: boolean;
}

export interface PastRuns {
  readonly journals: readonly JournalStore[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** @throws NanoopsError `NoRecoveryRegion` */
export async function moveSettings(
  { config, stack }: Pick<SettingsSource, 'config' | 'stack'>,
  request: MoveRequest,
  runs: PastRuns,
): Promise<MoveSettings> {
  const { kind, mode, outageAt, isRehearsal, isSimulated } = request;
  const { primary, recovery } = stack;
  if (recovery === undefined) {
    throw new NanoopsError('this stack has no recovery region: there is nothing to move it to', {
      code: 'NoRecoveryRegion',
      exitCode: 2,
      nextStep: 'name it in nanoops.yaml: regions: { primary: us-west-2, recovery: us-east-1 }',
    });
  }
  const { histories, gaps } = await loadRecoveryHistories(runs);
  const runbook = runbookOfMove(kind);
  const [from, to] = kind === 'failback' ? [recovery, primary] : [primary, recovery];
  const predictions = predictionsFrom(histories, { runbook, stack, mode });
  const past = pastWays(histories, runbook, stack);
  const own = histories.filter(
    ({ context, environment }) => environment === stack.environment && stackOfRun(context).service === stack.service,
  );
  const lastFailoverAt = lastMoveAt(own);
  const blackout = kind === 'drill' ? await blackoutNow(config.drill, runs.clock) : undefined;
  const { drill, database, api, cache, compute, state } = config;
  return {
    from,
    to,
    ...(stack.globalCluster === undefined ? {} : { globalCluster: stack.globalCluster }),
    ...(stack.traffic === undefined ? {} : { traffic: stack.traffic }),
    ...(stack.sessionsTable === undefined ? {} : { sessionsTable: stack.sessionsTable }),
    rtoMs: config.objectives.rto,
    rpoMs: config.objectives.rpo,
    mode,
    isDrill: kind !== 'failover',
    comesBack: kind === 'drill',
    isRehearsal,
    isSimulated,
    ...(outageAt === undefined ? {} : { outageAt }),
    ...(lastFailoverAt === undefined ? {} : { lastFailoverAt }),
    holdMs: drill.holdAfterFailover,
    historyGaps: gaps,
    ...(blackout === undefined ? {} : { blackout }),
    stopAlarms: drill.stopAlarms,
    healthyAlarms: drill.healthyAlarms,
    restartsApplication: compute?.restartAfterFailover ?? true,
    ...(compute?.recovery?.tasks === undefined ? {} : { neededTasks: compute.recovery.tasks }),
    outside: {
      probe: api?.probeUrl !== undefined,
      heartbeat: database?.rpoProbe !== undefined,
      write: api?.writeProbe !== undefined,
      consistency: drill.consistency.map(({ exec }) => exec.join(' ')),
      inject: drill.injectOutage !== undefined,
      end: drill.endOutage !== undefined,
      warm: cache?.warm !== undefined,
    },
    predictions: predictions.steps,
    past,
    pastBack: kind === 'drill' ? pastWays(histories, runbookOfMove('failback'), stack) : past,
    ...(state === 'file' ? {} : { stateRegion: state.dynamodb.region }),
  };
}

/** By what was done to the database. Moves that did something else say nothing of it: then the plan of minutes counts. */
function pastWays(histories: readonly RunHistory[], runbook: string, stack: SettingsSource['stack']): PastWays {
  const of = (mode: 'switchover' | 'failover'): PastMoves => {
    const { phases, rto } = predictionsFrom(histories, { runbook, stack, mode });
    return { phases, ...(rto === undefined ? {} : { rto }) };
  };
  return { switchover: of('switchover'), failover: of('failover') };
}

/** Time zones are loaded where a calendar is asked, and not before. */
async function blackoutNow(plan: DrillPlan, clock: Clock) {
  const { blackoutAt } = await clock.busy(() => import('../drills/schedule.ts'));
  return blackoutAt(plan, clock.now());
}
