/**
 * The way back: only once the failover has stood for its hold time, only when the old region is in step again, and as a
 * switchover, which loses nothing.
 */
import { CloudError } from '../../cloud/errors.ts';
import { embed } from '../../engine/embed.ts';
import { runbook } from '../../engine/runbook.ts';
import type { Polled } from '../../engine/step.ts';
import { decide, wait, type RunbookSettings } from '../kit.ts';
import { move } from '../move.ts';
import { behindText, globalText } from './observations.ts';
import { inStepMs } from './plan.ts';
import { moveResult } from './result.ts';
import { moveOf, spanText } from './settings.ts';
import { executed } from './verifying.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const freshMs = 5 * minuteMs;

export const holdOver = decide('hold-over', {
  title: 'The hold time is over',
  skip: (_needs, settings) => holdReason(settings),
  run: () => ({ over: true }),
  detail: (_over, settings) => {
    const { holdMs } = moveOf(settings);
    return holdMs === 0 ? 'no hold time is configured' : `more than ${spanText(holdMs)}`;
  },
});

/** Why it is too early; undefined where it is not. Judged at the run's beginning. */
function holdReason(settings: RunbookSettings): string | undefined {
  const { lastFailoverAt, holdMs, historyGaps } = moveOf(settings);
  if (lastFailoverAt === undefined || settings.lookedAt >= lastFailoverAt + holdMs) {
    return holdMs === 0 || historyGaps.length === 0
      ? undefined
      : `whether the failover has stood for ${spanText(holdMs)} (drill.holdAfterFailover) cannot be told, since not all past runs could be read: ${historyGaps.join('; ')}`;
  }
  const left = lastFailoverAt + holdMs - settings.lookedAt;
  return `too early: the failover of ${new Date(lastFailoverAt).toISOString().slice(0, 19)}Z is to stand for ${spanText(holdMs)} (drill.holdAfterFailover), ${spanText(left)} more`;
}

/** How the region that is to take over again stands; where it cannot come into step, the plan says why. */
export interface InStep {
  readonly inStep: boolean;
}

const resynced = wait('resynced', {
  title: 'The old region is in step',
  where: 'from',
  needs: { holdOver },
  calls: ['rds:DescribeGlobalClusters', 'cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
  withinMs: 24 * hourMs,
  everyMs: 20_000,
  poll: async (_needs, { ports, settings, clock }): Promise<Polled<InStep>> => {
    const { from, to, globalCluster } = moveOf(settings);
    const reached = (inStep: boolean, detail: string): Polled<InStep> => ({
      state: 'reached',
      output: { inStep },
      detail,
    });
    if (globalCluster === undefined || to.database === undefined) {
      return reached(false, 'there is no global database to come into step in');
    }
    const { database } = to;
    const global = await ports.facts.globalDatabase({ region: from.region, globalCluster }).catch((error: unknown) => {
      if (error instanceof CloudError && error.kind === 'not-found') return undefined;
      throw error;
    });
    const member = global?.members.find((each) => each.region === to.region && each.cluster === database.cluster);
    if (global === undefined || member === undefined)
      return reached(false, `${database.cluster} is not part of ${globalCluster}`);
    const detail = globalText(global);
    if (member.isWriter) return reached(true, detail);
    if (global.moving !== undefined || (member.synchronization ?? 'connected') !== 'connected') {
      return { state: 'waiting', detail };
    }
    const now = Math.floor(clock.now() / minuteMs) * minuteMs;
    const { lag } = await ports.facts.replicationLag(database, { from: now - 10 * minuteMs, to: now });
    const newest = lag.points.at(-1);
    if (newest === undefined || clock.now() - newest.at > freshMs) {
      return { state: 'waiting', detail: `${detail}; how far it is behind is not reported yet` };
    }
    const behind = `${detail}; ${behindText(newest.value)} behind`;
    return newest.value <= inStepMs ? reached(true, behind) : { state: 'waiting', detail: behind };
  },
});

const there = embed(move, {
  prefix: '',
  after: [resynced],
  settings: (settings: RunbookSettings) => settings,
});

export const backResult = there.of(moveResult);
export const backExecuted = there.of(executed);

/** Not run by itself: `region-failback` and `region-drill` are made of it, with its steps named `failback-…`. */
export const back = runbook({
  id: 'back',
  title: 'Back to the region before',
  summary: 'Resynchronise, then switch over, never too early',
  steps: [holdOver, resynced, ...there.steps],
  conclusion: backResult,
  resources: move.resources,
});
