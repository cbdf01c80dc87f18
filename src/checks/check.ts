/**
 * What a check is: an id that the product fixes, what it is called, how bad it is when it fails, and a pure judgement
 * of a measured value against two thresholds. What is not measured is unknown, never ok.
 */
export interface Threshold {
  /** Missing it is a warning. */
  readonly target: number;
  /** Crossing it is a breach. */
  readonly alert: number;
}

export type CheckStatus = 'ok' | 'warning' | 'breach' | 'unknown';

export type CheckArea =
  | 'api'
  | 'database'
  | 'compute'
  | 'storage'
  | 'business'
  | 'cache'
  | 'dns'
  /** Moving to another region as a whole. */
  | 'recovery'
  /** What nanoops itself needs. */
  | 'nanoops';

export type CheckSeverity = 'critical' | 'warning' | 'info';

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly area: CheckArea;
  readonly severity: CheckSeverity;
  readonly judge: (value: number | undefined, threshold: Threshold) => CheckStatus;
}
