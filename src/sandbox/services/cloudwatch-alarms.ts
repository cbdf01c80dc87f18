/** The alarms of the simulated account: the specification's thresholds, with states that follow the metrics. */
import type {
  CompositeAlarm,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { MetricCatalog } from '../world/metrics/catalog.ts';
import { lasts } from '../world/faults.ts';
import type { RegionNames } from '../world/names.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext } from '../wire/service.ts';
import { storedAlarms } from './cloudwatch-stored.ts';
import { read } from './metric-reading.ts';
import { pageOf } from './operation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Alarms look at what has arrived: the minute before the last. */
const ARRIVED_MS = 2 * MINUTE_MS;

export interface AlarmRule {
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly threshold: number;
  readonly minutes: number;
  /** `notBreaching` for what says nothing while there is nothing to say; `missing` when absent. */
  readonly missing?: 'notBreaching';
}

export function rulesOf(world: World, regionName: string): readonly AlarmRule[] {
  const region = world.region(regionName);
  if (region === undefined) return [];
  const { service, cluster, loadBalancer, databaseCluster } = region.names;
  if (region.role === 'recovery') return recoveryRules(region.names);
  const whole = { LoadBalancer: loadBalancer };
  return [
    {
      name: `${service}-latency-p99`,
      namespace: 'AWS/ApplicationELB',
      metric: 'TargetResponseTime',
      dimensions: whole,
      statistic: 'p99',
      threshold: 3,
      minutes: 5,
    },
    {
      name: `${service}-latency-p95`,
      namespace: 'AWS/ApplicationELB',
      metric: 'TargetResponseTime',
      dimensions: whole,
      statistic: 'p95',
      threshold: 2,
      minutes: 5,
    },
    {
      name: `${service}-cpu`,
      namespace: 'AWS/ECS',
      metric: 'CPUUtilization',
      dimensions: { ClusterName: cluster, ServiceName: service },
      statistic: 'Average',
      threshold: 75,
      minutes: 10,
    },
    {
      name: `${service}-memory`,
      namespace: 'AWS/ECS',
      metric: 'MemoryUtilization',
      dimensions: { ClusterName: cluster, ServiceName: service },
      statistic: 'Average',
      threshold: 85,
      minutes: 5,
    },
    {
      name: `${databaseCluster}-cpu`,
      namespace: 'AWS/RDS',
      metric: 'CPUUtilization',
      dimensions: { DBClusterIdentifier: databaseCluster, Role: 'WRITER' },
      statistic: 'Average',
      threshold: 80,
      minutes: 5,
    },
  ];
}

/** Of a region that stands by: quiet while nothing is asked of it. */
function recoveryRules({ service, cluster, loadBalancer, databaseCluster }: RegionNames): readonly AlarmRule[] {
  const whole = { LoadBalancer: loadBalancer };
  const quiet = { minutes: 5, missing: 'notBreaching' } as const;
  return [
    {
      name: `${service}-recovery-latency-p99`,
      namespace: 'AWS/ApplicationELB',
      metric: 'TargetResponseTime',
      dimensions: whole,
      statistic: 'p99',
      threshold: 3,
      ...quiet,
    },
    {
      name: `${service}-recovery-5xx`,
      namespace: 'AWS/ApplicationELB',
      metric: 'HTTPCode_Target_5XX_Count',
      dimensions: whole,
      statistic: 'Sum',
      threshold: 50,
      ...quiet,
    },
    {
      name: `${service}-recovery-cpu`,
      namespace: 'AWS/ECS',
      metric: 'CPUUtilization',
      dimensions: { ClusterName: cluster, ServiceName: service },
      statistic: 'Average',
      threshold: 75,
      ...quiet,
      minutes: 10,
    },
    {
      name: `${databaseCluster}-cpu`,
      namespace: 'AWS/RDS',
      metric: 'CPUUtilization',
      dimensions: { DBClusterIdentifier: databaseCluster },
      statistic: 'Average',
      threshold: 80,
      ...quiet,
    },
    {
      name: `${databaseCluster}-replication-lag`,
      namespace: 'AWS/RDS',
      metric: 'AuroraGlobalDBRPOLag',
      dimensions: { DBClusterIdentifier: databaseCluster },
      statistic: 'Maximum',
      threshold: 30_000,
      ...quiet,
    },
  ];
}

/** Since when a fault holds the alarm in ALARM; undefined where none does. */
export function forcedSince(world: World, regionName: string, name: string): number | undefined {
  const side = world.region(regionName)?.role;
  const now = world.now();
  return world.inventory.faults.find(
    (fault) =>
      fault.effect === 'alarm' && fault.name === name && (fault.region ?? 'primary') === side && lasts(fault, now),
  )?.from;
}

export function describeAlarms(
  world: World,
  catalog: MetricCatalog,
  call: CallContext,
  input: DescribeAlarmsInput,
): DescribeAlarmsOutput {
  const stored = storedAlarms(world, call);
  const isNamed = (name = ''): boolean =>
    (input.AlarmNames === undefined || input.AlarmNames.includes(name)) &&
    (input.AlarmNamePrefix === undefined || name.startsWith(input.AlarmNamePrefix));
  const isWanted = ({ AlarmName, StateValue }: MetricAlarm | CompositeAlarm): boolean =>
    isNamed(AlarmName) && (input.StateValue === undefined || StateValue === input.StateValue);
  // Of an alarm that nobody asks for, the state is not found out: that takes time.
  const named = rulesOf(world, call.region).filter(({ name }) => isNamed(name));
  const metric = [...named.map((rule) => alarmOf(world, catalog, call, rule)), ...stored.metric].filter(isWanted);
  // Without a word about types, composite alarms are left out (CloudWatch API Reference, DescribeAlarms).
  const composite = input.AlarmTypes?.includes('CompositeAlarm') === true ? stored.composite.filter(isWanted) : [];
  const isMetricWanted = input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm');
  const all = [...(isMetricWanted ? metric : []), ...composite];
  const page = pageOf(all, input.MaxRecords ?? 50, input.NextToken);
  if (page === undefined) throw new ServiceFault('InvalidNextToken', 'The next token is not valid.');
  const composites = new Set<MetricAlarm | CompositeAlarm>(composite);
  return {
    MetricAlarms: page.items.filter((alarm) => !composites.has(alarm)),
    CompositeAlarms: page.items.filter((alarm) => composites.has(alarm)),
    ...(page.next !== undefined && { NextToken: page.next }),
  };
}

/** Of the scenario's own alarms. */
export function alarmNames(world: World, region: string): readonly string[] {
  return rulesOf(world, region).map(({ name }) => name);
}

/** The end of the newest minute that alarms look at. */
export function lastArrived(world: World): number {
  return Math.floor((world.now() - ARRIVED_MS) / MINUTE_MS) * MINUTE_MS;
}

/** What state an alarm's metric puts it in, at the end of any minute. */
export function stateOver(
  world: World,
  catalog: MetricCatalog,
  rule: AlarmRule,
): (at: number) => 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' {
  const source = catalog.find(rule.namespace, rule.metric, rule.dimensions);
  const valueAt = (at: number) =>
    read(catalog, { source, statistic: rule.statistic, periodMs: MINUTE_MS }, at, at + MINUTE_MS, world.now());
  return (at) => {
    const values = Array.from({ length: rule.minutes }, (_, back) => valueAt(at - (back + 1) * MINUTE_MS));
    if (values.every((value) => value === undefined)) {
      return rule.missing === 'notBreaching' ? 'OK' : 'INSUFFICIENT_DATA';
    }
    return values.every((value) => value !== undefined && value > rule.threshold) ? 'ALARM' : 'OK';
  };
}

function alarmOf(world: World, catalog: MetricCatalog, call: CallContext, rule: AlarmRule): MetricAlarm {
  const end = lastArrived(world);
  const stateAt = stateOver(world, catalog, rule);
  const forced = forcedSince(world, call.region, rule.name);
  const state = forced === undefined ? stateAt(end) : 'ALARM';
  // When it took this state: looked for over the last two hours, before which it is taken to have been so for long.
  let since = end;
  if (forced === undefined) {
    while (since > end - 120 * MINUTE_MS && stateAt(since - MINUTE_MS) === state) since -= MINUTE_MS;
  }
  const long = since <= end - 120 * MINUTE_MS;
  return {
    AlarmName: rule.name,
    AlarmArn: `arn:aws:cloudwatch:${call.region}:${world.inventory.names.account}:alarm:${rule.name}`,
    AlarmConfigurationUpdatedTimestamp: new Date(world.inventory.createdAt),
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    StateValue: state,
    StateReason:
      state === 'INSUFFICIENT_DATA'
        ? 'Insufficient Data'
        : `Threshold Crossed: ${rule.minutes} datapoints were compared with ${rule.threshold}.`,
    StateUpdatedTimestamp: new Date(forced ?? (long ? end - 6 * DAY_MS : since)),
    MetricName: rule.metric,
    Namespace: rule.namespace,
    ...(rule.statistic.startsWith('p')
      ? { ExtendedStatistic: rule.statistic }
      : // The rules' own statistics are CloudWatch's words.
        { Statistic: rule.statistic as MetricAlarm['Statistic'] }),
    Dimensions: Object.entries(rule.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: 60,
    EvaluationPeriods: rule.minutes,
    DatapointsToAlarm: rule.minutes,
    Threshold: rule.threshold,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: rule.missing ?? 'missing',
  };
}
