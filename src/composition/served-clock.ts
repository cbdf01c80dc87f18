/** The clock of a simulated AWS that another process serves on this machine: its time may run faster than the wall's. */
import type { Clock } from '../engine/clock.ts';
import { scaledClock } from '../sandbox/virtual-clock.ts';
import { clockHeader } from '../use-cases/serve-sandbox.ts';

/** Undefined where what answers there is no such sandbox. */
export async function servedClock(url: string): Promise<Clock | undefined> {
  let said: string | null;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' });
    said = answer.headers.get(clockHeader);
    await answer.body?.cancel();
  } catch {
    return undefined; // Whoever is not there is told of by the first call, with all that is known of it.
  }
  const match = /^(\d{1,15}(?:\.\d+)?) (\d{1,6}(?:\.\d+)?)$/.exec(said ?? '');
  if (match === null) return undefined;
  const [, now = '', speed = ''] = match;
  return Number(speed) === 1 || Number(speed) === 0 ? undefined : scaledClock(Number(now), Number(speed), Date.now);
}
