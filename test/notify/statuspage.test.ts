/** The status page: what customers read over an incident's life, and that nothing is said twice. */
import { afterEach, describe, expect, test } from 'vitest';
import { createStatuspage } from '../../src/notify/statuspage.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import { routeOf } from '../../src/notify/routing.ts';
import { components, tools } from './bench.ts';
import { never, notification, ofIncident, socketClock } from './stage.ts';
import { vendorServer, type Step, type VendorServer } from './vendor-server.ts';
import { keys, pageId, statuspage } from './vendors.ts';
import { status } from './webhook-server.ts';

const opened: VendorServer[] = [];
afterEach(async () => {
  const servers = opened.splice(0);
  await Promise.all(servers.map((server) => server.close()));
  // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends with it
  expect(servers.flatMap((server) => server.faults())).toEqual([]);
});

async function page(
  { before = 0, ids = components }: { readonly before?: number; readonly ids?: readonly string[] } = {},
  ...script: readonly Step[]
) {
  const vendor = statuspage(components, before);
  const server = await vendorServer(vendor, script);
  opened.push(server);
  const statusPage = (told: Notification) => routeOf(told).statusPage;
  /** Each message from a process of its own. */
  const receiver = () =>
    createStatuspage({
      ...tools(socketClock()),
      url: server.url,
      pageId,
      apiKey: keys.statuspage,
      components: ids,
      statusPage,
    });
  return { vendor, server, receiver, send: (told: Notification) => receiver().send(told, never()) };
}

describe('an incident', () => {
  test('is opened, updated and resolved as one, by processes that share nothing', async () => {
    const { vendor, send } = await page({ before: 3 });
    expect(await send(ofIncident('opened', { publicText: 'Uploads fail.' }))).toEqual({
      receiver: 'statuspage',
      delivered: true,
      detail: 'Statuspage took it: HTTP 201; the page says "Major Outage"',
    });
    expect(vendor.incidents[0]).toMatchObject({ name: 'Major Outage', status: 'investigating', impact: 'critical' });
    expect([...vendor.components.values()]).toEqual(['major_outage', 'major_outage']);
    await send(ofIncident('updated', { publicText: 'We found it.', severity: 'SEV-2' }));
    expect(vendor.incidents[0]).toMatchObject({ status: 'investigating', impact: 'minor' });
    expect([...vendor.components.values()]).toEqual(['degraded_performance', 'degraded_performance']);
    await send(ofIncident('resolved', { publicText: 'It is over.', severity: 'SEV-2' }));
    expect(vendor.incidents).toHaveLength(4);
    expect(vendor.incidents[0]).toMatchObject({
      status: 'resolved',
      bodies: ['Uploads fail.', 'We found it.', 'It is over.'],
    });
    expect([...vendor.components.values()]).toEqual(['operational', 'operational']);
  });

  test.each([
    ['SEV-1', 'Major Outage', 'critical', 'major_outage'],
    ['SEV-2', 'Degraded Performance', 'minor', 'degraded_performance'],
    ['SEV-3', 'Investigating', 'none', 'operational'],
  ] as const)('%s: the page says "%s", impact %s, components %s', async (severity, name, impact, component) => {
    const { vendor, send } = await page();
    await send(ofIncident('opened', { severity }));
    expect(vendor.incidents[0]).toMatchObject({ name, impact });
    expect([...vendor.components.values()]).toEqual([component, component]);
  });

  test('that is reopened is not left as resolved', async () => {
    const { vendor, send } = await page();
    await send(ofIncident('opened'));
    await send(ofIncident('resolved'));
    await send(ofIncident('opened', { publicText: 'It is back.' }));
    expect(vendor.incidents[0]).toMatchObject({ status: 'investigating' });
    expect([...vendor.components.values()]).toEqual(['major_outage', 'major_outage']);
  });

  test('says nothing but what was said for the public', async () => {
    const { server, send } = await page();
    await send({ ...ofIncident('opened'), title: 'nano-db-1.internal is down', text: 'ip-10-0-0-1' });
    const { metadata: _hidden, ...shown } = JSON.parse(JSON.stringify(server.asked.at(-1)?.body)).incident;
    expect(JSON.stringify(shown)).not.toMatch(/nano|internal|ip-10|INC-7/);
  });

  test('the same thing is said once', async () => {
    const { vendor, send } = await page();
    await send(ofIncident('opened'));
    expect(await send(ofIncident('opened'))).toMatchObject({ delivered: true, detail: 'the page says it already' });
    expect(vendor.incidents).toHaveLength(1);
  });

  test.each([
    ['opened', ['own', 'lost']],
    ['resolved', ['own', 'own', 'own', 'lost']],
  ] as const)('an answer that is lost at "%s" leads to no second one', async (change, script) => {
    const { vendor, send } = await page({}, ...script);
    if (change === 'resolved') await send(ofIncident('opened'));
    expect(await send(ofIncident(change))).toMatchObject({ delivered: true, detail: 'the page says it already' });
    expect(vendor.incidents).toHaveLength(1);
    expect(vendor.incidents[0]?.bodies).toHaveLength(change === 'resolved' ? 2 : 1);
  });

  test('is found behind more than a hundred newer ones, as long as it is not resolved', async () => {
    const { vendor, send } = await page({ before: 120 });
    await send(ofIncident('opened'));
    vendor.bury();
    await send(ofIncident('resolved'));
    expect(vendor.incidents.at(-1)).toMatchObject({ status: 'resolved' });
    expect(vendor.incidents).toHaveLength(121);
  });
});

describe('the page stays as it is', () => {
  test.each([
    ['a run', notification],
    [
      'nothing was said for the public',
      { ...notification, incident: { id: 'I', severity: 'SEV-1', change: 'opened' } },
    ],
  ] as const)('%s', async (_what, told) => {
    const { server, send } = await page();
    expect(await send(told)).toMatchObject({ receiver: 'statuspage', delivered: false, skipped: true });
    expect(server.asked).toEqual([]);
  });

  test.each([
    ['SEV-4', ofIncident('opened', { severity: 'SEV-4' })],
    ['what was never on it is over', ofIncident('resolved')],
  ])('%s', async (_what, told) => {
    const { vendor, send } = await page();
    expect(await send(told)).toMatchObject({ skipped: true });
    expect(vendor.incidents).toEqual([]);
  });
});

describe('a test', () => {
  test('only reads, since a page is public', async () => {
    const { server, receiver } = await page();
    expect(await receiver().test?.(notification, never())).toMatchObject({ delivered: true });
    expect(server.asked.map(({ method }) => method)).toEqual(['GET']);
  });

  test('finds a component that the page does not have', async () => {
    const { receiver } = await page({ ids: ['nosuchthing'] });
    expect(await receiver().test?.(notification, never())).toMatchObject({
      delivered: false,
      detail: 'the page has no component nosuchthing',
    });
  });

  test('finds a key that is refused', async () => {
    const { receiver } = await page({}, status(401, {}, '{"error":"Could not authenticate"}'));
    expect(await receiver().test?.(notification, never())).toMatchObject({
      delivered: false,
      detail: 'Statuspage refused it: HTTP 401, "{"error":"Could not authenticate"}"',
    });
  });
});

test('a page in place of an answer is no empty list: nothing is created on its strength', async () => {
  const portal = status(200, { 'content-type': 'text/html' }, '<html>Log in</html>');
  const { vendor, send } = await page({}, portal);
  expect(await send(ofIncident('opened'))).toMatchObject({ delivered: false, mayBeTakenLater: true });
  expect(vendor.incidents).toEqual([]);
});
