/**
 * The calls that move the writer's role between regions: SwitchoverGlobalCluster, FailoverGlobalCluster,
 * RemoveFromGlobalCluster and PromoteReadReplicaDBCluster, with the refusals that the RDS API Reference gives for each.
 */
import type {
  FailoverGlobalClusterMessage,
  FailoverGlobalClusterResult,
  PromoteReadReplicaDBClusterMessage,
  PromoteReadReplicaDBClusterResult,
  RemoveFromGlobalClusterMessage,
  RemoveFromGlobalClusterResult,
  SwitchoverGlobalClusterMessage,
  SwitchoverGlobalClusterResult,
} from '@aws-sdk/client-rds';
import { ableInstances, isStuck, withMove } from '../world/global-changes.ts';
import {
  copySideAt,
  isWell,
  memberStatusAt,
  membersAt,
  moveAt,
  otherSide,
  primarySideAt,
} from '../world/global-database.ts';
import type { GlobalMove } from '../world/inventory.ts';
import { isCutOff, type Side } from '../world/region-outage.ts';
import { ServiceFault } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { type RegionHere } from './database-here.ts';
import { clusterHere, nameIn, type Again } from './rds-changes.ts';
import { clusterOf, globalClusterOf } from './rds-shapes.ts';

export function switchOverGlobal(
  here: RegionHere | undefined,
  input: SwitchoverGlobalClusterMessage,
): SwitchoverGlobalClusterResult {
  const { at, target } = moving(here, input.GlobalClusterIdentifier, input.TargetDbClusterIdentifier);
  switchedOver(at, target, 'SwitchoverGlobalCluster');
  return { GlobalCluster: globalClusterOf(at) };
}

export function failOverGlobal(
  here: RegionHere | undefined,
  input: FailoverGlobalClusterMessage,
): FailoverGlobalClusterResult {
  if (input.AllowDataLoss === true && input.Switchover === true) {
    const message = 'AllowDataLoss and Switchover cannot be specified together.';
    throw new ServiceFault('InvalidParameterCombination', message);
  }
  const { at, target } = moving(here, input.GlobalClusterIdentifier, input.TargetDbClusterIdentifier);
  if (input.AllowDataLoss !== true) {
    switchedOver(at, target, 'FailoverGlobalCluster');
    return { GlobalCluster: globalClusterOf(at) };
  }
  if (at.region.role !== target) {
    throw invalidGlobal('A failover that allows data loss is requested in the Region of the cluster that takes over.');
  }
  requireAble(at, target);
  requireSameVersion(at);
  begin(at, 'failover', target, 'FailoverGlobalCluster', 'AllowDataLoss');
  return { GlobalCluster: globalClusterOf(at) };
}

export function removeFromGlobal(
  here: RegionHere | undefined,
  input: RemoveFromGlobalClusterMessage,
): RemoveFromGlobalClusterResult {
  const { at, target } = member(here, input.GlobalClusterIdentifier, input.DbClusterIdentifier);
  const { world, region, now } = at;
  if (region.role !== target) throw clusterNotFound(input.DbClusterIdentifier);
  if (primarySideAt(world.inventory, now) === target) {
    throw invalidGlobal('The primary cluster cannot be removed while the global cluster has secondary clusters.');
  }
  // A failover that is stuck is got round in this way.
  if (moveAt(world.inventory, now) !== undefined && !isStuck(world.inventory, now)) {
    throw new ServiceFault('InvalidDBClusterStateFault', `DB cluster ${region.database.cluster} is being moved.`);
  }
  begin(at, 'detach', target, 'RemoveFromGlobalCluster', 'detached');
  return { GlobalCluster: globalClusterOf(at) };
}

export function promoteReplica(
  here: RegionHere | undefined,
  input: PromoteReadReplicaDBClusterMessage,
  again: Again,
): PromoteReadReplicaDBClusterResult {
  const at = clusterHere(here, input.DBClusterIdentifier);
  const { world, region, database, now } = at;
  const { inventory } = world;
  const copies = copySideAt(inventory, now) === region.role && database.cluster === region.database.cluster;
  if (inventory.replication.kind !== 'replica' || !copies) {
    throw new ServiceFault('InvalidDBClusterStateFault', `DB cluster ${database.cluster} is not a read replica.`);
  }
  const status = memberStatusAt(inventory, region, database, now);
  if (status !== 'available') {
    const message = `DB cluster ${database.cluster} is not in the available state: it is ${status}.`;
    throw new ServiceFault('InvalidDBClusterStateFault', message);
  }
  requireAble(at, region.role);
  begin(at, 'promotion', region.role, 'PromoteReadReplicaDBCluster', 'promoted');
  return { DBCluster: clusterOf(clusterHere(again(), database.cluster)) };
}

interface Asked {
  readonly at: RegionHere;
  readonly target: Side;
}

/** The global database that a call in a region is about, and the member of it that the call names. */
function member(here: RegionHere | undefined, globalCluster: string | undefined, cluster: string | undefined): Asked {
  const known = here?.world.inventory.names.globalCluster;
  if (here === undefined || known === undefined || known.toLowerCase() !== globalCluster?.toLowerCase()) {
    throw new ServiceFault('GlobalClusterNotFoundFault', `Global cluster ${globalCluster ?? ''} not found`, 404);
  }
  const { world, region, now } = here;
  const members = membersAt(world.inventory, now);
  if (!members.some((each) => each.side === region.role)) {
    throw new ServiceFault('GlobalClusterNotFoundFault', `Global cluster ${known} not found`, 404);
  }
  const found = members.find(({ side }) => {
    const own = world.inventory[side];
    return (
      cluster === arnsOf(world, own).databaseCluster() || (side === region.role && cluster === own.database.cluster)
    );
  });
  if (found === undefined) throw clusterNotFound(cluster);
  return { at: here, target: found.side };
}

/** The same, of a call that gives the member the writer's role. */
function moving(here: RegionHere | undefined, globalCluster: string | undefined, target: string | undefined): Asked {
  const asked = member(here, globalCluster, target);
  const { inventory } = asked.at.world;
  const { now } = asked.at;
  if (moveAt(inventory, now) !== undefined) {
    throw invalidGlobal('A switchover or failover of the global cluster is in progress.');
  }
  if (primarySideAt(inventory, now) === asked.target) {
    throw invalidGlobal(`DB cluster ${nameIn(target) ?? ''} is the primary cluster of the global cluster already.`);
  }
  return asked;
}

function switchedOver(at: RegionHere, target: Side, operation: string): void {
  const { world, region, now } = at;
  const { inventory } = world;
  const from = otherSide(target);
  if (region.role !== from) {
    throw invalidGlobal('A switchover is requested in the Region of the current primary cluster.');
  }
  for (const { side, synchronization } of membersAt(inventory, now)) {
    const { cluster } = inventory[side].database;
    if (synchronization !== 'connected') throw invalidGlobal(`DB cluster ${cluster} is not synchronized.`);
    if (!isWell(inventory, side, now)) {
      throw new ServiceFault('InvalidDBClusterStateFault', `DB cluster ${cluster} is not in the available state.`);
    }
  }
  requireAble(at, target);
  requireSameVersion(at);
  begin(at, 'switchover', target, operation, 'switchover');
}

/** A cluster without an instance that runs cannot take writes. */
function requireAble({ world, now }: RegionHere, target: Side): void {
  if (!isCutOff(world.inventory, target, now) && ableInstances(world.inventory, target, now).length > 0) return;
  const { cluster } = world.inventory[target].database;
  throw new ServiceFault('InvalidDBClusterStateFault', `DB cluster ${cluster} has no available DB instance.`);
}

/** Aurora User Guide: with another patch level on either side there is neither switchover nor managed failover. */
function requireSameVersion({ world }: RegionHere): void {
  const [one, other] = [world.inventory.primary.database, world.inventory.recovery.database];
  if (one.engineVersion === other.engineVersion) return;
  throw invalidGlobal(
    `The engine versions of the clusters differ: ${one.cluster} has ${one.engineVersion}, ${other.cluster} has ${other.engineVersion}.`,
  );
}

function begin(at: RegionHere, kind: GlobalMove['kind'], target: Side, operation: string, detail: string): void {
  const { world, region, now } = at;
  const { database } = world.inventory[target];
  world.change(
    { operation: `rds:${operation}`, region: region.region, resource: database.cluster, detail },
    (inventory) => withMove(inventory, kind, target, now),
  );
}

function invalidGlobal(message: string): ServiceFault {
  return new ServiceFault('InvalidGlobalClusterStateFault', message);
}

function clusterNotFound(name: string | undefined): ServiceFault {
  return new ServiceFault('DBClusterNotFoundFault', `DBCluster ${nameIn(name) ?? ''} not found.`, 404);
}
