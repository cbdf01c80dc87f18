/**
 * Matches requests of the REST protocols with operations by their `http` trait, and reads the labels in the path.
 * https://smithy.io/2.0/spec/http-bindings.html#http-trait; for S3's two ways of naming a bucket
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
import type { WireRequest } from './message.ts';
import type { WireOperation } from './protocols/protocol.ts';
import { locationOf, membersOf, requiredMembersOf, type HttpLocation } from './schema.ts';

export interface RestOperation {
  readonly operation: WireOperation;
  /** The higher, the more a request must have to match: among several that match, the highest is meant. */
  readonly specificity: number;
  /** Method and path as the model has them, for example `GET /2013-04-01/hostedzone/{HostedZoneId}/rrset`. */
  readonly pattern: string;
  /** The status of a success. */
  readonly status: number;
  matches(request: WireRequest): boolean;
  /** The labels' values, decoded, for a request that matches. */
  labels(request: WireRequest): ReadonlyMap<string, string>;
}

/** The SDKs add it to tell S3 operations apart; other clients leave it out. */
const OPERATION_HINT = 'x-id';

export function isS3(service: { readonly signingName: string }): boolean {
  return service.signingName === 's3';
}

export function restOperation(operation: WireOperation): RestOperation {
  const { method, template, fixedQuery, status } = httpTrait(operation);
  const members = membersOf(operation.input).map(([name, member]) => ({ name, location: locationOf(member) }));
  const required = requiredMembersOf(operation.input);
  const demanded = members.filter(({ name, location }) => required.includes(name) && isDemand(location));
  const takesAnyQuery = members.some(({ location }) => location.at === 'query-map');
  const queryNames = new Set(members.flatMap(({ location }) => (location.at === 'query' ? [location.name] : [])));
  const segments = template.split('/').slice(1);
  const placed = new Set(segments.flatMap((segment) => labelName(segment) ?? []));
  /** In S3's model the bucket is a label that no path mentions: endpoint rules place it. */
  const bucketMember = members.find(({ name, location }) => location.at === 'label' && !placed.has(name))?.name;

  const bind = (request: WireRequest): Map<string, string> | undefined => {
    const { path, bucket } = isS3(operation.service) ? addressOf(request) : { path: request.path, bucket: undefined };
    if ((bucket === undefined) !== (bucketMember === undefined)) return undefined;
    const labels = matchPath(segments, path);
    if (labels !== undefined && bucketMember !== undefined && bucket !== undefined) labels.set(bucketMember, bucket);
    return labels;
  };

  return {
    operation,
    pattern: `${method} ${template}`,
    status,
    specificity: 100 * fixedQuery.length + 10 * demanded.length + segments.length - placed.size,
    matches(request) {
      if (request.method !== method || bind(request) === undefined) return false;
      const fixedHolds = fixedQuery.every(([name, value]) => {
        const sent = request.query.find(([other]) => other === name);
        return sent === undefined ? name === OPERATION_HINT : sent[1] === value;
      });
      const allKnown = request.query.every(
        ([name]) =>
          takesAnyQuery ||
          name === OPERATION_HINT ||
          name.startsWith('X-Amz-') ||
          queryNames.has(name) ||
          fixedQuery.some(([fixed]) => fixed === name),
      );
      return fixedHolds && allKnown && demanded.every(({ location }) => isSent(location, request));
    },
    labels(request) {
      const decoded = [...(bind(request) ?? [])].map(([name, value]): [string, string] => [
        name,
        decodeURIComponent(value),
      ]);
      return new Map(decoded);
    },
  };
}

interface HttpTrait {
  readonly method: string;
  readonly template: string;
  readonly fixedQuery: readonly (readonly [string, string])[];
  readonly status: number;
}

function httpTrait(operation: WireOperation): HttpTrait {
  const traits = operation.simulated.schema[3];
  const http = typeof traits === 'object' ? traits.http : undefined;
  if (http === undefined)
    throw new Error(`${operation.service.service}:${operation.name} has no HTTP binding in its schema`);
  const [method, uri, status] = http;
  const [template = '/', query = ''] = uri.split('?');
  return { method, template, fixedQuery: [...new URLSearchParams(query)], status };
}

function isDemand(location: HttpLocation): boolean {
  return location.at === 'query' || location.at === 'header';
}

function isSent(location: HttpLocation, request: WireRequest): boolean {
  if (location.at === 'query') return request.query.some(([name]) => name === location.name);
  return location.at === 'header' && request.headers[location.name] !== undefined;
}

function labelName(segment: string): string | undefined {
  return /^\{([^+}]+)\+?\}$/u.exec(segment)?.[1];
}

/** The labels in a path, still encoded, or nothing when the path is another. One slash too many at the end is let pass. */
function matchPath(segments: readonly string[], path: string): Map<string, string> | undefined {
  const labels = new Map<string, string>();
  const parts = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const label = labelName(segment);
    if (label !== undefined && segment.endsWith('+}')) {
      const rest = parts.slice(index).join('/');
      if (rest === '') return undefined;
      labels.set(label, rest);
      return labels;
    }
    const part = parts[index];
    if (part === undefined || (label === undefined ? part !== segment : part === '')) return undefined;
    if (label !== undefined) labels.set(label, part);
  }
  const surplus = parts.slice(segments.length);
  return surplus.length === 0 || (surplus.length === 1 && surplus[0] === '') ? labels : undefined;
}

/** The bucket of an S3 request, from the host name or the path's first part, and the path without it. */
function addressOf(request: WireRequest): { readonly path: string; readonly bucket: string | undefined } {
  const host = (request.headers['host'] ?? '').replace(/:\d+$/u, '');
  const virtual = /^(.+)\.(?:s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?|localhost)$/u.exec(host)?.[1];
  if (virtual !== undefined && virtual !== 's3') return { path: request.path, bucket: virtual };
  const [, bucket = '', rest = ''] = /^\/([^/]*)(.*)$/u.exec(request.path) ?? [];
  return { path: rest === '' ? '/' : rest, bucket: bucket === '' ? undefined : bucket };
}
