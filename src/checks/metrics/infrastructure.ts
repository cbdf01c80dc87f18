/** Tasks and uploads. */
import type { BucketLoad } from '../../cloud/facts.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { notConfigured, type Judged } from '../judged.ts';
import { against, amount, limitTexts, type Limit } from '../limits.ts';
import {
  doubted,
  judged,
  noData,
  seriesEvidence,
  sumOf,
  hasPoints,
  sustained,
  unseenOf,
  whenKnown,
} from '../measures.ts';
import { recent, seen } from '../observations.ts';
import { metricsIn } from './api.ts';

export const ecsCpu = check('ecs-cpu', {
  title: 'CPU of the tasks',
  area: 'compute',
  severity: 'warning',
  window: '5m',
  needs: { used: seen.serviceUtilisation },
  judge: ({ used }, told, limit) =>
    whenKnown(used, limit, metricsIn(told), ({ cpuAverage }) =>
      sustained({
        series: cpuAverage,
        window: recent(told),
        limit,
        what: 'average CPU of the tasks',
        nextStep: 'nanoops diagnose latency',
      }),
    ),
});

export const ecsMemory = check('ecs-memory', {
  title: 'Memory of the tasks',
  area: 'compute',
  severity: 'warning',
  window: '5m',
  needs: { used: seen.serviceUtilisation },
  judge: ({ used }, told, limit) =>
    whenKnown(used, limit, metricsIn(told), ({ memoryAverage }) =>
      sustained({
        series: memoryAverage,
        window: recent(told),
        limit,
        what: 'average memory of the tasks',
        nextStep: 'nanoops diagnose latency',
      }),
    ),
});

const notMeasuredS3 =
  'the bucket has no metrics configuration: S3 counts no requests until one is made (S3 console, Metrics, Request metrics)';

/**
 * What S3 failed at, of all requests to the bucket: it does not tell uploads from downloads, nor a refused upload from an
 * object that somebody asked for and that is not there; so that 4xx are told, and not counted.
 */
export const uploadErrors = check('s3-upload-errors', {
  title: 'Upload errors',
  area: 'storage',
  severity: 'warning',
  window: '5m',
  needs: { load: seen.bucketLoad },
  judge: ({ load }, told, limit) => judgeUploads(load, told, limit),
});

/**
 * Ratio of sums, of all requests. Where most requests are downloads, all uploads may fail and be a small share of that: what
 * could be beyond the alert threshold, were every failure one of an upload, is not said to be well.
 */
export function judgeUploads(load: Known<BucketLoad | null>, told: CheckTold, limit: Limit): Judged {
  if (!load.known) return unseenOf(limit, load, metricsIn(told));
  if (load.value === null) return { ...notConfigured(notMeasuredS3), ...limitTexts(limit) };
  const nextStep = 'nanoops logs errors';
  const { requests, uploads, clientErrors, serverErrors } = load.value;
  const window = recent(told);
  const all = sumOf(requests, window);
  if (all === 0) {
    const text = hasPoints(requests, window)
      ? 'no requests to the bucket over 5m: nothing to judge'
      : 'no requests to the bucket were reported over 5m';
    return noData(limit, text, requests);
  }
  const [refused, failed] = [sumOf(clientErrors, window), sumOf(serverErrors, window)];
  const sent = sumOf(uploads, window);
  // Multiplied first: what is at a threshold is at it, to the last bit.
  const value = (failed * 100) / all;
  const most = sent > 0 ? (Math.min(failed, sent) * 100) / sent : 0;
  const isHidden = against(value, limit) === 'ok' && against(most, limit) === 'breach';
  const doubt = isHidden
    ? `; S3 does not say of what: as many as ${amount(most, 'percent')} of ${amount(sent, 'count')} uploads`
    : '';
  const judgement = judged(
    limit,
    { value, window },
    `${amount(value, 'percent')} of ${amount(all, 'count')} requests to the bucket failed over 5m (5xx)${doubt}; ${amount(refused, 'count')} ${refused === 1 ? 'was' : 'were'} refused (4xx)`,
    [
      seriesEvidence(requests, amount(all, 'count')),
      seriesEvidence(uploads, amount(sent, 'count')),
      seriesEvidence(clientErrors, amount(refused, 'count')),
      seriesEvidence(serverErrors, amount(failed, 'count')),
    ],
    nextStep,
  );
  return isHidden ? { ...doubted(judgement), nextStep } : judgement;
}
