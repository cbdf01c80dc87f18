/** Makes tasks of the service: their identifiers, their places and the times at which they start and end. */
import { drawn, drawnAmong, hexNoise, noise, type Place } from '../random.ts';
import type { Fault } from './faults.ts';
import type { Deployment, RegionInventory, Task, WorldInventory } from './inventory.ts';

const SECOND_MS = 1_000;
/** From ECS's wish for it to its creation. */
const SLOWEST_CREATION_MS = 3 * SECOND_MS;
/** From its creation until it runs: an interface is attached, an image fetched. */
const FASTEST_START_MS = 38 * SECOND_MS;
const SLOWEST_START_MS = 60 * SECOND_MS;
/** The tasks of a revision that is rolled out gradually wait for a container beside them, which fills their caches. */
const GRADUAL_START_MS = 11 * 60 * SECOND_MS;
/** How long a task lives that cannot: from its start, or from its creation where it does not even start. */
const SHORTEST_LIFE_MS = 20 * SECOND_MS;
const LONGEST_LIFE_MS = 40 * SECOND_MS;

export interface TaskPlan {
  readonly seed: number;
  /** What it is identified by: the same key, the same task. */
  readonly key: string;
  readonly zones: readonly string[];
  /** 0, 1 or 2. */
  readonly zoneIndex: number;
  /** The first two numbers of its addresses. */
  readonly network: string;
  readonly deployment: Pick<Deployment, 'number' | 'taskDefinition'>;
  readonly createdAt: number;
  readonly startedAt: number;
}

export function newTask(plan: TaskPlan): Task {
  const { seed, key, zones, zoneIndex, network, deployment, createdAt, startedAt } = plan;
  const part = (name: string) => hexNoise(seed, key, name);
  return {
    id: part('a') + part('b') + part('c') + part('d'),
    zone: zones[zoneIndex] ?? '',
    ip: `${network}.${zoneIndex + 11}.${20 + Math.floor(noise(seed, key, 'ip') * 220)}`,
    eni: `eni-0${part('eni')}${part('eni-tail')}`,
    taskDefinition: deployment.taskDefinition,
    deploymentId: deployment.number,
    createdAt,
    startedAt,
  };
}

/** A task that ECS starts at about `at`, one of several at `place`; it ends by itself where a fault says so. */
export function startTask(
  world: WorldInventory,
  region: RegionInventory,
  deployment: Deployment,
  at: number,
  zoneIndex: number,
  place: Place,
): Task {
  const { seed } = world;
  const key = `${region.role}-${deployment.id}-task-${region.tasks.length}`;
  const createdAt = Math.round(at + drawn(world, [0, SLOWEST_CREATION_MS], key, 'created'));
  const slow = isGradual(world, region, deployment.taskDefinition) ? GRADUAL_START_MS : 0;
  const startsInMs = drawnAmong(world, [FASTEST_START_MS, SLOWEST_START_MS], place, key, 'start') + slow;
  const task = newTask({
    seed,
    key,
    zones: region.zones,
    zoneIndex,
    network: region.vpcCidr.split('.').slice(0, 2).join('.'),
    deployment,
    createdAt,
    startedAt: Math.round(createdAt + startsInMs),
  });
  const fault = crashOf(world, region, task.taskDefinition, task.startedAt);
  return fault === undefined ? task : crashed(world, task, fault);
}

/** The fault for which tasks of this definition cannot live at `at`. */
export function crashOf(
  world: WorldInventory,
  region: RegionInventory,
  taskDefinition: string,
  at: number,
): CrashFault | undefined {
  if (region.role !== 'primary') return undefined;
  const newest = region.taskDefinitions.at(-1)?.id;
  return world.faults.find(
    (fault): fault is CrashFault =>
      fault.effect === 'crash-loop' &&
      fault.from <= at &&
      (fault.to === undefined || at <= fault.to) &&
      (fault.of === 'any' || taskDefinition === newest),
  );
}

export type CrashFault = Extract<Fault, { effect: 'crash-loop' }>;

/** The task with the end that the fault gives it. */
export function crashed(world: WorldInventory, task: Task, fault: CrashFault): Task {
  const luck = noise(world.seed, task.id, 'life');
  const lifeMs = SHORTEST_LIFE_MS + (LONGEST_LIFE_MS - SHORTEST_LIFE_MS) * luck;
  if (task.startedAt >= fault.from && !fault.starts) {
    const stoppedAt = Math.round(task.createdAt + lifeMs);
    return {
      ...task,
      startedAt: stoppedAt,
      stoppedAt,
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm',
      crash: fault.crash,
    };
  }
  const stoppedAt = task.startedAt >= fault.from ? task.startedAt + lifeMs : fault.from + fault.rampMs * luck;
  return {
    ...task,
    stoppedAt: Math.round(stoppedAt),
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    exitCode: fault.exitCode,
    crash: fault.crash,
  };
}

/** True of the revision that the scenario rolls out gradually. */
function isGradual(world: WorldInventory, region: RegionInventory, taskDefinition: string): boolean {
  return (
    region.role === 'primary' &&
    taskDefinition === region.taskDefinitions.at(-1)?.id &&
    world.faults.some((fault) => fault.effect === 'deployment' && fault.gradual === true)
  );
}
