/** Log groups, parts of them, and what the database is told to log. */
import type {
  LogContent,
  LogFacts,
  LogGroup,
  LogPortion,
  PortionBounds,
  SlowLogSettings,
} from '../../cloud/log-facts.ts';
import type { LogLine } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { DatabaseRef, LogGroupRef } from '../../cloud/stack.ts';
import { customGroup, describeCluster, describeInstances } from './database.ts';
import { errorPattern, isErrorLine, lineFrom } from './logs.ts';
import { allPages, inGroups, type FactTools } from './tools.ts';

export function logFacts(tools: FactTools): LogFacts {
  return {
    logGroups: (region, prefix) => logGroups(tools, region, prefix),
    logPortion: (group, content, spans, bounds) => logPortion(tools, group, content, spans, bounds),
    slowLogSettings: (database) => slowLogSettings(tools, database),
  };
}

async function logGroups(
  { wiring, clients }: FactTools,
  region: string,
  logGroupNamePrefix: string,
): Promise<readonly LogGroup[]> {
  const logs = await clients.logs(region);
  const call = { service: 'logs', operation: 'DescribeLogGroups', region, resource: logGroupNamePrefix };
  const found = await allPages(wiring, call, async (nextToken) => {
    const answer = await logs.describeLogGroups({ logGroupNamePrefix, nextToken });
    return { items: answer.logGroups ?? [], next: answer.nextToken };
  });
  return found.map(({ logGroupName, retentionInDays, creationTime }) => ({
    name: logGroupName ?? '',
    ...(retentionInDays === undefined ? {} : { retentionDays: retentionInDays }),
    ...(creationTime === undefined ? {} : { createdAt: creationTime }),
  }));
}

/** A page takes about half a second, and no more than ten may be asked for in one. */
const atOnce = 10;
const longestSearchMs = 60_000;
/** Longer lines tell no more; a busy group's would fill the memory. */
const longestLine = 8_000;

interface Budget {
  calls: number;
  readonly deadlineMs: number;
}

async function logPortion(
  tools: FactTools,
  group: LogGroupRef,
  content: LogContent,
  spans: readonly Window[],
  { linesEach, calls }: PortionBounds,
): Promise<LogPortion> {
  const { clock } = tools.wiring;
  const budget: Budget = { calls, deadlineMs: clock.now() + longestSearchMs * (clock.pace ?? 1) };
  const lines: LogLine[] = [];
  const covered: Window[] = [];
  for (const some of inGroups(spans, atOnce)) {
    for (const part of await Promise.all(
      some.map((span) => searchSpan(tools, group, content, span, linesEach, budget)),
    )) {
      for (const line of part.lines) lines.push(line);
      if (part.to > part.from) covered.push({ from: part.from, to: part.to });
    }
  }
  return {
    lines: lines.toSorted((a, b) => a.at - b.at),
    covered: covered.toSorted((a, b) => a.from - b.from),
    source: {
      operation: 'logs:FilterLogEvents',
      region: group.region,
      detail: content === 'errors' ? `${group.logGroup} ${errorPattern}` : group.logGroup,
    },
  };
}

interface SearchedSpan extends Window {
  readonly lines: readonly LogLine[];
}

/**
 * A page may be empty and yet not the last (CloudWatch Logs API Reference, FilterLogEvents). Where the search ends early it
 * has come as far as the newest line that it gave, and of what it gave nothing it is not known how far.
 */
async function searchSpan(
  { wiring, clients }: FactTools,
  { region, logGroup }: LogGroupRef,
  content: LogContent,
  { from, to }: Window,
  most: number,
  budget: Budget,
): Promise<SearchedSpan> {
  const logs = await clients.logs(region);
  const lines: LogLine[] = [];
  const seen = new Set<string>();
  let reached = from;
  let nextToken: string | undefined;
  while (budget.calls > 0 && wiring.clock.now() < budget.deadlineMs) {
    budget.calls -= 1;
    const answer = await logs.filterLogEvents({
      logGroupName: logGroup,
      startTime: from,
      // Unlike the window, AWS counts the end in.
      endTime: to - 1,
      ...(content === 'errors' ? { filterPattern: errorPattern } : { limit: Math.min(most, mostEvents) }),
      nextToken,
    });
    for (const event of answer.events ?? []) {
      const line = lineFrom(event);
      reached = Math.max(reached, line.at + 1);
      if (content === 'errors' && !isErrorLine(line)) continue;
      lines.push(line.message.length > longestLine ? { ...line, message: line.message.slice(0, longestLine) } : line);
      if (lines.length >= most) return { lines, from, to: Math.min(reached, to) };
    }
    nextToken = answer.nextToken;
    if (nextToken === undefined || nextToken === '') return { lines, from, to };
    if (seen.has(nextToken)) break;
    seen.add(nextToken);
  }
  return { lines, from, to: Math.min(reached, to) };
}

/** FilterLogEvents gives no more at once. */
const mostEvents = 10_000;

const slowLogParameters = ['slow_query_log', 'long_query_time', 'log_output'] as const;

/** An instance's own parameters come before the cluster's (Aurora User Guide, "Parameter groups for Amazon Aurora"). */
async function slowLogSettings(tools: FactTools, database: DatabaseRef): Promise<SlowLogSettings> {
  const { wiring, clients } = tools;
  const { region } = database;
  const [cluster, instances, rds] = await Promise.all([
    describeCluster(tools, database),
    describeInstances(tools, database),
    clients.rds(region),
  ]);
  const writerId = cluster.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
  const writer = instances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === writerId);
  const ofInstance = customGroup(writer?.DBParameterGroups?.[0]?.DBParameterGroupName);
  const ofCluster = customGroup(cluster.DBClusterParameterGroup);
  const [onCluster, onInstance] = await Promise.all([
    ofCluster === undefined
      ? []
      : allPages(wiring, { service: 'rds', operation: 'DescribeDBClusterParameters', region }, async (Marker) => {
          const wanted = { DBClusterParameterGroupName: ofCluster, Source: 'user', Marker };
          const answer = await rds.describeDBClusterParameters(wanted);
          return { items: answer.Parameters ?? [], next: answer.Marker };
        }),
    ofInstance === undefined
      ? []
      : allPages(wiring, { service: 'rds', operation: 'DescribeDBParameters', region }, async (Marker) => {
          const answer = await rds.describeDBParameters({ DBParameterGroupName: ofInstance, Source: 'user', Marker });
          return { items: answer.Parameters ?? [], next: answer.Marker };
        }),
  ]);
  const valueOf = (name: (typeof slowLogParameters)[number]): string | undefined =>
    [...onInstance, ...onCluster].find(({ ParameterName, ParameterValue }) => ParameterName === name && ParameterValue)
      ?.ParameterValue;
  const [slowQueryLog, longQueryTime, logOutput] = slowLogParameters.map(valueOf);
  return {
    exports: cluster.EnabledCloudwatchLogsExports ?? [],
    ...(slowQueryLog === undefined ? {} : { slowQueryLog }),
    ...(longQueryTime === undefined ? {} : { longQueryTime }),
    ...(logOutput === undefined ? {} : { logOutput }),
    source: {
      operation: 'rds:DescribeDBClusterParameters',
      region,
      detail: [ofInstance, ofCluster].filter((name) => name !== undefined).join(', ') || 'default parameter groups',
    },
  };
}
