/** S3, as far as facts and changes need it. */
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketMetricsConfigurationsCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
  type DeleteObjectCommandInput,
  type GetBucketLifecycleConfigurationCommandInput,
  type GetBucketReplicationCommandInput,
  type GetBucketVersioningCommandInput,
  type HeadBucketCommandInput,
  type HeadObjectCommandInput,
  type ListBucketMetricsConfigurationsCommandInput,
  type ListBucketsCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectS3(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('s3', settings.region, new S3Client(settings));
  return {
    listBuckets: (input: ListBucketsCommandInput) => send(new ListBucketsCommand(input), { lists: ['Buckets'] }),
    listBucketMetricsConfigurations: (input: ListBucketMetricsConfigurationsCommandInput) =>
      send(new ListBucketMetricsConfigurationsCommand(input), { members: ['IsTruncated'] }),
    getBucketLifecycleConfiguration: (input: GetBucketLifecycleConfigurationCommandInput) =>
      send(new GetBucketLifecycleConfigurationCommand(input), { lists: ['Rules'] }),
    getBucketReplication: (input: GetBucketReplicationCommandInput) =>
      send(new GetBucketReplicationCommand(input), { members: ['ReplicationConfiguration'] }),
    getBucketVersioning: (input: GetBucketVersioningCommandInput) => send(new GetBucketVersioningCommand(input)),
    headBucket: (input: HeadBucketCommandInput) => send(new HeadBucketCommand(input)),
    headObject: (input: HeadObjectCommandInput) => send(new HeadObjectCommand(input)),
    putObject: (input: PutObjectCommandInput) => send(new PutObjectCommand(input)),
    deleteObject: (input: DeleteObjectCommandInput) => send(new DeleteObjectCommand(input)),
  };
}
