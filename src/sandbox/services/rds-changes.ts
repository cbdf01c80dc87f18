/**
 * The calls that change databases: FailoverDBCluster, RestoreDBClusterToPointInTime and CreateDBInstance, with the
 * refusals that the RDS API Reference gives for each.
 */
import type {
  CreateDBInstanceMessage,
  CreateDBInstanceResult,
  FailoverDBClusterMessage,
  FailoverDBClusterResult,
  RestoreDBClusterToPointInTimeMessage,
  RestoreDBClusterToPointInTimeResult,
} from '@aws-sdk/client-rds';
import { hexNoise } from '../random.ts';
import { withFailover, withInstance, withRestoredCluster } from '../world/database-changes.ts';
import { databaseNamed, databasesOf, instancesAt, promotableAt, writerAt } from '../world/database-state.ts';
import { memberStatusAt } from '../world/global-database.ts';
import type { Database } from '../world/inventory.ts';
import { ServiceFault } from '../wire/service.ts';
import { databaseHere, type DatabaseHere, type RegionHere } from './database-here.ts';
import { clusterOf, earliestRestorable, instanceOf, latestRestorable } from './rds-shapes.ts';

const DEFAULT_PARAMETER_GROUP = 'default.aurora-mysql8.0';
/** Letters, digits and single hyphens, from a letter on. */
const IDENTIFIER = /^[a-z](?:-?[a-z0-9]){0,62}$/i;

/** The region as it is after a change, asked for anew. */
export type Again = () => RegionHere | undefined;

export function failOverCluster(
  here: RegionHere | undefined,
  input: FailoverDBClusterMessage,
  again: Again,
): FailoverDBClusterResult {
  const at = clusterHere(here, input.DBClusterIdentifier);
  const { world, region, database, faults, now } = at;
  requireAvailable(at);
  const writer = writerAt(database, now);
  if (writer === undefined) {
    throw new ServiceFault('InvalidDBClusterStateFault', `DB cluster ${database.cluster} has no writer to fail over.`);
  }
  const promotable = promotableAt(database, faults, now);
  const wanted = nameIn(input.TargetDBInstanceIdentifier)?.toLowerCase();
  if (wanted !== undefined) {
    if (!instancesAt(database, now).some((each) => each.id === wanted)) {
      throw new ServiceFault('DBInstanceNotFound', `DBInstance ${wanted} not found.`, 404);
    }
    if (wanted === writer) {
      const message = `DB instance ${wanted} is the writer of DB cluster ${database.cluster} already.`;
      throw new ServiceFault('InvalidDBInstanceState', message);
    }
    if (!promotable.some((each) => each.id === wanted)) {
      throw new ServiceFault('InvalidDBInstanceState', `DB instance ${wanted} is not in the available state.`);
    }
  }
  const reader = wanted ?? promotable[0]?.id;
  if (reader === undefined && instancesAt(database, now).length > 1) {
    const message = `None of the readers of DB cluster ${database.cluster} is in the available state.`;
    throw new ServiceFault('InvalidDBClusterStateFault', message);
  }
  world.change(
    {
      operation: 'rds:FailoverDBCluster',
      region: region.region,
      resource: database.cluster,
      detail: reader === undefined ? `${writer} anew` : `${writer} to ${reader}`,
    },
    (inventory) => withFailover(inventory, region, database, { at: now, writer, reader }),
  );
  return { DBCluster: clusterOf(clusterHere(again(), database.cluster)) };
}

export function restoreCluster(
  here: RegionHere | undefined,
  input: RestoreDBClusterToPointInTimeMessage,
  again: Again,
): RestoreDBClusterToPointInTimeResult {
  const at = clusterHere(here, input.SourceDBClusterIdentifier);
  const { world, region, database: source, now } = at;
  const cluster = identifier(input.DBClusterIdentifier, 'DBClusterIdentifier');
  if (databaseNamed(region, cluster) !== undefined) {
    throw new ServiceFault('DBClusterAlreadyExistsFault', `DB Cluster already exists: ${cluster}`);
  }
  requireAvailable(at);
  if ((input.UseLatestRestorableTime === true) === (input.RestoreToTime !== undefined)) {
    const message = 'Specify either RestoreToTime or UseLatestRestorableTime, not both and not neither.';
    throw new ServiceFault('InvalidParameterCombination', message);
  }
  const restoredTo = input.RestoreToTime?.getTime() ?? latestRestorable(at);
  if (restoredTo > latestRestorable(at) || restoredTo < earliestRestorable(at)) {
    const message = `The specified time ${new Date(restoredTo).toISOString()} is outside of the restorable range of ${source.cluster}.`;
    throw new ServiceFault('InvalidRestoreFault', message);
  }
  const groups = input.VpcSecurityGroupIds ?? [];
  world.change(
    {
      operation: 'rds:RestoreDBClusterToPointInTime',
      region: region.region,
      resource: cluster,
      detail: `from ${source.cluster} at ${new Date(restoredTo).toISOString()}`,
    },
    (inventory) =>
      withRestoredCluster(inventory, region, source, {
        at: now,
        cluster,
        restoredTo,
        subnetGroup: input.DBSubnetGroupName ?? 'default',
        // Without any the cluster is in the VPC's default group, which admits nobody from outside it.
        securityGroups: groups.length > 0 ? groups : [`sg-0${hexNoise(inventory.seed, region.vpcId, 'default')}`],
        parameterGroup: input.DBClusterParameterGroupName ?? DEFAULT_PARAMETER_GROUP,
      }),
  );
  return { DBCluster: clusterOf(clusterHere(again(), cluster)) };
}

export function createInstance(
  here: RegionHere | undefined,
  input: CreateDBInstanceMessage,
  again: Again,
): CreateDBInstanceResult {
  if (input.DBClusterIdentifier === undefined) {
    throw new ServiceFault(
      'InvalidParameterValue',
      'Only instances of Aurora clusters are simulated: DBClusterIdentifier is missing.',
    );
  }
  const at = clusterHere(here, input.DBClusterIdentifier);
  const { world, region, database, now } = at;
  const id = identifier(input.DBInstanceIdentifier, 'DBInstanceIdentifier');
  const instanceClass = input.DBInstanceClass ?? '';
  if (databasesOf(region).some((each) => instancesAt(each, now).some((instance) => instance.id === id))) {
    throw new ServiceFault('DBInstanceAlreadyExists', `DB instance already exists: ${id}`);
  }
  if (input.Engine !== 'aurora-mysql') {
    const message = `The engine name requested for your DB instance (${input.Engine ?? ''}) doesn't match the engine name of your DB cluster (aurora-mysql).`;
    throw new ServiceFault('InvalidParameterCombination', message);
  }
  if (!/^db\.[a-z0-9]+\.[a-z0-9]+$/.test(instanceClass)) {
    throw new ServiceFault('InvalidParameterValue', `Invalid DB Instance class: ${instanceClass}`);
  }
  const zone = input.AvailabilityZone;
  if (zone !== undefined && !region.zones.includes(zone)) {
    throw new ServiceFault('InvalidParameterValue', `Invalid Availability Zone: ${zone}`);
  }
  requireAvailable(at);
  world.change(
    {
      operation: 'rds:CreateDBInstance',
      region: region.region,
      resource: id,
      detail: `${instanceClass} in ${database.cluster}`,
    },
    (inventory) => withInstance(inventory, region, database, { at: now, id, instanceClass, zone }),
  );
  const after = clusterHere(again(), database.cluster);
  const made = after.database.instances.find((each) => each.id === id);
  return made === undefined ? {} : { DBInstance: instanceOf(after, made) };
}

/** The cluster of a region that a call names. */
export function clusterHere(here: RegionHere | undefined, nameOrArn: string | undefined): DatabaseHere {
  const name = nameIn(nameOrArn) ?? '';
  const database: Database | undefined = here && databaseNamed(here.region, name);
  if (here === undefined || database === undefined) {
    throw new ServiceFault('DBClusterNotFoundFault', `DBCluster ${name} not found.`, 404);
  }
  return databaseHere(here, database);
}

function requireAvailable({ world, region, database, now }: DatabaseHere): void {
  const status = memberStatusAt(world.inventory, region, database, now);
  if (status === 'available') return;
  const message = `DB cluster ${database.cluster} is not in the available state: it is ${status}.`;
  throw new ServiceFault('InvalidDBClusterStateFault', message);
}

function identifier(name: string | undefined, parameter: string): string {
  if (name === undefined || !IDENTIFIER.test(name)) {
    const message = `The parameter ${parameter} is not a valid identifier: ${name ?? ''}`;
    throw new ServiceFault('InvalidParameterValue', message);
  }
  return name.toLowerCase();
}

/** The name in an ARN, or the name itself. */
export function nameIn(nameOrArn: string | undefined): string | undefined {
  return nameOrArn?.startsWith('arn:') ? nameOrArn.split(':').at(-1) : nameOrArn;
}
