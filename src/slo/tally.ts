/**
 * Good and bad events, period by period: what objectives are made of. A period in which nothing was measured is not there,
 * and how many are missing is told with every sum: what was not measured was neither good nor bad. Pure.
 */
import type { Series, Window } from '../cloud/series.ts';

export interface Tally {
  /** The start of the period, in epoch milliseconds. */
  readonly at: number;
  readonly all: number;
  readonly bad: number;
}

export interface Tallies {
  readonly periodMs: number;
  /** How many events a period is at most; absent where they are requests, of which there are as many as come. */
  readonly perPeriod?: 1;
  /** In order of time; those that were measured. */
  readonly periods: readonly Tally[];
}

/**
 * Requests, of which those in `errors` were bad. `uncounted` are those that nobody counts as requests, though they were: the
 * balancer's own refusals.
 */
export function tallyRequests(requests: Series, uncounted: Series, errors: readonly Series[]): Tallies {
  const periods = new Map<number, { all: number; bad: number }>();
  const add = (series: Series, what: 'all' | 'bad'): void => {
    for (const { at, value } of series.points) {
      if (!Number.isFinite(value)) continue;
      const sofar = periods.get(at) ?? { all: 0, bad: 0 };
      sofar[what] += value;
      periods.set(at, sofar);
    }
  };
  add(requests, 'all');
  add(uncounted, 'all');
  for (const each of errors) add(each, 'bad');
  return {
    periodMs: requests.periodMs,
    periods: [...periods]
      .toSorted(([a], [b]) => a - b)
      // A request that failed was one, whatever was counted besides.
      .map(([at, { all, bad }]) => ({ at, all: Math.max(all, bad), bad }))
      .filter(({ all }) => all > 0),
  };
}

/** Each period as one event, bad where its value is not below the bound: percentiles are never averaged. */
export function tallyPeriods({ periodMs, points }: Series, bound: number): Tallies {
  return {
    periodMs,
    perPeriod: 1,
    periods: points
      .filter(({ value }) => Number.isFinite(value))
      .map(({ at, value }) => ({ at, all: 1, bad: value < bound ? 0 : 1 })),
  };
}

export interface Sum {
  readonly all: number;
  readonly bad: number;
  /** The share of the window's periods in which anything was measured. */
  readonly coverage: number;
}

/** Over the periods that begin in the window. */
export function sumOver({ periodMs, periods }: Tallies, { from, to }: Window): Sum {
  let [all, bad, measured] = [0, 0, 0];
  for (const each of periods) {
    if (each.at < from || each.at >= to) continue;
    all += each.all;
    bad += each.bad;
    measured += 1;
  }
  const expected = Math.max(1, Math.floor((to - from) / periodMs));
  return { all, bad, coverage: Math.min(1, measured / expected) };
}

/** The share of bad events; undefined where there were none at all, which is no success. */
export function badShare({ all, bad }: Pick<Sum, 'all' | 'bad'>): number | undefined {
  return all > 0 ? bad / all : undefined;
}
