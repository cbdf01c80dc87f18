/** Failover, failback and drill on the simulated AWS: what an operator gets in each bad day, and what never happens. */
import { describe, expect, test } from 'vitest';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { worstRisk } from '../../src/engine/change.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import { regionDrill } from '../../src/runbooks/region-drill.ts';
import { regionFailback } from '../../src/runbooks/region-failback.ts';
import { regionFailover } from '../../src/runbooks/region-failover.ts';
import { writersAt } from '../../src/sandbox/world/global-database.ts';
import { desiredAt } from '../../src/sandbox/world/inventory.ts';
import { operator } from '../commands/operator.ts';
import { simulate, type Simulated, type SimulatedOptions } from '../use-cases/rehearsing.ts';

type Options = Partial<Omit<SimulatedOptions, 'scenario'>>;

const failover = (scenario: string, options: Options = {}) =>
  simulate(regionFailover, { scenario, mode: 'execute', move: { kind: 'failover', mode: 'failover' }, ...options });

const drill = (scenario: string, mode: 'switchover' | 'failover' = 'switchover', options: Options = {}) =>
  simulate(regionDrill, { scenario, mode: 'execute', move: { kind: 'drill', mode }, ...options });

/** What `--yes` answers: everything that cannot lose data. */
function onlyHarmless({ stepId, changes }: AskedQuestion): Answer {
  return worstRisk(changes) === 'data-loss'
    ? { kind: 'absent', reason: `"${stepId}" may lose data`, nextSteps: [] }
    : { kind: 'given', by: 'ana', how: 'yes' };
}

const step = (document: RunDocument, id: string) => document.steps.find((each) => each.id === id);

/** What must hold whatever happened. */
function expectSafe({ document, sandbox, asked }: Simulated): void {
  const { objectives, failback, recovery } = document;
  const told = [objectives, failback?.objectives].flatMap((each) => (each === undefined ? [] : [each.rto, each.rpo]));
  expect(told.filter(({ measuredMs, met }) => measuredMs === null && met !== null)).toEqual([]);
  // Two writers only where the run says so, and somebody agreed to lose data.
  const { world } = sandbox;
  const isTwofold = writersAt(world.inventory, world.now()).length > 1;
  const isSaid = recovery?.splitBrain === 'possible' && asked.some(({ changes }) => worstRisk(changes) === 'data-loss');
  expect(isTwofold && !isSaid).toBe(false);
  const agreed = asked.flatMap(({ changes }) => changes.map(({ operation, resource }) => `${operation} ${resource}`));
  const made = document.mutations.filter(({ status }) => status !== 'failed');
  expect(agreed).toEqual(expect.arrayContaining(made.map(({ operation, resource }) => `${operation} ${resource}`)));
}

describe('a failover', () => {
  test('of a region that is down: asked for with its loss, timed, and seen to work from outside', async () => {
    const run = await failover('region-down');
    const { document, sandbox } = run;
    expectSafe(run);
    expect(document).toMatchObject({
      // Both objectives are met, and from outside nobody can tell a region that is dead from one that is cut off.
      verdict: 'attention',
      exitCode: 1,
      objectives: { rto: { met: true }, rpo: { met: true } },
      recovery: { mode: 'failover', outageBasis: 'probe', splitBrain: 'possible', from: 'us-west-2', to: 'us-east-1' },
    });
    const { phases, measuredMs } = document.objectives?.rto ?? {};
    expect(Object.values(phases ?? {}).reduce<number>((sum, phase) => sum + (phase ?? Number.NaN), 0)).toBe(measuredMs);
    expect(writersAt(sandbox.world.inventory, sandbox.world.now())).toEqual(['recovery']);
    expect(run.asked.map(({ stepId }) => stepId)).toEqual(['approve-failover']);
    expect(run.asked[0]).toMatchObject({ decideBy: expect.any(Number) });
    expect(run.asked[0]?.changes.find(({ risk }) => risk === 'data-loss')).toMatchObject({
      operation: 'rds:FailoverGlobalCluster',
      lossMs: expect.any(Number),
    });
  });

  test('asks nothing of the dead region that it waits for longer than it says', async () => {
    const { document } = await failover('region-down');
    const asking = document.steps.filter(({ id }) => id.startsWith('old-'));
    expect(asking.map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    for (const { durationMs } of asking) expect(durationMs).toBeLessThanOrEqual(8_000);
  });

  test('is never agreed to by --yes alone where data may be lost', async () => {
    const run = await failover('region-down', { answer: onlyHarmless });
    expectSafe(run);
    expect(run.document).toMatchObject({ verdict: 'awaiting-approval', exitCode: 4, mutations: [] });
    expect(run.sandbox.world.inventory.calls).toEqual([]);
  });

  test('of a region that is well is a switchover, and loses nothing', async () => {
    const run = await failover('healthy', { answer: onlyHarmless });
    expectSafe(run);
    expect(run.document).toMatchObject({
      verdict: 'ok',
      recovery: { mode: 'switchover', outageBasis: 'declared', splitBrain: 'excluded' },
      objectives: { rpo: { measuredMs: 0, met: true } },
    });
  });

  test('of a region that answers half of the time ends, and says what it does not know', async () => {
    const run = await failover('region-impaired');
    expectSafe(run);
    const { verdict, recovery } = run.document;
    expect(recovery?.mode).toBe('failover');
    expect(['ok', 'unknown', 'attention']).toContain(verdict);
    expect(verdict === 'attention').toBe(recovery?.splitBrain === 'possible');
    // Whatever became of the fence: what is said of it is so.
    const { inventory } = run.sandbox.world;
    const runs = desiredAt(inventory.primary, run.sandbox.world.now());
    expect(recovery?.splitBrain === 'excluded' ? runs : 0).toBe(0);
  });

  test('where the writer goes on behind a cut line says that two writers are possible', async () => {
    const run = await failover('split-brain-risk');
    expectSafe(run);
    expect(run.document).toMatchObject({ verdict: 'attention', exitCode: 1, recovery: { splitBrain: 'possible' } });
    expect(run.document.nextSteps?.join('\n')).toContain('aws ecs update-service --region us-west-2');
    expect(run.asked[0]?.facts.join(' ')).toMatch(/split brain|two writers/);
  });

  test('that sticks fails, lists what stays, and says how it can be given up', async () => {
    const run = await failover('failover-stuck');
    expectSafe(run);
    expect(run.document).toMatchObject({ verdict: 'failed', exitCode: 5, objectives: { rto: { met: null } } });
    expect(step(run.document, 'move-traffic')?.status).toBe('blocked');
    expect(run.document.nextSteps?.join('\n')).toContain('aws rds remove-from-global-cluster --region us-east-1');
  });

  test('whose DNS cannot be changed does not begin, since nobody could follow', async () => {
    const run = await failover('dns-control-plane-down');
    expectSafe(run);
    expect(run.document).toMatchObject({ verdict: 'attention', exitCode: 1, mutations: [] });
    expect(run.document.recovery?.blockers.join(' ')).toContain('Route 53');
    expect(run.sandbox.world.inventory.calls).toEqual([]);
  });

  test.each([
    ['replication-stalled', 'behind'],
    ['version-mismatch', 'engine versions differ'],
    ['capacity-short', 'fewer than today'],
  ])('in %s is not begun while the region is well', async (scenario, reason) => {
    const run = await failover(scenario);
    expect(run.document).toMatchObject({ verdict: 'attention', exitCode: 1, mutations: [] });
    expect(run.document.recovery?.blockers.join(' ')).toContain(reason);
  });

  test('to a cluster without an instance makes one first', async () => {
    const run = await failover('headless-secondary');
    expectSafe(run);
    expect(run.document.verdict).toBe('ok');
    expect(run.document.mutations.map(({ operation }) => operation)).toContain('rds:CreateDBInstance');
    expect(run.document.recovery?.lessons.join(' ')).toContain('Keep an instance in the recovery region');
  });

  test('without anything to ask from outside never says that RTO was met', async () => {
    const { probeUrl: _probe, writeProbe: _write, ...api } = apiParts;
    const run = await failover('region-down', { config: { api } });
    expect(run.document).toMatchObject({
      verdict: 'attention',
      exitCode: 1,
      objectives: { rto: { measuredMs: null, met: null } },
    });
    expect(run.document.notes?.join(' ')).toContain('api.probeUrl is not configured');
  });
});

const apiParts = {
  loadBalancer: 'app/nano-alb/50dc6c495c0c9188',
  targetGroup: 'targetgroup/nano-api/73e2d6bc24d8a067',
  recovery: {
    loadBalancer: 'app/nano-alb-dr/8f4c1b7d2e6a9035',
    targetGroup: 'targetgroup/nano-api-dr/1d9e5a3c7b2f4860',
  },
  probeUrl: 'https://api.nano.example/healthz',
  writeProbe: { exec: ['./write'] },
};

describe('a drill', () => {
  test('goes there and back, and leaves the stack as it was', async () => {
    const run = await drill('healthy', 'switchover', { answer: onlyHarmless });
    expectSafe(run);
    const { document, sandbox } = run;
    expect(document).toMatchObject({
      verdict: 'ok',
      exitCode: 0,
      objectives: { rto: { met: true }, rpo: { measuredMs: 0, met: true } },
      failback: { objectives: { rto: { met: true }, rpo: { measuredMs: 0, met: true } } },
    });
    expect(step(document, 'steady-again')?.status).toBe('succeeded');
    const { inventory } = sandbox.world;
    expect(writersAt(inventory, sandbox.world.now())).toEqual(['primary']);
    expect(inventory.recovery.scaling?.min).toBe(2);
    expect(document.steps.filter(({ id }) => id.startsWith('failback-')).length).toBeGreaterThan(30);
  });

  test('as a failover measures its loss by heartbeats, waits until the regions are in step, and comes back', async () => {
    const run = await drill('healthy', 'failover');
    expectSafe(run);
    const { document, sandbox } = run;
    expect(document).toMatchObject({
      verdict: 'ok',
      recovery: { mode: 'failover' },
      failback: { recovery: { mode: 'switchover' } },
    });
    expect(document.objectives?.rpo.stores.find(({ store }) => store === 'database')?.basis).toContain('heartbeats');
    expect(step(document, 'failback-resynced')?.durationMs).toBeGreaterThan(60_000);
    const { inventory } = sandbox.world;
    expect(writersAt(inventory, sandbox.world.now())).toEqual(['primary']);
    // The fence held while the other region served, and is gone: tasks and scaling are as before.
    expect(step(document, 'fence-holds')?.detail).toBe('no task runs there');
    expect(inventory.primary.scaling).toMatchObject({ min: 6, suspended: [] });
    expect(desiredAt(inventory.primary, sandbox.world.now())).toBe(6);
    // Only that tasks were replaced is not brought back.
    const stays = document.mutations.filter(({ status, restores }) => status === 'applied' && restores === undefined);
    expect(new Set(stays.map(({ stepId }) => stepId.replace('failback-', '')))).toEqual(
      new Set(['restart-application']),
    );
  });

  test.each(['region-down', 'replication-stalled', 'version-mismatch', 'capacity-short'])(
    'is not begun in %s',
    async (scenario) => {
      const run = await drill(scenario);
      expect(run.document).toMatchObject({ verdict: 'attention', exitCode: 1, mutations: [] });
      expect(run.sandbox.world.inventory.calls).toEqual([]);
    },
  );

  test('whose limit ends it before anybody has decided could not tell; nothing is wrong with the stack', async () => {
    const ana = await operator();
    const { exitCode, stdout } = await ana.type('dr drill --timeout 1s --sandbox --yes --json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'unknown', mutations: [] });
  });

  test('rehearsed changes nothing, and predicts what it would come to', async () => {
    const run = await drill('healthy', 'switchover', { mode: 'dry-run' });
    expect(run.document).toMatchObject({
      verdict: 'ok',
      exitCode: 0,
      objectives: {
        rto: { measuredMs: null, met: null, wouldMeet: true },
        rpo: { measuredMs: null, met: null, wouldMeet: true },
      },
    });
    expect(run.document.steps.find(({ id }) => id === 'database-promoted')?.predictedMs).toBeGreaterThan(10_000);
    expect(run.sandbox.world.inventory.calls).toEqual([]);
    expect(run.document.api.mutations).toBe(0);
  });
});

describe('a way back', () => {
  test('of a stack that never left has nothing to move', async () => {
    const run = await simulate(regionFailback, {
      scenario: 'healthy',
      mode: 'execute',
      move: { kind: 'failback', mode: 'switchover' },
    });
    expect(run.document).toMatchObject({ verdict: 'attention', mutations: [] });
    expect(run.document.recovery?.blockers.join(' ')).toContain('us-west-2 serves already');
    expect(run.document.recovery?.lessons).toEqual([]);
  });

  test('of a stack that was moved leaves it where it was', async () => {
    const moved = await failover('healthy', { move: { kind: 'failover', mode: 'switchover' } });
    const run = await simulate(regionFailback, {
      scenario: 'healthy',
      mode: 'execute',
      move: { kind: 'failback', mode: 'switchover' },
      after: moved,
    });
    expect(moved.document.verdict).toBe('ok');
    expect(run.document).toMatchObject({ verdict: 'ok', recovery: { from: 'us-east-1', to: 'us-west-2' } });
    expect(run.document.mutations.map(({ status }) => status)).toEqual(run.document.mutations.map(() => 'applied'));
    expect(run.document.mutations.length).toBeGreaterThan(2);
    for (const each of [moved, run]) expectSafe(each);
    const writers = ({ sandbox: { world } }: Simulated) => writersAt(world.inventory, world.now());
    expect([moved, run].map(writers)).toEqual([['recovery'], ['primary']]);
  });
});
