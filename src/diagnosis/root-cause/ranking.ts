/**
 * Which suspect leaves least unexplained, if it were the only cause. A cause explains itself, and each of its callers by as much of
 * the caller's excess as it can have passed on: no more than its own, than the call carried where that was measured, and than the
 * components in between show. It explains nothing of what it calls: a caller that is slow because of its callee leaves that callee
 * unexplained, so that the deepest component wins whose trouble its callees do not explain.
 */
import { sum } from '../statistics.ts';
import type { CallGraph } from './graph.ts';
import type { Observations } from './observations.ts';
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
  const candidates = walk.suspects
    .toSorted((a, b) => weighty(b) - weighty(a) || a.node - b.node)
    .slice(0, mostCandidates)
    .map((suspect) => {
      const carried = carriedBy(graph, walk, suspect, seen);
      return { suspect, carried, coverage: explains(suspect, carried, symptom) };
    });
  // What does not reach the symptom need not be explained.
  const reaching = new Map(candidates.map(({ suspect, coverage }) => [suspect.node, coverage]));
  const weighed = walk.suspects.map((suspect) => {
    const share = Math.min(suspect.excess / scale, reaching.get(suspect.node) ?? 1);
    return { suspect, weight: weightOf(suspect, share) };
  });
  const total = sum(weighed.map(({ weight }) => weight));
  if (total === 0) return [];
  return candidates
    .map(({ suspect, carried, coverage }) => ({
      suspect,
      score: sum(weighed.map((other) => other.weight * explains(suspect, carried, other.suspect))) / total,
      coverage,
      path: pathTo(symptom.node, suspect.node, carried.next),
    }))
    .toSorted(
      (a, b) => b.score - a.score || b.suspect.strength - a.suspect.strength || a.suspect.node - b.suspect.node,
    );
}

/** The share of another's excess that a suspect explains. */
function explains(suspect: Suspect, carried: Carried, other: Suspect): number {
  if (other.node === suspect.node) return 1;
  const reached = carried.amount.get(other.node);
  if (reached === undefined) return 0;
  return other.excess > 0 ? Math.min(1, (reached + suspect.noise) / other.excess) : 1;
}

/** How sure a suspect's trouble is, and how much of the symptom's it is. */
function weightOf({ strength }: Suspect, share: number): number {
  return Math.log1p(strength) * Math.min(1, share);
}

interface Carried {
  /** How much of the suspect's excess can have reached each of its callers, direct or not. */
  readonly amount: ReadonlyMap<number, number>;
  /** The next node on the way from each of them to the suspect. */
  readonly next: ReadonlyMap<number, number>;
}

/** The widest way from the suspect up to each caller, by correcting labels until none widens; cycles end by themselves. */
function carriedBy(graph: CallGraph, walk: Walk, suspect: Suspect, seen: Observations): Carried {
  const amount = new Map([[suspect.node, suspect.excess]]);
  const next = new Map<number, number>();
  const queue = [suspect.node];
  for (let head = 0; head < queue.length; head += 1) {
    const node = queue[head] ?? suspect.node;
    const passes = Math.min(
      amount.get(node) ?? 0,
      node === suspect.node ? Number.POSITIVE_INFINITY : passable(node, seen),
    );
    for (const caller of graph.nodes[node]?.callers ?? []) {
      if (!walk.passed.has(caller) || caller === suspect.node) continue;
      const met = suspect.other === undefined || node !== suspect.node ? seen.met(caller, node) : passes;
      const reaches = Math.min(passes, met);
      if (reaches <= (amount.get(caller) ?? 0)) continue;
      amount.set(caller, reaches);
      next.set(caller, node);
      queue.push(caller);
    }
  }
  return { amount, next };
}

/** What a component in between can have passed on: what it shows, and twice what that scatters by. */
function passable(node: number, seen: Observations): number {
  const shown = seen.hurt(node);
  return shown === undefined ? Number.POSITIVE_INFINITY : Math.max(0, shown.excess) + 2 * shown.noise;
}

function pathTo(from: number, to: number, next: ReadonlyMap<number, number>): readonly number[] {
  const path = [from];
  const known = new Set(path);
  let node = from;
  while (node !== to) {
    const step = next.get(node);
    if (step === undefined || known.has(step)) return [to];
    path.push(step);
    known.add(step);
    node = step;
  }
  return path;
}
