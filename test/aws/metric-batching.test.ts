import { describe, expect, it } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import { createMetricReader, type MetricQuery } from '../../src/aws/metric-reader.ts';
import { createWiring } from '../../src/aws/wiring.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import type { Clock } from '../../src/engine/clock.ts';
import {
  failureOf,
  fakeClock,
  fakeEndpoint,
  startMs,
  testCredentials,
  type Answer,
  type Asked,
  type FakeEndpoint,
} from './fake-endpoint.ts';

const region = 'us-west-2';
const minute = 60_000;
const window = { from: startMs - 30 * minute, to: startMs };

interface WireQuery {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: unknown };
    readonly Period: number;
    readonly Stat: string;
  };
}

function queriesIn({ input }: Asked): readonly WireQuery[] {
  // The test's own reader of what the SDK has just written.
  return input['MetricDataQueries'] as readonly WireQuery[];
}

function readerOn(requestHandler: FakeEndpoint, fewestCalls = false, clock: Clock = fakeClock()) {
  const wiring = createWiring({
    clock,
    random: () => 0.5,
    credentials: testCredentials,
    mode: 'read-only',
    requestHandler,
  });
  return { reader: createMetricReader(wiring, createClients(wiring), { fewestCalls }), usage: wiring.usage };
}

function query(metric: string, more: Partial<MetricQuery> = {}): MetricQuery {
  return {
    region,
    namespace: 'AWS/ECS',
    metric,
    dimensions: { ClusterName: 'nano', ServiceName: 'nano-api' },
    statistic: 'Average',
    unit: '%',
    window,
    ...more,
  };
}

/** Answers each query with one point, whose value is the number in the metric's name. */
function echo(asked: Asked): Answer {
  return {
    body: {
      MetricDataResults: queriesIn(asked).map(({ Id, MetricStat }) => ({
        Id,
        StatusCode: 'Complete',
        Timestamps: [asked.input['StartTime']],
        Values: [Number(MetricStat.Metric.MetricName.replace(/\D/g, ''))],
      })),
    },
  };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => query(`metric${index}`));

describe('metric reads of one turn', () => {
  it.each([
    [500, [500]],
    [501, [500, 1]],
  ])('%i travel in calls of %j queries, each answer back to who asked', async (count, sizes) => {
    const endpoint = fakeEndpoint(echo);
    const { reader } = readerOn(endpoint);
    const series = await Promise.all(many(count).map((one) => reader.read(one)));
    expect(endpoint.asked.map((asked) => queriesIn(asked).length).toSorted((a, b) => b - a)).toEqual(sizes);
    expect(series.map(({ points }) => points[0]?.value)).toEqual(many(count).map((_, index) => index));
  });

  it('ask for complete minutes only, oldest first', async () => {
    const endpoint = fakeEndpoint(echo);
    await readerOn(endpoint).reader.read(query('metric1'));
    const [asked] = endpoint.asked;
    expect(asked?.input).toMatchObject({
      ScanBy: 'TimestampAscending',
      StartTime: Date.UTC(2026, 10, 23, 9, 30) / 1_000,
      EndTime: Date.UTC(2026, 10, 23, 9, 58) / 1_000,
    });
  });

  it('send identical queries once, whatever the order of their dimensions', async () => {
    const endpoint = fakeEndpoint(echo);
    const { reader } = readerOn(endpoint);
    const reversed = { ServiceName: 'nano-api', ClusterName: 'nano' };
    const [a, b] = await Promise.all([
      reader.read(query('metric7')),
      reader.read(query('metric7', { dimensions: reversed })),
    ]);
    expect(endpoint.asked.flatMap(queriesIn)).toHaveLength(1);
    expect(a.points).toEqual(b.points);
    expect(a.points).toHaveLength(1);
  });

  it('go to their own region, and windows of different resolution do not mix', async () => {
    const endpoint = fakeEndpoint(echo);
    const { reader } = readerOn(endpoint);
    const old = { from: startMs - 20 * 24 * 60 * minute, to: startMs - 19 * 24 * 60 * minute };
    await Promise.all([
      reader.read(query('metric1')),
      reader.read(query('metric1', { region: 'us-east-1' })),
      reader.read(query('metric1', { window: old })),
    ]);
    const seen = endpoint.asked.map((asked) => [asked.host, queriesIn(asked)[0]?.MetricStat.Period]);
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['monitoring.us-west-2.amazonaws.com', 60],
        ['monitoring.us-east-1.amazonaws.com', 60],
        ['monitoring.us-west-2.amazonaws.com', 300],
      ]),
    );
  });

  it('follow pages, and put the points of all of them in order of time', async () => {
    const at = startMs / 1_000 - 600;
    const endpoint = fakeEndpoint(({ input }) =>
      input['NextToken'] === undefined
        ? {
            body: {
              MetricDataResults: [{ Id: 'm0', StatusCode: 'PartialData', Timestamps: [at + 60], Values: [2] }],
              NextToken: 'more',
            },
          }
        : { body: { MetricDataResults: [{ Id: 'm0', StatusCode: 'Complete', Timestamps: [at], Values: [1] }] } },
    );
    const { points } = await readerOn(endpoint).reader.read(query('metric1'));
    expect(points.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('give an empty series, not zero and not an error, where nothing was measured', async () => {
    const endpoint = fakeEndpoint(() => ({
      body: { MetricDataResults: [{ Id: 'm0', StatusCode: 'Complete', Timestamps: [], Values: [] }] },
    }));
    const series = await readerOn(endpoint).reader.read(query('metric1'));
    expect(series.points).toEqual([]);
    expect(series.source).toEqual({
      operation: 'cloudwatch:GetMetricData',
      region,
      detail: 'AWS/ECS metric1 Average nano nano-api',
    });
  });

  it('ask nothing where no minute of the window is complete yet', async () => {
    const endpoint = fakeEndpoint(echo);
    const series = await readerOn(endpoint).reader.read(
      query('metric1', { window: { from: startMs - minute, to: startMs } }),
    );
    expect(series.points).toEqual([]);
    expect(endpoint.asked).toEqual([]);
  });

  it.each([
    ['Forbidden', 'permission'],
    ['InternalError', 'service-fault'],
    ['PartialData', 'service-fault'],
  ])('a result that is %s fails its own caller as %s, and no other', async (status, kind) => {
    const endpoint = fakeEndpoint((asked) => ({
      body: {
        MetricDataResults: queriesIn(asked).map(({ Id, MetricStat }) => ({
          Id,
          StatusCode: MetricStat.Metric.MetricName === 'metric1' ? status : 'Complete',
          Timestamps: [],
          Values: [],
        })),
      },
    }));
    const { reader } = readerOn(endpoint);
    const [bad, good] = await Promise.all([failureOf(reader.read(query('metric1'))), reader.read(query('metric2'))]);
    expect(bad).toBeInstanceOf(CloudError);
    expect(bad).toMatchObject({ kind, details: { operation: 'GetMetricData', region } });
    expect(good.points).toEqual([]);
  });

  it('a result that the answer leaves out fails its caller', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { MetricDataResults: [] } }));
    expect(await failureOf(readerOn(endpoint).reader.read(query('metric1')))).toMatchObject({
      kind: 'malformed-answer',
    });
  });

  it('a call that fails fails those in it, and not the next five hundred', async () => {
    const endpoint = fakeEndpoint((asked) =>
      queriesIn(asked).length === 500
        ? echo(asked)
        : { status: 400, body: { __type: 'InvalidParameterValue', message: 'no' } },
    );
    const { reader } = readerOn(endpoint);
    const outcomes = await Promise.allSettled(many(501).map((one) => reader.read(one)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(outcomes.at(-1)?.status).toBe('rejected');
  });

  it('do not follow pages without an end', async () => {
    const endpoint = fakeEndpoint((_, count) => ({
      body: {
        MetricDataResults: [{ Id: 'm0', StatusCode: 'PartialData', Timestamps: [], Values: [] }],
        NextToken: `t${count}`,
      },
    }));
    expect(await failureOf(readerOn(endpoint).reader.read(query('metric1')))).toMatchObject({
      kind: 'malformed-answer',
    });
    expect(endpoint.asked.length).toBeLessThanOrEqual(200);
  });
});

describe('metrics that need a look-up first', () => {
  /** Two metrics that nobody has to look up, and one whose name a look-up tells. */
  const readAll = async (reader: ReturnType<typeof readerOn>['reader'], lookUp: () => Promise<string>) => {
    const named = async () => reader.read(query(await reader.after(region, lookUp)));
    return Promise.allSettled([reader.read(query('metric1')), named(), reader.read(query('metric2'))]);
  };
  const soon = async (): Promise<string> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return 'metric3';
  };

  it('travel with the others where fewest calls are wanted', async () => {
    const endpoint = fakeEndpoint(echo);
    const patient: Clock = {
      ...fakeClock(),
      sleep: (_durationMs, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('woken')));
        }),
    };
    const ended = await readAll(readerOn(endpoint, true, patient).reader, soon);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(endpoint.asked.map((asked) => queriesIn(asked).length)).toEqual([3]);
  });

  it('hold nothing up where they are not', async () => {
    const endpoint = fakeEndpoint(echo);
    await readAll(readerOn(endpoint).reader, soon);
    expect(endpoint.asked.map((asked) => queriesIn(asked).length)).toEqual([2, 1]);
  });

  it('hold up their own region alone', async () => {
    const endpoint = fakeEndpoint(echo);
    const { reader } = readerOn(endpoint, true);
    let isAnswered = false;
    const elsewhere = reader.read(query('metric4', { region: 'us-east-1' })).then(() => (isAnswered = true));
    const seen = await reader.after(region, async () => {
      await elsewhere;
      return isAnswered;
    });
    expect(seen).toBe(true);
  });

  it('fail alone: the others are read all the same', async () => {
    const endpoint = fakeEndpoint(echo);
    const fails = async (): Promise<string> => {
      await soon();
      throw new Error('no permission');
    };
    const ended = await readAll(readerOn(endpoint, true).reader, fails);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('hold up nobody for long where the look-up does not answer', async () => {
    const endpoint = fakeEndpoint(echo);
    const clock = fakeClock();
    const { reader } = readerOn(endpoint, true, clock);
    const before = clock.now();
    void reader.after(region, () => new Promise<string>(() => undefined));
    const { points } = await reader.read(query('metric1'));
    expect(points).toHaveLength(1);
    expect(clock.now() - before).toBe(2_000);
  });
});

describe('many stacks on one cloud', () => {
  it('fill their calls: what does not fill one waits for those under way', async () => {
    const sizes: number[] = [];
    const endpoint = fakeEndpoint((asked) => {
      sizes.push(queriesIn(asked).length);
      return echo(asked);
    });
    const wiring = createWiring({
      clock: fakeClock(),
      random: () => 0.5,
      credentials: testCredentials,
      mode: 'read-only',
      requestHandler: endpoint,
    });
    const reader = createMetricReader(wiring, createClients(wiring), { fillsCalls: true });
    const named = (stack: number) =>
      Array.from({ length: 60 }, (_, index) => reader.read(query(`metric${stack * 60 + index}`)));
    const first = Array.from({ length: 10 }, (_, stack) => named(stack));
    // A stack begins when another one has ended.
    const second = first.map(async (reads, stack) => {
      await Promise.all(reads.slice(0, 40));
      return Promise.all(named(10 + stack));
    });
    const all = await Promise.all([...first.map((reads) => Promise.all(reads)), ...second]);
    expect(all.flat().map(({ points }) => points[0]?.value)).toEqual(Array.from({ length: 1200 }, (_, index) => index));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1200);
    expect(sizes.length).toBeLessThanOrEqual(4);
  });
});

describe('what is asked twice at the same time', () => {
  const describeTwice = async (fewestCalls: boolean): Promise<number> => {
    const endpoint = fakeEndpoint(() => ({
      body: '<DescribeDBClustersResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBClustersResult><DBClusters></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>',
    }));
    const wiring = createWiring({
      clock: fakeClock(),
      random: () => 0.5,
      credentials: testCredentials,
      mode: 'read-only',
      requestHandler: endpoint,
      fewestCalls,
    });
    const rds = await createClients(wiring).rds(region);
    const ask = (id: string) => rds.describeDBClusters({ DBClusterIdentifier: id });
    await Promise.all([ask('one'), ask('one'), ask('other')]);
    await ask('one');
    return endpoint.asked.length;
  };

  it('is asked once where fewest calls are wanted, and anew later', async () => {
    expect(await describeTwice(true)).toBe(3);
  });

  it('is asked twice where they are not', async () => {
    expect(await describeTwice(false)).toBe(4);
  });
});
