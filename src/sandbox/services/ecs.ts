/** Simulated Amazon ECS: the service, its tasks, its deployments and their revisions. Amazon ECS API Reference. */
import {
  DescribeClusters$,
  DescribeServiceDeployments$,
  DescribeServiceRevisions$,
  DescribeServices$,
  DescribeTaskDefinition$,
  DescribeTasks$,
  ListClusters$,
  ListServiceDeployments$,
  ListServices$,
  ListTasks$,
  StopServiceDeployment$,
  UpdateService$,
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
  type ListClustersRequest,
  type ListClustersResponse,
  type ListServiceDeploymentsRequest,
  type ListServiceDeploymentsResponse,
  type ListServicesRequest,
  type ListServicesResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type StopServiceDeploymentRequest,
  type StopServiceDeploymentResponse,
  type UpdateServiceRequest,
  type UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { pendingTasks, runningTasks } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { stopServiceDeployment, updateService } from './ecs-changes.ts';
import { describeServiceDeployments, describeServiceRevisions, listServiceDeployments } from './ecs-deployments.ts';
import { nameIn, type EcsHere } from './ecs-here.ts';
import { describeServices, serviceOf } from './ecs-service.ts';
import { describeTaskDefinition, describeTasks, listTasks } from './ecs-tasks.ts';
import { operation } from './operation.ts';

export function ecsService(world: World): SimulatedService {
  /** The region and the cluster that a call is about. */
  const inCluster = (call: CallContext, cluster: string | undefined): EcsHere => {
    const here = inRegion(call);
    if (here === undefined || nameIn(cluster ?? 'default') !== here.region.names.cluster) {
      throw new ServiceFault('ClusterNotFoundException', 'Cluster not found.');
    }
    return here;
  };
  const inRegion = (call: CallContext): EcsHere | undefined => {
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
      operation<ListClustersRequest, ListClustersResponse>(ListClusters$, (_input, call) => {
        const here = inRegion(call);
        return { clusterArns: here === undefined ? [] : [here.arns.cluster()] };
      }),
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
      operation<UpdateServiceRequest, UpdateServiceResponse>(UpdateService$, (input, call) => {
        updateService(inCluster(call, input.cluster), input);
        return { service: serviceOf(inCluster(call, input.cluster)) };
      }),
      operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse>(StopServiceDeployment$, (input, call) =>
        stopServiceDeployment(inRegion(call), input),
      ),
    ],
  };
}

function describeClusters(
  here: EcsHere | undefined,
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
      arn: each.startsWith('arn:')
        ? each
        : `arn:aws:ecs:${call.region}:${world.inventory.names.account}:cluster/${each}`,
      reason: 'MISSING',
    })),
  };
}
