/** CloudWatch Logs, as far as facts need it. */
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type DescribeLogGroupsCommandInput,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectLogs(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('logs', settings.region, new CloudWatchLogsClient(settings));
  return {
    describeLogGroups: (input: DescribeLogGroupsCommandInput) =>
      send(new DescribeLogGroupsCommand(input), { lists: ['logGroups'] }),
    filterLogEvents: (input: FilterLogEventsCommandInput) =>
      send(new FilterLogEventsCommand(input), { lists: ['events'] }),
  };
}
