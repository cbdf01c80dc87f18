/**
 * How far the copy was behind over the week. Each period of five minutes counts as its greatest lag, and the target has
 * to have been met in 99 of 100 of them: one slow minute in a week is no finding, a quarter of an hour a day is.
 */
import { settled } from '../../engine/step.ts';
import type { ReplicationLag } from '../../cloud/recovery-facts.ts';
import type { Point, Series } from '../../cloud/series.ts';
import type { Known } from '../../diagnosis/known.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { check, type CheckTold } from '../check.ts';
import type { Judged } from '../judged.ts';
import { observe, part, unlessConfigured } from '../kit.ts';
import { against, amount, limitTexts, type Limit } from '../limits.ts';
import { doubted, judged, noData, seriesEvidence, unseenOf } from '../measures.ts';
import { metricsIn } from '../metrics/api.ts';
import { coverageOf, lastWeek, leastCoverage } from './week.ts';

/** The share of periods that has to meet the target. */
const metShare = 0.99;

/** The lag is published by the copy alone, and after a failover that is the other cluster. */
const lagOfWeek = (half: 'site' | 'standby') =>
  observe(`replication-lag-week-${half}`, {
    title: `Lag of the copy, last week (${half === 'site' ? 'this region' : 'the other region'})`,
    calls: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
    skip: (_needs, settings) =>
      unlessConfigured(settings[half]?.database, half === 'site' ? 'database' : 'database.recoveryCluster'),
    run: (_needs, { ports, settings }) =>
      ports.facts.replicationLag(part(settings[half]?.database), lastWeek(settings)),
    detail: ({ lag, metric }) => `${metric}: ${lag.points.length} periods of five minutes`,
  });

/** Where no other region has a copy, the readers beside the writer are the copies. */
const lagOfReaders = observe('reader-lag-week', {
  title: 'Lag of the readers, last week',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site, standby }) =>
    standby?.database === undefined
      ? unlessConfigured(site.database, 'database')
      : 'the copy in the other region is looked at',
  run: async (_needs, { ports, settings }) => {
    const { replicaLag } = await ports.facts.databaseLoad(part(settings.site.database), lastWeek(settings));
    return replicaLag;
  },
  detail: ({ points }) => `${points.length} periods of five minutes`,
});

export const weeklyReplicationLag = check('weekly-replication-lag', {
  title: 'Replication lag',
  area: 'database',
  severity: 'warning',
  window: '7d',
  needs: {
    there: settled(lagOfWeek('standby')),
    here: settled(lagOfWeek('site')),
    readers: settled(lagOfReaders),
  },
  judge: ({ there, here, readers }, told, limit) => {
    const hasCopy = told.standby?.database !== undefined;
    const copy = together(there, here);
    if (hasCopy && !there.known) {
      return unseenOf(limit, there, { ...metricsIn(told), region: told.standby?.region ?? told.site.region });
    }
    // Looked at alone, a region may be the one that copies.
    if (copy !== undefined && (hasCopy || copy.points.length > 0)) {
      return judgeWeek(copy, told, limit, 'the copy was behind by');
    }
    if (!readers.known) return unseenOf(limit, readers, metricsIn(told));
    return judgeWeek(readers.value, told, limit, 'the readers were behind by');
  },
});

/** One series out of both halves': the greater lag where both reported one. */
function together(...halves: readonly Known<ReplicationLag>[]): Series | undefined {
  const series = halves.flatMap((known) => (known.known ? [known.value.lag] : []));
  const [first] = series.toSorted((a, b) => b.points.length - a.points.length);
  if (first === undefined) return undefined;
  const byTime = new Map<number, number>();
  for (const { points } of series) {
    for (const { at, value } of points) byTime.set(at, Math.max(value, byTime.get(at) ?? 0));
  }
  const points = [...byTime].toSorted(([a], [b]) => a - b).map(([at, value]): Point => ({ at, value }));
  return { ...first, points };
}

function judgeWeek(series: Series, told: CheckTold, limit: Limit, what: string): Judged {
  const window = lastWeek(told);
  const points = pointsIn(series, window);
  const [first] = points;
  if (first === undefined) {
    return noData(limit, 'no lag was reported over 7d: nothing is copied, or its metrics do not arrive', series);
  }
  const values = points.map(({ value }) => value).toSorted((a, b) => a - b);
  const value = values[Math.ceil(values.length * metShare) - 1] ?? first.value;
  const most = points.reduce((worst, point) => (point.value > worst.value ? point : worst), first);
  const met = points.filter((point) => against(point.value, limit) === 'ok').length / points.length;
  const covered = coverageOf(series, window);
  const target = limitTexts(limit).target ?? '';
  const gap = covered < leastCoverage ? `; only ${amount(covered * 100, 'percent')} of the week was reported` : '';
  const text = `${what} ${target} in ${amount(met * 100, 'percent')} of the week, at most ${amount(most.value, 'ms')} (${momentOf(most.at)})${gap}`;
  const judgement = judged(
    limit,
    { value, window, atMs: most.at },
    text,
    [
      seriesEvidence(series, text),
      seriesEvidence(series, `99 of 100 periods stayed at or below ${amount(value, 'ms')}`),
    ],
    'nanoops diagnose database',
  );
  return covered < leastCoverage ? doubted(judgement) : judgement;
}

/** `2026-11-23 10:55 UTC` */
function momentOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
