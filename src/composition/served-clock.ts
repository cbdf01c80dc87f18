/** The clock of a simulated AWS that another process serves on this machine: its time may run faster than the wall's. */
import type { Clock } from '../engine/clock.ts';
import { scaledClock } from '../sandbox/virtual-clock.ts';
import { clockHeader } from '../use-cases/serve-sandbox.ts';

/** Undefined where what answers there is no such sandbox. Rejects with the signal's reason when that aborts. */
export async function servedClock(url: string, signal?: AbortSignal): Promise<Clock | undefined> {
  let said: string | null;
  try {
    const patience = AbortSignal.timeout(2_000);
    const ending = signal === undefined ? patience : AbortSignal.any([patience, signal]);
    const answer = await fetch(url, { signal: ending, redirect: 'manual' });
    said = answer.headers.get(clockHeader);
    await answer.body?.cancel();
  } catch {
    signal?.throwIfAborted();
    return undefined; // Whoever is not there is told of by the first call, with all that is known of it.
  }
  const match = /^(\d{1,15}(?:\.\d+)?) (\d{1,6}(?:\.\d+)?)$/.exec(said ?? '');
  if (match === null) return undefined;
  const [, now = '', speed = ''] = match;
  return Number(speed) === 1 || Number(speed) === 0 ? undefined : scaledClock(Number(now), Number(speed), Date.now);
}
