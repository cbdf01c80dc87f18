/** The service graph of X-Ray and its statistics over time. AWS X-Ray API Reference, GetServiceGraph and GetTimeSeriesServiceStatistics. */
import type {
  EdgeStatistics,
  HistogramEntry,
  Service,
  ServiceStatistics,
  TimeSeriesServiceStatistics,
} from '@aws-sdk/client-xray';
import type {
  CallHistory,
  CallPeriod,
  CallStatistics,
  ComponentRef,
  GraphCall,
  GraphComponent,
  GraphEntity,
  LatencyCount,
  ServiceGraph,
  ServiceGraphFacts,
} from '../../cloud/service-graph-facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { TracedServiceRef } from '../../cloud/stack.ts';
import { limited } from '../limited.ts';
import { followPages } from '../pages.ts';
import { refuseTransactionSearch, traceWindows } from './traces.ts';
import type { FactTools } from './tools.ts';

/** A graph of thousands of components comes on some dozens of pages. */
const mostPages = 100;
/** Histories are asked for by the dozen, and X-Ray throttles who asks for all of them at once. */
const atOnce = 6;
/** Graphs are asked for by the handful: so many in one turn, that a history of all calls takes no longer than one of them. */
const graphsAtOnce = 10;
/** What is longer is no name that anybody gave. */
const longestName = 300;

export function serviceGraphFacts(tools: FactTools): ServiceGraphFacts {
  return {
    serviceGraph: (traced, window) => tools.heavy(() => serviceGraph(tools, traced, window)),
    serviceGraphs: (traced, windows) => tools.heavy(() => serviceGraphs(tools, traced, windows)),
    callHistories: (region, entities, window, periodSeconds) =>
      tools.heavy(() => callHistories(tools, region, entities, window, periodSeconds)),
  };
}

async function serviceGraph(tools: FactTools, traced: TracedServiceRef, window: Window): Promise<ServiceGraph> {
  const xray = await tools.clients.xray(traced.region);
  const graph = await readGraph(tools, xray, traced, window);
  if (graph.components.length === 0) await refuseTransactionSearch(tools, xray, traced, 'GetServiceGraph');
  return graph;
}

async function serviceGraphs(
  tools: FactTools,
  traced: TracedServiceRef,
  windows: readonly Window[],
): Promise<readonly ServiceGraph[]> {
  const xray = await tools.clients.xray(traced.region);
  const inTurn = limited(graphsAtOnce);
  const graphs = await Promise.all(windows.map((window) => inTurn(() => readGraph(tools, xray, traced, window))));
  // A window of a quiet hour may be empty; where all are, there may be another place to look.
  if (graphs.every(({ components }) => components.length === 0)) {
    await refuseTransactionSearch(tools, xray, traced, 'GetServiceGraph');
  }
  return graphs;
}

type XRay = Awaited<ReturnType<FactTools['clients']['xray']>>;

async function readGraph(
  { wiring }: FactTools,
  xray: XRay,
  traced: TracedServiceRef,
  window: Window,
): Promise<ServiceGraph> {
  const parts = await Promise.all(
    traceWindows(window, wiring.clock.now()).map(({ from, to }) =>
      followPages<Service>({ pages: mostPages }, async (NextToken) => {
        const answer = await xray.getServiceGraph({ StartTime: new Date(from), EndTime: new Date(to), NextToken });
        return { items: answer.Services ?? [], next: answer.NextToken };
      }),
    ),
  );
  return {
    ...mergedGraph(parts.map(({ items }) => items)),
    truncated: parts.some(({ truncated }) => truncated),
    source: { operation: 'xray:GetServiceGraph', region: traced.region, detail: 'all that was traced' },
  };
}

/** References hold within one answer, so that each part of the window is read by itself and put to the others by name. */
function mergedGraph(parts: readonly (readonly Service[])[]): Pick<ServiceGraph, 'components' | 'calls' | 'dangling'> {
  const components = new Map<string, GraphComponent>();
  const calls = new Map<string, GraphCall>();
  let dangling = 0;
  for (const services of parts) {
    const ids = new Map<number | undefined, string>();
    for (const service of services) {
      const found = componentOf(service);
      ids.set(service.ReferenceId, found.id);
      components.set(found.id, mergedComponent(components.get(found.id), found));
    }
    for (const service of services) {
      const from = ids.get(service.ReferenceId);
      for (const edge of service.Edges ?? []) {
        const to = ids.get(edge.ReferenceId);
        if (from === undefined || to === undefined || edge.ReferenceId === undefined) {
          dangling += 1;
          continue;
        }
        const key = JSON.stringify([from, to]);
        const statistics = statisticsOf(edge.SummaryStatistics, edge.ResponseTimeHistogram);
        calls.set(key, { from, to, statistics: added(calls.get(key)?.statistics, statistics) });
      }
    }
  }
  return { components: [...components.values()], calls: [...calls.values()], dangling };
}

function componentOf(service: Service): GraphComponent {
  const name = (service.Name ?? service.Names?.[0] ?? 'unknown').slice(0, longestName);
  const type = service.Type?.slice(0, longestName);
  const { SummaryStatistics, ResponseTimeHistogram, DurationHistogram, State, Root, AccountId: account } = service;
  return {
    id: [type ?? '', name, ...(account === undefined ? [] : [account])].join(' '),
    name,
    ...(type === undefined ? {} : { type }),
    ...(account === undefined ? {} : { account }),
    ...(State === undefined ? {} : { state: State }),
    isRoot: Root === true,
    ...(SummaryStatistics === undefined
      ? {}
      : { statistics: statisticsOf(SummaryStatistics, ResponseTimeHistogram ?? DurationHistogram) }),
  };
}

function mergedComponent(known: GraphComponent | undefined, found: GraphComponent): GraphComponent {
  if (known === undefined) return found;
  const isRoot = known.isRoot || found.isRoot;
  if (found.statistics === undefined) return { ...known, isRoot };
  return { ...known, isRoot, statistics: added(known.statistics, found.statistics) };
}

function statisticsOf(
  summary: EdgeStatistics | ServiceStatistics | undefined,
  histogram: readonly HistogramEntry[] | undefined,
): CallStatistics {
  return {
    requests: summary?.TotalCount ?? 0,
    ok: summary?.OkCount ?? 0,
    errors: summary?.ErrorStatistics?.TotalCount ?? 0,
    throttles: summary?.ErrorStatistics?.ThrottleCount ?? 0,
    faults: summary?.FaultStatistics?.TotalCount ?? 0,
    totalMs: (summary?.TotalResponseTime ?? 0) * 1_000,
    latencies: latenciesOf(histogram ?? []),
  };
}

function latenciesOf(histogram: readonly HistogramEntry[]): readonly LatencyCount[] {
  return histogram
    .map(({ Value = 0, Count = 0 }) => ({ ms: Value * 1_000, count: Count }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.ms - b.ms);
}

function added(a: CallStatistics | undefined, b: CallStatistics): CallStatistics {
  if (a === undefined) return b;
  const counts = new Map<number, number>();
  for (const { ms, count } of [...a.latencies, ...b.latencies]) counts.set(ms, (counts.get(ms) ?? 0) + count);
  return {
    requests: a.requests + b.requests,
    ok: a.ok + b.ok,
    errors: a.errors + b.errors,
    throttles: a.throttles + b.throttles,
    faults: a.faults + b.faults,
    totalMs: a.totalMs + b.totalMs,
    latencies: [...counts].map(([ms, count]) => ({ ms, count })).toSorted((one, other) => one.ms - other.ms),
  };
}

async function callHistories(
  tools: FactTools,
  region: string,
  entities: readonly GraphEntity[],
  window: Window,
  periodSeconds: 60 | 300,
): Promise<readonly CallHistory[]> {
  const inTurn = limited(atOnce);
  return Promise.all(entities.map((entity) => inTurn(() => callHistory(tools, region, entity, window, periodSeconds))));
}

async function callHistory(
  { wiring, clients }: FactTools,
  region: string,
  entity: GraphEntity,
  window: Window,
  Period: 60 | 300,
): Promise<CallHistory> {
  const xray = await clients.xray(region);
  const EntitySelectorExpression = selectorOf(entity);
  const parts = await Promise.all(
    traceWindows(window, wiring.clock.now(), Period * 1_000).map(({ from, to }) =>
      followPages<TimeSeriesServiceStatistics>({ pages: mostPages }, async (NextToken) => {
        const answer = await xray.getTimeSeriesServiceStatistics({
          StartTime: new Date(from),
          EndTime: new Date(to),
          EntitySelectorExpression,
          Period,
          NextToken,
        });
        return { items: answer.TimeSeriesServiceStatistics ?? [], next: answer.NextToken };
      }),
    ),
  );
  const periods = new Map<number, CallPeriod>();
  for (const { Timestamp, ResponseTimeHistogram, ...summary } of parts.flatMap(({ items }) => items)) {
    const at = Timestamp?.getTime();
    const found = summary.ServiceSummaryStatistics ?? summary.EdgeSummaryStatistics;
    if (at === undefined || found === undefined) continue;
    const statistics = statisticsOf(found, ResponseTimeHistogram);
    // Parts meet between two periods. What comes twice all the same is taken once, as it was seen whole.
    if (statistics.requests < (periods.get(at)?.statistics.requests ?? 0)) continue;
    periods.set(at, { at, statistics });
  }
  return {
    entity,
    periods: [...periods.values()].toSorted((a, b) => a.at - b.at),
    truncated: parts.some(({ truncated }) => truncated),
    source: { operation: 'xray:GetTimeSeriesServiceStatistics', region, detail: EntitySelectorExpression },
  };
}

/** AWS X-Ray Developer Guide, "Use filter expressions": `service`, `edge` and `id`. */
function selectorOf(entity: GraphEntity): string {
  return entity.kind === 'component'
    ? `service(${idOf(entity.component)})`
    : `edge(${idOf(entity.from)}, ${idOf(entity.to)})`;
}

function idOf({ name, type, account }: ComponentRef): string {
  const members = [
    `name: ${quoted(name)}`,
    ...(type === undefined ? [] : [`type: ${quoted(type)}`]),
    ...(account === undefined ? [] : [`account.id: ${quoted(account)}`]),
  ];
  return `id(${members.join(', ')})`;
}

/** Within an expression of X-Ray's. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
