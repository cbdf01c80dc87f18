/** Days, crossings, resources and the plan, at their edges. */
import { describe, expect, test } from 'vitest';
import { crossingOf, furthestDays } from '../../src/capacity/crossing.ts';
import { dayMs, daysOf, greatest, highHours } from '../../src/capacity/days.ts';
import { after, carrying, infrastructure, usersOutlook, type Tier } from '../../src/capacity/plan.ts';
import { lookedAt, shareOf, usedShare, useOf } from '../../src/capacity/resource.ts';
import { trendOf, type Trend } from '../../src/capacity/trend.ts';
import type { Point, Series } from '../../src/cloud/series.ts';
import { daysWith, firstDay, noiseOf } from './series.ts';

const hourMs = 3_600_000;
const now = (firstDay + 35) * dayMs + 11 * hourMs;
const span = lookedAt(now);

/** Five weeks by the hour, up to now. */
function hourly(value: (day: number, hour: number) => number | undefined): readonly Point[] {
  const hours = Math.floor((now - span.from) / hourMs);
  return Array.from({ length: hours }, (_, index) => index).flatMap((index) => {
    const found = value(Math.floor(index / 24), index % 24);
    return found === undefined ? [] : [{ at: span.from + index * hourMs, value: found }];
  });
}

describe('days', () => {
  test('are whole days of UTC within the span; one with too few hours is a gap', () => {
    const points = hourly((day, hour) =>
      day === 3 && hour >= 17 ? undefined : day === 4 && hour >= 18 ? undefined : day,
    );
    const days = daysOf(points, span, highHours);
    // Day 3 has 17 hours, day 4 has 18, and day 35 has only begun.
    expect(days.map(({ day }) => day - firstDay)).toEqual([...Array(35).keys()].filter((day) => day !== 3));
  });

  test('are told by their high hours: one odd hour is none, two busy ones are', () => {
    const value = (busy: number) =>
      daysOf(
        hourly((_day, hour) => (hour < busy ? 100 : 10)),
        span,
        highHours,
      )[0]?.value;
    expect(value(1)).toBeLessThan(10.01);
    expect(value(2)).toBeGreaterThan(80);
    expect(value(3)).toBe(100);
  });

  test('leave out what is no number, and take the greatest of a count', () => {
    const points = hourly((day, hour) => (hour === 5 ? Number.NaN : day * 100 + hour));
    expect(daysOf(points, span, highHours)).toHaveLength(35);
    expect(daysOf(points, span, greatest)[2]).toEqual({ day: firstDay + 2, value: 223 });
  });
});

describe('a trend reaches a value', () => {
  const known = (value: (index: number) => number): Trend => {
    const trend = trendOf(daysWith(35, value));
    if (trend === undefined) throw new Error('no trend');
    return trend;
  };
  const nowMs = (firstDay + 35) * dayMs;
  const of = (trend: Trend, value: number) => crossingOf(trend, value, { nowMs, isReached: false });

  test('on the day that the line is there', () => {
    const crossing = of(
      known((index) => 1000 + 10 * index),
      1450,
    );
    expect(crossing.outlook).toBe('approaching');
    expect((crossing.at ?? 0) / dayMs).toBeCloseTo(firstDay + 45, 6);
  });

  test('geometrically where it grows by a rate', () => {
    const crossing = of(
      known((index) => 1000 * 1.01 ** index),
      2000,
    );
    expect((crossing.at ?? 0) / dayMs).toBeCloseTo(firstDay + Math.log(2) / Math.log(1.01), 3);
  });

  test('within two years or not: a day decides', () => {
    const trend = known((index) => 1000 + index);
    expect(of(trend, 1000 + 35 + furthestDays).outlook).toBe('approaching');
    expect(of(trend, 1000 + 35 + furthestDays + 1)).toEqual({ outlook: 'beyond' });
  });

  test('now, where the line is above it while the newest value is not', () => {
    expect(
      of(
        known((index) => 1000 + 10 * index),
        1200,
      ),
    ).toMatchObject({ outlook: 'approaching', at: nowMs });
  });

  test('never, where it shrinks or is steady', () => {
    expect(
      of(
        known((index) => 1000 - index),
        1100,
      ),
    ).toEqual({ outlook: 'shrinking' });
    expect(
      of(
        known(() => 1000),
        1001,
      ),
    ).toEqual({ outlook: 'steady' });
  });

  test('whatever the trend says, where it is reached already', () => {
    const trend = known((index) => 1000 - index);
    expect(crossingOf(trend, 900, { nowMs, isReached: true })).toEqual({ outlook: 'reached' });
  });

  test('no earlier than its earliest and no later than its latest day', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const noise = noiseOf(seed, 15);
      const {
        at = 0,
        earliest = 0,
        latest = Infinity,
      } = of(
        known((index) => 1000 + 8 * index + noise(index)),
        2000,
      );
      expect(earliest).toBeLessThanOrEqual(at);
      expect(at).toBeLessThanOrEqual(latest);
    }
  });
});

describe('a resource', () => {
  const use = (value: (day: number, hour: number) => number | undefined) => useOf(hourly(value), span, 70);

  test.each([
    [69.9, 'steady'],
    [70, 'reached'],
    [95, 'reached'],
  ])('at %d of 70 is %s', (level, outlook) => {
    expect(use(() => level)).toMatchObject({ level, crossing: { outlook } });
  });

  test('is used sustainedly where it is on most days of the last week, not on three bad ones', () => {
    const since = (day: number) => use((each) => (each >= day ? 90 : 40));
    expect(since(31)).toMatchObject({ level: 90, crossing: { outlook: 'reached' } });
    expect(since(32)).toMatchObject({ level: 40 });
    expect(since(32).crossing?.outlook).not.toBe('reached');
    expect(since(32).hoursAbove).toBeCloseTo((3 * 24 + 11) / (7 * 24), 6);
  });

  test('is not known without four days of the last week', () => {
    expect(use((day) => (day >= 28 && day < 32 ? undefined : 40)).gap).toBe(
      'only 3 of the last 7 days are known; 4 are needed',
    );
    expect(use((day) => (day >= 28 && day < 31 ? undefined : 40)).gap).toBeUndefined();
    expect(use(() => undefined).gap).toBe('no day is known well enough: at least 18 hours of it');
  });

  test('that has been measured for too few days says how many are needed, but is seen to be full', () => {
    expect(use((day) => (day >= 15 ? 40 : undefined)).gap).toBe(
      'too few days to tell growth: 20 are known, 21 are needed',
    );
    expect(use((day) => (day >= 14 ? 40 : undefined)).gap).toBeUndefined();
    expect(use((day) => (day >= 15 ? 80 : undefined))).toMatchObject({ crossing: { outlook: 'reached' } });
  });

  const series = (points: readonly Point[]): Series => ({
    ...{ label: 'x', unit: 'count', periodMs: hourMs, points },
    source: { operation: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: 'x' },
  });

  test('is a share of what is allowed, or of what is used and left', () => {
    const used = series([
      { at: 1, value: 30 },
      { at: 2, value: 60 },
    ]);
    expect(shareOf(used, 120).map(({ value }) => value)).toEqual([25, 50]);
    expect(shareOf(used, 0)).toEqual([]);
    expect(usedShare(used, series([{ at: 2, value: 20 }]))).toEqual([{ at: 2, value: 75 }]);
  });
});

describe('the plan', () => {
  const tiers: readonly Tier[] = [
    { users: 1000, tasks: [2, 2], database: 'db.t4g.medium' },
    { users: 5000, tasks: [3, 4] },
    { users: 10_000, database: 'db.r6g.large', note: 'memory' },
  ];
  const outlook = (value: (day: number) => number | undefined) => usersOutlook(hourly(value), span, tiers);

  test('carries users up to a tier, which is full once they are as many', () => {
    expect(carrying(tiers, 999)?.users).toBe(1000);
    expect(carrying(tiers, 1000)?.users).toBe(5000);
    expect(carrying(tiers, 10_000)).toBeUndefined();
    expect(tiers.map((tier) => after(tiers, tier)?.users)).toEqual([5000, 10_000, undefined]);
    expect(tiers.map(infrastructure)).toEqual(['2 tasks, db.t4g.medium', '3–4 tasks', 'db.r6g.large, memory']);
  });

  test('says of every tier when it is reached', () => {
    const found = outlook((day) => 4000 + 20 * day);
    expect(found.now?.value).toBe(4700);
    expect(found.tiers.map(({ crossing }) => crossing?.outlook)).toEqual(['reached', 'approaching', 'approaching']);
    expect(Math.round(((found.tiers[1]?.crossing?.at ?? 0) - span.from) / dayMs)).toBe(50);
  });

  test('knows nothing of users who are not reported, or for too few days', () => {
    expect(outlook((day) => (day < 33 ? 4000 : undefined)).gap).toBe(
      'no daily active users were reported within the last 2 days',
    );
    const young = outlook((day) => (day >= 15 ? 4000 : undefined));
    expect(young).toMatchObject({ gap: 'too few days to tell growth: 20 are known, 21 are needed' });
    expect(young.tiers.map(({ crossing }) => crossing?.outlook)).toEqual(['reached', undefined, undefined]);
  });
});
