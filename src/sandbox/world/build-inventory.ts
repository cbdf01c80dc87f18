/**
 * Builds the account that a scenario starts from: every resource that the stack names, in both regions, with the
 * history (tasks, deployments, restarts) that the scenario's faults leave behind.
 */
import { hexNoise, noise } from '../random.ts';
import type { Fault } from './faults.ts';
import type {
  CacheNode,
  CacheRestart,
  Database,
  Deployment,
  RegionInventory,
  Task,
  TaskDefinition,
  WorldInventory,
} from './inventory.ts';
import type { RegionNames, WorldNames } from './names.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const PRIMARY_TASKS = 6;
const RECOVERY_TASKS = 2;
/** The last task is killed so long before the present, so that its successor has leaked its share by then. */
const LAST_KILL_MS = 8 * MINUTE_MS;
const ENGINE_VERSION = '8.0.mysql_aurora.3.08.2';

export interface InventoryPlan {
  readonly seed: number;
  readonly startMs: number;
  readonly scenario: string;
  readonly names: WorldNames;
  readonly faults: readonly Fault[];
}

export function buildInventory(plan: InventoryPlan): WorldInventory {
  return {
    seed: plan.seed,
    startMs: plan.startMs,
    scenario: plan.scenario,
    names: plan.names,
    primary: buildRegion(plan, 'primary'),
    recovery: buildRegion(plan, 'recovery'),
    healthCheckId: uuid(plan.seed, 'health-check'),
    createdAt: plan.startMs - 400 * DAY_MS,
    faults: plan.faults,
  };
}

function buildRegion(plan: InventoryPlan, role: 'primary' | 'recovery'): RegionInventory {
  const { seed } = plan;
  const names = role === 'primary' ? plan.names.primary : plan.names.recovery;
  const zones = ['a', 'b', 'c'].map((letter) => `${names.region}${letter}`);
  const network = role === 'primary' ? '10.0' : '10.1';
  const id = (prefix: string, key: string) =>
    `${prefix}-0${hexNoise(seed, role, key)}${hexNoise(seed, role, key, 'tail')}`;
  const desiredTasks = role === 'primary' ? PRIMARY_TASKS : RECOVERY_TASKS;
  const history = serviceHistory(plan, role, names, zones, desiredTasks, network);
  const cacheNodes: readonly CacheNode[] = [
    { id: `${names.cache}-001`, role: 'primary', zone: zones[0] ?? '' },
    { id: `${names.cache}-002`, role: 'replica', zone: zones[1] ?? '' },
  ];
  return {
    region: names.region,
    role,
    names,
    zones,
    vpcId: id('vpc', 'vpc'),
    vpcCidr: `${network}.0.0/16`,
    subnets: zones.map((zone, index) => ({ id: id('subnet', zone), zone, cidr: `${network}.${index + 11}.0/24` })),
    securityGroups: { balancer: id('sg', 'balancer'), service: id('sg', 'service'), database: id('sg', 'database') },
    flowLogId: id('fl', 'flow-log'),
    balancerDnsName: `${names.loadBalancer.split('/')[1] ?? 'alb'}-${parseInt(hexNoise(seed, role, 'alb'), 16)}.${names.region}.elb.amazonaws.com`,
    ...history,
    desiredTasks,
    minTasks: desiredTasks,
    database: buildDatabase(plan, role, names, zones),
    cacheNodes,
    cacheRestarts: role === 'primary' ? cacheRestarts(plan.faults, cacheNodes) : [],
  };
}

function buildDatabase(
  plan: InventoryPlan,
  role: 'primary' | 'recovery',
  names: RegionNames,
  zones: readonly string[],
): Database {
  const resource = (key: string) =>
    `${hexNoise(plan.seed, role, key)}${hexNoise(plan.seed, role, key, 'b')}${hexNoise(plan.seed, role, key, 'c')}`.toUpperCase();
  const cluster = names.databaseCluster;
  const instance = (number: number, instanceRole: 'writer' | 'reader') => ({
    id: `${cluster}-${number}`,
    role: instanceRole,
    zone: zones[number - 1] ?? '',
    resourceId: `db-${resource(`instance-${number}`)}`,
  });
  return {
    cluster,
    resourceId: `cluster-${resource('cluster')}`,
    endpointId: `c${hexNoise(plan.seed, role, 'endpoint')}xyz`,
    engineVersion: ENGINE_VERSION,
    instanceClass: 'db.r6g.large',
    instances: role === 'primary' ? [instance(1, 'writer'), instance(2, 'reader')] : [instance(1, 'reader')],
    createdAt: plan.startMs - 400 * DAY_MS,
    primary: role === 'primary',
  };
}

function cacheRestarts(faults: readonly Fault[], nodes: readonly CacheNode[]): readonly CacheRestart[] {
  return faults.flatMap((fault) =>
    fault.effect === 'cache' && fault.restart
      ? nodes.filter((node) => node.role === 'primary').map((node) => ({ at: fault.from, node: node.id }))
      : [],
  );
}

interface ServiceHistory {
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly deployments: readonly Deployment[];
  readonly tasks: readonly Task[];
}

function serviceHistory(
  plan: InventoryPlan,
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
  const deployments = times.map((at, index): Deployment => {
    const tail = `${hexNoise(seed, role, 'deployment', index)}${hexNoise(seed, role, 'deployment', index, 'tail')}`;
    const previous = taskDefinitions[index - 1]?.id;
    return {
      id: tail,
      number: String(1e18 + parseInt(tail.slice(0, 13), 16)).slice(0, 19),
      taskDefinition: taskDefinitions[index]?.id ?? '',
      ...(previous !== undefined && { previousTaskDefinition: previous }),
      startedAt: at,
      finishedAt: at + 210_000 + noise(seed, 'rollout', index) * 60_000,
      desired,
    };
  });
  return { taskDefinitions, deployments, tasks: tasksOf(plan, role, zones, desired, network, deployments) };
}

/** Each deployment's tasks start in its first minutes and are drained when the next one's are there. */
function tasksOf(
  plan: InventoryPlan,
  role: 'primary' | 'recovery',
  zones: readonly string[],
  desired: number,
  network: string,
  deployments: readonly Deployment[],
): readonly Task[] {
  const { seed } = plan;
  const recent = deployments.slice(-2);
  const tasks: Task[] = [];
  for (const [generation, deployment] of recent.entries()) {
    const next = recent[generation + 1];
    for (let slot = 0; slot < desired; slot += 1) {
      const key = `${role}-${deployment.id}-${slot}`;
      const startedAt = deployment.startedAt + 45_000 + Math.floor(slot / 2) * 25_000 + noise(seed, key) * 8_000;
      const task = newTask(seed, key, zones, network, slot, deployment, startedAt);
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
  return role === 'primary' ? withKills(plan, tasks, zones, network, deployments.at(-1)) : tasks;
}

function newTask(
  seed: number,
  key: string,
  zones: readonly string[],
  network: string,
  slot: number,
  deployment: Deployment,
  startedAt: number,
): Task {
  const zoneIndex = slot % zones.length;
  const part = (name: string) => hexNoise(seed, key, name);
  return {
    id: part('a') + part('b') + part('c') + part('d'),
    zone: zones[zoneIndex] ?? '',
    ip: `${network}.${zoneIndex + 11}.${20 + Math.floor(noise(seed, key, 'ip') * 220)}`,
    eni: `eni-0${part('eni')}${part('eni-tail')}`,
    taskDefinition: deployment.taskDefinition,
    deploymentId: deployment.number,
    createdAt: startedAt - 38_000,
    startedAt,
  };
}

/** Kills tasks for want of memory, from the time at which the leak is full, and starts one in the place of each. */
function withKills(
  plan: InventoryPlan,
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
      all.push(newTask(plan.seed, `kill-${kill}`, zones, network, slot, deployment, at + 62_000));
    }
  }
  return all;
}

/** A version 4 UUID, by form. */
function uuid(seed: number, key: string): string {
  const hex = [0, 1, 2, 3].map((part) => hexNoise(seed, key, part)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
