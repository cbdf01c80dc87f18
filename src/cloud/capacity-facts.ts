/** Facts about what is left of capacity, beside what the other facts tell. As with all facts, empty series are gaps. */
import type { Series, Window } from './series.ts';
import type { CacheRef, ServiceRef } from './stack.ts';

/** Per cent, of the fullest and the busiest node. */
export interface CacheUse {
  readonly memory: Series;
  readonly engineCpu: Series;
}

export interface CapacityFacts {
  /** From Container Insights, which is opt-in: empty where it is off. */
  runningTasks(service: ServiceRef, window: Window): Promise<Series>;
  cacheUse(cache: CacheRef, window: Window): Promise<CacheUse>;
}
