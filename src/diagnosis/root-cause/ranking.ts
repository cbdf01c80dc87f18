/**
 * Which suspect leaves least unexplained, if it were the only cause. A cause explains itself, and each of its callers by as much of
 * the caller's excess as it can have passed on: no more than its own, than the call carried where that was measured, and than the
 * components in between show. It explains nothing of what it calls: a caller that is slow because of its callee leaves that callee
 * unexplained, so that the deepest component wins whose trouble its callees do not explain.
 */
import { sum } from '../statistics.ts';
import type { CallGraph } from './graph.ts';
import { struck, type Observations } from './observations.ts';
import type { Suspect, Walk } from './walk.ts';

export interface Ranked {
  readonly suspect: Suspect;
  /** Between 0 and 1: the share of all that got worse which this explains, weighed by how sure each is. */
  readonly score: number;
  /** The share of the symptom's excess that it explains. */
  readonly coverage: number;
  /** Nodes from the symptom to it. */
  readonly path: readonly number[];
}

/** More would cost time in a large outage, and nobody reads on. */
const mostCandidates = 20;

export function rank(graph: CallGraph, walk: Walk, scale: number, seen: Observations): readonly Ranked[] {
  const [symptom] = walk.suspects;
  if (symptom === undefined) return [];
  const weighty = (suspect: Suspect): number => weightOf(suspect, suspect.excess / scale);
  const carrying = carryingIn(graph, walk, seen);
  const candidates = walk.suspects
    .toSorted((a, b) => weighty(b) - weighty(a) || a.node - b.node)
    .slice(0, mostCandidates)
    .map((suspect) => {
      carrying.from(suspect);
      return {
        suspect,
        coverage: explains(suspect, carrying, symptom),
        path: pathTo(symptom.node, suspect.node, carrying),
        shares: Float64Array.from(walk.suspects, (other) => explains(suspect, carrying, other)),
      };
    });
  // What does not reach the symptom need not be explained.
  const reaching = new Map(candidates.map(({ suspect, coverage }) => [suspect.node, coverage]));
  const weights = walk.suspects.map((suspect) =>
    weightOf(suspect, Math.min(suspect.excess / scale, reaching.get(suspect.node) ?? 1)),
  );
  const total = sum(weights);
  if (total === 0) return [];
  return candidates
    .map(({ suspect, coverage, path, shares }) => ({
      suspect,
      score: sum(weights.map((weight, index) => weight * (shares[index] ?? 0))) / total,
      coverage,
      path,
    }))
    .toSorted(
      (a, b) => b.score - a.score || b.suspect.strength - a.suspect.strength || a.suspect.node - b.suspect.node,
    );
}

/** The share of another's excess that a suspect explains. */
function explains(suspect: Suspect, carried: Carried, other: Suspect): number {
  if (other.node === suspect.node) return 1;
  const reached = carried.amounts[other.node] ?? 0;
  if (reached === 0) return 0;
  return other.excess > 0 ? Math.min(1, (reached + suspect.noise) / other.excess) : 1;
}

/** How sure a suspect's trouble is, and how much of the symptom's it is. */
function weightOf({ strength }: Suspect, share: number): number {
  return Math.log1p(strength) * Math.min(1, share);
}

/** By node, for the suspect that it was asked for last. */
interface Carried {
  /** How much of the suspect's excess can have reached each of its callers, direct or not; 0 where nothing did. */
  readonly amounts: Float64Array;
  /** The next node on the way from each of them to the suspect; negative where there is no way. */
  readonly next: Int32Array;
}

interface Carrying extends Carried {
  /** The widest way from a suspect up to each caller, by correcting labels until none widens; cycles end by themselves. */
  from(suspect: Suspect): void;
}

/** One piece of memory for all suspects: in a large outage, each of them reaches thousands of callers. */
function carryingIn(graph: CallGraph, walk: Walk, seen: Observations): Carrying {
  const amounts = new Float64Array(graph.nodes.length);
  const next = new Int32Array(graph.nodes.length);
  return {
    amounts,
    next,
    from(suspect) {
      amounts.fill(0);
      next.fill(-1);
      amounts[suspect.node] = suspect.excess;
      const widened = new Set([suspect.node]);
      // A set is walked in the order of insertion; what is taken out and put in again is walked again.
      for (const node of widened) {
        widened.delete(node);
        const limit = node === suspect.node ? Number.POSITIVE_INFINITY : passable(node, seen);
        const passes = Math.min(amounts[node] ?? 0, limit);
        for (const caller of graph.nodes[node]?.callers ?? []) {
          if (!walk.passed.has(caller) || caller === suspect.node) continue;
          const met = suspect.other === undefined || node !== suspect.node ? seen.met(caller, node) : passes;
          const reaches = Math.min(passes, met);
          if (reaches <= (amounts[caller] ?? 0)) continue;
          amounts[caller] = reaches;
          next[caller] = node;
          widened.add(caller);
        }
      }
    },
  };
}

/** What a component in between can have passed on: what it shows, and twice what that scatters by. */
function passable(node: number, seen: Observations): number {
  const shown = seen.hurt(node);
  if (shown === undefined) return Number.POSITIVE_INFINITY;
  return struck(shown, Math.max(0, shown.excess) + 2 * shown.noise);
}

function pathTo(from: number, to: number, { next }: Carried): readonly number[] {
  const path = [from];
  const known = new Set(path);
  let node = from;
  while (node !== to) {
    const step = next[node] ?? -1;
    if (step < 0 || known.has(step)) return [to];
    path.push(step);
    known.add(step);
    node = step;
  }
  return path;
}
