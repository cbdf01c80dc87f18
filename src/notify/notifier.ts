/**
 * Tells all receivers at once, each for itself: one that fails or stalls takes nothing from the others. Knows no
 * receiver in particular.
 */
import { CloudError } from '../cloud/errors.ts';
import type { Delivery, Notification, Notifier } from '../cloud/notifier.ts';
import type { Clock } from '../engine/clock.ts';
import { NanoopsError } from '../errors.ts';
import type { Receiver } from './receiver.ts';
import { TimeLimitError, within } from './time-limit.ts';

export interface NotifierOptions {
  readonly clock: Clock;
  /** For all attempts at all receivers. 20 s unless given. */
  readonly timeoutMs?: number;
}

/** What a receiver has after the time is up to say how far it came. */
const lastWordsMs = 100;

/**
 * A notifier that tells each receiver a key once: while that is under way, and after it was taken, the same delivery is
 * answered again. What was not taken is tried again when it is told again.
 */
export function createNotifier(receivers: readonly Receiver[], options: NotifierOptions): Notifier {
  const { clock, timeoutMs = 20_000 } = options;
  const told = receivers.map((receiver) => ({ receiver, byKey: new Map<string, Promise<Delivery>>() }));

  async function tell(receiver: Receiver, notification: Notification): Promise<Delivery> {
    try {
      return await within(clock, timeoutMs + lastWordsMs, undefined, async (ended) => {
        const limit = new AbortController();
        clock.sleep(timeoutMs, ended).then(
          () => limit.abort(new TimeLimitError(timeoutMs)),
          // The sleep was cut short because the receiver has answered.
          () => {},
        );
        return clock.busy(() => receiver.send(notification, limit.signal));
      });
    } catch (error) {
      return { receiver: receiver.name, delivered: false, detail: reasonOf(error, timeoutMs) };
    }
  }

  return {
    notify: (notification) =>
      Promise.all(
        told.map(async ({ receiver, byKey }) => {
          const { key } = notification;
          const telling = byKey.get(key) ?? tell(receiver, notification);
          byKey.set(key, telling);
          const delivery = await telling;
          // Only its own: by now somebody else may be telling the same again.
          if (!delivery.delivered && byKey.get(key) === telling) byKey.delete(key);
          return delivery;
        }),
      ),
  };
}

/** The words of errors that are made to be read. Any other message might hold an address or a key. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof TimeLimitError) return `no answer within ${timeoutMs / 1_000} s`;
  if (error instanceof CloudError || error instanceof NanoopsError) return error.message;
  return `nanoops itself failed to send it (${error instanceof Error ? error.name : typeof error})`;
}
