/** When something counts as new, louder or quieter: at the edges. */
import { expect, test } from 'vitest';
import { chanceOfMore, changeOf } from '../../src/logs/change.ts';

const hour = 3_600_000;
const over = (count: number, lookedMs = hour) => ({ count, lookedMs });

test.each([
  ['nothing then, nothing now', over(0), over(0), 'steady'],
  ['nothing then, one now', over(1), over(0), 'new'],
  ['too few to be louder', over(4), over(1), 'steady'],
  ['twice as often, but by chance', over(8), over(4), 'steady'],
  ['twice as often, and no chance', over(80), over(40), 'louder'],
  ['just below twice as often', over(79), over(40), 'steady'],
  ['half as often, and no chance', over(40), over(80), 'quieter'],
  ['twice as many in twice the time', over(80, 2 * hour), over(40), 'steady'],
  ['as many in half the time', over(80, hour / 2), over(80), 'louder'],
  ['a flood', over(100_000), over(40_000), 'louder'],
  ['a flood like before', over(50_000), over(50_100), 'steady'],
])('%s', (_, now, before, change) => {
  expect(changeOf(now, before)).toBe(change);
});

test('without having looked nothing is said', () => {
  expect(changeOf(over(5), over(0, 0))).toBeUndefined();
  expect(changeOf(over(5, 0), over(5))).toBeUndefined();
});

test('the chance is the binomial tail', () => {
  expect(chanceOfMore(over(5), over(0))).toBeCloseTo(1 / 32, 12);
  expect(chanceOfMore(over(3), over(1))).toBeCloseTo(5 / 16, 12);
  expect(chanceOfMore(over(0), over(7))).toBe(1);
  // Where the approximation begins it goes on where the sum ended.
  expect(chanceOfMore(over(5_100), over(4_900))).toBeCloseTo(chanceOfMore(over(5_101), over(4_901)), 3);
});
