/** The rules that page and warn: every state that each can have, at its exact edges. */
import { describe, expect, test } from 'vitest';
import {
  availabilityAlert,
  crashLoopAlert,
  errorRateAlert,
  replicationLagAlert,
  uploadFailuresAlert,
} from '../../src/checks/alerts/critical.ts';
import { slowQueriesAlert } from '../../src/checks/alerts/slow-queries.ts';
import { dailyActiveUsersAlert } from '../../src/checks/alerts/users.ts';
import { cacheHitRateAlert, cpuAlert, moderationQueueAlert } from '../../src/checks/alerts/warning.ts';
import { alertChecks } from '../../src/checks/catalogue.ts';
import type { BusinessMetrics, LogSearch, StoppedTask } from '../../src/cloud/facts.ts';
import type { Known } from '../../src/diagnosis/known.ts';
import { limitsOf } from '../../src/use-cases/check-report.ts';
import { minuteMs, seriesOf, times } from '../diagnosis/series.ts';
import { alone, denied, endMs, everyPeriod, judge, known, minutesAgo, nothing, outcomes, skipped } from './judging.ts';

test('five page and five warn, and none of them has a target to miss', () => {
  expect(alertChecks.map(({ id, severity }) => [id, severity])).toEqual([
    ['alert-availability', 'critical'],
    ['alert-error-rate', 'critical'],
    ['alert-replication-lag', 'critical'],
    ['alert-s3-upload-failures', 'critical'],
    ['alert-crash-loop', 'critical'],
    ['alert-cpu-sustained', 'warning'],
    ['alert-slow-queries', 'warning'],
    ['alert-cache-hit-rate', 'warning'],
    ['alert-moderation-queue', 'warning'],
    ['alert-daily-active-users', 'warning'],
  ]);
});

test.each(alertChecks)('$id: not configured where nothing of it is, unknown where it may not be looked at', (check) => {
  const all = (seen: Known<never>) => Object.fromEntries(check.observations.map(({ id }) => [id, seen]));
  expect(judge(check, all(skipped), alone).status).toBe('not-configured');
  const unseen = judge(check, all(denied));
  expect(unseen).toMatchObject({ status: 'unknown', nextStep: 'allow cloudwatch:GetMetricData' });
  expect(unseen.target).toBeUndefined();
  expect(unseen.alert).toBeTruthy();
});

describe('availability, of an hour together', () => {
  const hour = (bad: number) => ({
    'api-outcomes': outcomes({ requests: times(60, 1000), targetServerErrors: [bad] }),
  });
  test.each([
    [0, 'ok'],
    [600, 'ok'],
    [601, 'breach'],
  ] as const)('%i of 60,000 failed: %s', (bad, status) => {
    expect(judge(availabilityAlert, hour(bad)).status).toBe(status);
  });
  test('all of them in one minute, with few requests beside', () => {
    const bad = outcomes({ requests: [...times(59, 10), 60], targetServerErrors: [...times(59, undefined), 7] });
    expect(judge(availabilityAlert, { 'api-outcomes': bad }).status).toBe('breach');
  });
  test('nothing was reported', () => {
    expect(judge(availabilityAlert, { 'api-outcomes': outcomes({}) }).status).toBe('unknown');
  });
});

describe('5xx over five minutes', () => {
  test.each([
    [500, 'ok'],
    [501, 'breach'],
  ] as const)('%i of 10,000: %s', (bad, status) => {
    const seen = outcomes({ requests: times(5, 2000), targetServerErrors: [bad - 100], balancerServerErrors: [100] });
    expect(judge(errorRateAlert, { 'api-outcomes': seen }).status).toBe(status);
  });
  test('before the last five minutes', () => {
    const seen = outcomes({ requests: times(60, 2000), targetServerErrors: [90_000, ...times(5, undefined)] });
    expect(judge(errorRateAlert, { 'api-outcomes': seen })).toMatchObject({ status: 'ok', observed: { value: 0 } });
  });
});

describe('replication lag', () => {
  test.each([
    [times(5, 29_000), 'ok'],
    [times(5, 30_000), 'ok'],
    [[...times(4, 10), 30_001], 'breach'],
    [[], 'unknown'],
  ] as const)('%j: %s', (values, status) => {
    const lag = (points: readonly number[]) => known({ lag: seriesOf(points, 'ms'), metric: 'AuroraGlobalDBRPOLag' });
    const seen = { 'replication-lag-standby': lag(values), 'replication-lag-site': lag([]), 'database-load': denied };
    expect(judge(replicationLagAlert, seen).status).toBe(status);
  });
});

describe('upload failures', () => {
  test.each([
    [100, 200, 'ok'],
    [101, 200, 'breach'],
    // All uploads may have failed, and be no tenth of all requests.
    [50, 100, 'ok'],
    [51, 100, 'unknown'],
    [10, 2, 'unknown'],
    [10, 0, 'ok'],
    [0, 2, 'ok'],
  ] as const)('%i of 1,000, with %i uploads a minute: %s', (failed, uploads, status) => {
    const load = {
      requests: seriesOf(times(5, 200)),
      uploads: seriesOf(times(5, uploads)),
      serverErrors: seriesOf([failed]),
      clientErrors: nothing,
      firstByteLatencyP99: nothing,
      totalLatencyP99: nothing,
    };
    const found = judge(uploadFailuresAlert, { 'bucket-load': known(load) });
    expect(found.status).toBe(status);
    expect(found.nextStep ?? '').toContain(status === 'breach' ? 'health.aws.amazon.com' : '');
    expect(found.nextStep === undefined).toBe(status === 'ok');
  });
  test('a bucket that counts no requests', () => {
    expect(judge(uploadFailuresAlert, { 'bucket-load': known(null) }).status).toBe('not-configured');
  });
});

describe('crash loop', () => {
  const nowMs = endMs + 150_000;
  let made = 0;
  const task = (secondsAgo: number, more: Partial<StoppedTask> = {}): StoppedTask => ({
    taskArn: `task/${(made += 1)}`,
    stoppedAt: nowMs - secondsAgo * 1000,
    stopCode: 'EssentialContainerExited',
    reason: 'Essential container in task exited',
    containers: [],
    ...more,
  });
  const seen = (...tasks: readonly StoppedTask[]) => ({ 'stopped-tasks': known(tasks) });
  test.each([
    ['nothing stopped', seen(), 'ok', 0],
    ['three in five minutes', seen(task(1), task(2), task(299)), 'ok', 3],
    [
      'four in five minutes, up to now and not to where metrics end',
      seen(task(0), task(1), task(2), task(299)),
      'breach',
      4,
    ],
    ['the fourth is five minutes ago', seen(task(0), task(1), task(2), task(300)), 'ok', 3],
    [
      'two of four were replaced',
      seen(
        task(1),
        task(2),
        task(3, { stopCode: 'ServiceSchedulerInitiated' }),
        task(4, { stopCode: 'UserInitiated' }),
      ),
      'ok',
      2,
    ],
    [
      'they never came up',
      seen(...[1, 2, 3, 4].map((each) => task(each, { stopCode: 'TaskFailedToStart' }))),
      'breach',
      4,
    ],
    ['one more may have been one', seen(task(1), task(2), task(3), task(4, { stopCode: undefined })), 'unknown', 3],
    ['two may have been, and both together are no loop', seen(task(1), task(4, { stopCode: undefined })), 'ok', 1],
  ] as const)('%s', (_name, observations, status, count) => {
    expect(judge(crashLoopAlert, observations)).toMatchObject({ status, observed: { value: count, window: '5m' } });
  });

  test('at a time in the past, as long as ECS remembers it', () => {
    const loop = seen(...[1800, 1801, 1802, 1803].map((each) => task(each)));
    const at = (minutes: number) => judge(crashLoopAlert, loop, { until: minutesAgo(minutes) });
    expect(at(27).status).toBe('breach');
    expect(at(20).status).toBe('ok');
    expect(at(52).status).toBe('ok');
    expect(at(53).status).toBe('unknown');
  });
});

describe('CPU, every minute of ten', () => {
  const used = (values: readonly (number | undefined)[]) =>
    known({
      cpuAverage: seriesOf(values, '%'),
      cpuMaximum: nothing,
      memoryAverage: nothing,
      memoryMaximum: nothing,
      networkReceived: nothing,
      networkTransmitted: nothing,
    });
  test.each([
    [times(10, 75), 'ok'],
    [times(10, 75.1), 'breach'],
    [[...times(5, 99), 75, ...times(4, 99)], 'ok'],
    [[...times(5, 99), undefined, ...times(4, 99)], 'unknown'],
    [[...times(20, 99), 20], 'ok'],
    [times(4, 20), 'unknown'],
    [times(5, 20), 'ok'],
    [[], 'unknown'],
  ] as const)('%j: %s', (values, status) => {
    expect(judge(cpuAlert, { 'service-utilisation': used(values), 'database-load': denied }).status).toBe(status);
  });
  test('the database’s writer is told beside it, and judges nothing', () => {
    const load = { cpu: seriesOf(times(10, 97), '%') };
    const found = judge(cpuAlert, { 'service-utilisation': used(times(10, 20)), 'database-load': known(load) });
    expect(found.status).toBe('ok');
    expect(found.evidence.map(({ detail }) => detail).join('\n')).toContain('97 % to 97 % over 10m, of the database');
  });
});

describe('cache hit rate', () => {
  const cache = (hits: readonly number[], misses: readonly number[]) => ({
    'cache-load': known({
      hits: seriesOf(hits),
      misses: seriesOf(misses),
      engineCpu: nothing,
      evictions: nothing,
      connections: nothing,
      nodes: ['nano-cache-001', 'nano-cache-002'],
    }),
  });
  test.each([
    ['just half', cache(times(5, 100), times(5, 100)), 'ok', 50],
    ['one look-up fewer', cache(times(5, 100), [...times(4, 100), 101]), 'breach', (500 / 1001) * 100],
    [
      'a ratio of sums, not a mean of minutes',
      cache([1000, 0, 0, 0, 0], [0, 10, 10, 10, 10]),
      'ok',
      (1000 / 1040) * 100,
    ],
    ['nobody looked anything up', cache(times(5, 0), times(5, 0)), 'unknown', undefined],
    ['nothing was reported', cache([], []), 'unknown', undefined],
    ['misses alone', cache([], times(5, 1)), 'breach', 0],
  ] as const)('%s', (_name, seen, status, value) => {
    const found = judge(cacheHitRateAlert, seen);
    expect(found.status).toBe(status);
    expect(found.observed?.value).toEqual(value);
  });
});

const noBusiness: BusinessMetrics = {
  dailyActiveUsers: nothing,
  newNanos: nothing,
  chatResponse: nothing,
  moderationAge: nothing,
  moderationLength: nothing,
};

describe('moderation queue', () => {
  test.each([
    [[100], 'ok'],
    [[101], 'breach'],
    [[101, 100], 'ok'],
    [[], 'unknown'],
  ] as const)('%j items: %s', (values, status) => {
    const found = { ...noBusiness, moderationLength: everyPeriod(3_600_000, values) };
    expect(judge(moderationQueueAlert, { business: known(found) }).status).toBe(status);
  });
});

describe('daily active users that decline', () => {
  const dayMs = 86_400_000;
  const users = (days: readonly (number | undefined)[]) => ({
    business: known({ ...noBusiness, dailyActiveUsers: everyPeriod(dayMs, days) }),
  });
  test.each([
    ['a tenth fewer', [...times(7, 1000), ...times(7, 900)], 'ok', 10],
    ['one fewer than that', [...times(7, 1000), ...times(6, 900), 899], 'breach', 10.014],
    ['more than before', [...times(7, 1000), ...times(7, 1200)], 'ok', -20],
    ['a bad day in a good week', [...times(7, 1000), ...times(6, 1000), 400], 'ok', 8.571],
    ['all of them', [...times(7, 1000), ...times(7, 0)], 'breach', 100],
    [
      'five days of either week',
      [...times(5, 1000), undefined, undefined, ...times(5, 800), undefined, undefined],
      'breach',
      20,
    ],
    [
      'four days of the last week',
      [...times(7, 1000), ...times(4, 800), undefined, undefined, undefined],
      'unknown',
      undefined,
    ],
    [
      'four days of the week before',
      [...times(3, undefined), ...times(4, 1000), ...times(7, 800)],
      'unknown',
      undefined,
    ],
    ['nobody before', [...times(7, 0), ...times(7, 5)], 'unknown', undefined],
    ['nothing', [], 'unknown', undefined],
  ] as const)('%s', (_name, days, status, decline) => {
    const found = judge(dailyActiveUsersAlert, users(days));
    expect(found.status).toBe(status);
    expect(found.observed?.value ?? Number.NaN).toSatisfy((value: number) =>
      decline === undefined ? Number.isNaN(value) : Math.abs(value - decline) < 0.001,
    );
  });

  test('a counter that begins anew every midnight counts as the day’s greatest', () => {
    const hourly = (most: number) => Array.from({ length: 24 }, (_, hour) => (most * (hour + 1)) / 24);
    const days = [...times(7, 1000), ...times(7, 901)].flatMap(hourly);
    const found = { ...noBusiness, dailyActiveUsers: everyPeriod(3_600_000, days) };
    expect(judge(dailyActiveUsersAlert, { business: known(found) }).observed?.value).toBeCloseTo(9.9, 6);
  });
});

describe('slow queries that increase', () => {
  const set = known({ slow_query_log: '1', long_query_time: '0.5' });
  const entry = (at: number, seconds: number) => ({
    at,
    stream: 'nano-db-1',
    message: `# Time: x\n# Query_time: ${seconds.toFixed(6)}  Lock_time: 0.000004 Rows_sent: 1  Rows_examined: 1\nSELECT 1 FROM t WHERE id = 7;`,
  });
  /** So many entries in each of the hour's twelve windows of five minutes, spread over the window. */
  const counts = (all: readonly number[], seconds = 0.7) =>
    all.flatMap((count, index) =>
      Array.from({ length: count }, (_, each) => {
        const from = minutesAgo((all.length - index) * 5);
        return entry(from + Math.floor((each / Math.max(1, count)) * 5 * minuteMs), seconds);
      }),
    );
  const log = (lines: LogSearch['lines'], truncated = false) =>
    known({
      lines,
      truncated,
      source: { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: '/slowquery' },
    });
  const status = (all: readonly number[]) =>
    judge(slowQueriesAlert, { 'slow-log': log(counts(all)), 'database-parameters': set }).status;

  test.each([
    ['none at all', times(12, 0), 'ok'],
    ['as many as always', times(12, 40), 'ok'],
    ['a step two windows ago', [0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 12, 15], 'breach'],
    ['a step of one window: it may be a report', [0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0, 30], 'ok'],
    ['a steady rise', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 'breach'],
    ['a steady fall', [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 'ok'],
    ['a rise that is over', [0, 0, 0, 0, 0, 0, 30, 30, 0, 0, 0, 0], 'ok'],
    ['a new level since half an hour', [...times(6, 1), ...times(6, 40)], 'ok'],
    ['just ten, all in the newest quarter', [...times(9, 0), 0, 5, 5], 'breach'],
    ['one fewer', [...times(9, 0), 0, 5, 4], 'ok'],
    ['more, as chance has it twice in a thousand times', [...times(9, 2), 3, 7, 7], 'ok'],
    ['more, as chance has it', [3, 1, 2, 4, 2, 3, 1, 2, 3, 5, 2, 5], 'ok'],
  ] as const)('%s', (_name, all, expected) => {
    expect(status(all)).toBe(expected);
  });

  test('only what took longer than the threshold counts, and what the log was asked for', () => {
    const rise = [...times(10, 1), 20, 20];
    const at = (seconds: number) =>
      judge(slowQueriesAlert, { 'slow-log': log(counts(rise, seconds)), 'database-parameters': set });
    expect(at(0.5)).toMatchObject({ status: 'ok', observed: { value: 0 } });
    expect(at(0.500_001)).toMatchObject({ status: 'breach', observed: { value: 20, unit: 'count', window: '5m' } });
    expect(at(0.500_001).observed?.recent).toEqual(rise);
    expect(at(0.7).alert).toBe('>500 ms, increasing');
    expect(at(0.7).evidence.at(-1)?.detail).toContain('SELECT ? FROM t WHERE id = ?');
  });

  test('more entries than were read', () => {
    const seen = { 'slow-log': log(counts(times(12, 40)), true), 'database-parameters': set };
    expect(judge(slowQueriesAlert, seen).status).toBe('unknown');
  });

  test.each([
    ['the log is off', {}, [], 'unknown'],
    ['it leaves out all below ten seconds', { slow_query_log: '1' }, [], 'unknown'],
    ['it leaves out what the rule is about', { slow_query_log: '1', long_query_time: '0.6' }, [], 'unknown'],
    ['it holds just what the rule is about', { slow_query_log: 'ON', long_query_time: '0.5' }, [], 'ok'],
    ['it holds more', { slow_query_log: '1', long_query_time: '0' }, [], 'ok'],
    ['its entries show that the instance’s own group sets it', {}, [entry(minutesAgo(9), 0.52)], 'ok'],
    ['its entries show nothing of the kind', {}, [entry(minutesAgo(9), 14)], 'unknown'],
  ] as const)('%s', (_name, parameters, lines, expected) => {
    const found = judge(slowQueriesAlert, { 'slow-log': log(lines), 'database-parameters': known(parameters) });
    expect(found.status).toBe(expected);
    expect(found.nextStep ?? '').toContain(expected === 'unknown' ? 'long_query_time = 0.5' : '');
  });

  test('an empty log whose settings may not be seen tells nothing; entries tell for themselves', () => {
    const blind = judge(slowQueriesAlert, { 'slow-log': log([]), 'database-parameters': denied });
    expect(blind).toMatchObject({ status: 'unknown', nextStep: 'allow cloudwatch:GetMetricData' });
    const seen = { 'slow-log': log(counts(times(12, 2))), 'database-parameters': denied };
    expect(judge(slowQueriesAlert, seen).status).toBe('ok');
  });

  test('a threshold of one’s own', () => {
    const limits = { ...limitsOf(), 'alert-slow-queries': { unit: 'ms', better: 'lower', alert: 200 } as const };
    const seen = { 'slow-log': log([]), 'database-parameters': set };
    expect(judge(slowQueriesAlert, seen, { limits })).toMatchObject({
      status: 'unknown',
      alert: '>200 ms, increasing',
    });
  });
});
