/**
 * How a database cluster stands at any time: who writes, what is up, what RDS says of it. All of it is read from the
 * records of what happened (failovers, instances that came and went, changed parameters) and from the faults, so that
 * the past stays what it was. It knows neither requests nor services.
 */
import { lasts, type Fault } from './faults.ts';
import type {
  Database,
  DatabaseInstance,
  Failover,
  RegionInventory,
  WorldInventory,
  WritingTerm,
} from './inventory.ts';
import { database as model } from './workload.ts';

export type ClusterStatus = 'creating' | 'available' | 'failing-over';
export type InstanceStatus = 'creating' | 'available' | 'rebooting' | 'failed';

/** The faults that strike a cluster: only the one that the application uses has any. */
export function faultsOn(world: WorldInventory, region: RegionInventory, database: Database): readonly Fault[] {
  return region.role === 'primary' && database.cluster === region.database.cluster ? world.faults : [];
}

/** The instance that takes writes at `at`, or is meant to; undefined in a secondary cluster and in an empty one. */
export function writerAt(database: Database, at: number): string | undefined {
  const term = termAt(database, at);
  if (term === undefined) return undefined;
  const moved = database.failovers.findLast(
    (each) => each.outcome === 'completed' && each.movedAt <= at && each.movedAt >= term.from,
  );
  return moved?.to ?? term.writer;
}

/** The term in which the cluster takes writes at `at`; undefined while it is a copy of another one. */
function termAt(database: Database, at: number): WritingTerm | undefined {
  return database.terms.findLast((each) => each.from <= at && (each.to === undefined || at < each.to));
}

/** The instances that exist at `at`, those included that are still being made. */
export function instancesAt(database: Database, at: number): readonly DatabaseInstance[] {
  return database.instances.filter(
    (each) => each.createdAt <= at && (each.deletedAt === undefined || each.deletedAt > at),
  );
}

function failoverAt(database: Database, at: number): Failover | undefined {
  return database.failovers.find((each) => each.startedAt <= at && at < each.endedAt);
}

export function clusterStatusAt(database: Database, at: number): ClusterStatus {
  if (at < database.availableAt) return 'creating';
  return failoverAt(database, at) === undefined ? 'available' : 'failing-over';
}

/** Why nobody gets through to an instance, and since when. */
export interface Outage {
  /** `host`: packets to it get no answer. `restart`: its host answers, the engine does not run. */
  readonly kind: 'host' | 'restart';
  readonly since: number;
}

/** Undefined while the instance takes connections. */
export function outageAt(
  database: Database,
  faults: readonly Fault[],
  instance: string,
  at: number,
): Outage | undefined {
  const fault = writerDown(database, faults, instance, at);
  if (fault !== undefined) return { kind: 'host', since: fault.from };
  const restart = database.failovers.find(
    (each) => each.from === instance && each.startedAt <= at && at < each.restartedAt,
  );
  return restart && { kind: 'restart', since: restart.startedAt };
}

/** The fault that took the instance's host away, until a failover from it has given it another one. */
function writerDown(database: Database, faults: readonly Fault[], instance: string, at: number) {
  return faults.find(
    (fault) =>
      fault.effect === 'writer-down' &&
      lasts(fault, at) &&
      writerAt(database, fault.from) === instance &&
      !database.failovers.some(
        (each) =>
          each.from === instance &&
          each.outcome === 'completed' &&
          each.restartedAt > fault.from &&
          each.restartedAt <= at,
      ),
  );
}

export function instanceStatusAt(
  database: Database,
  faults: readonly Fault[],
  instance: DatabaseInstance,
  at: number,
): InstanceStatus {
  if (at < instance.availableAt) return 'creating';
  const restarting = database.failovers.some(
    (each) => each.from === instance.id && each.startedAt <= at && at < each.restartedAt,
  );
  if (restarting) return 'rebooting';
  const fault = writerDown(database, faults, instance.id, at);
  return fault?.effect === 'writer-down' ? fault.status : 'available';
}

/** Readers that could become the writer at `at`, the first choice first. */
export function promotableAt(database: Database, faults: readonly Fault[], at: number): readonly DatabaseInstance[] {
  const writer = writerAt(database, at);
  return instancesAt(database, at).filter(
    (each) => each.id !== writer && each.availableAt <= at && outageAt(database, faults, each.id, at) === undefined,
  );
}

/** When the instance last began to run with the parameters of its groups. */
function lastRestart(database: Database, instance: DatabaseInstance, at: number): number {
  const restarts = database.failovers
    .filter((each) => each.from === instance.id || each.to === instance.id)
    .map((each) => (each.from === instance.id ? each.restartedAt : each.movedAt))
    .filter((time) => time <= at);
  return Math.max(instance.availableAt, ...restarts);
}

/** Whether an instance runs with what its cluster's parameter group says, as RDS puts it. */
export function parameterStatusAt(
  database: Database,
  instance: DatabaseInstance,
  at: number,
): 'in-sync' | 'pending-reboot' {
  const restarted = lastRestart(database, instance, at);
  const waiting = database.parameterChanges.some(
    (change) => change.apply === 'pending-reboot' && change.at <= at && change.at > restarted,
  );
  return waiting ? 'pending-reboot' : 'in-sync';
}

/** `max_connections` of the writer, as far as it is in effect. */
export function maxConnectionsAt(database: Database, at: number): number {
  const writer = database.instances.find((each) => each.id === writerAt(database, at));
  const restarted = writer === undefined ? at : lastRestart(database, writer, at);
  const inEffect = database.parameterChanges.findLast(
    (change) =>
      change.parameter === 'max_connections' &&
      change.at <= at &&
      (change.apply === 'immediate' || change.at <= restarted),
  );
  return inEffect === undefined ? model.maxConnections : Number(inEffect.value);
}

/** A cluster of the region by its name: the stack's own, or one that was restored. */
export function databaseNamed(region: RegionInventory, cluster: string): Database | undefined {
  return databasesOf(region).find((each) => each.cluster === cluster.toLowerCase());
}

/** The region's clusters, the stack's own first. */
export function databasesOf(region: RegionInventory): readonly Database[] {
  return [region.database, ...region.restoredDatabases];
}
