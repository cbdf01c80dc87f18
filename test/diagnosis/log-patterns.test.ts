/** What error lines speak of. */
import { describe, expect, test } from 'vitest';
import type { LogSearch } from '../../src/cloud/facts.ts';
import { countLines, countTimeoutsOf, type LogKind } from '../../src/diagnosis/log-patterns.ts';

const before = { from: 0, to: 100 };
const during = { from: 100, to: 200 };

const search = (...lines: readonly (readonly [number, string])[]): LogSearch => ({
  lines: lines.map(([at, message]) => ({ at, message, stream: 'task' })),
  truncated: false,
  source: { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: '/aws/ecs/nano-api' },
});

const kinds = ['pool-exhausted', 'out-of-memory', 'timeout'] as const satisfies readonly LogKind[];
const kindsOf = (message: string): readonly LogKind[] =>
  kinds.filter((kind) => countLines(search([150, message]), kind, before, during).during === 1);

test.each<[string, readonly LogKind[]]>([
  [
    'QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 30.00',
    ['pool-exhausted', 'timeout'],
  ],
  ['HikariPool-1 - Connection is not available, request timed out after 30000ms', ['pool-exhausted', 'timeout']],
  ['timeout exceeded when trying to acquire a connection', ['pool-exhausted', 'timeout']],
  ['Unable to acquire JDBC Connection', ['pool-exhausted']],
  ['the connection pool is exhausted', ['pool-exhausted']],
  ['java.lang.OutOfMemoryError: Java heap space', ['out-of-memory']],
  ['MemoryError', ['out-of-memory']],
  ['FATAL ERROR: Reached heap limit - JavaScript heap out of memory', ['out-of-memory']],
  ['OSError: [Errno 12] Cannot allocate memory', ['out-of-memory']],
  ['Read timed out. (read timeout=5)', ['timeout']],
  ['context deadline exceeded', ['timeout']],
  ['user 4711 not found', []],
  ['pool party at 8', []],
  ['', []],
])('%s', (message, expected) => {
  expect(kindsOf(message)).toEqual(expected);
});

test('counts by period, and shows the newest of the incident', () => {
  const found = countLines(
    search([10, 'MemoryError 1'], [100, 'MemoryError 2'], [199, 'MemoryError 3'], [200, 'MemoryError 4']),
    'out-of-memory',
    before,
    during,
  );
  expect(found).toMatchObject({ before: 1, during: 2, example: { message: 'MemoryError 3' } });
});

describe('what is quoted of a line', () => {
  const quoted = (message: string) => countLines(search([150, message]), 'timeout', before, during).example?.message;

  test.each([
    ['the field that matches', { user_id: 'usr-1', message: 'GET failed', error: 'Read timed out' }, 'Read timed out'],
    ['whichever it is', { error: 'E1', msg: 'Read timed out', email: 'ada@example.org' }, 'Read timed out'],
    ['an error object, by its message', { error: { message: 'timed out', token: 'secret' } }, 'timed out'],
    ['nothing else', { user_id: 'usr-1', step: 'timeout' }, 'a line without error or message'],
  ])('of a structured one: %s', (_what, line, expected) => {
    expect(quoted(JSON.stringify(line))).toBe(expected);
  });

  test('of a structured one behind a prefix: the prefix is not needed', () => {
    expect(quoted(`10:00:00 ERROR {"msg":"Read timed out","user_id":"usr-1"}`)).toBe('Read timed out');
  });

  test('of a structured one that was cut short: no field of it', () => {
    expect(quoted(`ERROR {"user_id":"usr-1","error":"Read timed out`)).toBe('ERROR a line without error or message');
  });

  test.each(['plain', 'structured'])('of a long %s one: its beginning', (kind) => {
    const text = `Read timed out ${'x'.repeat(1_000)}`;
    const message = quoted(kind === 'plain' ? text : JSON.stringify({ error: text }));
    expect(message).toHaveLength(160);
    expect(message).toMatch(/^Read timed out x+…$/);
  });
});

test('without a line there is no example', () => {
  expect(countLines(search(), 'timeout', before, during)).toEqual({ before: 0, during: 0 });
});

describe('time-outs of a host', () => {
  const lines = search(
    [150, 'POST https://Moderation.example/v1: Read timed out'],
    [160, 'moderation.example answered 500'],
    [170, 'Read timed out: payments.example'],
  );

  test('need both the host and the time-out', () => {
    expect(countTimeoutsOf(lines, 'moderation.example', before, during).during).toBe(1);
  });

  test('take the name as it is, not as a pattern', () => {
    expect(countTimeoutsOf(lines, 'moderation(example', before, during).during).toBe(0);
    expect(countTimeoutsOf(lines, '.*', before, during).during).toBe(0);
  });
});

test.each([
  ['timeoutget', 25_000],
  ['timeout', 36_000],
  ['unable to acquire', 15_000],
  ['connection pool ', 16_000],
  ['timeout acquir', 18_000],
  ['a', 250_000],
])('a quarter of a megabyte of "%s" is read in no time', (text, count) => {
  // A pass that took time by the square of this length would not end within the test's limit.
  expect(kindsOf(text.repeat(count))).toEqual(text.includes('timeout') ? ['timeout'] : []);
});
