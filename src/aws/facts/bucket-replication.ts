/** Where a bucket's objects are copied to, and how many are still to be. */
import type { ReplicationRule } from '@aws-sdk/client-s3';
import { CloudError } from '../../cloud/errors.ts';
import type { BucketReplication, ReplicationBacklog } from '../../cloud/recovery-facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { BucketRef } from '../../cloud/stack.ts';
import { combine } from './combine.ts';
import { publishedDimensions } from './published-metrics.ts';
import type { FactTools } from './tools.ts';

const namespace = 'AWS/S3';

/** The first version of the configuration has the prefix beside the filter. */
function ruleFrom({ ID, Status, Destination, Filter, Prefix }: ReplicationRule): BucketReplication['rules'][number] {
  return {
    id: ID ?? '',
    enabled: Status === 'Enabled',
    destination: Destination?.Bucket?.split(':').at(-1) ?? 'unknown',
    prefix: Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '',
    ...((Filter?.Tag !== undefined || (Filter?.And?.Tags ?? []).length > 0) && { isSelective: true }),
    metrics: Destination?.Metrics?.Status === 'Enabled',
  };
}

async function rulesOf({ clients }: FactTools, { region, bucket }: BucketRef): Promise<readonly ReplicationRule[]> {
  const s3 = await clients.s3(region);
  try {
    const { ReplicationConfiguration } = await s3.getBucketReplication({ Bucket: bucket });
    return ReplicationConfiguration?.Rules ?? [];
  } catch (error) {
    // S3 refuses to tell of a configuration that nobody made; a bucket that is not there has another code.
    const isNone = error instanceof CloudError && error.details.awsCode === 'ReplicationConfigurationNotFoundError';
    if (isNone) return [];
    throw error;
  }
}

export async function bucketReplication(tools: FactTools, bucket: BucketRef): Promise<BucketReplication> {
  const s3 = await tools.clients.s3(bucket.region);
  const [versioning, rules] = await Promise.all([
    s3.getBucketVersioning({ Bucket: bucket.bucket }),
    rulesOf(tools, bucket),
  ]);
  return {
    versioning: versioning.Status,
    rules: rules.map(ruleFrom),
    source: { operation: 's3:GetBucketReplication', region: bucket.region, detail: bucket.bucket },
  };
}

/**
 * Published in the destination's region (Amazon S3 User Guide, "Viewing replication metrics"). Of more than one rule, what
 * is pending is added up, and the slowest counts.
 */
export async function replicationBacklog(
  tools: FactTools,
  source: BucketRef,
  destination: BucketRef,
  ruleId: string | undefined,
  window: Window,
): Promise<ReplicationBacklog> {
  const { region } = destination;
  const buckets = { SourceBucket: source.bucket, DestinationBucket: destination.bucket };
  const rules =
    ruleId === undefined
      ? await publishedDimensions(tools, {
          region,
          namespace,
          metric: 'OperationsPendingReplication',
          dimensions: buckets,
        })
      : [{ ...buckets, RuleId: ruleId }];
  const overRules = async (
    metric: string,
    unit: Series['unit'],
    together: (a: number, b: number) => number,
  ): Promise<Series> => {
    // Where no rule publishes anything, the answer to a question about none is as empty as it should be.
    const asked = rules.length === 0 ? [buckets] : rules;
    const series = await Promise.all(
      asked.map((dimensions) =>
        tools.metrics.read({ region, namespace, metric, dimensions, statistic: 'Maximum', unit, window }),
      ),
    );
    const [first] = series;
    const detail = `${namespace} ${metric} Maximum ${source.bucket} ${destination.bucket}`;
    return {
      label: `${metric} Maximum`,
      unit,
      periodMs: first?.periodMs ?? 0,
      points: combine(series, together),
      source: series.length === 1 && first !== undefined ? first.source : { operation, region, detail },
    };
  };
  const sum = (a: number, b: number) => a + b;
  const [pendingOperations, pendingBytes, latency] = await Promise.all([
    overRules('OperationsPendingReplication', 'count', sum),
    overRules('BytesPendingReplication', 'bytes', sum),
    overRules('ReplicationLatency', 's', Math.max),
  ]);
  return { pendingOperations, pendingBytes, latency };
}

const operation = 'cloudwatch:GetMetricData';
