/** Log lines: errors of the application, slow queries of the database. */
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { LogLine, LogSearch } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { LogGroupRef } from '../../cloud/stack.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from './tools.ts';

/** FilterLogEvents gives empty pages while it searches a big group; it may be asked ten times a second. */
const mostPages = 40;
const longestSearchMs = 20_000;

/** Any of the words, in plain text and in JSON (CloudWatch Logs User Guide, "Filter pattern syntax"). */
export const errorPattern = '?ERROR ?CRITICAL';
const errorWord = /\b(?:ERROR|CRITICAL)\b/;
const levelKeys = ['level', 'severity', 'levelname'] as const;

/** The level that a structured line states, `undefined` for a plain one. */
function statedLevel(message: string): string | undefined {
  if (!message.trimStart().startsWith('{')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    // Looks like JSON and is none: a plain line, to be judged as one.
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  for (const key of levelKeys) {
    const level: unknown = Reflect.get(parsed, key);
    if (typeof level === 'string') return level.toUpperCase();
  }
  return undefined;
}

/** The pattern finds the words anywhere, in the text of an INFO line too; what the line says of itself decides. */
export function isErrorLine({ message }: LogLine): boolean {
  return errorWord.test(statedLevel(message) ?? message);
}

export function lineFrom({ timestamp, logStreamName, message }: FilteredLogEvent): LogLine {
  return { at: timestamp ?? 0, stream: logStreamName ?? 'unknown', message: message ?? '' };
}

interface Search {
  readonly group: LogGroupRef;
  readonly window: Window;
  readonly limit: number;
  /** So many of the oldest are enough. */
  readonly enough?: number | undefined;
  readonly filterPattern?: string;
  readonly accepts?: (line: LogLine) => boolean;
}

/** Adds lines to those that are kept: the newest `limit`, in order of time. */
function newest(kept: readonly LogLine[], more: readonly LogLine[], limit: number): readonly LogLine[] {
  const inOrder = [...kept, ...more].toSorted((a, b) => a.at - b.at);
  return inOrder.slice(Math.max(0, inOrder.length - limit));
}

/** FilterLogEvents begins with the oldest, so that the whole window is read to keep its newest lines. */
async function search({ wiring, clients }: FactTools, wanted: Search): Promise<LogSearch> {
  const { group, window, limit, enough = Number.POSITIVE_INFINITY, filterPattern, accepts = () => true } = wanted;
  const logs = await clients.logs(group.region);
  const deadlineMs = wiring.clock.now() + longestSearchMs * (wiring.clock.pace ?? 1);
  let lines: readonly LogLine[] = [];
  let found = 0;
  const isEnough = () => found >= enough || wiring.clock.now() >= deadlineMs;
  const { truncated } = await followPages<never>({ pages: mostPages, enough: isEnough }, async (nextToken) => {
    const answer = await logs.filterLogEvents({
      logGroupName: group.logGroup,
      startTime: window.from,
      // Unlike the window, AWS counts the end in.
      endTime: window.to - 1,
      filterPattern,
      nextToken,
      ...(Number.isFinite(enough) && { limit: enough }),
    });
    const matching = (answer.events ?? []).map(lineFrom).filter(accepts);
    found += matching.length;
    // Kept here and not page by page: a busy group's pages would fill the memory.
    lines = newest(lines, matching, limit);
    return { items: [], next: answer.nextToken };
  });
  return {
    lines,
    truncated: truncated || found > limit,
    source: {
      operation: 'logs:FilterLogEvents',
      region: group.region,
      detail: filterPattern === undefined ? group.logGroup : `${group.logGroup} ${filterPattern}`,
    },
  };
}

export async function errorLines(
  tools: FactTools,
  group: LogGroupRef,
  window: Window,
  limit: number,
  enough?: number,
): Promise<LogSearch> {
  return search(tools, { group, window, limit, enough, filterPattern: errorPattern, accepts: isErrorLine });
}

/** The group that Aurora exports its slow query log to (Aurora User Guide, "Publishing Aurora MySQL logs"). */
export async function slowQueries(
  tools: FactTools,
  group: LogGroupRef,
  window: Window,
  limit: number,
): Promise<LogSearch> {
  return search(tools, { group: { ...group, logGroup: `${group.logGroup}/slowquery` }, window, limit });
}
