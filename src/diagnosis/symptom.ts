/**
 * Is the API slow, since when, and is it still? Judged on p99 a minute: percentiles are never averaged, so the answer
 * counts minutes.
 */
import type { Point, Series, Window } from '../cloud/series.ts';
import { quantity } from './evidence.ts';
import { lastMinutes, newestIncident, quietTime, recentMinutes, tooFewRecent, type Incident } from './incident.ts';
import { pointsIn } from './shift.ts';
import { deviation, median } from './statistics.ts';

export interface Symptom extends Incident {
  /** p99 in seconds, the median of the normal period's minutes and of the incident's bad ones. */
  readonly p99Before?: number;
  readonly p99During?: number;
  readonly summary: string;
}

export interface SymptomInput {
  readonly p99: Series;
  readonly requests: Series;
  /** What was looked at. */
  readonly window: Window;
  /** Where the operator says that it began. */
  readonly since?: number;
  /** Seconds; a p99 above it misses the objective. */
  readonly targetSeconds: number;
}

export function latencySymptom(input: SymptomInput): Symptom {
  const { p99, window } = input;
  const points = pointsIn(p99, window);
  const at = points.map((point) => point.at);
  const quiet = quietTime(window);
  const measured = tooFewRecent(at, window);
  if (measured !== undefined) return { state: 'unknown', ...quiet, summary: silence(input, measured) };

  const bad = judge(points, input.targetSeconds, input.since);
  const incident = newestIncident({ at, bad, window, since: input.since });
  if (incident === undefined) {
    const recent = pointsIn(p99, lastMinutes(window, recentMinutes));
    const p99During = median(recent.map((point) => point.value));
    const target = quantity(input.targetSeconds, 's');
    const summary = `p99 ${quantity(p99During ?? 0, 's')}, within its target of ${target}; no incident in the window`;
    return { state: 'none', ...quiet, p99During, summary };
  }

  const { when, ...struck } = incident;
  const p99Before = median(pointsIn(p99, struck.before).map((point) => point.value));
  // A given onset may lie well before the trouble: its good minutes do not describe the trouble.
  const badMinutes = pointsIn(p99, struck.during).filter((point) => bad.has(point.at));
  const p99During = median(badMinutes.map((point) => point.value));
  const change = `p99 ${p99Before === undefined ? '' : `${quantity(p99Before, 's')} → `}${quantity(p99During ?? 0, 's')}`;
  return { ...struck, p99Before, p99During, summary: `${change}${struck.state === 'over' ? ',' : ''} ${when}` };
}

function silence(input: SymptomInput, measuredMinutes: number): string {
  const requests = pointsIn(input.requests, lastMinutes(input.window, recentMinutes));
  if (requests.length === 0 && measuredMinutes === 0) {
    return 'neither latency nor requests were reported in the last 5 minutes: no traffic, an outage, or lost telemetry';
  }
  return measuredMinutes === 0
    ? 'requests were reported in the last 5 minutes, but no latency'
    : `latency was reported in only ${measuredMinutes} of the last 5 minutes: too little to judge`;
}

/**
 * The bad minutes. A minute is bad when p99 misses the target, or when it is far above what is normal here and at least
 * half the target: three times the median and eight deviations. Normal is the calmer half of what precedes the incident.
 */
function judge(points: readonly Point[], targetSeconds: number, since: number | undefined): ReadonlySet<number> {
  const past = since === undefined ? points : points.filter((point) => point.at < since);
  const values = past.map((point) => point.value);
  const middle = median(values) ?? targetSeconds;
  const calm = values.filter((value) => value <= middle);
  const normal = median(calm) ?? targetSeconds;
  const unusual = Math.max(normal * 3, normal + 8 * (deviation(calm) ?? 0), targetSeconds / 2);
  const limit = Math.min(targetSeconds, unusual);
  return new Set(points.filter((point) => point.value > limit).map((point) => point.at));
}
