/**
 * Reads metrics from CloudWatch. What is asked for in the same turn, for the same region and span, travels in one
 * GetMetricData; who asks never knows. Knows nothing of what the metrics mean.
 */
import type { MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { CloudError } from '../cloud/errors.ts';
import type { Series, Window } from '../cloud/series.ts';
import type { Clients } from './clients.ts';
import type { AwsOptions } from './options.ts';
import { noPoints, packedPoints, type PackedPoints } from './packed-points.ts';
import { limited } from './limited.ts';
import { metricSpan, type MetricSpan } from './periods.ts';
import type { Wiring } from './wiring.ts';

export interface MetricQuery {
  readonly region: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Maximum`, `Minimum`, `Sum`, or a percentile like `p99`. */
  readonly statistic: string;
  /** The unit of the values as AWS publishes them. */
  readonly unit: Series['unit'];
  readonly window: Window;
}

export interface MetricReader {
  /** Points in order of time. Rejects with a `CloudError` of its own where only this metric could not be read. */
  read(query: MetricQuery): Promise<Series>;
  /**
   * Looks something up without which metrics of that region cannot be named. Where fewest calls are wanted, what is asked
   * for meanwhile waits for it, within limits, to travel in the same call.
   */
  after<T>(region: string, lookUp: () => Promise<T>): Promise<T>;
  /** Resolves when nobody has asked for a while, and all that was asked for is there. */
  settled(): Promise<void>;
}

/** GetMetricData's limit (CloudWatch API Reference). */
const queriesPerCall = 500;
const mostPages = 200;
/** What a look-up that does not answer may hold up: another call is then the lesser evil. */
const patienceMs = 2_000;
/** How long a call that is not full waits for somebody who asks for more. */
const lingerMs = 200;
/** Full calls under way: the answer to one takes tens of megabytes until its points are packed. */
const fullAtATime = 2;

const operation = 'GetMetricData';

interface Pending {
  readonly query: MetricQuery;
  resolve(points: PackedPoints): void;
  reject(error: unknown): void;
}

/** Everything of one region and span; identical queries wait on one entry. */
interface Batch {
  readonly region: string;
  readonly span: MetricSpan;
  readonly queries: Map<string, Pending[]>;
}

function identityOf({ namespace, metric, dimensions, statistic }: MetricQuery): string {
  const inOrder = Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metric, inOrder, statistic]);
}

function describe({ namespace, metric, dimensions, statistic }: MetricQuery): string {
  return [namespace, metric, statistic, ...Object.values(dimensions)].join(' ');
}

function toWire(id: string, query: MetricQuery, periodMs: number): MetricDataQuery {
  return {
    Id: id,
    ReturnData: true,
    MetricStat: {
      Metric: {
        Namespace: query.namespace,
        MetricName: query.metric,
        Dimensions: Object.entries(query.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodMs / 1_000,
      Stat: query.statistic,
    },
  };
}

/** What came for one query, over all pages. */
interface Gathered {
  readonly times: number[];
  readonly values: number[];
  status: string | undefined;
  message: string;
}

function gather(into: Gathered, result: MetricDataResult): void {
  const values = result.Values ?? [];
  (result.Timestamps ?? []).forEach((timestamp, index) => {
    const value = values[index];
    if (value === undefined || !Number.isFinite(value)) return;
    into.times.push(timestamp.getTime());
    into.values.push(value);
  });
  into.status = result.StatusCode;
  into.message = (result.Messages ?? []).map(({ Code, Value }) => `${Code}: ${Value}`).join('; ');
}

export function createMetricReader(
  wiring: Wiring,
  clients: Clients,
  { fewestCalls = false, fillsCalls = false }: Pick<AwsOptions, 'fewestCalls' | 'fillsCalls'> = {},
): MetricReader {
  const batches = new Map<string, Batch>();
  /** True while this turn's callers are still being heard. */
  let isDue = false;
  /** Regions whose metrics wait for look-ups. */
  const held = new Set<string>();
  /** Calls under way. */
  let sending = 0;
  /** How often somebody has asked. */
  let heard = 0;
  let isLingering = false;
  /** Look-ups under way, by region. */
  const lookUps = new Map<string, Set<Promise<unknown>>>();

  /** Why a query has no usable result, where CloudWatch says so for it alone. */
  const verdict = (region: string, query: MetricQuery, found: Gathered | undefined): CloudError | undefined => {
    const call = { service: 'cloudwatch', operation, region, resource: describe(query) };
    if (found === undefined) return wiring.failure('malformed-answer', call, 'the answer leaves this metric out');
    if (found.status === 'Forbidden') return wiring.failure('permission', call, found.message);
    if (found.status === 'InternalError') return wiring.failure('service-fault', call, found.message);
    if (found.status === 'PartialData') return wiring.failure('service-fault', call, 'only a part of the data came');
    return undefined;
  };

  const fetch = async (batch: Batch, queries: readonly MetricDataQuery[]): Promise<ReadonlyMap<string, Gathered>> => {
    const api = await clients.cloudWatch(batch.region);
    const gathered = new Map<string, Gathered>();
    let token: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await api.getMetricData({
        MetricDataQueries: [...queries],
        StartTime: new Date(batch.span.from),
        EndTime: new Date(batch.span.to),
        ScanBy: 'TimestampAscending',
        NextToken: token,
      });
      for (const result of answer.MetricDataResults ?? []) {
        if (result.Id === undefined) continue;
        const known = gathered.get(result.Id) ?? { times: [], values: [], status: undefined, message: '' };
        gathered.set(result.Id, known);
        gather(known, result);
      }
      if (answer.NextToken === undefined || answer.NextToken === '') return gathered;
      token = answer.NextToken;
    }
    const call = { service: 'cloudwatch', operation, region: batch.region };
    throw wiring.failure('malformed-answer', call, `the answer has more than ${mostPages} pages`);
  };

  /** One GetMetricData: what fails in it fails those who wait in it, and nobody else. */
  const send = async (batch: Batch, waiting: readonly (readonly Pending[])[]): Promise<void> => {
    const asked = waiting.flatMap((waiters, index) => {
      const query = waiters[0]?.query;
      return query === undefined ? [] : [{ id: `m${index}`, query, waiters }];
    });
    try {
      const found = await fetch(
        batch,
        asked.map(({ id, query }) => toWire(id, query, batch.span.periodMs)),
      );
      let points = noPoints;
      for (const { id, query, waiters } of asked) {
        const result = found.get(id);
        const error = verdict(batch.region, query, result);
        // Metrics of one span mostly have points at the same times, which are kept once.
        points = packedPoints(result?.times ?? [], result?.values ?? [], points);
        for (const waiter of waiters) {
          if (error === undefined) waiter.resolve(points);
          else waiter.reject(error);
        }
      }
    } catch (error) {
      for (const { waiters } of asked) for (const waiter of waiters) waiter.reject(error);
    }
  };

  const isBusy = (): boolean => sending > 0 || batches.size > 0 || [...lookUps.values()].some(({ size }) => size > 0);

  const turn = (): Promise<void> => wiring.clock.busy(() => new Promise((resolve) => setImmediate(resolve)));

  /** Until no look-up of the region is under way any more, and whoever made them has asked for what they told. */
  const lookedUp = async (region: string): Promise<void> => {
    const patience = new AbortController();
    const late = wiring.clock.sleep(patienceMs, patience.signal).then(
      () => true,
      () => true,
    );
    try {
      for (let under = lookUps.get(region); under !== undefined && under.size > 0; under = lookUps.get(region)) {
        if (await Promise.race([Promise.allSettled(under).then(() => false), late])) return;
        await turn();
      }
    } finally {
      patience.abort(new Error('the look-ups have ended'));
    }
  };

  /** Never rejects: each caller learns of its own failure. */
  const sendAll = async (region: string, isQuiet = false): Promise<void> => {
    if ((lookUps.get(region)?.size ?? 0) > 0) {
      if (held.has(region)) return; // Whoever waits already takes these along.
      held.add(region);
      await lookedUp(region);
      held.delete(region);
    }
    const sends: Promise<void>[] = [];
    for (const [key, batch] of batches) {
      if (batch.region !== region) continue;
      const waiting = [...batch.queries];
      const isKept = fillsCalls && !isQuiet;
      const count = isKept ? waiting.length - (waiting.length % queriesPerCall) : waiting.length;
      for (let start = 0; start < count; start += queriesPerCall) {
        const asked = waiting.slice(start, Math.min(count, start + queriesPerCall));
        for (const [identity] of asked) batch.queries.delete(identity);
        sends.push(
          sendCounted(
            batch,
            asked.map(([, waiters]) => waiters),
          ),
        );
      }
      if (batch.queries.size === 0) batches.delete(key);
    }
    await Promise.all(sends);
  };

  const inTurn = limited(fillsCalls ? fullAtATime : Infinity);
  const sendCounted = async (batch: Batch, waiting: readonly (readonly Pending[])[]): Promise<void> => {
    sending += 1;
    await inTurn(() => send(batch, waiting));
    sending -= 1;
  };

  /** What was kept for a fuller call is sent once nobody asks for more, and no answer is under way that might lead to it. */
  const linger = async (): Promise<void> => {
    if (isLingering) return;
    isLingering = true;
    while (batches.size > 0) {
      const before = heard;
      await wiring.clock.sleep(lingerMs);
      if (heard > before || sending > 0) continue;
      const regions = new Set([...batches.values()].map(({ region }) => region));
      await Promise.all([...regions].map((region) => sendAll(region, true)));
    }
    isLingering = false;
  };

  /** Waits until this turn's callers have all asked, then sends. */
  const flush = async (): Promise<void> => {
    await turn();
    isDue = false;
    const regions = new Set([...batches.values()].map(({ region }) => region));
    await Promise.all([...regions].map((region) => sendAll(region)));
    if (fillsCalls) await linger();
  };

  const schedule = (): void => {
    if (isDue) return;
    isDue = true;
    void flush();
  };

  const enqueue = (query: MetricQuery, span: MetricSpan): Promise<PackedPoints> =>
    new Promise((resolve, reject) => {
      heard += 1;
      schedule();
      const key = `${query.region} ${span.from} ${span.to} ${span.periodMs}`;
      const batch = batches.get(key) ?? { region: query.region, span, queries: new Map<string, Pending[]>() };
      batches.set(key, batch);
      const identity = identityOf(query);
      const waiters = batch.queries.get(identity) ?? [];
      batch.queries.set(identity, waiters);
      waiters.push({ query, resolve, reject });
    });

  return {
    async settled() {
      let before: number;
      do {
        before = heard;
        await wiring.clock.sleep(lingerMs, wiring.signal);
      } while (heard > before || isBusy());
    },
    async after(region, lookUp) {
      if (!fewestCalls) return lookUp();
      const under = lookUps.get(region) ?? new Set();
      lookUps.set(region, under);
      const asked = lookUp();
      under.add(asked);
      try {
        return await asked;
      } finally {
        under.delete(asked);
      }
    },
    async read(query) {
      const span = metricSpan(query.window, wiring.clock.now());
      const points = span.from < span.to ? await enqueue(query, span) : noPoints;
      return {
        label: `${query.metric} ${query.statistic}`,
        unit: query.unit,
        periodMs: span.periodMs,
        get points() {
          return points.all();
        },
        source: { operation: `cloudwatch:${operation}`, region: query.region, detail: describe(query) },
      };
    },
  };
}
