/** A series as one value a day. Days are whole days of UTC; a day of which too little was reported is a gap. Pure. */
import type { Point } from '../cloud/series.ts';
import { quantile } from '../diagnosis/statistics.ts';

export const dayMs = 86_400_000;

export interface Day {
  /** Days since the Unix epoch, in UTC. */
  readonly day: number;
  readonly value: number;
}

export interface DailyRule {
  readonly value: (values: readonly number[]) => number;
  /** A day with fewer points than this is a gap. */
  readonly fewest: number;
}

/** Of 24 hours: of a day that is known by half, the busy hours may be the other half. */
const fewestHours = 18;

/**
 * What the busiest hour or two of a day reach and one odd hour does not: the 95th percentile of its hourly values. It is
 * taken of gauges (averages or maxima of an hour), never of percentiles.
 */
export const highHours: DailyRule = {
  value: (values) => quantile(values, 0.95) ?? Number.NaN,
  fewest: fewestHours,
};

/** The greatest value: what a count that grows through the day comes to, and what is written once a day. */
export const greatest: DailyRule = { value: (values) => Math.max(...values), fewest: 1 };

/** The days that lie within `[from, to)` as a whole, in their order. */
export function daysOf(
  points: readonly Point[],
  { from, to }: { readonly from: number; readonly to: number },
  { value, fewest }: DailyRule,
): readonly Day[] {
  const first = Math.ceil(from / dayMs);
  const end = Math.floor(to / dayMs);
  const byDay = new Map<number, number[]>();
  for (const point of points) {
    const day = Math.floor(point.at / dayMs);
    if (day < first || day >= end || !Number.isFinite(point.value)) continue;
    const values = byDay.get(day) ?? [];
    byDay.set(day, values);
    values.push(point.value);
  }
  return [...byDay]
    .filter(([, values]) => values.length >= fewest)
    .map(([day, values]) => ({ day, value: value(values) }))
    .toSorted((a, b) => a.day - b.day);
}
