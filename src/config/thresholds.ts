/**
 * The thresholds of the product's operations specification: what each check is measured in, which direction is good,
 * and the target and alert threshold that hold unless the configuration says otherwise. A check that is not here has no
 * number to set.
 */
import type { CheckId } from './check-ids.ts';
import type { QuantityUnit } from './quantities.ts';

export interface Threshold {
  /** What is aimed for; missing it is a warning. In the check's unit. */
  readonly target?: number;
  /** What must not be crossed; crossing it is a breach. In the check's unit. */
  readonly alert?: number;
}

export interface ThresholdDefinition extends Threshold {
  readonly unit: QuantityUnit;
  /** Which direction is good: `lower` for latency, `higher` for availability. */
  readonly better: 'lower' | 'higher';
  /** True where a value that equals the target meets it: the specification writes `99.95%`, but `<1s`. */
  readonly meetsAtTarget?: boolean;
}

const second = 1000;
const hour = 3_600_000;
const day = 24 * hour;

export const thresholdDefinitions = {
  'api-availability': { unit: 'percent', better: 'higher', meetsAtTarget: true, target: 99.95, alert: 99 },
  'api-latency-p95': { unit: 'ms', better: 'lower', target: second, alert: 2 * second },
  'api-latency-p99': { unit: 'ms', better: 'lower', target: 2 * second, alert: 3 * second },
  'api-server-errors': { unit: 'percent', better: 'lower', target: 0.5, alert: 1 },
  'api-client-errors': { unit: 'percent', better: 'lower', target: 2, alert: 5 },
  'database-cpu': { unit: 'percent', better: 'lower', target: 70, alert: 80 },
  'database-storage': { unit: 'percent', better: 'lower', target: 80, alert: 85 },
  // 100 and 140 of 150 connections, as a share, since the greatest number depends on the instance class.
  'database-connections': { unit: 'percent', better: 'lower', target: 67, alert: 93 },
  'database-query-latency': { unit: 'ms', better: 'lower', target: 100, alert: 200 },
  'database-replication-lag': { unit: 'ms', better: 'lower', target: second, alert: 5 * second },
  'ecs-cpu': { unit: 'percent', better: 'lower', target: 70, alert: 75 },
  'ecs-memory': { unit: 'percent', better: 'lower', target: 80, alert: 85 },
  'alb-latency': { unit: 'ms', better: 'lower', target: 50, alert: 100 },
  's3-upload-errors': { unit: 'percent', better: 'lower', meetsAtTarget: true, target: 0, alert: 0 },
  'daily-active-users': { unit: 'count', better: 'higher', target: 100, alert: 50 },
  'new-nanos': { unit: 'count', better: 'higher', target: 5, alert: 2 },
  'chat-response-time': { unit: 'ms', better: 'lower', target: 24 * hour, alert: 48 * hour },
  'moderation-queue': { unit: 'ms', better: 'lower', target: 24 * hour, alert: 48 * hour },

  'alert-availability': { unit: 'percent', better: 'higher', alert: 99 },
  'alert-error-rate': { unit: 'percent', better: 'lower', alert: 5 },
  'alert-replication-lag': { unit: 'ms', better: 'lower', alert: 30 * second },
  'alert-s3-upload-failures': { unit: 'percent', better: 'lower', alert: 10 },
  'alert-crash-loop': { unit: 'count', better: 'lower', alert: 3 },
  'alert-cpu-sustained': { unit: 'percent', better: 'lower', alert: 75 },
  'alert-slow-queries': { unit: 'ms', better: 'lower', alert: 500 },
  'alert-cache-hit-rate': { unit: 'percent', better: 'higher', alert: 50 },
  'alert-moderation-queue': { unit: 'count', better: 'lower', alert: 100 },
  // How much they have declined.
  'alert-daily-active-users': { unit: 'percent', better: 'lower', alert: 10 },

  'weekly-replication-lag': { unit: 'ms', better: 'lower', target: second },
  'weekly-uptime': { unit: 'percent', better: 'higher', meetsAtTarget: true, target: 99.95 },
  'weekly-capacity': { unit: 'percent', better: 'lower', target: 70 },
  // Denied calls and failed console logins together; some accounts have a few every week.
  'weekly-security': { unit: 'count', better: 'lower', meetsAtTarget: true, target: 0 },
  // How much a week cost more than the one before.
  'weekly-cost': { unit: 'percent', better: 'lower', meetsAtTarget: true, target: 10, alert: 25 },

  // A backup that the weekly review looks for, of three days ago, is gone where fewer days are kept.
  'backup-database-retention': { unit: 'ms', better: 'higher', meetsAtTarget: true, target: 35 * day, alert: 3 * day },
  'backup-s3-lifecycle': { unit: 'ms', better: 'higher', meetsAtTarget: true, target: 90 * day },
  'backup-dynamodb-pitr': { unit: 'ms', better: 'higher', meetsAtTarget: true, target: 35 * day },

  // The share of five-minute periods in which the percentile meets the metric's own target: the specification names none.
  'slo-latency-p95': { unit: 'percent', better: 'higher', meetsAtTarget: true, target: 99 },
  'slo-latency-p99': { unit: 'percent', better: 'higher', meetsAtTarget: true, target: 99 },
} as const satisfies Partial<Record<CheckId, ThresholdDefinition>>;

export type ThresholdCheckId = keyof typeof thresholdDefinitions;

export function isThresholdCheckId(text: string): text is ThresholdCheckId {
  return Object.hasOwn(thresholdDefinitions, text);
}

/** The ids of every check that has a threshold, in the order of the specification. */
export const thresholdCheckIds: readonly ThresholdCheckId[] =
  Object.keys(thresholdDefinitions).filter(isThresholdCheckId);
