/** The API as its load balancer sees it. Ratios are of sums; a percentile has to be across in every minute. */
import type { ApiOutcomes } from '../../cloud/facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import { check } from '../check.ts';
import type { Judged } from '../judged.ts';
import { windowOf, hourMs, type CheckSettings } from '../kit.ts';
import { amount, limitTexts, type Limit } from '../limits.ts';
import { judged, noData, seriesEvidence, sumOf, sustained, hasPoints, whenKnown, windowText } from '../measures.ts';
import { recent, seen } from '../observations.ts';

const area = 'api';
const diagnose = 'nanoops diagnose latency';
const diagnoseErrors = 'nanoops logs errors';

export function metricsIn({ site }: CheckSettings) {
  return { operation: 'cloudwatch:GetMetricData', region: site.region };
}

/** What share of requests was not served, over a window. */
export interface Share {
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
export function serverErrorShare(found: ApiOutcomes, window: Window): Share {
  const bad = sumOf(found.targetServerErrors, window) + sumOf(found.balancerServerErrors, window);
  return shareOf(found, window, bad);
}

/** 4xx of targets and of the balancer. */
function clientErrorShare(found: ApiOutcomes, window: Window): Share {
  const bad = sumOf(found.targetClientErrors, window) + sumOf(found.balancerClientErrors, window);
  return shareOf(found, window, bad);
}

function shareOf(found: ApiOutcomes, window: Window, bad: number): Share {
  const all = sumOf(found.requests, window) + sumOf(found.balancerUnavailable, window);
  return { bad, all, ratio: all > 0 ? Math.min(1, bad / all) : undefined };
}

/** By the minute, in per cent, over an hour: for a curve, never for a judgement. */
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

function judgeShare(
  found: ApiOutcomes,
  window: Window,
  limit: Limit,
  how: {
    readonly of: (found: ApiOutcomes, window: Window) => Share;
    readonly errors: Series;
    readonly what: string;
    /** Of the share that went well instead. */
    readonly isSuccess?: boolean;
    readonly nextStep: string;
  },
): Judged {
  const { bad, all, ratio } = how.of(found, window);
  const span = windowText(window);
  if (ratio === undefined) {
    const text = hasPoints(found.requests, window)
      ? `no requests over ${span}: nothing to judge`
      : `no requests were reported over ${span}: no traffic, or an outage`;
    return noData(limit, text, found.requests);
  }
  const share = how.isSuccess === true ? 1 - ratio : ratio;
  const points = curve(found, { from: window.to - hourMs, to: window.to }, how.of);
  const recentValues = how.isSuccess === true ? points.map((value) => 100 - value) : points;
  return judged(
    limit,
    { value: share * 100, window, recent: recentValues },
    how.isSuccess === true
      ? `${amount(share * 100, 'percent')} of ${amount(all, 'count')} requests served over ${span}; ${amount(bad, 'count')} were not`
      : `${amount(share * 100, 'percent')} of ${amount(all, 'count')} requests ended with ${how.what} over ${span}`,
    [
      seriesEvidence(
        found.requests,
        `${amount(all, 'count')} over ${span}, with those refused before a target was chosen`,
      ),
      seriesEvidence(how.errors, `${amount(bad, 'count')} over ${span}, of targets and balancer together`),
    ],
    how.nextStep,
  );
}

export const availability = check('api-availability', {
  title: 'Availability',
  area,
  severity: 'critical',
  window: '1h',
  needs: { outcomes: seen.apiOutcomes },
  judge: ({ outcomes }, told, limit) =>
    whenKnown(outcomes, limit, metricsIn(told), (found) =>
      judgeShare(found, windowOf(told, hourMs), limit, {
        of: serverErrorShare,
        errors: found.targetServerErrors,
        what: '5xx',
        isSuccess: true,
        nextStep: diagnoseErrors,
      }),
    ),
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
    whenKnown(outcomes, limit, metricsIn(told), (found) =>
      judgeShare(found, recent(told), limit, {
        of: serverErrorShare,
        errors: found.targetServerErrors,
        what: '5xx',
        nextStep: diagnoseErrors,
      }),
    ),
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
