/**
 * Traces of the sampled requests: X-Ray segment documents with the same times that metrics and logs derive from
 * (X-Ray Developer Guide, "X-Ray segment documents").
 */
import { hexNoise } from '../random.ts';
import type { Dynamics } from './dynamics.ts';
import { bucketHost, cacheHost, schemaName, writerHost } from './hosts.ts';
import type { RegionInventory } from './inventory.ts';
import { MINUTE_MS } from './minute.ts';
import { identify, isTraced, secondOfTrace, type RequestIdentity } from './request-identity.ts';
import type { Part, SampledRequest } from './requests.ts';
import { statements } from './workload.ts';

export interface TraceRecord {
  readonly identity: RequestIdentity;
  readonly request: SampledRequest;
  readonly minute: number;
}

/** A node of the service map that a trace passed through, and how long its longest call there took. */
export interface TraceNode {
  readonly name: string;
  readonly type: string;
  readonly seconds: number;
  readonly fault: boolean;
  readonly error: boolean;
}

/** A client sees a call begin a little later, and end a little earlier, than the caller's code does. */
const CALL_GAP_MS = 0.15;

export function tracesIn(dynamics: Dynamics, region: RegionInventory, minute: number): readonly TraceRecord[] {
  return dynamics
    .requests(region, minute)
    .requests.filter(isTraced)
    .map((request) => ({ identity: identify(dynamics.world, region, minute, request), request, minute }));
}

/** The trace with this id, whether or not it has ended. */
export function traceById(dynamics: Dynamics, region: RegionInventory, id: string): TraceRecord | undefined {
  const second = secondOfTrace(id);
  if (second === undefined) return undefined;
  return tracesIn(dynamics, region, Math.floor((second * 1000) / MINUTE_MS)).find((trace) => trace.identity.traceId === id);
}

export function isFault(request: SampledRequest): boolean {
  return request.status >= 500;
}

export function isError(request: SampledRequest): boolean {
  return request.status >= 400 && request.status < 500;
}

/** What a part is called in traces, and of which type; undefined for the application's own time. */
function calleeOf(dynamics: Dynamics, region: RegionInventory, part: Part): { name: string; type: string } | undefined {
  switch (part.kind) {
    case 'statement':
      return { name: `${schemaName(dynamics.world.names)}@${writerHost(region)}`, type: 'Database::SQL' };
    case 'cache':
      return { name: cacheHost(region), type: 'remote' };
    case 's3':
      return { name: 'S3', type: 'AWS::S3' };
    case 'dependency':
      return { name: dynamics.world.names.dependencyHost, type: 'remote' };
    case 'self':
      return undefined;
  }
}

function failed(part: Part): boolean {
  return (part.kind === 's3' || part.kind === 'dependency') && (part.status === 0 || part.status >= 500);
}

/** The nodes of a trace, the service itself first. */
export function nodesOf(dynamics: Dynamics, region: RegionInventory, trace: TraceRecord): readonly TraceNode[] {
  const { request } = trace;
  const nodes = new Map<string, TraceNode>();
  for (const part of request.parts) {
    const callee = calleeOf(dynamics, region, part);
    if (callee === undefined) continue;
    const before = nodes.get(callee.name);
    nodes.set(callee.name, {
      ...callee,
      seconds: Math.max(before?.seconds ?? 0, part.ms / 1000),
      fault: (before?.fault ?? false) || failed(part),
      error: false,
    });
  }
  const own: TraceNode = {
    name: region.names.tracedService,
    type: 'AWS::ECS::Container',
    seconds: request.totalMs / 1000,
    fault: isFault(request),
    error: isError(request),
  };
  return [own, ...nodes.values()];
}

export interface SegmentDocument {
  readonly id: string;
  readonly document: string;
}

/** The trace's segments: the service's own, and one for each service that X-Ray infers from a call. */
export function segmentsOf(dynamics: Dynamics, region: RegionInventory, trace: TraceRecord): readonly SegmentDocument[] {
  const { identity, request } = trace;
  const { world } = dynamics;
  const id = (key: string | number) => {
    const both = hexNoise(world.seed, identity.traceId, key, 'a') + hexNoise(world.seed, identity.traceId, key, 'b');
    return both.slice(0, 16);
  };
  const subsegments: Record<string, unknown>[] = [];
  const inferred: Record<string, unknown>[] = [];
  let at = identity.start;
  for (const [index, part] of request.parts.entries()) {
    const callee = calleeOf(dynamics, region, part);
    const start = at + (part.ms > 2 * CALL_GAP_MS ? CALL_GAP_MS : 0);
    at += part.ms;
    if (callee === undefined) continue;
    const end = at - (part.ms > 2 * CALL_GAP_MS ? CALL_GAP_MS : 0);
    const times = { start_time: seconds(start), end_time: seconds(end) };
    const details = detailsOf(dynamics, region, identity, part);
    const fault = failed(part) ? { fault: true } : {};
    const subsegmentId = id(index);
    subsegments.push({ id: subsegmentId, name: callee.name, ...times, ...fault, ...details });
    // X-Ray makes up a segment for what was called and traces nothing itself.
    if (part.kind === 'cache') continue;
    inferred.push({
      id: id(`inferred-${index}`),
      name: callee.name,
      ...times,
      ...fault,
      trace_id: identity.traceId,
      parent_id: subsegmentId,
      origin: callee.type,
      inferred: true,
      ...(details['sql'] !== undefined && { sql: details['sql'] }),
      ...(details['http'] !== undefined && { http: details['http'] }),
    });
  }
  const own = {
    id: id('segment'),
    name: region.names.tracedService,
    start_time: seconds(identity.start),
    end_time: seconds(identity.end),
    trace_id: identity.traceId,
    origin: 'AWS::ECS::Container',
    ...(isFault(request) && { fault: true }),
    ...(isError(request) && { error: true }),
    http: {
      request: {
        method: request.endpoint.method,
        url: `https://${world.names.record}${identity.path}`,
        client_ip: identity.clientIp,
        user_agent: 'Mozilla/5.0',
        x_forwarded_for: true,
      },
      response: { status: request.status },
    },
    aws: {
      ecs: { container: `ip-${request.task.task.ip.replaceAll('.', '-')}`, container_id: request.task.task.id },
      xray: { sdk: 'X-Ray for Python', sdk_version: '2.14.0' },
    },
    annotations: { availability_zone: request.task.task.zone, revision: request.task.task.taskDefinition },
    subsegments,
  };
  return [own, ...inferred].map((segment) => ({ id: String(segment.id), document: JSON.stringify(segment) }));
}

/** Epoch seconds to the microsecond. */
function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

function detailsOf(
  dynamics: Dynamics,
  region: RegionInventory,
  identity: RequestIdentity,
  part: Part,
): Readonly<Record<string, unknown>> {
  const { names } = dynamics.world;
  switch (part.kind) {
    case 'statement': {
      const schema = schemaName(names);
      return {
        namespace: 'remote',
        sql: {
          url: `mysql+pymysql://${writerHost(region)}:3306/${schema}`,
          sanitized_query: statements[part.statement].sql,
          database_type: 'MySQL',
          database_version: region.database.engineVersion,
          driver_version: 'pymysql 1.1.1',
          user: schema.replace(/_[^_]*$/, '_app'),
        },
      };
    }
    case 'cache':
      return { namespace: 'remote', metadata: { redis: { command: part.command, hit: part.hit } } };
    case 's3':
      return {
        namespace: 'aws',
        aws: {
          operation: part.operation,
          region: region.region,
          bucket_name: region.names.bucket,
          key: `nanos/${identity.nanoId}.zip`,
          retries: part.status === 503 ? 4 : 0,
        },
        http: {
          request: { method: part.operation === 'GetObject' ? 'GET' : 'PUT', url: `https://${bucketHost(region)}/nanos/${identity.nanoId}.zip` },
          ...(part.status > 0 && { response: { status: part.status } }),
        },
      };
    case 'dependency':
      return {
        namespace: 'remote',
        http: {
          request: { method: 'POST', url: `https://${names.dependencyHost}/v1/check` },
          ...(part.status > 0 && { response: { status: part.status } }),
        },
      };
    case 'self':
      return {};
  }
}
