/**
 * From series to one measured value. Sustained means every point of the window; percentiles are never averaged; ratios are
 * of sums; and a gap is a gap: whoever judges says whether it stands for zero (Amazon CloudWatch User Guide, "Percentiles",
 * "Configuring how CloudWatch alarms treat missing data").
 */
import type { Point, Series, Window } from '../cloud/series.ts';
import { valueOf, type Known } from '../diagnosis/known.ts';
import { pointsIn } from '../diagnosis/shift.ts';
import { evidence, type Evidence } from '../diagnosis/evidence.ts';
import { against, amount, limitTexts, type Limit } from './limits.ts';
import { unknown, unseen, type Judged, type Unseen } from './judged.ts';
import { hourMs, minuteMs, dayMs } from './kit.ts';

export { valueOf };

/** What a window holds of a series. */
interface Held {
  readonly points: readonly Point[];
  /** How many points a window without gaps holds. */
  readonly expected: number;
}

function held(series: Series, window: Window): Held {
  return {
    points: pointsIn(series, window),
    expected: Math.max(1, Math.round((window.to - window.from) / series.periodMs)),
  };
}

export function sumOf(series: Series, window: Window): number {
  return pointsIn(series, window).reduce((sum, { value }) => sum + value, 0);
}

export function hasPoints(series: Series, window: Window): boolean {
  return pointsIn(series, window).length > 0;
}

/** `5m`, `1h`, `7d`: a window as configuration and documents write it. */
export function windowText({ from, to }: Window): string {
  const ms = to - from;
  if (ms % dayMs === 0) return `${ms / dayMs}d`;
  return ms % hourMs === 0 ? `${ms / hourMs}h` : `${Math.round(ms / minuteMs)}m`;
}

/** A value that was measured, in the unit of the check's limit. */
export interface Measured {
  readonly value: number;
  readonly window?: Window;
  /** The end of the window when absent. */
  readonly atMs?: number;
  /** Oldest first, for a curve; in the limit's unit. */
  readonly recent?: readonly number[];
}

const units = { ms: 'ms', percent: '%', count: 'count' } as const;

/** The judgement of a measured value by its limit. */
export function judged(
  limit: Limit,
  { value, window, atMs = window?.to, recent }: Measured,
  summary: string,
  found: readonly Evidence[],
  nextStep?: string,
): Judged {
  const status = against(value, limit);
  return {
    status,
    summary,
    evidence: found,
    ...limitTexts(limit),
    observed: {
      value,
      unit: units[limit.unit],
      ...(window === undefined ? {} : { window: windowText(window) }),
      ...(atMs === undefined ? {} : { atMs }),
      ...(recent === undefined ? {} : { recent }),
    },
    ...(nextStep === undefined || status === 'ok' ? {} : { nextStep }),
  };
}

/** What would be well if the rest had been measured: unknown. What is not well stays so. */
export function doubted(judgement: Judged): Judged {
  return judgement.status === 'ok' ? { ...judgement, status: 'unknown' } : judgement;
}

export interface Gauge {
  readonly series: Series;
  readonly window: Window;
  readonly limit: Limit;
  /** From the series' unit to the limit's. */
  readonly scale?: number;
  /** What it is, within a sentence: `p99`, `CPU of the writer`. */
  readonly what: string;
  readonly nextStep?: string;
}

/**
 * Crossed only where every point of the window is across; a missing point leaves that open. The value is what every point
 * reaches: the lowest of what should be low.
 */
export function sustained(gauge: Gauge): Judged {
  const { series, window, limit, what } = gauge;
  const { points, expected } = held(series, window);
  const values = valuesOf(gauge, points);
  const newest = values.at(-1);
  if (newest === undefined) return nothingIn(gauge);
  const value = limit.better === 'lower' ? Math.min(...values) : Math.max(...values);
  const span = windowText(window);
  const text = isFlat(values, limit.unit)
    ? `${what} ${amount(newest, limit.unit)} over ${span}`
    : `${what} ${amount(Math.min(...values), limit.unit)} to ${amount(Math.max(...values), limit.unit)} over ${span}, newest ${amount(newest, limit.unit)}`;
  const found = [seriesEvidence(series, text)];
  const missing = expected - values.length;
  const isOpen = missing > 0 && (against(value, limit) !== 'ok' || values.length * 2 < expected);
  const measured = { value, window, atMs: points.at(-1)?.at, recent: curveOf(gauge) };
  if (isOpen) {
    return unknown(`${text}; ${missing} of ${expected} points are missing`, found, {
      ...limitTexts(limit),
      observed: judged(limit, present(measured), text, found).observed,
    });
  }
  return judged(limit, present(measured), text, found, gauge.nextStep);
}

/** Crossed as soon as one point is across. The value is the worst of the window, of which at least half has to be there. */
export function worst(gauge: Gauge): Judged {
  const { series, window, limit, what } = gauge;
  const { points, expected } = held(series, window);
  const values = valuesOf(gauge, points);
  if (values.length === 0) return nothingIn(gauge);
  const value = limit.better === 'lower' ? Math.max(...values) : Math.min(...values);
  const at = points[values.indexOf(value)]?.at;
  const most = limit.better === 'lower' ? 'at most' : 'at least';
  const missing = expected - values.length;
  const isThin = missing * 2 > expected;
  const gap = isThin ? `; ${missing} of ${expected} points are missing` : '';
  const text = `${what} ${most} ${amount(value, limit.unit)} over ${windowText(window)}${gap}`;
  const judgement = judged(
    limit,
    present({ value, window, atMs: at, recent: curveOf(gauge) }),
    text,
    [seriesEvidence(series, text)],
    gauge.nextStep,
  );
  return isThin ? doubted(judgement) : judgement;
}

/** The newest point of the window, however many are missing before it. */
export function latest(gauge: Gauge): Judged {
  const { series, window, limit, what } = gauge;
  const { points } = held(series, window);
  const values = valuesOf(gauge, points);
  const value = values.at(-1);
  const at = points.at(-1)?.at;
  if (value === undefined || at === undefined) return nothingIn(gauge);
  const text = `${what} ${amount(value, limit.unit)}`;
  return judged(
    limit,
    { value, window: { from: at, to: at + series.periodMs }, atMs: at, recent: curveOf(gauge) },
    text,
    [seriesEvidence(series, text)],
    gauge.nextStep,
  );
}

/** More points than these make no better curve. */
const mostRecent = 60;

/** All that was read up to the end of the window, from before it too: a judgement is short, a curve is to show whence. */
function curveOf(gauge: Gauge): readonly number[] {
  const { series, window } = gauge;
  return valuesOf(gauge, pointsIn(series, { from: -Infinity, to: window.to })).slice(-mostRecent);
}

function isFlat(values: readonly number[], unit: Limit['unit']): boolean {
  return new Set(values.map((value) => amount(value, unit))).size === 1;
}

function valuesOf({ scale = 1 }: Gauge, points: readonly Point[]): readonly number[] {
  return points.map(({ value }) => value * scale);
}

function nothingIn({ series, window, limit, what }: Gauge): Judged {
  return noData(limit, `${what}: nothing was reported over ${windowText(window)}`, series);
}

/** Where there is a series and nothing in it: unknown, with where it was looked for. */
export function noData(limit: Limit | undefined, summary: string, series: Series): Judged {
  return unknown(summary, [seriesEvidence(series, 'no data points')], limit === undefined ? {} : limitTexts(limit));
}

export function seriesEvidence({ source }: Series, detail: string): Evidence {
  return evidence(source, `${source.detail}: ${detail}`);
}

/** What could not be seen, beside the limits that it would have been judged by. */
export function unseenOf(limit: Limit, what: Unseen, origin: { operation: string; region: string }): Judged {
  return { ...unseen(what, origin), ...limitTexts(limit) };
}

/** What was seen, or the judgement that it could not be. */
export function whenKnown<T>(
  known: Known<T>,
  limit: Limit,
  origin: { operation: string; region: string },
  judge: (value: T) => Judged,
): Judged {
  return known.known ? judge(known.value) : unseenOf(limit, known, origin);
}

/** Without the members that are undefined. */
function present(measured: {
  value: number;
  window?: Window;
  atMs: number | undefined;
  recent?: readonly number[];
}): Measured {
  const { atMs, ...rest } = measured;
  return { ...rest, ...(atMs === undefined ? {} : { atMs }) };
}
