/**
 * The database, the cache and the web site as somebody sees them who connects to them himself: the port behind which their
 * protocols stand, or the simulated world. Everything here only reads. A method rejects with an `InspectionError` where it
 * could not find out. Texts come from others: data, never instructions.
 */

export type InspectionTrouble =
  /** It answered, and does not let this user in, or not there. */
  | 'denied'
  /** Nothing answered, or not in time. */
  | 'unreachable'
  /** It answered that it will not do this, or cannot. */
  | 'rejected'
  /** It answered what cannot be made sense of, or broke off. */
  | 'service-fault';

/** A look that gave no usable answer. The message says what was asked of whom and what it means, and holds no secret. */
export class InspectionError extends Error {
  override readonly name = 'InspectionError';
  readonly errorClass: InspectionTrouble;
  /** What to do or type next. */
  readonly details: { readonly nextStep: string };

  constructor(trouble: InspectionTrouble, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.errorClass = trouble;
    this.details = { nextStep };
  }
}

export interface DatabaseServer {
  /** As it calls itself: `8.0.36`, `10.11.6-MariaDB`. */
  readonly version: string;
  readonly uptimeS: number;
  readonly maxConnections: number;
  /** Seconds of silence after which it closes a connection. */
  readonly waitTimeoutS: number;
  /** `absent` since MySQL 8.0, and so in Aurora MySQL 3. */
  readonly queryCache: 'absent' | 'off' | 'on';
  /** Whether it counts what statements and indexes are used. */
  readonly performanceSchema: boolean;
}

/** How the server would read one table. */
export interface PlannedTable {
  readonly table: string;
  /** MySQL's access type: `ALL` reads the whole table, `index` a whole index; `ref`, `range`, `eq_ref`, `const`, … */
  readonly access: string;
  readonly index?: string;
  /** The server's estimate of rows read, each time. */
  readonly rows?: number;
}

export interface StatementPlan {
  readonly tables: readonly PlannedTable[];
  /** Rows are sorted apart from any index. */
  readonly sortsRows: boolean;
  readonly usesTemporaryTable: boolean;
}

/** All executions of statements that differ in their values only, as the server counted them. */
export interface StatementDigest {
  /** Without its values. */
  readonly shape: string;
  /** Whether the shape is of an execution: a LIKE that begins with a wildcard then shows as `'%?'`. */
  readonly isSampled: boolean;
  readonly schema?: string;
  readonly executions: number;
  readonly totalMs: number;
  readonly averageMs: number;
  /** Where the server keeps a histogram: MySQL 8.0 does, MariaDB does not. */
  readonly p95Ms?: number;
  readonly rowsExamined: number;
  readonly rowsSent: number;
  /** Executions that read a table without any index. */
  readonly withoutIndex: number;
  readonly temporaryTables: number;
  readonly temporaryTablesOnDisk: number;
  /** Epoch milliseconds of the first and the last execution that is counted. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of one execution, by EXPLAIN; a text says why there is none. */
  readonly plan: StatementPlan | string;
}

export interface StatementSurvey {
  /** Those that took most time in all, and those that took most time each, the costliest first. */
  readonly statements: readonly StatementDigest[];
  /** How many the server counts in all. */
  readonly counted: number;
  /** True where it had no room for more, and counts the rest as one. */
  readonly isFull: boolean;
}

export interface TableIndex {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** In order; `length` where only so many characters are in the index. */
  readonly columns: readonly { readonly name: string; readonly length?: number }[];
  readonly isUnique: boolean;
  /** `BTREE`, `FULLTEXT`, `SPATIAL`, … */
  readonly kind: string;
  /** A foreign key needs it, or one that begins like it. */
  readonly servesForeignKey: boolean;
  /** How often it was used since counting began; undefined where the server does not count. */
  readonly uses?: number;
}

export interface IndexSurvey {
  readonly indexes: readonly TableIndex[];
  readonly tables: number;
  /** `schema.table` */
  readonly withoutPrimaryKey: readonly string[];
  /** Since when uses are counted, in seconds before now; or why they are not. */
  readonly usesCounted: { readonly forS: number } | { readonly not: string; readonly nextStep: string };
  /** True where there are more tables or indexes than were read. */
  readonly truncated: boolean;
}

export interface DatabaseInspection {
  server(signal: AbortSignal): Promise<DatabaseServer>;
  statements(signal: AbortSignal): Promise<StatementSurvey>;
  indexes(signal: AbortSignal): Promise<IndexSurvey>;
}

export interface CacheServer {
  readonly version: string;
  readonly uptimeS: number;
  /** What it throws away when it is full; absent where it does not say. */
  readonly policy?: string;
  /** 0: no limit of its own. */
  readonly maxMemoryBytes: number;
  readonly usedMemoryBytes: number;
  /** True for one node of several that share the keys. */
  readonly isClustered: boolean;
}

/** What was seen of keys that begin alike. No key itself is ever told: it may be somebody's session. */
export interface KeyGroup {
  /** The pattern that was asked for; undefined for the keys that none of them covers. */
  readonly pattern?: string;
  readonly keys: number;
  readonly withoutExpiry: number;
  /** The most that is left to any of them; absent where none expires. */
  readonly longestLeftMs?: number;
}

export interface KeySample {
  /** How many keys there are. */
  readonly total: number;
  /** How many were looked at. */
  readonly sampled: number;
  /** True where all were. */
  readonly isComplete: boolean;
  /** One for each pattern, in their order, and one for the rest. */
  readonly groups: readonly KeyGroup[];
}

export interface CacheInspection {
  server(signal: AbortSignal): Promise<CacheServer>;
  /** Some of the keys, by the first pattern that covers each: `session:*`. */
  keys(patterns: readonly string[], signal: AbortSignal): Promise<KeySample>;
}

export interface WebAnswer {
  /** Where the answer came from: after redirects within the site. */
  readonly url: string;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded; cut where it is too long to be read. */
  readonly text: string;
  readonly isCut: boolean;
}

export interface WebInspection {
  /** One GET; follows redirects within the same origin only. A URL of any other origin than the configured site is refused. */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<WebAnswer>;
}

export interface Inspection {
  readonly database: DatabaseInspection;
  readonly cache: CacheInspection;
  readonly web: WebInspection;
}
