/**
 * The ECS service scheduler: starts what is missing, takes the old tasks away as their successors come, replaces what
 * ended, and ends a deployment when the service is steady (Amazon ECS Developer Guide, "Deploy Amazon ECS services by
 * replacing tasks", "service throttle logic", "deployment circuit breaker"). A pure step from one inventory to the next;
 * the times of tasks that it starts are known when it starts them.
 */
import { drawnAmong } from '../random.ts';
import {
  CHECKED_MS,
  deploymentsUntil,
  desiredAt,
  type Deployment,
  type RegionInventory,
  type Task,
  type WorldInventory,
} from './inventory.ts';
import { crashed, crashOf, startTask } from './tasks.ts';

const SECOND_MS = 1_000;
const DRAINING_MS = 30 * SECOND_MS;
/** A task that is started at a look is there so much later at the latest. */
const LATEST_CREATION_MS = 3 * SECOND_MS;
/** From ECS's wish to a task's end. */
const STOPPING_MS = [SECOND_MS, 4 * SECOND_MS] as const;
/** From a task's end until ECS acts on it. */
const NOTICED_MS = 5 * SECOND_MS;
/** Tasks that do not even start are tried again later and later, up to 27 minutes. */
const FIRST_BACKOFF_MS = 5 * SECOND_MS;
const LONGEST_BACKOFF_MS = 27 * 60 * SECOND_MS;

export interface Scheduled {
  readonly region: RegionInventory;
  /** When to look again; absent where there is nothing to wait for. */
  readonly next?: number;
}

/** The deployment that the service goes by at `at`. */
export function currentDeployment(region: RegionInventory, at: number): Deployment | undefined {
  return deploymentsUntil(region, at)[0];
}

/**
 * Tasks of a deployment that failed to start, one after another: none any more once one of them has run, and then it
 * stays at none (`failedTasks` in the API's Deployment type).
 */
export function failedTasks(region: RegionInventory, deployment: Deployment, at: number): number {
  const own = region.tasks.filter((task) => task.deploymentId === deployment.number && task.createdAt <= at);
  const ran = own.some((task) => task.startedAt <= at && task.stopCode !== 'TaskFailedToStart');
  return ran ? 0 : own.filter((task) => endedBy(task, at) && task.stopCode === 'TaskFailedToStart').length;
}

/** How many failed tasks end a deployment: half of what is wanted, and three at least. */
export function failureThreshold(desired: number): number {
  return Math.max(3, Math.ceil(desired / 2));
}

export function scheduled(world: WorldInventory, given: RegionInventory, at: number): Scheduled {
  const deployment = currentDeployment(given, at);
  if (deployment === undefined || deployment.endedAt !== undefined) return { region: given };
  let region = withCrashes(world, given, at);
  const desired = desiredAt(region, at);
  const deploying = deployment.finishedAt === undefined;
  if (deploying && failedTasks(region, deployment, at) >= failureThreshold(desired)) {
    return { region: withDeployment(region, deployment, { endedAt: at, end: 'circuit-breaker' }) };
  }
  region = stopped(world, region, deployment, desired, deploying, at);
  region = started(world, region, deployment, desired, deploying, at);
  const { own, others } = split(region, deployment, at);
  const drained = others.length === 0 && lastEnd(region, deployment, at) + DRAINING_MS <= at;
  if (deploying && drained && own.filter((task) => passedChecks(task, at)).length >= desired) {
    return {
      region: withDeployment(region, deployment, { finishedAt: at }),
      ...nextLook(world, region, deployment, false, at),
    };
  }
  return { region, ...nextLook(world, region, deployment, deploying, at) };
}

/** Tasks that cannot live, as far as nobody has noted their end yet. */
function withCrashes(world: WorldInventory, region: RegionInventory, at: number): RegionInventory {
  if (!world.faults.some((fault) => fault.effect === 'crash-loop')) return region;
  const tasks = region.tasks.map((task) => {
    if (task.stoppedAt !== undefined || task.createdAt > at) return task;
    const fault = crashOf(world, region, task.taskDefinition, at);
    return fault === undefined ? task : crashed(world, task, fault);
  });
  return { ...region, tasks };
}

function started(
  world: WorldInventory,
  region: RegionInventory,
  deployment: Deployment,
  desired: number,
  deploying: boolean,
  at: number,
): RegionInventory {
  const { own, others } = split(region, deployment, at);
  const most = Math.floor((desired * region.rolloutLimits.maximumPercent) / 100);
  const room = deploying ? most - own.length - others.length : Infinity;
  const missing = Math.min(desired - own.length, room);
  if (missing <= 0 || backoffEnd(region, deployment, at) > at) return region;
  let grown = region;
  for (let count = 0; count < missing; count += 1) {
    const alive = split(grown, deployment, at).own;
    const zoneIndex = emptiest(region.zones, alive);
    const place = { index: count + 1, of: missing };
    grown = { ...grown, tasks: [...grown.tasks, startTask(world, grown, deployment, at, zoneIndex, place)] };
  }
  return grown;
}

/** Stops tasks of former deployments whose successors have passed their checks, and tasks beyond the desired count. */
function stopped(
  world: WorldInventory,
  region: RegionInventory,
  deployment: Deployment,
  desired: number,
  deploying: boolean,
  at: number,
): RegionInventory {
  const { own, others } = split(region, deployment, at);
  const least = Math.ceil((desired * region.rolloutLimits.minimumHealthyPercent) / 100);
  const ready = own.filter((task) => passedChecks(task, at)).length;
  const serving = others.filter((task) => task.startedAt <= at);
  const unborn = others.filter((task) => task.startedAt > at);
  const spare = Math.max(0, Math.min(serving.length, ready + serving.length - least));
  const surplus = Math.max(0, own.length - desired);
  const ending = new Set([
    ...(deploying ? [...unborn, ...serving.slice(0, spare)] : []),
    ...fullest(region.zones, own, surplus),
  ]);
  if (ending.size === 0) return region;
  let index = 0;
  const tasks = region.tasks.map((task): Task => {
    if (!ending.has(task)) return task;
    index += 1;
    const { crash: _crash, containerReason: _reason, ...rest } = task;
    const stoppedAt = Math.round(at + drawnAmong(world, STOPPING_MS, { index, of: ending.size }, task.id, 'stop'));
    return {
      ...rest,
      startedAt: Math.min(task.startedAt, stoppedAt),
      stoppedAt,
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by deployment ecs-svc/${deployment.number}`,
      exitCode: 0,
    };
  });
  return { ...region, tasks };
}

function nextLook(
  world: WorldInventory,
  region: RegionInventory,
  deployment: Deployment,
  deploying: boolean,
  at: number,
): Pick<Scheduled, 'next'> {
  const { own, others } = split(region, deployment, at);
  const times = [...own, ...others].flatMap((task) => [
    ...(task.stoppedAt === undefined ? [] : [task.stoppedAt + NOTICED_MS]),
    ...(deploying && task.crash === undefined ? [task.startedAt + CHECKED_MS] : []),
  ]);
  if (deploying) times.push(lastEnd(region, deployment, at) + DRAINING_MS);
  if (own.length < desiredAt(region, at)) times.push(backoffEnd(region, deployment, at));
  if (region.role === 'primary') {
    times.push(...world.faults.flatMap((fault) => (fault.effect === 'crash-loop' ? [fault.from] : [])));
  }
  const later = times.filter((time) => time > at);
  return later.length === 0 ? {} : { next: Math.min(...later) };
}

/**
 * The tasks that are there or coming at `at`, of the deployment and of others, oldest first; without those that ECS has
 * told to stop.
 */
function split(region: RegionInventory, deployment: Deployment, at: number) {
  const alive = region.tasks.filter(
    (task) =>
      task.createdAt <= at + LATEST_CREATION_MS && !endedBy(task, at) && task.stopCode !== 'ServiceSchedulerInitiated',
  );
  return {
    own: alive.filter((task) => task.deploymentId === deployment.number),
    others: alive.filter((task) => task.deploymentId !== deployment.number),
  };
}

function endedBy(task: Task, at: number): boolean {
  return task.stoppedAt !== undefined && task.stoppedAt <= at;
}

function passedChecks(task: Task, at: number): boolean {
  return task.startedAt + CHECKED_MS <= at && task.crash === undefined;
}

/** When the last task of another deployment ended; the deployment's own start where none did since. */
function lastEnd(region: RegionInventory, deployment: Deployment, at: number): number {
  return region.tasks.reduce(
    (last, task) =>
      task.deploymentId !== deployment.number && task.stoppedAt !== undefined && task.stoppedAt <= at + NOTICED_MS
        ? Math.max(last, task.stoppedAt)
        : last,
    deployment.startedAt,
  );
}

/** Until when ECS waits before it tries again: twice as long after every task in a row that did not start. */
function backoffEnd(region: RegionInventory, deployment: Deployment, at: number): number {
  const ended = region.tasks.filter((task) => task.deploymentId === deployment.number && endedBy(task, at));
  const last = ended.findLastIndex((task) => task.stopCode !== 'TaskFailedToStart');
  const failed = ended.slice(last + 1);
  const newest = failed.at(-1)?.stoppedAt;
  if (newest === undefined) return at;
  const rounds = Math.ceil(failed.length / Math.max(1, desiredAt(region, at)));
  return newest + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** rounds);
}

function withDeployment(region: RegionInventory, deployment: Deployment, change: Partial<Deployment>): RegionInventory {
  return {
    ...region,
    deployments: region.deployments.map((each) => (each === deployment ? { ...each, ...change } : each)),
  };
}

/** The zone (0, 1 or 2) with the fewest tasks. */
function emptiest(zones: readonly string[], tasks: readonly Task[]): number {
  const counts = zones.map((zone) => tasks.filter((task) => task.zone === zone).length);
  return counts.indexOf(Math.min(...counts));
}

/** So many tasks to take away, each from the zone that has most, the newest first. */
function fullest(zones: readonly string[], tasks: readonly Task[], count: number): readonly Task[] {
  let rest = [...tasks];
  const taken: Task[] = [];
  while (taken.length < count) {
    const counts = zones.map((zone) => rest.filter((task) => task.zone === zone).length);
    const zone = zones[counts.indexOf(Math.max(...counts))];
    const victim = rest.findLast((task) => task.zone === zone);
    if (victim === undefined) break;
    taken.push(victim);
    rest = rest.filter((task) => task !== victim);
  }
  return taken;
}
