/**
 * Where a surge of load enters. A component that is slow because it gets more than it can do is where it hurts; the cause is the
 * first on the way to it that gets more by itself, not because its callers do.
 */
import type { CallGraph } from './graph.ts';
import type { Observations } from './observations.ts';
import { isSurging, type TrafficShift } from './traffic.ts';

/** Of a component's growth, in logarithms: a caller that grows by that much explains it. */
const explainingShare = 0.6;

/** Undefined where the node itself gets no more than it used to. */
export function surgeEntry(graph: CallGraph, node: number, seen: Observations): number | undefined {
  const known = new Set<number>();
  let entry: number | undefined;
  let current: number | undefined = node;
  while (current !== undefined && !known.has(current)) {
    known.add(current);
    const own = seen.traffic(current);
    if (own === undefined || !isSurging(own)) return entry;
    entry = current;
    current = explainingCaller(graph, current, own, seen);
  }
  return entry;
}

/** The busiest of the callers that grow as well. */
function explainingCaller(graph: CallGraph, node: number, own: TrafficShift, seen: Observations): number | undefined {
  return (graph.nodes[node]?.callers ?? [])
    .flatMap((caller) => {
      const traffic = seen.traffic(caller);
      return traffic === undefined ? [] : [{ caller, traffic }];
    })
    .filter(({ traffic }) => isSurging(traffic) && traffic.logRatio >= explainingShare * own.logRatio)
    .toSorted((a, b) => b.traffic.during - a.traffic.during)[0]?.caller;
}
