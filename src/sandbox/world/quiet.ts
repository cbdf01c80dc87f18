/**
 * Which minutes of the past need not be worked out in full: those long before a scenario's present that no fault touches.
 * Windows of a week and a month consist of them, and all that is asked of them follows from how many requests came.
 */
import type { Fault } from './faults.ts';
import type { WorldInventory } from './inventory.ts';
import { MINUTE_MS } from './minute.ts';
import type { AnswerSpan } from './resolution.ts';

const HOUR_MS = 60 * MINUTE_MS;
/** What is nearer to the present is looked at in traces and logs too, which have to agree with it. */
const NEAR_MS = 6 * HOUR_MS;
/** Queues and caches are as they always are so long after a fault. */
const AFTERMATH_MS = HOUR_MS;

/** What these do, no request notices. */
const unnoticed: ReadonlySet<Fault['effect']> = new Set([
  'product',
  'permission-denied',
  'alarm',
  'certificate-expiring',
  'replication-backlog',
  'replication-stalled',
  'replication-slow',
  'volume',
  'api-throttling',
]);

/** `spans`: what the API's name led to. */
export function quietMinutes(
  { startMs, faults }: WorldInventory,
  spans: readonly AnswerSpan[],
): (minute: number) => boolean {
  const end = Math.min(startMs - NEAR_MS, spans[1]?.from ?? Infinity);
  const troubles = faults
    .filter(({ effect }) => !unnoticed.has(effect))
    .map(({ from, to = Infinity, rampMs }) => ({ from, to: to + rampMs + AFTERMATH_MS }));
  return (minute) => {
    const from = minute * MINUTE_MS;
    const to = from + MINUTE_MS;
    return to <= end && !troubles.some((trouble) => trouble.from < to && trouble.to > from);
  };
}
