/** The plan of capacity, as a file may write it. */
import { expect, test } from 'vitest';
import { loadConfigText } from '../../src/config/load.ts';
import { NanoopsError } from '../../src/errors.ts';
import { minimal } from './example.ts';

function faultsOf(line: string): string {
  try {
    loadConfigText(minimal(line), 'nanoops.yaml');
  } catch (error) {
    if (error instanceof NanoopsError) return error.details.join('\n') + error.message;
    throw error;
  }
  return '';
}

test.each([
  ['capacity: { tiers: [] }', 'must hold a tier'],
  ['capacity: { tiers: [{ users: 0 }] }', 'must be 1 or more'],
  ['capacity: { tiers: [{ users: 10 }, { users: 10 }] }', 'must be more than the 10 of the tier before it'],
  ['capacity: { tiers: [{ users: 10, tasks: [3, 2] }] }', 'must name the least first'],
  ['capacity: { tiers: [{ users: 10, tasks: 3 }] }', 'must be the least and the most tasks'],
  ['capacity: { tiers: [{ users: 10, databse: x }] }', 'did you mean "database"?'],
])('%s is a fault', (line, text) => {
  expect(faultsOf(line)).toContain(text);
});

test('tiers that rise are a plan', () => {
  expect(faultsOf('capacity: { tiers: [{ users: 10 }, { users: 11, tasks: [2, 2], note: more }] }')).toBe('');
});
