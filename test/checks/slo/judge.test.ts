/** What objectives and burns come to: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import { sloResults } from '../../../src/checks/slo/judge.ts';
import { objectivesOf, stateOf, type SloSeen } from '../../../src/checks/slo/objectives.ts';
import type { ApiLatency, ApiOutcomes } from '../../../src/cloud/facts.ts';
import type { Series } from '../../../src/cloud/series.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { limitsOf } from '../../../src/use-cases/check-report.ts';
import { endMs, minuteMs, times } from '../../diagnosis/series.ts';
import { denied, everyPeriod, known, nothing, skipped, toldOf } from '../judging.ts';

const hourMs = 60 * minuteMs;
const hours = 720;
const minutes = 72 * 60;

const outcomesOf = (requests: Series, failed: Series): Known<ApiOutcomes> =>
  known({
    requests,
    targetServerErrors: failed,
    balancerServerErrors: nothing,
    balancerUnavailable: nothing,
    targetClientErrors: nothing,
    balancerClientErrors: nothing,
  });
const monthOf = (failed: readonly number[], reported = hours) =>
  outcomesOf(everyPeriod(hourMs, times(reported, 1000)), everyPeriod(hourMs, failed));
/** So many of 1,000,000 requests a minute failed, in the newest of the minutes. */
const daysOf = (failed: readonly number[]) =>
  outcomesOf(everyPeriod(minuteMs, times(minutes, 1_000_000)), everyPeriod(minuteMs, failed));
const latencyOf = (periodMs: number, periods: number, seconds: number): Known<ApiLatency> => {
  const series = everyPeriod(periodMs, times(periods, seconds), 's');
  return known({ p50: series, p95: series, p99: series, requests: nothing });
};

const well: SloSeen = {
  outcomesOfMonth: monthOf([]),
  outcomesOfDays: daysOf([]),
  latencyOfMonth: latencyOf(5 * minuteMs, 8640, 0.3),
  latencyOfDays: latencyOf(minuteMs, minutes, 0.3),
};

function statusOf(id: string, seen: Partial<SloSeen>) {
  const all = { ...well, ...seen };
  const rules = { fewestEvents: 10 };
  const objectives = objectivesOf(limitsOf());
  const states = new Map(
    objectives.flatMap((objective) => {
      const state = stateOf(objective, all, endMs, rules);
      return state === undefined ? [] : [[objective.id, state] as const];
    }),
  );
  return sloResults(objectives, states, all, toldOf(), rules).find((result) => result.id === id)?.status;
}

describe('availability over a month', () => {
  test.each<[string, Partial<SloSeen>, string]>([
    ['nothing failed', {}, 'ok'],
    ['just the budget is spent', { outcomesOfMonth: monthOf([360]) }, 'ok'],
    ['one request more', { outcomesOfMonth: monthOf([361]) }, 'breach'],
    ['just nine tenths of the month were reported', { outcomesOfMonth: monthOf([], 648) }, 'ok'],
    ['an hour less', { outcomesOfMonth: monthOf([], 647) }, 'unknown'],
    ['an hour less, and the budget is spent all the same', { outcomesOfMonth: monthOf([361], 647) }, 'breach'],
    ['nothing was reported', { outcomesOfMonth: monthOf([], 0) }, 'unknown'],
    ['the month was not seen', { outcomesOfMonth: denied }, 'unknown'],
    ['the last days were not seen', { outcomesOfDays: denied }, 'unknown'],
    ['no load balancer is configured', { outcomesOfMonth: skipped, outcomesOfDays: skipped }, 'not-configured'],
  ])('%s', (_what, seen, status) => {
    expect(statusOf('slo-availability', seen)).toBe(status);
  });
});

test.each([
  ['just 99 of 100 periods below', 86, 'ok'],
  ['one period more at the bound', 87, 'breach'],
])('latency: %s', (_what, slow, status) => {
  const series = everyPeriod(5 * minuteMs, [...times(slow, 1), ...times(8640 - slow, 0.999)], 's');
  const month = known({ p50: series, p95: series, p99: series, requests: nothing });
  expect(statusOf('slo-latency-p95', { latencyOfMonth: month })).toBe(status);
});

/** Of a million requests a minute, so many are the budget: 500. */
describe('burning', () => {
  const burning = (failed: number, length = minutes) => ({ outcomesOfDays: daysOf(times(length, failed)) });
  test.each([
    ['1h', 14.4, 'breach'],
    ['6h', 6, 'breach'],
    ['24h', 3, 'warning'],
    ['3d', 1, 'warning'],
  ])('over %s it pages, or is for a working day', (pair, threshold, status) => {
    const id = `slo-burn-${pair}`;
    expect(statusOf(id, burning(500 * threshold))).toBe('ok');
    expect(statusOf(id, burning(500 * threshold + 1))).toBe(status);
    expect(statusOf(id, { outcomesOfDays: denied })).toBe('unknown');
    expect(statusOf(id, { outcomesOfDays: denied, latencyOfDays: denied })).toBe('unknown');
    const none = { outcomesOfMonth: skipped, outcomesOfDays: skipped, latencyOfMonth: skipped, latencyOfDays: skipped };
    expect(statusOf(id, none)).toBe('not-configured');
  });

  test('ten bad events of an hour are counted, nine are not', () => {
    const few = (failed: number) => ({
      outcomesOfDays: outcomesOf(everyPeriod(minuteMs, times(minutes, 5)), everyPeriod(minuteMs, times(failed, 1))),
    });
    expect(statusOf('slo-burn-1h', few(10))).toBe('breach');
    expect(statusOf('slo-burn-1h', few(9))).toBe('ok');
  });
});
