/**
 * When a step is tried again, and after how long. By class of error; the delays are full jitter over an exponential
 * ceiling (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 */
import type { Random } from './clock.ts';
import type { ErrorClass } from './errors.ts';

export interface RetryPolicy {
  /** Attempts in all, by class of error; a class that is not named is not retried. */
  readonly attempts: Partial<Record<ErrorClass, number>>;
  /** The first delay's ceiling. */
  readonly baseDelayMs: number;
  /** No delay is longer. */
  readonly maxDelayMs: number;
}

/**
 * For steps that look. The cloud adapter has retried each read by then, in quick succession, so the engine gives only
 * what more time may heal another chance. A region that does not answer is not asked again: others wait for the run.
 */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: { throttled: 3, 'service-fault': 2 },
  baseDelayMs: 1_000,
  maxDelayMs: 10_000,
};

/** How long to wait before the attempt after `attempt` (counted from 1), or undefined when there is none. */
export function retryDelayMs(
  policy: RetryPolicy,
  errorClass: ErrorClass,
  attempt: number,
  random: Random,
): number | undefined {
  if (attempt >= (policy.attempts[errorClass] ?? 1)) return undefined;
  const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return Math.round(random() * ceilingMs);
}
