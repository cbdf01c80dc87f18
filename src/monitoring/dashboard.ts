/**
 * The metrics of the stack as one dashboard of CloudWatch: what `status` judges, each with its target and its alert threshold
 * drawn in, the region that stands by below. What no metric holds is said in its place. Pure.
 * Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax".
 */
import type { Limit } from '../checks/limits.ts';
import {
  apiLatencyMetrics,
  apiOutcomeMetrics,
  bucketLoadMetrics,
  businessMetricsOf,
  cacheNodeMetrics,
  databaseLoadMetrics,
  databaseStorageMetrics,
  globalLagMetric,
  globalLagNames,
  replicaLagMetric,
  serviceUtilisationMetrics,
  type Metric,
} from '../cloud/metrics.ts';
import { dashboardMark, type Json, type MonitoringResource } from '../cloud/monitoring.ts';
import { amount } from '../cloud/quantity.ts';
import type { ThresholdCheckId } from '../config/thresholds.ts';
import { exact, sumOf, type MonitoringSettings, type WatchedSite } from './kit.ts';
import { placed, type Block } from './layout.ts';
import { failedShare, refusedShare, servedShare, type Ratio } from './ratios.ts';

export function dashboardName({ prefix }: Pick<MonitoringSettings, 'prefix'>): string {
  return prefix;
}

/** `region`: which is asked; a dashboard is of none. */
export function dashboardOf(
  sites: readonly WatchedSite[],
  settings: MonitoringSettings,
  region: string,
): MonitoringResource {
  const { service, environment } = settings.stack;
  const regions = sites.map(({ half, role }) => `${half.region} ${role === 'primary' ? 'serves' : 'stands by'}`);
  const head: Block = {
    kind: 'text',
    height: 3,
    markdown: [
      `# ${service} (${environment})`,
      `${regions.join(', ')}. Green lines are targets, red ones alert thresholds. Judged now: \`nanoops status\``,
      dashboardMark(settings.tags),
    ].join('\n\n'),
  };
  const blocks = [head, ...sites.flatMap((site) => sectionsOf(site, settings))];
  return {
    kind: 'dashboard',
    region,
    name: dashboardName(settings),
    spec: { body: { periodOverride: 'inherit', widgets: placed(blocks) } },
  };
}

/** A graph: what it draws, and against what. */
interface Graph {
  readonly title: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Drawn in the place of the metrics. */
  readonly expression?: string;
  readonly periodSeconds?: number;
  readonly threshold?: ThresholdCheckId;
  /** From the threshold's unit to that of the graph. */
  readonly scale?: number;
  readonly unit: string;
  /** Of the axis; it begins at 0 unless said. */
  readonly least?: number;
  readonly most?: number;
}

const usualPeriodSeconds = 60;
const daySeconds = 86_400;
const hourSeconds = 3_600;
const green = '#2ca02c';
const red = '#d62728';

function sectionsOf(site: WatchedSite, settings: MonitoringSettings): readonly Block[] {
  const { half } = site;
  const where = site.role === 'primary' ? half.region : `${half.region}, which stands by`;
  const sections: readonly (readonly [string, readonly Graph[], string])[] = [
    ['Application', applicationGraphs(site), ''],
    ['Database', databaseGraphs(site, settings), databaseRemark(site)],
    ['Infrastructure', infrastructureGraphs(site), infrastructureRemark(site)],
    ['Business', businessGraphs(site), ''],
  ];
  return sections.flatMap(([title, graphs, remark]): readonly Block[] =>
    graphs.length === 0
      ? []
      : [
          {
            kind: 'text',
            height: remark === '' ? 1 : 2,
            markdown: `## ${title}: ${where}${remark === '' ? '' : `\n${remark}`}`,
          },
          { kind: 'row', height: 6, widgets: graphs.map((graph) => widgetOf(graph, site, settings)) },
        ],
  );
}

function ratioGraph(title: string, ratio: Ratio, threshold: ThresholdCheckId, more: Partial<Graph> = {}): Graph {
  return { title, ...ratio, threshold, unit: '%', ...more };
}

function applicationGraphs({ half }: WatchedSite): readonly Graph[] {
  const { api } = half;
  if (api === undefined) return [];
  const { p95, p99 } = apiLatencyMetrics(api);
  return [
    ratioGraph('Availability', servedShare(api), 'api-availability', { least: 95, most: 100 }),
    { title: 'Latency p95', metrics: { p95 }, threshold: 'api-latency-p95', scale: 0.001, unit: 's' },
    { title: 'Latency p99', metrics: { p99 }, threshold: 'api-latency-p99', scale: 0.001, unit: 's' },
    ratioGraph('Error rate (5xx)', failedShare(api), 'api-server-errors'),
    ratioGraph('Error rate (4xx)', refusedShare(api), 'api-client-errors'),
    { title: 'Requests a minute', metrics: { requests: apiOutcomeMetrics(api).requests }, unit: 'requests' },
  ];
}

function databaseGraphs(
  { half, role, lagMetric, connectionLimit }: WatchedSite,
  { stack }: MonitoringSettings,
): readonly Graph[] {
  const { database } = half;
  if (database === undefined) return [];
  const { cpu, connections, selectLatency, dmlLatency, replicaLag } = databaseLoadMetrics(database);
  const { usedBytes, leftBytes } = databaseStorageMetrics(database);
  const isCopied = stack.recovery?.database !== undefined;
  const usual =
    stack.globalCluster === undefined ? replicaLagMetric(database) : globalLagMetric(database, globalLagNames[0]);
  const lag = isCopied ? (lagMetric ?? usual) : replicaLag;
  const lagGraph: Graph = {
    title: isCopied ? 'Lag of the copy' : 'Lag of the readers',
    metrics: { lag },
    threshold: 'database-replication-lag',
    ...(lag.unit === 's' ? { scale: 0.001, unit: 's' } : { unit: 'ms' }),
  };
  // The lag of a copy is published where the copy is.
  if (role === 'recovery')
    return [lagGraph, { title: 'CPU of the writer', metrics: { cpu }, threshold: 'database-cpu', unit: '%' }];
  return [
    { title: 'CPU of the writer', metrics: { cpu }, threshold: 'database-cpu', unit: '%' },
    {
      title: 'Storage used',
      metrics: { usedBytes, leftBytes },
      expression: 'usedBytes * 100 / (usedBytes + leftBytes)',
      periodSeconds: 300,
      threshold: 'database-storage',
      unit: '%',
    },
    {
      title: 'Connections',
      metrics: { connections },
      unit: 'connections',
      ...(connectionLimit === undefined ? {} : { threshold: 'database-connections', scale: connectionLimit / 100 }),
    },
    {
      title: 'Statements, on average',
      metrics: { selectLatency, dmlLatency },
      threshold: 'database-query-latency',
      unit: 'ms',
    },
    ...(isCopied ? [] : [lagGraph]),
  ];
}

function databaseRemark({ role, half, connectionLimit }: WatchedSite): string {
  if (role === 'recovery' || half.database === undefined) return '';
  const connections =
    connectionLimit === undefined
      ? ' How many connections there may be could not be told: their lines are missing.'
      : '';
  return `Lines of statements are those of their p95, which no metric holds: \`nanoops status\` takes it from traces.${connections}`;
}

function infrastructureGraphs({ half, cacheNodes, bucketFilter }: WatchedSite): readonly Graph[] {
  const used = half.compute && serviceUtilisationMetrics(half.compute);
  const bucket = half.storage && bucketFilter !== undefined ? bucketLoadMetrics(half.storage, bucketFilter) : undefined;
  const hits = cacheNodes?.map((_, index) => `hits${index + 1}`) ?? [];
  const misses = cacheNodes?.map((_, index) => `misses${index + 1}`) ?? [];
  const perNode = (cacheNodes ?? []).flatMap((node, index): readonly (readonly [string, Metric])[] => [
    [`hits${index + 1}`, cacheNodeMetrics(node).hits],
    [`misses${index + 1}`, cacheNodeMetrics(node).misses],
  ]);
  return [
    ...(used === undefined
      ? []
      : ([
          { title: 'CPU of the tasks', metrics: { cpu: used.cpuAverage }, threshold: 'ecs-cpu', unit: '%' },
          { title: 'Memory of the tasks', metrics: { memory: used.memoryAverage }, threshold: 'ecs-memory', unit: '%' },
        ] as const)),
    ...(bucket === undefined
      ? []
      : ([
          {
            title: 'Upload errors',
            metrics: { requests: bucket.requests, serverErrors: bucket.serverErrors },
            expression: `${sumOf(['serverErrors'])} * 100 / requests`,
            threshold: 's3-upload-errors',
            unit: '%',
          },
        ] as const)),
    ...(perNode.length === 0
      ? []
      : ([
          {
            title: 'Cache hit rate',
            metrics: Object.fromEntries(perNode),
            expression: `${sumOf(hits)} * 100 / ${sumOf([...hits, ...misses])}`,
            threshold: 'alert-cache-hit-rate',
            unit: '%',
            most: 100,
          },
        ] as const)),
  ];
}

function infrastructureRemark({ role, half }: WatchedSite): string {
  return role === 'recovery' || half.api === undefined
    ? ''
    : 'The balancer’s own latency is in no metric: its access logs have it.';
}

function businessGraphs({ half, role }: WatchedSite): readonly Graph[] {
  if (half.business === undefined || role === 'recovery') return [];
  const metrics = businessMetricsOf(half.business);
  const msPerHour = 1 / 3_600_000;
  return [
    {
      title: 'Daily active users',
      metrics: { users: metrics.dailyActiveUsers },
      periodSeconds: daySeconds,
      threshold: 'daily-active-users',
      unit: 'users',
    },
    {
      title: 'New Nanos a day',
      metrics: { created: metrics.newNanos },
      periodSeconds: daySeconds,
      threshold: 'new-nanos',
      unit: 'Nanos',
    },
    {
      title: 'Chat response time',
      metrics: { hours: metrics.chatResponse },
      periodSeconds: hourSeconds,
      threshold: 'chat-response-time',
      scale: msPerHour,
      unit: 'h',
    },
    {
      title: 'Moderation queue, oldest item',
      metrics: { hours: metrics.moderationAge },
      periodSeconds: hourSeconds,
      threshold: 'moderation-queue',
      scale: msPerHour,
      unit: 'h',
    },
  ];
}

function widgetOf(graph: Graph, { half }: WatchedSite, { limits }: MonitoringSettings): Json {
  const {
    title,
    metrics,
    expression,
    periodSeconds = usualPeriodSeconds,
    threshold,
    scale = 1,
    unit,
    least = 0,
    most,
  } = graph;
  const lines = threshold === undefined ? [] : linesOf(limits[threshold], scale);
  const isHidden = expression !== undefined;
  const rows = Object.entries(metrics).map(([id, metric]) => rowOf(id, metric, isHidden));
  return {
    view: 'timeSeries',
    stacked: false,
    region: half.region,
    title,
    period: periodSeconds,
    metrics: expression === undefined ? rows : [[{ expression, label: title, id: 'result' }], ...rows],
    yAxis: { left: { label: unit, showUnits: false, min: least, ...(most === undefined ? {} : { max: most }) } },
    ...(lines.length === 0 ? {} : { annotations: { horizontal: lines } }),
  };
}

function rowOf(id: string, { namespace, metric, dimensions, statistic }: Metric, isHidden: boolean): Json {
  return [
    namespace,
    metric,
    ...Object.entries(dimensions).flat(),
    { id, stat: statistic, ...(isHidden ? { visible: false } : { label: `${metric} ${statistic}` }) },
  ];
}

function linesOf({ target, alert, unit }: Limit, scale: number): readonly Json[] {
  return [
    ...(target === undefined
      ? []
      : [{ label: `target ${amount(target, unit)}`, value: exact(target * scale), color: green }]),
    ...(alert === undefined
      ? []
      : [{ label: `alert ${amount(alert, unit)}`, value: exact(alert * scale), color: red }]),
  ];
}
