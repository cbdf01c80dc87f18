/** How far the copy of the database is behind, as CloudWatch tells it, and what RDS tells of moves between the regions. */
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  FailoverGlobalClusterCommand,
  RDSClient,
  SwitchoverGlobalClusterCommand,
  DescribeEventsCommand,
} from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import type { Stack } from '../../../src/cloud/stack.ts';
import { sandboxStack } from '../../../src/sandbox/sandbox.ts';
import { opened, type Opened } from './opened.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const there = {
  GlobalClusterIdentifier: 'nano-global',
  TargetDbClusterIdentifier: 'arn:aws:rds:us-east-1:123456789012:cluster:nano-db-dr',
};

const clusterIn = { 'us-west-2': 'nano-db', 'us-east-1': 'nano-db-dr' } as const;
type Region = keyof typeof clusterIn;

/** The newest minutes of a metric of the region's cluster, in order; undefined where there is no datum. */
async function lag(sandbox: Opened, region: Region, minutes: number, name = 'AuroraGlobalDBRPOLag', role?: string) {
  const end = Math.floor(sandbox.clock.now() / MINUTE_MS) - 1;
  const Dimensions = [
    { Name: 'DBClusterIdentifier', Value: clusterIn[region] },
    ...(role === undefined ? [] : [{ Name: 'Role', Value: role }]),
  ];
  const { MetricDataResults: [found] = [] } = await new CloudWatchClient(sandbox.settings(region)).send(
    new GetMetricDataCommand({
      StartTime: new Date((end - minutes) * MINUTE_MS),
      EndTime: new Date(end * MINUTE_MS),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        {
          Id: 'lag',
          MetricStat: {
            Metric: { Namespace: 'AWS/RDS', MetricName: name, Dimensions },
            Period: 60,
            Stat: 'Maximum',
          },
        },
      ],
    }),
  );
  return Array.from({ length: minutes }, (_, index) => {
    const at = found?.Timestamps?.findIndex((time) => time.getTime() === (end - minutes + index) * MINUTE_MS) ?? -1;
    return at === -1 ? undefined : found?.Values?.[at];
  });
}

/** Every difference between one minute and the next. */
const steps = (values: readonly (number | undefined)[]) =>
  values.slice(1).map((value, index) => (value ?? NaN) - (values[index] ?? NaN));

test('it is some two hundred milliseconds, and only the secondary’s region tells it', async () => {
  const sandbox = opened('healthy', 1);
  for (const value of await lag(sandbox, 'us-east-1', 10)) {
    expect(value).toBeGreaterThan(80);
    expect(value).toBeLessThan(500);
  }
  const { Metrics } = await new CloudWatchClient(sandbox.settings()).send(
    new ListMetricsCommand({ Namespace: 'AWS/RDS', MetricName: 'AuroraGlobalDBRPOLag' }),
  );
  expect(Metrics).toEqual([]);
});

test.each(['region-down', 'replication-stalled', 'split-brain-risk'])(
  '%s: it grows by a second a second',
  async (scenario) => {
    const sandbox = opened(scenario, 1);
    await sandbox.clock.sleep(5 * MINUTE_MS);
    const values = await lag(sandbox, 'us-east-1', 5);
    for (const step of steps(values)) expect(step).toBeCloseTo(MINUTE_MS, -1);
    expect(values.at(-1)).toBeGreaterThan(5 * MINUTE_MS);
  },
);

test('after a switchover the other region tells it', async () => {
  const sandbox = opened('healthy', 1);
  await new RDSClient(sandbox.settings()).send(new SwitchoverGlobalClusterCommand(there));
  await sandbox.clock.sleep(8 * MINUTE_MS);
  expect(await lag(sandbox, 'us-east-1', 4)).toEqual([undefined, undefined, undefined, undefined]);
  for (const value of await lag(sandbox, 'us-west-2', 4)) expect(value).toBeLessThan(500);
});

test('a cluster that is being made anew has no lag to tell, and then it has', async () => {
  const sandbox = opened('healthy', 1);
  await new RDSClient(sandbox.settings('us-east-1')).send(
    new FailoverGlobalClusterCommand({ ...there, AllowDataLoss: true }),
  );
  await sandbox.clock.sleep(7 * MINUTE_MS);
  expect(await lag(sandbox, 'us-west-2', 2)).toEqual([undefined, undefined]);
  await sandbox.clock.sleep(30 * MINUTE_MS);
  for (const value of await lag(sandbox, 'us-west-2', 2)) expect(value).toBeLessThan(500);
});

test('a replica by the binary log tells it in seconds; without its original it tells -1', async () => {
  const { globalCluster: _none, ...stack } = sandboxStack;
  const replicated: Stack = stack;
  const read = (sandbox: Opened) => lag(sandbox, 'us-east-1', 3, 'AuroraBinlogReplicaLag', 'WRITER');
  for (const value of await read(opened('healthy', 1, { stack: replicated }))) {
    expect(value).toBeGreaterThan(0.5);
    expect(value).toBeLessThan(5);
  }
  expect(await read(opened('region-down', 1, { stack: replicated }))).toEqual([-1, -1, -1]);
});

test('a dead region’s metrics have a gap for ever', async () => {
  const sandbox = opened('region-down', 1);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  const { inventory } = sandbox.world;
  const back = { ...inventory, faults: inventory.faults.map((fault) => ({ ...fault, to: sandbox.clock.now() })) };
  sandbox.world.change({ operation: 'test:End', region: '', resource: '', detail: '' }, () => back);
  await sandbox.clock.sleep(4 * MINUTE_MS);
  const values = await lag(sandbox, 'us-west-2', 8, 'CPUUtilization');
  expect(values.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  expect(values.at(-1)).toBeGreaterThan(0);
});

/** The messages of `global failover`, and of instances that are told to stop writing, oldest first. */
async function told(sandbox: Opened, region: Region): Promise<readonly string[]> {
  const { Events = [] } = await new RDSClient(sandbox.settings(region)).send(
    new DescribeEventsCommand({ Duration: 120, EventCategories: ['global failover', 'notification'] }),
  );
  return Events.map((event) => `${event.SourceIdentifier}: ${event.Message}`);
}

test('a switchover’s course is told in both regions', async () => {
  const sandbox = opened('healthy', 1);
  await new RDSClient(sandbox.settings()).send(new SwitchoverGlobalClusterCommand(there));
  await sandbox.clock.sleep(30 * SECOND_MS);
  const started = 'Global switchover to DB cluster nano-db-dr in Region us-east-1 started.';
  expect(await told(sandbox, 'us-east-1')).toEqual([`nano-db-dr: ${started}`]);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  const course = (cluster: string) =>
    [
      started,
      'Old primary DB cluster nano-db in Region us-west-2 successfully shut down.',
      'New primary DB cluster nano-db-dr in Region us-east-1 was successfully promoted.',
      'Aurora finished changing the DNS name that the global writer endpoint resolves to.',
      'Global switchover to DB cluster nano-db-dr in Region us-east-1 finished.',
    ].map((message) => `${cluster}: ${message}`);
  expect(await told(sandbox, 'us-east-1')).toEqual(course('nano-db-dr'));
  expect(await told(sandbox, 'us-west-2')).toEqual(
    course('nano-db').toSpliced(
      2,
      0,
      'nano-db-1: Attempt to block writes for DB cluster nano-db in Region us-west-2 succeeded.',
    ),
  );
});

test('a failover from a region that nobody reaches says that writes could not be blocked there', async () => {
  const sandbox = opened('region-down', 1);
  await new RDSClient(sandbox.settings('us-east-1')).send(
    new FailoverGlobalClusterCommand({ ...there, AllowDataLoss: true }),
  );
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(await told(sandbox, 'us-east-1')).toEqual([
    'nano-db-dr-1: Attempt to block writes for DB cluster nano-db in Region us-west-2 timed out.',
    'nano-db-dr: Aurora finished changing the DNS name that the global writer endpoint resolves to.',
    'nano-db-dr: Global failover to DB cluster nano-db-dr in Region us-east-1 completed.',
  ]);
});

test('a failover between regions that live is followed by a resynchronization', async () => {
  const sandbox = opened('healthy', 1);
  await new RDSClient(sandbox.settings('us-east-1')).send(
    new FailoverGlobalClusterCommand({ ...there, AllowDataLoss: true }),
  );
  await sandbox.clock.sleep(35 * MINUTE_MS);
  const events = await told(sandbox, 'us-west-2');
  const resynchronizing = 'resynchronizing members of DB cluster nano-db-dr in Region us-east-1 after global failover.';
  expect(events.slice(-3)).toEqual([
    'nano-db: Global failover to DB cluster nano-db-dr in Region us-east-1 completed.',
    `nano-db: Started ${resynchronizing}`,
    `nano-db: Finished ${resynchronizing}`,
  ]);
});
