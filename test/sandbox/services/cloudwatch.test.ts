/** CloudWatch as a client sees it: what there is, what there is not, how it is aggregated and paged. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { opened, type Opened } from './opened.ts';

const balancer = { LoadBalancer: 'app/nano-alb/50dc6c495c0c9188' };

function query(
  Id: string,
  Namespace: string,
  MetricName: string,
  dimensions: Readonly<Record<string, string>>,
  Stat: string,
  Period = 60,
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat } };
}

function countOf(MetricName: string) {
  const Dimensions = [{ Name: 'LoadBalancer', Value: balancer.LoadBalancer }];
  return { Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }, Period: 60, Stat: 'Sum' };
}

function cloudwatch(sandbox: Opened, region?: string): CloudWatchClient {
  return new CloudWatchClient(sandbox.settings(region));
}

/** Minutes before the start. */
function span(sandbox: Opened, from: number, to: number) {
  return { StartTime: new Date(sandbox.startMs - from * 60_000), EndTime: new Date(sandbox.startMs - to * 60_000) };
}

const requests = (id = 'requests', period = 60) =>
  query(id, 'AWS/ApplicationELB', 'RequestCount', balancer, 'Sum', period);
const p99 = (id = 'p99', period = 60) => query(id, 'AWS/ApplicationELB', 'TargetResponseTime', balancer, 'p99', period);

test('newest first unless asked otherwise, one point a minute, the end excluded', async () => {
  const sandbox = opened();
  const ask = { ...span(sandbox, 20, 10), MetricDataQueries: [requests()] };
  const down = await cloudwatch(sandbox).send(new GetMetricDataCommand(ask));
  const up = await cloudwatch(sandbox).send(new GetMetricDataCommand({ ...ask, ScanBy: 'TimestampAscending' }));
  const [newestFirst, oldestFirst] = [down.MetricDataResults?.[0], up.MetricDataResults?.[0]];
  expect(oldestFirst?.Timestamps?.map((at) => (at.getTime() - sandbox.startMs) / 60_000)).toEqual([
    -20, -19, -18, -17, -16, -15, -14, -13, -12, -11,
  ]);
  expect(newestFirst?.Values).toEqual(oldestFirst?.Values?.toReversed());
  expect(newestFirst).toMatchObject({ Id: 'requests', Label: 'RequestCount', StatusCode: 'Complete' });
});

test('the last minutes have not arrived yet, and the future holds nothing', async () => {
  const sandbox = opened();
  const { MetricDataResults } = await cloudwatch(sandbox).send(
    new GetMetricDataCommand({ ...span(sandbox, 5, -30), MetricDataQueries: [requests()] }),
  );
  const newest = MetricDataResults?.[0]?.Timestamps?.[0]?.getTime() ?? 0;
  expect(newest).toBe(sandbox.startMs - 2 * 60_000);
  await sandbox.clock.sleep(60_000);
  const later = await cloudwatch(sandbox).send(
    new GetMetricDataCommand({ ...span(sandbox, 5, -30), MetricDataQueries: [requests()] }),
  );
  expect(later.MetricDataResults?.[0]?.Timestamps?.[0]?.getTime()).toBe(sandbox.startMs - 60_000);
});

test('what is not there has no values and is no error', async () => {
  const sandbox = opened();
  const { MetricDataResults } = await cloudwatch(sandbox).send(
    new GetMetricDataCommand({
      ...span(sandbox, 30, 2),
      MetricDataQueries: [
        query('namespace', 'AWS/Nothing', 'RequestCount', balancer, 'Sum'),
        query('metric', 'AWS/ApplicationELB', 'Nothing', balancer, 'Sum'),
        query('dimension', 'AWS/ApplicationELB', 'RequestCount', { LoadBalancer: 'app/other/1' }, 'Sum'),
        query('fewer', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'nano' }, 'Average'),
        // Only errors that happened are published.
        query('elb', 'AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', balancer, 'Sum'),
        { Id: 'unit', MetricStat: { ...countOf('RequestCount'), Unit: 'Seconds' } },
      ],
    }),
  );
  expect(MetricDataResults?.map((result) => [result.Id, result.Values?.length])).toEqual([
    ['namespace', 0],
    ['metric', 0],
    ['dimension', 0],
    ['fewer', 0],
    ['elb', 0],
    ['unit', 0],
  ]);
});

test('longer periods add up, and their percentiles are of all requests, not of percentiles', async () => {
  const sandbox = opened('slow-query');
  const { MetricDataResults } = await cloudwatch(sandbox).send(
    new GetMetricDataCommand({
      ...span(sandbox, 30, 5),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [requests('m'), requests('five', 300), p99('pm'), p99('pfive', 300)],
    }),
  );
  const [minutes = [], fives = [], p99s = [], p99fives = []] = (MetricDataResults ?? []).map(
    (each) => each.Values ?? [],
  );
  expect(fives).toEqual([0, 1, 2, 3, 4].map((five) => minutes.slice(five * 5, five * 5 + 5).reduce((a, b) => a + b)));
  for (const [index, value] of p99fives.entries()) {
    const own = p99s.slice(index * 5, index * 5 + 5);
    expect(value).toBeGreaterThanOrEqual(Math.min(...own));
    expect(value).toBeLessThanOrEqual(Math.max(...own));
  }
});

test('pages hold what was asked, in parts that fit together', async () => {
  const sandbox = opened();
  const ask = { ...span(sandbox, 62, 2), MetricDataQueries: [requests(), p99()] };
  const whole = await cloudwatch(sandbox).send(new GetMetricDataCommand(ask));
  const values = new Map<string, number[]>();
  const statuses: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudwatch(sandbox).send(new GetMetricDataCommand({ ...ask, MaxDatapoints: 50, NextToken }));
    for (const { Id = '', Values = [], StatusCode = '' } of page.MetricDataResults ?? []) {
      values.set(Id, [...(values.get(Id) ?? []), ...Values]);
      statuses.push(StatusCode);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(statuses).toEqual(['PartialData', 'Complete', 'PartialData', 'Complete']);
  for (const { Id = '', Values } of whole.MetricDataResults ?? []) expect(values.get(Id)).toEqual(Values);
});

test('data of a minute are kept for fifteen days', async () => {
  const sandbox = opened();
  const days = 20 * 1440;
  const { MetricDataResults } = await cloudwatch(sandbox).send(
    new GetMetricDataCommand({
      ...span(sandbox, days, days - 30),
      MetricDataQueries: [requests('minutes'), requests('fives', 300)],
    }),
  );
  expect(MetricDataResults?.map((result) => result.Values?.length)).toEqual([0, 6]);
});

test('expressions: what is simulated is computed, what is not is refused', async () => {
  const sandbox = opened();
  const ask = (Expression: string) =>
    cloudwatch(sandbox).send(
      new GetMetricDataCommand({
        ...span(sandbox, 12, 2),
        MetricDataQueries: [
          { ...requests('a'), ReturnData: false },
          { ...query('b', 'AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', balancer, 'Sum'), ReturnData: false },
          { Id: 'e', Expression },
        ],
      }),
    );
  const filled = await ask('100 * (FILL(b, 0) + 1) / a');
  expect(filled.MetricDataResults).toHaveLength(1);
  expect(filled.MetricDataResults?.[0]?.Values).toHaveLength(10);
  for (const value of filled.MetricDataResults?.[0]?.Values ?? []) expect(value).toBeCloseTo(0.04, 1);
  // Where one side has no value, neither has the result.
  expect((await ask('a + b')).MetricDataResults?.[0]?.Values).toEqual([]);
  await expect(ask('ANOMALY_DETECTION_BAND(a)')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(ask('a + missing')).rejects.toMatchObject({ name: 'ValidationException' });
});

test.each([
  ['an empty window', (at: Opened) => ({ ...span(at, 5, 5), MetricDataQueries: [requests()] })],
  ['no queries', (at: Opened) => ({ ...span(at, 5, 2), MetricDataQueries: [] })],
  [
    '501 queries',
    (at: Opened) => ({
      ...span(at, 5, 2),
      MetricDataQueries: Array.from({ length: 501 }, (_, i) => requests(`r${i}`)),
    }),
  ],
  ['the same id twice', (at: Opened) => ({ ...span(at, 5, 2), MetricDataQueries: [requests(), requests()] })],
  ['an odd period', (at: Opened) => ({ ...span(at, 5, 2), MetricDataQueries: [requests('a', 90)] })],
  [
    'an unknown statistic',
    (at: Opened) => ({ ...span(at, 5, 2), MetricDataQueries: [query('a', 'AWS/ECS', 'CPUUtilization', {}, 'Median')] }),
  ],
])('%s is refused', async (_, input) => {
  const sandbox = opened();
  await expect(cloudwatch(sandbox).send(new GetMetricDataCommand(input(sandbox)))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('lag of the global database exists in the secondary region alone, the health check in us-east-1 alone', async () => {
  const sandbox = opened();
  const list = async (region: string, Namespace: string, MetricName: string) =>
    (await cloudwatch(sandbox, region).send(new ListMetricsCommand({ Namespace, MetricName }))).Metrics ?? [];
  expect(await list('us-west-2', 'AWS/RDS', 'AuroraGlobalDBRPOLag')).toEqual([]);
  expect(await list('us-east-1', 'AWS/RDS', 'AuroraGlobalDBRPOLag')).toEqual([
    {
      Namespace: 'AWS/RDS',
      MetricName: 'AuroraGlobalDBRPOLag',
      Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'nano-db-dr' }],
    },
  ]);
  expect(await list('us-west-2', 'AWS/Route53', 'HealthCheckStatus')).toEqual([]);
  expect(await list('us-east-1', 'AWS/Route53', 'HealthCheckStatus')).toHaveLength(1);
  expect(await list('eu-west-1', 'AWS/ECS', 'CPUUtilization')).toEqual([]);
});

test('every metric that is listed has data, but for errors that did not happen', async () => {
  const sandbox = opened('network-az');
  for (const region of ['us-west-2', 'us-east-1']) {
    const { Metrics = [] } = await cloudwatch(sandbox, region).send(new ListMetricsCommand({}));
    expect(Metrics.length).toBeGreaterThan(30);
    const { MetricDataResults = [] } = await cloudwatch(sandbox, region).send(
      new GetMetricDataCommand({
        ...span(sandbox, 32, 2),
        MetricDataQueries: Metrics.map((metric, index) => ({
          Id: `m${index}`,
          MetricStat: { Metric: metric, Period: 300, Stat: 'Average' },
        })),
      }),
    );
    const empty = MetricDataResults.flatMap((result, index) =>
      (result.Values ?? []).length > 0 ? [] : [`${Metrics[index]?.Namespace} ${Metrics[index]?.MetricName}`],
    );
    for (const name of empty) {
      // The recovery region serves nobody: it has no requests to count or to time.
      const idle = region === 'us-east-1' && /ApplicationELB|S3|SelectLatency|DMLLatency|CacheHitRate/.test(name);
      expect(idle || /TargetConnectionErrorCount|ELB_503/.test(name), `${region} ${name}`).toBe(true);
    }
  }
});

test('GetMetricStatistics gives basic and extended statistics, and knows its limit', async () => {
  const sandbox = opened();
  const metric = {
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
    Dimensions: [
      { Name: 'ServiceName', Value: 'nano-api' },
      { Name: 'ClusterName', Value: 'nano' },
    ],
  };
  const { Datapoints = [], Label } = await cloudwatch(sandbox).send(
    new GetMetricStatisticsCommand({
      ...metric,
      ...span(sandbox, 12, 2),
      Period: 300,
      Statistics: ['Average', 'Maximum'],
    }),
  );
  expect(Label).toBe('CPUUtilization');
  expect(Datapoints).toHaveLength(2);
  for (const { Average = 0, Maximum = 0, Unit } of Datapoints) {
    expect(Unit).toBe('Percent');
    expect(Maximum).toBeGreaterThan(Average);
  }
  const extended = await cloudwatch(sandbox).send(
    new GetMetricStatisticsCommand({ ...metric, ...span(sandbox, 12, 2), Period: 60, ExtendedStatistics: ['p90'] }),
  );
  expect(Object.keys(extended.Datapoints?.[0]?.ExtendedStatistics ?? {})).toEqual(['p90']);
  await expect(
    cloudwatch(sandbox).send(
      new GetMetricStatisticsCommand({ ...metric, ...span(sandbox, 2000, 2), Period: 60, Statistics: ['Sum'] }),
    ),
  ).rejects.toMatchObject({ name: expect.stringMatching(/^InvalidParameterCombination/) });
});

test('alarms follow the metrics', async () => {
  const states = async (scenario: string) => {
    const { MetricAlarms = [] } = await cloudwatch(opened(scenario)).send(new DescribeAlarmsCommand({}));
    return Object.fromEntries(MetricAlarms.map((alarm) => [alarm.AlarmName, alarm.StateValue]));
  };
  expect(await states('healthy')).toEqual({
    'nano-api-latency-p99': 'OK',
    'nano-api-latency-p95': 'OK',
    'nano-api-cpu': 'OK',
    'nano-api-memory': 'OK',
    'nano-db-cpu': 'OK',
  });
  expect(await states('cpu-saturated')).toMatchObject({ 'nano-api-latency-p99': 'ALARM', 'nano-db-cpu': 'OK' });
  expect(await states('metrics-missing')).toMatchObject({ 'nano-api-latency-p99': 'INSUFFICIENT_DATA' });
});
