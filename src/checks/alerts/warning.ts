/** The rules that send a warning. */
import type { Known } from '../../diagnosis/known.ts';
import { check } from '../check.ts';
import { minuteMs, windowOf } from '../kit.ts';
import { amount } from '../limits.ts';
import {
  hasPoints,
  judged,
  latest,
  noData,
  seriesEvidence,
  sumOf,
  sustained,
  whenKnown,
  windowText,
} from '../measures.ts';
import { metricsIn } from '../metrics/api.ts';
import { lastDay } from '../metrics/business.ts';
import { recent, seen } from '../observations.ts';
import type { DatabaseLoad } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import { pointsIn } from '../../diagnosis/shift.ts';

const severity = 'warning';

/** Every minute of ten, of all tasks on average. The writer's is told beside it: tasks that wait for it look idle. */
export const cpuAlert = check('alert-cpu-sustained', {
  title: 'CPU of the tasks',
  area: 'compute',
  severity,
  window: '10m',
  needs: { used: seen.serviceUtilisation, load: seen.databaseLoad },
  judge: ({ used, load }, told, limit) => {
    const window = windowOf(told, 10 * minuteMs);
    return whenKnown(used, limit, metricsIn(told), ({ cpuAverage }) => {
      const found = sustained({
        series: cpuAverage,
        window,
        limit,
        what: 'average CPU of the tasks',
        nextStep: 'nanoops diagnose latency',
      });
      return { ...found, evidence: [...found.evidence, ...writerEvidence(load, window)] };
    });
  },
});

function writerEvidence(load: Known<DatabaseLoad>, window: Window) {
  if (!load.known) return [];
  const values = pointsIn(load.value.cpu, window).map(({ value }) => value);
  if (values.length === 0) return [seriesEvidence(load.value.cpu, 'no data points')];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const text = `${amount(least, 'percent')} to ${amount(most, 'percent')} over ${windowText(window)}, of the database’s writer`;
  return [seriesEvidence(load.value.cpu, text)];
}

/** Hits of all nodes, of all look-ups in all nodes: a replica that answers little weighs little. */
export const cacheHitRateAlert = check('alert-cache-hit-rate', {
  title: 'Cache hit rate',
  area: 'cache',
  severity,
  window: '5m',
  needs: { load: seen.cacheLoad },
  judge: ({ load }, told, limit) =>
    whenKnown(load, limit, metricsIn(told), ({ hits, misses, nodes }) => {
      const window = recent(told);
      const [found, missed] = [sumOf(hits, window), sumOf(misses, window)];
      const all = found + missed;
      if (all === 0) {
        const isIdle = hasPoints(hits, window) || hasPoints(misses, window);
        const text = isIdle
          ? 'nobody looked anything up over 5m: nothing to judge'
          : 'no look-ups were reported over 5m';
        return noData(limit, text, hits);
      }
      const value = (found / all) * 100;
      const curve = hits.points.flatMap(({ at, value: each }) => {
        const others = sumOf(misses, { from: at, to: at + hits.periodMs });
        return each + others > 0 && at >= window.from && at < window.to ? [(each / (each + others)) * 100] : [];
      });
      return judged(
        limit,
        { value, window, recent: curve },
        `${amount(value, 'percent')} of ${amount(all, 'count')} look-ups found something over 5m, in ${nodes.length} nodes`,
        [
          seriesEvidence(hits, `${amount(found, 'count')} over 5m`),
          seriesEvidence(misses, `${amount(missed, 'count')} over 5m`),
        ],
        'nanoops tune',
      );
    }),
});

export const moderationQueueAlert = check('alert-moderation-queue', {
  title: 'Moderation queue',
  area: 'business',
  severity,
  window: '1d',
  needs: { business: seen.business },
  judge: ({ business }, told, limit) =>
    whenKnown(business, limit, metricsIn(told), ({ moderationLength }) =>
      latest({
        series: moderationLength,
        window: lastDay(told),
        limit,
        what: 'items that wait:',
        nextStep: 'assign more reviewers',
      }),
    ),
});
