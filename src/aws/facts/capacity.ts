/** What is left of capacity: running tasks over time, and how full and how busy the cache is. */
import type { CacheUse, CapacityFacts } from '../../cloud/capacity-facts.ts';
import { runningTasksMetric } from '../../cloud/metrics.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { CacheRef, ServiceRef } from '../../cloud/stack.ts';
import { nodeReader } from './cache.ts';
import type { FactTools } from './tools.ts';

export function capacityFacts(tools: FactTools): CapacityFacts {
  return {
    runningTasks: (service, window) => runningTasks(tools, service, window),
    cacheUse: (cache, window) => cacheUse(tools, cache, window),
  };
}

/** CloudWatch User Guide, "Amazon ECS Container Insights metrics". */
function runningTasks({ metrics }: FactTools, service: ServiceRef, window: Window): Promise<Series> {
  return metrics.read({ region: service.region, window, ...runningTasksMetric(service) });
}

/**
 * Redis runs commands on one thread, so that its engine's CPU is what counts, not the node's (ElastiCache User Guide, "Which
 * metrics should I monitor?"); the memory is a share of what Redis may use for data.
 */
async function cacheUse(tools: FactTools, cache: CacheRef, window: Window): Promise<CacheUse> {
  const { overNodes } = await nodeReader(tools, cache, window);
  const [memory, engineCpu] = await Promise.all([
    overNodes('memory', Math.max),
    overNodes('engineCpuAverage', Math.max),
  ]);
  return { memory, engineCpu };
}
