/** AWS Health, as far as facts need it. */
import { DescribeEventsCommand, HealthClient, type DescribeEventsCommandInput } from '@aws-sdk/client-health';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectHealth(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('health', settings.region, new HealthClient(settings));
  return {
    describeEvents: (input: DescribeEventsCommandInput) =>
      send(new DescribeEventsCommand(input), { lists: ['events'] }),
  };
}
