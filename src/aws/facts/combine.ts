/** One series out of several: of all nodes, of all rules. Pure. */
import type { Point, Series } from '../../cloud/series.ts';

/** One value a period; a period that none of them reports stays a gap. */
export function combine(series: readonly Series[], together: (a: number, b: number) => number): readonly Point[] {
  const byTime = new Map<number, number>();
  for (const { points } of series) {
    for (const { at, value } of points) {
      const sofar = byTime.get(at);
      byTime.set(at, sofar === undefined ? value : together(sofar, value));
    }
  }
  return [...byTime].toSorted(([a], [b]) => a - b).map(([at, value]) => ({ at, value }));
}
