/** Whatever stands in a scenario: a story that can be told, or the faults of the file. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { parseScenario, resolveFaults } from '../../src/sandbox/scenarios/scenario.ts';
import { deepJson, expectCleanPrototypes, garbled, mutated, pollution, readingOf, runs, wrongIn } from './hostile.ts';

afterEach(expectCleanPrototypes);

const texts = listScenarios().map(({ id }) =>
  readFileSync(new URL(`../../src/sandbox/scenarios/${id}.yaml`, import.meta.url), 'utf8'),
);
/** A story with one fault. */
const storyOf = (fault: string): string => `${texts[0]?.replace(/^faults:[^]*/m, '')}faults: [{ ${fault} }]\n`;
const own = { codes: ['ScenarioInvalid'] };

/** What is wrong with what is made of it. */
function wrongWith(text: string): readonly string[] {
  const reading = readingOf(() => parseScenario(text, 'story.yaml'));
  if ('error' in reading) return wrongIn(reading, own);
  const times = resolveFaults(reading.value, 1, 1_795_000_000_000).flatMap(({ from, to = from }) => [from, to]);
  return times.filter((time) => !Number.isSafeInteger(time)).map((time) => `a time of ${time}`);
}

test('with something wrong in its text or values is a story, or has faults', () => {
  const pieces = ['&a ', '*a', '<<: ', '!!js/function ', 'onset + 9e9h', '1h', `${'9'.repeat(400)}h`];
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.gen(), (text, draw) => {
      expect(wrongWith(draw(garbled, text, pieces))).toEqual([]);
      expect(wrongWith(JSON.stringify(draw(mutated, parse(text))))).toEqual([]);
    }),
    runs(60, 20_000),
  );
});

test('is told with a fault', () => {
  expect(wrongWith(storyOf('effect: growth, from: -1h, factor: 2'))).toEqual([]);
  expect(parseScenario(storyOf('effect: growth, from: -1h, factor: 2'), 'story.yaml').faults).toHaveLength(1);
});

test.each([
  ['nested without end', deepJson(5_000)],
  [
    'aliases of aliases',
    `a: &a [x, x]\n${'bcdefghij'.replaceAll(/./g, (name, at: number) => `${name}: &${name} [*${'abcdefghi'[at]}, *${'abcdefghi'[at]}]\n`)}`,
  ],
  ['keys of the language', pollution],
  ['a tag for a function', 'id: !!js/function "() => 1"'],
  ['a merge of a prototype', 'x: &x { polluted: 1 }\n__proto__: { <<: *x }'],
  [
    'a statement that every object knows',
    storyOf('effect: statement, from: 0s, statement: toString, factor: 2, rowsExamined: 1'),
  ],
  ['a time beyond all counting', storyOf(`effect: growth, from: ${'9'.repeat(400)}h, factor: 2`)],
])('with %s is refused with its faults', (_, text) => {
  expect(readingOf(() => parseScenario(text, 'story.yaml'))).toMatchObject({
    error: { code: 'ScenarioInvalid', exitCode: 2 },
  });
  expect(wrongWith(text)).toEqual([]);
});
