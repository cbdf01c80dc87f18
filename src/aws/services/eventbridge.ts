/** EventBridge, as far as notifications need it. */
import { EventBridgeClient, PutEventsCommand, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectEventBridge(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('events', settings.region, new EventBridgeClient(settings));
  return {
    putEvents: (input: PutEventsCommandInput) =>
      send(new PutEventsCommand(input), { members: ['FailedEntryCount'], lists: ['Entries'] }),
  };
}
