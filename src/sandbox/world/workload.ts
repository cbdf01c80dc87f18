/**
 * What the simulated application does: its endpoints, its statements and what each costs. Constants of the model, from
 * which metrics, traces and logs are derived alike.
 */

/** A statement of the application, as an X-Ray SDK would sanitise it, and its mean cost on an idle database. */
export interface Statement {
  readonly id: StatementId;
  readonly kind: 'select' | 'dml';
  readonly sql: string;
  /** An execution with values in it, as the slow query log writes it. */
  readonly example: string;
  /** On a processor of the database: what grows with its load. */
  readonly cpuMs: number;
  /** Waiting for pages or for the commit: what does not. */
  readonly ioMs: number;
  readonly rowsExamined: number;
  readonly rowsSent: number;
}

export type StatementId =
  | 'memberships-by-user'
  | 'user-by-id'
  | 'profile-by-user'
  | 'nanos-by-rating'
  | 'nanos-search'
  | 'nano-by-id'
  | 'nano-view-count'
  | 'reviews-by-nano'
  | 'nano-file-by-nano'
  | 'nano-insert'
  | 'message-insert';

export const statements = {
  'memberships-by-user': {
    id: 'memberships-by-user',
    kind: 'select',
    sql: 'SELECT role FROM memberships WHERE user_id = ?',
    example: "SELECT role FROM memberships WHERE user_id = 'xyz-789';",
    cpuMs: 3,
    ioMs: 1,
    rowsExamined: 2,
    rowsSent: 2,
  },
  'user-by-id': {
    id: 'user-by-id',
    kind: 'select',
    sql: 'SELECT id, email, status FROM users WHERE id = ?',
    example: "SELECT id, email, status FROM users WHERE id = 'xyz-789';",
    cpuMs: 2.5,
    ioMs: 1,
    rowsExamined: 1,
    rowsSent: 1,
  },
  'profile-by-user': {
    id: 'profile-by-user',
    kind: 'select',
    sql: 'SELECT display_name, avatar_url, bio FROM profiles WHERE user_id = ?',
    example: "SELECT display_name, avatar_url, bio FROM profiles WHERE user_id = 'xyz-789';",
    cpuMs: 2.5,
    ioMs: 1,
    rowsExamined: 1,
    rowsSent: 1,
  },
  'nanos-by-rating': {
    id: 'nanos-by-rating',
    kind: 'select',
    sql: 'SELECT id, title, summary, average_rating FROM nanos WHERE status = ? ORDER BY average_rating DESC LIMIT ?',
    example:
      "SELECT id, title, summary, average_rating FROM nanos WHERE status = 'published' ORDER BY average_rating DESC LIMIT 20;",
    cpuMs: 12,
    ioMs: 22,
    rowsExamined: 420,
    rowsSent: 20,
  },
  'nanos-search': {
    id: 'nanos-search',
    kind: 'select',
    sql: 'SELECT id, title, summary FROM nanos WHERE MATCH (title, summary) AGAINST (?) AND status = ? LIMIT ?',
    example:
      "SELECT id, title, summary FROM nanos WHERE MATCH (title, summary) AGAINST ('excel') AND status = 'published' LIMIT 20;",
    cpuMs: 90,
    ioMs: 25,
    rowsExamined: 5200,
    rowsSent: 20,
  },
  'nano-by-id': {
    id: 'nano-by-id',
    kind: 'select',
    sql: 'SELECT * FROM nanos WHERE id = ?',
    example: "SELECT * FROM nanos WHERE id = 'abc-123';",
    cpuMs: 8,
    ioMs: 2,
    rowsExamined: 1,
    rowsSent: 1,
  },
  'nano-view-count': {
    id: 'nano-view-count',
    kind: 'dml',
    sql: 'UPDATE nanos SET view_count = view_count + ? WHERE id = ?',
    example: "UPDATE nanos SET view_count = view_count + 1 WHERE id = 'abc-123';",
    cpuMs: 5,
    ioMs: 4,
    rowsExamined: 1,
    rowsSent: 0,
  },
  'reviews-by-nano': {
    id: 'reviews-by-nano',
    kind: 'select',
    sql: 'SELECT id, author_id, stars, body FROM reviews WHERE nano_id = ? ORDER BY created_at DESC LIMIT ?',
    example:
      "SELECT id, author_id, stars, body FROM reviews WHERE nano_id = 'abc-123' ORDER BY created_at DESC LIMIT 50;",
    cpuMs: 9,
    ioMs: 4,
    rowsExamined: 64,
    rowsSent: 50,
  },
  'nano-file-by-nano': {
    id: 'nano-file-by-nano',
    kind: 'select',
    sql: 'SELECT bucket, object_key, version_id FROM nano_files WHERE nano_id = ?',
    example: "SELECT bucket, object_key, version_id FROM nano_files WHERE nano_id = 'abc-123';",
    cpuMs: 3,
    ioMs: 1,
    rowsExamined: 1,
    rowsSent: 1,
  },
  'nano-insert': {
    id: 'nano-insert',
    kind: 'dml',
    sql: 'INSERT INTO nanos (id, title, summary, status, creator_id) VALUES (?, ?, ?, ?, ?)',
    example:
      "INSERT INTO nanos (id, title, summary, status, creator_id) VALUES ('abc-123', 'Pivot tables', 'In ten minutes', 'published', 'xyz-789');",
    cpuMs: 6,
    ioMs: 6,
    rowsExamined: 0,
    rowsSent: 0,
  },
  'message-insert': {
    id: 'message-insert',
    kind: 'dml',
    sql: 'INSERT INTO messages (id, chat_id, author_id, body) VALUES (?, ?, ?, ?)',
    example: "INSERT INTO messages (id, chat_id, author_id, body) VALUES ('msg-881', 'chat-12', 'xyz-789', 'Hello');",
    cpuMs: 6,
    ioMs: 5,
    rowsExamined: 0,
    rowsSent: 0,
  },
} as const satisfies Record<StatementId, Statement>;

export interface Endpoint {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** `{nano}` and `{chat}` stand for an identifier. */
  readonly path: string;
  /** What a structured log line calls it; endpoints that change nothing log nothing at INFO. */
  readonly action?: string;
  /** Of all requests. */
  readonly share: number;
  readonly okStatus: number;
  /** The statement that every such request runs after `memberships-by-user`. */
  readonly primary?: StatementId;
  /** The statement that fills the cache when the page's fragment is not there. */
  readonly fragment?: StatementId;
  readonly s3?: 'GetObject' | 'PutObject';
  readonly callsDependency: boolean;
}

export const endpoints: readonly Endpoint[] = [
  {
    id: 'list',
    method: 'GET',
    path: '/api/v1/nanos',
    share: 0.2,
    okStatus: 200,
    primary: 'nanos-by-rating',
    callsDependency: false,
  },
  {
    id: 'search',
    method: 'GET',
    path: '/api/v1/search',
    share: 0.12,
    okStatus: 200,
    fragment: 'nanos-search',
    callsDependency: false,
  },
  {
    id: 'detail',
    method: 'GET',
    path: '/api/v1/nanos/{nano}',
    share: 0.1,
    okStatus: 200,
    primary: 'nano-view-count',
    fragment: 'nano-by-id',
    callsDependency: false,
  },
  {
    id: 'reviews',
    method: 'GET',
    path: '/api/v1/nanos/{nano}/reviews',
    share: 0.2,
    okStatus: 200,
    primary: 'reviews-by-nano',
    fragment: 'nano-by-id',
    callsDependency: true,
  },
  {
    id: 'download',
    method: 'GET',
    path: '/api/v1/nanos/{nano}/download',
    share: 0.22,
    okStatus: 200,
    primary: 'nano-file-by-nano',
    s3: 'GetObject',
    callsDependency: false,
  },
  {
    id: 'publish',
    method: 'POST',
    path: '/api/v1/nanos',
    action: 'NANO_PUBLISHED',
    share: 0.08,
    okStatus: 201,
    primary: 'nano-insert',
    s3: 'PutObject',
    callsDependency: true,
  },
  {
    id: 'chat',
    method: 'POST',
    path: '/api/v1/chats/{chat}/messages',
    action: 'MESSAGE_SENT',
    share: 0.08,
    okStatus: 201,
    primary: 'message-insert',
    callsDependency: true,
  },
];

/** Requests a second at the mean of a week. */
export const MEAN_ARRIVALS_PER_SECOND = 40;

export const api = {
  /** Processor time of a request, in milliseconds on a task's one processor. */
  cpuMs: 62,
  cpuSigma: 0.45,
  /** The share of a task's processor that is used without any request. */
  idleUtilisation: 0.07,
  /** SQLAlchemy's pool of a task, as the specification has it: 20 and an overflow of 10. */
  poolSize: 20,
  poolOverflow: 10,
  poolTimeoutMs: 10_000,
  /** pymysql's `connect_timeout` and `read_timeout`. */
  connectTimeoutMs: 5_000,
  /** Connections that a pool keeps beyond the most that a minute needed at once. */
  spareConnections: 4,
  /** After this the application gives up on a request and answers 504. */
  deadlineMs: 30_000,
  baseErrorShare: 0.0002,
  clientErrorShare: 0.011,
} as const;

export const database = {
  /** A db.r6g.large. */
  cores: 2,
  memoryBytes: 16 * 2 ** 30,
  maxConnections: 1000,
  idleUtilisation: 0.11,
  /** How much of a statement's growth is processor time; the rest is reading. */
  scanCpuShare: 0.2,
  sigma: 0.55,
  /** Connections of monitoring and of the reader's pool, beside the application's. */
  otherConnections: 3,
  /** `long_query_time` of the parameter group. */
  longQueryTimeMs: 500,
  /** `max_execution_time` of the application's sessions. */
  statementTimeoutMs: 5_000,
  /** `innodb_lock_wait_timeout` of the parameter group. */
  lockWaitMs: 3_000,
} as const;

export const cache = {
  hitRatio: 0.92,
  lookupMs: 1.1,
  sigma: 0.4,
  /** How long a request waits for another one that fills the same key. */
  lockTimeoutMs: 8_000,
} as const;
export const objectStore = { getMs: 48, putMs: 85, sigma: 0.55, timeoutMs: 20_000 } as const;
export const dependency = { ms: 80, sigma: 0.55, timeoutMs: 8_000 } as const;
