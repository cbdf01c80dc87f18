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
  /** The newest of them. */
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
  const example = hurt.at(-1);
  return { before: inside(before).length, during: hurt.length, ...(example === undefined ? {} : { example }) };
}
