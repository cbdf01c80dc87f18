/**
 * The parts of a trace as trees of callers and callees. Whoever can send a trace may write into it: parents that are not
 * there, that stand in circles, or are thousands deep; parts that come twice. Pure.
 */
import type { Trace, TraceSpan } from '../cloud/facts.ts';
import { byCodeUnit } from './statistics.ts';

export interface SpanNode {
  readonly span: TraceSpan;
  /** Undefined for what nothing in the trace called. */
  readonly caller: SpanNode | undefined;
  /** By time. */
  readonly callees: readonly SpanNode[];
  readonly depth: number;
}

export interface TraceTree {
  /** Callers before what they called, siblings by time. */
  readonly nodes: readonly SpanNode[];
  /** Parts that came more than once, as those do that were sent while in progress. */
  readonly duplicates: number;
}

export function traceTree({ spans: all }: Pick<Trace, 'spans'>): TraceTree {
  const spans = withoutDuplicates(all).toSorted(byTime);
  const byId = new Map(spans.map((span) => [span.id, span]));
  const calledBy = new Map<TraceSpan, TraceSpan[]>();
  const entries: TraceSpan[] = [];
  for (const span of spans) {
    const caller = span.parentId === undefined || span.parentId === span.id ? undefined : byId.get(span.parentId);
    const siblings = caller === undefined ? entries : calledBy.get(caller);
    if (siblings !== undefined) siblings.push(span);
    else if (caller !== undefined) calledBy.set(caller, [span]);
  }
  const nodes: SpanNode[] = [];
  const placed = new Set<TraceSpan>();
  for (const entry of entries) place(entry, calledBy, placed, nodes);
  // What is left stands in circles: the earliest of each begins a tree.
  for (const span of spans) if (!placed.has(span)) place(span, calledBy, placed, nodes);
  return { nodes, duplicates: all.length - spans.length };
}

interface Growing extends SpanNode {
  readonly callees: SpanNode[];
}

/** Without recursion, since a trace may be deeper than the stack. */
function place(
  entry: TraceSpan,
  calledBy: ReadonlyMap<TraceSpan, readonly TraceSpan[]>,
  placed: Set<TraceSpan>,
  nodes: SpanNode[],
): void {
  const waiting: { readonly span: TraceSpan; readonly caller: Growing | undefined }[] = [
    { span: entry, caller: undefined },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { span, caller } = next;
    if (placed.has(span)) continue;
    placed.add(span);
    const node: Growing = { span, caller, callees: [], depth: caller === undefined ? 0 : caller.depth + 1 };
    caller?.callees.push(node);
    nodes.push(node);
    for (const callee of (calledBy.get(span) ?? []).toReversed()) waiting.push({ span: callee, caller: node });
  }
}

/** Of parts with the same id the one that has ended stays, and of those the one that ended last. */
function withoutDuplicates(spans: readonly TraceSpan[]): readonly TraceSpan[] {
  const byId = new Map<string, TraceSpan>();
  for (const span of spans) {
    const known = byId.get(span.id);
    const isFuller =
      known === undefined ||
      (known.inProgress && !span.inProgress) ||
      (known.inProgress === span.inProgress && span.end > known.end);
    if (isFuller) byId.set(span.id, span);
  }
  return [...byId.values()];
}

function byTime(a: TraceSpan, b: TraceSpan): number {
  return a.start - b.start || b.end - a.end || byCodeUnit(a.id, b.id);
}
