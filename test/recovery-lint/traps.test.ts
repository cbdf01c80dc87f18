/** What a lint says of moving a database: loss that nobody is asked for, and a way back that begins too early. */
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/engine/change.ts';
import { settled } from '../../src/engine/step.ts';
import {
  databaseMove,
  reverseDatabaseMove,
  type DatabaseMoveInput,
  type MoveKind,
} from '../../src/runbooks/move/database-move.ts';
import { act, consent, decide, doing, graph, lint, look, polling, wait } from './stage.ts';

const cluster = (region: string) => ({
  region,
  cluster: `nano-${region}`,
  arn: `arn:aws:rds:${region}:123456789012:cluster:nano`,
});
const moving = (kind: MoveKind): Change =>
  databaseMove({ kind, globalCluster: 'nano-global', from: cluster('us-west-2'), to: cluster('us-east-1') }, 60_000);
const all = (['switchover', 'failover', 'detach', 'promotion'] as const).map(moving);

describe('loss', () => {
  const promote = (reverse?: (applied: Change) => Change | undefined) =>
    graph(
      consent,
      act('promote', {
        title: 'Promote',
        where: 'recovery',
        calls: [],
        changes: all.map(({ operation }) => operation),
        ...doing,
        ...(reverse && { reverse }),
      }),
    );
  const judged = (plannedMoves: readonly Change[], runbook = promote()) =>
    lint({ runbook, plannedMoves }).check('lint-data-loss');
  const instead = (operation: string, change: Partial<Change>): readonly Change[] =>
    all.map((each) => (each.operation === operation ? { ...each, ...change } : each));

  test('the product\u2019s own four ways say what they are', () => {
    const own = promote((applied) => reverseDatabaseMove(applied as Change<DatabaseMoveInput>));
    expect(judged(all, own).status).toBe('ok');
  });

  test('a switchover with a loss is a failover that nobody agreed to', () => {
    expect(judged(instead('rds:SwitchoverGlobalCluster', { lossMs: 60_000 }))).toMatchObject({
      status: 'breach',
      evidence: [{ detail: expect.stringContaining('that is a failover') }],
    });
    expect(judged(instead('rds:SwitchoverGlobalCluster', { risk: 'data-loss' })).status).toBe('breach');
  });

  test.each(['rds:FailoverGlobalCluster', 'rds:RemoveFromGlobalCluster', 'rds:PromoteReadReplicaDBCluster'])(
    '%s that does not say that it loses data is one',
    (operation) => {
      expect(judged(instead(operation, { risk: 'irreversible' })).status).toBe('breach');
    },
  );

  test('what lost data is not put back by itself', () => {
    expect(
      judged(
        all,
        promote((applied) => applied),
      ).status,
    ).toBe('breach');
  });

  test('what is not known is not called well, and what moves no database is not judged', () => {
    expect(judged([]).status).toBe('unknown');
    expect(lint().check('lint-data-loss').status).toBe('not-configured');
  });
});

describe('the way back', () => {
  const resynced = wait('failback-resynced', { title: 'In step', where: 'recovery', calls: [], ...polling });
  const changes = ['rds:SwitchoverGlobalCluster'];
  const rule = (runbook: ReturnType<typeof graph>) =>
    lint({ runbook, impaired: 'eu-west-1' }).check('lint-failback-order');

  test('begins once the old region is in step, by way of others too', () => {
    const plan = decide('failback-plan', { title: 'Plan', needs: { resynced: settled(resynced) }, ...look });
    const promote = act('failback-promote', {
      title: 'Back',
      where: 'primary',
      needs: { plan },
      calls: [],
      changes,
      ...doing,
    });
    expect(rule(graph(resynced, plan, consent, promote)).status).toBe('ok');
  });

  test('is a breach where it does not wait', () => {
    const promote = act('failback-promote', { title: 'Back', where: 'primary', calls: [], changes, ...doing });
    expect(rule(graph(consent, promote))).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'nanoops:failback-promote' }],
    });
    expect(rule(graph(resynced, consent, promote)).status).toBe('breach');
  });

  test('of one service does not wait for that of another', () => {
    const other = act('shop-failback-promote', {
      title: 'Back',
      where: 'primary',
      needs: { resynced },
      calls: [],
      changes,
      ...doing,
    });
    expect(rule(graph(resynced, consent, other)).status).toBe('breach');
  });

  test('is none on the way there', () => {
    const promote = act('promote', { title: 'There', where: 'recovery', calls: [], changes, ...doing });
    expect(rule(graph(consent, promote)).status).toBe('not-configured');
  });
});
