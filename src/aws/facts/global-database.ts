/** Aurora global databases: which clusters belong to one, which of them writes, and what is under way. */
import type { FailoverState, GlobalClusterMember } from '@aws-sdk/client-rds';
import type { GlobalDatabase, GlobalMember } from '../../cloud/recovery-facts.ts';
import type { GlobalDatabaseRef } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

const operation = 'DescribeGlobalClusters';

/** `arn:aws:rds:us-west-2:123456789012:cluster:nano-db` */
function memberFrom({ DBClusterArn: arn, IsWriter, SynchronizationStatus }: GlobalClusterMember): GlobalMember {
  const [, , , region = 'unknown', , , ...rest] = (arn ?? '').split(':');
  return {
    arn: arn ?? 'unknown',
    region,
    cluster: rest.length === 0 ? 'unknown' : rest.join(':'),
    isWriter: IsWriter ?? false,
    synchronization: SynchronizationStatus,
  };
}

/** "Empty unless" one was asked for (RDS API Reference, GlobalCluster): an empty element is no failover. */
function movingFrom(given: FailoverState | undefined): GlobalDatabase['moving'] {
  const { Status, FromDbClusterArn: from, ToDbClusterArn: to, IsDataLossAllowed } = given ?? {};
  if (Status === undefined && from === undefined && to === undefined) return undefined;
  return { status: Status ?? 'unknown', from, to, allowsDataLoss: IsDataLossAllowed };
}

export async function globalDatabase(
  { wiring, clients }: FactTools,
  { region, globalCluster }: GlobalDatabaseRef,
): Promise<GlobalDatabase> {
  const rds = await clients.rds(region);
  const { GlobalClusters } = await rds.describeGlobalClusters({ GlobalClusterIdentifier: globalCluster });
  // Names are kept in lower case; some emulators give all there are.
  const wanted = globalCluster.toLowerCase();
  const found = GlobalClusters?.find(({ GlobalClusterIdentifier: id }) => id?.toLowerCase() === wanted);
  if (found === undefined) {
    throw wiring.failure('not-found', { service: 'rds', operation, region, resource: globalCluster }, '');
  }
  return {
    globalCluster: found.GlobalClusterIdentifier ?? globalCluster,
    status: found.Status ?? 'unknown',
    engineVersion: found.EngineVersion,
    members: (found.GlobalClusterMembers ?? []).map(memberFrom),
    moving: movingFrom(found.FailoverState),
    endpoint: found.Endpoint,
    source: { operation: `rds:${operation}`, region, detail: globalCluster },
  };
}
