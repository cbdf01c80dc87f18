/** Error budgets, burn rates and forecasts, at their edges. */
import { describe, expect, test } from 'vitest';
import { objectivesOf } from '../../../src/checks/slo/objectives.ts';
import { limitsOf } from '../../../src/use-cases/check-report.ts';
import { budgetOf } from '../../../src/slo/budget.ts';
import { burnOf, burnPairs } from '../../../src/slo/burn.ts';
import { forecastOf } from '../../../src/slo/forecast.ts';
import { sumOver, tallyPeriods, tallyRequests, type Tallies } from '../../../src/slo/tally.ts';
import { endMs, seriesOf } from '../../diagnosis/series.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const monthMs = 30 * 24 * hourMs;
const allowed = 0.0005;

/** So many periods up to the end, with as many events each. */
function tallies(periodMs: number, count: number, of: (periodsAgo: number) => { all: number; bad: number }): Tallies {
  const periods = Array.from({ length: count }, (_, index) => ({
    at: endMs - (count - index) * periodMs,
    ...of(count - index),
  }));
  return { periodMs, periods: periods.filter(({ all }) => all > 0) };
}

test('99.95 % of 30 days are 21.6 minutes', () => {
  expect(budgetOf({ all: 10_000, bad: 0 }, allowed, monthMs)).toEqual({
    totalMs: 21.6 * minuteMs,
    left: 1,
    leftMs: 21.6 * minuteMs,
  });
  expect(budgetOf({ all: 10_000, bad: 5 }, allowed, monthMs)?.left).toBeCloseTo(0, 12);
  expect(budgetOf({ all: 10_000, bad: 10 }, allowed, monthMs)?.leftMs).toBeCloseTo(-21.6 * minuteMs, 6);
  expect(budgetOf({ all: 0, bad: 0 }, allowed, monthMs)).toBeUndefined();
});

test('a request that only the balancer refused is one; what was not reported is not there', () => {
  const found = tallyRequests(
    seriesOf([100, undefined, undefined, 50]),
    seriesOf([undefined, 7, undefined, undefined]),
    [seriesOf([1, 7, undefined, undefined])],
  );
  expect(found.periods.map(({ all, bad }) => [all, bad])).toEqual([
    [100, 1],
    [7, 7],
    [50, 0],
  ]);
  expect(sumOver(found, { from: endMs - 4 * minuteMs, to: endMs })).toEqual({ all: 157, bad: 8, coverage: 0.75 });
  // A period that begins where a window ends is the next one's.
  expect(sumOver(found, { from: endMs - 4 * minuteMs, to: endMs - minuteMs })).toMatchObject({ all: 107, bad: 8 });
});

test('a period at the bound misses it', () => {
  expect(tallyPeriods(seriesOf([0.999, 1, 1.5], 's'), 1).periods.map(({ bad }) => bad)).toEqual([0, 1, 1]);
});

test('what an objective allows is exact, so that what is at a threshold has not crossed it', () => {
  const [availability, errors, ...latency] = objectivesOf(limitsOf());
  expect([availability?.allowed, errors?.allowed]).toEqual([0.0005, 0.005]);
  expect(latency.map((each) => each.allowed)).toEqual([0.01, 0.01]);
  for (const pair of burnPairs) {
    const all = 1e6;
    const at = tallies(minuteMs, pair.longMs / minuteMs, () => ({
      all,
      bad: Math.round(all * 0.0005 * pair.threshold),
    }));
    expect(burnOf(at, availability?.allowed ?? 0, endMs, pair, 10).state).toBe('calm');
  }
});

describe.each(burnPairs)('burn over $id', (pair) => {
  /** Both windows at the same rate, of so many requests a minute. */
  const burning = (rate: number, all = 1e6, shortRate = rate, length = pair.longMs) => {
    const recent = tallies(minuteMs, length / minuteMs, (ago) => ({
      all,
      bad: all * allowed * (ago * minuteMs <= pair.shortMs ? shortRate : rate),
    }));
    return burnOf(recent, allowed, endMs, pair, 10).state;
  };
  test('has to be faster than the threshold in both windows', () => {
    expect(burning(pair.threshold * 1.001)).toBe('breach');
    expect(burning(pair.threshold * 0.999)).toBe('calm');
    expect(burning(pair.threshold * 2, 1e6, pair.threshold * 0.999)).toBe('calm');
    expect(burning(0, 1e6, pair.threshold * 1.001)).toBe('calm');
  });
  test('of fewer than ten bad events it is nothing; of less than half of a window it is unknown', () => {
    const all = (9.9 / (pair.threshold * 2 * allowed)) * (minuteMs / pair.longMs);
    expect(burning(pair.threshold * 2, all)).toBe('few');
    expect(burning(pair.threshold * 2, all * 1.02)).toBe('breach');
    expect(burning(0, 1e6, 0, pair.longMs / 2)).toBe('calm');
    expect(burning(0, 1e6, 0, pair.longMs / 2 - minuteMs)).toBe('unknown');
  });
});

describe('when the budget ends', () => {
  const forecast = (
    monthRate: number,
    nowRate: number,
    outage?: { readonly daysAgo: number; readonly failed: number },
  ) => {
    const all = 1000;
    const month = tallies(hourMs, 720, (ago) => ({
      all: all * 60,
      bad: all * 60 * allowed * monthRate + (outage !== undefined && ago === outage.daysAgo * 24 ? outage.failed : 0),
    }));
    const recent = tallies(minuteMs, 72 * 60, () => ({ all, bad: all * allowed * nowRate }));
    return forecastOf({ month, recent, allowed, until: endMs, windowMs: monthMs, fewest: 10 });
  };
  const budget = 1000 * 60 * 720 * allowed;

  test('half is left, and burns at 10: what comes in less what leaves the window', () => {
    const found = forecast(0.5, 10);
    expect(found).toMatchObject({ isSpent: false, basis: { id: '1h' } });
    expect(((found?.endsAt ?? 0) - endMs) / hourMs).toBeCloseTo((0.5 * 720) / 9.5, 6);
  });
  test('a burn of less than 1 ends nothing', () => {
    expect(forecast(0.5, 0.9)).toMatchObject({ isSpent: false });
    expect(forecast(0.5, 0.9)?.endsAt).toBeUndefined();
  });
  test('what an outage spent comes back when it leaves the window', () => {
    const found = forecast(0.1, 0.1, { daysAgo: 10, failed: budget });
    expect(found).toMatchObject({ isSpent: true });
    expect(((found?.returnsAt ?? 0) - endMs) / (24 * hourMs)).toBeCloseTo(20, 1);
  });
  test('of few failures the window is longer; of nothing there is no forecast', () => {
    expect(forecast(0.1, 0.1)?.basis.id).toBe('6h');
    expect(forecast(0, 0)?.basis.id).toBe('3d');
    const none: Tallies = { periodMs: minuteMs, periods: [] };
    expect(
      forecastOf({ month: none, recent: none, allowed, until: endMs, windowMs: monthMs, fewest: 10 }),
    ).toBeUndefined();
  });
  test('periods of the month are longer than those of the present', () => {
    const month: Tallies = { ...tallies(5 * minuteMs, 8640, () => ({ all: 1, bad: 0 })), perPeriod: 1 };
    const recent: Tallies = { ...tallies(minuteMs, 4320, (ago) => ({ all: 1, bad: ago <= 60 ? 1 : 0 })), perPeriod: 1 };
    const found = forecastOf({ month, recent, allowed: 0.01, until: endMs, windowMs: monthMs, fewest: 10 });
    expect(((found?.endsAt ?? 0) - endMs) / hourMs).toBeCloseTo(7.2, 6);
  });
});
