/** What checks look at. Each is read once, however many checks judge it. */
import { settled } from '../engine/step.ts';
import { dayMs, hourMs, minuteMs, observe, part, unlessConfigured, windowOf, type CheckSettings } from './kit.ts';
import type { Window } from '../cloud/series.ts';

const metrics = ['cloudwatch:GetMetricData'];

/** The span in which what is going on now is judged. */
const recentMs = 5 * minuteMs;

export function recent(settings: Pick<CheckSettings, 'until'>): Window {
  return windowOf(settings, recentMs);
}

const apiOutcomes = observe('api-outcomes', {
  title: 'How requests ended, last hour',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiOutcomes(part(settings.site.api), windowOf(settings, hourMs)),
  detail: ({ requests }) => `${requests.points.length} minutes`,
});

const apiLatency = observe('api-latency', {
  title: 'Latency of the API, last hour',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiLatency(part(settings.site.api), windowOf(settings, hourMs)),
  detail: ({ p99 }) => `${p99.points.length} minutes`,
});

const databaseLoad = observe('database-load', {
  title: 'Load of the database, last hour',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) =>
    ports.facts.databaseLoad(part(settings.site.database), windowOf(settings, hourMs)),
  detail: ({ cpu }) => `${cpu.points.length} minutes`,
});

const databaseStorage = observe('database-storage', {
  title: 'Storage of the database, last hour',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) =>
    ports.facts.databaseStorage(part(settings.site.database), windowOf(settings, hourMs)),
  detail: ({ usedBytes }) => `${usedBytes.points.length} minutes`,
});

const connectionLimit = observe('connection-limit', {
  title: 'How many connections the database takes',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBParameters',
    'rds:DescribeDBClusterParameters',
  ],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: async (_needs, { ports, settings }) => (await ports.facts.connectionLimit(part(settings.site.database))) ?? null,
  detail: (limit) => (limit === null ? 'cannot be told' : `${limit} connections`),
});

/** The lag of a copy in another region, which is published there alone; either half may be the copy. */
const lagOf = (half: 'site' | 'standby') =>
  observe(`replication-lag-${half}`, {
    title: `Lag of the copy, last hour (${half === 'site' ? 'this region' : 'the other region'})`,
    calls: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
    skip: (_needs, settings) =>
      unlessConfigured(settings[half]?.database, half === 'site' ? 'database' : 'database.recoveryCluster'),
    run: (_needs, { ports, settings }) =>
      ports.facts.replicationLag(part(settings[half]?.database), windowOf(settings, hourMs)),
    detail: ({ lag, metric }) => `${metric}: ${lag.points.length} minutes`,
  });

const lagHere = lagOf('site');
const lagThere = lagOf('standby');

/** Statements that traced requests made. */
const statements = observe('statements', {
  title: 'Statements in traces, last 5 min',
  calls: ['xray:GetTraceSegmentDestination', 'xray:GetTraceSummaries', 'xray:BatchGetTraces'],
  skip: (_needs, { site }) => unlessConfigured(site.tracing, 'tracing.service'),
  run: (_needs, { ports, settings }) =>
    ports.facts.traces(part(settings.site.tracing), recent(settings), {}, mostTraces),
  detail: ({ traces, matched }) => `${traces.length} of ${matched} traces`,
});

/** Enough for a 95th percentile of the statements in them; five travel in one call. */
const mostTraces = 50;

const serviceUtilisation = observe('service-utilisation', {
  title: 'CPU and memory of the tasks, last hour',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) =>
    ports.facts.serviceUtilisation(part(settings.site.compute), windowOf(settings, hourMs)),
  detail: ({ cpuAverage }) => `${cpuAverage.points.length} minutes`,
});

const bucketLoad = observe('bucket-load', {
  title: 'Requests to the bucket, last hour',
  calls: ['s3:ListBucketMetricsConfigurations', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.storage, 'storage'),
  run: async (_needs, { ports, settings }) =>
    (await ports.facts.bucketLoad(part(settings.site.storage), windowOf(settings, hourMs))) ?? null,
  detail: (load) => (load === null ? 'no metrics configuration' : `${load.requests.points.length} minutes`),
});

const cacheLoad = observe('cache-load', {
  title: 'Load of the cache, last hour',
  calls: ['elasticache:DescribeReplicationGroups', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.cache, 'cache'),
  run: (_needs, { ports, settings }) => ports.facts.cacheLoad(part(settings.site.cache), windowOf(settings, hourMs)),
  detail: ({ nodes }) => `${nodes.length} nodes`,
});

/** The product's own numbers, by the hour: some are written once a day. */
const business = observe('business', {
  title: 'The product\u2019s own numbers, last two weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.business, 'business.namespace'),
  run: (_needs, { ports, settings }) =>
    ports.facts.businessMetrics(part(settings.site.business), {
      ...windowOf(settings, 14 * dayMs),
      periodMs: hourMs,
    }),
  detail: ({ dailyActiveUsers }) => `${dailyActiveUsers.points.length} hours`,
});

export const seen = {
  apiOutcomes: settled(apiOutcomes),
  apiLatency: settled(apiLatency),
  databaseLoad: settled(databaseLoad),
  databaseStorage: settled(databaseStorage),
  connectionLimit: settled(connectionLimit),
  lagHere: settled(lagHere),
  lagThere: settled(lagThere),
  statements: settled(statements),
  serviceUtilisation: settled(serviceUtilisation),
  bucketLoad: settled(bucketLoad),
  cacheLoad: settled(cacheLoad),
  business: settled(business),
} as const;
