/** Secrets Manager, as far as secrets and facts about them need it. */
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  type DescribeSecretCommandInput,
  type GetSecretValueCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectSecretsManager(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('secretsmanager', settings.region, new SecretsManagerClient(settings));
  return {
    describeSecret: (input: DescribeSecretCommandInput) => send(new DescribeSecretCommand(input), { members: ['ARN'] }),
    getSecretValue: (input: GetSecretValueCommandInput) => send(new GetSecretValueCommand(input)),
  };
}
