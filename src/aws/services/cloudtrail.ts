/** CloudTrail, as far as facts need it. */
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectCloudTrail(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('cloudtrail', settings.region, new CloudTrailClient(settings));
  return {
    lookupEvents: (input: LookupEventsCommandInput) => send(new LookupEventsCommand(input), { lists: ['Events'] }),
  };
}
