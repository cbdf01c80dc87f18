/** Availability, latency and errors of the API: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import {
  availability,
  balancerLatency,
  clientErrors,
  latencyP95,
  latencyP99,
  serverErrors,
} from '../../../src/checks/metrics/api.ts';
import { seriesOf, times } from '../../diagnosis/series.ts';
import { denied, judge, known, outcomes, skipped } from '../judging.ts';

describe('availability', () => {
  const hour = (bad: number) => outcomes({ requests: times(60, 1000), targetServerErrors: [bad] });
  test.each([
    ['nothing failed', hour(0), 'ok', 100],
    ['just the target', hour(30), 'ok', 99.95],
    ['one request below it', hour(31), 'warning', 99.948_333],
    ['just the alert threshold', hour(600), 'warning', 99],
    ['one request below it', hour(601), 'breach', 98.998_333],
    ['everything failed', hour(60_000), 'breach', 0],
  ] as const)('%s', (_name, seen, status, value) => {
    const found = judge(availability, { 'api-outcomes': seen });
    expect(found).toMatchObject({ status, target: '≥99.95 %', alert: '<99 %' });
    expect(found.observed?.value).toBeCloseTo(value, 5);
    expect(found.nextStep === undefined).toBe(status === 'ok');
  });

  test('what the balancer refused before it chose a target was a request, too', () => {
    const seen = outcomes({ requests: times(60, 100), balancerServerErrors: [6000], balancerUnavailable: [6000] });
    expect(judge(availability, { 'api-outcomes': seen })).toMatchObject({ status: 'breach', observed: { value: 50 } });
  });

  test('a balancer that only refuses is down, though it counts no request', () => {
    const seen = outcomes({ balancerServerErrors: times(60, 50), balancerUnavailable: times(60, 50) });
    expect(judge(availability, { 'api-outcomes': seen })).toMatchObject({ status: 'breach', observed: { value: 0 } });
  });

  test.each([
    ['nothing was reported', outcomes({}), 'unknown', 'no requests were reported over 1h'],
    ['nobody asked', outcomes({ requests: times(60, 0) }), 'unknown', 'no requests over 1h'],
    ['it may not be looked at', denied, 'unknown', 'not allowed'],
    ['no balancer is configured', skipped, 'not-configured', 'not in nanoops.yaml'],
  ] as const)('%s', (_name, seen, status, summary) => {
    const found = judge(availability, { 'api-outcomes': seen });
    expect(found).toMatchObject({ status, target: '≥99.95 %' });
    expect(found.summary).toContain(summary);
    expect(found.observed).toBeUndefined();
  });

  test('half of an hour is enough to be well, a minute less is not', () => {
    const since = (minutes: number) => [...times(minutes, undefined), ...times(60 - minutes, 1000)];
    expect(judge(availability, { 'api-outcomes': outcomes({ requests: since(30) }) }).status).toBe('ok');
    const thin = judge(availability, { 'api-outcomes': outcomes({ requests: since(31) }) });
    expect(thin).toMatchObject({ status: 'unknown', observed: { value: 100 } });
    expect(thin.summary).toContain('nothing was reported in 31 min of 1 h');
  });

  test('who fell silent five minutes ago is not called well; what failed before did', () => {
    const silentFor = (minutes: number, bad: number) =>
      outcomes({
        requests: [...times(60 - minutes, 1000), ...times(minutes, undefined)],
        targetServerErrors: [bad, ...times(30, undefined)],
      });
    expect(judge(availability, { 'api-outcomes': silentFor(4, 0) }).status).toBe('ok');
    expect(judge(availability, { 'api-outcomes': silentFor(5, 0) }).status).toBe('unknown');
    expect(judge(availability, { 'api-outcomes': silentFor(5, 5000) }).status).toBe('breach');
  });

  test('what was before the window, and in the minute after it, does not count', () => {
    const seen = outcomes({ requests: times(61, 1000), targetServerErrors: [1000, ...times(60, undefined)] });
    expect(judge(availability, { 'api-outcomes': seen })).toMatchObject({ status: 'ok', observed: { value: 100 } });
  });
});

describe('errors', () => {
  const minutes = (name: 'targetServerErrors' | 'targetClientErrors', bad: number) =>
    outcomes({ requests: times(5, 2000), [name]: [bad] });
  test.each([
    [serverErrors, 'targetServerErrors', 0, 'ok'],
    [serverErrors, 'targetServerErrors', 49, 'ok'],
    [serverErrors, 'targetServerErrors', 50, 'warning'],
    [serverErrors, 'targetServerErrors', 100, 'warning'],
    [serverErrors, 'targetServerErrors', 101, 'breach'],
    [clientErrors, 'targetClientErrors', 199, 'ok'],
    [clientErrors, 'targetClientErrors', 200, 'warning'],
    [clientErrors, 'targetClientErrors', 500, 'warning'],
    [clientErrors, 'targetClientErrors', 501, 'breach'],
  ] as const)('$id: %s %i of 10,000', (check, name, bad, status) => {
    const found = judge(check, { 'api-outcomes': minutes(name, bad) });
    expect(found).toMatchObject({ status, observed: { unit: '%', window: '5m' } });
    expect(found.observed?.value).toBeCloseTo(bad / 100, 9);
  });

  test('4xx are no 5xx, nor the other way round; those of the balancer count with those of targets', () => {
    const seen = outcomes({
      requests: times(5, 2000),
      targetServerErrors: [10],
      balancerServerErrors: [20],
      targetClientErrors: [30],
      balancerClientErrors: [40],
    });
    expect(judge(serverErrors, { 'api-outcomes': seen }).observed?.value).toBeCloseTo(0.3, 9);
    expect(judge(clientErrors, { 'api-outcomes': seen }).observed?.value).toBeCloseTo(0.7, 9);
  });

  test.each([serverErrors, clientErrors])(
    '$id: unknown without requests, not configured without a balancer',
    (check) => {
      expect(judge(check, { 'api-outcomes': outcomes({}) }).status).toBe('unknown');
      expect(judge(check, { 'api-outcomes': denied })).toMatchObject({
        status: 'unknown',
        nextStep: 'allow cloudwatch:GetMetricData',
      });
      expect(judge(check, { 'api-outcomes': skipped }).status).toBe('not-configured');
    },
  );
});

describe.each([
  { check: latencyP95, name: 'p95', target: 1, alert: 2 },
  { check: latencyP99, name: 'p99', target: 2, alert: 3 },
] as const)('latency $name', ({ check, name, target, alert }) => {
  const latency = (values: readonly (number | undefined)[]) => {
    const empty = seriesOf([], 's');
    return known({ p95: empty, p99: empty, [name]: seriesOf(values, 's') });
  };
  test.each([
    ['below the target', times(5, target - 0.001), 'ok'],
    ['at the target in every minute', times(5, target), 'warning'],
    ['at the alert threshold in every minute', times(5, alert), 'warning'],
    ['above it in every minute', times(5, alert + 0.001), 'breach'],
    ['above it in all minutes but one', [...times(4, alert + 5), target - 0.1], 'ok'],
    ['above it in all minutes but one, which misses the target', [...times(4, alert + 5), target + 0.1], 'warning'],
    [
      'above it in four minutes, and one was not reported',
      [...times(2, alert + 1), undefined, ...times(2, alert + 1)],
      'unknown',
    ],
    ['well in three minutes, and two were not reported', [undefined, undefined, ...times(3, 0.3)], 'ok'],
    [
      'well in two minutes, and three were not reported',
      [undefined, undefined, undefined, ...times(2, 0.3)],
      'unknown',
    ],
    ['above it before the last five minutes only', [...times(30, alert + 5), ...times(5, 0.3)], 'ok'],
    ['not reported at all', [], 'unknown'],
  ] as const)('%s', (_case, values, status) => {
    expect(judge(check, { 'api-latency': latency(values) }).status).toBe(status);
  });

  test('is told in milliseconds, as the lowest of the window', () => {
    const { observed } = judge(check, {
      'api-latency': latency([alert + 2, alert + 1, alert + 4, alert + 5, alert + 3]),
    });
    expect(observed).toMatchObject({ value: (alert + 1) * 1000, unit: 'ms', window: '5m' });
  });

  test('not seen, and not configured', () => {
    expect(judge(check, { 'api-latency': denied }).status).toBe('unknown');
    expect(judge(check, { 'api-latency': skipped }).status).toBe('not-configured');
  });
});

test('the balancer’s own latency is measured by nothing', () => {
  expect(judge(balancerLatency, {})).toMatchObject({ status: 'not-configured', target: '<50 ms', alert: '>100 ms' });
});
