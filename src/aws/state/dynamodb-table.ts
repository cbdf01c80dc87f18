/**
 * The one table that nanoops' own state is in, through a client that can do nothing else. Sends requests, repeats them
 * and tells what goes wrong; what items mean is the business of those who keep them.
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  type DynamoDBClientResolvedConfig,
  type TableDescription,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Command } from '@smithy/types';
import { StateError } from '../../engine/journal-store.ts';
import { standardChain } from '../credentials.ts';
import { onlyAws } from '../only-aws.ts';
import { operationOfSchema } from '../operation.ts';
import type { Timeouts } from '../options.ts';
import { refusePages } from '../refuse-pages.ts';
import { createRetryStrategy } from '../retry.ts';
import { clientSettings, isSealed } from '../settings.ts';
import { openTransport } from '../transport.ts';
import type { DynamoStateOptions } from './dynamodb-state.ts';
import { isPassing, stateErrorOf, storeName, type TablePlace } from './state-errors.ts';
import { stateGuard } from './state-guard.ts';

export type Item = Record<string, AttributeValue>;

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

export interface StateTable {
  readonly name: string;
  readonly table: string;
  get(key: Key): Promise<Item | undefined>;
  /** Items of one partition whose sort keys begin with `prefix`, in their order; `newestFirst` turns it round. */
  query(pk: string, options?: { readonly prefix?: string; readonly newestFirst?: boolean }): Promise<readonly Item[]>;
  /** @throws ConditionFailed */
  put(item: Item, condition?: Condition): Promise<void>;
  /**
   * All or none. `token` makes repeats of it harmless for ten minutes.
   *
   * @throws ConditionFailed
   */
  transact(items: readonly TransactWriteItem[], token: string): Promise<void>;
  /** Undefined where there is no such table. */
  describe(): Promise<TableDescription | undefined>;
  create(): Promise<TableDescription | undefined>;
  close(): void;
}

const looking: ReadonlySet<string> = new Set(['DescribeTable', 'GetItem', 'Query']);

/** One attempt is given less than the whole, so that there is time for a second one. */
const attemptTimeouts: Timeouts = { connectMs: 2_000, requestMs: 4_000 };
/** For a request with its repeats. */
const limitMs = 10_000;
const mostPassingRefusals = 5;
const longestPauseMs = 200;
/** A page holds a megabyte (Amazon DynamoDB API Reference, "Query"): no partition of ours has as many. */
const mostPages = 1_000;

function endless(table: string): StateError {
  return new StateError(
    'unreadable',
    `the answers of DynamoDB table ${table} go on without an end, so what it holds is unknown`,
    'check AWS_ENDPOINT_URL, --endpoint-url and whether something answers in the place of AWS',
  );
}

export function openTable(options: DynamoStateOptions): StateTable {
  const { table, region, clock, random, credentials, requestHandler } = options;
  const place: TablePlace = {
    table,
    region,
    profile: options.profile ?? (credentials === undefined ? process.env['AWS_PROFILE'] || undefined : undefined),
  };
  const transport = requestHandler ?? openTransport(attemptTimeouts);
  // Writes are repeated, too: each is conditional, and knows itself again by what it writes.
  const retryStrategy = createRetryStrategy({ clock, random, mayRepeat: () => true });
  // What may be sent is decided by the guard below, whatever the mode.
  const aws = { ...options, mode: 'read-only' as const };
  // The SDK's notice about old versions of Node is for developers, and would stand among what nanoops prints.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const client = new DynamoDBClient({
    ...clientSettings(aws, { requestHandler: transport, retryStrategy }),
    region,
    credentials: credentials ?? standardChain({ profile: options.profile, timeouts: attemptTimeouts }),
  });
  client.middlewareStack.use(stateGuard(table));
  if (options.goesAnywhere !== true && !isSealed(aws)) {
    client.middlewareStack.use(onlyAws('dynamodb', region, (operation) => !looking.has(operation)));
  }
  client.middlewareStack.use(refusePages('dynamodb', region));
  // It copies every answer to log it, to a logger that writes nothing.
  client.middlewareStack.remove('loggerMiddleware');
  // It looks for a Lambda function's name in the environment.
  if (isSealed(aws)) client.middlewareStack.remove('recursionDetectionMiddleware');

  /** Ends what takes too long by the clock that was handed in; the transport has limits of its own, on the system's. */
  const inTime = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const done = new AbortController();
    const late = new AbortController();
    const limit = clock.sleep(limitMs * (clock.pace ?? 1), done.signal).then(() => {
      const error = Object.assign(new Error(`no answer after ${limitMs} ms`), { name: 'TimeoutError' });
      late.abort(error);
      throw error;
    });
    try {
      return await Promise.race([clock.busy(() => work(late.signal)), limit]);
    } finally {
      done.abort();
    }
  };

  const send = async <I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: Command<ServiceInputTypes, I, ServiceOutputTypes, O, DynamoDBClientResolvedConfig>,
    kind: 'reads' | 'writes',
  ): Promise<O> => {
    const handling = { requestTimeout: attemptTimeouts.requestMs };
    for (let refusals = 0; ; refusals += 1) {
      try {
        return await inTime((abortSignal) => client.send(command, { ...handling, abortSignal }));
      } catch (error) {
        if (!isPassing(error) || refusals === mostPassingRefusals) {
          throw stateErrorOf(error, operationOfSchema(command.schema), kind === 'writes', place);
        }
      }
      await clock.sleep(Math.round(random() * longestPauseMs));
    }
  };

  return {
    name: storeName(place),
    table,
    async get(key) {
      const input = { TableName: table, Key: keyOf(key), ConsistentRead: true };
      return (await send(new GetItemCommand(input), 'reads')).Item;
    },
    async query(pk, { prefix, newestFirst = false } = {}) {
      const found: Item[] = [];
      let from: Item | undefined;
      let pages = 0;
      do {
        pages += 1;
        if (pages > mostPages) throw endless(table);
        const page = await send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: {
              ':pk': { S: pk },
              ...(prefix === undefined ? {} : { ':prefix': { S: prefix } }),
            },
            ScanIndexForward: !newestFirst,
            ExclusiveStartKey: from,
          }),
          'reads',
        );
        found.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return found;
    },
    async put(item, condition) {
      await send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: condition?.expression,
          ExpressionAttributeNames: condition?.names,
          ExpressionAttributeValues: condition?.values,
        }),
        'writes',
      );
    },
    async transact(items, token) {
      await send(new TransactWriteItemsCommand({ TransactItems: [...items], ClientRequestToken: token }), 'writes');
    },
    async describe() {
      try {
        return (await send(new DescribeTableCommand({ TableName: table }), 'reads')).Table;
      } catch (error) {
        if (error instanceof StateError && error.kind === 'missing') return undefined;
        throw error;
      }
    },
    async create() {
      const command = new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
      return (await send(command, 'writes')).TableDescription;
    },
    close() {
      client.destroy();
      transport.destroy?.();
    },
  };
}

export function keyOf({ pk, sk }: Key): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}
