/** Object storage answers slowly. */
import { change, opposeZone, slowest, weighTraces, type LatencyCause } from '../cause.ts';
import { quantity } from '../../evidence.ts';
import { missingMetric } from '../signals.ts';

export const s3Slow: LatencyCause = {
  id: 's3-slow',
  component: (signals) => signals.picture.names.bucket ?? slowest(signals, 'storage')?.component.name,
  weigh: (signals, balance) => {
    const { firstByte, picture } = signals;
    weighTraces(signals, balance, 'storage', 'spent in calls to S3');
    if (firstByte !== undefined && firstByte.ratio >= 2 && firstByte.score >= 4) {
      balance.favour(2.5, change('first byte p99', firstByte));
    } else if (firstByte !== undefined) {
      balance.oppose(2, change('first byte p99', firstByte));
    } else if (picture.bucketLoad.known && picture.bucketLoad.value === undefined) {
      balance.miss({
        source: 's3:ListBucketMetricsConfigurations',
        region: picture.region,
        detail: 'the bucket publishes no request metrics (they are opt-in)',
      });
    } else {
      const failed = missingMetric(picture.bucketLoad, 'first byte latency', picture.region);
      if (failed !== undefined) balance.miss(failed);
    }
    opposeZone(signals, balance, 3);
  },
  summary: (signals, component) => {
    const { firstByte } = signals;
    return `S3 answers slowly for ${component}${firstByte ? ` (first byte p99 ${quantity(firstByte.during, 'ms')})` : ''}`;
  },
};
