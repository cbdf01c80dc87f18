/** Entries of a slow query log by statement: how often, how long, how much was read for what was sent, now and before. */
import type { SlowEntry } from '../diagnosis/slow-log.ts';
import { quantile, sum } from '../diagnosis/statistics.ts';
import { changeOf, chanceOfMore, type Change } from './change.ts';
import { withoutSecrets } from '../diagnosis/secrets.ts';

export interface SlowDigest {
  /** The statement with its literals replaced by `?`. */
  readonly shape: string;
  readonly count: number;
  readonly before: number;
  readonly change?: Change;
  /** True where it calls for somebody to look: new, or more often. */
  readonly isAnomaly: boolean;
  readonly totalSeconds: number;
  readonly meanSeconds: number;
  readonly p95Seconds: number;
  readonly maxSeconds: number;
  readonly lockSeconds: number;
  readonly rowsSent: number;
  readonly rowsExamined: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly users: readonly string[];
  /** The slowest, without its texts and secrets. */
  readonly example: string;
}

export interface SlowPeriod {
  readonly entries: readonly SlowEntry[];
  /** How long was looked, in ms. */
  readonly lookedMs: number;
}

const fewestNew = 5;
const newSignificance = 0.05;
const longestExample = 1_000;

/** By total time, greatest first. Only what happens now. */
export function slowDigests(now: SlowPeriod, before: SlowPeriod): readonly SlowDigest[] {
  const byShape = new Map<string, SlowEntry[]>();
  for (const entry of now.entries) {
    const known = byShape.get(entry.shape);
    if (known === undefined) byShape.set(entry.shape, [entry]);
    else known.push(entry);
  }
  const earlier = new Map<string, number>();
  for (const { shape } of before.entries) earlier.set(shape, (earlier.get(shape) ?? 0) + 1);
  return [...byShape]
    .map(([shape, entries]) =>
      digestOf(shape, entries, now, { count: earlier.get(shape) ?? 0, lookedMs: before.lookedMs }),
    )
    .toSorted((a, b) => b.totalSeconds - a.totalSeconds || (a.shape < b.shape ? -1 : 1));
}

function digestOf(
  shape: string,
  entries: readonly SlowEntry[],
  { lookedMs }: SlowPeriod,
  before: { readonly count: number; readonly lookedMs: number },
): SlowDigest {
  const seconds = entries.map((entry) => entry.seconds);
  const counted = { count: entries.length, lookedMs };
  const change = changeOf(counted, before);
  const isNew = change === 'new' && counted.count >= fewestNew && chanceOfMore(counted, before) < newSignificance;
  const total = sum(seconds);
  const slowest = entries.reduce((one, other) => (other.seconds > one.seconds ? other : one));
  const times = entries.map(({ at }) => at);
  return {
    shape,
    count: entries.length,
    before: before.count,
    ...(change === undefined ? {} : { change }),
    isAnomaly: isNew || change === 'louder',
    totalSeconds: total,
    meanSeconds: total / entries.length,
    p95Seconds: quantile(seconds, 0.95) ?? slowest.seconds,
    maxSeconds: slowest.seconds,
    lockSeconds: sum(entries.map((entry) => entry.lockSeconds)),
    rowsSent: sum(entries.map(({ rowsSent }) => rowsSent)),
    rowsExamined: sum(entries.map(({ rowsExamined }) => rowsExamined)),
    firstAt: times.reduce((one, other) => Math.min(one, other)),
    lastAt: times.reduce((one, other) => Math.max(one, other)),
    users: [...new Set(entries.flatMap(({ user }) => user ?? []))].toSorted().slice(0, 10),
    example: shown(slowest.statement),
  };
}

/** Numbers stay, so that it can be explained; texts may be people's. */
function shown(statement: string): string {
  const line = withoutSecrets(statement.replaceAll(/\s+/g, ' ').trim()).replaceAll(
    /'(?:[^'\\]|\\.|'')*(?:'|$)|"(?:[^"\\]|\\.|"")*(?:"|$)/g,
    "'\u2026'",
  );
  return line.length > longestExample ? `${line.slice(0, longestExample - 1)}\u2026` : line;
}
