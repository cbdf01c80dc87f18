/**
 * How drivers word a failed connection to MySQL: PyMySQL, mysqlclient, asyncmy, MySQL Connector/Python, SQLAlchemy; mysql2
 * and Prisma; Connector/J, HikariCP and Hibernate; go-sql-driver; PDO. Numbers count only where a driver puts its error
 * codes, never where they merely occur.
 * Sources: MySQL 8.0 Error Message Reference (server and client errors), and the drivers' own sources.
 */

/**
 * - `unreachable`: no connection could be made, or an open one was lost
 * - `too-many-connections`: the server refused one more
 * - `read-only`: the connection leads to an instance that must not be written to
 * - `credentials`: the server refused the user
 * - `pool-exhausted`: the application's own pool had no free connection; the database was not even asked
 */
export type ConnectionErrorKind =
  | 'unreachable'
  | 'too-many-connections'
  | 'read-only'
  | 'credentials'
  | 'pool-exhausted';

/** How an unreachable database was not reached, where the line tells. */
export type Unreached = 'timed-out' | 'refused' | 'name' | 'lost';

interface Wording {
  readonly kind: ConnectionErrorKind;
  /** Nobody but a MySQL driver words it like this. */
  readonly sure: RegExp;
  /** Others word it like this too: it counts unless the line speaks of them. */
  readonly unlessForeign?: RegExp;
  /** Anybody words it like this: it counts where the line speaks of MySQL. */
  readonly ifMarked?: RegExp;
  readonly codes: readonly number[];
}

/** In order of specificity; see `bySpecificity`. */
const wordings: readonly Wording[] = [
  {
    kind: 'credentials',
    sure: /access denied for user \\*['"`][^'"`\n]{0,80}['"`]@|\bER_(?:DB)?ACCESS_DENIED(?:_NO_PASSWORD)?_ERROR\b|\bER_(?:ACCOUNT_HAS_BEEN_LOCKED|MUST_CHANGE_PASSWORD_LOGIN|NOT_SUPPORTED_AUTH_MODE)\b|\bAUTH_SWITCH_PLUGIN_ERROR\b|authentication plugin \\*['"]\w{1,64}\\*['"] (?:cannot be loaded|is not supported|reported error)|authentication method unknown to the client|package is required for sha256_password|public key retrieval is not allowed|client does not support authentication protocol requested by server|authentication failed against database server|SQLState:? ?28000\b/i,
    codes: [1044, 1045, 1698, 2059, 2061],
  },
  {
    kind: 'read-only',
    sure: /running with the --(?:super-|innodb-)?read-only option|cannot execute statement in a read only transaction|\bER_(?:OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE|CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)\b|SQLState:? ?25006\b/i,
    ifMarked: /\brunning in read-only mode\b/i,
    codes: [1290, 1792, 1836],
  },
  {
    kind: 'too-many-connections',
    sure: /\bER_(?:CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED)\b|\\*'max_(?:user_connections|connections_per_hour)\\*'|data source rejected establishment of connection/i,
    unlessForeign: /\bToo many connections\b(?! (?:from|to|for|per|by)\b)/,
    codes: [1040, 1203, 1226],
  },
  {
    kind: 'unreachable',
    sure: /can(?:not|\\*['\u2019]t) connect to (?:local )?(?:mysql|mariadb) server|can(?:not|\\*['\u2019]t) connect to server on\b|unknown (?:mysql )?server host|(?:mysql|mariadb) server has gone away|lost connection to (?:mysql|mariadb) server|lost connection to server (?:during query|at )|communications link failure|com\.mysql\.[\w.]{0,60}communicationsexception|\bCJCommunicationsException|\bPROTOCOL_CONNECTION_LOST\b|connection lost: the server closed the connection|can\\*'t add new command when connection is in closed state|no operations allowed after connection closed|driver: bad connection|\bER_(?:SERVER_SHUTDOWN|HOST_IS_BLOCKED)\b|\bCR_(?:SERVER_LOST|SERVER_GONE_ERROR|CONN_HOST_ERROR|CONNECTION_ERROR|UNKNOWN_HOST)\b|can\\*['\u2019]t reach database server at|SQLState:? ?08S01\b|connection is not available, request timed out after \d{1,9}ms \(total=0,/i,
    unlessForeign: /(?:^|[:="'(\]>] ?)invalid connection(?=["')\]}]{0,3}(?:$|[\s;,.\\](?!\w)))/i,
    ifMarked:
      /\bE(?:CONNREFUSED|TIMEDOUT|CONNRESET|CONNABORTED|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE)\b|\bEAI_AGAIN\b|\bconnection (?:refused|timed out|reset by peer)|\bconnect timed out|\bconnect call failed|\bno route to host|\bnetwork is unreachable|\bi\/o timeout|\bno such host|\bbroken pipe|\bunexpected EOF|\bname resolution|\bname or service not known|\bnodename nor servname|\bUnknownHostException|\bgetaddrinfo(?:es)?\b.{0,20}\bfailed/i,
    codes: [2002, 2003, 2005, 2006, 2013, 1053, 1129],
  },
  {
    kind: 'pool-exhausted',
    sure: /\bQueuePool limit of size|connection is not available, request timed out|\bKnex: timeout acquiring a connection|\bSequelizeConnectionAcquireTimeoutError\b|fetching a new connection from the connection pool|failed getting connection; pool exhausted|waiting to acquire database connection/i,
    unlessForeign:
      /\btimeout acquiring a connection|\bno free connections?\b|\bconnection pool (?:is )?exhausted|\btimeout exceeded when trying to (?:acquire|connect)|\bcannot get a connection, pool error|\bpool (?:is )?exhausted\b/i,
    ifMarked: /\bqueue limit reached|\bno connections available/i,
    codes: [],
  },
];

/** Where drivers put the code of an error, one form a driver; each form captures it. */
const codeForms: readonly RegExp[] = [
  // OperationalError: (2003, "…"), (pymysql.err.OperationalError) (2003, "…"), OperationalError(2003, "…")
  /(?:Error|Exception)\)?:?\s{0,2}\((\d{4}),\s/,
  // Error 1040 (08004): …, ERROR 1045 (28000): …, 2003 (HY000): …
  /\b(\d{4}) \((?:HY000|08004|08S01|25006|28000|42000)\)/,
  // SQLSTATE[HY000] [2002] …
  /\bSQLSTATE\[\w{5}\] \[(\d{4})\]/,
  // SQLSTATE[HY000]: General error: 2006 …
  /\bSQLSTATE\[\w{5}\]: [\w ]{0,60}: (\d{4}) /,
  // SQL Error: 1040, SQLState: 08004
  /\bSQL Error: (\d{4}), SQLState/,
  // SQL state [HY000]; error code [1290]
  /\bSQL state \[\w{1,5}\]; error code \[(\d{4})\]/,
  // MySQL error 2006
  /\bmysql err(?:or|no)\W{1,3}(\d{4})\b/i,
];

/** Codes that mean something else beside this text: other options, other limits. */
const otherMeanings: ReadonlyMap<number, RegExp> = new Map([
  [1226, /max_(?:questions|updates)/i],
  [1290, otherOption()],
]);

function otherOption(): RegExp {
  return /running with the --(?!(?:super-|innodb-)?read-only)/i;
}

const foreign =
  /redis|elasticache|valkey|memcache|rabbit|amqp|kafka|mongo|postgres|psycopg|HTTPS?ConnectionPool|urllib3|botocore|elasticsearch|opensearch|smtp|ldap|websocket|https?:\/\//i;

/** mysql2 leaves the address out of a time-out: only its own stack tells whose it was. */
const timedOutInMysql2 = /\bconnect ETIMEDOUT\b(?=[^]{0,600}?node_modules\/mysql2?\/)/;

export interface Worded {
  readonly kind: ConnectionErrorKind;
  readonly unreached?: Unreached;
  /** From the first telling word to the end of its line. */
  readonly excerpt: string;
  /** The telling words alone. */
  readonly words: string;
}

/** What shows that a line speaks of MySQL, which listens on `port`. */
export function marksOf(port: number): RegExp {
  return new RegExp(`:${port}\\b|\\.rds\\.amazonaws\\.com|mysql|mariadb|\\bPDO\\b`, 'i');
}

/** What a text says about connections to MySQL, the most specific things first; most texts say nothing. */
export function wordingsIn(text: string, marks: RegExp): readonly Worded[] {
  const spanning = timedOutInMysql2.exec(text);
  // A backslash and an n part the lines of a trace that stands in a string.
  const found = text.split(/\r?\n|\\n/).flatMap((line) => inLine(line, marks));
  const all = spanning === null ? found : [...found, worded('unreachable', spanning[0], spanning[0])];
  return bySpecificity(all);
}

/** The most specific first: what the server said explains the lost connection, and that the empty pool. */
export function bySpecificity<T extends Pick<Worded, 'kind' | 'unreached'>>(all: readonly T[]): readonly T[] {
  const rank = ({ kind, unreached }: T): number =>
    2 * wordings.findIndex((wording) => wording.kind === kind) + (unreached === undefined ? 1 : 0);
  return all.toSorted((a, b) => rank(a) - rank(b));
}

function inLine(line: string, marks: RegExp): Worded[] {
  const isForeign = foreign.test(line);
  const isMarked = marks.test(line);
  const code = codeIn(line);
  for (const { kind, sure, unlessForeign, ifMarked, codes } of wordings) {
    const match =
      matchOf(sure, line) ??
      (isForeign && !isMarked ? undefined : matchOf(unlessForeign, line)) ??
      (isMarked ? matchOf(ifMarked, line) : undefined) ??
      (code !== undefined && codes.includes(code.value) ? code : undefined);
    if (match === undefined || (kind === 'read-only' && otherOption().test(line))) continue;
    return [worded(kind, line.slice(match.index), match.words)];
  }
  return [];
}

interface Match {
  readonly index: number;
  readonly words: string;
}

function matchOf(pattern: RegExp | undefined, line: string): Match | undefined {
  const match = pattern?.exec(line);
  return match === null || match === undefined ? undefined : { index: match.index, words: match[0] };
}

function codeIn(line: string): (Match & { readonly value: number }) | undefined {
  for (const form of codeForms) {
    const match = form.exec(line);
    if (match === null) continue;
    const value = Number(match[1]);
    if (otherMeanings.get(value)?.test(line) !== true) return { index: match.index, words: match[0], value };
  }
  return undefined;
}

function worded(kind: ConnectionErrorKind, excerpt: string, words: string): Worded {
  if (kind !== 'unreachable') return { kind, excerpt, words };
  return { kind, unreached: unreachedBy(excerpt), excerpt, words };
}

function unreachedBy(excerpt: string): Unreached | undefined {
  if (/refused|\bECONNREFUSED\b|\(111\)|errno 111\b/i.test(excerpt)) return 'refused';
  if (
    /unknown .{0,12}host|\bENOTFOUND\b|\bEAI_AGAIN\b|no such host|name resolution|getaddrinfo|not known/i.test(excerpt)
  ) {
    return 'name';
  }
  if (/gone away|lost connection|connection_?\s?lost|reset by peer|\bECONNRESET\b|broken pipe|\bEOF\b/i.test(excerpt)) {
    return 'lost';
  }
  return /timed? ?out|\bETIMEDOUT\b|\(110\)|errno 110\b|request timed out/i.test(excerpt) ? 'timed-out' : undefined;
}
