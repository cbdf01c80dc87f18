/** Slack: what is posted, as Block Kit takes it, on a real socket. */
import { afterEach, expect, test } from 'vitest';
import { createSlack } from '../../src/notify/slack.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import { tools } from './bench.ts';
import { never, notification, ofIncident, socketClock, thrownBy } from './stage.ts';
import { vendorServer, type VendorServer } from './vendor-server.ts';
import { keys, slack } from './vendors.ts';
import { status, type Answer } from './webhook-server.ts';

const opened: VendorServer[] = [];
afterEach(async () => {
  const servers = opened.splice(0);
  await Promise.all(servers.map((server) => server.close()));
  // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends with it
  expect(servers.flatMap((server) => server.faults())).toEqual([]);
});

async function posting(told: Partial<Notification>, ...script: readonly Answer[]) {
  const vendor = slack();
  const server = await vendorServer(vendor, script);
  opened.push(server);
  const receiver = createSlack({ ...tools(socketClock()), webhookUrl: `${server.url}${keys.slackPath}` });
  const delivery = await receiver.send({ ...notification, ...told }, never());
  return { delivery, message: vendor.messages[0], texts: textsOf(vendor.messages[0]) };
}

function textsOf(message: Awaited<ReturnType<typeof slack>>['messages'][number] | undefined): readonly string[] {
  return (message?.blocks ?? []).flatMap((block) =>
    block.type === 'context' ? block.elements.map(({ text }) => text) : [block.text.text],
  );
}

test('title, text, and what it is about', async () => {
  const { delivery, texts, message } = await posting({});
  expect(delivery).toEqual({ receiver: 'slack', delivered: true, detail: 'Slack took it: HTTP 200' });
  expect(texts).toEqual([
    'nano-api prod: p99 is 4.2 s',
    'The database waits for locks.\nEnd the blocking session \u2013 see below.',
    'critical · nano-api prod · run 20261123T110300Z-latency-7k2m9x · 2026-11-23T11:04:10.000Z',
  ]);
  expect(message?.text).toBe('nano-api prod: p99 is 4.2 s');
});

test('an incident with its severity and what became of it', async () => {
  const { texts } = await posting(ofIncident('acknowledged', { severity: 'SEV-2' }));
  expect(texts.at(-1)).toContain('SEV-2 acknowledged · incident INC-7');
});

test('nothing in a text mentions, links or formats', async () => {
  const text = '<!channel> <https://evil.example|here> a && b </script> *bold*';
  const { texts } = await posting({ title: 'p99 > 2 s & <@U123>', text });
  expect(texts[0]).toBe('p99 &gt; 2 s &amp; &lt;@U123&gt;');
  expect(texts[1]).toBe('&lt;!channel&gt; &lt;https://evil.example|here&gt; a &amp;&amp; b &lt;/script&gt; *bold*');
});

test('what is too long is cut where an entity ends, and between lines', async () => {
  const lines = Array.from({ length: 900 }, (_none, index) => `line ${index} <&>`);
  const { texts } = await posting({ title: '&'.repeat(400), text: lines.join('\n') });
  expect(texts[0]).toMatch(/^(?:&amp;){29}…$/);
  expect(
    texts.slice(1, -2).every((part) => part.split('\n').every((line) => /^line \d+ &lt;&amp;&gt;$/.test(line))),
  ).toBe(true);
  expect(texts.at(-2)).toContain('the rest does not fit here');
});

test.each([
  ['one endless line', { text: '<'.repeat(9_000) }],
  ['nothing but blanks', { text: ' \n ', title: '\u200b' }],
  ['controls and pictures', { text: '\u001b[31mred\u{1f6a8}'.repeat(1_000), title: '\u{1f6a8}'.repeat(200) }],
])('is well formed for %s', async (_what, told) => {
  expect((await posting(told)).delivery.delivered).toBe(true);
});

test.each([
  [403, 'invalid_token'],
  [404, 'no_service'],
  [410, 'channel_is_archived'],
  [400, 'invalid_payload'],
])('HTTP %i %s is final, and said', async (code, text) => {
  const { delivery } = await posting({}, status(code, { 'content-type': 'text/plain' }, text));
  expect(delivery).toEqual({
    receiver: 'slack',
    delivered: false,
    detail: `Slack refused it: HTTP ${code}, "${text}"`,
  });
});

test('the address is a secret: no message of an error holds it', () => {
  const error = thrownBy(() =>
    createSlack({ ...tools(socketClock()), webhookUrl: 'hooks.slack.com/services/T0/B0/x' }),
  );
  expect(error).toMatchObject({ code: 'WebhookUrlInvalid', exitCode: 2 });
  expect(String(error)).not.toContain('services');
});
