/** Which log lines tell of failed connections to the database, and how they are counted over time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine, LogSearch } from '../../../src/cloud/facts.ts';
import {
  connectionErrorKind,
  connectionErrors,
  type ConnectionErrorKind,
} from '../../../src/diagnosis/database/connection-errors.ts';
import { endMs, minutesAgo, windowOf } from '../series.ts';

const host = 'nano-db.cluster-c1.us-west-2.rds.amazonaws.com';
const json = (fields: object): string =>
  JSON.stringify({ timestamp: '2026-11-23T12:00:00.123Z', level: 'ERROR', ...fields });

/** Lines as the drivers and their loggers write them, by kind. */
const told: Record<ConnectionErrorKind, Record<string, string>> = {
  unreachable: {
    pymysql: `ERROR:nano:pymysql.err.OperationalError: (2003, "Can't connect to MySQL server on '${host}' (timed out)")`,
    'pymysql, refused': `pymysql.err.OperationalError: (2003, "Can't connect to MySQL server on '${host}' ([Errno 111] Connection refused)")`,
    'pymysql, lost': `(2013, 'Lost connection to MySQL server during query ([Errno 104] Connection reset by peer)')`,
    mysqlclient: `MySQLdb.OperationalError: (2002, "Can't connect to server on '${host}' (115)")`,
    'mysqlclient, host': `MySQLdb.OperationalError: (2005, "Unknown server host '${host}' (-2)")`,
    'mysqlclient, gone': `django.db.utils.OperationalError: (2006, 'Server has gone away')`,
    'Connector/Python': `mysql.connector.errors.DatabaseError: 2003 (HY000): Can't connect to MySQL server on '${host}:3306' (110)`,
    'Connector/Python, lost': `mysql.connector.errors.OperationalError: 2013: Lost connection to MySQL server during query`,
    asyncmy: `asyncmy.errors.OperationalError: (2003, "Can't connect to MySQL server on '${host}' ([Errno 111] Connect call failed ('10.0.3.7', 3306))")`,
    SQLAlchemy: json({
      message: 'Unhandled exception in GET /api/v1/nanos',
      error: `sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2013, 'Lost connection to MySQL server during query')\n[SQL: SELECT * FROM nanos WHERE id = %s]\n[parameters: (1045,)]`,
    }),
    'SQLAlchemy, a pool time-out with its cause': json({
      message: 'request failed',
      exc_info: `Traceback (most recent call last):\n  File "pool.py", line 3\npymysql.err.OperationalError: (2003, "Can't connect to MySQL server on '${host}' (timed out)")\n\nDuring handling of the above exception, another exception occurred:\n\nsqlalchemy.exc.TimeoutError: QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 30.00`,
    }),
    mysql2: `ERROR Error: connect ECONNREFUSED 10.0.3.7:3306`,
    'mysql2, its own stack': `ERROR Error: connect ETIMEDOUT\n    at PoolConnection._handleTimeoutError (/app/node_modules/mysql2/lib/base/connection.js:205:17)`,
    'mysql2 in pino': json({
      msg: 'query failed',
      err: {
        type: 'Error',
        message: 'connect ETIMEDOUT',
        code: 'ETIMEDOUT',
        errno: -110,
        syscall: 'connect',
        address: '10.0.3.7',
        port: 3306,
        fatal: true,
      },
    }),
    'mysql2, lost': json({
      err: {
        message: 'Connection lost: The server closed the connection.',
        code: 'PROTOCOL_CONNECTION_LOST',
        fatal: true,
      },
    }),
    'mysql2, no name': `ERROR Error: getaddrinfo ENOTFOUND ${host}`,
    Prisma: `ERROR PrismaClientInitializationError: Can't reach database server at \`${host}\`:\`3306\``,
    'Connector/J': `ERROR com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\n\nThe last packet sent successfully to the server was 0 milliseconds ago.`,
    'Connector/J below HikariCP': json({
      message: 'Unable to acquire JDBC Connection',
      stack_trace: `java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.\n\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)\nCaused by: com.mysql.cj.exceptions.CJCommunicationsException: Communications link failure\nCaused by: java.net.ConnectException: Connection refused`,
    }),
    'HikariCP without any connection': `ERROR HikariPool-1 - Connection is not available, request timed out after 30001ms (total=0, active=0, idle=0, waiting=12)`,
    Hibernate: `ERROR o.h.e.j.s.SqlExceptionHelper - SQL Error: 0, SQLState: 08S01`,
    'go-sql-driver': `level=ERROR msg="list nanos" err="dial tcp 10.0.3.7:3306: connect: connection refused"`,
    'go-sql-driver, no answer': json({ msg: 'list nanos', error: 'dial tcp 10.0.3.7:3306: i/o timeout' }),
    'go-sql-driver, no name': json({ error: `dial tcp: lookup ${host} on 10.0.0.2:53: no such host` }),
    'go-sql-driver, lost': json({ error: 'query nanos: invalid connection' }),
    'go-sql-driver, bad': 'ERROR driver: bad connection',
    PDO: `PHP Fatal error: Uncaught PDOException: SQLSTATE[HY000] [2002] Connection timed out in /app/db.php:12`,
    'PDO, gone': `[ERROR] SQLSTATE[HY000]: General error: 2006 MySQL server has gone away`,
    'PDO in Monolog': json({
      message: 'failed',
      context: {
        exception: {
          class: 'PDOException',
          code: 2002,
          message: 'SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo failed',
        },
      },
    }),
  },
  'too-many-connections': {
    pymysql: `pymysql.err.OperationalError: (1040, 'Too many connections')`,
    'user limit': `(1203, "User nano already has more than 'max_user_connections' active connections")`,
    'user resource': `OperationalError: (1226, "User 'nano' has exceeded the 'max_user_connections' resource (current value: 40)")`,
    mysql2: json({
      msg: 'pool',
      err: { code: 'ER_CON_COUNT_ERROR', errno: 1040, sqlState: '08004', sqlMessage: 'Too many connections' },
    }),
    'mysql2, the number alone': json({ err: { errno: 1040, sqlState: '08004', fatal: true } }),
    'Connector/J': `ERROR java.sql.SQLNonTransientConnectionException: Data source rejected establishment of connection,  message from server: "Too many connections"`,
    Hibernate: `ERROR SQL Error: 1040, SQLState: 08004`,
    'go-sql-driver': json({ error: 'ping: Error 1040: Too many connections' }),
    'go-sql-driver 1.7': json({ error: 'ping: Error 1040 (08004): Too many connections' }),
    PDO: `ERROR SQLSTATE[HY000] [1040] Too many connections`,
    'below a pool time-out': json({
      error: 'QueuePool limit of size 5 overflow 5 reached',
      exception: `pymysql.err.OperationalError: (1040, 'Too many connections')`,
    }),
  },
  'read-only': {
    pymysql: `(1290, 'The MySQL server is running with the --read-only option so it cannot execute this statement')`,
    SQLAlchemy: json({
      error: `sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (1290, 'The MySQL server is running with the --read-only option so it cannot execute this statement')`,
    }),
    transaction: `OperationalError: (1792, 'Cannot execute statement in a READ ONLY transaction.')`,
    mode: `ERROR 1836 (HY000): Running in read-only mode`,
    mysql2: json({ err: { code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290, sqlState: 'HY000' } }),
    Spring: `ERROR SQL state [HY000]; error code [1290]; The MySQL server is running with the --super-read-only option so it cannot execute this statement`,
    'go-sql-driver': json({
      error:
        'Error 1290 (HY000): The MySQL server is running with the --read-only option so it cannot execute this statement',
    }),
    PDO: `ERROR SQLSTATE[HY000]: General error: 1290 The MySQL server is running with the --read-only option so it cannot execute this statement`,
  },
  credentials: {
    pymysql: `OperationalError: (1045, "Access denied for user 'nano'@'10.0.1.23' (using password: YES)")`,
    'no right to the schema': `(1044, "Access denied for user 'nano'@'%' to database 'nano_prod'")`,
    'pymysql, without cryptography': `ERROR RuntimeError: 'cryptography' package is required for sha256_password or caching_sha2_password auth methods`,
    mysqlclient: `MySQLdb.OperationalError: (2059, "Authentication plugin 'caching_sha2_password' cannot be loaded: no such file")`,
    mysql2: json({
      err: {
        code: 'ER_ACCESS_DENIED_ERROR',
        errno: 1045,
        sqlState: '28000',
        message: `Access denied for user 'nano'@'10.0.1.23' (using password: YES)`,
      },
    }),
    'Connector/J': `ERROR java.sql.SQLException: Access denied for user 'nano'@'10.0.1.23' (using password: YES)`,
    'Connector/J, key': 'ERROR SQLNonTransientConnectionException: Public Key Retrieval is not allowed',
    'go-sql-driver': json({
      error: `Error 1045 (28000): Access denied for user 'nano'@'10.0.1.23' (using password: YES)`,
    }),
    PDO: `ERROR SQLSTATE[HY000] [1045] Access denied for user 'nano'@'10.0.1.23' (using password: NO)`,
    'PDO, plugin': 'ERROR SQLSTATE[HY000] [2054] The server requested authentication method unknown to the client',
  },
  'pool-exhausted': {
    SQLAlchemy: json({
      error:
        'sqlalchemy.exc.TimeoutError: QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)',
    }),
    HikariCP: 'ERROR HikariPool-1 - Connection is not available, request timed out after 30000ms.',
    'HikariCP with its numbers':
      'ERROR HikariPool-1 - Connection is not available, request timed out after 30002ms (total=10, active=10, idle=0, waiting=31)',
    Knex: 'ERROR KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full.',
    'anybody\u2019s': 'ERROR no free connections',
    'Connector/Python': 'mysql.connector.errors.PoolError: Failed getting connection; pool exhausted',
    Prisma: 'ERROR Timed out fetching a new connection from the connection pool.',
    plain: 'CRITICAL Database connection pool exhausted',
  },
};

const cases = Object.entries(told).flatMap(([kind, lines]) =>
  Object.entries(lines).map(([driver, line]) => [kind, driver, line] as const),
);

test.each(cases)('%s, as %s words it', (kind, _driver, line) => {
  expect(connectionErrorKind(line)).toBe(kind);
});

test.each([
  ['a duration', 'ERROR GET /nanos took 2003 ms'],
  ['a user of that number', 'ERROR user 1045 not found'],
  ['a user of that number, refused', 'ERROR access denied for user 1045'],
  ['a user that the application refuses', `ERROR access denied for user 'bob'`],
  ['a number in a field', json({ message: 'failed', user_id: 1045, duration_ms: 2013, errno: 1040 })],
  ['parameters of a statement', `IntegrityError: (1062, "Duplicate entry") [parameters: (1045, 'ada')]`],
  ['parameters on a line of their own', `[parameters: (2003, 'a title')]`],
  ['another error of the server', `OperationalError: (1213, 'Deadlock found when trying to get lock')`],
  ['a statement that took too long', `OperationalError: (3024, 'Query execution was interrupted')`],
  [
    'another option of the server',
    `(1290, 'The MySQL server is running with the --secure-file-priv option so it cannot execute this statement')`,
  ],
  [
    'another limit of a user',
    `OperationalError: (1226, "User 'nano' has exceeded the 'max_questions' resource (current value: 5)")`,
  ],
  [
    'the cache, refused',
    'ERROR redis.exceptions.ConnectionError: Error 111 connecting to nano-cache:6379. Connection refused.',
  ],
  ['the cache, its pool', 'ERROR redis.exceptions.MaxConnectionsError: Too many connections'],
  ['another port', 'ERROR connect ECONNREFUSED 10.0.4.2:6379'],
  [
    'another service',
    `ERROR HTTPSConnectionPool(host='moderation.example', port=443): Max retries exceeded (Caused by NewConnectionError('[Errno 111] Connection refused'))`,
  ],
  ['a service that limits', 'ERROR 429 Too many connections from 10.0.0.4'],
  ['object storage', 'ERROR An error occurred (AccessDenied) when calling the GetObject operation: Access Denied'],
  ['a connection that is invalid otherwise', 'ERROR invalid connection string'],
  [
    'a transaction that the application opened to read',
    'ERROR Connection is read-only. Queries leading to data modification are not allowed',
  ],
  ['what a user wrote', json({ message: 'search failed', query: `(2003, "Can't connect to MySQL server")` })],
  ['a pool party', 'ERROR pool party at 8'],
  ['nothing', ''],
])('none: %s', (_what, line) => {
  expect(connectionErrorKind(line)).toBeUndefined();
});

test('a database on another port is known by that port', () => {
  const line = 'ERROR connect ECONNREFUSED 10.0.3.7:3307';
  expect(connectionErrorKind(line)).toBeUndefined();
  expect(connectionErrorKind(line, { port: 3307 })).toBe('unreachable');
});

test('a cache that fails inside a database session is not the database', () => {
  const trace = `Traceback (most recent call last):\n  File "sqlalchemy/ext/asyncio/session.py"\n  File "pymysql/cursors.py"\nredis.exceptions.ConnectionError: Error 111 connecting to nano-cache:6379. Connection refused.`;
  expect(connectionErrorKind(json({ error: trace }))).toBeUndefined();
});

const search = (lines: readonly LogLine[], truncated = false): LogSearch => ({
  lines,
  truncated,
  source: { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: '/aws/ecs/nano-api' },
});
const line = (at: number, message: string, stream = 'ecs/api/1'): LogLine => ({ at, stream, message });
const refused = `OperationalError: (2003, "Can't connect to MySQL server on 'nano-db' ([Errno 111] Connection refused)")`;
const pool = 'QueuePool limit of size 20 overflow 10 reached';

describe('counted over time', () => {
  const found = connectionErrors(
    search([
      line(minutesAgo(70), refused),
      line(minutesAgo(12), refused, 'ecs/api/2'),
      line(minutesAgo(8), pool),
      line(minutesAgo(4), refused),
      line(minutesAgo(2), refused),
      line(minutesAgo(2), 'ERROR KeyError'),
      line(endMs, refused),
    ]),
    windowOf(60),
  );

  test('by kind, with first and last, its rate, and whether it goes on', () => {
    expect(found.kinds).toEqual([
      {
        kind: 'unreachable',
        count: 3,
        firstAt: minutesAgo(12),
        lastAt: minutesAgo(2),
        perMinute: 0.3,
        recent: 1,
        state: 'ongoing',
        streams: ['ecs/api/1', 'ecs/api/2'],
        example: `Can't connect to MySQL server on 'nano-db' ([Errno 111] Connection refused)")`,
      },
      expect.objectContaining({ kind: 'pool-exhausted', count: 1, recent: 0, state: 'over' }),
    ]);
  });

  test('tells how the database was not reached', () => {
    expect(found.errors.map(({ unreached }) => unreached)).toEqual(['refused', undefined, 'refused', 'refused']);
  });

  test('a search that was cut short tells how far it came', () => {
    const cut = connectionErrors(search([line(minutesAgo(30), refused)], true), windowOf(60));
    expect(cut).toMatchObject({ truncated: true, readTo: minutesAgo(30) });
    expect(found.readTo).toBe(endMs);
  });
});

describe('what is repeated of a line', () => {
  const quoteOf = (message: string) =>
    connectionErrors(search([line(minutesAgo(1), message)]), windowOf(5)).errors[0]?.quote;

  test('begins with what went wrong, and leaves out whom it went wrong for', () => {
    const message = json({
      user: 'ada@example.org',
      error: `OperationalError: (1040, 'Too many connections')\n[parameters: ('ada@example.org',)]`,
    });
    expect(quoteOf(message)).toBe(`Too many connections')`);
  });

  test('is the telling words alone where a structured line was cut short', () => {
    expect(quoteOf(`{"user":"ada","error":"Can't connect to MySQL server on 'x' for ada`)).toBe(
      `Can't connect to MySQL server`,
    );
  });

  test('carries no password', () => {
    const quote = quoteOf(`ERROR Can't connect to MySQL server with mysql://nano:hunter2@nano-db/nano`);
    expect(quote).toContain('nano-db/nano');
    expect(quote).not.toContain('hunter2');
  });

  test('is short', () => {
    expect(quoteOf(`ERROR Communications link failure ${'x'.repeat(1_000)}`)).toHaveLength(160);
  });
});

describe('whatever else is logged', () => {
  const messages = cases.map(([, , message]) => message);
  const anyLine = fc.record({
    at: fc.integer({ min: minutesAgo(60), max: endMs - 1 }),
    stream: fc.constantFrom('ecs/api/1', 'ecs/api/2'),
    message: fc.constantFrom(...messages),
  });
  const unrelated = fc.record({
    at: fc.integer({ min: minutesAgo(60), max: endMs - 1 }),
    stream: fc.constantFrom('ecs/api/1', 'ecs/api/3'),
    message: fc.oneof(
      fc.constantFrom(`ERROR KeyError: 'thumbnail_url'`, 'ERROR GET /nanos/2003 took 1045 ms', 'ERROR Read timed out'),
      fc.integer({ min: 1000, max: 3999 }).map((number) => `ERROR item ${number} (${number}) failed with ${number}`),
      fc.integer({ min: 1000, max: 3999 }).map((number) => json({ message: 'failed', id: number, errno: number })),
    ),
  });

  test('the order of the lines makes no difference', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
        const shuffled = lines.toReversed();
        expect(connectionErrors(search(shuffled), windowOf(60))).toEqual(connectionErrors(search(lines), windowOf(60)));
      }),
      { numRuns: 50 },
    );
  });

  test('unrelated lines change no count', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), fc.array(unrelated, { maxLength: 20 }), (lines, others) => {
        const alone = connectionErrors(search(lines), windowOf(60));
        expect(connectionErrors(search([...others, ...lines]), windowOf(60)).kinds).toEqual(alone.kinds);
      }),
      { numRuns: 50 },
    );
  });

  test('every line is of one kind at most, and counts once', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
        const { kinds, errors } = connectionErrors(search(lines), windowOf(60));
        expect(kinds.reduce((total, { count }) => total + count, 0)).toBe(errors.length);
        expect(errors).toHaveLength(lines.length);
      }),
      { numRuns: 50 },
    );
  });
});

test.each([
  'access denied for user ',
  'SQLSTATE[HY000]: ',
  'getaddrinfo ',
  'connect ETIMEDOUT ',
  '(2003, ',
  '//a:',
  'a',
  '\\n',
])('a quarter of a megabyte of "%s" is read in no time', (text) => {
  // A pass that took time by the square of this length would not end within the test's limit.
  expect(connectionErrorKind(text.repeat(250_000 / text.length))).toBeUndefined();
});
