/**
 * What alarms and dashboards are made from: the checks' own titles, windows and thresholds, and what a stack's parts are
 * called in each region. Pure.
 */
import type { Check } from '../checks/check.ts';
import type { Limit } from '../checks/limits.ts';
import type { CheckSettings } from '../checks/kit.ts';
import type { Metric } from '../cloud/metrics.ts';
import type { AlarmMetric, AlarmSpec, Tags } from '../cloud/monitoring.ts';
import type { RegionalStack, Stack } from '../cloud/stack.ts';

/** Whom a topic tells. */
export interface Receivers {
  readonly email: readonly string[];
  readonly sms: readonly string[];
}

export interface MonitoringSettings {
  readonly stack: Stack;
  readonly limits: CheckSettings['limits'];
  /** So many failures have to be in a long burn window, or it breaches nothing. */
  readonly fewestEvents: number;
  /** What every name begins with. */
  readonly prefix: string;
  readonly tags: Tags;
  readonly receivers: Readonly<Record<TopicName, Receivers>>;
}

export type TopicName = 'critical' | 'warning';
export const topicNames: readonly TopicName[] = ['critical', 'warning'];

/** One region's half, with the names that only the account knows. */
export interface WatchedSite {
  readonly half: RegionalStack;
  /** The region that stands by has copies: for when it serves, and for what a dead region cannot tell. */
  readonly role: 'primary' | 'recovery';
  readonly account: string;
  /** Nodes of the cache; absent where no cache is configured. */
  readonly cacheNodes?: readonly string[];
  /** Absent where the bucket has no metrics configuration. */
  readonly bucketFilter?: string;
  /** Which metric of the cluster's lag is published there; absent where none is. */
  readonly lagMetric?: Metric;
  /** How many connections the database takes; absent where that is not asked, or cannot be told. */
  readonly connectionLimit?: number;
}

/** Why a rule has no alarm, and who watches it all the same. */
export interface NotExpressible {
  readonly id: string;
  readonly title: string;
  readonly region: string;
  readonly reason: string;
  readonly watchedBy: string;
}

const minuteSeconds = 60;
const hourSeconds = 3_600;
const daySeconds = 86_400;

const secondsOf = { m: minuteSeconds, h: hourSeconds, d: daySeconds } as const;

/** A check's window, in seconds. */
export function windowSecondsOf({ id, window }: Pick<Check, 'id' | 'window'>): number {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(window ?? '') ?? [];
  if (unit !== 'm' && unit !== 'h' && unit !== 'd') throw new TypeError(`${id} has no window that an alarm can have`);
  return Number(count) * secondsOf[unit];
}

/** How the points of a window decide. */
export type Judgement =
  /** All of it together, as one sum. */
  | 'whole'
  /** Every minute of it has to be across. */
  | 'every-minute'
  /** One minute across is enough. */
  | 'any-minute'
  /** The newest hour that anything was written in. */
  | 'newest-hour';

export function evaluation(
  how: Judgement,
  windowSeconds: number,
): Pick<AlarmSpec, 'periods' | 'datapoints'> & Pick<AlarmMetric, 'periodSeconds'> {
  const minutes = windowSeconds / minuteSeconds;
  switch (how) {
    case 'whole':
      return { periodSeconds: windowSeconds, periods: 1, datapoints: 1 };
    case 'every-minute':
      return { periodSeconds: minuteSeconds, periods: minutes, datapoints: minutes };
    case 'any-minute':
      return { periodSeconds: minuteSeconds, periods: minutes, datapoints: 1 };
    case 'newest-hour':
      return { periodSeconds: hourSeconds, periods: 1, datapoints: 1 };
  }
}

export function watchedMetrics(
  metrics: Readonly<Record<string, Metric>>,
  periodSeconds: number,
): Readonly<Record<string, AlarmMetric>> {
  return Object.fromEntries(
    Object.entries(metrics).map(([id, { namespace, metric, dimensions, statistic }]) => [
      id,
      { namespace, metric, dimensions, statistic, periodSeconds },
    ]),
  );
}

/** What is across: `lower` is good for what must not rise. */
export function comparisonOf({ better }: Pick<Limit, 'better'>): '>' | '<' {
  return better === 'lower' ? '>' : '<';
}

/** A number without the dust of binary fractions: 14.4 × 0.05 is 0.72. */
export function exact(value: number): number {
  return Number(value.toPrecision(12));
}

/** In metric math: a sum of counts of which only those that are not zero are published. */
export function sumOf(ids: readonly string[]): string {
  return `(${ids.map((id) => `FILL(${id}, 0)`).join(' + ')})`;
}
