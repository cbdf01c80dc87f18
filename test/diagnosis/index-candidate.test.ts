/** Which index might help, and above all when none is named. */
import { describe, expect, test } from 'vitest';
import { indexCandidate } from '../../src/diagnosis/index-candidate.ts';
import { statementShape } from '../../src/diagnosis/statement-shape.ts';

const candidate = (sql: string) => indexCandidate(statementShape(sql));

describe('a single table', () => {
  test.each([
    ["SELECT a FROM nanos WHERE status = 'x'", 'CREATE INDEX idx_nanos_status ON nanos (status);'],
    [
      "SELECT a FROM nanos WHERE status = 'x' ORDER BY average_rating DESC LIMIT 20",
      'CREATE INDEX idx_nanos_status_average_rating ON nanos (status, average_rating);',
    ],
    [
      "SELECT a FROM nanos WHERE created_at > '2026' AND status IN ('a', 'b') AND kind = 3",
      'CREATE INDEX idx_nanos_status_kind_created_at ON nanos (status, kind, created_at);',
    ],
    [
      "SELECT a FROM nanos WHERE created_at BETWEEN '2025' AND '2026' AND status = 'x' ORDER BY title",
      'CREATE INDEX idx_nanos_status_created_at ON nanos (status, created_at);',
    ],
    [
      'SELECT a FROM nanos ORDER BY rating DESC, title LIMIT 5',
      'CREATE INDEX idx_nanos_rating_title ON nanos (rating, title);',
    ],
    ['SELECT a FROM nanos WHERE price >= 5 AND price <= 9', 'CREATE INDEX idx_nanos_price ON nanos (price);'],
    ['SELECT a FROM nanos n WHERE n.status = 1 FOR UPDATE', 'CREATE INDEX idx_nanos_status ON nanos (status);'],
    ['UPDATE nanos SET views = views + 1 WHERE slug = 7', 'CREATE INDEX idx_nanos_slug ON nanos (slug);'],
    ['DELETE FROM sessions WHERE expires_at < 17', 'CREATE INDEX idx_sessions_expires_at ON sessions (expires_at);'],
    [
      'SELECT * FROM `nano prod`.`order` WHERE `order`.`group` = 1',
      'CREATE INDEX idx_order_group ON `nano prod`.`order` (`group`);',
    ],
  ])('%s', (sql, statement) => {
    expect(candidate(sql)?.statement).toBe(statement);
  });

  test.each([
    ['nanos', 'nano_prod', 'nano_prod.nanos'],
    ['nanos', 'nano-prod`', '`nano-prod```.nanos'],
    ['other.nanos', 'nano_prod', 'other.nanos'],
  ])('a table that is called %s, in %s, is %s wherever the candidate is typed', (table, schema, placed) => {
    const shape = statementShape(`SELECT a FROM ${table} WHERE status = 1`);
    expect(indexCandidate(shape, schema)?.statement).toBe(`CREATE INDEX idx_nanos_status ON ${placed} (status);`);
  });

  test('its table and its columns are told besides', () => {
    expect(candidate('SELECT * FROM `nano prod`.`order` WHERE `order`.`group` = 1 ORDER BY a')).toMatchObject({
      table: '`nano prod`.`order`',
      columns: ['group', 'a'],
    });
  });

  test('the reason says what the columns are for', () => {
    expect(candidate('SELECT a FROM t WHERE b = 1 AND c > 2')?.reason).toBe('equality columns first, then the range');
    expect(candidate('SELECT a FROM t WHERE b = 1 ORDER BY c')?.reason).toBe(
      'equality columns first, then the sort order',
    );
    expect(candidate('SELECT a FROM t WHERE b = 1')?.reason).toBe('it serves the equality');
    expect(candidate('SELECT a FROM t ORDER BY c LIMIT 1')?.reason).toBe('it gives the sort order');
  });
});

describe('LIKE', () => {
  test('with a leading wildcard gets a full-text index', () => {
    expect(candidate("SELECT * FROM nanos WHERE title LIKE '%excel%'")).toEqual({
      statement: 'CREATE FULLTEXT INDEX ft_nanos_title ON nanos (title);',
      reason: 'LIKE with a leading wildcard cannot use a B-tree index; MATCH \u2026 AGAINST can use this one',
      table: 'nanos',
      columns: ['title'],
    });
  });

  test('with a prefix is not said to have a leading wildcard', () => {
    expect(candidate("SELECT * FROM nanos WHERE title LIKE 'excel%'")).toBeUndefined();
  });

  test('beside an equality leaves the equality to the index', () => {
    expect(candidate("SELECT * FROM nanos WHERE title LIKE '%x%' AND status = 1")?.statement).toContain('(status)');
  });
});

describe('what cannot be judged gets no candidate', () => {
  test.each([
    'SELECT * FROM a JOIN b ON a.x = b.x WHERE a.y = 1',
    'SELECT * FROM a, b WHERE a.x = b.x AND a.y = 1',
    'SELECT * FROM a WHERE x = 1 OR y = 2',
    'SELECT * FROM a WHERE x = 1 || y = 2',
    'SELECT * FROM (SELECT * FROM a WHERE x = 1) s WHERE y = 2',
    'SELECT * FROM a WHERE x IN (SELECT x FROM b WHERE y = 1)',
    'SELECT * FROM a WHERE x = 1 UNION SELECT * FROM b WHERE y = 2',
    'SELECT EXTRACT(YEAR FROM created_at) FROM a WHERE x = 1',
    'SELECT * FROM a WHERE MATCH (title) AGAINST (1) AND x = 1',
    'DELETE a FROM a USING b WHERE a.x = 1',
    'INSERT INTO a (x) VALUES (1)',
    'CALL nightly(1)',
    'SHOW PROCESSLIST',
    'COMMIT',
    '',
  ])('%s', (sql) => {
    expect(candidate(sql)).toBeUndefined();
  });
});

describe('what an index cannot serve is no column of one', () => {
  test.each([
    'SELECT * FROM a WHERE x <> 1',
    'SELECT * FROM a WHERE x != 1',
    'SELECT * FROM a WHERE x NOT IN (1, 2)',
    'SELECT * FROM a WHERE x NOT BETWEEN 1 AND 2',
    "SELECT * FROM a WHERE x NOT LIKE '%x%'",
    'SELECT * FROM a WHERE NOT x = 1',
    'SELECT * FROM a WHERE NOT (w = 1 AND x = 2 AND y = 3)',
    'SELECT * FROM a WHERE DATE(x) = 1',
    'SELECT * FROM a WHERE x + 1 = 2',
    'SELECT * FROM a WHERE x = y',
    'SELECT * FROM a WHERE CASE WHEN x = 1 AND y = 1 AND z = 1 THEN 1 END',
    'SELECT * FROM a ORDER BY RAND() LIMIT 1',
    'SELECT * FROM a ORDER BY FIELD(x, 1, 2) LIMIT 1',
    'SELECT * FROM a ORDER BY x',
    'SELECT * FROM a',
    'SELECT COUNT(*) FROM a',
  ])('%s', (sql) => {
    expect(candidate(sql)).toBeUndefined();
  });
});

test.each([
  "SELECT * FROM nanos WHERE id = 'abc'",
  'UPDATE nanos SET x = 1 WHERE `id` = 5 AND status = 3',
  'SELECT * FROM n WHERE ID IN (1,2)',
])('the primary key needs no index: %s', (sql) => {
  expect(candidate(sql)).toBeUndefined();
});

test('a candidate holds nothing of a statement but names', () => {
  const sql = "SELECT * FROM t WHERE a = 'x); DROP TABLE users; --' AND `b`= 1";
  expect(candidate(sql)?.statement).toBe('CREATE INDEX idx_t_a_b ON t (a, `b`);');
});

test('an index is called by a name that MySQL takes', () => {
  const columns = Array.from({ length: 9 }, (_, index) => `a_rather_long_column_${index} = 1`).join(' AND ');
  const name = /INDEX (\S+)/.exec(candidate(`SELECT * FROM t WHERE ${columns}`)?.statement ?? '')?.[1];
  expect(name).toHaveLength(64);
});

test.each([
  ['a word', `SELECT * FROM t WHERE ${'a'.repeat(3_900)}`],
  ['words', `SELECT * FROM t WHERE ${'a '.repeat(1_900)}`],
  ['tables', `SELECT ${' FROM a'.repeat(550)}`],
  ['terms', `SELECT * FROM t WHERE ${'a = ? AND '.repeat(380)}b = ?`],
  ['dots', `SELECT * FROM ${'a.'.repeat(1_900)}`],
  ['quotes', `SELECT * FROM ${'`'.repeat(3_900)}`],
  ['sort columns', `SELECT * FROM t ORDER BY ${'a , '.repeat(900)} LIMIT ?`],
  ['a megabyte', `SELECT * FROM t WHERE ${'a = ? AND '.repeat(100_000)}`],
])('a shape of many %s is judged in no time', (_what, shape) => {
  expect([undefined, 'CREATE INDEX idx_t_a_b ON t (a, b);']).toContain(indexCandidate(shape)?.statement);
});
