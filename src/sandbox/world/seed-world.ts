/**
 * A world built from what was read of a live stack rather than from a scenario, so that a change can be tried on a
 * likeness of it. What was read is given back by the same reads; what nobody read (requests, logs, traces, the order of
 * past tasks) is made up, as in a healthy world. It knows facts and no adapter.
 */
import type {
  DatabaseState,
  Deployment as DeploymentState,
  DeploymentRecord,
  ScalingLimits,
  ServiceState,
} from '../../cloud/facts.ts';
import type { Stack } from '../../cloud/stack.ts';
import { hexNoise } from '../random.ts';
import { buildInventory } from './build-inventory.ts';
import { baseArrivals } from './demand.ts';
import type { Deployment, RegionInventory, Task, TaskDefinition, WorldInventory } from './inventory.ts';
import { resolveNames, type ExtraNames } from './names.ts';
import { withCapturedDatabases, type CapturedReplication } from './seed-databases.ts';
import { withCapturedTraffic, type CapturedTraffic } from './seed-traffic.ts';
import { newTask } from './tasks.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** ECS says that a service deployment started so long after it was created. */
const CREATED_BEFORE_MS = SECOND_MS;

/** The scenario of a world that was captured: it is none of the product's. */
const capturedScenario = 'captured';

export interface CapturedService {
  readonly state: ServiceState;
  /** From the service's deployment history, those under way included. */
  readonly deployments: readonly DeploymentRecord[];
}

/** What was read of a region; what is absent is made up. */
export interface CapturedRegion {
  readonly service?: CapturedService;
  /** Absent beside a `service`: nobody registered it with Application Auto Scaling. */
  readonly scaling?: ScalingLimits;
  readonly database?: DatabaseState;
  /** Nothing in the region answered: the model takes it to be down. */
  readonly unreachable?: boolean;
}

export interface CapturedStack extends CapturedReplication {
  readonly primary: CapturedRegion;
  readonly recovery?: CapturedRegion;
  readonly traffic?: CapturedTraffic;
}

export interface SeedPlan {
  readonly seed: number;
  /** When it was captured: the world's present; epoch milliseconds. */
  readonly startMs: number;
  readonly extraNames?: ExtraNames;
  /** Whatever takes time takes the middle of what it may: for predicting. Drawn from the seed when absent. */
  readonly typical?: boolean;
}

/** The inventory of a world like the captured one, for `openSandbox({ inventory })`. */
export function seedWorld(stack: Stack, captured: CapturedStack, plan: SeedPlan): WorldInventory {
  const { seed, startMs, extraNames, typical } = plan;
  const names = resolveNames(stack, extraNames);
  const account = accountIn(captured) ?? names.account;
  const healthy = buildInventory({
    seed,
    startMs,
    scenario: capturedScenario,
    names: { ...names, account },
    faults: [],
    ...(typical === true && { typical }),
  });
  const primary = regionFrom(healthy, healthy.primary, captured.primary);
  const recovery = regionFrom(healthy, healthy.recovery, captured.recovery ?? {});
  const services = [captured.primary, captured.recovery].map((each) => each?.service);
  const seeded: WorldInventory = {
    ...healthy,
    primary,
    recovery,
    // The scheduler takes over what was under way, and what was missing.
    happenings: [primary, recovery].flatMap(({ region }, index) =>
      services[index] === undefined ? [] : [{ at: startMs + SECOND_MS, region, kind: 'scheduler-acts' as const }],
    ),
  };
  return withCapturedTraffic(withCapturedDatabases(seeded, captured), captured.traffic ?? {});
}

/** The account is in every ARN, and need not be in the stack. */
function accountIn({ primary, recovery }: CapturedStack): string | undefined {
  const arn = primary.service?.state.taskDefinition ?? recovery?.service?.state.taskDefinition ?? '';
  return /^arn:[^:]*:ecs:[^:]*:(\d{12}):/.exec(arn)?.[1];
}

function regionFrom(
  world: WorldInventory,
  made: RegionInventory,
  { service, scaling }: CapturedRegion,
): RegionInventory {
  return service === undefined ? made : withCapturedService(world, made, service, scaling);
}

function withCapturedService(
  world: WorldInventory,
  made: RegionInventory,
  service: CapturedService,
  scaling: ScalingLimits | undefined,
): RegionInventory {
  const { state } = service;
  const { scaling: _usual, ...bare } = made;
  const deployments = deploymentsFrom(world, service);
  const region: RegionInventory = {
    ...bare,
    deployments,
    taskDefinitions: definitionsFrom(world, made, deployments),
    desiredCounts: [{ at: world.createdAt, count: state.desired }],
    subnets: state.subnets.length === 0 ? made.subnets : subnetsFrom(made, state.subnets),
    securityGroups: { ...made.securityGroups, service: state.securityGroups[0] ?? made.securityGroups.service },
    ...(scaling !== undefined && {
      scaling: {
        min: scaling.min,
        max: scaling.max,
        policies: scaling.policies,
        suspended: scaling.suspended,
        targetRequests: targetFor(world, state.desired),
        activities: [],
      },
    }),
  };
  return { ...region, tasks: tasksFrom(world, region, state) };
}

/** What the policy must aim at to be content with the count that there is. */
function targetFor(world: WorldInventory, desired: number): number {
  const arrivals = baseArrivals(world.seed, Math.floor(world.startMs / MINUTE_MS));
  return (arrivals * 60) / Math.max(0.5, desired - 0.5);
}

function subnetsFrom(made: RegionInventory, ids: readonly string[]): RegionInventory['subnets'] {
  return ids.map((id, index) => {
    const zone = made.zones[index % made.zones.length] ?? '';
    return { id, zone, cidr: `${made.vpcCidr.split('.').slice(0, 2).join('.')}.${index + 11}.0/24` };
  });
}

/** The name in an ARN: `<family>:<revision>`. */
function definitionId(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** Oldest first; the one that the service goes by is the last. */
function deploymentsFrom(
  world: WorldInventory,
  { state, deployments: records }: CapturedService,
): readonly Deployment[] {
  const oldest = records.toSorted((a, b) => a.startedAt - b.startedAt);
  const free = new Set(state.deployments);
  const all: Deployment[] = [];
  for (const record of oldest) {
    const listed = [...free].find((each) => isSame(each, record));
    if (listed !== undefined) free.delete(listed);
    const source = record.previousTaskDefinitions[0];
    if (source !== undefined && !all.some((each) => each.taskDefinition === definitionId(source))) {
      all.push(
        pastDeployment(
          world,
          source,
          record.startedAt,
          [...free].find((each) => each.taskDefinition === source),
        ),
      );
      for (const each of free) if (each.taskDefinition === source) free.delete(each);
    }
    const deployment = deploymentFrom(world, record, listed, state);
    all.push(deployment, ...rollbackFrom(deployment, record, all, world.startMs));
  }
  for (const listed of [...free].toSorted((a, b) => a.createdAt - b.createdAt)) {
    const past = pastDeployment(world, listed.taskDefinition, listed.createdAt + DAY_MS, listed);
    const { finishedAt: _finished, ...goingOn } = past;
    all.push(listed.rollout === 'in-progress' ? { ...goingOn, desired: state.desired } : past);
  }
  return all.toSorted((a, b) => a.startedAt - b.startedAt);
}

/** ECS lists a deployment, and keeps a record of it: they began within seconds, and lead to the same definition. */
function isSame(listed: DeploymentState, record: DeploymentRecord): boolean {
  return (
    Math.abs(listed.createdAt - record.startedAt) < MINUTE_MS &&
    (record.taskDefinition === undefined || record.taskDefinition === listed.taskDefinition)
  );
}

function numberOf(world: WorldInventory, id: string, listed: DeploymentState | undefined): string {
  const known = listed?.id.split('/').at(-1);
  return known ?? String(1e18 + parseInt(hexNoise(world.seed, 'captured', id), 16) * 1e8).slice(0, 19);
}

function deploymentFrom(
  world: WorldInventory,
  record: DeploymentRecord,
  listed: DeploymentState | undefined,
  state: ServiceState,
): Deployment {
  const { status, finishedAt } = record;
  // A record is known by its ARN.
  const id = record.id.split('/').at(-1) ?? record.id;
  const previous = record.previousTaskDefinitions[0];
  return {
    id,
    number: numberOf(world, id, listed),
    taskDefinition: definitionId(record.taskDefinition ?? listed?.taskDefinition ?? state.taskDefinition),
    ...(previous !== undefined && { previousTaskDefinition: definitionId(previous) }),
    startedAt: listed?.createdAt ?? record.startedAt - CREATED_BEFORE_MS,
    desired: state.desired,
    ...(status === 'SUCCESSFUL' && { finishedAt: finishedAt ?? record.startedAt }),
    ...((status === 'STOPPED' || status === 'STOP_REQUESTED') && {
      endedAt: finishedAt ?? world.startMs,
      end: 'superseded' as const,
    }),
    ...(status.startsWith('ROLLBACK_') && {
      rollbackRequestedAt: Math.min(finishedAt ?? Infinity, world.startMs) - MINUTE_MS / 2,
    }),
  };
}

/** The return to the deployment before, where the record says that there is or was one. */
function rollbackFrom(
  taken: Deployment,
  { status, finishedAt }: DeploymentRecord,
  before: readonly Deployment[],
  nowMs: number,
): readonly Deployment[] {
  const target = before.findLast((each) => each.taskDefinition === taken.previousTaskDefinition);
  if (taken.rollbackRequestedAt === undefined || target === undefined) return [];
  const { finishedAt: _finished, ...source } = target;
  const begun = status !== 'ROLLBACK_REQUESTED';
  return [
    {
      ...source,
      previousTaskDefinition: taken.taskDefinition,
      startedAt: begun ? taken.rollbackRequestedAt + 4 * SECOND_MS : nowMs + 4 * SECOND_MS,
      rollbackOf: taken.id,
      ...(status === 'ROLLBACK_SUCCESSFUL' && { finishedAt: finishedAt ?? nowMs }),
      ...(status === 'ROLLBACK_FAILED' && { endedAt: finishedAt ?? nowMs, end: 'superseded' as const }),
    },
  ];
}

/** A deployment that is known from what came after it, or from its tasks. */
function pastDeployment(
  world: WorldInventory,
  taskDefinition: string,
  before: number,
  listed: DeploymentState | undefined,
): Deployment {
  const startedAt = listed?.createdAt ?? before - 7 * DAY_MS;
  const id = hexNoise(world.seed, 'past', taskDefinition, 'a') + hexNoise(world.seed, 'past', taskDefinition, 'b');
  return {
    id,
    number: numberOf(world, id, listed),
    taskDefinition: definitionId(taskDefinition),
    startedAt,
    finishedAt: startedAt + 4 * MINUTE_MS,
    desired: listed?.desired ?? 0,
  };
}

/** Every definition that a deployment names, the newest revision last. */
function definitionsFrom(
  world: WorldInventory,
  made: RegionInventory,
  deployments: readonly Deployment[],
): readonly TaskDefinition[] {
  const named = deployments.flatMap((each) => [each.taskDefinition, each.previousTaskDefinition ?? []].flat());
  return [...new Set(named)]
    .map((id): TaskDefinition => {
      const [family = id, revision = '1'] = id.split(':');
      const first = deployments.find((each) => each.taskDefinition === id)?.startedAt ?? world.startMs;
      return {
        id,
        family,
        revision: Number(revision),
        image: `${world.names.account}.dkr.ecr.${made.region}.amazonaws.com/${family}:${revision}`,
        registeredAt: first - 4 * MINUTE_MS,
      };
    })
    .toSorted((a, b) => a.revision - b.revision);
}

/** As many tasks of each deployment as were running, starting, and failing to start. */
function tasksFrom(world: WorldInventory, region: RegionInventory, state: ServiceState): readonly Task[] {
  const { startMs } = world;
  const tasks: Task[] = [];
  for (const listed of state.deployments.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const number = listed.id.split('/').at(-1) ?? listed.id;
    const deployment = { number, taskDefinition: definitionId(listed.taskDefinition) };
    const add = (key: string, index: number, createdAt: number, startedAt: number, end: Partial<Task> = {}) => {
      const zoneIndex = index % region.zones.length;
      const made = newTask({
        seed: world.seed,
        key: `captured-${region.role}-${number}-${key}-${index}`,
        zones: region.zones,
        zoneIndex,
        network: region.vpcCidr.split('.').slice(0, 2).join('.'),
        deployment,
        createdAt,
        startedAt,
      });
      tasks.push({ ...made, ...end });
    };
    const began = Math.min(listed.createdAt, startMs - 2 * MINUTE_MS);
    for (let index = 0; index < listed.running; index += 1) add('run', index, began, began + 40 * SECOND_MS);
    for (let index = 0; index < listed.pending; index += 1) {
      add('start', index, startMs - 10 * SECOND_MS, startMs + 30 * SECOND_MS);
    }
    for (let index = 0; listed.running === 0 && index < listed.failedTasks; index += 1) {
      const stoppedAt = startMs - (index + 1) * 20 * SECOND_MS;
      add('fail', index, stoppedAt - 20 * SECOND_MS, stoppedAt, { stoppedAt, stopCode: 'TaskFailedToStart' });
    }
  }
  return tasks;
}
