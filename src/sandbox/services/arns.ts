/** ARNs of what is in the world, as AWS writes them. */
import type { RegionInventory, Deployment, Task } from '../world/inventory.ts';
import type { World } from '../world/world.ts';

export interface Arns {
  cluster(): string;
  service(): string;
  task(task: Task): string;
  taskDefinition(id: string): string;
  serviceDeployment(deployment: Deployment): string;
  serviceRevision(deployment: Deployment): string;
  loadBalancer(): string;
  targetGroup(): string;
  listener(): string;
  databaseCluster(): string;
  databaseInstance(id: string): string;
  globalCluster(): string;
  replicationGroup(): string;
  table(): string;
  logGroup(name: string): string;
  scalableTarget(): string;
}

export function arnsOf(world: World, region: RegionInventory): Arns {
  const { account, globalCluster, sessionsTable } = world.inventory.names;
  const { names } = region;
  const at = (service: string, resource: string) => `arn:aws:${service}:${region.region}:${account}:${resource}`;
  const ofService = `${names.cluster}/${names.service}`;
  return {
    cluster: () => at('ecs', `cluster/${names.cluster}`),
    service: () => at('ecs', `service/${ofService}`),
    task: (task) => at('ecs', `task/${names.cluster}/${task.id}`),
    taskDefinition: (id) => at('ecs', `task-definition/${id}`),
    serviceDeployment: (deployment) => at('ecs', `service-deployment/${ofService}/${deployment.id}`),
    serviceRevision: (deployment) => at('ecs', `service-revision/${ofService}/${deployment.number}`),
    loadBalancer: () => at('elasticloadbalancing', `loadbalancer/${names.loadBalancer}`),
    targetGroup: () => at('elasticloadbalancing', names.targetGroup),
    listener: () =>
      at('elasticloadbalancing', `listener/${names.loadBalancer}/${names.loadBalancer.split('/').at(-1) ?? ''}`),
    databaseCluster: () => at('rds', `cluster:${names.databaseCluster}`),
    databaseInstance: (id) => at('rds', `db:${id}`),
    globalCluster: () => `arn:aws:rds::${account}:global-cluster:${globalCluster}`,
    replicationGroup: () => at('elasticache', `replicationgroup:${names.cache}`),
    table: () => at('dynamodb', `table/${sessionsTable}`),
    logGroup: (name) => at('logs', `log-group:${name}`),
    scalableTarget: () => at('application-autoscaling', `scalable-target/0ec5${region.vpcId.slice(5, 13)}`),
  };
}
