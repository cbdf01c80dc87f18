/**
 * When a client sends a request again: reads only, three attempts in all, two where no answer came in time, full jitter over an exponential ceiling
 * (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015), and all waiting on the clock that was
 * handed in. A change is sent once; what a lost answer to it means is decided above.
 */
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import type { Clock, Random } from '../engine/clock.ts';
import type { CloudErrorKind } from '../cloud/errors.ts';
import { kindOf } from './error-kind.ts';

export const attemptsInAll = 3;

/** A limit is long already, and whoever waited for it twice will hardly be answered the third time. */
const attemptsForTimeouts = 2;

const baseDelayMs = 200;
/** A throttled caller that returns at once is throttled again. */
const throttledBaseDelayMs = 1_000;
const longestDelayMs = 5_000;
/** A service that wants more patience than this is given up on: the caller has other things to look at. */
const longestHintMs = 10_000;

const worthRepeating: ReadonlySet<CloudErrorKind | undefined> = new Set([
  'throttled',
  'timeout',
  'unreachable',
  'service-fault',
] as const);

/** What the service asked to wait, by `Retry-After` (RFC 9110, section 10.2.3) or `x-amz-retry-after` (ms). */
function retryHintMs(error: unknown, nowMs: number): number | undefined {
  const headers = headersOf(error);
  const amz = Number.parseInt(headers.get('x-amz-retry-after') ?? '', 10);
  if (amz >= 0) return amz;
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1_000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function headersOf(error: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (typeof error !== 'object' || error === null || !('$response' in error)) return found;
  const response = error.$response;
  if (typeof response !== 'object' || response === null || !('headers' in response)) return found;
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (typeof value === 'string') found.set(name.toLowerCase(), value);
  }
  return found;
}

function tokenAfter(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}

export interface RetryTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  readonly mayRepeat: (error: unknown) => boolean;
}

/** For whoever has somewhere else to go instead of asking again. */
export const neverAgain: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => tokenAfter(0),
  recordSuccess: () => {},
  refreshRetryTokenForRetry: async (_token: RetryToken, info: RetryErrorInfo) => {
    throw new Error('not to be sent again', { cause: info.error });
  },
};

export function createRetryStrategy({ clock, random, signal, mayRepeat }: RetryTools): RetryStrategyV2 {
  return {
    acquireInitialRetryToken: async () => tokenAfter(0),
    recordSuccess: () => {},
    /** Sleeps, then hands out a token for the next attempt; rejects where there is none, and the SDK then rethrows. */
    refreshRetryTokenForRetry: async (token: RetryToken, info: RetryErrorInfo) => {
      const attempt = token.getRetryCount() + 1;
      const kind = kindOf(info.error);
      const most = kind === 'timeout' ? attemptsForTimeouts : attemptsInAll;
      const hintMs = retryHintMs(info.error, clock.now()) ?? 0;
      if (!mayRepeat(info.error) || !worthRepeating.has(kind) || attempt >= most || hintMs > longestHintMs) {
        throw new Error('not to be sent again', { cause: info.error });
      }
      const baseMs = kind === 'throttled' ? throttledBaseDelayMs : baseDelayMs;
      const jitterMs = random() * Math.min(longestDelayMs, baseMs * 2 ** (attempt - 1));
      await clock.sleep(Math.round(Math.max(jitterMs, hintMs)), signal);
      return tokenAfter(attempt);
    },
  };
}
