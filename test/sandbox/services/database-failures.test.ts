/** Databases that fail: what an operator sees of each cause, and that what heals it does heal it. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  FailoverDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { BatchGetTracesCommand, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import {
  clusterView,
  databaseFaults,
  errorKinds,
  errorLines,
  errorShare,
  eventsOf,
  signals,
} from './database-signals.ts';
import { opened, type Opened } from './opened.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const seeds = [1, 2, 3];

function failOver(sandbox: Opened): Promise<unknown> {
  return new RDSClient(sandbox.settings()).send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db' }));
}

/** The kind that most error lines are of, of the last three minutes. */
async function commonest(sandbox: Opened): Promise<string | undefined> {
  return [...(await errorKinds(sandbox, 3))].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

/** Everything is as it was before: few errors, no MySQL error in the log, no fault in the traces' database, a busy writer. */
async function expectWell(sandbox: Opened, minutes: number): Promise<void> {
  expect(await errorShare(sandbox, minutes)).toBeLessThan(0.005);
  expect([...(await errorKinds(sandbox, minutes)).keys()].filter((kind) => kind !== 'other')).toEqual([]);
  expect(await databaseFaults(sandbox, minutes)).toBe(0);
  const { p99, connections } = await signals(sandbox, minutes);
  for (const seconds of p99) expect(seconds).toBeLessThan(1.5);
  for (const count of connections) expect(count).toBeGreaterThan(30);
}

test.each(seeds)('healthy, seed %i: nothing speaks of the database', async (seed) => {
  const sandbox = opened('healthy', seed);
  await expectWell(sandbox, 10);
  expect(await clusterView(sandbox)).toEqual({
    status: 'available',
    writer: 'nano-db-1',
    instances: ['nano-db-1 available', 'nano-db-2 available'],
  });
  expect(await eventsOf(sandbox)).toEqual([]);
});

test.each(seeds)(
  'writer-unreachable, seed %i: RDS sees nothing; requests fail for want of a connection',
  async (seed) => {
    const sandbox = opened('writer-unreachable', seed);
    expect(await clusterView(sandbox)).toMatchObject({
      status: 'available',
      instances: ['nano-db-1 available', 'nano-db-2 available'],
    });
    expect(await errorShare(sandbox, 4)).toBeGreaterThan(0.99);
    expect(await commonest(sandbox)).toBe('2003');
    expect(await databaseFaults(sandbox, 3)).toBeGreaterThan(0.8);
    expect(await errorLines(sandbox, 15)).toContain(
      "sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2013, 'Lost connection to MySQL server during query (timed out)')",
    );
    const { connections, p99 } = await signals(sandbox, 15);
    expect(connections[0]).toBeGreaterThan(30);
    expect(connections.slice(-4)).toEqual([undefined, undefined, undefined, undefined]);
    // Whoever waits for a connection keeps a place of the pool, so that others wait for that.
    expect(p99.at(-1)).toBeGreaterThan(5);
  },
);

test.each(seeds)('writer-unreachable, seed %i: a failover heals it within a minute, and for good', async (seed) => {
  const sandbox = opened('writer-unreachable', seed);
  await failOver(sandbox);
  const began = sandbox.clock.now();
  expect((await clusterView(sandbox)).status).toBe('failing-over');
  let movedAt: number | undefined;
  while ((await clusterView(sandbox)).status === 'failing-over') {
    await sandbox.clock.sleep(2 * SECOND_MS);
    if (movedAt === undefined && (await clusterView(sandbox)).writer === 'nano-db-2') movedAt = sandbox.clock.now();
  }
  expect((movedAt ?? 0) - began).toBeGreaterThan(15 * SECOND_MS);
  expect((movedAt ?? 0) - began).toBeLessThan(50 * SECOND_MS);
  expect(sandbox.clock.now() - began).toBeLessThan(62 * SECOND_MS);
  expect((await eventsOf(sandbox)).at(-1)).toBe('nano-db: Completed failover to DB instance: nano-db-2.');

  await sandbox.clock.sleep(4 * MINUTE_MS);
  await expectWell(sandbox, 2);
  await sandbox.clock.sleep(20 * MINUTE_MS);
  await expectWell(sandbox, 18);
  expect((await clusterView(sandbox)).instances).toEqual(['nano-db-1 available', 'nano-db-2 available']);
  // The past stays what it was: the old writer's minutes are the old writer's.
  const { connections, connectionsOfFirst, writes } = await signals(sandbox, 60);
  expect(connectionsOfFirst[0]).toBe(connections[0]);
  expect(connectionsOfFirst.at(-1)).toBeLessThan(10);
  expect(writes[0]).toBeUndefined();
  expect(writes.at(-1)).toBeGreaterThan(5);
});

test('writer-unreachable-no-reader: there is nobody to fail over to; the writer is made anew', async () => {
  const sandbox = opened('writer-unreachable-no-reader', 2);
  expect(await clusterView(sandbox)).toEqual({
    status: 'available',
    writer: 'nano-db-1',
    instances: ['nano-db-1 failed'],
  });
  expect(await errorShare(sandbox, 4)).toBeGreaterThan(0.99);
  expect(await eventsOf(sandbox, 4 * 24 * 60)).toContain('nano-db-2: DB instance deleted.');
  await failOver(sandbox);
  await sandbox.clock.sleep(3 * MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'failing-over', instances: ['nano-db-1 rebooting'] });
  expect(await errorShare(sandbox, 1)).toBeGreaterThan(0.99);
  await sandbox.clock.sleep(9 * MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'available', instances: ['nano-db-1 available'] });
  await expectWell(sandbox, 2);
});

test.each(seeds)('failover-under-way, seed %i: it is refused to begin another, and waiting is enough', async (seed) => {
  const sandbox = opened('failover-under-way', seed);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'failing-over', writer: 'nano-db-1' });
  expect((await eventsOf(sandbox))[0]).toBe('nano-db: Started cross AZ failover to DB instance: nano-db-2.');
  await expect(failOver(sandbox)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'available', writer: 'nano-db-2' });
  await sandbox.clock.sleep(3 * MINUTE_MS);
  await expectWell(sandbox, 2);
});

test.each(seeds)('failover-fails, seed %i: the first flips back, the second works', async (seed) => {
  const sandbox = opened('failover-fails', seed);
  await failOver(sandbox);
  expect((await clusterView(sandbox)).status).toBe('failing-over');
  await sandbox.clock.sleep(MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'available', writer: 'nano-db-1' });
  expect((await eventsOf(sandbox)).slice(-2)).toEqual([
    'nano-db: Cluster failover failed, check the health of your cluster instances and try again.',
    'nano-db: Promoting previous primary again: nano-db-1.',
  ]);
  await sandbox.clock.sleep(3 * MINUTE_MS);
  expect(await errorShare(sandbox, 2)).toBeGreaterThan(0.99);
  await failOver(sandbox);
  await sandbox.clock.sleep(4 * MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'available', writer: 'nano-db-2' });
  await expectWell(sandbox, 2);
});

test('too-many-connections: the writer is full, at a limit that was changed; a failover does not help', async () => {
  const sandbox = opened('too-many-connections', 2);
  expect(await commonest(sandbox)).toBe('1040');
  expect(await errorShare(sandbox, 4)).toBeGreaterThan(0.2);
  expect((await signals(sandbox, 4)).connections).toEqual([120, 120, 120, 120]);
  const rds = new RDSClient(sandbox.settings());
  const { DBClusters: [cluster] = [] } = await rds.send(new DescribeDBClustersCommand({}));
  const { Parameters = [] } = await rds.send(
    new DescribeDBClusterParametersCommand({
      DBClusterParameterGroupName: cluster?.DBClusterParameterGroup,
      Source: 'user',
    }),
  );
  expect(Parameters).toContainEqual(
    expect.objectContaining({ ParameterName: 'max_connections', ParameterValue: '120', ApplyMethod: 'immediate' }),
  );
  expect(cluster?.DBClusterMembers?.map((member) => member.DBClusterParameterGroupStatus)).toEqual([
    'pending-reboot',
    'pending-reboot',
  ]);
  expect(await eventsOf(sandbox)).toContain(
    'nano-db-params: Updated parameter max_connections to 120 with apply method immediate.',
  );
  await failOver(sandbox);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(await commonest(sandbox)).toBe('1040');
});

test('read-only-writer: writes fail and reads do not; the pools are with the old writer', async () => {
  const sandbox = opened('read-only-writer', 2);
  expect(await commonest(sandbox)).toBe('1290');
  const share = await errorShare(sandbox, 4);
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.32);
  const { connections, connectionsOfFirst } = await signals(sandbox, 3);
  expect(Math.max(...connections.map((count) => count ?? 0))).toBeLessThan(5);
  expect(connectionsOfFirst.at(-1)).toBeGreaterThan(30);
  expect((await clusterView(sandbox)).writer).toBe('nano-db-2');
  expect(await eventsOf(sandbox)).toContain('nano-db: Completed failover to DB instance: nano-db-2.');
});

test.each(['read-only-writer', 'database-credentials'])(
  '%s: tasks that are started anew are well',
  async (scenario) => {
    const sandbox = opened(scenario, 2);
    const ecs = new ECSClient(sandbox.settings());
    const about = { cluster: 'nano', service: 'nano-api' };
    await ecs.send(new UpdateServiceCommand({ ...about, forceNewDeployment: true }));
    const isRolling = async () => {
      const { services: [service] = [] } = await ecs.send(
        new DescribeServicesCommand({ cluster: about.cluster, services: [about.service] }),
      );
      return (service?.deployments?.length ?? 0) > 1 || service?.deployments?.[0]?.rolloutState !== 'COMPLETED';
    };
    while (await isRolling()) await sandbox.clock.sleep(15 * SECOND_MS);
    await sandbox.clock.sleep(4 * MINUTE_MS);
    expect(await errorShare(sandbox, 2)).toBeLessThan(0.005);
    await expectWell(sandbox, 2);
  },
);

test('database-credentials: the writer turns everybody away, quickly, and says so in its own log', async () => {
  const sandbox = opened('database-credentials', 2);
  expect(await commonest(sandbox)).toBe('1045');
  expect(await errorShare(sandbox, 2)).toBeGreaterThan(0.99);
  const { connections, loginFailures, p99 } = await signals(sandbox, 2);
  expect(connections.at(-1)).toBeLessThan(5);
  expect(loginFailures.at(-1)).toBeGreaterThan(20);
  expect(p99.at(-1)).toBeLessThan(0.5);
  const { events = [] } = await new CloudWatchLogsClient(sandbox.settings()).send(
    new FilterLogEventsCommand({
      logGroupName: '/aws/rds/cluster/nano-db/error',
      startTime: sandbox.clock.now() - MINUTE_MS,
      filterPattern: '"Access denied"',
      limit: 1,
    }),
  );
  expect(events[0]?.message).toMatch(/Access denied for user 'nano_app'@'10\.0\.1\d\.\d+' \(using password: YES\)/);
  expect(events[0]?.logStreamName).toBe('nano-db-1');
  await failOver(sandbox);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(await commonest(sandbox)).toBe('1045');
});

test('security-group-changed: the rule is gone, and connections time out while the writer is up', async () => {
  const rulesOf = async (sandbox: Opened) => {
    const rds = new RDSClient(sandbox.settings());
    const { DBClusters: [cluster] = [] } = await rds.send(new DescribeDBClustersCommand({}));
    const ids = cluster?.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId ?? '') ?? [];
    const ec2 = new EC2Client(sandbox.settings());
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ids }));
    return SecurityGroups.flatMap((group) => group.IpPermissions ?? []);
  };
  expect(await rulesOf(opened('healthy', 2))).toEqual([
    expect.objectContaining({ IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306 }),
  ]);
  const sandbox = opened('security-group-changed', 2);
  expect(await rulesOf(sandbox)).toEqual([]);
  expect(await commonest(sandbox)).toBe('2003');
  expect([...(await errorKinds(sandbox, 20)).keys()]).not.toContain('2013');
  const { connections } = await signals(sandbox, 2);
  expect(connections.at(-1)).toBeLessThan(5);
});

test('pool-exhausted-not-database: no MySQL error, an available cluster, connections at the pools’ limit', async () => {
  const sandbox = opened('pool-exhausted-not-database', 2);
  expect(await commonest(sandbox)).toBe('pool');
  expect([...(await errorKinds(sandbox, 10)).keys()].filter((kind) => kind !== 'other')).toEqual(['pool']);
  expect((await signals(sandbox, 1)).connections).toEqual([183]);
  expect(await eventsOf(sandbox)).toEqual([]);
});

test('healthy: a failover that is asked for costs seconds, with connections reset and refused', async () => {
  const sandbox = opened('healthy', 2);
  await failOver(sandbox);
  await sandbox.clock.sleep(2 * MINUTE_MS);
  const lines = (await errorLines(sandbox, 3)).join('\n');
  expect(lines).toContain('Lost connection to MySQL server during query ([Errno 104] Connection reset by peer)');
  expect(lines).toContain('([Errno 111] Connection refused)');
  // Which of the last two is first is the seed's choice.
  expect((await eventsOf(sandbox)).toSorted()).toEqual([
    'nano-db-1: DB instance restarted.',
    'nano-db-1: DB instance shutdown.',
    'nano-db-2: DB instance restarted.',
    'nano-db: Completed failover to DB instance: nano-db-2.',
    'nano-db: Started cross AZ failover to DB instance: nano-db-2.',
  ]);
  await sandbox.clock.sleep(2 * MINUTE_MS);
  await expectWell(sandbox, 1);
});

test('a trace tells where a request failed: a fault in the statement that got no connection', async () => {
  const sandbox = opened('writer-unreachable', 2);
  const xray = new XRayClient(sandbox.settings());
  const { TraceSummaries = [] } = await xray.send(
    new GetTraceSummariesCommand({
      StartTime: new Date(sandbox.clock.now() - 2 * MINUTE_MS),
      EndTime: new Date(sandbox.clock.now() - MINUTE_MS),
    }),
  );
  const { Traces: [trace] = [] } = await xray.send(
    new BatchGetTracesCommand({ TraceIds: TraceSummaries.slice(0, 1).map((each) => each.Id ?? '') }),
  );
  const documents = trace?.Segments?.map((segment) => JSON.parse(segment.Document ?? '{}')) ?? [];
  const failing = documents.find((each) => each.name.startsWith('nano_prod@nano-db.cluster-'));
  expect(failing).toMatchObject({ fault: true, inferred: true });
  expect(failing.end_time - failing.start_time).toBeGreaterThan(4.9);
});

test('the slow query log holds statements that ran, and nothing of those that got no connection', async () => {
  const sandbox = opened('writer-unreachable', 2);
  const { events = [] } = await new CloudWatchLogsClient(sandbox.settings()).send(
    new FilterLogEventsCommand({
      logGroupName: '/aws/rds/cluster/nano-db/slowquery',
      startTime: sandbox.clock.now() - 4 * MINUTE_MS,
    }),
  );
  expect(events).toEqual([]);
});

test('the same calls at the same times give the same world', async () => {
  const run = async () => {
    const sandbox = opened('writer-unreachable', 5);
    await failOver(sandbox);
    await sandbox.clock.sleep(3 * MINUTE_MS);
    return JSON.stringify([await signals(sandbox, 8), await clusterView(sandbox), await eventsOf(sandbox)]);
  };
  expect(await run()).toBe(await run());
});
