/**
 * The simulated account as plain data: what exists, and what happened to it when. Nothing here moves; the state at a
 * time is read from the times in the records, so that history needs no storage and a change only appends.
 */
import type { WorldNames, RegionNames } from './names.ts';
import type { Fault } from './faults.ts';

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
}

/** A task of the service, from its start to its end. Times are epoch milliseconds. */
export interface Task {
  readonly id: string;
  readonly zone: string;
  readonly ip: string;
  readonly eni: string;
  readonly taskDefinition: string;
  readonly deploymentId: string;
  readonly createdAt: number;
  /** From here on it serves. */
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly stopCode?: 'EssentialContainerExited' | 'ServiceSchedulerInitiated';
  readonly stoppedReason?: string;
  readonly exitCode?: number;
  readonly containerReason?: string;
}

export interface Deployment {
  /** The tail of the deployment's ARN; `ecs-svc/<number>` is another name of the same thing. */
  readonly id: string;
  readonly number: string;
  readonly taskDefinition: string;
  readonly previousTaskDefinition?: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly desired: number;
}

export interface TaskDefinition {
  /** `<family>:<revision>`. */
  readonly id: string;
  readonly family: string;
  readonly revision: number;
  readonly image: string;
  readonly registeredAt: number;
}

export interface DatabaseInstance {
  readonly id: string;
  readonly role: 'writer' | 'reader';
  readonly zone: string;
  readonly resourceId: string;
}

export interface Database {
  readonly cluster: string;
  readonly resourceId: string;
  /** Part of the endpoints' names. */
  readonly endpointId: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly instances: readonly DatabaseInstance[];
  readonly createdAt: number;
  /** True for the cluster that takes writes for the global database. */
  readonly primary: boolean;
}

export interface CacheNode {
  readonly id: string;
  readonly role: 'primary' | 'replica';
  readonly zone: string;
}

/** Something that happened to the cache's nodes. */
export interface CacheRestart {
  readonly at: number;
  readonly node: string;
}

export interface RegionInventory {
  readonly region: string;
  readonly role: 'primary' | 'recovery';
  readonly names: RegionNames;
  readonly zones: readonly string[];
  readonly vpcId: string;
  readonly vpcCidr: string;
  readonly subnets: readonly Subnet[];
  readonly securityGroups: { readonly balancer: string; readonly service: string; readonly database: string };
  readonly flowLogId: string;
  readonly balancerDnsName: string;
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly deployments: readonly Deployment[];
  readonly tasks: readonly Task[];
  readonly desiredTasks: number;
  readonly minTasks: number;
  readonly database: Database;
  readonly cacheNodes: readonly CacheNode[];
  readonly cacheRestarts: readonly CacheRestart[];
}

export interface WorldInventory {
  readonly seed: number;
  /** When the incident's story stands at its present: the scenario's times are relative to it. */
  readonly startMs: number;
  readonly scenario: string;
  readonly names: WorldNames;
  readonly primary: RegionInventory;
  readonly recovery: RegionInventory;
  readonly healthCheckId: string;
  readonly createdAt: number;
  readonly faults: readonly Fault[];
}

/** The tasks that serve at `at`, oldest first. */
export function runningTasks(region: RegionInventory, at: number): readonly Task[] {
  return region.tasks.filter((task) => task.startedAt <= at && (task.stoppedAt === undefined || task.stoppedAt > at));
}

/** The tasks that are starting at `at`. */
export function pendingTasks(region: RegionInventory, at: number): readonly Task[] {
  return region.tasks.filter((task) => task.createdAt <= at && task.startedAt > at);
}

/** The deployments known at `at`, newest first. */
export function deploymentsUntil(region: RegionInventory, at: number): readonly Deployment[] {
  return region.deployments.filter((deployment) => deployment.startedAt <= at).toReversed();
}

/** The region's half of the world, or undefined for a region in which nothing exists. */
export function regionOf(world: WorldInventory, region: string): RegionInventory | undefined {
  if (region === world.primary.region) return world.primary;
  if (region === world.recovery.region) return world.recovery;
  return undefined;
}
