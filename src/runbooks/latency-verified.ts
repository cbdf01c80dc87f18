/** Did it help? Latency, measured anew after a change, minute by minute. */
import type { ObserveContext, Polled } from '../engine/step.ts';
import { latest, part } from './configured.ts';
import type { RunbookPorts, RunbookSettings } from './kit.ts';

const minuteMs = 60_000;
/** What is settled after a change: the minute in which it happened does not count, nor does the one after. */
const settlingMs = 2 * minuteMs;
/** So many minutes in a row must be well. */
const calmMinutes = 3;
/** After so long a latency that is no longer alarming counts as helped in part. */
const patienceMs = 10 * minuteMs;
/** CloudWatch holds a minute two minutes after its end. */
const lateMs = 2 * minuteMs;

export interface Verified {
  /** Seconds. */
  readonly p99: number;
  /** True where it is below its alert threshold and still above its target, after all the time that it had. */
  readonly partly: boolean;
  /** True in a dry run, which cannot measure what has not happened. */
  readonly assumed: boolean;
}

/** Latency at the balancer since `changedAt`: reached when its p99 is within the target for three whole minutes in a row. */
export async function pollLatency(
  changedAt: number,
  { ports, settings, clock }: ObserveContext<RunbookPorts, RunbookSettings>,
): Promise<Polled<Verified>> {
  const from = Math.ceil((changedAt + settlingMs) / minuteMs) * minuteMs;
  const to = Math.floor((clock.now() - lateMs) / minuteMs) * minuteMs;
  const { target, alert } = settings.objectives.apiLatencyP99;
  if (to - from < calmMinutes * minuteMs) {
    const measuredAt = new Date(from + calmMinutes * minuteMs + lateMs).toISOString().slice(11, 16);
    return {
      state: 'waiting',
      detail: `${calmMinutes} whole minutes after the change are measured by ${measuredAt} UTC`,
    };
  }
  const window = { from: to - calmMinutes * minuteMs, to };
  const { latencyP99 } = await ports.facts.apiTraffic(part(settings.site.api), window);
  const points = latencyP99.points.filter(({ at }) => at >= window.from && at < window.to);
  const detail = `p99 ${latest(latencyP99, window)} over the last ${calmMinutes} minutes, target ${target} s`;
  const isBelow = (most: number) => points.length >= calmMinutes && points.every(({ value }) => value <= most);
  const isCalm = isBelow(target);
  // Taking back what has ended the alert would bring the alert back.
  const isBetter = clock.now() >= changedAt + patienceMs && isBelow(alert);
  if (!isCalm && !isBetter) return { state: 'waiting', detail };
  return {
    state: 'reached',
    output: { p99: Math.max(...points.map(({ value }) => value)), partly: !isCalm, assumed: false },
    detail: isCalm ? detail : `${detail}: better, and still above it`,
  };
}
