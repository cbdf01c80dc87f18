/**
 * Facts about backups against moto: a cluster's retention and window, snapshots and a copy of one in another region, a
 * bucket's versions, replication and lifecycle, a table's point-in-time recovery. What moto cannot show: it makes one
 * automated snapshot of a cluster and no further ones, does not tell what a copy was made of, and nothing in it takes time.
 */
import { CreateTableCommand, DynamoDBClient, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region as primary } from './stack.ts';

/** The system's clock, without the waits between attempts. */
const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };
const recovery = 'us-east-1';

describe.skipIf(motoIsAbsent())('backups against moto over HTTP', () => {
  let moto: MotoServer;
  let cloud: AwsCloud;
  const settings = (region: string) => ({ region, endpoint: moto.url, credentials });

  beforeAll(async () => {
    moto = await startMoto();
    cloud = openAws({ clock, random: Math.random, credentials, endpointUrl: moto.url, mode: 'read-only' });
  }, 180_000);

  afterAll(async () => {
    cloud?.close();
    await moto?.close();
  });

  describe('a cluster', () => {
    const snapshotArn = (region: string, id: string) => `arn:aws:rds:${region}:123456789012:cluster-snapshot:${id}`;

    beforeAll(async () => {
      const rds = new RDSClient(settings(primary));
      await rds.send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: 'nano-db',
          Engine: 'aurora-mysql',
          MasterUsername: 'nano',
          MasterUserPassword: 'not-a-secret',
          BackupRetentionPeriod: 14,
          PreferredBackupWindow: '02:00-03:00',
        }),
      );
      for (const id of ['first', 'second']) {
        await rds.send(
          new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'nano-db', DBClusterSnapshotIdentifier: id }),
        );
      }
      await new RDSClient(settings(recovery)).send(
        new CopyDBClusterSnapshotCommand({
          SourceDBClusterSnapshotIdentifier: snapshotArn(primary, 'first'),
          TargetDBClusterSnapshotIdentifier: 'first-copy',
        }),
      );
    });

    it('tells how long its backups are kept, and when they are made', async () => {
      expect(await cloud.facts.databaseBackup({ region: primary, cluster: 'nano-db' })).toMatchObject({
        retentionDays: 14,
        window: '02:00-03:00',
        createdAt: expect.any(Number),
        source: { operation: 'rds:DescribeDBClusters', region: primary },
      });
    });

    it('has snapshots, and the copy of one in another region by its own name', async () => {
      const here = await cloud.facts.clusterSnapshots({ region: primary, cluster: 'nano-db' });
      const inOrder = here.toSorted((a, b) => a.id.localeCompare(b.id));
      expect(inOrder.map(({ id, status, type }) => [id, status, type])).toEqual([
        ['first', 'available', 'manual'],
        [expect.stringMatching(/^rds:nano-db-\d{4}(?:-\d\d){4}$/), 'available', 'automated'],
        ['second', 'available', 'manual'],
      ]);
      const there = await cloud.facts.clusterSnapshots({ region: recovery, cluster: 'nano-db' });
      expect(there.map(({ id, cluster }) => [id, cluster])).toEqual([['first-copy', 'nano-db']]);
    });

    it('that is not there is told as that', async () => {
      const asked = cloud.facts.databaseBackup({ region: recovery, cluster: 'nope' });
      await expect(asked).rejects.toSatisfy((error) => error instanceof CloudError && error.kind === 'not-found');
    });
  });

  describe('a bucket', () => {
    const bucket = { region: primary, bucket: 'nano-zips' };
    const s3 = () => new S3Client({ ...settings(primary), forcePathStyle: true });

    beforeAll(async () => {
      await s3().send(
        new CreateBucketCommand({ Bucket: bucket.bucket, CreateBucketConfiguration: { LocationConstraint: primary } }),
      );
      await new S3Client({ ...settings(recovery), forcePathStyle: true }).send(
        new CreateBucketCommand({ Bucket: 'nano-zips-dr' }),
      );
    });

    it('that nobody set up has no versions, no copy and no lifecycle: answers, not errors', async () => {
      expect(await cloud.facts.bucketReplication(bucket)).toMatchObject({ versioning: undefined, rules: [] });
      expect(await cloud.facts.bucketLifecycle(bucket)).toMatchObject({ rules: [] });
    });

    it('tells its versions and its copy', async () => {
      const versioned = { Status: 'Enabled' } as const;
      for (const Bucket of [bucket.bucket, 'nano-zips-dr']) {
        await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: versioned }));
      }
      await s3().send(
        new PutBucketReplicationCommand({
          Bucket: bucket.bucket,
          ReplicationConfiguration: {
            Role: 'arn:aws:iam::123456789012:role/replication',
            Rules: [
              {
                ID: 'all',
                Priority: 1,
                Status: 'Enabled',
                Filter: { Prefix: '' },
                DeleteMarkerReplication: { Status: 'Disabled' },
                Destination: { Bucket: 'arn:aws:s3:::nano-zips-dr' },
              },
            ],
          },
        }),
      );
      const found = await cloud.facts.bucketReplication(bucket);
      expect(found.versioning).toBe('Enabled');
      expect(found.rules).toMatchObject([{ id: 'all', enabled: true, destination: 'nano-zips-dr', prefix: '' }]);
    });

    it('tells its lifecycle, rule by rule', async () => {
      await s3().send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket.bucket,
          LifecycleConfiguration: {
            Rules: [
              {
                ID: 'archive',
                Status: 'Enabled',
                Filter: { Prefix: '' },
                Transitions: [{ Days: 90, StorageClass: 'GLACIER' }],
                NoncurrentVersionExpiration: { NoncurrentDays: 30 },
              },
              { ID: 'tmp', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } },
              {
                ID: 'tagged',
                Status: 'Disabled',
                Filter: { Tag: { Key: 'kind', Value: 'draft' } },
                Transitions: [{ Days: 10, StorageClass: 'GLACIER_IR' }],
              },
            ],
          },
        }),
      );
      const { rules } = await cloud.facts.bucketLifecycle(bucket);
      const glacier = { storageClass: 'GLACIER', afterDays: 90 };
      expect(rules).toMatchObject([
        { id: 'archive', enabled: true, prefix: '', isSelective: false, archiving: [glacier], forgetsAfterDays: 30 },
        { id: 'tmp', enabled: true, prefix: 'tmp/', archiving: [], deletesAfterDays: 7 },
        { id: 'tagged', enabled: false, isSelective: true },
      ]);
    });

    it('that is not there is told as that', async () => {
      const asked = cloud.facts.bucketLifecycle({ region: primary, bucket: 'nobodys-bucket' });
      await expect(asked).rejects.toSatisfy((error) => error instanceof CloudError && error.kind === 'not-found');
    });
  });

  it('a table tells whether it can be restored, and how far back', async () => {
    const table = { region: primary, table: 'nano-sessions' };
    const dynamoDb = new DynamoDBClient(settings(primary));
    await dynamoDb.send(
      new CreateTableCommand({
        TableName: table.table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    expect((await cloud.facts.tableBackup(table)).pointInTime).toBe(false);
    await dynamoDb.send(
      new UpdateContinuousBackupsCommand({
        TableName: table.table,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 14 },
      }),
    );
    expect(await cloud.facts.tableBackup(table)).toMatchObject({
      pointInTime: true,
      days: 14,
      restorableTo: expect.any(Number),
    });
    const asked = cloud.facts.tableBackup({ region: recovery, table: 'nope' });
    await expect(asked).rejects.toSatisfy((error) => error instanceof CloudError && error.kind === 'not-found');
  });
});
