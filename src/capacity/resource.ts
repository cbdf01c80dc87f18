/** A resource against the share of it that may be used sustainably: how it is, and when it gets there. Pure. */
import type { Point, Series } from '../cloud/series.ts';
import { median } from '../diagnosis/statistics.ts';
import { crossingOf, type Crossing } from './crossing.ts';
import { dayMs, daysOf, highHours, type Day } from './days.ts';
import { fewestDays, trendOf, type Trend } from './trend.ts';

const hourMs = 3_600_000;
/** Of the last week, for what is sustained: more than half of it. */
const fewestOfWeek = 4;
/** What was reported last longer ago tells nothing of the present: points are of an hour, and come late. */
const newestMs = 3 * hourMs;

export interface Use {
  /** Per cent: the middle of the last week's days, each by its high hours. Absent where too few days are known. */
  readonly level?: number;
  /** The share of the last week's hours at or above the threshold, between 0 and 1. Absent without any. */
  readonly hoursAbove?: number;
  readonly days: readonly Day[];
  /** Absent of too few days. */
  readonly trend?: Trend;
  /** Absent where nothing can be told. */
  readonly crossing?: Crossing;
  /** Why nothing can be told. */
  readonly gap?: string;
}

export interface Span {
  /** Epoch milliseconds: `to` is the present. */
  readonly from: number;
  readonly to: number;
}

/**
 * `share`: per cent by the hour. Sustained means that on most days of the last week the high hours were at or above the
 * threshold: a single bad day, however bad, is no reason to scale for good.
 */
export function useOf(share: readonly Point[], span: Span, threshold: number): Use {
  const days = daysOf(share, span, highHours);
  const today = Math.floor(span.to / dayMs);
  const week = days.filter(({ day }) => day >= today - 7).map(({ value }) => value);
  const newest = share.findLast(({ value }) => Number.isFinite(value))?.at;
  const hours = share.filter(({ at, value }) => at >= span.to - 7 * dayMs && at < span.to && Number.isFinite(value));
  const level = week.length >= fewestOfWeek ? median(week) : undefined;
  const trend = trendOf(days);
  const isReached = level !== undefined && level >= threshold;
  const told = {
    days,
    ...(level === undefined ? {} : { level }),
    ...(hours.length === 0
      ? {}
      : { hoursAbove: hours.filter(({ value }) => value >= threshold).length / hours.length }),
    ...(trend === undefined ? {} : { trend }),
  };
  if (level === undefined) return { ...told, gap: tooOld(week.length, days.length) };
  if (isReached) return { ...told, crossing: { outlook: 'reached' } };
  if (newest === undefined || newest < span.to - newestMs) return { ...told, gap: silentSince(newest) };
  if (trend === undefined) return { ...told, gap: tooFew(days.length) };
  return { ...told, crossing: crossingOf(trend, threshold, { nowMs: span.to, isReached }) };
}

function silentSince(newest: number | undefined): string {
  if (newest === undefined) return 'nothing was reported';
  return `nothing was reported after ${new Date(newest).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function tooOld(ofWeek: number, all: number): string {
  return all === 0
    ? 'no day is known well enough: at least 18 hours of it'
    : `only ${ofWeek} of the last 7 days are known; ${fewestOfWeek} are needed`;
}

/** What a trend wants, and what there is. */
export function tooFew(days: number): string {
  return `too few days to tell growth: ${days} are known, ${fewestDays} are needed`;
}

/** Per cent of what is allowed. */
export function shareOf({ points }: Series, allowed: number): readonly Point[] {
  return allowed > 0 ? points.map(({ at, value }) => ({ at, value: (value / allowed) * 100 })) : [];
}

/** What is used, of what is used and what is left. */
export function usedShare(used: Series, left: Series): readonly Point[] {
  const rest = new Map(left.points.map(({ at, value }) => [at, value]));
  return used.points.flatMap(({ at, value }) => {
    const other = rest.get(at);
    return other === undefined || value + other <= 0 ? [] : [{ at, value: (value / (value + other)) * 100 }];
  });
}

/** Five weeks of whole days and the day that has begun: every weekday five times. */
export function lookedAt(until: number): Span & { readonly periodMs: number } {
  const today = Math.floor(until / dayMs) * dayMs;
  return { from: today - 35 * dayMs, to: until, periodMs: hourMs };
}
