/** Tasks and uploads: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import { ecsCpu, ecsMemory, uploadErrors } from '../../../src/checks/metrics/infrastructure.ts';
import { seriesOf, times } from '../../diagnosis/series.ts';
import { denied, judge, known, nothing, skipped } from '../judging.ts';

describe.each([
  { check: ecsCpu, key: 'cpuAverage', target: 70, alert: 75 },
  { check: ecsMemory, key: 'memoryAverage', target: 80, alert: 85 },
] as const)('$key', ({ check, key, target, alert }) => {
  const used = (values: readonly (number | undefined)[]) => {
    const empty = { cpuAverage: nothing, cpuMaximum: nothing, memoryAverage: nothing, memoryMaximum: nothing };
    const network = { networkReceived: nothing, networkTransmitted: nothing };
    return { 'service-utilisation': known({ ...empty, ...network, [key]: seriesOf(values, '%') }) };
  };
  test.each([
    [times(5, target - 0.1), 'ok'],
    [times(5, target), 'warning'],
    [times(5, alert), 'warning'],
    [times(5, alert + 0.1), 'breach'],
    [[...times(4, 99), 1], 'ok'],
    [[...times(4, 99), undefined], 'unknown'],
    [[], 'unknown'],
  ] as const)('%j: %s', (values, status) => {
    expect(judge(check, used(values)).status).toBe(status);
  });

  test('not seen, not configured', () => {
    expect(judge(check, { 'service-utilisation': denied }).status).toBe('unknown');
    expect(judge(check, { 'service-utilisation': skipped }).status).toBe('not-configured');
  });
});

describe('upload errors', () => {
  const bucket = (all: readonly number[], failed: readonly number[], refused: readonly number[] = []) => ({
    'bucket-load': known({
      requests: seriesOf(all),
      uploads: seriesOf(all),
      serverErrors: seriesOf(failed),
      clientErrors: seriesOf(refused),
      firstByteLatencyP99: nothing,
      totalLatencyP99: nothing,
    }),
  });
  test.each([
    ['none failed', bucket(times(5, 200), []), 'ok'],
    ['one of many failed: it knows no warning', bucket(times(5, 200), [1]), 'breach'],
    ['some were refused: they may have asked for what is not there', bucket(times(5, 200), [], times(5, 9)), 'ok'],
    ['nobody asked', bucket(times(5, 0), []), 'unknown'],
    ['nothing was reported', bucket([], []), 'unknown'],
  ] as const)('%s', (_name, seen, status) => {
    expect(judge(uploadErrors, seen).status).toBe(status);
  });

  test('not seen; no bucket; a bucket that counts nothing is not well, it is not configured', () => {
    expect(judge(uploadErrors, { 'bucket-load': denied }).status).toBe('unknown');
    expect(judge(uploadErrors, { 'bucket-load': skipped }).status).toBe('not-configured');
    const uncounted = judge(uploadErrors, { 'bucket-load': known(null) });
    expect(uncounted).toMatchObject({ status: 'not-configured', target: '0 %' });
    expect(uncounted.summary).toContain('metrics configuration');
  });
});
