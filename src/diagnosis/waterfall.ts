/**
 * A trace in its order and on one clock: who called whom, when, how long each part took in itself, and which parts decided
 * how long the whole took. What had to be put right for that, and what is missing, is told with each part. Pure.
 */
import type { Trace, TraceSpan } from '../cloud/facts.ts';
import { clockShifts } from './clock-skew.ts';
import { criticalPath, type Interval } from './critical-path.ts';
import { selfTimes } from './self-time.ts';
import { traceTree, type SpanNode } from './trace-tree.ts';

/** A span in its place. Times are epoch milliseconds, on the clock of the caller. */
export interface Placed {
  /** As it was written, but for its times, and without a parent where that is not in the trace. */
  readonly span: TraceSpan;
  /** 0 for what nothing in the trace called. */
  readonly depth: number;
  /** How far it was moved, because its clock said what cannot be; 0 nearly always. */
  readonly shiftMs: number;
  /** Undefined where it has not ended. */
  readonly selfMs: number | undefined;
  /** What of its own time the whole waited for; undefined off the critical path. */
  readonly critical: readonly Interval[] | undefined;
  /** The caller that it names and that is not in the trace. */
  readonly missingCaller: string | undefined;
  /** True where something was called that traces itself, and no segment of it is there. */
  readonly lacksSegment: boolean;
  /** True where it went on, or began, after what called it had ended. */
  readonly outlivesCaller: boolean;
}

export interface Waterfall {
  readonly start: number;
  readonly end: number;
  /** Callers before what they called, siblings by time. */
  readonly placed: readonly Placed[];
  /** Parts that came more than once. */
  readonly duplicates: number;
}

const roundingMs = 1;

export function waterfallOf(trace: Trace): Waterfall {
  const { nodes, duplicates } = traceTree(trace);
  const shifts = clockShifts(nodes);
  const shiftOf = (node: SpanNode): number => shifts.get(node) ?? 0;
  const intervalOf = (node: SpanNode): Interval => ({
    start: node.span.start + shiftOf(node),
    end: node.span.end + shiftOf(node),
  });
  const spanOf = new Map(
    nodes.map((node) => [node, { ...node.span, ...intervalOf(node), ...parentIn(node) }] as const),
  );
  const aligned = nodes.map((node) => spanOf.get(node) ?? node.span);
  const selves = new Map(selfTimes({ ...trace, spans: aligned }));
  const entry = entryOf(nodes);
  const path = entry === undefined ? undefined : criticalPath(entry, intervalOf);
  const start = aligned.reduce((earliest, span) => Math.min(earliest, span.start), aligned[0]?.start ?? trace.start);
  return {
    start,
    end: aligned.reduce((latest, span) => Math.max(latest, span.end), start),
    placed: nodes.map((node, index) => {
      const span = aligned[index] ?? node.span;
      const { caller, callees, depth } = node;
      return {
        span,
        depth,
        shiftMs: shiftOf(node),
        selfMs: selves.get(span),
        critical: path?.get(node),
        missingCaller: caller === undefined ? node.span.parentId : undefined,
        lacksSegment: span.expectsSegment === true && !callees.some((callee) => callee.span.segment),
        outlivesCaller:
          caller !== undefined && !caller.span.inProgress && span.end > intervalOf(caller).end + roundingMs,
      };
    }),
    duplicates,
  };
}

/** Without the parents that are not there, or make a circle. */
function parentIn({ span, caller }: SpanNode): { readonly parentId?: string } {
  return caller === undefined && span.parentId !== undefined ? { parentId: undefined } : {};
}

/** Where the request came in: what began first of what nothing in the trace called, a segment if there is one. */
function entryOf(nodes: readonly SpanNode[]): SpanNode | undefined {
  const entries = nodes.filter(({ caller }) => caller === undefined);
  const segments = entries.filter(({ span }) => span.segment);
  const candidates = segments.length > 0 ? segments : entries;
  return candidates.toSorted((a, b) => a.span.start - b.span.start)[0];
}
