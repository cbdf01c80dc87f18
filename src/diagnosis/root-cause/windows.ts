/**
 * One number for a window of a series, and how that number scatters over all windows of a calm period: what a window of the same
 * length and shape shows when nothing is wrong. No distribution is assumed; a series that often jumps by itself is believed less.
 */
import { deviationScale, quantileOfSorted } from '../statistics.ts';
import type { Base } from './base.ts';

/** A series with what each of its points weighs (1 without weights); points in `[skip.from, skip.to)` count as not measured. */
export interface Column {
  readonly values: readonly number[];
  readonly weights?: readonly number[];
  readonly skip?: { readonly from: number; readonly to: number };
}

/** NaN where nothing was measured in `[from, to)`, or what was weighs nothing. */
function meanOf({ values, weights, skip }: Column, from: number, to: number): number {
  let mass = 0;
  let total = 0;
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? Number.NaN;
    const weight = weights === undefined ? 1 : (weights[index] ?? 0);
    const isSkipped = skip !== undefined && index >= skip.from && index < skip.to;
    if (isSkipped || !(weight > 0) || !Number.isFinite(value)) continue;
    mass += value * weight;
    total += weight;
  }
  return total > 0 ? mass / total : Number.NaN;
}

/** How long a window is, and how much at either end is its base, in points. */
export interface Shape {
  readonly length: number;
  readonly edge: number;
}

/** The mean of what is judged of a window: its middle. */
export function middleOf(column: Column, from: number, { length, edge }: Shape): number {
  return meanOf(column, from + edge, from + length - edge);
}

/** The lower mean of a window's edges, of those that were measured. */
export function calmerEdgeOf(column: Column, from: number, { length, edge }: Shape): number {
  const before = meanOf(column, from, from + edge);
  const after = meanOf(column, from + length - edge, from + length);
  if (Number.isNaN(before)) return after;
  return Number.isNaN(after) ? before : Math.min(before, after);
}

/** The centre of calm windows' numbers, and how far they go above and below it, as standard deviations. */
export interface Scatter {
  readonly centre: number;
  readonly above: number;
  readonly below: number;
}

/** Windows beyond this many add nothing but time. */
const mostWindows = 150;
const fewestWindows = 4;
/** Their numbers: one piece of memory for all series, since a large graph has tens of thousands of them. */
const scratch = new Float64Array(mostWindows);
/** A normal period shorter than this many windows is cut into shorter ones: they scatter more, so that less is believed. */
const windowsWanted = 8;

/** How long calm windows are, and their edges, where the normal period has `points` points. */
export function calmShape({ window, edge }: Base, points: number): Shape {
  const length = Math.max(1, Math.min(window, Math.floor(points / windowsWanted)));
  if (edge === 0) return { length, edge };
  return length < 3
    ? { length: Math.min(3, points), edge: 1 }
    : { length, edge: Math.min(edge, Math.max(1, Math.floor(length / 5))) };
}

/** `numberOf` gives the number of the window that begins at a point; NaN where it has none. Undefined with too few windows. */
export function scatterOf(points: number, length: number, numberOf: (from: number) => number): Scatter | undefined {
  const possible = points - length + 1;
  const step = Math.max(1, Math.ceil(possible / mostWindows));
  let count = 0;
  for (let from = 0; from < possible; from += step) {
    const number = numberOf(from);
    if (!Number.isFinite(number)) continue;
    scratch[count] = number;
    count += 1;
  }
  if (count < fewestWindows) return undefined;
  // As typed numbers, which sort several times faster: this is where a large graph spends its time.
  // oxlint-disable-next-line unicorn/no-array-sort -- in its place: a copy for each is what costs the memory
  const sorted = scratch.subarray(0, count).sort();
  const centre = quantileOfSorted(sorted, 0.5);
  const typical = deviationScale * medianDistance(sorted, centre);
  // The median absolute deviation alone would call a series calm that is wild in every tenth window.
  const tail = (share: number): number => Math.abs(quantileOfSorted(sorted, share) - centre) / 1.645;
  return { centre, above: Math.max(typical, tail(0.95)), below: Math.max(typical, tail(0.05)) };
}

/** The median distance of sorted numbers from one in their midst. Both sides are sorted by it already, and are merged. */
function medianDistance(sorted: Float64Array, centre: number): number {
  const { length } = sorted;
  let above = sorted.findIndex((number) => number >= centre);
  let below = above - 1;
  let [previous, distance] = [Number.NaN, Number.NaN];
  for (let taken = 0; taken <= length / 2; taken += 1) {
    const down = below < 0 ? Number.POSITIVE_INFINITY : centre - (sorted[below] ?? Number.NaN);
    const up = above >= length ? Number.POSITIVE_INFINITY : (sorted[above] ?? Number.NaN) - centre;
    previous = distance;
    distance = Math.min(down, up);
    if (down < up) below -= 1;
    else above += 1;
  }
  return length % 2 === 1 ? distance : previous + (distance - previous) * 0.5;
}
