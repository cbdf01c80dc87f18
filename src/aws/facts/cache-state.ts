/** The cache's state: whether it is there, and of what size. */
import type { CacheState } from '../../cloud/recovery-facts.ts';
import type { CacheRef } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

const operation = 'DescribeReplicationGroups';

export async function cacheState(
  { wiring, clients }: FactTools,
  { region, replicationGroup }: CacheRef,
): Promise<CacheState> {
  const elastiCache = await clients.elastiCache(region);
  const { ReplicationGroups } = await elastiCache.describeReplicationGroups({ ReplicationGroupId: replicationGroup });
  const found = ReplicationGroups?.[0];
  if (found === undefined) {
    const call = { service: 'elasticache', operation, region, resource: replicationGroup };
    throw wiring.failure('not-found', call, '');
  }
  return {
    status: found.Status ?? 'unknown',
    nodes: found.MemberClusters?.length ?? 0,
    nodeType: found.CacheNodeType,
    automaticFailover: found.AutomaticFailover,
    source: { operation: `elasticache:${operation}`, region, detail: replicationGroup },
  };
}
