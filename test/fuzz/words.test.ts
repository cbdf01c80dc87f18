/** Whatever somebody types where a time, a duration, a threshold, a name or an ARN is wanted. */
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatDuration, parseDuration, parseInstantOrDuration, readDuration } from '../../src/config/durations.ts';
import { parseConfig } from '../../src/config/load.ts';
import { formatQuantity, readQuantity } from '../../src/config/quantities.ts';
import { readSecretRef } from '../../src/config/secrets.ts';
import { isIncidentId, meantBy } from '../../src/incident/id.ts';
import { isRunId } from '../../src/state/state-folder.ts';
import { fullExample } from '../config/example.ts';
import { runMain } from '../support/run-main.ts';
import { nasty } from '../terminal/nasty.ts';
import { expectCleanPrototypes, garbled, hostileKeys, readingOf, runs, wrongIn } from './hostile.ts';

afterEach(expectCleanPrototypes);

const now = Date.UTC(2026, 10, 23, 12);
/** Something, and nothing that steers a terminal. */
const isPrintable = (text: string): boolean => text !== '' && !/\p{C}/u.test(text);

const word = fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.constantFrom(...hostileKeys));

describe('a duration', () => {
  const parts = fc.record({
    d: fc.nat(100_000),
    h: fc.nat(1_000),
    m: fc.nat(100_000),
    s: fc.nat(100_000),
    ms: fc.nat(100_000),
  });

  test('of any parts is their sum, and is written so that it is read back', () => {
    fc.assert(
      fc.property(parts, fc.subarray(['d', 'h', 'm', 's', 'ms'] as const, { minLength: 1 }), (given, units) => {
        const sizes = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
        const ms = parseDuration(units.map((unit) => `${given[unit]}${unit}`).join(''));
        expect(ms).toBe(units.reduce((sum, unit) => sum + given[unit] * sizes[unit], 0));
        expect(parseDuration(formatDuration(ms))).toBe(ms);
        expect(formatDuration(parseDuration(formatDuration(ms)))).toBe(formatDuration(ms));
      }),
      runs(100, 50_000),
    );
  });

  test('that is none says what to write, and shows nothing that steers a terminal', () => {
    fc.assert(
      fc.property(fc.oneof(word, garbled('1h30m', ['d', 'ms', '9'.repeat(400)])), (text) => {
        const reading = readDuration(text);
        const isRight = 'ms' in reading ? Number.isSafeInteger(reading.ms) : isPrintable(reading.fault);
        expect(isRight).toBe(true);
      }),
      runs(100, 50_000),
    );
  });
});

test('a time, or how long ago it was, is one that can be written again, or is refused', () => {
  const typed = fc.oneof(
    word,
    garbled('2026-11-23T10:00:00.123+01:00', ['Z', '-', '9', '99999999d']),
    fc.nat(110_000_000).map((days) => `${days}d`),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const reading = readingOf(() => parseInstantOrDuration(text, now, '--since'));
      expect(wrongIn(reading, { codes: ['InvalidTime'], isPrintable: true })).toEqual([]);
      expect(new Date('value' in reading ? reading.value : 0).toISOString()).toMatch(/^\d{4}-/);
    }),
    runs(150, 50_000),
  );
});

test.each(['104000000d', '750000d'])('dr schedule --from %s is refused, whatever calendars can count', async (from) => {
  const { exitCode, stderr } = await runMain(['dr', 'schedule', '--from', from]);
  expect(stderr).toContain('lies before the first year');
  expect(exitCode).toBe(2);
});

test('a threshold is read back as it was written, and what is none says how', () => {
  const unit = fc.constantFrom('ms' as const, 'percent' as const, 'count' as const);
  fc.assert(
    fc.property(unit, fc.oneof(word, fc.double(), fc.integer(), garbled('99.95%', ['%', '1e3'])), (in_, input) => {
      const reading = readQuantity(input, in_);
      const written = 'fault' in reading ? undefined : formatQuantity(reading.value, in_);
      const again = written === undefined ? reading : readQuantity(in_ === 'count' ? Number(written) : written, in_);
      expect(again).toEqual(reading);
      expect('fault' in reading ? isPrintable(reading.fault) : reading.value >= 0).toBe(true);
    }),
    runs(100, 50_000),
  );
});

describe('names and ARNs of resources', () => {
  const { environments: _, ...example }: Record<string, Record<string, unknown>> = parse(fullExample);
  type Place = readonly [part: string, key: string];
  const places: readonly Place[] = [
    ['api', 'loadBalancer'],
    ['api', 'targetGroup'],
    ['compute', 'cluster'],
    ['database', 'cluster'],
    ['storage', 'bucket'],
    ['dns', 'record'],
    ['dns', 'hostedZoneId'],
    ['cdn', 'url'],
    ['logs', 'application'],
    ['roles', 'primary'],
    ['regions', 'primary'],
  ];
  const fitting = ([part, key]: Place): string => String(example[part]?.[key]);

  /** The configuration with it there, as it is taken, or why it is not. */
  function taken([part, key]: Place, text: string) {
    const reading = readingOf(() => parseConfig({ ...example, [part]: { ...example[part], [key]: text } }, 'the test'));
    expect(wrongIn(reading, { codes: ['ConfigInvalid'], isPrintable: true })).toEqual([]);
    return 'error' in reading
      ? reading
      : { text: Reflect.get(Object(Reflect.get(reading.value, part)), key) as unknown };
  }

  test('are taken as they are written or refused, and nothing of them steers a terminal', () => {
    const name = fc.oneof(
      word,
      garbled('arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/nano-alb/50dc6c495c0c9188', [
        ':',
        '/',
        '..',
      ]),
      garbled('arn:aws:iam::123456789012:role/ops/nanoops', ['*', '/../']),
      garbled('https://nano.example:8443/a?b#c', ['@', 'javascript:', '//']),
      fc.constantFrom('-x', '--help', '; rm -rf /', '$(id)', '`id`', '../../x', 'a\nb', '*'),
    );
    const typed = fc.constantFrom(...places).chain((place) => {
      const good = fitting(place);
      return fc.tuple(fc.constant(place), fc.oneof(fc.constant(good), name, garbled(good)));
    });
    fc.assert(
      fc.property(typed, ([place, text]) => {
        const reading = taken(place, text);
        expect('error' in reading || (reading.text === text && isPrintable(text))).toBe(true);
      }),
      runs(100, 10_000),
    );
  });

  test.each(places)('%s.%s: are refused where something in them steers a terminal or is no letter', (part, key) => {
    const place = [part, key] as const;
    const good = fitting(place);
    expect(taken(place, good)).toEqual({ text: good });
    const half = good.length >> 1;
    for (const piece of ['\u001b[2J', '\u009b', '\u202e', '\u2028', '\u0000', '\n', '\t', ' '])
      expect([piece, taken(place, `${good.slice(0, half)}${piece}${good.slice(half)}`)]).toMatchObject([
        piece,
        { error: {} },
      ]);
  });
});

test('what can be the id of a run or an incident never leads out of its folder', () => {
  fc.assert(
    fc.property(fc.oneof(word, garbled('20261123T115801Z-latency-abc123', ['/', '..', '\\', '%2e'])), (text) => {
      const leadsNowhere = /^(?!\.)[\w.-]+$/.test(text);
      expect(leadsNowhere || !(isRunId(text) || isIncidentId(text))).toBe(true);
    }),
    runs(100, 50_000),
  );
});

test('of incidents those are meant that begin so, or whose word does', () => {
  const ids = ['1123-badger', '1123-bison', '1124-badger'];
  const typed = fc.oneof(
    word,
    fc.constantFrom(...ids).chain((id) => garbled(id)),
    fc.constantFrom('b', '1123', ...ids),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const begins = text.trim().toLowerCase();
      const expected = ids.filter((id) => begins !== '' && (id.startsWith(begins) || id.slice(5).startsWith(begins)));
      expect(meantBy(text, ids)).toEqual(expected);
    }),
    runs(100, 50_000),
  );
});

test('what refers to a secret names a store and a place in it, and everything else is none', () => {
  const typed = fc.oneof(
    word,
    fc.constantFrom('${env:HOOK}', '${ssm:/nano/hook}', '${secretsmanager:nano/db#url}').chain((each) => garbled(each)),
    fc.constantFrom('${env:HOOK}', '${ssm:/nano/hook}', '${secretsmanager:nano/db#url}'),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const { store, name = '', key, reference } = readSecretRef(text) ?? {};
      const rebuilt = `\${${store}:${name}${key === undefined ? '' : `#${key}`}}`;
      const isOne = /^\$\{(?:env|ssm|secretsmanager):[^\s{}#]+(?:#[^\s{}#]+)?\}$/.test(rebuilt) && isPrintable(rebuilt);
      const isPlain = /^\$\{(?:env:[A-Z]+|ssm:\/[a-z/]+|secretsmanager:[a-z/]+(?:#[a-z]+)?)\}$/.test(text);
      expect(reference === undefined ? !isPlain : isOne && rebuilt === text && reference === text).toBe(true);
    }),
    runs(100, 50_000),
  );
});
