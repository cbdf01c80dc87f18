/** Numbers as people read them. */
import { expect, test } from 'vitest';
import { amount, quantity } from '../../src/cloud/quantity.ts';

test.each([
  [0, '0'],
  [0.004, '0.004'],
  [-0.00378, '-0.004'],
  [0.0101, '0.01'],
  [7.1234, '7.12'],
  [71.234, '71.2'],
  [71_234.5, '71,235'],
])('%d is %s', (value, text) => {
  expect(quantity(value, 'count')).toBe(text);
  expect(amount(value, 'count')).toBe(text);
});

test.each([
  [0.004, '0.004 %'],
  [99.95, '99.95 %'],
  [99.996, '99.996 %'],
  [100, '100 %'],
])('a share of %d per cent is %s', (value, text) => {
  expect(amount(value, 'percent')).toBe(text);
});
