/** The service's deployments and revisions: the history that ECS keeps beside the service itself. */
import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ServiceDeploymentStatus,
} from '@aws-sdk/client-ecs';
import {
  deploymentsUntil,
  pendingTasks,
  runningTasks,
  type Deployment,
  type RegionInventory,
} from '../world/inventory.ts';
import { rollbackTarget } from '../world/service-changes.ts';
import { failedTasks, failureThreshold } from '../world/service-scheduler.ts';
import { ServiceFault } from '../wire/service.ts';
import { nameIn, networkOf, pageOrFault, type EcsHere } from './ecs-here.ts';

export function listServiceDeployments(
  here: EcsHere,
  input: ListServiceDeploymentsRequest,
): ListServiceDeploymentsResponse {
  const { region, arns, now } = here;
  if (nameIn(input.service ?? '') !== region.names.service) {
    throw new ServiceFault('ServiceNotFoundException', 'Service not found.');
  }
  const found = serviceDeployments(here).filter((deployment) => {
    const status = statusOf(region, deployment, now);
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
      ...timesOf(region, deployment, now),
      targetServiceRevisionArn: arns.serviceRevision(deployment),
      status: statusOf(region, deployment, now),
    })),
    ...(page.next !== undefined && { nextToken: page.next }),
  };
}

/** Newest first; a rollback belongs to the deployment that it takes back. */
export function serviceDeployments({ region, now }: EcsHere): readonly Deployment[] {
  return deploymentsUntil(region, now).filter((each) => each.rollbackOf === undefined);
}

function rollbackOf(region: RegionInventory, deployment: Deployment): Deployment | undefined {
  return region.deployments.findLast((each) => each.rollbackOf === deployment.id);
}

/** Where a service deployment stands (Amazon ECS Developer Guide, "Service deployment states"). */
export function statusOf(region: RegionInventory, deployment: Deployment, now: number): ServiceDeploymentStatus {
  if ((deployment.rollbackRequestedAt ?? Infinity) <= now) {
    const back = rollbackOf(region, deployment);
    if (back === undefined || back.startedAt > now) return 'ROLLBACK_REQUESTED';
    if ((back.endedAt ?? Infinity) <= now) return 'ROLLBACK_FAILED';
    return (back.finishedAt ?? Infinity) <= now ? 'ROLLBACK_SUCCESSFUL' : 'ROLLBACK_IN_PROGRESS';
  }
  if ((deployment.endedAt ?? Infinity) <= now) return 'STOPPED';
  return (deployment.finishedAt ?? Infinity) <= now ? 'SUCCESSFUL' : 'IN_PROGRESS';
}

const underWay: readonly ServiceDeploymentStatus[] = ['IN_PROGRESS', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

export function isUnderWay(region: RegionInventory, deployment: Deployment, now: number): boolean {
  return underWay.includes(statusOf(region, deployment, now));
}

/** When it came to its end, whichever that was; undefined while it has none. */
function endOf(region: RegionInventory, deployment: Deployment, now: number): number | undefined {
  if (isUnderWay(region, deployment, now)) return undefined;
  const last = deployment.rollbackRequestedAt === undefined ? deployment : rollbackOf(region, deployment);
  return last?.endedAt ?? last?.finishedAt;
}

function timesOf(region: RegionInventory, deployment: Deployment, now: number) {
  const end = endOf(region, deployment, now);
  return {
    createdAt: new Date(deployment.startedAt),
    startedAt: new Date(deployment.startedAt + 1_000),
    ...(end !== undefined && { finishedAt: new Date(end) }),
    ...(deployment.end === 'circuit-breaker' &&
      end !== undefined && { statusReason: 'ECS deployment circuit breaker: tasks failed to start.' }),
  };
}

export function deploymentConfigurationOf(region: RegionInventory) {
  return { deploymentCircuitBreaker: { enable: true, rollback: false }, ...region.rolloutLimits };
}

/** The deployment that a deployment came from. */
function sourceOf(region: RegionInventory, deployment: Deployment): Deployment | undefined {
  const earlier = region.deployments.filter((each) => each.startedAt < deployment.startedAt);
  return earlier.findLast((each) => each.taskDefinition === deployment.previousTaskDefinition);
}

export function describeServiceDeployments(
  here: EcsHere | undefined,
  input: DescribeServiceDeploymentsRequest,
): DescribeServiceDeploymentsResponse {
  const wanted = input.serviceDeploymentArns ?? [];
  const found = wanted.map((arn) => {
    const deployment = here && serviceDeployments(here).find((each) => here.arns.serviceDeployment(each) === arn);
    return { arn, deployment };
  });
  return {
    serviceDeployments: found.flatMap(({ deployment }) => {
      if (here === undefined || deployment === undefined) return [];
      const { region, arns, now } = here;
      const source = sourceOf(region, deployment);
      const end = endOf(region, deployment, now);
      const runs = (number: string) => runningTasks(region, now).filter((task) => task.deploymentId === number).length;
      const starts = (number: string) =>
        pendingTasks(region, now).filter((task) => task.deploymentId === number).length;
      const requested = deployment.rollbackRequestedAt;
      const target = rollbackTarget(region, deployment);
      return [
        {
          serviceDeploymentArn: arns.serviceDeployment(deployment),
          serviceArn: arns.service(),
          clusterArn: arns.cluster(),
          ...timesOf(region, deployment, now),
          updatedAt: new Date(end ?? now),
          sourceServiceRevisions:
            source === undefined
              ? []
              : [
                  {
                    arn: arns.serviceRevision(source),
                    requestedTaskCount: 0,
                    runningTaskCount: runs(source.number),
                    pendingTaskCount: starts(source.number),
                  },
                ],
          targetServiceRevision: {
            arn: arns.serviceRevision(deployment),
            requestedTaskCount: deployment.desired,
            runningTaskCount: runs(deployment.number),
            pendingTaskCount: starts(deployment.number),
          },
          status: statusOf(region, deployment, now),
          ...(requested !== undefined &&
            requested <= now &&
            target !== undefined && {
              rollback: {
                reason: 'Service deployment rolled back by a request to stop it.',
                startedAt: new Date(requested),
                serviceRevisionArn: arns.serviceRevision(target),
              },
            }),
          deploymentConfiguration: deploymentConfigurationOf(region),
          deploymentCircuitBreaker: {
            status: breakerOf(deployment, end),
            failureCount: failedTasks(region, deployment, now),
            threshold: failureThreshold(deployment.desired),
          },
        },
      ];
    }),
    failures: found.flatMap(({ arn, deployment }) => (deployment === undefined ? [{ arn, reason: 'MISSING' }] : [])),
  };
}

function breakerOf({ end: why }: Deployment, end: number | undefined) {
  if (why === 'circuit-breaker' && end !== undefined) return 'TRIGGERED' as const;
  return end === undefined ? ('MONITORING' as const) : ('MONITORING_COMPLETE' as const);
}

export function describeServiceRevisions(
  here: EcsHere | undefined,
  input: DescribeServiceRevisionsRequest,
): DescribeServiceRevisionsResponse {
  const found = (input.serviceRevisionArns ?? []).map((arn) => {
    const deployment =
      here && deploymentsUntil(here.region, here.now).findLast((each) => here.arns.serviceRevision(each) === arn);
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
          loadBalancers: [
            { targetGroupArn: arns.targetGroup(), containerName: region.names.service, containerPort: 8000 },
          ],
          networkConfiguration: networkOf(region),
          containerImages: [{ containerName: region.names.service, image }],
          createdAt: new Date(deployment.startedAt),
        },
      ];
    }),
    failures: found.flatMap(({ arn, deployment }) => (deployment === undefined ? [{ arn, reason: 'MISSING' }] : [])),
  };
}
