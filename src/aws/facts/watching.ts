/** The facts about what watches the stack. Most runs ask none of them: each module is loaded when it is asked for first. */
import type { MonitoringFacts } from '../../cloud/monitoring.ts';
import type { FactTools } from './tools.ts';

export function monitoringFacts(tools: FactTools): MonitoringFacts {
  // Loading takes real time, during which a run's clock may not move on.
  const load = <Module>(module: () => Promise<Module>): Promise<Module> => tools.wiring.clock.busy(module);
  const monitoring = () => load(() => import('./monitoring.ts'));
  return {
    watching: async (scope, topics) => (await monitoring()).watching(tools, scope, topics),
    watcher: async (ref, account) => (await monitoring()).watcher(tools, ref, account),
    dashboard: async (region, name) => (await monitoring()).dashboard(tools, region, name),
    cacheNodes: async (cache) => (await load(() => import('./cache.ts'))).memberNodes(tools, cache),
    bucketFilter: async (bucket) => (await load(() => import('./storage.ts'))).filterId(tools, bucket),
    lagMetric: async (database) => (await load(() => import('./replication.ts'))).publishedLag(tools, database),
  };
}
