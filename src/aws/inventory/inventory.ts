/** What an account holds, behind the port that `init` asks. */
import type { Inventory } from '../../cloud/inventory.ts';
import { caller } from '../facts/identity.ts';
import type { FactTools } from '../facts/tools.ts';
import { mostTasks, services, version } from './compute.ts';
import { logGroups, namespacesOf, tracedServices } from './signals.ts';
import { admittedBy, buckets, caches, copiesOf, databases, globalDatabases, tables } from './stores.ts';
import { distributions, isEncrypted, loadBalancers, records, targetGroups } from './traffic.ts';

export function inventoryOf(tools: FactTools): Inventory {
  return {
    account: async (region) => (await caller(tools, region)).account,
    services: (region, cluster) => services(tools, region, cluster),
    version: (region, taskDefinition) => version(tools, region, taskDefinition),
    mostTasks: (service) => mostTasks(tools, service),
    loadBalancers: (region) => loadBalancers(tools, region),
    targetGroups: (region) => targetGroups(tools, region),
    isEncrypted: (region, loadBalancer) => isEncrypted(tools, region, loadBalancer),
    databases: (region) => databases(tools, region),
    globalDatabases: (region) => globalDatabases(tools, region),
    caches: (region) => caches(tools, region),
    admittedBy: (region, groups) => admittedBy(tools, region, groups),
    buckets: (region) => buckets(tools, region),
    copiesOf: (bucket) => copiesOf(tools, bucket),
    records: () => records(tools),
    distributions: () => distributions(tools),
    tables: (region) => tables(tools, region),
    logGroups: (region, prefix) => logGroups(tools, region, prefix),
    tracedServices: (region, window) => tracedServices(tools, region, window),
    namespacesOf: (region, metric) => namespacesOf(tools, region, metric),
  };
}
