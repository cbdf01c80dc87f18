/** Snapshots of clusters. */
import type { DBClusterSnapshot } from '@aws-sdk/client-rds';
import type { ClusterSnapshot } from '../../cloud/recovery-facts.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import { allPages, type FactTools } from './tools.ts';

/** RDS sets the time when the snapshot is complete. */
function snapshotFrom(given: DBClusterSnapshot): ClusterSnapshot {
  return {
    id: given.DBClusterSnapshotIdentifier ?? 'unknown',
    cluster: given.DBClusterIdentifier ?? 'unknown',
    at: given.SnapshotCreateTime?.getTime(),
    status: given.Status ?? 'unknown',
    type: given.SnapshotType ?? 'unknown',
    sizeGib: given.AllocatedStorage,
    percent: given.PercentProgress,
    encrypted: given.StorageEncrypted,
    ...copiedFrom(given.SourceDBClusterSnapshotArn),
  };
}

/** From `arn:aws:rds:<region>:<account>:cluster-snapshot:<id>`; an id may hold colons. */
function copiedFrom(arn: string | undefined): Pick<ClusterSnapshot, 'copiedFrom'> {
  const found = /^arn:[^:]+:rds:(?<region>[^:]+):[^:]*:cluster-snapshot:(?<id>.+)$/.exec(arn ?? '')?.groups;
  return found === undefined ? {} : { copiedFrom: { region: found['region'] ?? '', id: found['id'] ?? '' } };
}

/** Copies from another region bear the name of the cluster that they are of. */
export async function clusterSnapshots(
  { wiring, clients }: FactTools,
  { region, cluster }: DatabaseRef,
): Promise<readonly ClusterSnapshot[]> {
  const rds = await clients.rds(region);
  const call = { service: 'rds', operation: 'DescribeDBClusterSnapshots', region };
  const found = await allPages(wiring, call, async (Marker) => {
    const answer = await rds.describeDBClusterSnapshots({ DBClusterIdentifier: cluster, Marker });
    return { items: answer.DBClusterSnapshots ?? [], next: answer.Marker };
  });
  return found.map(snapshotFrom).toSorted((a, b) => (b.at ?? Infinity) - (a.at ?? Infinity));
}
