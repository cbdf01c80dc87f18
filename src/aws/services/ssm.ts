/** Systems Manager's Parameter Store, as far as secrets and facts about them need it. */
import {
  DescribeParametersCommand,
  GetParameterCommand,
  SSMClient,
  type DescribeParametersCommandInput,
  type GetParameterCommandInput,
} from '@aws-sdk/client-ssm';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectSsm(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('ssm', settings.region, new SSMClient(settings));
  return {
    describeParameters: (input: DescribeParametersCommandInput) =>
      send(new DescribeParametersCommand(input), { lists: ['Parameters'] }),
    getParameter: (input: GetParameterCommandInput) => send(new GetParameterCommand(input), { members: ['Parameter'] }),
  };
}
