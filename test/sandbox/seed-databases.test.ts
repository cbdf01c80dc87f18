/** A model that was built from what was read of two regions' databases starts where they are. */
import { describe, expect, test } from 'vitest';
import type { DatabaseState } from '../../src/cloud/facts.ts';
import type { GlobalDatabase, GlobalMember, ReplicationLag } from '../../src/cloud/recovery-facts.ts';
import { sandboxStack, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { withMove } from '../../src/sandbox/world/global-changes.ts';
import { lagAt, membersAt, moveAt, newestHeartbeatAt, writersAt } from '../../src/sandbox/world/global-database.ts';
import { isDead } from '../../src/sandbox/world/region-outage.ts';
import { seedWorld, type CapturedStack } from '../../src/sandbox/world/seed-world.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const now = sandboxStartMs;
const source = { operation: 'rds:DescribeDBClusters', region: 'us-west-2', detail: '' };

function cluster(name: string, role?: 'writer' | 'reader', state: Partial<DatabaseState> = {}): DatabaseState {
  const instance = { id: `${name}-1`, status: 'available', instanceClass: 'db.r6g.large', performanceInsights: true };
  return {
    status: 'available',
    engine: 'aurora-mysql',
    engineVersion: '8.0.mysql_aurora.3.10.0',
    multiAz: true,
    instances: role === undefined ? [] : [{ ...instance, role }],
    logExports: [],
    securityGroups: [],
    source,
    ...state,
  };
}

const arn = { 'us-west-2': 'nano-db', 'us-east-1': 'nano-db-dr' } as const;
type Region = keyof typeof arn;
const arnIn = (region: Region) => `arn:aws:rds:${region}:123456789012:cluster:${arn[region]}`;

function member(region: Region, isWriter: boolean, synchronization = 'connected'): GlobalMember {
  return { arn: arnIn(region), region, cluster: arn[region], isWriter, synchronization };
}

const globalOf = (members: readonly GlobalMember[], rest: Partial<GlobalDatabase> = {}): GlobalDatabase => ({
  globalCluster: 'nano-global',
  status: 'available',
  members,
  source,
  ...rest,
});

const lagOf = (ms: number, ageMs = MINUTE_MS): ReplicationLag => ({
  metric: 'AuroraGlobalDBRPOLag',
  lag: { points: [{ at: now - ageMs, value: ms }], label: 'lag', unit: 'ms', periodMs: MINUTE_MS, source },
});

const usual: CapturedStack = {
  primary: { database: cluster('nano-db', 'writer') },
  recovery: { database: cluster('nano-db-dr', 'reader') },
  global: globalOf([member('us-west-2', true), member('us-east-1', false)]),
};

const seeded = (captured: Partial<CapturedStack>, typical = true) =>
  seedWorld(sandboxStack, { ...usual, ...captured }, { seed: 1, startMs: now, typical });

test('as it usually is: one writer, one copy, as far behind as it was seen to be', () => {
  const world = seeded({ lag: lagOf(640) });
  expect(writersAt(world, now)).toEqual(['primary']);
  expect(lagAt(world, 'recovery', now)).toBe(640);
  expect(membersAt(world, now)).toEqual([
    { side: 'primary', isWriter: true, synchronization: 'connected' },
    { side: 'recovery', isWriter: false, synchronization: 'connected' },
  ]);
});

test('after a failover that somebody made: the recovery region writes, and the other is still being made anew', () => {
  const world = seeded({
    primary: { database: cluster('nano-db', 'reader') },
    recovery: { database: cluster('nano-db-dr', 'writer') },
    global: globalOf([member('us-east-1', true), member('us-west-2', false, 'pending-resync')]),
  });
  expect(writersAt(world, now)).toEqual(['recovery']);
  expect(membersAt(world, now)[1]).toEqual({ side: 'primary', isWriter: false, synchronization: 'pending-resync' });
  expect(membersAt(world, now + 20 * MINUTE_MS)[1]?.synchronization).toBe('connected');
});

test('a cluster that was detached, and a replica that was promoted, write beside the old one', () => {
  const recovery = { database: cluster('nano-db-dr', 'writer') };
  const detached = seeded({ recovery, global: globalOf([member('us-west-2', true)]) });
  expect(writersAt(detached, now)).toEqual(['primary', 'recovery']);
  const { globalCluster: _none, ...stack } = sandboxStack;
  const promoted = seedWorld(stack, { primary: usual.primary, recovery }, { seed: 1, startMs: now });
  expect(promoted.replication.kind).toBe('replica');
  expect(writersAt(promoted, now)).toEqual(['primary', 'recovery']);
  const replicatesFrom = arnIn('us-west-2');
  const copying = { database: cluster('nano-db-dr', 'writer', { replicatesFrom }) };
  const replica = seedWorld(stack, { primary: usual.primary, recovery: copying }, { seed: 1, startMs: now });
  expect(writersAt(replica, now)).toEqual(['primary']);
});

test('no instance, and other versions, as they were read', () => {
  const world = seeded({
    recovery: { database: cluster('nano-db-dr', undefined, { engineVersion: '8.0.mysql_aurora.3.09.0' }) },
  });
  expect(world.recovery.database.instances).toEqual([]);
  expect(world.recovery.database.engineVersion).not.toBe(world.primary.database.engineVersion);
});

describe('a region that did not answer', () => {
  const world = seeded({ primary: { unreachable: true }, lag: lagOf(800, 4 * MINUTE_MS) });

  test('is down, since the last write came across', () => {
    expect(isDead(world, 'primary', now)).toBe(true);
    expect(isDead(world, 'recovery', now)).toBe(false);
    const newest = newestHeartbeatAt(world, 'recovery', now) ?? 0;
    expect(now - newest).toBeGreaterThan(4 * MINUTE_MS);
    expect(now - newest).toBeLessThan(4 * MINUTE_MS + 3 * SECOND_MS);
  });

  test('is taken to run the version that the other one does, so that a failover is not refused for it', () => {
    expect(world.primary.database.engineVersion).toBe('8.0.mysql_aurora.3.10.0');
    const after = withMove(world, 'failover', 'recovery', now);
    expect(writersAt(after, now + 5 * MINUTE_MS)).toEqual(['recovery']);
  });
});

test('a copy that is far behind though both regions answer does not follow', () => {
  const world = seeded({ lag: lagOf(20 * MINUTE_MS) });
  expect(lagAt(world, 'recovery', now)).toBeGreaterThan(20 * MINUTE_MS);
  expect(lagAt(world, 'recovery', now + MINUTE_MS)).toBeCloseTo((lagAt(world, 'recovery', now) ?? 0) + MINUTE_MS);
});

test('a failover that is under way goes on', () => {
  const moving = { status: 'failing-over', from: arnIn('us-west-2'), to: arnIn('us-east-1'), allowsDataLoss: true };
  const world = seeded({ global: globalOf([member('us-west-2', true), member('us-east-1', false)], { moving }) });
  expect(moveAt(world, now)).toMatchObject({ kind: 'failover', to: 'recovery' });
  expect(writersAt(world, now + 5 * MINUTE_MS)).toEqual(['recovery']);
});

test('a model that predicts takes the middle of what a move may take, whatever its seed', () => {
  const took = (seed: number, typical: boolean) => {
    const world = seedWorld(sandboxStack, usual, { seed, startMs: now, typical });
    return (withMove(world, 'failover', 'recovery', now).replication.moves[0]?.endedAt ?? 0) - now;
  };
  const typical = took(1, true);
  expect(took(2, true)).toBe(typical);
  const drawn = Array.from({ length: 60 }, (_, seed) => took(seed, false));
  expect(new Set(drawn).size).toBeGreaterThan(50);
  expect(Math.min(...drawn)).toBeLessThan(typical);
  expect(Math.max(...drawn)).toBeGreaterThan(typical);
});
