/** What CloudWatch keeps of a metric's minute, and how statistics over longer periods follow from it. */

/** One minute of one metric. */
export interface Datum {
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Sorted values, or a sample of them, where the metric has a distribution; absent: percentiles are of the mean. */
  readonly values?: Float64Array;
  /** What `values` are to be multiplied by; 1 when absent. */
  readonly scale?: number;
}

export type MetricUnit =
  | 'Seconds'
  | 'Milliseconds'
  | 'Percent'
  | 'Count'
  | 'Count/Second'
  | 'Bytes'
  | 'Bytes/Second'
  | 'None';

/** A metric: what identifies it, and its data at any minute (counted from the epoch); undefined where there are none. */
export interface MetricSource {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: MetricUnit;
  /** Where it is published less often than every minute: at the multiples of so many. */
  readonly everyMinutes?: number;
  at(minute: number): Datum | undefined;
}

/** A value that was measured once in the minute. */
export function gauge(value: number): Datum {
  return { sum: value, count: 1, min: value, max: value };
}

/** Values that several reporters (tasks, nodes) measured in the minute; undefined when there are none. */
export function gauges(values: readonly number[]): Datum | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).toSorted();
  return distribution(sorted, sorted.length);
}

/** So many events, each counted as one. */
export function events(count: number): Datum {
  return { sum: count, count, min: 1, max: 1 };
}

/** So many events among `of` requests, zeros counted: the average is the share. */
export function eventsAmong(count: number, of: number): Datum | undefined {
  return of === 0 ? undefined : { sum: count, count: of, min: 0, max: count > 0 ? 1 : 0 };
}

/** Sorted values that stand for `count` measurements; undefined when there are none. */
export function distribution(sorted: Float64Array, count: number, scale = 1): Datum | undefined {
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    sum: (sum / sorted.length) * count * scale,
    count,
    min: first * scale,
    max: last * scale,
    values: sorted,
    scale,
  };
}

const percentilePattern = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/** True for statistics that are understood: the five basic ones and percentiles. */
export function isStatistic(name: string): boolean {
  return ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'].includes(name) || percentilePattern.test(name);
}

export function isPercentile(name: string): boolean {
  return percentilePattern.test(name);
}

/** The statistic over the given minutes' data; undefined when there are none. */
export function statistic(name: string, data: readonly Datum[]): number | undefined {
  if (data.length === 0) return undefined;
  switch (name) {
    case 'Sum':
      return data.reduce((sum, datum) => sum + datum.sum, 0);
    case 'SampleCount':
      return data.reduce((sum, datum) => sum + datum.count, 0);
    case 'Average': {
      const count = data.reduce((sum, datum) => sum + datum.count, 0);
      return count === 0 ? undefined : data.reduce((sum, datum) => sum + datum.sum, 0) / count;
    }
    case 'Minimum':
      return data.reduce((least, datum) => Math.min(least, datum.min), Infinity);
    case 'Maximum':
      return data.reduce((most, datum) => Math.max(most, datum.max), -Infinity);
    default: {
      const rank = percentilePattern.exec(name)?.[1];
      return rank === undefined ? undefined : percentile(data, Number(rank) / 100);
    }
  }
}

function percentile(data: readonly Datum[], rank: number): number | undefined {
  const [first] = data;
  // Minutes that share their values are one as far as their distribution goes.
  const isOne = data.every(({ values, scale }) => values === first?.values && scale === first?.scale);
  const only = isOne ? first : undefined;
  if (only?.values !== undefined) {
    const value = quantile(only.values, rank);
    return value === undefined ? undefined : value * (only.scale ?? 1);
  }
  const merged: number[] = [];
  for (const datum of data) {
    if (datum.values === undefined) merged.push(datum.count === 0 ? 0 : datum.sum / datum.count);
    else for (const value of datum.values) merged.push(value * (datum.scale ?? 1));
  }
  return quantile(Float64Array.from(merged).toSorted(), rank);
}

/** The quantile of sorted values, linear between neighbours. */
export function quantile(sorted: Float64Array, rank: number): number | undefined {
  const position = rank * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (position - Math.floor(position));
}
