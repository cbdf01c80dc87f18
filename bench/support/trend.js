/**
 * Whether something grows: the median slope between any two points (Theil 1950, Sen 1968), which a few outliers do not bend, and
 * how much of it is beyond chance, by Kendall's variance of the number of rising pairs.
 *
 * @param {readonly { readonly x: number, readonly y: number }[]} points at least ten
 * @returns {{ slope: number, surely: number }} both in y per x; `surely`: the lower end of the slope's 99 % interval, 0 where
 *   that is below
 */
export function growthOf(points) {
  const n = points.length;
  if (n < 10) throw new RangeError(`a trend wants ten points, not ${n}`);
  /** @type {number[]} */
  const slopes = [];
  for (const [index, one] of points.entries()) {
    for (const other of points.slice(index + 1)) slopes.push((other.y - one.y) / (other.x - one.x));
  }
  const ordered = slopes.toSorted((a, b) => a - b);
  const slope = ordered[Math.floor(ordered.length / 2)] ?? Number.NaN;
  const spread = 2.576 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const lowest = ordered[Math.max(0, Math.floor((ordered.length - spread) / 2))] ?? Number.NaN;
  return { slope, surely: Math.max(0, lowest) };
}
