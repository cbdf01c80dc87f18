/**
 * The slow query log of MySQL and MariaDB: entries grouped by the shape of their statement. What it says is data that
 * anybody who can send a statement may have written.
 * Formats: MySQL 8.0 Reference Manual, "The Slow Query Log"; MariaDB Server Documentation, "Slow Query Log".
 */
import type { LogLine } from '../cloud/facts.ts';
import { statementShape } from './statement-shape.ts';

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
  /^#\s{0,8}Query_time:\s{0,8}(\d{1,9}(?:\.\d{1,9})?)\s{1,8}Lock_time:\s{0,8}[\d.]{1,20}\s{1,8}Rows_sent:\s{0,8}(\d{1,15})\s{1,8}Rows_examined:\s{0,8}(\d{1,15})/im;

/** Statements by total time, greatest first. Lines that are no entries are passed over. */
export function slowStatements(lines: readonly LogLine[]): readonly SlowStatement[] {
  const byShape = new Map<string, SlowStatement>();
  for (const line of lines) {
    const entry = header.exec(line.message);
    if (entry === null) continue;
    const shape = statementShape(statementOf(line.message.slice(entry.index)));
    if (shape === '') continue;
    const seconds = Number(entry[1]);
    const known = byShape.get(shape);
    const count = (known?.count ?? 0) + 1;
    const totalSeconds = (known?.totalSeconds ?? 0) + seconds;
    byShape.set(shape, {
      shape,
      count,
      totalSeconds,
      meanSeconds: totalSeconds / count,
      rowsSent: Math.max(known?.rowsSent ?? 0, Number(entry[2])),
      rowsExamined: Math.max(known?.rowsExamined ?? 0, Number(entry[3])),
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
