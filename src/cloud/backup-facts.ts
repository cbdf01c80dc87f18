/**
 * Facts about backups, and about what keeps data from being lost. As with all facts, a method rejects with a `CloudError`
 * where it could not find out, and a member that AWS did not tell is absent.
 */
import type { Source } from './series.ts';
import type { BucketRef, DatabaseRef, TableRef } from './stack.ts';

/** How a cluster is backed up, and to which moments it can be restored. Times are epoch milliseconds. */
export interface DatabaseBackup {
  /** Zero where automated backups are off, which Aurora does not allow. */
  readonly retentionDays?: number;
  /** When the daily snapshot is made, UTC: `02:00-03:00`. */
  readonly window?: string;
  readonly restorableFrom?: number;
  readonly restorableTo?: number;
  readonly createdAt?: number;
  readonly source: Source;
}

/** Where an object goes after some time: days of its age, or a day for all objects at once. */
export interface Archiving {
  /** `GLACIER`, `GLACIER_IR`, `DEEP_ARCHIVE`, `STANDARD_IA`, or a word that AWS adds later. */
  readonly storageClass: string;
  readonly afterDays?: number;
  /** Epoch milliseconds. */
  readonly on?: number;
}

export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  /** True where only objects with some tag, or of some size, are meant. */
  readonly isSelective: boolean;
  readonly archiving: readonly Archiving[];
  /** When current versions are deleted: days of their age, or a day for all at once, epoch milliseconds. */
  readonly deletesAfterDays?: number;
  readonly deletesOn?: number;
  /** When versions that were replaced or deleted are gone for good. */
  readonly forgetsAfterDays?: number;
}

export interface BucketLifecycle {
  /** Empty where nobody has made any. */
  readonly rules: readonly LifecycleRule[];
  readonly source: Source;
}

/** Point-in-time recovery of a table. Times are epoch milliseconds. */
export interface TableBackup {
  readonly pointInTime: boolean;
  /** How far back. */
  readonly days?: number;
  readonly restorableTo?: number;
  readonly source: Source;
}

export interface BackupFacts {
  databaseBackup(database: DatabaseRef): Promise<DatabaseBackup>;
  bucketLifecycle(bucket: BucketRef): Promise<BucketLifecycle>;
  tableBackup(table: TableRef): Promise<TableBackup>;
}
