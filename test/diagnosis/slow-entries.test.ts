/** Entries of a slow query log, as MySQL and MariaDB write them and as CloudWatch cuts them. */
import { expect, test } from 'vitest';
import { slowEntries } from '../../src/diagnosis/slow-log.ts';

const entry = (seconds: string, sql: string) =>
  `# Time: 2026-11-23T10:15:0${seconds.slice(0, 1)}.123456Z
# User@Host: nano_app[nano_app] @  [10.0.1.2]  Id: 48001
# Query_time: ${seconds}  Lock_time: 0.000004 Rows_sent: 20  Rows_examined: 1200
use nano_prod;
SET timestamp=1795428900;
${sql}`;
const line = (message: string) => ({ at: 42, stream: 'nano-db-1', message });

test('every field, and a statement of several lines', () => {
  expect(slowEntries([line(entry('4.5', 'SELECT *\n  FROM nanos\n  WHERE id = 7;'))])).toEqual([
    {
      at: Date.parse('2026-11-23T10:15:04.123Z'),
      user: 'nano_app',
      seconds: 4.5,
      lockSeconds: 0.000004,
      rowsSent: 20,
      rowsExamined: 1200,
      statement: 'SELECT *\n  FROM nanos\n  WHERE id = 7;',
      shape: 'SELECT * FROM nanos WHERE id = ?',
    },
  ]);
});

test('several entries in one event', () => {
  const found = slowEntries([line(`${entry('1.5', 'SELECT 1;')}\n${entry('2.5', 'DELETE FROM a;')}`)]);
  expect(found.map(({ shape, seconds }) => [shape, seconds])).toEqual([
    ['SELECT ?', 1.5],
    ['DELETE FROM a', 2.5],
  ]);
});

test('MariaDB, whose time has no zone: the event’s own', () => {
  const [found] = slowEntries([
    line(`# Time: 261123 10:15:00
# User@Host: app[app] @ localhost []
# Thread_id: 7  Schema: nano  QC_hit: No
# Query_time: 12.000001  Lock_time: 0.01  Rows_sent: 0  Rows_examined: 9
# Rows_affected: 0  Bytes_sent: 11
UPDATE a SET b = 'x';`),
  ]);
  expect(found).toMatchObject({ at: 42, user: 'app', seconds: 12.000001, rowsSent: 0, shape: 'UPDATE a SET b = ?' });
});

test.each([
  ['the server’s banner', '/rdsdbbin/mysqld, Version: 8.0.39. started with:\nTcp port: 3306'],
  ['an entry without a statement', '# Query_time: 1.0  Lock_time: 0 Rows_sent: 0  Rows_examined: 0\nuse nano;'],
  ['nothing', ''],
])('%s is passed over', (_, message) => {
  expect(slowEntries([line(message)])).toEqual([]);
});
