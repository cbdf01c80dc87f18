/** The cache: metrics of its nodes, put together. */
import type { CacheLoad } from '../../cloud/facts.ts';
import { cacheNodeMetrics } from '../../cloud/metrics.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { CacheRef } from '../../cloud/stack.ts';
import { combine } from './combine.ts';
import type { FactTools } from './tools.ts';

type CacheMetricName = keyof ReturnType<typeof cacheNodeMetrics>;

export async function memberNodes({ wiring, clients }: FactTools, cache: CacheRef): Promise<readonly string[]> {
  const { region, replicationGroup } = cache;
  const elastiCache = await clients.elastiCache(region);
  const { ReplicationGroups } = await elastiCache.describeReplicationGroups({ ReplicationGroupId: replicationGroup });
  const nodes = ReplicationGroups?.[0]?.MemberClusters ?? [];
  if (nodes.length > 0) return nodes.toSorted();
  const call = { service: 'elasticache', operation: 'DescribeReplicationGroups', region, resource: replicationGroup };
  throw wiring.failure('not-found', call, 'it has no nodes');
}

/** Metrics are published a node. */
export async function nodeReader(tools: FactTools, cache: CacheRef, window: Window) {
  const nodes = await tools.metrics.after(cache.region, () => memberNodes(tools, cache));
  const overNodes = async (name: CacheMetricName, together: (a: number, b: number) => number): Promise<Series> => {
    const perNode = nodes.map((node) => cacheNodeMetrics(node)[name]);
    const series = await Promise.all(
      perNode.map((metric) => tools.metrics.read({ region: cache.region, window, ...metric })),
    );
    const { namespace, metric, statistic, unit } = cacheNodeMetrics('')[name];
    const [first] = series;
    return {
      label: `${metric} ${statistic}`,
      unit,
      periodMs: first?.periodMs ?? 0,
      points: combine(series, together),
      source: {
        operation: 'cloudwatch:GetMetricData',
        region: cache.region,
        detail: `${namespace} ${metric} ${statistic} ${nodes.join(' ')}`,
      },
    };
  };
  return { nodes, overNodes };
}

export async function cacheLoad(tools: FactTools, cache: CacheRef, window: Window): Promise<CacheLoad> {
  const { nodes, overNodes } = await nodeReader(tools, cache, window);
  const sum = (a: number, b: number) => a + b;
  const [hits, misses, engineCpu, evictions, connections] = await Promise.all([
    overNodes('hits', sum),
    overNodes('misses', sum),
    overNodes('engineCpu', Math.max),
    overNodes('evictions', sum),
    overNodes('connections', sum),
  ]);
  return { hits, misses, engineCpu, evictions, connections, nodes };
}
