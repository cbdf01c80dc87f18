/** Simulated CloudWatch Logs: groups, streams and their lines. Amazon CloudWatch Logs API Reference. */
import {
  DescribeLogGroups$,
  DescribeLogStreams$,
  FilterLogEvents$,
  GetLogEvents$,
  type DescribeLogGroupsRequest,
  type DescribeLogGroupsResponse,
  type DescribeLogStreamsRequest,
  type DescribeLogStreamsResponse,
  type FilterLogEventsRequest,
  type FilterLogEventsResponse,
  type GetLogEventsRequest,
  type GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { noise } from '../random.ts';
import type { RegionInventory } from '../world/inventory.ts';
import type { LogEvent, LogSource } from '../world/logs/log-event.ts';
import { INGESTION_MS, linesBetween, logSources } from '../world/logs/sources.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { compileLogFilter, LogFilterError } from './log-filter.ts';
import { operation, pageOf } from './operation.ts';

const MOST_EVENTS = 10_000;

interface OpenLog {
  readonly world: World;
  readonly region: RegionInventory;
  readonly source: LogSource;
}

export function logsService(world: World): SimulatedService {
  const sourcesIn = (call: CallContext): readonly OpenLog[] => {
    const region = world.region(call.region);
    return region === undefined ? [] : logSources(world, region).map((source) => ({ world, region, source }));
  };
  const open = (call: CallContext, name: string | undefined, identifier: string | undefined): OpenLog => {
    const wanted = name ?? identifier?.replace(/^arn:aws:logs:[^:]*:[^:]*:log-group:/, '').replace(/:\*$/, '');
    if (wanted === undefined) throw invalid('logGroupName or logGroupIdentifier is required');
    const found = sourcesIn(call).find(({ source }) => source.group === wanted);
    if (found === undefined)
      throw new ServiceFault('ResourceNotFoundException', 'The specified log group does not exist.');
    return found;
  };
  return {
    service: 'logs',
    signingName: 'logs',
    protocol: 'json-1.1',
    target: 'Logs_20140328',
    operations: [
      operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>(DescribeLogGroups$, (input, call) =>
        describeLogGroups(world, call, sourcesIn(call), input),
      ),
      operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>(DescribeLogStreams$, (input, call) =>
        describeLogStreams(open(call, input.logGroupName, input.logGroupIdentifier), call, input),
      ),
      operation<FilterLogEventsRequest, FilterLogEventsResponse>(FilterLogEvents$, (input, call) =>
        filterLogEvents(open(call, input.logGroupName, input.logGroupIdentifier), input),
      ),
      operation<GetLogEventsRequest, GetLogEventsResponse>(GetLogEvents$, (input, call) =>
        getLogEvents(open(call, input.logGroupName, input.logGroupIdentifier), input),
      ),
    ],
  };
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('InvalidParameterException', message);
}

function describeLogGroups(
  world: World,
  call: CallContext,
  logs: readonly OpenLog[],
  input: DescribeLogGroupsRequest,
): DescribeLogGroupsResponse {
  const found = logs.filter(
    ({ source }) =>
      (input.logGroupNamePrefix === undefined || source.group.startsWith(input.logGroupNamePrefix)) &&
      (input.logGroupNamePattern === undefined || source.group.includes(input.logGroupNamePattern)),
  );
  const page = pageOf(found, input.limit ?? 50, input.nextToken);
  if (page === undefined) throw invalid('The specified nextToken is invalid.');
  return {
    logGroups: page.items.map(({ source }) => {
      const arn = `arn:aws:logs:${call.region}:${world.inventory.names.account}:log-group:${source.group}`;
      return {
        logGroupName: source.group,
        creationTime: world.inventory.createdAt,
        ...(Number.isFinite(source.retentionDays) && { retentionInDays: source.retentionDays }),
        metricFilterCount: 0,
        arn: `${arn}:*`,
        logGroupArn: arn,
        storedBytes: 184_549_376,
        logGroupClass: 'STANDARD',
      };
    }),
    ...(page.next !== undefined && { nextToken: page.next }),
  };
}

function describeLogStreams(
  log: OpenLog,
  call: CallContext,
  input: DescribeLogStreamsRequest,
): DescribeLogStreamsResponse {
  const now = log.world.now();
  const names = log.source.streams(now).filter((name) => name.startsWith(input.logStreamNamePrefix ?? ''));
  const ordered = input.orderBy === 'LastEventTime' ? names : [...names].toSorted();
  const page = pageOf(input.descending === true ? ordered.toReversed() : ordered, input.limit ?? 50, input.nextToken);
  if (page === undefined) throw invalid('The specified nextToken is invalid.');
  return {
    logStreams: page.items.map((name) => ({
      logStreamName: name,
      creationTime: log.world.inventory.createdAt,
      lastEventTimestamp: now - INGESTION_MS,
      lastIngestionTime: now,
      arn: `arn:aws:logs:${call.region}:${log.world.inventory.names.account}:log-group:${log.source.group}:log-stream:${name}`,
      storedBytes: 0,
    })),
    ...(page.next !== undefined && { nextToken: page.next }),
  };
}

function filterLogEvents(log: OpenLog, input: FilterLogEventsRequest): FilterLogEventsResponse {
  const limit = input.limit ?? MOST_EVENTS;
  if (limit < 1 || limit > MOST_EVENTS) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must be between 1 and ${MOST_EVENTS}`,
    );
  }
  if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined) {
    throw invalid('Cannot specify both logStreamNamePrefix and logStreamNames');
  }
  const matching = filterOf(input.filterPattern ?? '');
  const streams = input.logStreamNames;
  const prefix = input.logStreamNamePrefix ?? '';
  const [fromMs, toMs] = span(log, input.startTime, input.endTime);
  const token = input.nextToken === undefined ? undefined : tokenOf(input.nextToken);
  const events: LogEvent[] = [];
  let skip = token?.skip ?? 0;
  let position = token ?? { at: fromMs, skip: 0 };
  let more = false;
  for (const event of linesBetween(log.world, log.region, log.source, token?.at ?? fromMs, toMs)) {
    if (!event.stream.startsWith(prefix) || (streams !== undefined && !streams.includes(event.stream))) continue;
    if (!matching(event.message)) continue;
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    if (events.length === limit) {
      more = true;
      break;
    }
    events.push(event);
    // The next page begins at this line's time, behind the lines of that time that were given already.
    position = event.at === position.at ? { at: event.at, skip: position.skip + 1 } : { at: event.at, skip: 1 };
  }
  return {
    events: events.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.at,
      message: event.message,
      ingestionTime: event.at + INGESTION_MS,
      eventId: eventId(log, event),
    })),
    searchedLogStreams: [],
    ...(more && { nextToken: Buffer.from(`lines:${position.at}:${position.skip}`).toString('base64url') }),
  };
}

function filterOf(pattern: string) {
  try {
    return compileLogFilter(pattern);
  } catch (error) {
    if (!(error instanceof LogFilterError)) throw error;
    throw invalid(`Invalid filter pattern: ${error.message}`);
  }
}

function span(log: OpenLog, start: number | undefined, end: number | undefined): readonly [number, number] {
  const fromMs = start ?? 0;
  const toMs = end ?? log.world.now();
  if (toMs < fromMs) throw invalid('endTime must not be before startTime');
  // An end time is included.
  return [fromMs, toMs + 1];
}

function tokenOf(token: string): { at: number; skip: number } {
  const found = /^lines:(\d+):(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (found === null) throw invalid('The specified nextToken is invalid.');
  return { at: Number(found[1]), skip: Number(found[2]) };
}

function eventId(log: OpenLog, event: LogEvent): string {
  const drawn = noise(log.world.inventory.seed, log.source.group, event.at, event.stream, event.message.length);
  return `39${event.at}${String(Math.floor(drawn * 2 ** 53)).padStart(20, '0')}`;
}

function getLogEvents(log: OpenLog, input: GetLogEventsRequest): GetLogEventsResponse {
  const stream = input.logStreamName ?? '';
  if (!log.source.streams(log.world.now()).includes(stream)) {
    throw new ServiceFault('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
  const limit = Math.min(MOST_EVENTS, input.limit ?? MOST_EVENTS);
  const given = input.nextToken === undefined ? undefined : /^([fb])\/(\d+)$/.exec(input.nextToken);
  if (given === null) throw invalid('The specified nextToken is invalid.');
  const [startMs, endMs] = span(log, input.startTime, input.endTime);
  // Without a start the last hours are looked at: a stream's whole history is never held.
  const firstMs = Math.max(startMs, log.world.now() - 3 * 3_600_000);
  const fromMs = given?.[1] === 'f' ? Math.max(firstMs, Number(given[2])) : firstMs;
  const toMs = given?.[1] === 'b' ? Math.min(endMs, Number(given[2])) : endMs;
  const all = [...linesBetween(log.world, log.region, log.source, fromMs, toMs)].filter(
    (event) => event.stream === stream,
  );
  const fromHead = given === undefined ? input.startFromHead === true : given[1] === 'f';
  const events = fromHead ? all.slice(0, limit) : all.slice(-limit);
  return {
    events: events.map((event) => ({
      timestamp: event.at,
      message: event.message,
      ingestionTime: event.at + INGESTION_MS,
    })),
    nextForwardToken: `f/${(events.at(-1)?.at ?? fromMs - 1) + 1}`,
    nextBackwardToken: `b/${events[0]?.at ?? fromMs}`,
  };
}
