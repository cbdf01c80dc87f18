/** The clock of a simulated AWS that another process serves on this machine: its time may run faster than the wall's. */
import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../engine/clock.ts';
import { clockHeader, scaledClock } from '../sandbox/scaled-clock.ts';

/** Undefined where what answers there is no such sandbox. Rejects with the signal's reason when that aborts. */
export async function servedClock(url: string, signal?: AbortSignal): Promise<Clock | undefined> {
  let said: unknown;
  try {
    const patience = AbortSignal.timeout(2_000);
    const ending = signal === undefined ? patience : AbortSignal.any([patience, signal]);
    said = (await headersAt(url, ending))[clockHeader];
  } catch {
    signal?.throwIfAborted();
    return undefined; // Whoever is not there is told of by the first call, with all that is known of it.
  }
  const match = /^(\d{1,15}(?:\.\d+)?) (\d{1,6}(?:\.\d+)?)$/.exec(typeof said === 'string' ? said : '');
  if (match === null) return undefined;
  const [, now = '', speed = ''] = match;
  return Number(speed) === 1 || Number(speed) === 0 ? undefined : scaledClock(Number(now), Number(speed), Date.now);
}

/** Not by `fetch`, which takes longer to load than this takes. */
async function headersAt(url: string, signal: AbortSignal): Promise<IncomingHttpHeaders> {
  const { get } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  return new Promise((resolve, reject) => {
    get(url, { signal, agent: false }, (answer) => {
      resolve(answer.headers);
      answer.destroy();
    }).once('error', reject);
  });
}
