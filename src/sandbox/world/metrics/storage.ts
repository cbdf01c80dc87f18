/** AWS/S3: request metrics of the bucket, and of its replication into the other region's. */
import type { Dynamics } from '../dynamics.ts';
import { noise } from '../../random.ts';
import type { RegionInventory, WorldInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import { bucketSettings } from '../backup-state.ts';
import { isMissing, replicationBacklog } from '../region-needs.ts';
import { isCutOff } from '../region-outage.ts';
import { endpoints } from '../workload.ts';
import { distribution, events, eventsAmong, gauge, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

/** The id of the bucket's metrics configuration. */
export const METRICS_FILTER_ID = 'EntireBucket';

/** The id of the rule that copies into a region's bucket. */
export function replicationRuleId({ role }: Pick<RegionInventory, 'role'>): string {
  return `to-${role}`;
}

/** The share of a request's time until its first byte. */
const FIRST_BYTE_SHARE = 0.62;
const MEAN_OBJECT_BYTES = 3_400_000;
/** So many objects beside the new ones can be copied in a minute. */
const CAUGHT_UP_A_MINUTE = 600;

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

/** One rule copies into the other region: what it does is published there, but for failures, which its source counts. */
function replicationMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const { primary, recovery } = dynamics.world;
  const other = region.role === 'primary' ? recovery : primary;
  return [...ruleMetrics(dynamics, other, region), ...ruleFailures(dynamics, region, other)];
}

function ruleMetrics(
  dynamics: Dynamics,
  source: RegionInventory,
  destination: RegionInventory,
): readonly MetricSource[] {
  const { world } = dynamics;
  const metric = ruleMetric(dynamics, source, destination);
  const writtenPerSecond = (minute: number) => (dynamics.state(source, minute).requests * shareOf('PutObject')) / 60;
  const usualSeconds = (minute: number) => 6 + 9 * noise(world.seed, 's3-replication', minute);
  const usual = (minute: number) => Math.round(writtenPerSecond(minute) * usualSeconds(minute));
  const heldUp = (minute: number) => heldUpBy(world, source, destination, minute, writtenPerSecond);
  return [
    metric('ReplicationLatency', 'Seconds', (minute) =>
      writtenPerSecond(minute) === 0 && heldUp(minute) === undefined
        ? 0
        : usualSeconds(minute) + (heldUp(minute)?.seconds ?? 0),
    ),
    metric('OperationsPendingReplication', 'Count', (minute) => usual(minute) + (heldUp(minute)?.operations ?? 0)),
    metric(
      'BytesPendingReplication',
      'Bytes',
      (minute) => usual(minute) * MEAN_OBJECT_BYTES + (heldUp(minute)?.bytes ?? 0),
    ),
  ];
}

interface HeldUp {
  readonly operations: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** What waits by the end of a minute beside the usual; its latency is how long it takes to write so much. */
function heldUpBy(
  world: WorldInventory,
  source: RegionInventory,
  destination: RegionInventory,
  minute: number,
  writtenPerSecond: (minute: number) => number,
): HeldUp | undefined {
  const at = (minute + 1) * MINUTE_MS;
  const backlog = destination.role === 'recovery' ? replicationBacklog(world, at) : undefined;
  const missed = missedWrites(world, source, destination, minute, writtenPerSecond);
  const operations = (backlog?.operations ?? 0) + missed.operations;
  if (operations === 0) return undefined;
  const since = Math.min(backlog?.since ?? Infinity, missed.since);
  return {
    operations,
    bytes: (backlog?.bytes ?? 0) + missed.operations * MEAN_OBJECT_BYTES,
    seconds: Math.min((at - since) / 1000, operations / Math.max(writtenPerSecond(minute), 1e-9)),
  };
}

/** What was written while the regions could not reach each other, and was not made up for since. */
function missedWrites(
  world: WorldInventory,
  source: RegionInventory,
  destination: RegionInventory,
  minute: number,
  writtenPerSecond: (minute: number) => number,
): { readonly operations: number; readonly since: number } {
  const struck = world.faults.filter((each) => each.effect === 'region-down' || each.effect === 'writer-cut-off');
  const since = struck.reduce((first, { from }) => Math.min(first, from), Infinity);
  let operations = 0;
  for (let past = Math.floor(since / MINUTE_MS); past <= minute; past += 1) {
    const at = (past + 0.5) * MINUTE_MS;
    operations =
      isCutOff(world, destination.role, at) || isCutOff(world, source.role, at)
        ? operations + Math.round(writtenPerSecond(past) * 60)
        : Math.max(0, operations - CAUGHT_UP_A_MINUTE);
  }
  return { operations, since };
}

function ruleFailures(
  dynamics: Dynamics,
  source: RegionInventory,
  destination: RegionInventory,
): readonly MetricSource[] {
  return [ruleMetric(dynamics, source, destination)('OperationsFailedReplication', 'Count', () => 0)];
}

/** A rule that is not there publishes nothing, nor does one whose metrics are off, nor does one that cannot reach from one region to the other. */
function ruleMetric({ world }: Dynamics, source: RegionInventory, destination: RegionInventory) {
  const dimensions = {
    SourceBucket: source.names.bucket,
    DestinationBucket: destination.names.bucket,
    RuleId: replicationRuleId(destination),
  };
  const isPublished = (at: number) =>
    !isMissing(world, destination, 'bucket-replication', at) &&
    bucketSettings(world, source, at).metrics &&
    !isCutOff(world, source.role, at) &&
    !isCutOff(world, destination.role, at);
  return (name: string, unit: MetricUnit, at: (minute: number) => number): MetricSource => ({
    namespace: 'AWS/S3',
    name,
    dimensions,
    unit,
    at: (minute) => (isPublished((minute + 0.5) * MINUTE_MS) ? gauge(at(minute)) : undefined),
  });
}
