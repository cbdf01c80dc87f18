/**
 * The slow query log of MySQL and MariaDB, entry by entry, and grouped by the shape of its statements. What it says is data
 * that anybody who can send a statement may have written: an entry in a statement's comment would count as one.
 * Formats: MySQL 8.0 Reference Manual, "The Slow Query Log"; MariaDB Server Documentation, "Slow Query Log".
 */
import type { LogLine } from '../cloud/facts.ts';
import { statementShape } from './statement-shape.ts';

export interface SlowEntry {
  /** When it ended, in epoch milliseconds: by the entry itself, or by its log event. */
  readonly at: number;
  readonly user?: string;
  readonly seconds: number;
  readonly lockSeconds: number;
  readonly rowsSent: number;
  readonly rowsExamined: number;
  readonly statement: string;
  /** The statement with its literals replaced by `?`. */
  readonly shape: string;
}

export interface SlowStatement {
  /** The statement with its literals replaced by `?`. */
  readonly shape: string;
  readonly count: number;
  readonly meanSeconds: number;
  readonly totalSeconds: number;
  /** The most rows that one execution read. */
  readonly rowsExamined: number;
  readonly rowsSent: number;
}

/** What both write, and in this order; each goes on with fields of its own. */
const header =
  /^#\s{0,8}Query_time:\s{0,8}(\d{1,9}(?:\.\d{1,9})?)\s{1,8}Lock_time:\s{0,8}([\d.]{1,20})\s{1,8}Rows_sent:\s{0,8}(\d{1,15})\s{1,8}Rows_examined:\s{0,8}(\d{1,15})/im;

/** The beginning of an entry, where several stand in one event. */
const beginning = /^# (?:Time: [^\n]{1,80}\n# )?User@Host: [^\n]{0,400}\n(?=#\s{0,8}Query_time:)/gm;

const longestEntry = 64_000;

/** The entries that lines hold; lines that hold none are passed over. */
export function slowEntries(lines: readonly LogLine[]): readonly SlowEntry[] {
  return lines.flatMap((line) =>
    partsOf(line.message).flatMap((text) => {
      const entry = entryFrom(line, text);
      return entry === undefined ? [] : [entry];
    }),
  );
}

function partsOf(message: string): readonly string[] {
  const begins = [...message.matchAll(beginning)].map(({ index }) => index);
  if (begins.length < 2) return [message];
  return begins.map((from, index) => message.slice(from, begins[index + 1] ?? message.length));
}

function entryFrom({ at }: LogLine, text: string): SlowEntry | undefined {
  const found = header.exec(text);
  if (found === null) return undefined;
  const statement = statementOf(text.slice(found.index, found.index + longestEntry));
  const shape = statementShape(statement);
  if (shape === '') return undefined;
  const before = text.slice(0, found.index);
  const [, seconds, lockSeconds, rowsSent, rowsExamined] = found;
  // The end of the statement to the microsecond; of MariaDB's and old forms, which have no zone, the event's time is taken.
  const told = Date.parse(/^# Time: (\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)\s*$/m.exec(before)?.[1] ?? '');
  const user = /^# User@Host: ([^[\s]{1,80})\[/m.exec(before)?.[1];
  return {
    at: Number.isFinite(told) ? told : at,
    ...(user === undefined ? {} : { user }),
    seconds: Number(seconds),
    lockSeconds: Number(lockSeconds),
    rowsSent: Number(rowsSent),
    rowsExamined: Number(rowsExamined),
    statement,
    shape,
  };
}

/** Each entry's time, and when it was written. Lines that are no entries are passed over. */
export function slowTimes(lines: readonly LogLine[]): readonly { readonly at: number; readonly seconds: number }[] {
  return lines.flatMap(({ at, message }) => {
    const entry = header.exec(message);
    return entry === null ? [] : [{ at, seconds: Number(entry[1]) }];
  });
}

/** Statements by total time, greatest first. Lines that are no entries are passed over. */
export function slowStatements(lines: readonly LogLine[]): readonly SlowStatement[] {
  const byShape = new Map<string, SlowStatement>();
  for (const { shape, seconds, rowsSent, rowsExamined } of slowEntries(lines)) {
    const known = byShape.get(shape);
    const count = (known?.count ?? 0) + 1;
    const totalSeconds = (known?.totalSeconds ?? 0) + seconds;
    byShape.set(shape, {
      shape,
      count,
      totalSeconds,
      meanSeconds: totalSeconds / count,
      rowsSent: Math.max(known?.rowsSent ?? 0, rowsSent),
      rowsExamined: Math.max(known?.rowsExamined ?? 0, rowsExamined),
    });
  }
  return [...byShape.values()].toSorted((a, b) => b.totalSeconds - a.totalSeconds || (a.shape < b.shape ? -1 : 1));
}

/** What the server puts before a statement: its own comments, the time, and the schema where that changed. */
const preamble = /^(?:#.*|SET timestamp=\d+;|use [^\s;]+;)\s*$/i;

function statementOf(entry: string): string {
  const lines = entry.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '' && !preamble.test(line));
  return first === -1 ? '' : lines.slice(first).join('\n');
}
