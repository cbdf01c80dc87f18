/**
 * What changes the ECS service and its scaling: what calls ask for, and what the scheduler and the autoscaler then do by
 * themselves. From one inventory to the next; whether a call is allowed is the services' business.
 */
import type { ScalingKind } from '../../cloud/facts.ts';
import { hexNoise } from '../random.ts';
import { decision, hasReasonToLook, nextLook } from './autoscaler.ts';
import type { Happening, HappeningTable } from './happenings.ts';
import {
  desiredAt,
  regionOf,
  type Deployment,
  type RegionInventory,
  type Scaling,
  type WorldInventory,
} from './inventory.ts';
import { currentDeployment, scheduled } from './service-scheduler.ts';

/** Between a call and the scheduler's first look at what it asked for. */
const REACTS_MS = 1_000;
/** Between the request to roll back and its beginning. */
const ROLLBACK_BEGINS_MS = 4_000;

export const serviceHappenings: Pick<HappeningTable, 'autoscaler-looks' | 'scheduler-acts'> = {
  'scheduler-acts': (world, { at, region: name }) => {
    const region = regionOf(world, name);
    if (region === undefined) return world;
    const { region: next, next: again } = scheduled(world, region, at);
    const acted = withRegion(world, next);
    return again === undefined ? acted : planned(acted, schedulerAt(again, name));
  },
  'autoscaler-looks': (world, { at, region: name }) => {
    const region = regionOf(world, name);
    const decided = region && decision(world, region, at);
    if (region === undefined) return world;
    const acted = decided === undefined ? world : scaledTo(world, region, decided.count, decided.cause, at);
    return looking(acted, name, at);
  },
};

/** Somebody sets how many tasks there should be. */
export function withDesiredCount(world: WorldInventory, name: string, count: number, at: number): WorldInventory {
  const region = regionOf(world, name);
  if (region === undefined || count === desiredAt(region, at)) return world;
  return looking(counted(world, region, count, at), name, at);
}

/** A new deployment of a task definition; one that is still under way gives way to it. */
export function withNewDeployment(
  world: WorldInventory,
  name: string,
  taskDefinition: string,
  at: number,
): WorldInventory {
  const region = regionOf(world, name);
  if (region === undefined) return world;
  const before = currentDeployment(region, at);
  const id = (tail: string) => hexNoise(world.seed, region.role, 'deployment', region.deployments.length, at, tail);
  const tail = id('a') + id('b');
  const deployment: Deployment = {
    id: tail,
    number: String(1e18 + parseInt(tail.slice(0, 13), 16)).slice(0, 19),
    taskDefinition,
    ...(before !== undefined && { previousTaskDefinition: before.taskDefinition }),
    startedAt: at,
    desired: desiredAt(region, at),
  };
  return planned(
    withRegion(world, { ...region, deployments: [...superseded(region, at), deployment] }),
    schedulerAt(at + REACTS_MS, name),
  );
}

/** The deployment to which rolling this one back returns: the last one before it that the service was steady with. */
export function rollbackTarget(region: RegionInventory, deployment: Deployment): Deployment | undefined {
  return region.deployments.findLast(
    (each) =>
      each.startedAt < deployment.startedAt && each.finishedAt !== undefined && each.number !== deployment.number,
  );
}

/** Takes a deployment back that is under way. */
export function withRollback(world: WorldInventory, name: string, id: string, at: number): WorldInventory {
  const region = regionOf(world, name);
  const deployment = region?.deployments.find((each) => each.id === id && each.rollbackOf === undefined);
  const target = region && deployment && rollbackTarget(region, deployment);
  if (region === undefined || deployment === undefined || target === undefined) return world;
  const begins = at + ROLLBACK_BEGINS_MS;
  const { finishedAt: _finished, endedAt: _ended, end: _end, rollbackRequestedAt: _asked, ...source } = target;
  const back: Deployment = {
    ...source,
    previousTaskDefinition: deployment.taskDefinition,
    startedAt: begins,
    desired: desiredAt(region, at),
    rollbackOf: deployment.id,
  };
  const deployments = region.deployments.map((each) =>
    each === deployment ? { ...each, rollbackRequestedAt: at } : each,
  );
  return planned(withRegion(world, { ...region, deployments: [...deployments, back] }), schedulerAt(begins, name));
}

/** Sets limits of Application Auto Scaling; a count outside of them is corrected at once. */
export function withLimits(
  world: WorldInventory,
  name: string,
  limits: Pick<Scaling, 'min' | 'max'>,
  at: number,
): WorldInventory {
  const region = regionOf(world, name);
  if (region === undefined) return world;
  const known: Scaling = region.scaling ?? {
    ...limits,
    policies: [],
    suspended: [],
    targetRequests: 0,
    activities: [],
  };
  const scaling: Scaling = { ...known, ...limits, limitsChangedAt: at };
  const changed: RegionInventory = { ...region, scaling };
  const desired = desiredAt(region, at);
  const limited = withRegion(world, changed);
  const corrected =
    desired < limits.min
      ? scaledTo(limited, changed, limits.min, `minimum capacity was set to ${limits.min}`, at)
      : desired > limits.max
        ? scaledTo(limited, changed, limits.max, `maximum capacity was set to ${limits.max}`, at)
        : limited;
  return looking(corrected, name, at);
}

/** Suspends scaling, or what is left out is resumed: it then looks at how things stand. */
export function withSuspended(
  world: WorldInventory,
  name: string,
  suspended: readonly ScalingKind[],
  at: number,
): WorldInventory {
  const region = regionOf(world, name);
  if (region?.scaling === undefined) return world;
  return looking(withRegion(world, { ...region, scaling: { ...region.scaling, suspended } }), name, at);
}

/** The autoscaler sets the count, and keeps a record of it. */
function scaledTo(
  world: WorldInventory,
  region: RegionInventory,
  count: number,
  cause: string,
  at: number,
): WorldInventory {
  const { scaling } = region;
  if (scaling === undefined) return world;
  const recorded = { ...region, scaling: { ...scaling, activities: [...scaling.activities, { at, count, cause }] } };
  return counted(world, recorded, count, at);
}

function counted(world: WorldInventory, region: RegionInventory, count: number, at: number): WorldInventory {
  const desiredCounts = [...region.desiredCounts.filter((each) => each.at < at), { at, count }];
  return planned(withRegion(world, { ...region, desiredCounts }), schedulerAt(at + REACTS_MS, region.region));
}

/** With a look of the autoscaler ahead, where it has a reason for one. */
function looking(world: WorldInventory, name: string, at: number): WorldInventory {
  const region = regionOf(world, name);
  if (region === undefined || !hasReasonToLook(world, region, at)) return world;
  const waits = world.happenings.some((each) => each.kind === 'autoscaler-looks' && each.region === name);
  return waits ? world : { ...world, happenings: [...world.happenings, nextLook(region, at)] };
}

function superseded(region: RegionInventory, at: number): readonly Deployment[] {
  return region.deployments.map((each) =>
    each.finishedAt === undefined && each.endedAt === undefined && each.rollbackRequestedAt === undefined
      ? { ...each, endedAt: at, end: 'superseded' }
      : each,
  );
}

/** One look of the scheduler is enough for a region: the earliest that anything asks for. */
function planned(world: WorldInventory, look: Happening): WorldInventory {
  const isSame = (each: Happening) => each.kind === look.kind && each.region === look.region;
  const known = world.happenings.find(isSame);
  if (known !== undefined && known.at <= look.at) return world;
  return { ...world, happenings: [...world.happenings.filter((each) => !isSame(each)), look] };
}

function schedulerAt(at: number, region: string): Happening {
  return { at, region, kind: 'scheduler-acts' };
}

function withRegion(world: WorldInventory, region: RegionInventory): WorldInventory {
  return region.role === 'primary' ? { ...world, primary: region } : { ...world, recovery: region };
}
