/** How the number of requests changed: a component that vanished, one that is called anew, and a surge. */
import { sum } from '../statistics.ts';
import { isIncident, type Base } from './base.ts';
import type { Readings } from './input.ts';
import { calmShape, scatterOf, type Shape } from './windows.ts';

export interface TrafficShift {
  /** Requests a period. */
  readonly before: number;
  readonly during: number;
  /** The logarithm of their ratio, one request added to both, against the same of calm windows, in spreads. */
  readonly score: number;
  readonly logRatio: number;
  /** The fewest requests of a judged period, and the score of that. */
  readonly lowest: number;
  readonly lowestScore: number;
  /** Requests that the judged periods miss, together. */
  readonly lost: number;
  /** Requests that the judged periods have beyond the usual, together. */
  readonly gained: number;
}

/** The relative change that counts as one spread: load moves by a tenth without anybody's doing. */
const leastSpread = 0.1;

/**
 * Undefined where requests were not measured in the incident. Where there are none of the normal period, the component was not in the
 * call graph then: nobody called it.
 */
export function trafficShift(normal: Readings, incident: Readings, base: Base): TrafficShift | undefined {
  if (incident.requests === undefined) return undefined;
  if (normal.requests === undefined) return sinceNothing(incident.requests, base);
  const calm = normal.requests.map((count, index) => (isIncident(normal.at[index], base) ? Number.NaN : count));
  const mean = movedFrom(calm, incident.requests, base, meanOf);
  const lowest = movedFrom(calm, incident.requests, base, lowestOf);
  if (mean === undefined || lowest === undefined) return undefined;
  return {
    ...mean,
    lowest: lowest.during,
    lowestScore: lowest.score,
    ...differencesOf(incident.requests, mean.before, base),
  };
}

/** What a short look says: whether it is worth a longer one. Most components of a large graph get about what they always get. */
export function hasTrafficMoved(normal: Readings, incident: Readings, base: Base): boolean {
  if (incident.requests === undefined || normal.requests === undefined) return true;
  const during = meanOf(incident.requests, base.edge, incident.requests.length - base.edge);
  const lowest = lowestOf(incident.requests, base.edge, incident.requests.length - base.edge);
  const edge = base.isEdges ? meanOf(incident.requests, 0, base.edge) : Number.NaN;
  const before = Number.isNaN(edge) ? meanOf(normal.requests, 0, normal.requests.length) : edge;
  return !(during < 2 * before && lowest > before / 2);
}

/** One number for `[from, to)` of the requests. */
type Summary = (requests: readonly number[], from: number, to: number) => number;

function meanOf(requests: readonly number[], from: number, to: number): number {
  let total = 0;
  let measured = 0;
  for (let index = from; index < to; index += 1) {
    const count = requests[index] ?? Number.NaN;
    if (!Number.isFinite(count)) continue;
    total += count;
    measured += 1;
  }
  return measured > 0 ? total / measured : Number.NaN;
}

function lowestOf(requests: readonly number[], from: number, to: number): number {
  let lowest = Number.NaN;
  for (let index = from; index < to; index += 1) {
    const count = requests[index] ?? Number.NaN;
    if (Number.isFinite(count) && !(count >= lowest)) lowest = count;
  }
  return lowest;
}

function differencesOf(
  requests: readonly number[],
  before: number,
  { edge }: Base,
): Pick<TrafficShift, 'lost' | 'gained'> {
  const judged = requests.slice(edge, requests.length - edge).filter(Number.isFinite);
  return {
    lost: sum(judged.map((count) => Math.max(0, before - count))),
    gained: sum(judged.map((count) => Math.max(0, count - before))),
  };
}

type Moved = Pick<TrafficShift, 'before' | 'during' | 'logRatio' | 'score'>;

function movedFrom(
  calm: readonly number[],
  requests: readonly number[],
  base: Base,
  summary: Summary,
): Moved | undefined {
  const shape = calmShape(base, calm.length);
  const scatter = scatterOf(calm.length, shape.length, (from) => numberOf(calm, from, shape, base, summary));
  const own = { length: requests.length, edge: base.edge };
  const number = numberOf(requests, 0, own, base, summary);
  if (scatter === undefined || !Number.isFinite(number)) return undefined;
  const logRatio = number - scatter.centre;
  const during = summary(requests, base.edge, requests.length - base.edge);
  const before = Math.max(0, (during + 1) * Math.exp(-logRatio) - 1);
  const spread = Math.max(logRatio > 0 ? scatter.above : scatter.below, leastSpread);
  return { before, during, logRatio, score: logRatio / spread };
}

/** Traffic changes back when callers give up or come back, so that only the edge before the onset is a base. */
function numberOf(
  requests: readonly number[],
  from: number,
  { length, edge }: Shape,
  base: Base,
  summary: Summary,
): number {
  const judged = Math.log(summary(requests, from + edge, from + length - edge) + 1);
  if (!base.isEdges) return judged;
  const before = meanOf(requests, from, from + edge);
  const after = meanOf(requests, from + length - edge, from + length);
  return judged - Math.log((Number.isNaN(before) ? after : before) + 1);
}

function sinceNothing(requests: readonly number[], base: Base): TrafficShift | undefined {
  const during = meanOf(requests, base.edge, requests.length - base.edge);
  const edge = base.isEdges ? meanOf(requests, 0, base.edge) : 0;
  const before = Number.isNaN(edge) ? 0 : edge;
  if (Number.isNaN(during)) return undefined;
  const logRatio = Math.log(during + 1) - Math.log(before + 1);
  const lowest = lowestOf(requests, base.edge, requests.length - base.edge);
  return {
    before,
    during,
    logRatio,
    score: logRatio / leastSpread,
    lowest,
    lowestScore: 0,
    ...differencesOf(requests, before, base),
  };
}

/** The share of its usual requests that a component may still get, to be called vanished; and its callers at least keep. */
const leftOver = 0.1;
const goesOn = 0.5;
/** Requests a period from which on a new callee is one, and the share of them that it may have had before. */
const fewestAnew = 2;
const onceInAWhile = 0.01;
/** The score that makes a change of traffic evidence. */
const remarkable = 5;

/** It got next to nothing at least once, while its callers go on. */
export function isGone(own: TrafficShift, callers: readonly TrafficShift[]): boolean {
  const isLow = own.lowest <= leftOver * own.before && own.before >= 1;
  return isLow && callers.some((caller) => caller.during >= 1 && caller.during >= goesOn * caller.before);
}

/** It is gone, which calm windows do not show. */
export function isVanished(own: TrafficShift, callers: readonly TrafficShift[]): boolean {
  return own.lowestScore <= -remarkable && isGone(own, callers);
}

/** It gets what it never got, or once in a while, while its callers do not grow like that: they changed whom they call. */
export function isCalledAnew(own: TrafficShift, callers: readonly TrafficShift[]): boolean {
  const isNew = own.during >= fewestAnew && own.before <= Math.max(1, onceInAWhile * own.during);
  if (callers.length === 0 || !isNew) return false;
  const growth = Math.max(...callers.map(({ logRatio }) => logRatio), 0);
  return own.score >= remarkable && growth < own.logRatio / 2;
}

/** It gets at least a third more than it used to, beyond what calm windows show. */
export function isSurging(own: TrafficShift): boolean {
  return own.score >= remarkable && own.logRatio >= Math.log(4 / 3);
}
