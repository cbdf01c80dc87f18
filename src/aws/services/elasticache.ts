/** ElastiCache, as far as facts need it. */
import {
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type DescribeReplicationGroupsCommandInput,
} from '@aws-sdk/client-elasticache';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectElastiCache(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('elasticache', settings.region, new ElastiCacheClient(settings));
  return {
    describeReplicationGroups: (input: DescribeReplicationGroupsCommandInput) =>
      send(new DescribeReplicationGroupsCommand(input), { lists: ['ReplicationGroups'] }),
  };
}
