/**
 * What a log line says: its level, and the text that tells what went wrong. Of a structured line (JSON) only the fields
 * that tell it are looked at; the others may hold whom it went wrong for. A line is data that anybody may have written.
 */
import { withoutSecrets } from '../diagnosis/secrets.ts';

export type ErrorLevel = 'error' | 'critical';

export interface Told {
  readonly level: ErrorLevel;
  /** One line, without secrets. */
  readonly text: string;
}

const longestText = 2_000;

/** The keys that structured lines state their level by. */
const levelKeys = ['level', 'severity', 'levelname', 'LogLevel'] as const;

export function tellingOf(message: string): Told {
  const fields = fieldsOf(message);
  const stated = fields === undefined ? plainLevel(message) : statedLevel(fields);
  const text = (fields === undefined ? undefined : composed(fields)) ?? plainText(message);
  return {
    level: stated === 'CRITICAL' || stated === 'FATAL' ? 'critical' : 'error',
    // Masked before it is cut: of a secret that was cut in two the rest is none that is known.
    text: withoutSecrets(text.replaceAll(/\s+/g, ' ').trim()).slice(0, longestText),
  };
}

/** The fields of a structured line, alone or behind a prefix; undefined for a plain one. */
export function fieldsOf(message: string): Readonly<Record<string, unknown>> | undefined {
  const begin = message.indexOf('{');
  if (begin < 0 || begin > longestPrefix) return undefined;
  try {
    const value: unknown = JSON.parse(message.slice(begin));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Looks like JSON and is none: a plain line.
  }
}

const longestPrefix = 100;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statedLevel(fields: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of levelKeys) {
    const level = fields[key];
    if (typeof level === 'string') return level.toUpperCase();
  }
  return undefined;
}

function plainLevel(message: string): string | undefined {
  return /\b(?:CRITICAL|FATAL|ERROR)\b/.exec(message)?.[0];
}

/** What was done, what went wrong, and what was said of it, in this order: the kind of error tells messages apart best. */
function composed(fields: Readonly<Record<string, unknown>>): string | undefined {
  const action = textIn(fields['action']) ?? textIn(fields['event']);
  const error = textIn(fields['error']) ?? textIn(fields['exception']) ?? textIn(fields['err']);
  const said = textIn(fields['message']) ?? textIn(fields['msg']) ?? textIn(fields['Message']);
  const parts = [action === undefined ? undefined : `[${action}]`, error, said].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const [first = '', ...rest] = parts;
  return action === undefined || rest.length === 0 ? parts.join(' | ') : `${first} ${rest.join(' | ')}`;
}

/** A text, or the message within an error that was logged as an object. */
function textIn(value: unknown): string | undefined {
  const text = isRecord(value) ? (value['message'] ?? value['type']) : value;
  return typeof text === 'string' && text.trim() !== '' ? withEnds(text) : undefined;
}

/** Without the time and level that it begins with. */
function plainText(message: string): string {
  return withEnds(message).replace(/^\[?\d{4}-\d\d-\d\d[T ][\d:.,]{5,18}(?:Z|[+-]\d\d:?\d\d)?\]?\s{1,4}/, '');
}

/** Of several lines the first, and of a Python traceback also the last, which names the exception. Neither is cut. */
function withEnds(text: string): string {
  const end = text.length > longestTrace ? text.lastIndexOf('\n', longestTrace) : -1;
  const lines = (end < 0 ? text : text.slice(0, end)).split('\n', mostLines).filter((line) => line.trim() !== '');
  const [first = ''] = lines;
  const last = lines.at(-1) ?? '';
  return lines.length > 1 && /^Traceback \(most recent call last\)/m.test(text) && !first.includes(last)
    ? `${first.replace(/\s*Traceback \(most recent call last\):?\s*$/, '')} ${last}`
    : first;
}

const longestTrace = 32_000;
const mostLines = 500;
