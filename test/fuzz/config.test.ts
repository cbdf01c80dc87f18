/** Whatever stands in a `nanoops.yaml`, in a value that a program hands in, or in what `init` found. */
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfigText, parseConfig, validateConfigText } from '../../src/config/load.ts';
import { showConfigDocument } from '../../src/config/show.ts';
import { configText } from '../../src/discovery/config-text.ts';
import { keyNotes, type Finding } from '../../src/discovery/findings.ts';
import { sandboxConfigYaml } from '../../src/sandbox/config-file.ts';
import { fullExample } from '../config/example.ts';
import { nasty } from '../terminal/nasty.ts';
import {
  deepJson,
  expectCleanPrototypes,
  garbled,
  hostileValue,
  mutated,
  pollution,
  readingOf,
  runs,
  wrongIn,
} from './hostile.ts';

afterEach(expectCleanPrototypes);

/** Codes that a text can end with. */
const own = { codes: ['ConfigInvalid', 'ConfigAliasBomb', 'UnknownEnvironment'], isPrintable: true };

const yamlPieces = [
  '&a ',
  '*a',
  '<<: ',
  '!!js/function ',
  '!!binary ',
  '? ',
  '|\n',
  '>-\n',
  '---\n',
  '%YAML 1.1\n',
  '{}',
  '~',
];

describe('a file', () => {
  test('with something wrong in its text is a configuration, or faults for people', () => {
    fc.assert(
      fc.property(
        garbled(fullExample, yamlPieces),
        fc.constantFrom(undefined, 'staging', '__proto__'),
        (text, name) => {
          expect(
            wrongIn(
              readingOf(() => validateConfigText(text, 'nanoops.yaml')),
              own,
            ),
          ).toEqual([]);
          const loaded = readingOf(() => loadConfigText(text, 'nanoops.yaml', name));
          expect(wrongIn(loaded, own)).toEqual([]);
          if ('value' in loaded) showConfigDocument({ ...loaded.value, file: '/nanoops.yaml' });
        },
      ),
      runs(60, 20_000),
    );
  });

  test('with something wrong in its values is a configuration, or faults for people', () => {
    const example: unknown = parse(fullExample);
    fc.assert(
      fc.property(mutated(example), (document) => {
        const text = JSON.stringify(document, undefined, 1);
        expect(
          wrongIn(
            readingOf(() => validateConfigText(text, 'nanoops.yaml')),
            own,
          ),
        ).toEqual([]);
      }),
      runs(60, 20_000),
    );
  });

  test.each([
    ['a list without end', deepJson()],
    ['maps without end', 'a: {'.repeat(50_000)],
    [
      'lists that are indented without end',
      Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}-`).join('\n'),
    ],
    ['keys of the language', pollution],
    ['a tag for a function', 'service: !!js/function "function () { process.exit(1) }"'],
    ['a merge of a prototype', 'a: &a { polluted: true }\n__proto__: { <<: *a }'],
    ['one quote', '"'],
    ['a byte order mark and nothing', '\uFEFF'],
    ['nothing but anchors', '&a '.repeat(2_000)],
    ['nothing but questions', '? '.repeat(4_000)],
    ['thousands of keys', Array.from({ length: 3_000 }, (_, n) => `k${n}: {}`).join('\n')],
  ])('that is %s is refused with faults for people', (_, text) => {
    const reading = readingOf(() => validateConfigText(text, 'nanoops.yaml'));
    expect(reading).toHaveProperty('error');
    expect(wrongIn(reading, own)).toEqual([]);
  });
});

describe('a value that a program hands in', () => {
  test('is a configuration, or faults for people', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(parse(fullExample)), hostileValue), (value) => {
        expect(
          wrongIn(
            readingOf(() => parseConfig(value, 'the test')),
            own,
          ),
        ).toEqual([]);
      }),
      runs(60, 20_000),
    );
  });

  test('that is nested without end is refused', () => {
    const value: unknown = JSON.parse(`{"service":${deepJson()}}`);
    const reading = readingOf(() => parseConfig(value, 'the test'));
    expect(reading).toHaveProperty('error');
    expect(wrongIn(reading, own)).toEqual([]);
  });
});

describe('what is written is read back', () => {
  const keys = keyNotes.map(({ key }) => key);
  const value = fc.oneof(
    nasty,
    fc.string({ maxLength: 30 }),
    fc.integer(),
    fc.constantFrom('no', '012', '1e3', '0x10', '~', '#', '- a', 'a: b'),
  );
  const finding: fc.Arbitrary<Finding> = fc.oneof(
    fc.record({ key: fc.constantFrom(...keys), kind: fc.constant('found' as const), value, why: nasty }),
    fc.record({
      key: fc.constantFrom(...keys),
      kind: fc.constant('open' as const),
      candidates: fc.array(fc.record({ name: nasty, why: nasty }), { maxLength: 3 }),
    }),
    fc.record({ key: fc.constantFrom(...keys), kind: fc.constant('absent' as const), why: nasty }),
  );

  test('by init: the values that were found and nothing else, whatever names and reasons hold', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(finding, { selector: ({ key }) => key, maxLength: 12 }),
        fc.array(nasty, { maxLength: 3 }),
        (findings, lines) => {
          const text = configText(findings, { lines });
          const found = findings.flatMap((each) => (each.kind === 'found' ? [[each.key, each.value] as const] : []));
          expect(new Map(leaves(parse(text) ?? {}))).toEqual(new Map(found));
        },
      ),
      runs(60, 20_000),
    );
  });

  test('by sandbox config', () => {
    expect(loadConfigText(sandboxConfigYaml(), 'nanoops.yaml').config.service).toBe('nano-api');
  });
});

function leaves(value: object, path = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    typeof member === 'object' && member !== null
      ? leaves(member, `${path}${key}.`)
      : [[`${path}${key}`, member] as const],
  );
}
