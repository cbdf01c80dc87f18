/** Whom the configuration has told: which receivers there are, whether one can be reached, and what waits to be sent. */
import type { Delivery, Notification } from '../cloud/notifier.ts';
import { didYouMean } from '../config/nearest.ts';
import { receiverKeys } from '../config/schema/notify.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument, NotifyFlushDocument, NotifyTestDocument } from '../report/schemas.ts';

/** What the program around gives to reach the receivers. */
export interface NotifyDesk {
  readonly service: string;
  readonly environment: string;
  /** Where they are configured, for messages. */
  readonly origin: string;
  /** Who types, for the test message. */
  readonly who: string;
  /** A name that no other test has. */
  readonly testId: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** The receivers that are configured, each with what it is told of. */
  readonly receivers: readonly { readonly id: string; readonly told: readonly string[] }[];
  /** Sends a test; sends nothing in the sandbox and in a dry run. Throws where it cannot be opened for want of a secret. */
  test(name: string, notification: Notification): Promise<Delivery>;
  waiting(): Promise<readonly WaitingMessage[]>;
  /** Sends what waits. In the sandbox and in a dry run it stays. */
  flush(): Promise<readonly FlushedMessage[]>;
}

export interface WaitingMessage {
  readonly receiver: string;
  readonly key: string;
  readonly title: string;
  /** Epoch milliseconds. */
  readonly keptAt: number;
}

export interface FlushedMessage extends WaitingMessage {
  readonly outcome: 'delivered' | 'kept' | 'refused' | 'dropped';
  readonly detail: string;
}

/** The receivers that are configured, and how many messages wait for each. */
export async function listReceivers(desk: NotifyDesk): Promise<ListDocument> {
  const waiting = await desk.waiting();
  return {
    schema: 'nanoops/list@1',
    items: desk.receivers.map(({ id, told }) => ({
      id,
      told,
      waiting: waiting.filter(({ receiver }) => receiver === id).length,
    })),
  };
}

/**
 * Sends a test message to one receiver.
 *
 * @throws NanoopsError `UnknownReceiver`, `ReceiverNotConfigured`, and for a secret that is missing or malformed.
 */
export async function testReceiver(desk: NotifyDesk, name: string): Promise<NotifyTestDocument> {
  checkName(desk, name);
  const { service, environment } = desk;
  const delivery = await desk.test(name, testMessage(desk, name));
  const simulated = delivery.simulated === true;
  const isReached = delivery.delivered || simulated;
  return {
    schema: 'nanoops/notify-test@1',
    command: 'notify test',
    service,
    environment,
    receiver: name,
    delivered: delivery.delivered,
    simulated,
    detail: delivery.detail,
    verdict: isReached ? 'ok' : 'unknown',
    exitCode: isReached ? 0 : 3,
  };
}

function testMessage({ service, environment, who, testId, nowMs }: NotifyDesk, name: string): Notification {
  return {
    key: `test/${testId}`,
    severity: 'info',
    title: `${service} ${environment}: a test of nanoops\u2019 notifications`,
    text: `${who} typed: nanoops notify test ${name}\nNothing is wrong, and there is nothing to do.`,
    service,
    environment,
    at: nowMs,
  };
}

function checkName({ receivers, origin }: NotifyDesk, name: string): void {
  const configured = receivers.map(({ id }) => id);
  if (configured.includes(name)) return;
  const isKnown = receiverKeys.some((key) => key === name);
  const meant = isKnown ? undefined : didYouMean(name, [...configured, ...receiverKeys]);
  const others = configured.length === 0 ? 'it has none' : `it has ${configured.join(', ')}`;
  throw new NanoopsError(isKnown ? `${origin} has no notify.${name}` : `there is no receiver ${JSON.stringify(name)}`, {
    code: isKnown ? 'ReceiverNotConfigured' : 'UnknownReceiver',
    exitCode: 2,
    details: [...(meant === undefined ? [] : [meant]), isKnown ? others : `there are ${receiverKeys.join(', ')}`],
    nextStep: isKnown
      ? `set notify.${name} in ${origin}; nanoops config schema tells what it holds`
      : 'nanoops notify list',
  });
}

/** Sends what could not be delivered before, as far as it can be delivered now. */
export async function flushMessages(desk: NotifyDesk): Promise<NotifyFlushDocument> {
  const { service, environment } = desk;
  const messages = (await desk.flush()).map(({ keptAt, ...rest }) => ({
    ...rest,
    keptAt: new Date(keptAt).toISOString(),
  }));
  const left = (await desk.waiting()).length;
  // What was refused is told to nobody any more, and neither is it healthy.
  const isDone = left === 0 && messages.every(({ outcome }) => outcome !== 'refused');
  return {
    schema: 'nanoops/notify-flush@1',
    command: 'notify flush',
    service,
    environment,
    messages,
    left,
    verdict: isDone ? 'ok' : 'unknown',
    exitCode: isDone ? 0 : 3,
  };
}
