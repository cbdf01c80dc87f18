/** ElastiCache, as far as facts need it. */
import {
  DescribeCacheClustersCommand,
  DescribeCacheParametersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type DescribeCacheClustersCommandInput,
  type DescribeCacheParametersCommandInput,
  type DescribeReplicationGroupsCommandInput,
} from '@aws-sdk/client-elasticache';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectElastiCache(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('elasticache', settings.region, new ElastiCacheClient(settings));
  return {
    describeReplicationGroups: (input: DescribeReplicationGroupsCommandInput) =>
      send(new DescribeReplicationGroupsCommand(input), { lists: ['ReplicationGroups'] }),
    describeCacheClusters: (input: DescribeCacheClustersCommandInput) =>
      send(new DescribeCacheClustersCommand(input), { lists: ['CacheClusters'] }),
    describeCacheParameters: (input: DescribeCacheParametersCommandInput) =>
      send(new DescribeCacheParametersCommand(input), { lists: ['Parameters'] }),
  };
}
