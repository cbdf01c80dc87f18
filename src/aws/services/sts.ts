/** STS, as far as facts need it. */
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleCommandInput,
  type GetCallerIdentityCommandInput,
} from '@aws-sdk/client-sts';
import type { ClientSettings } from '../settings.ts';
import type { Abortable, Wiring } from '../wiring.ts';

/** What is not `abortable` goes on when the run's signal aborts. */
export function connectSts(wiring: Wiring, settings: ClientSettings, options: Abortable) {
  const { send } = wiring.connect('sts', settings.region, new STSClient(settings), options);
  return {
    getCallerIdentity: (input: GetCallerIdentityCommandInput) =>
      send(new GetCallerIdentityCommand(input), { members: ['Account', 'Arn'] }),
    assumeRole: (input: AssumeRoleCommandInput) => send(new AssumeRoleCommand(input), { members: ['Credentials'] }),
  };
}
