/** The IAM actions behind API operations. They bear the same name, except where AWS says otherwise. */

/**
 * Operations whose action is called differently
 * (Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3").
 */
const renamed: Readonly<Record<string, string>> = {
  's3:GetBucketAccelerateConfiguration': 's3:GetAccelerateConfiguration',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3:GetBucketMetricsConfiguration': 's3:GetMetricsConfiguration',
  's3:GetBucketReplication': 's3:GetReplicationConfiguration',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListBucketMetricsConfigurations': 's3:GetMetricsConfiguration',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
};

/** The action that allows an operation; `service` is the prefix that IAM uses, for example `elasticloadbalancing`. */
export function iamActionOf(service: string, operation: string): string {
  const name = `${service}:${operation}`;
  return renamed[name] ?? name;
}

/** What an operation needs beside its own action. */
const dependent: Readonly<Record<string, readonly string[]>> = {
  // It asks the service whether the caller may do there what scaling does (Application Auto Scaling User Guide,
  // "Permissions validation for Application Auto Scaling API calls on target resources").
  'application-autoscaling:RegisterScalableTarget': ['ecs:DescribeServices', 'ecs:UpdateService'],
  // What is made is given tags at once (each service's Authorization Reference, "Dependent actions").
  'cloudwatch:PutCompositeAlarm': ['cloudwatch:TagResource'],
  'cloudwatch:PutMetricAlarm': ['cloudwatch:TagResource'],
  'events:PutRule': ['events:TagResource'],
  'sns:CreateTopic': ['sns:TagResource'],
  // A transaction is allowed by what is in it (Service Authorization Reference, "Amazon DynamoDB").
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  // Of a task definition with roles, which the caller hands to ECS (Amazon ECS Developer Guide, "Task IAM role").
  'ecs:UpdateService': ['iam:PassRole'],
  // Without leave to list the bucket, an object that is not there looks like one that must not be seen (403 for 404;
  // Amazon S3 API Reference, HeadObject, "Permissions").
  's3:HeadObject': ['s3:ListBucket'],
};

/** Operations that have no action of their own: what is in them has. */
const withoutAction: ReadonlySet<string> = new Set(['dynamodb:TransactWriteItems']);

/** Operations that anybody may call who has credentials (Security Token Service API Reference, GetCallerIdentity). */
const free: ReadonlySet<string> = new Set(['sts:GetCallerIdentity']);

/** Every action that operations, as `service:Operation`, need: each once, in order of their names. */
export function actionsFor(operations: readonly string[]): readonly string[] {
  const actions = operations.flatMap((each) => {
    if (free.has(each)) return [];
    const [service = '', operation = ''] = each.split(':');
    const own = withoutAction.has(each) ? [] : [iamActionOf(service, operation)];
    return [...own, ...(dependent[each] ?? [])];
  });
  return [...new Set(actions)].toSorted();
}
