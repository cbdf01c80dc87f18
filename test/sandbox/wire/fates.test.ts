import { DescribeDBClusters$, DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { ServiceFault, type Fate } from '../../../src/sandbox/wire/service.ts';
import { rds } from './operations.ts';
import { sandbox, START } from './sandbox.ts';

/** One RDS whose calls have this fate, and how often the world has seen a call. */
function world(fate: Fate, options: { requestTimeoutMs?: number; maxAttempts?: number } = {}) {
  let seen = 0;
  const made = sandbox({
    ...options,
    gate: () => fate,
    services: [
      {
        ...rds,
        operations: [
          {
            schema: DescribeDBClusters$,
            handle() {
              seen += 1;
              return { DBClusters: [{ DBClusterIdentifier: 'nano-db' }] };
            },
          },
        ],
      },
    ],
  });
  const client = new RDSClient(made.config);
  return {
    ...made,
    seen: () => seen,
    describe: (abortSignal?: AbortSignal) => client.send(new DescribeDBClustersCommand({}), { abortSignal }),
  };
}

describe('the fate of a call', () => {
  test('answer: after its latency, on the clock', async () => {
    const { clock, describe: send, seen, calls } = world({ kind: 'answer', latencyMs: 250 });
    const { DBClusters } = await send();
    expect(DBClusters).toEqual([{ DBClusterIdentifier: 'nano-db' }]);
    expect(clock.now()).toBe(START + 250);
    expect(seen()).toBe(1);
    expect(calls).toEqual([{ service: 'rds', operation: 'DescribeDBClusters', region: 'us-west-2' }]);
  });

  test('calls at the same time wait at the same time', async () => {
    const { clock, describe: send } = world({ kind: 'answer', latencyMs: 250 });
    await Promise.all(Array.from({ length: 12 }, () => send()));
    expect(clock.now()).toBe(START + 250);
  });

  test('fault: the world sees nothing, the client the error, after its latency', async () => {
    const fault = new ServiceFault('AccessDenied', 'not authorized to perform: rds:DescribeDBClusters', 403);
    const { clock, describe: send, seen } = world({ kind: 'fault', latencyMs: 30, fault });
    await expect(send()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(clock.now()).toBe(START + 30);
    expect(seen()).toBe(0);
  });

  test('a throttled call is recognised by the client, and repeated', async () => {
    const fault = new ServiceFault('Throttling', 'Rate exceeded', 400);
    const { calls, describe: send } = world({ kind: 'fault', latencyMs: 5, fault }, { maxAttempts: 2 });
    await expect(send()).rejects.toMatchObject({ name: 'Throttling', $metadata: { attempts: 2 } });
    expect(calls).toHaveLength(2);
  });

  test('reset: the connection breaks at once, and the world has seen nothing', async () => {
    const { clock, describe: send, seen } = world({ kind: 'reset' });
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(clock.now()).toBe(START);
    expect(seen()).toBe(0);
  });

  test("hang: the client's own limit ends the waiting, and the world has seen nothing", async () => {
    const { clock, describe: send, seen } = world({ kind: 'hang' }, { requestTimeoutMs: 3_000 });
    await expect(send()).rejects.toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('3000 ms') });
    expect(clock.now()).toBe(START + 3_000);
    expect(seen()).toBe(0);
  });

  test('lost: the world has seen the call, the client no answer', async () => {
    const { clock, describe: send, seen } = world({ kind: 'lost', latencyMs: 100 }, { requestTimeoutMs: 3_000 });
    await expect(send()).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(clock.now()).toBe(START + 3_000);
    expect(seen()).toBe(1);
  });

  test('an answer later than the client waits is none to the client, but the world has seen the call', async () => {
    const { clock, describe: send, seen } = world({ kind: 'answer', latencyMs: 9_000 }, { requestTimeoutMs: 3_000 });
    await expect(send()).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(clock.now()).toBe(START + 3_000);
    expect(seen()).toBe(1);
  });

  test('without a limit, a hanging call ends by its signal alone', async () => {
    const { clock, describe: send } = world({ kind: 'hang' });
    const controller = new AbortController();
    await Promise.all([
      expect(send(controller.signal)).rejects.toMatchObject({ name: 'AbortError' }),
      clock.sleep(60_000).then(() => controller.abort()),
    ]);
    expect(clock.now()).toBe(START + 60_000);
  });

  test('a call under way ends by its signal, and one that has not begun never begins', async () => {
    const { clock, describe: send, calls } = world({ kind: 'answer', latencyMs: 9_000 });
    const controller = new AbortController();
    await Promise.all([
      expect(send(controller.signal)).rejects.toMatchObject({ name: 'AbortError' }),
      clock.sleep(10).then(() => controller.abort()),
    ]);
    await expect(send(controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toHaveLength(1);
    expect(clock.now()).toBe(START + 10);
  });
});

test('request ids are the same in every run, and differ from call to call, whatever else is called', async () => {
  const ids = async () => {
    const { describe: send } = world({ kind: 'answer', latencyMs: 1 });
    const first = await send();
    const second = await send();
    return [first.$metadata.requestId, second.$metadata.requestId];
  };
  const [first, second] = await ids();
  expect(first).not.toBe(second);
  expect(await ids()).toEqual([first, second]);
});
