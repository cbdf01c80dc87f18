/**
 * What could not be delivered and is sent later: the port of where it waits, and what of it is still worth sending. Pure but
 * for the port.
 */
import type { Notification } from '../cloud/notifier.ts';

export interface Waiting {
  readonly id: string;
  readonly receiver: string;
  readonly notification: Notification;
  /** Epoch milliseconds. */
  readonly keptAt: number;
}

export interface Outbox {
  /** What waits already under the same receiver and key stays as it is. */
  keep(receiver: string, notification: Notification): Promise<void>;
  /** Oldest first, all receivers. */
  waiting(): Promise<readonly Waiting[]>;
  /** What somebody has taken and is sending, or died of. */
  underWay(): Promise<readonly Waiting[]>;
  /** False where somebody else sends it. */
  take(waiting: Waiting): Promise<boolean>;
  giveBack(waiting: Waiting): Promise<void>;
  remove(waiting: Waiting): Promise<void>;
  /** The time by which `keptAt` goes. */
  nowMs(): number;
}

/** Nobody wants to be paged for what was a day ago. */
const longestWaitMs = 24 * 3_600_000;

export function isStale({ keptAt }: Waiting, nowMs: number): boolean {
  return nowMs - keptAt > longestWaitMs;
}

/** What tells of one thing, in an order: an incident, a run. Undefined for what stands alone. */
function subjectOf({ incident, runId }: Notification): string | undefined {
  return incident === undefined ? runId : `incident ${incident.id}`;
}

/** True where the one has to come before the other. */
export function comesBefore(earlier: Notification, later: Notification): boolean {
  const subject = subjectOf(earlier);
  return subject !== undefined && subject === subjectOf(later) && earlier.key !== later.key;
}

/** Those that only move one state, of which the last alone counts: nobody is paged for what is over. */
const stateful: ReadonlySet<string> = new Set(['pagerduty', 'opsgenie']);

/** True where what is told later takes away all reason to tell this. */
export function isOvertaken(
  { receiver, notification }: Pick<Waiting, 'receiver' | 'notification'>,
  later: readonly Notification[],
): boolean {
  if (!stateful.has(receiver) || notification.incident === undefined) return false;
  const { id } = notification.incident;
  return later.some(({ incident }) => incident?.id === id && incident.change === 'resolved');
}
