/** What the checks of backups are judged by in tests: a stack in two regions where all is well, and what differs from it. */
import type { BucketLifecycle, DatabaseBackup, LifecycleRule, TableBackup } from '../../../src/cloud/backup-facts.ts';
import type {
  BucketReplication,
  ClusterSnapshot,
  ReplicationBacklog,
  ReplicationLag,
} from '../../../src/cloud/recovery-facts.ts';
import type { Series } from '../../../src/cloud/series.ts';
import type { Answer, Check, CheckTold } from '../../../src/checks/check.ts';
import type { CheckResult } from '../../../src/checks/judged.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import { limitsOf } from '../../../src/use-cases/check-report.ts';

export const nowMs = Date.UTC(2026, 10, 23, 11, 3);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const stack = stackOf(
  parseConfig(
    {
      service: 'nano-api',
      regions: { primary: 'us-west-2', recovery: 'us-east-1' },
      database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr', globalCluster: 'nano-global' },
      storage: { bucket: 'nano-zips', replicaBucket: 'nano-zips-dr' },
      sessions: { table: 'nano-sessions' },
    },
    'a test',
  ),
);

/** What differs; a half that is undefined is not looked at. */
export type Differing = { readonly [Key in keyof CheckTold]?: CheckTold[Key] | undefined };

/** What judgements of backups are told; nothing else of the settings is looked at by them. */
export function toldOf(more: Differing = {}): CheckTold {
  const told = {
    stack,
    site: stack.primary,
    ...(stack.recovery === undefined ? {} : { standby: stack.recovery }),
    until: nowMs - 2 * minuteMs,
    limits: limitsOf(),
    rpoMs: 15 * minuteMs,
    awsOptions: [],
    nowMs,
    ...more,
  };
  return told as CheckTold;
}

/** One region looked at, as `--region` has it. */
export function only(region: 'primary' | 'recovery') {
  const site = stack[region];
  if (site === undefined) throw new TypeError('the stack has two regions');
  return { site, standby: undefined };
}

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const skipped = (reason = 'it is not configured'): Known<never> => ({
  known: false,
  because: 'skipped',
  reason,
});
export const denied: Known<never> = {
  known: false,
  because: 'unknown',
  reason: 'the caller may not',
  errorClass: 'denied',
  nextStep: 'allow it',
};
export const gone: Known<never> = {
  known: false,
  because: 'unknown',
  reason: 'there is none',
  errorClass: 'not-found',
};

const source = (operation: string, region: string) => ({ operation, region, detail: 'test' });

export function backup(region: string, more: Partial<DatabaseBackup> = {}): DatabaseBackup {
  return {
    retentionDays: 35,
    window: '02:00-03:00',
    restorableFrom: nowMs - 35 * dayMs,
    restorableTo: nowMs - 4 * minuteMs,
    createdAt: nowMs - 400 * dayMs,
    source: source('rds:DescribeDBClusters', region),
    ...more,
  };
}

/** Of the night that many days ago, at 02:17 UTC. */
export function snapshot(nightsAgo: number, more: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const at = Date.UTC(2026, 10, 23 - nightsAgo, 2, 17);
  const stamp = new Date(at).toISOString().slice(0, 16).replace('T', '-').replace(':', '-');
  return {
    id: `rds:nano-db-${stamp}`,
    cluster: 'nano-db',
    at,
    status: 'available',
    type: 'automated',
    sizeGib: 84,
    percent: 100,
    encrypted: true,
    ...more,
  };
}

/** Its copy in the other region, made some hours after it. */
export function copy(nightsAgo: number, more: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const original = snapshot(nightsAgo);
  return {
    ...original,
    id: original.id.replace('rds:', 'copy-'),
    at: (original.at ?? 0) + 2 * hourMs,
    type: 'manual',
    copiedFrom: { region: 'us-west-2', id: original.id },
    ...more,
  };
}

export function bucket(region: string, more: Partial<BucketReplication> = {}): BucketReplication {
  const copying = { id: 'all', enabled: true, destination: 'nano-zips-dr', prefix: '', metrics: true };
  return { versioning: 'Enabled', rules: [copying], source: source('s3:GetBucketReplication', region), ...more };
}

export function rule(more: Partial<LifecycleRule> = {}): LifecycleRule {
  return {
    id: 'archive',
    enabled: true,
    prefix: '',
    isSelective: false,
    archiving: [{ storageClass: 'GLACIER_IR', afterDays: 90 }],
    ...more,
  };
}

export function lifecycle(region: string, ...rules: readonly LifecycleRule[]): BucketLifecycle {
  return { rules, source: source('s3:GetBucketLifecycleConfiguration', region) };
}

export function table(region: string, more: Partial<TableBackup> = {}): TableBackup {
  return {
    pointInTime: true,
    days: 35,
    restorableTo: nowMs - 5 * minuteMs,
    source: source('dynamodb:DescribeContinuousBackups', region),
    ...more,
  };
}

function series(unit: Series['unit'], ...points: readonly { at: number; value: number }[]): Series {
  return { label: 'test', unit, periodMs: minuteMs, points, source: source('cloudwatch:GetMetricData', 'us-east-1') };
}

export function lag(valueMs: number, agoMs = 3 * minuteMs): ReplicationLag {
  return { metric: 'AuroraGlobalDBRPOLag', lag: series('ms', { at: nowMs - agoMs, value: valueMs }) };
}

export const noLag: ReplicationLag = { metric: 'AuroraGlobalDBRPOLag', lag: series('ms') };

export function backlog(pending: number, seconds: number | undefined, agoMs = 3 * minuteMs): ReplicationBacklog {
  const at = nowMs - agoMs;
  return {
    pendingOperations: series('count', { at, value: pending }),
    pendingBytes: series('bytes'),
    latency: seconds === undefined ? series('s') : series('s', { at, value: seconds }),
  };
}

/** By the observations' own ids; all that is not said is as it should be. */
const well: Readonly<Record<string, Known<unknown>>> = {
  'database-backup-primary': known(backup('us-west-2')),
  'database-backup-recovery': known(backup('us-east-1')),
  'snapshots-primary': known([0, 1, 2, 3].map((ago) => snapshot(ago))),
  'snapshots-recovery': known([0, 1, 2, 3].map((ago) => snapshot(ago, { cluster: 'nano-db-dr' }))),
  'snapshot-copies': known([0, 1, 2, 3].map((ago) => copy(ago))),
  'bucket-primary': known(bucket('us-west-2')),
  'bucket-recovery': known(bucket('us-east-1', { rules: [] })),
  'bucket-lifecycle-primary': known(lifecycle('us-west-2', rule())),
  'bucket-lifecycle-recovery': known(lifecycle('us-east-1', rule())),
  'bucket-backlog': known(backlog(3, 9)),
  'table-backup-primary': known(table('us-west-2')),
  'table-backup-recovery': known(table('us-east-1')),
  'replication-lag-site': known(noLag),
  'replication-lag-standby': known(lag(250)),
};

export type Seen = Readonly<Record<string, Known<unknown>>>;

function ended(seen: Seen): (step: { readonly id: string }) => unknown {
  for (const id of Object.keys(seen)) if (!(id in well)) throw new TypeError(`nothing is observed as ${id}`);
  return ({ id }) => {
    const found = { ...well, ...seen }[id];
    if (found === undefined) throw new TypeError(`this test does not say what ${id} saw`);
    return found;
  };
}

export function judge(check: Check, seen: Seen = {}, more: Differing = {}) {
  return check.judge(ended(seen), toldOf(more));
}

/** The answer over all of some checks. */
export function say(answer: Answer, checks: readonly Check[], seen: Seen = {}, more: Differing = {}): string {
  const told = toldOf(more);
  const results = checks.map(({ id, title, area, severity, judge: judgeOf }): CheckResult => ({
    ...{ id, title, area, severity },
    ...judgeOf(ended(seen), told),
  }));
  return answer.say(ended(seen), told, results);
}
