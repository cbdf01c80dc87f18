/** The bucket's request metrics, which exist only where somebody has configured them. */
import type { MetricsConfiguration } from '@aws-sdk/client-s3';
import type { BucketLoad } from '../../cloud/facts.ts';
import type { Series, Window } from '../../cloud/series.ts';
import type { BucketRef } from '../../cloud/stack.ts';
import { allPages, type FactTools } from './tools.ts';

/**
 * The metrics configuration to read: one of the whole bucket before one of a part of it. Its id is the `FilterId`
 * dimension (Amazon S3 User Guide, "Metrics and dimensions").
 */
async function filterId({ wiring, clients }: FactTools, { region, bucket }: BucketRef): Promise<string | undefined> {
  const s3 = await clients.s3(region);
  const call = { service: 's3', operation: 'ListBucketMetricsConfigurations', region };
  const configurations: readonly MetricsConfiguration[] = await allPages(wiring, call, async (ContinuationToken) => {
    const answer = await s3.listBucketMetricsConfigurations({ Bucket: bucket, ContinuationToken });
    return { items: answer.MetricsConfigurationList ?? [], next: answer.NextContinuationToken };
  });
  return (configurations.find(({ Filter }) => Filter === undefined) ?? configurations[0])?.Id;
}

export async function bucketLoad(tools: FactTools, bucket: BucketRef, window: Window): Promise<BucketLoad | undefined> {
  const id = await tools.metrics.after(bucket.region, () => filterId(tools, bucket));
  if (id === undefined) return undefined;
  const dimensions = { BucketName: bucket.bucket, FilterId: id };
  const read = (metric: string, statistic: string, unit: Series['unit']) =>
    tools.metrics.read({ region: bucket.region, namespace: 'AWS/S3', metric, dimensions, statistic, unit, window });
  const [requests, uploads, clientErrors, serverErrors, firstByteLatencyP99, totalLatencyP99] = await Promise.all([
    read('AllRequests', 'Sum', 'count'),
    read('PutRequests', 'Sum', 'count'),
    read('4xxErrors', 'Sum', 'count'),
    read('5xxErrors', 'Sum', 'count'),
    read('FirstByteLatency', 'p99', 'ms'),
    read('TotalRequestLatency', 'p99', 'ms'),
  ]);
  return { requests, uploads, clientErrors, serverErrors, firstByteLatencyP99, totalLatencyP99 };
}
