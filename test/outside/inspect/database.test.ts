/** The database, asked by its own protocol: a real MariaDB, from Debian's packages. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  InspectionError,
  type DatabaseInspection,
  type StatementDigest,
  type StatementSurvey,
} from '../../../src/cloud/inspection.ts';
import { systemClock } from '../../../src/composition/system-clock.ts';
import { openDatabase, type DatabaseOptions } from '../../../src/outside/inspect/database.ts';
import { freePort, isAbsent, startService, type LocalService } from '../../support/local-service.ts';
import { key, local, other } from '../certificates.ts';

const never = new AbortController().signal;
const secret = 'correct horse battery staple';
let service: LocalService | undefined;
let port = 0;
let admin: Connection;

function open(
  more: Partial<DatabaseOptions> & { readonly user?: string; readonly tls?: boolean } = {},
): DatabaseInspection {
  const { user = 'nanoops', tls = true, ...options } = more;
  return openDatabase({
    connection: { host: 'localhost', port, user, tls },
    password: () => Promise.resolve(secret),
    clock: systemClock,
    signal: never,
    ca: local,
    ...options,
  });
}

async function refusal(work: Promise<unknown>): Promise<InspectionError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InspectionError)) throw new TypeError('it was not refused', { cause: error });
  expect(`${error.message} ${error.details.nextStep}`).not.toContain(secret);
  return error;
}

/** By its socket, over which no TLS is wanted. */
async function connectAdmin(folder = service?.folder ?? ''): Promise<Connection> {
  return createConnection({ socketPath: join(folder, 'socket'), user: 'root', multipleStatements: true });
}

/** What an application would have done since it was deployed. */
async function live(): Promise<void> {
  await admin.query(`
    CREATE DATABASE shop; CREATE DATABASE other;
    USE shop;
    CREATE TABLE nanos (
      id INT PRIMARY KEY, title VARCHAR(100), status VARCHAR(20), rating INT, creator INT, notes TEXT,
      KEY idx_rating (rating), KEY idx_status (status), KEY idx_status_rating (status, rating),
      UNIQUE KEY ux_title (title), FULLTEXT KEY ft_notes (notes));
    CREATE TABLE reviews (
      id INT PRIMARY KEY, nano INT, stars INT, KEY idx_nano (nano),
      CONSTRAINT fk_nano FOREIGN KEY (nano) REFERENCES nanos (id));
    CREATE TABLE log (at DATETIME, text VARCHAR(200));
    INSERT INTO nanos SELECT seq, CONCAT('title ', seq), IF(seq % 2, 'published', 'draft'), seq % 5, seq % 7, 'note' FROM seq_1_to_3000;
    INSERT INTO reviews SELECT seq, seq, 5 FROM seq_1_to_50;
    CREATE USER nanoops@'%' IDENTIFIED BY '${secret}';
    GRANT SELECT ON performance_schema.* TO nanoops@'%';
    GRANT SELECT ON shop.* TO nanoops@'%';
    CREATE USER stranger@'%' IDENTIFIED BY '${secret}';
    GRANT SELECT ON shop.* TO stranger@'%';
  `);
  await admin.query("SELECT id, title FROM nanos WHERE title LIKE '%my secret value%'");
  await admin.query("SELECT id FROM nanos WHERE status = 'published' ORDER BY rating DESC, id LIMIT 10");
  await admin.query('SELECT n.title FROM reviews r JOIN nanos n ON n.id = r.nano WHERE r.nano = 7');
  await admin.query('SELECT creator, COUNT(*) FROM nanos WHERE notes <> 1 GROUP BY creator ORDER BY COUNT(*) DESC');
  await admin.query('UPDATE nanos SET rating = 3 WHERE id = 1');
  await admin.query(`SELECT id FROM nanos WHERE title = '${'x'.repeat(2_000)}'`);
  await admin.query('SELECT id FROM nanos WHERE id = 5 FOR UPDATE');
  await admin.query('SELECT COUNT(*) FROM reviews');
}

const absent = isAbsent('mariadbd', 'apt-get install mariadb-server');

describe.skipIf(absent)('a MariaDB server', () => {
  beforeAll(async () => {
    port = await freePort();
    service = await startService(
      (folder) => [
        'mariadbd',
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'socket')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        ...(process.getuid?.() === 0 ? ['--user=root'] : []),
        '--performance-schema=ON',
        '--performance-schema-consumer-events-statements-current=ON',
        '--performance-schema-consumer-events-statements-history=ON',
        '--performance-schema-consumer-events-statements-history-long=ON',
        '--performance-schema-instrument=wait/io/table/%=ON',
        '--innodb-buffer-pool-size=32M',
        '--innodb-flush-log-at-trx-commit=0',
        `--ssl-cert=${join(folder, 'cert.pem')}`,
        `--ssl-key=${join(folder, 'key.pem')}`,
      ],
      async (folder) => {
        try {
          admin = await connectAdmin(folder);
          return true;
        } catch {
          return false;
        }
      },
      (folder) => {
        writeFileSync(join(folder, 'cert.pem'), local);
        writeFileSync(join(folder, 'key.pem'), key);
        const words = [
          '--no-defaults',
          `--datadir=${join(folder, 'data')}`,
          '--auth-root-authentication-method=normal',
        ];
        const installed = spawnSync('mariadb-install-db', [...words, '--skip-test-db', '--skip-name-resolve'], {
          encoding: 'utf8',
        });
        if (installed.status !== 0) throw new Error(`mariadb-install-db: ${installed.stdout}${installed.stderr}`);
      },
    );
    await live();
  }, 90_000);

  afterAll(async () => {
    admin?.destroy();
    await service?.stop();
  });

  test('its settings', async () => {
    const server = await open().server(never);
    expect(server).toMatchObject({ waitTimeoutS: 28_800, queryCache: 'off', performanceSchema: true });
    expect(server.version).toContain('MariaDB');
    expect(server.maxConnections).toBe(151);
    expect(server.uptimeS).toBeLessThan(600);
    await admin.query('SET GLOBAL query_cache_type = ON, query_cache_size = 1048576');
    expect(await open().server(never)).toMatchObject({ queryCache: 'on' });
    await admin.query('SET GLOBAL query_cache_type = OFF');
  });

  describe('its statements', () => {
    let survey: StatementSurvey;
    let all: readonly StatementDigest[];
    const of = (part: RegExp): StatementDigest => {
      const found = all.filter(({ shape }) => part.test(shape));
      expect(found.map(({ shape }) => shape)).toHaveLength(1);
      // One was found.
      return found[0] as StatementDigest;
    };

    beforeAll(async () => {
      survey = await open().statements(never);
      all = survey.statements;
    }, 180_000);

    test('each is counted, with how it would be run', () => {
      expect(survey).toMatchObject({ isFull: false });
      expect(survey.counted).toBeGreaterThan(all.length);
      const search = of(/LIKE/);
      expect(search).toMatchObject({ schema: 'shop', isSampled: true, executions: 1, withoutIndex: 1, rowsSent: 0 });
      expect(search.shape).toBe("SELECT id, title FROM nanos WHERE title LIKE '%?'");
      expect(search.rowsExamined).toBeGreaterThanOrEqual(3_000);
      expect(search.averageMs).toBeGreaterThan(0);
      expect(Math.abs(Date.now() - search.lastAt)).toBeLessThan(120_000);
      // The index on the title holds all that is wanted: read from one end to the other.
      expect(search.plan).toMatchObject({
        tables: [{ table: 'nanos', access: 'index', index: 'ux_title' }],
        usesTemporaryTable: false,
      });
      expect(of(/status = \?/).plan).toMatchObject({
        tables: [{ table: 'nanos', index: expect.stringContaining('idx_status') }],
      });
      expect(of(/JOIN/).plan).toMatchObject({
        tables: expect.arrayContaining([
          expect.objectContaining({ table: 'n' }),
          expect.objectContaining({ table: 'r' }),
        ]),
      });
      expect(of(/GROUP BY/).plan).toMatchObject({
        sortsRows: true,
        usesTemporaryTable: true,
        tables: [{ access: 'ALL' }],
      });
    });

    test('what must not be explained, or cannot be, says why', () => {
      expect(of(/^UPDATE/).plan).toBe('only statements that select are explained');
      expect(of(/FOR UPDATE/).plan).toBe('it is not a plain SELECT');
      const cut = of(/^SELECT \S+ FROM `nanos` WHERE `title` = \?$/);
      expect(cut).toMatchObject({ isSampled: false, plan: 'the server keeps only the beginning of it' });
    });

    test('no value of a statement, and nothing of the server\u2019s own, comes out', () => {
      const text = JSON.stringify(all);
      expect(text).not.toMatch(/my secret value|xxxx|published/);
      expect(text).not.toMatch(/performance_schema|information_schema/);
    });
  });

  test('nothing is written, whatever is asked', async () => {
    await open().statements(never);
    const [rows] = await admin.query(
      "SELECT SQL_TEXT AS text FROM performance_schema.events_statements_history_long WHERE SQL_TEXT LIKE 'EXPLAIN%'",
    );
    const explained = (rows as { text: string }[]).map(({ text }) => text);
    expect(explained.length).toBeGreaterThan(3);
    for (const text of explained) expect(text).toMatch(/^EXPLAIN FORMAT=JSON \(?(?:SELECT|WITH)\b/);
  });

  test('its indexes, which of them were used, and tables without a primary key', async () => {
    const survey = await open().indexes(never);
    const found = new Map(survey.indexes.map((index) => [`${index.table}.${index.name}`, index]));
    expect(survey).toMatchObject({ tables: 3, withoutPrimaryKey: ['shop.log'], truncated: false });
    expect(survey.usesCounted).toEqual({ forS: expect.any(Number) });
    expect(found.get('nanos.idx_status_rating')).toMatchObject({
      columns: [{ name: 'status' }, { name: 'rating' }],
      isUnique: false,
    });
    expect(found.get('nanos.ux_title')).toMatchObject({ isUnique: true });
    expect(found.get('nanos.ft_notes')).toMatchObject({ kind: 'FULLTEXT' });
    expect(found.get('nanos.idx_rating')).toMatchObject({ uses: 0, servesForeignKey: false });
    expect(found.get('nanos.PRIMARY')?.uses).toBeGreaterThan(0);
    expect(found.get('nanos.PRIMARY')).toMatchObject({ servesForeignKey: true });
    expect(found.get('reviews.idx_nano')).toMatchObject({ servesForeignKey: true });
  });

  test('a user without performance_schema learns what there is, and what to grant', async () => {
    const denied = await refusal(open({ user: 'stranger' }).statements(never));
    expect(denied).toMatchObject({ errorClass: 'denied', message: expect.stringContaining('may not read it') });
    expect(denied.details.nextStep).toContain('GRANT SELECT ON performance_schema.*');
    const { indexes, usesCounted } = await open({ user: 'stranger' }).indexes(never);
    expect(usesCounted).toMatchObject({ not: expect.stringContaining('performance_schema') });
    expect(indexes.every(({ uses }) => uses === undefined)).toBe(true);
  });

  test('a wrong password, an unknown user, one that may not explain', async () => {
    const wrong = await refusal(open({ password: () => Promise.resolve('wrong') }).server(never));
    expect(wrong).toMatchObject({
      errorClass: 'denied',
      message: expect.stringContaining('refuses the user or the password'),
    });
    expect(await refusal(open({ user: 'nobody' }).server(never))).toMatchObject({ errorClass: 'denied' });
    await admin.query("CREATE USER counter@'%' IDENTIFIED BY ?; GRANT SELECT ON performance_schema.* TO counter@'%'", [
      secret,
    ]);
    const { statements } = await open({ user: 'counter' }).statements(never);
    expect(statements.find(({ shape }) => shape.includes('LIKE'))?.plan).toBe('this user may not enter its schema');
  });

  test('TLS: wanted by the server, for another name, by an authority that nobody trusts', async () => {
    await admin.query('SET GLOBAL require_secure_transport = ON');
    // MariaDB does not say why, MySQL does.
    const plain = await refusal(open({ tls: false }).server(never));
    expect(plain).toMatchObject({
      errorClass: 'denied',
      details: { nextStep: expect.stringContaining('database.connection.tls') },
    });
    expect(await open().server(never)).toMatchObject({ maxConnections: 151 });
    await admin.query('SET GLOBAL require_secure_transport = OFF');
    expect(await open({ tls: false }).server(never)).toMatchObject({ maxConnections: 151 });
    const untrusted = await refusal(open({ ca: other }).server(never));
    expect(untrusted).toMatchObject({
      errorClass: 'rejected',
      details: { nextStep: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
    });
  });

  test('no connection left, a server that is gone, and one that never answers', async () => {
    const held: Connection[] = [];
    await admin.query('SET GLOBAL max_connections = 10');
    while (held.length < 9) held.push(await connectAdmin());
    expect(await refusal(open().server(never))).toMatchObject({
      errorClass: 'rejected',
      message: expect.stringContaining('no connection left'),
    });
    for (const each of held) each.destroy();
    await admin.query('SET GLOBAL max_connections = 151');

    const gone = openDatabase({
      connection: { host: '127.0.0.1', port: await freePort(), user: 'nanoops', tls: false },
      password: () => Promise.resolve(secret),
      clock: systemClock,
      signal: never,
    });
    expect(await refusal(gone.server(never))).toMatchObject({
      errorClass: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });

    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port: where } = silent.address() as AddressInfo;
    const waiting = {
      connection: { host: '127.0.0.1', port: where, user: 'nanoops', tls: false },
      clock: systemClock,
      signal: never,
    };
    const patient = openDatabase({ ...waiting, password: () => Promise.resolve(secret), limits: { connectMs: 150 } });
    expect(await refusal(patient.server(never))).toMatchObject({
      errorClass: 'unreachable',
      message: expect.stringContaining('nothing answers there'),
    });
    const whole = openDatabase({ ...waiting, password: () => Promise.resolve(secret), limits: { wholeMs: 150 } });
    expect(await refusal(whole.server(never))).toMatchObject({
      errorClass: 'unreachable',
      message: expect.stringContaining('no answer within 0.15 s'),
    });
    silent.close();
  });

  test('a run that is ended ends it, with the reason of that', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => ending.abort(reason), 5);
    await expect(
      open({ password: () => new Promise((resolve) => setTimeout(() => resolve(secret), 50)) }).statements(
        ending.signal,
      ),
    ).rejects.toBe(reason);
  });
});
