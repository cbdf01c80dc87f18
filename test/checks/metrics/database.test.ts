/** The database’s metrics: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import { connections, cpu, queryLatency, replicationLag, storage } from '../../../src/checks/metrics/database.ts';
import type { DatabaseLoad, Trace, TraceSample } from '../../../src/cloud/facts.ts';
import { minutesAgo, seriesOf, times } from '../../diagnosis/series.ts';
import { alone, denied, judge, known, nothing, skipped } from '../judging.ts';

function load(more: Partial<DatabaseLoad>) {
  const empty: DatabaseLoad = {
    cpu: nothing,
    connections: nothing,
    selectLatency: nothing,
    dmlLatency: nothing,
    commitLatency: nothing,
    freeableMemory: nothing,
    queries: nothing,
    deadlocks: nothing,
    replicaLag: nothing,
  };
  return known({ ...empty, ...more });
}

describe('CPU', () => {
  test.each([
    [69.9, 'ok'],
    [70, 'warning'],
    [80, 'warning'],
    [80.1, 'breach'],
  ] as const)('%d %% in every minute: %s', (value, status) => {
    expect(judge(cpu, { 'database-load': load({ cpu: seriesOf(times(5, value), '%') }) }).status).toBe(status);
  });

  test('one calm minute of five, no minute at all, no permission, no database', () => {
    const cpuOf = (values: readonly number[]) => load({ cpu: seriesOf(values, '%') });
    expect(judge(cpu, { 'database-load': cpuOf([99, 99, 12, 99, 99]) }).status).toBe('ok');
    expect(judge(cpu, { 'database-load': cpuOf([]) }).status).toBe('unknown');
    expect(judge(cpu, { 'database-load': denied }).status).toBe('unknown');
    expect(judge(cpu, { 'database-load': skipped }).status).toBe('not-configured');
  });
});

describe('storage', () => {
  const volume = (used: number | undefined, left: number | undefined, local?: number) => {
    const of = (value: number | undefined) => (value === undefined ? nothing : seriesOf([value], 'bytes'));
    return known({ usedBytes: of(used), leftBytes: of(left), freeLocalBytes: of(local) });
  };
  test.each([
    [799, 201, 'ok'],
    [800, 200, 'warning'],
    [850, 150, 'warning'],
    [851, 149, 'breach'],
    [undefined, 149, 'unknown'],
    [851, undefined, 'unknown'],
  ] as const)('%s used, %s left: %s', (used, left, status) => {
    expect(judge(storage, { 'database-storage': volume(used, left) }).status).toBe(status);
  });

  test('the writer’s local storage is told beside it; not seen, not configured', () => {
    expect(judge(storage, { 'database-storage': volume(1, 9, 2 ** 31) }).summary).toContain('2 GiB of local storage');
    expect(judge(storage, { 'database-storage': denied }).status).toBe('unknown');
    expect(judge(storage, { 'database-storage': skipped }).status).toBe('not-configured');
  });
});

describe('connections', () => {
  const seen = (open: readonly (number | undefined)[], most: number | null = 1000) => ({
    'database-load': load({ connections: seriesOf(open) }),
    'connection-limit': known(most),
  });
  test.each([
    ['a share below the target', times(5, 669), 1000, 'ok'],
    ['just the target', times(5, 670), 1000, 'warning'],
    ['just the alert threshold', times(5, 930), 1000, 'warning'],
    ['one above it, in one minute', [...times(4, 10), 931], 1000, 'breach'],
    ['just the alert threshold, of a count that 100 is no multiple of', times(5, 279), 300, 'warning'],
    ['of a small instance', times(5, 84), 90, 'breach'],
    ['half of the window is not reported', [undefined, undefined, undefined, 10, 10], 1000, 'unknown'],
    [
      'most of the window is not reported, and it was too many',
      [undefined, undefined, undefined, undefined, 999],
      1000,
      'breach',
    ],
    ['nothing is reported', [], 1000, 'unknown'],
    ['nobody can tell how many it takes', times(5, 10), null, 'unknown'],
  ] as const)('%s', (_name, open, most, status) => {
    expect(judge(connections, seen(open, most)).status).toBe(status);
  });

  test('told as a count and a share', () => {
    const found = judge(connections, seen(times(5, 931)));
    expect(found.summary).toBe('931 of 1,000 connections over 5m, 93.1 %');
    expect(found.observed).toMatchObject({ value: 93.1, unit: '%' });
  });

  test('not seen, not configured', () => {
    const fine = { 'database-load': load({ connections: seriesOf(times(5, 1)) }) };
    expect(judge(connections, { ...fine, 'connection-limit': denied }).status).toBe('unknown');
    expect(judge(connections, { 'database-load': denied, 'connection-limit': known(9) }).status).toBe('unknown');
    expect(judge(connections, { 'database-load': skipped, 'connection-limit': skipped }).status).toBe('not-configured');
  });
});

describe('query latency', () => {
  const sample = (durations: readonly number[], more: Partial<Trace['spans'][number]> = {}) => {
    const spans = durations.map((ms, index) => ({
      id: String(index),
      name: 'nano-db',
      start: 0,
      end: ms,
      inProgress: false,
      fault: false,
      error: false,
      throttle: false,
      segment: false,
      sql: 'SELECT 1',
      ...more,
    }));
    const traces: TraceSample = {
      traces: [{ id: '1', start: 0, durationMs: 1, spans }],
      matched: 1,
      truncated: false,
      source: { operation: 'xray:BatchGetTraces', region: 'us-west-2', detail: '' },
    };
    return { statements: known(traces) };
  };
  /** The 19th of 20 is the 95th percentile. */
  const twenty = (p95: number) => [...times(18, 1), p95, 5000];
  test.each([
    ['below the target', twenty(99.9), 'ok'],
    ['just the target', twenty(100), 'warning'],
    ['just the alert threshold', twenty(200), 'warning'],
    ['above it', twenty(200.1), 'breach'],
    ['too few statements', times(19, 900), 'unknown'],
    ['no statements', [], 'unknown'],
  ] as const)('%s', (_name, durations, status) => {
    expect(judge(queryLatency, sample(durations)).status).toBe(status);
  });

  test('what is no statement, or goes on still, is none', () => {
    expect(judge(queryLatency, sample(times(30, 900), { sql: undefined })).status).toBe('unknown');
    expect(judge(queryLatency, sample(times(30, 900), { inProgress: true })).status).toBe('unknown');
  });

  test('not seen, not configured', () => {
    expect(judge(queryLatency, { statements: denied }).status).toBe('unknown');
    expect(judge(queryLatency, { statements: skipped }).status).toBe('not-configured');
  });
});

describe('replication lag', () => {
  const lag = (values: readonly (number | undefined)[]) =>
    known({ lag: seriesOf(values, 'ms'), metric: 'AuroraGlobalDBRPOLag' as const });
  const seen = (
    there: readonly (number | undefined)[],
    here: readonly number[] = [],
    readers: readonly number[] = [],
  ) => ({
    'replication-lag-standby': lag(there),
    'replication-lag-site': lag(here),
    'database-load': load({ replicaLag: seriesOf(readers, 'ms') }),
  });
  test.each([
    ['below the target', seen(times(5, 999)), 'ok'],
    ['at the target in one minute', seen([...times(4, 10), 1000]), 'warning'],
    ['at the alert threshold', seen(times(5, 5000)), 'warning'],
    ['above it in one minute', seen([5001, ...times(4, 10)]), 'breach'],
    ['above it an hour ago', seen([...times(50, 9000), ...times(5, 10)]), 'ok'],
    ['reported in this region since a failover', seen([...times(30, 9), ...times(10, undefined)], times(8, 10)), 'ok'],
    ['reported in two minutes of five', seen([undefined, undefined, undefined, 10, 10]), 'unknown'],
    ['not reported, though there is a copy', seen([]), 'unknown'],
    ['not reported any more', seen([...times(30, 9), ...times(5, undefined)]), 'unknown'],
    ['not reported, though the readers follow', seen([], [], times(5, 1)), 'unknown'],
  ] as const)('%s', (_name, observations, status) => {
    expect(judge(replicationLag, observations).status).toBe(status);
  });

  test.each([
    [times(5, 20), 'ok'],
    [times(5, 1000), 'warning'],
    [times(5, 5001), 'breach'],
    [[], 'unknown'],
  ] as const)('without a copy elsewhere the readers tell: %s', (readers, status) => {
    const observations = { ...seen([], [], readers), 'replication-lag-standby': skipped };
    expect(judge(replicationLag, observations, alone).status).toBe(status);
  });

  test('not seen, not configured', () => {
    const there = { ...seen([]), 'replication-lag-standby': denied };
    expect(judge(replicationLag, there).status).toBe('unknown');
    const nowhere = { 'replication-lag-standby': skipped, 'replication-lag-site': skipped, 'database-load': skipped };
    expect(judge(replicationLag, nowhere, alone).status).toBe('not-configured');
  });

  test('the copy whose numbers are newest is meant', () => {
    const moved = {
      ...seen([]),
      'replication-lag-standby': known({
        lag: { ...seriesOf([], 'ms'), points: [{ at: minutesAgo(20), value: 90_000 }] },
        metric: 'AuroraGlobalDBRPOLag' as const,
      }),
      'replication-lag-site': lag(times(5, 12)),
    };
    expect(judge(replicationLag, moved)).toMatchObject({ status: 'ok', observed: { value: 12 } });
  });
});
