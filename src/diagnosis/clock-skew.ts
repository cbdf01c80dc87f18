/**
 * Puts the segments of a trace on one clock. Hosts' clocks differ, and then a callee seems to begin before it was called.
 * Nobody knows by how much they differ, so that a segment is moved only where it says what cannot be, and no farther than
 * its call allows. What merely goes on after its caller has ended may be right: the caller gave up, or never waited. Pure.
 */
import type { SpanNode } from './trace-tree.ts';

/** Documents are rounded, some to the millisecond. */
const roundingMs = 1;

/** How far each node is moved, in milliseconds; callers must stand before what they called. */
export function clockShifts(nodes: readonly SpanNode[]): ReadonlyMap<SpanNode, number> {
  const shifts = new Map<SpanNode, number>();
  for (const node of nodes) {
    const { caller, span } = node;
    if (caller === undefined) shifts.set(node, 0);
    else {
      const callerShift = shifts.get(caller) ?? 0;
      // What X-Ray inferred and what is within a segment has the clock of what is above it.
      const isOwnClock = span.segment && span.inferred !== true;
      shifts.set(node, isOwnClock ? shiftInto(node, caller, callerShift) : callerShift);
    }
  }
  return shifts;
}

function shiftInto({ span }: SpanNode, { span: call }: SpanNode, callShift: number): number {
  const [from, to] = [call.start + callShift, call.end + callShift];
  const isEarly = span.start < from - roundingMs;
  if (call.inProgress || span.inProgress) return isEarly ? from - span.start : 0;
  const spare = to - from - (span.end - span.start);
  const begunInTime = span.start <= to;
  // A call that came back well has waited for all of what it called.
  const isLate = begunInTime && span.end > to + roundingMs && spare >= 0 && !call.fault && !call.error;
  if (!isEarly && !isLate) return 0;
  // The way there is taken to be as long as the way back.
  return from + Math.max(0, spare) / 2 - span.start;
}
