/**
 * Commands that look, while what answers them answers wrongly, over real HTTP: each ends within its limit, in bounded
 * memory, with an error for people; and what could not be read is unknown, never well.
 */
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
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
const look = (command: keyof typeof commands, url = proxy.url): Promise<Looked> =>
  looked(() => {
    const words = [...commands[command], '-c', served.config, '--endpoint-url', url, '--json'];
    return served.start(...words, '--timeout', `${limitMs}ms`);
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
  const answering = (cert: string) => createTlsServer({ key, cert }, (_, outgoing) => void outgoing.end('{}'));

  test.each(
    inTier<readonly (readonly [string, () => Server])[]>({
      all: [
        ['a certificate that nobody vouches for', () => answering(valid)],
        ['one for another name', () => answering(other)],
        ['one that has expired', () => answering(expired)],
        ['a server that speaks no TLS', () => createServer((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'))],
        ['a server that hangs up', () => createServer((socket) => void socket.resetAndDestroy())],
        ['a server that never shakes hands', () => createServer()],
      ],
      some: [['a certificate that nobody vouches for', () => answering(valid)]],
    }),
  )('%s: nothing is sent there, and the error says so', async (_, make) => {
    const server = make();
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address with a port.
    const { port } = server.address() as AddressInfo;
    try {
      const ended = await look('status', `https://127.0.0.1:${port}`);
      expect(wrongWith(ended)).toEqual([]);
      expect(ended.stdout).toMatch(/no trusted TLS connection|the connection broke|no connection|no answer within/);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
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
