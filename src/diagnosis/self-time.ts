/**
 * Where the time of a trace went: each span's self time is its duration minus the union of its children's, so that
 * parallel and overlapping calls count once, and a call seen from both sides (a `remote` or `aws` subsegment and the
 * downstream segment that it caused) is not counted twice.
 * Source: AWS X-Ray Developer Guide, "Segment documents".
 */
import type { Trace, TraceSpan } from '../cloud/facts.ts';
import { sum } from './statistics.ts';

export type ComponentKind = 'service' | 'database' | 'cache' | 'storage' | 'aws' | 'dependency';

export interface Component {
  readonly kind: ComponentKind;
  readonly name: string;
}

/** The names by which the configuration knows the parts that traces name in their own way. */
export interface ComponentNames {
  readonly service?: string;
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
    for (const [span, selfMs] of selfTimes(trace)) {
      const component = componentOf(span, trace, names);
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
        .toSorted((a, b) => b.meanMs - a.meanMs || a.name.localeCompare(b.name)),
    }))
    .toSorted((a, b) => b.meanMs - a.meanMs || a.component.name.localeCompare(b.component.name));
}

/** Self time in milliseconds of every finished span of a trace. */
export function selfTimes(trace: Trace): readonly (readonly [TraceSpan, number])[] {
  const children = new Map<string, TraceSpan[]>();
  for (const span of trace.spans) {
    if (span.parentId === undefined || span.inProgress) continue;
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

function componentOf(span: TraceSpan, trace: Trace, names: ComponentNames): Component {
  const name = span.name.toLowerCase();
  const origin = span.origin ?? '';
  if (span.sql !== undefined || origin.startsWith('AWS::RDS') || origin.startsWith('Database::')) {
    return { kind: 'database', name: mentions(name, names.database) ?? span.name };
  }
  const cache = mentions(name, names.cache);
  if (cache !== undefined || origin.startsWith('AWS::ElastiCache') || /redis|elasticache|memcache/.test(name)) {
    return { kind: 'cache', name: cache ?? names.cache ?? span.name };
  }
  if (origin.startsWith('AWS::S3') || (span.namespace === 'aws' && name === 's3')) {
    return { kind: 'storage', name: names.bucket ?? span.name };
  }
  if (span.namespace === 'aws') return { kind: 'aws', name: span.name };
  if (span.namespace === 'remote') {
    const database = mentions(name, names.database);
    return database === undefined ? { kind: 'dependency', name: hostOf(span) } : { kind: 'database', name: database };
  }
  if (span.segment) {
    const isDependency = origin === '' && span.parentId !== undefined && name !== names.service?.toLowerCase();
    return { kind: isDependency ? 'dependency' : 'service', name: span.name };
  }
  return { kind: 'service', name: owningSegment(span, trace)?.name ?? span.name };
}

function mentions(name: string, known: string | undefined): string | undefined {
  return known !== undefined && name.includes(known.toLowerCase()) ? known : undefined;
}

function hostOf(span: TraceSpan): string {
  const host = span.url !== undefined && URL.canParse(span.url) ? new URL(span.url).hostname : undefined;
  return host ?? span.name;
}

function owningSegment(span: TraceSpan, trace: Trace): TraceSpan | undefined {
  const byId = new Map(trace.spans.map((each) => [each.id, each]));
  let current: TraceSpan | undefined = span;
  for (let depth = 0; depth < trace.spans.length && current !== undefined && !current.segment; depth += 1) {
    current = current.parentId === undefined ? undefined : byId.get(current.parentId);
  }
  return current;
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
