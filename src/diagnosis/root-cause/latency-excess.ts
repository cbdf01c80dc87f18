/**
 * How much slower a component got, how sure that is, and what it cost: the requests of the incident times what each took longer.
 * A bare ratio would let a callee win that is slow for nobody.
 */
import { incidentIn, type Base } from './base.ts';
import type { Readings } from './input.ts';
import { calmerEdgeOf, calmShape, middleOf, scatterOf, type Column, type Shape } from './windows.ts';

/** One statistic of a component's latency, in seconds. */
export interface LatencyStatistic {
  readonly name: string;
  /** What the incident would have shown if nothing had changed. */
  readonly before: number;
  readonly during: number;
  /** How many spreads of calm windows it moved. */
  readonly score: number;
}

export interface LatencyExcess {
  readonly kind: 'latency';
  readonly statistics: readonly LatencyStatistic[];
  /** The second highest of the statistics' scores, so that two agree; that of the mean where it stands alone. */
  readonly score: number;
  readonly meanScore: number;
  /** Seconds that the judged requests took longer, together; negative where they were faster. */
  readonly excess: number;
  /** How much `excess` scatters in calm windows, in seconds. */
  readonly noise: number;
  readonly requests: number;
}

/** Seconds. Added to every latency, so that microseconds more of next to nothing are no change. */
const resolution = 0.0005;
/** The relative change that counts as one spread, however calm a series is. */
const leastSpread = 0.03;

/** Undefined where the mean or the requests were not measured in both periods: without them there is no excess. */
export function latencyExcess(
  normal: Readings,
  incident: Readings,
  base: Base,
  isWorthMore: (excess: number) => boolean = () => true,
): LatencyExcess | undefined {
  const thinner = thinning(normal.requests, incident.requests);
  const shift = (before: readonly number[] | undefined, during: readonly number[] | undefined): Shift | undefined =>
    before === undefined || during === undefined
      ? undefined
      : shiftOf({ normal, incident, base, before, during, thinner });
  const mean = shift(normal.meanSeconds, incident.meanSeconds);
  if (mean === undefined || incident.requests === undefined) return undefined;
  const judged = incident.requests.slice(base.edge, incident.requests.length - base.edge);
  const requests = totalOf(judged);
  const excess = requests * (mean.during - mean.before);
  const statistics: LatencyStatistic[] = [{ name: 'mean', ...mean }];
  // Percentiles take most of the time, and only confirm what the mean has found.
  if (isWorthMore(excess)) {
    for (const [name, before] of Object.entries(normal.percentiles ?? {})) {
      const percentile = shift(before, incident.percentiles?.[name]);
      if (percentile !== undefined) statistics.push({ name, ...percentile });
    }
  }
  const scores = statistics.map(({ score }) => score).toSorted((a, b) => b - a);
  return {
    kind: 'latency',
    statistics: statistics.map(({ name, before, during, score }) => ({ name, before, during, score })),
    score: scores[1] ?? mean.score,
    meanScore: mean.score,
    excess,
    noise: requests * mean.during * mean.spread,
    requests,
  };
}

interface Shift {
  readonly before: number;
  readonly during: number;
  readonly score: number;
  /** Relative. */
  readonly spread: number;
}

interface Compared {
  readonly normal: Readings;
  readonly incident: Readings;
  readonly base: Base;
  readonly before: readonly number[];
  readonly during: readonly number[];
  /** By how much more the incident scatters for having fewer requests. */
  readonly thinner: number;
}

/** In logarithms, since latencies scatter by factors, and since an old normal period may stand at another level. */
function shiftOf({ normal, incident, base, before, during, thinner }: Compared): Shift | undefined {
  const calm: Column = { values: before, weights: normal.requests, skip: incidentIn(normal.at, base) };
  const hurt: Column = { values: during, weights: incident.requests };
  const shape = calmShape(base, before.length);
  const scatter = scatterOf(before.length, shape.length, (from) => numberOf(calm, from, shape, base));
  const whole = { length: during.length, edge: base.edge };
  const number = numberOf(hurt, 0, whole, base);
  if (scatter === undefined || !Number.isFinite(number)) return undefined;
  const spread = Math.max(scatter.above * thinner, leastSpread);
  const moved = number - scatter.centre;
  const middle = middleOf(hurt, 0, whole);
  const expected = (middle + resolution) * Math.exp(-moved) - resolution;
  return { before: Math.max(0, expected), during: middle, score: moved / spread, spread };
}

function numberOf(column: Column, from: number, shape: Shape, { isEdges }: Base): number {
  const middle = Math.log(middleOf(column, from, shape) + resolution);
  return isEdges ? middle - Math.log(calmerEdgeOf(column, from, shape) + resolution) : middle;
}

/** Fewer requests than in the normal period scatter more, by the root of their number. */
function thinning(normal: readonly number[] | undefined, incident: readonly number[] | undefined): number {
  if (normal === undefined || incident === undefined) return 1;
  const often = totalOf(normal) / normal.length;
  const seldom = totalOf(incident) / incident.length;
  return seldom > 0 ? Math.sqrt(Math.max(1, often / seldom)) : 1;
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + (Number.isFinite(count) ? count : 0), 0);
}
