/** A world that was seeded from what was read of a stack gives the same facts back, and goes on from there. */
import { describe, expect, test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import type { Facts } from '../../src/cloud/facts.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { sandboxStack, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { seedWorld, type CapturedRegion, type CapturedStack } from '../../src/sandbox/world/seed-world.ts';
import { opened, reopened, type Opened } from './services/opened.ts';

const MINUTE = 60_000;
const compute = { region: 'us-west-2', cluster: 'nano', service: 'nano-api' };
const database = { region: 'us-west-2', cluster: 'nano-db' };

function factsOf(sandbox: Opened): Facts {
  const { requestHandler, credentials } = sandbox.settings();
  return openAws({ clock: sandbox.clock, random: seeded(1), mode: 'read-only', requestHandler, credentials }).facts;
}

async function captured(facts: Facts, nowMs: number): Promise<CapturedRegion> {
  const window = { from: nowMs - 60 * MINUTE, to: nowMs };
  const [state, deployments, scaling, found] = await Promise.all([
    facts.serviceState(compute),
    facts.deployments(compute, window),
    facts.scalingLimits(compute),
    facts.databaseState(database),
  ]);
  return { service: { state, deployments }, ...(scaling !== undefined && { scaling }), database: found };
}

/** Without what nobody can know again: what the events said, when AWS last touched it, how far back it can be restored. */
function essence({ service, scaling, database: cluster }: CapturedRegion) {
  return {
    state: service && {
      ...service.state,
      events: [],
      deployments: service.state.deployments.map(({ updatedAt: _updatedAt, ...each }) => each),
    },
    deployments: service?.deployments,
    scaling,
    cluster: cluster && { ...cluster, restorableTo: undefined },
  };
}

describe.each([
  'healthy',
  'bad-deploy',
  'deployment-in-progress',
  'crash-loop-deployment-in-progress',
  'scale-out-does-not-help',
])('%s', (scenario) => {
  test.each([1, 2, 3])('seed %i: the facts come back as they were read', async (seed) => {
    const live = opened(scenario, seed);
    const read = await captured(factsOf(live), live.clock.now());
    const startMs = live.clock.now();
    const likeness = reopened({ inventory: seedWorld(sandboxStack, { primary: read }, { seed: 77, startMs }) });
    const again = await captured(factsOf(likeness), startMs);
    expect(essence(again)).toEqual(essence(read));
  });
});

async function seededFrom(scenario: string, change: (read: CapturedRegion) => CapturedRegion) {
  const live = opened(scenario, 4);
  const read = change(await captured(factsOf(live), live.clock.now()));
  const stack: CapturedStack = { primary: read };
  const startMs = live.clock.now();
  const sandbox = reopened({ inventory: seedWorld(sandboxStack, stack, { seed: 5, startMs }) });
  return { sandbox, facts: factsOf(sandbox), read };
}

test('a rollout that was under way goes on to its end', async () => {
  const { sandbox, facts } = await seededFrom('deployment-in-progress', (read) => read);
  expect((await facts.serviceState(compute)).deployments[0]?.rollout).toBe('in-progress');
  await sandbox.clock.sleep(6 * MINUTE);
  const after = await facts.serviceState(compute);
  expect(after.deployments).toMatchObject([{ rollout: 'completed', running: 6 }]);
  expect(after.desired).toBe(6);
});

test('tasks that were missing are started', async () => {
  const { sandbox, facts } = await seededFrom('healthy', (read) => ({
    ...read,
    ...(read.service && {
      service: {
        ...read.service,
        state: {
          ...read.service.state,
          running: 4,
          deployments: read.service.state.deployments.map((each) => ({ ...each, running: 4 })),
        },
      },
    }),
  }));
  expect(await facts.serviceState(compute)).toMatchObject({ desired: 6, running: 4 });
  await sandbox.clock.sleep(2 * MINUTE);
  expect(await facts.serviceState(compute)).toMatchObject({ desired: 6, running: 6 });
});

test('another size, other limits, another network, another writer', async () => {
  const { facts, read } = await seededFrom('healthy', (given) => ({
    service: given.service && {
      ...given.service,
      state: {
        ...given.service.state,
        desired: 11,
        running: 11,
        subnets: ['subnet-one', 'subnet-two'],
        securityGroups: ['sg-service'],
        deployments: given.service.state.deployments.map((each) => ({ ...each, desired: 11, running: 11 })),
      },
    },
    scaling: { min: 9, max: 30, policies: ['by-requests'], suspended: ['scheduled'] },
    database: given.database && {
      ...given.database,
      engineVersion: '8.0.mysql_aurora.3.10.0',
      securityGroups: ['sg-database'],
      subnetGroup: 'orders-subnets',
      parameterGroup: 'orders-params',
      instances: given.database.instances.map((each) => ({
        ...each,
        instanceClass: 'db.r7g.4xlarge',
        role: each.role === 'writer' ? 'reader' : 'writer',
      })),
    },
  }));
  expect(essence(await captured(facts, sandboxStartMs))).toEqual(essence(read));
});

test('a cluster that was failing over, and a writer that had failed', async () => {
  const moving = await seededFrom('healthy', (given) => ({
    ...given,
    database: given.database && { ...given.database, status: 'failing-over' },
  }));
  expect((await moving.facts.databaseState(database)).status).toBe('failing-over');
  await moving.sandbox.clock.sleep(2 * MINUTE);
  const after = await moving.facts.databaseState(database);
  expect(after.status).toBe('available');
  expect(after.instances.find((each) => each.role === 'writer')?.id).toBe('nano-db-2');
  const failed = await seededFrom('healthy', (given) => ({
    ...given,
    database: given.database && {
      ...given.database,
      instances: given.database.instances.map((each) =>
        each.role === 'writer' ? { ...each, status: 'failed' } : each,
      ),
    },
  }));
  const writer = (await failed.facts.databaseState(database)).instances.find((each) => each.role === 'writer');
  expect(writer?.status).toBe('failed');
});

test('what was not read is made up, and the account is that of the ARNs', async () => {
  const { read } = await seededFrom('healthy', (given) => given);
  const service = read.service && {
    ...read.service,
    state: {
      ...read.service.state,
      taskDefinition: read.service.state.taskDefinition.replace(/:\d{12}:/, ':444455556666:'),
    },
  };
  const { account: _account, ...nameless } = sandboxStack;
  const inventory = seedWorld(nameless, { primary: { service } }, { seed: 1, startMs: sandboxStartMs });
  expect(inventory.names.account).toBe('444455556666');
  expect(inventory.primary.scaling).toBeUndefined();
  expect(inventory.primary.database.instances).toHaveLength(2);
  expect(inventory.recovery.scaling).toBeDefined();
});
