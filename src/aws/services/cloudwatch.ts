/** CloudWatch metrics, as far as facts need them. */
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectCloudWatch(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('cloudwatch', settings.region, new CloudWatchClient(settings));
  return {
    getMetricData: (input: GetMetricDataCommandInput) =>
      send(new GetMetricDataCommand(input), { lists: ['MetricDataResults'] }),
  };
}
