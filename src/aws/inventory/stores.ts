/** Where data is kept: Aurora clusters and their copies, caches, buckets, tables. */
import { CloudError } from '../../cloud/errors.ts';
import type { FoundBucket, FoundCache, FoundDatabase, FoundGlobalDatabase, FoundTable } from '../../cloud/inventory.ts';
import { limited } from '../limited.ts';
import { allPages, type FactTools } from '../facts/tools.ts';
import { ingressRules } from '../facts/network.ts';
import { tagsFrom } from './tags.ts';

const atOnce = 6;

/** Neptune and DocumentDB answer here too, under engines of their own. */
const isAurora = (engine: string | undefined): boolean => engine?.startsWith('aurora') === true;

export async function databases({ wiring, clients }: FactTools, region: string): Promise<readonly FoundDatabase[]> {
  const rds = await clients.rds(region);
  const call = { service: 'rds', operation: 'DescribeDBClusters', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await rds.describeDBClusters({ Marker });
    return { items: answer.DBClusters ?? [], next: answer.Marker };
  });
  return found
    .filter(({ Engine, DBClusterIdentifier: id }) => isAurora(Engine) && id !== undefined)
    .map((each) => ({
      cluster: each.DBClusterIdentifier ?? '',
      arn: each.DBClusterArn ?? '',
      engine: each.Engine ?? 'unknown',
      ...(each.Endpoint === undefined ? {} : { endpoint: each.Endpoint }),
      securityGroups: (each.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
      ...(each.MasterUserSecret?.SecretArn === undefined ? {} : { secret: each.MasterUserSecret.SecretArn }),
      replicas: each.ReadReplicaIdentifiers ?? [],
      ...(each.ReplicationSourceIdentifier === undefined || each.ReplicationSourceIdentifier === ''
        ? {}
        : { replicates: each.ReplicationSourceIdentifier }),
      tags: tagsFrom((each.TagList ?? []).map(({ Key, Value }) => [Key, Value])),
    }));
}

export async function globalDatabases(
  { wiring, clients }: FactTools,
  region: string,
): Promise<readonly FoundGlobalDatabase[]> {
  const rds = await clients.rds(region);
  const call = { service: 'rds', operation: 'DescribeGlobalClusters', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await rds.describeGlobalClusters({ Marker });
    return { items: answer.GlobalClusters ?? [], next: answer.Marker };
  });
  return found.flatMap(({ GlobalClusterIdentifier: globalCluster, GlobalClusterMembers: members }) =>
    globalCluster === undefined
      ? []
      : [
          {
            globalCluster,
            members: (members ?? []).flatMap(({ DBClusterArn, IsWriter }) => {
              const [, , , home, , , cluster] = (DBClusterArn ?? '').split(':');
              return home === undefined || cluster === undefined
                ? []
                : [{ region: home, cluster, isWriter: IsWriter === true }];
            }),
          },
        ],
  );
}

export async function caches({ wiring, clients }: FactTools, region: string): Promise<readonly FoundCache[]> {
  const elastiCache = await clients.elastiCache(region);
  const service = 'elasticache';
  const [groups, nodes] = await Promise.all([
    allPages(wiring, { service, operation: 'DescribeReplicationGroups', region }, async (Marker) => {
      const answer = await elastiCache.describeReplicationGroups({ Marker });
      return { items: answer.ReplicationGroups ?? [], next: answer.Marker };
    }),
    allPages(wiring, { service, operation: 'DescribeCacheClusters', region }, async (Marker) => {
      const answer = await elastiCache.describeCacheClusters({ Marker });
      return { items: answer.CacheClusters ?? [], next: answer.Marker };
    }),
  ]);
  return groups.flatMap((group) => {
    const { ReplicationGroupId: replicationGroup, GlobalReplicationGroupInfo: global } = group;
    if (replicationGroup === undefined) return [];
    const own = nodes.filter(({ ReplicationGroupId: id }) => id === replicationGroup);
    const endpoint = group.ConfigurationEndpoint?.Address ?? group.NodeGroups?.[0]?.PrimaryEndpoint?.Address;
    return [
      {
        replicationGroup,
        ...(endpoint === undefined ? {} : { endpoint }),
        securityGroups: [
          ...new Set(
            own.flatMap(({ SecurityGroups }) => SecurityGroups ?? []).flatMap((each) => each.SecurityGroupId ?? []),
          ),
        ],
        logGroups: (group.LogDeliveryConfigurations ?? []).flatMap(
          ({ DestinationDetails }) => DestinationDetails?.CloudWatchLogsDetails?.LogGroup ?? [],
        ),
        ...(global?.GlobalReplicationGroupId === undefined ? {} : { globalDatastore: global.GlobalReplicationGroupId }),
      },
    ];
  });
}

export async function admittedBy(
  tools: FactTools,
  region: string,
  groups: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const admitted = new Map<string, readonly string[]>();
  for (const { group, fromGroups } of await ingressRules(tools, region, groups)) {
    admitted.set(group, [...(admitted.get(group) ?? []), ...fromGroups]);
  }
  return admitted;
}

/** With a parameter of any kind S3 tells each bucket's region (Amazon S3 API Reference, Bucket); others may not. */
export async function buckets({ wiring, clients }: FactTools, region: string): Promise<readonly FoundBucket[]> {
  const s3 = await clients.s3(region);
  const call = { service: 's3', operation: 'ListBuckets', region };
  const found = await allPages(wiring, call, async (ContinuationToken) => {
    const answer = await s3.listBuckets({ MaxBuckets: 1_000, ContinuationToken });
    return { items: answer.Buckets ?? [], next: answer.ContinuationToken };
  });
  const inTurn = limited(atOnce);
  return Promise.all(
    found.flatMap(({ Name: bucket, BucketRegion }) =>
      bucket === undefined
        ? []
        : [
            inTurn(async () => ({
              bucket,
              region: BucketRegion ?? (await s3.headBucket({ Bucket: bucket })).BucketRegion ?? region,
            })),
          ],
    ),
  );
}

export async function copiesOf({ clients }: FactTools, { bucket, region }: FoundBucket): Promise<readonly string[]> {
  const s3 = await clients.s3(region);
  try {
    const { ReplicationConfiguration } = await s3.getBucketReplication({ Bucket: bucket });
    const rules = ReplicationConfiguration?.Rules ?? [];
    return rules.flatMap(({ Status, Destination }) =>
      Status === 'Enabled' && Destination?.Bucket !== undefined ? [Destination.Bucket.split(':').at(-1) ?? ''] : [],
    );
  } catch (error) {
    // S3 refuses to tell of a configuration that nobody made.
    const isNone = error instanceof CloudError && error.details.awsCode === 'ReplicationConfigurationNotFoundError';
    if (isNone) return [];
    throw error;
  }
}

export async function tables({ wiring, clients }: FactTools, region: string): Promise<readonly FoundTable[]> {
  const dynamoDb = await clients.dynamoDb(region);
  const call = { service: 'dynamodb', operation: 'ListTables', region };
  const found = await allPages(wiring, call, async (ExclusiveStartTableName) => {
    const answer = await dynamoDb.listTables({ ExclusiveStartTableName });
    return { items: answer.TableNames ?? [], next: answer.LastEvaluatedTableName };
  });
  return found.map((table) => ({ table }));
}
