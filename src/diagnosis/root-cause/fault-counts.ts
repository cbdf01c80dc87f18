/**
 * How many more requests failed than usual. Faults are counts: three of three hundred are 1 %, as is one of a hundred, but only the
 * first is news. So they are tested as counts, by the deviance of the binomial distribution, whose signed root is about standard
 * normal even where faults are few (McCullagh and Nelder, _Generalized Linear Models_, 1989, sections 2.4 and 4.4), divided by the
 * root of how much more calm windows scatter than it allows (overdispersion, section 4.5).
 */
import { median, quantile, signedDeviance, sum, type Counts } from '../statistics.ts';
import { isIncident, type Base } from './base.ts';
import type { Readings } from './input.ts';
import { calmShape } from './windows.ts';

export interface FaultExcess {
  readonly kind: 'availability';
  /** How many standard deviations the count is above what is usual. */
  readonly score: number;
  readonly faults: number;
  readonly requests: number;
  /** The usual share of requests that fail. */
  readonly usual: number;
  /** Faults beyond the usual ones. */
  readonly excess: number;
  /** How much `excess` scatters when nothing is wrong. */
  readonly noise: number;
}

/** Undefined where requests or faults were not measured in both periods, or nothing was asked in the incident. */
export function faultExcess(normal: Readings, incident: Readings, base: Base): FaultExcess | undefined {
  const calm = countsOf(normal);
  const hurt = countsOf(incident);
  if (calm === undefined || hurt === undefined) return undefined;
  const last = incident.at.length;
  const judged = mostly(eachOf(hurt, base.edge, last - base.edge));
  const windows = calmWindows(calm, normal, base);
  if (judged.requests === 0 || windows.length === 0) return undefined;
  const edges = !base.isEdges ? undefined : calmer(between(hurt, 0, base.edge), between(hurt, last - base.edge, last));
  const usual = usualShare(windows, edges);
  const spread = Math.sqrt(overdispersion(windows) * repetition(windows, judged));
  const { requests, faults } = judged;
  return {
    kind: 'availability',
    score: signedDeviance(judged, usual) / spread,
    faults,
    requests,
    usual,
    excess: faults - requests * usual,
    noise: spread * Math.sqrt(requests * usual * (1 - usual) + 0.25),
  };
}

interface CountSums {
  readonly requests: Float64Array;
  readonly faults: Float64Array;
}

function countsOf({ at, requests, faults }: Readings): CountSums | undefined {
  if (requests === undefined || faults === undefined) return undefined;
  const sums = { requests: new Float64Array(at.length + 1), faults: new Float64Array(at.length + 1) };
  for (let index = 0; index < at.length; index += 1) {
    const asked = requests[index] ?? Number.NaN;
    const failed = faults[index] ?? Number.NaN;
    const counts = asked > 0 && failed >= 0;
    sums.requests[index + 1] = (sums.requests[index] ?? 0) + (counts ? asked : 0);
    sums.faults[index + 1] = (sums.faults[index] ?? 0) + (counts ? Math.min(failed, asked) : 0);
  }
  return sums;
}

function between({ requests, faults }: CountSums, from: number, to: number): Counts {
  return {
    requests: (requests[to] ?? 0) - (requests[from] ?? 0),
    faults: (faults[to] ?? 0) - (faults[from] ?? 0),
  };
}

function eachOf(counts: CountSums, from: number, to: number): readonly Counts[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => between(counts, from + index, from + index + 1));
}

/** The calmer nine tenths, together: in a long time, one bad moment is no incident. Of less than ten nothing is left out. */
function mostly(counts: readonly Counts[]): Counts {
  const asked = counts.filter(({ requests }) => requests > 0);
  return totalOf(
    asked
      .toSorted((a, b) => a.faults / a.requests - b.faults / b.requests)
      .slice(0, asked.length - Math.floor(asked.length / 10)),
  );
}

function totalOf(counts: readonly Counts[]): Counts {
  return {
    requests: sum(counts.map(({ requests }) => requests)),
    faults: sum(counts.map(({ faults }) => faults)),
  };
}

/** Windows as long as what is judged of the incident, one beside the other. */
function calmWindows(calm: CountSums, normal: Readings, base: Base): readonly Counts[] {
  const points = normal.at.length;
  const shape = calmShape(base, points);
  const length = shape.length - 2 * shape.edge;
  const windows: Counts[] = [];
  for (let from = 0; from + length <= points; from += length) {
    if (isIncident(normal.at[from], base) || isIncident(normal.at[from + length - 1], base)) continue;
    const counts = between(calm, from, from + length);
    if (counts.requests > 0) windows.push(counts);
  }
  return windows;
}

/** An edge without requests says nothing. */
function calmer(before: Counts, after: Counts): Counts | undefined {
  if (before.requests === 0 || after.requests === 0) return [before, after].find(({ requests }) => requests > 0);
  return before.faults / before.requests <= after.faults / after.requests ? before : after;
}

/** From here on, an incident's edge contradicts the normal period. */
const contradiction = 3;

/**
 * Half a fault is added (Jeffreys' prior), since none of few is not never. Where the incident's edges
 * contradict an old normal period, they alone count; they are too short to be asked first.
 */
function usualShare(windows: readonly Counts[], edges: Counts | undefined): number {
  const normal = normalShare(windows);
  if (edges === undefined) return normal;
  const isContradicted = Math.abs(signedDeviance(edges, normal)) > contradiction * Math.sqrt(overdispersion(windows));
  return isContradicted ? (edges.faults + 0.5) / (edges.requests + 1) : normal;
}

/** Of the calmer nine tenths: a median would hide a fault in every third window, a mean would take an old incident for usual. */
function normalShare(windows: readonly Counts[]): number {
  const { requests, faults } = mostly(windows);
  return (faults + 0.5) / (requests + 1);
}

/** How much more calm windows scatter than coin tosses would; at least 1. */
function overdispersion(windows: readonly Counts[]): number {
  const share = normalShare(windows);
  const tail =
    quantile(
      windows.map((window) => signedDeviance(window, share)),
      0.95,
    ) ?? 0;
  return Math.max(1, (tail / 1.645) ** 2);
}

/** Shares drift: an incident that is longer than a calm window is no surer for it. */
function repetition(windows: readonly Counts[], judged: Counts): number {
  return Math.max(1, judged.requests / Math.max(1, median(windows.map(({ requests }) => requests)) ?? 1));
}
