import { afterEach, describe, expect, it } from 'vitest';
import { createWebhook, type WebhookOptions } from '../../src/notify/webhook.ts';
import { version } from '../../src/version.ts';
import { serve } from '../aws/local-server.ts';
import { never, notification, socketClock, startMs, thrownBy } from './stage.ts';
import { queryToken, status, token, webhookServer, type Answer, type WebhookServer } from './webhook-server.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');

describe('a webhook', () => {
  const clock = { current: socketClock() };
  const opened: WebhookServer[] = [];
  afterEach(async () => {
    const servers = opened.splice(0);
    await Promise.all(servers.map((server) => server.close()));
    // oxlint-disable-next-line vitest/no-standalone-expect -- every test of the block ends with it
    expect(servers.flatMap((server) => server.faults())).toEqual([]);
  });

  /** A fresh clock, a server that gives these answers, and a webhook that leads there; signed unless told otherwise. */
  async function open(
    answers: readonly Answer[],
    { signed = true, ...more }: Partial<WebhookOptions> & { readonly signed?: boolean } = {},
  ) {
    const own = (clock.current = socketClock());
    const server = await webhookServer(answers, { nowMs: () => own.now(), ...(signed ? { key } : {}) });
    opened.push(server);
    const webhook = createWebhook({
      url: server.url,
      ...(signed ? { signingKey: secret } : {}),
      clock: own,
      random: () => 0,
      version,
      ...more,
    });
    return { server, webhook, elapsedMs: () => own.now() - startMs };
  }

  const hang: Answer = () => clock.current.stall();

  it('posts the notification, signed, and is done at any 2xx', async () => {
    const { server, webhook, elapsedMs } = await open([status(204)]);
    expect(await webhook.send(notification, never())).toEqual({
      receiver: 'webhook',
      delivered: true,
      detail: 'the webhook took it: HTTP 204',
    });
    expect(JSON.parse(String(server.posts[0]?.body))).toEqual({
      schema: 'nanoops/notification@1',
      ...notification,
      at: '2026-11-23T11:04:10.000Z',
    });
    expect(elapsedMs()).toBe(0);
  });

  it('posts unsigned where there is no key', async () => {
    const { webhook } = await open([status(200)], { signed: false });
    expect(await webhook.send(notification, never())).toMatchObject({ delivered: true });
  });

  it('takes a key of any characters into headers, and no full stop into what is signed', async () => {
    const { server, webhook } = await open([status(200)]);
    await webhook.send({ ...notification, key: 'run.1/schritt „zwei“\r\nx: 😀' }, never());
    expect(server.posts[0]?.headers['webhook-id']).toBe(
      'run%2E1/schritt%20%E2%80%9Ezwei%E2%80%9C%0D%0Ax:%20%F0%9F%98%80',
    );
  });

  it('tries again after a fault of the server, signs anew, and says at which attempt it was taken', async () => {
    const { server, webhook, elapsedMs } = await open([status(500), status(200)], { random: () => 1 });
    expect(await webhook.send(notification, never())).toMatchObject({
      delivered: true,
      detail: 'the webhook took it: HTTP 200, at attempt 2',
    });
    expect(elapsedMs()).toBe(1_000);
    const [first, second] = server.posts.map(({ headers }) => headers);
    expect(second?.['webhook-id']).toBe(first?.['webhook-id']);
    expect(second?.['webhook-timestamp']).not.toBe(first?.['webhook-timestamp']);
  });

  it.each([
    ['seconds', '3', 3_000],
    ['a date', new Date(startMs + 4_000).toUTCString(), 4_000],
    ['longer than ten seconds', '3600', 10_000],
    ['a date that is over', new Date(startMs - 4_000).toUTCString(), 0],
    ['nonsense', 'soon', 0],
  ])('waits as long as Retry-After says: %s', async (_form, retryAfter, waitedMs) => {
    const { webhook, elapsedMs } = await open([status(429, { 'retry-after': retryAfter }), status(200)]);
    expect(await webhook.send(notification, never())).toMatchObject({ delivered: true });
    expect(elapsedMs()).toBe(waitedMs);
  });

  it('gives up after three attempts, with what the last one led to', async () => {
    const busy = status(503, { 'content-type': 'text/plain' }, 'over\u001b[31m capacity\n\n try later\u202e');
    const { webhook, elapsedMs } = await open([status(500), status(502), busy], { random: () => 1 });
    expect(await webhook.send(notification, never())).toEqual({
      receiver: 'webhook',
      delivered: false,
      mayBeTakenLater: true,
      detail: 'the webhook did not take it, 3 attempts: HTTP 503, "over [31m capacity try later"',
    });
    expect(elapsedMs()).toBe(1_000 + 2_000);
  });

  it('does not try again what was refused', async () => {
    const { webhook } = await open([status(400, {}, '{"error":"no such channel"}')]);
    expect(await webhook.send(notification, never())).toMatchObject({
      delivered: false,
      detail: 'the webhook refused it: HTTP 400, "{"error":"no such channel"}"',
    });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (code) => {
    const elsewhere = await webhookServer([], { nowMs: () => startMs });
    opened.push(elsewhere);
    const { webhook } = await open([status(code, { location: elsewhere.url })]);
    const delivery = await webhook.send(notification, never());
    expect(delivery).toMatchObject({ delivered: false });
    expect(delivery.detail).toContain(`HTTP ${code}, a redirect, which is not followed`);
    expect(elsewhere.posts).toEqual([]);
  });

  it('waits five seconds for an answer, three times', async () => {
    const { webhook, elapsedMs } = await open([hang, hang, hang]);
    expect(await webhook.send(notification, never())).toMatchObject({
      delivered: false,
      detail: 'the webhook did not take it, 3 attempts: no answer within 5 s',
    });
    expect(elapsedMs()).toBe(15_000);
  });

  it('is done at a 2xx whose body never ends', async () => {
    const { webhook, elapsedMs } = await open([(response) => response.writeHead(200).write('o')]);
    expect(await webhook.send(notification, never())).toMatchObject({ delivered: true });
    expect(elapsedMs()).toBe(0);
  });

  it('counts an answer whose text never ends', async () => {
    const stalled: Answer = (response) => {
      response.writeHead(400, { 'content-type': 'text/plain' });
      response.write('because');
      clock.current.stall();
    };
    const { webhook, elapsedMs } = await open([stalled]);
    expect(await webhook.send(notification, never())).toMatchObject({
      delivered: false,
      detail: 'the webhook refused it: HTTP 400',
    });
    expect(elapsedMs()).toBe(5_000);
  });

  it('tries again after a lost connection', async () => {
    const reset: Answer = (_response, request) => request.socket.resetAndDestroy();
    const { webhook } = await open([reset, status(200)]);
    expect(await webhook.send(notification, never())).toMatchObject({ delivered: true });
  });

  it('names a refused connection by its code alone', async () => {
    const gone = await serve(() => {});
    await gone.close();
    const { webhook } = await open([], { url: `${gone.url}/${token}` });
    expect(await webhook.send(notification, never())).toMatchObject({
      delivered: false,
      detail: 'the webhook did not take it, 3 attempts: the connection failed (ECONNREFUSED)',
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a page', { 'content-type': 'text/html; charset=utf-8' }, '<html><body>Guest Wi-Fi</body></html>'],
    ['a page that begins with text', { 'content-type': 'application/xhtml+xml' }, 'Guest <b>Wi-Fi</b>'],
    ['a page that does not say so', {}, '\n<!doctype html>Guest Wi-Fi'],
    ['a huge body', { 'content-type': 'text/plain' }, 'no '.repeat(1_000_000)],
    ['its own path', { 'content-type': 'text/plain' }, `Cannot POST /hooks/${token}`],
    ['its query', {}, `wrong signature: ${queryToken}`],
    ['its query, escaped for a URL', {}, `wrong signature: ${encodeURIComponent(queryToken).replaceAll('-', '%2d')}`],
    ['its query, escaped for JSON', {}, `{"sig":"${queryToken.replace('+', '\\u002b')}"}`],
    ['its query, escaped for HTML', {}, `wrong signature: ${queryToken.replace('-', '&#45;').replace('+', '&plus;')}`],
    ['its own path in capitals', {}, `UNKNOWN HOOK ${token.toUpperCase()}`],
    ['nothing visible', {}, '\u0000\u200b\n'],
  ])('shows nothing of an answer that is %s', async (_what, headers, body) => {
    const { webhook } = await open([status(404, headers, body)]);
    expect((await webhook.send(notification, never())).detail).toBe('the webhook refused it: HTTP 404');
  });

  it('cuts a long answer', async () => {
    const { webhook } = await open([status(404, {}, '😀'.repeat(400))]);
    expect((await webhook.send(notification, never())).detail).toBe(
      `the webhook refused it: HTTP 404, "${'😀'.repeat(160)}…"`,
    );
  });

  it('ends at once when it is stopped in the middle of an attempt, and says how far it came', async () => {
    const stop = new AbortController();
    const { webhook, elapsedMs } = await open([status(503), () => stop.abort()]);
    expect(await webhook.send(notification, stop.signal)).toMatchObject({
      delivered: false,
      detail: 'the webhook did not take it in time: HTTP 503',
    });
    expect(elapsedMs()).toBe(0);
  });

  it('ends at once when it is stopped between two attempts', async () => {
    const stop = new AbortController();
    const { webhook } = await open([status(429, { 'retry-after': '10' })]);
    const sent = webhook.send(notification, stop.signal);
    await clock.current.sleep(2_000);
    stop.abort();
    expect(await sent).toMatchObject({ detail: 'the webhook did not take it in time: HTTP 429' });
    expect(clock.current.now() - startMs).toBe(2_000);
  });

  it.each([
    ['hooks.example/T0K3N', 'is not a URL'],
    ['ftp://hooks.example/T0K3N', 'begins neither with https:// nor with http://'],
    ['https://user:T0K3N@hooks.example/', 'holds a user or a password, which are not sent'],
  ])('refuses an address that cannot be posted to, without showing it (%#)', (url, fault) => {
    const options = { url, clock: clock.current, random: () => 0, version };
    const error = thrownBy(() => createWebhook(options));
    expect(error).toMatchObject({
      code: 'WebhookUrlInvalid',
      exitCode: 2,
      message: `the webhook\u2019s address (notify.webhook.url) ${fault}`,
      cause: undefined,
    });
    expect(JSON.stringify(error)).not.toContain('T0K3N');
  });
});
