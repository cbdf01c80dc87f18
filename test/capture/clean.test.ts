import { describe, expect, test } from 'vitest';

import { cleanText, cleanValue } from '../../src/capture/clean.ts';
import { slowEntries } from '../../src/diagnosis/slow-log.ts';
import { statementShape } from '../../src/diagnosis/statement-shape.ts';

/** Planted, none of them anybody's. */
const planted = [
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'hunter2hunter2',
  'ada.lovelace@example.com',
  '198.51.100.77',
  '2001:db8::8a2e:370:7334',
  'Lovelace',
  '4111111111111111',
] as const;
const [keyId, secretKey, token, password, email, address, address6, name, card] = planted;

const hiding: readonly (readonly [string, string])[] = [
  ['a plain line', `login of ${email} from ${address} failed, key ${keyId}, secret ${secretKey}`],
  ['a header', `Authorization: Bearer ${token}`],
  ['a password', `password=${password} for somebody`],
  ['a connection string', `mysql://nano:${password}@nano-db.internal:3306/nano`],
  ['a query string', `GET https://api.example.com/v1/users?mail=${email}&card=${card} 500`],
  ['an address of IPv6', `client ${address6} went away`],
  ['a statement', `SELECT * FROM users WHERE name = '${name}' AND card = ${card} AND mail = "${email}"`],
  ['a statement in a message', `Deadlock found: UPDATE users SET card = ${card} WHERE name = '${name}'`],
  [
    'a structured line',
    JSON.stringify({ level: 'ERROR', message: `no ${email}`, sql: `DELETE FROM users WHERE name='${name}'` }),
  ],
  ['a structured line within one', JSON.stringify({ message: JSON.stringify({ to: email, token }) })],
  ['lists and rows', `INSERT INTO users (name, card) VALUES ('${name}', ${card}), ('${name}', ${card})`],
  ['a key', `-----BEGIN RSA PRIVATE KEY-----\n${secretKey}\n-----END RSA PRIVATE KEY-----`],
];

describe('what nobody else may read', () => {
  test.each(hiding)('is not in %s any more', (_what, text) => {
    const cleaned = cleanText(text);
    for (const each of planted) expect(cleaned).not.toContain(each);
    expect(cleanText(cleaned)).toBe(cleaned);
  });

  test('is in no depth of a value', () => {
    const value = { lines: hiding.map(([, message]) => ({ at: 1, message })), deep: [[{ text: email }]] };
    const text = JSON.stringify(cleanValue(value));
    for (const each of planted) expect(text).not.toContain(each);
  });
});

describe('what a diagnosis goes by', () => {
  test.each([
    ['a private address', 'Host 10.0.3.17 is blocked'],
    ['a network', 'ingress 203.0.113.0/24 and 0.0.0.0/0'],
    ['a time', 'at 12:34:56 on 2026-11-26T12:34:56Z'],
    ['an ARN', 'arn:aws:ecs:us-west-2:123456789012:service/nano/nano-api'],
    ['an engine version', '8.0.mysql_aurora.3.08.1 and 4.2.0.1-rc'],
    ['a count', 'Too many connections: 1000 of 1000'],
    ['an MD5', 'image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ])('stays: %s', (_what, text) => expect(cleanText(text)).toBe(text));

  test('stays in an entry of the slow query log: all but the values', () => {
    const message = [
      '# Time: 2026-11-26T12:00:01.123456Z',
      `# User@Host: nano[nano] @  [10.0.3.17]  Id: 4711`,
      '# Query_time: 2.150000  Lock_time: 0.000012 Rows_sent: 20  Rows_examined: 986323',
      'use nano;',
      'SET timestamp=1795694401;',
      'SELECT id, title',
      `FROM nanos WHERE owner = '${name}' AND status = 3 ORDER BY stars DESC LIMIT 20;`,
    ].join('\n');
    const [before] = slowEntries([{ at: 1, stream: 'a', message }]);
    const cleaned = cleanText(message);
    const [after] = slowEntries([{ at: 1, stream: 'a', message: cleaned }]);
    expect(cleaned).not.toContain(name);
    expect({ ...after, statement: '' }).toEqual({ ...before, statement: '' });
    expect(after?.shape).toBe(statementShape(before?.statement ?? ''));
  });

  test('stays in a structured line', () => {
    const line = JSON.stringify({ level: 'ERROR', status: 503, duration_ms: 12.5, message: 'Too many connections' });
    expect(cleanText(line)).toBe(line);
  });
});

test.each(['select ', 'a:', '1.', 'http://', '{"a":', "'", 'update set ', '::1', '-- '])(
  'takes time in proportion to the text: %j',
  (unit) => {
    /** The quickest of several: whoever else works on this machine only adds to it. */
    const took = (text: string): number => {
      const times = Array.from({ length: 5 }, () => {
        const began = performance.now();
        cleanText(text);
        return performance.now() - began;
      });
      return Math.min(...times);
    };
    const [short, long] = [unit.repeat(2_000), unit.repeat(20_000)];
    took(short);
    // Ten times the text, and room for noise; what grows with the square takes a hundred times as long.
    expect(took(long)).toBeLessThan(50 * Math.max(1, took(short)));
  },
);
