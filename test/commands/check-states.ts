/** Where each check can be seen in each of its states: a scenario, and the stack's configuration where it is not the sandbox's. */
import type { CheckId } from '../../src/config/check-ids.ts';
import type { CheckStatus } from '../../src/checks/check.ts';
import type { ScenarioId } from '../../src/sandbox/scenarios/index.ts';
import { sandboxConfig } from '../../src/sandbox/world/names.ts';

/** By what it is called in the documents. */
const configurations = {
  'regions alone': {
    service: sandboxConfig.service,
    environment: sandboxConfig.environment,
    regions: sandboxConfig.regions,
    cost: { review: false },
  },
  'no recoveryCluster': {
    ...sandboxConfig,
    database: { cluster: sandboxConfig.database.cluster },
  },
  'other thresholds': {
    ...sandboxConfig,
    objectives: {
      checks: {
        's3-upload-errors': { target: '0%', alert: '100%' },
      },
    },
  },
} as const;

export type ConfigurationName = keyof typeof configurations;

/** As it is written to a file. */
export function configurationOf(name: ConfigurationName): object {
  return configurations[name];
}

export interface Showing {
  readonly scenario: ScenarioId;
  /** The sandbox's own where absent. */
  readonly configuration?: ConfigurationName;
  /** By state, the checks that are in it; `all`: every one that can be. */
  readonly shows: Partial<Record<CheckStatus, readonly CheckId[] | 'all'>>;
}

export const showings: readonly Showing[] = [
  { scenario: 'healthy', shows: { ok: 'all' } },
  { scenario: 'permissions-lost', shows: { unknown: 'all' } },
  { scenario: 'healthy', configuration: 'regions alone', shows: { 'not-configured': 'all' } },
  {
    scenario: 'early-warnings',
    shows: {
      warning: [
        ...(['api-availability', 'api-latency-p95', 'api-latency-p99', 'api-server-errors'] as const),
        ...(['api-client-errors', 'database-cpu', 'database-storage', 'database-connections'] as const),
        ...(['database-query-latency', 'database-replication-lag', 'ecs-cpu', 'ecs-memory'] as const),
        ...(['chat-response-time', 'moderation-queue', 'weekly-error-logs', 'weekly-replication-lag'] as const),
      ],
    },
  },
  {
    scenario: 'outgrown',
    shows: {
      breach: [
        ...(['api-client-errors', 'database-storage', 'chat-response-time', 'moderation-queue'] as const),
        ...(['alert-moderation-queue', 'weekly-capacity', 'weekly-cost'] as const),
      ],
    },
  },
  { scenario: 'quiet-launch', shows: { warning: ['daily-active-users', 'new-nanos'] } },
  { scenario: 'users-gone', shows: { breach: ['daily-active-users', 'new-nanos', 'alert-daily-active-users'] } },
  { scenario: 'crash-loop', shows: { breach: ['weekly-error-logs'] } },
  { scenario: 'cpu-saturated', shows: { breach: ['api-latency-p95', 'api-latency-p99', 'ecs-cpu'] } },
  { scenario: 'slow-query', shows: { breach: ['database-cpu', 'database-query-latency'] } },
  { scenario: 'memory-pressure', shows: { breach: ['ecs-memory'] } },
  { scenario: 'too-many-connections', shows: { breach: ['database-connections'] } },
  {
    scenario: 'alerts-critical',
    shows: {
      breach: [
        ...(['api-availability', 'api-server-errors', 'database-replication-lag', 's3-upload-errors'] as const),
        ...(['alert-availability', 'alert-error-rate', 'alert-replication-lag', 'alert-crash-loop'] as const),
        ...(['alert-s3-upload-failures', 'backup-database-cross-region'] as const),
      ],
      warning: ['weekly-uptime'],
    },
  },
  { scenario: 'alerts-critical', configuration: 'other thresholds', shows: { warning: ['s3-upload-errors'] } },
  {
    scenario: 'alerts-warning',
    shows: { breach: ['alert-cpu-sustained', 'alert-slow-queries', 'alert-cache-hit-rate'] },
  },
  {
    scenario: 'logging-half-done',
    shows: {
      warning: [
        ...(['logs-retention-application', 'logs-retention-database', 'logs-retention-cache', 'logs-fields'] as const),
        ...(['logs-trace-entry', 'logs-trace-service', 'logs-trace-sql', 'logs-trace-s3', 'logs-trace-cache'] as const),
      ],
    },
  },
  { scenario: 'logging-neglected', shows: { breach: ['logs-fields'] } },
  {
    scenario: 'logs-lost',
    shows: {
      breach: [
        ...(['logs-retention-application', 'logs-retention-database', 'logs-retention-cache'] as const),
        'logs-database-exports',
      ],
    },
  },
  { scenario: 'security-gaps', shows: { warning: ['weekly-security'] } },
  { scenario: 'suspicious-access', shows: { breach: ['weekly-security'] } },
  { scenario: 'growth-steep', shows: { warning: ['weekly-capacity'] } },
  { scenario: 'cost-jump', shows: { warning: ['weekly-cost'] } },
  {
    scenario: 'backups-weak',
    shows: {
      warning: [
        ...(['weekly-backups', 'backup-database-retention', 'backup-database-window'] as const),
        ...([
          'backup-database-recent',
          'backup-s3-replication',
          'backup-s3-lifecycle',
          'backup-dynamodb-pitr',
        ] as const),
      ],
    },
  },
  {
    scenario: 'backups-missing',
    shows: {
      breach: [
        ...(['weekly-backups', 'backup-database-retention', 'backup-database-window'] as const),
        ...(['backup-database-recent', 'backup-s3-versioning', 'backup-s3-replication'] as const),
        ...(['backup-s3-lifecycle', 'backup-dynamodb-pitr'] as const),
      ],
    },
  },
  { scenario: 'healthy', configuration: 'no recoveryCluster', shows: { warning: ['backup-database-cross-region'] } },
];

/** Why a check can never be in a state, by its id and the state. */
export interface Impossible {
  readonly state: CheckStatus;
  readonly checks: readonly CheckId[];
  /**
   * `reads-nothing`: it has no observation, so that nothing can be judged. `no-target`, `no-alert`: it is judged by a
   * threshold of which that half exists for nobody, and no file may set it. Or what the check is about, in words.
   */
  readonly because: 'reads-nothing' | 'no-target' | 'no-alert' | { readonly words: string };
}

const traces = [
  'logs-trace-entry',
  'logs-trace-service',
  'logs-trace-sql',
  'logs-trace-s3',
  'logs-trace-cache',
] as const;

export const impossible: readonly Impossible[] = [
  ...(['ok', 'warning', 'breach', 'unknown'] as const).map((state): Impossible => ({
    state,
    checks: ['alb-latency'],
    because: 'reads-nothing',
  })),
  {
    state: 'warning',
    checks: [
      ...(['alert-availability', 'alert-error-rate', 'alert-replication-lag', 'alert-s3-upload-failures'] as const),
      ...(['alert-crash-loop', 'alert-cpu-sustained', 'alert-slow-queries', 'alert-cache-hit-rate'] as const),
      ...(['alert-moderation-queue', 'alert-daily-active-users'] as const),
    ],
    because: 'no-target',
  },
  { state: 'breach', checks: ['weekly-replication-lag', 'weekly-uptime'], because: 'no-alert' },
  {
    state: 'breach',
    checks: traces,
    because: { words: 'what no trace shows is not instrumented, or was not called: that is no more than a warning' },
  },
  {
    state: 'warning',
    checks: ['logs-database-exports'],
    because: { words: 'a log is exported or it is not' },
  },
  {
    state: 'warning',
    checks: ['backup-s3-versioning'],
    because: { words: 'versions are kept or they are not' },
  },
  {
    state: 'not-configured',
    checks: ['weekly-security'],
    because: { words: 'every stack is in a region, and GuardDuty and CloudTrail are looked at in any' },
  },
];
