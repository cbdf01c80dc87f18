/**
 * Traces of the sampled requests: X-Ray segment documents with the same times that metrics and logs derive from
 * (X-Ray Developer Guide, "X-Ray segment documents").
 */
import { hexNoise } from '../random.ts';
import type { Dynamics } from './dynamics.ts';
import { applicationUser, bucketHost, cacheHost, schemaName, writerHost } from './hosts.ts';
import type { RegionInventory } from './inventory.ts';
import { MINUTE_MS } from './minute.ts';
import { loggingAt } from './logs/logging.ts';
import { identify, isTraced, secondOfTrace, type RequestIdentity } from './request-identity.ts';
import type { Part, SampledRequest } from './requests.ts';
import { statements } from './workload.ts';

/** A call that a trace shows: to the service itself, or to something that it calls. */
export interface TraceCall {
  readonly name: string;
  readonly type: string;
  readonly seconds: number;
  readonly fault: boolean;
  readonly error: boolean;
}

/** A node of the service map that a trace passed through, and how long its longest call there took. */
export type TraceNode = TraceCall;

/** A client sees a call begin a little later, and end a little earlier, than the caller's code does. */
const CALL_GAP_MS = 0.15;
const SERVICE_TYPE = 'AWS::ECS::Container';

/** What is called, as traces name it. */
interface Callee {
  readonly name: string;
  readonly type: string;
}

type Callees = Readonly<Record<Exclude<Part['kind'], 'self'>, Callee>>;

/** The traces of one region. */
export class TraceBook {
  private readonly dynamics: Dynamics;
  private readonly region: RegionInventory;
  private readonly callees: Callees;

  constructor(dynamics: Dynamics, region: RegionInventory) {
    this.dynamics = dynamics;
    this.region = region;
    const { names } = dynamics.world;
    this.callees = {
      statement: { name: `${schemaName(names)}@${writerHost(region)}`, type: 'Database::SQL' },
      cache: { name: cacheHost(region), type: 'remote' },
      s3: { name: 'S3', type: 'AWS::S3' },
      dependency: { name: names.dependencyHost, type: 'remote' },
    };
  }

  /** Traces of requests that came in a minute, whether or not they have ended; none where telemetry is gone. */
  in(minute: number): readonly TraceRecord[] {
    if (this.dynamics.state(this.region, minute).effects.telemetryGap) return [];
    return this.dynamics
      .requests(this.region, minute)
      .requests.filter(isTraced)
      .map((request) => {
        const identity = identify(this.dynamics.world, this.region, minute, request);
        const untraced = untracedAt(this.dynamics, this.region, identity.start);
        return new TraceRecord(identity, request, this.region.names.tracedService, this.callees, untraced);
      });
  }

  /** The trace with this id, whether or not it has ended. */
  find(id: string): TraceRecord | undefined {
    const second = secondOfTrace(id);
    if (second === undefined) return undefined;
    return this.in(Math.floor((second * 1000) / MINUTE_MS)).find(
      ({ identity }) => Math.floor(identity.start / 1000) === second && identity.traceId === id,
    );
  }

  /** The trace's segments: the service's own, and one for each service that X-Ray infers from a call. */
  segments(trace: TraceRecord): readonly SegmentDocument[] {
    if (trace.isSilent) return callersSegments(this.dynamics, this.region, trace);
    return segmentsOf(this.dynamics, this.region, this.callees, trace);
  }
}

export class TraceRecord {
  readonly identity: RequestIdentity;
  readonly request: SampledRequest;
  /** True where the service leaves no traces: whoever calls it does. */
  readonly isSilent: boolean;
  private readonly service: string;
  private readonly callees: Callees;
  private readonly untraced: ReadonlySet<Untraced>;
  private knownNodes: readonly TraceNode[] | undefined;
  private knownCalls: readonly TraceCall[] | undefined;

  constructor(
    identity: RequestIdentity,
    request: SampledRequest,
    service: string,
    callees: Callees,
    untraced: ReadonlySet<Untraced>,
  ) {
    this.identity = identity;
    this.request = request;
    this.service = service;
    this.callees = callees;
    this.untraced = untraced;
    this.isSilent = untraced.has('service');
  }

  /** A fault is the server's, an error the client's. */
  get fault(): boolean {
    return this.request.status >= 500;
  }

  get error(): boolean {
    return this.request.status >= 400 && this.request.status < 500;
  }

  /** What the trace passed through, whoever begins it first. */
  get nodes(): readonly TraceNode[] {
    this.knownNodes ??= [this.own, ...this.called()];
    return this.knownNodes;
  }

  /** What came to whoever begins the trace: the service, or its caller where the service leaves none. */
  get own(): TraceCall {
    const { fault, error, service } = this;
    const name = this.isSilent ? callerOf(service) : service;
    return { name, type: SERVICE_TYPE, seconds: this.request.totalMs / 1000, fault, error };
  }

  /** Every call that was made there, in order, as subsegments show them. */
  get calls(): readonly TraceCall[] {
    this.knownCalls ??= this.isSilent ? [{ ...this.own, name: this.service, type: 'remote' }] : this.partsCalled();
    return this.knownCalls;
  }

  private partsCalled(): readonly TraceCall[] {
    const calls: TraceCall[] = [];
    for (const part of this.request.parts) {
      if (part.kind === 'self' || this.untraced.has(part.kind)) continue;
      const { name, type } = this.callees[part.kind];
      calls.push({ name, type, seconds: (part.ms - 2 * gapOf(part)) / 1000, fault: failed(part), error: false });
    }
    return calls;
  }

  private called(): readonly TraceNode[] {
    const nodes = new Map<string, TraceNode>();
    for (const call of this.calls) {
      const before = nodes.get(call.name);
      nodes.set(call.name, {
        ...call,
        seconds: Math.max(call.seconds, before?.seconds ?? 0),
        fault: call.fault || before?.fault === true,
        error: call.error || before?.error === true,
      });
    }
    return [...nodes.values()];
  }
}

/** What of a call is before, and again after, what a client sees of it. */
function gapOf(part: Part): number {
  return part.ms > 2 * CALL_GAP_MS ? CALL_GAP_MS : 0;
}

function failed(part: Part): boolean {
  if (part.kind === 'statement') return part.failed === true;
  return (part.kind === 's3' || part.kind === 'dependency') && (part.status === 0 || part.status >= 500);
}

export interface SegmentDocument {
  readonly id: string;
  readonly document: string;
}

/** What leaves no traces: calls of a kind, or the service as a whole. */
type Untraced = Part['kind'] | 'service';

const nothing: ReadonlySet<Untraced> = new Set();

function untracedAt({ world }: Dynamics, region: RegionInventory, at: number): ReadonlySet<Untraced> {
  const untraced = loggingAt(world, region, at)?.untraced;
  return untraced === undefined ? nothing : new Set(untraced);
}

/** The web server that calls the API for whoever looks at a page. */
function callerOf(service: string): string {
  return `${service.replace(/-api$/, '')}-web`;
}

/** Of a service that sends no segments: its caller's, and the one that X-Ray infers from the call. */
function callersSegments(
  { world }: Dynamics,
  region: RegionInventory,
  { identity, request, fault, error }: TraceRecord,
): readonly SegmentDocument[] {
  const { traceId } = identity;
  const id = (key: string) =>
    (hexNoise(world.seed, traceId, key, 'a') + hexNoise(world.seed, traceId, key, 'b')).slice(0, 16);
  const service = region.names.tracedService;
  const ended = {
    start_time: epochSeconds(identity.start),
    end_time: epochSeconds(identity.end),
    ...(fault && { fault: true }),
    ...(error && { error: true }),
    http: {
      request: { method: request.endpoint.method, url: `https://${world.names.record}${identity.path}` },
      response: { status: request.status },
    },
  };
  const call = { id: id('call'), name: service, namespace: 'remote', ...ended };
  const caller = {
    id: id('segment'),
    name: callerOf(service),
    trace_id: traceId,
    origin: SERVICE_TYPE,
    ...ended,
    subsegments: [call],
  };
  const inferred = {
    id: id('inferred'),
    name: service,
    trace_id: traceId,
    parent_id: call.id,
    inferred: true,
    ...ended,
  };
  return [caller, inferred].map((segment) => ({ id: segment.id, document: JSON.stringify(segment) }));
}

/** The trace's segments: the service's own, and one for each service that X-Ray infers from a call. */
function segmentsOf(
  dynamics: Dynamics,
  region: RegionInventory,
  callees: Callees,
  trace: TraceRecord,
): readonly SegmentDocument[] {
  const { identity, request } = trace;
  const { world } = dynamics;
  const { traceId } = identity;
  const id = (key: string | number) => {
    const both = hexNoise(world.seed, traceId, key, 'a') + hexNoise(world.seed, traceId, key, 'b');
    return both.slice(0, 16);
  };
  const untraced = untracedAt(dynamics, region, identity.start);
  const subsegments: Record<string, unknown>[] = [];
  const inferred: Record<string, unknown>[] = [];
  let at = identity.start;
  for (const [index, part] of request.parts.entries()) {
    const callee = part.kind === 'self' ? undefined : callees[part.kind];
    const start = at + gapOf(part);
    at += part.ms;
    if (callee === undefined || untraced.has(part.kind)) continue;
    const end = at - gapOf(part);
    const times = { start_time: epochSeconds(start), end_time: epochSeconds(end) };
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
      trace_id: traceId,
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
    start_time: epochSeconds(identity.start),
    end_time: epochSeconds(identity.end),
    trace_id: traceId,
    origin: SERVICE_TYPE,
    ...(trace.fault && { fault: true }),
    ...(trace.error && { error: true }),
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
function epochSeconds(ms: number): number {
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
          user: applicationUser(names),
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
          request: {
            method: part.operation === 'GetObject' ? 'GET' : 'PUT',
            url: `https://${bucketHost(region)}/nanos/${identity.nanoId}.zip`,
          },
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
