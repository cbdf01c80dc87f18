/** The wall clock and the system's timers, as the engine's `Clock`. */
import type { Clock } from '../engine/clock.ts';

/** The longest span that `setTimeout` keeps; longer sleeps are slept in parts. */
export const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  busy: (work) => work(),
  async sleep(durationMs, signal) {
    for (let left = durationMs; left > 0; left -= longestTimerMs) {
      await timer(Math.min(left, longestTimerMs), signal);
    }
    signal?.throwIfAborted();
  },
};

function timer(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
