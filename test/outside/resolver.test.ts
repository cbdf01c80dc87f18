/** Where a public name leads, as a name server of this machine's would say. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/composition/system-clock.ts';
import { resolveName } from '../../src/outside/resolver.ts';
import { nameServer, type NameServer, type Zone } from './name-server.ts';

let server: NameServer | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

const never = new AbortController().signal;

async function resolve(zone: Zone, more: Partial<Parameters<typeof resolveName>[0]> = {}) {
  server = await nameServer(zone);
  const options = { record: 'api.nano.example', clock: systemClock, signals: [never], servers: [server.address] };
  return resolveName({ ...options, ...more });
}

test('an alias and its addresses, in lower case and in order', async () => {
  const places = await resolve({
    CNAME: ['Nano-API-2.us-east-1.elb.amazonaws.com'],
    A: ['192.0.2.9', '192.0.2.10'],
    AAAA: ['2001:db8:0:0:0:0:0:AB'],
  });
  expect(places).toEqual(['192.0.2.10', '192.0.2.9', '2001:db8::ab', 'nano-api-2.us-east-1.elb.amazonaws.com']);
  expect(server?.asked.toSorted()).toEqual(['A api.nano.example', 'AAAA api.nano.example', 'CNAME api.nano.example']);
});

test('a name with addresses alone', async () => {
  expect(await resolve({ CNAME: 'none', A: ['192.0.2.1'], AAAA: 'none' })).toEqual(['192.0.2.1']);
});

test('a name that leads nowhere', async () => {
  expect(await resolve({ CNAME: 'no such name', A: 'no such name', AAAA: 'no such name' })).toEqual([]);
});

test('what came in time, where the rest never comes', async () => {
  expect(await resolve({ A: ['192.0.2.1'] }, { limitMs: 200 })).toEqual(['192.0.2.1']);
});

test('nothing after 3 s from servers that do not answer', async () => {
  const slept: number[] = [];
  const clock = { ...systemClock, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
  expect(await resolve({}, { clock })).toEqual([]);
  expect(slept).toEqual([3_000]);
});

test('rejects with the reason when the run is told to end', async () => {
  const controller = new AbortController();
  const reason = new Error('received SIGTERM');
  const resolving = resolve({}, { signals: [never, controller.signal] });
  setImmediate(() => controller.abort(reason));
  await expect(resolving).rejects.toBe(reason);
});
