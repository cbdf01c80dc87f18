/** The Aurora cluster: its state and what its writer does. */
import type { DBCluster, DBClusterMember, DBInstance, Parameter } from '@aws-sdk/client-rds';
import type { DatabaseInstance, DatabaseLoad, DatabaseState, DatabaseStorage } from '../../cloud/facts.ts';
import { databaseLoadMetrics, databaseStorageMetrics } from '../../cloud/metrics.ts';
import type { Window } from '../../cloud/series.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import { defaultMaxConnections } from '../max-connections.ts';
import { allPages, readMetrics, type FactTools } from './tools.ts';

export function databaseLoad(tools: FactTools, database: DatabaseRef, window: Window): Promise<DatabaseLoad> {
  return readMetrics(tools, database.region, databaseLoadMetrics(database), window);
}

export function databaseStorage(tools: FactTools, database: DatabaseRef, window: Window): Promise<DatabaseStorage> {
  return readMetrics(tools, database.region, databaseStorageMetrics(database), window);
}

export async function describeCluster(
  { wiring, clients }: FactTools,
  { region, cluster }: DatabaseRef,
): Promise<DBCluster> {
  const rds = await clients.rds(region);
  const { DBClusters } = await rds.describeDBClusters({ DBClusterIdentifier: cluster });
  const found = DBClusters?.[0];
  if (found !== undefined) return found;
  const call = { service: 'rds', operation: 'DescribeDBClusters', region, resource: cluster };
  throw wiring.failure('not-found', call, '');
}

export async function describeInstances(
  { wiring, clients }: FactTools,
  { region, cluster }: DatabaseRef,
): Promise<readonly DBInstance[]> {
  const rds = await clients.rds(region);
  const Filters = [{ Name: 'db-cluster-id', Values: [cluster] }];
  return allPages(wiring, { service: 'rds', operation: 'DescribeDBInstances', region }, async (Marker) => {
    const answer = await rds.describeDBInstances({ Filters, Marker });
    return { items: answer.DBInstances ?? [], next: answer.Marker };
  });
}

function membership(cluster: DBCluster, { DBInstanceIdentifier: id }: DBInstance): DBClusterMember | undefined {
  return cluster.DBClusterMembers?.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === id);
}

function instanceFrom(instance: DBInstance, member: DBClusterMember | undefined): DatabaseInstance {
  return {
    id: instance.DBInstanceIdentifier ?? 'unknown',
    role: member?.IsClusterWriter === true ? 'writer' : 'reader',
    status: instance.DBInstanceStatus ?? 'unknown',
    instanceClass: instance.DBInstanceClass ?? 'unknown',
    zone: instance.AvailabilityZone,
    performanceInsights: instance.PerformanceInsightsEnabled ?? false,
    parameterStatus: parameterStatus(instance, member),
    promotionTier: instance.PromotionTier ?? member?.PromotionTier,
  };
}

/** Of the instance's own group and the cluster's: what is not in sync, before what is. */
function parameterStatus(instance: DBInstance, member: DBClusterMember | undefined): string | undefined {
  const own = instance.DBParameterGroups?.map(({ ParameterApplyStatus }) => ParameterApplyStatus) ?? [];
  const known = [...own, member?.DBClusterParameterGroupStatus].filter((status) => status !== undefined);
  return known.find((status) => status !== 'in-sync') ?? known[0];
}

export async function databaseState(tools: FactTools, database: DatabaseRef): Promise<DatabaseState> {
  const [cluster, instances] = await Promise.all([
    describeCluster(tools, database),
    describeInstances(tools, database),
  ]);
  return {
    status: cluster.Status ?? 'unknown',
    engine: cluster.Engine ?? 'unknown',
    engineVersion: cluster.EngineVersion ?? 'unknown',
    multiAz: cluster.MultiAZ ?? false,
    instances: instances.map((instance) => instanceFrom(instance, membership(cluster, instance))),
    logExports: cluster.EnabledCloudwatchLogsExports ?? [],
    port: cluster.Port,
    securityGroups: (cluster.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    subnetGroup: cluster.DBSubnetGroup,
    parameterGroup: cluster.DBClusterParameterGroup,
    restorableTo: cluster.LatestRestorableTime?.getTime(),
    arn: cluster.DBClusterArn,
    endpoint: cluster.Endpoint,
    // A secondary of a global database names the primary there as well.
    replicatesFrom: cluster.GlobalClusterIdentifier === undefined ? cluster.ReplicationSourceIdentifier : undefined,
    backupRetentionDays: cluster.BackupRetentionPeriod,
    source: { operation: 'rds:DescribeDBClusters', region: database.region, detail: database.cluster },
  };
}

/** What somebody set in a cluster's own parameter group. */
function clusterParametersOf({ wiring, clients }: FactTools, region: string, group: string) {
  return allPages(wiring, { service: 'rds', operation: 'DescribeDBClusterParameters', region }, async (Marker) => {
    const rds = await clients.rds(region);
    const answer = await rds.describeDBClusterParameters({
      DBClusterParameterGroupName: group,
      Source: 'user',
      Marker,
    });
    return { items: answer.Parameters ?? [], next: answer.Marker };
  });
}

/** AWS's own groups cannot be changed, and are not asked for. */
export async function clusterParameters(
  tools: FactTools,
  database: DatabaseRef,
): Promise<Readonly<Record<string, string>>> {
  const group = customGroup((await describeCluster(tools, database)).DBClusterParameterGroup);
  if (group === undefined) return {};
  const parameters = await clusterParametersOf(tools, database.region, group);
  return Object.fromEntries(
    parameters.flatMap(({ ParameterName: name, ParameterValue: value }) =>
      name === undefined || value === undefined ? [] : [[name, value] as const],
    ),
  );
}

/**
 * What the writer's parameter groups set, the instance's before the cluster's, or else what its class has by default.
 * A formula that somebody set is not computed: the answer is then that it cannot be told.
 */
export async function connectionLimit(tools: FactTools, database: DatabaseRef): Promise<number | undefined> {
  const { wiring, clients } = tools;
  const { region } = database;
  const [cluster, instances] = await Promise.all([
    describeCluster(tools, database),
    describeInstances(tools, database),
  ]);
  const writerId = cluster.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
  const writer = instances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === writerId);
  if (writer === undefined) return undefined;
  const rds = await clients.rds(region);
  const ofInstance = customGroup(writer.DBParameterGroups?.[0]?.DBParameterGroupName);
  const ofCluster = customGroup(cluster.DBClusterParameterGroup);
  const [setOnInstance, setOnCluster] = await Promise.all([
    ofInstance === undefined
      ? []
      : allPages(wiring, { service: 'rds', operation: 'DescribeDBParameters', region }, async (Marker) => {
          const answer = await rds.describeDBParameters({ DBParameterGroupName: ofInstance, Source: 'user', Marker });
          return { items: answer.Parameters ?? [], next: answer.Marker };
        }),
    ofCluster === undefined ? [] : clusterParametersOf(tools, region, ofCluster),
  ]);
  const set = setBy(setOnInstance) ?? setBy(setOnCluster);
  if (set !== undefined) return /^\d+$/.test(set) ? Number(set) : undefined;
  const isMySql = /mysql/.test(cluster.Engine ?? '');
  return isMySql ? defaultMaxConnections(writer.DBInstanceClass ?? '') : undefined;
}

/** AWS's own groups, `default.aurora-mysql8.0`, cannot be changed: nobody has set anything in them. */
export function customGroup(name: string | undefined): string | undefined {
  return name === undefined || name.startsWith('default.') ? undefined : name;
}

function setBy(parameters: readonly Parameter[]): string | undefined {
  return parameters.find(({ ParameterName }) => ParameterName === 'max_connections')?.ParameterValue;
}
