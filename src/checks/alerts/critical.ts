/** The rules that page somebody. Each says what it counts and over which window; what it could not see pages nobody. */
import type { StoppedTask } from '../../cloud/facts.ts';
import { countRestarts, historyMs, loopWindowMs } from '../../diagnosis/crash-loop/restarts.ts';
import { evidence } from '../../diagnosis/evidence.ts';
import { check, type CheckTold } from '../check.ts';
import { listed, unknown, type Judged, type Origin } from '../judged.ts';
import { hourMs, minuteMs, windowOf } from '../kit.ts';
import { limitTexts, type Limit } from '../limits.ts';
import { doubted, judged, unseenOf, whenKnown } from '../measures.ts';
import { judgeAvailability, judgeServerErrors, metricsIn } from '../metrics/api.ts';
import { judgeReplicationLag } from '../metrics/database.ts';
import { judgeUploads } from '../metrics/infrastructure.ts';
import { recent, seen } from '../observations.ts';
import { seenForAlerts } from './observations.ts';

const severity = 'critical';

/** Of all requests of the hour together, however they were spread over it. */
export const availabilityAlert = check('alert-availability', {
  title: 'Availability',
  area: 'api',
  severity,
  window: '1h',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) => judgeAvailability(found, windowOf(told, hourMs), limit)),
});

export const errorRateAlert = check('alert-error-rate', {
  title: 'Error rate (5xx)',
  area: 'api',
  severity,
  window: '5m',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) => judgeServerErrors(found, recent(told), limit)),
});

/** One minute across is enough: a lag grows by no more than a second a second, so that it is never a blip. */
export const replicationLagAlert = check('alert-replication-lag', {
  title: 'Replication lag',
  area: 'database',
  severity,
  window: '5m',
  needs: { there: seen.lagThere, here: seen.lagHere, load: seen.databaseLoad },
  judge: judgeReplicationLag,
});

export const uploadFailuresAlert = check('alert-s3-upload-failures', {
  title: 'Upload failures',
  area: 'storage',
  severity,
  window: '5m',
  needs: { load: seen.bucketLoad },
  judge: ({ load }, told, limit) => {
    const found = judgeUploads(load, told, limit);
    return found.status === 'breach'
      ? {
          ...found,
          nextStep: 'see whether S3 itself is well (https://health.aws.amazon.com), then: nanoops logs errors',
        }
      : found;
  },
});

export const crashLoopAlert = check('alert-crash-loop', {
  title: 'Crash loop',
  area: 'compute',
  severity,
  window: '5m',
  needs: { stopped: seenForAlerts.stoppedTasks },
  judge: ({ stopped }, told, limit) => {
    const origin = { operation: 'ecs:DescribeTasks', region: told.site.region };
    if (!stopped.known) return unseenOf(limit, stopped, origin);
    return judgeRestarts(stopped.value, told, limit, origin);
  },
});

/** How far the end of the windows lies behind the present where nobody has set it: metrics are late, ECS is not. */
const metricsAreLateBy = 3 * minuteMs;

/**
 * Restarts of the five minutes that end now, or where the operator said. ECS shows a task for about an hour after it
 * stopped, so that of longer ago there is nothing to count.
 */
function judgeRestarts(stopped: readonly StoppedTask[], told: CheckTold, limit: Limit, origin: Origin): Judged {
  const at = told.nowMs - told.until <= metricsAreLateBy ? told.nowMs : told.until;
  if (at - loopWindowMs < told.nowMs - historyMs) {
    const text = 'ECS shows a task for an hour after it stopped: how many stopped then cannot be told any more';
    return unknown(text, [evidence(origin, text)], limitTexts(limit));
  }
  const known = stopped.filter(({ stoppedAt }) => stoppedAt === undefined || stoppedAt <= at);
  const { crashes, latest, stoppedFromOutside, untold } = countRestarts(known, at);
  const inWindow = crashes.filter((crash) => crash.at > at - loopWindowMs);
  const others =
    stoppedFromOutside.length === 0
      ? ''
      : `; ${stoppedFromOutside.length} more were stopped from outside in the last hour, and do not count`;
  const dark = untold === 0 ? '' : `; of ${untold} ECS does not say why or when they stopped`;
  const text = `${latest} ${latest === 1 ? 'restart' : 'restarts'} of tasks that ended by themselves in 5m${others}${dark}`;
  const reasons = [...new Set(inWindow.flatMap(({ task }) => (task.reason === undefined ? [] : [task.reason])))];
  const judgement = judged(
    limit,
    { value: latest, window: { from: at - loopWindowMs, to: at } },
    text,
    [evidence(origin, text), ...(reasons.length === 0 ? [] : [evidence(origin, listed(reasons))])],
    'nanoops diagnose crash-loop',
  );
  return latest + untold > (limit.alert ?? Infinity) ? doubted(judgement) : judgement;
}
