/** The checks of the buckets and of the sessions, and the answer about the recovery point, in every state and at the edges. */
import { describe, expect, test } from 'vitest';
import { recoveryPoint } from '../../../src/checks/backup/rpo.ts';
import { pointInTimeRecovery } from '../../../src/checks/backup/sessions.ts';
import { lifecycle as lifecycleCheck, replication, versioning } from '../../../src/checks/backup/storage.ts';
import { backupChecks } from '../../../src/checks/catalogue.ts';
import {
  backlog,
  backup,
  bucket,
  dayMs,
  denied,
  gone,
  judge,
  known,
  lag,
  lifecycle,
  minuteMs,
  noLag,
  nowMs,
  only,
  rule,
  say,
  skipped,
  table,
  toldOf,
  type Seen,
} from './seen.ts';

const west = (more: Parameters<typeof bucket>[1]): Seen => ({ 'bucket-primary': known(bucket('us-west-2', more)) });
const noBuckets: Seen = { 'bucket-primary': skipped(), 'bucket-recovery': skipped() };

/** A stack without some of its parts. */
function without(part: 'storage' | 'sessionsTable') {
  const { stack } = toldOf();
  if (part === 'sessionsTable') {
    const { sessionsTable: _none, ...rest } = stack;
    return { stack: rest };
  }
  const { storage: _none, ...primary } = stack.primary;
  return { stack: { ...stack, primary }, site: primary };
}

describe('versions', () => {
  test.each([
    ['on', {}, 'ok', 'versioning is on in us-west-2 and us-east-1'],
    ['suspended', west({ versioning: 'Suspended' }), 'breach', 'us-west-2: versioning is suspended'],
    ['never on', west({ versioning: undefined as never }), 'breach', 'versioning is off'],
    [
      'off in the other region',
      { 'bucket-recovery': known(bucket('us-east-1', { versioning: 'Suspended' })) },
      'breach',
      'us-east-1: versioning is suspended',
    ],
    ['not to be seen', { 'bucket-primary': denied }, 'unknown', 'the caller may not'],
    ['of a bucket that is gone', { 'bucket-recovery': gone }, 'breach', 'nano-zips-dr is not there in us-east-1'],
    ['of no bucket', noBuckets, 'not-configured', 'it is not configured'],
  ] as const)('%s', (name, seen: Seen, status, summary) => {
    const found = judge(versioning, seen, name === 'of no bucket' ? without('storage') : {});
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
  });
});

const rules = (...given: readonly Partial<ReturnType<typeof bucket>['rules'][number]>[]): Seen =>
  west({
    rules: given.map((each) => ({
      ...{ id: 'r', enabled: true, destination: 'nano-zips-dr', prefix: '', metrics: true },
      ...each,
    })),
  });

describe('the copy of the bucket', () => {
  test.each([
    [
      'all of it',
      {},
      'ok',
      'nano-zips is copied to nano-zips-dr; the replica is 9 s behind, and meets the RPO of 15 min',
    ],
    ['by no rule', rules(), 'breach', 'nothing copies nano-zips to nano-zips-dr'],
    ['by a rule that is off', rules({ enabled: false }), 'breach', 'is off'],
    ['elsewhere', rules({ destination: 'other' }), 'breach', 'is copied to other, and not to nano-zips-dr'],
    ['in part, by prefix', rules({ prefix: 'img/' }), 'breach', 'only img/* of nano-zips is copied'],
    [
      'in part, by tag',
      rules({ isSelective: true }),
      'breach',
      'only what bears some tag or size of nano-zips is copied',
    ],
    ['in part, and all of it besides', rules({ prefix: 'img/' }, {}), 'ok', 'is copied'],
    ['without metrics', rules({ metrics: false }), 'warning', 'metrics are off'],
    ['of an unversioned bucket', west({ versioning: 'Suspended' }), 'breach', 'is not versioned'],
    ['to a bucket that is gone', { 'bucket-recovery': gone }, 'breach', 'nano-zips-dr is not there in us-east-1'],
    ['to a bucket that cannot be seen', { 'bucket-recovery': denied }, 'unknown', 'the caller may not'],
    ['not to be seen', { 'bucket-primary': denied }, 'unknown', 'the caller may not'],
    ['of a bucket that is gone', { 'bucket-primary': gone }, 'breach', 'nano-zips is not there in us-west-2'],
    ['just in time', { 'bucket-backlog': known(backlog(1, 900)) }, 'ok', '15 min behind'],
    ['too late', { 'bucket-backlog': known(backlog(1, 900.001)) }, 'breach', 'the RPO of 15 min is missed'],
    ['with nothing pending', { 'bucket-backlog': known(backlog(0, undefined)) }, 'ok', 'nothing waits to be copied'],
    ['with no word on how late', { 'bucket-backlog': known(backlog(5, undefined)) }, 'unknown', 'was not reported'],
    ['with old news', { 'bucket-backlog': known(backlog(0, 9, 15 * minuteMs + 1)) }, 'unknown', 'was not reported'],
    ['with metrics that cannot be seen', { 'bucket-backlog': denied }, 'unknown', 'the caller may not'],
  ] as const)('%s: %s', (_name, seen: Seen, status, summary) => {
    const found = judge(replication, seen);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
    expect(found.nextStep === undefined).toBe(status === 'ok');
  });

  test('of no bucket, or to none, it is not configured', () => {
    expect(judge(replication, noBuckets, without('storage')).status).toBe('not-configured');
    const { stack } = toldOf();
    const { storage: _none, ...recovery } = stack.recovery ?? { region: 'us-east-1' };
    const told = { stack: { ...stack, recovery }, standby: recovery };
    expect(judge(replication, { 'bucket-recovery': skipped() }, told).summary).toBe(
      'storage.replicaBucket is not configured',
    );
  });

  test('with one region looked at, nothing is said of how late it is', () => {
    const seen = { 'bucket-recovery': skipped(), 'bucket-backlog': skipped() };
    expect(judge(replication, seen, only('primary'))).toMatchObject({
      status: 'ok',
      summary: 'nano-zips is copied to nano-zips-dr; us-east-1 is not looked at',
    });
  });
});

const archived = (...given: readonly ReturnType<typeof rule>[]): Seen => ({
  'bucket-lifecycle-primary': known(lifecycle('us-west-2', ...given)),
});
const to = (storageClass: string, afterDays = 90) => rule({ archiving: [{ storageClass, afterDays }] });

describe('objects go to Glacier', () => {
  test.each([
    [
      'after just so long',
      archived(to('GLACIER_IR', 90)),
      'ok',
      'objects go to Glacier Instant Retrieval after 90 days',
    ],
    ['a day too early', archived(to('GLACIER_IR', 89)), 'warning', 'after 89 days'],
    ['later', archived(to('GLACIER_IR', 365)), 'ok', 'after 365 days'],
    [
      'where they are restored before they are read',
      archived(to('GLACIER')),
      'ok',
      'Glacier Flexible Retrieval after 90 days (a download from there takes a restore of 3 to 5 h)',
    ],
    ['where that takes half a day', archived(to('DEEP_ARCHIVE')), 'ok', 'a restore of 12 h'],
    [
      'in two steps, the first of which counts',
      archived(
        rule({
          archiving: [
            { storageClass: 'GLACIER', afterDays: 180 },
            { storageClass: 'GLACIER_IR', afterDays: 80 },
          ],
        }),
      ),
      'warning',
      'Glacier Instant Retrieval after 80 days',
    ],
    ['by no rule', archived(), 'breach', 'no rule takes objects to Glacier'],
    ['by a rule that is off', archived(rule({ enabled: false })), 'breach', 'is off (archive)'],
    ['in part, by prefix', archived(rule({ prefix: 'zips/' })), 'breach', 'only zips/* goes to Glacier'],
    ['in part, by tag or size', archived(rule({ isSelective: true })), 'breach', 'only what bears some tag or size'],
    ['or rather to another class', archived(to('STANDARD_IA')), 'breach', 'no rule takes objects to Glacier'],
    [
      'on a day',
      archived(rule({ archiving: [{ storageClass: 'GLACIER', on: Date.UTC(2027, 0, 1) }] })),
      'breach',
      'on 2027-01-01, and not by their age',
    ],
    ['and are deleted before', archived(rule({ deletesAfterDays: 89 })), 'breach', 'objects are deleted after 89 days'],
    ['and are deleted then', archived(rule({ deletesAfterDays: 90 })), 'ok', 'after 90 days'],
    [
      'and are deleted by another rule',
      archived(rule(), rule({ id: 'old', archiving: [], deletesAfterDays: 30 })),
      'breach',
      'deleted after 30 days',
    ],
    [
      'and would be deleted by a rule that is off',
      archived(rule(), rule({ enabled: false, archiving: [], deletesAfterDays: 30 })),
      'ok',
      'after 90 days',
    ],
    [
      'and are deleted on a day',
      archived(rule({ deletesOn: Date.UTC(2027, 0, 1) })),
      'breach',
      'deleted on 2027-01-01, however old',
    ],
    [
      'and some are deleted before',
      archived(rule(), rule({ prefix: 'tmp/', archiving: [], deletesAfterDays: 7 })),
      'warning',
      'tmp/* is deleted after 7 days',
    ],
    ['and old versions are gone before', archived(rule({ forgetsAfterDays: 7 })), 'ok', 'after 90 days'],
    ['not to be seen', { 'bucket-lifecycle-primary': denied }, 'unknown', 'the caller may not'],
    ['of a bucket that is gone', { 'bucket-lifecycle-primary': gone }, 'breach', 'nano-zips is not there'],
    [
      'not from the replica, which has rules of its own',
      { 'bucket-lifecycle-recovery': known(lifecycle('us-east-1')) },
      'breach',
      'us-east-1: no rule takes objects to Glacier',
    ],
  ] as const)('%s', (_name, seen: Seen, status, summary) => {
    const found = judge(lifecycleCheck, seen);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
    expect(found.target).toBe('\u226590 days');
  });

  test('of no bucket it is not configured, and the file may ask for another age', () => {
    const nothing = { 'bucket-lifecycle-primary': skipped(), 'bucket-lifecycle-recovery': skipped() };
    expect(judge(lifecycleCheck, nothing, without('storage')).status).toBe('not-configured');
    const limits = { ...toldOf().limits };
    limits['backup-s3-lifecycle'] = { ...limits['backup-s3-lifecycle'], target: 30 * dayMs };
    expect(judge(lifecycleCheck, archived(to('GLACIER_IR', 30)), { limits }).status).toBe('ok');
  });
});

const sessions = (more: Parameters<typeof table>[1]): Seen => ({
  'table-backup-primary': known(table('us-west-2', more)),
});

describe('the table of sessions', () => {
  test.each([
    [
      'as it should be',
      {},
      'ok',
      'the table can be restored to any moment of the last 35 days in us-west-2 and us-east-1',
    ],
    ['a day less', sessions({ days: 34 }), 'warning', 'the last 34 days'],
    ['not at all', sessions({ pointInTime: false }), 'breach', 'us-west-2: point-in-time recovery is off'],
    [
      'not in the other region',
      { 'table-backup-recovery': known(table('us-east-1', { pointInTime: false })) },
      'breach',
      'us-east-1: point-in-time recovery is off',
    ],
    ['in one region only', { 'table-backup-recovery': gone }, 'ok', 'it has no replica in us-east-1'],
    ['in no region', { 'table-backup-primary': gone }, 'breach', 'nano-sessions is not there in us-west-2'],
    ['untold for how long', sessions({ days: undefined as never }), 'unknown', 'how far back is not told'],
    ['just in time', sessions({ restorableTo: nowMs - 15 * minuteMs }), 'ok', 'the last 35 days'],
    ['too late', sessions({ restorableTo: nowMs - 15 * minuteMs - 1 }), 'breach', 'the RPO of 15 min is missed'],
    ['not to be seen', { 'table-backup-primary': denied }, 'unknown', 'the caller may not'],
  ] as const)('%s', (_name, seen: Seen, status, summary) => {
    const found = judge(pointInTimeRecovery, seen);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
    expect(found.nextStep === undefined).toBe(status === 'ok');
  });

  test('is not configured where sessions are elsewhere', () => {
    const nothing = { 'table-backup-primary': skipped(), 'table-backup-recovery': skipped() };
    expect(judge(pointInTimeRecovery, nothing, without('sessionsTable'))).toMatchObject({
      status: 'not-configured',
      summary: 'sessions.table is not configured',
    });
  });
});

describe('whether the recovery point would be met', () => {
  const bare = () => {
    const { stack } = toldOf();
    const { database: _none, ...recovery } = stack.recovery ?? { region: 'us-east-1' };
    return { stack: { ...stack, recovery }, standby: recovery };
  };
  const copiesOnly: Seen = { 'database-backup-recovery': skipped(), 'snapshots-recovery': skipped() };

  test.each([
    [
      'it is',
      {},
      {},
      'backups are as they should be; the RPO of 15 min would be met: inside us-west-2 at most 5 min (sessions) and if us-west-2 is lost at most 9 s (uploads); a nightly copy alone would lose up to 24 h',
    ],
    [
      'nightly copies alone do not',
      copiesOnly,
      bare(),
      '1 of 8 checks needs attention; the RPO of 15 min would be missed: up to 24 h of the database if us-west-2 is lost',
    ],
    [
      'neither replica nor copy',
      { ...copiesOnly, 'snapshot-copies': known([]) },
      bare(),
      'all of the database if us-west-2 is lost (neither a replica nor usable copies are there)',
    ],
    [
      'a replica that is late',
      { 'replication-lag-standby': known(lag(16 * minuteMs)) },
      {},
      'would be missed: 16 min of the database if us-west-2 is lost',
    ],
    [
      'a cluster restorable to long ago',
      { 'database-backup-primary': known(backup('us-west-2', { restorableTo: nowMs - 3 * dayMs })) },
      {},
      'would be missed: 3 days of the database inside us-west-2',
    ],
    ['a bucket without versions', west({ versioning: 'Suspended' }), {}, 'all of the uploads inside us-west-2'],
    [
      'a bucket that is not copied',
      rules(),
      {},
      'all of the uploads if us-west-2 is lost (nothing copies nano-zips to nano-zips-dr)',
    ],
    ['a table that cannot be restored', sessions({ pointInTime: false }), {}, 'all of the sessions inside us-west-2'],
    [
      'a replica of which nothing is heard',
      { 'replication-lag-standby': known(noLag) },
      {},
      '1 of 8 checks could not be judged; whether the RPO of 15 min would be met cannot be told of the database if us-west-2 is lost',
    ],
    [
      'a miss outranks what cannot be told',
      { 'replication-lag-standby': denied, ...west({ versioning: 'Suspended' }) },
      {},
      'would be missed: all of the uploads',
    ],
    [
      'a longer objective',
      copiesOnly,
      { ...bare(), rpoMs: dayMs },
      'the RPO of 24 h would be met: inside us-west-2 at most 5 min (sessions) and if us-west-2 is lost at most 24 h (database)',
    ],
    [
      'one region only',
      { 'snapshot-copies': skipped(), 'bucket-backlog': skipped() },
      only('primary'),
      '; us-east-1 is not looked at',
    ],
  ] as const)('%s', (_name, seen: Seen, told, text) => {
    expect(say(recoveryPoint, backupChecks, seen, told)).toContain(text);
  });
});
