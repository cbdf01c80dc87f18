/** What each node of the graph shows, worked out when it is asked for and kept: most of a large graph is never asked. */
import type { Base } from './base.ts';
import { faultExcess, type FaultExcess } from './fault-counts.ts';
import type { CallGraph, CallNode } from './graph.ts';
import type { CallComponent, SymptomKind } from './input.ts';
import { latencyExcess, type LatencyExcess } from './latency-excess.ts';
import { hasTrafficMoved, isCalledAnew, isGone, isVanished, trafficShift, type TrafficShift } from './traffic.ts';

export type Excess = LatencyExcess | FaultExcess;

export interface Observations {
  /** What a node shows of the kind that hurts. */
  hurt(node: number): Excess | undefined;
  latency(node: number): LatencyExcess | undefined;
  faults(node: number): FaultExcess | undefined;
  traffic(node: number): TrafficShift | undefined;
  /** How much of a callee's excess a caller meets at most; infinite where the call itself was not measured. */
  met(caller: number, callee: number): number;
  isGone(node: number): boolean;
  isVanished(node: number): boolean;
  isCalledAnew(node: number): boolean;
}

/** From this score on, an excess makes a suspect: alone that is weak, but the symptom has to be explained by something. */
export const anomalous = 1.5;

/**
 * How much it takes for an excess to show. Of requests that are struck, those that fail anyway do not show (W. S. Abbott, "A method of
 * computing the effectiveness of an insecticide", 1925); seconds add up.
 */
export function struck(shown: Excess, excess: number): number {
  return shown.kind === 'latency' ? excess : excess / (1 - shown.usual);
}

/** `isWorthMore` says whether an excess is large enough, in seconds, to look at more than the mean. */
export function observationsOf(
  graph: CallGraph,
  base: Base,
  kind: SymptomKind,
  isWorthMore: (excess: number) => boolean,
): Observations {
  const at = (index: number): CallNode | undefined => graph.nodes[index];
  const ofMembers = <T extends Excess>(node: number, judge: (member: CallComponent) => T | undefined): T | undefined =>
    telling((at(node)?.members ?? []).flatMap((member) => judge(member) ?? []));
  const latency = kept((node) =>
    ofMembers(node, ({ normal, incident }) => latencyExcess(normal, incident, base, isWorthMore)),
  );
  const faults = kept((node) => ofMembers(node, ({ normal, incident }) => faultExcess(normal, incident, base)));
  const traffic = kept((node) => {
    for (const { normal, incident } of at(node)?.members ?? []) {
      const shift = trafficShift(normal, incident, base);
      if (shift !== undefined) return shift;
    }
    return undefined;
  });
  const hasMoved = kept((node) => {
    const [named] = at(node)?.members ?? [];
    return named === undefined || hasTrafficMoved(named.normal, named.incident, base);
  });
  /** Judges the traffic of a node that moved, with that of its callers. */
  const judged = (node: number, judge: (own: TrafficShift, callers: readonly TrafficShift[]) => boolean): boolean => {
    const own = hasMoved(node) ? traffic(node) : undefined;
    return own !== undefined && judge(own, trafficOfCallers(node));
  };
  const trafficOfCallers = (node: number): readonly TrafficShift[] =>
    (at(node)?.callers ?? []).flatMap((caller) => traffic(caller) ?? []);
  return {
    hurt: kind === 'latency' ? latency : faults,
    latency,
    faults,
    traffic,
    met(caller, callee) {
      let met = Number.POSITIVE_INFINITY;
      for (const { normal, incident } of graph.measuredCalls(caller, callee)) {
        if (normal === undefined || incident === undefined) continue;
        const excess =
          kind === 'latency' ? latencyExcess(normal, incident, base, () => false) : faultExcess(normal, incident, base);
        if (excess === undefined) continue;
        met = (Number.isFinite(met) ? met : 0) + Math.max(0, excess.excess + excess.noise);
      }
      return met;
    },
    isGone: (node) => judged(node, isGone),
    isVanished: (node) => judged(node, isVanished),
    isCalledAnew: (node) => judged(node, isCalledAnew),
  };
}

/** Of what the members of a node show, that of the greatest excess which is sure; else that of the member that names it. */
function telling<T extends Excess>(shown: readonly T[]): T | undefined {
  const sure = shown.filter(({ score }) => score >= anomalous).toSorted((a, b) => b.excess - a.excess);
  return sure[0] ?? shown[0];
}

function kept<T>(work: (node: number) => T): (node: number) => T {
  const results = new Map<number, T>();
  return (node) => {
    const known = results.get(node);
    if (known !== undefined || results.has(node)) return known as T; // It has the key, so this is a T, undefined or not.
    const result = work(node);
    results.set(node, result);
    return result;
  };
}
