/** Messages that say the same thing come to one template, in bounded memory. */
import { expect, test } from 'vitest';
import { Clusters, mostTemplates } from '../../src/logs/clusters.ts';

const wordsOf = (text: string) => text.split(' ');

function templatesOf(messages: readonly string[]): readonly string[] {
  const clusters = new Clusters();
  for (const message of messages) clusters.add(wordsOf(message));
  return clusters.found.map(({ words }) => words.join(' '));
}

test.each<[string, readonly string[], readonly string[]]>([
  ['what is equal', ['a b c', 'a b c'], ['a b c']],
  ['half of the words the same', ['take order of Ann now', 'take order of Bob soon'], ['take order of <*> <*>']],
  ['less than half the same', ['take order a b c', 'take order x y z'], ['take order a b c', 'take order x y z']],
  ['another length', ['a b c', 'a b c d'], ['a b c', 'a b c d']],
  ['another beginning', ['read a file now', 'write a file now'], ['read a file now', 'write a file now']],
  ['a beginning that varies', ['<n> of many files', '<n> of many disks'], ['<n> of many <*>']],
])('%s', (_, messages, templates) => {
  expect(templatesOf(messages)).toEqual(templates);
});

test('of similar templates the most similar takes a message in', () => {
  const clusters = new Clusters();
  const first = clusters.add(wordsOf('a b c d e f'));
  const second = clusters.add(wordsOf('a b x y z q'));
  expect(second).not.toBe(first);
  expect(clusters.add(wordsOf('a b x y r f'))).toBe(second);
});

test('no more templates than there is room for; what finds none is told', () => {
  const clusters = new Clusters();
  let refused = 0;
  for (let number = 0; number < 3 * mostTemplates; number += 1) {
    const word = `w${String(number).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')}`;
    if (clusters.add([word, `${word}x`, `${word}y`, `${word}z`]) === undefined) refused += 1;
  }
  expect(clusters.found.length).toBeLessThanOrEqual(mostTemplates);
  expect(clusters.found.length + refused).toBeLessThanOrEqual(3 * mostTemplates);
  expect(refused).toBeGreaterThan(mostTemplates);
});

test('an endless message is cut', () => {
  const clusters = new Clusters();
  const cluster = clusters.add(Array.from({ length: 100_000 }, (_, index) => `w${index}`));
  expect(cluster?.words.length).toBeLessThan(200);
});
