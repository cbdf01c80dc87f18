/** ECS as a client sees it: what runs, what was deployed and what was killed. */
import {
  DescribeClustersCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { expect, test } from 'vitest';
import { opened, type Opened } from './opened.ts';

const cluster = 'nano';
const service = 'nano-api';

async function describe(sandbox: Opened) {
  const client = new ECSClient(sandbox.settings());
  const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0];
}

test('a steady service of six tasks, deployed days ago', async () => {
  const sandbox = opened();
  const client = new ECSClient(sandbox.settings());
  const found = await describe(sandbox);
  expect(found).toMatchObject({ status: 'ACTIVE', desiredCount: 6, runningCount: 6, pendingCount: 0 });
  expect(found?.deployments).toHaveLength(1);
  expect(found?.deployments?.[0]).toMatchObject({ status: 'PRIMARY', rolloutState: 'COMPLETED', failedTasks: 0 });
  expect(sandbox.startMs - (found?.deployments?.[0]?.createdAt?.getTime() ?? 0)).toBeGreaterThan(3 * 86_400_000);
  const times = found?.events?.map((event) => event.createdAt?.getTime() ?? 0) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(found?.networkConfiguration?.awsvpcConfiguration?.subnets).toHaveLength(3);
  const { clusters } = await client.send(new DescribeClustersCommand({ clusters: [cluster] }));
  expect(clusters?.[0]).toMatchObject({ status: 'ACTIVE', runningTasksCount: 6 });
  expect((await client.send(new ListServicesCommand({ cluster }))).serviceArns).toEqual([found?.serviceArn]);
});

test('tasks in three zones, on a definition that can be read', async () => {
  const sandbox = opened();
  const client = new ECSClient(sandbox.settings());
  const first = await client.send(new ListTasksCommand({ cluster, serviceName: service, maxResults: 4 }));
  const rest = await client.send(new ListTasksCommand({ cluster, serviceName: service, nextToken: first.nextToken }));
  const arns = [...(first.taskArns ?? []), ...(rest.taskArns ?? [])];
  expect(first.taskArns).toHaveLength(4);
  expect(new Set(arns).size).toBe(6);
  const { tasks = [], failures = [] } = await client.send(
    new DescribeTasksCommand({ cluster, tasks: [...arns, 'gone'] }),
  );
  expect(tasks.map((task) => task.availabilityZone ?? '').toSorted()).toEqual([
    'us-west-2a',
    'us-west-2a',
    'us-west-2b',
    'us-west-2b',
    'us-west-2c',
    'us-west-2c',
  ]);
  expect(failures).toMatchObject([{ arn: 'gone', reason: 'MISSING' }]);
  const { taskDefinition } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: tasks[0]?.taskDefinitionArn }),
  );
  expect(taskDefinition).toMatchObject({ family: service, status: 'ACTIVE' });
  expect((await client.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }))).taskArns ?? []).toEqual([]);
});

test('what is not there', async () => {
  const client = new ECSClient(opened().settings());
  const missing = await client.send(new DescribeServicesCommand({ cluster, services: ['x'] }));
  expect(missing).toMatchObject({ services: [], failures: [{ reason: 'MISSING' }] });
  await expect(client.send(new DescribeServicesCommand({ cluster: 'x', services: ['x'] }))).rejects.toMatchObject({
    name: 'ClusterNotFoundException',
  });
  await expect(client.send(new ListTasksCommand({ cluster, serviceName: 'x' }))).rejects.toMatchObject({
    name: 'ServiceNotFoundException',
  });
  await expect(client.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'x:1' }))).rejects.toMatchObject({
    name: 'ClientException',
  });
  await expect(
    client.send(new DescribeTasksCommand({ cluster, tasks: Array.from({ length: 101 }, (_, index) => `${index}`) })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('bad-deploy: the newest deployment is of the last half hour, and names what it came from', async () => {
  const sandbox = opened('bad-deploy', 3);
  const client = new ECSClient(sandbox.settings());
  const { serviceDeployments = [] } = await client.send(
    new ListServiceDeploymentsCommand({
      cluster,
      service,
      createdAt: { after: new Date(sandbox.startMs - 3_600_000) },
    }),
  );
  expect(serviceDeployments).toHaveLength(1);
  const { serviceDeployments: [deployment] = [] } = await client.send(
    new DescribeServiceDeploymentsCommand({
      serviceDeploymentArns: [serviceDeployments[0]?.serviceDeploymentArn ?? ''],
    }),
  );
  expect(deployment?.status).toBe('SUCCESSFUL');
  const revision = async (arn = '') =>
    (await client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [arn] }))).serviceRevisions?.[0]
      ?.taskDefinition ?? '';
  const target = await revision(deployment?.targetServiceRevision?.arn);
  const source = await revision(deployment?.sourceServiceRevisions?.[0]?.arn);
  const number = (arn: string) => Number(arn.split(':').at(-1));
  expect(number(target)).toBe(number(source) + 1);
  const found = await describe(sandbox);
  expect(found?.taskDefinition).toBe(target);
  expect(found?.runningCount).toBe(6);
  expect(found?.events?.map((event) => event.message).join('\n')).toContain('deployment completed');
  const stopped = await client.send(new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' }));
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns }));
  expect(tasks).toHaveLength(6);
  expect(new Set(tasks.map((task) => task.stopCode))).toEqual(new Set(['ServiceSchedulerInitiated']));
});

test('a rollout under way: two deployments, tasks of both', async () => {
  const sandbox = opened('bad-deploy', 3);
  const begun = sandbox.world.inventory.faults[0]?.from ?? 0;
  // The same world, seen a minute and a half after the rollout began.
  const seen = { ...sandbox.world, now: () => begun + 90_000 };
  const { ecsService } = await import('../../../src/sandbox/services/ecs.ts');
  const operation = ecsService(seen).operations.find((each) => each.schema[2] === 'DescribeServices');
  const answer: unknown = operation?.handle({ cluster, services: [service] } as never, {
    service: 'ecs',
    operation: 'DescribeServices',
    region: 'us-west-2',
  });
  expect(answer).toMatchObject({
    services: [
      {
        deployments: [
          { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', desiredCount: 6 },
          { status: 'ACTIVE', desiredCount: 0 },
        ],
      },
    ],
  });
});

test('memory-pressure: a task was killed for its memory, and another one serves in its place', async () => {
  const sandbox = opened('memory-pressure', 2);
  const client = new ECSClient(sandbox.settings());
  const stopped = await client.send(new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' }));
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns }));
  expect(tasks.length).toBeGreaterThan(0);
  expect(tasks[0]).toMatchObject({
    stopCode: 'EssentialContainerExited',
    lastStatus: 'STOPPED',
    containers: [{ exitCode: 137, reason: expect.stringMatching(/^OutOfMemoryError/) }],
  });
  expect((await describe(sandbox))?.runningCount).toBe(6);
});
