/** What stands under the name of a secret leaves with no capture and stands in no report, however the line is written. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, cleanValue } from '../../src/capture/clean.ts';
import { quoted } from '../../src/diagnosis/database/log-text.ts';
import { isNameOfSecret, withoutSecrets } from '../../src/diagnosis/secrets.ts';
import { lineFaults } from '../../src/logs/line-faults.ts';
import { tellingOf } from '../../src/logs/line.ts';
import { runs } from '../fuzz/hostile.ts';

const name = fc.constantFrom(
  ...[
    'password',
    'db_password',
    'passwordHash',
    'PASSWD',
    'passphrase',
    'passcode',
    'pwd',
    'client_secret',
    'clientSecret',
  ],
  ...['token', 'x-csrf-token', 'refreshToken', 'api_key', 'apiKey', 'x-api-key', 'access-key', 'secretAccessKey'],
  ...['private_key', 'Authorization', 'credential', 'credentials', 'cookie', 'Set-Cookie', 'session_id', 'sessionId'],
  ...['pass', 'PASS', 'Pass', 'DB_PASS', 'smtp-pass', 'dbPass', 'user.pass'],
);

/** Nobody's, and known by nothing but the name that it stands under. */
const secret = fc.stringMatching(/^[a-z]{3}[0-9]{2}!?[a-z]{3,10}$/);
const anyText = fc.oneof(
  secret,
  fc.tuple(secret, fc.constantFrom('"', "'", '\\', ' ', ', ')).map(([text, sign]) => `${text}${sign}${text}`),
);

/** Where a member may stand in a structured line. */
const around = fc.array(
  fc.constantFrom<(value: unknown) => unknown>(
    (value) => ({ ctx: value }),
    (value) => ({ level: 'ERROR', items: [1, value] }),
    (value) => ({ message: JSON.stringify(value) }),
    (value) => [[value]],
  ),
  { maxLength: 4 },
);

/** How a secret is a member. */
const member = fc.constantFrom<(name: string, value: unknown) => unknown>(
  (key, value) => ({ user: 'ann', [key]: value }),
  (key, value) => ({ name: key, value }),
  (key, value) => ({ Key: key, Value: value }),
  (key, value) => ({ [key]: [value, 7] }),
  (key, value) => ({ [key]: { user: value, more: { other: value } } }),
);

const prefix = fc.constantFrom(
  '',
  '  ',
  'ERROR ',
  '2026-11-23T11:58:01.123Z [worker-7] ERROR request failed: ',
  'stdout F ',
);

test('a structured line holds none, at any depth, alone or behind a prefix', () => {
  fc.assert(
    fc.property(name, anyText, member, around, prefix, (key, value, put, wraps, before) => {
      const line = { level: 'ERROR', at: wraps.reduce((each, wrap) => wrap(each), put(key, value)) };
      const cleaned = cleanText(before + JSON.stringify(line));
      for (const part of value.split(/["'\\ ,]+/)) expect(cleaned).not.toContain(part);
      expect(cleanText(cleaned)).toBe(cleaned);
    }),
    runs(300, 20_000),
  );
});

test('a plain line holds none', () => {
  const written = fc.constantFrom<(name: string, value: string) => string>(
    (key, value) => `${key}=${value}`,
    (key, value) => `could not connect: ${key}: ${value}, retrying`,
    (key, value) => `--${key}=${value} --verbose`,
    (key, value) => `{'${key}': '${value}'}`,
    (key, value) => `{"${key}": "${value}"`,
    (key, value) => `${key} = "${value} and ${value}"`,
    (key, value) => `body {\\"${key}\\":\\"${value}\\"} refused`,
  );
  fc.assert(
    fc.property(name, secret, written, prefix, (key, value, write, before) => {
      const line = before + write(key, value);
      for (const clean of [cleanText, withoutSecrets]) {
        expect(clean(line)).not.toContain(value);
        expect(clean(clean(line))).toBe(clean(line));
      }
    }),
    runs(300, 20_000),
  );
});

test('what no name says is secret stays', () => {
  const line = {
    level: 'ERROR',
    passed: 12,
    bypass: 'on',
    compass: 'north',
    passes: '3',
    keyboard: 'qwerty',
    max_tokens: null,
  };
  expect(cleanText(JSON.stringify(line))).toBe(JSON.stringify(line));
  expect(Object.keys(line).filter((key) => isNameOfSecret(key))).toEqual(['max_tokens']);
  const pair = JSON.stringify({ name: 'max_connections', value: '1000' });
  expect(cleanText(pair)).toBe(pair);
});

test('a number that says how many stays, and one that may be a secret does not', () => {
  const line = { tokens: 4500, pass: 3, credentialsCount: 2, max_tokens: 4096, name: 'TokenBucket', value: 'api' };
  expect(cleanText(JSON.stringify(line))).toBe(JSON.stringify(line));
  const secrets = { pass: 48151623, password: 7, token: 4500, credentials: { tokens: 5 } };
  expect(cleanText(JSON.stringify(secrets))).not.toMatch(/\d/);
});

test('of a fact, whose keys are nanoops’ own, numbers and lists stay', () => {
  const fact = { secrets: ['nano/database'], tokens: 7, token: null };
  expect(cleanValue(fact)).toEqual(fact);
  expect(cleanValue({ annotations: { api_key: 'abc12xyz' }, tags: [{ name: 'DB_PASS', value: 'abc12xyz' }] })).toEqual({
    annotations: { api_key: '<secret>' },
    tags: [{ name: 'DB_PASS', value: '<secret>' }],
  });
});

/** Known as a key by its beginning and its length: a piece of it is known by nothing. */
const keyId = 'AKIAIOSFODNN7EXAMPLE';

/** Each with the length at which it cuts, of the text or of what it shows. */
const told: readonly (readonly [string, number, (text: string) => string | undefined])[] = [
  ['a line', 2_000, (text) => tellingOf(text).text],
  ['a structured line', 2_000, (message) => tellingOf(JSON.stringify({ level: 'ERROR', message })).text],
  ['the last line of a traceback', 32_000, (text) => tellingOf(tracebackOf(text)).text],
  ['an example of a plain line', 1_000, (message) => exampleOf(message)],
  ['an example of an action', 40, (action) => exampleOf(JSON.stringify({ action }))],
  ['an example of a key', 300, (key) => exampleOf(JSON.stringify({ [key]: 1 }))],
  ['a quote', 640, quoted],
];

/** Ends with the key, in a line of its own, where the text ends with it. */
function tracebackOf(text: string): string {
  const before = text.indexOf(keyId);
  const frames = `Traceback (most recent call last):\n${`${'at x '.repeat(30)}\n`.repeat(before / 150)}`;
  return `${frames.slice(0, before - 1).padEnd(before - 1, '.')}\n${text.slice(before)}`;
}

const exampleOf = (message: string) => lineFaults([{ at: 1, stream: 's', message }]).example;

test.each(told)('no piece is left of a key that would be cut in two: %s', (_, cut, show) => {
  for (let before = cut - keyId.length - 4; before <= cut; before += 4) {
    // Words, and blanks that are not shown, so that what is cut of the text stands at the beginning of what is shown.
    for (const padding of ['no '.repeat(before).slice(-before), `no${' '.repeat(before - 2)}`]) {
      const shown = show(`${padding}${keyId} more`) ?? '';
      // Of digits an example shows none.
      expect(shown).not.toMatch(/AKIAI/);
    }
  }
});
