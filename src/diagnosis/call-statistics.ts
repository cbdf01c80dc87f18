/** Averages, percentiles and shares of counted calls. A figure that nothing was measured for is undefined. Pure. */
import type { CallStatistics, LatencyCount } from '../cloud/service-graph-facts.ts';
import { sum } from './statistics.ts';

export function meanMs({ requests, totalMs }: CallStatistics): number | undefined {
  return requests > 0 ? totalMs / requests : undefined;
}

/** The shortest time that so large a share took at most, as fine as the histogram is. `share` is above 0 and at most 1. */
export function percentileMs(latencies: readonly LatencyCount[], share: number): number | undefined {
  const total = sum(latencies.map(({ count }) => count));
  if (total <= 0) return undefined;
  // Shares like 0.95 are not exact: 0.95 × 20 may come out a little above 19.
  const wanted = share * total - 1e-9;
  let seen = 0;
  for (const { ms, count } of latencies) {
    seen += count;
    if (seen >= wanted) return ms;
  }
  return latencies.at(-1)?.ms;
}

/** Of what came to it, the share that failed by its own fault. */
export function faultRate({ requests, faults }: CallStatistics): number | undefined {
  return requests > 0 ? Math.min(1, faults / requests) : undefined;
}
