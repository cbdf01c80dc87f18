/** The ids of the built-in checks. Scripts and files name checks by them, so an id never changes its meaning. */

/** Metrics with a target and an alert threshold. */
const metricCheckIds = [
  'api-availability',
  'api-latency-p95',
  'api-latency-p99',
  'api-server-errors',
  'api-client-errors',
  'database-cpu',
  'database-storage',
  'database-connections',
  'database-query-latency',
  'database-replication-lag',
  'ecs-cpu',
  'ecs-memory',
  'alb-latency',
  's3-upload-errors',
  'daily-active-users',
  'new-nanos',
  'chat-response-time',
  'moderation-queue',
] as const;

/** Whether logs and traces are as they should be. */
const logCheckIds = [
  'logs-retention-application',
  'logs-retention-database',
  'logs-retention-cache',
  'logs-database-exports',
  'logs-fields',
  'logs-trace-entry',
  'logs-trace-service',
  'logs-trace-sql',
  'logs-trace-s3',
  'logs-trace-cache',
] as const;

/** Rules that page somebody or send a warning. */
const alertCheckIds = [
  'alert-availability',
  'alert-error-rate',
  'alert-replication-lag',
  'alert-s3-upload-failures',
  'alert-crash-loop',
  'alert-cpu-sustained',
  'alert-slow-queries',
  'alert-cache-hit-rate',
  'alert-moderation-queue',
  'alert-daily-active-users',
] as const;

/** The weekly checklist. */
const weeklyCheckIds = [
  'weekly-error-logs',
  'weekly-replication-lag',
  'weekly-backups',
  'weekly-uptime',
  'weekly-capacity',
  'weekly-security',
  'weekly-cost',
] as const;

/** Backups and what guards the data. */
const backupCheckIds = [
  'backup-database-retention',
  'backup-database-window',
  'backup-database-recent',
  'backup-database-cross-region',
  'backup-s3-versioning',
  'backup-s3-replication',
  'backup-s3-lifecycle',
  'backup-dynamodb-pitr',
] as const;

/** How the database, the cache and the delivery of content are set up: what `tune` looks at. */
const tuneCheckIds = [
  'tune-slow-statements',
  'tune-full-scans',
  'tune-sorts',
  'tune-leading-wildcards',
  'tune-missing-indexes',
  'tune-unused-indexes',
  'tune-redundant-indexes',
  'tune-primary-keys',
  'tune-pool-size',
  'tune-pool-recycle',
  'tune-query-cache',
  'tune-cache-policy',
  'tune-cache-hit-rate',
  'tune-cache-evictions',
  'tune-cache-ttls',
  'tune-compression',
  'tune-minification',
  'tune-source-maps',
  'tune-critical-css',
  'tune-static-caching',
  'tune-api-caching',
  'tune-range-requests',
  'tune-cdn-ttl',
  'tune-cdn-invalidations',
] as const;
/** Objectives over thirty days whose share is a threshold of its own; the others go by the metrics' targets. */
const objectiveIds = ['slo-latency-p95', 'slo-latency-p99'] as const;

export const checkIds = [
  ...metricCheckIds,
  ...logCheckIds,
  ...alertCheckIds,
  ...weeklyCheckIds,
  ...backupCheckIds,
  ...tuneCheckIds,
  ...objectiveIds,
] as const;

export type CheckId = (typeof checkIds)[number];
