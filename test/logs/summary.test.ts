/** Which kept week a week is compared with, how many are kept, and what cannot be read back. */
import { expect, test } from 'vitest';
import { comparable, parseSummaries, withSummary, type LogSummary } from '../../src/logs/summary.ts';

const hour = 3_600_000;
const day = 24 * hour;
const until = 100 * day;
const week = (to: number, logGroup = 'a'): LogSummary => ({
  logGroup,
  from: to - 7 * day,
  to,
  lookedMs: hour,
  lines: 1,
  patterns: [{ template: 'x <n>', level: 'error', count: 1 }],
});

test.each<[string, readonly LogSummary[], number | undefined]>([
  ['nothing kept', [], undefined],
  ['of a minute ago', [week(until - 60_000)], undefined],
  ['just not half a day ago', [week(until - 12 * hour + 1)], undefined],
  ['half a day ago', [week(until - 12 * hour)], until - 12 * hour],
  ['of yesterday and of last week', [week(until - 7 * day), week(until - day)], until - 7 * day],
  ['of two weeks', [week(until - 14 * day), week(until - 7 * day)], until - 7 * day],
  ['a day late', [week(until - 6 * day)], until - 6 * day],
  ['of some days that overlap: the oldest', [week(until - 3 * day), week(until - 2 * day)], until - 3 * day],
  ['of another group', [week(until - 7 * day, 'b')], undefined],
])('%s', (_, kept, to) => {
  expect(comparable(kept, week(until))?.to).toBe(to);
});

test('one a day, the newest of it, and fifteen at most', () => {
  let kept: readonly LogSummary[] = [];
  for (let number = 0; number < 40; number += 1) kept = withSummary(kept, week(until + number * 12 * hour));
  expect(kept).toHaveLength(15);
  expect(kept.at(-1)?.to).toBe(until + 39 * 12 * hour);
  expect(kept.every(({ to }) => to % day === 12 * hour)).toBe(true);
});

test('what was kept is read back; what was altered is not', () => {
  const kept = [week(until), week(until - day)];
  expect(parseSummaries(JSON.parse(JSON.stringify(kept)))).toEqual(kept.toReversed());
  for (const wrong of [undefined, {}, [1], [{ ...kept[0], to: 'x' }], [{ ...kept[0], patterns: [{ template: 1 }] }]]) {
    expect(parseSummaries(wrong)).toBeUndefined();
  }
});
