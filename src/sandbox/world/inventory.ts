/**
 * The simulated account as plain data: what exists, and what happened to it when. Nothing here moves; the state at a
 * time is read from the times in the records, so that history needs no storage and a change only appends.
 */
import type { Watchers } from './watchers.ts';
import type { ScalingKind } from '../../cloud/facts.ts';
import type { WorldNames, RegionNames } from './names.ts';
import type { Crash, Fault } from './faults.ts';
import type { Happening } from './happenings.ts';
import type { Side } from './region-outage.ts';
import type { Traffic } from './traffic-state.ts';
import type { AppliedCall } from './world.ts';

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
  /** From here on it runs; the time of its end where it never did. */
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly stopCode?: 'EssentialContainerExited' | 'TaskFailedToStart' | 'ServiceSchedulerInitiated' | 'UserInitiated';
  readonly stoppedReason?: string;
  readonly exitCode?: number;
  readonly containerReason?: string;
  /** What its application said last, where it ended by itself. */
  readonly crash?: Crash;
}

/** A deployment of the service, or the return to an earlier one. */
export interface Deployment {
  /** The tail of the deployment's ARN; `ecs-svc/<number>` is another name of the same thing. */
  readonly id: string;
  readonly number: string;
  readonly taskDefinition: string;
  readonly previousTaskDefinition?: string;
  readonly startedAt: number;
  /** When the service was steady again; absent while it is not. */
  readonly finishedAt?: number;
  readonly desired: number;
  /** It was given up: another deployment took its place, or too many of its tasks failed. */
  readonly endedAt?: number;
  readonly end?: 'superseded' | 'circuit-breaker';
  /** Somebody asked for the deployment before it. */
  readonly rollbackRequestedAt?: number;
  /**
   * The `id` of the deployment that this one takes back. It goes on under the number of the deployment to which it
   * returns, as ECS does, and is no service deployment of its own.
   */
  readonly rollbackOf?: string;
}

/** How many tasks the service is to have, from a time on. */
export interface DesiredCount {
  readonly at: number;
  readonly count: number;
}

/** What Application Auto Scaling did to the service. */
export interface ScalingActivity {
  readonly at: number;
  readonly count: number;
  readonly cause: string;
}

/** How Application Auto Scaling owns the count of tasks. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  /** Names of its policies; the first tracks requests a minute and target. */
  readonly policies: readonly string[];
  readonly targetRequests: number;
  /** What of it is suspended. */
  readonly suspended: readonly ScalingKind[];
  /** When its limits were changed last; absent where they are as they were made. */
  readonly limitsChangedAt?: number;
  /** Oldest first. */
  readonly activities: readonly ScalingActivity[];
}

/** How far ECS may go above and below the desired count while it deploys, in per cent. */
export interface RolloutLimits {
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
}

export interface TaskDefinition {
  /** `<family>:<revision>`. */
  readonly id: string;
  readonly family: string;
  readonly revision: number;
  readonly image: string;
  readonly registeredAt: number;
}

/** An instance of a cluster, from its making to its end; who writes is told by the cluster's failovers. */
export interface DatabaseInstance {
  readonly id: string;
  readonly zone: string;
  readonly resourceId: string;
  readonly instanceClass: string;
  readonly createdAt: number;
  /** From here on it takes connections. */
  readonly availableAt: number;
  readonly deletedAt?: number;
}

/** A failover, from its start to its end. Until it has moved, the writer cannot be reached. */
export interface Failover {
  readonly startedAt: number;
  /** From here on clients reach the writer of afterwards; where the failover failed, the one of before again. */
  readonly movedAt: number;
  /** The cluster is available again. */
  readonly endedAt: number;
  readonly from: string;
  /** The same instance as `from` where there was no reader: it is made anew. */
  readonly to: string;
  readonly outcome: 'completed' | 'failed';
  /** From here on `from` takes connections again. */
  readonly restartedAt: number;
}

export interface ParameterChange {
  readonly at: number;
  readonly parameter: string;
  readonly value: string;
  readonly apply: 'immediate' | 'pending-reboot';
}

/** A time in which a cluster takes writes. */
export interface WritingTerm {
  /** Epoch milliseconds; 0 for a cluster that always did. */
  readonly from: number;
  readonly to?: number;
  /** The instance that wrote first in it; absent while the cluster has no instance. */
  readonly writer?: string;
}

export interface Database {
  readonly cluster: string;
  readonly resourceId: string;
  /** Part of the endpoints' names, the same for every cluster of a region. */
  readonly endpointId: string;
  readonly engineVersion: string;
  readonly instances: readonly DatabaseInstance[];
  readonly createdAt: number;
  readonly availableAt: number;
  /** When it takes writes, oldest first: none while it is a copy of another one. */
  readonly terms: readonly WritingTerm[];
  /** Oldest first. */
  readonly failovers: readonly Failover[];
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  /** Changes of `parameterGroup`, oldest first. */
  readonly parameterChanges: readonly ParameterChange[];
  /** The cluster that this one was restored from, and the moment that it was restored to. */
  readonly restoredFrom?: { readonly cluster: string; readonly to: number };
}

/** The writer's role moves from one region's cluster to the other's, from the call to the end. */
export interface GlobalMove {
  /** `detach`: out of the global database. `promotion`: of a replica that belongs to none. */
  readonly kind: 'switchover' | 'failover' | 'detach' | 'promotion';
  readonly from: Side;
  readonly to: Side;
  readonly startedAt: number;
  /** From here on `from` takes no more writes on account of the move; absent where the move leaves it alone. */
  readonly frozenAt?: number;
  /** From here on `to` takes writes; absent where it never gets so far. */
  readonly movedAt?: number;
  /** Absent where it goes on for ever. */
  readonly endedAt?: number;
  readonly outcome: 'completed' | 'stuck' | 'cancelled';
  /** The newest write of `from` that `to` has. */
  readonly copiedTo: number;
  /** How long `from` is made anew as a copy of `to`, from when it can be reached; absent where it need not be. */
  readonly rebuildMs?: number;
}

/** How one region's cluster copies the other's. */
export interface Replication {
  /** `global`: an Aurora global database. `replica`: a read replica in another region, by the binary log. */
  readonly kind: 'global' | 'replica';
  /** Whose cluster was the original before any move. */
  readonly firstPrimary: Side;
  /** How far the copy usually is behind. */
  readonly usualLagMs: number;
  /** Oldest first. */
  readonly moves: readonly GlobalMove[];
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
  /** Those that ended long ago, of which nothing but what they measured is known any more. */
  readonly formerTasks?: readonly Task[];
  /** How many tasks were and are wanted, oldest first. */
  readonly desiredCounts: readonly DesiredCount[];
  readonly rolloutLimits: RolloutLimits;
  /** Absent where nobody registered the service with Application Auto Scaling. */
  readonly scaling?: Scaling;
  /** The stack's own cluster. */
  readonly database: Database;
  /** Clusters that were restored from it, oldest first. */
  readonly restoredDatabases: readonly Database[];
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
  readonly replication: Replication;
  /** True of a model that predicts: whatever takes time takes the middle of what it may. */
  readonly typical?: boolean;
  /** Of the check that watches the API, or that moves its traffic. */
  readonly healthCheckId: string;
  readonly traffic: Traffic;
  readonly createdAt: number;
  readonly faults: readonly Fault[];
  /** What will happen by itself. */
  readonly happenings: readonly Happening[];
  /** Every call that changed the world, oldest first. */
  readonly calls: readonly AppliedCall[];
  /** What calls made that watches, by region; absent until one did. */
  readonly watchers?: Readonly<Record<string, Watchers>>;
  /** Bodies of dashboards, by name. */
  readonly dashboards?: Readonly<Record<string, string>>;
}

/** A target is asked three times, ten seconds apart, and has to have started before: so long until it gets requests. */
export const CHECKED_MS = 45_000;

/** The tasks that run at `at`, oldest first. */
export function runningTasks(region: RegionInventory, at: number): readonly Task[] {
  const runs = (task: Task): boolean => task.startedAt <= at && (task.stoppedAt === undefined || task.stoppedAt > at);
  const { tasks, formerTasks = [] } = region;
  const isLongAgo = formerTasks.some(({ stoppedAt }) => stoppedAt !== undefined && stoppedAt > at);
  return isLongAgo ? [...formerTasks, ...tasks].filter(runs) : tasks.filter(runs);
}

/**
 * The tasks that get requests at `at`: not those that end before they have passed their checks. Of the time before the
 * oldest task that is known: it and its like, since somebody served then.
 */
export function servingTasks(region: RegionInventory, at: number): readonly Task[] {
  const running = runningTasks(region, at).filter((task) => livesToServe(task));
  if (running.length > 0) return running;
  const [oldest] = region.tasks;
  const first = region.tasks.reduce((least, { startedAt }) => Math.min(least, startedAt), Infinity);
  if (oldest === undefined || at >= first) return running;
  return region.tasks.filter((task) => task.deploymentId === oldest.deploymentId && livesToServe(task));
}

export function livesToServe(task: Task): boolean {
  return task.crash === undefined || task.stoppedAt === undefined || task.stoppedAt - task.startedAt >= CHECKED_MS;
}

/** The tasks that are starting at `at`. */
export function pendingTasks(region: RegionInventory, at: number): readonly Task[] {
  return region.tasks.filter(
    (task) => task.createdAt <= at && task.startedAt > at && (task.stoppedAt === undefined || task.stoppedAt > at),
  );
}

/** The deployments known at `at`, newest first. */
export function deploymentsUntil(region: RegionInventory, at: number): readonly Deployment[] {
  return region.deployments.filter((deployment) => deployment.startedAt <= at).toReversed();
}

/** How many tasks the service was to have at `at`. */
export function desiredAt(region: RegionInventory, at: number): number {
  const known = region.desiredCounts.findLast((each) => each.at <= at) ?? region.desiredCounts[0];
  return known?.count ?? 0;
}

/** The region's half of the world, or undefined for a region in which nothing exists. */
export function regionOf(world: WorldInventory, region: string): RegionInventory | undefined {
  if (region === world.primary.region) return world.primary;
  if (region === world.recovery.region) return world.recovery;
  return undefined;
}
