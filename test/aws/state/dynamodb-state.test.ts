import {
  DynamoDBClient,
  PutItemCommand,
  DeleteTableCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { openDynamoState, type DynamoStateOptions } from '../../../src/aws/state/dynamodb-state.ts';
import { stateGuard } from '../../../src/aws/state/state-guard.ts';
import type { Clock } from '../../../src/engine/clock.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { fakeEndpoint, failureOf, testCredentials, type Answer, type Asked } from '../fake-endpoint.ts';
import { leaseRequest, recordsOf, runId, stateErrorOf } from '../../state/store-suite.ts';

const region = 'us-west-2';

/** A clock on which pauses are over at once, and long waits only when a test says so. */
function handClock(): Clock & { readonly slept: number[]; wakeAll(): void } {
  const waiting: (() => void)[] = [];
  const slept: number[] = [];
  let nowMs = 0;
  return {
    slept,
    now: () => nowMs,
    busy: (work) => work(),
    sleep(durationMs, signal) {
      if (durationMs < 10_000) {
        slept.push(durationMs);
        nowMs += durationMs;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    },
    wakeAll: () => waiting.splice(0).forEach((wake) => wake()),
  };
}

function stateOn(
  respond: (asked: Asked, count: number) => Answer | Promise<Answer>,
  more: Partial<DynamoStateOptions> = {},
) {
  const endpoint = fakeEndpoint(respond);
  const clock = handClock();
  const options = { table: 'nanoops', region, clock, random: () => 0.5, credentials: testCredentials };
  return { endpoint, clock, state: openDynamoState({ ...options, requestHandler: endpoint, ...more }) };
}

function refusal(type: string, message: string, status = 400, more: object = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...more },
  };
}

const denied = (action: string) =>
  refusal(
    'AccessDeniedException',
    `User: arn:aws:iam::123456789012:user/ana is not authorized to perform: ${action} on resource: arn:aws:dynamodb:us-west-2:123456789012:table/nanoops because no identity-based policy allows the ${action} action`,
  );

describe('what DynamoDB refuses', () => {
  it('names table, region, action and who lacks it, where a write is not allowed', async () => {
    const { state } = stateOn(() => denied('dynamodb:PutItem'));
    const error = await stateErrorOf(state.journals.append(runId, recordsOf(1)));
    expect(error.kind).toBe('unwritable');
    expect(error.message).toContain('DynamoDB table nanoops in us-west-2 cannot be written');
    expect(error.message).toContain('dynamodb:PutItem');
    expect(error.details.nextStep).toContain('allow dynamodb:PutItem to arn:aws:iam::123456789012:user/ana');
    expect(error.details.nextStep).toContain('table/nanoops');
  });

  it('and where a read is not', async () => {
    const { state } = stateOn(() => denied('dynamodb:Query'));
    const error = await stateErrorOf(state.journals.list());
    expect(error.kind).toBe('unreadable');
    expect(error.message).toContain('cannot be read');
    expect(error.details.nextStep).toContain('allow dynamodb:Query');
  });

  it('asks again when it was throttled, and then tells', async () => {
    const throttled = () => refusal('ProvisionedThroughputExceededException', 'too fast');
    const { state, endpoint } = stateOn((_, count) => (count < 3 ? throttled() : { body: { Items: [] } }));
    expect(await state.leases.list()).toEqual([]);
    expect(endpoint.asked).toHaveLength(3);
    const error = await stateErrorOf(stateOn(throttled).state.leases.list());
    expect(error.kind).toBe('unreadable');
    expect(error.message).toContain('throttled');
  });

  it('tries again where two transactions met, and tells when they always do', async () => {
    const met = () =>
      refusal('TransactionCanceledException', 'Transaction cancelled', 400, {
        CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
      });
    const { state, endpoint } = stateOn((_, count) => (count < 3 ? met() : { body: {} }));
    await state.journals.append(runId, recordsOf(1));
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(Array(3).fill('TransactWriteItems'));
    expect((await stateErrorOf(stateOn(met).state.journals.append(runId, recordsOf(1)))).kind).toBe('unwritable');
  });

  it('says when nothing answers, and that the write may have been made', async () => {
    const { state } = stateOn(() => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
    const error = await stateErrorOf(state.leases.acquire(leaseRequest('ana')));
    expect(error.kind).toBe('unreadable');
    expect(error.message).toContain('ECONNREFUSED');
    const lost = stateOn((asked) => {
      if (asked.operation === 'GetItem') return { body: {} };
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
    const unwritable = await stateErrorOf(lost.state.leases.acquire(leaseRequest('ana')));
    expect(unwritable.kind).toBe('unwritable');
    expect(unwritable.message).toContain('Whether the change was made is unknown');
  });

  it('does not wait longer than ten seconds for an answer that does not come', async () => {
    const { state, clock } = stateOn(() => {
      setImmediate(() => clock.wakeAll());
      return new Promise<Answer>(() => {});
    });
    const error = await stateErrorOf(state.journals.append(runId, recordsOf(1)));
    expect(error.kind).toBe('unwritable');
    expect(error.message).toContain('within 10 s');
  });

  it('gives machines as long where the clock is faster than they are', async () => {
    const limits: number[] = [];
    const clock: Clock = {
      now: () => 0,
      pace: 30,
      busy: (work) => work(),
      sleep(durationMs, signal) {
        limits.push(durationMs);
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const { state } = stateOn(() => ({ body: { Items: [] } }), { clock });
    expect(await state.journals.list()).toEqual([]);
    expect(limits).toEqual([300_000]);
  });

  it('waits for an answer that takes its time, and pauses in no time, on a virtual clock', async () => {
    const clock = new VirtualClock(0);
    const { state, endpoint } = stateOn(
      async (_, count) => {
        for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return count === 1 ? refusal('InternalServerError', 'sorry', 500) : { body: {} };
      },
      { clock },
    );
    await clock.busy(() => state.journals.append(runId, recordsOf(1)));
    expect(endpoint.asked).toHaveLength(2);
    expect(clock.now()).toBe(100);
  });

  it('takes a login page for no answer', async () => {
    const page = { headers: { 'content-type': 'text/html' }, body: '<!doctype html><html><body>log in</body></html>' };
    const { state } = stateOn(() => page);
    expect((await stateErrorOf(state.journals.read(runId))).kind).toBe('unreadable');
  });

  it('hints at a table of somebody else', async () => {
    const { state } = stateOn(() =>
      refusal('ValidationException', 'The provided key element does not match the schema'),
    );
    const error = await stateErrorOf(state.journals.read(runId));
    expect(error.kind).toBe('unreadable');
    expect(error.details.nextStep).toContain('nanoops state init');
  });
});

describe('creating the table', () => {
  const shape = {
    TableName: 'nanoops',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'pk', AttributeType: 'S' },
    ],
  };
  const missing = () => refusal('ResourceNotFoundException', 'Requested resource not found');

  it('waits until it can be used', async () => {
    const statuses = ['CREATING', 'CREATING', 'ACTIVE'];
    const { state, clock } = stateOn(({ operation }, count) => {
      if (count === 1 || count === 3) return missing();
      if (operation === 'CreateTable') return { body: { TableDescription: { ...shape, TableStatus: 'CREATING' } } };
      return { body: { Table: { ...shape, TableStatus: statuses.shift() } } };
    });
    expect(await state.init()).toBe('created');
    expect(statuses).toEqual([]);
    expect(clock.slept).toEqual([1_000, 1_000, 1_000]);
  });

  it('gives up on one that never comes, and on one that goes', async () => {
    const never = stateOn(() => ({ body: { Table: { ...shape, TableStatus: 'CREATING' } } }));
    expect((await stateErrorOf(never.state.init())).message).toContain('still not active after 3 minutes');
    const going = stateOn(() => ({ body: { Table: { ...shape, TableStatus: 'DELETING' } } }));
    expect((await stateErrorOf(going.state.init())).details.nextStep).toContain('wait until it is gone');
  });

  it('finds one that somebody else created meanwhile', async () => {
    const { state } = stateOn(({ operation }, count) => {
      if (count === 1) return missing();
      if (operation === 'CreateTable') return refusal('ResourceInUseException', 'Table already exists: nanoops');
      return { body: { Table: { ...shape, TableStatus: 'ACTIVE' } } };
    });
    expect(await state.init()).toBe('already-there');
  });

  it('names the action that is lacking', async () => {
    const { state } = stateOn(({ operation }) =>
      operation === 'DescribeTable' ? missing() : denied('dynamodb:CreateTable'),
    );
    const error = await stateErrorOf(state.init());
    expect(error.kind).toBe('unwritable');
    expect(error.details.nextStep).toContain('allow dynamodb:CreateTable');
  });
});

describe('the client of the state', () => {
  it('asks for what was written last, everywhere', async () => {
    const { state, endpoint } = stateOn(({ operation }) => ({ body: operation === 'Query' ? { Items: [] } : {} }));
    await state.journals.list();
    await state.leases.list();
    await stateErrorOf(state.journals.read(runId));
    await state.leases.revoke('aurora:nano-global');
    expect(endpoint.asked.map(({ input }) => input['ConsistentRead'])).toEqual([true, true, true, true]);
  });

  /** A client of the SDK with the guard in it, as the state's own is made. */
  function guarded() {
    const endpoint = fakeEndpoint(() => ({ body: {} }));
    const client = new DynamoDBClient({ region, credentials: testCredentials, requestHandler: endpoint });
    client.middlewareStack.use(stateGuard('nanoops'));
    return { client, endpoint };
  }

  const item = { pk: { S: 'a' }, sk: { S: 'b' } };

  it('cannot delete a table', async () => {
    const { client, endpoint } = guarded();
    expect(String(await failureOf(client.send(new DeleteTableCommand({ TableName: 'nanoops' }))))).toContain(
      'dynamodb:DeleteTable was refused before it was sent',
    );
    expect(endpoint.asked).toEqual([]);
  });

  it('cannot touch another table, alone or in a transaction', async () => {
    const { client, endpoint } = guarded();
    const refused = [
      new PutItemCommand({ TableName: 'orders', Item: item }),
      new PutItemCommand({ TableName: 'arn:aws:dynamodb:us-west-2:1:table/nanoops', Item: item }),
    ];
    for (const command of refused) {
      expect(String(await failureOf(client.send(command)))).toContain('state is kept in the table nanoops only');
    }
    const mixed = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'nanoops', Item: item } },
        { Delete: { TableName: 'orders', Key: { order: { N: '1' } } } },
      ],
    });
    expect(String(await failureOf(client.send(mixed)))).toContain('TransactWriteItems on orders was refused');
    expect(endpoint.asked).toEqual([]);
    await client.send(new PutItemCommand({ TableName: 'nanoops', Item: item }));
    expect(endpoint.asked).toHaveLength(1);
  });

  it('cannot be led elsewhere by who changes a request on its way', async () => {
    const { client, endpoint } = guarded();
    client.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, TableName: 'orders' } }), {
      step: 'initialize',
      priority: 'low',
    });
    const failure = await failureOf(client.send(new PutItemCommand({ TableName: 'nanoops', Item: item })));
    expect(String(failure)).toContain('on orders was refused');
    expect(endpoint.asked).toEqual([]);
  });
});
