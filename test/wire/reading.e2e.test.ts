/**
 * Commands that look, while what answers them answers wrongly, over real HTTP: each ends within its limit, in bounded
 * memory, with an error for people; and what could not be read is unknown, never well.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Served } from '../e2e/served.ts';
import { expired, key, other, valid } from '../outside/certificates.ts';
import { inTier } from '../support/tier.ts';
import { faultProxy, faults, type Fault, type FaultProxy } from './fault-proxy.ts';
import { commands, excessOf, limitMs, looked, wrongWith, type Looked } from './looked.ts';

let served: Served;
let proxy: FaultProxy;

beforeAll(async () => {
  served = await Served.start('healthy', 1, { outside: false });
  proxy = await faultProxy(served.url);
});

afterAll(async () => {
  await proxy?.close();
  await served?.close();
});

/** Runs it through the proxy. */
const look = (
  command: keyof typeof commands,
  { url = proxy.url, env = {} }: { readonly url?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Looked> =>
  looked(() => {
    const words = [...commands[command], '-c', served.config, '--endpoint-url', url, '--json'];
    return served.startWith(env, ...words, '--timeout', `${limitMs}ms`);
  });

const slice: readonly (readonly [keyof typeof commands, Fault])[] = [
  ['status', 'huge-member'],
  ['diagnose latency', 'reset-midway'],
  ['dr readiness', 'drip'],
];
const whole = (['diagnose latency', 'status', 'dr readiness'] as const).flatMap((command) =>
  faults.map((fault) => [command, fault] as const),
);

describe('where every answer goes wrong', { timeout: 90_000 }, () => {
  test.each(inTier({ all: whole, some: slice }))('%s, %s: it is unknown, and says why', async (command, fault) => {
    proxy.fault = () => fault;
    expect(wrongWith(await look(command))).toEqual([]);
  });
});

describe('where TLS goes wrong', () => {
  type Make = (hear: (what: 'handshake' | 'request' | 'plain') => void) => Server;

  /** Whoever trusts it has its own certificate as an authority's. */
  const answering =
    (cert: string): Make =>
    (hear) =>
      createTlsServer({ key, cert }, (_, outgoing) => {
        hear('request');
        outgoing.end('{}');
      });
  /** What begins as a handshake of TLS holds nothing of a request. */
  const plain =
    (heard: (socket: Socket) => void): Make =>
    (hear) =>
      createServer((socket) => {
        socket.once('data', ([first]: Buffer) => {
          hear(first === 0x16 ? 'handshake' : 'plain');
          heard(socket);
        });
      });

  test.each(
    inTier<readonly (readonly [string, RegExp, Make, string | undefined])[]>({
      all: [
        ['a certificate that nobody vouches for', /DEPTH_ZERO_SELF_SIGNED_CERT/, answering(valid), undefined],
        ['one for another name', /ERR_TLS_CERT_ALTNAME_INVALID/, answering(other), other],
        ['one that has expired', /CERT_HAS_EXPIRED/, answering(expired), expired],
        [
          'a server that speaks no TLS',
          /ERR_SSL_WRONG_VERSION_NUMBER|EPROTO/,
          plain((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n')),
          undefined,
        ],
        ['a server that hangs up', /the connection broke/, plain((socket) => void socket.resetAndDestroy()), undefined],
        ['a server that never shakes hands', /no (?:connection|answer) within/, plain(() => {}), undefined],
      ],
      some: [
        ['a certificate that nobody vouches for', /DEPTH_ZERO_SELF_SIGNED_CERT/, answering(valid), undefined],
        ['one for another name', /ERR_TLS_CERT_ALTNAME_INVALID/, answering(other), other],
      ],
    }),
  )('%s: nothing is sent there, and the error says so', async (_, reason, make, trusted) => {
    const { ended, heard } = await lookAt(make, trusted);
    expect(wrongWith(ended)).toEqual([]);
    expect(ended.stdout).toMatch(reason);
    expect(heard.filter((what) => what !== 'handshake')).toEqual([]);
  });

  test('one that is trusted, of this name and of this time, is asked', async () => {
    const { ended, heard } = await lookAt(answering(valid), valid);
    expect(heard).toContain('request');
    expect(ended.stdout).not.toMatch(/no trusted TLS connection|CERT/);
  });

  /** What came of looking there, with what is trusted besides, and what was heard there. */
  async function lookAt(make: Make, trusted?: string): Promise<{ readonly ended: Looked; readonly heard: string[] }> {
    const heard: string[] = [];
    const server = make((what) => heard.push(what));
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined); // Whoever looks may be gone.
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address with a port.
    const { port } = server.address() as AddressInfo;
    const folder = await mkdtemp(join(tmpdir(), 'nanoops-trusted-'));
    const file = join(folder, 'trusted.pem');
    await writeFile(file, `${trusted ?? ''}\n`);
    try {
      const env = trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
      return { ended: await look('status', { url: `https://127.0.0.1:${port}`, env }), heard };
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    }
  }
});

/** A list is given up after a hundred pages, and a command asks for some twenty of them. */
const mostCalls = 3_000;

test.each(
  inTier<readonly (keyof typeof commands)[]>({
    all: ['diagnose latency', 'status', 'dr readiness'],
    some: [],
  }),
)('%s, lists that go on for ever: they are given up, and what they hold is unknown', async (command) => {
  const before = proxy.asked.length;
  proxy.fault = () => 'pages';
  const ended = await look(command);
  const { exitCode, stdout, stderr } = ended;
  expect(stderr).toBe('');
  const document = JSON.parse(stdout);
  expect(exitCode).toBe(document.exitCode);
  expect(exitCode).toBeOneOf([1, 3]);
  expect(stdout).toMatch(/without an end|more than \d+ pages|within the limit/);
  expect(excessOf(ended)).toEqual([]);
  expect(proxy.asked.length - before).toBeLessThan(mostCalls);
});
