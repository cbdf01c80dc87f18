/** Why a component is held to be the cause, in words and numbers that a person can check: for, against, and what was missing. */
import type { Base } from './base.ts';
import type { FaultExcess } from './fault-counts.ts';
import type { CallGraph } from './graph.ts';
import type { LatencyExcess } from './latency-excess.ts';
import type { Excess, Observations } from './observations.ts';
import type { Ranked } from './ranking.ts';
import { isSurging } from './traffic.ts';
import type { Walk } from './walk.ts';

export interface RootCause {
  readonly component: string;
  /** Between 0 and 1: how much of all that got worse it would explain alone. */
  readonly score: number;
  readonly for: readonly string[];
  readonly against: readonly string[];
  readonly missing: readonly string[];
  /** Components from the symptom to it. */
  readonly path: readonly string[];
}

export interface Explained {
  readonly cause: Ranked;
  readonly ranked: readonly Ranked[];
  readonly graph: CallGraph;
  readonly walk: Walk;
  readonly seen: Observations;
  readonly base: Base;
  /** What the symptom shows. */
  readonly shown: Excess;
}

export function explain(explained: Explained): RootCause {
  const { cause, graph, walk } = explained;
  const name = nameIn(graph);
  return {
    component: name(cause.suspect.node),
    score: cause.score,
    for: [...ownTrouble(explained), ...surge(explained), ...passedOn(explained)],
    against: [...doubts(explained), ...unexplained(explained)],
    missing: [
      ...(explained.base.isEdges
        ? ["The normal period is old, so that the incident's own first and last points are the base."]
        : []),
      ...(cause.suspect.shown === undefined
        ? [`No reading says how much ${name(cause.suspect.node)} itself passed on.`]
        : []),
      ...walk.unmeasured
        .filter((node) => graph.nodes[cause.suspect.node]?.callees.includes(node))
        .map((node) => `${name(node)}, which it calls, was not measured.`),
    ],
    path: cause.path.map(name),
  };
}

function nameIn(graph: CallGraph): (node: number) => string {
  return (node) => graph.nodes[node]?.members[0].id ?? '';
}

function ownTrouble({ cause: { suspect }, graph, seen }: Explained): readonly string[] {
  const name = nameIn(graph);
  const told = suspect.shown === undefined ? [] : excessText(suspect.shown);
  if (suspect.other === undefined) return told;
  const { trouble, caller } = suspect.other;
  switch (trouble.kind) {
    case 'vanished': {
      const traffic = seen.traffic(suspect.node);
      return [
        ...told,
        `It got ${countText(traffic?.before)} requests a period and fell to ${countText(traffic?.lowest)}, while ${name(caller)} goes on.`,
      ];
    }
    case 'calls-anew':
      return [...told, `It calls ${trouble.callees.map(name).join(', ')}, which it did not before.`];
    case 'fails':
      return [...told, ...faultText(seen.faults(suspect.node)), `Who calls it again after a failure is slow.`];
    case 'slow':
      return [...told, ...latencyText(seen.latency(suspect.node)), `Who does not wait for that long fails.`];
  }
}

function excessText(shown: Excess): readonly string[] {
  return shown.kind === 'latency' ? latencyText(shown) : faultText(shown);
}

function latencyText(shown: LatencyExcess | undefined): readonly string[] {
  if (shown === undefined) return [];
  const [mean, ...percentiles] = shown.statistics;
  // The mean, and the widest percentile that moved: those between say the same.
  const widest = percentiles.findLast(({ score }) => score >= 3);
  const moved = [mean, widest]
    .flatMap((each) => each ?? [])
    .map(
      ({ name, before, during, score }) =>
        `${name} ${secondsText(before)} to ${secondsText(during)} (${score.toFixed(1)} spreads of calm windows)`,
    );
  return [
    `Slower: ${moved.join(', ')}.`,
    `Its ${countText(shown.requests)} requests took ${secondsText(shown.excess)} more, together.`,
  ];
}

function faultText(shown: FaultExcess | undefined): readonly string[] {
  if (shown === undefined) return [];
  const usual = shown.requests * shown.usual;
  return [
    `${countText(shown.faults)} of ${countText(shown.requests)} requests failed, where ${usual.toFixed(1)} are usual (${shown.score.toFixed(1)} standard deviations).`,
  ];
}

function surge({ cause: { suspect }, seen }: Explained): readonly string[] {
  const traffic = seen.traffic(suspect.node);
  if (traffic === undefined || !isSurging(traffic)) return [];
  return [`It gets ${countText(traffic.during)} requests a period, where ${countText(traffic.before)} are usual.`];
}

function passedOn({ cause, graph, walk, shown }: Explained): readonly string[] {
  const start = walk.suspects[0]?.node;
  if (cause.suspect.node === start || start === undefined) {
    return ['Nothing that it calls explains it.'];
  }
  const more =
    shown.kind === 'latency' ? `${secondsText(shown.excess)} more` : `${countText(shown.excess)} more failures`;
  return [`Explains ${percent(cause.coverage)} of the ${more} at ${nameIn(graph)(start)}.`];
}

/** Statistics that did not move, and a symptom that is mostly left over. */
function doubts({ cause }: Explained): readonly string[] {
  const { shown } = cause.suspect;
  const still =
    shown?.kind === 'latency' ? shown.statistics.filter(({ score }) => score < 1).map(({ name }) => name) : [];
  return [
    ...(still.length > 0 ? [`Its ${still.join(', ')} did not move.`] : []),
    ...(cause.coverage < 0.5 ? ['Most of the symptom is left unexplained.'] : []),
  ];
}

/** What got worse beside it: not on the way from the symptom. */
function unexplained({ cause, ranked, graph }: Explained): readonly string[] {
  const others = ranked
    .filter(({ suspect }) => !cause.path.includes(suspect.node) && suspect.strength >= 3)
    .slice(0, 3)
    .map(({ suspect }) => nameIn(graph)(suspect.node));
  return others.length > 0 ? [`It may not explain ${others.join(', ')}.`] : [];
}

function secondsText(seconds: number): string {
  return Math.abs(seconds) < 1
    ? `${Number((seconds * 1000).toPrecision(3))} ms`
    : `${Number(seconds.toPrecision(3))} s`;
}

function countText(count: number | undefined): string {
  if (count === undefined) return 'an unknown number of';
  return count < 10 ? String(Number(count.toFixed(1))) : Math.round(count).toString();
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
