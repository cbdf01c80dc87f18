/** Bounds work in time. */
import type { Clock } from './clock.ts';
import { DeadlineError } from './errors.ts';

export interface Limit {
  readonly clock: Clock;
  readonly limitMs: number;
  /** What the limit is called when it is told. */
  readonly limitText: string;
  /** Aborts when whoever wants it has to end. */
  readonly ending: AbortSignal;
}

/** What one look may take, of a step that waits and of a stop condition alike. */
export const oneLook = { limitMs: 30_000, limitText: 'the 30 s of one look' } as const;

/** Runs `work` until it ends, its time is up, or whoever wants it has to end; the signal that it is given tells of both. */
export async function limited<T>(
  { clock, limitMs, limitText, ending }: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const limit = new AbortController();
  const signal = AbortSignal.any([ending, limit.signal]);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal });
  });
  const late = clock.sleep(limitMs * (clock.pace ?? 1), done.signal).then(
    () => limit.abort(new DeadlineError(`no answer within ${limitText}`)),
    () => undefined, // It ended in time.
  );
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    done.abort();
    await late;
  }
}
