/**
 * Builds the account that a scenario starts from: every resource that the stack names, in both regions, with the
 * history (tasks, deployments, restarts) that the scenario's faults leave behind.
 */
import { hexNoise } from '../random.ts';
import { defaultTargetRequests, policyName } from './autoscaler.ts';
import { buildDatabase } from './database-history.ts';
import type { Fault } from './faults.ts';
import type { CacheNode, CacheRestart, RegionInventory, Replication, Scaling, WorldInventory } from './inventory.ts';
import type { WorldNames } from './names.ts';
import { serviceHappenings, serviceHistory } from './service-history.ts';
import { initialTraffic, type DnsPlan } from './traffic-state.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const PRIMARY_TASKS = 6;
const RECOVERY_TASKS = 2;
/** By the storage, typically below a second; by the binary log, some seconds. */
const GLOBAL_LAG_MS = 205;
const REPLICA_LAG_MS = 1_800;

export interface InventoryPlan {
  readonly seed: number;
  readonly startMs: number;
  readonly scenario: string;
  readonly names: WorldNames;
  readonly faults: readonly Fault[];
  /** Whatever takes time takes the middle of what it may. */
  readonly typical?: boolean;
  /** How the primary region's service is scaled; by a policy that wants no more than the usual tasks when absent. */
  readonly scaling?: 'none' | Pick<Scaling, 'min' | 'targetRequests'>;
  readonly dns?: DnsPlan;
}

export function buildInventory(plan: InventoryPlan): WorldInventory {
  const { seed, names, dns } = plan;
  const { traffic } = names;
  const primary = buildRegion(plan, 'primary');
  const recovery = buildRegion(plan, 'recovery');
  const healthCheckId = traffic.mechanism === 'health-check' ? traffic.healthCheckId : uuid(seed, 'health-check');
  const createdAt = plan.startMs - 400 * DAY_MS;
  const balancers = { primary: primary.balancerDnsName, recovery: recovery.balancerDnsName };
  return {
    seed,
    startMs: plan.startMs,
    scenario: plan.scenario,
    names,
    primary,
    recovery,
    replication: replicationOf(plan),
    ...(plan.typical === true && { typical: true }),
    healthCheckId,
    traffic: initialTraffic({ seed, names, balancers, healthCheckId, createdAt, ...(dns !== undefined && { dns }) }),
    createdAt,
    faults: plan.faults,
    happenings: serviceHappenings(plan.faults, plan.names.primary.region),
    calls: [],
  };
}

function replicationOf({ names }: InventoryPlan): Replication {
  const kind = names.globalCluster === undefined ? 'replica' : 'global';
  return {
    kind,
    firstPrimary: 'primary',
    usualLagMs: kind === 'global' ? GLOBAL_LAG_MS : REPLICA_LAG_MS,
    moves: [],
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
  const scaling = role === 'primary' ? plan.scaling : undefined;
  const most = role === 'primary' ? undefined : plan.faults.find((fault) => fault.effect === 'recovery-capacity');
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
    desiredCounts: [{ at: plan.startMs - 400 * DAY_MS, count: desiredTasks }],
    ...(scaling !== 'none' && {
      scaling: {
        min: desiredTasks,
        targetRequests: defaultTargetRequests,
        ...scaling,
        max: most?.effect === 'recovery-capacity' ? most.maxTasks : plan.names.maxTasks,
        policies: [policyName(names)],
        suspended: [],
        activities: [],
      },
    }),
    database: buildDatabase(plan, role, names, zones, id('sg', 'database')),
    restoredDatabases: [],
    cacheNodes,
    cacheRestarts: role === 'primary' ? cacheRestarts(plan.faults, cacheNodes) : [],
  };
}

function cacheRestarts(faults: readonly Fault[], nodes: readonly CacheNode[]): readonly CacheRestart[] {
  return faults.flatMap((fault) =>
    fault.effect === 'cache' && fault.restart
      ? nodes.filter((node) => node.role === 'primary').map((node) => ({ at: fault.from, node: node.id }))
      : [],
  );
}

/** A version 4 UUID, by form. */
export function uuid(seed: number, key: string): string {
  const hex = [0, 1, 2, 3].map((part) => hexNoise(seed, key, part)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
