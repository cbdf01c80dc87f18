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

/** The settings by which a profile says where its credentials come from. */
const sourceSettings = [
  'aws_access_key_id',
  'credential_process',
  'credential_source',
  'login_session',
  'role_arn',
  'source_profile',
  'sso_account_id',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
] as const;

/**
 * Whether a profile that was asked for by name says where its credentials come from. One that is not there is refused:
 * the chain would go on to the next source without it, and a typing error would then run as somebody else.
 */
async function namesSource(profile: string): Promise<boolean> {
  const { CredentialsProviderError, parseKnownFiles } = await import('@smithy/core/config');
  const profiles = await parseKnownFiles({});
  const found = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (found !== undefined) return sourceSettings.some((setting) => found[setting] !== undefined);
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
    const settings = {
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
    };
    // As the SDK has it: AWS_PROFILE counts before the keys of the environment, and an empty one does not.
    const named = profile ?? (process.env['AWS_PROFILE'] || undefined);
    if (named !== undefined && (await namesSource(named))) {
      // Not the whole chain: where the profile's source is broken it would hide why, and run as whoever comes next.
      const { fromIni } = await import('@aws-sdk/credential-provider-ini');
      return remembered(fromIni({ ...settings, profile: named }), Date.now);
    }
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider(settings);
  };
  return async (properties) => {
    const opened = chain ?? open();
    chain = opened;
    // What could not be opened is opened anew for the next who asks: somebody may have mended the file.
    opened.catch(() => {
      if (chain === opened) chain = undefined;
    });
    return (await opened)(properties);
  };
}

/** Remembers what `obtain` gave until shortly before it expires. `now` is in epoch milliseconds. */
export function remembered(obtain: AwsCredentialIdentityProvider, now: () => number): AwsCredentialIdentityProvider {
  let current: Promise<AwsCredentialIdentity> | undefined;
  return async (properties) => {
    const known = await current;
    const expiresAt = known?.expiration?.getTime();
    if (current !== undefined && (expiresAt === undefined || expiresAt - now() > renewalMs)) return current;
    const asked = obtain(properties);
    current = asked;
    // A refusal is not remembered: the next caller asks again.
    asked.catch(() => {
      if (current === asked) current = undefined;
    });
    return asked;
  };
}
