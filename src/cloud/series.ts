/** Time windows and metric series, in the words that facts, diagnosis and reports share. */

/** A half-open span of time, `[from, to)`, in milliseconds since the Unix epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** The period that its points are wanted in, where that is coarser than the finest that is kept. */
  readonly periodMs?: number;
}

/** One value of a series; `at` is the start of the period that it covers, in epoch milliseconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** Where a fact came from, so that it can be shown as evidence. */
export interface Source {
  /** The AWS operation, as `service:Operation`, for example `cloudwatch:GetMetricData`. */
  readonly operation: string;
  readonly region: string;
  /** What was read, for example `AWS/ECS CPUUtilization Average nano/nano-api`. */
  readonly detail: string;
}

/**
 * A metric over time. No points means that nothing was measured, never that the value was zero: whoever judges a
 * series decides what missing data means.
 */
export interface Series {
  readonly label: string;
  readonly unit: 's' | 'ms' | '%' | 'count' | 'bytes' | 'ratio';
  readonly periodMs: number;
  readonly points: readonly Point[];
  readonly source: Source;
}
