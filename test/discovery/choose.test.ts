/** What is chosen, and what is left open: one line a case. */
import { expect, test } from 'vitest';
import { choose, type Candidate } from '../../src/discovery/choose.ts';

const candidate = (name: string, wired: number, ...hints: readonly number[]): Candidate<string> => ({
  value: name,
  name,
  wired,
  hints,
  why: [],
});

const outcome = (candidates: readonly Candidate<string>[]): string => {
  const choice = choose(candidates);
  if (choice.kind === 'chosen') return choice.candidate.name;
  return choice.kind === 'none' ? 'none' : `open: ${choice.candidates.map(({ name }) => name).join(' ')}`;
};

test.each([
  ['nothing there', [], 'none'],
  ['one, of which nothing is known', [candidate('a', 0, 0)], 'a'],
  ['one is wired, the other has the better name', [candidate('a', 1, 0), candidate('b', 0, 3)], 'a'],
  ['one is wired more firmly', [candidate('a', 1, 3), candidate('b', 2, 0)], 'b'],
  ['both are wired, one has the better name', [candidate('a', 1, 1), candidate('b', 1, 2)], 'b'],
  ['neither is wired, one has the better name', [candidate('a', 0, 0), candidate('b', 0, 1)], 'b'],
  ['equals', [candidate('b', 0, 1), candidate('a', 0, 1)], 'open: a b'],
  ['equals that nothing speaks for', [candidate('b', 0, 0), candidate('a', 0, 0)], 'open: a b'],
  ['wired equals', [candidate('b', 2, 1), candidate('a', 2, 1), candidate('c', 1, 9)], 'open: a b c'],
  ['each is better in something', [candidate('a', 0, 2, 0), candidate('b', 0, 0, 1)], 'open: a b'],
  ['better in one hint, equal in another', [candidate('a', 0, 1, 1), candidate('b', 0, 0, 1)], 'a'],
  ['the best is worse than a third in something', [candidate('a', 0, 2, -1), candidate('b', 0, 1, 0)], 'open: a b'],
])('%s', (_case, candidates, expected) => {
  expect(outcome(candidates)).toBe(expected);
});
