/**
 * What a request waited for: the chain of spans that, had any of it been quicker, would have ended the whole sooner. Walked
 * from the end backwards: of what a span called, the last to end before it went on held it up; the time between is its own.
 * Source: Zhang, Ramanathan, Raj et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC
 * 2022, section 3. Pure.
 */
import type { SpanNode } from './trace-tree.ts';

export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Times of documents are rounded: what seems to end so little after the next one began ended before. */
const roundingMs = 1;

/** The own time of every span on the path, by `at`, where each is. The parts follow each other without a gap. */
export function criticalPath(
  entry: SpanNode,
  at: (node: SpanNode) => Interval,
): ReadonlyMap<SpanNode, readonly Interval[]> {
  const path = new Map<SpanNode, Interval[]>();
  const waiting: { readonly node: SpanNode; readonly within: Interval }[] = entry.span.inProgress
    ? []
    : [{ node: entry, within: at(entry) }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, within } = next;
    const own: Interval[] = [];
    let reached = within.end;
    const latestFirst = node.callees
      .filter(({ span }) => !span.inProgress)
      .map((callee) => ({ callee, ...at(callee) }))
      .toSorted((a, b) => b.end - a.end || b.start - a.start);
    for (const { callee, start, end } of latestFirst) {
      if (reached <= within.start) break;
      // It was still under way when the span went on, so that nothing waited for it.
      if (end > reached + roundingMs) continue;
      const part = { start: Math.max(start, within.start), end: Math.min(end, reached) };
      if (part.end <= part.start) continue;
      if (reached > part.end) own.push({ start: part.end, end: reached });
      waiting.push({ node: callee, within: part });
      reached = part.start;
    }
    if (reached > within.start) own.push({ start: within.start, end: reached });
    path.set(node, own.toReversed());
  }
  return path;
}
