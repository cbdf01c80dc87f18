/** Simulated AWS X-Ray: traces and the service map of the sampled requests. AWS X-Ray API Reference. */
import {
  BatchGetTraces$,
  GetServiceGraph$,
  GetTimeSeriesServiceStatistics$,
  GetTraceSegmentDestination$,
  GetTraceSummaries$,
  type BatchGetTracesRequest,
  type BatchGetTracesResult,
  type GetServiceGraphRequest,
  type GetServiceGraphResult,
  type GetTimeSeriesServiceStatisticsRequest,
  type GetTimeSeriesServiceStatisticsResult,
  type GetTraceSegmentDestinationRequest,
  type GetTraceSegmentDestinationResult,
  type GetTraceSummariesRequest,
  type GetTraceSummariesResult,
  type TimeRangeType,
  type TraceSummary,
} from '@aws-sdk/client-xray';
import { TraceBook, type TraceRecord } from '../world/traces.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { parseEntitySelector, type EntitySelector } from './entity-selector.ts';
import { operation, pageOf } from './operation.ts';
import { serviceGraph, serviceStatistics } from './service-graph.ts';
import { compileTraceFilter, TraceFilterError, type TraceFilter } from './trace-filter.ts';

const MINUTE_MS = 60_000;
const LONGEST_WINDOW_MS = 6 * 3_600_000;
const TRACES_PER_BATCH = 5;
const SUMMARIES_PER_PAGE = 100;
/** A trace can be found so long after it ended. */
const INDEXED_MS = 10_000;
const RETENTION_MS = 30 * 86_400_000;

/** Searches whose next page may still be asked for. */
const SEARCHES_KEPT = 8;

export function xrayService(world: World): SimulatedService {
  // Made for every call: what it remembers is the dynamics' business, and the region may have changed since the last one.
  const bookIn = (call: CallContext): TraceBook | undefined => {
    const region = world.region(call.region);
    return region && new TraceBook(world.dynamics, region);
  };
  const all = (call: CallContext, { fromMs, toMs }: Span) => tracesBetween(world, bookIn(call), fromMs, toMs, 'Event');
  const searches = new Map<string, readonly TraceRecord[]>();
  /** A further page is of what the first one found, however much has happened since. */
  const search = (call: CallContext, input: GetTraceSummariesRequest): readonly TraceRecord[] => {
    const { fromMs, toMs } = windowOf(input.StartTime, input.EndTime);
    const filter = filterOf(input.FilterExpression);
    const by = input.TimeRangeType ?? 'TraceId';
    const key = [call.region, fromMs, toMs, by, input.FilterExpression ?? ''].join('\n');
    const known = input.NextToken === undefined ? undefined : searches.get(key);
    const found = known ?? tracesBetween(world, bookIn(call), fromMs, toMs, by).filter((trace) => filter(trace));
    searches.delete(key);
    searches.set(key, found);
    for (const oldest of [...searches.keys()].slice(0, -SEARCHES_KEPT)) searches.delete(oldest);
    return found;
  };
  return {
    service: 'xray',
    signingName: 'xray',
    protocol: 'rest-json',
    operations: [
      operation<GetTraceSummariesRequest, GetTraceSummariesResult>(GetTraceSummaries$, (input, call) => {
        const found = search(call, input);
        const page = pageOf(found, SUMMARIES_PER_PAGE, input.NextToken);
        if (page === undefined) throw invalid('Invalid NextToken');
        return {
          TraceSummaries: page.items.map((trace) => summaryOf(world, trace)),
          ApproximateTime: new Date(world.now()),
          TracesProcessedCount: found.length,
          ...(page.next !== undefined && { NextToken: page.next }),
        };
      }),
      operation<BatchGetTracesRequest, BatchGetTracesResult>(BatchGetTraces$, (input, call) =>
        batchGetTraces(world, bookIn(call), input),
      ),
      operation<GetServiceGraphRequest, GetServiceGraphResult>(GetServiceGraph$, (input, call) => {
        const span = windowOf(input.StartTime, input.EndTime);
        return {
          StartTime: new Date(span.fromMs),
          EndTime: new Date(span.toMs),
          Services: serviceGraph(world, all(call, span), span.fromMs, span.toMs),
          ContainsOldGroupVersions: false,
        };
      }),
      operation<GetTimeSeriesServiceStatisticsRequest, GetTimeSeriesServiceStatisticsResult>(
        GetTimeSeriesServiceStatistics$,
        (input, call) => {
          const span = windowOf(input.StartTime, input.EndTime);
          const period = input.Period ?? 60;
          if (period !== 60 && period !== 300) throw invalid('Period must be 60 or 300 seconds');
          return {
            TimeSeriesServiceStatistics: serviceStatistics(
              world,
              all(call, span),
              selectorOf(input.EntitySelectorExpression),
              span.fromMs,
              span.toMs,
              period * 1000,
            ),
            ContainsOldGroupVersions: false,
          };
        },
      ),
      operation<GetTraceSegmentDestinationRequest, GetTraceSegmentDestinationResult>(
        GetTraceSegmentDestination$,
        () => ({ Destination: 'XRay', Status: 'ACTIVE' }),
      ),
    ],
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('InvalidRequestException', message);
}

function windowOf(start: Date | undefined, end: Date | undefined): Span {
  if (start === undefined || end === undefined) throw invalid('StartTime and EndTime are required');
  const [fromMs, toMs] = [start.getTime(), end.getTime()];
  if (!(fromMs < toMs)) throw invalid('StartTime must be before EndTime');
  if (toMs - fromMs > LONGEST_WINDOW_MS) throw invalid('Time range cannot be longer than 6 hours');
  return { fromMs, toMs };
}

function filterOf(expression: string | undefined): TraceFilter {
  try {
    return compileTraceFilter(expression ?? '');
  } catch (error) {
    if (!(error instanceof TraceFilterError)) throw error;
    throw invalid(`Invalid filter expression, or one that is not simulated: ${error.message}`);
  }
}

function selectorOf(expression: string | undefined): EntitySelector {
  const found = parseEntitySelector(expression);
  if (found === undefined) {
    throw invalid(
      `Invalid EntitySelectorExpression, or one that is not simulated (service and edge of names or ids are): ${expression}`,
    );
  }
  return found;
}

/** Traces that can be found by now, newest first: by the time in their ids, or by when they ended. */
function tracesBetween(
  world: World,
  book: TraceBook | undefined,
  fromMs: number,
  toMs: number,
  by: TimeRangeType,
): readonly TraceRecord[] {
  if (book === undefined) return [];
  const now = world.now();
  const found: TraceRecord[] = [];
  const first = Math.max(fromMs, now - RETENTION_MS, world.inventory.createdAt);
  // A trace that began a minute earlier may end in the window.
  for (let minute = Math.floor(first / MINUTE_MS) - 1; minute * MINUTE_MS < Math.min(toMs, now); minute += 1) {
    for (const trace of book.in(minute)) {
      const { start, end } = trace.identity;
      const at = by === 'TraceId' ? start : end;
      if (at >= first && at < toMs && end < now - INDEXED_MS) found.push(trace);
    }
  }
  return found.toSorted((a, b) => b.identity.start - a.identity.start);
}

function summaryOf(world: World, trace: TraceRecord): TraceSummary {
  const { identity, request, nodes } = trace;
  const seconds = Math.round(request.totalMs) / 1000;
  const accountId = world.inventory.names.account;
  const ids = nodes.map((node) => ({ Name: node.name, Names: [node.name], AccountId: accountId, Type: node.type }));
  return {
    Id: identity.traceId,
    StartTime: new Date(identity.start),
    Duration: seconds,
    ResponseTime: seconds,
    HasFault: trace.fault,
    HasError: trace.error,
    HasThrottle: false,
    IsPartial: false,
    Http: {
      HttpURL: `https://${world.inventory.names.record}${identity.path}`,
      HttpStatus: request.status,
      HttpMethod: request.endpoint.method,
      UserAgent: 'Mozilla/5.0',
      ClientIp: identity.clientIp,
    },
    Annotations: {},
    Users: [],
    ServiceIds: ids,
    EntryPoint: ids[0],
    AvailabilityZones: [{ Name: request.task.task.zone }],
    Revision: 1,
    MatchedEventTime: new Date(identity.end),
  };
}

function batchGetTraces(world: World, book: TraceBook | undefined, input: BatchGetTracesRequest): BatchGetTracesResult {
  const ids = input.TraceIds ?? [];
  if (ids.length === 0 || ids.length > TRACES_PER_BATCH) {
    throw invalid(`TraceIds must have between 1 and ${TRACES_PER_BATCH} elements, not ${ids.length}`);
  }
  const malformed = ids.find((id) => !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(id));
  if (malformed !== undefined) throw invalid(`Invalid trace ID: ${malformed}`);
  const until = world.now() - INDEXED_MS;
  const found = ids.map((id) => {
    const trace = book?.find(id);
    return { id, trace: trace !== undefined && trace.identity.end < until ? trace : undefined };
  });
  return {
    Traces: found.flatMap(({ id, trace }) =>
      trace === undefined
        ? []
        : [
            {
              Id: id,
              Duration: Math.round(trace.request.totalMs) / 1000,
              LimitExceeded: false,
              Segments: book?.segments(trace).map(({ id: Id, document: Document }) => ({ Id, Document })),
            },
          ],
    ),
    UnprocessedTraceIds: found.filter(({ trace }) => trace === undefined).map(({ id }) => id),
  };
}
