/**
 * The history of the ECS service up to the scenario's present: its releases, the tasks of the last of them, and what a
 * fault did to those. What goes on by itself is left to the scheduler, as happenings.
 */
import { hexNoise, noise } from '../random.ts';
import type { Fault } from './faults.ts';
import type { Happening } from './happenings.ts';
import type { Deployment, RolloutLimits, Task, TaskDefinition } from './inventory.ts';
import type { RegionNames, WorldNames } from './names.ts';
import { newTask } from './tasks.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** As old as everything else in the account. */
const HISTORY_MS = 400 * DAY_MS;
/** The last task is killed so long before the present, so that its successor has leaked its share by then. */
const LAST_KILL_MS = 8 * MINUTE_MS;
/** From its creation until it serves. */
const START_MS = 38_000;
/** A loop that begins so soon after a rollout keeps it from ending. */
const ROLLOUT_MS = 210_000;
const usualLimits: RolloutLimits = { maximumPercent: 200, minimumHealthyPercent: 100 };
/** One task more in each zone at a time, of six in three. */
const gradualLimits: RolloutLimits = { maximumPercent: 150, minimumHealthyPercent: 100 };

/** What the history needs to know of the world. */
export interface HistoryPlan {
  readonly seed: number;
  readonly startMs: number;
  readonly names: Pick<WorldNames, 'account'>;
  readonly faults: readonly Fault[];
}

type Rollout = Extract<Fault, { effect: 'deployment' }>;

export interface ServiceHistory {
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly deployments: readonly Deployment[];
  readonly tasks: readonly Task[];
  readonly formerTasks: readonly Task[];
  readonly rolloutLimits: RolloutLimits;
}

/** What the scheduler has to see to in the past already. */
export function serviceHappenings(faults: readonly Fault[], region: string): readonly Happening[] {
  return faults
    .filter((fault) => fault.effect === 'crash-loop' || (fault.effect === 'deployment' && goesOn(fault, faults)))
    .map(({ from }) => ({ at: from, region, kind: 'scheduler-acts' }));
}

/** True of a rollout that is left to the scheduler, because it takes long or comes to no end. */
function goesOn(rollout: Rollout, faults: readonly Fault[]): boolean {
  const looped = faults.some(
    (fault) => fault.effect === 'crash-loop' && fault.of === 'newest' && fault.from < rollout.from + ROLLOUT_MS,
  );
  return rollout.gradual === true || looped;
}

export function serviceHistory(
  plan: HistoryPlan,
  role: 'primary' | 'recovery',
  names: RegionNames,
  zones: readonly string[],
  desired: number,
  network: string,
): ServiceHistory {
  const { seed, startMs } = plan;
  const rollout = role === 'primary' ? plan.faults.find((fault) => fault.effect === 'deployment') : undefined;
  // Releases of the last weeks, at working hours; the newest is the scenario's, where it has one.
  const ages = [20, 13, 6].map((days) => days + (noise(seed, 'release', days) - 0.5) * 2);
  const times = [...ages.map((days) => startMs - days * DAY_MS), ...(rollout ? [rollout.from] : [])];
  const firstRevision = 39 + Math.floor(noise(seed, 'revision') * 20);
  const taskDefinitions = times.map((at, index): TaskDefinition => {
    const revision = firstRevision + index;
    const tag = new Date(at).toISOString().slice(0, 10).replaceAll('-', '.');
    return {
      id: `${names.service}:${revision}`,
      family: names.service,
      revision,
      image: `${plan.names.account}.dkr.ecr.${names.region}.amazonaws.com/${names.service}:${tag}`,
      registeredAt: at - 4 * MINUTE_MS,
    };
  });
  const goingOn = rollout !== undefined && goesOn(rollout, plan.faults);
  const deployments = times.map((at, index): Deployment => {
    const tail = `${hexNoise(seed, role, 'deployment', index)}${hexNoise(seed, role, 'deployment', index, 'tail')}`;
    const previous = taskDefinitions[index - 1]?.id;
    return {
      id: tail,
      number: String(1e18 + parseInt(tail.slice(0, 13), 16)).slice(0, 19),
      taskDefinition: taskDefinitions[index]?.id ?? '',
      ...(previous !== undefined && { previousTaskDefinition: previous }),
      startedAt: at,
      ...(!(goingOn && index === times.length - 1) && {
        finishedAt: at + ROLLOUT_MS + noise(seed, 'rollout', index) * 60_000,
      }),
      desired,
    };
  });
  const rolledOut = goingOn ? deployments.slice(0, -1) : deployments;
  // What ran before the oldest release that ECS still tells of.
  const before: Release = {
    id: 'former',
    number: '0',
    taskDefinition: `${names.service}:${firstRevision - 1}`,
    startedAt: startMs - HISTORY_MS,
    desired,
  };
  const cast = { plan, role, zones, desired, network };
  return {
    taskDefinitions,
    deployments,
    tasks: tasksOf(cast, rolledOut),
    // The tasks of the last release among them are among `tasks`.
    formerTasks: generations(cast, [before, ...rolledOut.slice(0, -1)]).slice(0, -desired),
    rolloutLimits: rollout?.gradual === true ? gradualLimits : usualLimits,
  };
}

/** What every task of a region's service is made with. */
interface Cast {
  readonly plan: HistoryPlan;
  readonly role: 'primary' | 'recovery';
  readonly zones: readonly string[];
  readonly desired: number;
  readonly network: string;
}

type Release = Pick<Deployment, 'id' | 'number' | 'taskDefinition' | 'startedAt' | 'desired'>;

function tasksOf(cast: Cast, deployments: readonly Deployment[]): readonly Task[] {
  const { plan, role, zones, network } = cast;
  const tasks = generations(cast, deployments.slice(-2));
  if (role !== 'primary') return tasks;
  const killed = withKills(plan, tasks, zones, network, deployments.at(-1));
  return withStops(plan, killed, zones, network, deployments.at(-1));
}

/** Each release's tasks start in its first minutes and are drained when the next one's are there. */
function generations({ plan: { seed }, role, zones, desired, network }: Cast, releases: readonly Release[]): Task[] {
  const tasks: Task[] = [];
  for (const [generation, deployment] of releases.entries()) {
    const next = releases[generation + 1];
    for (let slot = 0; slot < desired; slot += 1) {
      const key = `${role}-${deployment.id}-${slot}`;
      const startedAt = deployment.startedAt + 45_000 + Math.floor(slot / 2) * 25_000 + noise(seed, key) * 8_000;
      const task = taskAt(seed, key, zones, network, slot, deployment, startedAt);
      const stoppedAt =
        next && next.startedAt + 75_000 + Math.floor(slot / 2) * 25_000 + noise(seed, key, 'stop') * 8_000;
      tasks.push(
        stoppedAt === undefined
          ? task
          : {
              ...task,
              stoppedAt,
              stopCode: 'ServiceSchedulerInitiated',
              stoppedReason: `Scaling activity initiated by deployment ecs-svc/${next?.number ?? ''}`,
              exitCode: 0,
            },
      );
    }
  }
  return tasks;
}

function taskAt(
  seed: number,
  key: string,
  zones: readonly string[],
  network: string,
  slot: number,
  deployment: Release,
  startedAt: number,
): Task {
  const zoneIndex = slot % zones.length;
  const createdAt = startedAt - START_MS;
  return newTask({ seed, key, zones, zoneIndex, network, deployment, createdAt, startedAt });
}

/** Kills tasks for want of memory, from the time at which the leak is full, and starts one in the place of each. */
function withKills(
  plan: HistoryPlan,
  tasks: readonly Task[],
  zones: readonly string[],
  network: string,
  deployment: Deployment | undefined,
): readonly Task[] {
  const all = [...tasks];
  for (const fault of plan.faults) {
    if (fault.effect !== 'memory' || deployment === undefined) continue;
    const first = fault.from + fault.rampMs * 0.85;
    const span = Math.max(MINUTE_MS, plan.startMs - LAST_KILL_MS - first);
    for (let kill = 0; kill < fault.kills; kill += 1) {
      const at = first + (span * (kill + noise(plan.seed, 'kill', kill))) / fault.kills;
      const victim = all.findIndex((task, index) => task.stoppedAt === undefined && index % fault.kills === kill);
      const task = all[victim];
      if (task === undefined) continue;
      all[victim] = {
        ...task,
        stoppedAt: at,
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        exitCode: 137,
        containerReason: 'OutOfMemoryError: Container killed due to memory usage',
      };
      const slot = zones.indexOf(task.zone);
      all.push(taskAt(plan.seed, `kill-${kill}`, zones, network, slot, deployment, at + 62_000));
    }
  }
  return all;
}

/** People stop tasks, one after another until the present, and ECS starts one in the place of each. */
function withStops(
  plan: HistoryPlan,
  tasks: readonly Task[],
  zones: readonly string[],
  network: string,
  deployment: Deployment | undefined,
): readonly Task[] {
  const all = [...tasks];
  for (const fault of plan.faults) {
    if (fault.effect !== 'tasks-stopped' || deployment === undefined) continue;
    const span = Math.max(MINUTE_MS, plan.startMs - MINUTE_MS - fault.from);
    for (let stop = 0; stop < fault.count; stop += 1) {
      const at = Math.round(fault.from + (span * (stop + noise(plan.seed, 'stop', stop) * 0.6)) / fault.count);
      const victim = all.findIndex((task) => task.stoppedAt === undefined && task.startedAt < at);
      const task = all[victim];
      if (task === undefined) continue;
      all[victim] = {
        ...task,
        stoppedAt: at,
        stopCode: 'UserInitiated',
        stoppedReason: 'Task stopped by user',
        exitCode: 0,
      };
      const slot = zones.indexOf(task.zone);
      all.push(taskAt(plan.seed, `stop-${stop}`, zones, network, slot, deployment, at + 6_000 + START_MS));
    }
  }
  return all;
}
