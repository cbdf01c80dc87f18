import { describe, expect, it } from 'vitest';
import { CloudError } from '../../src/cloud/errors.ts';
import type { Delivery, Notification } from '../../src/cloud/notifier.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import type { Receiver } from '../../src/notify/receiver.ts';
import { createWebhook } from '../../src/notify/webhook.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { serve } from '../aws/local-server.ts';
import { notification, socketClock, startMs } from './stage.ts';

type Send = (signal: AbortSignal) => Promise<boolean> | boolean;

/** A receiver that does as told, attempt by attempt, and keeps what it was told. */
function receiver(name: string, ...sends: readonly Send[]): Receiver & { readonly told: readonly Notification[] } {
  const told: Notification[] = [];
  return {
    name,
    told,
    async send(what, signal): Promise<Delivery> {
      const send = sends[told.length];
      told.push(what);
      if (send === undefined) throw new Error('told once too often');
      return { receiver: name, delivered: await send(signal), detail: `attempt ${told.length}` };
    },
  };
}

describe('the notifier', () => {
  it('tells all at once, each for itself', async () => {
    const clock = new VirtualClock(startMs);
    const slow: Send = async (signal) => {
      await clock.sleep(3_000, signal);
      return true;
    };
    const broken: Send = () => {
      throw new TypeError('cannot post to https://hooks.example/T0K3N');
    };
    const denied: Send = () => {
      throw new CloudError('permission', 'SNS Publish in us-west-2: the caller may not sns:Publish', {
        service: 'sns',
        operation: 'Publish',
        region: 'us-west-2',
        iamAction: 'sns:Publish',
        nextStep: 'allow it',
      });
    };
    const receivers = [receiver('a', slow), receiver('b', slow), receiver('c', broken), receiver('sns', denied)];
    expect(await createNotifier(receivers, { clock }).notify(notification)).toEqual([
      { receiver: 'a', delivered: true, detail: 'attempt 1' },
      { receiver: 'b', delivered: true, detail: 'attempt 1' },
      { receiver: 'c', delivered: false, detail: 'nanoops itself failed to send it (TypeError)' },
      {
        receiver: 'sns',
        delivered: false,
        detail: 'SNS Publish in us-west-2: the caller may not sns:Publish',
      },
    ]);
    expect(clock.now() - startMs).toBe(3_000);
  });

  it('gives up after 20 seconds, and keeps what others did', async () => {
    const clock = new VirtualClock(startMs);
    const listening: Send = async (signal) => {
      await clock.sleep(Infinity, signal);
      return true;
    };
    const deaf: Send = async () => {
      await clock.sleep(Infinity);
      return true;
    };
    const polite: Send = async (signal) => {
      await clock.sleep(Infinity, signal).catch(() => {});
      return false;
    };
    const receivers = [receiver('a', listening), receiver('b', deaf), receiver('c', polite), receiver('d', () => true)];
    expect(await createNotifier(receivers, { clock }).notify(notification)).toEqual([
      { receiver: 'a', delivered: false, detail: 'no answer within 20 s' },
      { receiver: 'b', delivered: false, detail: 'no answer within 20 s' },
      { receiver: 'c', delivered: false, detail: 'attempt 1' },
      { receiver: 'd', delivered: true, detail: 'attempt 1' },
    ]);
    expect(clock.now() - startMs).toBeLessThan(21_000);
  });

  it('tells nobody the same twice, and tries again only where it was not taken', async () => {
    const clock = new VirtualClock(startMs);
    const sound = receiver('sound', () => true);
    const shaky = receiver(
      'shaky',
      () => false,
      () => true,
    );
    const notifier = createNotifier([sound, shaky], { clock });
    const first = await notifier.notify(notification);
    expect(first.map(({ delivered }) => delivered)).toEqual([true, false]);
    const second = await notifier.notify(notification);
    expect(second).toEqual([
      { receiver: 'sound', delivered: true, detail: 'attempt 1' },
      { receiver: 'shaky', delivered: true, detail: 'attempt 2' },
    ]);
    expect(await notifier.notify(notification)).toEqual(second);
    expect([sound.told.length, shaky.told.length]).toEqual([1, 2]);
  });

  it('shares what is under way', async () => {
    const clock = new VirtualClock(startMs);
    const once = receiver('once', async (signal) => {
      await clock.sleep(1_000, signal);
      return false;
    });
    const notifier = createNotifier([once], { clock });
    const [first, second] = await Promise.all([notifier.notify(notification), notifier.notify(notification)]);
    expect(first).toEqual(second);
    expect(once.told).toHaveLength(1);
  });

  it('tells different things apart', async () => {
    const both = receiver(
      'both',
      () => true,
      () => true,
    );
    const notifier = createNotifier([both], { clock: new VirtualClock(startMs) });
    await notifier.notify(notification);
    await notifier.notify({ ...notification, key: 'another' });
    expect(both.told.map(({ key }) => key)).toEqual([notification.key, 'another']);
  });

  it('leaves no timer behind that would keep the process alive', async () => {
    const virtual = new VirtualClock(startMs);
    let pending = 0;
    const clock: Clock = {
      now: () => virtual.now(),
      busy: (work) => virtual.busy(work),
      async sleep(durationMs, signal) {
        pending += 1;
        await virtual.sleep(durationMs, signal).finally(() => (pending -= 1));
      },
    };
    const server = await serve((_request, response) => response.writeHead(204).end());
    const webhook = createWebhook({ url: server.url, clock, random: () => 0, version: '0' });
    const told = await createNotifier([webhook], { clock }).notify(notification);
    await server.close();
    expect(told).toMatchObject([{ delivered: true }]);
    expect(pending).toBe(0);
    expect(clock.now()).toBe(startMs);
  });

  it('answers nothing where nobody is configured', async () => {
    expect(await createNotifier([], { clock: new VirtualClock(startMs) }).notify(notification)).toEqual([]);
  });

  it('ends a webhook that asks for more time than there is, with its last answer', async () => {
    const clock = socketClock();
    const server = await serve((_request, response) => response.writeHead(503, { 'retry-after': '60' }).end('full'));
    const webhook = createWebhook({ url: server.url, clock, random: () => 1, version: '0' });
    const told = await createNotifier([webhook], { clock, timeoutMs: 15_000 }).notify(notification);
    expect(told).toEqual([
      {
        receiver: 'webhook',
        delivered: false,
        mayBeTakenLater: true,
        detail: 'the webhook did not take it in time: HTTP 503, "full"',
      },
    ]);
    expect(clock.now() - startMs).toBe(15_000);
    await server.close();
  });
});
