/** Which endpoints count: those that are typed, those of variables, those of the shared configuration files. */
import { isElsewhere, servicesWithEndpoints } from '../cloud/endpoints.ts';
import { checkEndpointUrl } from '../commands/endpoint-url.ts';
import type { StackFlags } from '../commands/flags.ts';
import { NanoopsError } from '../errors.ts';
import { sharedFiles } from './credential-sources.ts';
import type { Io } from './io.ts';

interface Named {
  readonly name: string;
  readonly url: string;
  /** How it is taken away. */
  readonly remedy: string;
}

export interface Elsewhere {
  readonly name: string;
  /** Of letters that steer no terminal. */
  readonly origin: string;
}

/** An address that is none is found before anything is contacted; an empty one would mean the real AWS, unasked. */
export function checkEndpoints(flags: StackFlags, { env }: Pick<Io, 'env'>): void {
  // A run that is gone on with has it from its journal.
  if (flags.endpointUrl !== undefined) checkEndpointUrl('--endpoint-url', flags.endpointUrl);
  for (const [name, url = ''] of Object.entries(env)) {
    if (/^AWS_ENDPOINT_URL(?:_|$)/.test(name) && url !== '') checkEndpointUrl(name, url);
  }
}

/**
 * Where requests go that do not go to AWS: whoever set a variable or wrote a file once may have forgotten it. What changes
 * something is refused there until somebody types the address.
 *
 * @throws NanoopsError `InvalidEndpoint`, `EndpointElsewhere`
 */
export async function endpointsElsewhere(
  flags: StackFlags,
  io: Pick<Io, 'env'>,
  { changes, hasTable }: { readonly changes: boolean; readonly hasTable: boolean },
): Promise<readonly Elsewhere[]> {
  checkEndpoints(flags, io);
  const { endpointUrl } = flags;
  const used = endpointUrl === undefined ? await configuredEndpoints(io) : [];
  const elsewhere = used.filter(({ url }) => isElsewhere(url));
  const table = 'AWS_ENDPOINT_URL_DYNAMODB';
  // A team's state may be kept elsewhere than where the rest goes, and that is not what was typed.
  const ofTable =
    endpointUrl !== undefined && hasTable ? [{ name: table, url: io.env[table] ?? '', remedy: `unset ${table}` }] : [];
  const untyped = ofTable.filter(({ url }) => url !== '' && url !== endpointUrl && isElsewhere(url));
  const [first] = [...elsewhere, ...untyped];
  if (changes && first !== undefined) {
    const origin = originOf(first.url);
    throw new NanoopsError(`${first.name} sends requests to ${origin}, which is not AWS; nothing was sent`, {
      code: 'EndpointElsewhere',
      exitCode: 2,
      details: ['what changes something goes there only where the address is typed'],
      nextStep: `${first.remedy}; or, if that is where the changes are to be made: --endpoint-url ${origin}`,
    });
  }
  const typed =
    endpointUrl !== undefined && isElsewhere(endpointUrl) ? [{ name: '--endpoint-url', url: endpointUrl }] : [];
  return [...elsewhere, ...typed, ...untyped].map(({ name, url }) => ({ name, origin: originOf(url) }));
}

function originOf(url: string): string {
  return new URL(url).origin;
}

/** As the SDK reads it: whatever is neither of the two words, in these very letters, leaves it to the files. */
function isIgnoring({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: value }: Io['env']): boolean | undefined {
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** In the SDK's order: variables before files, and of either the service's own before that for all. */
async function configuredEndpoints({ env }: Pick<Io, 'env'>): Promise<readonly Named[]> {
  const { profileEndpoints } = await import('../aws/profile-endpoints.ts');
  const ofFiles = await profileEndpoints(env['AWS_PROFILE'] || 'default', sharedFiles(env), servicesWithEndpoints);
  if (isIgnoring(env) ?? ofFiles.areIgnored) return [];
  const variables = ['AWS_ENDPOINT_URL', ...servicesWithEndpoints.map((service) => `AWS_ENDPOINT_URL_${service}`)];
  const ofVariables = variables.flatMap((name) => {
    const url = env[name];
    return url === undefined || url === '' ? [] : [{ name, url, remedy: `unset ${name}` }];
  });
  const isSet = (name: string): boolean => ofVariables.some((each) => each.name === name);
  const counting = ofFiles.endpoints.filter(
    ({ service }) => !isSet('AWS_ENDPOINT_URL') && !(service !== undefined && isSet(`AWS_ENDPOINT_URL_${service}`)),
  );
  for (const { name, url } of counting) checkEndpointUrl(name, url);
  const files = counting.map(({ name, url }) => ({ name, url, remedy: `take ${name} out of ~/.aws/config` }));
  return [...ofVariables, ...files];
}
