/**
 * Shares of requests, in CloudWatch metric math: the same ratios of sums by which the checks judge. A request that failed was
 * one, whatever was counted besides. Pure.
 */
import { apiOutcomeMetrics, type Metric } from '../cloud/metrics.ts';
import type { LoadBalancerRef } from '../cloud/stack.ts';
import { sumOf } from './kit.ts';

const requests = sumOf(['requests', 'balancerUnavailable']);
const failed = sumOf(['targetServerErrors', 'balancerServerErrors']);
const refused = sumOf(['targetClientErrors', 'balancerClientErrors']);

export interface Ratio {
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Per cent. */
  readonly expression: string;
}

function all(bad: string): string {
  return `IF(${requests} > ${bad}, ${requests}, ${bad})`;
}

/** The share of requests that were served. `fewest`: with fewer failures than these it counts as all. */
export function servedShare(api: LoadBalancerRef, fewest = 0): Ratio {
  const share = `(${all(failed)} - ${failed}) * 100 / ${all(failed)}`;
  return { metrics: serverMetrics(api), expression: fewest > 0 ? `IF(${failed} >= ${fewest}, ${share}, 100)` : share };
}

/** The share that ended with 5xx. `fewest`: with fewer failures than these it counts as none. */
export function failedShare(api: LoadBalancerRef, fewest = 0): Ratio {
  const share = `${failed} * 100 / ${all(failed)}`;
  return { metrics: serverMetrics(api), expression: fewest > 0 ? `IF(${failed} >= ${fewest}, ${share}, 0)` : share };
}

/** The share that ended with 4xx. */
export function refusedShare(api: LoadBalancerRef): Ratio {
  const { requests: asked, balancerUnavailable, targetClientErrors, balancerClientErrors } = apiOutcomeMetrics(api);
  return {
    metrics: { requests: asked, balancerUnavailable, targetClientErrors, balancerClientErrors },
    expression: `${refused} * 100 / ${all(refused)}`,
  };
}

function serverMetrics(api: LoadBalancerRef): Readonly<Record<string, Metric>> {
  const { requests: asked, balancerUnavailable, targetServerErrors, balancerServerErrors } = apiOutcomeMetrics(api);
  return { requests: asked, balancerUnavailable, targetServerErrors, balancerServerErrors };
}
