/** Error lines as patterns: counted, compared, told without secrets, and the same whoever asks. */
import { expect, test } from 'vitest';
import { patternsAgainst, patternsOf } from '../../src/logs/patterns.ts';

const hour = 3_600_000;
const line = (at: number, message: string | object, stream = 'a') => ({
  at,
  stream,
  message: typeof message === 'string' ? message : JSON.stringify(message),
});
const times = (count: number, make: (index: number) => string | object, from = 0) =>
  Array.from({ length: count }, (_, index) => line(from + index, make(index), `task-${index % 3}`));
const looked = (lines: ReturnType<typeof times>) => ({ lines, lookedMs: hour });

test('structured and plain lines by what they say, not by what they carry', () => {
  const lines = [
    ...times(4, (index) => ({
      level: 'ERROR',
      action: 'UPLOAD_FAILED',
      message: `Failed to upload nanos/${index}.zip`,
      error: `Timeout after ${index} s`,
      user_id: `secret-person-${index}`,
    })),
    ...times(3, (index) => `2026-11-23 10:00:0${index},123 CRITICAL pool of ${index} exhausted`),
  ];
  const { patterns, others } = patternsOf(looked(lines), looked([]));
  expect(others).toBe(0);
  expect(patterns.map(({ template, level, count, streams }) => [template, level, count, streams.length])).toEqual([
    ['CRITICAL pool of <n> exhausted', 'critical', 3, 3],
    ['[UPLOAD_FAILED] Timeout after <n> s | Failed to upload nanos/<n>.zip', 'error', 4, 3],
  ]);
  expect(JSON.stringify(patterns)).not.toContain('secret-person');
});

test('of a traceback the exception', () => {
  const text = 'ERROR in worker\nTraceback (most recent call last):\n  File "a.py", line 7\nValueError: no such plan';
  const [pattern] = patternsOf(looked([line(1, text)]), undefined).patterns;
  expect(pattern?.template).toBe('ERROR in worker ValueError: no such plan');
});

test.each([
  ['four lines of a new pattern may be chance', 4, 0, 'ERROR', 'new', false],
  ['five are not', 5, 0, 'ERROR', 'new', true],
  ['one that is critical is enough', 1, 0, 'CRITICAL', 'new', true],
  ['as often as before', 20, 20, 'ERROR', 'steady', false],
  ['three times as often', 60, 20, 'ERROR', 'louder', true],
  ['critical and as often as before', 20, 20, 'CRITICAL', 'steady', false],
])('%s', (_, now, before, level, change, isAnomaly) => {
  const make = (index: number) => `${level} failed ${index}`;
  const { patterns } = patternsOf(looked(times(now, make, hour)), looked(times(before, make)));
  expect(patterns).toMatchObject([{ count: now, before, change, isAnomaly }]);
});

test('what only was is not told, and without a time before nothing is called new', () => {
  expect(patternsOf(looked([]), looked(times(9, () => 'ERROR x'))).patterns).toEqual([]);
  const [pattern] = patternsOf(looked(times(9, () => 'ERROR x')), undefined).patterns;
  expect(pattern).toMatchObject({ isAnomaly: false });
  expect(pattern).not.toHaveProperty('change');
});

test('lines in another order come to the same', () => {
  const lines = [
    ...times(30, (index) => `ERROR read of file ${'abc'[index % 3]} failed by ${index}`),
    ...times(30, (index) => ({ level: 'ERROR', error: `E${index % 4} at ${index}`, message: 'x y z' })),
  ];
  const one = patternsOf(looked(lines), undefined);
  expect(patternsOf(looked(lines.toReversed()), undefined)).toEqual(one);
});

test('kept patterns are found again by what has been masked in them', () => {
  const make = (index: number) => `ERROR read of ${'pqrs'[index % 4]} failed after ${index} ms`;
  const { patterns } = patternsOf(looked(times(40, make)), undefined);
  const again = patternsAgainst(looked(times(40, make)), { patterns, lookedMs: hour });
  expect(again.patterns).toMatchObject([{ count: 40, before: 40, change: 'steady' }]);
});

test('a hundred thousand lines take seconds, not minutes, whatever is in them', () => {
  const lines = times(100_000, (index) =>
    index % 2 === 0
      ? `ERROR Failed ${index} at /a/b/${index} for user-${index} from 10.0.${index % 255}.${index % 99}`
      : { level: 'ERROR', action: `A${index % 50}`, message: `Could not x '${index}'`, error: `password=${index}` },
  );
  const begin = performance.now();
  const { patterns } = patternsOf(looked(lines), undefined);
  expect(performance.now() - begin).toBeLessThan(15_000);
  expect(patterns.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
});
