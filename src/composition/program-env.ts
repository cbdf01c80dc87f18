/** What programs of the operator's inherit: they are to reach the AWS that the run reaches, and as the same. */
import type { StackFlags } from '../commands/flags.ts';
import type { Io } from './io.ts';

/** Flags come before variables, for nanoops and so for what it starts. */
export function programEnv(
  { profile, endpointUrl }: Pick<StackFlags, 'profile' | 'endpointUrl'>,
  env: Io['env'],
): Io['env'] {
  const kept = Object.entries(env).filter(
    ([name]) => !(endpointUrl !== undefined && isEndpoint(name)) && !(profile !== undefined && isKey(name)),
  );
  return {
    ...Object.fromEntries(kept),
    ...(endpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: endpointUrl }),
    ...(profile === undefined ? {} : { AWS_PROFILE: profile }),
  };
}

function isEndpoint(name: string): boolean {
  return name.startsWith('AWS_ENDPOINT_URL') || name === 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS';
}

/** Where there are keys in the environment, a profile that is named there is not asked. */
function isKey(name: string): boolean {
  return ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].includes(name);
}
