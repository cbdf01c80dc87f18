import { describe, expect, test } from 'vitest';
import { cost } from '../../../src/checks/weekly/cost.ts';
import type { DailyCosts } from '../../../src/cloud/cost-facts.ts';
import { dayMs, denied, is, judged, lines, nowMs, skipped, told } from './told.ts';

/** 23 November: the last two days are left out, so that the week ends with the 21st. */
const end = Date.UTC(2026, 10, 22);
const begin = Date.UTC(2026, 9, 1);

/** A day costs 100, but for what `amount` says of it. */
function costs(
  amount: (day: number) => Readonly<Record<string, number>> | undefined = () => ({ RDS: 100 }),
  more: Partial<DailyCosts> = {},
) {
  const days = Array.from({ length: (end - begin) / dayMs }, (_, index) => begin + index * dayMs);
  return is<DailyCosts>({
    currency: 'USD',
    days: days.flatMap((day) => {
      const byService = amount(day);
      return byService === undefined ? [] : [{ day, byService }];
    }),
    readAt: nowMs,
    pages: 1,
    source: { operation: 'ce:GetCostAndUsage', region: 'us-east-1', detail: 'account' },
    ...more,
  });
}

/** The last seven days cost so much a day, all before 100. */
const week = (aDay: number) => costs((day) => ({ RDS: day >= end - 7 * dayMs ? aDay : 100 }));

describe('a week against the one before', () => {
  test.each([
    [60, 'ok', '$420.00 over 7 days, 40 % less than in the week before (\u2212$280.00)'],
    [100, 'ok', '$700.00 over 7 days, 0 % more than in the week before (+$0.00)'],
    [110, 'ok', '$770.00 over 7 days, 10 % more than in the week before (+$70.00)'],
    [110.1, 'warning', '$770.70 over 7 days, 10.1 % more than in the week before (+$70.70)'],
    [125, 'warning', '$875.00 over 7 days, 25 % more than in the week before (+$175.00)'],
    [125.1, 'breach', '$875.70 over 7 days, 25.1 % more than in the week before (+$175.70)'],
  ])('%f a day after 100 is %s', (aDay, status, summary) => {
    const result = judged(cost, { 'daily-costs': week(aDay) });
    expect([result.status, result.summary]).toEqual([status, summary]);
    expect(result).toMatchObject({ target: '\u226410 %', alert: '>25 %', observed: { unit: '%', window: '7d' } });
  });

  test('what rose is named, and how to look into it', () => {
    const seen = costs((day) => ({ RDS: 50, 'EC2 - Other': day >= end - 7 * dayMs ? 70 : 50 }));
    const result = judged(cost, { 'daily-costs': seen });
    expect(result.status).toBe('warning');
    expect(lines(result).join('\n')).toContain('moved most: EC2 - Other +$140.00');
    expect(result.nextStep).toBe(
      'find out what EC2 - Other did: aws ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost --time-period Start=2026-11-08,End=2026-11-22 --group-by Type=DIMENSION,Key=USAGE_TYPE --filter \'{"Dimensions":{"Key":"SERVICE","Values":["EC2 - Other"]}}\' --region us-east-1 --profile ops',
    );
  });

  test.each([
    [69.9, 'warning'],
    [70.1, 'ok'],
  ])('a rise by $70 is told where %f is the least that counts: %s', (leastRise, status) => {
    // 10.2 % more than 98 a day before; the month as a whole did not rise.
    const seen = costs((day) => ({ RDS: day >= end - 7 * dayMs ? 108 : day >= end - 14 * dayMs ? 98 : 120 }));
    const result = judged(cost, { 'daily-costs': seen }, { cost: { review: true, leastRise } });
    expect(result.status).toBe(status);
    expect(result.summary.includes('noise')).toBe(status === 'ok');
  });

  test('from nothing to something has no percentage, and is told', () => {
    const seen = costs((day) => ({ RDS: day >= end - 7 * dayMs ? 3 : 0 }));
    const result = judged(cost, { 'daily-costs': seen });
    expect([result.status, result.summary]).toEqual(['warning', '$21.00 over 7 days, after $0.00 in the week before']);
    expect(result.observed).toBeUndefined();
  });

  test('other currencies go by their names', () => {
    const result = judged(cost, { 'daily-costs': costs(undefined, { currency: 'CNY' }) });
    expect(result.summary).toContain('700.00 CNY over 7 days');
  });

  test('the target is the file\u2019s', () => {
    const limits = { ...told.limits, 'weekly-cost': { ...told.limits['weekly-cost'], target: 30, alert: 50 } };
    expect(judged(cost, { 'daily-costs': week(130) }, { limits }).status).toBe('ok');
    expect(judged(cost, { 'daily-costs': week(151) }, { limits }).status).toBe('breach');
  });
});

describe('the month', () => {
  test('that creeps up is told, though each week is like the one before', () => {
    const seen = costs((day) => ({ RDS: day >= Date.UTC(2026, 10, 1) ? 120 : 100 }));
    const result = judged(cost, { 'daily-costs': seen });
    expect([result.status, result.summary]).toEqual([
      'warning',
      'the month is going to cost $3600.00, a day 20 % more than last month; $840.00 over 7 days, 0 % more than in the week before (+$0.00)',
    ]);
    expect(lines(result).join('\n')).toContain(
      'this month $2520.00 so far, $3600.00 at the rate of the last 7 days; last month $3100.00, so that a day costs 20 % more',
    );
  });

  test('months of another length are compared by the day', () => {
    const result = judged(cost, { 'daily-costs': costs() });
    expect(result.status).toBe('ok');
    expect(lines(result).join('\n')).toContain('last month $3100.00, so that a day costs 0 % more');
  });

  test('is not compared with one of which days are missing', () => {
    const seen = costs((day) => (day === begin ? undefined : { RDS: 100 }));
    const result = judged(cost, { 'daily-costs': seen });
    expect(result.status).toBe('ok');
    expect(lines(result).join('\n')).toContain('the month cannot be compared: days of the last one are missing');
  });
});

describe('what cannot be told', () => {
  test.each([
    ['a day of the week', end - dayMs],
    ['a day of the week before', end - 14 * dayMs],
  ])('%s is missing: unknown', (_name, missing) => {
    const seen = costs((day) => (day === missing ? undefined : { RDS: 100 }));
    expect(judged(cost, { 'daily-costs': seen })).toMatchObject({
      status: 'unknown',
      summary: 'Cost Explorer has no costs of 1 of the last 14 days',
    });
  });

  test('days without any service are no proof of thrift', () => {
    expect(judged(cost, { 'daily-costs': costs(() => ({})) })).toMatchObject({
      status: 'unknown',
      summary: 'Cost Explorer has no costs of any service in the last 14 days',
    });
  });

  test('a permission that is missing is named', () => {
    expect(judged(cost, { 'daily-costs': denied('ce:GetCostAndUsage') })).toMatchObject({
      status: 'unknown',
      nextStep: 'allow ce:GetCostAndUsage',
      target: '\u226410 %',
    });
  });

  test('an operator who does not want it asked is not told of it', () => {
    expect(judged(cost, { 'daily-costs': skipped }).status).toBe('not-configured');
  });
});

test.each([
  ['now', {}, 'read now, in 1 page at a cent each'],
  ['before', { readAt: nowMs - 3 * 3_600_000 }, 'read 3 h ago and kept since'],
  [
    'and not kept',
    { pages: 2, notKept: 'the disk is full' },
    'read now, in 2 pages at a cent each; not kept for the next time: the disk is full',
  ],
])('the evidence says when it was read: %s', (_name, more, text) => {
  expect(lines(judged(cost, { 'daily-costs': costs(undefined, more) }))).toContain(
    `ce:GetCostAndUsage us-east-1 ${text}`,
  );
});
