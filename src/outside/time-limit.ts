/** A limit of real time for work on this machine or on the network, which knows no clock of its own. */
import type { Clock } from '../engine/clock.ts';

/** Why a signal aborted: the time given was up. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';

  constructor(limitMs: number) {
    super(`not within ${limitMs / 1_000} s`);
  }
}

/**
 * What `work` comes to. Its signal aborts when the time is up, with a `TimeIsUp`, and when one of `outer` aborts, with
 * that one's reason; it has to end then, and is waited for. `limitMs` is real time, however fast the clock is.
 *
 * @throws the reason of a signal that had aborted before anything began.
 */
export async function limited<T>(
  clock: Clock,
  limitMs: number,
  outer: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (const signal of outer) signal.throwIfAborted();
  const late = new AbortController();
  const watch = new AbortController();
  clock.sleep(limitMs * (clock.pace ?? 1), watch.signal).then(
    () => late.abort(new TimeIsUp(limitMs)),
    // The sleep was cut short because the work has ended.
    () => {},
  );
  try {
    // Many may listen to the same signal at once: Node warns of more than ten listeners, but not of derived signals.
    const signal = AbortSignal.any([...outer, late.signal]);
    return await clock.busy(() => work(signal));
  } finally {
    watch.abort(new Error('the work has ended'));
  }
}
