/** What the environment and the profile say of where credentials come from, without using any. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { profileSources, type SharedFiles } from '../aws/profile-sources.ts';
import type { StackFlags } from '../commands/flags.ts';
import type { CredentialSources } from '../recovery-lint/input.ts';
import type { Io } from './io.ts';

const secrets: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_BEARER_TOKEN_BEDROCK',
]);

export async function credentialSources(flags: StackFlags, { env }: Io): Promise<CredentialSources> {
  const set = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('AWS_') && !secrets.has(name) && value !== undefined && value !== ''
      ? [[name, value] as const]
      : [],
  );
  const named = flags.profile ?? (env['AWS_PROFILE'] || undefined);
  // As the SDK has it: keys of the environment count before a profile that nobody named.
  const isKeyed = Boolean(env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']);
  return {
    variables: Object.fromEntries(set),
    profiles: named === undefined && isKeyed ? [] : await profileSources(named ?? 'default', sharedFiles(env)),
  };
}

/** The shared configuration files, where the SDK looks for them. */
export function sharedFiles(env: Io['env']): Required<SharedFiles> {
  const folder = join(env['HOME'] || homedir(), '.aws');
  return {
    config: env['AWS_CONFIG_FILE'] || join(folder, 'config'),
    credentials: env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'),
  };
}
