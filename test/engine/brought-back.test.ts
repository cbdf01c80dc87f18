/** Which changes of a run were brought back by later ones: by one each, and of the same thing only. */
import { expect, test } from 'vitest';
import { broughtBackIn } from '../../src/engine/change.ts';

type Placed = Parameters<typeof broughtBackIn>[0][number];

const moved = (from: string, to: string, more: Partial<Placed> = {}): Placed => ({
  operation: 'world:Move',
  region: 'here',
  resource: 'writer',
  before: { writer: from },
  after: { writer: to },
  ...more,
});

test.each<[string, readonly Placed[], readonly (readonly [number, number])[]]>([
  ['there alone', [moved('a', 'b')], []],
  ['there and back', [moved('a', 'b'), moved('b', 'a')], [[0, 1]]],
  ['there and on', [moved('a', 'b'), moved('b', 'c')], []],
  [
    'twice there and back: each of them once',
    [moved('a', 'b'), moved('b', 'a'), moved('a', 'b'), moved('b', 'a')],
    [
      [2, 3],
      [0, 1],
    ],
  ],
  ['twice there, and once back: the newest of them', [moved('a', 'b'), moved('a', 'b'), moved('b', 'a')], [[1, 2]]],
  ['from where it was to where it was', [moved('a', 'a')], []],
  [
    'of what is called the same only when its names are run together',
    [moved('a', 'b', { region: 'here', resource: 'writer' }), moved('b', 'a', { region: 'her', resource: 'ewriter' })],
    [],
  ],
  ['of something else', [moved('a', 'b'), moved('b', 'a', { resource: 'other' })], []],
  ['in another region', [moved('a', 'b'), moved('b', 'a', { region: 'there' })], []],
  [
    'of one thing that several regions have, by whatever operation',
    [
      moved('a', 'b', { identity: 'global' }),
      moved('b', 'a', { identity: 'global', region: 'there', operation: 'world:Swap' }),
    ],
    [[0, 1]],
  ],
])('%s', (_what, changes, pairs) => {
  expect([...broughtBackIn(changes)]).toEqual(pairs);
});
