/** CloudWatch's metrics, alarms and dashboards, as far as facts, changes and nanoops’ own metrics need them. */
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  type DescribeAlarmHistoryCommandInput,
  PutMetricDataCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type DeleteAlarmsCommandInput,
  type DeleteDashboardsCommandInput,
  type DescribeAlarmsCommandInput,
  type GetDashboardCommandInput,
  type GetMetricDataCommandInput,
  type ListMetricsCommandInput,
  type PutMetricDataCommandInput,
  type ListTagsForResourceCommandInput,
  type PutCompositeAlarmCommandInput,
  type PutDashboardCommandInput,
  type PutMetricAlarmCommandInput,
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
    listTagsForResource: (input: ListTagsForResourceCommandInput) =>
      send(new ListTagsForResourceCommand(input), { lists: ['Tags'] }),
    getDashboard: (input: GetDashboardCommandInput) =>
      send(new GetDashboardCommand(input), { members: ['DashboardBody'] }),
    putMetricAlarm: (input: PutMetricAlarmCommandInput) => send(new PutMetricAlarmCommand(input)),
    putCompositeAlarm: (input: PutCompositeAlarmCommandInput) => send(new PutCompositeAlarmCommand(input)),
    deleteAlarms: (input: DeleteAlarmsCommandInput) => send(new DeleteAlarmsCommand(input)),
    putDashboard: (input: PutDashboardCommandInput) => send(new PutDashboardCommand(input)),
    deleteDashboards: (input: DeleteDashboardsCommandInput) => send(new DeleteDashboardsCommand(input)),
  };
}
