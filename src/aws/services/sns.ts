/** SNS, as far as notifications need it. */
import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectSns(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('sns', settings.region, new SNSClient(settings));
  return {
    publish: (input: PublishCommandInput) => send(new PublishCommand(input), { members: ['MessageId'] }),
  };
}
