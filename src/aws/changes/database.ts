/** What can be done to an Aurora cluster, each one call of the RDS API. Whether it is right to do so is decided above. */
import type { NewInstance, RestoredCluster } from '../../cloud/changes.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import type { Clients } from '../clients.ts';

export async function failOverCluster(clients: Clients, ref: DatabaseRef, target?: string): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.failoverDBCluster({ DBClusterIdentifier: ref.cluster, TargetDBInstanceIdentifier: target });
}

/**
 * A full copy, in a volume of its own. What is not named gets RDS's defaults and not the source's, so that the network
 * and the parameters are (RDS API Reference, RestoreDBClusterToPointInTime). It has no instance yet, and cannot be
 * deleted by mistake.
 */
export async function restoreCluster(clients: Clients, ref: DatabaseRef, restored: RestoredCluster): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.restoreDBClusterToPointInTime({
    DBClusterIdentifier: restored.cluster,
    SourceDBClusterIdentifier: ref.cluster,
    RestoreType: 'full-copy',
    UseLatestRestorableTime: true,
    DBSubnetGroupName: restored.subnetGroup,
    // An empty list would be sent as such, and is not the same as none.
    VpcSecurityGroupIds: restored.securityGroups.length === 0 ? undefined : [...restored.securityGroups],
    DBClusterParameterGroupName: restored.parameterGroup,
    DeletionProtection: true,
  });
}

/** An instance of an Aurora cluster has its network, its storage and its credentials from the cluster. */
export async function createInstance(clients: Clients, ref: DatabaseRef, instance: NewInstance): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.createDBInstance({
    DBInstanceIdentifier: instance.instance,
    DBClusterIdentifier: ref.cluster,
    DBInstanceClass: instance.instanceClass,
    Engine: instance.engine,
  });
}
