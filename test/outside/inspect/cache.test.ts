/** The cache, asked by its own protocol: a real Redis, from Debian's packages. */
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InspectionError, type CacheInspection } from '../../../src/cloud/inspection.ts';
import { systemClock } from '../../../src/composition/system-clock.ts';
import { openCache, type CacheOptions } from '../../../src/outside/inspect/cache.ts';
import { freePort, isAbsent, startService, type LocalService } from '../../support/local-service.ts';
import { key, local, other } from '../certificates.ts';

const never = new AbortController().signal;
const secret = 'correct horse battery staple';
let service: LocalService | undefined;
let [port, tlsPort] = [0, 0];
const admin = () =>
  createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false }, password: secret }).on(
    'error',
    () => {},
  );
let filler: ReturnType<typeof admin>;

interface How extends Partial<Omit<CacheOptions, 'password'>> {
  readonly password?: string | undefined;
  readonly user?: string;
  readonly tls?: boolean;
  readonly at?: number;
}

function open({
  password = secret,
  user,
  tls = false,
  at = tls ? tlsPort : port,
  ...options
}: How = {}): CacheInspection {
  return openCache({
    connection: { host: 'localhost', port: at, user, tls },
    password: () => Promise.resolve(password),
    clock: systemClock,
    signal: never,
    ca: local,
    ...options,
  });
}

async function refusal(work: Promise<unknown>): Promise<InspectionError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InspectionError)) throw new TypeError('it was not refused', { cause: error });
  expect(`${error.message} ${error.details.nextStep}`).not.toContain(secret);
  return error;
}

describe.skipIf(isAbsent('redis-server', 'apt-get install redis-server'))('a Redis server', () => {
  beforeAll(async () => {
    port = await freePort();
    tlsPort = await freePort();
    service = await startService(
      (folder) => [
        'redis-server',
        ...[
          '--port',
          String(port),
          '--tls-port',
          String(tlsPort),
          '--bind',
          '127.0.0.1',
          '--save',
          '',
          '--dir',
          folder,
        ],
        ...[
          '--tls-cert-file',
          join(folder, 'cert.pem'),
          '--tls-key-file',
          join(folder, 'key.pem'),
          '--tls-auth-clients',
          'no',
        ],
        ...['--requirepass', secret, '--maxmemory', '64mb', '--maxmemory-policy', 'volatile-ttl'],
      ],
      async () => {
        filler = admin();
        return filler.connect().then(
          () => true,
          () => false,
        );
      },
      (folder) => {
        writeFileSync(join(folder, 'cert.pem'), local);
        writeFileSync(join(folder, 'key.pem'), key);
      },
    );
    const set = (name: string | Buffer, seconds?: number) =>
      filler.set(name, 'x', seconds === undefined ? {} : { expiration: { type: 'EX', value: seconds } });
    await Promise.all([
      ...Array.from({ length: 700 }, (_each, index) => set(`session:${index}`, 3_000)),
      ...Array.from({ length: 7 }, (_each, index) => set(`session:forever:${index}`)),
      set('search:excel', 90_000),
      set('counter'),
      set(Buffer.from([0xff, 0xfe, 0x00]), 60),
    ]);
    await filler.sendCommand(['ACL', 'SETUSER', 'looker', 'on', `>${secret}`, '~*', '+info']);
  }, 180_000);

  afterAll(async () => {
    if (filler?.isOpen) filler.destroy();
    await service?.stop();
  });

  test('its settings, over TLS or without', async () => {
    const expected = { policy: 'volatile-ttl', maxMemoryBytes: 64 * 2 ** 20, isClustered: false };
    for (const tls of [true, false]) {
      const server = await open({ tls }).server(never);
      expect(server).toMatchObject(expected);
      expect(server.version).toMatch(/^(?:Redis|Valkey) \d+\./);
      expect(server.usedMemoryBytes).toBeGreaterThan(100_000);
    }
  });

  test('all keys by how they begin, each once, those that are no text too', async () => {
    const sample = await open().keys(['session:*', 'search:*', 'counter', 'profile:*'], never);
    expect(sample).toMatchObject({ total: 710, sampled: 710, isComplete: true });
    expect(sample.groups.map(({ pattern, keys, withoutExpiry }) => [pattern, keys, withoutExpiry])).toEqual([
      ['session:*', 707, 7],
      ['search:*', 1, 0],
      ['counter', 1, 1],
      ['profile:*', 0, 0],
      [undefined, 1, 0],
    ]);
    expect(sample.groups[0]?.longestLeftMs).toBeGreaterThan(2_900_000);
    expect(sample.groups[0]?.longestLeftMs).toBeLessThanOrEqual(3_000_000);
    expect(sample.groups[2]).not.toHaveProperty('longestLeftMs');
    expect(JSON.stringify(sample)).not.toMatch(/forever|excel/);
  });

  test('no more than so many keys, and it says so', async () => {
    expect(await open({ limits: { keys: 100 } }).keys(['session:*'], never)).toMatchObject({
      total: 710,
      sampled: 100,
      isComplete: false,
    });
    expect(await open({ limits: { keys: 710 } }).keys(['session:*'], never)).toMatchObject({
      sampled: 710,
      isComplete: true,
    });
  });

  test('who may not, and who is not known', async () => {
    expect(await refusal(open({ password: 'wrong' }).server(never))).toMatchObject({
      errorClass: 'denied',
      message: expect.stringContaining('refuses the user or the password'),
    });
    expect(await refusal(open({ user: 'nobody' }).server(never))).toMatchObject({ errorClass: 'denied' });
    const unnamed = openCache({
      connection: { host: 'localhost', port, tls: false },
      password: () => Promise.resolve(undefined),
      clock: systemClock,
      signal: never,
    });
    expect(await refusal(unnamed.server(never))).toMatchObject({ errorClass: 'denied' });
    expect(await open({ user: 'looker' }).server(never)).toMatchObject({ policy: 'volatile-ttl' });
    const keys = await refusal(open({ user: 'looker' }).keys(['a*'], never));
    expect(keys).toMatchObject({ errorClass: 'denied', details: { nextStep: expect.stringContaining('+scan') } });
  });

  test('TLS with one that does not speak it, without one that wants it, and of somebody else', async () => {
    expect(await refusal(open({ tls: true, at: port, limits: { connectMs: 500 } }).server(never))).toMatchObject({
      errorClass: expect.stringMatching(/rejected|unreachable/),
    });
    expect(
      await refusal(open({ tls: false, at: tlsPort, limits: { connectMs: 500, wholeMs: 1_000 } }).server(never)),
    ).toMatchObject({ errorClass: 'unreachable' });
    expect(await refusal(open({ tls: true, ca: other }).server(never))).toMatchObject({
      errorClass: 'rejected',
      message: expect.stringContaining('its certificate is not accepted'),
    });
  });

  test('a server that is gone, and one that never answers', async () => {
    expect(await refusal(open({ at: await freePort() }).server(never))).toMatchObject({
      errorClass: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address with a port.
    const { port: at } = silent.address() as AddressInfo;
    expect(await refusal(open({ at, limits: { wholeMs: 150 } }).server(never))).toMatchObject({
      errorClass: 'unreachable',
      message: expect.stringContaining('no answer within 0.15 s'),
    });
    const ending = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => ending.abort(reason), 50);
    await expect(open({ at }).server(ending.signal)).rejects.toBe(reason);
    silent.close();
  });
});
