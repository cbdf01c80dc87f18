/** CloudWatch Logs, as far as facts need it. */
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectLogs(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('logs', settings.region, new CloudWatchLogsClient(settings));
  return {
    filterLogEvents: (input: FilterLogEventsCommandInput) =>
      send(new FilterLogEventsCommand(input), { lists: ['events'] }),
  };
}
