/** What `tune` makes of what the database says, at the edges. */
import { describe, expect, test } from 'vitest';
import { primaryKeys, redundant, redundantIndexes, unusedIndexes } from '../../../src/checks/tune/indexes.ts';
import { poolRecycle, poolSize, queryCache } from '../../../src/checks/tune/pool.ts';
import {
  fullScans,
  leadingWildcards,
  missingIndexes,
  slowStatements,
  sorts,
} from '../../../src/checks/tune/statements.ts';
import type { IndexSurvey, StatementPlan } from '../../../src/cloud/inspection.ts';
import { byId, dayMs, digest, index, judge, nowMs, survey, tuning } from './table.ts';

const scan = (rows: number, access = 'ALL'): StatementPlan => ({ ...byId, tables: [{ table: 'nanos', access, rows }] });

describe('statements', () => {
  test.each([
    ['at the threshold', digest({ averageMs: 500 }), 'ok'],
    ['above it on average', digest({ averageMs: 500.1 }), 'warning'],
    ['slow on average, but 95 of 100 are not', digest({ averageMs: 900, p95Ms: 400 }), 'ok'],
    ['quick on average, but some are not', digest({ averageMs: 90, p95Ms: 501 }), 'warning'],
    ['slow, but not of late', digest({ averageMs: 900, lastAt: nowMs - 7 * dayMs - 1 }), 'unknown'],
    ['slow a week ago', digest({ averageMs: 900, lastAt: nowMs - 7 * dayMs }), 'warning'],
  ])('slow: %s', (_name, statement, status) => {
    expect(judge(slowStatements, { statements: survey(statement) }).status).toBe(status);
  });

  test.each([
    [digest({ plan: scan(999) }), 'ok'],
    [digest({ plan: scan(1_000) }), 'warning'],
    [digest({ plan: scan(1_000, 'index') }), 'warning'],
    [digest({ plan: scan(1_000, 'range') }), 'ok'],
    [digest({ plan: 'none', withoutIndex: 1, rowsExamined: 99_999 }), 'ok'],
    [digest({ plan: 'none', withoutIndex: 1, rowsExamined: 100_000 }), 'warning'],
    [digest({ plan: 'none', withoutIndex: 0, rowsExamined: 100_000 }), 'ok'],
  ])('full scans: %#', (statement, status) => {
    expect(judge(fullScans, { statements: survey(statement) }).status).toBe(status);
  });

  test.each([
    [digest({ plan: { ...scan(1_000), sortsRows: true } }), 'warning'],
    [digest({ plan: { ...scan(999), sortsRows: true } }), 'ok'],
    [digest({ temporaryTablesOnDisk: 1 }), 'warning'],
    [digest({ temporaryTables: 9 }), 'ok'],
  ])('sorts: %#', (statement, status) => {
    expect(judge(sorts, { statements: survey(statement) }).status).toBe(status);
  });

  test.each([
    [digest({ shape: "SELECT a FROM t WHERE b LIKE '%?'" }), 'warning'],
    [digest({ shape: 'SELECT a FROM t WHERE b LIKE ?' }), 'ok'],
    [digest({ shape: 'SELECT `a` FROM `t` WHERE `b` LIKE ?', isSampled: false }), 'unknown'],
  ])('leading wildcards: %#', (statement, status) => {
    expect(judge(leadingWildcards, { statements: survey(statement) }).status).toBe(status);
  });

  test('nothing counted is unknown, and so is what may not be read, with what to do', () => {
    for (const check of [slowStatements, fullScans, sorts, leadingWildcards, missingIndexes]) {
      expect(judge(check, { statements: survey() })).toMatchObject({ status: 'unknown' });
      expect(judge(check, { statements: new Error('may not') })).toMatchObject({
        status: 'unknown',
        summary: 'may not',
        nextStep: 'grant it',
      });
      expect(judge(check, {}).status).toBe('not-configured');
    }
  });
});

describe('missing indexes', () => {
  const listing = digest({ shape: 'SELECT a FROM nanos WHERE status = ? ORDER BY rating LIMIT ?', plan: scan(5_000) });
  const search = digest({ shape: "SELECT a FROM nanos WHERE title LIKE '%?'", plan: scan(5_000) });
  const none: IndexSurvey = {
    indexes: [index('PRIMARY', ['id'])],
    tables: 1,
    withoutPrimaryKey: [],
    usesCounted: { forS: 1 },
    truncated: false,
  };
  const having = (...more: IndexSurvey['indexes']) => ({ ...none, indexes: [...none.indexes, ...more] });

  test('a candidate for what needs one, as text', () => {
    expect(judge(missingIndexes, { statements: survey(listing), indexes: none })).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('CREATE INDEX idx_nanos_status_rating ON shop.nanos (status, rating);'),
    });
    expect(judge(missingIndexes, { statements: survey(search), indexes: none }).summary).toContain('CREATE FULLTEXT');
    expect(judge(missingIndexes, { statements: survey(digest()), indexes: none }).status).toBe('ok');
  });

  test.each([
    [[index('i', ['status', 'rating', 'a'])], listing, 'ok'],
    [[index('i', ['rating', 'status'])], listing, 'ok'],
    [[index('i', ['status'])], listing, 'warning'],
    [[index('i', ['status', 'rating'], { table: 'others' })], listing, 'warning'],
    [[index('i', ['status', 'rating'], { schema: 'other' })], listing, 'warning'],
    [[index('i', ['title'])], search, 'warning'],
    [[index('i', ['title'], { kind: 'FULLTEXT' })], search, 'ok'],
    [[index('i', ['title', 'summary'], { kind: 'FULLTEXT' })], search, 'warning'],
  ])('one that is there already is none: %#', (indexes, statement, status) => {
    expect(judge(missingIndexes, { statements: survey(statement), indexes: having(...indexes) }).status).toBe(status);
  });
});

describe('indexes', () => {
  const found = (indexes: IndexSurvey['indexes'], more: Partial<IndexSurvey> = {}): IndexSurvey => ({
    indexes,
    tables: 1,
    withoutPrimaryKey: [],
    usesCounted: { forS: 7 * 86_400 },
    truncated: false,
    ...more,
  });

  test.each([
    ['used', index('a', ['x'], { uses: 1 }), 7 * 86_400, 'ok'],
    ['unused', index('a', ['x'], { uses: 0 }), 7 * 86_400, 'warning'],
    ['unused, for too short a time', index('a', ['x'], { uses: 0 }), 7 * 86_400 - 1, 'unknown'],
    ['unused, and unique', index('a', ['x'], { uses: 0, isUnique: true }), 7 * 86_400, 'ok'],
    ['unused, and needed', index('a', ['x'], { uses: 0, servesForeignKey: true }), 7 * 86_400, 'ok'],
  ])('%s', (_name, each, forS, status) => {
    expect(judge(unusedIndexes, { indexes: found([each], { usesCounted: { forS } }) }).status).toBe(status);
  });

  test('what hides one can be typed as it is, of each', () => {
    const [hidden, other] = [index('a`b', ['x'], { uses: 0 }), index('c', ['x', 'y'], { uses: 0 })];
    const [first, second] = [
      'ALTER TABLE `shop`.`nanos` ALTER INDEX `a``b` INVISIBLE;',
      'ALTER TABLE `shop`.`nanos` ALTER INDEX `c` INVISIBLE;',
    ];
    const unused = judge(unusedIndexes, { indexes: found([hidden, other]) });
    expect(unused.nextStep).toContain(first);
    expect(unused.evidence.map(({ detail }) => detail)).toEqual([
      expect.stringContaining(first),
      expect.stringContaining(second),
    ]);
    const covered = judge(redundantIndexes, { indexes: found([hidden, other]) });
    expect(covered.nextStep).toContain(first);
    expect(covered.evidence[0]?.detail).toContain(first);
  });

  test('where uses are not counted, or not all was read, nobody knows', () => {
    const not = { not: 'it does not count', nextStep: 'let it' };
    expect(judge(unusedIndexes, { indexes: found([], { usesCounted: not }) })).toMatchObject({
      status: 'unknown',
      nextStep: 'let it',
    });
    for (const check of [unusedIndexes, redundantIndexes, primaryKeys]) {
      expect(judge(check, { indexes: found([], { truncated: true }) }).status).toBe('unknown');
      expect(judge(check, { indexes: found([], { tables: 0 }) }).status).toBe('unknown');
      expect(judge(check, { indexes: new Error('may not') }).status).toBe('unknown');
    }
  });

  test.each([
    ['a beginning of another', [index('a', ['x']), index('b', ['x', 'y'])], ['a']],
    ['the same twice: one is kept', [index('a', ['x']), index('b', ['x'])], ['b']],
    ['another order', [index('a', ['y', 'x']), index('b', ['x', 'y'])], []],
    ['a unique one that is longer elsewhere', [index('a', ['x'], { isUnique: true }), index('b', ['x', 'y'])], []],
    ['one that a unique one repeats', [index('a', ['x']), index('z', ['x'], { isUnique: true })], ['a']],
    ['two unique ones', [index('a', ['x'], { isUnique: true }), index('b', ['x'], { isUnique: true })], ['b']],
    ['the primary key again', [index('PRIMARY', ['id']), index('a', ['id'])], ['a']],
    ['a primary key that another begins with', [index('PRIMARY', ['id']), index('a', ['id', 'x'])], []],
    ['full text', [index('a', ['x'], { kind: 'FULLTEXT' }), index('b', ['x', 'y'], { kind: 'FULLTEXT' })], []],
    ['other tables', [index('a', ['x'], { table: 'others' }), index('b', ['x', 'y'])], []],
    ['a part of the column', [index('a', ['x']), { ...index('b', []), columns: [{ name: 'x', length: 10 }] }], []],
  ])('redundant: %s', (_name, indexes, names) => {
    expect(redundant(indexes).map(({ index: each }) => each.name)).toEqual(names);
    expect(judge(redundantIndexes, { indexes: found(indexes) }).status).toBe(names.length > 0 ? 'warning' : 'ok');
  });

  test('a table without a primary key', () => {
    expect(judge(primaryKeys, { indexes: found([], { withoutPrimaryKey: ['shop.log'] }) })).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('shop.log'),
    });
  });
});

describe('pools', () => {
  const server = (maxConnections: number, waitTimeoutS = 28_800) => ({
    version: '8.0.36',
    uptimeS: 1,
    maxConnections,
    waitTimeoutS,
    queryCache: 'absent',
    performanceSchema: true,
  });
  const tasks = (desired: number) => ({ desired, source: {} });

  test.each([
    ['today\u2019s tasks do not fit', 179, 6, 6, 'breach'],
    ['they fit; the most that there may be do not', 599, 6, 20, 'warning'],
    ['the most that there may be fit', 600, 6, 20, 'ok'],
    ['twice as many, in a deployment, do not', 359, 6, 6, 'warning'],
    ['twice as many fit', 360, 6, 6, 'ok'],
  ])('%s', (_name, most, desired, max, status) => {
    const seen = { 'database-server': server(most), tasks: tasks(desired), 'task-limits': { max } };
    expect(judge(poolSize, seen).status).toBe(status);
    // As AWS tells it, without a connection.
    expect(judge(poolSize, { ...seen, 'database-server': undefined, 'connection-limit': most }).status).toBe(status);
  });

  test('processes count, and what nobody can tell is unknown', () => {
    const seen = { 'database-server': server(360), tasks: tasks(6), 'task-limits': null };
    expect(judge(poolSize, seen).status).toBe('ok');
    expect(judge(poolSize, seen, { pool: { ...tuning.pool, workersPerTask: 2 } }).status).toBe('warning');
    expect(judge(poolSize, { ...seen, tasks: new Error('may not') }).status).toBe('unknown');
    expect(judge(poolSize, { ...seen, 'task-limits': new Error('may not') }).status).toBe('unknown');
    expect(judge(poolSize, { tasks: tasks(6), 'connection-limit': null }).status).toBe('unknown');
    expect(judge(poolSize, { tasks: tasks(6), 'connection-limit': new Error('may not') }).status).toBe('unknown');
    expect(judge(poolSize, {}).status).toBe('not-configured');
  });

  test.each([
    [3_601, {}, 'ok'],
    [3_600, {}, 'warning'],
    [undefined, { wait_timeout: '3601' }, 'ok'],
    [undefined, { wait_timeout: '3600' }, 'warning'],
    [undefined, {}, 'ok'],
    [undefined, { wait_timeout: '{DBInstanceClassMemory/1}' }, 'unknown'],
    [undefined, new Error('may not'), 'unknown'],
    [undefined, undefined, 'not-configured'],
  ])('recycling: wait_timeout %s, %o', (waitS, parameters, status) => {
    const own = waitS === undefined ? undefined : server(100, waitS);
    expect(judge(poolRecycle, { 'database-server': own, 'cluster-parameters': parameters }).status).toBe(status);
  });

  test('a pool that never recycles', () => {
    const pool = { ...tuning.pool, recycleMs: 0 };
    expect(judge(poolRecycle, { 'database-server': server(1) }, { pool }).status).toBe('warning');
  });

  test.each([
    ['absent', 'ok'],
    ['off', 'ok'],
    ['on', 'warning'],
  ])('a query cache that is %s', (state, status) => {
    expect(judge(queryCache, { 'database-server': { ...server(1), queryCache: state } }).status).toBe(status);
  });
});
