/**
 * MySQL's slow query log: entries grouped by the shape of their statement, and what index might help. Candidates are
 * text for a person to judge, never statements that anybody runs.
 * Format: MySQL 8.0 Reference Manual, "The Slow Query Log".
 */
import type { LogLine } from '../cloud/facts.ts';

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

const header = /#\s*Query_time:\s*([\d.]+)\s+Lock_time:\s*[\d.]+\s+Rows_sent:\s*(\d+)\s+Rows_examined:\s*(\d+)/i;

/** Statements by total time, greatest first. Lines that are no entries are passed over. */
export function slowStatements(lines: readonly LogLine[]): readonly SlowStatement[] {
  const byShape = new Map<string, SlowStatement>();
  for (const line of lines) {
    const entry = header.exec(line.message);
    if (entry === null) continue;
    const shape = statementShape(statementOf(line.message));
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
  return [...byShape.values()].toSorted((a, b) => b.totalSeconds - a.totalSeconds || a.shape.localeCompare(b.shape));
}

function statementOf(message: string): string {
  return message
    .split('\n')
    .filter((line) => !line.startsWith('#') && !/^\s*(?:SET timestamp|use )/i.test(line))
    .join(' ')
    .trim();
}

/** A statement without its values: literals become `?`, lists of them one `?`, white space one space. */
export function statementShape(sql: string): string {
  return sql
    .replaceAll(/\/\*[^]*?\*\//g, ' ')
    .replaceAll(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"/g, '?')
    .replaceAll(/\b0x[\da-f]+\b|\b\d+(?:\.\d+)?\b/gi, '?')
    .replaceAll(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replaceAll(/\s+/g, ' ')
    .replace(/;\s*$/, '')
    .trim();
}

export interface IndexCandidate {
  readonly statement: string;
  readonly reason: string;
}

const identifier = '[`\\w.]+';

/**
 * An index that may serve a single-table SELECT, UPDATE or DELETE: its equality columns, then one range or the sort
 * columns (MySQL 8.0 Reference Manual, "Multiple-Column Indexes"). Undefined for what this cannot judge.
 */
export function indexCandidate(shape: string): IndexCandidate | undefined {
  const table = new RegExp(`\\b(?:FROM|UPDATE)\\s+(${identifier})`, 'i').exec(shape)?.[1];
  if (table === undefined || /\bJOIN\b/i.test(shape)) return undefined;
  const where = /\bWHERE\b(.*?)(?:\bGROUP BY\b|\bORDER BY\b|\bLIMIT\b|$)/i.exec(shape)?.[1] ?? '';
  if (/\bOR\b/i.test(where)) return undefined;
  const like = new RegExp(`(${identifier})\\s+LIKE\\b`, 'i').exec(where)?.[1];
  const columnsOf = (pattern: RegExp, text: string): string[] =>
    [...text.matchAll(pattern)].flatMap((match) => (match[1] === undefined ? [] : [bare(match[1])]));
  const equal = columnsOf(new RegExp(`(${identifier})\\s*(?:=|\\bIN\\b)\\s*\\(?\\?`, 'gi'), where);
  const range = columnsOf(new RegExp(`(${identifier})\\s*(?:[<>]=?|\\bBETWEEN\\b)`, 'gi'), where);
  const order = /\bORDER BY\b(.*?)(?:\bLIMIT\b|$)/i.exec(shape)?.[1] ?? '';
  const sort = columnsOf(new RegExp(`(?:^|,)\\s*(${identifier})`, 'g'), order);
  const columns = [...new Set([...equal, ...(range.length > 0 ? range.slice(0, 1) : sort)])];
  if (columns.length === 0) {
    return like === undefined
      ? undefined
      : {
          statement: `CREATE FULLTEXT INDEX ft_${bare(table)}_${bare(like)} ON ${table} (${bare(like)});`,
          reason: `LIKE with a leading wildcard cannot use a B-tree index; MATCH … AGAINST can use this one`,
        };
  }
  return {
    statement: `CREATE INDEX idx_${bare(table)}_${columns.join('_')} ON ${table} (${columns.join(', ')});`,
    reason: `equality columns first, then ${range.length > 0 ? 'the range' : 'the sort order'}`,
  };
}

function bare(name: string): string {
  return name.replaceAll('`', '').split('.').at(-1) ?? name;
}
