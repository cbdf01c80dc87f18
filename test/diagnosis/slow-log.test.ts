/** The slow query log, as servers write it and as somebody hostile would like them to. */
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/cloud/facts.ts';
import { slowStatements } from '../../src/diagnosis/slow-log.ts';

const line = (message: string): LogLine => ({ at: 0, stream: 'nano-db-1', message });

const mysql = (sql: string, seconds = '2.504312', examined = 420_000) => `# Time: 2026-11-23T11:58:01.123456Z
# User@Host: nano_app[nano_app] @  [10.0.1.17]  Id:  4711
# Query_time: ${seconds}  Lock_time: 0.000004 Rows_sent: 20  Rows_examined: ${examined}
use nano_prod;
SET timestamp=1795435081;
${sql}`;

const mariadb = (sql: string) => `# User@Host: nano_app[nano_app] @ localhost []
# Thread_id: 14  Schema: nano_prod  QC_hit: No
# Query_time: 4.005000  Lock_time: 0.000100  Rows_sent: 1  Rows_examined: 5000
# Rows_affected: 0  Bytes_sent: 79
SET timestamp=1795435081;
${sql}`;

const select = 'SELECT id FROM nanos WHERE status = ? ORDER BY rating DESC LIMIT ?';

describe('entries', () => {
  test('of MySQL', () => {
    expect(
      slowStatements([line(mysql("SELECT id FROM nanos WHERE status = 'x' ORDER BY rating DESC LIMIT 20;"))]),
    ).toEqual([
      {
        shape: select,
        count: 1,
        meanSeconds: 2.504312,
        totalSeconds: 2.504312,
        rowsExamined: 420_000,
        rowsSent: 20,
      },
    ]);
  });

  test('of MySQL with log_slow_extra, and of Percona', () => {
    const extra = mysql('SELECT 1 FROM t WHERE a = 1;').replace(
      'Rows_examined: 420000',
      'Rows_examined: 420000 Thread_id: 9 Errno: 0 Killed: 0 Bytes_received: 0',
    );
    expect(slowStatements([line(extra)])).toMatchObject([
      { shape: 'SELECT ? FROM t WHERE a = ?', rowsExamined: 420_000 },
    ]);
  });

  test('of MariaDB', () => {
    expect(slowStatements([line(mariadb("DELETE FROM sessions WHERE token = 'abc';"))])).toMatchObject([
      { shape: 'DELETE FROM sessions WHERE token = ?', meanSeconds: 4.005, rowsExamined: 5_000 },
    ]);
  });

  test('with Windows line ends', () => {
    const text = mysql('SELECT a FROM t WHERE b = 1;').replaceAll('\n', '\r\n');
    expect(slowStatements([line(text)])).toMatchObject([{ shape: 'SELECT a FROM t WHERE b = ?' }]);
  });

  test('of statements over several lines, whatever a line begins with', () => {
    const sql = `SELECT a\nFROM t\nUSE INDEX (idx_t_b)\nWHERE note = 'first\n# second\nSET timestamp=3;\n'\n  AND b = 2;`;
    expect(slowStatements([line(mysql(sql))])).toMatchObject([
      { shape: 'SELECT a FROM t USE INDEX (idx_t_b) WHERE note = ? AND b = ?' },
    ]);
  });

  test.each([
    ['an administrator command', mysql('# administrator command: Quit;')],
    ['no statement', mysql('')],
    ['a banner', '/rdsdbbin/oscar/bin/mysqld, Version: 8.0.34. started with:\nTcp port: 3306'],
    ['a time that is none', mysql('SELECT 1;', '1.2.3')],
    ['an endless time', mysql('SELECT 1;', '9'.repeat(400))],
    ['nothing', ''],
  ])('that are none are passed over: %s', (_what, text) => {
    expect(slowStatements([line(text)])).toEqual([]);
  });
});

test('executions of one statement are one, whatever their values; the greatest total comes first', () => {
  const found = slowStatements([
    line(mysql("SELECT a FROM t WHERE b = 'x' AND c IN (1, 2, 3);", '1.0', 10)),
    line(mysql('select_other FROM t;', '2.5', 7)),
    line(mysql("SELECT a  FROM t\n WHERE b = 'it''s' AND c IN (4);", '3.0', 30)),
  ]);
  expect(found).toMatchObject([
    { shape: 'SELECT a FROM t WHERE b = ? AND c IN (?)', count: 2, totalSeconds: 4, meanSeconds: 2, rowsExamined: 30 },
    { count: 1, totalSeconds: 2.5 },
  ]);
});

test('text in a statement that looks like a header is text', () => {
  const sql = `SELECT '\n# Query_time: 999999  Lock_time: 0 Rows_sent: 1  Rows_examined: 1\n' FROM t;`;
  expect(slowStatements([line(mysql(sql, '1.5'))])).toMatchObject([{ shape: 'SELECT ? FROM t', totalSeconds: 1.5 }]);
});

test.each([
  ['number signs', '#'.repeat(200_000)],
  ['half a header', `# Query_time: ${' '.repeat(200_000)}`],
  ['half headers', '# Query_time: 1 Lock_time: 1 Rows_sent: '.repeat(5_000)],
  ['digits', mysql('SELECT 1;', '9'.repeat(200_000))],
  ['an open text', mysql(`SELECT '${String.raw`\'`.repeat(100_000)}`)],
  ['open comments', mysql('/*'.repeat(100_000))],
  ['open lists', mysql('(1,'.repeat(70_000))],
  ['line breaks', mysql('\n'.repeat(200_000))],
])('a megabyte of %s is read in no time', (_what, text) => {
  // A pass that took time by the square of this length would not end within the test's limit.
  expect(slowStatements([line(text)]).length).toBeLessThanOrEqual(1);
});
