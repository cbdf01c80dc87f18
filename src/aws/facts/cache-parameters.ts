/** What the cache's nodes run with, by their parameter group: ElastiCache refuses CONFIG to whoever connects. */
import type { CacheParameters } from '../../cloud/tuning-facts.ts';
import type { CacheRef } from '../../cloud/stack.ts';
import { allPages, type FactTools } from './tools.ts';

const policyName = 'maxmemory-policy';

export async function cacheParameters(
  { wiring, clients }: FactTools,
  { region, replicationGroup }: CacheRef,
): Promise<CacheParameters> {
  const elastiCache = await clients.elastiCache(region);
  const call = (operation: string, resource: string) => ({ service: 'elasticache', operation, region, resource });
  const { ReplicationGroups } = await elastiCache.describeReplicationGroups({ ReplicationGroupId: replicationGroup });
  const node = ReplicationGroups?.[0]?.MemberClusters?.toSorted()[0];
  if (node === undefined) {
    throw wiring.failure('not-found', call('DescribeReplicationGroups', replicationGroup), 'it has no nodes');
  }
  // A replication group does not say which parameter group it has; its nodes, which share one, do.
  const { CacheClusters } = await elastiCache.describeCacheClusters({ CacheClusterId: node });
  const group = CacheClusters?.[0]?.CacheParameterGroup?.CacheParameterGroupName;
  if (group === undefined) {
    throw wiring.failure('malformed-answer', call('DescribeCacheClusters', node), 'its parameter group is missing');
  }
  const operation = 'DescribeCacheParameters';
  const parameters = await allPages(wiring, call(operation, group), async (Marker) => {
    const answer = await elastiCache.describeCacheParameters({ CacheParameterGroupName: group, Marker });
    return { items: answer.Parameters ?? [], next: answer.Marker };
  });
  const policy = parameters.find(({ ParameterName }) => ParameterName === policyName)?.ParameterValue;
  return {
    group,
    ...(policy === undefined ? {} : { maxMemoryPolicy: policy }),
    source: { operation: `elasticache:${operation}`, region, detail: `${group} ${policyName}` },
  };
}
