/** Making another cluster the writer: what each way is called and costs, how it stands, and when the writer is there. */
import { describe, expect, test } from 'vitest';
import type { DatabaseState } from '../../../src/cloud/facts.ts';
import type { GlobalDatabase } from '../../../src/cloud/recovery-facts.ts';
import {
  applyDatabaseMove,
  databaseMove,
  lookAtDatabaseMove,
  pollDatabaseMove,
  reverseDatabaseMove,
  type DatabaseMoveInput,
  type MoveKind,
} from '../../../src/runbooks/move/database-move.ts';
import { FakeCloud, refusal, type Told } from '../../fakes/cloud.ts';
import { looking } from './looking.ts';
import { database, global, newArn, nowMs, oldArn } from './pictures.ts';

const from = { region: 'us-west-2', cluster: 'nano-db', arn: oldArn };
const to = { region: 'us-east-1', cluster: 'nano-db-dr', arn: newArn };
const kinds = ['switchover', 'failover', 'detach', 'promotion'] as const;

const inputOf = (kind: MoveKind): DatabaseMoveInput =>
  kind === 'promotion' ? { kind, from, to } : { kind, globalCluster: 'nano-global', from, to };
const moves = Object.fromEntries(kinds.map((kind) => [kind, databaseMove(inputOf(kind), 120_000)])) as Readonly<
  Record<MoveKind, ReturnType<typeof databaseMove>>
>;

describe('what it is', () => {
  test.each([
    ['switchover', 'rds:SwitchoverGlobalCluster', 'us-west-2', 'reversible'],
    ['failover', 'rds:FailoverGlobalCluster', 'us-east-1', 'data-loss'],
    ['detach', 'rds:RemoveFromGlobalCluster', 'us-east-1', 'data-loss'],
    ['promotion', 'rds:PromoteReadReplicaDBCluster', 'us-east-1', 'data-loss'],
  ] as const)('%s is %s in %s, %s', (kind, operation, region, risk) => {
    expect(moves[kind]).toMatchObject({ operation, region, risk });
    expect(moves[kind].resource).toBe(kind === 'promotion' ? 'nano-db-dr' : 'nano-global');
  });

  test('only what loses nothing says nothing of a loss, and has a way back', () => {
    expect(moves.switchover).not.toHaveProperty('lossMs');
    for (const kind of ['failover', 'detach', 'promotion'] as const) {
      expect(moves[kind].lossMs).toBe(120_000);
      expect(databaseMove(inputOf(kind))).not.toHaveProperty('lossMs');
      expect(databaseMove(inputOf(kind)).risk).toBe('data-loss');
      expect(reverseDatabaseMove(moves[kind])).toBeUndefined();
    }
    const back = reverseDatabaseMove(moves.switchover);
    expect(back).toMatchObject({ region: 'us-east-1', before: moves.switchover.after, after: moves.switchover.before });
    expect(back && reverseDatabaseMove(back)).toEqual(moves.switchover);
  });

  test.each([
    ['switchover', 'switchOverGlobal', [{ region: 'us-west-2', globalCluster: 'nano-global' }, newArn]],
    ['failover', 'failOverGlobal', [{ region: 'us-east-1', globalCluster: 'nano-global' }, newArn]],
    ['detach', 'removeFromGlobal', [{ region: 'us-east-1', globalCluster: 'nano-global' }, newArn]],
    ['promotion', 'promoteReplica', [to]],
  ] as const)('%s is one call, of the cluster that takes over', async (kind, method, asked) => {
    const { clock, settings } = looking({});
    const regions = ['us-west-2', 'us-east-1'];
    const cloud = new FakeCloud({}, { region: regions, clock, changes: { [method]: () => ({}) } });
    const hooks = { run: () => Promise.reject(new Error('nobody is to be asked')) };
    const notifier = { notify: () => Promise.reject(new Error('nobody is to be told')) };
    await applyDatabaseMove(moves[kind], { ports: { changes: cloud.changes, hooks, notifier }, settings, clock });
    expect(cloud.changed).toEqual([{ change: method, asked, done: true }]);
  });
});

const moving = (status: string, target: string | undefined, writer: 'west' | 'east' = 'west'): GlobalDatabase =>
  global({ moving: { status, ...(target === undefined ? {} : { to: target }) } }, writer);
const gone = refusal('globalDatabase', 'not-found');
const alone = global({ members: global().members.slice(0, 1) });
const third = global({
  members: [
    ...global().members.map((each) => ({ ...each, isWriter: false })),
    { arn: 'arn:third', region: 'eu-west-1', cluster: 'nano-db-eu', isWriter: true },
  ],
});

describe('how it stands', () => {
  test.each<[string, string, GlobalDatabase | Error]>([
    ['not-started', 'the old one writes', global()],
    ['in-flight', 'it waits', moving('pending', newArn)],
    ['in-flight', 'it is switched over', moving('switching-over', newArn)],
    ['in-flight', 'it fails over', moving('failing-over', newArn)],
    ['in-flight', 'it is called off', moving('cancelling', newArn)],
    ['in-flight', 'AWS has a new word for it', moving('reticulating', newArn)],
    ['in-flight', 'AWS does not say where to', moving('pending', undefined)],
    ['in-flight', 'the roles changed and it is not over', moving('switching-over', newArn, 'east')],
    ['drifted', 'it is moved to another one', moving('switching-over', 'arn:third')],
    ['drifted', 'it is moved back', moving('switching-over', oldArn, 'east')],
    ['done', 'the new one writes', global({}, 'east')],
    ['drifted', 'a third one writes', third],
    ['drifted', 'it is not part of it any more', alone],
    ['drifted', 'the global database is gone', gone],
    ['drifted', 'nobody writes', global({ members: global().members.map((each) => ({ ...each, isWriter: false })) })],
  ])('a switchover and a failover: %s where %s', async (state, _what, globalDatabase) => {
    expect(await lookAtDatabaseMove(moves.switchover, looking({ globalDatabase }))).toMatchObject({ state });
    expect(await lookAtDatabaseMove(moves.failover, looking({ globalDatabase }))).toMatchObject({ state });
  });

  test('of what cannot be read is an error, and not an answer', async () => {
    const globalDatabase = refusal('globalDatabase', 'unreachable');
    for (const kind of ['switchover', 'failover', 'detach'] as const) {
      await expect(lookAtDatabaseMove(moves[kind], looking({ globalDatabase }))).rejects.toThrow('unreachable');
    }
    const databaseState = refusal('databaseState', 'unreachable');
    await expect(lookAtDatabaseMove(moves.promotion, looking({ databaseState }))).rejects.toThrow('unreachable');
  });

  test.each<[string, string, GlobalDatabase | Error, string]>([
    ['not-started', 'it follows', global(), 'available'],
    ['done', 'it is on its own', alone, 'available'],
    ['done', 'all of it is gone', gone, 'available'],
    ['in-flight', 'it is on its own, and not there yet', alone, 'promoting'],
    ['drifted', 'it is the writer already', global({}, 'east'), 'available'],
    ['drifted', 'it is being moved by somebody', moving('failing-over', newArn), 'available'],
  ])('a detachment: %s where %s', async (state, _what, globalDatabase, status) => {
    const databaseState = database('nano-db-dr', { status });
    expect(await lookAtDatabaseMove(moves.detach, looking({ globalDatabase, databaseState }))).toMatchObject({ state });
  });

  test.each<[string, Partial<DatabaseState>]>([
    ['not-started', { replicatesFrom: oldArn }],
    ['in-flight', { replicatesFrom: oldArn, status: 'promoting' }],
    ['in-flight', { status: 'promoting' }],
    ['in-flight', { status: 'rebooting' }],
    ['done', {}],
    ['done', { status: 'backing-up' }],
  ])('a promotion: %s with %j', async (state, more) => {
    const databaseState = database('nano-db-dr', more);
    expect(await lookAtDatabaseMove(moves.promotion, looking({ databaseState }))).toMatchObject({ state });
  });

  test('is asked of the region that takes over alone', async () => {
    const regions: string[] = [];
    const told: Told = {
      globalDatabase: ({ region }) => {
        regions.push(region);
        return global({}, 'east');
      },
      databaseState: ({ region }) => {
        regions.push(region);
        return database('nano-db-dr');
      },
    };
    for (const kind of kinds) await pollDatabaseMove(moves[kind], looking(told));
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
  });
});

describe('waiting for the writer', () => {
  const writes = { globalDatabase: global({}, 'east') };
  const [instance] = database('nano-db-dr').instances;
  const reader = { ...instance, role: 'reader' } as DatabaseState['instances'][number];

  test.each<[string, string, Partial<DatabaseState>]>([
    ['reached', 'is available', {}],
    ['waiting', 'fails over', { status: 'failing-over' }],
    ['waiting', 'has no instance', { instances: [] }],
    ['waiting', 'has readers only', { instances: [reader] }],
    ['waiting', 'has a writer that starts', { instances: [{ ...reader, role: 'writer', status: 'rebooting' }] }],
  ])('is %s where the cluster %s', async (state, _what, more) => {
    const seen = await pollDatabaseMove(
      moves.failover,
      looking({ ...writes, databaseState: database('nano-db-dr', more) }),
    );
    expect(seen).toMatchObject({ state });
  });

  test('yields when it was seen, and the host that follows the writer', async () => {
    const seen = await pollDatabaseMove(moves.failover, looking({ ...writes, databaseState: database('nano-db-dr') }));
    expect(seen).toEqual({
      state: 'reached',
      output: { at: nowMs, endpoint: 'nano-db-dr.cluster-x.rds.amazonaws.com' },
      detail: 'nano-db-dr-1 in us-east-1 is the writer',
    });
  });

  test('goes on while nothing has begun, and ends where somebody else moves it', async () => {
    expect(await pollDatabaseMove(moves.switchover, looking({ globalDatabase: global() }))).toMatchObject({
      state: 'waiting',
    });
    expect(await pollDatabaseMove(moves.switchover, looking({ globalDatabase: third }))).toMatchObject({
      state: 'failed',
    });
  });
});
