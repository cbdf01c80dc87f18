/**
 * Where the faults of failed requests begin: from the request's own fault down along calls that failed too, to the last of them. A
 * fault that a caller passes on is the callee's; one that no call explains is the component's own. Pure.
 */
import type { Trace, TraceSpan } from '../../cloud/facts.ts';
import { spanComponents, type Component, type ComponentNames } from '../self-time.ts';
import { byCodeUnit } from '../statistics.ts';

export interface FaultOrigin {
  readonly component: Component;
  /** Failed requests whose fault began there. */
  readonly count: number;
  /** Of all failed requests that were read; between 0 and 1. */
  readonly share: number;
  /** What was called there, and how it failed, where the newest of them tells: `GetObject 503`. */
  readonly example?: string;
}

export interface FaultOrigins {
  /** Failed requests that were read. */
  readonly failed: number;
  /** Those whose fault a call passed on; the others began at the service itself. */
  readonly passedOn: number;
  /** The most frequent first. */
  readonly origins: readonly FaultOrigin[];
}

export function faultOrigins(traces: readonly Trace[], names: ComponentNames): FaultOrigins {
  const counts = new Map<string, { component: Component; count: number; example?: string }>();
  let [failed, passedOn] = [0, 0];
  for (const trace of traces) {
    const root = trace.spans.find((span) => span.segment && isRoot(span, trace) && isFault(span));
    if (root === undefined) continue;
    const origin = deepestFault(root, trace);
    const component = spanComponents(trace, names).get(origin);
    if (component === undefined) continue;
    failed += 1;
    if (component.kind !== 'service') passedOn += 1;
    const key = `${component.kind} ${component.name}`;
    const example = exampleOf(origin);
    const known = counts.get(key);
    counts.set(key, {
      component,
      count: (known?.count ?? 0) + 1,
      ...((example ?? known?.example) === undefined ? {} : { example: example ?? known?.example }),
    });
  }
  const origins = [...counts.values()]
    .map((each) => ({ ...each, share: each.count / failed }))
    .toSorted((a, b) => b.count - a.count || byCodeUnit(a.component.name, b.component.name));
  return { failed, passedOn, origins };
}

function isRoot(span: TraceSpan, { spans }: Trace): boolean {
  return span.parentId === undefined || !spans.some(({ id }) => id === span.parentId);
}

/** To a caller, being throttled is a failure of the callee; other 4xx are the caller's own. */
function isFault({ fault, throttle, inProgress }: TraceSpan): boolean {
  return !inProgress && (fault || throttle);
}

/** Of several calls that failed, the last one decided: earlier ones were tried again. */
function deepestFault(root: TraceSpan, { spans }: Trace): TraceSpan {
  const seen = new Set<TraceSpan>();
  let current = root;
  for (;;) {
    seen.add(current);
    const parent = current.id;
    const failed = spans
      .filter((span) => span.parentId === parent && isFault(span) && !seen.has(span))
      .toSorted((a, b) => b.end - a.end)[0];
    if (failed === undefined) return current;
    current = failed;
  }
}

function exampleOf({ awsOperation, exception, status, sql, method, segment }: TraceSpan): string | undefined {
  // A segment's own status is how the request ended, and not why.
  const code = segment ? undefined : status;
  const words = [awsOperation ?? (segment || sql !== undefined ? undefined : method), code ?? undefined, exception];
  const text = words.filter((word) => word !== undefined).join(' ');
  return text === '' ? undefined : text.slice(0, 160);
}
