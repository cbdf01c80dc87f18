/**
 * Tells all receivers at once, each for itself: one that fails or stalls takes nothing from the others. What a receiver
 * may take later is kept, and sent before anything that comes after it. Knows no receiver in particular.
 */
import type { Delivery, Notification, Notifier } from '../cloud/notifier.ts';
import type { Clock } from '../engine/clock.ts';
import { StateError } from '../engine/journal-store.ts';
import { comesBefore, isOvertaken, isStale, type Outbox, type Waiting } from './outbox.ts';
import { reasonOf } from './reason.ts';
import type { Receiver } from './receiver.ts';
import { TimeLimitError, within } from './time-limit.ts';

export interface NotifierOptions {
  readonly clock: Clock;
  /** For all attempts at all receivers. 20 s unless given. */
  readonly timeoutMs?: number;
  /** Which receivers are told of it, by name. All unless given. */
  readonly routes?: (notification: Notification) => readonly string[];
  /** Where waits what may be taken later. Nothing is kept without one. */
  readonly outbox?: Outbox;
}

/** What became of a message that had waited. */
export interface Flushed {
  readonly waiting: Waiting;
  /** `dropped`: it is not worth sending any more. */
  readonly outcome: Delivery | 'dropped';
}

export interface KeepingNotifier extends Notifier {
  /** Sends what waits. Never rejects but with a `StateError`, where what waits cannot be read. */
  flush(): Promise<readonly Flushed[]>;
}

/** What a receiver has after the time is up to say how far it came. */
const lastWordsMs = 100;

/**
 * A notifier that tells each receiver a key once: while that is under way, and after it was taken, the same delivery is
 * answered again. What was not taken is tried again when it is told again.
 */
export function createNotifier(receivers: readonly Receiver[], options: NotifierOptions): KeepingNotifier {
  const { clock, timeoutMs = 20_000, routes, outbox } = options;
  const told = receivers.map((receiver) => ({ receiver, byKey: new Map<string, Promise<Delivery>>() }));

  async function send(receiver: Receiver, notification: Notification): Promise<Delivery> {
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
      return { receiver: receiver.name, delivered: false, detail: problemOfSending(error, timeoutMs) };
    }
  }

  /**
   * Sends what waits for a receiver, oldest first, and ends at the first that it does not take, so that nothing overtakes
   * another. `later`: what comes after all of them.
   */
  async function flushOf(
    box: Outbox,
    receiver: Receiver,
    waiting: readonly Waiting[],
    later: readonly Notification[] = [],
  ): Promise<readonly Flushed[]> {
    const flushed: Flushed[] = [];
    for (const [index, each] of waiting.entries()) {
      if (!(await box.take(each))) continue;
      const after = [...waiting.slice(index + 1).map(({ notification }) => notification), ...later];
      if (isStale(each, box.nowMs()) || isOvertaken(each, after)) {
        await box.remove(each);
        flushed.push({ waiting: each, outcome: 'dropped' });
        continue;
      }
      const outcome = await send(receiver, each.notification);
      const isKept = !outcome.delivered && outcome.mayBeTakenLater === true;
      await (isKept ? box.giveBack(each) : box.remove(each));
      flushed.push({ waiting: each, outcome });
      if (isKept) break;
    }
    return flushed;
  }

  const waitingFor = async (box: Outbox, { name }: Receiver): Promise<readonly Waiting[]> =>
    (await box.waiting()).filter((each) => each.receiver === name);

  async function keep(
    box: Outbox,
    receiver: Receiver,
    notification: Notification,
    delivery: Delivery,
  ): Promise<Delivery> {
    // What nobody wants to hear any more takes no room from it.
    await dropStale(box, await box.waiting());
    await box.keep(receiver.name, notification);
    return { ...delivery, detail: `${delivery.detail}; it is kept, and sent later` };
  }

  async function tell(receiver: Receiver, notification: Notification): Promise<Delivery> {
    if (outbox === undefined) return send(receiver, notification);
    return afterWhatWaits(outbox, receiver, notification);
  }

  /** Earlier messages about the same come first; others are sent once it is seen that the receiver takes something. */
  async function afterWhatWaits(box: Outbox, receiver: Receiver, notification: Notification): Promise<Delivery> {
    const notes: string[] = [];
    const note = (error: unknown): void => void notes.push(problemOfKeeping(error));
    let delivery: Delivery | undefined;
    try {
      const waiting = await waitingFor(box, receiver);
      const earlier = waiting.filter((each) => comesBefore(each.notification, notification));
      const flushed = await flushOf(box, receiver, earlier, [notification]);
      const last = flushed.at(-1)?.outcome;
      if (last !== undefined && last !== 'dropped' && last.mayBeTakenLater === true && !last.delivered) {
        delivery = await keep(box, receiver, notification, last);
      }
    } catch (error) {
      note(error);
    }
    if (delivery === undefined) {
      delivery = await send(receiver, notification);
      try {
        if (delivery.delivered) {
          // What waits under its own key has been told by this.
          const waiting = await waitingFor(box, receiver);
          for (const each of waiting) if (each.notification.key === notification.key) await box.remove(each);
          await flushOf(
            box,
            receiver,
            waiting.filter((each) => each.notification.key !== notification.key),
            [notification],
          );
          // Whoever died of sending one of these left it behind, to be sent in ten minutes.
          for (const each of await box.underWay()) {
            if (each.receiver === receiver.name && isOvertaken(each, [notification])) await box.remove(each);
          }
        } else if (delivery.mayBeTakenLater === true) {
          delivery = await keep(box, receiver, notification, delivery);
        }
      } catch (error) {
        note(error);
      }
    }
    return notes.length === 0 ? delivery : { ...delivery, detail: [delivery.detail, ...notes].join('; ') };
  }

  return {
    notify: (notification) => {
      const names = routes?.(notification);
      return Promise.all(
        told
          .filter(({ receiver }) => names === undefined || names.includes(receiver.name))
          .map(async ({ receiver, byKey }) => {
            const { key } = notification;
            const telling = byKey.get(key) ?? tell(receiver, notification);
            byKey.set(key, telling);
            const delivery = await telling;
            // Only its own: by now somebody else may be telling the same again.
            if (!delivery.delivered && byKey.get(key) === telling) byKey.delete(key);
            return delivery;
          }),
      );
    },
    async flush() {
      if (outbox === undefined) return [];
      const waiting = await outbox.waiting();
      const names = receivers.map(({ name }) => name);
      const flushed = await Promise.all([
        ...receivers.map((receiver) =>
          flushOf(
            outbox,
            receiver,
            waiting.filter((each) => each.receiver === receiver.name),
          ),
        ),
        dropStale(
          outbox,
          waiting.filter((each) => !names.includes(each.receiver)),
        ),
      ]);
      return flushed.flat();
    },
  };
}

/** What waits for a receiver that is configured no more is not kept for ever. */
async function dropStale(box: Outbox, waiting: readonly Waiting[]): Promise<readonly Flushed[]> {
  const stale = waiting.filter((each) => isStale(each, box.nowMs()));
  await Promise.all(stale.map((each) => box.remove(each)));
  return stale.map((each) => ({ waiting: each, outcome: 'dropped' }));
}

function problemOfSending(error: unknown, timeoutMs: number): string {
  return error instanceof TimeLimitError ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(error);
}

/** What is wrong with where messages wait: it keeps nobody from being told. */
function problemOfKeeping(error: unknown): string {
  if (error instanceof StateError) return error.message;
  return `nanoops itself failed to keep it (${error instanceof Error ? error.name : typeof error})`;
}
