/**
 * The points of a metric as bare numbers. As objects they take eight times the memory, and of a fleet's metrics hundreds of
 * thousands are kept until they are judged: so they are made anew each time that they are looked at.
 */
import type { Point } from '../cloud/series.ts';

export interface PackedPoints {
  readonly times: Float64Array;
  /** In order of time. */
  all(): readonly Point[];
}

export const noPoints: PackedPoints = { times: new Float64Array(), all: () => [] };

/** In whichever order they come. `like`: others that probably have the same times. */
export function packedPoints(times: readonly number[], values: readonly number[], like: PackedPoints): PackedPoints {
  if (times.length === 0) return noPoints;
  const order = [...times.keys()].toSorted((a, b) => numberAt(times, a) - numberAt(times, b));
  const sorted = Float64Array.from(order, (index) => numberAt(times, index));
  const packed = Float64Array.from(order, (index) => numberAt(values, index));
  const isLike = like.times.length === sorted.length && like.times.every((at, index) => at === sorted[index]);
  const own = isLike ? like.times : sorted;
  return {
    times: own,
    all: () => Array.from(own, (at, index) => ({ at, value: numberAt(packed, index) })),
  };
}

function numberAt(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? Number.NaN;
}
