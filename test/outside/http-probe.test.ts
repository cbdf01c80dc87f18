/** The probe of the public name, against servers on real sockets: what it says is what an operator reads in a drill. */
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/composition/system-clock.ts';
import { httpProbe } from '../../src/outside/http-probe.ts';
import { scaledClock } from '../../src/sandbox/scaled-clock.ts';
import { serve } from '../aws/local-server.ts';
import { expired, key, other, valid } from './certificates.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const never = new AbortController().signal;

function probe(url: string, more: Partial<Parameters<typeof httpProbe>[0]> = {}) {
  return httpProbe({ url, clock: systemClock, signals: [never], version: '9.8.7', ...more });
}

async function http(listener: Parameters<typeof serve>[0]): Promise<string> {
  const server = await serve(listener);
  closing.push(() => server.close());
  return server.url;
}

async function https(cert: string): Promise<string> {
  const server = createHttpsServer({ key, cert }, (_request, response) => response.end('fine'));
  closing.push(() => server.close());
  return `https://${await listen(server)}`;
}

/** Says what it is told to whoever connects, and nothing more. */
async function tcp(said: string, ...then: 'end'[]): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    socket.write(said);
    if (then.includes('end')) socket.end();
    closing.push(() => socket.destroy());
  });
  closing.push(() => server.close());
  return `http://${await listen(server)}`;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address with a port.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an answer', () => {
  test.each([200, 204, 299])('%i is well', async (status) => {
    const url = await http((_request, response) => response.writeHead(status).end());
    const answer = await probe(url);
    expect(answer).toEqual({ ok: true, status, durationMs: answer.durationMs, detail: expect.any(String) });
    expect(answer.detail).toBe(`${status} in ${answer.durationMs} ms`);
    expect(answer.durationMs).toBeLessThan(5_000);
  });

  test.each([400, 404, 429, 500, 503])('%i is not', async (status) => {
    const url = await http((_request, response) => response.writeHead(status).end('no'));
    expect(await probe(url)).toMatchObject({
      ok: false,
      status,
      detail: expect.stringMatching(`^${status} in \\d+ ms$`),
    });
  });

  test.each([
    ['https://login.example/path?token=hidden', 'a redirect to https://login.example'],
    ['/elsewhere?token=hidden', 'a redirect on the same host'],
    ['//evil.example/', 'a redirect'],
    ['javascript:alert(1)', 'a redirect'],
  ])('a redirect to %s is well, told and not followed', async (location, told) => {
    let requests = 0;
    const url = await http((_request, response) => {
      requests += 1;
      response.writeHead(302, { location }).end();
    });
    const answer = await probe(url);
    expect(answer).toMatchObject({ ok: true, status: 302 });
    expect(answer.detail).toMatch(/^302 in \d+ ms, /);
    expect(answer.detail.replace(/^.*? ms, /, '')).toBe(told);
    expect(requests).toBe(1);
  });

  test('is asked for with GET, by name and version, on a connection of its own each time', async () => {
    const connections = new Set<unknown>();
    const requests: string[] = [];
    const url = await http((request, response) => {
      connections.add(request.socket);
      requests.push(`${request.method} ${request.url} ${request.headers['user-agent']} ${request.headers.connection}`);
      response.end('fine');
    });
    await probe(`${url}/healthz?deep=1`);
    await probe(`${url}/healthz?deep=1`);
    expect(connections.size).toBe(2);
    expect(requests).toEqual(Array(2).fill('GET /healthz?deep=1 nanoops/9.8.7 close'));
  });

  test('whose body never ends is an answer', async () => {
    const url = await http((_request, response) => response.writeHead(200).write('{'));
    expect(await probe(url, { limitMs: 200 })).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^200 in \d+ ms, but its body did not end within 0\.2 s$/),
    });
  });

  test('whose body breaks off says so', async () => {
    const url = await tcp('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'end');
    expect(await probe(url)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^200 in \d+ ms, but its body broke off$/),
    });
  });

  test('is not read beyond 64 KiB', async () => {
    let sent = 0;
    let closed: () => void;
    const dropped = new Promise<void>((resolve) => (closed = resolve));
    const url = await http((_request, response) => {
      const chunk = Buffer.alloc(16 * 1_024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more).on('close', () => closed());
      more();
    });
    expect(await probe(url)).toMatchObject({ ok: true, detail: expect.stringMatching(/^200 in \d+ ms$/) });
    await dropped;
    // What the two sockets hold comes on top.
    expect(sent).toBeLessThan(16 * 1_024 * 1_024);
  });
});

describe('no answer', () => {
  test('from a server that takes the connection and says nothing', async () => {
    const answer = await probe(await tcp(''), { limitMs: 150 });
    expect(answer).toMatchObject({ ok: false, detail: 'no answer within 0.15 s' });
    expect(answer.status).toBeUndefined();
    expect(answer.durationMs).toBeGreaterThanOrEqual(140);
  });

  test('from a server whose headers never end', async () => {
    const url = await tcp('HTTP/1.1 200 OK\r\nx-slow: ');
    expect(await probe(url, { limitMs: 150 })).toMatchObject({ ok: false, detail: 'no answer within 0.15 s' });
  });

  test('where TLS is never agreed on', async () => {
    const url = (await tcp('')).replace('http:', 'https:');
    expect(await probe(url, { limitMs: 150 })).toMatchObject({ ok: false, detail: 'no answer within 0.15 s' });
  });

  test('within 5 s, unless it is said otherwise', async () => {
    const slept: number[] = [];
    const clock = { ...systemClock, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
    expect(await probe(await tcp(''), { clock })).toMatchObject({ ok: false, detail: 'no answer within 5 s' });
    expect(slept).toEqual([5_000]);
  });

  test('is waited for in real time, however fast the clock is', async () => {
    const began = performance.now();
    const clock = scaledClock(0, 100, () => Date.now());
    const answer = await probe(await tcp(''), { clock, limitMs: 200 });
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(answer.durationMs).toBeLessThan(1_500);
  });

  test('where nobody listens', async () => {
    const server = createTcpServer();
    const address = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await probe(`http://${address}`)).toMatchObject({ ok: false, detail: 'connection refused' });
  });

  test('from a name that there is not', async () => {
    // A label of 64 characters: no resolver has to be asked to know.
    expect(await probe(`http://${'a'.repeat(64)}.invalid/`)).toMatchObject({
      ok: false,
      detail: 'name does not resolve',
    });
  });

  test('where the connection is closed at once', async () => {
    expect(await probe(await tcp('', 'end'))).toMatchObject({
      ok: false,
      detail: 'connection closed before an answer came',
    });
  });

  test('from something that speaks another language', async () => {
    expect(await probe(await tcp('SSH-2.0-OpenSSH_9.2p1\r\n'))).toMatchObject({
      ok: false,
      detail: 'what answers there does not speak HTTP',
    });
  });

  test('from a server that switches protocols unasked', async () => {
    const url = await tcp('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    expect(await probe(url, { limitMs: 500 })).toMatchObject({ ok: false });
  });
});

describe('a certificate', () => {
  test('that is trusted is not mentioned', async () => {
    expect(await probe(await https(valid), { ca: valid })).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^200 in \d+ ms$/),
    });
  });

  test.each([
    ['that signed itself', valid, undefined, 'certificate is self-signed'],
    ['that has expired', expired, expired, 'certificate has expired'],
    ['of another name', other, other, 'certificate is for another name'],
  ])('%s', async (_which, cert, ca, detail) => {
    expect(await probe(await https(cert), { ca })).toMatchObject({ ok: false, detail });
  });

  test('that is not there', async () => {
    const url = (await http((_request, response) => response.end())).replace('http:', 'https:');
    expect(await probe(url)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^TLS was not agreed on \(\w+\)$/),
    });
  });
});

describe('when the run is told to end', () => {
  test('the probe rejects with the reason, and the connection is gone', async () => {
    let closed: () => void;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const controller = new AbortController();
    const reason = new Error('received SIGINT');
    const url = await http((request) => {
      request.socket.on('close', () => closed());
      controller.abort(reason);
    });
    await expect(probe(url, { signals: [never, controller.signal] })).rejects.toBe(reason);
    await gone;
  });

  test('nothing is sent any more', async () => {
    let requests = 0;
    const url = await http((_request, response) => {
      requests += 1;
      response.end();
    });
    const reason = new Error('over');
    await expect(probe(url, { signals: [AbortSignal.abort(reason)] })).rejects.toBe(reason);
    expect(requests).toBe(0);
  });
});
