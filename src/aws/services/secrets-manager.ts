/** Secrets Manager, as far as secrets need it. */
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type GetSecretValueCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectSecretsManager(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect('secretsmanager', settings.region, new SecretsManagerClient(settings));
  return {
    getSecretValue: (input: GetSecretValueCommandInput) => send(new GetSecretValueCommand(input)),
  };
}
