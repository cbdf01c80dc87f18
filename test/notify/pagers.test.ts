/** PagerDuty and Opsgenie: what they are sent over an incident's life, on real sockets. */
import { afterEach, describe, expect, test } from 'vitest';
import { createOpsgenie } from '../../src/notify/opsgenie.ts';
import { createPagerDuty } from '../../src/notify/pagerduty.ts';
import { routeOf } from '../../src/notify/routing.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import { tools } from './bench.ts';
import { never, notification, ofIncident, socketClock } from './stage.ts';
import { vendorServer, type Vendor, type VendorServer } from './vendor-server.ts';
import { keys, opsgenie, pagerDuty } from './vendors.ts';
import { status } from './webhook-server.ts';

const opened: VendorServer[] = [];
afterEach(async () => {
  const servers = opened.splice(0);
  await Promise.all(servers.map((server) => server.close()));
  // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends with it
  expect(servers.flatMap((server) => server.faults())).toEqual([]);
});

async function listening(vendor: Vendor, ...script: Parameters<typeof vendorServer>[1] & {}) {
  const server = await vendorServer(vendor, script);
  opened.push(server);
  return server;
}

const page = (told: Notification) => routeOf(told).page;

describe('PagerDuty', () => {
  async function receiving({ manager = false } = {}, ...script: Parameters<typeof vendorServer>[1] & {}) {
    const vendor = pagerDuty();
    const server = await listening(vendor, ...script);
    const managed = manager ? { managerRoutingKey: keys.manager } : {};
    const receiver = createPagerDuty({
      ...tools(socketClock()),
      url: server.url,
      routingKey: keys.pagerduty,
      ...managed,
      page,
    });
    return { vendor, server, receiver, send: (told: Notification) => receiver.send(told, never()) };
  }

  test('an incident is one alert: triggered, acknowledged, resolved', async () => {
    const { vendor, send } = await receiving();
    expect(await send(ofIncident('opened', { severity: 'SEV-2' }))).toEqual({
      receiver: 'pagerduty',
      delivered: true,
      detail: 'PagerDuty took it: HTTP 202, "Event processed"',
    });
    expect([...vendor.open.values()]).toEqual(['triggered']);
    await send(ofIncident('acknowledged', { severity: 'SEV-2' }));
    expect([...vendor.open.values()]).toEqual(['acknowledged']);
    await send(ofIncident('updated', { severity: 'SEV-2' }));
    expect([...vendor.open.values()]).toEqual(['acknowledged']);
    await send(ofIncident('resolved', { severity: 'SEV-2' }));
    expect(vendor.open.size).toBe(0);
    expect(vendor.woken).toEqual([keys.pagerduty]);
  });

  test('SEV-1 pages the manager too, and both hear that it is over', async () => {
    const { vendor, send } = await receiving({ manager: true });
    const told = await send(ofIncident('opened'));
    expect(told).toMatchObject({ delivered: true, detail: expect.stringMatching(/^on-call: .+; manager: /) });
    expect(vendor.woken.toSorted()).toEqual([keys.manager, keys.pagerduty]);
    await send(ofIncident('resolved'));
    expect(vendor.open.size).toBe(0);
  });

  test('a manager without a key is said to be missing; the rest is paged', async () => {
    const { vendor, send } = await receiving();
    expect((await send(ofIncident('opened'))).detail).toContain('no manager can be paged');
    expect(vendor.woken).toEqual([keys.pagerduty]);
  });

  test('one key of two that is refused: not delivered, and told whose', async () => {
    const { send } = await receiving({ manager: true }, status(400, {}, '{"status":"invalid event"}'));
    const told = await send(ofIncident('opened'));
    expect(told).toMatchObject({ receiver: 'pagerduty', delivered: false });
    expect(told.mayBeTakenLater).toBeUndefined();
    expect(told.detail).toContain('PagerDuty refused it: HTTP 400');
  });

  test.each([
    ['SEV-1', 'critical'],
    ['SEV-2', 'error'],
    ['SEV-3', 'warning'],
    ['SEV-4', 'info'],
  ] as const)('%s is %s there', async (severity, theirs) => {
    const { server, receiver } = await receiving();
    await receiver.test?.(ofIncident('opened', { severity }), never());
    expect(server.asked[0]?.body).toMatchObject({ payload: { severity: theirs } });
  });

  test('texts of any length fit, and the same long key is the same alert', async () => {
    const { vendor, send } = await receiving();
    const long = { ...notification, title: '\u{1f6a8}'.repeat(2_000), text: 'x'.repeat(600_000), key: 'k'.repeat(400) };
    await send(long);
    await send(long);
    expect(vendor.woken).toHaveLength(1);
  });

  test('a test leaves nothing open', async () => {
    const { vendor, receiver } = await receiving();
    const told = await receiver.test?.(notification, never());
    expect(told).toMatchObject({ delivered: true, detail: expect.stringContaining('resolved again') });
    expect(vendor.open.size).toBe(0);
  });

  test('an answer that quotes the routing key is not shown', async () => {
    const { send } = await receiving({}, status(400, {}, `invalid routing_key ${keys.pagerduty}`));
    expect((await send(notification)).detail).toBe('PagerDuty refused it: HTTP 400');
  });
});

describe('Opsgenie', () => {
  async function receiving(managerTeam?: string) {
    const vendor = opsgenie();
    const server = await listening(vendor);
    const team = managerTeam === undefined ? {} : { managerTeam };
    const receiver = createOpsgenie({ ...tools(socketClock()), url: server.url, apiKey: keys.opsgenie, ...team, page });
    return { vendor, server, receiver, send: (told: Notification) => receiver.send(told, never()) };
  }

  test('an incident is one alert: created, acknowledged, closed, by its alias', async () => {
    const { vendor, send } = await receiving('managers');
    expect(await send(ofIncident('opened', { id: 'INC/7 a?b' }))).toEqual({
      receiver: 'opsgenie',
      delivered: true,
      detail: 'Opsgenie took it: HTTP 202',
    });
    await send(ofIncident('acknowledged', { id: 'INC/7 a?b' }));
    expect([...vendor.open.values()]).toEqual([{ priority: 'P1', acknowledged: true, count: 1 }]);
    await send(ofIncident('resolved', { id: 'INC/7 a?b' }));
    expect(vendor.open.size).toBe(0);
  });

  test.each([
    ['SEV-1', 'P1'],
    ['SEV-2', 'P2'],
    ['SEV-3', 'P3'],
    ['SEV-4', 'P4'],
  ] as const)('%s is %s there', async (severity, priority) => {
    const { vendor, send } = await receiving('managers');
    await send(ofIncident('opened', { severity }));
    expect([...vendor.open.values()]).toMatchObject([{ priority }]);
  });

  test('SEV-1 pages the manager\u2019s team; without one it says so', async () => {
    const { server, send } = await receiving('managers');
    await send(ofIncident('opened'));
    expect(server.asked[0]?.body).toMatchObject({ responders: [{ type: 'team', name: 'managers' }] });
    const { send: sendWithout } = await receiving();
    expect((await sendWithout(ofIncident('opened'))).detail).toContain('no manager can be paged');
  });

  test('texts of any length fit', async () => {
    const { vendor, send } = await receiving();
    await send({ ...notification, title: 'é'.repeat(500), text: 'x'.repeat(30_000), key: 'k'.repeat(900) });
    expect(vendor.open.size).toBe(1);
  });

  test('a test leaves nothing open', async () => {
    const { vendor, receiver } = await receiving();
    expect(await receiver.test?.(notification, never())).toMatchObject({ delivered: true });
    expect(vendor.open.size).toBe(0);
  });
});
