/**
 * The simulated world's database, cache and site, as somebody sees them who connects to them. No packet leaves the process;
 * what is told follows from the world and the clock alone.
 */
import {
  InspectionError,
  type DatabaseServer,
  type IndexSurvey,
  type Inspection,
  type KeyGroup,
  type KeySample,
  type StatementDigest,
  type StatementPlan,
  type StatementSurvey,
  type TableIndex,
  type WebAnswer,
} from '../cloud/inspection.ts';
import type { Clock } from '../engine/clock.ts';
import { unreadable } from './outside.ts';
import { drawn } from './random.ts';
import { lasts } from './world/faults.ts';
import { isCutOff } from './world/region-outage.ts';
import { simulatedSite } from './site.ts';
import { evictionPolicy, isUntuned } from './world/tuning.ts';
import { database, endpoints, MEAN_ARRIVALS_PER_SECOND, statements, type Statement } from './world/workload.ts';
import type { World } from './world/world.ts';

const SECOND_MS = 1_000;
/** Since when the writer counts: its last restart. */
const UPTIME_S = 41 * 24 * 3600;
const PATIENCE_MS = 8 * SECOND_MS;
/** What an answer takes: of a few queries, of many with their plans, of a page. */
const QUERY_MS: readonly [number, number] = [30, 120];
const SURVEY_MS: readonly [number, number] = [400, 1_400];
const PAGE_MS: readonly [number, number] = [20, 80];
const ENGINE_VERSION = '8.0.mysql_aurora.3.08.0';

export function simulatedInspection(world: World, clock: Clock): Inspection {
  const takes = async (range: readonly [number, number], key: string, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    await clock.sleep(Math.round(drawn(world.inventory, range, 'inspection', key)), signal);
  };
  const { region, names } = world.inventory.primary;

  /** After the time that a caller waits for somebody who is not there. */
  async function asking<T>(
    range: readonly [number, number],
    key: string,
    signal: AbortSignal,
    work: () => T,
  ): Promise<T> {
    const isCache = key.startsWith('cache');
    const problem = isCache
      ? isCutOff(world.inventory, 'primary', world.now())
        ? `no answer from ${names.cache} in ${region}`
        : undefined
      : unreadable(world, { region });
    if (problem === undefined) {
      await takes(range, key, signal);
      return work();
    }
    await clock.sleep(PATIENCE_MS, signal);
    throw new InspectionError('unreachable', `simulated: ${problem}`, 'nanoops diagnose database');
  }

  return {
    database: {
      server: (signal) => asking(QUERY_MS, 'database-server', signal, () => serverOf(world)),
      statements: (signal) => asking(SURVEY_MS, 'database-statements', signal, () => statementsOf(world)),
      indexes: (signal) => asking(QUERY_MS, 'database-indexes', signal, () => indexesOf(world)),
    },
    cache: {
      server: (signal) =>
        asking(QUERY_MS, 'cache-server', signal, () => ({
          version: 'Redis 7.1.0',
          uptimeS: UPTIME_S,
          policy: evictionPolicy(world),
          maxMemoryBytes: 13 * 2 ** 30,
          usedMemoryBytes: 4.2 * 2 ** 30,
          isClustered: false,
        })),
      keys: (patterns, signal) => asking(SURVEY_MS, 'cache-keys', signal, () => keysOf(world, patterns)),
    },
    web: {
      async get(url, headers, signal): Promise<WebAnswer> {
        await takes(PAGE_MS, url, signal);
        return simulatedSite(world, url, headers);
      },
    },
  };
}

/** The newest value that somebody gave a parameter; undefined where nobody did. */
function parameter(world: World, name: string): string | undefined {
  const now = world.now();
  return world.inventory.primary.database.parameterChanges
    .filter((change) => change.parameter === name && change.at <= now && change.apply === 'immediate')
    .at(-1)?.value;
}

function serverOf(world: World): DatabaseServer {
  return {
    version: ENGINE_VERSION,
    uptimeS: UPTIME_S,
    maxConnections: Number(parameter(world, 'max_connections') ?? database.maxConnections),
    waitTimeoutS: Number(parameter(world, 'wait_timeout') ?? 28_800),
    queryCache: 'absent',
    performanceSchema: true,
  };
}

/** Of all requests, those that run a statement. */
function shareOf({ id }: Statement): number {
  if (id === 'memberships-by-user') return 1;
  const running = endpoints.filter(({ primary, fragment }) => primary === id || fragment === id);
  return running.reduce((sum, { share, primary }) => sum + (primary === id ? share : share * 0.08), 0);
}

/** Which index serves it. */
const servedBy: Readonly<Partial<Record<Statement['id'], readonly [table: string, access: string, index: string]>>> = {
  'memberships-by-user': ['memberships', 'ref', 'idx_memberships_user'],
  'user-by-id': ['users', 'const', 'PRIMARY'],
  'profile-by-user': ['profiles', 'const', 'PRIMARY'],
  'nanos-by-rating': ['nanos', 'ref', 'idx_nanos_status_rating'],
  'nanos-search': ['nanos', 'fulltext', 'ft_nanos_title_summary'],
  'nano-by-id': ['nanos', 'const', 'PRIMARY'],
  'reviews-by-nano': ['reviews', 'ref', 'idx_reviews_nano_created'],
  'nano-file-by-nano': ['nano_files', 'ref', 'idx_nano_files_nano'],
};

interface Slowed {
  readonly factor: number;
  readonly rowsExamined: number;
  readonly from: number;
}

/** What makes a statement slower now, and since when; an index that is lost lets it read the whole table. */
function slowedOf(world: World, id: Statement['id']): Slowed | undefined {
  const now = world.now();
  for (const fault of world.inventory.faults) {
    if (fault.effect === 'statement' && fault.statement === id && lasts(fault, now)) return fault;
  }
  return undefined;
}

function statementsOf(world: World): StatementSurvey {
  const now = world.now();
  const firstAt = now - UPTIME_S * SECOND_MS;
  const own = Object.values(statements).map((each: Statement): StatementDigest => {
    const slowed = slowedOf(world, each.id);
    const executions = Math.round(MEAN_ARRIVALS_PER_SECOND * UPTIME_S * shareOf(each));
    // The server counts since it started: what began an hour ago is a small part of that.
    const part = slowed === undefined ? 0 : Math.min(1, (now - slowed.from) / (UPTIME_S * SECOND_MS));
    const averageMs = (each.cpuMs + each.ioMs) * (1 - part + part * (slowed?.factor ?? 1));
    return {
      shape: each.sql,
      isSampled: true,
      schema: 'nano_prod',
      executions,
      totalMs: executions * averageMs,
      averageMs,
      p95Ms: averageMs * p95OfMean,
      rowsExamined: Math.round(executions * (each.rowsExamined * (1 - part) + part * (slowed?.rowsExamined ?? 0))),
      rowsSent: executions * each.rowsSent,
      withoutIndex: Math.round(executions * part),
      temporaryTables: 0,
      temporaryTablesOnDisk: 0,
      firstAt,
      lastAt: now - SECOND_MS,
      plan: planOf(each, slowed),
    };
  });
  const all = [...own, ...(isUntuned(world, 'statements') ? untunedStatements(now) : [])];
  return { statements: all.toSorted((a, b) => b.totalMs - a.totalMs), counted: all.length + 30, isFull: false };
}

/** Of a log-normal time: the 95th of 100 over the mean. */
const p95OfMean = Math.exp(1.645 * database.sigma - database.sigma ** 2 / 2);

function planOf(each: Statement, slowed: Slowed | undefined): StatementPlan | string {
  const found = servedBy[each.id];
  if (each.kind !== 'select' || found === undefined) return 'only statements that select are explained';
  const [table, access, index] = found;
  if (slowed === undefined) {
    return { tables: [{ table, access, index, rows: each.rowsExamined }], sortsRows: false, usesTemporaryTable: false };
  }
  return {
    tables: [{ table, access: 'ALL', rows: slowed.rowsExamined }],
    sortsRows: /\bORDER BY\b/.test(each.sql),
    usesTemporaryTable: false,
  };
}

/** Run by people who look for something, and by a report: seldom, and slow. */
function untunedStatements(now: number): readonly StatementDigest[] {
  const base = {
    schema: 'nano_prod',
    isSampled: true,
    firstAt: now - UPTIME_S * SECOND_MS,
    lastAt: now - 3 * 60 * SECOND_MS,
  };
  const scan = { table: 'nanos', access: 'ALL', rows: 184_220 };
  const counts = (executions: number, averageMs: number, sent: number) => ({
    executions,
    totalMs: executions * averageMs,
    averageMs,
    p95Ms: averageMs * p95OfMean,
    rowsExamined: executions * scan.rows,
    rowsSent: executions * sent,
    withoutIndex: executions,
  });
  return [
    {
      ...base,
      ...counts(3_912, 612, 20),
      shape: "SELECT id, title, summary FROM nanos WHERE title LIKE '%?' LIMIT ?",
      temporaryTables: 0,
      temporaryTablesOnDisk: 0,
      plan: { tables: [scan], sortsRows: false, usesTemporaryTable: false },
    },
    {
      ...base,
      ...counts(984, 455, 180),
      shape: 'SELECT creator_id, COUNT(*) FROM nanos WHERE created_at >= ? GROUP BY creator_id ORDER BY COUNT(*) DESC',
      temporaryTables: 984,
      temporaryTablesOnDisk: 71,
      plan: { tables: [scan], sortsRows: true, usesTemporaryTable: true },
    },
  ];
}

function indexesOf(world: World): IndexSurvey {
  const index = (
    table: string,
    name: string,
    columns: readonly string[],
    more: Partial<TableIndex> = {},
  ): TableIndex => ({
    schema: 'nano_prod',
    table,
    name,
    columns: columns.map((column) => ({ name: column })),
    isUnique: name === 'PRIMARY',
    kind: 'BTREE',
    servesForeignKey: false,
    uses: 48_211,
    ...more,
  });
  const tables = ['chats', 'memberships', 'messages', 'nano_files', 'nanos', 'profiles', 'reviews', 'users'];
  const good = [
    ...tables.map((table) => index(table, 'PRIMARY', [table === 'profiles' ? 'user_id' : 'id'])),
    index('memberships', 'idx_memberships_user', ['user_id'], { servesForeignKey: true }),
    index('messages', 'idx_messages_chat_created', ['chat_id', 'created_at'], { servesForeignKey: true }),
    index('nano_files', 'idx_nano_files_nano', ['nano_id'], { servesForeignKey: true }),
    index('nanos', 'ft_nanos_title_summary', ['title', 'summary'], { kind: 'FULLTEXT' }),
    index('nanos', 'idx_nanos_status_rating', ['status', 'average_rating']),
    index('reviews', 'idx_reviews_nano_created', ['nano_id', 'created_at'], { servesForeignKey: true }),
    index('users', 'ux_users_email', ['email'], { isUnique: true }),
  ];
  const isLost = slowedOf(world, 'nanos-by-rating') !== undefined;
  const kept = good.filter(({ name }) => !(isLost && name === 'idx_nanos_status_rating'));
  const usesCounted = { forS: UPTIME_S };
  if (!isUntuned(world, 'indexes')) {
    return { indexes: kept, tables: tables.length, withoutPrimaryKey: [], usesCounted, truncated: false };
  }
  return {
    indexes: [
      ...kept,
      index('nanos', 'idx_nanos_updated', ['updated_at'], { uses: 0 }),
      index('reviews', 'idx_reviews_nano', ['nano_id']),
    ],
    tables: tables.length + 1,
    withoutPrimaryKey: ['nano_prod.audit_log'],
    usesCounted,
    truncated: false,
  };
}

const TOTAL_KEYS = 48_310;
const SAMPLED_KEYS = 5_000;
const MINUTE_MS = 60 * SECOND_MS;

/** What is kept, of a sample: by how keys begin, how many, and how long the longest still lives. */
const kinds: readonly (KeyGroup & { readonly pattern: string })[] = [
  { pattern: 'session:*', keys: 2_610, withoutExpiry: 0, longestLeftMs: 59.6 * MINUTE_MS },
  { pattern: 'search:*', keys: 1_480, withoutExpiry: 0, longestLeftMs: 29.8 * MINUTE_MS },
  { pattern: 'profile:*', keys: 910, withoutExpiry: 0, longestLeftMs: 59.1 * MINUTE_MS },
];

function keysOf(world: World, patterns: readonly string[]): KeySample {
  const untuned = isUntuned(world, 'cache-ttls');
  const now = kinds.map((kind) => {
    if (!untuned || kind.pattern === 'profile:*') return kind;
    return kind.pattern === 'session:*'
      ? { ...kind, withoutExpiry: 412 }
      : { ...kind, longestLeftMs: 23.4 * 60 * MINUTE_MS };
  });
  const asked = patterns.map(
    (pattern) => now.find((kind) => kind.pattern === pattern) ?? { pattern, keys: 0, withoutExpiry: 0 },
  );
  const others = now.filter(({ pattern }) => !patterns.includes(pattern));
  const longest = others.map(({ longestLeftMs = 0 }) => longestLeftMs);
  const rest: KeyGroup = {
    keys: others.reduce((sum, { keys }) => sum + keys, 0),
    withoutExpiry: others.reduce((sum, { withoutExpiry }) => sum + withoutExpiry, 0),
    ...(longest.length === 0 ? {} : { longestLeftMs: Math.max(...longest) }),
  };
  return { total: TOTAL_KEYS, sampled: SAMPLED_KEYS, isComplete: false, groups: [...asked, rest] };
}
