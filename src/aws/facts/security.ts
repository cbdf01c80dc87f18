/** The facts about who used the account. Few runs ask any: each module is loaded when it is asked for first. */
import type { SecurityFacts } from '../../cloud/security-facts.ts';
import { remembering } from './remembered.ts';
import type { FactTools } from './tools.ts';

export function securityFacts(tools: FactTools): SecurityFacts {
  const load = <Module>(module: () => Promise<Module>): Promise<Module> => tools.wiring.clock.busy(module);
  return {
    threats: remembering(async (region, window) =>
      (await load(() => import('./threats.ts'))).threats(tools, region, window),
    ),
    trailLog: remembering(async (group, window) =>
      (await load(() => import('./trail-log.ts'))).trailLog(tools, group, window),
    ),
    recentAccess: remembering(async (region, window) =>
      (await load(() => import('./event-history.ts'))).recentAccess(tools, region, window),
    ),
    globalAccess: remembering(async (region, window) =>
      (await load(() => import('./event-history.ts'))).globalAccess(tools, region, window),
    ),
    recentChanges: remembering(async (region, window) =>
      (await load(() => import('./event-history.ts'))).recentChanges(tools, region, window),
    ),
    serviceIssues: async (region, regions) =>
      (await load(() => import('./service-issues.ts'))).serviceIssues(tools, region, regions),
  };
}
