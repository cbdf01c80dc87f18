/** Simulated Amazon ECS: the service, its tasks, its deployments and their revisions. Amazon ECS API Reference. */
import {
  DescribeClusters$,
  DescribeServiceDeployments$,
  DescribeServiceRevisions$,
  DescribeServices$,
  DescribeTaskDefinition$,
  DescribeTasks$,
  ListServiceDeployments$,
  ListServices$,
  ListTasks$,
  type Deployment as EcsDeployment,
  type DescribeClustersRequest,
  type DescribeClustersResponse,
  type DescribeServiceDeploymentsRequest,
  type DescribeServiceDeploymentsResponse,
  type DescribeServiceRevisionsRequest,
  type DescribeServiceRevisionsResponse,
  type DescribeServicesRequest,
  type DescribeServicesResponse,
  type DescribeTaskDefinitionRequest,
  type DescribeTaskDefinitionResponse,
  type DescribeTasksRequest,
  type DescribeTasksResponse,
  type ListServiceDeploymentsRequest,
  type ListServiceDeploymentsResponse,
  type ListServicesRequest,
  type ListServicesResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type ServiceEvent,
  type Task as EcsTask,
} from '@aws-sdk/client-ecs';
import {
  deploymentsUntil,
  pendingTasks,
  runningTasks,
  type Deployment,
  type RegionInventory,
  type Task,
} from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf, type Arns } from './arns.ts';
import { operation, pageOf, type Page } from './operation.ts';

const HOUR_MS = 3_600_000;
/** Stopped tasks can be seen for about an hour. */
const STOPPED_VISIBLE_MS = HOUR_MS;
const STEADY_EVERY_MS = 6 * HOUR_MS;
const TASK_CPU = '1024';
const TASK_MEMORY = '2048';

interface Here {
  readonly world: World;
  readonly region: RegionInventory;
  readonly arns: Arns;
  readonly now: number;
}

export function ecsService(world: World): SimulatedService {
  /** The region and the cluster that a call is about. */
  const inCluster = (call: CallContext, cluster: string | undefined): Here => {
    const here = inRegion(call);
    if (here === undefined || nameIn(cluster ?? 'default') !== here.region.names.cluster) {
      throw new ServiceFault('ClusterNotFoundException', 'Cluster not found.');
    }
    return here;
  };
  const inRegion = (call: CallContext): Here | undefined => {
    const region = world.region(call.region);
    return region && { world, region, arns: arnsOf(world, region), now: world.now() };
  };
  return {
    service: 'ecs',
    signingName: 'ecs',
    protocol: 'json-1.1',
    target: 'AmazonEC2ContainerServiceV20141113',
    operations: [
      operation<DescribeClustersRequest, DescribeClustersResponse>(DescribeClusters$, (input, call) =>
        describeClusters(inRegion(call), call, world, input),
      ),
      operation<DescribeServicesRequest, DescribeServicesResponse>(DescribeServices$, (input, call) =>
        describeServices(inCluster(call, input.cluster), input),
      ),
      operation<ListServicesRequest, ListServicesResponse>(ListServices$, (input, call) => ({
        serviceArns: [inCluster(call, input.cluster).arns.service()],
      })),
      operation<ListTasksRequest, ListTasksResponse>(ListTasks$, (input, call) =>
        listTasks(inCluster(call, input.cluster), input),
      ),
      operation<DescribeTasksRequest, DescribeTasksResponse>(DescribeTasks$, (input, call) =>
        describeTasks(inCluster(call, input.cluster), input),
      ),
      operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>(DescribeTaskDefinition$, (input, call) =>
        describeTaskDefinition(inRegion(call), input),
      ),
      operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse>(ListServiceDeployments$, (input, call) =>
        listServiceDeployments(inCluster(call, input.cluster), input),
      ),
      operation<DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse>(
        DescribeServiceDeployments$,
        (input, call) => describeServiceDeployments(inRegion(call), input),
      ),
      operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>(
        DescribeServiceRevisions$,
        (input, call) => describeServiceRevisions(inRegion(call), input),
      ),
    ],
  };
}

/** The name in an ARN, or the name itself. */
function nameIn(nameOrArn: string): string {
  return nameOrArn.split('/').at(-1) ?? nameOrArn;
}

function describeClusters(
  here: Here | undefined,
  call: CallContext,
  world: World,
  input: DescribeClustersRequest,
): DescribeClustersResponse {
  const wanted = input.clusters ?? ['default'];
  const missing = wanted.filter((each) => nameIn(each) !== here?.region.names.cluster);
  return {
    clusters:
      here === undefined || missing.length === wanted.length
        ? []
        : [
            {
              clusterArn: here.arns.cluster(),
              clusterName: here.region.names.cluster,
              status: 'ACTIVE',
              registeredContainerInstancesCount: 0,
              runningTasksCount: runningTasks(here.region, here.now).length,
              pendingTasksCount: pendingTasks(here.region, here.now).length,
              activeServicesCount: 1,
              settings: [{ name: 'containerInsights', value: 'enabled' }],
              capacityProviders: ['FARGATE'],
            },
          ],
    failures: missing.map((each) => ({
      arn: each.startsWith('arn:') ? each : `arn:aws:ecs:${call.region}:${world.inventory.names.account}:cluster/${each}`,
      reason: 'MISSING',
    })),
  };
}

function describeServices(here: Here, input: DescribeServicesRequest): DescribeServicesResponse {
  const { region, arns, now } = here;
  const wanted = input.services ?? [];
  if (wanted.length === 0) throw new ServiceFault('InvalidParameterException', 'Services cannot be empty.');
  const missing = wanted.filter((each) => nameIn(each) !== region.names.service);
  const failures = missing.map((each) => ({
    arn: each.startsWith('arn:') ? each : arns.service().replace(/[^/]+$/, each),
    reason: 'MISSING',
  }));
  if (missing.length === wanted.length) return { services: [], failures };
  const known = deploymentsUntil(region, now);
  const newest = known[0];
  return {
    services: [
      {
        serviceArn: arns.service(),
        serviceName: region.names.service,
        clusterArn: arns.cluster(),
        loadBalancers: [{ targetGroupArn: arns.targetGroup(), containerName: region.names.service, containerPort: 8000 }],
        serviceRegistries: [],
        status: 'ACTIVE',
        desiredCount: region.desiredTasks,
        runningCount: runningTasks(region, now).length,
        pendingCount: pendingTasks(region, now).length,
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        platformFamily: 'Linux',
        taskDefinition: arns.taskDefinition(newest?.taskDefinition ?? ''),
        deploymentConfiguration: {
          deploymentCircuitBreaker: { enable: true, rollback: false },
          maximumPercent: 200,
          minimumHealthyPercent: 100,
        },
        deployments: known.flatMap((deployment, index) => deploymentOf(here, deployment, index === 0)),
        events: eventsOf(here),
        createdAt: new Date(here.world.inventory.createdAt),
        ...(newest !== undefined && newest.finishedAt > now && { currentServiceDeployment: arns.serviceDeployment(newest) }),
        currentServiceRevisions: known.slice(0, 1).map((deployment) => ({
          arn: arns.serviceRevision(deployment),
          requestedTaskCount: region.desiredTasks,
          runningTaskCount: runningTasks(region, now).length,
          pendingTaskCount: pendingTasks(region, now).length,
        })),
        placementConstraints: [],
        placementStrategy: [],
        networkConfiguration: networkOf(region),
        healthCheckGracePeriodSeconds: 30,
        schedulingStrategy: 'REPLICA',
        deploymentController: { type: 'ECS' },
        enableECSManagedTags: true,
        propagateTags: 'SERVICE',
        enableExecuteCommand: false,
      },
    ],
    failures,
  };
}

function networkOf(region: RegionInventory) {
  return {
    awsvpcConfiguration: {
      subnets: region.subnets.map((subnet) => subnet.id),
      securityGroups: [region.securityGroups.service],
      assignPublicIp: 'DISABLED' as const,
    },
  };
}

/** The newest deployment is PRIMARY; an older one is listed as ACTIVE while its tasks still run. */
function deploymentOf(here: Here, deployment: Deployment, primary: boolean): readonly EcsDeployment[] {
  const { region, now, arns } = here;
  const running = runningTasks(region, now).filter((task) => task.deploymentId === deployment.number).length;
  const pending = pendingTasks(region, now).filter((task) => task.deploymentId === deployment.number).length;
  if (!primary && running === 0) return [];
  const id = `ecs-svc/${deployment.number}`;
  const finished = deployment.finishedAt <= now;
  return [
    {
      id,
      status: primary ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: arns.taskDefinition(deployment.taskDefinition),
      desiredCount: primary ? region.desiredTasks : 0,
      pendingCount: pending,
      runningCount: running,
      failedTasks: 0,
      createdAt: new Date(deployment.startedAt),
      updatedAt: new Date(Math.min(now, deployment.finishedAt)),
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      networkConfiguration: networkOf(region),
      rolloutState: primary && !finished ? 'IN_PROGRESS' : 'COMPLETED',
      rolloutStateReason: primary && !finished ? `ECS deployment ${id} in progress.` : `ECS deployment ${id} completed.`,
    },
  ];
}

/** The service's events, newest first, at most a hundred, as they follow from its history. */
function eventsOf(here: Here): ServiceEvent[] {
  const { region, now } = here;
  const prefix = `(service ${region.names.service})`;
  const events: { at: number; message: string }[] = [];
  for (const deployment of region.deployments) {
    events.push({ at: deployment.finishedAt, message: `${prefix} (deployment ecs-svc/${deployment.number}) deployment completed.` });
    events.push({ at: deployment.finishedAt + 300, message: `${prefix} has reached a steady state.` });
  }
  for (const task of region.tasks) {
    events.push({ at: task.createdAt, message: `${prefix} has started 1 tasks: (task ${task.id}).` });
    events.push({ at: task.startedAt, message: `${prefix} registered 1 targets in (target-group ${here.arns.targetGroup()})` });
    if (task.stoppedAt === undefined) continue;
    if (task.stopCode === 'ServiceSchedulerInitiated') {
      events.push({ at: task.stoppedAt - 30_000, message: `${prefix} has stopped 1 running tasks: (task ${task.id}).` });
    }
    events.push({ at: task.stoppedAt - 1_000, message: `${prefix} deregistered 1 targets in (target-group ${here.arns.targetGroup()})` });
  }
  const started = region.deployments.at(-1)?.finishedAt ?? now;
  for (let at = started + STEADY_EVERY_MS; at < now; at += STEADY_EVERY_MS) {
    events.push({ at, message: `${prefix} has reached a steady state.` });
  }
  return events
    .filter((event) => event.at <= now)
    .sort((a, b) => b.at - a.at)
    .slice(0, 100)
    .map((event, index) => ({
      id: `${region.vpcId.slice(4, 12)}-${String(index).padStart(4, '0')}-4000-8000-${Math.floor(event.at).toString(16).padStart(12, '0')}`,
      createdAt: new Date(event.at),
      message: event.message,
    }));
}

function listTasks(here: Here, input: ListTasksRequest): ListTasksResponse {
  const { region, now, arns } = here;
  if (input.serviceName !== undefined && nameIn(input.serviceName) !== region.names.service) {
    throw new ServiceFault('ServiceNotFoundException', 'Service not found.');
  }
  const family = input.family;
  const found = (input.desiredStatus === 'STOPPED' ? stoppedTasks(region, now) : [...runningTasks(region, now), ...pendingTasks(region, now)])
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

function pageOrFault<T>(all: readonly T[], size: number, token: string | undefined): Page<T> {
  const page = pageOf(all, size, token);
  if (page === undefined) throw new ServiceFault('InvalidParameterException', 'Invalid token.');
  return page;
}

function describeTasks(here: Here, input: DescribeTasksRequest): DescribeTasksResponse {
  const { region, now } = here;
  const visible = [...runningTasks(region, now), ...pendingTasks(region, now), ...stoppedTasks(region, now)];
  const wanted = input.tasks ?? [];
  if (wanted.length === 0) throw new ServiceFault('InvalidParameterException', 'Tasks cannot be empty.');
  if (wanted.length > 100) throw new ServiceFault('InvalidParameterException', 'Tasks cannot have more than 100 elements.');
  const found = wanted.map((each) => visible.find((task) => task.id === nameIn(each)) ?? each);
  return {
    tasks: found.flatMap((each) => (typeof each === 'string' ? [] : [taskOf(here, each)])),
    failures: found.flatMap((each) => (typeof each === 'string' ? [{ arn: each, reason: 'MISSING' }] : [])),
  };
}

function taskOf({ region, arns, now }: Here, task: Task): EcsTask {
  const stopped = task.stoppedAt !== undefined && task.stoppedAt <= now;
  const started = task.startedAt <= now;
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

function describeTaskDefinition(
  here: Here | undefined,
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

function listServiceDeployments(here: Here, input: ListServiceDeploymentsRequest): ListServiceDeploymentsResponse {
  const { region, arns, now } = here;
  if (nameIn(input.service ?? '') !== region.names.service) {
    throw new ServiceFault('ServiceNotFoundException', 'Service not found.');
  }
  const found = deploymentsUntil(region, now).filter((deployment) => {
    const status = deployment.finishedAt <= now ? 'SUCCESSFUL' : 'IN_PROGRESS';
    return (
      deployment.startedAt >= (input.createdAt?.after?.getTime() ?? 0) &&
      deployment.startedAt <= (input.createdAt?.before?.getTime() ?? Infinity) &&
      (input.status === undefined || input.status.length === 0 || input.status.includes(status))
    );
  });
  const page = pageOrFault(found, input.maxResults ?? 20, input.nextToken);
  return {
    serviceDeployments: page.items.map((deployment) => ({
      serviceDeploymentArn: arns.serviceDeployment(deployment),
      serviceArn: arns.service(),
      clusterArn: arns.cluster(),
      ...timesOf(deployment, now),
      targetServiceRevisionArn: arns.serviceRevision(deployment),
      status: deployment.finishedAt <= now ? ('SUCCESSFUL' as const) : ('IN_PROGRESS' as const),
    })),
    ...(page.next !== undefined && { nextToken: page.next }),
  };
}

function timesOf(deployment: Deployment, now: number) {
  return {
    createdAt: new Date(deployment.startedAt),
    startedAt: new Date(deployment.startedAt + 1_000),
    ...(deployment.finishedAt <= now && { finishedAt: new Date(deployment.finishedAt) }),
  };
}

function describeServiceDeployments(
  here: Here | undefined,
  input: DescribeServiceDeploymentsRequest,
): DescribeServiceDeploymentsResponse {
  const wanted = input.serviceDeploymentArns ?? [];
  const found = wanted.map((arn) => {
    const deployment = here && deploymentsUntil(here.region, here.now).find((each) => here.arns.serviceDeployment(each) === arn);
    return { arn, deployment };
  });
  return {
    serviceDeployments: found.flatMap(({ deployment }) => {
      if (here === undefined || deployment === undefined) return [];
      const { region, arns, now } = here;
      const source = region.deployments.find((each) => each.taskDefinition === deployment.previousTaskDefinition);
      const finished = deployment.finishedAt <= now;
      const runs = (number: string) => runningTasks(region, now).filter((task) => task.deploymentId === number).length;
      return [
        {
          serviceDeploymentArn: arns.serviceDeployment(deployment),
          serviceArn: arns.service(),
          clusterArn: arns.cluster(),
          ...timesOf(deployment, now),
          updatedAt: new Date(Math.min(now, deployment.finishedAt)),
          sourceServiceRevisions:
            source === undefined
              ? []
              : [{ arn: arns.serviceRevision(source), requestedTaskCount: 0, runningTaskCount: runs(source.number), pendingTaskCount: 0 }],
          targetServiceRevision: {
            arn: arns.serviceRevision(deployment),
            requestedTaskCount: deployment.desired,
            runningTaskCount: runs(deployment.number),
            pendingTaskCount: 0,
          },
          status: finished ? ('SUCCESSFUL' as const) : ('IN_PROGRESS' as const),
          deploymentConfiguration: {
            deploymentCircuitBreaker: { enable: true, rollback: false },
            maximumPercent: 200,
            minimumHealthyPercent: 100,
          },
          deploymentCircuitBreaker: { status: finished ? ('MONITORING_COMPLETE' as const) : ('MONITORING' as const), failureCount: 0, threshold: 3 },
        },
      ];
    }),
    failures: found.flatMap(({ arn, deployment }) => (deployment === undefined ? [{ arn, reason: 'MISSING' }] : [])),
  };
}

function describeServiceRevisions(
  here: Here | undefined,
  input: DescribeServiceRevisionsRequest,
): DescribeServiceRevisionsResponse {
  const found = (input.serviceRevisionArns ?? []).map((arn) => {
    const deployment = here && deploymentsUntil(here.region, here.now).find((each) => here.arns.serviceRevision(each) === arn);
    return { arn, deployment };
  });
  return {
    serviceRevisions: found.flatMap(({ arn, deployment }) => {
      if (here === undefined || deployment === undefined) return [];
      const { region, arns } = here;
      const image = region.taskDefinitions.find((each) => each.id === deployment.taskDefinition)?.image;
      return [
        {
          serviceRevisionArn: arn,
          serviceArn: arns.service(),
          clusterArn: arns.cluster(),
          taskDefinition: arns.taskDefinition(deployment.taskDefinition),
          launchType: 'FARGATE' as const,
          platformVersion: '1.4.0',
          platformFamily: 'Linux',
          loadBalancers: [{ targetGroupArn: arns.targetGroup(), containerName: region.names.service, containerPort: 8000 }],
          networkConfiguration: networkOf(region),
          containerImages: [{ containerName: region.names.service, image }],
          createdAt: new Date(deployment.startedAt),
        },
      ];
    }),
    failures: found.flatMap(({ arn, deployment }) => (deployment === undefined ? [{ arn, reason: 'MISSING' }] : [])),
  };
}
