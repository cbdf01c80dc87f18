/** ARNs of what is in the world, as AWS writes them. */
import { hexNoise } from '../random.ts';
import { uuid } from '../world/build-inventory.ts';
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
  /** Of the port, 443 or 80. */
  listener(port: number): string;
  certificate(): string;
  /** The database's password. */
  secret(): string;
  /** What else the application is started with. */
  parameter(): string;
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
  const { names, role } = region;
  const { seed } = world.inventory;
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
    listener: (port) =>
      at('elasticloadbalancing', `listener/${names.loadBalancer}/${hexNoise(seed, role, 'listener', port).repeat(2)}`),
    certificate: () => at('acm', `certificate/${uuid(seed, `certificate-${role}`)}`),
    // A replica bears its primary's name, with the same six characters after it.
    secret: () => at('secretsmanager', `secret:${secretName(world)}-${hexNoise(seed, 'secret').slice(0, 6)}`),
    parameter: () => at('ssm', `parameter${parameterName(world)}`),
    databaseCluster: () => at('rds', `cluster:${names.databaseCluster}`),
    databaseInstance: (id) => at('rds', `db:${id}`),
    globalCluster: () => `arn:aws:rds::${account}:global-cluster:${globalCluster ?? ''}`,
    replicationGroup: () => at('elasticache', `replicationgroup:${names.cache}`),
    table: () => at('dynamodb', `table/${sessionsTable}`),
    logGroup: (name) => at('logs', `log-group:${name}`),
    scalableTarget: () => at('application-autoscaling', `scalable-target/0ec5${region.vpcId.slice(5, 13)}`),
  };
}

/** The name of the secret that holds the database's password, the same in each region. */
export function secretName({ inventory }: World): string {
  return `${inventory.names.service}/${inventory.names.environment}/database`;
}

/** The name of the parameter that the application is started with, the same in each region. */
export function parameterName({ inventory }: World): string {
  return `/${inventory.names.service}/${inventory.names.environment}/moderation-key`;
}
