/** CloudWatch's metrics and alarms, as far as facts and nanoops’ own metrics need them. */
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  type DescribeAlarmHistoryCommandInput,
  PutMetricDataCommand,
  type DescribeAlarmsCommandInput,
  type GetMetricDataCommandInput,
  type ListMetricsCommandInput,
  type PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectCloudWatch(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('cloudwatch', settings.region, new CloudWatchClient(settings));
  return {
    getMetricData: (input: GetMetricDataCommandInput) =>
      send(new GetMetricDataCommand(input), { lists: ['MetricDataResults'] }),
    listMetrics: (input: ListMetricsCommandInput) => send(new ListMetricsCommand(input), { lists: ['Metrics'] }),
    describeAlarmHistory: (input: DescribeAlarmHistoryCommandInput) => send(new DescribeAlarmHistoryCommand(input)),
    putMetricData: (input: PutMetricDataCommandInput) => send(new PutMetricDataCommand(input)),
    describeAlarms: (input: DescribeAlarmsCommandInput) => send(new DescribeAlarmsCommand(input)),
  };
}
