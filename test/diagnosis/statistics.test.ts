import { expect, test } from 'vitest';
import { deviation, median, quantile, sum } from '../../src/diagnosis/statistics.ts';

test('an empty sample has no median, no quantile and no deviation, and sums to nothing', () => {
  expect([median([]), quantile([], 0.9), deviation([]), sum([])]).toEqual([undefined, undefined, undefined, 0]);
});

test('the median does not depend on the order, and is not moved by one wild value', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([1, 2, 3, 1e9])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test('numbers are sorted as numbers', () => {
  expect(median([10, 9, 100])).toBe(10);
});

test('quantiles interpolate between neighbours', () => {
  const values = [10, 20, 30, 40];
  expect([0, 0.25, 0.5, 0.75, 1].map((q) => quantile(values, q))).toEqual([10, 17.5, 25, 32.5, 40]);
});

test('the deviation estimates the standard deviation, and shrugs at outliers', () => {
  expect(deviation([5, 5, 5])).toBe(0);
  expect(deviation([1, 2, 3, 4, 5])).toBeCloseTo(1.4826);
  expect(deviation([1, 2, 3, 4, 1e6])).toBeCloseTo(1.4826);
});

test('the sample is left as it was', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
