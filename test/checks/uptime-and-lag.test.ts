/** The week's uptime and replication lag: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import { weeklyReplicationLag } from '../../src/checks/weekly/replication-lag.ts';
import { weeklyUptime } from '../../src/checks/weekly/uptime.ts';
import type { ApiOutcomes } from '../../src/cloud/facts.ts';
import { times } from '../diagnosis/series.ts';
import { alone, denied, everyPeriod, judge, known, nothing, skipped } from './judging.ts';

const periodMs = 300_000;
const periods = 2016;

describe('uptime', () => {
  const week = (bad: number, reported = periods) => {
    const found: ApiOutcomes = {
      requests: everyPeriod(periodMs, times(reported, 1000)),
      targetServerErrors: everyPeriod(periodMs, [bad]),
      balancerServerErrors: nothing,
      balancerUnavailable: nothing,
      targetClientErrors: nothing,
      balancerClientErrors: nothing,
    };
    return { 'api-outcomes-week': known(found) };
  };
  test.each([
    ['nothing failed', week(0), 'ok'],
    ['just the target', week(1008), 'ok'],
    ['one request more', week(1009), 'warning'],
    ['nine tenths of the week, just about', week(0, 1815), 'ok'],
    ['less than nine tenths', week(0, 1814), 'unknown'],
    ['less than nine tenths, and what was seen is off target', week(90_000, 1000), 'warning'],
    ['nothing was reported', week(0, 0), 'unknown'],
  ] as const)('%s', (_name, seen, status) => {
    expect(judge(weeklyUptime, seen)).toMatchObject({ status, target: '≥99.95 %' });
  });

  test('not seen, not configured; how much of the week is told', () => {
    expect(judge(weeklyUptime, { 'api-outcomes-week': denied }).status).toBe('unknown');
    expect(judge(weeklyUptime, { 'api-outcomes-week': skipped }).status).toBe('not-configured');
    expect(judge(weeklyUptime, week(0, 1008)).summary).toContain('only 50 % of the week reported requests');
  });
});

describe('replication lag', () => {
  const lag = (values: readonly (number | undefined)[]) =>
    known({ lag: everyPeriod(periodMs, values, 'ms'), metric: 'AuroraGlobalDBRPOLag' as const });
  const seen = (there: readonly (number | undefined)[], here: readonly (number | undefined)[] = []) => ({
    'replication-lag-week-standby': lag(there),
    'replication-lag-week-site': lag(here),
    'reader-lag-week': skipped,
  });
  /** 20 of 2016 are less than a hundredth, 21 more. */
  test.each([
    ['always below the target', seen(times(periods, 999)), 'ok'],
    ['at the target always', seen(times(periods, 1000)), 'warning'],
    ['above it in a hundredth of the week', seen([...times(20, 9000), ...times(periods - 20, 10)]), 'ok'],
    ['above it in one period more', seen([...times(21, 9000), ...times(periods - 21, 10)]), 'warning'],
    ['reported for nine tenths', seen(times(1815, 10)), 'ok'],
    ['reported for less', seen(times(1814, 10)), 'unknown'],
    ['reported for less, and above the target', seen(times(500, 2000)), 'warning'],
    ['not reported', seen([]), 'unknown'],
    [
      'by the other region since a failover',
      seen([...times(1000, 10), ...times(1016, undefined)], times(1016, 20)),
      'ok',
    ],
  ] as const)('%s', (_name, observations, status) => {
    expect(judge(weeklyReplicationLag, observations)).toMatchObject({ status, target: '<1 s' });
  });

  test('share and worst are told', () => {
    const found = judge(weeklyReplicationLag, seen([...times(periods / 2, 4000), ...times(periods / 2, 10)]));
    expect(found.summary).toContain('<1 s in 50 % of the week, at most 4 s (2026-11-16 12:00 UTC)');
    expect(found.observed).toMatchObject({ value: 4000, unit: 'ms', window: '7d' });
  });

  test.each([
    [times(periods, 30), 'ok'],
    [times(periods, 1500), 'warning'],
    [[], 'unknown'],
  ] as const)('without a copy elsewhere the readers tell: %#', (values, status) => {
    const readers = { ...seen([]), 'replication-lag-week-standby': skipped };
    const own = { 'reader-lag-week': known(everyPeriod(periodMs, values, 'ms')) };
    expect(judge(weeklyReplicationLag, { ...readers, ...own }, alone).status).toBe(status);
  });

  test('not seen, not configured', () => {
    expect(judge(weeklyReplicationLag, { ...seen([]), 'replication-lag-week-standby': denied }).status).toBe('unknown');
    const none = {
      'replication-lag-week-standby': skipped,
      'replication-lag-week-site': skipped,
      'reader-lag-week': skipped,
    };
    expect(judge(weeklyReplicationLag, none, alone).status).toBe('not-configured');
  });
});
