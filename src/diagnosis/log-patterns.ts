/** What error lines speak of, by kind. A line may be of several kinds; most are of none. */
import type { LogLine, LogSearch } from '../cloud/facts.ts';
import type { Window } from '../cloud/series.ts';

/** The wording of the libraries that write such lines: SQLAlchemy, HikariCP, node-postgres, the JVM, CPython, Node.js. */
const kinds = {
  'pool-exhausted':
    /queuepool limit|connection pool (?:is )?(?:exhausted|full)|timeout.{0,40}(?:acquir|get)\w{0,10} (?:a )?connection|connection is not available, request timed out|unable to acquire.{0,20}connection/i,
  'out-of-memory': /out ?of ?memory|memoryerror|cannot allocate memory|heap out of memory|gc overhead limit|oom-?kill/i,
  timeout: /timed? ?out|timeout|deadline exceeded/i,
} as const;

export type LogKind = keyof typeof kinds;

export interface LogCount {
  readonly before: number;
  readonly during: number;
  /** The newest of them, with no more of its text than says what went wrong. */
  readonly example?: LogLine;
}

export function countLines(search: LogSearch, kind: LogKind, before: Window, during: Window): LogCount {
  return countMatching(search.lines, (message) => kinds[kind].test(message), before, during);
}

/** Lines that name a host and a time-out together. */
export function countTimeoutsOf(search: LogSearch, host: string, before: Window, during: Window): LogCount {
  const wanted = host.toLowerCase();
  const isWanted = (message: string): boolean => message.toLowerCase().includes(wanted) && kinds.timeout.test(message);
  return countMatching(search.lines, isWanted, before, during);
}

function countMatching(
  lines: readonly LogLine[],
  matches: (message: string) => boolean,
  before: Window,
  during: Window,
): LogCount {
  const found = lines.filter((line) => matches(line.message));
  const inside = (window: Window): readonly LogLine[] =>
    found.filter((line) => line.at >= window.from && line.at < window.to);
  const hurt = inside(during);
  const newest = hurt.at(-1);
  const counts = { before: inside(before).length, during: hurt.length };
  return newest === undefined ? counts : { ...counts, example: { ...newest, message: gist(newest.message, matches) } };
}

/** The fields of structured lines that say what went wrong; the others may hold whom it went wrong for. */
const tellingFields = ['error', 'message', 'msg'] as const;
const longestGist = 160;

/**
 * What a log line says, short enough to quote. Of a structured line (JSON, alone or behind a prefix) only the field that
 * matches is kept, or else the first that tells anything: a report must not spread whatever else was logged.
 */
function gist(line: string, matches: (message: string) => boolean): string {
  const begin = line.indexOf('{"');
  if (begin < 0) return capped(line);
  const told = tellingTexts(line.slice(begin));
  return capped(told.find(matches) ?? told[0] ?? `${line.slice(0, begin)}a line without error or message`);
}

function tellingTexts(json: string): readonly string[] {
  const fields = fieldsOf(json);
  if (fields === undefined) return [];
  return tellingFields.flatMap((name) => {
    const value = fields[name];
    const text = isRecord(value) ? value['message'] : value;
    return typeof text === 'string' && text.trim() !== '' ? [text] : [];
  });
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Cut short, or no JSON after all: nothing in it can be told apart.
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function capped(text: string): string {
  return text.length > longestGist ? `${text.slice(0, longestGist - 1)}\u2026` : text;
}
