/** The API as its load balancer sees it. Ratios are of sums; a percentile has to be across in every minute. */
import type { ApiOutcomes } from '../../cloud/facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { check } from '../check.ts';
import { span as spanText, type Judged } from '../judged.ts';
import { windowOf, hourMs, minuteMs, type CheckSettings } from '../kit.ts';
import { amount, limitTexts, type Limit } from '../limits.ts';
import {
  doubted,
  judged,
  noData,
  seriesEvidence,
  sumOf,
  sustained,
  hasPoints,
  whenKnown,
  windowText,
} from '../measures.ts';
import { recent, seen } from '../observations.ts';

const area = 'api';
const diagnose = 'nanoops diagnose latency';
const diagnoseErrors = 'nanoops logs errors';

export function metricsIn({ site }: CheckSettings) {
  return { operation: 'cloudwatch:GetMetricData', region: site.region };
}

/** What share of requests was not served, over a window. */
interface Share {
  /** Requests that ended badly. */
  readonly bad: number;
  readonly all: number;
  /** Undefined where nothing was asked, or nothing was reported: that is no success. */
  readonly ratio: number | undefined;
}

/**
 * 5xx of targets and of the balancer, of all requests: those that the balancer refused with 503 before it chose a target are
 * not in RequestCount (Elastic Load Balancing User Guide, "CloudWatch metrics for your Application Load Balancer").
 */
function serverErrorShare(found: ApiOutcomes, window: Window): Share {
  const bad = sumOf(found.targetServerErrors, window) + sumOf(found.balancerServerErrors, window);
  return shareOf(found, window, bad);
}

/** 4xx of targets and of the balancer. */
function clientErrorShare(found: ApiOutcomes, window: Window): Share {
  const bad = sumOf(found.targetClientErrors, window) + sumOf(found.balancerClientErrors, window);
  return shareOf(found, window, bad);
}

/** A request that failed was one, whatever was counted besides. */
function shareOf(found: ApiOutcomes, window: Window, bad: number): Share {
  const all = Math.max(bad, sumOf(found.requests, window) + sumOf(found.balancerUnavailable, window));
  return { bad, all, ratio: all > 0 ? bad / all : undefined };
}

/** By the period, in per cent, over an hour: for a curve, never for a judgement. */
function curve(
  found: ApiOutcomes,
  window: Window,
  of: (found: ApiOutcomes, window: Window) => Share,
): readonly number[] {
  const { periodMs } = found.requests;
  const count = Math.round((window.to - window.from) / periodMs);
  return Array.from({ length: count }, (_, index) => {
    const from = window.from + index * periodMs;
    return of(found, { from, to: from + periodMs }).ratio;
  }).flatMap((ratio) => (ratio === undefined ? [] : [ratio * 100]));
}

/** In how many periods anybody asked. */
function reportedPeriods(found: ApiOutcomes, window: Window): number {
  const points = [found.requests, found.balancerUnavailable].flatMap((series) => pointsIn(series, window));
  return new Set(points.filter(({ value }) => value > 0).map(({ at }) => at)).size;
}

interface ShareJudgement {
  readonly of: (found: ApiOutcomes, window: Window) => Share;
  readonly errors: Series;
  readonly what: string;
  /** Of the share that went well instead. */
  readonly isSuccess?: boolean;
  readonly nextStep: string;
}

/** So long without any request at the end of a window, and the present is not known. */
const silenceMs = 5 * minuteMs;

/**
 * A minute without requests tells nothing: there was no traffic, or nobody could count it. Where that is so of more than
 * half of a window, or of the end of one that is about the present, it is not said that all is well; what went wrong in
 * the rest did go wrong.
 */
function judgeShare(found: ApiOutcomes, window: Window, limit: Limit, how: ShareJudgement): Judged {
  const { bad, all, ratio } = how.of(found, window);
  const span = windowText(window);
  if (ratio === undefined) {
    const text = hasPoints(found.requests, window)
      ? `no requests over ${span}: nothing to judge`
      : `no requests were reported over ${span}: no traffic, or an outage`;
    return noData(limit, text, found.requests);
  }
  // One rounding, so that what is at a threshold is at it.
  const value = ((how.isSuccess === true ? all - bad : bad) * 100) / all;
  const points = curve(found, { from: window.to - hourMs, to: window.to }, how.of);
  const recentValues = how.isSuccess === true ? points.map((share) => 100 - share) : points;
  const { periodMs } = found.requests;
  const periods = Math.max(1, Math.round((window.to - window.from) / periodMs));
  const silent = Math.max(0, periods - reportedPeriods(found, window));
  const gap =
    silent * 10 > periods
      ? `; nothing was reported in ${spanText(silent * periodMs)} of ${spanText(periods * periodMs)}`
      : '';
  const text =
    how.isSuccess === true
      ? `${amount(value, 'percent')} of ${amount(all, 'count')} requests served over ${span}; ${amount(bad, 'count')} were not`
      : `${amount(value, 'percent')} of ${amount(all, 'count')} requests ended with ${how.what} over ${span}`;
  const judgement = judged(
    limit,
    { value, window, recent: recentValues },
    text + gap,
    [
      seriesEvidence(
        found.requests,
        `${amount(all, 'count')} over ${span}, with those refused before a target was chosen`,
      ),
      seriesEvidence(how.errors, `${amount(bad, 'count')} over ${span}, of targets and balancer together`),
    ],
    how.nextStep,
  );
  const isSilentNow =
    window.to - window.from <= hourMs && !hasPoints(found.requests, { ...window, from: window.to - silenceMs });
  return silent * 2 > periods || isSilentNow ? doubted(judgement) : judgement;
}

/** The share of requests that were served. */
export function judgeAvailability(found: ApiOutcomes, window: Window, limit: Limit): Judged {
  return judgeShare(found, window, limit, {
    of: serverErrorShare,
    errors: found.targetServerErrors,
    what: '5xx',
    isSuccess: true,
    nextStep: diagnoseErrors,
  });
}

/** The share of requests that ended with 5xx. */
export function judgeServerErrors(found: ApiOutcomes, window: Window, limit: Limit): Judged {
  return judgeShare(found, window, limit, {
    of: serverErrorShare,
    errors: found.targetServerErrors,
    what: '5xx',
    nextStep: diagnoseErrors,
  });
}

export const availability = check('api-availability', {
  title: 'Availability',
  area,
  severity: 'critical',
  window: '1h',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) => judgeAvailability(found, windowOf(told, hourMs), limit)),
});

export const latencyP95 = check('api-latency-p95', {
  title: 'Latency p95',
  area,
  severity: 'warning',
  window: '5m',
  needs: { latency: seen.apiLatency },
  judge: ({ latency }, told, limit) =>
    whenKnown(latency, limit, metricsIn(told), ({ p95 }) =>
      sustained({ series: p95, window: recent(told), limit, scale: 1000, what: 'p95', nextStep: diagnose }),
    ),
});

export const latencyP99 = check('api-latency-p99', {
  title: 'Latency p99',
  area,
  severity: 'critical',
  window: '5m',
  needs: { latency: seen.apiLatency },
  judge: ({ latency }, told, limit) =>
    whenKnown(latency, limit, metricsIn(told), ({ p99 }) =>
      sustained({ series: p99, window: recent(told), limit, scale: 1000, what: 'p99', nextStep: diagnose }),
    ),
});

export const serverErrors = check('api-server-errors', {
  title: 'Error rate (5xx)',
  area,
  severity: 'critical',
  window: '5m',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) => judgeServerErrors(found, recent(told), limit)),
});

export const clientErrors = check('api-client-errors', {
  title: 'Error rate (4xx)',
  area,
  severity: 'warning',
  window: '5m',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) =>
      judgeShare(found, recent(told), limit, {
        of: clientErrorShare,
        errors: found.targetClientErrors,
        what: '4xx',
        nextStep: diagnoseErrors,
      }),
    ),
});

export const balancerLatency = check('alb-latency', {
  title: 'Latency of the balancer itself',
  area,
  severity: 'warning',
  needs: {},
  judge: (_seen, _told, limit) => ({
    status: 'not-configured',
    summary: 'no metric holds it: TargetResponseTime is the targets\u2019 time, and access logs are not read',
    evidence: [],
    ...limitTexts(limit),
  }),
});
