/** Evidence and how it is weighed and told. */
import { describe, expect, test } from 'vitest';
import type { Series } from '../../src/cloud/series.ts';
import { Balance, evidence, quantity } from '../../src/diagnosis/evidence.ts';

const seen = evidence({ operation: 'logs:FilterLogEvents', region: 'us-west-2' }, 'seen');

describe('a balance', () => {
  test('begins at one in twenty, and three makes it even', () => {
    const balance = new Balance();
    expect(balance.confidence).toBeCloseTo(0.047, 3);
    balance.favour(3, seen);
    expect(balance.confidence).toBeCloseTo(0.5);
  });

  test('adds up, whatever the order', () => {
    const [one, other] = [new Balance(), new Balance()];
    one.favour(4, seen);
    one.oppose(2, seen);
    other.oppose(2, seen);
    other.favour(4, seen);
    expect(one.confidence).toBeCloseTo(other.confidence, 12);
  });

  test('keeps what spoke for and against, in the order it was seen', () => {
    const balance = new Balance();
    const second = { ...seen, detail: 'second' };
    balance.favour(1, seen);
    balance.favour(1, second);
    balance.oppose(1, second);
    expect([balance.for, balance.against, balance.missing]).toEqual([[seen, second], [second], []]);
  });

  test('is not moved by what is missing', () => {
    const balance = new Balance();
    balance.miss(seen);
    expect(balance.confidence).toBe(new Balance().confidence);
    expect(balance.missing).toEqual([seen]);
  });

  test('stays between never and always', () => {
    const balance = new Balance();
    for (let index = 0; index < 100; index += 1) balance.favour(100, seen);
    expect(balance.confidence).toBeLessThanOrEqual(1);
    for (let index = 0; index < 300; index += 1) balance.oppose(100, seen);
    expect(balance.confidence).toBeGreaterThanOrEqual(0);
  });
});

describe('a piece of evidence', () => {
  test('is one line, whatever the log held', () => {
    expect(evidence({ operation: 'a:B', region: 'r' }, ' Traceback:\n  File\t"x"\r\n').detail).toBe(
      'Traceback: File "x"',
    );
  });

  test('is cut where nobody would read on', () => {
    const { detail } = evidence({ operation: 'a:B', region: 'r' }, 'x'.repeat(250_000));
    expect(detail).toHaveLength(500);
    expect(detail.endsWith('\u2026')).toBe(true);
  });
});

test.each<[number, Series['unit'], string]>([
  [0.3, 's', '300 ms'],
  [1, 's', '1 s'],
  [2.7449, 's', '2.74 s'],
  [12.34, 's', '12.3 s'],
  [245.6, 'ms', '246 ms'],
  [4_200, 'ms', '4.2 s'],
  [97.25, '%', '97.3 %'],
  [0.974, 'ratio', '97.4 %'],
  [0.00001, 'ratio', '0.001 %'],
  [1_234, 'count', '1,234'],
  [0, 'count', '0'],
  [512, 'bytes', '512 B'],
  [1_536, 'bytes', '1.5 KiB'],
  [5 * 2 ** 30, 'bytes', '5 GiB'],
  [0, 'bytes', '0 B'],
])('%d %s is told as %s', (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text);
});
