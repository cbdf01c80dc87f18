/** Tasks that exit soon after they started, again and again, as clients see them; and tasks that were merely replaced. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { parseScenario, resolveFaults } from '../../../src/sandbox/scenarios/scenario.ts';
import { inventoryOf } from '../../../src/sandbox/world/world.ts';
import { sandboxStack, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { opened, reopened, type Opened } from './opened.ts';

const cluster = 'nano';
const service = 'nano-api';
const MINUTE = 60_000;
const seeds = [1, 2, 3, 4];

async function look(sandbox: Opened) {
  const ecs = new ECSClient(sandbox.settings());
  const balancer = new ElasticLoadBalancingV2Client(sandbox.settings());
  const listed = await ecs.send(new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' }));
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: listed.taskArns }));
  const { services: [described] = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/nano-api/73e2d6bc24d8a067';
  const { TargetHealthDescriptions = [] } = await balancer.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const recent = tasks.filter((task) => (task.stoppedAt?.getTime() ?? 0) > sandbox.clock.now() - 5 * MINUTE);
  const exited = recent.filter((task) => task.stopCode === 'EssentialContainerExited');
  return {
    ecs,
    described,
    recent,
    exited,
    exitCodes: [...new Set(exited.map((task) => task.containers?.[0]?.exitCode))],
    revisions: [...new Set(exited.map((task) => task.taskDefinitionArn))],
    healthy: TargetHealthDescriptions.filter((each) => each.TargetHealth?.State === 'healthy').length,
    complains: described?.events?.some((each) => each.message?.includes('unable to consistently start tasks')),
  };
}

async function deploymentsOf(sandbox: Opened) {
  const { serviceDeployments = [] } = await new ECSClient(sandbox.settings()).send(
    new ListServiceDeploymentsCommand({
      cluster,
      service,
      createdAt: { after: new Date(sandbox.startMs - 60 * MINUTE) },
    }),
  );
  return serviceDeployments;
}

async function lastWordsIn(sandbox: Opened): Promise<readonly string[]> {
  const { events = [] } = await new CloudWatchLogsClient(sandbox.settings()).send(
    new FilterLogEventsCommand({
      logGroupName: '/aws/ecs/nano-api',
      filterPattern: '{ $.action = "STARTUP_FAILED" }',
      startTime: sandbox.startMs - 5 * MINUTE,
    }),
  );
  return events.map((each) => each.message ?? '');
}

describe.each(seeds)('crash-loop, seed %i', (seed) => {
  test('the newest revision exits again and again; its deployment is over, and tells of no failed task', async () => {
    const sandbox = opened('crash-loop', seed);
    const { described, exited, exitCodes, revisions, healthy, complains } = await look(sandbox);
    expect(exited.length).toBeGreaterThan(3);
    expect(exitCodes).toEqual([1]);
    expect(revisions).toEqual([described?.taskDefinition]);
    expect(complains).toBe(true);
    expect(healthy).toBe(0);
    expect(described?.deployments).toMatchObject([{ rolloutState: 'COMPLETED', failedTasks: 0 }]);
    expect((await deploymentsOf(sandbox)).map((each) => each.status)).toEqual(['SUCCESSFUL']);
    const words = await lastWordsIn(sandbox);
    expect(words.length).toBeGreaterThan(3);
    expect(words[0]).toContain('ModuleNotFoundError');
  });

  test('the revision of before ends it', async () => {
    const sandbox = opened('crash-loop', seed);
    const { ecs, described } = await look(sandbox);
    const revision = Number(described?.taskDefinition?.split(':').at(-1)) - 1;
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition: `${service}:${revision}` }));
    await sandbox.clock.sleep(8 * MINUTE);
    const after = await look(sandbox);
    expect(after.described).toMatchObject({
      runningCount: 6,
      deployments: [{ rolloutState: 'COMPLETED', runningCount: 6 }],
    });
    expect(after.exited).toEqual([]);
    expect(after.healthy).toBe(6);
  });
});

describe.each(seeds)('crash-loop-without-deployment, seed %i', (seed) => {
  test('nothing was deployed, and another deployment does not help', async () => {
    const sandbox = opened('crash-loop-without-deployment', seed);
    const before = await look(sandbox);
    expect(before.exited.length).toBeGreaterThan(3);
    expect(before.healthy).toBe(0);
    expect(await deploymentsOf(sandbox)).toEqual([]);
    expect((await lastWordsIn(sandbox))[0]).toContain('GetSecretValue');
    await before.ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
    await sandbox.clock.sleep(6 * MINUTE);
    const after = await look(sandbox);
    expect(after.exited.length).toBeGreaterThan(3);
    expect(after.described?.deployments?.[0]).toMatchObject({ rolloutState: 'IN_PROGRESS' });
  });
});

describe.each(seeds)('crash-loop-deployment-in-progress, seed %i', (seed) => {
  test('the old tasks serve while the new ones exit; taking the rollout back ends it', async () => {
    const sandbox = opened('crash-loop-deployment-in-progress', seed);
    const { ecs, described, exited, exitCodes, healthy, revisions } = await look(sandbox);
    expect(exited.length).toBeGreaterThan(3);
    expect(exitCodes).toEqual([1]);
    expect(revisions).toEqual([described?.taskDefinition]);
    expect(healthy).toBe(6);
    // They do run, if only for a while: ECS counts none of them as failed, and its circuit breaker never trips.
    expect(described?.deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', failedTasks: 0 },
      { status: 'ACTIVE', runningCount: 6 },
    ]);
    const [current] = await deploymentsOf(sandbox);
    expect(current?.status).toBe('IN_PROGRESS');
    await ecs.send(
      new StopServiceDeploymentCommand({ serviceDeploymentArn: current?.serviceDeploymentArn, stopType: 'ROLLBACK' }),
    );
    await sandbox.clock.sleep(7 * MINUTE);
    const after = await look(sandbox);
    expect((await deploymentsOf(sandbox))[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(after.exited).toEqual([]);
    expect(after.described).toMatchObject({ runningCount: 6, deployments: [{ rolloutState: 'COMPLETED' }] });
    expect(after.healthy).toBe(6);
  });
});

test.each(seeds)('tasks-replaced, seed %i: many tasks stopped, and none of them by itself', async (seed) => {
  const { described, recent, exited, complains } = await look(opened('tasks-replaced', seed));
  expect(recent.length).toBeGreaterThan(3);
  expect(new Set(recent.map((task) => task.stopCode))).toEqual(new Set(['ServiceSchedulerInitiated', 'UserInitiated']));
  expect(exited).toEqual([]);
  expect(complains).toBe(false);
  expect(described).toMatchObject({ runningCount: 6, deployments: [{ rolloutState: 'COMPLETED' }] });
});

describe('tasks that do not even start', () => {
  function never(after: string): Opened {
    const scenario = parseScenario(
      `
id: never-starts
summary: Tasks of the newest revision cannot start
runbook: crash-loop
faults:
  - { effect: deployment, waitMs: 0, errorShare: 0, cpuFactor: 1, from: -10m }
  - { effect: crash-loop, of: newest, crash: missing-secret, exitCode: 1, starts: false, from: ${after} }
truth: { cause: crash-loop, component: service, exitCode: 1 }
`,
      'never-starts.yaml',
    );
    expect(resolveFaults(scenario, 1, sandboxStartMs)).toHaveLength(2);
    return reopened({ inventory: inventoryOf({ stack: sandboxStack, scenario, seed: 1, startMs: sandboxStartMs }) });
  }

  test('a deployment counts them, and its circuit breaker ends it; the old tasks stay', async () => {
    const { described, recent, healthy } = await look(never('-10m'));
    expect(described?.deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'FAILED', runningCount: 0, pendingCount: 0 },
      { status: 'ACTIVE', runningCount: 6 },
    ]);
    expect(described?.deployments?.[0]?.failedTasks).toBeGreaterThanOrEqual(3);
    expect(described?.events?.map((each) => each.message).join('\n')).toContain('tasks failed to start');
    // Nothing is tried any more.
    expect(recent).toEqual([]);
    expect(healthy).toBe(6);
  });

  test('after a deployment they are tried later and later', async () => {
    const sandbox = never('-4m');
    const ecs = new ECSClient(sandbox.settings());
    await sandbox.clock.sleep(55 * MINUTE);
    // The running ones ended when the loop began; from then on nothing started.
    const listed = await ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }));
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: listed.taskArns }));
    const failed = tasks.filter((task) => task.stopCode === 'TaskFailedToStart');
    expect(failed.length).toBeGreaterThan(6);
    expect(failed.every((task) => task.startedAt === undefined)).toBe(true);
    const rounds = [...new Set(failed.map((task) => Math.round((task.createdAt?.getTime() ?? 0) / 5_000)))].toSorted(
      (a, b) => a - b,
    );
    const first = (rounds[1] ?? 0) - (rounds[0] ?? 0);
    const last = (rounds.at(-1) ?? 0) - (rounds.at(-2) ?? 0);
    expect(last).toBeGreaterThan(4 * first);
  });
});

test('without any task that serves, the balancer answers 503 for all, and no request is counted', () => {
  const { world, startMs } = opened('crash-loop', 1);
  const minute = Math.floor(startMs / MINUTE) - 3;
  const { primary } = world.inventory;
  const counts = world.dynamics.counts(primary, minute);
  expect(counts.balancerServerErrors).toBe(world.dynamics.state(primary, minute).requests);
  expect(counts.balancerServerErrors).toBeGreaterThan(1_000);
  expect(world.dynamics.latencies(primary, minute).all).toHaveLength(0);
});
