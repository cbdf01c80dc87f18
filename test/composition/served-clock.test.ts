/** Which clock a run follows that talks to this machine: a served sandbox's own, or the wall's. */
import { afterEach, expect, test } from 'vitest';
import { servedClock } from '../../src/composition/served-clock.ts';
import { serveSandbox } from '../../src/use-cases/serve-sandbox.ts';
import { serve, type LocalServer } from '../aws/local-server.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function sandboxAt(speed: string | undefined): Promise<string> {
  const ended = new AbortController();
  return new Promise((resolve, reject) => {
    const serving = serveSandbox(
      {
        scenario: 'healthy',
        port: '0',
        wall: () => Date.now(),
        signal: ended.signal,
        ...(speed === undefined ? {} : { speed }),
      },
      async ({ url }) => resolve(url),
    );
    serving.catch(reject);
    open.push(async () => {
      ended.abort();
      await serving;
    });
  });
}

async function other(headers: Record<string, string>, status = 200): Promise<LocalServer> {
  const server = await serve((_request, response) => {
    response.writeHead(status, headers);
    response.end('hello');
  });
  open.push(() => server.close());
  return server;
}

test('a sandbox that runs faster than the wall is followed', async () => {
  const clock = await servedClock(await sandboxAt('600'));
  if (clock === undefined) throw new TypeError('the clock was not followed');
  const before = clock.now();
  await clock.sleep(1_000);
  expect(clock.now() - before).toBeGreaterThanOrEqual(1_000);
});

test('one that runs as the wall does needs no other clock', async () => {
  expect(await servedClock(await sandboxAt(undefined))).toBeUndefined();
});

test.each([
  ['something else', {}],
  ['nonsense in the header', { 'nanoops-clock': 'soon 60' }],
  ['a speed of nothing', { 'nanoops-clock': '1700000000000 0' }],
  ['a redirect', { location: 'http://192.0.2.1/' }],
])('%s on that port is no sandbox', async (name, headers) => {
  const { url } = await other(headers, name === 'a redirect' ? 302 : 200);
  expect(await servedClock(url)).toBeUndefined();
});

test('nothing on that port is no sandbox', async () => {
  const server = await other({});
  await open.pop()?.();
  expect(await servedClock(server.url)).toBeUndefined();
});
