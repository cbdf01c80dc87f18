/** IAM, as far as facts need it. */
import {
  GetRoleCommand,
  IAMClient,
  SimulatePrincipalPolicyCommand,
  type GetRoleCommandInput,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectIam(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('iam', settings.region, new IAMClient(settings));
  return {
    getRole: (input: GetRoleCommandInput) => send(new GetRoleCommand(input), { members: ['Role'] }),
    simulatePrincipalPolicy: (input: SimulatePrincipalPolicyCommandInput) =>
      send(new SimulatePrincipalPolicyCommand(input), { lists: ['EvaluationResults'] }),
  };
}
