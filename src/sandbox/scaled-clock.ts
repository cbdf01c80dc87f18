/** The clock of a sandbox that others talk to over sockets: the wall's, at a speed. */
import type { Clock } from '../engine/clock.ts';

/** The header in which a served sandbox says what time it is there, in epoch milliseconds, and how fast that passes. */
export const clockHeader = 'nanoops-clock';

/** What a real timer can hold; longer sleeps are slept in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A clock that reads `startMs` now and then follows `wall` (epoch milliseconds) at `speed` times its pace. It sleeps on
 * real timers.
 */
export function scaledClock(startMs: number, speed: number, wall: () => number): Clock {
  if (!(speed > 0) || speed === Infinity) throw new RangeError(`a clock's speed is a positive number, not ${speed}`);
  const wallStartMs = wall();
  const now = () => startMs + (wall() - wallStartMs) * speed;
  return {
    now,
    pace: Math.max(1, speed),
    busy: (work) => work(),
    async sleep(durationMs, signal) {
      const dueMs = now() + durationMs;
      do {
        const remainingMs = Math.ceil(Math.max(0, dueMs - now()) / speed);
        await realSleep(Math.min(remainingMs, LONGEST_TIMER_MS), signal);
      } while (now() < dueMs);
    },
  };
}

function realSleep(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
