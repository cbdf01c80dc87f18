/**
 * The root-cause engine: given who calls whom, a normal period and an incident, which component is the cause of what hurts. It walks
 * from the symptom towards callees along what got worse (walk.ts), adds trouble of other kinds below that (other-trouble.ts), and ranks
 * the suspects by how much each alone would explain (ranking.ts). On a normal day it finds nothing. What to hand in, and how X-Ray
 * gives it: input.ts. Why it works like this: docs/decisions/0017-root-cause.md.
 */
import { chooseBase, type Base } from './base.ts';
import { explain, type RootCause } from './explanation.ts';
import { callGraph, type CallGraph } from './graph.ts';
import type { RootCauseInput } from './input.ts';
import { observationsOf, type Excess, type Observations } from './observations.ts';
import { withOtherTrouble } from './other-trouble.ts';
import { rank, type Ranked } from './ranking.ts';
import { surgeEntry } from './surge.ts';
import { relevant, suspectOf, walkFrom, type Walk } from './walk.ts';

export type { RootCause } from './explanation.ts';

export type RootCauseAnswer =
  | { readonly status: 'found'; readonly causes: readonly RootCause[] }
  /** The symptom was measured, and is as usual, or nothing that got worse explains it. */
  | { readonly status: 'nothing-found'; readonly summary: string }
  /** The symptom itself was not measured, or is not in the graph. */
  | { readonly status: 'could-not-tell'; readonly summary: string };

/** From this score on, the symptom alone is proof that something is wrong. */
const sureSymptom = 4;
/** With a cause below it, the symptom must at least lean towards worse, and both scores together reach this. */
const leaningSymptom = 0.5;
const sureTogether = 5.5;
/** More causes than these are no help, and neither are those that explain less than this. */
const mostCauses = 5;
const leastScore = 0.1;

export function findRootCauses({ components, calls, symptom }: RootCauseInput): RootCauseAnswer {
  const graph = callGraph(components, calls);
  const start = graph.nodeOf.get(symptom.component);
  if (start === undefined) return couldNotTell(`${symptom.component} is not in the call graph.`);
  const base = baseOf(graph, start, symptom.component);
  if (base === undefined) {
    return couldNotTell(`${symptom.component} has no readings of the normal period, or none of the incident.`);
  }
  // What matters is known only when the symptom is: everything of the symptom itself does.
  let scale = 0;
  const seen = observationsOf(graph, base, symptom.kind, (excess) => excess >= relevant * scale);
  const shown = seen.hurt(start);
  if (shown === undefined) {
    return couldNotTell(`${symptom.component} has too few readings of its ${symptom.kind} to judge.`);
  }
  scale = Math.max(shown.excess, shown.noise);
  const walked = walkFrom(graph, suspectOf(start, shown), scale, seen);
  const walk: Walk = { ...walked, suspects: withOtherTrouble(graph, walked.suspects, symptom.kind, seen) };
  const ranked = rank(graph, walk, scale, seen);
  const [top] = ranked;
  if (top === undefined || !isSure(top, start, shown)) {
    return {
      status: 'nothing-found',
      summary: `The ${symptom.kind} of ${symptom.component} is about as usual (${shown.score.toFixed(1)} spreads of calm windows), and nothing that it calls got worse by enough to matter to it.`,
    };
  }
  const causes = withSurge(graph, top, ranked, seen)
    .filter(({ score }, index) => index === 0 || score >= leastScore)
    .slice(0, mostCauses);
  return { status: 'found', causes: causes.map((cause) => explain({ cause, ranked, graph, walk, seen, base, shown })) };
}

function couldNotTell(summary: string): RootCauseAnswer {
  return { status: 'could-not-tell', summary };
}

/** All of a graph is judged by one base: that of the first side of the symptom which was measured. */
function baseOf(graph: CallGraph, node: number, component: string): Base | undefined {
  const members = graph.nodes[node]?.members ?? [];
  const named = members.filter(({ id }) => id === component);
  for (const { normal, incident } of [...named, ...members]) {
    const base = chooseBase(normal, incident);
    if (base !== undefined) return base;
  }
  return undefined;
}

function isSure({ suspect, coverage }: Ranked, start: number, shown: Excess): boolean {
  if (suspect.node === start) return shown.score >= sureSymptom;
  const lean = shown.kind === 'latency' ? Math.max(shown.score, shown.meanScore) : shown.score;
  return lean >= leaningSymptom && lean + suspect.strength * coverage >= sureTogether;
}

/** Where the first is slow or failing under a surge, what lets the surge in comes before it. */
function withSurge(graph: CallGraph, top: Ranked, ranked: readonly Ranked[], seen: Observations): readonly Ranked[] {
  const entry = surgeEntry(graph, top.suspect.node, seen);
  if (entry === undefined || entry === top.suspect.node) return ranked;
  const known = ranked.find(({ suspect }) => suspect.node === entry);
  const at = top.path.indexOf(entry);
  const first: Ranked = known ?? {
    suspect: { node: entry, excess: top.suspect.excess, noise: top.suspect.noise, strength: top.suspect.strength },
    score: top.score,
    coverage: top.coverage,
    path: at < 0 ? [entry] : top.path.slice(0, at + 1),
  };
  return [{ ...first, score: top.score }, ...ranked.filter((each) => each !== known)];
}
