/** What differs from one occurrence of a message to the next is masked; what tells messages apart stays. */
import { expect, test } from 'vitest';
import { Variables } from '../../src/logs/variables.ts';

test.each([
  ['took 245 ms, 12.5ms, 3.1% of 1,000', 'took <n> ms, <n>ms, <n>% of <n>'],
  ['id 8f14e45f-ceea-467f-a0e6-1d2c3b4a5f60', 'id <uuid>'],
  ['from 10.0.12.7:5432 and [::1] and 2001:db8:0:0:1::1', 'from <ip> and [::<n>] and <ip>'],
  ['at 2026-11-23T10:15:00.123Z and 10:15:00', 'at <time> and <time>'],
  ['address 0x7ffe12 and deadbeef01', 'address <hex> and <hex>'],
  ["KeyError: 'thumbnail_url'", 'KeyError: <text>'],
  [
    `(1045, "Access denied for user 'app'@'10.0.1.2' (using password: YES)")`,
    `(<n>, "Access denied for user <text>@<text> (using password: YES)")`,
  ],
  ["can't decode byte; don't", "can't decode byte; don't"],
  ['GET /api/v1/nanos/4f2a9c81/reviews?page=2&q=x', 'GET /api/v1/nanos/<hex>/reviews?<query>'],
  ['user abc-123, req-12345, nano42', 'user abc-<n>, req-<n>, nano42'],
  ['S3 and utf8 and v2 and db.r6g.large', 'S3 and utf8 and v2 and db.r6g.large'],
  ['token 9aXk22LmQ7 of trace 1-5759e988-bd862e3fe1be46a994272793', 'token <id> of trace <n>-<hex>-<hex>'],
  ['mail to ann@example.com failed', 'mail to <email> failed'],
  ['nano-db.cluster-c1x2y3z4a5b6.us-west-2.rds.amazonaws.com', 'nano-db.cluster-<id>.us-west-<n>.rds.amazonaws.com'],
  ['', ''],
])('%s', (message, masked) => {
  expect(new Variables().words(message).join(' ')).toBe(masked);
});

test('words beyond what is remembered are masked alike', () => {
  const variables = new Variables();
  for (let number = 0; number < 45_000; number += 1) variables.words(`x-${number}y${number}`);
  expect(variables.words('x-17y17')).toEqual(new Variables().words('x-17y17'));
});
