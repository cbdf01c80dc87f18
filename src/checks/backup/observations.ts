/** What the checks of backups look at, in each region once. */
import { settled } from '../../engine/step.ts';
import { hourMs, observe, part, unlessConfigured, windowOf, type CheckSettings } from '../kit.ts';
import { halfOf, unlessLookedAt, type Side } from './sides.ts';

const keys = {
  primary: { database: 'database', storage: 'storage' },
  recovery: { database: 'database.recoveryCluster', storage: 'storage.replicaBucket' },
} as const;

function unlessPart(settings: CheckSettings, side: Side, of: 'database' | 'storage'): string | undefined {
  return unlessLookedAt(settings, side) ?? unlessConfigured(halfOf(settings, side)?.[of], keys[side][of]);
}

const databaseBackup = (side: Side) =>
  observe(`database-backup-${side}`, {
    title: `How the ${side} cluster is backed up`,
    calls: ['rds:DescribeDBClusters'],
    skip: (_needs, settings) => unlessPart(settings, side, 'database'),
    run: (_needs, { ports, settings }) => ports.facts.databaseBackup(part(halfOf(settings, side)?.database)),
    detail: ({ retentionDays, window }) => `${retentionDays ?? '?'} days, at ${window ?? '?'}`,
  });

const snapshots = (side: Side) =>
  observe(`snapshots-${side}`, {
    title: `Snapshots of the ${side} cluster`,
    calls: ['rds:DescribeDBClusterSnapshots'],
    skip: (_needs, settings) => unlessPart(settings, side, 'database'),
    run: (_needs, { ports, settings }) => ports.facts.clusterSnapshots(part(halfOf(settings, side)?.database)),
    detail: (found) => `${found.length} snapshots`,
  });

/** A copy bears the name of the cluster that its data is of. */
const copies = observe('snapshot-copies', {
  title: 'Copies of snapshots in the recovery region',
  calls: ['rds:DescribeDBClusterSnapshots'],
  skip: (_needs, settings) =>
    unlessLookedAt(settings, 'recovery') ?? unlessConfigured(settings.stack.primary.database, keys.primary.database),
  run: (_needs, { ports, settings }) =>
    ports.facts.clusterSnapshots({
      region: part(halfOf(settings, 'recovery')).region,
      cluster: part(settings.stack.primary.database).cluster,
    }),
  detail: (found) => `${found.length} snapshots`,
});

const bucket = (side: Side) =>
  observe(`bucket-${side}`, {
    title: `Versioning and replication of the ${side} bucket`,
    calls: ['s3:GetBucketVersioning', 's3:GetBucketReplication'],
    skip: (_needs, settings) => unlessPart(settings, side, 'storage'),
    run: (_needs, { ports, settings }) => ports.facts.bucketReplication(part(halfOf(settings, side)?.storage)),
    detail: ({ versioning, rules }) => `versioning ${versioning ?? 'never on'}, ${rules.length} rules`,
  });

const bucketPrimary = bucket('primary');

const lifecycle = (side: Side) =>
  observe(`bucket-lifecycle-${side}`, {
    title: `Lifecycle of the ${side} bucket`,
    calls: ['s3:GetBucketLifecycleConfiguration'],
    skip: (_needs, settings) => unlessPart(settings, side, 'storage'),
    run: (_needs, { ports, settings }) => ports.facts.bucketLifecycle(part(halfOf(settings, side)?.storage)),
    detail: ({ rules }) => `${rules.length} rules`,
  });

/** The metrics of replication are published where the copies arrive. */
const bucketBacklog = observe('bucket-backlog', {
  title: 'How far the replica bucket is behind, last hour',
  needs: { source: settled(bucketPrimary) },
  calls: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
  skip: (_needs, settings) => unlessPart(settings, 'primary', 'storage') ?? unlessPart(settings, 'recovery', 'storage'),
  run: ({ source }, { ports, settings }) => {
    const to = part(halfOf(settings, 'recovery')?.storage);
    const rules = source.known ? source.value.rules : [];
    const rule = rules.find(({ enabled, destination }) => enabled && destination === to.bucket);
    const from = part(halfOf(settings, 'primary')?.storage);
    return ports.facts.replicationBacklog(from, to, rule?.id, windowOf(settings, hourMs));
  },
  detail: ({ pendingOperations }) => `${pendingOperations.points.length} minutes`,
});

const table = (side: Side) =>
  observe(`table-backup-${side}`, {
    title: `Point-in-time recovery of the ${side} sessions`,
    calls: ['dynamodb:DescribeContinuousBackups'],
    skip: (_needs, settings) =>
      unlessConfigured(settings.stack.sessionsTable, 'sessions.table') ?? unlessLookedAt(settings, side),
    run: (_needs, { ports, settings }) =>
      ports.facts.tableBackup({
        region: part(halfOf(settings, side)).region,
        table: part(settings.stack.sessionsTable),
      }),
    detail: ({ pointInTime, days }) => (pointInTime ? `on, ${days ?? '?'} days` : 'off'),
  });

export const seenOfBackups = {
  primaryBackup: settled(databaseBackup('primary')),
  recoveryBackup: settled(databaseBackup('recovery')),
  primarySnapshots: settled(snapshots('primary')),
  recoverySnapshots: settled(snapshots('recovery')),
  copies: settled(copies),
  primaryBucket: settled(bucketPrimary),
  recoveryBucket: settled(bucket('recovery')),
  primaryLifecycle: settled(lifecycle('primary')),
  recoveryLifecycle: settled(lifecycle('recovery')),
  bucketBacklog: settled(bucketBacklog),
  primaryTable: settled(table('primary')),
  recoveryTable: settled(table('recovery')),
} as const;
