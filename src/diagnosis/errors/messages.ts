/**
 * Which error messages a log shows in an incident, and whom each blames: a part of the stack that it names, or nobody, and then the
 * service itself. Only the wording is judged here.
 */
import type { LogLine, LogSearch } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import { connectionErrorKind } from '../database/connection-errors.ts';
import { quoted, toldBy } from '../database/log-text.ts';
import { logLeadMs } from '../incident.ts';
import { byCodeUnit } from '../statistics.ts';

/** Whom a line blames. `pool`, `memory` and `overload` are troubles of the service itself that it words in its own way. */
export type Blamed =
  | 'database'
  | 'storage'
  | 'dependency'
  | 'pool'
  | 'memory'
  | 'overload'
  | 'other-aws'
  | 'cache'
  | 'unnamed';

export interface MessageGroup {
  readonly blames: Blamed;
  /** The host that is blamed, of a dependency. */
  readonly host?: string;
  /** Lines in the incident, and in the time before it that was read. */
  readonly during: number;
  readonly before: number;
  /** The newest, short enough to repeat. */
  readonly example: string;
}

export interface Messages {
  /** Those that the incident brought, or that became at least three times as frequent; the most frequent first. */
  readonly risen: readonly MessageGroup[];
  /** All lines of the incident. */
  readonly lines: number;
  readonly truncated: boolean;
  /** False where the time before the incident was not read, so that nobody can tell what is new. */
  readonly isComparable: boolean;
}

/** How the parts of the stack are called in messages, in lower case. */
export interface BlameNames {
  readonly database?: string;
  readonly cache?: string;
  readonly bucket?: string;
  /** Hosts outside the stack that the service calls. */
  readonly hosts: readonly string[];
}

const growth = 3;

export function messagesIn(search: LogSearch, during: Window, names: BlameNames): Messages {
  const before = { from: during.from - logLeadMs, to: during.from - 3 * 60_000 };
  const groups = new Map<string, { group: MessageGroup; at: number }>();
  let lines = 0;
  for (const line of search.lines) {
    const isDuring = within(line, during);
    if (!isDuring && !within(line, before)) continue;
    if (isDuring) lines += 1;
    const words = wordsOf(line.message);
    const { blames, host } = blameOf(line.message, names);
    const key = `${blames} ${host ?? ''} ${shapeOf(words)}`;
    const known = groups.get(key)?.group;
    groups.set(key, {
      at: line.at,
      group: {
        blames,
        ...(host === undefined ? {} : { host }),
        during: (known?.during ?? 0) + (isDuring ? 1 : 0),
        before: (known?.before ?? 0) + (isDuring ? 0 : 1),
        example: isDuring || known === undefined ? words : known.example,
      },
    });
  }
  const ratio = Math.max(1, during.to - during.from) / (before.to - before.from);
  const risen = [...groups.values()]
    .map(({ group }) => group)
    .filter((group) => group.during > 0 && group.during >= growth * group.before * ratio)
    .toSorted((a, b) => b.during - a.during || byCodeUnit(a.example, b.example));
  // A search that was cut short keeps its newest lines.
  const isComparable = !search.truncated || (search.lines[0]?.at ?? before.to) < before.to;
  return { risen, lines, truncated: search.truncated, isComparable };
}

function within({ at }: LogLine, { from, to }: Window): boolean {
  return at >= from && at < to;
}

const patterns: readonly (readonly [Blamed, RegExp])[] = [
  [
    'pool',
    /queuepool limit|connection pool (?:is )?(?:exhausted|full)|timeout.{0,40}(?:acquir|get)\w{0,10} (?:a )?connection|connection is not available, request timed out|unable to acquire.{0,20}connection/i,
  ],
  [
    'memory',
    /out ?of ?memory|memoryerror|cannot allocate memory|heap out of memory|gc overhead limit|oom-?kill|sigkill/i,
  ],
  [
    'overload',
    /concurrency ?limit|too many (?:open|concurrent|in-flight) requests|requests are in this worker|server (?:is )?(?:too )?busy|queue (?:is )?full|rejectedexecution/i,
  ],
  [
    'database',
    /sqlalchemy\.exc|pymysql|psycopg|mysql|mariadb|jdbc|sqlstate|deadlock found|lock wait timeout|\bORA-\d/i,
  ],
  ['storage', /\bS3\b|putobject|getobject|\.s3[.-][\w.-]*amazonaws|s3\.amazonaws/i],
  ['cache', /\bredis\b|memcache|\.cache\.amazonaws\.com|cachelock/i],
  ['other-aws', /botocore|amazonaws\.com|dynamodb|\bsqs\b|\bsns\b|secretsmanager/i],
];

/** The most telling text decides: what is named, in the order in which one thing explains another. */
function blameOf(message: string, names: BlameNames): { readonly blames: Blamed; readonly host?: string } {
  const text = toldBy(message)
    .map((told) => told.text)
    .join('\n');
  const connection = connectionErrorKind(message);
  if (connection === 'pool-exhausted') return { blames: 'pool' };
  if (connection !== undefined) return { blames: 'database' };
  const lower = text.toLowerCase();
  const host = names.hosts.find((each) => lower.includes(each.toLowerCase()));
  if (host !== undefined) return { blames: 'dependency', host };
  const found = patterns.find(([, pattern]) => pattern.test(text));
  if (found !== undefined) return { blames: found[0] };
  if (mentions(lower, names.database)) return { blames: 'database' };
  if (mentions(lower, names.bucket)) return { blames: 'storage' };
  if (mentions(lower, names.cache)) return { blames: 'cache' };
  return { blames: 'unnamed' };
}

function mentions(text: string, name: string | undefined): boolean {
  return name !== undefined && name !== '' && text.includes(name.toLowerCase());
}

/** The last of its texts: an exception stands behind the sentence that announces it. */
function wordsOf(message: string): string {
  const last = toldBy(message).findLast(({ quotable }) => quotable)?.text;
  return last === undefined ? 'a line without error or message' : quoted(last);
}

/** The words without what differs from line to line: numbers, addresses, ids, quoted values. */
function shapeOf(words: string): string {
  return words
    .replaceAll(/'[^']{0,120}'|"[^"]{0,120}"/g, '?')
    .replaceAll(/\b[\da-f]{8,}(?:-[\da-f]{4,}){0,4}\b/gi, '?')
    .replaceAll(/\/[\w./-]*\d[\w./-]*/g, '?')
    .replaceAll(/\d+/g, '#');
}
