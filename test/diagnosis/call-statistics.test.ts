/** What counted calls come to: averages, percentiles of a histogram, shares; nothing where nothing was measured. */
import { expect, test } from 'vitest';
import type { CallStatistics } from '../../src/cloud/service-graph-facts.ts';
import { faultRate, meanMs, percentileMs } from '../../src/diagnosis/call-statistics.ts';

const counted = (more: Partial<CallStatistics>): CallStatistics => ({
  requests: 0,
  ok: 0,
  errors: 0,
  throttles: 0,
  faults: 0,
  totalMs: 0,
  latencies: [],
  ...more,
});

test('nothing measured is no zero', () => {
  expect([meanMs(counted({})), faultRate(counted({})), percentileMs([], 0.95)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(percentileMs([{ ms: 5, count: 0 }], 0.5)).toBeUndefined();
});

test('averages are of totals, and rates of requests, never above all of them', () => {
  expect(meanMs(counted({ requests: 4, totalMs: 100 }))).toBe(25);
  expect(faultRate(counted({ requests: 10, faults: 2, errors: 3, throttles: 1 }))).toBe(0.2);
  expect(faultRate(counted({ requests: 1, faults: 2 }))).toBe(1);
});

test.each([
  [0.5, 10],
  [0.9, 10],
  [0.95, 20],
  [0.99, 400],
  [1, 400],
])('the quantile %s is the first value that so many reach', (share, ms) => {
  const latencies = [
    { ms: 10, count: 18 },
    { ms: 20, count: 1 },
    { ms: 400, count: 1 },
  ];
  expect(percentileMs(latencies, share)).toBe(ms);
});
