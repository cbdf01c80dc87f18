/** Simulated Amazon S3: what can be known about the two buckets without their objects. Amazon S3 API Reference. */
import {
  GetBucketLifecycleConfiguration$,
  GetBucketLocation$,
  GetBucketReplication$,
  GetBucketVersioning$,
  HeadBucket$,
  ListBucketMetricsConfigurations$,
  ListBuckets$,
  type GetBucketLifecycleConfigurationOutput,
  type GetBucketLifecycleConfigurationRequest,
  type GetBucketLocationOutput,
  type GetBucketLocationRequest,
  type GetBucketReplicationOutput,
  type GetBucketReplicationRequest,
  type GetBucketVersioningOutput,
  type GetBucketVersioningRequest,
  type HeadBucketOutput,
  type LifecycleRule,
  type HeadBucketRequest,
  type ListBucketMetricsConfigurationsOutput,
  type ListBucketMetricsConfigurationsRequest,
  type ListBucketsOutput,
  type ListBucketsRequest,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import { bucketSettings } from '../world/backup-state.ts';
import type { RegionInventory } from '../world/inventory.ts';
import { METRICS_FILTER_ID, replicationRuleId } from '../world/metrics/storage.ts';
import { isMissing } from '../world/region-needs.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type SimulatedService } from '../wire/service.ts';
import { operation } from './operation.ts';
import { objectOperations } from './s3-objects.ts';

export function s3Service(world: World): SimulatedService {
  const { primary, recovery, createdAt, names } = world.inventory;
  const owner = (bucket: string | undefined): RegionInventory => {
    const found = [primary, recovery].find((region) => region.names.bucket === bucket);
    if (found === undefined) throw new ServiceFault('NoSuchBucket', 'The specified bucket does not exist', 404);
    return found;
  };
  return {
    service: 's3',
    signingName: 's3',
    protocol: 'rest-xml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    operations: [
      ...objectOperations(world),
      operation<ListBucketsRequest, ListBucketsOutput>(ListBuckets$, (input) => ({
        Buckets: [primary, recovery]
          .filter(
            (region) =>
              region.names.bucket.startsWith(input.Prefix ?? '') &&
              (input.BucketRegion ?? region.region) === region.region,
          )
          .map((region) => ({
            Name: region.names.bucket,
            CreationDate: new Date(createdAt),
            BucketRegion: region.region,
          })),
        Owner: { ID: names.account.repeat(5).slice(0, 64) },
      })),
      operation<GetBucketLocationRequest, GetBucketLocationOutput>(GetBucketLocation$, (input) => {
        const { region } = owner(input.Bucket);
        // us-east-1 is told by the absence of a constraint; any other region is its own, whatever the SDK's list knows.
        return region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
      }),
      operation<HeadBucketRequest, HeadBucketOutput>(HeadBucket$, (input) => ({
        BucketRegion: owner(input.Bucket).region,
        AccessPointAlias: false,
      })),
      operation<GetBucketVersioningRequest, GetBucketVersioningOutput>(GetBucketVersioning$, (input) => {
        const { versioning } = bucketSettings(world.inventory, owner(input.Bucket), world.now());
        return versioning === 'never' ? {} : { Status: versioning };
      }),
      operation<GetBucketReplicationRequest, GetBucketReplicationOutput>(GetBucketReplication$, (input) => {
        const source = owner(input.Bucket);
        const { metrics } = bucketSettings(world.inventory, source, world.now());
        // Each bucket is copied into the other: what is written while the recovery region serves has to come back.
        const destination = source.role === 'primary' ? recovery : primary;
        if (isMissing(world.inventory, destination, 'bucket-replication', world.now())) {
          throw new ServiceFault(
            'ReplicationConfigurationNotFoundError',
            'The replication configuration was not found',
            404,
          );
        }
        return {
          ReplicationConfiguration: {
            Role: `arn:aws:iam::${names.account}:role/${source.names.bucket}-replication`,
            Rules: [
              {
                ID: replicationRuleId(destination),
                Priority: 1,
                Filter: { Prefix: '' },
                Status: 'Enabled',
                DeleteMarkerReplication: { Status: 'Enabled' },
                Destination: {
                  Bucket: `arn:aws:s3:::${destination.names.bucket}`,
                  // Its time control is not to be had without metrics.
                  ...(metrics && { ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } } }),
                  ...(metrics && { Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } } }),
                },
              },
            ],
          },
        };
      }),
      operation<GetBucketLifecycleConfigurationRequest, GetBucketLifecycleConfigurationOutput>(
        GetBucketLifecycleConfiguration$,
        (input) => {
          const { archiveAfterDays, deletesAfterDays } = bucketSettings(
            world.inventory,
            owner(input.Bucket),
            world.now(),
          );
          const common = { Status: 'Enabled', Filter: { Prefix: '' } } as const;
          const rules: LifecycleRule[] = [
            ...(archiveAfterDays === undefined
              ? []
              : [
                  {
                    ID: 'archive',
                    ...common,
                    Transitions: [{ Days: archiveAfterDays, StorageClass: 'GLACIER' as const }],
                  },
                ]),
            ...(deletesAfterDays === undefined
              ? []
              : [{ ID: 'clean-up', ...common, Expiration: { Days: deletesAfterDays } }]),
          ];
          if (rules.length > 0) return { Rules: rules };
          throw new ServiceFault('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
        },
      ),
      operation<ListBucketMetricsConfigurationsRequest, ListBucketMetricsConfigurationsOutput>(
        ListBucketMetricsConfigurations$,
        (input) => {
          const region = owner(input.Bucket);
          return {
            IsTruncated: false,
            // Request metrics cost money: only the bucket that serves has them.
            MetricsConfigurationList: region.role === 'primary' ? [{ Id: METRICS_FILTER_ID }] : [],
          };
        },
      ),
    ],
  };
}
