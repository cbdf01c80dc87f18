/** A step that fails is tried again by the class of its error, after a delay drawn at random, on the run's clock. */
import { describe, expect, test } from 'vitest';
import { errorClasses, type ErrorClass } from '../../src/engine/errors.ts';
import { defaultRetryPolicy, retryDelayMs, type RetryPolicy } from '../../src/engine/retry.ts';
import { eventsOf, observe, play, recordOf, runbookOf, takes, Trouble } from './kit.ts';

/** Fails with these classes in turn, then succeeds. */
function flaky(failures: readonly ErrorClass[], retry?: RetryPolicy) {
  let calls = 0;
  return observe('flaky', {
    title: 'Flaky',
    retry,
    run: () => {
      const failure = failures[calls];
      calls += 1;
      return failure === undefined ? Promise.resolve(calls) : Promise.reject(new Trouble(failure, `no ${calls}`));
    },
    detail: (value) => `answer ${value}`,
  });
}

const forever = (errorClass: ErrorClass) => flaky(Array.from({ length: 20 }, () => errorClass));

describe('by default', () => {
  const expected: Record<ErrorClass, number> = {
    throttled: 3,
    'service-fault': 2,
    unreachable: 1,
    denied: 1,
    credentials: 1,
    'not-found': 1,
    rejected: 1,
    deadline: 1,
    locked: 1,
    state: 1,
    defect: 1,
  };

  test.each(errorClasses)('%s', async (errorClass) => {
    const played = await play(runbookOf(forever(errorClass)));
    expect(recordOf(played, 'flaky')).toMatchObject({
      attempts: expected[errorClass],
      errorClass,
      status: errorClass === 'defect' ? 'failed' : 'unknown',
    });
    expect(eventsOf(played, 'step.retried')).toHaveLength(expected[errorClass] - 1);
  });
});

test('a step that heals counts as found, and the retries are told', async () => {
  const played = await play(runbookOf(flaky(['throttled', 'throttled'])));
  expect(recordOf(played, 'flaky')).toMatchObject({ status: 'succeeded', attempts: 3, detail: 'answer 3' });
  expect(eventsOf(played, 'step.retried')).toMatchObject([
    { stepId: 'flaky', attempt: 1, delayMs: 500, errorClass: 'throttled', reason: 'no 1' },
    { stepId: 'flaky', attempt: 2, delayMs: 1_000, errorClass: 'throttled', reason: 'no 2' },
  ]);
  expect(eventsOf(played, 'step.started').filter((event) => event.stepId === 'flaky')).toHaveLength(1);
  expect(played.elapsedMs).toBe(1_500);
});

test('the last class decides whether it is tried again', async () => {
  const played = await play(runbookOf(flaky(['throttled', 'denied', 'throttled'])));
  expect(recordOf(played, 'flaky')).toMatchObject({ attempts: 2, errorClass: 'denied', detail: 'no 2' });
});

test('others go on while one waits', async () => {
  const played = await play(runbookOf(forever('throttled'), takes('other', 100)));
  expect(recordOf(played, 'other').durationMs).toBe(100);
});

describe('the delay', () => {
  const policy: RetryPolicy = { attempts: { throttled: 9 }, baseDelayMs: 1_000, maxDelayMs: 5_000 };
  const delays = (random: () => number) =>
    [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => retryDelayMs(policy, 'throttled', attempt, random));

  test('doubles its ceiling up to the limit', () => {
    expect(delays(() => 0.999_999_9)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000]);
  });

  test('is drawn from nothing to the ceiling by the random source that was given', () => {
    expect(delays(() => 0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(delays(() => 0.25)).toEqual([250, 500, 1_000, 1_250, 1_250, 1_250, 1_250, 1_250]);
  });

  test('ends with the attempts, and is nothing for classes that are not named', () => {
    expect(retryDelayMs(policy, 'throttled', 9, () => 0.5)).toBeUndefined();
    expect(retryDelayMs(policy, 'denied', 1, () => 0.5)).toBeUndefined();
    expect(retryDelayMs(defaultRetryPolicy, 'defect', 1, () => 0.5)).toBeUndefined();
  });

  test('a step may have a policy of its own', async () => {
    const step = flaky(['unreachable', 'unreachable', 'unreachable'], {
      attempts: { unreachable: 4 },
      baseDelayMs: 10,
      maxDelayMs: 20,
    });
    const played = await play(runbookOf(step), { random: () => 0.999_999 });
    expect(eventsOf(played, 'step.retried').map((event) => event.delayMs)).toEqual([10, 20, 20]);
    expect(recordOf(played, 'flaky').status).toBe('succeeded');
  });
});
