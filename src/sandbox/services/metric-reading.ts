/** Reads statistics of metrics over time, with the periods and retention that CloudWatch has. */
import type { MetricCatalog } from '../world/metrics/catalog.ts';
import { isPercentile, statistic, type Datum, type MetricSource } from '../world/metrics/datum.ts';
import type { World } from '../world/world.ts';
import type { TimeSeries } from './metric-math.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** From so many minutes on, percentiles are taken from some of a period's minutes. */
const MINUTES_READ_FOR_PERCENTILES = 12;
/**
 * What is older than a day, and read by the hour or coarser, is made of every so many minutes: weeks are read in a second.
 * Sums are not: an hour's has to be that of its minutes.
 */
const OLD_MS = DAY_MS;
const OLD_STEP_MINUTES = 10;

/** What is asked of one metric. */
export interface Reading {
  readonly source: MetricSource | undefined;
  readonly statistic: string;
  readonly periodMs: number;
}

/**
 * Reads all series side by side, so that a minute is computed once. Periods start at the start time; of one that reaches
 * beyond the end, its minutes before the end count.
 */
export function readAll(
  world: World,
  catalog: MetricCatalog,
  readings: ReadonlyMap<string, Reading>,
  fromMs: number,
  toMs: number,
): ReadonlyMap<string, TimeSeries> {
  const untilMs = Math.min(toMs, world.now());
  const series = new Map<string, Map<number, number>>([...readings.keys()].map((id) => [id, new Map()]));
  for (const [periodMs, group] of groupedByPeriod(readings)) {
    if (!kept(world.now() - fromMs, periodMs)) continue;
    for (let at = fromMs; at < untilMs; at += periodMs) {
      for (const [id, reading] of group) {
        const value = read(catalog, reading, at, Math.min(at + periodMs, toMs), world.now());
        if (value !== undefined) series.get(id)?.set(at, value);
      }
    }
  }
  return series;
}

function groupedByPeriod(readings: ReadonlyMap<string, Reading>): ReadonlyMap<number, readonly [string, Reading][]> {
  const groups = new Map<number, [string, Reading][]>();
  for (const entry of readings) {
    const group = groups.get(entry[1].periodMs) ?? [];
    group.push(entry);
    groups.set(entry[1].periodMs, group);
  }
  return groups;
}

/** Data points of a minute are kept for 15 days, of five minutes for 63, of an hour for 455. */
function kept(ageMs: number, periodMs: number): boolean {
  if (ageMs > 455 * DAY_MS) return false;
  if (ageMs > 63 * DAY_MS) return periodMs % (60 * MINUTE_MS) === 0;
  return ageMs <= 15 * DAY_MS || periodMs % (5 * MINUTE_MS) === 0;
}

/** One statistic over the minutes that begin in [fromMs, toMs), at `nowMs`. */
export function read(
  catalog: MetricCatalog,
  reading: Reading,
  fromMs: number,
  toMs: number,
  nowMs: number,
): number | undefined {
  const { source } = reading;
  if (source === undefined) return undefined;
  const every = source.everyMinutes ?? 1;
  const first = Math.ceil(fromMs / MINUTE_MS / every) * every;
  const end = Math.ceil(toMs / MINUTE_MS);
  const step = every > 1 ? every : stepOf(reading, end - first, nowMs - toMs);
  const data: Datum[] = [];
  for (let minute = first; minute < end; minute += step) {
    const datum = catalog.read(source, minute);
    if (datum !== undefined) data.push(datum);
  }
  return statistic(reading.statistic, data);
}

/** Every so many minutes are read of what is published every minute. */
function stepOf({ statistic: name, periodMs }: Reading, minutes: number, ageMs: number): number {
  if (isPercentile(name)) return Math.max(1, Math.ceil(minutes / MINUTES_READ_FOR_PERCENTILES));
  const isTotal = name === 'Sum' || name === 'SampleCount';
  return !isTotal && periodMs >= HOUR_MS && ageMs > OLD_MS ? OLD_STEP_MINUTES : 1;
}
