/** The week that the checklist looks back on, and how much of it has to have been measured. */
import type { Series, Window } from '../../cloud/series.ts';
import { pointsIn } from '../../diagnosis/shift.ts';
import { dayMs, minuteMs, windowOf, type CheckSettings } from '../kit.ts';

/** Points of five minutes: 2,016 of a series, where minutes would be 10,080. */
const periodMs = 5 * minuteMs;

export function lastWeek(settings: Pick<CheckSettings, 'until'>): Window & { readonly periodMs: number } {
  return { ...windowOf(settings, 7 * dayMs), periodMs };
}

/** Of less of the week than this nothing is said. */
export const leastCoverage = 0.9;

/** The share of a window's periods that a series reports. */
export function coverageOf(series: Series, window: Window): number {
  const expected = Math.max(1, Math.floor((window.to - window.from) / series.periodMs));
  return Math.min(1, pointsIn(series, window).length / expected);
}
