/** The product’s own numbers: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import { chatResponseTime, dailyActiveUsers, moderationQueue, newNanos } from '../../../src/checks/metrics/business.ts';
import type { BusinessMetrics } from '../../../src/cloud/facts.ts';
import { times } from '../../diagnosis/series.ts';
import { denied, everyPeriod, judge, known, nothing, skipped } from '../judging.ts';

const hourMs = 3_600_000;

function business(key: keyof BusinessMetrics, values: readonly (number | undefined)[]) {
  const empty: BusinessMetrics = {
    dailyActiveUsers: nothing,
    newNanos: nothing,
    chatResponse: nothing,
    moderationAge: nothing,
    moderationLength: nothing,
  };
  return { business: known({ ...empty, [key]: everyPeriod(hourMs, values) }) };
}

describe.each([
  { check: dailyActiveUsers, key: 'dailyActiveUsers', ok: 101, warning: [100, 50], breach: 49 },
  { check: chatResponseTime, key: 'chatResponse', ok: 23.9, warning: [24, 48], breach: 48.1 },
  { check: moderationQueue, key: 'moderationAge', ok: 23.9, warning: [24, 48], breach: 48.1 },
] as const)('$check.id', ({ check, key, ok, warning, breach }) => {
  test.each([
    [ok, 'ok'],
    [warning[0], 'warning'],
    [warning[1], 'warning'],
    [breach, 'breach'],
  ] as const)('%d: %s', (value, status) => {
    expect(judge(check, business(key, [value])).status).toBe(status);
  });

  test('the newest of the last day tells; what is older does not', () => {
    expect(judge(check, business(key, [breach, ...times(22, undefined), ok])).status).toBe('ok');
    expect(judge(check, business(key, [ok, ...times(23, undefined)])).status).toBe('ok');
    expect(judge(check, business(key, [ok, ...times(24, undefined)])).status).toBe('unknown');
  });

  test('not reported, not seen, not configured', () => {
    expect(judge(check, business(key, [])).status).toBe('unknown');
    expect(judge(check, { business: denied }).status).toBe('unknown');
    expect(judge(check, { business: skipped }).status).toBe('not-configured');
  });
});

describe('new Nanos', () => {
  test.each([
    [[1, 2, 3], 'ok', 6],
    [[5], 'warning', 5],
    [[1, 1], 'warning', 2],
    [[1], 'breach', 1],
    [[0], 'breach', 0],
    [[9, ...times(24, undefined)], 'unknown', undefined],
    [[9, ...times(23, undefined), 1], 'breach', 1],
  ] as const)('%j over the last day: %s', (values, status, sum) => {
    const found = judge(newNanos, business('newNanos', values));
    expect(found.status).toBe(status);
    expect(found.observed?.value).toBe(sum);
  });

  test('not seen, not configured', () => {
    expect(judge(newNanos, { business: denied }).status).toBe('unknown');
    expect(judge(newNanos, { business: skipped }).status).toBe('not-configured');
  });
});
