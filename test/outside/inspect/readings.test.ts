/** What the server answers, read without a server: plans of MySQL 8.0, which MariaDB words differently, and refusals. */
import { describe, expect, test } from 'vitest';
import { databaseTrouble } from '../../../src/outside/inspect/mysql-errors.ts';
import { readPlan } from '../../../src/outside/inspect/plan.ts';

describe('plans', () => {
  const table = {
    table_name: 'nanos',
    access_type: 'ALL',
    rows_examined_per_scan: 184_220,
    attached_condition: "(`t` = 'secret')",
  };

  test('of MySQL: sorting, grouping, joins', () => {
    const ordered = { query_block: { select_id: 1, ordering_operation: { using_filesort: true, table } } };
    expect(readPlan(JSON.stringify(ordered))).toEqual({
      tables: [{ table: 'nanos', access: 'ALL', rows: 184_220 }],
      sortsRows: true,
      usesTemporaryTable: false,
    });
    const grouped = {
      query_block: {
        grouping_operation: {
          using_temporary_table: true,
          using_filesort: false,
          nested_loop: [
            { table },
            { table: { table_name: 'r', access_type: 'ref', key: 'idx', rows_examined_per_scan: 3 } },
          ],
        },
      },
    };
    expect(readPlan(JSON.stringify(grouped))).toMatchObject({
      tables: [{ table: 'nanos' }, { table: 'r', access: 'ref', index: 'idx', rows: 3 }],
      sortsRows: false,
      usesTemporaryTable: true,
    });
  });

  test('what the server makes itself is no table, what is within it is', () => {
    const derived = {
      query_block: {
        table: { table_name: '<derived2>', access_type: 'ALL', materialized_from_subquery: { query_block: { table } } },
      },
    };
    expect(readPlan(JSON.stringify(derived))?.tables).toEqual([{ table: 'nanos', access: 'ALL', rows: 184_220 }]);
  });

  test.each(['', 'null', '[]', '{"query_plan":{}}', '{"query_block":1}'])('%j is none', (text) => {
    expect(readPlan(text)).toBeUndefined();
  });

  test('no value comes out of it, however deep it goes', () => {
    let nested: unknown = { table };
    for (let depth = 0; depth < 5_000; depth += 1) nested = { a: nested };
    expect(JSON.stringify(readPlan(JSON.stringify({ query_block: { table, nested } })))).not.toContain('secret');
  });
});

test.each([
  [{ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }, 'denied', 'refuses the user or the password'],
  [{ errno: 3159, code: 'ER_SECURE_TRANSPORT_REQUIRED' }, 'rejected', 'it wants TLS'],
  [{ errno: 1142, code: 'ER_TABLEACCESS_DENIED_ERROR' }, 'denied', 'may not read it'],
  [{ errno: 3024, code: 'ER_QUERY_TIMEOUT' }, 'unreachable', 'took too long'],
  [{ code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'rejected', 'speaks no TLS'],
  [{ code: 'HANDSHAKE_SSL_ERROR', cause: { code: 'CERT_HAS_EXPIRED' } }, 'rejected', 'CERT_HAS_EXPIRED'],
  [{ errno: -3008, code: 'ENOTFOUND' }, 'unreachable', 'does not resolve'],
  [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'unreachable', 'closed the connection'],
  [{ errno: 1064, code: 'ER_PARSE_ERROR', sqlMessage: "near 'secret'" }, 'service-fault', 'ER_PARSE_ERROR'],
  ['what?', 'service-fault', 'unknown reason'],
])('%o is told as a person says it, with what to do', (error, trouble, text) => {
  const told = databaseTrouble(error, 'db:3306', 'its indexes');
  expect(told).toMatchObject({ errorClass: trouble, message: expect.stringContaining(text) });
  expect(told.message).toContain('db:3306');
  expect(told.message).not.toContain('secret');
  expect(told.details.nextStep).not.toBe('');
});
