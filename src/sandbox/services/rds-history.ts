/** What RDS remembers of the clusters: nightly snapshots, their copies in the recovery region, and events. */
import {
  SourceType,
  type DBClusterSnapshot,
  type DescribeDBClusterSnapshotsMessage,
  type DescribeEventsMessage,
  type Event,
} from '@aws-sdk/client-rds';
import { noise } from '../random.ts';
import { databaseEvents, type DatabaseEvent } from '../world/database-events.ts';
import { databasesOf } from '../world/database-state.ts';
import { ServiceFault } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import type { RegionHere } from './database-here.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RETENTION_DAYS = 35;
const COPIES_KEPT = 7;
/** DescribeEvents looks back an hour unless told otherwise, and 14 days at most. */
const EVENTS_KEPT_MS = 14 * DAY_MS;

/** When the backup of a day (counted from the epoch) was made: within the window from 02:00 to 03:00 UTC. */
function backupAt(here: RegionHere, day: number): number {
  return day * DAY_MS + 2 * HOUR_MS + noise(here.world.inventory.seed, 'backup', day) * 0.7 * HOUR_MS;
}

/** Automated snapshots of a primary cluster; in the recovery region, the copies of the last nights. */
export function clusterSnapshots(here: RegionHere, input: DescribeDBClusterSnapshotsMessage): DBClusterSnapshot[] {
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

const SOURCE_TYPES: readonly string[] = Object.values(SourceType);

/** What happened to the region's clusters, their instances and their parameter group: the oldest first. */
export function databaseHistory(here: RegionHere, input: DescribeEventsMessage): Event[] {
  const { region, now } = here;
  const identifier = input.SourceIdentifier?.split(':').at(-1);
  if (identifier !== undefined && input.SourceType === undefined) {
    throw new ServiceFault(
      'InvalidParameterCombination',
      'SourceType must be provided when SourceIdentifier is provided.',
    );
  }
  if (input.SourceType !== undefined && !SOURCE_TYPES.includes(input.SourceType)) {
    throw new ServiceFault('InvalidParameterValue', `Invalid source type: ${input.SourceType}`);
  }
  const durationMs = (input.Duration ?? 60) * 60_000;
  const end = Math.min(now, input.EndTime?.getTime() ?? now);
  const start = Math.max(now - EVENTS_KEPT_MS, input.StartTime?.getTime() ?? end - durationMs);
  const categories = input.EventCategories ?? [];
  const all = [
    ...databasesOf(region).flatMap((database) => databaseEvents(database)),
    ...(region.database.primary ? backupEvents(here, start, end) : []),
  ];
  return all
    .filter(
      (event) =>
        event.at >= start &&
        event.at <= end &&
        (input.SourceType === undefined || event.type === input.SourceType) &&
        (identifier === undefined || event.source === identifier) &&
        (categories.length === 0 || categories.includes(event.category)),
    )
    .toSorted((one, other) => one.at - other.at)
    .map((event) => ({
      SourceIdentifier: event.source,
      SourceType: event.type,
      Message: event.message,
      EventCategories: [event.category],
      Date: new Date(event.at),
      SourceArn: arnOf(here, event),
    }));
}

const ARN_PARTS = { 'db-cluster': 'cluster', 'db-instance': 'db', 'db-parameter-group': 'cluster-pg' } as const;

function arnOf({ arns }: RegionHere, { type, source }: DatabaseEvent): string {
  return arns.databaseCluster().replace(/:cluster:.*$/, `:${ARN_PARTS[type]}:${source}`);
}

/** The nightly backups begin and end. */
function backupEvents(here: RegionHere, start: number, end: number): readonly DatabaseEvent[] {
  const events: DatabaseEvent[] = [];
  for (let day = Math.floor(start / DAY_MS) - 1; day <= Math.floor(end / DAY_MS); day += 1) {
    const begun = backupAt(here, day) - 90_000;
    for (const [at, message] of [
      [begun, 'Creating automated cluster snapshot'],
      [begun + 90_000, 'Automated cluster snapshot created'],
    ] as const) {
      events.push({ at, type: 'db-cluster', source: here.region.database.cluster, category: 'backup', message });
    }
  }
  return events;
}
