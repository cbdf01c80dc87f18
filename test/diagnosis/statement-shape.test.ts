/** Statements without their values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statementShape } from '../../src/diagnosis/statement-shape.ts';

test.each([
  ["SELECT a FROM t WHERE b = 'x'", 'SELECT a FROM t WHERE b = ?'],
  ['SELECT a FROM t WHERE b = "x"', 'SELECT a FROM t WHERE b = ?'],
  ["SELECT a FROM t WHERE b = 'it''s' AND c = 1", 'SELECT a FROM t WHERE b = ? AND c = ?'],
  [String.raw`SELECT a FROM t WHERE b = 'it\'s' AND c = 1`, 'SELECT a FROM t WHERE b = ? AND c = ?'],
  [String.raw`SELECT a FROM t WHERE b = 'c:\\' AND c = 1`, 'SELECT a FROM t WHERE b = ? AND c = ?'],
  [`SELECT a FROM t WHERE b = '"' AND c = "'"`, 'SELECT a FROM t WHERE b = ? AND c = ?'],
  ['SELECT 1, 2.5, 0xFF, 1e9 FROM t2', 'SELECT ?, ?, ?, ? FROM t2'],
  ['SELECT `a 1`, b2 FROM `t-3`', 'SELECT `a 1`, b2 FROM `t-3`'],
  ['SELECT a FROM t WHERE b IN (1,2,  3)', 'SELECT a FROM t WHERE b IN (?)'],
  ["INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", 'INSERT INTO t (a, b) VALUES (?)'],
  ['SELECT a\n\tFROM   t ;  ', 'SELECT a FROM t'],
  ["SELECT a -- it's a comment\nFROM t # another 'one\nWHERE b=1", 'SELECT a FROM t WHERE b=?'],
  ["SELECT /*+ MAX_EXECUTION_TIME(5) it's */ a FROM t", 'SELECT a FROM t'],
  ['SELECT 5--1 FROM t', 'SELECT ?--? FROM t'],
  ["SELECT a FROM t WHERE b LIKE '%x%'", "SELECT a FROM t WHERE b LIKE '%?'"],
  ["SELECT a FROM t WHERE b LIKE 'x%'", 'SELECT a FROM t WHERE b LIKE ?'],
  ["SELECT 'never closed", 'SELECT ?'],
  ['', ''],
])('%s', (sql, shape) => {
  expect(statementShape(sql)).toBe(shape);
});

describe('whatever is written', () => {
  const hostile = fc.string({
    unit: fc.constantFrom("'", '"', '`', '\\', '/*', '*/', '--', '#', '\n', ' ', 'a', '1', '(', ')', ',', '?', ';'),
  });

  test('a value never shows in the shape', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (secret) => {
        const quoted = secret.replaceAll('\\', '\\\\').replaceAll("'", "''");
        const expected = secret.startsWith('%') ? "SELECT a FROM t WHERE b = '%?'" : 'SELECT a FROM t WHERE b = ?';
        expect(statementShape(`SELECT a FROM t WHERE b = '${quoted}'`)).toBe(expected);
      }),
    );
  });

  test('the shape is one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(statementShape(text)).not.toMatch(/[\n\t]| {2}/);
      }),
    );
  });

  test('a long statement is cut', () => {
    expect(statementShape(`SELECT ${'a,'.repeat(500_000)}`).length).toBeLessThanOrEqual(20_000);
  });
});
