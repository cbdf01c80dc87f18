/** Figures of a few durations. Pure. */

/** The middle one, or the mean of the two in the middle; undefined for none. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)];
  const lower = sorted[Math.ceil(half) - 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

/** Fewer say nothing of what nearly all stay below. */
const leastForP95 = 5;

/** The nearest rank: the smallest value that 95 of 100 do not exceed. Undefined for fewer than five. */
export function p95Of(values: readonly number[]): number | undefined {
  if (values.length < leastForP95) return undefined;
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1];
}
