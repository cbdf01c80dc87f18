/**
 * Stacks for the checks to judge: one that is well, one that misses its targets, one that is broken, each in two regions of
 * its own, so that nobody's data is in another's answers. What differs between them stands in columns, in that order.
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { CreateDetectorCommand, GuardDutyClient } from '@aws-sdk/client-guardduty';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  S3Client,
  type BucketLocationConstraint,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { credentials, seedLogLines, seedMetrics } from './stack.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const standings = ['well', 'strained', 'broken'] as const;
export type Standing = (typeof standings)[number];
type ByStanding<T> = readonly [well: T, strained: T, broken: T];

const regions: ByStanding<Readonly<Record<'primary' | 'recovery', BucketLocationConstraint>>> = [
  { primary: 'us-west-2', recovery: 'us-east-2' },
  { primary: 'eu-west-1', recovery: 'eu-central-1' },
  { primary: 'ap-south-1', recovery: 'ap-southeast-1' },
];

/** What there is of names; every stack has its own regions, and buckets alone are named for the world. */
const loadBalancer = 'app/nano-alb/50dc6c495c0c9188';
const bucketOf = (standing: Standing) => `nano-zips-${standing}`;
const logs = { application: '/aws/ecs/nano-api', database: '/aws/rds/cluster/nano-db', cache: '/aws/elasticache/nano' };

export function configOf(standing: Standing): object {
  return {
    service: 'nano-api',
    environment: 'prod',
    regions: regions[standings.indexOf(standing)],
    api: { loadBalancer },
    compute: { cluster: 'nano', service: 'nano-api' },
    database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' },
    cache: { replicationGroup: 'nano-cache' },
    storage: { bucket: bucketOf(standing), replicaBucket: `${bucketOf(standing)}-dr` },
    sessions: { table: 'nano-sessions' },
    logs,
    tracing: { service: 'nano-api' },
    business: { namespace: 'Nano/Business' },
  };
}

/** The same values in each of the last minutes: what is sustained, and what a ratio of sums is made of. */
interface Steady {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: ByStanding<number>;
  readonly minutes?: number;
  readonly side?: 'recovery';
}

const service = { ClusterName: 'nano', ServiceName: 'nano-api' };
const writer = { DBClusterIdentifier: 'nano-db', Role: 'WRITER' };
const volume = { DBClusterIdentifier: 'nano-db' };
const cacheNode = { CacheClusterId: 'nano-cache-001' };
const balancer = { LoadBalancer: loadBalancer };
const [alb, rds, cache] = ['AWS/ApplicationELB', 'AWS/RDS', 'AWS/ElastiCache'];

const steady: readonly Steady[] = [
  { namespace: alb, metric: 'RequestCount', dimensions: balancer, values: [1_000, 1_000, 1_000], minutes: 63 },
  { namespace: alb, metric: 'HTTPCode_Target_5XX_Count', dimensions: balancer, values: [0, 7, 50] },
  { namespace: alb, metric: 'HTTPCode_ELB_5XX_Count', dimensions: balancer, values: [0, 0, 10] },
  { namespace: alb, metric: 'HTTPCode_Target_4XX_Count', dimensions: balancer, values: [10, 30, 80] },
  { namespace: 'AWS/ECS', metric: 'CPUUtilization', dimensions: service, values: [40, 72, 90] },
  { namespace: 'AWS/ECS', metric: 'MemoryUtilization', dimensions: service, values: [50, 82, 90] },
  { namespace: rds, metric: 'CPUUtilization', dimensions: writer, values: [30, 75, 95] },
  // Of a thousand, which a db.r6g.large takes.
  { namespace: rds, metric: 'DatabaseConnections', dimensions: writer, values: [100, 700, 950] },
  { namespace: rds, metric: 'VolumeBytesUsed', dimensions: volume, values: [10e9, 82e9, 90e9] },
  { namespace: rds, metric: 'AuroraVolumeBytesLeftTotal', dimensions: volume, values: [90e9, 18e9, 10e9] },
  {
    namespace: rds,
    metric: 'AuroraGlobalDBRPOLag',
    dimensions: { DBClusterIdentifier: 'nano-db-dr' },
    values: [400, 3_000, 1_000_000],
    side: 'recovery',
  },
  { namespace: cache, metric: 'CacheHits', dimensions: cacheNode, values: [90, 60, 40] },
  { namespace: cache, metric: 'CacheMisses', dimensions: cacheNode, values: [10, 40, 60] },
];

/** Seconds; nothing is copied where nothing is versioned. */
const copiedAfter: ByStanding<number | undefined> = [30, 2_000, undefined];

/** The newest of what is written once a day. */
const business: Readonly<Record<string, ByStanding<number>>> = {
  NewNanos: [6, 3, 1],
  ChatResponseHours: [10, 30, 50],
  ModerationQueueAgeHours: [10, 30, 50],
  ModerationQueueLength: [5, 90, 150],
};
/** Day by day, for a week and the week before. */
const users = { lastWeek: [200, 80, 40], weekBefore: [200, 80, 60] } as const;

function pointsOf(name: string, dimensions: Readonly<Record<string, string>>, times: readonly number[], value: number) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return times.map((at): MetricDatum => ({
    MetricName: name,
    Dimensions,
    Timestamp: new Date(at),
    Value: value,
  }));
}

const times = (count: number, everyMs: number, untilMs: number) =>
  Array.from({ length: count }, (_, index) => untilMs - index * everyMs);

async function seedMetricsOf(endpoint: string, standing: Standing, now: number): Promise<void> {
  const column = standings.indexOf(standing);
  const { primary, recovery } = regions[column] ?? regions[0];
  for (const { namespace, metric, dimensions, values, minutes = 15, side } of steady) {
    const data = pointsOf(metric, dimensions, times(minutes, minuteMs, now), values[column] ?? NaN);
    await seedMetrics(endpoint, namespace, data, side === 'recovery' ? recovery : primary);
  }
  const latency = copiedAfter[column];
  if (latency !== undefined) {
    const bucket = bucketOf(standing);
    const copied = { SourceBucket: bucket, DestinationBucket: `${bucket}-dr`, RuleId: 'all' };
    await seedMetrics(
      endpoint,
      'AWS/S3',
      pointsOf('ReplicationLatency', copied, [now - 5 * minuteMs], latency),
      recovery,
    );
  }
  const days = times(14, dayMs, now - hourMs);
  const data = [
    ...Object.entries(business).flatMap(([metric, values]) =>
      pointsOf(metric, {}, days.slice(0, 1), values[column] ?? NaN),
    ),
    ...pointsOf('DailyActiveUsers', {}, days.slice(0, 7), users.lastWeek[column] ?? NaN),
    ...pointsOf('DailyActiveUsers', {}, days.slice(7), users.weekBefore[column] ?? NaN),
  ];
  await seedMetrics(endpoint, 'Nano/Business', data, primary);
}

/** What one stack is seeded with. */
export async function seedStanding(endpoint: string, standing: Standing, now: number): Promise<void> {
  const column = standings.indexOf(standing);
  await Promise.all([
    seedMetricsOf(endpoint, standing, now),
    seedDatabase(endpoint, column),
    seedService(endpoint, column),
    seedBuckets(endpoint, standing),
    seedLogs(endpoint, column, now),
    seedSessions(endpoint, column),
    seedCache(endpoint, column),
    seedThreats(endpoint, column),
  ]);
}

const wayOf = (endpoint: string, column: number, side: 'primary' | 'recovery' = 'primary') => ({
  region: (regions[column] ?? regions[0])[side],
  endpoint,
  credentials,
});

const retentionDays: ByStanding<number> = [35, 14, 1];
const backupWindow: ByStanding<string> = ['02:00-03:00', '03:30-04:30', '12:00-13:00'];
const logExports: ByStanding<string[]> = [['error', 'slowquery'], ['error', 'slowquery'], ['error']];

async function seedDatabase(endpoint: string, column: number): Promise<void> {
  const owner = { Engine: 'aurora-mysql', MasterUsername: 'nano', MasterUserPassword: 'not-a-secret' };
  for (const [side, cluster] of [
    ['primary', 'nano-db'],
    ['recovery', 'nano-db-dr'],
  ] as const) {
    const api = new RDSClient(wayOf(endpoint, column, side));
    await api.send(
      new CreateDBClusterCommand({
        ...owner,
        DBClusterIdentifier: cluster,
        BackupRetentionPeriod: retentionDays[column],
        PreferredBackupWindow: backupWindow[column],
        EnableCloudwatchLogsExports: logExports[column],
      }),
    );
    await api.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: `${cluster}-1`,
        DBInstanceClass: 'db.r6g.large',
        Engine: owner.Engine,
        DBClusterIdentifier: cluster,
      }),
    );
  }
}

const stoppedTasks: ByStanding<number> = [0, 2, 5];

async function seedService(endpoint: string, column: number): Promise<void> {
  const ecs = new ECSClient(wayOf(endpoint, column));
  await ecs.send(new CreateClusterCommand({ clusterName: 'nano' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'nano-api',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [{ name: 'api', image: 'nano-api:1', memory: 512 }],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'nano',
      serviceName: 'nano-api',
      taskDefinition: 'nano-api',
      desiredCount: 2,
      launchType: 'FARGATE',
    }),
  );
  const count = stoppedTasks[column] ?? 0;
  if (count === 0) return;
  // moto's accounts have a default VPC.
  const { Subnets = [] } = await new EC2Client(wayOf(endpoint, column)).send(new DescribeSubnetsCommand());
  const subnets = Subnets.flatMap(({ SubnetId }) => SubnetId ?? []);
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: 'nano',
      taskDefinition: 'nano-api',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [] } },
      count,
    }),
  );
  for (const { taskArn } of tasks) {
    await ecs.send(new StopTaskCommand({ cluster: 'nano', task: taskArn, reason: 'Essential container exited' }));
  }
}

const archivedAfterDays: ByStanding<number | undefined> = [90, 30, undefined];

async function seedBuckets(endpoint: string, standing: Standing): Promise<void> {
  const column = standings.indexOf(standing);
  const days = archivedAfterDays[column];
  const isVersioned = standing !== 'broken';
  const name = bucketOf(standing);
  for (const [side, Bucket] of [
    ['recovery', `${name}-dr`],
    ['primary', name],
  ] as const) {
    const way = wayOf(endpoint, column, side);
    const s3 = new S3Client({ ...way, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: way.region } }));
    if (isVersioned) {
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    if (days !== undefined) {
      const rule: LifecycleRule = {
        ID: 'archive',
        Status: 'Enabled',
        Filter: { Prefix: '' },
        Transitions: [{ Days: days, StorageClass: 'GLACIER' }],
      };
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }));
    }
    if (side === 'primary' && isVersioned) {
      await s3.send(
        new PutBucketReplicationCommand({
          Bucket,
          ReplicationConfiguration: {
            Role: 'arn:aws:iam::123456789012:role/replication',
            Rules: [
              {
                ID: 'all',
                Status: 'Enabled',
                Priority: 1,
                Filter: { Prefix: '' },
                DeleteMarkerReplication: { Status: 'Disabled' },
                Destination: { Bucket: `arn:aws:s3:::${name}-dr`, Metrics: { Status: 'Enabled' } },
              },
            ],
          },
        }),
      );
    }
  }
}

const keptDays: ByStanding<number | undefined> = [7, 30, undefined];

async function seedLogs(endpoint: string, column: number, now: number): Promise<void> {
  const way = wayOf(endpoint, column);
  const api = new CloudWatchLogsClient(way);
  const slow = `${logs.database}/slowquery`;
  const empty = [`${logs.database}/error`, ...(column === 2 ? [] : [logs.cache])];
  const lines = times(60, minuteMs, now).map((at, index) => ({ at, message: lineOf(column, index, at) }));
  await seedLogLines(endpoint, logs.application, lines.toReversed(), way.region);
  await seedLogLines(endpoint, slow, slowEntries(column, now), way.region);
  // An earlier week in which nothing at all was logged would be nothing to compare with.
  const calm = now - 8 * dayMs - 10 * minuteMs;
  await api.send(
    new PutLogEventsCommand({
      logGroupName: logs.application,
      logStreamName: 'task-1',
      logEvents: [{ timestamp: calm, message: lineOf(0, 10, calm) }],
    }),
  );
  for (const logGroupName of empty) await api.send(new CreateLogGroupCommand({ logGroupName }));
  const retentionInDays = keptDays[column];
  if (retentionInDays === undefined) return;
  for (const logGroupName of [logs.application, slow, ...empty]) {
    await api.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  }
}

const lastWords: ByStanding<string> = ['INFO', 'ERROR', 'CRITICAL'];

/** Of sixty: all as they should be, a few that are plain text, or all of them. The newest tell of errors. */
function lineOf(column: number, index: number, at: number): string {
  const level = index < 10 ? lastWords[column] : 'INFO';
  if (column === 2 || (column === 1 && index % 20 === 0)) return `${level} NANO_PUBLISHED`;
  return JSON.stringify({
    timestamp: new Date(at).toISOString(),
    level,
    service: 'nano-api',
    action: 'NANO_PUBLISHED',
    error: level === 'INFO' ? null : 'no space left',
  });
}

const entry = (seconds: number) =>
  `# Query_time: ${seconds}  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 9\nSELECT * FROM nanos WHERE title = 'a';`;

/** One, and fast; none; and twelve that are slow, in the last quarter of an hour, more in every five minutes of it. */
function slowEntries(column: number, now: number) {
  if (column === 0) return [{ at: now - 20 * minuteMs, message: entry(0.3) }];
  if (column === 1) return [{ at: now - 3 * hourMs, message: entry(2) }];
  // Windows end two or three minutes ago. The first proves that fast ones are written down too.
  const fast = { at: now - 30 * minuteMs, message: entry(0.3) };
  const slow = [14, 13, 9, 9, 9, 8, 8, 4, 4, 4, 4, 4].map((minutes) => ({
    at: now - minutes * minuteMs,
    message: entry(2),
  }));
  return [fast, ...slow];
}

async function seedSessions(endpoint: string, column: number): Promise<void> {
  const days = ([35, 7, undefined] as const)[column];
  const api = new DynamoDBClient(wayOf(endpoint, column));
  await api.send(
    new CreateTableCommand({
      TableName: 'nano-sessions',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  if (days === undefined) return;
  await api.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'nano-sessions',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: days },
    }),
  );
}

async function seedCache(endpoint: string, column: number): Promise<void> {
  await new ElastiCacheClient(wayOf(endpoint, column)).send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'nano-cache',
      ReplicationGroupDescription: 'sessions',
      NumCacheClusters: 1,
      CacheNodeType: 'cache.t4g.small',
      Engine: 'redis',
    }),
  );
}

/** Looks for threats in both regions, in the first one, or nowhere. */
async function seedThreats(endpoint: string, column: number): Promise<void> {
  for (const side of (['primary', 'recovery'] as const).slice(0, 2 - column)) {
    await new GuardDutyClient(wayOf(endpoint, column, side)).send(new CreateDetectorCommand({ Enable: true }));
  }
}

/** Five weeks by the hour and a week by five minutes, each where no other data is. */
export const longRun = {
  /** Requests and the copy's lag. */
  week: {
    service: 'nano-api',
    environment: 'prod',
    regions: { primary: 'us-west-1', recovery: 'ca-central-1' },
    api: { loadBalancer },
    database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' },
  },
  /** Two clusters of one account, one of which is full. */
  capacity: (standing: 'well' | 'broken') => ({
    service: 'nano-api',
    environment: 'prod',
    regions: { primary: 'sa-east-1' },
    compute: { cluster: standing, service: 'nano-api' },
  }),
} as const;

export async function seedLongRun(endpoint: string, now: number, hasWeek: boolean): Promise<void> {
  if (hasWeek) {
    const { primary, recovery } = longRun.week.regions;
    const week = times((7 * dayMs) / (5 * minuteMs), 5 * minuteMs, now);
    await seedMetrics(endpoint, alb, pointsOf('RequestCount', balancer, week, 1_000), primary);
    const copy = { DBClusterIdentifier: 'nano-db-dr' };
    await seedMetrics(endpoint, rds, pointsOf('AuroraGlobalDBRPOLag', copy, week, 400), recovery);
  }
  for (const [cluster, days, value] of [
    ['well', 28, 40],
    ['broken', 8, 90],
  ] as const) {
    const hours = times(days * 24, hourMs, now);
    const dimensions = { ClusterName: cluster, ServiceName: 'nano-api' };
    const data = ['CPUUtilization', 'MemoryUtilization'].flatMap((name) => pointsOf(name, dimensions, hours, value));
    await seedMetrics(endpoint, 'AWS/ECS', data, longRun.capacity(cluster).regions.primary);
  }
}

/** A balancer of the first stack's region that has latencies, which the others have not. */
export async function seedLatencies(endpoint: string, now: number): Promise<object> {
  const other = 'app/nano-other/0123456789abcdef';
  const data = pointsOf('TargetResponseTime', { LoadBalancer: other }, times(15, minuteMs, now), 0.2);
  await seedMetrics(endpoint, alb, data, regions[0].primary);
  return { ...configOf('well'), api: { loadBalancer: other } };
}

/** What Cost Explorer is to answer next: moto answers each new question with the next of what it was told. */
export async function tellCosts(endpoint: string, to: number, lastWeekFactor: number): Promise<void> {
  const end = Math.floor(to / dayMs) * dayMs - dayMs;
  const ResultsByTime = Array.from({ length: 70 }, (_, index) => {
    const at = end - (index + 1) * dayMs;
    const day = (time: number) => new Date(time).toISOString().slice(0, 10);
    const amount = 100 * (index < 7 ? lastWeekFactor : 1);
    return {
      TimePeriod: { Start: day(at), End: day(at + dayMs) },
      Total: {},
      Groups: [{ Keys: ['Amazon ECS'], Metrics: { UnblendedCost: { Amount: String(amount), Unit: 'USD' } } }],
      Estimated: false,
    };
  });
  await fetch(`${endpoint}/moto-api/static/ce/cost-and-usage-results`, {
    method: 'POST',
    body: JSON.stringify({ results: [{ ResultsByTime, DimensionValueAttributes: [] }] }),
  });
}
