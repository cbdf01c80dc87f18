/**
 * How the databases, the buckets and the table are backed up: as they should be, less what faults take away. Told by the
 * faults alone.
 */
import { lasts, type Fault, type FaultEffect } from './faults.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';

type RegionSide = Pick<RegionInventory, 'role'>;
type Effect<Name extends FaultEffect['effect']> = Fault & Extract<FaultEffect, { effect: Name }>;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const USUAL = { retentionDays: 35, window: '02:00-03:00' } as const;
const USUAL_BUCKET = { versioning: 'Enabled', archiveAfterDays: 90, metrics: true } as const;
const TABLE_DAYS = 35;

function isOf<Name extends FaultEffect['effect']>(fault: Fault, name: Name): fault is Effect<Name> {
  return fault.effect === name;
}

export interface DatabaseBackupSettings {
  readonly retentionDays: number;
  /** `02:00-03:00`, UTC. */
  readonly window: string;
}

export function databaseBackups({ faults }: WorldInventory, { role }: RegionSide, at: number): DatabaseBackupSettings {
  const fault = faults.find((each) => isOf(each, 'backup-settings') && each.region === role && lasts(each, at));
  if (fault === undefined || !isOf(fault, 'backup-settings')) return USUAL;
  return { retentionDays: fault.retentionDays ?? USUAL.retentionDays, window: fault.window ?? USUAL.window };
}

/** When the window of these settings begins, from midnight, and how long it is. */
export function windowOf({ window }: DatabaseBackupSettings): { readonly startMs: number; readonly lengthMs: number } {
  const [from = 0, to = 0] = window.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * HOUR_MS + minutes * MINUTE_MS;
  });
  return { startMs: from, lengthMs: (to - from + 24 * HOUR_MS) % (24 * HOUR_MS) };
}

/** Whether RDS backs the region's cluster up at that time. */
export function isBackedUp({ faults }: WorldInventory, { role }: RegionSide, at: number): boolean {
  return !faults.some((fault) => isOf(fault, 'backups-stopped') && fault.region === role && lasts(fault, at));
}

/** Up to when the region's cluster is backed up: where that stopped, the newest restorable moment stands still. */
export function backedUpUntil({ faults }: WorldInventory, { role }: RegionSide, at: number): number {
  const stopped = faults.filter((fault) => isOf(fault, 'backups-stopped') && fault.region === role && lasts(fault, at));
  return Math.min(at, ...stopped.map(({ from }) => from));
}

/** What becomes of the nightly copy into the recovery region that is made at that time. */
export function copyState({ faults }: WorldInventory, at: number): 'whole' | 'empty' | 'none' {
  const fault = faults.find((each) => isOf(each, 'copies-stopped') && lasts(each, at));
  if (fault === undefined || !isOf(fault, 'copies-stopped')) return 'whole';
  return fault.leaves;
}

export interface BucketSettings {
  readonly versioning: 'Enabled' | 'Suspended' | 'never';
  /** When objects go to Glacier; undefined where they do not. */
  readonly archiveAfterDays?: number;
  readonly deletesAfterDays?: number;
  /** Of the rule that copies from this bucket. */
  readonly metrics: boolean;
}

export function bucketSettings({ faults }: WorldInventory, { role }: RegionSide, at: number): BucketSettings {
  const fault = faults.find((each) => isOf(each, 'bucket-settings') && each.region === role && lasts(each, at));
  if (fault === undefined || !isOf(fault, 'bucket-settings')) return USUAL_BUCKET;
  const { versioning = USUAL_BUCKET.versioning, metrics = USUAL_BUCKET.metrics, deletesAfterDays } = fault;
  const archiveAfterDays = fault.archiveAfterDays ?? USUAL_BUCKET.archiveAfterDays;
  return {
    versioning,
    metrics,
    ...(archiveAfterDays > 0 && { archiveAfterDays }),
    ...(deletesAfterDays !== undefined && { deletesAfterDays }),
  };
}

/** How far back the region's table can be restored, in days; 0 where it cannot be. */
export function tableBackupDays({ faults }: WorldInventory, { role }: RegionSide, at: number): number {
  const fault = faults.find((each) => isOf(each, 'table-backup') && each.region === role && lasts(each, at));
  return fault !== undefined && isOf(fault, 'table-backup') ? fault.days : TABLE_DAYS;
}
