/** What RDS answers to calls that move the writer's role between regions, and what it refuses. */
import {
  CreateDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeGlobalClustersCommand,
  FailoverDBClusterCommand,
  FailoverGlobalClusterCommand,
  PromoteReadReplicaDBClusterCommand,
  RDSClient,
  RemoveFromGlobalClusterCommand,
  SwitchoverGlobalClusterCommand,
  type GlobalCluster,
} from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import type { Stack } from '../../../src/cloud/stack.ts';
import { parseSnapshot, sandboxStack } from '../../../src/sandbox/sandbox.ts';
import { standingOf } from '../../../src/sandbox/standing.ts';
import { newestHeartbeatAt, writersAt } from '../../../src/sandbox/world/global-database.ts';
import { withRecords } from '../../../src/sandbox/world/traffic-state.ts';
import { opened, reopened, type Opened } from './opened.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const about = { GlobalClusterIdentifier: 'nano-global' };
const west = 'arn:aws:rds:us-west-2:123456789012:cluster:nano-db';
const east = 'arn:aws:rds:us-east-1:123456789012:cluster:nano-db-dr';

const rdsIn = (sandbox: Opened, region = 'us-east-1') => new RDSClient(sandbox.settings(region));

async function globalCluster(sandbox: Opened, region = 'us-east-1'): Promise<GlobalCluster> {
  const { GlobalClusters: [found] = [] } = await rdsIn(sandbox, region).send(new DescribeGlobalClustersCommand(about));
  if (found === undefined) throw new Error('there is no global cluster');
  return found;
}

/** ARN of the writer, then of the others with how they are synchronized. */
function roles({ GlobalClusterMembers = [] }: GlobalCluster) {
  return GlobalClusterMembers.map(
    (each) =>
      `${each.DBClusterArn === west ? 'west' : 'east'} ${each.IsWriter ? 'writer' : each.SynchronizationStatus}`,
  );
}

/** Which instance the cluster's members say is its writer, and what the cluster says of itself. */
async function clusterIn(sandbox: Opened, region: string) {
  const cluster = region === 'us-west-2' ? 'nano-db' : 'nano-db-dr';
  const { DBClusters: [found] = [] } = await rdsIn(sandbox, region).send(
    new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }),
  );
  const writer = found?.DBClusterMembers?.find((each) => each.IsClusterWriter)?.DBInstanceIdentifier;
  return { status: found?.Status, writer, found };
}

const writers = (sandbox: Opened) => writersAt(sandbox.world.inventory, sandbox.clock.now());

/** How far the newest heartbeat that a side holds is back. */
const heartbeatAge = (sandbox: Opened, side: 'primary' | 'recovery') =>
  sandbox.clock.now() - (newestHeartbeatAt(sandbox.world.inventory, side, sandbox.clock.now()) ?? 0);

/** Polls as an operator would, until the global cluster is at rest; gives the minutes that it took. */
async function settled(sandbox: Opened): Promise<number> {
  const began = sandbox.clock.now();
  while ((await globalCluster(sandbox)).FailoverState !== undefined) {
    if (sandbox.clock.now() - began > 30 * MINUTE_MS) throw new Error('it never ended');
    await sandbox.clock.sleep(5 * SECOND_MS);
  }
  return (sandbox.clock.now() - began) / MINUTE_MS;
}

describe('a switchover', () => {
  const there = new SwitchoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east });
  const back = new SwitchoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: west });

  test.each([1, 2, 3])('seed %i: there and back, nothing lost, one writer at any time', async (seed) => {
    const sandbox = opened('healthy', seed);
    expect(roles(await globalCluster(sandbox))).toEqual(['west writer', 'east connected']);
    const { GlobalCluster: begun } = await rdsIn(sandbox, 'us-west-2').send(there);
    expect(begun).toMatchObject({
      Status: 'switching-over',
      FailoverState: { Status: 'pending', FromDbClusterArn: west, ToDbClusterArn: east, IsDataLossAllowed: false },
    });
    await sandbox.clock.sleep(10 * SECOND_MS);
    expect((await globalCluster(sandbox)).FailoverState?.Status).toBe('switching-over');
    expect(writers(sandbox)).toEqual(['primary']);
    const tookMinutes = await settled(sandbox);
    expect(tookMinutes).toBeGreaterThan(0.8);
    expect(tookMinutes).toBeLessThan(3);
    expect(roles(await globalCluster(sandbox, 'us-west-2'))).toEqual(['east writer', 'west connected']);
    expect(writers(sandbox)).toEqual(['recovery']);
    expect(await clusterIn(sandbox, 'us-east-1')).toMatchObject({ status: 'available', writer: 'nano-db-dr-1' });
    expect(await clusterIn(sandbox, 'us-west-2')).toMatchObject({ status: 'available', writer: undefined });
    // The call goes to whoever is the primary now.
    await expect(rdsIn(sandbox, 'us-west-2').send(back)).rejects.toMatchObject({
      name: 'InvalidGlobalClusterStateFault',
    });
    await rdsIn(sandbox).send(back);
    await settled(sandbox);
    expect(roles(await globalCluster(sandbox))).toEqual(['west writer', 'east connected']);
    expect(await clusterIn(sandbox, 'us-west-2')).toMatchObject({ writer: 'nano-db-1' });
    expect(writers(sandbox)).toEqual(['primary']);
    expect(
      sandbox.world.inventory.calls.map(({ operation, region, resource }) => [operation, region, resource]),
    ).toEqual([
      ['rds:SwitchoverGlobalCluster', 'us-west-2', 'nano-db-dr'],
      ['rds:SwitchoverGlobalCluster', 'us-east-1', 'nano-db'],
    ]);
  });

  test('nobody writes for a moment, and then the new primary has every heartbeat', async () => {
    const sandbox = opened('healthy', 2);
    await rdsIn(sandbox, 'us-west-2').send(there);
    let still = 0;
    let last = 0;
    while (!writers(sandbox).includes('recovery')) {
      if (writers(sandbox).length === 0) still += SECOND_MS;
      last = newestHeartbeatAt(sandbox.world.inventory, 'primary', sandbox.clock.now()) ?? 0;
      await sandbox.clock.sleep(SECOND_MS);
    }
    expect(still).toBeGreaterThan(10 * SECOND_MS);
    expect(still).toBeLessThan(45 * SECOND_MS);
    expect(newestHeartbeatAt(sandbox.world.inventory, 'recovery', sandbox.clock.now())).toBeGreaterThanOrEqual(last);
  });

  test('the cluster that took over fails over within its region, and goes on as the writer', async () => {
    const sandbox = opened('healthy', 1);
    await rdsIn(sandbox, 'us-west-2').send(there);
    await settled(sandbox);
    const inEast = rdsIn(sandbox);
    await inEast.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'nano-db-dr-2',
        DBClusterIdentifier: 'nano-db-dr',
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-mysql',
      }),
    );
    await sandbox.clock.sleep(8 * MINUTE_MS);
    await inEast.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db-dr' }));
    await sandbox.clock.sleep(2 * MINUTE_MS);
    expect((await clusterIn(sandbox, 'us-east-1')).writer).toBe('nano-db-dr-2');
    await expect(
      rdsIn(sandbox, 'us-west-2').send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'nano-db' })),
    ).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  test('refusals change nothing', async () => {
    const sandbox = opened('healthy', 1);
    const refused = (sent: Promise<unknown>, name: string) => expect(sent).rejects.toMatchObject({ name });
    const inWest = rdsIn(sandbox, 'us-west-2');
    const switching = (global: string, target: string) =>
      inWest.send(
        new SwitchoverGlobalClusterCommand({ GlobalClusterIdentifier: global, TargetDbClusterIdentifier: target }),
      );
    await refused(switching('nobody', east), 'GlobalClusterNotFoundFault');
    await refused(switching('nano-global', `${east}-x`), 'DBClusterNotFoundFault');
    await refused(switching('nano-global', west), 'InvalidGlobalClusterStateFault');
    await refused(rdsIn(sandbox).send(there), 'InvalidGlobalClusterStateFault');
    const both = { ...about, TargetDbClusterIdentifier: east, AllowDataLoss: true, Switchover: true };
    await refused(rdsIn(sandbox).send(new FailoverGlobalClusterCommand(both)), 'InvalidParameterCombination');
    const remove = (region: string, cluster: string) =>
      rdsIn(sandbox, region).send(new RemoveFromGlobalClusterCommand({ ...about, DbClusterIdentifier: cluster }));
    await refused(remove('us-west-2', west), 'InvalidGlobalClusterStateFault');
    await refused(remove('us-west-2', east), 'DBClusterNotFoundFault');
    await refused(
      rdsIn(sandbox).send(new PromoteReadReplicaDBClusterCommand({ DBClusterIdentifier: 'nano-db-dr' })),
      'InvalidDBClusterStateFault',
    );
    expect(sandbox.world.inventory.calls).toEqual([]);
    await inWest.send(there);
    await refused(inWest.send(there), 'InvalidGlobalClusterStateFault');
    expect(sandbox.world.inventory.calls).toHaveLength(1);
  });

  test.each([
    ['headless-secondary', 'InvalidDBClusterStateFault'],
    ['version-mismatch', 'InvalidGlobalClusterStateFault'],
  ])('%s: neither a switchover nor a managed failover', async (scenario, name) => {
    const sandbox = opened(scenario, 1);
    await expect(rdsIn(sandbox, 'us-west-2').send(there)).rejects.toMatchObject({ name });
    await expect(
      rdsIn(sandbox).send(
        new FailoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east, AllowDataLoss: true }),
      ),
    ).rejects.toMatchObject({ name });
  });

  test('FailoverGlobalCluster without AllowDataLoss is a switchover, and goes where one goes', async () => {
    const sandbox = opened('healthy', 1);
    const plain = new FailoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east });
    await expect(rdsIn(sandbox).send(plain)).rejects.toMatchObject({ name: 'InvalidGlobalClusterStateFault' });
    const { GlobalCluster: begun } = await rdsIn(sandbox, 'us-west-2').send(plain);
    expect(begun?.FailoverState?.IsDataLossAllowed).toBe(false);
  });
});

describe('a managed failover', () => {
  const losing = new FailoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east, AllowDataLoss: true });

  test.each([1, 2, 3])(
    'seed %i: while the primary region is down, at the price of what was not copied',
    async (seed) => {
      const sandbox = opened('region-down', seed);
      const deadForMs = heartbeatAge(sandbox, 'primary');
      expect(deadForMs).toBeGreaterThan(3 * MINUTE_MS);
      const copiedMs = heartbeatAge(sandbox, 'recovery');
      expect(copiedMs).toBeGreaterThan(deadForMs - SECOND_MS);
      expect(copiedMs - deadForMs).toBeLessThan(3 * SECOND_MS);
      await expect(globalCluster(sandbox, 'us-west-2')).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(writers(sandbox)).toEqual([]);
      const { GlobalCluster: begun } = await rdsIn(sandbox).send(losing);
      expect(begun).toMatchObject({ Status: 'failing-over', FailoverState: { IsDataLossAllowed: true } });
      const held = newestHeartbeatAt(sandbox.world.inventory, 'recovery', sandbox.clock.now());
      const tookMinutes = await settled(sandbox);
      expect(tookMinutes).toBeGreaterThan(0.9);
      expect(tookMinutes).toBeLessThan(4.1);
      expect(roles(await globalCluster(sandbox))).toEqual(['east writer', 'west pending-resync']);
      expect(writers(sandbox)).toEqual(['recovery']);
      expect(await clusterIn(sandbox, 'us-east-1')).toMatchObject({ status: 'available', writer: 'nano-db-dr-1' });
      expect(newestHeartbeatAt(sandbox.world.inventory, 'recovery', sandbox.clock.now())).toBe(held);
      // Only a region that lives can be made anew.
      await sandbox.clock.sleep(60 * MINUTE_MS);
      expect(roles(await globalCluster(sandbox))).toEqual(['east writer', 'west pending-resync']);
    },
  );

  test('with both regions alive the old primary is made anew, and until then there is no way back', async () => {
    const sandbox = opened('healthy', 1);
    await rdsIn(sandbox).send(losing);
    await settled(sandbox);
    expect(roles(await globalCluster(sandbox, 'us-west-2'))).toEqual(['east writer', 'west pending-resync']);
    const back = new SwitchoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: west });
    await expect(rdsIn(sandbox).send(back)).rejects.toMatchObject({ name: 'InvalidGlobalClusterStateFault' });
    await sandbox.clock.sleep(26 * MINUTE_MS);
    expect(roles(await globalCluster(sandbox))).toEqual(['east writer', 'west connected']);
    await rdsIn(sandbox).send(back);
    await settled(sandbox);
    expect(roles(await globalCluster(sandbox))).toEqual(['west writer', 'east connected']);
  });

  test('is asked for in the region that takes over', async () => {
    const sandbox = opened('healthy', 1);
    await expect(rdsIn(sandbox, 'us-west-2').send(losing)).rejects.toMatchObject({
      name: 'InvalidGlobalClusterStateFault',
    });
  });

  test('failover-stuck: it never moves, and detaching is the way round it', async () => {
    const sandbox = opened('failover-stuck', 1);
    await rdsIn(sandbox).send(losing);
    await sandbox.clock.sleep(40 * MINUTE_MS);
    const stuck = await globalCluster(sandbox);
    expect(stuck.FailoverState).toMatchObject({ Status: 'failing-over', ToDbClusterArn: east });
    expect(roles(stuck)).toEqual(['west writer', 'east connected']);
    await expect(rdsIn(sandbox).send(losing)).rejects.toMatchObject({ name: 'InvalidGlobalClusterStateFault' });
    await rdsIn(sandbox).send(new RemoveFromGlobalClusterCommand({ ...about, DbClusterIdentifier: east }));
    await sandbox.clock.sleep(MINUTE_MS);
    expect(await clusterIn(sandbox, 'us-east-1')).toMatchObject({ status: 'available', writer: 'nano-db-dr-1' });
    expect(writers(sandbox)).toEqual(['recovery']);
  });

  test('split-brain-risk: the old writer that nobody reaches goes on taking writes', async () => {
    const sandbox = opened('split-brain-risk', 1);
    await expect(clusterIn(sandbox, 'us-west-2')).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(writers(sandbox)).toEqual(['primary']);
    await rdsIn(sandbox).send(losing);
    await settled(sandbox);
    expect(writers(sandbox)).toEqual(['primary', 'recovery']);
    expect(heartbeatAge(sandbox, 'primary')).toBeLessThan(SECOND_MS);
    expect(heartbeatAge(sandbox, 'recovery')).toBeGreaterThan(4 * MINUTE_MS);
  });
});

test('a world that is kept in the midst of a move goes on with it, and stands as the undisturbed one', async () => {
  const losing = new FailoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east, AllowDataLoss: true });
  const first = opened('region-down', 2);
  await rdsIn(first).send(losing);
  await first.clock.sleep(20 * SECOND_MS);
  const second = reopened({ snapshot: parseSnapshot(JSON.parse(JSON.stringify(first.snapshot())), 'a file') });
  expect(await globalCluster(second)).toEqual(await globalCluster(first));
  const minutes = [await settled(first), await settled(second)];
  expect(minutes[0]).toBe(minutes[1]);
  expect(standingOf(second.world)).toEqual(standingOf(first.world));
  expect(standingOf(first.world)).toMatchObject({
    writers: ['recovery'],
    global: { members: ['recovery', 'primary'], moves: ['failover primary to recovery completed'] },
  });
});

test('whoever took over has the heartbeats that it copied, until the application writes there', async () => {
  const sandbox = opened('region-down', 1);
  const inEast = rdsIn(sandbox);
  await inEast.send(
    new FailoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east, AllowDataLoss: true }),
  );
  await settled(sandbox);
  await sandbox.clock.sleep(5 * MINUTE_MS);
  expect(heartbeatAge(sandbox, 'recovery')).toBeGreaterThan(8 * MINUTE_MS);
  sandbox.world.change({ operation: 'test:Records', region: '', resource: '', detail: '' }, (world) =>
    withRecords(
      world,
      [{ name: 'api.nano.example', type: 'CNAME', ttl: 60, values: [world.recovery.balancerDnsName] }],
      sandbox.clock.now(),
    ),
  );
  await sandbox.clock.sleep(2 * MINUTE_MS);
  expect(heartbeatAge(sandbox, 'recovery')).toBeLessThan(SECOND_MS);
});

describe('a detached cluster', () => {
  const remove = new RemoveFromGlobalClusterCommand({ ...about, DbClusterIdentifier: east });

  test('takes writes within a minute, beside the old one, and belongs to no global database', async () => {
    const sandbox = opened('healthy', 1);
    await rdsIn(sandbox).send(remove);
    expect((await clusterIn(sandbox, 'us-east-1')).status).toBe('promoting');
    await sandbox.clock.sleep(MINUTE_MS);
    expect(writers(sandbox)).toEqual(['primary', 'recovery']);
    const { found, ...after } = await clusterIn(sandbox, 'us-east-1');
    expect(after).toEqual({ status: 'available', writer: 'nano-db-dr-1' });
    expect(found?.GlobalClusterIdentifier).toBeUndefined();
    await expect(globalCluster(sandbox)).rejects.toMatchObject({ name: 'GlobalClusterNotFoundFault' });
    expect(roles(await globalCluster(sandbox, 'us-west-2'))).toEqual(['west writer']);
  });

  test('an instance in a headless secondary is a reader; in a headless cluster that was detached, the writer', async () => {
    const instance = {
      DBInstanceIdentifier: 'nano-db-dr-1',
      DBClusterIdentifier: 'nano-db-dr',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-mysql',
    };
    const secondary = opened('headless-secondary', 1);
    await rdsIn(secondary).send(new CreateDBInstanceCommand(instance));
    await secondary.clock.sleep(8 * MINUTE_MS);
    expect((await clusterIn(secondary, 'us-east-1')).writer).toBeUndefined();
    await rdsIn(secondary, 'us-west-2').send(
      new SwitchoverGlobalClusterCommand({ ...about, TargetDbClusterIdentifier: east }),
    );
    const detached = opened('headless-secondary', 1);
    await rdsIn(detached).send(remove);
    await detached.clock.sleep(MINUTE_MS);
    expect(writers(detached)).toEqual(['primary']);
    await rdsIn(detached).send(new CreateDBInstanceCommand(instance));
    await detached.clock.sleep(8 * MINUTE_MS);
    expect(await clusterIn(detached, 'us-east-1')).toMatchObject({ writer: 'nano-db-dr-1' });
    expect(writers(detached)).toEqual(['primary', 'recovery']);
  });
});

describe('a stack without a global database', () => {
  const { globalCluster: _none, ...stack } = sandboxStack;
  const replicated: Stack = stack;
  const promote = new PromoteReadReplicaDBClusterCommand({ DBClusterIdentifier: 'nano-db-dr' });

  test('its recovery cluster is a replica of the primary one', async () => {
    const sandbox = opened('healthy', 1, { stack: replicated });
    const { GlobalClusters } = await rdsIn(sandbox).send(new DescribeGlobalClustersCommand({}));
    expect(GlobalClusters).toEqual([]);
    const { found } = await clusterIn(sandbox, 'us-east-1');
    expect(found).toMatchObject({ ReplicationSourceIdentifier: west });
    expect(found?.GlobalClusterIdentifier).toBeUndefined();
    expect((await clusterIn(sandbox, 'us-west-2')).found?.ReadReplicaIdentifiers).toEqual([east]);
    expect(writers(sandbox)).toEqual(['primary']);
  });

  test.each([1, 2, 3])('seed %i: it is promoted in minutes, for good', async (seed) => {
    const sandbox = opened('region-down', seed, { stack: replicated });
    const { DBCluster } = await rdsIn(sandbox).send(promote);
    expect(DBCluster?.Status).toBe('promoting');
    await expect(rdsIn(sandbox).send(promote)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await sandbox.clock.sleep(2 * MINUTE_MS);
    expect((await clusterIn(sandbox, 'us-east-1')).status).toBe('promoting');
    await sandbox.clock.sleep(7 * MINUTE_MS);
    const { found, status } = await clusterIn(sandbox, 'us-east-1');
    expect(status).toBe('available');
    expect(found?.ReplicationSourceIdentifier).toBeUndefined();
    expect(writers(sandbox)).toEqual(['recovery']);
    await expect(rdsIn(sandbox).send(promote)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });
});
