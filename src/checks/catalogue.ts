/** Every check that can be listed and run by its id, in the order of the specification. */
import { databaseCrossRegion, databaseRecent, databaseRetention, databaseWindow } from './backup/database.ts';
import { pointInTimeRecovery } from './backup/sessions.ts';
import { lifecycle, replication, versioning } from './backup/storage.ts';
import type { Check, CheckArea } from './check.ts';
import {
  availabilityAlert,
  crashLoopAlert,
  errorRateAlert,
  replicationLagAlert,
  uploadFailuresAlert,
} from './alerts/critical.ts';
import { slowQueriesAlert } from './alerts/slow-queries.ts';
import { dailyActiveUsersAlert } from './alerts/users.ts';
import { cacheHitRateAlert, cpuAlert, moderationQueueAlert } from './alerts/warning.ts';
import { availability, balancerLatency, clientErrors, latencyP95, latencyP99, serverErrors } from './metrics/api.ts';
import { lineFields } from './logs/fields.ts';
import { applicationRetention, cacheRetention, databaseExports, databaseLogRetention } from './logs/retention.ts';
import { traceCache, traceEntry, traceService, traceSql, traceStorage } from './logs/traces.ts';
import { chatResponseTime, dailyActiveUsers, moderationQueue, newNanos } from './metrics/business.ts';
import { connections, cpu, queryLatency, replicationLag, storage } from './metrics/database.ts';
import { ecsCpu, ecsMemory, uploadErrors } from './metrics/infrastructure.ts';
import { weeklyErrorLogs } from './weekly/error-logs.ts';
import { weeklyCapacity } from './weekly/capacity.ts';
import { cost } from './weekly/cost.ts';
import { security } from './weekly/security.ts';
import { weeklyBackups } from './weekly/backups.ts';
import { weeklyReplicationLag } from './weekly/replication-lag.ts';
import { weeklyUptime } from './weekly/uptime.ts';

/** What `status` shows: the metrics with a target and an alert threshold. */
export const metricChecks: readonly Check[] = [
  availability,
  latencyP95,
  latencyP99,
  serverErrors,
  clientErrors,
  cpu,
  storage,
  connections,
  queryLatency,
  replicationLag,
  ecsCpu,
  ecsMemory,
  balancerLatency,
  uploadErrors,
  dailyActiveUsers,
  newNanos,
  chatResponseTime,
  moderationQueue,
];

/** What `logs conformance` shows: whether logs and traces are as they should be. */
export const logChecks: readonly Check[] = [
  applicationRetention,
  databaseLogRetention,
  cacheRetention,
  databaseExports,
  lineFields,
  traceEntry,
  traceService,
  traceSql,
  traceStorage,
  traceCache,
];

/** What `alerts check` evaluates: the rules that page, then those that warn. */
export const alertChecks: readonly Check[] = [
  availabilityAlert,
  errorRateAlert,
  replicationLagAlert,
  uploadFailuresAlert,
  crashLoopAlert,
  cpuAlert,
  slowQueriesAlert,
  cacheHitRateAlert,
  moderationQueueAlert,
  dailyActiveUsersAlert,
];

/** The weekly checklist. */
export const weeklyChecks: readonly Check[] = [
  weeklyErrorLogs,
  weeklyReplicationLag,
  weeklyBackups,
  weeklyUptime,
  weeklyCapacity,
  security,
  cost,
];

/** Backups, and what guards the data. */
export const backupChecks: readonly Check[] = [
  databaseRetention,
  databaseWindow,
  databaseRecent,
  databaseCrossRegion,
  versioning,
  replication,
  lifecycle,
  pointInTimeRecovery,
];

export const catalogue: readonly Check[] = [
  ...metricChecks,
  ...logChecks,
  ...alertChecks,
  ...weeklyChecks,
  ...backupChecks,
];

export const areas: readonly CheckArea[] = [...new Set(catalogue.map(({ area }) => area))];
