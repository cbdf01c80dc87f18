/** How the cluster, the buckets and the table are backed up. */
import type { LifecycleRule as GivenRule, Transition } from '@aws-sdk/client-s3';
import type {
  Archiving,
  BucketLifecycle,
  DatabaseBackup,
  LifecycleRule,
  TableBackup,
} from '../../cloud/backup-facts.ts';
import { CloudError } from '../../cloud/errors.ts';
import type { BucketRef, DatabaseRef, TableRef } from '../../cloud/stack.ts';
import { describeCluster } from './database.ts';
import type { FactTools } from './tools.ts';

export async function databaseBackup(tools: FactTools, database: DatabaseRef): Promise<DatabaseBackup> {
  const cluster = await describeCluster(tools, database);
  return {
    retentionDays: cluster.BackupRetentionPeriod,
    window: cluster.PreferredBackupWindow,
    restorableFrom: cluster.EarliestRestorableTime?.getTime(),
    restorableTo: cluster.LatestRestorableTime?.getTime(),
    createdAt: cluster.ClusterCreateTime?.getTime(),
    source: { operation: 'rds:DescribeDBClusters', region: database.region, detail: database.cluster },
  };
}

/** S3 refuses to tell of a configuration that nobody made; a bucket that is not there has another code. */
async function givenRules({ clients }: FactTools, { region, bucket }: BucketRef): Promise<readonly GivenRule[]> {
  const s3 = await clients.s3(region);
  try {
    const { Rules } = await s3.getBucketLifecycleConfiguration({ Bucket: bucket });
    return Rules ?? [];
  } catch (error) {
    if (error instanceof CloudError && error.details.awsCode === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}

export async function bucketLifecycle(tools: FactTools, bucket: BucketRef): Promise<BucketLifecycle> {
  const rules = await givenRules(tools, bucket);
  return {
    rules: rules.map(ruleFrom),
    source: { operation: 's3:GetBucketLifecycleConfiguration', region: bucket.region, detail: bucket.bucket },
  };
}

/**
 * S3 leaves objects below 128 KiB where they are unless a rule says otherwise, so that a lower bound up to there selects
 * nothing (Amazon S3 User Guide, "Constraints and considerations for transitions").
 */
const smallestMovedBytes = 128 * 1024;

/** The first version of the configuration has the prefix beside the filter. */
function ruleFrom(given: GivenRule): LifecycleRule {
  const { Filter, Expiration, NoncurrentVersionExpiration, Transitions = [] } = given;
  const all = { ...Filter, ...Filter?.And };
  return {
    id: given.ID ?? '',
    enabled: given.Status === 'Enabled',
    prefix: all.Prefix ?? given.Prefix ?? '',
    isSelective:
      all.Tag !== undefined ||
      (Filter?.And?.Tags ?? []).length > 0 ||
      all.ObjectSizeLessThan !== undefined ||
      (all.ObjectSizeGreaterThan ?? 0) > smallestMovedBytes,
    archiving: Transitions.map(archivingFrom),
    deletesAfterDays: Expiration?.Days,
    deletesOn: Expiration?.Date?.getTime(),
    forgetsAfterDays: NoncurrentVersionExpiration?.NoncurrentDays,
  };
}

/** A transition without days and date is due at once. */
function archivingFrom({ StorageClass, Days, Date: on }: Transition): Archiving {
  const storageClass = StorageClass ?? 'unknown';
  return on === undefined ? { storageClass, afterDays: Days ?? 0 } : { storageClass, on: on.getTime() };
}

export async function tableBackup({ clients }: FactTools, { region, table }: TableRef): Promise<TableBackup> {
  const dynamoDb = await clients.dynamoDb(region);
  const { ContinuousBackupsDescription } = await dynamoDb.describeContinuousBackups({ TableName: table });
  const found = ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    pointInTime: found?.PointInTimeRecoveryStatus === 'ENABLED',
    days: found?.RecoveryPeriodInDays,
    restorableTo: found?.LatestRestorableDateTime?.getTime(),
    source: { operation: 'dynamodb:DescribeContinuousBackups', region, detail: table },
  };
}
