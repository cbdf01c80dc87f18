/**
 * How a daily value grows, and how sure that is. Robust and deterministic: medians of slopes, order statistics, no random
 * numbers. Pure.
 *
 * The slope is the median of the slopes between all days of the same weekday, so that a week's own rhythm cannot pass for
 * growth: the seasonal Kendall slope estimator (R. M. Hirsch, J. R. Slack and R. A. Smith, "Techniques of trend analysis
 * for monthly water quality data", Water Resources Research 18, 1982). How steep and how flat it may be are order
 * statistics of the same slopes (P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63,
 * 1968; R. O. Gilbert, "Statistical Methods for Environmental Pollution Monitoring", 1987, 17.4). Days that resemble the
 * day before tell less than as many independent ones: the variance grows by the lag-1 autocorrelation of what the
 * trend leaves (S. Yue and C. Wang, "The Mann-Kendall test modified by effective sample size", Water Resources
 * Management 18, 2004).
 */
import { median, quantile } from '../diagnosis/statistics.ts';
import type { Day } from './days.ts';

/** By so much a day, or by such a factor a day. */
export type Growth = 'linear' | 'exponential';

export interface Range {
  readonly central: number;
  readonly low: number;
  readonly high: number;
}

export interface Trend {
  readonly growth: Growth;
  /** How many days it was made of. */
  readonly days: number;
  /** A day; in the middle of the days that are known. The line turns about it. */
  readonly pivot: number;
  /** The value at the pivot, and how far single days are from the line; of an exponential trend, logarithms. */
  readonly level: Range;
  /** A day. */
  readonly slope: Range;
}

/** Three weeks of days: every weekday three times, were none missing. */
export const fewestDays = 21;

const week = 7;
/** Nine of ten: the normal deviate of a two-sided interval. */
const deviate = 1.645;
const lowest = 0.05;
/** More would mean that next to nothing is known of any length of days. */
const greatestAutocorrelation = 0.8;
/** The share of the days, the oldest, by which the two kinds of growth are fitted before they are put to the test. */
const learnt = 2 / 3;
const fewestLearnt = 12;

interface Fit {
  readonly pivot: number;
  readonly centre: number;
  readonly slope: number;
  /** By the day's number modulo 7: what a weekday has above the centre. */
  readonly weekdays: ReadonlyMap<number, number>;
  readonly slopes: readonly number[];
}

/** Undefined of fewer days than `fewestDays`. Days in any order, each once. */
export function trendOf(given: readonly Day[]): Trend | undefined {
  const days = given.filter(({ value }) => Number.isFinite(value)).toSorted((a, b) => a.day - b.day);
  if (days.length < fewestDays) return undefined;
  const growth = betterGrowth(days);
  const counted = scaledBy(growth, days);
  const fit = fitOf(counted);
  const residuals = residualsOf(counted, fit);
  const { low, high } = slopeLimits(counted, fit.slopes, varianceFactor(residuals));
  // A median of each weekday was taken from these days: what is left of them looks calmer than it is.
  const widened = Math.sqrt(days.length / Math.max(1, days.length - fit.weekdays.size - 1));
  const scatter = (q: number): number => (quantile([...residuals.values()], q) ?? 0) * widened;
  return {
    growth,
    days: days.length,
    pivot: fit.pivot,
    level: {
      central: fit.centre,
      low: fit.centre + Math.min(0, scatter(lowest)),
      high: fit.centre + Math.max(0, scatter(1 - lowest)),
    },
    slope: { central: fit.slope, low: Math.min(low, fit.slope), high: Math.max(high, fit.slope) },
  };
}

/** The value on a day (which may be a fraction): where the line is, and between what single days may lie. */
export function valueOn({ growth, pivot, level, slope }: Trend, day: number): Range {
  const ahead = day - pivot;
  const at = (from: number, by: number): number => unscaled(growth, from + by * ahead);
  const steep = [at(level.low, slope.low), at(level.low, slope.high)];
  const flat = [at(level.high, slope.low), at(level.high, slope.high)];
  return {
    central: at(level.central, slope.central),
    low: Math.min(...steep),
    high: Math.max(...flat),
  };
}

/** By how much a week the value grows, from its size on a day on. */
export function weeklyGrowth(trend: Trend, day: number): Range {
  const { central } = valueOn(trend, day);
  const by = (slope: number): number =>
    trend.growth === 'linear' ? slope * week : central * (Math.exp(slope * week) - 1);
  return { central: by(trend.slope.central), low: by(trend.slope.low), high: by(trend.slope.high) };
}

/** The value as the trend counts it. */
export function scaled(growth: Growth, value: number): number {
  return growth === 'linear' ? value : Math.log(value);
}

function unscaled(growth: Growth, value: number): number {
  return growth === 'linear' ? value : Math.exp(value);
}

function scaledBy(growth: Growth, days: readonly Day[]): readonly Day[] {
  return days.map(({ day, value }) => ({ day, value: scaled(growth, value) }));
}

/**
 * Whichever foretells the newest third of the days better from the two thirds before it, by the mean of its absolute
 * errors. What cannot be told apart is taken to grow in a straight line, which assumes less.
 */
function betterGrowth(days: readonly Day[]): Growth {
  const [first, last] = [days[0]?.day ?? 0, days.at(-1)?.day ?? 0];
  const turn = first + (last - first) * learnt;
  const before = days.filter(({ day }) => day <= turn);
  const after = days.filter(({ day }) => day > turn);
  if (before.length < fewestLearnt || days.some(({ value }) => value <= 0)) return 'linear';
  const error = (growth: Growth): number => {
    const fit = fitOf(scaledBy(growth, before));
    return after.reduce((sum, { day, value }) => sum + Math.abs(value - unscaled(growth, foretold(fit, day))), 0);
  };
  const [straight, bent] = [error('linear'), error('exponential')];
  // Less than this is rounding.
  return bent < straight * (1 - 1e-9) ? 'exponential' : 'linear';
}

function foretold({ pivot, centre, slope, weekdays }: Fit, day: number): number {
  return centre + slope * (day - pivot) + (weekdays.get(day % week) ?? 0);
}

function fitOf(days: readonly Day[]): Fit {
  const slopes = slopesOf(days);
  const slope = median(slopes) ?? 0;
  const pivot = median(days.map(({ day }) => day)) ?? 0;
  const flat = days.map(({ day, value }) => ({ day, value: value - slope * (day - pivot) }));
  const medians = [...byWeekday(flat)].map(([weekday, values]) => [weekday, median(values) ?? 0] as const);
  const centre = median(medians.map(([, value]) => value)) ?? 0;
  return { pivot, centre, slope, weekdays: new Map(medians.map(([day, value]) => [day, value - centre])), slopes };
}

function byWeekday(days: readonly Day[]): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const { day, value } of days) {
    const group = groups.get(day % week) ?? [];
    groups.set(day % week, group);
    group.push(value);
  }
  return groups;
}

/** Between every two days of the same weekday, the smallest first. */
function slopesOf(days: readonly Day[]): readonly number[] {
  const slopes: number[] = [];
  for (const [index, later] of days.entries()) {
    for (const earlier of days.slice(0, index)) {
      const apart = later.day - earlier.day;
      if (apart % week === 0) slopes.push((later.value - earlier.value) / apart);
    }
  }
  return slopes.toSorted((a, b) => a - b);
}

/** What the line and the weekday leave, by the day. */
function residualsOf(days: readonly Day[], fit: Fit): ReadonlyMap<number, number> {
  return new Map(days.map(({ day, value }) => [day, value - foretold(fit, day)]));
}

/** How many times as large the variance is as that of independent days. */
function varianceFactor(residuals: ReadonlyMap<number, number>): number {
  let [together, pairs, squares] = [0, 0, 0];
  for (const [day, value] of residuals) {
    squares += value * value;
    const next = residuals.get(day + 1);
    if (next === undefined) continue;
    together += value * next;
    pairs += 1;
  }
  if (pairs === 0 || squares === 0) return 1;
  const correlation = together / pairs / (squares / residuals.size);
  const r = Math.min(greatestAutocorrelation, Math.max(0, correlation));
  return (1 + r) / (1 - r);
}

/** Gilbert's ranks, by the variance of Kendall's S over the weekdays. Ties are not taken off: that only widens it. */
function slopeLimits(
  days: readonly Day[],
  slopes: readonly number[],
  factor: number,
): { readonly low: number; readonly high: number } {
  const counts = [...byWeekday(days).values()].map((values) => values.length);
  const variance = counts.reduce((sum, n) => sum + (n * (n - 1) * (2 * n + 5)) / 18, 0) * factor;
  const width = deviate * Math.sqrt(variance);
  const rank = (place: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, place))] ?? 0;
  return {
    low: rank(Math.floor((slopes.length - width) / 2) - 1),
    high: rank(Math.ceil((slopes.length + width) / 2)),
  };
}
