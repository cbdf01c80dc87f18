/** ECS, as far as facts and changes need it. */
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTasksCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type DescribeServiceDeploymentsCommandInput,
  type DescribeServiceRevisionsCommandInput,
  type DescribeServicesCommandInput,
  type DescribeTaskDefinitionCommandInput,
  type DescribeTasksCommandInput,
  type ListClustersCommandInput,
  type ListServiceDeploymentsCommandInput,
  type ListServicesCommandInput,
  type ListTasksCommandInput,
  type StopServiceDeploymentCommandInput,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectEcs(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('ecs', settings.region, new ECSClient(settings));
  return {
    describeServices: (input: DescribeServicesCommandInput) =>
      send(new DescribeServicesCommand(input), { lists: ['services'] }),
    listClusters: (input: ListClustersCommandInput) => send(new ListClustersCommand(input), { lists: ['clusterArns'] }),
    listServices: (input: ListServicesCommandInput) => send(new ListServicesCommand(input), { lists: ['serviceArns'] }),
    listServiceDeployments: (input: ListServiceDeploymentsCommandInput) =>
      send(new ListServiceDeploymentsCommand(input), { lists: ['serviceDeployments'] }),
    describeServiceDeployments: (input: DescribeServiceDeploymentsCommandInput) =>
      send(new DescribeServiceDeploymentsCommand(input), { lists: ['serviceDeployments'] }),
    describeServiceRevisions: (input: DescribeServiceRevisionsCommandInput) =>
      send(new DescribeServiceRevisionsCommand(input), { lists: ['serviceRevisions'] }),
    describeTaskDefinition: (input: DescribeTaskDefinitionCommandInput) =>
      send(new DescribeTaskDefinitionCommand(input), { members: ['taskDefinition'] }),
    listTasks: (input: ListTasksCommandInput) => send(new ListTasksCommand(input), { lists: ['taskArns'] }),
    describeTasks: (input: DescribeTasksCommandInput) => send(new DescribeTasksCommand(input), { lists: ['tasks'] }),
    updateService: (input: UpdateServiceCommandInput) =>
      send(new UpdateServiceCommand(input), { members: ['service'] }),
    stopServiceDeployment: (input: StopServiceDeploymentCommandInput) =>
      send(new StopServiceDeploymentCommand(input), { members: ['serviceDeploymentArn'] }),
  };
}
