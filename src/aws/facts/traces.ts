/**
 * Traces from X-Ray: the slowest of as many as are wanted and come together. A busy service has thousands of slow
 * requests in an incident, and some of them tell as much as all.
 */
import type { Trace as WireTrace, TraceSummary } from '@aws-sdk/client-xray';
import type { RequestPace, Trace, TraceSample } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { TracedServiceRef } from '../../cloud/stack.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from './tools.ts';

/** X-Ray refuses longer windows. */
const longestWindowMs = 6 * 3_600_000;
/** BatchGetTraces takes no more ids. */
const idsPerCall = 5;
const mostPages = 20;

/** X-Ray Developer Guide, "Use filter expressions". Times are in seconds. */
function filterFor(service: string, { slowerThanMs, fasterThanMs }: RequestPace): string {
  const name = service.replace(/[\\"]/g, '\\$&');
  const conditions = [
    ...(slowerThanMs === undefined ? [] : [`responsetime > ${slowerThanMs / 1_000}`]),
    ...(fasterThanMs === undefined ? [] : [`responsetime < ${fasterThanMs / 1_000}`]),
  ];
  const condition = conditions.length === 0 ? '' : ` { ${conditions.join(' AND ')} }`;
  return `service("${name}")${condition}`;
}

/** The window in parts that X-Ray takes, none of them in the future. */
function parts(window: Window, nowMs: number): readonly Window[] {
  const end = Math.min(window.to, nowMs);
  const count = Math.max(0, Math.ceil((end - window.from) / longestWindowMs));
  const at = (index: number): number => window.from + Math.round(((end - window.from) * index) / count);
  return Array.from({ length: count }, (_, index) => ({ from: at(index), to: at(index + 1) }));
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
  return tools.heavy(() => sampled(tools, service, window, pace, limit));
}

async function sampled(
  tools: FactTools,
  service: TracedServiceRef,
  window: Window,
  pace: RequestPace,
  limit: number,
): Promise<TraceSample> {
  const { wiring, clients } = tools;
  const xray = await clients.xray(service.region);
  const filter = filterFor(service.service, pace);
  const windows = parts(window, wiring.clock.now());
  const enough = Math.ceil(limit / Math.max(1, windows.length));
  const found = await Promise.all(windows.map((part) => summaries(xray, part, filter, enough)));
  const matched = found.flatMap(({ items }) => items).filter(({ Id }) => Id !== undefined);
  const slowest = matched.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, limit);
  const fetched = await fetchTraces(
    xray,
    slowest.flatMap(({ Id }) => Id ?? []),
  );
  if (fetched.length === 0) await refuseTransactionSearch(tools, xray, service);
  // Only who has traces needs the parser.
  const { readTraceDocument } = await wiring.clock.busy(() => import('../trace-document.ts'));
  const documents = fetched.map((trace) => ({
    trace,
    read: (trace.Segments ?? []).map(({ Document }) => readTraceDocument(Document ?? '')),
  }));
  const order = new Map(slowest.map(({ Id }, index) => [Id, index]));
  return {
    traces: documents
      .map(({ trace, read }) =>
        traceFrom(
          trace,
          read.flatMap(({ spans }) => spans),
        ),
      )
      .toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0)),
    matched: matched.length,
    truncated: found.some(({ truncated }) => truncated) || fetched.length < matched.length,
    unreadable: documents.reduce((sum, { read }) => sum + read.reduce((all, one) => all + one.unreadable, 0), 0),
    source: { operation: 'xray:BatchGetTraces', region: service.region, detail: filter },
  };
}

function traceFrom(trace: WireTrace, spans: Trace['spans']): Trace {
  const inOrder = spans.toSorted((a, b) => a.start - b.start);
  const start = inOrder[0]?.start ?? 0;
  const end = inOrder.reduce((latest, span) => Math.max(latest, span.end), start);
  const durationMs = trace.Duration === undefined ? end - start : trace.Duration * 1_000;
  return { id: trace.Id ?? 'unknown', start, durationMs, spans: inOrder };
}

/** With Transaction Search on, spans go to a log group and BatchGetTraces finds none: that is not "no traces". */
async function refuseTransactionSearch({ wiring }: FactTools, xray: XRay, service: TracedServiceRef): Promise<void> {
  const { Destination } = await xray.getTraceSegmentDestination({});
  if (Destination !== 'CloudWatchLogs') return;
  const call = { service: 'xray', operation: 'BatchGetTraces', region: service.region, resource: service.service };
  throw wiring.failure(
    'not-found',
    call,
    'Transaction Search is on, so that traces are in the log group aws/spans and X-Ray has none to give',
  );
}
