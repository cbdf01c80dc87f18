/** Which error messages an incident brought, and whom they blame. */
import { describe, expect, test } from 'vitest';
import { messagesIn, type Blamed } from '../../../src/diagnosis/errors/messages.ts';
import { logs } from '../latency/pictures.ts';
import { endMs, minutesAgo } from '../series.ts';

const names = { database: 'nano-db', cache: 'nano-cache', bucket: 'nano-zips', hosts: ['moderation.example.com'] };
const during = { from: minutesAgo(20), to: endMs };
type Said = readonly [minutes: number, count: number, message: string];
const read = (...said: readonly Said[]) => messagesIn(logs(...said), during, names);

describe('whom a line blames', () => {
  const cases: readonly (readonly [Blamed, string])[] = [
    ['unnamed', "AttributeError: 'NoneType' object has no attribute 'entitlements' (app/licensing.py:88)"],
    ['database', 'pymysql.err.OperationalError: (1205, Lock wait timeout exceeded; try restarting transaction)'],
    ['database', "(2003, \"Can't connect to MySQL server on 'nano-db.cluster-x.us-west-2.rds.amazonaws.com'\")"],
    ['pool', 'QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 10.00'],
    ['dependency', 'httpx.ReadTimeout: POST https://moderation.example.com/v1/check took longer than 8.0 s'],
    ['storage', 'An error occurred (SlowDown) when calling the GetObject operation: Please reduce your request rate.'],
    ['memory', 'MemoryError: Unable to allocate 8.00 MiB for a response'],
    ['overload', 'ConcurrencyLimitReached: limit of 64 requests'],
    ['cache', 'redis.exceptions.TimeoutError: Timeout reading from socket'],
    ['other-aws', 'botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling SendMessage'],
  ];
  test.each(cases)('%s: %s', (blames, message) => {
    expect(read([10, 5, message]).risen.map((group) => group.blames)).toEqual([blames]);
  });

  test('a structured line is read by what it says went wrong, not by whom it went wrong for', () => {
    const line = JSON.stringify({ level: 'ERROR', error: 'KeyError: x', user_agent: 'redis-client', path: '/s3/x' });
    expect(read([10, 5, line]).risen[0]).toMatchObject({ blames: 'unnamed', example: 'KeyError: x' });
  });
});

test('lines that differ in numbers, ids and quoted values are one message', () => {
  const { risen, lines } = read([10, 3, 'cannot load nano 4711'], [9, 2, 'cannot load nano 12']);
  expect(risen).toMatchObject([{ during: 5, before: 0 }]);
  expect(lines).toBe(5);
});

test('what was as frequent before is no news, what became three times as frequent is', () => {
  expect(read([34, 6, 'cannot send mail'], [15, 10, 'cannot send mail']).risen).toEqual([]);
  expect(read([34, 2, 'cannot send mail'], [15, 40, 'cannot send mail']).risen).toMatchObject([
    { during: 40, before: 2 },
  ]);
});

test('where the time before was not read, nobody says what is new', () => {
  const search = { ...logs([10, 5, 'KeyError: x']), truncated: true };
  expect(messagesIn(search, during, names)).toMatchObject({ truncated: true, isComparable: false });
  expect(read([34, 1, 'KeyError: y'], [10, 5, 'KeyError: x']).isComparable).toBe(true);
});

test.each([
  ['a token', 'LoginFailed: token=ghp_abcdefghijklmnop0123456789', 'ghp_'],
  ['a header', 'upstream said no: Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'eyJ'],
  ['a password of an address', 'cannot reach mysql://root:hunter2@nano-db/nano', 'hunter2'],
  ['a person’s address', 'KeyError: no account for ana@nano.example', 'ana@'],
])('%s is not repeated', (_what, message, secret) => {
  const [first] = read([10, 5, message]).risen;
  expect(first?.during).toBe(5);
  expect(first?.example).not.toContain(secret);
});
