/** Text from traces: bounded, and without what nobody may read. */
import { expect, test } from 'vitest';
import { nameOfTraced, tracedName, tracedOperation, tracedPath, tracedUrl } from '../../src/use-cases/traced-text.ts';

test.each([
  ['https://api.example/nanos', 'https://api.example/nanos'],
  ['https://ana:hunter2@api.example/nanos', 'https://api.example/nanos'],
  ['https://api.example/x?q=who+i+am&sig=abc#frag', 'https://api.example/x?q=…&sig=…'],
  ['https://api.example/x?opaque-token', 'https://api.example/x?…'],
  ['https://api.example/reset/ana@example.com', 'https://api.example/reset/<email>'],
  ['https://api.example/a/eyJhbGciOi.eyJzdWIiOi.c2ln', 'https://api.example/a/<secret>'],
  ['//ana:hunter2@host/x?a=1?b=2', '//host/x?a=…&b=…'],
  ['no address at all', 'no address at all'],
  ['', ''],
])('the address %j becomes %j', (url, shown) => {
  expect(tracedUrl(url)).toBe(shown);
});

test('addresses, names and statements are cut', () => {
  expect(tracedUrl(`https://h/${'x'.repeat(9_000)}`).length).toBe(300);
  expect(tracedUrl(`https://h/?${'a=1&'.repeat(9_000)}`).length).toBeLessThanOrEqual(300);
  expect(tracedName('x'.repeat(9_000)).length).toBe(200);
  expect(tracedOperation({ sql: `SELECT ${'a,'.repeat(9_000)} 1` })?.length).toBe(500);
});

test('a path is what comes after the host', () => {
  expect(tracedPath('https://ana@api.example/nanos?q=1')).toBe('/nanos?q=…');
  expect(tracedPath('https://api.example')).toBe('/');
});

test('statements lose their values, names their secrets; a database keeps its host', () => {
  expect(tracedOperation({ sql: "SELECT * FROM users WHERE mail = 'ana@example.com' AND age > 41" })).toBe(
    'SELECT * FROM users WHERE mail = ? AND age > ?',
  );
  expect(tracedOperation({ awsOperation: 'GetObject' })).toBe('GetObject');
  expect(tracedOperation({})).toBeUndefined();
  expect(tracedName('ana@example.com logged in')).toBe('<email> logged in');
  expect(nameOfTraced({ name: 'nano@nano-db.internal.example.com', origin: 'Database::SQL' })).toBe(
    'nano@nano-db.internal.example.com',
  );
});
