/** Who calls whom, how often, how long it takes and how much of it fails: the service graph of a window. Looks, and changes nothing. */
import { quantity } from '../cloud/quantity.ts';
import type { CallStatistics, GraphComponent, ServiceGraph } from '../cloud/service-graph-facts.ts';
import { faultRate, meanMs, percentileMs } from '../diagnosis/call-statistics.ts';
import { graphLayers } from '../diagnosis/graph-layers.ts';
import type { Known } from '../diagnosis/known.ts';
import { graphComponent, type ComponentNames } from '../diagnosis/self-time.ts';
import { byCodeUnit } from '../diagnosis/statistics.ts';
import type { DependencyFigure } from '../report/figures.ts';
import type { TraceMapDocument } from '../report/schemas.ts';
import type { Sheet } from '../report/sheet.ts';
import { exitCodes } from './exit-codes.ts';
import { lookAt } from './look-at.ts';
import { retyped } from './own-command.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';
import {
  componentDocument,
  counted,
  iso,
  namesIn,
  reasonOf,
  rounded,
  traceWindow,
  tracedService,
  type TracesWanted,
} from './trace-kit.ts';
import { nameOfTraced, tracedName } from './traced-text.ts';

/** Every operation by which it looks. */
export const traceMapCalls: readonly string[] = ['xray:GetServiceGraph', 'xray:GetTraceSegmentDestination'];

const defaultWindowMs = 15 * 60_000;
/** More calls than anybody reads; all are in the document. */
const mostRows = 60;

/** @throws NanoopsError `NoTracedService`, `UnknownRegion`, `InvalidWindow`, and as opening a session does. */
export async function traceMap(
  session: Session,
  wanted: TracesWanted,
): Promise<{ readonly document: TraceMapDocument; readonly sheet: Sheet }> {
  const { site } = sitesOf(session.stack, wanted.region);
  const service = tracedService(site);
  const window = traceWindow(session.clock.now(), wanted, defaultWindowMs);
  const { found, at, api } = await lookAt<{ readonly graph: ServiceGraph }>(
    session,
    { id: 'trace-map', region: site.region, timeoutMs: wanted.timeoutMs },
    {
      graph: {
        title: 'The service graph',
        calls: traceMapCalls,
        run: (facts) => facts.serviceGraph(service, window),
        detail: ({ components, calls }) => `${components.length} components, ${calls.length} calls`,
      },
    },
  );
  const { graph } = found;
  const problem = problemOf(graph);
  const verdict = problem === undefined ? 'ok' : 'unknown';
  const components = graph.known ? componentsOf(graph.value, namesIn(session.stack.service, site)) : [];
  const calls = graph.known ? callsOf(graph.value, components) : [];
  const document: TraceMapDocument = {
    schema: 'nanoops/trace-map@1',
    command: 'trace map',
    environment: session.stack.environment,
    region: site.region,
    generatedAt: at,
    verdict,
    exitCode: exitCodes[verdict],
    summary: summaryOf(components, calls, problem?.text),
    notes: graph.known ? notesOf(graph.value) : [],
    nextSteps: (problem?.nextSteps ?? []).map((step) => retyped(step, session.ownOptions)),
    api,
    window: { from: iso(window.from), to: iso(window.to) },
    components,
    calls,
  };
  return { document, sheet: sheetOf(document, figureOf(document)) };
}

function problemOf(graph: Known<ServiceGraph>) {
  if (!graph.known) return reasonOf(graph);
  if (graph.value.components.length > 0) return undefined;
  return {
    text: 'nothing was traced in this window: there were no requests, or nothing sends traces',
    nextSteps: ['nanoops logs conformance', 'nanoops trace map --since 6h'],
  };
}

type MapComponent = TraceMapDocument['components'][number];
type MapCall = TraceMapDocument['calls'][number];

const nothing: CallStatistics = { requests: 0, ok: 0, errors: 0, throttles: 0, faults: 0, totalMs: 0, latencies: [] };

function figures(statistics: CallStatistics) {
  const { requests, errors, throttles, faults, latencies } = statistics;
  const [average, p95] = [meanMs(statistics), percentileMs(latencies, 0.95)];
  return {
    requests,
    errors,
    throttles,
    faults,
    averageMs: average === undefined ? null : rounded(average),
    p95Ms: p95 === undefined ? null : rounded(p95),
    faultRate: faultRate(statistics) ?? null,
  };
}

const isClient = ({ type }: Pick<GraphComponent, 'type'>): boolean => type === 'client';

function componentsOf({ components, calls }: ServiceGraph, names: ComponentNames): readonly MapComponent[] {
  const entries = [...components.filter(isClient), ...components.filter(({ isRoot }) => isRoot)].map(({ id }) => id);
  const clients = entries.filter((id) => components.some((each) => each.id === id && isClient(each)));
  const layers = graphLayers(
    components.map(({ id }) => id),
    calls,
    clients.length > 0 ? clients : entries,
  );
  const labels = components.map((each) => labelOf(each, names));
  return components
    .map(({ id, name, type, state, isRoot, statistics = nothing }, index) => {
      const label = labels[index] ?? name;
      const isShared = labels.filter((each) => each === label).length > 1;
      return {
        id: ids(id),
        name: nameOfTraced({ name, origin: type }),
        label: isShared && type !== undefined ? `${label} (${tracedName(type)})` : label,
        type: type === undefined ? null : tracedName(type),
        state: state === undefined ? null : tracedName(state),
        root: isRoot,
        layer: layers.get(id) ?? 0,
        ...figures(statistics),
      };
    })
    .toSorted((a, b) => a.layer - b.layer || byCodeUnit(a.label, b.label));
}

/** Unique as they are; a database’s holds what looks like a mail address. */
const ids = (id: string): string => nameOfTraced({ name: id, origin: id });

function labelOf({ name, type }: GraphComponent, names: ComponentNames): string {
  return type === 'client'
    ? `clients of ${tracedName(name)}`
    : componentDocument(graphComponent({ name, type }, names)).name;
}

/** From where requests enter on, and of those of one caller what takes the most time together first. */
function callsOf({ calls }: ServiceGraph, components: readonly MapComponent[]): readonly MapCall[] {
  const place = new Map(components.map(({ id }, index) => [id, index]));
  return calls
    .map(({ from, to, statistics }) => ({
      call: { from: ids(from), to: ids(to), ...figures(statistics) },
      totalMs: statistics.totalMs,
    }))
    .toSorted((a, b) => (place.get(a.call.from) ?? 0) - (place.get(b.call.from) ?? 0) || b.totalMs - a.totalMs)
    .map(({ call }) => call);
}

function summaryOf(
  components: readonly MapComponent[],
  calls: readonly MapCall[],
  problem: string | undefined,
): string {
  if (problem !== undefined) return `Could not tell: ${problem}`;
  const failing = calls.filter(({ faults }) => faults > 0).toSorted((a, b) => (b.faultRate ?? 0) - (a.faultRate ?? 0));
  const [worst] = failing;
  const labelOfId = (id: string): string => components.find((each) => each.id === id)?.label ?? id;
  const faults =
    worst === undefined
      ? 'none with faults'
      : `the most faults ${callText(worst, labelOfId)}, ${quantity(worst.faultRate ?? 0, 'ratio')}`;
  const parts = components.filter((each) => !isClient({ type: each.type ?? undefined }));
  return `${counted(parts.length, 'component')}, ${counted(calls.length, 'kind')} of calls: ${faults}`;
}

function callText({ from, to }: Pick<MapCall, 'from' | 'to'>, labelOfId: (id: string) => string): string {
  return `${labelOfId(from)} → ${labelOfId(to)}`;
}

function notesOf({ truncated, dangling, components }: ServiceGraph): readonly string[] {
  return [
    ...(components.length > 0
      ? ['Counted from a sample of the requests: shares and times tell, counts are not all there were']
      : []),
    ...(truncated ? ['The graph has more pages than are read: parts of it are missing'] : []),
    ...(dangling > 0 ? [`${counted(dangling, 'call')} lead to components that X-Ray does not name: left out`] : []),
  ];
}

function errorRate({ errors, requests }: MapCall): number | undefined {
  return requests > 0 ? Math.min(1, errors / requests) : undefined;
}

function figureOf({ components, calls }: TraceMapDocument): DependencyFigure {
  return {
    nodes: components.map(({ id, label, type, layer }) => ({ id, label, type: type ?? undefined, layer })),
    edges: calls.map((call) => ({
      from: call.from,
      to: call.to,
      requests: call.requests,
      averageMs: call.averageMs ?? undefined,
      p95Ms: call.p95Ms ?? undefined,
      faultRate: call.faultRate ?? undefined,
      errorRate: errorRate(call),
    })),
  };
}

function sheetOf(document: TraceMapDocument, dependencies: DependencyFigure): Sheet {
  const { command, environment, verdict, exitCode, generatedAt, summary, notes, nextSteps, api, calls } = document;
  const labels = new Map(document.components.map(({ id, label }) => [id, label]));
  const shown = calls.slice(0, mostRows);
  const time = (ms: number | null): string => (ms === null ? 'not told' : quantity(ms, 'ms'));
  return {
    command,
    environment,
    verdict,
    exitCode,
    generatedAt,
    headline: summary,
    isShown: true,
    ...(dependencies.nodes.length === 0 ? {} : { dependencies }),
    tables: [
      {
        title: 'Calls',
        isDrawn: true,
        columns: [
          { title: 'requests', right: true },
          { title: 'average', right: true },
          { title: 'p95', right: true },
          { title: 'faults', right: true },
          { title: '4xx', right: true },
          { title: 'from → to' },
        ],
        rows: shown.map((call) => [
          call.requests.toLocaleString('en'),
          time(call.averageMs),
          time(call.p95Ms),
          call.faultRate === null ? 'not told' : `${call.faults > 0 ? '! ' : ''}${quantity(call.faultRate, 'ratio')}`,
          call.requests === 0 ? 'not told' : quantity(errorRate(call) ?? 0, 'ratio'),
          callText(call, (id) => labels.get(id) ?? id),
        ]),
      },
    ],
    details: document.components.map(({ label, name, type, state, requests, averageMs, p95Ms }) => ({
      title: label,
      lines: [
        `${name}${type === null ? '' : `, ${type}`}${state === null ? '' : `, ${state}`}`,
        ...(requests === 0
          ? []
          : [`${counted(requests, 'request')}, ${time(averageMs)} on average, p95 ${time(p95Ms)}`]),
      ],
      isMinor: true,
    })),
    remarks: [
      ...(calls.length > shown.length
        ? [`${counted(calls.length - shown.length, 'more call')}: -o json has all of them`]
        : []),
      ...notes,
    ],
    nextSteps,
    calls: api.calls,
  };
}
