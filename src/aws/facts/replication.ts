/** How far a cluster in another region is behind the one that it copies. */
import type { ReplicationLag } from '../../cloud/recovery-facts.ts';
import { globalLagMetric, globalLagNames, replicaLagMetric, replicaLagName, type Metric } from '../../cloud/metrics.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import { publishedDimensions } from './published-metrics.ts';
import { readMetrics, type FactTools } from './tools.ts';

const [rpoLagName, olderLagName] = globalLagNames;

function newestOf({ points }: Series): number {
  return points.at(-1)?.at ?? -Infinity;
}

/**
 * Both metrics are published in the secondary's region only (Aurora User Guide, "Cluster-level metrics for Amazon
 * Aurora"), and not under the cluster alone in every case, but with the region that it copies: which, the list of metrics
 * says.
 */
export async function replicationLag(tools: FactTools, database: DatabaseRef, window: Window): Promise<ReplicationLag> {
  const { region } = database;
  const read = (metric: Metric) => tools.metrics.read({ region, window, ...metric });
  const { rpo, lag, replica } = await readMetrics(
    tools,
    region,
    {
      rpo: globalLagMetric(database, rpoLagName),
      lag: globalLagMetric(database, olderLagName),
      replica: replicaLagMetric(database),
    },
    window,
  );
  if (rpo.points.length > 0) return { lag: rpo, metric: rpoLagName };
  if (lag.points.length > 0) return { lag, metric: olderLagName };

  const bySource = await Promise.all(
    globalLagNames.map(async (metric) => {
      const listed = await publishedDimensions(tools, { region, ...globalLagMetric(database, metric) });
      const more = listed.filter((dimensions) => Object.keys(dimensions).length > 1);
      const series = await Promise.all(more.map((each) => read(globalLagMetric(database, metric, each))));
      // A cluster that changed sides has copied one region after the other.
      const [newest] = series.toSorted((a, b) => newestOf(b) - newestOf(a));
      return newest === undefined ? [] : [{ lag: newest, metric }];
    }),
  );
  const ofGlobal = bySource.flat().find(({ lag: { points } }) => points.length > 0);
  return ofGlobal ?? { lag: inMilliseconds(replica), metric: replicaLagName };
}

/** -1 stands for a replication that does not run: how far it is behind is then unknown. */
function inMilliseconds(seconds: Series): Series {
  const points = seconds.points
    .filter(({ value }) => value >= 0)
    .map(({ at, value }) => ({ at, value: value * 1_000 }));
  return { ...seconds, unit: 'ms', points };
}

/**
 * Which metric tells how far the cluster is behind, as it was published in the last two weeks: of the global database where
 * it is one, with as few dimensions as there are. Undefined where none was.
 */
export async function publishedLag(tools: FactTools, database: DatabaseRef): Promise<Metric | undefined> {
  const candidates: readonly Metric[] = [
    ...globalLagNames.map((name) => globalLagMetric(database, name)),
    replicaLagMetric(database),
  ];
  const published = await Promise.all(
    candidates.map(async (metric) => {
      const listed = await publishedDimensions(tools, { region: database.region, ...metric });
      const [fewest] = listed.toSorted((a, b) => Object.keys(a).length - Object.keys(b).length);
      return fewest === undefined ? [] : [{ ...metric, dimensions: fewest }];
    }),
  );
  return published.flat()[0];
}
