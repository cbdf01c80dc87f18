/** Small words that many steps share: what is not configured is skipped, and what was measured is told in short. */
import type { Series } from '../cloud/series.ts';
import { quantity } from '../diagnosis/evidence.ts';
import { median } from '../diagnosis/statistics.ts';

/** The reason to skip a step whose part of the stack the configuration does not name. */
export function unlessConfigured(value: unknown, key: string): string | undefined {
  return value === undefined ? `${key} is not configured` : undefined;
}

/** A part that `unlessConfigured` has let through. */
export function part<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a step ran although its part of the stack is not configured');
  return value;
}

/** The median of the last five points, for a person. */
export function latest(series: Series): string {
  const value = median(series.points.slice(-5).map((point) => point.value));
  return value === undefined ? 'not reported' : quantity(value, series.unit);
}
