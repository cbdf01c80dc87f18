/** The call graph between things: twins are one node, calls between them vanish. Cycles are allowed. */
import type { Call, CallComponent } from './input.ts';
import { twinsOf } from './twins.ts';

export interface CallNode {
  readonly index: number;
  /** One component, or several that are one thing; the first names it. */
  readonly members: readonly [CallComponent, ...CallComponent[]];
  readonly callees: readonly number[];
  readonly callers: readonly number[];
}

export interface CallGraph {
  readonly nodes: readonly CallNode[];
  /** The node that a component belongs to. */
  readonly nodeOf: ReadonlyMap<string, number>;
  /** The calls between two nodes that have readings. */
  measuredCalls(from: number, to: number): readonly Call[];
}

/** Calls from or to components that are not there are left out: nothing is known of them. */
export function callGraph(components: readonly CallComponent[], calls: readonly Call[]): CallGraph {
  const groups = twinsOf(components);
  const nodeOf = new Map(groups.flatMap((members, index) => members.map(({ id }) => [id, index] as const)));
  const callees = groups.map(() => new Set<number>());
  const callers = groups.map(() => new Set<number>());
  const measured = new Map<string, Call[]>();
  for (const call of calls) {
    const from = nodeOf.get(call.from);
    const to = nodeOf.get(call.to);
    if (from === undefined || to === undefined || from === to) continue;
    callees[from]?.add(to);
    callers[to]?.add(from);
    if (call.normal === undefined || call.incident === undefined) continue;
    const key = `${from} ${to}`;
    measured.set(key, [...(measured.get(key) ?? []), call]);
  }
  return {
    nodes: groups.map((members, index) => ({
      index,
      members,
      callees: [...(callees[index] ?? [])],
      callers: [...(callers[index] ?? [])],
    })),
    nodeOf,
    measuredCalls: (from, to) => (measured.size === 0 ? [] : (measured.get(`${from} ${to}`) ?? [])),
  };
}
