/** What an operator reads of a sandbox whose database is in trouble: metrics minute by minute, error lines, traces, states. */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import type { Opened } from './opened.ts';

const MINUTE_MS = 60_000;

const balancer = { LoadBalancer: 'app/nano-alb/50dc6c495c0c9188' };
const writer = { DBClusterIdentifier: 'nano-db', Role: 'WRITER' };

const metrics = {
  p99: ['AWS/ApplicationELB', 'TargetResponseTime', balancer, 'p99'],
  requests: ['AWS/ApplicationELB', 'RequestCount', balancer, 'Sum'],
  errors: ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', balancer, 'Sum'],
  connections: ['AWS/RDS', 'DatabaseConnections', writer, 'Maximum'],
  connectionsOfFirst: ['AWS/RDS', 'DatabaseConnections', { DBInstanceIdentifier: 'nano-db-1' }, 'Maximum'],
  writes: ['AWS/RDS', 'DMLThroughput', { DBInstanceIdentifier: 'nano-db-2' }, 'Average'],
  loginFailures: ['AWS/RDS', 'LoginFailures', writer, 'Average'],
} as const satisfies Record<string, readonly [string, string, Readonly<Record<string, string>>, string]>;

export type SignalName = keyof typeof metrics;

export type Signals = Readonly<Record<SignalName, readonly (number | undefined)[]>>;

/** The newest `count` minutes that can be read, the oldest first; undefined where there is no datum. */
export async function signals(sandbox: Opened, count: number): Promise<Signals> {
  const client = new CloudWatchClient(sandbox.settings());
  const end = Math.floor(sandbox.clock.now() / MINUTE_MS) - 1;
  const names = Object.keys(metrics).filter((name): name is SignalName => name in metrics);
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date((end - count) * MINUTE_MS),
      EndTime: new Date(end * MINUTE_MS),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: names.map((name, index) => {
        const [Namespace, MetricName, dimensions, Stat] = metrics[name];
        const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
        return { Id: `m${index}`, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat } };
      }),
    }),
  );
  const minutes = Array.from({ length: count }, (_, index) => (end - count + index) * MINUTE_MS);
  const valuesOf = (name: SignalName) => {
    const found = MetricDataResults.find(({ Id }) => Id === `m${names.indexOf(name)}`);
    return minutes.map((minute) => {
      const index = found?.Timestamps?.findIndex((at) => at.getTime() === minute) ?? -1;
      return index === -1 ? undefined : found?.Values?.[index];
    });
  };
  return {
    p99: valuesOf('p99'),
    requests: valuesOf('requests'),
    errors: valuesOf('errors'),
    connections: valuesOf('connections'),
    connectionsOfFirst: valuesOf('connectionsOfFirst'),
    writes: valuesOf('writes'),
    loginFailures: valuesOf('loginFailures'),
  };
}

/** 5xx of the targets among the requests of the last `count` minutes. */
export async function errorShare(sandbox: Opened, count: number): Promise<number> {
  const { errors, requests } = await signals(sandbox, count);
  const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((all, each) => all + (each ?? 0), 0);
  return sum(errors) / sum(requests);
}

/** How often the application's error lines of the last minutes tell of each MySQL error, or of the pool. */
export async function errorKinds(sandbox: Opened, minutes: number): Promise<ReadonlyMap<string, number>> {
  const kinds = new Map<string, number>();
  for (const text of await errorLines(sandbox, minutes)) {
    const kind = /OperationalError\) \((\d+)/.exec(text)?.[1] ?? (text.includes('QueuePool') ? 'pool' : 'other');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

/** The errors' own words, of the last minutes' lines at ERROR. */
export async function errorLines(sandbox: Opened, minutes: number): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient(sandbox.settings());
  const texts: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName: '/aws/ecs/nano-api',
        startTime: sandbox.clock.now() - minutes * MINUTE_MS,
        filterPattern: '{ $.level = "ERROR" }',
        nextToken,
      }),
    );
    for (const { message = '{}' } of page.events ?? []) {
      const line: { error?: string } = JSON.parse(message);
      texts.push(line.error ?? '');
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return texts;
}

/** The share of the last minutes' traces that have a fault in the database. */
export async function databaseFaults(sandbox: Opened, minutes: number): Promise<number> {
  const client = new XRayClient(sandbox.settings());
  const search = async (FilterExpression?: string) => {
    let found = 0;
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new GetTraceSummariesCommand({
          StartTime: new Date(sandbox.clock.now() - minutes * MINUTE_MS),
          EndTime: new Date(sandbox.clock.now()),
          FilterExpression,
          NextToken,
        }),
      );
      found += page.TraceSummaries?.length ?? 0;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };
  const rds = new RDSClient(sandbox.settings());
  const { DBClusters: [cluster] = [] } = await rds.send(
    new DescribeDBClustersCommand({ DBClusterIdentifier: 'nano-db' }),
  );
  const node = `${cluster?.DatabaseName}@${cluster?.Endpoint}`;
  return (await search(`service("${node}") { fault }`)) / (await search());
}

export interface ClusterView {
  readonly status: string | undefined;
  readonly writer: string | undefined;
  /** `id status`, in the order of the answer. */
  readonly instances: readonly string[];
}

export async function clusterView(sandbox: Opened, cluster = 'nano-db'): Promise<ClusterView> {
  const rds = new RDSClient(sandbox.settings());
  const { DBClusters: [found] = [] } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
  const { DBInstances = [] } = await rds.send(
    new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] }),
  );
  return {
    status: found?.Status,
    writer: found?.DBClusterMembers?.find((member) => member.IsClusterWriter)?.DBInstanceIdentifier,
    instances: DBInstances.map((each) => `${each.DBInstanceIdentifier} ${each.DBInstanceStatus}`),
  };
}

/** `source: message` of the last minutes' events, the oldest first. */
export async function eventsOf(sandbox: Opened, minutes = 60): Promise<readonly string[]> {
  const rds = new RDSClient(sandbox.settings());
  const { Events = [] } = await rds.send(new DescribeEventsCommand({ Duration: minutes }));
  return Events.map((event) => `${event.SourceIdentifier}: ${event.Message}`);
}
