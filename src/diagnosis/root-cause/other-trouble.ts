/**
 * Trouble of another kind than the symptom's, below a component that got worse: a callee that vanished, one that calls what it did
 * not call before, one that fails where its callers are slow (they try again), or is slow where they fail (they wait no longer).
 */
import { sum } from '../statistics.ts';
import type { CallGraph } from './graph.ts';
import type { SymptomKind } from './input.ts';
import type { Observations } from './observations.ts';
import type { Suspect } from './walk.ts';

export type Trouble =
  | { readonly kind: 'vanished' }
  | { readonly kind: 'calls-anew'; readonly callees: readonly number[] }
  | { readonly kind: 'fails' }
  | { readonly kind: 'slow' };

/** Beyond doubt: this is not what was asked for. */
const beyondDoubt = 6;
/** The least share of a callee's requests that fails, for its callers to be slow by it; and the fewest. */
const failingShare = 0.05;
const failingCount = 3;
/** How many times slower a callee is, for its callers to give up. */
const slower = 2;
/** The share of lost calls that callers have to pay for, and what one costs them where they are slow by it. */
const paidShare = 0.4;
const secondsToGiveUp = 1;
/** Of the calls that a component lost, the share that its caller makes elsewhere, to have turned away from it. */
const insteadShare = 0.5;
/** Failures for each lost call, where the calls alone would prove nothing. */
const justPaid = { least: 0.7, most: 1.4 };
/** How sure a component is missed whose requests come and go anyway. */
const leastMissed = 3;
/** A cause of another kind explains its callers a little less than one that is seen to pass on what they show. */
const certainty = 0.9;

/** The given suspects, and those below them, and below those again. One that vanished counts for all that its callers show. */
export function withOtherTrouble(
  graph: CallGraph,
  suspects: readonly Suspect[],
  kind: SymptomKind,
  seen: Observations,
): readonly Suspect[] {
  const [symptom] = suspects;
  const all = new Map(suspects.map((suspect) => [suspect.node, suspect]));
  // What is added while a map is walked is walked, too.
  for (const caller of all.values()) {
    for (const callee of graph.nodes[caller.node]?.callees ?? []) {
      const known = all.get(callee);
      if (callee === symptom?.node || known?.other !== undefined) continue;
      const found = troubleOf(graph, caller.node, callee, kind, seen);
      if (found === undefined || (known !== undefined && found.trouble.kind !== 'vanished')) continue;
      all.set(callee, {
        ...known,
        node: callee,
        excess: Math.max(caller.excess * certainty, known?.excess ?? 0),
        noise: caller.noise,
        strength: Math.max(found.strength, known?.strength ?? 0),
        other: { trouble: found.trouble, caller: caller.node },
      });
    }
  }
  return [...all.values()];
}

/** What a component calls that it did not call before. */
function calledAnewBy(graph: CallGraph, node: number, seen: Observations): readonly number[] {
  return (graph.nodes[node]?.callees ?? []).filter((callee) => seen.isCalledAnew(callee));
}

function troubleOf(
  graph: CallGraph,
  caller: number,
  callee: number,
  kind: SymptomKind,
  seen: Observations,
): { readonly trouble: Trouble; readonly strength: number } | undefined {
  if (seen.isCalledAnew(callee)) return undefined;
  if (isMissed(graph, callee, kind, seen) && !isLeftOut(graph, caller, callee, seen)) {
    return {
      trouble: { kind: 'vanished' },
      strength: Math.max(leastMissed, -(seen.traffic(callee)?.lowestScore ?? 0)),
    };
  }
  const anew = calledAnewBy(graph, callee, seen);
  const gained = sum(anew.map((node) => seen.traffic(node)?.gained ?? 0));
  // Where answers are slow, who calls something slow anew is slow itself, and known by that.
  if (kind === 'availability' && anew.length > 0 && gained >= paidShare * (seen.hurt(caller)?.excess ?? 0)) {
    const strength = Math.max(...anew.map((node) => seen.traffic(node)?.score ?? 0));
    return { trouble: { kind: 'calls-anew', callees: anew }, strength };
  }
  if (kind === 'latency') {
    const faults = seen.faults(callee);
    const isFailing =
      faults !== undefined &&
      faults.score >= beyondDoubt &&
      faults.excess >= Math.max(failingCount, failingShare * faults.requests);
    return isFailing ? { trouble: { kind: 'fails' }, strength: faults.score } : undefined;
  }
  const latency = seen.latency(callee);
  const mean = latency?.statistics[0];
  const failed = seen.faults(caller)?.excess ?? 0;
  const isSlow =
    latency !== undefined &&
    latency.requests >= failed &&
    mean !== undefined &&
    latency.score >= beyondDoubt &&
    mean.during >= slower * mean.before;
  return isSlow ? { trouble: { kind: 'slow' }, strength: latency.score } : undefined;
}

/**
 * It vanished, and its callers pay for most of the calls that it lost: each with a failure, or with the seconds until they gave up. A
 * component that goes away and leaves nothing behind has been renamed, or is no longer needed. One that goes away now and then on
 * calm days, too, is missed where its callers pay for just the calls that it lost.
 */
function isMissed(graph: CallGraph, node: number, kind: SymptomKind, seen: Observations): boolean {
  if (!seen.isGone(node)) return false;
  const lost = (seen.traffic(node)?.lost ?? 0) * (kind === 'latency' ? secondsToGiveUp : 1);
  const callers = (graph.nodes[node]?.callers ?? []).flatMap((caller) => seen.hurt(caller) ?? []);
  const paid = sum(callers.map(({ excess }) => Math.max(0, excess)));
  // A request that lost several calls still fails only once.
  const payable = Math.min(lost, sum(callers.map(({ requests }) => requests)));
  if (seen.isVanished(node)) return paid >= paidShare * payable;
  return kind === 'availability' && paid >= justPaid.least * lost && paid <= justPaid.most * lost;
}

/** The caller does not call it any more: it is gone itself, calls something else instead, or does not get that far. */
function isLeftOut(graph: CallGraph, caller: number, callee: number, seen: Observations): boolean {
  if (seen.isGone(caller) || callsNothing(graph, caller, seen)) return true;
  const gained = sum(calledAnewBy(graph, caller, seen).map((node) => seen.traffic(node)?.gained ?? 0));
  return gained > 0 && gained >= insteadShare * (seen.traffic(callee)?.lost ?? 0);
}

/**
 * Most callees vanished together, or the only one, which calls nothing itself and so is known from its callers alone: the caller does
 * not get as far as calling them.
 */
function callsNothing(graph: CallGraph, caller: number, seen: Observations): boolean {
  const called = (graph.nodes[caller]?.callees ?? []).filter((callee) => (seen.traffic(callee)?.before ?? 0) >= 1);
  const vanished = called.filter((callee) => seen.isVanished(callee));
  const isOnlyLeaf = called.length === 1 && vanished.every((callee) => graph.nodes[callee]?.callees.length === 0);
  return vanished.length > 1 ? vanished.length * 2 > called.length : isOnlyLeaf;
}
