/** `weekly-capacity` by what it is told: what is not looked for does not count, and what cannot be told is never well. */
import { describe, expect, test } from 'vitest';
import { lookedAt } from '../../../src/capacity/resource.ts';
import type { Series } from '../../../src/cloud/series.ts';
import { weeklyCapacity } from '../../../src/checks/weekly/capacity.ts';
import { dayMs, denied, is, judged, told } from './told.ts';

const hourMs = 3_600_000;
const span = lookedAt(told.until);

/** Five weeks by the hour up to the present, or up to so many hours ago. */
function hourly(value: number, endedHoursAgo = 0): Series {
  const hours = Math.floor((span.to - span.from) / hourMs) - endedHoursAgo;
  return {
    label: 'test',
    unit: '%',
    periodMs: hourMs,
    points: Array.from({ length: Math.max(0, hours) }, (_, index) => ({ at: span.from + index * hourMs, value })),
    source: { operation: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: 'test' },
  };
}

const service = (series: Series) => is({ cpuAverage: series, memoryAverage: series });
const load = (connections: Series) => is({ cpu: hourly(30), connections });

describe('not configured', () => {
  test('is where no part is', () => {
    expect(judged(weeklyCapacity, {})).toEqual({
      status: 'not-configured',
      summary: 'compute, database, cache and business.namespace are not configured',
      evidence: [],
    });
  });

  test('is no part of what is: tasks that nobody scales, beside well ones', () => {
    const seen = { 'capacity-service': service(hourly(40)), 'capacity-scaling': is(null) };
    expect(judged(weeklyCapacity, seen)).toMatchObject({
      status: 'ok',
      summary: 'no resource reaches 70 % within 30 days',
      observed: { value: 40, unit: '%' },
    });
  });
});

describe('unknown', () => {
  test.each([
    'capacity-users',
    'capacity-service',
    'capacity-scaling',
    'capacity-database',
    'capacity-storage',
    'capacity-cache',
  ])('is what the caller may not see, whatever is not configured beside it: %s', (observation) => {
    const found = judged(weeklyCapacity, { [observation]: denied('cloudwatch:GetMetricData') });
    expect(found).toMatchObject({ status: 'unknown', nextStep: 'allow cloudwatch:GetMetricData', target: '<70 %' });
    expect(found.summary).toContain('the caller may not cloudwatch:GetMetricData');
  });

  test('is one that cannot be seen beside others that are well', () => {
    const seen = { 'capacity-service': service(hourly(40)), 'capacity-cache': denied('elasticache:Describe') };
    const { status, summary } = judged(weeklyCapacity, seen);
    expect(status).toBe('unknown');
    expect(summary).toMatch(/^not known: Memory of the cache and CPU of the cache’s engine: .*the caller may not/);
  });

  test.each([
    ['nothing', hourly(40, 99 * 24), 'nothing was reported within five weeks'],
    ['nothing for four hours', hourly(40, 4), /nothing was reported after \d{4}-\d\d-\d\d \d\d:00 UTC/],
    ['nothing for four days', hourly(40, 4 * 24 + 12), 'only 3 of the last 7 days are known; 4 are needed'],
  ])('is a metric that reported %s', (_what, series, reason) => {
    const { status, summary } = judged(weeklyCapacity, { 'capacity-service': service(series) });
    expect(status).toBe('unknown');
    expect(summary).toMatch(reason);
  });

  test('are connections of which nobody can tell how many may be open', () => {
    const seen = { 'capacity-database': load(hourly(100)), 'connection-limit': is(null) };
    const { status, summary } = judged(weeklyCapacity, seen);
    expect(status).toBe('unknown');
    expect(summary).toContain('Connections of the database: max_connections of the writer cannot be told');
  });

  test('are users of whom nothing was written for two days', () => {
    const of = (endedHoursAgo: number) => is({ dailyActiveUsers: hourly(9_000, endedHoursAgo) });
    const tiers = [{ users: 10_000 }];
    expect(judged(weeklyCapacity, { 'capacity-users': of(40) }, { tiers }).status).toBe('ok');
    expect(judged(weeklyCapacity, { 'capacity-users': of(60) }, { tiers }).status).toBe('unknown');
  });
});

test('what is used sustainedly is a breach, and what cannot be seen is told beside it', () => {
  const seen = { 'capacity-service': service(hourly(75)), 'capacity-users': denied('cloudwatch:GetMetricData') };
  const found = judged(weeklyCapacity, seen);
  expect(found).toMatchObject({ status: 'breach', nextStep: 'nanoops capacity forecast' });
  expect(found.summary).toMatch(/^CPU of the tasks: 75 % sustained.*not known: daily active users: /);
});

test('what was used sustainedly when the metrics stopped is a breach still', () => {
  expect(judged(weeklyCapacity, { 'capacity-service': service(hourly(75, 30)) }).status).toBe('breach');
});

test('what grows to the threshold within 30 days is a warning', () => {
  const flat = hourly(0);
  const rising = flat.points.map(({ at }) => ({ at, value: 50 + ((at - span.from) / dayMs) * 0.4 }));
  expect(judged(weeklyCapacity, { 'capacity-service': service({ ...flat, points: rising }) }).status).toBe('warning');
});
