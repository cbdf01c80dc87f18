import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { HttpHandler, HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDynamoState, type DynamoState, type DynamoStateOptions } from '../../src/aws/state/dynamodb-state.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { describeStores, leaseRequest, noise, recordsOf, runId, stateErrorOf } from '../state/store-suite.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { oneAtATime, type Queue } from './one-at-a-time.ts';

const region = 'us-west-2';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** The system's clock, without the pauses between repeats; its limits hold. */
const clock: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) => systemClock.sleep(durationMs < 10_000 ? 0 : durationMs, signal),
};

describe.skipIf(motoIsAbsent())('state in DynamoDB, against moto over HTTP', () => {
  let moto: MotoServer;
  let queue: Queue;
  let raw: DynamoDBClient;
  let tables = 0;
  const opened: DynamoState[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    queue = await oneAtATime(moto.url);
    raw = new DynamoDBClient({ region, credentials, endpoint: queue.url });
  });

  afterEach(() => {
    for (const state of opened.splice(0)) state.close();
  });

  afterAll(async () => {
    raw?.destroy();
    await queue?.close();
    await moto?.close();
  });

  const open = (table: string, more: Partial<DynamoStateOptions> = {}): DynamoState => {
    const options = { table, region, clock, random: Math.random, credentials, endpointUrl: queue.url, ...more };
    const state = openDynamoState(options);
    opened.push(state);
    return state;
  };

  /** A new, empty table. */
  const freshTable = async (): Promise<string> => {
    tables += 1;
    const table = `nanoops-${tables}`;
    expect(await open(table).init()).toBe('created');
    return table;
  };

  describeStores(async () => {
    const table = await freshTable();
    return { one: open(table), other: open(table) };
  });

  describe('the table', () => {
    it('is created once, and paid by request', async () => {
      const table = await freshTable();
      expect(await open(table).init()).toBe('already-there');
    });

    it('is created by one of two who do so at once', async () => {
      const made = await Promise.all([open('twice').init(), open('twice').init()]);
      expect(made).toContain('created');
      await open('twice').journals.append(runId, recordsOf(1));
    });

    it('is not taken over from somebody else', async () => {
      await raw.send(
        new CreateTableCommand({
          TableName: 'orders',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'order', AttributeType: 'N' }],
          KeySchema: [{ AttributeName: 'order', KeyType: 'HASH' }],
        }),
      );
      const error = await stateErrorOf(open('orders').init());
      expect(error.kind).toBe('unreadable');
      expect(error.message).toContain('DynamoDB table orders in us-west-2');
      expect(error.message).toContain('order (HASH, N)');
      expect(error.details.nextStep).toContain('nanoops.yaml');
    });

    it('that is missing is to be created', async () => {
      const { journals, leases } = open('never-made');
      const errors = await Promise.all(
        [
          journals.append(runId, recordsOf(1)),
          journals.read(runId),
          journals.list(),
          leases.acquire(leaseRequest('ana')),
          leases.list(),
        ].map(stateErrorOf),
      );
      expect(errors.map((error) => error.kind)).toEqual(errors.map(() => 'missing'));
      for (const { message, details } of errors) {
        expect(message).toContain('DynamoDB table never-made in us-west-2');
        expect(details.nextStep).toContain('nanoops state init');
      }
    });
  });

  describe('a journal', () => {
    it('does not have to be read for the list of runs', async () => {
      const table = await freshTable();
      await open(table).journals.append(runId, recordsOf(1, 1, noise(400_000)));
      const bytes: number[] = [];
      const listing = open(table, { requestHandler: counting(bytes) });
      expect(await listing.journals.list()).toEqual([runId]);
      expect(bytes).toHaveLength(1);
      expect(bytes[0]).toBeLessThan(1_000);
    });

    it('that lacks an item is told as damaged', async () => {
      const table = await freshTable();
      const { journals } = open(table);
      for (const record of recordsOf(1, 3)) await journals.append(runId, [record]);
      const remove = (seq: string) =>
        raw.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: `journal#${runId}` }, sk: { S: seq } } }));
      await remove('0000000003');
      const cut = await stateErrorOf(journals.read(runId));
      expect(cut.kind).toBe('corrupt');
      expect(cut.message).toContain('record 3');
      await remove('0000000001');
      expect((await stateErrorOf(journals.read(runId))).kind).toBe('corrupt');
    });

    it('that lacks a part of a large record, too', async () => {
      const table = await freshTable();
      const { journals } = open(table);
      await journals.append(runId, recordsOf(1, 1, noise(800_000)));
      const { Items = [] } = await raw.send(new ScanCommand({ TableName: table }));
      const part = Items.find((item) => item['pk']?.S?.startsWith('parts#'));
      if (part?.['pk'] === undefined || part['sk'] === undefined) throw new Error('there are parts');
      await raw.send(new DeleteItemCommand({ TableName: table, Key: { pk: part['pk'], sk: part['sk'] } }));
      expect((await stateErrorOf(journals.read(runId))).message).toContain('a part of it is missing');
    });
  });

  describe('a write whose answer is lost', () => {
    it('is not taken for the write of somebody else: records', async () => {
      const table = await freshTable();
      const { journals } = open(table, { requestHandler: losing('TransactWriteItems') });
      for (const record of recordsOf(1, 3)) await journals.append(runId, [record]);
      expect((await journals.read(runId)).records).toEqual(recordsOf(1, 3));
    });

    it('is not taken for the write of somebody else: leases', async () => {
      const table = await freshTable();
      const { leases } = open(table, { requestHandler: losing('PutItem') });
      const answer = await leases.acquire(leaseRequest('ana'));
      expect(answer).toMatchObject({ acquired: true, lease: { token: 1 } });
      if (!answer.acquired) return;
      expect((await leases.renew(answer.lease, { nowMs: 1, ttlMs: 1 })).expiresAt).toBe(2);
      await leases.release(answer.lease);
      expect(await leases.list()).toEqual([]);
      expect(await open(table).leases.acquire(leaseRequest('ben'))).toMatchObject({ lease: { token: 2 } });
    });

    it('is still refused where somebody else was first', async () => {
      const table = await freshTable();
      await open(table).journals.append(runId, recordsOf(1));
      await open(table).leases.acquire(leaseRequest('ana'));
      const state = open(table, { requestHandler: losing('TransactWriteItems', 'PutItem') });
      expect((await stateErrorOf(state.journals.append(runId, recordsOf(1)))).kind).toBe('conflict');
      expect(await state.leases.acquire(leaseRequest('ben'))).toMatchObject({ acquired: false });
    });
  });

  it('a lease is renewed in one request', async () => {
    const table = await freshTable();
    const bytes: number[] = [];
    const { leases } = open(table, { requestHandler: counting(bytes) });
    const answer = await leases.acquire(leaseRequest('ana'));
    if (!answer.acquired) throw new Error('it is free');
    bytes.length = 0;
    for (let beat = 1; beat <= 3; beat += 1) await leases.renew(answer.lease, { nowMs: beat, ttlMs: 1 });
    expect(bytes).toHaveLength(3);
  });

  it('a lease never goes back to a lower token, even where its item was altered', async () => {
    const table = await freshTable();
    const { leases } = open(table);
    const answer = await leases.acquire(leaseRequest('ana'));
    if (!answer.acquired) throw new Error('it is free');
    await raw.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: 'leases' }, sk: { S: answer.lease.resource } },
        UpdateExpression: 'SET #token = :higher',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':higher': { N: '7' } },
      }),
    );
    expect((await stateErrorOf(leases.revoke(answer.lease.resource))).kind).toBe('unwritable');
  });

  /** A way to moto that loses the first answer to every request of these operations: it was carried out all the same. */
  function losing(...operations: readonly string[]): HttpHandler {
    const inner = new NodeHttpHandler();
    const seen = new Set<string>();
    return handlerOf(inner, async (request, options) => {
      const answer = await inner.handle(request, options);
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      const body = new TextDecoder().decode(request.body);
      if (!operations.includes(operation) || seen.has(body)) return answer;
      seen.add(body);
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
  }

  /** A way to moto that notes how long each answer is. */
  function counting(bytes: number[]): HttpHandler {
    const inner = new NodeHttpHandler();
    return handlerOf(inner, async (request, options) => {
      const answer = await inner.handle(request, options);
      bytes.push(Number(answer.response.headers['content-length']));
      return answer;
    });
  }
});

function handlerOf(inner: NodeHttpHandler, handle: NodeHttpHandler['handle']): HttpHandler {
  return {
    metadata: inner.metadata,
    handle: (request: HttpRequest, options) => handle(request, options),
    destroy: () => inner.destroy(),
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
}
