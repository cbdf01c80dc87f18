/** Simulated Amazon ElastiCache: the replication group and its nodes. Amazon ElastiCache API Reference. */
import {
  DescribeCacheClusters$,
  DescribeCacheParameters$,
  DescribeReplicationGroups$,
  type CacheClusterMessage,
  type CacheParameterGroupDetails,
  type DescribeCacheClustersMessage,
  type DescribeCacheParametersMessage,
  type DescribeReplicationGroupsMessage,
  type ReplicationGroupMessage,
} from '@aws-sdk/client-elasticache';
import { cacheHost } from '../world/hosts.ts';
import type { RegionInventory } from '../world/inventory.ts';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { evictionPolicy } from '../world/tuning.ts';
import { arnsOf } from './arns.ts';
import { operation } from './operation.ts';

const PORT = 6379;
const NODE_TYPE = 'cache.r7g.large';
const PARAMETER_GROUP = 'nano-redis7';

export function elasticacheService(world: World): SimulatedService {
  return {
    service: 'elasticache',
    signingName: 'elasticache',
    protocol: 'query',
    xmlNamespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/',
    operations: [
      operation<DescribeReplicationGroupsMessage, ReplicationGroupMessage>(
        DescribeReplicationGroups$,
        (input, call) => {
          const region = regionWithCache(world, call);
          const wanted = input.ReplicationGroupId;
          if (wanted !== undefined && wanted !== region?.names.cache) {
            throw new ServiceFault('ReplicationGroupNotFoundFault', `ReplicationGroup ${wanted} not found.`, 404);
          }
          if (region === undefined) return { ReplicationGroups: [] };
          const primary = cacheHost(region);
          return {
            ReplicationGroups: [
              {
                ReplicationGroupId: region.names.cache,
                Description: 'Sessions, search results and profiles',
                Status: 'available',
                MemberClusters: region.cacheNodes.map((node) => node.id),
                NodeGroups: [
                  {
                    NodeGroupId: '0001',
                    Status: 'available',
                    PrimaryEndpoint: { Address: primary, Port: PORT },
                    ReaderEndpoint: { Address: primary.replace(/^master/, 'replica'), Port: PORT },
                    NodeGroupMembers: region.cacheNodes.map((node) => ({
                      CacheClusterId: node.id,
                      CacheNodeId: '0001',
                      ReadEndpoint: { Address: `${node.id}.${primary.replace(/^master\./, '')}`, Port: PORT },
                      PreferredAvailabilityZone: node.zone,
                      CurrentRole: node.role,
                    })),
                  },
                ],
                AutomaticFailover: 'enabled',
                MultiAZ: 'enabled',
                SnapshotRetentionLimit: 3,
                SnapshotWindow: '04:00-05:00',
                ClusterEnabled: false,
                CacheNodeType: NODE_TYPE,
                AuthTokenEnabled: false,
                TransitEncryptionEnabled: true,
                AtRestEncryptionEnabled: true,
                ARN: arnsOf(world, region).replicationGroup(),
                ReplicationGroupCreateTime: new Date(world.inventory.createdAt),
                AutoMinorVersionUpgrade: true,
                Engine: 'redis',
              },
            ],
          };
        },
      ),
      operation<DescribeCacheClustersMessage, CacheClusterMessage>(DescribeCacheClusters$, (input, call) => {
        const region = regionWithCache(world, call);
        const wanted = input.CacheClusterId;
        const nodes = (region?.cacheNodes ?? []).filter((node) => wanted === undefined || node.id === wanted);
        if (wanted !== undefined && nodes.length === 0) {
          throw new ServiceFault('CacheClusterNotFound', `CacheCluster ${wanted} not found.`, 404);
        }
        return {
          CacheClusters: nodes.map((node) => ({
            CacheClusterId: node.id,
            CacheNodeType: NODE_TYPE,
            Engine: 'redis',
            EngineVersion: '7.1.0',
            CacheClusterStatus: 'available',
            NumCacheNodes: 1,
            PreferredAvailabilityZone: node.zone,
            CacheClusterCreateTime: new Date(world.inventory.createdAt),
            PreferredMaintenanceWindow: 'wed:09:00-wed:10:00',
            ReplicationGroupId: region?.names.cache,
            CacheParameterGroup: { CacheParameterGroupName: PARAMETER_GROUP, ParameterApplyStatus: 'in-sync' },
            SnapshotRetentionLimit: 3,
            SnapshotWindow: '04:00-05:00',
            TransitEncryptionEnabled: true,
            AtRestEncryptionEnabled: true,
            AutoMinorVersionUpgrade: true,
          })),
        };
      }),
      operation<DescribeCacheParametersMessage, CacheParameterGroupDetails>(DescribeCacheParameters$, (input, call) => {
        const group = input.CacheParameterGroupName;
        if (group !== PARAMETER_GROUP || regionWithCache(world, call) === undefined) {
          throw new ServiceFault('CacheParameterGroupNotFound', `CacheParameterGroup ${group ?? ''} not found.`, 404);
        }
        return {
          Parameters: [
            {
              ParameterName: 'maxmemory-policy',
              ParameterValue: evictionPolicy(world),
              Description: 'Max memory policy.',
              Source: 'user',
              DataType: 'string',
              AllowedValues:
                'volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction',
              IsModifiable: true,
              MinimumEngineVersion: '7.0.0',
              ChangeType: 'immediate',
            },
          ],
          CacheNodeTypeSpecificParameters: [],
        };
      }),
    ],
  };
}

function regionWithCache(world: World, call: CallContext): RegionInventory | undefined {
  const region = world.region(call.region);
  return region === undefined || isMissing(world.inventory, region, 'cache', world.now()) ? undefined : region;
}
