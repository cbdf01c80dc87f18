/** CloudWatch Logs as a client sees it: lines that tell what happened, among lines that mean little. */
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type FilteredLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from 'vitest';
import { compileLogFilter, LogFilterError } from '../../../src/sandbox/services/log-filter.ts';
import { opened, type Opened } from './opened.ts';

const MINUTE_MS = 60_000;
const APPLICATION = '/aws/ecs/nano-api';
const ERRORS = '{ ($.level = "ERROR") || ($.level = "CRITICAL") }';

async function search(
  sandbox: Opened,
  logGroupName: string,
  minutes: number,
  filterPattern?: string,
  limit?: number,
): Promise<FilteredLogEvent[]> {
  const client = new CloudWatchLogsClient(sandbox.settings());
  const events: FilteredLogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName,
        startTime: sandbox.startMs - minutes * MINUTE_MS,
        filterPattern,
        limit,
        nextToken,
      }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

async function errorsOf(scenario: string, minutes = 8): Promise<string> {
  const events = await search(opened(scenario, 2), APPLICATION, minutes, ERRORS);
  return events.map((event) => event.message).join('\n');
}

test.each([
  ['slow-query', /maximum statement execution time exceeded/],
  ['connection-pool-exhausted', /QueuePool limit of size 20 overflow 10 reached, connection timed out/],
  ['connection-pool-exhausted', /Database connection pool exhausted/],
  ['s3-slow', /\(SlowDown\) when calling the (Get|Put)Object operation/],
  ['cache-cold', /CacheLockTimeout/],
  ['downstream-dependency', /No answer from moderation\.example\.com/],
  ['network-az', /Lost connection to MySQL server during query/],
  ['traffic-surge', /ConcurrencyLimitReached/],
  ['bad-deploy', /app\/licensing\.py/],
  ['memory-pressure', /MemoryError/],
])('%s: the log says %s', async (scenario, words) => {
  expect(await errorsOf(scenario)).toMatch(words);
  expect(await errorsOf('healthy', 30)).not.toMatch(words);
});

test('healthy: a few errors that mean nothing', async () => {
  const lines = (await errorsOf('healthy', 60)).split('\n');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.length).toBeLessThan(150);
});

test('a line is structured as the specification has it, on a stream of its task', async () => {
  const sandbox = opened('healthy', 3);
  const [event] = await search(sandbox, APPLICATION, 5, '{ $.action = "NANO_PUBLISHED" }');
  expect(event?.logStreamName).toMatch(/^nano-api\/nano-api\/[0-9a-f]{32}$/);
  const line = JSON.parse(event?.message ?? '');
  expect(line).toMatchObject({
    level: 'INFO',
    service: 'nano-api',
    http_status: 201,
    http_method: 'POST',
    http_path: '/api/v1/nanos',
    error: null,
  });
  expect(Math.abs(Date.parse(line.timestamp) - (event?.timestamp ?? 0))).toBeLessThan(2);
});

test('pages and whole searches hold the same lines, oldest first', async () => {
  const sandbox = opened('s3-slow', 2);
  const whole = await search(sandbox, APPLICATION, 4);
  const paged = await search(opened('s3-slow', 2), APPLICATION, 4, undefined, 37);
  expect(whole.length).toBeGreaterThan(100);
  // Time goes on while paging: newer lines arrive at the end.
  expect(paged.slice(0, whole.length).map((event) => event.eventId)).toEqual(whole.map((event) => event.eventId));
  expect(new Set(paged.map((event) => event.eventId)).size).toBe(paged.length);
  const times = whole.map((event) => event.timestamp ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('the slow query log names the statement that turned slow', async () => {
  const sandbox = opened('slow-query', 2);
  const entries = await search(sandbox, '/aws/rds/cluster/nano-db/slowquery', 6);
  const listing = entries.filter((entry) => entry.message?.includes('ORDER BY average_rating DESC'));
  expect(listing.length).toBeGreaterThan(100);
  expect(listing[0]?.logStreamName).toBe('nano-db-1');
  expect(listing[0]?.message).toMatch(
    /^# Time: .*Z\n# User@Host: nano_app\[nano_app\] @ {2}\[10\..*\n# Query_time: \d+\.\d{6} {2}Lock_time: .* Rows_sent: 20 {2}Rows_examined: \d{6,7}\nuse nano_prod;\nSET timestamp=\d+;\nSELECT id, title/,
  );
  const healthy = await search(opened('healthy', 2), '/aws/rds/cluster/nano-db/slowquery', 60);
  expect(healthy.length).toBeGreaterThan(0);
  expect(healthy.filter((entry) => entry.message?.includes('ORDER BY average_rating DESC')).length).toBeLessThan(3);
});

test('a restarted cache node says so', async () => {
  const events = await search(opened('cache-cold', 2), '/aws/elasticache/nano-cache', 45, 'initialized');
  expect(events.map((event) => JSON.parse(event.message ?? '').Message)).toEqual(['Server initialized']);
});

test('where telemetry is gone the logs are silent', async () => {
  expect(await search(opened('metrics-missing', 2), APPLICATION, 15)).toEqual([]);
});

test('groups, streams, and what is not there', async () => {
  const sandbox = opened();
  const client = new CloudWatchLogsClient(sandbox.settings());
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/rds' }));
  expect(logGroups?.map((group) => [group.logGroupName, group.retentionInDays])).toEqual([
    ['/aws/rds/cluster/nano-db/error', 7],
    ['/aws/rds/cluster/nano-db/slowquery', 7],
  ]);
  const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName: APPLICATION }));
  expect(logStreams?.length).toBeGreaterThanOrEqual(6);
  const events = await client.send(
    new GetLogEventsCommand({
      logGroupName: '/aws/rds/cluster/nano-db/slowquery',
      logStreamName: 'nano-db-1',
      limit: 3,
    }),
  );
  expect(events.events).toHaveLength(3);
  const missing = { name: 'ResourceNotFoundException' };
  await expect(client.send(new FilterLogEventsCommand({ logGroupName: '/nothing' }))).rejects.toMatchObject(missing);
  await expect(
    client.send(new GetLogEventsCommand({ logGroupName: APPLICATION, logStreamName: 'nothing' })),
  ).rejects.toMatchObject(missing);
  await expect(
    client.send(new FilterLogEventsCommand({ logGroupName: APPLICATION, filterPattern: '{ $.level ~ 3 }' })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test.each([
  ['', 'anything', true],
  ['ERROR', '[ERROR] x', true],
  ['ERROR timeout', 'ERROR: a timeout', true],
  ['ERROR timeout', 'ERROR: nothing', false],
  ['?ERROR ?CRITICAL', 'CRITICAL x', true],
  ['?ERROR ?CRITICAL', 'INFO x', false],
  ['ERROR -ignored', 'ERROR ignored', false],
  ['"two words"', 'here are two words.', true],
  ['"two words"', 'two other words', false],
  ['%ERR|CRIT%', 'CRITICAL', true],
  ['{ $.level = "ERROR" }', '{"level":"ERROR"}', true],
  ['{ $.level = ERR* }', '{"level":"ERROR"}', true],
  ['{ $.level != "INFO" && $.http.status >= 500 }', '{"level":"ERROR","http":{"status":503}}', true],
  ['{ ($.status = 500) || ($.tags[1] = "x") }', '{"status":200,"tags":["y","x"]}', true],
  ['{ $.status > 499 }', '{"status":"500"}', false],
  ['{ $.error IS NULL }', '{"error":null}', true],
  ['{ $.error NOT EXISTS }', '{"error":null}', false],
  ['{ $.level = "ERROR" }', 'ERROR in plain text', false],
  ['{ $.level = "ERROR" }', '{ not json', false],
])('the pattern %j on %j', (pattern, message, expected) => {
  expect(compileLogFilter(pattern)(message)).toBe(expected);
});

test.each(['{ $.a = 1', '{ level = 1 }', '{ $.a > "x" }', '"open', '[a, b]', '%(a+)+%', '{ $.a = 1 } x'])(
  'the pattern %j is refused',
  (pattern) => {
    expect(() => compileLogFilter(pattern)).toThrow(LogFilterError);
  },
);
