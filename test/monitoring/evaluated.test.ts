/** Each alarm fires just where its check says that the rule is broken. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { availabilityAlert, errorRateAlert } from '../../src/checks/alerts/critical.ts';
import { cacheHitRateAlert, cpuAlert } from '../../src/checks/alerts/warning.ts';
import type { AlarmSpec } from '../../src/cloud/monitoring.ts';
import { desiredMonitoring } from '../../src/monitoring/desired.ts';
import { denied, judge, known, nothing, outcomes } from '../checks/judging.ts';
import { seriesOf, times } from '../diagnosis/series.ts';
import { stateOf, type Minutes } from './cloudwatch-alarm.ts';
import { primarySite, recoverySite, settingsWith } from './stack.ts';

function alarm(site: typeof primarySite, id: string): AlarmSpec {
  const found = desiredMonitoring(site, settingsWith()).resources.find(({ name }) => name === `nano-${id}`);
  if (found?.kind !== 'alarm') throw new Error(`there is no alarm ${id}`);
  return found.spec;
}

/** Quiet minutes, minutes that were not reported, and bad ones. */
const minute = fc.record(
  {
    requests: fc.nat({ max: 400 }),
    targetServerErrors: fc.integer({ min: 1, max: 30 }),
    balancerServerErrors: fc.integer({ min: 1, max: 30 }),
    balancerUnavailable: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: [] },
);

describe.each([
  [availabilityAlert, 60],
  [errorRateAlert, 5],
])('shares of requests, %#', (check, length) => {
  const spec = alarm(primarySite, check.id);
  const both = (minutes: readonly Partial<Record<string, number>>[]) => {
    const of = (name: string): Minutes => minutes.map((each) => each[name]);
    const [requests, targetServerErrors] = [of('requests'), of('targetServerErrors')];
    const [balancerServerErrors, balancerUnavailable] = [of('balancerServerErrors'), of('balancerUnavailable')];
    const counts = { requests, targetServerErrors, balancerServerErrors, balancerUnavailable };
    return { alarm: stateOf(spec, counts), check: judge(check, { 'api-outcomes': outcomes(counts) }).status };
  };

  test('fires where the check says so, and has no data only where the check cannot tell', () => {
    fc.assert(
      fc.property(fc.array(minute, { minLength: length, maxLength: length }), (minutes) => {
        const said = both(minutes);
        expect([said, said.alarm === 'ALARM']).toEqual([said, said.check === 'breach']);
        expect(said.alarm === 'no data' ? said.check : 'unknown').toBe('unknown');
      }),
      { numRuns: 300 },
    );
  });

  test('nobody asks, and nobody is paged', () => {
    expect(both(times(length, {}))).toEqual({ alarm: 'no data', check: 'unknown' });
    expect(both(times(length, { requests: 0 }))).toEqual({ alarm: 'no data', check: 'unknown' });
  });

  test('a balancer without any target, whose requests are counted nowhere else', () => {
    expect(both(times(length, { balancerServerErrors: 9, balancerUnavailable: 9 }))).toEqual({
      alarm: 'ALARM',
      check: 'breach',
    });
  });
});

test.each([
  ['ten of ten', times(10, 80), 'ALARM', 'breach'],
  ['nine of ten', [...times(9, 80), 60], 'OK', 'ok'],
  ['at the threshold', times(10, 75), 'OK', 'ok'],
  ['nothing at all', times(10, undefined), 'no data', 'unknown'],
])('CPU across in %s', (_words, values: Minutes, alarmed, judged) => {
  expect(stateOf(alarm(primarySite, 'alert-cpu-sustained'), { cpu: values })).toBe(alarmed);
  const used = {
    cpuAverage: seriesOf(values, '%'),
    cpuMaximum: nothing,
    memoryAverage: nothing,
    memoryMaximum: nothing,
  };
  expect(judge(cpuAlert, { 'service-utilisation': known(used), 'database-load': denied }).status).toBe(judged);
});

test('the cache fires below half of all look-ups of both nodes, and not where nobody looks anything up', () => {
  const spec = alarm(primarySite, 'alert-cache-hit-rate');
  const of = (hits: number | undefined, misses: number | undefined) => {
    const counts = { hits: times(5, hits), misses: times(5, misses) };
    const load = { hits: seriesOf(counts.hits), misses: seriesOf(counts.misses), nodes: ['one', 'two'] };
    const others = { engineCpu: nothing, evictions: nothing, connections: nothing };
    return [
      stateOf(spec, { hits1: counts.hits, misses1: counts.misses, hits2: times(5, 0), misses2: times(5, undefined) }),
      judge(cacheHitRateAlert, { 'cache-load': known({ ...load, ...others }) }).status,
    ];
  };
  expect(of(49, 51)).toEqual(['ALARM', 'breach']);
  expect(of(50, 50)).toEqual(['OK', 'ok']);
  expect(of(0, 0)).toEqual(['no data', 'unknown']);
});

test('a dead region: its copy tells, and the copy’s own silent API does not', () => {
  const lag = alarm(recoverySite, 'alert-replication-lag');
  expect(stateOf(lag, { lag: times(10, 800) })).toBe('OK');
  expect(stateOf(lag, { lag: [...times(9, 800), undefined] })).toBe('OK');
  expect(stateOf(lag, { lag: [...times(9, 800), 31_000] })).toBe('ALARM');
  expect(stateOf(lag, { lag: times(10, undefined) })).toBe('ALARM');
  const errors = alarm(recoverySite, 'alert-error-rate');
  const silent = { requests: [], targetServerErrors: [], balancerServerErrors: [], balancerUnavailable: [] };
  expect(stateOf(errors, silent)).toBe('OK');
  // Who scans the internet is answered with 503 where nothing runs.
  const scanned = { ...silent, balancerServerErrors: times(5, 1), balancerUnavailable: times(5, 1) };
  expect(stateOf(errors, scanned)).toBe('OK');
});
