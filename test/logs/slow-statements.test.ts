/** Slow statements: counted, timed and compared; examples without texts. */
import { expect, test } from 'vitest';
import type { SlowEntry } from '../../src/diagnosis/slow-log.ts';
import { slowDigests } from '../../src/logs/slow-statements.ts';

const hour = 3_600_000;
const entry = (seconds: number, more: Partial<SlowEntry> = {}): SlowEntry => ({
  at: seconds * 1000,
  user: 'app',
  seconds,
  lockSeconds: 0.5,
  rowsSent: 2,
  rowsExamined: 100,
  statement: "SELECT a FROM b WHERE mail = 'ann@example.com' AND id = 7",
  shape: 'SELECT a FROM b WHERE mail = ? AND id = ?',
  ...more,
});
const period = (entries: readonly SlowEntry[], lookedMs = hour) => ({ entries, lookedMs });

test('the sums, the percentile, the slowest as the example', () => {
  const times = Array.from({ length: 20 }, (_, index) => entry(index + 1));
  const [digest] = slowDigests(period(times), period([entry(1)]));
  expect(digest).toMatchObject({
    count: 20,
    before: 1,
    totalSeconds: 210,
    meanSeconds: 10.5,
    maxSeconds: 20,
    lockSeconds: 10,
    rowsSent: 40,
    rowsExamined: 2_000,
    firstAt: 1_000,
    lastAt: 20_000,
    users: ['app'],
    example: "SELECT a FROM b WHERE mail = '\u2026' AND id = 7",
  });
  expect(digest?.p95Seconds).toBeCloseTo(19.05, 6);
});

test('by total time, whatever the count', () => {
  const many = Array.from({ length: 9 }, () => entry(1, { shape: 'many' }));
  expect(slowDigests(period([...many, entry(30, { shape: 'long' })]), period([])).map(({ shape }) => shape)).toEqual([
    'long',
    'many',
  ]);
});

test.each([
  [4, 0, 'new', false],
  [5, 0, 'new', true],
  [40, 10, 'louder', true],
  [10, 10, 'steady', false],
] as const)('%i now and %i before: %s', (now, before, change, isAnomaly) => {
  const some = (count: number) => period(Array.from({ length: count }, () => entry(1)));
  expect(slowDigests(some(now), some(before))).toMatchObject([{ change, isAnomaly }]);
});

test('without a time before nothing is new', () => {
  const [digest] = slowDigests(period([entry(1)]), period([], 0));
  expect(digest).not.toHaveProperty('change');
});
