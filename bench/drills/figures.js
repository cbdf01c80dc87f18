/** A few figures of many durations (milliseconds), and how they are written. Pure. */

/**
 * @typedef {{ n: number, min: number, median: number, p95: number, max: number }} Figures
 */

/** The middle one, or the mean of the two in the middle; NaN for none. */
function medianOf(/** @type {readonly number[]} */ values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half) - 1] ?? Number.NaN)) / 2;
}

/** @param {readonly number[]} values @returns {Figures} `p95` by nearest rank */
export function figuresOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    n: sorted.length,
    min: sorted[0] ?? Number.NaN,
    median: medianOf(sorted),
    p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** `4 min 21.3 s`, `8.2 s`; a dash for what is not known. */
export function durationText(/** @type {number} */ durationMs) {
  if (Number.isNaN(durationMs)) return '\u2013';
  const tenths = Math.round(durationMs / 100);
  const minutes = Math.floor(tenths / 600);
  const seconds = `${((tenths - minutes * 600) / 10).toFixed(1)} s`;
  return minutes === 0 ? seconds : `${minutes} min ${seconds}`;
}

/** How far a value is from another, in per cent of the latter, with its sign. */
export function deviationText(/** @type {number} */ value, /** @type {number} */ from) {
  const percent = (value / from - 1) * 100;
  return `${percent < 0 ? '\u2212' : '+'}${Math.abs(percent).toFixed(1)} %`;
}

/** Widths that a reader can count in; milliseconds. */
const widthsMs = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800].map((seconds) => seconds * 1000);
const mostBins = 24;

/** @typedef {{ from: number, to: number, count: number }} Bin */

/**
 * Bins of one width, the first and the last of which are not empty.
 *
 * @param {readonly number[]} values
 * @returns {Bin[]}
 */
export function binsOf(values) {
  const { min, max } = figuresOf(values);
  if (Number.isNaN(min)) return [];
  const width = widthsMs.find((each) => Math.floor(max / each) - Math.floor(min / each) < mostBins) ?? 3_600_000;
  const first = Math.floor(min / width);
  const bins = Array.from({ length: Math.floor(max / width) - first + 1 }, (_, index) => ({
    from: (first + index) * width,
    to: (first + index + 1) * width,
    count: 0,
  }));
  for (const value of values) {
    const bin = bins[Math.floor(value / width) - first];
    if (bin !== undefined) bin.count += 1;
  }
  return bins;
}
