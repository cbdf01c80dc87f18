/**
 * What can be done to an Aurora global database and to a cross-region replica, each one call of the RDS API. Whether it is
 * right to do so is decided above.
 */
import type { DatabaseRef, GlobalDatabaseRef } from '../../cloud/stack.ts';
import type { Clients } from '../clients.ts';

/** Nothing here may allow a loss: RDS then waits for the secondary (RDS API Reference, SwitchoverGlobalCluster). */
export async function switchOverGlobal(clients: Clients, ref: GlobalDatabaseRef, target: string): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.switchoverGlobalCluster({
    GlobalClusterIdentifier: ref.globalCluster,
    TargetDbClusterIdentifier: target,
  });
}

/** Without `AllowDataLoss` it would be a switchover, which needs the primary; with `Switchover` it is refused. */
export async function failOverGlobal(clients: Clients, ref: GlobalDatabaseRef, target: string): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.failoverGlobalCluster({
    GlobalClusterIdentifier: ref.globalCluster,
    TargetDbClusterIdentifier: target,
    AllowDataLoss: true,
  });
}

export async function removeFromGlobal(clients: Clients, ref: GlobalDatabaseRef, cluster: string): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.removeFromGlobalCluster({
    GlobalClusterIdentifier: ref.globalCluster,
    DbClusterIdentifier: cluster,
  });
}

export async function promoteReplica(clients: Clients, ref: DatabaseRef): Promise<void> {
  const rds = await clients.rds(ref.region);
  await rds.promoteReadReplicaDBCluster({ DBClusterIdentifier: ref.cluster });
}
