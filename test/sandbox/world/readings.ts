/** Reads a world's metrics over spans of minutes before its start, as CloudWatch would have them later. */
import { openSandbox, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { MetricCatalog } from '../../../src/sandbox/world/metrics/catalog.ts';
import { statistic, type Datum } from '../../../src/sandbox/world/metrics/datum.ts';

export interface Readings {
  /** A statistic over the minutes [from, to) before the start, both negative. */
  over(metric: MetricName, stat: string, from: number, to: number): number | undefined;
  /** A statistic of each minute. */
  each(metric: MetricName, stat: string, from: number, to: number): readonly (number | undefined)[];
  /** Minutes from the start to the first fault's beginning; negative. */
  readonly onset: number;
}

const balancer = { LoadBalancer: 'app/nano-alb/50dc6c495c0c9188' };
const service = { ClusterName: 'nano', ServiceName: 'nano-api' };
const writer = { DBClusterIdentifier: 'nano-db', Role: 'WRITER' };
const node = { CacheClusterId: 'nano-cache-001' };
const bucket = { BucketName: 'nano-zips', FilterId: 'EntireBucket' };

const metrics = {
  latency: ['AWS/ApplicationELB', 'TargetResponseTime', balancer],
  requests: ['AWS/ApplicationELB', 'RequestCount', balancer],
  targetErrors: ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', balancer],
  balancerErrors: ['AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', balancer],
  latencyA: ['AWS/ApplicationELB', 'TargetResponseTime', { ...balancer, AvailabilityZone: 'us-west-2a' }],
  latencyB: ['AWS/ApplicationELB', 'TargetResponseTime', { ...balancer, AvailabilityZone: 'us-west-2b' }],
  connectionErrorsA: [
    'AWS/ApplicationELB',
    'TargetConnectionErrorCount',
    { ...balancer, AvailabilityZone: 'us-west-2a' },
  ],
  connectionErrorsB: [
    'AWS/ApplicationELB',
    'TargetConnectionErrorCount',
    { ...balancer, AvailabilityZone: 'us-west-2b' },
  ],
  cpu: ['AWS/ECS', 'CPUUtilization', service],
  memory: ['AWS/ECS', 'MemoryUtilization', service],
  databaseCpu: ['AWS/RDS', 'CPUUtilization', writer],
  connections: ['AWS/RDS', 'DatabaseConnections', writer],
  selectLatency: ['AWS/RDS', 'SelectLatency', writer],
  hits: ['AWS/ElastiCache', 'CacheHits', node],
  misses: ['AWS/ElastiCache', 'CacheMisses', node],
  firstByte: ['AWS/S3', 'FirstByteLatency', bucket],
  s3Errors: ['AWS/S3', '5xxErrors', bucket],
} as const satisfies Record<string, readonly [string, string, Readonly<Record<string, string>>]>;

export type MetricName = keyof typeof metrics;

export function readings(scenario: string, seed: number): Readings {
  // Ten minutes later, so that everything up to the start has arrived.
  const { world } = openSandbox({
    scenario,
    seed,
    startMs: sandboxStartMs,
    clock: { now: () => sandboxStartMs + 600_000 },
  });
  const catalog = new MetricCatalog(world, 'us-west-2');
  const start = sandboxStartMs / 60_000;
  const dataOf = (metric: MetricName, from: number, to: number): readonly (Datum | undefined)[] => {
    const [namespace, name, dimensions] = metrics[metric];
    const source = catalog.find(namespace, name, dimensions);
    if (source === undefined) throw new Error(`no metric ${metric}`);
    return Array.from({ length: to - from }, (_, index) => catalog.read(source, start + from + index));
  };
  const first = world.inventory.faults[0]?.from ?? sandboxStartMs;
  return {
    onset: (first - sandboxStartMs) / 60_000,
    over: (metric, stat, from, to) =>
      statistic(
        stat,
        dataOf(metric, from, to).filter((datum) => datum !== undefined),
      ),
    each: (metric, stat, from, to) =>
      dataOf(metric, from, to).map((datum) => (datum === undefined ? undefined : statistic(stat, [datum]))),
  };
}
