/**
 * A stack with an incident, as a picture to be diagnosed: p99 rose 20 minutes ago, and everything else is as it always
 * was, until a test says what is not.
 */
import type {
  ApiTraffic,
  BucketLoad,
  CacheLoad,
  DatabaseLoad,
  LogSearch,
  ServiceUtilisation,
  TraceSample,
  TraceSpan,
  ZoneTraffic,
} from '../../../src/cloud/facts.ts';
import type { Series } from '../../../src/cloud/series.ts';
import type { Located } from '../../../src/diagnosis/call-graph.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import type { LatencyPicture } from '../../../src/diagnosis/latency/picture.ts';
import { latencySymptom } from '../../../src/diagnosis/symptom.ts';
import { minutesAgo, seriesOf, wave, windowOf } from '../series.ts';

const lookback = 120;
const incident = 20;
const region = 'us-west-2';

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const denied = (reason: string): Known<never> => ({ known: false, because: 'unknown', reason });
export const notConfigured: Known<never> = { known: false, because: 'skipped', reason: 'not configured' };

/** A value that was `before`, and is `during` since the incident began. */
export function moved(before: number, during: number, unit: Series['unit'] = 'count', label = 'test'): Series {
  return seriesOf([...wave(lookback - incident, before), ...wave(incident, during)], unit, label);
}

export function steady(value: number, unit: Series['unit'] = 'count', label = 'test'): Series {
  return moved(value, value, unit, label);
}

export const silent = (unit: Series['unit'] = 'count'): Series => seriesOf([], unit);

export function traffic(more: Partial<ApiTraffic> = {}): ApiTraffic {
  return {
    latencyP50: moved(0.1, 1, 's'),
    latencyP95: moved(0.3, 3, 's'),
    latencyP99: moved(0.4, 4, 's'),
    requests: steady(600),
    targetServerErrors: silent(),
    balancerServerErrors: silent(),
    targetClientErrors: steady(6),
    targetConnectionErrors: silent(),
    healthyHosts: steady(3),
    unhealthyHosts: steady(0),
    ...more,
  };
}

export function zone(name: string, latencyP99 = moved(0.4, 4, 's'), targetConnectionErrors = silent()): ZoneTraffic {
  return { zone: name, latencyP99, requests: steady(200), targetConnectionErrors };
}

export function utilisation(more: Partial<ServiceUtilisation> = {}): ServiceUtilisation {
  return {
    cpuAverage: steady(44, '%'),
    cpuMaximum: steady(60, '%'),
    memoryAverage: steady(55, '%'),
    memoryMaximum: steady(60, '%'),
    networkReceived: silent('bytes'),
    networkTransmitted: silent('bytes'),
    ...more,
  };
}

export function databaseLoad(more: Partial<DatabaseLoad> = {}): DatabaseLoad {
  return {
    cpu: steady(30, '%'),
    connections: steady(40),
    selectLatency: steady(8, 'ms'),
    dmlLatency: steady(5, 'ms'),
    commitLatency: steady(3, 'ms'),
    freeableMemory: steady(4e9, 'bytes'),
    queries: steady(900),
    deadlocks: steady(0),
    replicaLag: steady(20, 'ms'),
    ...more,
  };
}

export function cacheLoad(hits: Series, misses: Series): CacheLoad {
  return { hits, misses, engineCpu: steady(5, '%'), evictions: steady(0), connections: steady(30), nodes: ['c-001'] };
}

export function bucketLoad(firstByteLatencyP99: Series): BucketLoad {
  return {
    requests: steady(100),
    uploads: steady(10),
    clientErrors: steady(0),
    serverErrors: steady(0),
    firstByteLatencyP99,
    totalLatencyP99: steady(200, 'ms'),
  };
}

/** Log lines, each said so many times, a second apart, from this many minutes ago on. */
export function logs(...said: readonly (readonly [minutes: number, count: number, message: string])[]): LogSearch {
  const lines = said.flatMap(([minutes, count, message]) =>
    Array.from({ length: count }, (_, index) => ({ at: minutesAgo(minutes) + index * 1_000, stream: 'task', message })),
  );
  return {
    lines: lines.toSorted((a, b) => a.at - b.at),
    truncated: false,
    source: { operation: 'logs:FilterLogEvents', region, detail: '/aws/ecs/nano-api' },
  };
}

export function slowLogEntry(sql: string, seconds: number): string {
  return `# Query_time: ${seconds}  Lock_time: 0.0001 Rows_sent: 20  Rows_examined: 420000\nSET timestamp=1795435081;\n${sql};`;
}

/** Milliseconds that a request spends in each part; the rest of it is the service's own. */
export interface Spent {
  readonly own: number;
  readonly database?: number;
  readonly cache?: number;
  readonly storage?: number;
  readonly dependency?: number;
}

export function traces(...requests: readonly Spent[]): TraceSample {
  return {
    traces: requests.map((spent, index) => traceOf(`1-${index}`, spent)),
    matched: requests.length,
    truncated: false,
    source: { operation: 'xray:BatchGetTraces', region, detail: 'service("nano-api")' },
  };
}

const callees = {
  database: { name: 'nano_prod@nano-db.cluster-x.us-west-2.rds.amazonaws.com', namespace: 'remote', sql: 'SELECT 1' },
  cache: { name: 'master.nano-cache.x.usw2.cache.amazonaws.com', namespace: 'remote' },
  storage: { name: 'S3', namespace: 'aws', awsOperation: 'GetObject' },
  dependency: { name: 'moderation.example', namespace: 'remote' },
} as const;

function traceOf(id: string, { own, ...spent }: Spent) {
  const flags = { inProgress: false, fault: false, error: false, throttle: false };
  let at = 0;
  const calls: TraceSpan[] = [];
  for (const part of ['database', 'cache', 'storage', 'dependency'] as const) {
    const ms = spent[part] ?? 0;
    calls.push({ ...flags, ...callees[part], id: part, parentId: 'root', start: at, end: at + ms, segment: false });
    at += ms;
  }
  const root: TraceSpan = { ...flags, id: 'root', name: 'nano-api', start: 0, end: at + own, segment: true };
  return { id, start: 0, durationMs: at + own, spans: [root, ...calls] };
}

/** Calls take as long as they always did. */
const nothingLocated: Located = {
  status: 'nothing-found',
  summary: 'about as usual',
  source: { operation: 'xray:GetServiceGraph', region, detail: 'all that was traced' },
};

/** What every request spends where nothing is wrong. */
export const usual: Spent = { own: 60, database: 40, cache: 5, storage: 30, dependency: 40 };

export function picture(more: Partial<LatencyPicture> = {}): LatencyPicture {
  const latencyP99 = moved(0.4, 4, 's');
  const symptom = latencySymptom({
    p99: latencyP99,
    requests: steady(600),
    window: windowOf(lookback),
    targetSeconds: 2,
  });
  const source = { operation: 'ecs:DescribeServices', region, detail: 'nano/nano-api' };
  return {
    symptom,
    region,
    names: {
      service: 'nano-api',
      tracedService: 'nano-api',
      database: 'nano-db',
      cache: 'nano-cache',
      bucket: 'nano-zips',
    },
    traffic: known(traffic()),
    zones: known([zone('usw2-az1'), zone('usw2-az2'), zone('usw2-az3')]),
    utilisation: known(utilisation()),
    service: known({
      status: 'ACTIVE',
      desired: 3,
      running: 3,
      pending: 0,
      taskDefinition: 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41',
      deployments: [],
      events: [],
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      source,
    }),
    deployments: known([]),
    stoppedTasks: known([]),
    database: known({
      status: 'available',
      engine: 'aurora-mysql',
      engineVersion: '8.0',
      multiAz: true,
      instances: [],
      logExports: ['slowquery'],
      securityGroups: ['sg-2'],
      source: { ...source, operation: 'rds:DescribeDBClusters' },
    }),
    databaseLoad: known(databaseLoad()),
    cacheLoad: known(cacheLoad(steady(900), steady(100))),
    bucketLoad: known(bucketLoad(steady(40, 'ms'))),
    errorLines: known(logs()),
    slowQueries: known(logs()),
    slowTraces: known(traces(usual, usual, usual)),
    normalTraces: known(traces(usual, usual, usual)),
    callGraph: known(nothingLocated),
    ...more,
  };
}

/** Slow requests that spend what is said, and otherwise the usual. */
export function slowIn(spent: Partial<Spent>): Known<TraceSample> {
  const request = { ...usual, ...spent };
  return known(traces(request, request, request));
}
