/** A limit of time for work that itself knows no clock, such as a request. */
import type { Clock } from '../engine/clock.ts';

/** The time given was up. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';

  constructor(limitMs: number) {
    super(`no answer within ${limitMs / 1_000} s`);
  }
}

/**
 * What `work` resolves with. Its signal aborts when the time is up, when `outer` aborts, and when it has ended. `work`
 * is left behind when it does not listen.
 *
 * @throws TimeLimitError when the time is up first; the reason of `outer` when that aborts first.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const own = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  const stop = (): void => own.abort(outer?.reason);
  outer?.addEventListener('abort', stop, { once: true });
  clock.sleep(limitMs, own.signal).then(
    () => own.abort(new TimeLimitError(limitMs)),
    // The sleep was cut short because the work has ended.
    () => {},
  );
  try {
    return await Promise.race([clock.busy(async () => work(own.signal)), stopped]);
  } finally {
    outer?.removeEventListener('abort', stop);
    own.abort(new Error('the work has ended'));
  }
}
