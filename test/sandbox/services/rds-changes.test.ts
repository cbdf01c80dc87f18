/** What RDS answers to calls that change clusters, and what it refuses. */
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  FailoverDBClusterCommand,
  RDSClient,
  RestoreDBClusterToPointInTimeCommand,
  type CreateDBInstanceCommandInput,
  type DescribeEventsCommandInput,
  type RestoreDBClusterToPointInTimeCommandInput,
} from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import { clusterView, eventsOf } from './database-signals.ts';
import { opened, type Opened } from './opened.ts';

const MINUTE_MS = 60_000;

const clientOf = (sandbox: Opened) => new RDSClient(sandbox.settings());

test('FailoverDBCluster: to the instance that was named, and back, with the call on record', async () => {
  const sandbox = opened('healthy', 4);
  const rds = clientOf(sandbox);
  const about = { DBClusterIdentifier: 'nano-db' };
  const answer = await rds.send(new FailoverDBClusterCommand({ ...about, TargetDBInstanceIdentifier: 'nano-db-2' }));
  expect(answer.DBCluster).toMatchObject({ DBClusterIdentifier: 'nano-db', Status: 'failing-over' });
  await expect(rds.send(new FailoverDBClusterCommand(about))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect((await clusterView(sandbox)).writer).toBe('nano-db-2');
  await rds.send(new FailoverDBClusterCommand(about));
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect((await clusterView(sandbox)).writer).toBe('nano-db-1');
  expect(sandbox.world.inventory.calls.map((call) => [call.operation, call.resource, call.detail])).toEqual([
    ['rds:FailoverDBCluster', 'nano-db', 'nano-db-1 to nano-db-2'],
    ['rds:FailoverDBCluster', 'nano-db', 'nano-db-2 to nano-db-1'],
  ]);
});

test('FailoverDBCluster: refusals change nothing', async () => {
  const sandbox = opened('healthy', 4);
  const rds = clientOf(sandbox);
  const failing = (cluster: string, target?: string) =>
    rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: cluster, TargetDBInstanceIdentifier: target }));
  await expect(failing('nobody')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  await expect(failing('nano-db', 'nobody')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  await expect(failing('nano-db', 'nano-db-1')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
  const east = new RDSClient(sandbox.settings('us-east-1'));
  await expect(east.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db-dr' }))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
  expect(sandbox.world.inventory.calls).toEqual([]);
  expect((await clusterView(sandbox)).status).toBe('available');
});

test('writer-unreachable: while the old writer is being replaced there is no reader to go back to', async () => {
  const sandbox = opened('writer-unreachable', 4);
  const rds = clientOf(sandbox);
  await rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db' }));
  await sandbox.clock.sleep(MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({
    status: 'available',
    instances: ['nano-db-1 rebooting', 'nano-db-2 available'],
  });
  await expect(rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db' }))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
});

test('a point-in-time restore is a new cluster, which takes instances once it is available', async () => {
  const sandbox = opened('writer-unreachable-no-reader', 4);
  const rds = clientOf(sandbox);
  const { DBClusters: [source] = [] } = await rds.send(
    new DescribeDBClustersCommand({ DBClusterIdentifier: 'nano-db' }),
  );
  const restoring: RestoreDBClusterToPointInTimeCommandInput = {
    SourceDBClusterIdentifier: 'nano-db',
    DBClusterIdentifier: 'nano-db-restored',
    UseLatestRestorableTime: true,
    DBSubnetGroupName: source?.DBSubnetGroup,
    VpcSecurityGroupIds: source?.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId ?? ''),
    DBClusterParameterGroupName: source?.DBClusterParameterGroup,
  };
  const { DBCluster: made } = await rds.send(new RestoreDBClusterToPointInTimeCommand(restoring));
  expect(made).toMatchObject({
    DBClusterIdentifier: 'nano-db-restored',
    Status: 'creating',
    DBClusterArn: 'arn:aws:rds:us-west-2:123456789012:cluster:nano-db-restored',
    DBSubnetGroup: source?.DBSubnetGroup,
    VpcSecurityGroups: source?.VpcSecurityGroups,
    DBClusterParameterGroup: source?.DBClusterParameterGroup,
    Port: 3306,
  });
  expect(made?.Endpoint).toMatch(/^nano-db-restored\.cluster-\w+\.us-west-2\.rds\.amazonaws\.com$/);
  const instance: CreateDBInstanceCommandInput = {
    DBInstanceIdentifier: 'nano-db-restored-1',
    DBClusterIdentifier: 'nano-db-restored',
    DBInstanceClass: 'db.r6g.large',
    Engine: 'aurora-mysql',
  };
  await expect(rds.send(new CreateDBInstanceCommand(instance))).rejects.toMatchObject({
    name: 'InvalidDBClusterStateFault',
  });
  await sandbox.clock.sleep(10 * MINUTE_MS);
  expect(await clusterView(sandbox, 'nano-db-restored')).toEqual({
    status: 'available',
    writer: undefined,
    instances: [],
  });
  const { DBInstance } = await rds.send(new CreateDBInstanceCommand(instance));
  expect(DBInstance).toMatchObject({ DBInstanceStatus: 'creating', DBClusterIdentifier: 'nano-db-restored' });
  expect(DBInstance?.Endpoint).toBeUndefined();
  await sandbox.clock.sleep(8 * MINUTE_MS);
  expect(await clusterView(sandbox, 'nano-db-restored')).toEqual({
    status: 'available',
    writer: 'nano-db-restored-1',
    instances: ['nano-db-restored-1 available'],
  });
  const byId = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'nano-db-restored-1' }));
  expect(byId.DBInstances?.[0]?.Endpoint?.Address).toMatch(/^nano-db-restored-1\.\w+\.us-west-2/);
  const all = await rds.send(new DescribeDBClustersCommand({}));
  expect(all.DBClusters?.map((each) => each.DBClusterIdentifier)).toEqual(['nano-db', 'nano-db-restored']);
  const both = await rds.send(
    new DescribeDBClustersCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['nano-db-restored'] }] }),
  );
  expect(both.DBClusters).toHaveLength(1);
  expect(await eventsOf(sandbox)).toEqual([
    'nano-db-restored: DB cluster created.',
    'nano-db-restored-1: DB instance created.',
  ]);
  const { Metrics = [] } = await new CloudWatchClient(sandbox.settings()).send(
    new ListMetricsCommand({
      Namespace: 'AWS/RDS',
      MetricName: 'DatabaseConnections',
      Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'nano-db-restored-1' }],
    }),
  );
  expect(Metrics).toHaveLength(1);
  // The failed cluster is as it was: a restore repairs nothing in place.
  expect((await clusterView(sandbox)).instances).toEqual(['nano-db-1 failed']);
});

test('an instance that is made in the failed cluster is a reader, and can be failed over to', async () => {
  const sandbox = opened('writer-unreachable-no-reader', 4);
  const rds = clientOf(sandbox);
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'nano-db-3',
      DBClusterIdentifier: 'nano-db',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-mysql',
      AvailabilityZone: 'us-west-2c',
    }),
  );
  expect((await clusterView(sandbox)).instances).toEqual(['nano-db-1 failed', 'nano-db-3 creating']);
  await sandbox.clock.sleep(8 * MINUTE_MS);
  await rds.send(
    new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db', TargetDBInstanceIdentifier: 'nano-db-3' }),
  );
  await sandbox.clock.sleep(MINUTE_MS);
  expect(await clusterView(sandbox)).toMatchObject({ status: 'available', writer: 'nano-db-3' });
});

test('RestoreDBClusterToPointInTime and CreateDBInstance: refusals', async () => {
  const sandbox = opened('healthy', 4);
  const rds = clientOf(sandbox);
  const restore = (input: Partial<RestoreDBClusterToPointInTimeCommandInput>) =>
    rds.send(
      new RestoreDBClusterToPointInTimeCommand({
        SourceDBClusterIdentifier: 'nano-db',
        DBClusterIdentifier: 'nano-db-restored',
        ...input,
      }),
    );
  const latest = { UseLatestRestorableTime: true };
  const tomorrow = new Date(sandbox.startMs + 24 * 60 * MINUTE_MS);
  await expect(restore({ ...latest, DBClusterIdentifier: 'nano-db' })).rejects.toMatchObject({
    name: 'DBClusterAlreadyExistsFault',
  });
  await expect(restore({ ...latest, SourceDBClusterIdentifier: 'x' })).rejects.toMatchObject({
    name: 'DBClusterNotFoundFault',
  });
  await expect(restore({})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await expect(restore({ ...latest, RestoreToTime: tomorrow })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
  });
  await expect(restore({ RestoreToTime: tomorrow })).rejects.toMatchObject({ name: 'InvalidRestoreFault' });
  await expect(restore({ ...latest, DBClusterIdentifier: '9-lives' })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
  const create = (input: Partial<CreateDBInstanceCommandInput>) =>
    rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'nano-db-3',
        DBClusterIdentifier: 'nano-db',
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-mysql',
        ...input,
      }),
    );
  await expect(create({ DBInstanceIdentifier: 'nano-db-2' })).rejects.toMatchObject({
    name: 'DBInstanceAlreadyExistsFault',
  });
  await expect(create({ DBClusterIdentifier: 'x' })).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  await expect(create({ Engine: 'mysql' })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  await expect(create({ DBInstanceClass: 'large' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  expect(sandbox.world.inventory.calls).toEqual([]);
});

test('DescribeEvents: by type, by source and by category', async () => {
  const sandbox = opened('read-only-writer', 4);
  const rds = clientOf(sandbox);
  const messages = async (input: DescribeEventsCommandInput) =>
    (await rds.send(new DescribeEventsCommand(input))).Events?.map((event) => event.Message) ?? [];
  expect(await messages({ SourceType: 'db-cluster', SourceIdentifier: 'nano-db' })).toEqual([
    'Started cross AZ failover to DB instance: nano-db-2.',
    'Completed failover to DB instance: nano-db-2.',
  ]);
  expect(await messages({ SourceType: 'db-instance', EventCategories: ['availability'] })).toHaveLength(3);
  expect(await messages({ SourceType: 'db-instance', SourceIdentifier: 'nano-db-2' })).toEqual([
    'DB instance restarted.',
  ]);
  expect(await messages({ SourceType: 'db-parameter-group' })).toEqual([]);
  await expect(messages({ SourceIdentifier: 'nano-db' })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
  });
});
