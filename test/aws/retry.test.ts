import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { createWiring } from '../../src/aws/wiring.ts';
import {
  failureOf,
  fakeClock,
  fakeEndpoint,
  testCredentials,
  type Answer,
  type FakeClock,
  type FakeEndpoint,
} from './fake-endpoint.ts';

const region = 'us-west-2';

interface Set {
  readonly endpoint: FakeEndpoint;
  readonly clock?: FakeClock;
  readonly random?: () => number;
  readonly signal?: AbortSignal;
}

function ecsOn({ endpoint, clock = fakeClock(), random = () => 1, signal }: Set) {
  const wiring = createWiring({
    clock,
    random,
    signal,
    credentials: testCredentials,
    requestHandler: endpoint,
    mode: { changes: ['ecs:UpdateService'] },
  });
  return { wiring, ecs: wiring.connect('ecs', region, new ECSClient(wiring.settings(region, testCredentials))), clock };
}

const read = () => new DescribeServicesCommand({ cluster: 'nano', services: ['nano-api'] });
const change = () => new UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount: 3 });
const fine: Answer = { body: { services: [], failures: [], service: {} } };
const throttled: Answer = { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } };
const broken: Answer = { status: 500, body: { __type: 'ServerException', message: 'sorry' } };

function socketError(code: string): never {
  throw Object.assign(new Error(`connect ${code}`), { code });
}

describe('a read that fails', () => {
  it.each<[string, () => Answer]>([
    ['is throttled', () => throttled],
    ['is answered 500', () => broken],
    ['is answered 503 with a page', () => ({ status: 503, headers: { 'content-type': 'text/html' }, body: '<html>' })],
    ['loses its connection', () => socketError('ECONNRESET')],
  ])('is asked again when it %s', async (_, failure) => {
    const endpoint = fakeEndpoint((_asked, count) => (count < 3 ? failure() : fine));
    const { ecs, wiring } = ecsOn({ endpoint });
    await ecs.send(read());
    expect(endpoint.asked).toHaveLength(3);
    expect(wiring.usage()).toEqual({ calls: 3, mutations: 0, byOperation: { 'ecs:DescribeServices': 3 } });
  });

  it('is asked once more when it times out, and not a third time', async () => {
    const endpoint = fakeEndpoint(() => socketError('ETIMEDOUT'));
    const error = await failureOf(ecsOn({ endpoint }).ecs.send(read()));
    expect(endpoint.asked).toHaveLength(2);
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(String(error)).toContain('no connection in time, 2 attempts');
  });

  it('is given up after three attempts', async () => {
    const endpoint = fakeEndpoint(() => throttled);
    const { ecs } = ecsOn({ endpoint });
    expect(await failureOf(ecs.send(read()))).toMatchObject({ kind: 'throttled', errorClass: 'throttled' });
    expect(endpoint.asked).toHaveLength(3);
  });

  it.each<[string, Answer]>([
    ['refused', { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } }],
    ['not there', { status: 400, body: { __type: 'ClusterNotFoundException', message: 'no' } }],
    ['expired', { status: 400, body: { __type: 'ExpiredTokenException', message: 'no' } }],
    ['cut off', { body: '{"services":[' }],
    ['not simulated', { status: 501, body: { __type: 'NotSimulated', message: 'no' } }],
  ])('is not asked again when it is %s', async (_, answer) => {
    const endpoint = fakeEndpoint(() => answer);
    await failureOf(ecsOn({ endpoint }).ecs.send(read()));
    expect(endpoint.asked).toHaveLength(1);
  });

  it("waits with full jitter, longer each time, on the run's clock", async () => {
    const { ecs, clock } = ecsOn({ endpoint: fakeEndpoint(() => broken), random: () => 1 });
    await failureOf(ecs.send(read()));
    expect(clock.slept).toEqual([200, 400]);
    const second = ecsOn({ endpoint: fakeEndpoint(() => throttled), random: () => 0.5 });
    await failureOf(second.ecs.send(read()));
    expect(second.clock.slept).toEqual([500, 1_000]);
  });

  it.each<[string, Record<string, string>, number]>([
    ['Retry-After in seconds', { 'retry-after': '3' }, 3_000],
    ['Retry-After as a date', { 'Retry-After': 'Mon, 23 Nov 2026 10:00:34 GMT' }, 4_000],
    ['x-amz-retry-after in milliseconds', { 'x-amz-retry-after': '1500' }, 1_500],
  ])('heeds %s', async (_, headers, waitMs) => {
    const endpoint = fakeEndpoint((_asked, count) => (count === 1 ? { ...broken, headers } : fine));
    const { ecs, clock } = ecsOn({ endpoint, random: () => 0 });
    await ecs.send(read());
    expect(clock.slept).toEqual([waitMs]);
  });

  it('does not wait an hour because it is told to', async () => {
    const endpoint = fakeEndpoint(() => ({ ...broken, headers: { 'retry-after': '3600' } }));
    const { ecs, clock } = ecsOn({ endpoint });
    await failureOf(ecs.send(read()));
    expect(endpoint.asked).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });
});

describe('a change that fails', () => {
  it.each<[string, () => Answer]>([
    ['throttled', () => throttled],
    ['answered 500', () => broken],
    ['cut off', () => socketError('ECONNRESET')],
  ])('is sent exactly once when it is %s', async (_, failure) => {
    const endpoint = fakeEndpoint(failure);
    const { ecs, wiring, clock } = ecsOn({ endpoint });
    const error = await failureOf(ecs.send(change()));
    expect(endpoint.asked).toHaveLength(1);
    expect(clock.slept).toEqual([]);
    expect(wiring.usage()).toMatchObject({ calls: 1, mutations: 1 });
    expect(error).toMatchObject({ details: { operation: 'UpdateService' } });
  });

  it('is not said to be without effect when its answer was lost', async () => {
    const endpoint = fakeEndpoint(() => socketError('ECONNRESET'));
    const error = await failureOf(ecsOn({ endpoint }).ecs.send(change()));
    expect(String(error)).toContain('Whether the change was made is unknown');
  });
});

describe('a run that is told to stop', () => {
  it("rejects with the signal's own reason, not with a failure of AWS", async () => {
    const stop = new AbortController();
    const reason = new Error('SIGINT');
    const endpoint = fakeEndpoint(() => {
      stop.abort(reason);
      return socketError('ECONNRESET');
    });
    const { ecs } = ecsOn({ endpoint, signal: stop.signal });
    expect(await failureOf(ecs.send(read()))).toBe(reason);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('asks nothing more', async () => {
    const endpoint = fakeEndpoint(() => fine);
    const reason = new Error('SIGINT');
    const { ecs } = ecsOn({ endpoint, signal: AbortSignal.abort(reason) });
    expect(await failureOf(ecs.send(read()))).toBe(reason);
    expect(endpoint.asked).toEqual([]);
  });

  it('stops in the middle of a wait before the next attempt', async () => {
    const stop = new AbortController();
    const reason = new Error('SIGINT');
    const clock = fakeClock();
    const patient: FakeClock = {
      ...clock,
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
          stop.abort(reason);
        }),
    };
    const endpoint = fakeEndpoint(() => throttled);
    const { ecs } = ecsOn({ endpoint, clock: patient, signal: stop.signal });
    expect(await failureOf(ecs.send(read()))).toBe(reason);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('hands its signal and its limit to whoever carries the request', async () => {
    const stop = new AbortController();
    const endpoint = fakeEndpoint(() => fine);
    await ecsOn({ endpoint, signal: stop.signal }).ecs.send(read());
    expect(endpoint.asked[0]?.options).toMatchObject({ abortSignal: stop.signal, requestTimeout: 10_000 });
  });
});
