/**
 * Which metric data is there to be read: how fresh, and at which resolution (Amazon CloudWatch User Guide, "Metrics
 * retention"). Pure.
 */
import type { Window } from '../cloud/series.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long AWS takes at most to make a data point readable. */
const publicationMs = 2 * minuteMs;

/** The end of the newest minute whose data is complete, in epoch milliseconds. */
export function lastCompleteMinute(nowMs: number): number {
  return Math.floor((nowMs - publicationMs) / minuteMs) * minuteMs;
}

/** Each resolution, and how old data may be that is still kept at it, an hour short of AWS's limit. */
const retention = [
  { periodMs: minuteMs, keptMs: 15 * dayMs - hourMs },
  { periodMs: 5 * minuteMs, keptMs: 63 * dayMs - hourMs },
] as const;

/** The finest period at which a window that begins at `fromMs` can be read. */
export function periodFor(fromMs: number, nowMs: number): number {
  return retention.find(({ keptMs }) => nowMs - fromMs <= keptMs)?.periodMs ?? hourMs;
}

export interface MetricSpan {
  /** Epoch milliseconds, on a boundary of the period; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

/** The whole periods that cover a window, up to what is complete; `from >= to` where there is nothing to read yet. */
export function metricSpan(window: Window, nowMs: number): MetricSpan {
  const periodMs = Math.max(periodFor(window.from, nowMs), window.periodMs ?? 0);
  const complete = lastCompleteMinute(nowMs);
  return {
    from: Math.floor(window.from / periodMs) * periodMs,
    to: Math.min(Math.ceil(window.to / periodMs) * periodMs, complete),
    periodMs,
  };
}
