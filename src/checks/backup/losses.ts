/**
 * What would be lost, by what guards each store: within its region, where something is deleted or broken, and with its
 * region. A nightly copy alone loses up to a day, however whole it is; restoring to a point in time and replication lose
 * minutes and seconds. Pure.
 * Source: Aurora User Guide, "Restoring a DB cluster to a specified time" (the newest restorable moment is within the last
 * five minutes) and "Recovery in an Aurora global database"; Amazon S3 User Guide, "Monitoring replication with metrics";
 * Amazon DynamoDB Developer Guide, "Point-in-time backups for DynamoDB".
 */
import type { DatabaseBackup, TableBackup } from '../../cloud/backup-facts.ts';
import type { BucketReplication, ReplicationBacklog, ReplicationLag } from '../../cloud/recovery-facts.ts';
import type { Known } from '../../diagnosis/known.ts';
import type { CheckTold } from '../check.ts';
import { span } from '../judged.ts';
import { dayMs, minuteMs } from '../kit.ts';
import { lagOfCopy } from '../metrics/database.ts';
import { halfOf } from './sides.ts';

/** What would be lost of a store; `lossMs` is undefined where that cannot be told, and infinite where nothing is left. */
export interface Loss {
  readonly store: 'database' | 'uploads' | 'sessions';
  readonly lossMs: number | undefined;
  /** Within a sentence: `the replica is 0.3 s behind`. */
  readonly because: string;
}

/** How far behind a nightly copy is just before the next one. */
export const nightlyMs = dayMs;

/** A point of S3's replication metrics, or of a lag, that is older says nothing of now. */
const freshMs = 15 * minuteMs;

/** Of the cluster, within its region. */
export function restorableLoss({ restorableTo }: DatabaseBackup, nowMs: number): Loss {
  if (restorableTo === undefined) {
    return { store: 'database', lossMs: nightlyMs, because: 'the cluster cannot be restored to a point in time' };
  }
  const lossMs = Math.max(0, nowMs - restorableTo);
  return { store: 'database', lossMs, because: `the cluster can be restored to ${span(lossMs)} ago` };
}

export interface LagSeen {
  readonly there: Known<ReplicationLag>;
  readonly here: Known<ReplicationLag>;
}

/** Of the cluster, with its region: by its copy that follows, where there is one. */
export function replicaLoss(seen: LagSeen, told: CheckTold): Loss {
  const store = 'database';
  if (halfOf(told, 'recovery')?.database === undefined) {
    return { store, lossMs: nightlyMs, because: 'only nightly copies are there, and no replica that follows' };
  }
  const newest = lagOfCopy(seen)?.points.at(-1);
  if (newest !== undefined && told.nowMs - newest.at <= freshMs) {
    return { store, lossMs: newest.value, because: `its replica is ${span(newest.value)} behind` };
  }
  const unknown = [seen.there, seen.here].find((each) => !each.known && each.because === 'unknown');
  const reason = unknown === undefined || unknown.known ? 'no lag was reported within 15 min' : unknown.reason;
  return { store, lossMs: undefined, because: `how far its replica is behind is not known: ${reason}` };
}

/** Of what is uploaded, within its region: what is replaced or deleted is kept as an older version, or gone. */
export function versionLoss({ versioning }: BucketReplication): Loss {
  return versioning === 'Enabled'
    ? { store: 'uploads', lossMs: 0, because: 'older versions are kept' }
    : { store: 'uploads', lossMs: Infinity, because: 'what is replaced or deleted is gone: versioning is off' };
}

/** Of what is uploaded, with its region: what has not been copied yet. */
export function uploadLoss(backlog: Known<ReplicationBacklog>, nowMs: number): Loss {
  const store = 'uploads';
  if (!backlog.known) {
    return { store, lossMs: undefined, because: `how far the replica is behind is not known: ${backlog.reason}` };
  }
  const [pending, latency] = [backlog.value.pendingOperations, backlog.value.latency].map(({ points }) =>
    points.findLast(({ at }) => nowMs - at <= freshMs),
  );
  if (pending?.value === 0) return { store, lossMs: 0, because: 'nothing waits to be copied' };
  if (latency === undefined) {
    return { store, lossMs: undefined, because: 'how far the replica is behind was not reported within 15 min' };
  }
  const lossMs = latency.value * 1000;
  return { store, lossMs, because: `the replica is ${span(lossMs)} behind` };
}

/** Of sessions, within a region. */
export function tableLoss({ pointInTime, restorableTo }: TableBackup, nowMs: number): Loss {
  const store = 'sessions';
  if (!pointInTime) return { store, lossMs: Infinity, because: 'the table cannot be restored: it is not backed up' };
  if (restorableTo === undefined) {
    return { store, lossMs: undefined, because: 'to which moment the table can be restored is not told' };
  }
  const lossMs = Math.max(0, nowMs - restorableTo);
  return { store, lossMs, because: `the table can be restored to ${span(lossMs)} ago` };
}

/** `4 min`, `up to 24 h` */
export function lossText(lossMs: number): string {
  return lossMs === nightlyMs ? 'up to 24 h' : span(lossMs);
}
