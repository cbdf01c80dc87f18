/**
 * What changes the Aurora clusters: failovers, restored clusters, new instances. Each takes its time, which the seed
 * draws; that time is written down when the change begins, so that the state at any time can be read from the records.
 */
import { drawn, hexNoise, type Chance } from '../random.ts';
import { instancesAt, outageAt, faultsOn } from './database-state.ts';
import type { Fault } from './faults.ts';
import type { Database, DatabaseInstance, Failover, RegionInventory, WorldInventory } from './inventory.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** From, to: what the seed draws between, in milliseconds. */
type Range = readonly [number, number];

/** Until clients reach the reader that was promoted (Aurora User Guide, "High availability for Amazon Aurora"). */
const PROMOTION: Range = [20 * SECOND_MS, 45 * SECOND_MS];
/** Without a reader Aurora makes the writer anew in the same zone, typically in less than ten minutes. */
const RECREATION: Range = [4 * MINUTE_MS, 8 * MINUTE_MS];
/** From the move to the cluster's being available again. */
const SETTLING: Range = [5 * SECOND_MS, 12 * SECOND_MS];
const GIVING_UP: Range = [35 * SECOND_MS, 55 * SECOND_MS];
/** From the move to the old writer's taking connections again: after a restart, or on another host. */
const RESTART: Range = [4 * SECOND_MS, 15 * SECOND_MS];
const REPLACEMENT: Range = [90 * SECOND_MS, 240 * SECOND_MS];
const RESTORE: Range = [5 * MINUTE_MS, 9 * MINUTE_MS];
const INSTANCE: Range = [4 * MINUTE_MS, 7 * MINUTE_MS];

export interface FailoverPlan {
  readonly at: number;
  readonly writer: string;
  /** Undefined where there is no reader: the writer is made anew. */
  readonly reader: string | undefined;
  readonly fails: boolean;
  /** True where the writer's host is gone, rather than to be restarted. */
  readonly hostGone: boolean;
  /** How long until clients reach a writer again; drawn when absent. */
  readonly moveAfterMs?: number | undefined;
}

/** The course of a failover, drawn for the cluster's next one. */
export function plannedFailover(chance: Chance, database: Database, plan: FailoverPlan): Failover {
  const draw = (range: Range, what: string) =>
    Math.round(drawn(chance, range, database.cluster, 'failover', database.failovers.length, what));
  const { at, writer, reader, hostGone } = plan;
  const before = { startedAt: at, from: writer };
  if (plan.fails) {
    const endedAt = at + draw(GIVING_UP, 'giving-up');
    return { ...before, movedAt: endedAt, endedAt, to: reader ?? writer, outcome: 'failed', restartedAt: endedAt };
  }
  const movedAt = at + (plan.moveAfterMs ?? draw(reader === undefined ? RECREATION : PROMOTION, 'move'));
  const endedAt = movedAt + draw(SETTLING, 'settling');
  if (reader === undefined)
    return { ...before, movedAt, endedAt, to: writer, outcome: 'completed', restartedAt: movedAt };
  const restartedAt = movedAt + draw(hostGone ? REPLACEMENT : RESTART, 'restart');
  return { ...before, movedAt, endedAt, to: reader, outcome: 'completed', restartedAt };
}

/** Whether the next failover that is asked for comes to nothing: the first few do while the fault lasts. */
function nextFails(faults: readonly Fault[], database: Database, at: number): boolean {
  return faults.some(
    (fault) =>
      fault.effect === 'failover-fails' &&
      fault.from <= at &&
      database.failovers.filter((each) => each.startedAt >= fault.from && each.outcome === 'failed').length <
        fault.times,
  );
}

/** Begins a failover from `writer` to `reader`. Whether it may is for the caller to know. */
export function withFailover(
  world: WorldInventory,
  region: RegionInventory,
  database: Database,
  { at, writer, reader }: Pick<FailoverPlan, 'at' | 'writer' | 'reader'>,
): WorldInventory {
  const faults = faultsOn(world, region, database);
  const failover = plannedFailover(world, database, {
    at,
    writer,
    reader,
    fails: nextFails(faults, database, at),
    hostGone: outageAt(database, faults, writer, at) !== undefined,
  });
  return withDatabase(world, region, { ...database, failovers: [...database.failovers, failover] });
}

export interface RestorePlan {
  readonly at: number;
  readonly cluster: string;
  readonly restoredTo: number;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
}

/** Makes a cluster without instances from another one's backups. */
export function withRestoredCluster(
  world: WorldInventory,
  region: RegionInventory,
  source: Database,
  plan: RestorePlan,
): WorldInventory {
  const { at, cluster, restoredTo, ...network } = plan;
  const restored: Database = {
    ...network,
    cluster,
    resourceId: `cluster-${resourceOf(world.seed, region, cluster)}`,
    endpointId: source.endpointId,
    engineVersion: source.engineVersion,
    instances: [],
    createdAt: at,
    availableAt: at + Math.round(drawn(world, RESTORE, region.region, 'restore', cluster)),
    terms: [{ from: 0 }],
    failovers: [],
    parameterChanges: plan.parameterGroup === source.parameterGroup ? source.parameterChanges : [],
    restoredFrom: { cluster: source.cluster, to: restoredTo },
  };
  return withRegion(world, { ...region, restoredDatabases: [...region.restoredDatabases, restored] });
}

export interface InstancePlan {
  readonly at: number;
  readonly id: string;
  readonly instanceClass: string;
  /** Drawn from the region's when absent. */
  readonly zone?: string | undefined;
}

/** Makes an instance in a cluster: its writer where it takes writes and this is the first, or else a reader. */
export function withInstance(
  world: WorldInventory,
  region: RegionInventory,
  database: Database,
  plan: InstancePlan,
): WorldInventory {
  const { at, id, instanceClass } = plan;
  const taken = instancesAt(database, at).map((each) => each.zone);
  const instance: DatabaseInstance = {
    id,
    zone: plan.zone ?? region.zones.find((zone) => !taken.includes(zone)) ?? region.zones[0] ?? '',
    resourceId: `db-${resourceOf(world.seed, region, id)}`,
    instanceClass,
    createdAt: at,
    availableAt: at + Math.round(drawn(world, INSTANCE, region.region, 'instance', id)),
  };
  const terms = database.terms.map((term) =>
    term.writer === undefined && term.to === undefined ? { ...term, writer: id } : term,
  );
  return withDatabase(world, region, { ...database, terms, instances: [...database.instances, instance] });
}

function resourceOf(seed: number, region: RegionInventory, name: string): string {
  return ['a', 'b', 'c']
    .map((part) => hexNoise(seed, region.region, name, part))
    .join('')
    .toUpperCase();
}

export function withDatabase(world: WorldInventory, region: RegionInventory, database: Database): WorldInventory {
  if (database.cluster === region.database.cluster) return withRegion(world, { ...region, database });
  const restoredDatabases = region.restoredDatabases.map((each) =>
    each.cluster === database.cluster ? database : each,
  );
  return withRegion(world, { ...region, restoredDatabases });
}

function withRegion(world: WorldInventory, region: RegionInventory): WorldInventory {
  return region.role === 'primary' ? { ...world, primary: region } : { ...world, recovery: region };
}
