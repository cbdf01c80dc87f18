/** Robust statistics over small samples. Pure; an empty sample has no median, and says so with `undefined`. */

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** Linear interpolation between order statistics (Hyndman and Fan, type 7). */
export function quantile(values: readonly number[], q: number): number | undefined {
  return values.length === 0
    ? undefined
    : quantileOfSorted(
        values.toSorted((a, b) => a - b),
        q,
      );
}

/** The same of values in rising order; NaN where there is none. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** What makes the median absolute deviation of normal data its standard deviation. */
export const deviationScale = 1.4826;

/** The median absolute deviation, scaled so that it estimates the standard deviation of normal data. */
export function deviation(values: readonly number[]): number | undefined {
  const centre = median(values);
  if (centre === undefined) return undefined;
  const spread = median(values.map((value) => Math.abs(value - centre)));
  return spread === undefined ? undefined : spread * deviationScale;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How likely at least `least` of `count` independent events are, each of which happens with `share`. */
export function binomialTail(count: number, least: number, share: number): number {
  if (least <= 0) return 1;
  let logChoose = 0;
  let tail = 0;
  for (let hits = 0; hits <= count; hits += 1) {
    if (hits > 0) logChoose += Math.log((count - hits + 1) / hits);
    if (hits >= least) tail += Math.exp(logChoose + hits * Math.log(share) + (count - hits) * Math.log1p(-share));
  }
  return Math.min(1, tail);
}

/** Requests, and how many of them failed. */
export interface Counts {
  readonly requests: number;
  readonly faults: number;
}

/**
 * How far a count of faults is from the share that is usual, in standard deviations, negative where it is below: the root of twice the
 * logarithm of how much likelier the counts are at their own share than at the usual one, signed (McCullagh and Nelder, _Generalized
 * Linear Models_, 1989, section 4.4). About right even where faults are few.
 */
export function signedDeviance({ requests, faults }: Counts, share: number): number {
  const expected = requests * share;
  const passed = requests - faults;
  const gain = (count: number, usual: number): number => (count > 0 ? count * Math.log(count / usual) : 0);
  const deviance = 2 * (gain(faults, expected) + gain(passed, requests - expected));
  return Math.sign(faults - expected) * Math.sqrt(Math.max(0, deviance));
}

/** Orders texts the same way everywhere; collation would depend on the machine, and its tables take long to load. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
