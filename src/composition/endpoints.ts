/** Which endpoints count: those that are typed, those of variables, those of the shared configuration files. */
import { profileEndpoints } from '../aws/profile-endpoints.ts';
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

/** Which endpoints count for what is about to be opened: found once, and asked for by all that opens it. */
export interface Endpoints {
  /** That of the services that have none of their own; undefined where it is AWS's. */
  readonly counting: string | undefined;
  /** The services, as variables call them, whose requests go to an endpoint that a variable or a file names. */
  readonly services: readonly string[];
  /**
   * Where requests go that do not go to AWS: whoever set a variable or wrote a file once may have forgotten it. What changes something
   * is refused there until somebody types the address.
   *
   * @throws NanoopsError `EndpointElsewhere`
   */
  elsewhere(asked: { readonly changes: boolean; readonly hasTable: boolean }): Promise<readonly Elsewhere[]>;
}

/** @throws NanoopsError `InvalidEndpoint` */
export async function endpointsOf(flags: StackFlags, io: Pick<Io, 'env'>): Promise<Endpoints> {
  checkEndpoints(flags, io);
  const { endpointUrl } = flags;
  // What is typed counts before all of them.
  const named = endpointUrl === undefined ? await configuredEndpoints(io) : [];
  const ofAll = named.find(({ service }) => service === undefined);
  return {
    counting: endpointUrl ?? ofAll?.url,
    services: ofAll === undefined ? named.flatMap(({ service }) => service ?? []) : servicesWithEndpoints,
    async elsewhere({ changes, hasTable }) {
      // A team's state may be kept elsewhere than where the rest goes, and that is not what was typed.
      const ofTable = endpointUrl !== undefined && hasTable ? await tableEndpoint(flags, io) : undefined;
      const untyped = [
        ...named,
        ...(ofTable === undefined || ofTable === endpointUrl
          ? []
          : [{ name: tableVariable, url: ofTable, remedy: `unset ${tableVariable}` }]),
      ].filter(({ url }) => isElsewhere(url));
      const [first] = untyped;
      if (changes && first !== undefined) throw refused(first);
      const typed =
        endpointUrl !== undefined && isElsewhere(endpointUrl) ? [{ name: '--endpoint-url', url: endpointUrl }] : [];
      return [...typed, ...untyped].map(({ name, url }) => ({ name, origin: originOf(url) }));
    },
  };
}

function refused({ name, url, remedy }: Named): NanoopsError {
  const origin = originOf(url);
  return new NanoopsError(`${name} sends requests to ${origin}, which is not AWS; nothing was sent`, {
    code: 'EndpointElsewhere',
    exitCode: 2,
    details: ['what changes something goes there only where the address is typed'],
    nextStep: `${remedy}; or, if that is where the changes are to be made: --endpoint-url ${origin}`,
  });
}

function originOf(url: string): string {
  return new URL(url).origin;
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

/** As the SDK reads it: whatever is neither of the two words, in these very letters, leaves it to the files. */
function isIgnoring({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: value }: Io['env']): boolean | undefined {
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** In the SDK's order: variables before files, and of either the service's own before that for all. */
async function configuredEndpoints({ env }: Pick<Io, 'env'>): Promise<readonly Named[]> {
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
