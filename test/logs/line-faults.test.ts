/** What is wrong with a line, by field; its values are not shown. */
import { expect, test } from 'vitest';
import { lineFaults } from '../../src/logs/line-faults.ts';

const plain = { timestamp: '2026-11-23T10:15:00.123Z', level: 'INFO', service: 'a', action: 'DONE', error: null };
const request = {
  ...plain,
  duration_ms: 245,
  http_status: 201,
  http_method: 'POST',
  http_path: '/api',
  user_id: null,
  request_id: 'r-1',
  trace_id: 't',
  correlation_id: 'c',
};
const without = (line: object, key: string) =>
  Object.fromEntries(Object.entries(line).filter(([name]) => name !== key));
const faultsOf = (line: unknown, required?: readonly string[]) =>
  lineFaults([{ at: 1, stream: 's', message: typeof line === 'string' ? line : JSON.stringify(line) }], required);

test.each<[string, unknown, readonly string[]]>([
  ['a line of no request', plain, []],
  ['a line of a request', request, []],
  ['fields beyond', { ...request, nano_id: 'n', anything: [1] }, []],
  ['an error as text', { ...plain, error: 'x' }, []],
  ['no level', without(plain, 'level'), ['level is missing']],
  ['no error', without(plain, 'error'), ['error is missing']],
  ['a request without its trace', without(request, 'trace_id'), ['trace_id is missing']],
  [
    'a request that names its path alone',
    { ...plain, http_path: '/' },
    [
      'correlation_id is missing',
      'duration_ms is missing',
      'http_method is missing',
      'http_status is missing',
      'request_id is missing',
      'trace_id is missing',
      'user_id is missing',
    ],
  ],
  ['a level in small letters', { ...plain, level: 'info' }, ['level is of another form']],
  ['a duration with its unit', { ...request, duration_ms: '245ms' }, ['duration_ms is of another form']],
  ['a time without a zone', { ...plain, timestamp: '2026-11-23T10:15:00' }, ['timestamp is of another form']],
  ['a status that is none', { ...request, http_status: 99 }, ['http_status is of another form']],
  ['plain text', 'INFO done', ['no JSON']],
  ['a list', [1], ['no JSON']],
])('%s', (_, line, faults) => {
  const found = faultsOf(line);
  expect(found.faults.map(({ fault }) => fault)).toEqual(faults);
  expect(found.bad).toBe(faults.length === 0 ? 0 : 1);
});

test('the fields of a team’s own in the place of the default', () => {
  expect(faultsOf({ message: 'x' }, ['message']).bad).toBe(0);
  expect(faultsOf(plain, ['message']).faults).toEqual([{ fault: 'message is missing', lines: 1 }]);
});

test('an example shows no values', () => {
  const { example } = faultsOf({ ...without(request, 'level'), user_id: 'ann', http_path: '/users/ann' });
  expect(example).toContain('"user_id":"<string>"');
  expect(example).not.toContain('ann');
  expect(faultsOf('user 4711 with password=hunter2').example).toBe('user #### with password=<secret>');
});
