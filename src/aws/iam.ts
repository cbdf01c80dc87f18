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
