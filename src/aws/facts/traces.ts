/**
 * Traces from X-Ray: the slowest of as many as are wanted and come together. A busy service has thousands of slow
 * requests in an incident, and some of them tell as much as all.
 */
import type { Trace as WireTrace, TraceSummary } from '@aws-sdk/client-xray';
import type { FoundTrace, RequestPace, Trace, TraceSample, TraceSearch } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { TracedServiceRef } from '../../cloud/stack.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from './tools.ts';

/** X-Ray refuses longer windows. */
const longestWindowMs = 6 * 3_600_000;
/** BatchGetTraces takes no more ids. */
const idsPerCall = 5;
const mostPages = 20;

/** So many parts of a window are searched at once where many traces are to be chosen from. */
const slices = 6;
const fewTraces = 500;

type Matching = RequestPace & Pick<TraceSearch, 'failed' | 'faulty'>;

/** X-Ray Developer Guide, "Use filter expressions". Times are in seconds. */
function filterFor(service: string, { slowerThanMs, fasterThanMs, failed = false, faulty = false }: Matching): string {
  const name = service.replace(/[\\"]/g, '\\$&');
  const conditions = [
    ...(slowerThanMs === undefined ? [] : [`responsetime > ${slowerThanMs / 1_000}`]),
    ...(fasterThanMs === undefined ? [] : [`responsetime < ${fasterThanMs / 1_000}`]),
    ...(failed ? ['(fault OR error)'] : []),
    ...(faulty ? ['fault'] : []),
  ];
  const condition = conditions.length === 0 ? '' : ` { ${conditions.join(' AND ')} }`;
  return `service("${name}")${condition}`;
}

/**
 * The window in parts that X-Ray takes, none of them in the future, and as many as `least` where it is long enough to be cut.
 * They meet at multiples of `stepMs`.
 */
export function traceWindows(window: Window, nowMs: number, stepMs = 1, least = 1): readonly Window[] {
  const end = Math.min(window.to, nowMs);
  const length = end - window.from;
  // Where they meet at multiples, one of them may be longer by one.
  const count = Math.max(least, length <= longestWindowMs ? 1 : Math.ceil(length / (longestWindowMs + 1 - stepMs)));
  const at = (index: number): number => {
    if (index === 0) return window.from;
    if (index === count) return end;
    return Math.floor((window.from + (length * index) / count) / stepMs) * stepMs;
  };
  return Array.from({ length: count }, (_, index) => ({ from: at(index), to: at(index + 1) })).filter(
    ({ from, to }) => to > from,
  );
}

type XRay = Awaited<ReturnType<FactTools['clients']['xray']>>;

/** Pages are read until there are `enough`; a page may be empty and yet not the last. */
async function summaries(xray: XRay, part: Window, filter: string, enough: number) {
  return followPages<TraceSummary>(
    { pages: mostPages, enough: (items) => items.length >= enough },
    async (NextToken) => {
      const answer = await xray.getTraceSummaries({
        StartTime: new Date(part.from),
        EndTime: new Date(part.to),
        TimeRangeType: 'TraceId',
        Sampling: false,
        FilterExpression: filter,
        NextToken,
      });
      return { items: answer.TraceSummaries ?? [], next: answer.NextToken };
    },
  );
}

/** What the service failed at before what its callers did, then the slowest. */
function order({ failed = false }: Matching): (a: TraceSummary, b: TraceSummary) => number {
  const gravity = ({ HasFault, HasError }: TraceSummary): number =>
    !failed ? 0 : HasFault === true ? 2 : HasError === true ? 1 : 0;
  return (a, b) => gravity(b) - gravity(a) || secondsOf(b) - secondsOf(a);
}

function secondsOf({ ResponseTime, Duration }: TraceSummary): number {
  return ResponseTime ?? Duration ?? 0;
}

async function fetchTraces(xray: XRay, ids: readonly string[]): Promise<readonly WireTrace[]> {
  const groups = Array.from({ length: Math.ceil(ids.length / idsPerCall) }, (_, index) =>
    ids.slice(index * idsPerCall, (index + 1) * idsPerCall),
  );
  const fetched = await Promise.all(
    groups.map((TraceIds) =>
      followPages({ pages: mostPages }, async (NextToken) => {
        const answer = await xray.batchGetTraces({ TraceIds, NextToken });
        return { items: answer.Traces ?? [], next: answer.NextToken };
      }),
    ),
  );
  return merged(fetched.flatMap(({ items }) => items));
}

/** A trace with many segments comes on several pages. */
function merged(pieces: readonly WireTrace[]): readonly WireTrace[] {
  const byId = new Map<string, WireTrace>();
  for (const trace of pieces) {
    const id = trace.Id ?? '';
    const known = byId.get(id);
    byId.set(
      id,
      known === undefined ? trace : { ...known, Segments: [...(known.Segments ?? []), ...(trace.Segments ?? [])] },
    );
  }
  return [...byId.values()];
}

export function traces(
  tools: FactTools,
  service: TracedServiceRef,
  window: Window,
  pace: RequestPace,
  limit: number,
): Promise<TraceSample> {
  return searchTraces(tools, service, window, { ...pace, limit, among: limit });
}

export function searchTraces(
  tools: FactTools,
  service: TracedServiceRef,
  window: Window,
  search: TraceSearch,
): Promise<TraceSample> {
  return tools.heavy(() => sampled(tools, service, window, search));
}

async function sampled(
  tools: FactTools,
  service: TracedServiceRef,
  window: Window,
  search: TraceSearch,
): Promise<TraceSample> {
  const { wiring, clients } = tools;
  const { limit, among } = search;
  const xray = await clients.xray(service.region);
  const filter = filterFor(service.service, search);
  const windows = traceWindows(window, wiring.clock.now(), 1, among > fewTraces ? slices : 1);
  const enough = Math.ceil(among / Math.max(1, windows.length));
  const found = await Promise.all(windows.map((part) => summaries(xray, part, filter, enough)));
  const matched = found.flatMap(({ items }) => items).filter(({ Id }) => Id !== undefined);
  const wanted = matched.toSorted(order(search)).slice(0, limit);
  const fetched = await fetchTraces(
    xray,
    wanted.flatMap(({ Id }) => Id ?? []),
  );
  if (fetched.length === 0) await refuseTransactionSearch(tools, xray, service, 'BatchGetTraces');
  const documents = await readDocuments(tools, fetched);
  const place = new Map(wanted.map(({ Id }, index) => [Id, index]));
  return {
    traces: documents.map(({ trace }) => trace).toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0)),
    matched: matched.length,
    truncated: found.some(({ truncated }) => truncated) || fetched.length < matched.length,
    isPartial: found.some(({ truncated }) => truncated),
    unreadable: documents.reduce((sum, { unreadable }) => sum + unreadable, 0),
    source: { operation: 'xray:BatchGetTraces', region: service.region, detail: filter },
  };
}

export async function traceById(tools: FactTools, region: string, id: string): Promise<FoundTrace | undefined> {
  const xray = await tools.clients.xray(region);
  const [fetched] = await fetchTraces(xray, [id]);
  if (fetched === undefined || (fetched.Segments ?? []).length === 0) {
    await refuseTransactionSearch(tools, xray, { region, service: id }, 'BatchGetTraces');
    return undefined;
  }
  const [read] = await readDocuments(tools, [fetched]);
  if (read === undefined) return undefined;
  return {
    ...read.trace,
    unreadable: read.unreadable,
    isCut: fetched.LimitExceeded === true,
    source: { operation: 'xray:BatchGetTraces', region, detail: id },
  };
}

async function readDocuments(
  { wiring }: FactTools,
  fetched: readonly WireTrace[],
): Promise<readonly { readonly trace: Trace; readonly unreadable: number }[]> {
  // Only who has traces needs the parser.
  const { readTraceDocument } = await wiring.clock.busy(() => import('../trace-document.ts'));
  return fetched.map((wire) => {
    const read = (wire.Segments ?? []).map(({ Document }) => readTraceDocument(Document ?? ''));
    return {
      trace: traceFrom(
        wire,
        read.flatMap(({ spans }) => spans),
      ),
      unreadable: read.reduce((sum, { unreadable }) => sum + unreadable, 0),
    };
  });
}

function traceFrom(trace: WireTrace, spans: Trace['spans']): Trace {
  const inOrder = spans.toSorted((a, b) => a.start - b.start);
  const start = inOrder[0]?.start ?? 0;
  const end = inOrder.reduce((latest, span) => Math.max(latest, span.end), start);
  const durationMs = trace.Duration === undefined ? end - start : trace.Duration * 1_000;
  return { id: trace.Id ?? 'unknown', start, durationMs, spans: inOrder };
}

/** With Transaction Search on, spans go to a log group and X-Ray's own calls find none: that is not "no traces". */
export async function refuseTransactionSearch(
  { wiring }: FactTools,
  xray: XRay,
  { region, service }: TracedServiceRef,
  operation: string,
): Promise<void> {
  const { Destination } = await xray.getTraceSegmentDestination({});
  if (Destination !== 'CloudWatchLogs') return;
  throw wiring.failure(
    'not-found',
    { service: 'xray', operation, region, resource: service },
    'Transaction Search is on, so that traces are in the log group aws/spans and X-Ray has none to give',
  );
}
