/** The service graph and its history, as X-Ray gives them: pages, windows, references, selectors, what is missing. */
import { describe, expect, it } from 'vitest';
import { cloudOn, failureOf, fakeEndpoint, startMs, type Answer, type Asked } from './fake-endpoint.ts';

const region = 'us-west-2';
const hour = 3_600_000;
const minute = 60_000;
const window = { from: startMs - hour, to: startMs };
const traced = { region, service: 'nano-api' };

function answering(answers: Readonly<Record<string, (asked: Asked) => Answer>>) {
  return fakeEndpoint((asked) => {
    const answer = answers[asked.operation];
    if (answer === undefined) throw new Error(`nobody expected ${asked.operation}`);
    return answer(asked);
  });
}

const summary = (requests: number, faults: number, seconds: number, errors = 0, throttles = 0) => ({
  OkCount: requests - faults - errors,
  ErrorStatistics: { ThrottleCount: throttles, OtherCount: errors - throttles, TotalCount: errors },
  FaultStatistics: { OtherCount: faults, TotalCount: faults },
  TotalCount: requests,
  TotalResponseTime: seconds,
});

const api = {
  ReferenceId: 1,
  Name: 'nano-api',
  Root: true,
  Type: 'AWS::ECS::Container',
  State: 'active',
  Edges: [
    {
      ReferenceId: 2,
      SummaryStatistics: summary(40, 4, 8, 3, 2),
      ResponseTimeHistogram: [
        { Value: 0.5, Count: 10 },
        { Value: 0.1, Count: 30 },
      ],
    },
  ],
  SummaryStatistics: summary(20, 1, 10),
};
const database = { ReferenceId: 2, Name: 'nano@nano-db', Type: 'Database::SQL', SummaryStatistics: summary(40, 4, 8) };

describe('the graph', () => {
  it('is put together from its pages: references may lead to a later one', async () => {
    const endpoint = answering({
      'POST /ServiceGraph': ({ input }) =>
        input['NextToken'] === undefined
          ? { body: { Services: [api], NextToken: 'n' } }
          : { body: { Services: [database] } },
    });
    const graph = await cloudOn(endpoint).facts.serviceGraph(traced, window);
    expect(graph).toMatchObject({
      truncated: false,
      dangling: 0,
      source: { operation: 'xray:GetServiceGraph', region },
    });
    expect(graph.components).toMatchObject([
      {
        id: 'AWS::ECS::Container nano-api',
        name: 'nano-api',
        isRoot: true,
        state: 'active',
        statistics: { requests: 20 },
      },
      { id: 'Database::SQL nano@nano-db', type: 'Database::SQL', isRoot: false },
    ]);
    expect(graph.calls).toEqual([
      {
        from: 'AWS::ECS::Container nano-api',
        to: 'Database::SQL nano@nano-db',
        statistics: {
          requests: 40,
          ok: 33,
          errors: 3,
          throttles: 2,
          faults: 4,
          totalMs: 8_000,
          latencies: [
            { ms: 100, count: 30 },
            { ms: 500, count: 10 },
          ],
        },
      },
    ]);
  });

  it('of a long window is asked for in parts, whose references are their own, and added up', async () => {
    let calls = 0;
    const endpoint = answering({
      'POST /ServiceGraph': () => {
        calls += 1;
        const shift = calls * 10;
        const edges = api.Edges.map((edge) => ({ ...edge, ReferenceId: shift + 2 }));
        return {
          body: {
            Services: [
              { ...database, ReferenceId: shift + 2 },
              { ...api, ReferenceId: shift + 1, Edges: edges },
            ],
          },
        };
      },
    });
    const graph = await cloudOn(endpoint).facts.serviceGraph(traced, { from: startMs - 11 * hour, to: startMs + hour });
    expect(endpoint.asked).toHaveLength(2);
    expect(Math.max(...endpoint.asked.map(({ input }) => Number(input['EndTime'])))).toBe(startMs / 1_000);
    expect(graph.components).toHaveLength(2);
    expect(graph.calls).toMatchObject([
      { statistics: { requests: 80, faults: 8, totalMs: 16_000, latencies: [{ count: 60 }, { count: 20 }] } },
    ]);
  });

  it('says what leads nowhere, and where pages do not end', async () => {
    const endpoint = answering({
      'POST /ServiceGraph': () => ({ body: { Services: [api], NextToken: 'again' } }),
    });
    const graph = await cloudOn(endpoint).facts.serviceGraph(traced, window);
    expect(graph).toMatchObject({ truncated: true, calls: [] });
    expect(graph.dangling).toBeGreaterThan(0);
  });

  it('without a single component is empty, unless traces went elsewhere', async () => {
    const withDestination = (Destination: string) =>
      cloudOn(
        answering({
          'POST /ServiceGraph': () => ({ body: { Services: [] } }),
          'POST /GetTraceSegmentDestination': () => ({ body: { Destination, Status: 'ACTIVE' } }),
        }),
      ).facts.serviceGraph(traced, window);
    expect(await withDestination('XRay')).toMatchObject({ components: [], calls: [], truncated: false });
    expect(String(await failureOf(withDestination('CloudWatchLogs')))).toContain('aws/spans');
  });

  it('survives an answer with holes in it', async () => {
    const endpoint = answering({
      'POST /ServiceGraph': () => ({
        body: { Services: [{}, { ReferenceId: 7, Names: ['x'.repeat(5_000)], Edges: [{}, { ReferenceId: 7 }] }] },
      }),
    });
    const graph = await cloudOn(endpoint).facts.serviceGraph(traced, window);
    expect(graph.components.map(({ name }) => name.length)).toEqual(['unknown'.length, 300]);
    expect(graph).toMatchObject({ dangling: 1, calls: [{ statistics: { requests: 0, totalMs: 0, latencies: [] } }] });
  });

  it('that is no answer is told', async () => {
    const endpoint = answering({ 'POST /ServiceGraph': () => ({ body: {} }) });
    const error = await failureOf(cloudOn(endpoint).facts.serviceGraph(traced, window));
    expect(error).toMatchObject({ kind: 'malformed-answer' });
  });
});

describe('the history', () => {
  const component = { name: 'S3 "x"', type: 'AWS::S3', account: '123456789012' };
  const at = (ago: number) => (startMs - ago * minute) / 1_000;

  it('is asked for by what tells the component or the call from others, and comes in order of time', async () => {
    const endpoint = answering({
      'POST /TimeSeriesServiceStatistics': ({ input }) => ({
        body: {
          TimeSeriesServiceStatistics: String(input['EntitySelectorExpression']).startsWith('edge')
            ? [{ Timestamp: at(2), EdgeSummaryStatistics: summary(5, 1, 2) }]
            : [
                { Timestamp: at(1), ServiceSummaryStatistics: summary(7, 0, 1) },
                { Timestamp: at(2), ServiceSummaryStatistics: summary(5, 1, 2) },
                { Timestamp: at(3) },
              ],
        },
      }),
    });
    const histories = await cloudOn(endpoint).facts.callHistories(
      region,
      [
        { kind: 'component', component },
        { kind: 'call', from: { name: 'nano-api' }, to: component },
      ],
      window,
      60,
    );
    expect(endpoint.asked.map(({ input }) => [input['EntitySelectorExpression'], input['Period']])).toEqual([
      [String.raw`service(id(name: "S3 \"x\"", type: "AWS::S3", account.id: "123456789012"))`, 60],
      [String.raw`edge(id(name: "nano-api"), id(name: "S3 \"x\"", type: "AWS::S3", account.id: "123456789012"))`, 60],
    ]);
    expect(histories.map(({ periods }) => periods.map((period) => [period.at, period.statistics.requests]))).toEqual([
      [
        [startMs - 2 * minute, 5],
        [startMs - minute, 7],
      ],
      [[startMs - 2 * minute, 5]],
    ]);
  });

  it('of a long window is asked for in parts that meet between two periods; what comes twice counts once', async () => {
    const endpoint = answering({
      'POST /TimeSeriesServiceStatistics': ({ input }) => ({
        body: {
          TimeSeriesServiceStatistics: [
            {
              Timestamp: at(600),
              ServiceSummaryStatistics: summary(Number(input['EndTime']) === startMs / 1_000 ? 9 : 4, 0, 1),
            },
          ],
        },
      }),
    });
    const day = { from: startMs - 20 * hour - 17_000, to: startMs };
    const [history] = await cloudOn(endpoint).facts.callHistories(region, [{ kind: 'component', component }], day, 300);
    const spans = endpoint.asked
      .map(({ input }) => [Number(input['StartTime']), Number(input['EndTime'])] as const)
      .toSorted((a, b) => a[0] - b[0]);
    expect(spans.length).toBe(4);
    expect(spans.slice(1).every(([from], index) => from % 300 === 0 && from === spans[index]?.[1])).toBe(true);
    expect(Math.max(...spans.map(([from, to]) => to - from))).toBeLessThanOrEqual(6 * 3_600);
    expect(history?.periods).toMatchObject([{ statistics: { requests: 9 } }]);
  });
});

describe('several windows', () => {
  const windows = [0, 1, 2].map((index) => ({
    from: window.from + index * 10 * minute,
    to: window.from + (index + 1) * 10 * minute,
  }));

  it('are read at once, a call each, and told in their order', async () => {
    const endpoint = answering({
      'POST /ServiceGraph': ({ input }) => ({
        // One of them is empty, as a quiet hour is.
        body: { Services: input['StartTime'] === (windows[1]?.from ?? 0) / 1_000 ? [] : [api, database] },
      }),
    });
    const graphs = await cloudOn(endpoint).facts.serviceGraphs(traced, windows);
    expect(graphs.map(({ components }) => components.length)).toEqual([2, 0, 2]);
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(windows.map(() => 'POST /ServiceGraph'));
  });

  it('that are all empty may be so because traces are elsewhere', async () => {
    const endpoint = answering({
      'POST /ServiceGraph': () => ({ body: { Services: [] } }),
      'POST /GetTraceSegmentDestination': () => ({ body: { Destination: 'CloudWatchLogs', Status: 'ACTIVE' } }),
    });
    const error = await failureOf(cloudOn(endpoint).facts.serviceGraphs(traced, windows));
    expect(error).toMatchObject({ kind: 'not-found' });
  });
});
