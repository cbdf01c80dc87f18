/**
 * Who asks: the credentials of a run, found once and shared by all clients, and the roles that a region wants assumed.
 * Knows where credentials come from, not what they are used for.
 */
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import type { Timeouts } from './options.ts';
import { silentLogger } from './transport.ts';

/** A role's credentials are renewed when they have less than this left. */
const renewalMs = 5 * 60_000;

export interface ChainOptions {
  readonly profile?: string;
  readonly timeouts: Timeouts;
}

/**
 * A profile that was asked for by name must exist: the chain would go on to the next source without it, and a typing
 * error would then run as somebody else.
 */
async function requireProfile(profile: string): Promise<void> {
  const { CredentialsProviderError, loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  if (Object.hasOwn(configFile, profile) || Object.hasOwn(credentialsFile, profile)) return;
  throw new CredentialsProviderError(`the shared configuration files know no profile ${profile}`, {
    tryNextLink: false,
    logger: silentLogger,
  });
}

/**
 * The SDK's standard chain: environment, shared files (SSO, `aws login`, assumed roles, processes), web identity,
 * container, instance. One for all clients: it remembers what it found, and a refusal is asked anew.
 */
export function standardChain({ profile, timeouts }: ChainOptions): AwsCredentialIdentityProvider {
  let chain: Promise<AwsCredentialIdentityProvider> | undefined;
  const open = async (): Promise<AwsCredentialIdentityProvider> => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider({
      profile,
      // Not left out: the chain would write its warnings to the console.
      logger: silentLogger,
      timeout: timeouts.connectMs,
      clientConfig: {
        logger: silentLogger,
        requestHandler: {
          connectionTimeout: timeouts.connectMs,
          requestTimeout: timeouts.requestMs,
          throwOnRequestTimeout: true,
          logger: silentLogger,
        },
      },
    });
  };
  return async (properties) => {
    if (profile !== undefined) await requireProfile(profile);
    chain ??= open();
    return (await chain)(properties);
  };
}

/** Remembers what `obtain` gave until shortly before it expires. `now` is in epoch milliseconds. */
export function remembered(
  obtain: () => Promise<AwsCredentialIdentity>,
  now: () => number,
): AwsCredentialIdentityProvider {
  let current: Promise<AwsCredentialIdentity> | undefined;
  return async () => {
    const known = await current;
    const expiresAt = known?.expiration?.getTime();
    if (current !== undefined && (expiresAt === undefined || expiresAt - now() > renewalMs)) return current;
    const asked = obtain();
    current = asked;
    // A refusal is not remembered: the next caller asks again.
    asked.catch(() => {
      if (current === asked) current = undefined;
    });
    return asked;
  };
}
