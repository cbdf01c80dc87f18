/** How a series changed from a normal period to an incident, robustly: medians, and the normal period's own spread. */
import type { Point, Series, Window } from '../cloud/series.ts';
import { deviation, median } from './statistics.ts';

export interface Shift {
  readonly before: number;
  readonly during: number;
  /** `during / before`; infinite when it rose from zero, 1 when both are zero. */
  readonly ratio: number;
  /** How many of the normal period's deviations it moved; the deviation has a floor, so that calm series do not shout. */
  readonly score: number;
  readonly series: Series;
}

/** Points that judge the incident: its latest minutes, since load and damage often grow through it. */
const judgedPoints = 10;
const fewestPoints = 3;

export function pointsIn(series: Series, window: Window): readonly Point[] {
  return series.points.filter(
    (point) => point.at >= window.from && point.at < window.to && Number.isFinite(point.value),
  );
}

/** Undefined when either period holds too few points to judge: what was not measured did not change. */
export function shiftOf(series: Series, before: Window, during: Window): Shift | undefined {
  const calm = pointsIn(series, before).map((point) => point.value);
  const hurt = pointsIn(series, during)
    .slice(-judgedPoints)
    .map((point) => point.value);
  if (calm.length < fewestPoints || hurt.length === 0) return undefined;
  const from = median(calm) ?? 0;
  const to = median(hurt) ?? 0;
  const floor = Math.max(Math.abs(from) * 0.05, Number.EPSILON);
  const spread = Math.max(deviation(calm) ?? 0, floor);
  return { before: from, during: to, ratio: ratioOf(from, to), score: (to - from) / spread, series };
}

function ratioOf(from: number, to: number): number {
  if (from === 0) return to === 0 ? 1 : Number.POSITIVE_INFINITY;
  return to / from;
}

/** Divides two series of counts minute by minute, for ratios of sums; a missing numerator is a zero. */
export function ratioSeries(
  label: string,
  numerators: readonly Series[],
  denominators: readonly Series[],
): Series | undefined {
  const [first] = denominators;
  if (first === undefined) return undefined;
  const above = totals(numerators);
  const below = totals(denominators);
  const points = [...below]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([at, whole]) => (whole > 0 ? [{ at, value: (above.get(at) ?? 0) / whole }] : []));
  return { label, unit: 'ratio', periodMs: first.periodMs, points, source: first.source };
}

function totals(all: readonly Series[]): ReadonlyMap<number, number> {
  const byMinute = new Map<number, number>();
  for (const series of all) {
    for (const { at, value } of series.points) byMinute.set(at, (byMinute.get(at) ?? 0) + value);
  }
  return byMinute;
}
