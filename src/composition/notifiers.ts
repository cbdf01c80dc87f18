/** The notifier that the configuration asks for. Secrets are resolved when somebody is told first, and not before. */
import { homedir } from 'node:os';
import type { Notification } from '../cloud/notifier.ts';
import type { KeepingNotifier } from '../notify/notifier.ts';
import type { Outbox, Waiting } from '../notify/outbox.ts';
import { reasonOf } from '../notify/reason.ts';
import type { Receiver } from '../notify/receiver.ts';
import { receiversFor, type ReceiverName } from '../notify/routing.ts';
import type { Kept } from '../state/file-outbox.ts';
import { openReceiver, receiverNames, type ReceiverParts } from './receivers.ts';

export interface NotifierParts extends ReceiverParts {
  /** Whose messages these are: what waits is theirs alone. */
  readonly service: string;
  readonly environment: string;
}

/** Opens its receivers when it is used first. What cannot be delivered is kept on this machine, and sent later. */
export function configuredNotifier(parts: NotifierParts): KeepingNotifier {
  let opened: Promise<KeepingNotifier> | undefined;
  const notifier = (): Promise<KeepingNotifier> => (opened ??= parts.clock.busy(() => open(parts)));
  return {
    notify: async (notification) => (await notifier()).notify(notification),
    flush: async () => (await notifier()).flush(),
  };
}

async function open(parts: NotifierParts): Promise<KeepingNotifier> {
  const { createNotifier } = await import('../notify/notifier.ts');
  const { notify, clock } = parts;
  const receivers = receiverNames(notify).map((name) => lazily(parts, name));
  const routes = (notification: Notification) => receiversFor(notification, notify?.routing);
  return createNotifier(receivers, { clock, routes, outbox: await outboxOf(parts) });
}

/**
 * Opened when it is told first; where it cannot be opened, it tells why, and is tried again the next time: a secret may be
 * where it was asked for in vain a minute ago.
 */
function lazily(parts: NotifierParts, name: ReceiverName): Receiver {
  let opened: Promise<Receiver | undefined> | undefined;
  return {
    name,
    async send(notification, signal) {
      const notSent = { receiver: name, delivered: false } as const;
      let receiver: Receiver | undefined;
      try {
        opened ??= openReceiver(parts, name);
        receiver = await Promise.race([opened, rejectedBy(signal)]);
      } catch (error) {
        opened = undefined;
        const detail = signal.aborted ? 'its secrets were not read in time' : reasonOf(error);
        return { ...notSent, mayBeTakenLater: true, detail };
      }
      return receiver?.send(notification, signal) ?? { ...notSent, detail: `notify.${name} is not configured` };
    },
  };
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What waits to be sent on behalf of a service, on this machine. */
export async function outboxOf({
  io,
  service,
  environment,
}: Pick<NotifierParts, 'io' | 'service' | 'environment'>): Promise<Outbox> {
  const [{ fileOutbox }, { stateFolder }, { waitingIn, waitingText }] = await Promise.all([
    import('../state/file-outbox.ts'),
    import('../state/state-folder.ts'),
    import('../notify/waiting-text.ts'),
  ]);
  const nowMs = (): number => Date.now();
  const readable = (kept: readonly Kept[]): readonly Waiting[] =>
    kept.flatMap(({ id, keptAt, text }) => {
      const read = waitingIn(text);
      return read === undefined ? [] : [{ id, keptAt, ...read }];
    });
  const files = () => fileOutbox(stateFolder(io.env, homedir), `${service} ${environment}`);
  return {
    nowMs,
    keep: (receiver, notification) =>
      files().keep(`${receiver} ${notification.key}`, waitingText(receiver, notification), nowMs()),
    waiting: async () => readable(await files().list(nowMs())),
    underWay: async () => readable(await files().taken()),
    take: ({ id }) => files().take(id, nowMs()),
    giveBack: ({ id }) => files().giveBack(id),
    remove: ({ id }) => files().remove(id),
  };
}
