/** No secret and no person's address comes out of a log line, and what is none stays readable. */
import { expect, test } from 'vitest';
import { withoutSecrets } from '../../src/diagnosis/secrets.ts';

test.each([
  ['password=hunter2', 'password=<secret>'],
  ['{"db_password": "hunter2", "user": "ann"}', '{"db_password": <secret>, "user": "ann"}'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: <secret>'],
  ['header was Bearer abcdef123456', 'header was Bearer <secret>'],
  ['mysql://app:hunter2@db/nano', 'mysql://<secret>@db/nano'],
  ['key AKIAIOSFODNN7EXAMPLE used', 'key <secret> used'],
  ['got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.', 'got <secret>.'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'jwt <secret>'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end', '<secret> end'],
  ['-----BEGIN PRIVATE KEY-----\nMIIE', '<secret>'],
  ['api_key: 12345, next', 'api_key: <secret>, next'],
  ['mail to ann.lee@example.com failed', 'mail to <email> failed'],
  [
    'nano_prod@nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com is slow',
    'nano_prod@nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com is slow',
  ],
  ['(using password: YES)', '(using password: YES)'],
  ['token: null', 'token: null'],
  ['Rejected an expired session token', 'Rejected an expired session token'],
  ['headers: {"cookie":["sid=123456","a]b"],"x":1}', 'headers: {"cookie":<secret>,"x":1}'],
  ['in {"password":{"value":"hunter2","of":[{"a":"b"}]},"x":1}', 'in {"password":<secret>,"x":1}'],
  [String.raw`in {\"password\":{\"value\":\"hunter2\"}}`, String.raw`in {\"password\":<secret>}`],
  ['passwords=[hunter2,b] refused', 'passwords=<secret> refused'],
  ['passwords=[hunter2, b', 'passwords=<secret>'],
  ['password={a}hunter2 refused', 'password=<secret> refused'],
  ['"cookies": [], "x": 1', '"cookies": [], "x": 1'],
  ['mysql --password hunter2 -u app', 'mysql --password <secret> -u app'],
  ['run --db-password "hunter 2" --api-key abc', 'run --db-password <secret> --api-key <secret>'],
  ['--token is required with --secret --verbose', '--token is required with --secret --verbose'],
  ['jwt-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'jwt-<secret>'],
  ['ExpiredTokenException: The security token', 'ExpiredTokenException: The security token'],
  ['CredentialsProviderError: Could not load', 'CredentialsProviderError: Could not load'],
  ['TokenExpiredError: password: hunter2', 'TokenExpiredError: password: <secret>'],
  ['InvalidClientTokenId: The security token', 'InvalidClientTokenId: The security token'],
  ['token_error=hunter2 TokenError="hunter2"', 'token_error=<secret> TokenError=<secret>'],
  [
    'no secret arn:aws:secretsmanager:us-west-2:123456789012:secret:nano/db-x, password=a',
    'no secret arn:aws:secretsmanager:us-west-2:123456789012:secret:nano/db-x, password=<secret>',
  ],
  [
    'secretArn: "arn:aws:secretsmanager:us-west-2:123456789012:secret:nano/db-x"',
    'secretArn: "arn:aws:secretsmanager:us-west-2:123456789012:secret:nano/db-x"',
  ],
  ['health check pass: 3 fail: 1', 'health check pass: 3 fail: 1'],
  ['DB_PASS=123 pass: 1234', 'DB_PASS=<secret> pass: <secret>'],
  ['used "tokens": 4500, token: 4500', 'used "tokens": 4500, token: <secret>'],
  ['TokenBucket: api', 'TokenBucket: api'],
  ['sha 9fceb02d0ae598e95dc970b74767f19372d61af8', 'sha 9fceb02d0ae598e95dc970b74767f19372d61af8'],
])('%s', (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

test.each([
  ['a long run of what might begin a name', 'password'.repeat(20_000)],
  ['a long run of signs', `password${'='.repeat(100_000)}`],
  ['a key that never ends', `-----BEGIN PRIVATE KEY-----${'A'.repeat(200_000)}`],
  ['an address that never ends', `${'a'.repeat(100_000)}@${'b.'.repeat(50_000)}`],
  ['what may begin a token', 'eyJaaaaa-'.repeat(30_000)],
  ['a list that never ends', 'cookie:['.repeat(30_000)],
  ['a text in a list that never ends', `cookie:["${String.raw`\"`.repeat(100_000)}`],
  ['an address of a place', 'http://'.repeat(20_000)],
])('takes no longer than the line is long: %s', (_, line) => {
  const begin = performance.now();
  withoutSecrets(line);
  expect(performance.now() - begin).toBeLessThan(2_000);
});
