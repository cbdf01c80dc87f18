/** The bucket's request metrics, which exist only where somebody has configured them. */
import type { MetricsConfiguration } from '@aws-sdk/client-s3';
import type { BucketLoad } from '../../cloud/facts.ts';
import { bucketLoadMetrics } from '../../cloud/metrics.ts';
import type { Window } from '../../cloud/series.ts';
import type { BucketRef } from '../../cloud/stack.ts';
import { allPages, readMetrics, type FactTools } from './tools.ts';

/**
 * The metrics configuration to read: one of the whole bucket before one of a part of it. Its id is the `FilterId`
 * dimension (Amazon S3 User Guide, "Metrics and dimensions").
 */
export async function filterId(
  { wiring, clients }: FactTools,
  { region, bucket }: BucketRef,
): Promise<string | undefined> {
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
  return readMetrics(tools, bucket.region, bucketLoadMetrics(bucket, id), window);
}
