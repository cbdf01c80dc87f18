/** ECS as a client changes it: counts, deployments and rollbacks, from the call to the steady state. */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { quantile } from '../../../src/sandbox/world/metrics/datum.ts';
import { opened, type Opened } from './opened.ts';

const cluster = 'nano';
const service = 'nano-api';
const MINUTE = 60_000;

function ecs(sandbox: Opened) {
  const client = new ECSClient(sandbox.settings());
  const described = async () => {
    const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
    const found = services?.[0];
    if (found === undefined) throw new Error('the service is not there');
    return found;
  };
  return {
    client,
    described,
    update: (input: Omit<UpdateServiceCommandInput, 'cluster' | 'service'>) =>
      client.send(new UpdateServiceCommand({ cluster, service, ...input })),
    deployments: async () => {
      const { serviceDeployments = [] } = await client.send(
        new ListServiceDeploymentsCommand({
          cluster,
          service,
          createdAt: { after: new Date(sandbox.startMs - 60 * MINUTE) },
        }),
      );
      return serviceDeployments;
    },
    stop: (serviceDeploymentArn = '') => client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn })),
  };
}

function p99(sandbox: Opened, minute: number): number {
  const { dynamics, inventory } = sandbox.world;
  return quantile(dynamics.latencies(inventory.primary, minute).all, 0.99) ?? Number.NaN;
}

async function healthyTargets(sandbox: Opened): Promise<number> {
  const client = new ElasticLoadBalancingV2Client(sandbox.settings());
  const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/nano-api/73e2d6bc24d8a067';
  const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.filter((each) => each.TargetHealth?.State === 'healthy').length;
}

describe('UpdateService with a desired count', () => {
  test('a task is pending, then runs, then is a healthy target; no deployment begins', async () => {
    const sandbox = opened('scale-out-does-not-help', 4);
    const { update, described } = ecs(sandbox);
    const answer = await update({ desiredCount: 7 });
    expect(answer.service).toMatchObject({ desiredCount: 7, runningCount: 6 });
    await sandbox.clock.sleep(10_000);
    expect(await described()).toMatchObject({ desiredCount: 7, runningCount: 6, pendingCount: 1 });
    expect(await healthyTargets(sandbox)).toBe(6);
    await sandbox.clock.sleep(60_000);
    expect(await described()).toMatchObject({ runningCount: 7, pendingCount: 0 });
    expect(await healthyTargets(sandbox)).toBe(6);
    await sandbox.clock.sleep(45_000);
    expect(await healthyTargets(sandbox)).toBe(7);
    const { deployments = [], events = [] } = await described();
    expect(deployments).toHaveLength(1);
    expect(deployments[0]).toMatchObject({ desiredCount: 7, runningCount: 7, rolloutState: 'COMPLETED' });
    expect(events[0]?.message).toContain('steady state');
  });

  test('fewer tasks: those beyond the count are stopped by the scheduler, in the fullest zones', async () => {
    const sandbox = opened('scale-out-does-not-help', 2);
    const { client, update, described } = ecs(sandbox);
    await update({ desiredCount: 4 });
    await sandbox.clock.sleep(10_000);
    expect(await described()).toMatchObject({ desiredCount: 4, runningCount: 4 });
    const stopped = await client.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }));
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns }));
    expect(tasks.map((task) => task.stopCode)).toEqual(['ServiceSchedulerInitiated', 'ServiceSchedulerInitiated']);
    expect(new Set(tasks.map((task) => task.availabilityZone)).size).toBe(2);
  });

  test('metrics of the past stay as they were', async () => {
    const sandbox = opened('scale-out-does-not-help', 4);
    const client = new CloudWatchClient(sandbox.settings());
    const read = async (toMs: number) => {
      const { MetricDataResults } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(sandbox.startMs - 20 * MINUTE),
          EndTime: new Date(toMs),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: (
            [
              ['ECS/ContainerInsights', 'DesiredTaskCount', 'Average'],
              ['ECS/ContainerInsights', 'RunningTaskCount', 'Average'],
              ['AWS/ECS', 'CPUUtilization', 'Maximum'],
            ] as const
          ).map(([Namespace, MetricName, Stat], index) => ({
            Id: `m${index}`,
            MetricStat: {
              Metric: {
                Namespace,
                MetricName,
                Dimensions: [
                  { Name: 'ClusterName', Value: cluster },
                  { Name: 'ServiceName', Value: service },
                ],
              },
              Period: 60,
              Stat,
            },
          })),
        }),
      );
      return MetricDataResults?.map((result) => result.Values ?? []) ?? [];
    };
    const before = await read(sandbox.startMs - 2 * MINUTE);
    await ecs(sandbox).update({ desiredCount: 7 });
    await sandbox.clock.sleep(10 * MINUTE);
    expect(await read(sandbox.startMs - 2 * MINUTE)).toEqual(before);
    const [desired = [], running = []] = await read(sandbox.startMs + 8 * MINUTE);
    expect([desired[0], desired.at(-1), running[0], running.at(-1)]).toEqual([6, 7, 6, 7]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'cpu-saturated, seed %i: one task more brings p99 under two seconds',
    async (seed) => {
      const sandbox = opened('cpu-saturated', seed);
      // Its policy would take the task away again, were the minimum not raised.
      const { RegisterScalableTargetCommand, ApplicationAutoScalingClient } =
        await import('@aws-sdk/client-application-auto-scaling');
      await new ApplicationAutoScalingClient(sandbox.settings()).send(
        new RegisterScalableTargetCommand({
          ServiceNamespace: 'ecs',
          ResourceId: `service/${cluster}/${service}`,
          ScalableDimension: 'ecs:service:DesiredCount',
          MinCapacity: 7,
        }),
      );
      await sandbox.clock.sleep(9 * MINUTE);
      const start = Math.floor(sandbox.startMs / MINUTE);
      const after = [3, 4, 5, 6, 7].map((minute) => p99(sandbox, start + minute)).toSorted((a, b) => a - b);
      expect(p99(sandbox, start - 3)).toBeGreaterThan(2_500);
      expect(after[2]).toBeLessThan(1_950);
      // A single minute may be a little above.
      expect(after[3]).toBeLessThan(2_000);
      expect(after[4]).toBeLessThan(2_500);
    },
  );

  test('scale-out-does-not-help: with one task more, p99 falls and stays above two seconds', async () => {
    const sandbox = opened('scale-out-does-not-help', 5);
    await ecs(sandbox).update({ desiredCount: 7 });
    await sandbox.clock.sleep(9 * MINUTE);
    const start = Math.floor(sandbox.startMs / MINUTE);
    expect(p99(sandbox, start + 6)).toBeLessThan(0.75 * p99(sandbox, start - 3));
    expect(p99(sandbox, start + 6)).toBeGreaterThan(2_500);
  });
});

describe('UpdateService with a task definition', () => {
  test('bad-deploy: the revision of before is rolled out, and heals it', async () => {
    const sandbox = opened('bad-deploy', 3);
    const { update, described, deployments } = ecs(sandbox);
    const bad = (await described()).taskDefinition ?? '';
    const revision = Number(bad.split(':').at(-1));
    const answer = await update({ taskDefinition: `${service}:${revision - 1}` });
    expect(answer.service?.taskDefinition).toBe(bad.replace(/\d+$/, String(revision - 1)));
    await sandbox.clock.sleep(70_000);
    const rolling = await described();
    expect(rolling.deployments).toMatchObject([
      { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', desiredCount: 6 },
      { status: 'ACTIVE', taskDefinition: bad },
    ]);
    expect(rolling.runningCount).toBeGreaterThanOrEqual(6);
    expect((await deployments())[0]).toMatchObject({ status: 'IN_PROGRESS' });
    expect(rolling.currentServiceDeployment).toBe((await deployments())[0]?.serviceDeploymentArn);
    await sandbox.clock.sleep(4 * MINUTE);
    const steady = await described();
    expect(steady.deployments).toMatchObject([{ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 6 }]);
    expect(steady.currentServiceDeployment).toBeUndefined();
    expect((await deployments())[0]?.status).toBe('SUCCESSFUL');
    expect((await deployments())[0]?.finishedAt).toBeDefined();
    await sandbox.clock.sleep(3 * MINUTE);
    const start = Math.floor(sandbox.startMs / MINUTE);
    expect(p99(sandbox, start - 2)).toBeGreaterThan(2_000);
    expect(p99(sandbox, start + 6)).toBeLessThan(1_000);
  });

  test('never fewer tasks than wanted run while they are replaced', async () => {
    const sandbox = opened('healthy', 5);
    const { update, described } = ecs(sandbox);
    await update({ forceNewDeployment: true });
    const counts: number[] = [];
    for (let step = 0; step < 30; step += 1) {
      await sandbox.clock.sleep(10_000);
      counts.push((await described()).runningCount ?? 0);
    }
    expect(Math.min(...counts)).toBe(6);
    expect(Math.max(...counts)).toBeLessThanOrEqual(12);
    expect((await described()).deployments).toHaveLength(1);
  });

  test('by family alone its newest revision is meant: where it runs already, nothing begins', async () => {
    const sandbox = opened();
    const { update, described } = ecs(sandbox);
    const before = await described();
    await update({ taskDefinition: service });
    expect((await described()).deployments?.[0]?.id).toBe(before.deployments?.[0]?.id);
    await update({ taskDefinition: before.taskDefinition, forceNewDeployment: true });
    expect((await described()).deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
  });
});

describe('StopServiceDeployment', () => {
  test('deployment-in-progress: the rollout is taken back, under the number of the deployment before', async () => {
    const sandbox = opened('deployment-in-progress', 2);
    const { described, deployments, stop, client } = ecs(sandbox);
    const before = await described();
    const source = before.deployments?.find((each) => each.status === 'ACTIVE');
    const [current] = await deployments();
    expect(current?.status).toBe('IN_PROGRESS');
    expect(await stop(current?.serviceDeploymentArn)).toMatchObject({
      serviceDeploymentArn: current?.serviceDeploymentArn,
    });
    expect((await deployments())[0]?.status).toBe('ROLLBACK_REQUESTED');
    await sandbox.clock.sleep(20_000);
    expect((await deployments())[0]?.status).toBe('ROLLBACK_IN_PROGRESS');
    // Asked again, it goes on.
    await stop(current?.serviceDeploymentArn);
    expect(await described()).toMatchObject({
      taskDefinition: source?.taskDefinition,
      deployments: [
        { status: 'PRIMARY', id: source?.id, rolloutState: 'IN_PROGRESS' },
        { status: 'ACTIVE', rolloutState: 'FAILED' },
      ],
    });
    await sandbox.clock.sleep(6 * MINUTE);
    const all = await deployments();
    expect(all).toHaveLength(1);
    expect(all[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(await described()).toMatchObject({
      runningCount: 6,
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 6 }],
    });
    const { serviceDeployments } = await client.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [current?.serviceDeploymentArn ?? ''] }),
    );
    expect(serviceDeployments?.[0]?.rollback?.serviceRevisionArn).toContain(source?.id?.split('/').at(-1));
    await sandbox.clock.sleep(3 * MINUTE);
    expect(p99(sandbox, Math.floor(sandbox.startMs / MINUTE) + 8)).toBeLessThan(1_000);
    await expect(stop(current?.serviceDeploymentArn)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test('a new deployment ends one that is under way', async () => {
    const sandbox = opened('deployment-in-progress', 2);
    const { update, described, deployments } = ecs(sandbox);
    const source = (await described()).deployments?.find((each) => each.status === 'ACTIVE');
    await update({ taskDefinition: source?.taskDefinition });
    const [newest, stopped] = await deployments();
    expect([newest?.status, stopped?.status]).toEqual(['IN_PROGRESS', 'STOPPED']);
    await sandbox.clock.sleep(8 * MINUTE);
    expect(await described()).toMatchObject({
      runningCount: 6,
      taskDefinition: source?.taskDefinition,
      deployments: [{ rolloutState: 'COMPLETED', runningCount: 6 }],
    });
  });

  test('one that is over cannot be stopped; one that is not there neither', async () => {
    const sandbox = opened('bad-deploy', 3);
    const { deployments, stop } = ecs(sandbox);
    const [current] = await deployments();
    await expect(stop(current?.serviceDeploymentArn)).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('SUCCESSFUL'),
    });
    await expect(stop('arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/x')).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
    expect(sandbox.world.inventory.calls).toEqual([]);
  });
});

test('what UpdateService refuses, it does not do', async () => {
  const sandbox = opened();
  const { client, update } = ecs(sandbox);
  const refused = async (sent: Promise<unknown>, name: string) => {
    await expect(sent).rejects.toMatchObject({ name });
  };
  await refused(update({ desiredCount: -1 }), 'InvalidParameterException');
  await refused(update({ taskDefinition: 'nano-api:999' }), 'ClientException');
  await refused(
    update({ taskDefinition: 'arn:aws:ecs:us-west-2:999999999999:task-definition/nano-api:40' }),
    'ClientException',
  );
  await refused(update({ healthCheckGracePeriodSeconds: 5 }), 'InvalidParameterException');
  await refused(client.send(new UpdateServiceCommand({ cluster, service: 'x' })), 'ServiceNotFoundException');
  await refused(client.send(new UpdateServiceCommand({ cluster: 'x', service })), 'ClusterNotFoundException');
  expect(sandbox.world.inventory.calls).toEqual([]);
});

test('calls that changed something are kept', async () => {
  const sandbox = opened();
  await ecs(sandbox).update({ desiredCount: 8 });
  expect(sandbox.world.inventory.calls).toEqual([
    {
      at: sandbox.startMs,
      operation: 'ecs:UpdateService',
      region: 'us-west-2',
      resource: 'nano/nano-api',
      detail: 'desiredCount 8',
    },
  ]);
});
