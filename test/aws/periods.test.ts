import { describe, expect, it } from 'vitest';
import { defaultMaxConnections } from '../../src/aws/max-connections.ts';
import { lastCompleteMinute, metricSpan, periodFor } from '../../src/aws/periods.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = Date.UTC(2026, 10, 23, 10, 0, 30);

describe('which metric data can be read', () => {
  it('ends two minutes ago, at a whole minute', () => {
    expect(lastCompleteMinute(now)).toBe(Date.UTC(2026, 10, 23, 9, 58));
    expect(lastCompleteMinute(Date.UTC(2026, 10, 23, 10, 0))).toBe(Date.UTC(2026, 10, 23, 9, 58));
  });

  it.each([
    [1, 60],
    [14, 60],
    [15, 300],
    [62, 300],
    [63, 3_600],
    [400, 3_600],
  ])('of %i days ago has a period of %i s', (days, seconds) => {
    expect(periodFor(now - days * day, now)).toBe(seconds * 1_000);
  });

  it('covers the window in whole periods', () => {
    const from = now - 20 * day + 12_345;
    const span = metricSpan({ from, to: from + 7 * minute }, now);
    expect(span.periodMs).toBe(5 * minute);
    expect(span.from % span.periodMs).toBe(0);
    expect(span.to % span.periodMs).toBe(0);
    expect(span.from).toBeLessThanOrEqual(from);
    expect(span.to).toBeGreaterThanOrEqual(from + 7 * minute);
  });

  it('is nothing for a window that has only begun', () => {
    const { from, to } = metricSpan({ from: now - minute, to: now }, now);
    expect(from).toBeGreaterThanOrEqual(to);
  });
});

describe('the default limit of connections', () => {
  it.each([
    ['db.t3.small', 45],
    ['db.t4g.medium', 90],
    ['db.t4g.large', 135],
    ['db.r6g.large', 1_000],
    ['db.r5.xlarge', 2_000],
    ['db.r7g.16xlarge', 6_000],
    ['db.r6g.24xlarge', undefined],
    ['db.serverless', undefined],
    ['', undefined],
  ])('of %s is %s', (instanceClass, expected) => {
    expect(defaultMaxConnections(instanceClass)).toBe(expected);
  });
});
