/** Tasks and the definitions that they run. */
import type {
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  Task as EcsTask,
} from '@aws-sdk/client-ecs';
import { pendingTasks, runningTasks, type RegionInventory, type Task } from '../world/inventory.ts';
import { ServiceFault } from '../wire/service.ts';
import { nameIn, pageOrFault, type EcsHere } from './ecs-here.ts';

/** Stopped tasks can be seen for about an hour. */
const STOPPED_VISIBLE_MS = 3_600_000;
const TASK_CPU = '1024';
const TASK_MEMORY = '2048';

export function listTasks(here: EcsHere, input: ListTasksRequest): ListTasksResponse {
  const { region, now, arns } = here;
  if (input.serviceName !== undefined && nameIn(input.serviceName) !== region.names.service) {
    throw new ServiceFault('ServiceNotFoundException', 'Service not found.');
  }
  const family = input.family;
  const found = (
    input.desiredStatus === 'STOPPED'
      ? stoppedTasks(region, now)
      : [...runningTasks(region, now), ...pendingTasks(region, now)]
  )
    .filter((task) => family === undefined || task.taskDefinition.split(':')[0] === family)
    .map((task) => arns.task(task));
  const page = pageOrFault(found, input.maxResults ?? 100, input.nextToken);
  return { taskArns: [...page.items], ...(page.next !== undefined && { nextToken: page.next }) };
}

function stoppedTasks(region: RegionInventory, now: number): readonly Task[] {
  return region.tasks.filter(
    (task) => task.stoppedAt !== undefined && task.stoppedAt <= now && task.stoppedAt > now - STOPPED_VISIBLE_MS,
  );
}

export function describeTasks(here: EcsHere, input: DescribeTasksRequest): DescribeTasksResponse {
  const { region, now } = here;
  const visible = [...runningTasks(region, now), ...pendingTasks(region, now), ...stoppedTasks(region, now)];
  const wanted = input.tasks ?? [];
  if (wanted.length === 0) throw new ServiceFault('InvalidParameterException', 'Tasks cannot be empty.');
  if (wanted.length > 100)
    throw new ServiceFault('InvalidParameterException', 'Tasks cannot have more than 100 elements.');
  const found = wanted.map((each) => visible.find((task) => task.id === nameIn(each)) ?? each);
  return {
    tasks: found.flatMap((each) => (typeof each === 'string' ? [] : [taskOf(here, each)])),
    failures: found.flatMap((each) => (typeof each === 'string' ? [{ arn: each, reason: 'MISSING' }] : [])),
  };
}

function taskOf({ region, arns, now }: EcsHere, task: Task): EcsTask {
  const stopped = task.stoppedAt !== undefined && task.stoppedAt <= now;
  const started = task.startedAt <= now && task.startedAt !== task.stoppedAt;
  const status = stopped ? 'STOPPED' : started ? 'RUNNING' : 'PENDING';
  const subnet = region.subnets.find((each) => each.zone === task.zone)?.id ?? '';
  const image = region.taskDefinitions.find((each) => each.id === task.taskDefinition)?.image;
  return {
    taskArn: arns.task(task),
    clusterArn: arns.cluster(),
    taskDefinitionArn: arns.taskDefinition(task.taskDefinition),
    group: `service:${region.names.service}`,
    startedBy: `ecs-svc/${task.deploymentId}`,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    availabilityZone: task.zone,
    cpu: TASK_CPU,
    memory: TASK_MEMORY,
    connectivity: 'CONNECTED',
    createdAt: new Date(task.createdAt),
    ...(started && { startedAt: new Date(task.startedAt) }),
    desiredStatus: stopped ? 'STOPPED' : 'RUNNING',
    lastStatus: status,
    healthStatus: stopped ? 'UNKNOWN' : 'HEALTHY',
    version: stopped ? 6 : 4,
    attachments: [
      {
        id: task.id.slice(0, 8),
        type: 'ElasticNetworkInterface',
        status: stopped ? 'DELETED' : 'ATTACHED',
        details: [
          { name: 'subnetId', value: subnet },
          { name: 'networkInterfaceId', value: task.eni },
          { name: 'privateIPv4Address', value: task.ip },
        ],
      },
    ],
    containers: [
      {
        containerArn: `${arns.task(task).replace(':task/', ':container/')}/${task.id.slice(0, 12)}`,
        taskArn: arns.task(task),
        name: region.names.service,
        image,
        lastStatus: status,
        runtimeId: `${task.id}-0527074092`,
        networkInterfaces: [{ attachmentId: task.id.slice(0, 8), privateIpv4Address: task.ip }],
        healthStatus: 'UNKNOWN',
        ...(stopped && task.exitCode !== undefined && { exitCode: task.exitCode }),
        ...(stopped && task.containerReason !== undefined && { reason: task.containerReason }),
      },
    ],
    ...(stopped && {
      stoppedAt: new Date(task.stoppedAt ?? now),
      stopCode: task.stopCode,
      stoppedReason: task.stoppedReason,
    }),
  };
}

export function describeTaskDefinition(
  here: EcsHere | undefined,
  input: DescribeTaskDefinitionRequest,
): DescribeTaskDefinitionResponse {
  const wanted = nameIn(input.taskDefinition ?? '');
  const found = here?.region.taskDefinitions.findLast((each) => each.id === wanted || each.family === wanted);
  if (here === undefined || found === undefined || found.registeredAt > here.now) {
    throw new ServiceFault('ClientException', 'Unable to describe task definition.');
  }
  const { region, arns, world } = here;
  return {
    taskDefinition: {
      taskDefinitionArn: arns.taskDefinition(found.id),
      family: found.family,
      revision: found.revision,
      status: 'ACTIVE',
      networkMode: 'awsvpc',
      cpu: TASK_CPU,
      memory: TASK_MEMORY,
      requiresCompatibilities: ['FARGATE'],
      compatibilities: ['EC2', 'FARGATE'],
      executionRoleArn: `arn:aws:iam::${world.inventory.names.account}:role/${region.names.service}-execution`,
      taskRoleArn: `arn:aws:iam::${world.inventory.names.account}:role/${region.names.service}`,
      registeredAt: new Date(found.registeredAt),
      containerDefinitions: [
        {
          name: region.names.service,
          image: found.image,
          essential: true,
          portMappings: [{ containerPort: 8000, hostPort: 8000, protocol: 'tcp' }],
          environment: [
            { name: 'DB_POOL_SIZE', value: '20' },
            { name: 'DB_MAX_OVERFLOW', value: '10' },
          ],
          secrets: [
            { name: 'DB_PASSWORD', valueFrom: `${arns.secret()}:password::` },
            { name: 'MODERATION_KEY', valueFrom: arns.parameter() },
          ],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': region.names.applicationLogs,
              'awslogs-region': region.region,
              'awslogs-stream-prefix': region.names.service,
            },
          },
        },
      ],
    },
    tags: [],
  };
}
