/** Do requests fail, since when, and do they still? As an operator who counts 5xx would say. */
import { describe, expect, test } from 'vitest';
import type { ApiOutcomes } from '../../../src/cloud/facts.ts';
import { errorSymptom, type ErrorSymptomInput } from '../../../src/diagnosis/errors/symptom.ts';
import { endMs, minutesAgo, seriesOf, times, windowOf } from '../series.ts';

type Counts = readonly (number | undefined)[];

interface Asked extends Partial<Omit<ErrorSymptomInput, 'outcomes'>> {
  readonly requests?: Counts;
  readonly balancer?: Counts;
  readonly unavailable?: Counts;
  readonly client?: Counts;
}

/** 5xx of targets, a minute; the last of them for the last minute. */
function look(failed: Counts, { requests, balancer, unavailable, client, ...options }: Asked = {}) {
  const outcomes: ApiOutcomes = {
    requests: seriesOf(requests ?? times(failed.length, 1_000)),
    targetServerErrors: seriesOf(failed),
    balancerServerErrors: seriesOf(balancer ?? []),
    balancerUnavailable: seriesOf(unavailable ?? []),
    targetClientErrors: seriesOf(client ?? []),
    balancerClientErrors: seriesOf([]),
  };
  return errorSymptom({ outcomes, window: windowOf(failed.length), target: 0.005, ...options });
}

const calm = (minutes: number): number[] => Array.from({ length: minutes }, (_, index) => (index % 3 === 0 ? 1 : 0));

describe('a rise', () => {
  test('is dated by its first bad minute, with shares of sums', () => {
    const found = look([...calm(120), ...times(12, 40)]);
    expect(found).toMatchObject({
      state: 'ongoing',
      onset: minutesAgo(12),
      firstBadAt: minutesAgo(12),
      balancerShare: 0,
    });
    expect(found.shareDuring).toBeCloseTo(0.04, 6);
    expect(found.shareBefore).toBeCloseTo(1 / 3_000, 4);
    expect(found.summary).toBe('5xx 0.03 % → 4 % of requests for 12 min (480 failed)');
  });

  test('that ends is over, and its calm minutes do not water it down', () => {
    const found = look([...calm(100), ...times(10, 40), ...calm(20)]);
    expect(found).toMatchObject({ state: 'over', onset: minutesAgo(30), endedAt: minutesAgo(20) });
    expect(found.shareDuring).toBeCloseTo(0.04, 6);
  });

  test('that creeps is seen before the target is missed by much', () => {
    const creeping = Array.from({ length: 60 }, (_, index) => Math.round(index / 6));
    const found = look([...calm(120), ...creeping]);
    expect(found.state).toBe('ongoing');
    // Half of the target is five of a thousand; it is there after about fifteen minutes.
    expect(found.onset).toBeGreaterThan(minutesAgo(50));
    expect(found.onset).toBeLessThan(minutesAgo(20));
  });

  test('of the balancer alone counts, and is told apart', () => {
    const none = times(120, 0);
    const found = look([...none, ...times(10, 10)], { balancer: [...none, ...times(10, 90)] });
    expect(found.balancerShare).toBeCloseTo(0.9, 6);
    expect(found.shareDuring).toBeCloseTo(0.1, 6);
  });

  test('in which no request reaches a target any more is not silence', () => {
    const requests = [...times(120, 1_000), ...times(10, undefined)];
    const refused = [...times(120, undefined), ...times(10, 1_000)];
    const found = look(times(130, 0), { requests, balancer: refused, unavailable: refused });
    expect(found).toMatchObject({ state: 'ongoing', onset: minutesAgo(10), shareDuring: 1, balancerShare: 1 });
  });
});

describe('no rise', () => {
  test('where nothing fails, or no more than always', () => {
    expect(look(times(130, 0)).state).toBe('none');
    expect(look(calm(130)).state).toBe('none');
  });

  test('where few ask, and one of them fails by chance', () => {
    const few = times(130, 20);
    expect(look([...times(126, 0), 1, 0, 1, 0], { requests: few }).state).toBe('none');
    expect(look([...times(120, 0), ...times(10, 3)], { requests: few }).state).toBe('ongoing');
  });

  test('where it is below half of the target, however sure', () => {
    expect(look([...times(120, 0), ...times(10, 2)]).state).toBe('none');
  });

  test('where only callers err, which is said', () => {
    const found = look(times(130, 0), { client: [...times(110, 12), ...times(20, 90)] });
    expect(found.state).toBe('none');
    expect(found.summary).toContain('4xx rose from 1.2 % to 9 %, which are the callers’ own');
  });

  test('where one minute alone was bad', () => {
    expect(look([...times(60, 0), 200, ...times(60, 0)]).state).toBe('none');
  });
});

test('an API that always fails a little more than it may misses its target now', () => {
  expect(look(times(130, 12)).state).toBe('ongoing');
});

test('a given onset is taken, and what was before it is normal', () => {
  const found = look([...calm(100), ...times(30, 40)], { since: minutesAgo(35) });
  expect(found).toMatchObject({
    state: 'ongoing',
    onset: minutesAgo(35),
    onsetGiven: true,
    firstBadAt: minutesAgo(30),
  });
});

test('silence is unknown', () => {
  const found = look(times(130, 0), { requests: [...times(120, 1_000), ...times(10, undefined)] });
  expect(found).toMatchObject({ state: 'unknown' });
  expect(found.summary).toContain('no requests were reported in the last 5 minutes');
  expect(found.during.to).toBe(endMs);
});
