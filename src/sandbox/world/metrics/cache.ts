/** AWS/ElastiCache: metrics of each node of the replication group. */
import type { Dynamics } from '../dynamics.ts';
import { gaussian, noise } from '../../random.ts';
import { slow } from '../demand.ts';
import type { CacheNode, RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import { endpoints } from '../workload.ts';
import { gauge, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

/** The share of look-ups that the replica answers. */
const REPLICA_SHARE = 0.15;
const LOOKUPS_PER_REQUEST =
  2 + endpoints.reduce((sum, each) => sum + (each.fragment === undefined ? 0 : each.share), 0);
const ITEMS = 410_000;

export function cacheMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  return region.cacheNodes.flatMap((node) => nodeMetrics(dynamics, region, node));
}

function nodeMetrics(dynamics: Dynamics, region: RegionInventory, node: CacheNode): readonly MetricSource[] {
  const { seed } = dynamics.world;
  const state = (minute: number) => dynamics.state(region, minute);
  const share = node.role === 'primary' ? 1 - REPLICA_SHARE : REPLICA_SHARE;
  const lookups = (minute: number) => state(minute).requests * LOOKUPS_PER_REQUEST * share;
  const hits = (minute: number) => Math.round(lookups(minute) * state(minute).hitRatio);
  const misses = (minute: number) => Math.round(lookups(minute)) - hits(minute);
  /** Waiting for a lock asks again every 50 ms. */
  const polls = (minute: number) => misses(minute) * 0.2 * (state(minute).refillMs / 50);
  const progress = (minute: number) => state(minute).effects.cache?.progress ?? 0;
  const metric = (name: string, unit: MetricUnit, at: (minute: number) => number | undefined): MetricSource => ({
    namespace: 'AWS/ElastiCache',
    name,
    dimensions: { CacheClusterId: node.id },
    unit,
    at(minute): Datum | undefined {
      const value = at(minute);
      return value === undefined ? undefined : gauge(value);
    },
  });
  const engineCpu = (minute: number) =>
    2.5 + (lookups(minute) + polls(minute)) / 900 + 0.4 * gaussian(seed, node.id, 'engine-cpu', minute);
  const restartedIn = (minute: number) =>
    region.cacheRestarts.some((restart) => restart.node === node.id && Math.floor(restart.at / MINUTE_MS) === minute);
  return [
    metric('CacheHits', 'Count', hits),
    metric('CacheMisses', 'Count', misses),
    metric('CacheHitRate', 'Percent', (minute) => (lookups(minute) < 1 ? undefined : state(minute).hitRatio * 100)),
    metric('EngineCPUUtilization', 'Percent', (minute) => Math.min(99, Math.max(0.5, engineCpu(minute)))),
    metric('CPUUtilization', 'Percent', (minute) => Math.min(99, Math.max(0.5, engineCpu(minute) * 0.7 + 2))),
    metric('Evictions', 'Count', () => 0),
    metric('CurrConnections', 'Count', (minute) => 4 + state(minute).tasks.length * 6),
    metric('NewConnections', 'Count', (minute) =>
      restartedIn(minute)
        ? state(minute).tasks.length * 6
        : Math.floor(noise(seed, node.id, 'connections', minute) * 3),
    ),
    metric('CurrItems', 'Count', (minute) =>
      Math.round(ITEMS * (1 - 0.93 * progress(minute)) * (1 + 0.004 * slow(seed, 'cache-items', minute, 60))),
    ),
    metric(
      'DatabaseMemoryUsagePercentage',
      'Percent',
      (minute) => 4 + 57 * (1 - 0.9 * progress(minute)) + 0.3 * slow(seed, 'cache-memory', minute, 60),
    ),
    ...(node.role === 'replica'
      ? [metric('ReplicationLag', 'Seconds', (minute) => 0.2 + 0.3 * noise(seed, node.id, 'lag', minute))]
      : []),
  ];
}
