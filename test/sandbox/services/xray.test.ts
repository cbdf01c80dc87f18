/** X-Ray as a client sees it: traces that agree with metrics, with exact times and the words of the components. */
import {
  BatchGetTracesCommand,
  GetServiceGraphCommand,
  GetTimeSeriesServiceStatisticsCommand,
  GetTraceSegmentDestinationCommand,
  GetTraceSummariesCommand,
  XRayClient,
  type TraceSummary,
} from '@aws-sdk/client-xray';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { opened, type Opened } from './opened.ts';

const MINUTE_MS = 60_000;

interface Subsegment {
  readonly id: string;
  readonly name: string;
  readonly start_time: number;
  readonly end_time: number;
  readonly namespace: string;
  readonly fault?: boolean;
  readonly sql?: { readonly sanitized_query: string; readonly url: string };
  readonly aws?: { readonly operation: string; readonly bucket_name: string };
  readonly http?: { readonly request: { readonly url: string } };
}

interface Segment extends Subsegment {
  readonly trace_id: string;
  readonly origin: string;
  readonly parent_id?: string;
  readonly subsegments?: readonly Subsegment[];
}

function minutesBefore(sandbox: Opened, from: number, to: number) {
  return {
    StartTime: new Date(sandbox.startMs - from * MINUTE_MS),
    EndTime: new Date(sandbox.startMs - to * MINUTE_MS),
  };
}

async function summaries(
  sandbox: Opened,
  from: number,
  to: number,
  FilterExpression?: string,
): Promise<TraceSummary[]> {
  const client = new XRayClient(sandbox.settings());
  const all: TraceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new GetTraceSummariesCommand({ ...minutesBefore(sandbox, from, to), FilterExpression, NextToken }),
    );
    all.push(...(page.TraceSummaries ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return all;
}

async function segments(sandbox: Opened, ids: readonly string[]): Promise<Segment[]> {
  const { Traces } = await new XRayClient(sandbox.settings()).send(new BatchGetTracesCommand({ TraceIds: [...ids] }));
  return (Traces ?? []).flatMap((trace) => (trace.Segments ?? []).map((segment) => JSON.parse(segment.Document ?? '')));
}

/** The slowest subsegment's name of each slow trace, counted. */
async function bottlenecks(scenario: string): Promise<ReadonlyMap<string, number>> {
  const sandbox = opened(scenario, 3);
  const slow = await summaries(sandbox, 6, 1, 'service("nano-api") { responsetime > 2 }');
  const counts = new Map<string, number>();
  const ids = slow.slice(0, 25).map((trace) => trace.Id ?? '');
  for (let from = 0; from < ids.length; from += 5) {
    for (const segment of await segments(sandbox, ids.slice(from, from + 5))) {
      if (segment.parent_id !== undefined) continue;
      const parts = [...(segment.subsegments ?? [])].map((part) => ({
        name: part.name,
        ms: part.end_time - part.start_time,
      }));
      const own = segment.end_time - segment.start_time - parts.reduce((sum, part) => sum + part.ms, 0);
      const name = [...parts, { name: 'nano-api', ms: own }].reduce((a, b) => (b.ms > a.ms ? b : a)).name;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

function leader(counts: ReadonlyMap<string, number>): string | undefined {
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

test.each([
  ['slow-query', /^nano_prod@nano-db\.cluster-/],
  ['s3-slow', /^S3$/],
  ['cache-cold', /nano-cache/],
  ['downstream-dependency', /^moderation\.example\.com$/],
  ['cpu-saturated', /^nano-api$/],
  ['connection-pool-exhausted', /^nano-api$/],
  ['bad-deploy', /^nano-api$/],
  ['memory-pressure', /^nano-api$/],
])('%s: slow traces spend their time where the trouble is', async (scenario, name) => {
  const counts = await bottlenecks(scenario);
  expect(leader(counts)).toMatch(name);
});

test('a trace’s parts lie within it, one after another, with a gap to the call', async () => {
  const sandbox = opened('slow-query', 2);
  const [first] = await summaries(sandbox, 6, 2, 'service("nano-api") { responsetime > 3 }');
  const found = await segments(sandbox, [first?.Id ?? '']);
  const entry = found.find((segment) => segment.parent_id === undefined);
  expect(entry).toMatchObject({ name: 'nano-api', origin: 'AWS::ECS::Container', trace_id: first?.Id });
  expect(entry?.id).toMatch(/^[0-9a-f]{16}$/);
  const parts = entry?.subsegments ?? [];
  let last = entry?.start_time ?? Infinity;
  for (const part of parts) {
    expect(part.start_time).toBeGreaterThanOrEqual(last);
    expect(part.end_time).toBeGreaterThanOrEqual(part.start_time);
    last = part.end_time;
  }
  expect(last).toBeLessThanOrEqual(entry?.end_time ?? 0);
  expect((entry?.end_time ?? 0) - (entry?.start_time ?? 0)).toBeCloseTo(first?.Duration ?? 0, 2);
  // What X-Ray infers hangs on the call, with its times.
  for (const inferred of found.filter((segment) => segment.parent_id !== undefined)) {
    const call = parts.find((part) => part.id === inferred.parent_id);
    expect(inferred).toMatchObject({ name: call?.name, start_time: call?.start_time, end_time: call?.end_time });
  }
  const slowest = parts.reduce((a, b) => (b.end_time - b.start_time > a.end_time - a.start_time ? b : a));
  expect(slowest.sql?.sanitized_query).toMatch(/FROM nanos WHERE status = \? ORDER BY average_rating DESC/);
  expect(slowest).toMatchObject({ namespace: 'remote' });
  expect(slowest.sql?.url).toContain('nano-db.cluster-');
});

test('S3 and the dependency are told by operation, bucket and address', async () => {
  const sandbox = opened('healthy', 2);
  const all = await summaries(sandbox, 3, 2);
  const ids = all.slice(0, 60).map((trace) => trace.Id ?? '');
  const parts: Subsegment[] = [];
  for (let from = 0; from < ids.length; from += 5) {
    parts.push(...(await segments(sandbox, ids.slice(from, from + 5))).flatMap((segment) => segment.subsegments ?? []));
  }
  const s3 = parts.filter((part) => part.name === 'S3');
  expect(new Set(s3.map((part) => part.aws?.operation))).toEqual(new Set(['GetObject', 'PutObject']));
  expect(s3[0]).toMatchObject({ namespace: 'aws', aws: { bucket_name: 'nano-zips' } });
  expect(parts.find((part) => part.name === 'moderation.example.com')?.http?.request.url).toBe(
    'https://moderation.example.com/v1/check',
  );
});

test.each(['healthy', 'slow-query', 'traffic-surge'])(
  '%s: p99 of the traces is about the metric’s',
  async (scenario) => {
    const sandbox = opened(scenario, 4);
    const traces = (await summaries(sandbox, 8, 2)).map((trace) => trace.ResponseTime ?? 0).toSorted((a, b) => a - b);
    const ofTraces = traces[Math.floor(traces.length * 0.99)] ?? 0;
    const { MetricDataResults } = await new CloudWatchClient(sandbox.settings()).send(
      new GetMetricDataCommand({
        ...minutesBefore(sandbox, 8, 2),
        MetricDataQueries: [
          {
            Id: 'p99',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/ApplicationELB',
                MetricName: 'TargetResponseTime',
                Dimensions: [{ Name: 'LoadBalancer', Value: 'app/nano-alb/50dc6c495c0c9188' }],
              },
              Period: 360,
              Stat: 'p99',
            },
          },
        ],
      }),
    );
    const ofMetric = MetricDataResults?.[0]?.Values?.[0] ?? 0;
    expect(ofTraces / ofMetric).toBeGreaterThan(0.75);
    expect(ofTraces / ofMetric).toBeLessThan(1.35);
  },
);

test('filters narrow down', async () => {
  const sandbox = opened('downstream-dependency', 2);
  const all = await summaries(sandbox, 6, 2);
  const slow = await summaries(sandbox, 6, 2, 'responsetime > 3 AND !partial');
  const faults = await summaries(sandbox, 6, 2, 'service("nano-api") { fault }');
  expect(all.length).toBeGreaterThan(400);
  expect(slow.length).toBeGreaterThan(10);
  expect(slow.every((trace) => (trace.ResponseTime ?? 0) > 3)).toBe(true);
  expect(slow.length).toBe(all.filter((trace) => (trace.ResponseTime ?? 0) > 3).length);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.every((trace) => trace.HasFault)).toBe(true);
  expect(await summaries(sandbox, 6, 2, 'service("somebody-else")')).toEqual([]);
});

test('the window, the batch and the expression have limits', async () => {
  const sandbox = opened();
  const client = new XRayClient(sandbox.settings());
  const refused = { name: 'InvalidRequestException' };
  await expect(summaries(sandbox, 361, 0)).rejects.toMatchObject(refused);
  await expect(summaries(sandbox, 5, 0, 'annotation.colour = "red"')).rejects.toMatchObject(refused);
  const id = '1-00000000-000000000000000000000000';
  await expect(client.send(new BatchGetTracesCommand({ TraceIds: Array(6).fill(id) }))).rejects.toMatchObject(refused);
  await expect(client.send(new BatchGetTracesCommand({ TraceIds: ['nonsense'] }))).rejects.toMatchObject(refused);
  const unknown = await client.send(new BatchGetTracesCommand({ TraceIds: [id] }));
  expect(unknown).toMatchObject({ Traces: [], UnprocessedTraceIds: [id] });
});

test('a trace is found only when it has ended', async () => {
  const sandbox = opened('slow-query', 5);
  const latest = (await summaries(sandbox, 2, -5))[0];
  const ended = (latest?.StartTime?.getTime() ?? 0) + (latest?.Duration ?? 0) * 1000;
  expect(ended).toBeLessThanOrEqual(sandbox.clock.now());
  expect(sandbox.clock.now() - ended).toBeLessThan(20_000);
});

test('the service map holds the service, what it calls, and how they did', async () => {
  const sandbox = opened('s3-slow', 1);
  const client = new XRayClient(sandbox.settings());
  const { Services = [] } = await client.send(new GetServiceGraphCommand(minutesBefore(sandbox, 6, 1)));
  const own = Services.find((service) => service.Name === 'nano-api' && service.Type === 'AWS::ECS::Container');
  const s3 = Services.find((service) => service.Name === 'S3');
  expect(own?.Edges?.map((edge) => edge.ReferenceId)).toContain(s3?.ReferenceId);
  expect(Services.find((service) => service.Type === 'client')?.Edges?.[0]?.ReferenceId).toBe(own?.ReferenceId);
  const mean = (s3?.SummaryStatistics?.TotalResponseTime ?? 0) / (s3?.SummaryStatistics?.TotalCount ?? 1);
  expect(mean).toBeGreaterThan(0.8);
  const series = await client.send(
    new GetTimeSeriesServiceStatisticsCommand({
      ...minutesBefore(sandbox, 6, 1),
      EntitySelectorExpression: 'service("S3")',
    }),
  );
  expect(series.TimeSeriesServiceStatistics?.length).toBeGreaterThanOrEqual(5);
  expect(await client.send(new GetTraceSegmentDestinationCommand({}))).toMatchObject({ Destination: 'XRay' });
});

/** Every call of the window: names and seconds, off the traces’ own documents. */
async function callsIn(
  sandbox: Opened,
  from: number,
  to: number,
): Promise<Map<string, { count: number; seconds: number }>> {
  const ids = (await summaries(sandbox, from, to)).map((trace) => trace.Id ?? '');
  const calls = new Map<string, { count: number; seconds: number }>();
  for (let at = 0; at < ids.length; at += 5) {
    for (const segment of await segments(sandbox, ids.slice(at, at + 5))) {
      if (segment.parent_id !== undefined) continue;
      for (const part of [segment, ...(segment.subsegments ?? [])]) {
        const known = calls.get(part.name) ?? { count: 0, seconds: 0 };
        calls.set(part.name, { count: known.count + 1, seconds: known.seconds + part.end_time - part.start_time });
      }
    }
  }
  return calls;
}

test.each(['downstream-dependency', 'logging-neglected', 'logging-half-done'])(
  '%s: the service map, its history and the traces tell the same',
  async (scenario) => {
    const sandbox = opened(scenario, 1);
    const client = new XRayClient(sandbox.settings());
    const span = minutesBefore(sandbox, 3, 1);
    const { Services = [] } = await client.send(new GetServiceGraphCommand(span));
    // The map goes by when a trace ended, and the search by when it began: at the edges they differ by a few.
    const traced = await callsIn(sandbox, 3, 1);
    const nodes = Services.filter(({ Type }) => Type !== 'client');
    expect(new Set(nodes.map(({ Name }) => Name))).toEqual(new Set(traced.keys()));
    for (const { Name = '', Type, SummaryStatistics, ResponseTimeHistogram = [] } of nodes) {
      const { count, seconds } = traced.get(Name) ?? { count: 0, seconds: 0 };
      const total = SummaryStatistics?.TotalCount ?? 0;
      expect(Math.abs(total - count) / count).toBeLessThan(0.15);
      const mean = (SummaryStatistics?.TotalResponseTime ?? 0) / total;
      expect(mean / (seconds / count)).toBeGreaterThan(0.6);
      expect(mean / (seconds / count)).toBeLessThan(1.6);
      expect(ResponseTimeHistogram.reduce((sum, { Count = 0 }) => sum + Count, 0)).toBe(total);
      const history = async (EntitySelectorExpression: string) => {
        const { TimeSeriesServiceStatistics = [] } = await client.send(
          new GetTimeSeriesServiceStatisticsCommand({ ...span, EntitySelectorExpression }),
        );
        return TimeSeriesServiceStatistics.reduce(
          (sum, each) => sum + ((each.ServiceSummaryStatistics ?? each.EdgeSummaryStatistics)?.TotalCount ?? 0),
          0,
        );
      };
      const id = `id(name: "${Name}", type: "${Type}")`;
      const root = nodes.find(({ Root }) => Root === true)?.Name;
      const caller = Name === root ? `id(name: "${root}", type: "client")` : `"${root}"`;
      expect(await history(`service(${id})`)).toBe(total);
      expect(await history(`edge(${caller}, ${id})`)).toBe(total);
    }
  },
);

test.each([
  ['downstream-dependency', 'moderation.example.com'],
  ['s3-slow', 'S3'],
])('%s: the map shows %s slower and failing where it is', async (scenario, name) => {
  const edgeTo = async (sandbox: Opened) => {
    const client = new XRayClient(sandbox.settings());
    const { Services = [] } = await client.send(new GetServiceGraphCommand(minutesBefore(sandbox, 6, 1)));
    const reference = Services.find((service) => service.Name === name)?.ReferenceId;
    const edges = Services.flatMap(({ Edges = [] }) => Edges);
    const found = edges.find(({ ReferenceId }) => ReferenceId === reference)?.SummaryStatistics;
    return (found?.TotalResponseTime ?? 0) / (found?.TotalCount ?? 1);
  };
  expect((await edgeTo(opened(scenario))) / (await edgeTo(opened('healthy')))).toBeGreaterThan(3);
});

test('a selector that is not understood is refused', async () => {
  const sandbox = opened();
  const asked = new GetTimeSeriesServiceStatisticsCommand({
    ...minutesBefore(sandbox, 2, 1),
    EntitySelectorExpression: 'service("a") AND fault',
  });
  await expect(new XRayClient(sandbox.settings()).send(asked)).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test('where telemetry is gone there are no traces', async () => {
  expect(await summaries(opened('metrics-missing'), 15, 0)).toEqual([]);
});
