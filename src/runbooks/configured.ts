/** Small words that many steps share: what is not configured is skipped, and what was measured is told in short. */
import type { Series, Window } from '../cloud/series.ts';
import { quantity } from '../diagnosis/evidence.ts';
import { pointsIn } from '../diagnosis/shift.ts';
import { median } from '../diagnosis/statistics.ts';

export { part, unlessConfigured } from '../cloud/configured.ts';

/** What was reported longer ago is history, not how things are. */
const freshMs = 10 * 60_000;

/** The median of the last five points of the window's last minutes, for a person. */
export function latest(series: Series, window: Window): string {
  return recent(series, window) ?? 'not reported';
}

/** The same for what is counted: `43 connections`, or that none were reported. */
export function latestCount(series: Series, window: Window, noun: string, per = ''): string {
  const value = recent(series, window);
  return value === undefined ? `no ${noun} reported` : `${value} ${noun}${per}`;
}

function recent(series: Series, { to }: Window): string | undefined {
  const points = pointsIn(series, { from: to - freshMs, to });
  const value = median(points.slice(-5).map((point) => point.value));
  return value === undefined ? undefined : quantity(value, series.unit);
}
