/** The facts of `tune`. Few runs ask for them: their module is loaded when it is asked for the first time. */
import type { TuningFacts } from '../../cloud/tuning-facts.ts';
import type { FactTools } from './tools.ts';

export function tuningFacts(tools: FactTools): TuningFacts {
  const load = <Module>(module: () => Promise<Module>): Promise<Module> => tools.wiring.clock.busy(module);
  return {
    cacheParameters: async (cache) => (await load(() => import('./cache-parameters.ts'))).cacheParameters(tools, cache),
    distribution: async (id) => (await load(() => import('./distribution.ts'))).distribution(tools, id),
    invalidations: async (id) => (await load(() => import('./distribution.ts'))).invalidations(tools, id),
  };
}
