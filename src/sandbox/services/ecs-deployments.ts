/** The service's deployments and revisions: the history that ECS keeps beside the service itself. */
import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
} from '@aws-sdk/client-ecs';
import { deploymentsUntil, runningTasks, type Deployment } from '../world/inventory.ts';
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

export function describeServiceDeployments(
  here: EcsHere | undefined,
  input: DescribeServiceDeploymentsRequest,
): DescribeServiceDeploymentsResponse {
  const wanted = input.serviceDeploymentArns ?? [];
  const found = wanted.map((arn) => {
    const deployment =
      here && deploymentsUntil(here.region, here.now).find((each) => here.arns.serviceDeployment(each) === arn);
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
              : [
                  {
                    arn: arns.serviceRevision(source),
                    requestedTaskCount: 0,
                    runningTaskCount: runs(source.number),
                    pendingTaskCount: 0,
                  },
                ],
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
          deploymentCircuitBreaker: {
            status: finished ? ('MONITORING_COMPLETE' as const) : ('MONITORING' as const),
            failureCount: 0,
            threshold: 3,
          },
        },
      ];
    }),
    failures: found.flatMap(({ arn, deployment }) => (deployment === undefined ? [{ arn, reason: 'MISSING' }] : [])),
  };
}

export function describeServiceRevisions(
  here: EcsHere | undefined,
  input: DescribeServiceRevisionsRequest,
): DescribeServiceRevisionsResponse {
  const found = (input.serviceRevisionArns ?? []).map((arn) => {
    const deployment =
      here && deploymentsUntil(here.region, here.now).find((each) => here.arns.serviceRevision(each) === arn);
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
