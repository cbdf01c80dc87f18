/** Looks again and again until something is reached, fails for good, or takes too long. On the clock it is given. */
import type { Clock } from './clock.ts';
import { classOf, messageOf, type ErrorClass } from './errors.ts';
import type { Polled } from './step.ts';

export interface Polling<Output> {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly withinMs: number;
  /** Ends the polling; its reason is thrown. */
  readonly stop: AbortSignal;
  readonly poll: () => Promise<Polled<Output>>;
  /** Told what is seen, each time that it is something else. */
  readonly progressed: (detail: string) => void;
}

export type PollEnd<Output> =
  | (Exclude<Polled<Output>, { readonly state: 'waiting' }> & { readonly looks: number })
  /** Reality could not be read: by the end, or at all. */
  | { readonly state: 'unknown'; readonly error: unknown; readonly looks: number };

/** What more looks may heal. Whoever is denied a look now is denied the next one too. */
const passing: ReadonlySet<ErrorClass> = new Set(['throttled', 'unreachable', 'service-fault', 'deadline']);

export async function pollUntil<Output>(polling: Polling<Output>): Promise<PollEnd<Output>> {
  const { clock, everyMs, withinMs, stop, poll, progressed } = polling;
  const endsAt = clock.now() + withinMs;
  let told: string | undefined;
  let last: Polled<Output> | { readonly state: 'error'; readonly error: unknown } | undefined;
  for (let looks = 1; ; looks += 1) {
    stop.throwIfAborted();
    try {
      last = await poll();
    } catch (error) {
      stop.throwIfAborted();
      if (!passing.has(classOf(error))) return { state: 'unknown', error, looks };
      last = { state: 'error', error };
    }
    if (last.state === 'reached' || last.state === 'failed') return { ...last, looks };
    const detail = last.state === 'waiting' ? last.detail : `cannot look: ${messageOf(last.error)}`;
    if (detail !== told) progressed(detail);
    told = detail;
    if (clock.now() + everyMs > endsAt) {
      const limit = `not within ${Math.round(withinMs / 1000)} s`;
      return last.state === 'error'
        ? { state: 'unknown', error: last.error, looks }
        : { state: 'failed', detail: `${limit}: ${detail}`, looks };
    }
    await clock.sleep(everyMs, stop);
  }
}
