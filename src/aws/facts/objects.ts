/** Single objects in buckets. */
import { CloudError } from '../../cloud/errors.ts';
import type { ObjectRef } from '../../cloud/stack.ts';
import type { FactTools } from './tools.ts';

/**
 * S3 says of an object only that it is not there, also where its bucket is not. Then the bucket is asked for, and its
 * absence told: a switch in a bucket that does not exist is not switched, it is wrong.
 */
export async function objectExists({ clients }: FactTools, { region, bucket, key }: ObjectRef): Promise<boolean> {
  const s3 = await clients.s3(region);
  try {
    await s3.headObject({ Bucket: bucket, Key: key });
    return true;
  } catch (error) {
    if (!(error instanceof CloudError && error.kind === 'not-found')) throw error;
  }
  await s3.headBucket({ Bucket: bucket });
  return false;
}
