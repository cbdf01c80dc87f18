/**
 * What a weekly review keeps of a log for the next one, since the lines themselves live for a week: patterns and counts,
 * no lines. Bounded; what is read back may have been altered, and is then no summary.
 */
import type { EarlierPattern, Pattern } from './patterns.ts';
import { isRecord } from './line.ts';

export interface LogSummary {
  readonly logGroup: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** How much of it was looked at, in ms. */
  readonly lookedMs: number;
  readonly lines: number;
  readonly patterns: readonly EarlierPattern[];
}

const mostPatterns = 300;
const longestTemplate = 600;
/** Two weeks, of a team that looks every day. */
const mostSummaries = 15;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Two reviews that are closer see the same week. */
const leastApartMs = 12 * hourMs;

export function summaryFrom(
  span: Pick<LogSummary, 'logGroup' | 'from' | 'to' | 'lookedMs' | 'lines'>,
  patterns: readonly Pattern[],
): LogSummary {
  return {
    ...span,
    patterns: patterns
      .toSorted((a, b) => b.count - a.count)
      .slice(0, mostPatterns)
      .flatMap(({ template, level, count }) => (template.length > longestTemplate ? [] : [{ template, level, count }])),
  };
}

/** The summaries to keep: one a day, the newest of it, and not more than there is room for. */
export function withSummary(kept: readonly LogSummary[], summary: LogSummary): readonly LogSummary[] {
  const day = (at: number): number => Math.floor(at / dayMs);
  return [...kept.filter((each) => each.logGroup !== summary.logGroup || day(each.to) !== day(summary.to)), summary]
    .toSorted((a, b) => a.to - b.to)
    .slice(-mostSummaries);
}

/**
 * What a week is compared with: the newest week that hardly overlaps it, or else the oldest there is, if it is not about
 * the same one.
 */
export function comparable(
  kept: readonly LogSummary[],
  { logGroup, from, to }: Pick<LogSummary, 'logGroup' | 'from' | 'to'>,
): LogSummary | undefined {
  const own = kept.filter((each) => each.logGroup === logGroup && each.to <= to - leastApartMs);
  return own.filter((each) => each.to <= from + dayMs).at(-1) ?? own[0];
}

/** The summaries in what was kept, in order of time; undefined where it holds none that can be read. */
export function parseSummaries(kept: unknown): readonly LogSummary[] | undefined {
  if (!Array.isArray(kept)) return undefined;
  const found = kept.map(parseSummary);
  return found.includes(undefined) ? undefined : found.flatMap((each) => each ?? []).toSorted((a, b) => a.to - b.to);
}

function parseSummary(value: unknown): LogSummary | undefined {
  if (!isRecord(value)) return undefined;
  const { logGroup, from, to, lookedMs, lines, patterns } = value;
  if (typeof logGroup !== 'string' || !Array.isArray(patterns)) return undefined;
  if (!isCount(from) || !isCount(to) || !isCount(lookedMs) || !isCount(lines)) return undefined;
  const read = patterns.map(parsePattern);
  if (read.includes(undefined)) return undefined;
  return { logGroup, from, to, lookedMs, lines, patterns: read.flatMap((each) => each ?? []) };
}

function parsePattern(value: unknown): EarlierPattern | undefined {
  if (!isRecord(value)) return undefined;
  const { template, level, count } = value;
  if (typeof template !== 'string' || !isCount(count)) return undefined;
  return level === 'error' || level === 'critical' ? { template, level, count } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
