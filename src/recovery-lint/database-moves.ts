/** The operations that make another region's cluster the writer, and how a way back is told from its steps' ids. */

/** Waits until everything is copied. */
export const switchover = 'rds:SwitchoverGlobalCluster';

/** By these a cluster goes on with what it has. */
export const lossy: ReadonlySet<string> = new Set([
  'rds:FailoverGlobalCluster',
  'rds:RemoveFromGlobalCluster',
  'rds:PromoteReadReplicaDBCluster',
]);

export const promotion = 'rds:PromoteReadReplicaDBCluster';

export const movesWriter = (operation: string): boolean => operation === switchover || lossy.has(operation);

/** What the ids of a way back's steps begin with, after those of the service that they are for. */
export const wayBack = 'failback-';

export const isWayBack = (id: string): boolean => id.includes(wayBack);
