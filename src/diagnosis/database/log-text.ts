/**
 * What a log line tells of what went wrong: the texts of a structured line's telling fields, or a plain line as it is. A
 * structured line's other fields (whom it went wrong for, what was asked) are not looked at, so that they can neither be
 * mistaken for an error nor end up in a report.
 */

import { withoutSecrets } from '../secrets.ts';

/** One text, and whether it may be quoted: not where telling it apart from what else was logged failed. */
export interface ToldText {
  readonly text: string;
  readonly quotable: boolean;
}

/** Fields that hold the wording, as loggers name them; compared without case, `_`, `-` and `@`. */
const wordingFields = new Set([
  'error',
  'err',
  'message',
  'msg',
  'event',
  'log',
  'text',
  'errormessage',
  'errormsg',
  'sqlmessage',
  'exception',
  'exceptionmessage',
  'exc',
  'excinfo',
  'exctext',
  'stack',
  'stacktrace',
  'extendedstacktrace',
  'traceback',
  'trace',
  'cause',
  'detail',
  'details',
  'reason',
]);
/** Fields whose objects hold such fields in turn. */
const holdingFields = new Set([
  ...wordingFields,
  'errors',
  'throwable',
  'thrown',
  'context',
  'record',
  'original',
  'parent',
  'previous',
]);
const deepest = 6;

/** Everything that a line tells, outermost first. */
export function toldBy(line: string): readonly ToldText[] {
  return told(line, deepest);
}

function told(line: string, depth: number): readonly ToldText[] {
  const begin = line.indexOf('{"');
  if (begin < 0) return [{ text: line, quotable: true }];
  const fields = depth > 0 ? recordIn(line.slice(begin)) : undefined;
  // Cut short, or no JSON after all: all of it may tell, and none of it may be repeated.
  if (fields === undefined) return [{ text: line, quotable: false }];
  const prefix = line.slice(0, begin).trim();
  return [...(prefix === '' ? [] : [{ text: prefix, quotable: true }]), ...toldByRecord(fields, depth - 1)];
}

type Fields = Readonly<Record<string, unknown>>;

function toldByRecord(fields: Fields, depth: number): readonly ToldText[] {
  const texts = Object.entries(fields).flatMap(([name, value]) => toldByField(leafName(name), value, depth));
  const codes = codesOf(fields).map((text) => ({ text, quotable: true }));
  return [...codes, ...texts];
}

function toldByField(name: string, value: unknown, depth: number): readonly ToldText[] {
  if (typeof value === 'string') return wordingFields.has(name) && value.trim() !== '' ? told(value, depth) : [];
  if (depth <= 0 || !holdingFields.has(name)) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => toldByField(name, item, depth - 1));
  return isRecord(value) ? toldByRecord(value, depth - 1) : [];
}

/** `error.stack_trace` is `stacktrace`: what is said, whatever convention names it. */
function leafName(name: string): string {
  return (name.split('.').at(-1) ?? name).toLowerCase().replaceAll(/[_@-]/g, '');
}

/** What an error object says in codes instead of words: Node.js's `code`, `address` and `port`, mysql2's `errno`. */
function codesOf(fields: Fields): readonly string[] {
  const { code, errno, port } = fields;
  const host = fields['address'] ?? fields['hostname'];
  const symbol = typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : undefined;
  const isOfServer = 'sqlState' in fields || 'sqlMessage' in fields || symbol?.startsWith('ER_') === true;
  return [
    ...(symbol === undefined ? [] : [`${symbol}${where(host, port)}`]),
    ...(isOfServer && typeof errno === 'number' ? [`MySQL error ${errno}`] : []),
  ];
}

function where(host: unknown, port: unknown): string {
  if (typeof port !== 'number') return typeof host === 'string' ? ` ${host}` : '';
  return ` ${typeof host === 'string' ? host : ''}:${port}`;
}

function recordIn(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // No JSON: the caller treats the line as plain text.
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const longestQuote = 160;

/** A text short enough to repeat, on one line, without the passwords, tokens and people's addresses that it carries. */
export function quoted(text: string): string {
  const line = withoutSecrets(text)
    .replaceAll(/\/\/[^\s/@:]{0,80}:[^\s/@]{0,120}@/g, '//\u2026@')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > longestQuote ? `${line.slice(0, longestQuote - 1)}\u2026` : line;
}
