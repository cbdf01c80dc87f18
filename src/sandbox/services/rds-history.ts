/** What RDS remembers of the clusters: nightly snapshots, their copies in the recovery region, and events. */
import type {
  DBClusterSnapshot,
  DescribeDBClusterSnapshotsMessage,
  DescribeEventsMessage,
  Event,
} from '@aws-sdk/client-rds';
import { noise } from '../random.ts';
import { arnsOf } from './arns.ts';
import type { DatabaseHere } from './database-here.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RETENTION_DAYS = 35;
const COPIES_KEPT = 7;
/** DescribeEvents looks back an hour unless told otherwise, and 14 days at most. */
const EVENTS_KEPT_MS = 14 * DAY_MS;

/** When the backup of a day (counted from the epoch) was made: within the window from 02:00 to 03:00 UTC. */
function backupAt(here: DatabaseHere, day: number): number {
  return day * DAY_MS + 2 * HOUR_MS + noise(here.world.inventory.seed, 'backup', day) * 0.7 * HOUR_MS;
}

/** Automated snapshots of a primary cluster; in the recovery region, the copies of the last nights. */
export function clusterSnapshots(here: DatabaseHere, input: DescribeDBClusterSnapshotsMessage): DBClusterSnapshot[] {
  const { region, now, world } = here;
  const source = world.inventory.primary;
  const copies = !region.database.primary;
  const type = copies ? 'manual' : 'automated';
  const wanted = input.DBClusterIdentifier?.split(':').at(-1);
  if (wanted !== undefined && wanted !== source.database.cluster && wanted !== region.database.cluster) return [];
  if (input.SnapshotType !== undefined && input.SnapshotType !== type) return [];
  const today = Math.floor(now / DAY_MS);
  const snapshots: DBClusterSnapshot[] = [];
  for (let day = today - (copies ? COPIES_KEPT : RETENTION_DAYS) + 1; day <= today; day += 1) {
    const madeAt = backupAt(here, day) + (copies ? 1.5 * HOUR_MS : 0);
    if (madeAt > now) continue;
    const stamp = new Date(backupAt(here, day)).toISOString().slice(0, 16).replace('T', '-').replace(':', '-');
    const id = `${copies ? 'copy-' : 'rds:'}${source.database.cluster}-${stamp}`;
    snapshots.push({
      DBClusterSnapshotIdentifier: id,
      DBClusterIdentifier: source.database.cluster,
      SnapshotCreateTime: new Date(madeAt),
      Engine: 'aurora-mysql',
      EngineVersion: source.database.engineVersion,
      EngineMode: 'provisioned',
      AllocatedStorage: 84,
      Status: 'available',
      Port: 0,
      VpcId: source.vpcId,
      ClusterCreateTime: new Date(source.database.createdAt),
      MasterUsername: 'admin',
      SnapshotType: type,
      PercentProgress: 100,
      StorageEncrypted: true,
      DBClusterSnapshotArn: here.arns.databaseCluster().replace(/:cluster:.*$/, `:cluster-snapshot:${id}`),
      ...(copies && {
        SourceDBClusterSnapshotArn: arnsOf(world, source)
          .databaseCluster()
          .replace(/:cluster:.*$/, `:cluster-snapshot:rds:${source.database.cluster}-${stamp}`),
      }),
      TagList: [],
    });
  }
  return snapshots.filter(
    (each) =>
      input.DBClusterSnapshotIdentifier === undefined ||
      each.DBClusterSnapshotIdentifier === input.DBClusterSnapshotIdentifier,
  );
}

/** Events of the cluster: its backups begin and end. Nothing else happens to it. */
export function clusterEvents(here: DatabaseHere, input: DescribeEventsMessage): Event[] {
  const { region, now, arns } = here;
  const durationMs = (input.Duration ?? 60) * 60_000;
  const end = Math.min(now, input.EndTime?.getTime() ?? now);
  const start = Math.max(now - EVENTS_KEPT_MS, input.StartTime?.getTime() ?? end - durationMs);
  const identifier = input.SourceIdentifier?.split(':').at(-1);
  if (!region.database.primary || (identifier !== undefined && identifier !== region.database.cluster)) return [];
  if (input.SourceType !== undefined && input.SourceType !== 'db-cluster') return [];
  if (
    input.EventCategories !== undefined &&
    input.EventCategories.length > 0 &&
    !input.EventCategories.includes('backup')
  )
    return [];
  const events: Event[] = [];
  for (let day = Math.floor(start / DAY_MS) - 1; day <= Math.floor(end / DAY_MS); day += 1) {
    const begun = backupAt(here, day) - 90_000;
    for (const [at, Message] of [
      [begun, 'Creating automated cluster snapshot'],
      [begun + 90_000, 'Automated cluster snapshot created'],
    ] as const) {
      if (at < start || at > end) continue;
      events.push({
        SourceIdentifier: region.database.cluster,
        SourceType: 'db-cluster',
        Message,
        EventCategories: ['backup'],
        Date: new Date(at),
        SourceArn: arns.databaseCluster(),
      });
    }
  }
  return events;
}
