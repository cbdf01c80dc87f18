/** What RDS remembers of the clusters: nightly snapshots, their copies in the recovery region, and events. */
import {
  SourceType,
  type DBClusterSnapshot,
  type DescribeDBClusterSnapshotsMessage,
  type DescribeEventsMessage,
  type Event,
} from '@aws-sdk/client-rds';
import { noise } from '../random.ts';
import { copyState, databaseBackups, isBackedUp, windowOf } from '../world/backup-state.ts';
import { databaseEvents, type DatabaseEvent } from '../world/database-events.ts';
import { databasesOf } from '../world/database-state.ts';
import { moveEvents } from '../world/global-events.ts';
import type { RegionInventory, WorldInventory } from '../world/inventory.ts';
import { isMissing } from '../world/region-needs.ts';
import { regionOutageAt } from '../world/region-outage.ts';
import { ServiceFault } from '../wire/service.ts';
import { arnsOf, type Arns } from './arns.ts';
import type { RegionHere } from './database-here.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const COPIES_KEPT = 7;
const COPIED_AFTER_MS = 1.5 * HOUR_MS;
/** DescribeEvents looks back an hour unless told otherwise, and 14 days at most. */
const EVENTS_KEPT_MS = 14 * DAY_MS;

/** When the backup of a day (counted from the epoch) was made: within its window. */
function backupAt(world: WorldInventory, region: RegionInventory, day: number): number {
  const { seed } = world;
  const luck = region.role === 'primary' ? noise(seed, 'backup', day) : noise(seed, 'backup', region.role, day);
  const { startMs, lengthMs } = windowOf(databaseBackups(world, region, day * DAY_MS));
  return day * DAY_MS + startMs + luck * 0.7 * lengthMs;
}

/** No backup is made in a region that is down. */
function isUp(world: WorldInventory, { role }: RegionInventory, at: number): boolean {
  return regionOutageAt(world, role, at)?.kind !== 'down';
}

function isMade(world: WorldInventory, region: RegionInventory, at: number): boolean {
  return isUp(world, region, at) && isBackedUp(world, region, at);
}

/**
 * The region's snapshots, oldest first: the automated ones of its own cluster, which a secondary cluster has as well; in
 * the recovery region beside them the copies of the primary region's, of which the last nights are kept.
 */
export function clusterSnapshots(here: RegionHere, input: DescribeDBClusterSnapshotsMessage): DBClusterSnapshot[] {
  const { region, now, world } = here;
  const { inventory } = world;
  if (isMissing(inventory, region, 'snapshots', now)) return [];
  const all = [
    ...automatedSnapshots(here, region, databaseBackups(inventory, region, now).retentionDays),
    ...(region.role === 'recovery' ? snapshotCopies(here, inventory.primary) : []),
  ].toSorted((one, other) => one.at - other.at);
  const cluster = input.DBClusterIdentifier?.split(':').at(-1);
  const id = input.DBClusterSnapshotIdentifier?.replace(/^arn:.*:cluster-snapshot:/, '');
  return all
    .map(({ snapshot }) => snapshot)
    .filter(
      (each) =>
        (cluster === undefined || each.DBClusterIdentifier === cluster) &&
        (input.SnapshotType === undefined || each.SnapshotType === input.SnapshotType) &&
        (id === undefined || each.DBClusterSnapshotIdentifier === id),
    );
}

interface MadeSnapshot {
  readonly at: number;
  readonly snapshot: DBClusterSnapshot;
}

/** What RDS itself made of `source`'s cluster in the nights that are kept. */
function automatedSnapshots({ world, now }: RegionHere, source: RegionInventory, nights: number): MadeSnapshot[] {
  const { database, vpcId } = source;
  const today = Math.floor(now / DAY_MS);
  const made: MadeSnapshot[] = [];
  for (let day = today - nights + 1; day <= today; day += 1) {
    const at = backupAt(world.inventory, source, day);
    if (at > now || at < database.createdAt || !isMade(world.inventory, source, at)) continue;
    const stamp = new Date(at).toISOString().slice(0, 16).replace('T', '-').replace(':', '-');
    const id = `rds:${database.cluster}-${stamp}`;
    made.push({
      at,
      snapshot: {
        DBClusterSnapshotIdentifier: id,
        DBClusterIdentifier: database.cluster,
        SnapshotCreateTime: new Date(at),
        Engine: 'aurora-mysql',
        EngineVersion: database.engineVersion,
        EngineMode: 'provisioned',
        AllocatedStorage: 84,
        Status: 'available',
        Port: 0,
        VpcId: vpcId,
        ClusterCreateTime: new Date(database.createdAt),
        MasterUsername: 'admin',
        SnapshotType: 'automated',
        PercentProgress: 100,
        StorageEncrypted: true,
        DBClusterSnapshotArn: snapshotArn(arnsOf(world, source), id),
        TagList: [],
      },
    });
  }
  return made;
}

/** A copy is a manual snapshot, made so long after its source, and says of which cluster the data is. */
function snapshotCopies(here: RegionHere, source: RegionInventory): MadeSnapshot[] {
  return automatedSnapshots(here, source, COPIES_KEPT).flatMap(({ at, snapshot }) => {
    const copiedAt = at + COPIED_AFTER_MS;
    const id = (snapshot.DBClusterSnapshotIdentifier ?? '').replace(/^rds:/, 'copy-');
    const { inventory } = here.world;
    const state = copyState(inventory, copiedAt);
    const isCopied = state !== 'none' && isUp(inventory, source, copiedAt) && isUp(inventory, here.region, copiedAt);
    if (copiedAt > here.now || !isCopied) return [];
    return [
      {
        at: copiedAt,
        snapshot: {
          ...snapshot,
          DBClusterSnapshotIdentifier: id,
          SnapshotCreateTime: new Date(copiedAt),
          SnapshotType: 'manual',
          ...(state === 'empty' && { AllocatedStorage: 0, PercentProgress: 0 }),
          DBClusterSnapshotArn: snapshotArn(here.arns, id),
          SourceDBClusterSnapshotArn: snapshot.DBClusterSnapshotArn,
        },
      },
    ];
  });
}

function snapshotArn(arns: Arns, id: string): string {
  return arns.databaseCluster().replace(/:cluster:.*$/, `:cluster-snapshot:${id}`);
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
    ...moveEvents(here.world.inventory, region.role),
    ...backupEvents(here, start, end),
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
    const made = backupAt(here.world.inventory, here.region, day);
    if (!isMade(here.world.inventory, here.region, made)) continue;
    const begun = made - 90_000;
    for (const [at, message] of [
      [begun, 'Creating automated cluster snapshot'],
      [made, 'Automated cluster snapshot created'],
    ] as const) {
      events.push({ at, type: 'db-cluster', source: here.region.database.cluster, category: 'backup', message });
    }
  }
  return events;
}
