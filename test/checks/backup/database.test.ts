/** The checks of the database's backups, in every state and at the edges. */
import { describe, expect, test } from 'vitest';
import {
  databaseCrossRegion,
  databaseRecent,
  databaseRetention,
  databaseWindow,
} from '../../../src/checks/backup/database.ts';
import { weeklyBackups } from '../../../src/checks/weekly/backups.ts';
import {
  backup,
  copy,
  dayMs,
  denied,
  gone,
  hourMs,
  judge,
  known,
  lag,
  minuteMs,
  noLag,
  nowMs,
  only,
  skipped,
  snapshot,
  toldOf,
  type Seen,
} from './seen.ts';

const west = (more: Parameters<typeof backup>[1]): Seen => ({
  'database-backup-primary': known(backup('us-west-2', more)),
});
const east = (more: Parameters<typeof backup>[1]): Seen => ({
  'database-backup-recovery': known(backup('us-east-1', more)),
});
const noDatabase = { 'database-backup-primary': skipped(), 'database-backup-recovery': skipped() };

describe('how long backups are kept', () => {
  test.each([
    ['as long as they should be', {}, 'ok', 'backups are kept for 35 days in us-west-2 and us-east-1'],
    [
      'a day less',
      west({ retentionDays: 34 }),
      'warning',
      'us-west-2: backups are kept for 34 days; us-east-1: backups are kept for 35 days',
    ],
    [
      'a day less in the other region',
      east({ retentionDays: 34 }),
      'warning',
      'us-east-1: backups are kept for 34 days; us-west-2: backups are kept for 35 days',
    ],
    ['just three days', west({ retentionDays: 3 }), 'warning', '3 days'],
    ['fewer than three days', west({ retentionDays: 2 }), 'breach', '2 days'],
    ['a day, as is the default', east({ retentionDays: 1 }), 'breach', 'us-east-1: backups are kept for 1 day;'],
    ['not at all', west({ retentionDays: 0 }), 'breach', 'automated backups are off'],
    ['untold', west({ retentionDays: undefined as never }), 'unknown', 'is not told'],
    ['not to be seen', { 'database-backup-primary': denied }, 'unknown', 'the caller may not'],
    [
      'neither to be seen',
      { 'database-backup-primary': denied, 'database-backup-recovery': denied },
      'unknown',
      'likewise in us-east-1',
    ],
    [
      'of a cluster that is gone',
      { 'database-backup-recovery': gone },
      'breach',
      'nano-db-dr is not there in us-east-1',
    ],
    ['of no cluster', noDatabase, 'not-configured', 'it is not configured'],
    ['of one region', { 'database-backup-recovery': skipped() }, 'ok', 'backups are kept for 35 days in us-west-2'],
  ] as const)('%s', (_name, seen: Seen, status, summary) => {
    const found = judge(databaseRetention, seen);
    expect(found.status).toBe(status);
    expect(found.summary).toContain(summary);
    expect(found.target).toBe('\u226535 days');
    expect(found.nextStep === undefined).toBe(status === 'ok' || status === 'not-configured');
  });

  test('a miss outranks what cannot be seen, and both are told', () => {
    const found = judge(databaseRetention, { ...west({ retentionDays: 7 }), 'database-backup-recovery': denied });
    expect(found.status).toBe('warning');
    expect(found.summary).toMatch(/7 days.*the caller may not/);
    expect(found.nextStep).toBe(
      'aws rds modify-db-cluster --db-cluster-identifier nano-db --backup-retention-period 35 --region us-west-2',
    );
  });

  test('of two regions that miss it, the one that misses by more counts', () => {
    const found = judge(databaseRetention, { ...west({ retentionDays: 14 }), ...east({ retentionDays: 7 }) });
    expect(found.observed).toEqual({ value: 7 * dayMs, unit: 'ms' });
    expect(found.summary).toMatch(/^us-east-1: backups are kept for 7 days; us-west-2/);
    const modify = (cluster: string, region: string) =>
      `aws rds modify-db-cluster --db-cluster-identifier ${cluster} --backup-retention-period 35 --region ${region}`;
    expect(found.nextStep).toBe(`${modify('nano-db-dr', 'us-east-1')} && ${modify('nano-db', 'us-west-2')}`);
  });

  test('the file may ask for less', () => {
    const limits = { ...toldOf().limits };
    limits['backup-database-retention'] = { ...limits['backup-database-retention'], target: 7 * dayMs };
    expect(judge(databaseRetention, west({ retentionDays: 7 }), { limits }).status).toBe('ok');
    const short = judge(databaseRetention, west({ retentionDays: 6 }), { limits });
    expect([short.status, short.target]).toEqual(['warning', '\u22657 days']);
    expect(short.nextStep).toContain('--backup-retention-period 7 ');
  });
});

describe('when backups are made', () => {
  test.each([
    ['02:00-03:00', 'ok'],
    ['02:00-02:30', 'ok'],
    ['02:30-03:00', 'ok'],
    ['02:30-03:01', 'warning'],
    ['01:59-02:59', 'warning'],
    ['00:00-00:30', 'warning'],
    ['05:30-06:00', 'warning'],
    ['05:30-06:01', 'breach'],
    ['12:00-13:00', 'breach'],
    ['23:30-00:30', 'breach'],
    ['02:00-02:00', 'breach'],
    ['', 'unknown'],
    ['2-3 at night', 'unknown'],
    ['25:00-26:00', 'unknown'],
  ])('%s: %s', (window, status) => {
    const found = judge(databaseWindow, west({ window }));
    expect(found.status).toBe(status);
    expect(found.target).toBe('02:00-03:00 UTC');
  });

  test.each([
    [{ ...noDatabase }, 'not-configured'],
    [{ 'database-backup-primary': denied }, 'unknown'],
  ])('what is not there to be seen', (seen: Seen, status) => {
    expect(judge(databaseWindow, seen).status).toBe(status);
  });
});

const nights = (...snapshots: readonly ReturnType<typeof snapshot>[]): Seen => ({
  'snapshots-primary': known(snapshots),
});

describe('the last three nights', () => {
  test.each([
    [
      'all there',
      {},
      'ok',
      'automated snapshots of the last 3 nights (2026-11-21 to 2026-11-23) are there; the cluster can be restored to 4 min ago',
    ],
    [
      'made by AWS Backup',
      nights(snapshot(0), snapshot(1, { type: 'awsbackup', id: 'awsbackup:job-1' }), snapshot(2)),
      'ok',
      'are there',
    ],
    [
      'one missing',
      nights(snapshot(0), snapshot(2), snapshot(3)),
      'breach',
      'no usable automated snapshot of 2026-11-22',
    ],
    ['all missing', nights(), 'breach', '2026-11-21, 2026-11-22, 2026-11-23'],
    [
      'one by hand only',
      nights(snapshot(0), snapshot(1, { type: 'manual', id: 'before-release' }), snapshot(2)),
      'warning',
      'only snapshots made by hand are there of 2026-11-22',
    ],
    ['one not available', nights(snapshot(0), snapshot(1, { status: 'failed' }), snapshot(2)), 'breach', 'is failed'],
    [
      'one not whole',
      nights(snapshot(0), snapshot(1, { percent: 99 }), snapshot(2)),
      'breach',
      'holds 99 % of the data',
    ],
    ['one empty beside others', nights(snapshot(0), snapshot(1, { sizeGib: 0 }), snapshot(2)), 'breach', 'is empty'],
    [
      'of no size at all, as Aurora tells it',
      nights(snapshot(0, { sizeGib: 0 }), snapshot(1, { sizeGib: 0 }), snapshot(2, { sizeGib: 0 })),
      'ok',
      'are there',
    ],
    [
      'a broken one beside a whole one',
      nights(snapshot(0), snapshot(1, { status: 'failed' }), snapshot(1), snapshot(2)),
      'ok',
      'are there',
    ],
    ['not to be seen', { 'snapshots-primary': denied }, 'unknown', 'the caller may not'],
    ['of a cluster that cannot be seen', { 'database-backup-primary': denied }, 'unknown', 'the caller may not'],
    ['of a cluster that is gone', { 'database-backup-primary': gone }, 'breach', 'nano-db is not there'],
    ['of no cluster', noDatabase, 'not-configured', 'it is not configured'],
  ] as const)('%s', (_name, seen: Seen, status, summary) => {
    const found = judge(databaseRecent, seen);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
  });

  test.each([
    ['today\u2019s is due an hour after its window', Date.UTC(2026, 10, 23, 4, 0), 'breach'],
    ['and not before', Date.UTC(2026, 10, 23, 3, 59), 'ok'],
  ])('%s', (_name, at, status) => {
    const seen = { ...nights(snapshot(1), snapshot(2), snapshot(3)), ...west({ restorableTo: at - 4 * minuteMs }) };
    expect(judge(databaseRecent, seen, { nowMs: at }).status).toBe(status);
  });

  test('a window across midnight has one backup a night, on whichever side of it', () => {
    const at = (day: number, hour: number, minute: number) =>
      snapshot(0, { at: Date.UTC(2026, 10, day, hour, minute), id: `s${day}` });
    const window = west({ window: '23:30-00:30' });
    const every = nights(at(22, 23, 40), at(22, 0, 20), at(20, 23, 40));
    expect(judge(databaseRecent, { ...window, ...every }).status).toBe('ok');
    const gap = nights(at(22, 23, 40), at(20, 23, 40), at(20, 0, 20));
    expect(judge(databaseRecent, { ...window, ...gap }).summary).toContain(
      'no usable automated snapshot of 2026-11-21',
    );
  });

  test('of a younger cluster no more nights are due than it has seen', () => {
    const young = west({ createdAt: Date.UTC(2026, 10, 22, 20) });
    expect(judge(databaseRecent, { ...young, ...nights(snapshot(0)) })).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('the last night (2026-11-23)'),
    });
    expect(judge(databaseRecent, { ...young, ...nights() }).status).toBe('breach');
    const today = west({ createdAt: nowMs - hourMs });
    expect(judge(databaseRecent, { ...today, ...nights() }).summary).toContain('no snapshot is due yet');
  });

  test.each([
    [10 * minuteMs, 'ok'],
    [10 * minuteMs + 1, 'warning'],
    [15 * minuteMs, 'warning'],
    [15 * minuteMs + 1, 'breach'],
  ])('restorable to %i ms ago: %s', (agoMs, status) => {
    const found = judge(databaseRecent, west({ restorableTo: nowMs - agoMs }));
    expect(found.status).toBe(status);
    expect(found.observed).toEqual({ value: agoMs, unit: 'ms', atMs: nowMs - agoMs });
  });

  test('a cluster that cannot be restored to a point in time misses the objective, whole as its nights are', () => {
    const found = judge(databaseRecent, west({ restorableTo: undefined as never }));
    expect([found.status, found.summary]).toEqual(['breach', expect.stringContaining('the RPO of 15 min is missed')]);
  });

  test('looked at in the other region only, they are not configured', () => {
    const seen = { 'database-backup-primary': skipped('us-west-2 is not looked at') };
    expect(judge(databaseRecent, seen, only('recovery'))).toMatchObject({
      status: 'not-configured',
      summary: 'us-west-2 is not looked at',
    });
  });
});

/** What the recovery cluster keeps of its own, in every way. */
const ownNothing: Seen = {
  'snapshots-recovery': known([]),
  ...east({ restorableFrom: undefined as never, restorableTo: undefined as never }),
};
const copies = (...snapshots: readonly ReturnType<typeof snapshot>[]): Seen => ({
  'snapshot-copies': known(snapshots),
});

describe('the last three nights in the other region', () => {
  test.each([
    [
      'copied',
      ownNothing,
      'ok',
      'are in us-east-1 (copied snapshots); its replica is 250 ms behind, and meets the RPO of 15 min',
    ],
    [
      'one not copied',
      { ...ownNothing, ...copies(copy(0), copy(2)) },
      'breach',
      'no usable backup of 2026-11-22 is in us-east-1',
    ],
    [
      'one copy still under way',
      { ...ownNothing, ...copies(copy(0), copy(1, { status: 'copying' }), copy(2)) },
      'breach',
      'is copying',
    ],
    [
      'one copy empty',
      { ...ownNothing, ...copies(copy(0), copy(1, { percent: 0 }), copy(2)) },
      'breach',
      'holds 0 % of the data',
    ],
    [
      'copied from elsewhere',
      {
        ...ownNothing,
        ...copies(...[0, 1, 2].map((ago) => copy(ago, { copiedFrom: { region: 'eu-west-1', id: `rds:x-${ago}` } }))),
      },
      'breach',
      'no usable backup',
    ],
    ['not copied, but kept by the cluster there', copies(), 'ok', '(nano-db-dr\u2019s own snapshots)'],
    [
      'some of either',
      { ...copies(copy(0)), 'snapshots-recovery': known([snapshot(1), snapshot(2)]) },
      'ok',
      '(copied snapshots, nano-db-dr\u2019s own snapshots)',
    ],
    [
      'to be restored to any moment of them',
      { ...copies(), 'snapshots-recovery': known([]) },
      'ok',
      '(nano-db-dr\u2019s own point-in-time backups)',
    ],
    ['not to be seen', { 'snapshot-copies': denied, 'snapshots-recovery': denied }, 'unknown', 'the caller may not'],
    ['kept there, though copies cannot be seen', { 'snapshot-copies': denied }, 'ok', 'own snapshots'],
    [
      'missing as far as can be seen',
      { ...copies(), ...east({ restorableFrom: undefined as never }), 'snapshots-recovery': denied },
      'unknown',
      'as far as could be seen: the caller may not',
    ],
    [
      'in no other region',
      { 'snapshot-copies': skipped('regions.recovery is not configured'), 'snapshots-recovery': skipped() },
      'not-configured',
      'regions.recovery',
    ],
  ] as const)('%s', (name, seen: Seen, status, summary) => {
    const one = name === 'in no other region' ? only('primary') : {};
    const found = judge(databaseCrossRegion, seen, one);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
  });

  test('tonight\u2019s copy is due six hours after the window', () => {
    const seen = (at: number) => ({
      ...ownNothing,
      ...copies(copy(1), copy(2), copy(3)),
      'replication-lag-standby': known(lag(250, nowMs - at + minuteMs)),
    });
    const [before, after] = [Date.UTC(2026, 10, 23, 8, 59), Date.UTC(2026, 10, 23, 9)];
    expect(judge(databaseCrossRegion, seen(before), { nowMs: before }).status).toBe('ok');
    expect(judge(databaseCrossRegion, seen(after), { nowMs: after }).status).toBe('breach');
  });

  test.each([
    [15 * minuteMs, 'ok', 'meets the RPO'],
    [15 * minuteMs + 1, 'breach', 'the RPO of 15 min is missed'],
  ])('a replica that is %i ms behind: %s', (valueMs, status, summary) => {
    const found = judge(databaseCrossRegion, { 'replication-lag-standby': known(lag(valueMs)) });
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
    expect(found.observed).toMatchObject({ value: valueMs, unit: 'ms' });
  });

  test.each([
    ['nothing was reported', known(noLag)],
    ['what was reported is old', known(lag(250, 15 * minuteMs + 1))],
    ['it cannot be seen', denied],
  ])('how far a replica is behind is not known where %s', (_name, found) => {
    expect(judge(databaseCrossRegion, { 'replication-lag-standby': found }).status).toBe('unknown');
  });

  test('copies alone are whole, and miss an objective of minutes', () => {
    const { stack } = toldOf();
    const { database: _none, ...bare } = stack.recovery ?? { region: 'us-east-1' };
    const told = { stack: { ...stack, recovery: bare }, standby: bare };
    const seen = { ...ownNothing, 'snapshots-recovery': skipped(), 'database-backup-recovery': skipped() };
    expect(judge(databaseCrossRegion, seen, told)).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('up to 24 h would be lost with us-west-2, and the RPO of 15 min missed'),
      nextStep: expect.stringContaining('global database'),
    });
    expect(judge(databaseCrossRegion, { ...seen, ...copies(copy(0)) }, told).status).toBe('breach');
  });

  test('where the cluster there bears the same name, its own snapshots are no copies', () => {
    const { stack } = toldOf();
    const recovery = { ...stack.recovery, region: 'us-east-1', database: { region: 'us-east-1', cluster: 'nano-db' } };
    const told = { stack: { ...stack, recovery }, standby: recovery };
    const all = [0, 1, 2].map((ago) => snapshot(ago));
    const seen = { ...copies(...all), 'snapshots-recovery': known(all) };
    expect(judge(databaseCrossRegion, seen, told).summary).toContain('(nano-db\u2019s own snapshots)');
    const copied = [...all.map((each) => ({ ...each, status: 'failed' })), copy(0), copy(1), copy(2)];
    expect(
      judge(databaseCrossRegion, { ...copies(...copied), 'snapshots-recovery': known(copied) }, told).summary,
    ).toContain('(copied snapshots)');
  });
});

describe('the weekly question', () => {
  test.each([
    ['both regions', {}, 'ok', 'the last 3 nights (2026-11-21 to 2026-11-23) are in us-east-1'],
    [
      'one night missing here',
      nights(snapshot(0), snapshot(1)),
      'breach',
      'us-west-2: no usable automated snapshot of 2026-11-21',
    ],
    [
      'one night missing there',
      { ...ownNothing, ...copies(copy(0), copy(1)) },
      'breach',
      'no usable backup of 2026-11-21 is in us-east-1',
    ],
    ['one by hand', nights(snapshot(0), snapshot(1), snapshot(2, { type: 'manual' })), 'warning', 'by hand'],
    ['not to be seen there', { 'snapshot-copies': denied, 'snapshots-recovery': denied }, 'unknown', 'us-east-1'],
    [
      'no database',
      { ...noDatabase, 'snapshot-copies': skipped(), 'snapshots-recovery': skipped() },
      'not-configured',
      'not configured',
    ],
  ] as const)('%s', (name, seen: Seen, status, summary) => {
    const { stack } = toldOf();
    const { database: _none, ...primary } = stack.primary;
    const told = name === 'no database' ? { stack: { ...stack, primary }, site: primary } : {};
    const found = judge(weeklyBackups, seen, told);
    expect([found.status, found.summary]).toEqual([status, expect.stringContaining(summary)]);
  });

  test('a lag of the replica is none of it', () => {
    expect(judge(weeklyBackups, { 'replication-lag-standby': known(lag(dayMs)) }).status).toBe('ok');
  });
});
