/** Every check that can be listed and run by its id, in the order of the specification. */
import type { Check, CheckArea } from './check.ts';
import { availability, balancerLatency, clientErrors, latencyP95, latencyP99, serverErrors } from './metrics/api.ts';
import { chatResponseTime, dailyActiveUsers, moderationQueue, newNanos } from './metrics/business.ts';
import { connections, cpu, queryLatency, replicationLag, storage } from './metrics/database.ts';
import { ecsCpu, ecsMemory, uploadErrors } from './metrics/infrastructure.ts';
import { weeklyCapacity } from './weekly/capacity.ts';
import { cost } from './weekly/cost.ts';
import { security } from './weekly/security.ts';

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

/** The rules that page somebody or warn. */
export const alertChecks: readonly Check[] = [];

/** The weekly checklist. */
export const weeklyChecks: readonly Check[] = [weeklyCapacity, security, cost];

/** Backups, and what guards the data. */
export const backupChecks: readonly Check[] = [];

export const catalogue: readonly Check[] = [...metricChecks, ...alertChecks, ...weeklyChecks, ...backupChecks];

export const areas: readonly CheckArea[] = [...new Set(catalogue.map(({ area }) => area))];
