/**
 * A dry run of every runbook, in every scenario in which it would act: it shows what a run would do, and does none of it.
 * What it says is held against a run for real, on the same simulated world.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { standingOf } from '../../src/sandbox/standing.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { findRunbook, listRunbooks } from '../../src/use-cases/runbooks.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';
import { simulate, type Simulated } from './rehearsing.ts';

/** Where a runbook acts. `helps`: false where no model can know that what is done fails, or does not help. */
const acts = [
  { runbook: 'latency', scenario: 'autoscaling-undoes', helps: true },
  { runbook: 'latency', scenario: 'bad-deploy', helps: true },
  { runbook: 'latency', scenario: 'cpu-saturated', helps: true },
  { runbook: 'latency', scenario: 'deployment-in-progress', helps: true },
  { runbook: 'latency', scenario: 'memory-pressure', helps: false },
  { runbook: 'latency', scenario: 'scale-out-does-not-help', helps: false },
  { runbook: 'latency', scenario: 'traffic-surge', helps: false },
  { runbook: 'crash-loop', scenario: 'crash-loop', helps: true },
  { runbook: 'crash-loop', scenario: 'crash-loop-deployment-in-progress', helps: true },
  { runbook: 'errors', scenario: 'deploy-failing', helps: true },
  { runbook: 'database-unavailable', scenario: 'failover-fails', helps: false },
  { runbook: 'database-unavailable', scenario: 'read-only-writer', helps: true },
  { runbook: 'database-unavailable', scenario: 'writer-unreachable', helps: true },
  { runbook: 'database-unavailable', scenario: 'writer-unreachable-no-reader', helps: true },
] as const;

/** Of each runbook one that helps, and one that no model can know to help. */
const tried = inTier<readonly (typeof acts)[number][]>({
  all: acts,
  some: acts.filter(({ scenario }) =>
    ['bad-deploy', 'scale-out-does-not-help', 'crash-loop', 'deploy-failing', 'writer-unreachable'].includes(scenario),
  ),
});

test('every built-in runbook is here', () => {
  const ids = listRunbooks().items.map(({ id }) => id);
  const here = [...tried, ...moves].map(({ runbook }) => runbook);
  expect([...new Set(here)]).toEqual(expect.arrayContaining(ids));
});

/** What a move's dry run says comes of it goes by whether its objectives would be met. */
const moves = [
  { runbook: 'region-failover', scenario: 'region-down', move: { kind: 'failover', mode: 'failover' } },
  { runbook: 'region-failover', scenario: 'headless-secondary', move: { kind: 'failover', mode: 'failover' } },
  { runbook: 'region-drill', scenario: 'healthy', move: { kind: 'drill', mode: 'switchover' } },
  { runbook: 'region-drill', scenario: 'healthy', move: { kind: 'drill', mode: 'failover' } },
  // There is nowhere to go back from: it says so, and plans nothing.
  { runbook: 'region-failback', scenario: 'healthy', move: { kind: 'failback', mode: 'switchover' } },
] as const;

describe.each(moves)('$runbook as a $move.mode in $scenario', ({ runbook: id, scenario, move }) => {
  test('its model ends as the world does when it is done for real, and the world is as it was', async () => {
    const runbook = findRunbook(id);
    const dry = await simulate(runbook, { scenario, mode: 'dry-run', move });
    const real = await simulate(runbook, { scenario, mode: 'execute', move });
    expect(dry.document.verdict).toBe(real.document.verdict);
    expect(callsOf(modelOf(dry))).toEqual(callsOf(real.sandbox.world));
    expect(dry.sandbox.world.inventory.calls).toEqual([]);
    expect(JSON.stringify(dry.sandbox.world.inventory)).toBe(dry.before);
    expect(dry.document.mutations.map(({ status }) => status)).toEqual(dry.document.mutations.map(() => 'planned'));
    expect(dry.told).toEqual([]);
    expect(dry.asked).toEqual([]);
  });
});

describe.each(tried)('$runbook in $scenario', ({ runbook: id, scenario, helps }) => {
  let dry: Simulated;
  let real: Simulated;

  beforeAll(async () => {
    const runbook = findRunbook(id);
    dry = await simulate(runbook, { scenario, mode: 'dry-run' });
    real = await simulate(runbook, { scenario, mode: 'execute' });
  });

  test('its model ends as the world does when it is done for real', () => {
    const planned = endOf(modelOf(dry));
    const done = endOf(real.sandbox.world);
    expect(planned.calls).not.toEqual([]);
    expect(real.document.mutations).not.toEqual([]);
    // What it plans is done; what is done after that did not help is in no plan.
    expect(helps ? done : { ...planned, calls: shared(planned.calls, done.calls) }).toEqual(
      helps ? planned : { ...planned, calls: planned.calls.slice(0, 1) },
    );
  });

  test('the world that it looked at is as it was', () => {
    const { inventory } = dry.sandbox.world;
    expect(inventory.calls).toEqual([]);
    expect(JSON.stringify(inventory)).toBe(dry.before);
    expect(dry.document.api.mutations).toBe(0);
  });

  test('every step says what it rests on, and every change is only planned', () => {
    const { steps, mutations } = dry.document;
    expect(steps.filter(({ basis }) => basis === undefined)).toEqual([]);
    expect(steps.find(({ status, kind }) => status === 'planned' && kind === 'act')).toBeDefined();
    expect(steps.filter(({ kind, status }) => kind === 'act' && status === 'succeeded')).toEqual([]);
    // Looking after a change means looking at the model.
    const after = steps.filter(({ kind, status }) => (kind === 'wait' || kind === 'verify') && status === 'planned');
    expect(after.map(({ basis }) => basis)).toEqual(after.map(() => 'assumed'));
    expect(mutations.map(({ status }) => status)).toEqual(mutations.map(() => 'planned'));
    expect(mutations.length).toBe(modelOf(dry).inventory.calls.length);
  });

  test('the incident goes on, and nobody is told', () => {
    expect(dry.document).toMatchObject({ mode: 'dry-run', verdict: 'attention', exitCode: 1 });
    expect(dry.document.suspended).toBeUndefined();
    expect(dry.told).toEqual([]);
  });
});

describe('a dry run whose reads are denied', () => {
  const cases = [
    {
      runbook: 'latency',
      scenario: 'cpu-saturated',
      denied: 'application-autoscaling:DescribeScalableTargets',
      step: 'scaling-limits',
    },
    { runbook: 'latency', scenario: 'bad-deploy', denied: 'ecs:ListServiceDeployments', step: 'deployments' },
    { runbook: 'crash-loop', scenario: 'crash-loop', denied: 'ecs:DescribeServices', step: 'service-state' },
    { runbook: 'errors', scenario: 'deploy-failing', denied: 'ecs:DescribeServices', step: 'service-state' },
    {
      runbook: 'database-unavailable',
      scenario: 'writer-unreachable',
      denied: 'rds:DescribeDBClusters',
      step: 'database-state',
    },
  ] as const;

  test.each(cases)('$runbook without $denied says what is unknown then', async ({ runbook: id, scenario, ...gap }) => {
    const runbook = findRunbook(id);
    const { document, sandbox } = await simulate(runbook, { scenario, mode: 'dry-run', denied: [gap.denied] });
    const basisOf = new Map(document.steps.map((step) => [step.id, step.basis]));
    expect(basisOf.get(gap.step)).toBe('unknown');
    // Nothing that cannot do without it is planned on the strength of a guess.
    const blocked = document.steps.filter(({ id: step }) =>
      runbook.steps.some(
        (each) =>
          each.id === step && each.needs.some((need) => !need.optional && basisOf.get(need.step.id) === 'unknown'),
      ),
    );
    for (const step of blocked) expect(step).toMatchObject({ basis: 'unknown' });
    expect(document.mutations).toEqual([]);
    expect(['unknown', 'attention']).toContain(document.verdict);
    expect(sandbox.world.inventory.calls).toEqual([]);
  });
});

test('a dry run leaves its journal, and neither a lease nor a world', async () => {
  const state = await mkdtemp(join(tmpdir(), 'nanoops-dry-run-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const env = { XDG_STATE_HOME: state, USER: 'ana' };
  const words = ['runbook', 'run', 'latency', '--dry-run', '--sandbox', 'bad-deploy', '--json'];
  const { exitCode, stdout } = await runMain(words, { env });
  const { runId } = JSON.parse(stdout);
  expect(exitCode).toBe(1);
  const files = await readdir(state, { recursive: true, withFileTypes: true });
  expect(files.flatMap((each) => (each.isFile() ? [join(each.parentPath, each.name)] : []))).toEqual([
    join(state, 'nanoops/runs', runId, 'journal.ndjson'),
  ]);
  expect(JSON.parse((await runMain(['locks', 'list', '--json'], { env })).stdout).items).toEqual([]);
  expect((await runMain(['runs', 'verify', runId], { env })).exitCode).toBe(0);
  const resumed = await runMain(['runs', 'resume', runId, '--json'], { env });
  expect(resumed.exitCode).toBe(2);
  expect(JSON.parse(resumed.stdout).error.code).toBe('NothingToResume');
});

function modelOf({ model }: Simulated): World {
  if (model === undefined) throw new TypeError('there was no model');
  return model;
}

/** The first planned call, if it is among those that were made. */
function shared(planned: readonly string[], done: readonly string[]): string[] {
  return planned.slice(0, 1).filter((call) => done.includes(call));
}

/** How a world stands; moments of it differ by what looking took, for which a model's clock stands still. */
/** Names of deployments differ between a model and its original. */
function callsOf(world: World): readonly string[] {
  return endOf(world).calls.map((call) => call.replace(/ecs-svc\/\d+/, 'ecs-svc'));
}

function endOf(world: World) {
  const { regions, calls } = standingOf(world);
  return { regions, calls: calls.map((call) => call.replace(/:\d\d\.\d{3}Z/, 'Z')) };
}
