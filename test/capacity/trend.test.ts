/** Trends of series whose growth is known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossingOf } from '../../src/capacity/crossing.ts';
import { dayMs, type Day } from '../../src/capacity/days.ts';
import { fewestDays, trendOf, valueOn, weeklyGrowth, type Trend } from '../../src/capacity/trend.ts';
import { daysWith, firstDay, noiseOf, weekend } from './series.ts';

function known(days: readonly Day[]): Trend {
  const trend = trendOf(days);
  if (trend === undefined) throw new Error('no trend');
  return trend;
}

const end = firstDay + 34;

describe('the growth of', () => {
  test('a straight line is its slope, and nothing scatters', () => {
    const trend = known(daysWith(35, (index) => 1000 + 12 * index));
    expect(trend).toMatchObject({ growth: 'linear', days: 35, pivot: firstDay + 17 });
    expect(trend.slope.central).toBeCloseTo(12, 9);
    expect(trend.slope.low).toBeCloseTo(12, 9);
    expect(trend.slope.high).toBeCloseTo(12, 9);
    expect(valueOn(trend, end + 10).central).toBeCloseTo(1000 + 12 * 44, 6);
    expect(weeklyGrowth(trend, end).central).toBeCloseTo(84, 9);
  });

  test('a steady rate is known for one', () => {
    const trend = known(daysWith(35, (index) => 1000 * 1.02 ** index));
    expect(trend.growth).toBe('exponential');
    expect(valueOn(trend, firstDay + 100).central).toBeCloseTo(1000 * 1.02 ** 100, 3);
    expect(weeklyGrowth(trend, firstDay).central).toBeCloseTo(1000 * (1.02 ** 7 - 1), 6);
  });

  test('a week’s own rhythm is no growth, wherever the days begin and end', () => {
    for (const cut of [0, 1, 2, 3, 4, 5, 6]) {
      const flat = known(daysWith(35, (index) => 1000 + weekend(index)).slice(cut));
      expect(flat.slope).toEqual({ central: 0, low: 0, high: 0 });
      const grows = known(daysWith(35, (index) => 1000 + 3 * index + weekend(index)).slice(cut));
      expect(grows.slope.central).toBeCloseTo(3, 9);
    }
  });

  test('a few wild days change nothing', () => {
    const wild = new Map([
      [3, 9000],
      [11, 0],
      [20, 0],
      [30, 40_000],
    ]);
    const trend = known(daysWith(35, (index) => wild.get(index) ?? 1000 + 5 * index + weekend(index)));
    expect(trend.slope.central).toBeCloseTo(5, 6);
    expect(valueOn(trend, end).central).toBeCloseTo(1170, 0);
  });

  test('days that are missing change nothing', () => {
    const days = daysWith(35, (index) => 1000 + 5 * index).filter(({ day }) => ![2, 3].includes(day % 7));
    expect(days).toHaveLength(25);
    expect(known(days).slope.central).toBeCloseTo(5, 9);
  });

  test('what shrinks is below zero, for certain', () => {
    const trend = known(daysWith(35, (index) => 1000 - 4 * index + weekend(index)));
    expect(trend.slope.high).toBeLessThan(0);
  });

  test('a constant does not grow', () => {
    const trend = known(daysWith(35, () => 7));
    expect(trend).toMatchObject({ growth: 'linear', slope: { central: 0, low: 0, high: 0 } });
    expect(valueOn(trend, end + 365)).toEqual({ central: 7, low: 7, high: 7 });
  });

  test('zeros can have no rate', () => {
    expect(known(daysWith(35, (index) => index)).growth).toBe('linear');
    expect(known(daysWith(35, () => 0)).growth).toBe('linear');
  });
});

test('what is no number counts as missing, and too few days have no trend', () => {
  expect(trendOf([])).toBeUndefined();
  expect(trendOf(daysWith(1, () => 5))).toBeUndefined();
  expect(trendOf(daysWith(fewestDays - 1, () => 5))).toBeUndefined();
  expect(trendOf(daysWith(fewestDays, () => 5))).toBeDefined();
  const holed = daysWith(fewestDays, (index) => (index === 4 ? Number.NaN : 5));
  expect(trendOf(holed)).toBeUndefined();
  expect(trendOf([...holed, { day: firstDay + 40, value: 5 }])?.days).toBe(fewestDays);
});

/** Of so many series with noise, how often what is true lies within the ranges: the growth, and the day 60 days ahead. */
function covered(correlation: number, of: number): { readonly growth: number; readonly date: number } {
  const now = firstDay + 35;
  const counts = { growth: 0, date: 0 };
  for (let seed = 1; seed <= of; seed += 1) {
    const noise = noiseOf(seed, 30, correlation);
    const trend = known(daysWith(35, (index) => 1000 + 4 * index + weekend(index) + noise(index)));
    const { low, high } = weeklyGrowth(trend, firstDay + 17);
    if (low <= 28 && 28 <= high) counts.growth += 1;
    const { earliest = Infinity, latest = Infinity } = crossingOf(trend, 1000 + 4 * (35 + 60), {
      nowMs: now * dayMs,
      isReached: false,
    });
    if (earliest <= (now + 60) * dayMs && (now + 60) * dayMs <= latest) counts.date += 1;
  }
  return { growth: counts.growth / of, date: counts.date / of };
}

test.each([
  [0, 0.9],
  [0.5, 0.88],
  [0.7, 0.85],
])(
  'the ranges hold what is true in nine of ten series; of days that resemble each other by %d, hardly fewer',
  (correlation, least) => {
    const { growth, date } = covered(correlation, 200);
    expect(growth).toBeGreaterThanOrEqual(least);
    expect(date).toBeGreaterThanOrEqual(least);
    // A range without an end would hold everything.
    expect(growth).toBeLessThan(1);
  },
);

describe('whatever the series, its trend', () => {
  const series = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 35, maxLength: 35 });
  const of = (values: readonly number[]): Trend =>
    known(values.map((value, index) => ({ day: firstDay + index, value })));

  test('does not depend on the order in which days are given', () => {
    fc.assert(
      fc.property(series, (values) => {
        const days = values.map((value, index) => ({ day: firstDay + index, value }));
        expect(trendOf(days.toReversed())).toEqual(trendOf(days));
      }),
    );
  });

  test('moves with the calendar by whole weeks', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 100 }), (values, weeks) => {
        const [here, there] = [
          of(values),
          known(values.map((value, index) => ({ day: firstDay + 7 * weeks + index, value }))),
        ];
        expect({ ...there, pivot: there.pivot - 7 * weeks }).toEqual(here);
      }),
    );
  });

  test('grows with the unit', () => {
    fc.assert(
      fc.property(series, (values) => {
        const [once, eightfold] = [of(values), of(values.map((value) => value * 8))];
        // Eight is a power of two: a straight line is eight times as steep to the last digit; a rate stays what it is.
        const factor = once.growth === 'linear' ? 8 : 1;
        expect(eightfold.slope.central).toBeCloseTo(once.slope.central * factor, 9);
        expect(eightfold.growth).toBe(once.growth);
      }),
    );
  });

  test('has its line between its ends, everywhere', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: -100, max: 800 }), (values, ahead) => {
        const { central, low, high } = valueOn(of(values), firstDay + ahead);
        expect(low).toBeLessThanOrEqual(central + 1e-6 * Math.abs(central));
        expect(high).toBeGreaterThanOrEqual(central - 1e-6 * Math.abs(central));
      }),
    );
  });
});
