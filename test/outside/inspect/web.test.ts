/** The site, by HTTP, against servers on real sockets. */
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { InspectionError } from '../../../src/cloud/inspection.ts';
import { systemClock } from '../../../src/composition/system-clock.ts';
import { openWeb } from '../../../src/outside/inspect/web.ts';
import { serve } from '../../aws/local-server.ts';
import { freePort } from '../../support/local-service.ts';

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function site(listener: Parameters<typeof serve>[0]): Promise<string> {
  const server = await serve(listener);
  closing.push(() => server.close());
  return server.url.replace(/\/$/, '');
}

function web(url: string, limitMs?: number) {
  return openWeb({
    site: url,
    clock: systemClock,
    signal: never,
    version: '9.8.7',
    ...(limitMs === undefined ? {} : { limitMs }),
  });
}

async function refusal(work: Promise<unknown>): Promise<InspectionError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof InspectionError) return error;
  throw new TypeError('it was not refused', { cause: error });
}

test('a text, decoded, with the headers that it came with', async () => {
  const asked: (string | undefined)[] = [];
  const url = await site((request, response) => {
    asked.push(request.headers['accept-encoding'], request.headers['user-agent']);
    response.writeHead(200, { 'Content-Type': 'text/css', 'Content-Encoding': 'gzip', 'Cache-Control': 'max-age=5' });
    response.end(gzipSync('a{b:c}'));
  });
  const answer = await web(url).get(`${url}/a.css`, { 'accept-encoding': 'gzip, br' }, never);
  expect(answer).toMatchObject({ url: `${url}/a.css`, status: 200, text: 'a{b:c}', isCut: false });
  expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'max-age=5' });
  expect(asked).toEqual(['gzip, br', 'nanoops/9.8.7']);
});

test('no other site is asked, whoever says so: neither the caller nor a redirect', async () => {
  let others = 0;
  const elsewhere = await site((_request, response) => {
    others += 1;
    response.end('secret');
  });
  const url = await site((request, response) => {
    const to = request.url === '/out' ? `${elsewhere}/in` : '/here';
    if (request.url === '/here') response.end('fine');
    else response.writeHead(302, { location: request.url === '/loop' ? '/loop' : to }).end();
  });
  expect(await refusal(web(url).get(`${elsewhere}/`, {}, never))).toMatchObject({ errorClass: 'rejected' });
  expect(await web(url).get(`${url}/out`, {}, never)).toMatchObject({
    status: 302,
    headers: { location: `${elsewhere}/in` },
  });
  expect(await web(url).get(`${url}/start`, {}, never)).toMatchObject({
    status: 200,
    url: `${url}/here`,
    text: 'fine',
  });
  expect(await web(url).get(`${url}/loop`, {}, never)).toMatchObject({ status: 302 });
  expect(others).toBe(0);
});

test('what never ends is cut: a text late, anything else early', async () => {
  const url = await site((request, response) => {
    response.writeHead(200, { 'content-type': request.url === '/text' ? 'text/plain' : 'application/zip' });
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  });
  expect(await web(url).get(`${url}/zip`, {}, never)).toMatchObject({ isCut: true, text: 'x'.repeat(65_536) });
  const text = await web(url).get(`${url}/text`, {}, never);
  expect([text.isCut, text.text.length]).toEqual([true, 4 * 1024 * 1024]);
});

test('a small answer that becomes a large one is cut as well', async () => {
  const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, 'x'));
  expect(bomb.length).toBeLessThan(64_000);
  const url = await site((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(bomb);
  });
  expect(await web(url).get(`${url}/`, {}, never)).toMatchObject({ isCut: true });
});

test('nobody there, and nobody who answers in time', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await refusal(web(url).get(`${url}/`, {}, never))).toMatchObject({
    errorClass: 'unreachable',
    message: expect.stringContaining('connection refused'),
  });
  const silent = await site(() => {});
  expect(await refusal(web(silent, 80).get(`${silent}/`, {}, never))).toMatchObject({
    errorClass: 'unreachable',
    message: expect.stringContaining('no whole answer within 0.08 s'),
  });
  const ending = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => ending.abort(reason), 30);
  await expect(web(silent).get(`${silent}/`, {}, ending.signal)).rejects.toBe(reason);
});
