/** Which endpoints count: those that are typed, those of variables, those of the shared configuration files. */
import { isElsewhere, servicesWithEndpoints } from '../cloud/endpoints.ts';
import { checkEndpointUrl } from '../commands/endpoint-url.ts';
import type { StackFlags } from '../commands/flags.ts';
import { NanoopsError } from '../errors.ts';
import { sharedFiles } from './credential-sources.ts';
import type { Io } from './io.ts';

interface Named {
  readonly name: string;
  /** Of which service, as variables call it; absent: of all that have none of their own. */
  readonly service?: string;
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
  // A team's state may be kept elsewhere than where the rest goes, and that is not what was typed.
  const ofTable = endpointUrl !== undefined && hasTable ? await tableEndpoint(flags, io) : undefined;
  const untyped =
    ofTable !== undefined && ofTable !== endpointUrl && isElsewhere(ofTable)
      ? [{ name: tableVariable, url: ofTable, remedy: `unset ${tableVariable}` }]
      : [];
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

/**
 * The endpoint that counts for the services that have none of their own: what is typed, or what a variable or a file names and nothing
 * says to ignore. Undefined where it is AWS's own.
 */
export async function countingEndpoint({ endpointUrl }: StackFlags, io: Pick<Io, 'env'>): Promise<string | undefined> {
  if (endpointUrl !== undefined) return endpointUrl;
  return (await configuredEndpoints(io)).find(({ service }) => service === undefined)?.url;
}

const tableVariable = 'AWS_ENDPOINT_URL_DYNAMODB';

/**
 * The endpoint of a team's table, where it is not for the SDK to find. State may be kept elsewhere than the stack is, beside a
 * simulated AWS for one, so that the variable counts before what is typed.
 */
export async function tableEndpoint({ endpointUrl }: StackFlags, io: Pick<Io, 'env'>): Promise<string | undefined> {
  const url = io.env[tableVariable];
  if (url === undefined || url === '') return endpointUrl;
  return (await configuredEndpoints(io)).find(({ name }) => name === tableVariable)?.url ?? endpointUrl;
}

/** The services, as variables call them, whose requests go to an endpoint that somebody named. */
export async function servicesElsewhere(io: Pick<Io, 'env'>): Promise<readonly string[]> {
  const named = await configuredEndpoints(io);
  return named.some(({ service }) => service === undefined)
    ? servicesWithEndpoints
    : named.flatMap(({ service }) => service ?? []);
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
  const variables: readonly Pick<Named, 'name' | 'service'>[] = [
    { name: 'AWS_ENDPOINT_URL' },
    ...servicesWithEndpoints.map((service) => ({ name: `AWS_ENDPOINT_URL_${service}`, service })),
  ];
  const ofVariables = variables.flatMap((each): Named[] => {
    const url = env[each.name];
    return url === undefined || url === '' ? [] : [{ ...each, url, remedy: `unset ${each.name}` }];
  });
  const isSet = (name: string): boolean => ofVariables.some((each) => each.name === name);
  const counting = ofFiles.endpoints.filter(
    ({ service }) => !isSet('AWS_ENDPOINT_URL') && !(service !== undefined && isSet(`AWS_ENDPOINT_URL_${service}`)),
  );
  for (const { name, url } of counting) checkEndpointUrl(name, url);
  const files = counting.map((each) => ({ ...each, remedy: `take ${each.name} out of ~/.aws/config` }));
  return [...ofVariables, ...files];
}
