/** Series and windows for tests, by the minute; the window ends at `endMs`. */
import type { Series, Window } from '../../src/cloud/series.ts';

export const minuteMs = 60_000;
export const endMs = Date.UTC(2026, 10, 23, 12);

/** Epoch milliseconds, this many minutes before the end. */
export function minutesAgo(minutes: number): number {
  return endMs - minutes * minuteMs;
}

export function windowOf(minutes: number): Window {
  return { from: minutesAgo(minutes), to: endMs };
}

/** One value a minute, the last of them for the last minute; `undefined` leaves a gap. */
export function seriesOf(
  values: readonly (number | undefined)[],
  unit: Series['unit'] = 'count',
  label = 'test',
): Series {
  return {
    label,
    unit,
    periodMs: minuteMs,
    points: values.flatMap((value, index) =>
      value === undefined ? [] : [{ at: minutesAgo(values.length - index), value }],
    ),
    source: { operation: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: label },
  };
}

/** The same value, so many minutes long. */
export function times<T>(minutes: number, value: T): T[] {
  return Array.from({ length: minutes }, () => value);
}

/** A wave around a value, as real series have one: never two minutes quite alike. */
export function wave(minutes: number, value: number, spread = 0.04): number[] {
  return Array.from({ length: minutes }, (_, index) => value * (1 + spread * Math.sin(index * 1.7)));
}
