/**
 * The walk from the symptom towards callees, along what got worse. It goes on through components that only lean towards worse, since
 * a callee's trouble is diluted in a caller that does much else, and through those that were not measured. It turns back at a callee
 * that is called anew: what that does is its caller's doing.
 */
import type { CallGraph } from './graph.ts';
import { anomalous, type Excess, type Observations } from './observations.ts';
import type { Trouble } from './other-trouble.ts';

/** A component that may be the cause: it got worse in the way that the symptom did, or is in trouble of another kind. */
export interface Suspect {
  readonly node: number;
  /** What it passes on to its callers: seconds or faults; and how much that scatters. */
  readonly excess: number;
  readonly noise: number;
  /** How sure its trouble is, in standard deviations. */
  readonly strength: number;
  /** Missing where it was found by trouble of another kind. */
  readonly shown?: Excess;
  /** Trouble of another kind, and the caller that got worse by it. */
  readonly other?: { readonly trouble: Trouble; readonly caller: number };
}

export interface Walk {
  /** Everything passed, the symptom first. */
  readonly passed: ReadonlySet<number>;
  /** Those of them that are worse by enough to matter to the symptom; the symptom itself, always and first. */
  readonly suspects: readonly Suspect[];
  /** Passed without readings of the kind that hurts. */
  readonly unmeasured: readonly number[];
}

/** A score from which the walk goes on: a standard deviation. */
const leaning = 1;
/** The share of the symptom's excess from which on another's matters to it. */
export const relevant = 0.1;

export function suspectOf(node: number, shown: Excess): Suspect {
  return { node, shown, excess: Math.max(0, shown.excess), noise: shown.noise, strength: Math.max(0, shown.score) };
}

/** `scale` is the symptom's excess, or its noise where that is greater. */
export function walkFrom(graph: CallGraph, symptom: Suspect, scale: number, seen: Observations): Walk {
  const passed = new Set([symptom.node]);
  const suspects: Suspect[] = [symptom];
  const unmeasured: number[] = [];
  // A set is walked in the order of insertion, and further on while it grows.
  for (const node of passed) {
    for (const callee of graph.nodes[node]?.callees ?? []) {
      if (passed.has(callee)) continue;
      const shown = seen.hurt(callee);
      if (!isLeaning(shown) || seen.isCalledAnew(callee) || seen.met(node, callee) <= 0) continue;
      if (shown === undefined) {
        unmeasured.push(callee);
        passed.add(callee);
        continue;
      }
      passed.add(callee);
      if (shown.score >= anomalous && shown.excess >= relevant * scale) suspects.push(suspectOf(callee, shown));
    }
  }
  return { passed, suspects, unmeasured };
}

/** What was not measured may lean towards anything. */
function isLeaning(shown: Excess | undefined): boolean {
  if (shown === undefined) return true;
  const lean = shown.kind === 'latency' ? Math.max(shown.score, shown.meanScore) : shown.score;
  return lean >= leaning && shown.excess > 0;
}
