/**
 * Where the time of a trace went: each span's self time is its duration minus the union of its children's, so that
 * parallel and overlapping calls count once, and a call seen from both sides (a `remote` or `aws` subsegment and the
 * downstream segment that it caused) is not counted twice.
 * Source: AWS X-Ray Developer Guide, "Segment documents".
 */
import type { Trace, TraceSpan } from '../cloud/facts.ts';
import { byCodeUnit, sum } from './statistics.ts';

export type ComponentKind = 'service' | 'database' | 'cache' | 'storage' | 'aws' | 'dependency';

export interface Component {
  readonly kind: ComponentKind;
  readonly name: string;
}

/** The names by which the configuration knows the parts that traces name in their own way. */
export interface ComponentNames {
  readonly service?: string;
  /** The name that the service gives itself in traces. */
  readonly tracedService?: string;
  readonly database?: string;
  readonly cache?: string;
  readonly bucket?: string;
}

/** Milliseconds of self time a trace, by component, averaged over traces. */
export interface ComponentTime {
  readonly component: Component;
  readonly meanMs: number;
  /** The statements or operations that took it, greatest first. */
  readonly operations: readonly { readonly name: string; readonly meanMs: number }[];
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

/** The self time of every component over these traces, greatest first; unfinished spans are left out. */
export function componentTimes(traces: readonly Trace[], names: ComponentNames): readonly ComponentTime[] {
  const totals = new Map<string, { component: Component; ms: number; operations: Map<string, number> }>();
  for (const trace of traces) {
    const owners = segmentsOf(trace);
    for (const [span, selfMs] of selfTimes(trace)) {
      const component = componentOf(span, owners, names);
      const key = `${component.kind} ${component.name}`;
      const total = totals.get(key) ?? { component, ms: 0, operations: new Map<string, number>() };
      total.ms += selfMs;
      const operation = span.sql ?? span.awsOperation ?? span.url;
      if (operation !== undefined) total.operations.set(operation, (total.operations.get(operation) ?? 0) + selfMs);
      totals.set(key, total);
    }
  }
  const mean = (ms: number): number => ms / traces.length;
  return [...totals.values()]
    .map(({ component, ms, operations }) => ({
      component,
      meanMs: mean(ms),
      operations: [...operations]
        .map(([name, operationMs]) => ({ name, meanMs: mean(operationMs) }))
        .toSorted((a, b) => b.meanMs - a.meanMs || byCodeUnit(a.name, b.name)),
    }))
    .toSorted((a, b) => b.meanMs - a.meanMs || byCodeUnit(a.component.name, b.component.name));
}

/** Self time in milliseconds of every finished span of a trace. */
export function selfTimes(trace: Trace): readonly (readonly [TraceSpan, number])[] {
  const children = new Map<string, TraceSpan[]>();
  for (const span of trace.spans) {
    if (span.parentId === undefined || span.parentId === span.id || span.inProgress) continue;
    const siblings = children.get(span.parentId);
    if (siblings === undefined) children.set(span.parentId, [span]);
    else siblings.push(span);
  }
  return trace.spans
    .filter((span) => !span.inProgress && span.end >= span.start)
    .map((span) => [span, span.end - span.start - covered(span, children.get(span.id) ?? [])] as const);
}

/** How much of `outer` its children cover, overlaps counted once. */
function covered(outer: Interval, children: readonly Interval[]): number {
  const inside = children
    .map(({ start, end }) => ({ start: Math.max(start, outer.start), end: Math.min(end, outer.end) }))
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => a.start - b.start);
  let reached = outer.start;
  return sum(
    inside.map(({ start, end }) => {
      const fresh = Math.max(0, end - Math.max(start, reached));
      reached = Math.max(reached, end);
      return fresh;
    }),
  );
}

/** What a span belongs to: `segment` is the one that it is part of (itself, if it is one), `called` says by whom. */
interface Owner {
  readonly segment: TraceSpan | undefined;
  /** True where something in the trace called that segment. */
  readonly called: boolean;
}

/** The owner of every span. Each span is walked once, however deep the trace; parents in a circle own nothing. */
function segmentsOf(trace: Trace): ReadonlyMap<TraceSpan, Owner> {
  const byId = new Map(trace.spans.map((span) => [span.id, span]));
  const parentOf = (span: TraceSpan): TraceSpan | undefined =>
    span.parentId === undefined || span.parentId === span.id ? undefined : byId.get(span.parentId);
  const owners = new Map<TraceSpan, Owner>();
  for (const span of trace.spans) {
    const path = new Set<TraceSpan>();
    let current: TraceSpan | undefined = span;
    while (current !== undefined && !owners.has(current) && !path.has(current)) {
      path.add(current);
      current = current.segment ? undefined : parentOf(current);
    }
    const top = [...path].at(-1);
    const inherited = current === undefined ? undefined : owners.get(current);
    const owner = inherited ?? {
      segment: top?.segment === true ? top : undefined,
      called: top?.segment === true && parentOf(top) !== undefined,
    };
    for (const each of path) owners.set(each, owner);
  }
  return owners;
}

/** Whose each span of a trace is. */
export function spanComponents(trace: Trace, names: ComponentNames): ReadonlyMap<TraceSpan, Component> {
  const owners = segmentsOf(trace);
  return new Map(trace.spans.map((span) => [span, componentOf(span, owners, names)]));
}

/** What a node of the service graph is, by its name and its type. */
export function graphComponent(
  { name, type }: { readonly name: string; readonly type?: string },
  names: ComponentNames,
): Component {
  const flags = { inProgress: false, fault: false, error: false, throttle: false, segment: true };
  return componentOf({ id: name, name, origin: type, start: 0, end: 0, ...flags }, new Map(), names);
}

function componentOf(span: TraceSpan, owners: ReadonlyMap<TraceSpan, Owner>, names: ComponentNames): Component {
  const name = span.name.toLowerCase();
  const origin = span.origin ?? '';
  if (isOwn(span, names)) return { kind: 'service', name: span.name };
  const database = mentions(name, names.database, '.rds.amazonaws.com');
  if (span.sql !== undefined || origin.startsWith('AWS::RDS') || origin.startsWith('Database::')) {
    return { kind: 'database', name: database ?? span.name };
  }
  const cache = mentions(name, names.cache, '.cache.amazonaws.com');
  if (cache !== undefined || origin.startsWith('AWS::ElastiCache') || /redis|\.cache\.amazonaws|memcache/.test(name)) {
    return { kind: 'cache', name: cache ?? names.cache ?? span.name };
  }
  if (origin.startsWith('AWS::S3') || (span.namespace === 'aws' && name === 's3')) {
    return { kind: 'storage', name: names.bucket ?? span.name };
  }
  if (span.namespace === 'aws') return { kind: 'aws', name: span.name };
  if (span.namespace === 'remote') {
    return database === undefined ? { kind: 'dependency', name: hostOf(span) } : { kind: 'database', name: database };
  }
  const owner = owners.get(span);
  if (span.segment) {
    // X-Ray infers a segment for what was called and traces nothing itself; others trace themselves.
    return { kind: owner?.called === true || origin === 'remote' ? 'dependency' : 'service', name: span.name };
  }
  return owner?.segment === undefined
    ? { kind: 'service', name: names.service ?? span.name }
    : componentOf(owner.segment, owners, names);
}

function isOwn(span: TraceSpan, { service, tracedService }: ComponentNames): boolean {
  const { name, namespace, segment, origin } = span;
  const known = [service?.toLowerCase(), tracedService?.toLowerCase()];
  return segment && namespace === undefined && origin !== 'remote' && known.includes(name.toLowerCase());
}

/** Whether a host, or `schema@host`, is that of a known part: one of its labels, or within AWS's own names for such. */
function mentions(name: string, known: string | undefined, domain: string): string | undefined {
  const wanted = known?.toLowerCase();
  if (wanted === undefined || wanted === '') return undefined;
  const isNamed = name.split(/[.@:/]/).includes(wanted) || (name.includes(domain) && name.includes(wanted));
  return isNamed ? known : undefined;
}

function hostOf(span: TraceSpan): string {
  const host = span.url !== undefined && URL.canParse(span.url) ? new URL(span.url).hostname : undefined;
  return host === undefined || host === '' ? span.name : host;
}

/** How much longer a component took in slow requests than it normally does, and its share of all that was added. */
export interface Excess {
  readonly component: Component;
  readonly beforeMs: number;
  readonly duringMs: number;
  readonly excessMs: number;
  /** Between 0 and 1, of the sum of all that got slower. */
  readonly share: number;
  readonly topOperation?: string;
}

/** Compares slow traces with normal ones. Without normal ones, all of the slow ones' time counts as added. */
export function excesses(slow: readonly ComponentTime[], normal: readonly ComponentTime[]): readonly Excess[] {
  const before = new Map(normal.map((time) => [`${time.component.kind} ${time.component.name}`, time.meanMs]));
  const grown = slow.map((time) => {
    const beforeMs = before.get(`${time.component.kind} ${time.component.name}`) ?? 0;
    return { time, beforeMs, excessMs: Math.max(0, time.meanMs - beforeMs) };
  });
  const total = sum(grown.map(({ excessMs }) => excessMs));
  return grown
    .map(({ time, beforeMs, excessMs }) => ({
      component: time.component,
      beforeMs,
      duringMs: time.meanMs,
      excessMs,
      share: total > 0 ? excessMs / total : 0,
      ...(time.operations[0] === undefined ? {} : { topOperation: time.operations[0].name }),
    }))
    .toSorted((a, b) => b.excessMs - a.excessMs);
}
