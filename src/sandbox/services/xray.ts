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
  type TraceSummary,
} from '@aws-sdk/client-xray';
import type { RegionInventory } from '../world/inventory.ts';
import { isError, isFault, nodesOf, segmentsOf, traceById, tracesIn, type TraceNode, type TraceRecord } from '../world/traces.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
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

/** A trace, and the nodes that it passed through. */
export interface SeenTrace {
  readonly record: TraceRecord;
  readonly nodes: readonly TraceNode[];
}

export function xrayService(world: World): SimulatedService {
  const regionIn = (call: CallContext) => world.region(call.region);
  const seen = (call: CallContext, fromMs: number, toMs: number, filter: TraceFilter) => {
    const region = regionIn(call);
    return region === undefined ? [] : tracesBetween(world, region, fromMs, toMs, filter);
  };
  return {
    service: 'xray',
    signingName: 'xray',
    protocol: 'rest-json',
    operations: [
      operation<GetTraceSummariesRequest, GetTraceSummariesResult>(GetTraceSummaries$, (input, call) => {
        const { fromMs, toMs } = windowOf(input.StartTime, input.EndTime);
        const found = seen(call, fromMs, toMs, filterOf(input.FilterExpression));
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
        batchGetTraces(world, regionIn(call), input),
      ),
      operation<GetServiceGraphRequest, GetServiceGraphResult>(GetServiceGraph$, (input, call) => {
        const { fromMs, toMs } = windowOf(input.StartTime, input.EndTime);
        return {
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          Services: serviceGraph(world, seen(call, fromMs, toMs, () => true), fromMs, toMs),
          ContainsOldGroupVersions: false,
        };
      }),
      operation<GetTimeSeriesServiceStatisticsRequest, GetTimeSeriesServiceStatisticsResult>(
        GetTimeSeriesServiceStatistics$,
        (input, call) => {
          const { fromMs, toMs } = windowOf(input.StartTime, input.EndTime);
          const period = input.Period ?? 60;
          if (period !== 60 && period !== 300) throw invalid('Period must be 60 or 300 seconds');
          const name = selectedService(input.EntitySelectorExpression);
          return {
            TimeSeriesServiceStatistics: serviceStatistics(seen(call, fromMs, toMs, () => true), name, fromMs, toMs, period * 1000),
            ContainsOldGroupVersions: false,
          };
        },
      ),
      operation<GetTraceSegmentDestinationRequest, GetTraceSegmentDestinationResult>(GetTraceSegmentDestination$, () => ({
        Destination: 'XRay',
        Status: 'ACTIVE',
      })),
    ],
  };
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('InvalidRequestException', message);
}

function windowOf(start: Date | undefined, end: Date | undefined): { fromMs: number; toMs: number } {
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

/** `service("name")`, or undefined for everything that entered the system. */
function selectedService(expression: string | undefined): string | undefined {
  if (expression === undefined || expression.trim() === '') return undefined;
  const found = /^service\(\s*"([^"]+)"\s*\)$/.exec(expression.trim());
  if (found === null) throw invalid(`Only service("name") is simulated as EntitySelectorExpression, not ${expression}`);
  return found[1];
}

/** Traces that ended in the window and can be found by now, newest first. */
function tracesBetween(world: World, region: RegionInventory, fromMs: number, toMs: number, filter: TraceFilter): readonly SeenTrace[] {
  const { dynamics } = world;
  const now = world.now();
  const found: SeenTrace[] = [];
  const first = Math.max(fromMs, now - RETENTION_MS, world.inventory.createdAt);
  const until = Math.min(toMs, now - INDEXED_MS);
  // A trace that began a minute earlier may end in the window.
  for (let minute = Math.floor(first / MINUTE_MS) - 1; minute * MINUTE_MS < until; minute += 1) {
    if (dynamics.state(region, minute).effects.telemetryGap) continue;
    for (const record of tracesIn(dynamics, region, minute)) {
      const { end } = record.identity;
      if (end < first || end >= until) continue;
      const nodes = nodesOf(dynamics, region, record);
      const { request } = record;
      const seconds = request.totalMs / 1000;
      const about = { responseTime: seconds, duration: seconds, status: request.status, fault: isFault(request), error: isError(request), nodes };
      if (filter(about)) found.push({ record, nodes });
    }
  }
  return found.sort((a, b) => b.record.identity.start - a.record.identity.start);
}

function summaryOf(world: World, { record, nodes }: SeenTrace): TraceSummary {
  const { identity, request } = record;
  const seconds = Math.round(request.totalMs) / 1000;
  const accountId = world.inventory.names.account;
  const ids = nodes.map((node) => ({ Name: node.name, Names: [node.name], AccountId: accountId, Type: node.type }));
  return {
    Id: identity.traceId,
    StartTime: new Date(identity.start),
    Duration: seconds,
    ResponseTime: seconds,
    HasFault: isFault(request),
    HasError: isError(request),
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

function batchGetTraces(world: World, region: RegionInventory | undefined, input: BatchGetTracesRequest): BatchGetTracesResult {
  const ids = input.TraceIds ?? [];
  if (ids.length === 0 || ids.length > TRACES_PER_BATCH) {
    throw invalid(`TraceIds must have between 1 and ${TRACES_PER_BATCH} elements, not ${ids.length}`);
  }
  const malformed = ids.find((id) => !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(id));
  if (malformed !== undefined) throw invalid(`Invalid trace ID: ${malformed}`);
  const until = world.now() - INDEXED_MS;
  const found = ids.map((id) => {
    const record = region && traceById(world.dynamics, region, id);
    const hidden =
      record === undefined || region === undefined || record.identity.end >= until ||
      world.dynamics.state(region, record.minute).effects.telemetryGap;
    return { id, record: hidden ? undefined : record };
  });
  return {
    Traces: found.flatMap(({ id, record }) =>
      record === undefined || region === undefined
        ? []
        : [
            {
              Id: id,
              Duration: Math.round(record.request.totalMs) / 1000,
              LimitExceeded: false,
              Segments: segmentsOf(world.dynamics, region, record).map(({ id: Id, document: Document }) => ({ Id, Document })),
            },
          ],
    ),
    UnprocessedTraceIds: found.filter(({ record }) => record === undefined).map(({ id }) => id),
  };
}
