/**
 * The facts about what another region needs to take over. Most runs ask none of them: each module is loaded when it is
 * asked for the first time, which takes real time, during which a run's clock may not move on.
 */
import type { RecoveryFacts } from '../../cloud/recovery-facts.ts';
import { clusterParameters } from './database.ts';
import type { FactTools } from './tools.ts';

export function recoveryFacts(tools: FactTools): RecoveryFacts {
  const load = <Module>(module: () => Promise<Module>): Promise<Module> => tools.wiring.clock.busy(module);
  return {
    globalDatabase: async (ref) => (await load(() => import('./global-database.ts'))).globalDatabase(tools, ref),
    replicationLag: async (database, window) =>
      (await load(() => import('./replication.ts'))).replicationLag(tools, database, window),
    clusterSnapshots: async (database) =>
      (await load(() => import('./snapshots.ts'))).clusterSnapshots(tools, database),
    clusterParameters: (database) => clusterParameters(tools, database),
    taskDefinition: async (region, arn) =>
      (await load(() => import('./task-definition.ts'))).taskDefinition(tools, region, arn),
    imageExists: async (_region, image) => (await load(() => import('./images.ts'))).imageExists(tools, image),
    secretExists: async (region, secret) =>
      (await load(() => import('./secrets-presence.ts'))).secretExists(tools, region, secret),
    loadBalancer: async (api) => (await load(() => import('./load-balancer-state.ts'))).loadBalancer(tools, api),
    certificate: async (region, arn) => (await load(() => import('./certificates.ts'))).certificate(tools, region, arn),
    bucketReplication: async (bucket) =>
      (await load(() => import('./bucket-replication.ts'))).bucketReplication(tools, bucket),
    replicationBacklog: async (source, destination, ruleId, window) => {
      const module = await load(() => import('./bucket-replication.ts'));
      return module.replicationBacklog(tools, source, destination, ruleId, window);
    },
    cacheState: async (cache) => (await load(() => import('./cache-state.ts'))).cacheState(tools, cache),
    tableState: async (table) => (await load(() => import('./table-state.ts'))).tableState(tools, table),
    records: async (record) => (await load(() => import('./records.ts'))).records(tools, record),
    recordChangeState: async (changeId) =>
      (await load(() => import('./records.ts'))).recordChangeState(tools, changeId),
    healthCheck: async (id) => (await load(() => import('./health-checks.ts'))).healthCheck(tools, id),
    routingControls: async (endpoints, controls) =>
      (await load(() => import('./routing-controls.ts'))).routingControls(tools, endpoints, controls),
    objectExists: async (object) => (await load(() => import('./objects.ts'))).objectExists(tools, object),
    alarms: async (region, names) => (await load(() => import('./alarms.ts'))).alarms(tools, region, names),
    permissions: async (region, actions) =>
      (await load(() => import('./permissions.ts'))).permissions(tools, region, actions),
  };
}
