import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstInstanceOf } from '../../src/cloud/database-names.ts';

describe('the first instance of a cluster', () => {
  test.each([
    ['nano-db', 'nano-db-1'],
    [`n${'a'.repeat(60)}`, `n${'a'.repeat(60)}-1`],
    [`n${'a'.repeat(62)}`, `n${'a'.repeat(60)}-1`],
    [`n${'a'.repeat(59)}-bc`, `n${'a'.repeat(59)}-1`],
  ])('of %s is %s', (cluster, instance) => {
    expect(firstInstanceOf(cluster)).toBe(instance);
  });

  test('is one that RDS takes, whatever the cluster is called', () => {
    const name = /^[A-Za-z](?:-?[A-Za-z0-9]){0,62}$/;
    fc.assert(
      fc.property(fc.stringMatching(name), (cluster) => {
        expect(firstInstanceOf(cluster)).toMatch(name);
      }),
    );
  });
});
