/**
 * How fast a budget burns: 1 spends it in just the objective's window, 14.4 two hundredths of a month's in an hour. Each
 * speed is looked at over two windows, and both have to be too fast: the long one so that enough was lost to matter, the
 * short one so that it still goes on.
 * Source: Google, "The Site Reliability Workbook", chapter 5, "6: Multiwindow, Multi-Burn-Rate Alerts"; the rate of 3 over
 * a day is in its rules, and not in its table 5-8. Pure.
 */
import type { Window } from '../cloud/series.ts';
import { badShare, sumOver, type Sum, type Tallies } from './tally.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface BurnPair {
  /** `1h`: the long window, which names the pair. */
  readonly id: '1h' | '6h' | '24h' | '3d';
  readonly longMs: number;
  readonly shortMs: number;
  /** Burning faster than this over both windows needs somebody. */
  readonly threshold: number;
  /** `page`: now. `ticket`: on a working day. */
  readonly action: 'page' | 'ticket';
}

export const burnPairs: readonly BurnPair[] = [
  { id: '1h', longMs: hourMs, shortMs: 5 * minuteMs, threshold: 14.4, action: 'page' },
  { id: '6h', longMs: 6 * hourMs, shortMs: 30 * minuteMs, threshold: 6, action: 'page' },
  { id: '24h', longMs: 24 * hourMs, shortMs: 2 * hourMs, threshold: 3, action: 'ticket' },
  { id: '3d', longMs: 72 * hourMs, shortMs: 6 * hourMs, threshold: 1, action: 'ticket' },
];

export interface WindowBurn extends Sum {
  readonly window: Window;
  /** Undefined where nothing was measured. */
  readonly rate: number | undefined;
}

export function burnOver(tallies: Tallies, allowed: number, until: number, lengthMs: number): WindowBurn {
  const window = { from: until - lengthMs, to: until };
  const sum = sumOver(tallies, window);
  const share = badShare(sum);
  return { ...sum, window, rate: share === undefined ? undefined : rateOf(share, allowed) };
}

function rateOf(share: number, allowed: number): number {
  if (share === 0) return 0;
  return allowed === 0 ? Infinity : share / allowed;
}

export interface Burn {
  readonly pair: BurnPair;
  readonly long: WindowBurn;
  readonly short: WindowBurn;
  /** `few`: too fast, of too few events to say so. */
  readonly state: 'calm' | 'few' | 'breach' | 'unknown';
}

/** Of less of a window than this it is not said that nothing burns. */
const leastCoverage = 0.5;

/**
 * `fewest`: so many bad events have to be in the long window. With few requests a single failure is a fast burn: of 20 in
 * an hour it is a hundred times 99.95 %'s budget.
 */
export function burnOf(tallies: Tallies, allowed: number, until: number, pair: BurnPair, fewest: number): Burn {
  const long = burnOver(tallies, allowed, until, pair.longMs);
  const short = burnOver(tallies, allowed, until, pair.shortMs);
  const isFast = [long, short].every(({ rate }) => rate !== undefined && rate > pair.threshold);
  const state = isFast
    ? long.bad >= fewest
      ? 'breach'
      : 'few'
    : [long, short].every(({ coverage }) => coverage >= leastCoverage)
      ? 'calm'
      : 'unknown';
  return { pair, long, short, state };
}
