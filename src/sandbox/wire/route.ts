/**
 * Finds which service, region, protocol and operation a request means. Service and region come from the credential
 * scope of the signature, so that one endpoint serves every service in every region; nothing checks the signature
 * itself, as the sandbox holds no secret worth one.
 */
import { NormalizedSchema } from '@smithy/core/schema';
import { distance } from 'fastest-levenshtein';
import type { WireRequest } from './message.ts';
import { rpcV2Cbor } from './protocols/cbor.ts';
import { jsonRpc } from './protocols/json.ts';
import type { Protocol, WireOperation } from './protocols/protocol.ts';
import { ec2Query, parametersOf, query } from './protocols/query.ts';
import { restJson, restXml } from './protocols/rest.ts';
import { restOperation, type RestOperation } from './rest-route.ts';
import { ServiceFault, type SimulatedService, type WireProtocol } from './service.ts';

type ProtocolName = WireProtocol | 'rpc-v2-cbor';

export interface Scope {
  readonly region: string;
  readonly signingName: string;
}

/** Where a request leads. Without an operation, `refusal` says why. */
export interface Route {
  readonly scope: Scope | undefined;
  readonly service: SimulatedService | undefined;
  readonly protocol: Protocol;
  /** As far as the request tells it. */
  readonly operationName: string;
  readonly target: WireOperation | ServiceFault;
}

export type Router = (request: WireRequest) => Route;

const NOT_SIMULATED_STATUS = 501;
const NEAREST_SHOWN = 3;

const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  query,
  'ec2-query': ec2Query,
  'json-1.0': jsonRpc('1.0'),
  'json-1.1': jsonRpc('1.1'),
  'rest-json': restJson,
  'rest-xml': restXml,
  'rpc-v2-cbor': rpcV2Cbor,
};

/** A router over the services. Two of them may share a signing name: their operations are then looked for in both. */
export function createRouter(services: readonly SimulatedService[]): Router {
  const operations = new Map<string, WireOperation[]>();
  for (const service of services) {
    const known = operations.get(service.signingName) ?? [];
    known.push(...service.operations.map((simulated) => operationOf(service, simulated)));
    operations.set(service.signingName, known);
  }
  const rests = new Map<WireOperation, RestOperation>();
  const restOf = (operation: WireOperation) => {
    const rest = rests.get(operation) ?? restOperation(operation);
    rests.set(operation, rest);
    return rest;
  };

  return (request) => {
    const scope = scopeOf(request);
    const candidates = scope === undefined ? [] : (operations.get(scope.signingName) ?? []);
    const service = candidates[0]?.service ?? services.find(({ signingName }) => signingName === scope?.signingName);
    const name = protocolOf(request, service);
    const protocol = protocols[name];
    const operationName = operationNameOf(request, name);
    const refuse = (message: string): Route => ({
      scope,
      service,
      protocol,
      operationName,
      target: new ServiceFault('NotSimulated', message, NOT_SIMULATED_STATUS),
    });

    if (scope === undefined) return refuse(unsigned(request));
    if (service === undefined) return refuse(unknownService(scope, operationName, services));
    if (!speaks(service, name)) {
      return refuse(
        `The sandbox's ${service.service} does not speak ${name} (${operationName}); it speaks ${spoken(service).join(', ')}.`,
      );
    }
    const target = isRest(name)
      ? mostSpecific(candidates.filter((operation) => restOf(operation).matches(request)).map(restOf))
      : candidates.find((operation) => operation.name === operationName && targets(operation.service, request, name));
    if (target === undefined) {
      const known = candidates.map((operation) => ({
        name: operation.name,
        likeness: isRest(name) ? restOf(operation).pattern : operation.name,
      }));
      return refuse(unknownOperation(service, operationName, scope, known));
    }
    return { scope, service: target.service, protocol, operationName: target.name, target };
  };
}

function operationOf(service: SimulatedService, simulated: SimulatedService['operations'][number]): WireOperation {
  const [, , name, , input, output] = simulated.schema;
  return { service, name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output), simulated };
}

/**
 * `Credential=<key>/<date>/<region>/<service>/aws4_request` of the Authorization header, or the same of a presigned URL.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
function scopeOf(request: WireRequest): Scope | undefined {
  const header = /\bCredential=([^,\s]+)/u.exec(request.headers['authorization'] ?? '')?.[1];
  const credential = header ?? request.query.find(([name]) => name === 'X-Amz-Credential')?.[1];
  const parts = credential?.split('/') ?? [];
  const [region, signingName, terminator] = parts.slice(-3);
  if (parts.length < 5 || terminator !== 'aws4_request' || !region || !signingName) return undefined;
  return { region, signingName };
}

/** The protocol that the request itself speaks; where it does not say, the service's own. */
function protocolOf(request: WireRequest, service: SimulatedService | undefined): ProtocolName {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return 'rpc-v2-cbor';
  const contentType = request.headers['content-type'] ?? '';
  if (request.headers['x-amz-target'] !== undefined) {
    return contentType.startsWith('application/x-amz-json-1.1') ? 'json-1.1' : 'json-1.0';
  }
  if (
    contentType.startsWith('application/x-www-form-urlencoded') ||
    request.query.some(([name]) => name === 'Action')
  ) {
    return service?.protocol === 'ec2-query' ? 'ec2-query' : 'query';
  }
  if (service !== undefined) return spoken(service).find(isRest) ?? service.protocol;
  return contentType.includes('json') ? 'rest-json' : 'rest-xml';
}

function operationNameOf(request: WireRequest, protocol: ProtocolName): string {
  switch (protocol) {
    case 'rpc-v2-cbor':
      return /\/operation\/([^/]+)$/u.exec(request.path)?.[1] ?? `${request.method} ${request.path}`;
    case 'json-1.0':
    case 'json-1.1':
      return request.headers['x-amz-target']?.split('.').at(-1) ?? `${request.method} ${request.path}`;
    case 'query':
    case 'ec2-query':
      return parametersOf(request).get('Action') ?? `${request.method} ${request.path}`;
    case 'rest-json':
    case 'rest-xml': {
      const keys = request.query.map(([name, value]) => (value === '' ? name : `${name}=…`)).join('&');
      return `${request.method} ${request.path}${keys === '' ? '' : `?${keys}`}`;
    }
  }
}

/** Whether the request's target prefix is the service's, where the service says which it has. */
function targets(service: SimulatedService, request: WireRequest, protocol: ProtocolName): boolean {
  if (service.target === undefined) return true;
  if (protocol === 'rpc-v2-cbor') return request.path.startsWith(`/service/${service.target}/`);
  if (protocol === 'json-1.0' || protocol === 'json-1.1') {
    return request.headers['x-amz-target']?.startsWith(`${service.target}.`) === true;
  }
  return true;
}

function isRest(protocol: ProtocolName): protocol is 'rest-json' | 'rest-xml' {
  return protocol === 'rest-json' || protocol === 'rest-xml';
}

function spoken(service: SimulatedService): readonly ProtocolName[] {
  return [service.protocol, ...(service.alsoSpeaks ?? [])];
}

function speaks(service: SimulatedService, protocol: ProtocolName): boolean {
  return spoken(service).includes(protocol);
}

function mostSpecific(matches: readonly RestOperation[]): WireOperation | undefined {
  return matches.toSorted((left, right) => right.specificity - left.specificity)[0]?.operation;
}

function unsigned(request: WireRequest): string {
  return (
    `The sandbox cannot tell which service and region ${request.method} ${request.path} is for: the request carries no ` +
    'AWS Signature Version 4. Set any dummy credentials and a region, and use an AWS client.'
  );
}

function unknownService(scope: Scope, operation: string, services: readonly SimulatedService[]): string {
  const names = [...new Set(services.map(({ signingName }) => signingName))].toSorted();
  return (
    `The sandbox does not simulate the service ${scope.signingName} (${operation}, ${scope.region}). ` +
    `It simulates ${names.join(', ')}.`
  );
}

/** `likeness`: what of a known operation compares with how the request names the one it wants. */
function unknownOperation(
  service: SimulatedService,
  operation: string,
  scope: Scope,
  known: readonly { readonly name: string; readonly likeness: string }[],
): string {
  const nearest = known
    .map(({ name, likeness }) => ({ name, edits: distance(likeness.toLowerCase(), operation.toLowerCase()) }))
    .toSorted((left, right) => left.edits - right.edits)
    .slice(0, NEAREST_SHOWN)
    .map(({ name }) => name);
  const hint = nearest.length === 0 ? '' : ` Nearest that it does simulate: ${nearest.join(', ')}.`;
  return `The sandbox does not simulate ${service.service}:${operation} (${scope.region}).${hint}`;
}
