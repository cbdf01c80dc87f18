/**
 * Receivers that fail, each in each way: the one who tells is not held up, it is said once, what can be sent later is, and
 * nothing is ever told twice.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Notification } from '../../src/cloud/notifier.ts';
import { outboxOf } from '../../src/composition/notifiers.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import type { Outbox } from '../../src/notify/outbox.ts';
import { newFolder } from '../commands/operator.ts';
import { kinds } from './bench.ts';
import { ofIncident, socketClock, startMs, type SocketClock } from './stage.ts';
import { vendorServer, type Step, type VendorServer } from './vendor-server.ts';
import { status } from './webhook-server.ts';

const opened: VendorServer[] = [];
let box: Outbox;
beforeEach(async () => {
  const output = { write: () => true };
  const env = { XDG_STATE_HOME: await newFolder() };
  const io = { stdout: output, stderr: output, env, cwd: '/', signal: new AbortController().signal };
  box = await outboxOf({ io, service: 'nano-api', environment: 'prod' });
});
afterEach(async () => {
  const servers = opened.splice(0);
  await Promise.all(servers.map((server) => server.close()));
  // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends with it
  expect(servers.flatMap((server) => server.faults())).toEqual([]);
});

type Kind = keyof typeof kinds;
const names = Object.keys(kinds).filter((name): name is Kind => name in kinds);

/** A vendor that follows the script, and notifiers that lead there: each as another process has it. */
async function stage(kind: Kind, scriptOf: (clock: SocketClock) => readonly Step[] = () => []) {
  const clock = socketClock();
  const { vendor, open, effects } = kinds[kind]();
  const server = await vendorServer(vendor, scriptOf(clock));
  opened.push(server);
  const notifier = (url = server.url) => createNotifier([open(url, clock)], { clock, outbox: box });
  return { vendor, server, effects, notifier, elapsedMs: () => clock.now() - startMs };
}

const told = ofIncident('opened');

/** How often a vendor is called before it is given up. */
const attempts = 3;

describe.each(names)('%s', (kind) => {
  test.each([
    ['answers 500', status(500), 0],
    ['answers 503', status(503), 0],
    ['answers 429 and when to come again', status(429, { 'retry-after': '4' }), 8_000],
  ] as const)('%s: kept, and told once when it can be', async (_what, answer, waitedMs) => {
    const { effects, notifier, elapsedMs } = await stage(kind, () => Array<Step>(attempts).fill(answer));
    const [delivery] = await notifier().notify(told);
    expect(delivery).toMatchObject({ receiver: kind, delivered: false, mayBeTakenLater: true });
    expect(delivery?.detail).toMatch(/HTTP \d+(?:; no manager .+)?; it is kept, and sent later$/);
    expect(elapsedMs()).toBe(waitedMs);
    expect(effects()).toBe(0);
    expect(await notifier().flush()).toMatchObject([{ outcome: { delivered: true } }]);
    expect(await notifier().flush()).toEqual([]);
    expect(effects()).toBe(1);
  });

  test('answers 429, and then takes it: told once, nothing is kept', async () => {
    const { effects, notifier, elapsedMs } = await stage(kind, () => [status(429, { 'retry-after': '2' })]);
    expect(await notifier().notify(told)).toMatchObject([{ delivered: true }]);
    expect(elapsedMs()).toBe(2_000);
    expect(effects()).toBe(1);
    expect(await box.waiting()).toEqual([]);
  });

  test('cannot be reached: kept, and told once when it can be', async () => {
    const { server, effects, notifier } = await stage(kind);
    const gone = await vendorServer(kinds[kind]().vendor);
    await gone.close();
    const [delivery] = await notifier(gone.url).notify(told);
    expect(delivery).toMatchObject({ delivered: false, mayBeTakenLater: true });
    expect(delivery?.detail).toContain('ECONNREFUSED');
    expect(server.asked).toEqual([]);
    expect(await notifier().flush()).toMatchObject([{ outcome: { delivered: true } }]);
    expect(effects()).toBe(1);
  });

  test('hangs: given up within 20 s, and never told twice', async () => {
    const { effects, notifier, elapsedMs } = await stage(kind, (clock) => {
      const hang: Step = () => clock.stall();
      return kind === 'slack' ? [hang] : Array<Step>(attempts).fill(hang);
    });
    const [delivery] = await notifier().notify(told);
    expect(delivery).toMatchObject({ delivered: false });
    expect(delivery?.detail).toContain('no answer within 5 s');
    expect(elapsedMs()).toBeLessThanOrEqual(20_000);
    await notifier().flush();
    // Slack knows nothing again: it may have come, and is left at that, and said.
    expect(effects()).toBe(kind === 'slack' ? 0 : 1);
    expect(delivery?.detail.endsWith('it may have come, and is not sent twice')).toBe(kind === 'slack');
    expect(await box.waiting()).toEqual([]);
  });

  test('takes it, and its answer is lost: never told twice', async () => {
    const { effects, notifier } = await stage(kind, () => (kind === 'statuspage' ? ['own', 'lost'] : ['lost']));
    const [delivery] = await notifier().notify(told);
    expect(delivery?.delivered).toBe(kind !== 'slack');
    await notifier().flush();
    expect(effects()).toBe(1);
  });

  test('refuses: said, and never tried again', async () => {
    const { effects, notifier } = await stage(kind, () => [status(403, {}, 'no')]);
    const [delivery] = await notifier().notify(told);
    expect(delivery).toEqual({
      receiver: kind,
      delivered: false,
      detail: expect.stringContaining('refused it: HTTP 403'),
    });
    expect(await notifier().flush()).toEqual([]);
    expect(effects()).toBe(0);
  });
});

describe('what waits', () => {
  const failing = (): readonly Step[] => Array<Step>(attempts).fill(status(500));
  const later = (change: 'acknowledged' | 'updated' | 'resolved'): Notification => ofIncident(change);

  test('comes before what is told of the same incident later', async () => {
    const { vendor, notifier } = await stage('slack', failing);
    await notifier().notify(told);
    expect(await notifier().notify(later('updated'))).toMatchObject([{ delivered: true }]);
    const contexts = kindsOfSlack(vendor);
    expect(contexts).toEqual(['SEV-1 opened', 'SEV-1 updated']);
  });

  test('and is not overtaken while it is not taken', async () => {
    const { vendor, notifier } = await stage('slack', () => [...failing(), ...failing()]);
    await notifier().notify(told);
    expect(await notifier().notify(later('resolved'))).toMatchObject([{ delivered: false, mayBeTakenLater: true }]);
    expect((await notifier().flush()).map(({ waiting }) => waiting.notification.incident?.change)).toEqual([
      'opened',
      'resolved',
    ]);
    expect(kindsOfSlack(vendor)).toEqual(['SEV-1 opened', 'SEV-1 resolved']);
  });

  test('pages nobody for what is over meanwhile', async () => {
    const { effects, server, notifier } = await stage('pagerduty', failing);
    await notifier().notify(told);
    await notifier().notify(later('resolved'));
    expect(effects()).toBe(0);
    expect(server.done.map(({ body }) => body)).toMatchObject([{ event_action: 'resolve' }]);
    expect(await box.waiting()).toEqual([]);
  });

  test('pages nobody for what is over meanwhile, also where a process died of sending it', async () => {
    const { effects, notifier } = await stage('pagerduty', failing);
    await notifier().notify(told);
    for (const each of await box.waiting()) await box.take(each);
    await notifier().notify(later('resolved'));
    expect(await box.underWay()).toEqual([]);
    const muchLater = box.nowMs() + 11 * 60_000;
    box = { ...box, nowMs: () => muchLater };
    expect(await notifier().flush()).toEqual([]);
    expect(effects()).toBe(0);
  });

  test('for too long makes room for what comes', async () => {
    const { notifier } = await stage('slack', () => [...failing(), ...failing()]);
    await notifier().notify(told);
    const tomorrow = box.nowMs() + 25 * 3_600_000;
    box = { ...box, nowMs: () => tomorrow };
    const other = ofIncident('opened', { id: 'INC-8' });
    await notifier().notify(other);
    expect((await box.waiting()).map((each) => each.notification.key)).toEqual([other.key]);
  });

  test('is sent as soon as the receiver takes anything', async () => {
    const { effects, notifier } = await stage('pagerduty', failing);
    await notifier().notify(told);
    await notifier().notify(ofIncident('opened', { id: 'INC-8' }));
    expect(effects()).toBe(2);
    expect(await box.waiting()).toEqual([]);
  });

  test('told again by the same process, it is told once', async () => {
    const { effects, notifier } = await stage('slack', failing);
    const same = notifier();
    await same.notify(told);
    await same.notify(told);
    await same.flush();
    expect(effects()).toBe(1);
  });

  test('is sent by one of two who try at the same time', async () => {
    const { effects, notifier } = await stage('slack', failing);
    await notifier().notify(told);
    const both = await Promise.all([notifier().flush(), notifier().flush()]);
    expect(both.flat()).toHaveLength(1);
    expect(effects()).toBe(1);
  });

  test('is not sent any more after a day', async () => {
    const { effects, notifier } = await stage('slack', failing);
    await notifier().notify(told);
    const tomorrow = box.nowMs() + 25 * 3_600_000;
    box = { ...box, nowMs: () => tomorrow };
    expect(await notifier().flush()).toMatchObject([{ outcome: 'dropped' }]);
    expect(effects()).toBe(0);
    expect(await box.waiting()).toEqual([]);
  });

  test('for a receiver that is there no more is left for a day', async () => {
    const { notifier } = await stage('slack', failing);
    await notifier().notify(told);
    const others = await stage('pagerduty');
    expect(await others.notifier().flush()).toEqual([]);
    expect(await box.waiting()).toHaveLength(1);
    const tomorrow = box.nowMs() + 25 * 3_600_000;
    box = { ...box, nowMs: () => tomorrow };
    expect(await others.notifier().flush()).toMatchObject([{ outcome: 'dropped' }]);
    expect(await box.waiting()).toEqual([]);
  });

  test('a folder that cannot be written keeps nobody from being told, and is said', async () => {
    const { effects, notifier } = await stage('slack');
    const broken = (): Promise<never> => Promise.reject(new TypeError('no'));
    box = { ...box, waiting: broken, keep: broken };
    const [delivery] = await notifier().notify(told);
    expect(delivery).toMatchObject({ delivered: true, detail: expect.stringContaining('failed to keep it') });
    expect(effects()).toBe(1);
  });
});

/** What each message says became of the incident. */
function kindsOfSlack(vendor: object): readonly string[] {
  const { messages } = vendor as ReturnType<typeof kinds.slack>['vendor'];
  return messages.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.type === 'context' ? [block.elements[0]?.text.split(' · ')[0] ?? ''] : [])),
  );
}
