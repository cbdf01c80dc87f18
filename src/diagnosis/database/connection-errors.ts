/**
 * Failed connections to the database, as the application's log tells of them: each line of at most one kind, counted over
 * time. Only the wording is judged here; whether the database is to blame is for the diagnosis.
 */
import type { LogLine, LogSearch } from '../../cloud/facts.ts';
import type { Source, Window } from '../../cloud/series.ts';
import { byCodeUnit } from '../statistics.ts';
import { bySpecificity, marksOf, wordingsIn, type ConnectionErrorKind, type Unreached } from './connection-wording.ts';
import { quoted, toldBy } from './log-text.ts';

export type { ConnectionErrorKind, Unreached } from './connection-wording.ts';

const minuteMs = 60_000;
/** Minutes at the end of what was looked at that say whether it still goes on. */
export const recentMinutes = 3;
const mysqlPort = 3306;

export interface DatabaseAddress {
  /** Where the database listens; MySQL's 3306 unless given. */
  readonly port?: number;
}

export interface ConnectionError {
  readonly at: number;
  readonly stream: string;
  readonly kind: ConnectionErrorKind;
  readonly unreached?: Unreached;
  /** What the line says of it, short enough to repeat, and nothing else that was logged with it. */
  readonly quote: string;
}

export interface KindCount {
  readonly kind: ConnectionErrorKind;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Lines a minute from the first to the last of them. */
  readonly perMinute: number;
  /** Lines in the last `recentMinutes`; none means that it is over. */
  readonly recent: number;
  readonly state: 'ongoing' | 'over';
  readonly streams: readonly string[];
  /** The newest line's words. */
  readonly example: string;
}

export interface ConnectionErrors {
  /** In order of time. */
  readonly errors: readonly ConnectionError[];
  /** The most frequent first. */
  readonly kinds: readonly KindCount[];
  /** True where the search was cut short: there may have been more. */
  readonly truncated: boolean;
  /** How far the log was read, in epoch milliseconds: the window's end, or the newest line of a search that was cut short. */
  readonly readTo: number;
  readonly source: Source;
}

/** The kind of connection error that a message tells of, structured or plain; undefined for everything else. */
export function connectionErrorKind(message: string, address: DatabaseAddress = {}): ConnectionErrorKind | undefined {
  return judged(message, marksOf(address.port ?? mysqlPort))?.kind;
}

/** The connection errors among these lines, within the window; the order of the lines makes no difference. */
export function connectionErrors(search: LogSearch, window: Window, address: DatabaseAddress = {}): ConnectionErrors {
  const marks = marksOf(address.port ?? mysqlPort);
  const errors = search.lines
    .filter((line) => line.at >= window.from && line.at < window.to)
    .flatMap((line) => errorIn(line, marks))
    .toSorted((a, b) => a.at - b.at || byCodeUnit(a.stream, b.stream) || byCodeUnit(a.quote, b.quote));
  const { truncated, source } = search;
  const newest = search.lines.reduce((last, { at }) => Math.max(last, at), window.from);
  return { errors, kinds: countByKind(errors, window.to), truncated, readTo: truncated ? newest : window.to, source };
}

/** Counts by kind, the most frequent first. `errors` are in order of time; `to` is the end of what was looked at. */
export function countByKind(errors: readonly ConnectionError[], to: number): readonly KindCount[] {
  const byKind = new Map<ConnectionErrorKind, ConnectionError[]>();
  for (const error of errors) {
    const same = byKind.get(error.kind);
    if (same === undefined) byKind.set(error.kind, [error]);
    else same.push(error);
  }
  return [...byKind]
    .flatMap(([kind, same]) => countOf(kind, same, to))
    .toSorted((a, b) => b.count - a.count || byCodeUnit(a.kind, b.kind));
}

function countOf(kind: ConnectionErrorKind, same: readonly ConnectionError[], to: number): readonly KindCount[] {
  const first = same[0];
  const last = same.at(-1);
  if (first === undefined || last === undefined) return [];
  const recent = same.filter((error) => error.at >= to - recentMinutes * minuteMs).length;
  return [
    {
      kind,
      count: same.length,
      firstAt: first.at,
      lastAt: last.at,
      perMinute: same.length / Math.max(1, (last.at - first.at) / minuteMs),
      recent,
      state: recent > 0 ? 'ongoing' : 'over',
      streams: [...new Set(same.map((error) => error.stream))].toSorted(byCodeUnit),
      example: last.quote,
    },
  ];
}

function errorIn(line: LogLine, marks: RegExp): readonly ConnectionError[] {
  const found = judged(line.message, marks);
  return found === undefined ? [] : [{ at: line.at, stream: line.stream, ...found }];
}

/** The most specific thing that any of a line's texts says. */
function judged(message: string, marks: RegExp): Omit<ConnectionError, 'at' | 'stream'> | undefined {
  const found = toldBy(message).flatMap(({ text, quotable }) =>
    wordingsIn(text, marks).map(({ kind, unreached, excerpt, words }) => ({
      kind,
      unreached,
      quote: quoted(quotable ? excerpt : words),
    })),
  );
  return bySpecificity(found)[0];
}
