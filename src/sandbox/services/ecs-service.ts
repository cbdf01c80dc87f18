/** DescribeServices: the service, its deployments and its events, as they follow from the inventory. */
import type {
  Deployment as EcsDeployment,
  DescribeServicesRequest,
  DescribeServicesResponse,
  Service,
} from '@aws-sdk/client-ecs';
import {
  deploymentsUntil,
  desiredAt,
  pendingTasks,
  runningTasks,
  type Deployment,
  type RegionInventory,
} from '../world/inventory.ts';
import { failedTasks } from '../world/service-scheduler.ts';
import { ServiceFault } from '../wire/service.ts';
import { deploymentConfigurationOf, isUnderWay } from './ecs-deployments.ts';
import { eventsOf } from './ecs-events.ts';
import { nameIn, networkOf, type EcsHere } from './ecs-here.ts';

export function describeServices(here: EcsHere, input: DescribeServicesRequest): DescribeServicesResponse {
  const { region, arns } = here;
  const wanted = input.services ?? [];
  if (wanted.length === 0) throw new ServiceFault('InvalidParameterException', 'Services cannot be empty.');
  const missing = wanted.filter((each) => nameIn(each) !== region.names.service);
  const failures = missing.map((each) => ({
    arn: each.startsWith('arn:') ? each : arns.service().replace(/[^/]+$/, each),
    reason: 'MISSING',
  }));
  if (missing.length === wanted.length) return { services: [], failures };
  return { services: [serviceOf(here)], failures };
}

/** The service as it is described, and as calls that change it give it back. */
export function serviceOf(here: EcsHere): Service {
  const { region, arns, now } = here;
  const known = deploymentsUntil(region, now);
  // A rollback goes on under the number of the deployment that it returns to, which is then listed once.
  const listed = known.filter((each, index) => known.findIndex(({ number }) => number === each.number) === index);
  const newest = known[0];
  const underWay = known.find((each) => each.rollbackOf === undefined && isUnderWay(region, each, now));
  const desired = desiredAt(region, now);
  return {
    serviceArn: arns.service(),
    serviceName: region.names.service,
    clusterArn: arns.cluster(),
    loadBalancers: [{ targetGroupArn: arns.targetGroup(), containerName: region.names.service, containerPort: 8000 }],
    serviceRegistries: [],
    status: 'ACTIVE',
    desiredCount: desired,
    runningCount: runningTasks(region, now).length,
    pendingCount: pendingTasks(region, now).length,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    taskDefinition: arns.taskDefinition(newest?.taskDefinition ?? ''),
    deploymentConfiguration: deploymentConfigurationOf(region),
    deployments: listed.flatMap((deployment, index) => deploymentOf(here, deployment, index === 0)),
    events: eventsOf(here),
    createdAt: new Date(here.world.inventory.createdAt),
    ...(underWay !== undefined && { currentServiceDeployment: arns.serviceDeployment(underWay) }),
    currentServiceRevisions: listed.flatMap((deployment, index) => {
      const { running, pending } = countsOf(region, deployment, now);
      if (index > 0 && running + pending === 0) return [];
      return [
        {
          arn: arns.serviceRevision(deployment),
          requestedTaskCount: index === 0 ? desired : 0,
          runningTaskCount: running,
          pendingTaskCount: pending,
        },
      ];
    }),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: networkOf(region),
    healthCheckGracePeriodSeconds: 30,
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    enableECSManagedTags: true,
    propagateTags: 'SERVICE',
    enableExecuteCommand: false,
  };
}

function countsOf(region: RegionInventory, { number }: Deployment, now: number) {
  return {
    running: runningTasks(region, now).filter((task) => task.deploymentId === number).length,
    pending: pendingTasks(region, now).filter((task) => task.deploymentId === number).length,
  };
}

/** The newest deployment is PRIMARY; an older one is listed as ACTIVE while its tasks still run. */
function deploymentOf(here: EcsHere, deployment: Deployment, primary: boolean): readonly EcsDeployment[] {
  const { region, now, arns } = here;
  const { running, pending } = countsOf(region, deployment, now);
  if (!primary && running + pending === 0) return [];
  const id = `ecs-svc/${deployment.number}`;
  const { rolloutState, reason, updatedAt } = rolloutOf(region, deployment, now);
  // One that the service returned to was made when it was first deployed.
  const made = region.deployments.find((each) => each.number === deployment.number) ?? deployment;
  return [
    {
      id,
      status: primary ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: arns.taskDefinition(deployment.taskDefinition),
      desiredCount: primary ? desiredAt(region, now) : 0,
      pendingCount: pending,
      runningCount: running,
      failedTasks: failedTasks(region, deployment, now),
      createdAt: new Date(made.startedAt),
      updatedAt: new Date(updatedAt),
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      networkConfiguration: networkOf(region),
      rolloutState,
      rolloutStateReason: `ECS deployment ${id} ${reason}`,
    },
  ];
}

function rolloutOf(region: RegionInventory, deployment: Deployment, now: number) {
  const { startedAt, finishedAt = Infinity, endedAt = Infinity, rollbackRequestedAt = Infinity } = deployment;
  if (finishedAt <= now) return { rolloutState: 'COMPLETED', reason: 'completed.', updatedAt: finishedAt } as const;
  if (endedAt <= now) {
    const reason = deployment.end === 'circuit-breaker' ? 'failed: tasks failed to start.' : 'was superseded.';
    return { rolloutState: 'FAILED', reason, updatedAt: endedAt } as const;
  }
  if (rollbackRequestedAt <= now) {
    return { rolloutState: 'FAILED', reason: 'was stopped.', updatedAt: rollbackRequestedAt } as const;
  }
  const counted = region.desiredCounts.findLast((each) => each.at <= now)?.at ?? startedAt;
  return { rolloutState: 'IN_PROGRESS', reason: 'in progress.', updatedAt: Math.max(startedAt, counted) } as const;
}
