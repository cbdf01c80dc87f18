/** S3, as far as facts need it. */
import {
  ListBucketMetricsConfigurationsCommand,
  S3Client,
  type ListBucketMetricsConfigurationsCommandInput,
} from '@aws-sdk/client-s3';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectS3(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('s3', settings.region, new S3Client(settings));
  return {
    listBucketMetricsConfigurations: (input: ListBucketMetricsConfigurationsCommandInput) =>
      send(new ListBucketMetricsConfigurationsCommand(input), { members: ['IsTruncated'] }),
  };
}
