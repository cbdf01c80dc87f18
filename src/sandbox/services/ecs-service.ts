/** DescribeServices: the service, its deployments and its events, as they follow from the inventory. */
import type {
  Deployment as EcsDeployment,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ServiceEvent,
} from '@aws-sdk/client-ecs';
import { deploymentsUntil, pendingTasks, runningTasks, type Deployment } from '../world/inventory.ts';
import { ServiceFault } from '../wire/service.ts';
import { nameIn, networkOf, type EcsHere } from './ecs-here.ts';

const STEADY_EVERY_MS = 6 * 3_600_000;

export function describeServices(here: EcsHere, input: DescribeServicesRequest): DescribeServicesResponse {
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
        loadBalancers: [
          { targetGroupArn: arns.targetGroup(), containerName: region.names.service, containerPort: 8000 },
        ],
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
        ...(newest !== undefined &&
          newest.finishedAt > now && { currentServiceDeployment: arns.serviceDeployment(newest) }),
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

/** The newest deployment is PRIMARY; an older one is listed as ACTIVE while its tasks still run. */
function deploymentOf(here: EcsHere, deployment: Deployment, primary: boolean): readonly EcsDeployment[] {
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
      rolloutStateReason:
        primary && !finished ? `ECS deployment ${id} in progress.` : `ECS deployment ${id} completed.`,
    },
  ];
}

/** The service's events, newest first, at most a hundred, as they follow from its history. */
function eventsOf(here: EcsHere): ServiceEvent[] {
  const { region, now } = here;
  const prefix = `(service ${region.names.service})`;
  const events: { at: number; message: string }[] = [];
  for (const deployment of region.deployments) {
    events.push({
      at: deployment.finishedAt,
      message: `${prefix} (deployment ecs-svc/${deployment.number}) deployment completed.`,
    });
    events.push({ at: deployment.finishedAt + 300, message: `${prefix} has reached a steady state.` });
  }
  for (const task of region.tasks) {
    events.push({ at: task.createdAt, message: `${prefix} has started 1 tasks: (task ${task.id}).` });
    events.push({
      at: task.startedAt,
      message: `${prefix} registered 1 targets in (target-group ${here.arns.targetGroup()})`,
    });
    if (task.stoppedAt === undefined) continue;
    if (task.stopCode === 'ServiceSchedulerInitiated') {
      events.push({
        at: task.stoppedAt - 30_000,
        message: `${prefix} has stopped 1 running tasks: (task ${task.id}).`,
      });
    }
    events.push({
      at: task.stoppedAt - 1_000,
      message: `${prefix} deregistered 1 targets in (target-group ${here.arns.targetGroup()})`,
    });
  }
  const started = region.deployments.at(-1)?.finishedAt ?? now;
  for (let at = started + STEADY_EVERY_MS; at < now; at += STEADY_EVERY_MS) {
    events.push({ at, message: `${prefix} has reached a steady state.` });
  }
  return events
    .filter((event) => event.at <= now)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 100)
    .map((event, index) => ({
      id: `${region.vpcId.slice(4, 12)}-${String(index).padStart(4, '0')}-4000-8000-${Math.floor(event.at).toString(16).padStart(12, '0')}`,
      createdAt: new Date(event.at),
      message: event.message,
    }));
}
