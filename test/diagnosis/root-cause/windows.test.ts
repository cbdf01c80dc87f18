/** Windows of a series, and how their numbers scatter. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviation } from '../../../src/diagnosis/statistics.ts';
import { calmerEdgeOf, calmShape, middleOf, scatterOf } from '../../../src/diagnosis/root-cause/windows.ts';

const shape = { length: 5, edge: 1 };

test('the middle is judged, weighted by requests', () => {
  expect(middleOf({ values: [9, 1, 2, 3, 9] }, 0, shape)).toBe(2);
  expect(middleOf({ values: [9, 1, 2, 3, 9], weights: [1, 8, 0, 2, 1] }, 0, shape)).toBeCloseTo(1.4);
});

test('what was not measured, or belongs to the incident, weighs nothing', () => {
  expect(middleOf({ values: [9, Number.NaN, 2, Infinity, 9] }, 0, shape)).toBe(2);
  expect(middleOf({ values: [9, 1, 2, 3, 9], skip: { from: 1, to: 3 } }, 0, shape)).toBe(3);
  expect(middleOf({ values: [9] }, 0, shape)).toBeNaN();
});

test('the calmer of two edges counts, or the only one', () => {
  expect(calmerEdgeOf({ values: [4, 0, 0, 0, 7] }, 0, shape)).toBe(4);
  expect(calmerEdgeOf({ values: [Number.NaN, 0, 0, 0, 7] }, 0, shape)).toBe(7);
});

test('scatter is robust in the middle, and knows about a wild tail', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => (index % 10 === 0 ? 10 : index % 2));
  const scatter = scatterOf(100, 1, (from) => numbers[from] ?? Number.NaN);
  expect(scatter?.centre).toBe(1);
  expect(scatter?.above).toBeGreaterThan(5);
  expect(scatter?.below).toBeLessThan(1.5);
});

test('where no tail is wild, a side scatters by the median absolute deviation', () => {
  // As they come: most lie near the middle, so that the deviation decides, or the tail does where it is longer.
  const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 150 });
  fc.assert(
    fc.property(numbers, (values) => {
      const scatter = scatterOf(values.length, 1, (from) => values[from] ?? Number.NaN);
      const typical = deviation(values) ?? Number.NaN;
      expect(scatter?.above).toBeGreaterThanOrEqual(typical - 1e-9);
      expect(scatter?.below).toBeGreaterThanOrEqual(typical - 1e-9);
    }),
  );
  for (const count of [7, 8]) {
    const even = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 1 : -1) * (5 + index / 100));
    expect(scatterOf(count, 1, (from) => even[from] ?? Number.NaN)?.above).toBeCloseTo(
      deviation(even) ?? Number.NaN,
      9,
    );
  }
});

test('with fewer than four windows nothing is known of scatter', () => {
  expect(scatterOf(3, 1, () => 1)).toBeUndefined();
  expect(scatterOf(100, 1, () => Number.NaN)).toBeUndefined();
});

test('a short normal period is cut into shorter windows', () => {
  const base = { window: 60, edge: 12, isEdges: false, from: 0, to: 0 };
  expect(calmShape(base, 600)).toEqual({ length: 60, edge: 12 });
  expect(calmShape(base, 80)).toEqual({ length: 10, edge: 2 });
});
