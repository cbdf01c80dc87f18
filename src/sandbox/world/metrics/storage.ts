/** AWS/S3: request metrics of the bucket, and of its replication into the recovery region. */
import type { Dynamics } from '../dynamics.ts';
import { noise } from '../../random.ts';
import type { RegionInventory } from '../inventory.ts';
import { endpoints } from '../workload.ts';
import { distribution, events, eventsAmong, gauge, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

/** The id of the bucket's metrics configuration and of its replication rule. */
export const METRICS_FILTER_ID = 'EntireBucket';
export const REPLICATION_RULE_ID = 'to-recovery';

/** The share of a request's time until its first byte. */
const FIRST_BYTE_SHARE = 0.62;
const MEAN_OBJECT_BYTES = 3_400_000;

function shareOf(operation: 'GetObject' | 'PutObject'): number {
  return endpoints.reduce((sum, each) => sum + (each.s3 === operation ? each.share : 0), 0);
}

export function storageMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const { world } = dynamics;
  const dimensions = { BucketName: region.names.bucket, FilterId: METRICS_FILTER_ID };
  const gets = (minute: number) => Math.round(dynamics.state(region, minute).requests * shareOf('GetObject'));
  const puts = (minute: number) => Math.round(dynamics.state(region, minute).requests * shareOf('PutObject'));
  const all = (minute: number) => gets(minute) + puts(minute);
  const metric = (name: string, unit: MetricUnit, at: (minute: number) => Datum | undefined): MetricSource => ({
    namespace: 'AWS/S3',
    name,
    dimensions,
    unit,
    at: (minute) => (all(minute) === 0 ? undefined : at(minute)),
  });
  const requestMetrics = [
    metric('AllRequests', 'Count', (minute) => events(all(minute))),
    metric('GetRequests', 'Count', (minute) => events(gets(minute))),
    metric('PutRequests', 'Count', (minute) => events(puts(minute))),
    metric('4xxErrors', 'Count', (minute) =>
      eventsAmong(noise(world.seed, 's3-4xx', minute) > 0.85 ? 1 : 0, all(minute)),
    ),
    metric('5xxErrors', 'Count', (minute) => eventsAmong(dynamics.counts(region, minute).s3ServerErrors, all(minute))),
    metric('FirstByteLatency', 'Milliseconds', (minute) =>
      distribution(dynamics.latencies(region, minute).s3, all(minute), FIRST_BYTE_SHARE),
    ),
    metric('TotalRequestLatency', 'Milliseconds', (minute) =>
      distribution(dynamics.latencies(region, minute).s3, all(minute)),
    ),
    metric('BytesDownloaded', 'Bytes', (minute) => gauge(gets(minute) * MEAN_OBJECT_BYTES)),
    metric('BytesUploaded', 'Bytes', (minute) => gauge(puts(minute) * MEAN_OBJECT_BYTES)),
  ];
  return [...requestMetrics, ...replicationMetrics(dynamics, region)];
}

/** Published in the destination's region, but for failures, which the source's region counts. */
function replicationMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const { world } = dynamics;
  const dimensions = {
    SourceBucket: world.names.primary.bucket,
    DestinationBucket: world.names.recovery.bucket,
    RuleId: REPLICATION_RULE_ID,
  };
  const metric = (name: string, unit: MetricUnit, at: (minute: number) => number): MetricSource => ({
    namespace: 'AWS/S3',
    name,
    dimensions,
    unit,
    at: (minute) => gauge(at(minute)),
  });
  const written = (minute: number) => dynamics.state(world.primary, minute).requests * shareOf('PutObject');
  const latencySeconds = (minute: number) => 6 + 9 * noise(world.seed, 's3-replication', minute);
  const pending = (minute: number) => Math.round((written(minute) / 60) * latencySeconds(minute));
  if (region.role === 'primary') return [metric('OperationsFailedReplication', 'Count', () => 0)];
  return [
    metric('ReplicationLatency', 'Seconds', latencySeconds),
    metric('OperationsPendingReplication', 'Count', pending),
    metric('BytesPendingReplication', 'Bytes', (minute) => pending(minute) * MEAN_OBJECT_BYTES),
  ];
}
