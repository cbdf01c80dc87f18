/** Growth is told from noise, whatever the level: what the soak judges by. */
import { expect, test } from 'vitest';
import { growthOf } from '../../bench/support/trend.js';
import { seeded } from '../../src/sandbox/random.ts';

const series = 300;
const samples = 40;

/** Of a process that takes `slope` more with each run: around 80 MB, give or take one, and now and then far more. */
function measured(seed: number, slope: number) {
  const random = seeded(seed);
  return Array.from({ length: samples }, (_, index) => {
    const x = (index + 11) * 200;
    const scatter = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const outlier = random() < 0.05 ? 10 : 0;
    return { x, y: 80 + slope * x + scatter + outlier };
  });
}

/** In how many of the series something grows. */
function growing(slope: number): number {
  return Array.from({ length: series }, (_, index) => growthOf(measured(index + 1, slope))).filter(
    ({ surely }) => surely > 0,
  ).length;
}

test('of 300 series of mere noise at most six are taken for growth, and none of what shrinks', () => {
  // The lower end of a 99 % interval is above nothing in one of 200.
  expect(growing(0)).toBeLessThanOrEqual(6);
  expect(growing(-20 / 10_000)).toBe(0);
});

test('growth of 10 MB in 10,000 runs, half of what the soak lets pass, is found in each of them, and told within a fifth', () => {
  const slope = 10 / 10_000;
  expect(growing(slope)).toBe(series);
  const told = Array.from({ length: series }, (_, index) => growthOf(measured(index + 1, slope)).slope);
  const middle = told.toSorted((a, b) => a - b)[series / 2] ?? Number.NaN;
  expect(middle).toBeGreaterThan(slope * 0.8);
  expect(middle).toBeLessThan(slope * 1.2);
});

test('a level is no growth, and few points are no trend', () => {
  const level = Array.from({ length: 10 }, (_, x) => ({ x, y: 7 }));
  expect(growthOf(level)).toEqual({ slope: 0, surely: 0 });
  expect(growthOf(level.map(({ x }) => ({ x, y: 2 * x })))).toEqual({ slope: 2, surely: 2 });
  expect(() => growthOf(level.slice(1))).toThrow('a trend wants ten points, not 9');
});
