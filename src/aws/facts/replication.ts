/** How far a cluster in another region is behind the one that it copies. */
import type { ReplicationLag } from '../../cloud/recovery-facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import { publishedDimensions } from './published-metrics.ts';
import type { FactTools } from './tools.ts';

const namespace = 'AWS/RDS';

/**
 * In this order: the first tells what a failover would lose; versions of Aurora MySQL before 3.04 and 2.12 publish the
 * second alone (Aurora User Guide, "Performing switchovers for Amazon Aurora global databases").
 */
const globalMetrics = ['AuroraGlobalDBRPOLag', 'AuroraGlobalDBReplicationLag'] as const;

/** Of a cross-region replica, in seconds. */
const replicaMetric = 'AuroraBinlogReplicaLag';

function newestOf({ points }: Series): number {
  return points.at(-1)?.at ?? -Infinity;
}

/**
 * Both metrics are published in the secondary's region only (Aurora User Guide, "Cluster-level metrics for Amazon
 * Aurora"), and not under the cluster alone in every case, but with the region that it copies: which, the list of metrics
 * says.
 */
export async function replicationLag(
  tools: FactTools,
  { region, cluster }: DatabaseRef,
  window: Window,
): Promise<ReplicationLag> {
  const byCluster = { DBClusterIdentifier: cluster };
  const read = (metric: string, unit: Series['unit'], dimensions: Readonly<Record<string, string>>) =>
    tools.metrics.read({ region, namespace, metric, dimensions, statistic: 'Maximum', unit, window });

  const [rpo, lag, replica] = await Promise.all([
    read(globalMetrics[0], 'ms', byCluster),
    read(globalMetrics[1], 'ms', byCluster),
    read(replicaMetric, 's', { ...byCluster, Role: 'WRITER' }),
  ]);
  if (rpo.points.length > 0) return { lag: rpo, metric: globalMetrics[0] };
  if (lag.points.length > 0) return { lag, metric: globalMetrics[1] };

  const bySource = await Promise.all(
    globalMetrics.map(async (metric) => {
      const listed = await publishedDimensions(tools, { region, namespace, metric, dimensions: byCluster });
      const more = listed.filter((dimensions) => Object.keys(dimensions).length > 1);
      const series = await Promise.all(more.map((dimensions) => read(metric, 'ms', dimensions)));
      // A cluster that changed sides has copied one region after the other.
      const [newest] = series.toSorted((a, b) => newestOf(b) - newestOf(a));
      return newest === undefined ? [] : [{ lag: newest, metric }];
    }),
  );
  const ofGlobal = bySource.flat().find(({ lag: { points } }) => points.length > 0);
  return ofGlobal ?? { lag: inMilliseconds(replica), metric: replicaMetric };
}

/** -1 stands for a replication that does not run: how far it is behind is then unknown. */
function inMilliseconds(seconds: Series): Series {
  const points = seconds.points
    .filter(({ value }) => value >= 0)
    .map(({ at, value }) => ({ at, value: value * 1_000 }));
  return { ...seconds, unit: 'ms', points };
}
