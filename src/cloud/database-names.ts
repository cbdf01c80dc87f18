/** Identifiers of clusters and instances have so many characters at most (RDS API Reference, CreateDBCluster and CreateDBInstance). */
export const longestDatabaseName = 63;

/** What a cluster's first instance is called: after the cluster, which is cut where the name would be too long. */
export function firstInstanceOf(cluster: string): string {
  const tail = '-1';
  return `${cluster.slice(0, longestDatabaseName - tail.length).replace(/-+$/, '')}${tail}`;
}
