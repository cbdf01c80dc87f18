/**
 * The tracing service's call graph of several spans of time, put before the root-cause engine: in which component it began to hurt.
 * Which spans are wanted is told here too, so that they fit what the engine compares (docs/decisions/0017-root-cause.md). Pure.
 */
import type { CallStatistics, GraphComponent, ServiceGraph } from '../cloud/service-graph-facts.ts';
import type { Source, Window } from '../cloud/series.ts';
import { meanMs, percentileMs } from './call-statistics.ts';
import type { Incident } from './incident.ts';
import { findRootCauses } from './root-cause/find-root-causes.ts';
import type { Call, CallComponent, Readings, SymptomKind } from './root-cause/input.ts';
import { graphComponent, type Component, type ComponentNames } from './self-time.ts';

const minuteMs = 60_000;
/** A span is so long: enough traces in it for shares and percentiles, and short enough for several in the normal hour. */
const longestSpanMs = 10 * minuteMs;
const shortestSpanMs = 3 * minuteMs;
/** The normal hour in six: the engine wants at least four, to tell how much they scatter. */
const calmSpans = 6;
const calmMs = 60 * minuteMs;
/** The incident's latest: load and damage often grow through it. */
const hurtSpans = 2;

/** Spans of time whose graphs are to be read: all of one length, those of the normal period first. */
export interface GraphSpans {
  readonly normal: readonly Window[];
  readonly incident: readonly Window[];
}

export function graphSpans({ before, during, firstBadAt = during.from }: Incident): GraphSpans {
  const from = Math.min(Math.max(during.from, firstBadAt), during.to - shortestSpanMs);
  const lengthMs = Math.min(longestSpanMs, Math.max(shortestSpanMs, during.to - from));
  const count = Math.max(1, Math.min(hurtSpans, Math.floor((during.to - from) / lengthMs)));
  const calmFrom = before.to - calmMs;
  const spansFrom = (start: number, step: number, spans: number): readonly Window[] =>
    Array.from({ length: spans }, (_, index) => ({ from: start + index * step, to: start + index * step + lengthMs }));
  return {
    normal: spansFrom(calmFrom, calmMs / calmSpans, calmSpans),
    incident: spansFrom(during.to - count * lengthMs, lengthMs, count),
  };
}

/** Graphs by the spans that they are of. */
export interface CallGraphHistory {
  readonly spans: GraphSpans;
  /** In the order of `spans`: the normal period's, then the incident's. */
  readonly graphs: readonly ServiceGraph[];
}

/** A component that would explain what hurts. */
export interface Suspect {
  readonly component: Component;
  /** Between 0 and 1: how much of all that got worse it would explain alone. */
  readonly score: number;
  readonly for: readonly string[];
  readonly against: readonly string[];
  readonly missing: readonly string[];
  /** From where it hurts to the component, by their names. */
  readonly path: readonly string[];
}

export type Located =
  | { readonly status: 'found'; readonly suspects: readonly [Suspect, ...Suspect[]]; readonly source: Source }
  /** Measured, and about as usual; or not measured enough to say. */
  | { readonly status: 'nothing-found' | 'could-not-tell'; readonly summary: string; readonly source: Source };

/** In which component the service's trouble began, by the calls that were traced. */
export function locate({ spans, graphs }: CallGraphHistory, kind: SymptomKind, names: ComponentNames): Located {
  const source: Source = graphs[0]?.source ?? { operation: 'xray:GetServiceGraph', region: '', detail: '' };
  const nodes = nodesOf(graphs, names);
  const hurt = [...nodes.values()].find(({ isEntry }) => isEntry);
  if (hurt === undefined) {
    const sought = names.tracedService ?? names.service ?? 'the service';
    const summary =
      nodes.size === 0 ? 'nothing was traced in these hours' : `${sought} is not among the services that were traced`;
    return { status: 'could-not-tell', summary, source };
  }
  const calm = graphs.slice(0, spans.normal.length);
  const struck = graphs.slice(spans.normal.length);
  const readingsOf = (of: (graph: ServiceGraph) => CallStatistics | undefined) => ({
    normal: readings(spans.normal, calm.map(of)),
    incident: readings(spans.incident, struck.map(of)),
  });
  const components = [...nodes].map(([id, node]): CallComponent => ({
    id: node.label,
    name: node.shown.name,
    ...(node.type === undefined ? {} : { type: node.type }),
    ...readingsOf((graph) => graph.components.find((each) => each.id === id)?.statistics),
  }));
  const answer = findRootCauses({
    components,
    calls: callsOf(graphs, nodes, readingsOf),
    symptom: { component: hurt.label, kind },
  });
  if (answer.status !== 'found') return { status: answer.status, summary: answer.summary, source };
  const byLabel = new Map([...nodes.values()].map((node) => [node.label, node.shown]));
  const suspects = answer.causes.flatMap((cause): Suspect[] => {
    const component = byLabel.get(cause.component);
    return component === undefined ? [] : [{ ...cause, component }];
  });
  const [first, ...others] = suspects;
  if (first === undefined) return { status: 'nothing-found', summary: 'no component stands out', source };
  return { status: 'found', suspects: [first, ...others], source };
}

/** One line for a person. */
export function locatedText(located: Located): string {
  if (located.status !== 'found') return located.summary;
  const [{ component, score, for: seen }] = located.suspects;
  return `${component.name} explains ${Math.round(score * 100)} %. ${seen[0] ?? ''}`;
}

interface Node {
  /** Unique, and what a person calls it. */
  readonly label: string;
  readonly type?: string;
  readonly shown: Component;
  /** True of the service that the incident is about. */
  readonly isEntry: boolean;
}

/** By the graph's ids. What stands for a service's clients is the service seen from outside, and no component of its own. */
function nodesOf(graphs: readonly ServiceGraph[], names: ComponentNames): ReadonlyMap<string, Node> {
  const all = new Map<string, GraphComponent>();
  for (const graph of graphs) for (const component of graph.components) all.set(component.id, component);
  const taken = new Set<string>();
  const nodes = new Map<string, Node>();
  for (const [id, component] of all) {
    if (component.type === 'client') continue;
    const shown = graphComponent(component, names);
    const full = component.type === undefined ? shown.name : `${shown.name} (${component.type})`;
    const label = [shown.name, full, id].find((each) => !taken.has(each)) ?? id;
    taken.add(label);
    const { type } = component;
    const isEntry = shown.kind === 'service' && isNamed(component.name, names);
    nodes.set(id, { label, shown, isEntry, ...(type === undefined ? {} : { type }) });
  }
  return nodes;
}

function isNamed(name: string, { service, tracedService }: ComponentNames): boolean {
  const wanted = (tracedService ?? service)?.toLowerCase();
  return name.toLowerCase() === wanted;
}

type ReadingsOf = (
  of: (graph: ServiceGraph) => CallStatistics | undefined,
) => Required<Pick<Call, 'normal' | 'incident'>>;

function callsOf(
  graphs: readonly ServiceGraph[],
  nodes: ReadonlyMap<string, Node>,
  readingsOf: ReadingsOf,
): readonly Call[] {
  const pairs = new Map(graphs.flatMap(({ calls }) => calls.map(({ from, to }) => [`${from}\n${to}`, { from, to }])));
  return [...pairs.values()].flatMap(({ from, to }) => {
    const [caller, callee] = [nodes.get(from), nodes.get(to)];
    if (caller === undefined || callee === undefined) return [];
    const of = (graph: ServiceGraph): CallStatistics | undefined =>
      graph.calls.find((call) => call.from === from && call.to === to)?.statistics;
    return [{ from: caller.label, to: callee.label, ...readingsOf(of) }];
  });
}

/** A component that a graph does not hold was not called then; that is a measurement, too. */
function readings(spans: readonly Window[], statistics: readonly (CallStatistics | undefined)[]): Readings {
  const each = <T>(of: (found: CallStatistics | undefined) => T): T[] => spans.map((_, index) => of(statistics[index]));
  const seconds = (ms: number | undefined): number => (ms === undefined ? Number.NaN : ms / 1_000);
  const percentile = (share: number): number[] =>
    each((found) => seconds(found === undefined ? undefined : percentileMs(found.latencies, share)));
  return {
    at: spans.map(({ from }) => from),
    requests: each((found) => found?.requests ?? 0),
    faults: each((found) => (found === undefined ? 0 : found.faults + found.throttles)),
    meanSeconds: each((found) => seconds(found === undefined ? undefined : meanMs(found))),
    percentiles: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}
