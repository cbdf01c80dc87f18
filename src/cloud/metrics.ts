/**
 * Which metrics of CloudWatch say what is asked of a stack: what is read to judge, what alarms watch and what dashboards
 * draw are the same. Sources: Elastic Load Balancing User Guide, "CloudWatch metrics for your Application Load Balancer";
 * Amazon ECS Developer Guide, "Amazon ECS service utilization metrics"; Aurora User Guide, "Amazon CloudWatch metrics for
 * Amazon Aurora"; ElastiCache User Guide, "Metrics for Redis OSS"; Amazon S3 User Guide, "Metrics and dimensions". Pure.
 */
import type { Series } from './series.ts';
import type { BucketRef, BusinessRef, DatabaseRef, LoadBalancerRef, ServiceRef } from './stack.ts';

export interface Metric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Maximum`, `Minimum`, `Sum`, or a percentile like `p99`. */
  readonly statistic: string;
  /** Of its values as AWS publishes them. */
  readonly unit: Series['unit'];
}

type Dimensions = Metric['dimensions'];

function within(namespace: string, dimensions: Dimensions) {
  return (metric: string, statistic: string, unit: Series['unit']): Metric => ({
    namespace,
    metric,
    dimensions,
    statistic,
    unit,
  });
}

function ofBalancer({ loadBalancer }: Pick<LoadBalancerRef, 'loadBalancer'>) {
  return within('AWS/ApplicationELB', { LoadBalancer: loadBalancer });
}

/** How requests ended. Only non-zero counts of errors are published. */
export function apiOutcomeMetrics(api: LoadBalancerRef) {
  const metric = ofBalancer(api);
  return {
    requests: metric('RequestCount', 'Sum', 'count'),
    targetServerErrors: metric('HTTPCode_Target_5XX_Count', 'Sum', 'count'),
    balancerServerErrors: metric('HTTPCode_ELB_5XX_Count', 'Sum', 'count'),
    balancerUnavailable: metric('HTTPCode_ELB_503_Count', 'Sum', 'count'),
    targetClientErrors: metric('HTTPCode_Target_4XX_Count', 'Sum', 'count'),
    balancerClientErrors: metric('HTTPCode_ELB_4XX_Count', 'Sum', 'count'),
  };
}

export function apiLatencyMetrics(api: LoadBalancerRef) {
  const metric = ofBalancer(api);
  return {
    p95: metric('TargetResponseTime', 'p95', 's'),
    p99: metric('TargetResponseTime', 'p99', 's'),
  };
}

export function serviceUtilisationMetrics({ cluster, service }: ServiceRef) {
  const dimensions = { ClusterName: cluster, ServiceName: service };
  const own = within('AWS/ECS', dimensions);
  const insights = within('ECS/ContainerInsights', dimensions);
  return {
    cpuAverage: own('CPUUtilization', 'Average', '%'),
    cpuMaximum: own('CPUUtilization', 'Maximum', '%'),
    memoryAverage: own('MemoryUtilization', 'Average', '%'),
    memoryMaximum: own('MemoryUtilization', 'Maximum', '%'),
    networkReceived: insights('NetworkRxBytes', 'Average', 'bytes'),
    networkTransmitted: insights('NetworkTxBytes', 'Average', 'bytes'),
  };
}

/** CloudWatch User Guide, "Amazon ECS Container Insights metrics". */
export function runningTasksMetric({ cluster, service }: ServiceRef): Metric {
  const metric = within('ECS/ContainerInsights', { ClusterName: cluster, ServiceName: service });
  return metric('RunningTaskCount', 'Average', 'count');
}

/** Of the writer, whichever instance that is now. */
export function databaseLoadMetrics({ cluster }: DatabaseRef) {
  const metric = within('AWS/RDS', { DBClusterIdentifier: cluster, Role: 'WRITER' });
  return {
    cpu: metric('CPUUtilization', 'Average', '%'),
    connections: metric('DatabaseConnections', 'Maximum', 'count'),
    selectLatency: metric('SelectLatency', 'Average', 'ms'),
    dmlLatency: metric('DMLLatency', 'Average', 'ms'),
    commitLatency: metric('CommitLatency', 'Average', 'ms'),
    freeableMemory: metric('FreeableMemory', 'Average', 'bytes'),
    queries: metric('Queries', 'Average', 'count'),
    deadlocks: metric('Deadlocks', 'Average', 'count'),
    replicaLag: metric('AuroraReplicaLagMaximum', 'Maximum', 'ms'),
  };
}

/** The volume's metrics are the cluster's and have no role. */
export function databaseStorageMetrics({ cluster }: DatabaseRef) {
  const byCluster = { DBClusterIdentifier: cluster };
  const volume = within('AWS/RDS', byCluster);
  return {
    usedBytes: volume('VolumeBytesUsed', 'Average', 'bytes'),
    leftBytes: volume('AuroraVolumeBytesLeftTotal', 'Average', 'bytes'),
    freeLocalBytes: within('AWS/RDS', { ...byCluster, Role: 'WRITER' })('FreeLocalStorage', 'Minimum', 'bytes'),
  };
}

/**
 * In this order: the first tells what a failover would lose; versions of Aurora MySQL before 3.04 and 2.12 publish the
 * second alone (Aurora User Guide, "Performing switchovers for Amazon Aurora global databases").
 */
export const globalLagNames = ['AuroraGlobalDBRPOLag', 'AuroraGlobalDBReplicationLag'] as const;

export type GlobalLagName = (typeof globalLagNames)[number];

/** Of a cross-region replica, in seconds. */
export const replicaLagName = 'AuroraBinlogReplicaLag';

/** `more`: the region that is copied, where the metric is published with it. */
export function globalLagMetric({ cluster }: DatabaseRef, name: GlobalLagName, more: Dimensions = {}): Metric {
  return within('AWS/RDS', { DBClusterIdentifier: cluster, ...more })(name, 'Maximum', 'ms');
}

export function replicaLagMetric({ cluster }: DatabaseRef): Metric {
  return within('AWS/RDS', { DBClusterIdentifier: cluster, Role: 'WRITER' })(replicaLagName, 'Maximum', 's');
}

/** Published a node, by `CacheClusterId`. */
export function cacheNodeMetrics(node: string) {
  const metric = within('AWS/ElastiCache', { CacheClusterId: node });
  return {
    hits: metric('CacheHits', 'Sum', 'count'),
    misses: metric('CacheMisses', 'Sum', 'count'),
    engineCpu: metric('EngineCPUUtilization', 'Maximum', '%'),
    evictions: metric('Evictions', 'Sum', 'count'),
    connections: metric('CurrConnections', 'Average', 'count'),
    memory: metric('DatabaseMemoryUsagePercentage', 'Average', '%'),
    engineCpuAverage: metric('EngineCPUUtilization', 'Average', '%'),
  };
}

/** `filter`: the id of the bucket's metrics configuration, without which S3 counts no requests. */
export function bucketLoadMetrics({ bucket }: BucketRef, filter: string) {
  const metric = within('AWS/S3', { BucketName: bucket, FilterId: filter });
  return {
    requests: metric('AllRequests', 'Sum', 'count'),
    uploads: metric('PutRequests', 'Sum', 'count'),
    clientErrors: metric('4xxErrors', 'Sum', 'count'),
    serverErrors: metric('5xxErrors', 'Sum', 'count'),
    firstByteLatencyP99: metric('FirstByteLatency', 'p99', 'ms'),
    totalLatencyP99: metric('TotalRequestLatency', 'p99', 'ms'),
  };
}

/** The product's own, as its services publish them. */
export function businessMetricsOf({ namespace }: BusinessRef) {
  const metric = within(namespace, {});
  return {
    dailyActiveUsers: metric('DailyActiveUsers', 'Maximum', 'count'),
    newNanos: metric('NewNanos', 'Sum', 'count'),
    chatResponse: metric('ChatResponseHours', 'Average', 'count'),
    moderationAge: metric('ModerationQueueAgeHours', 'Maximum', 'count'),
    moderationLength: metric('ModerationQueueLength', 'Maximum', 'count'),
  };
}

/** How often a rule of EventBridge's default bus matched an event (EventBridge User Guide, "Monitoring Amazon EventBridge"). */
export function ruleMatchMetric(rule: string): Metric {
  return within('AWS/Events', { RuleName: rule })('TriggeredRules', 'Sum', 'count');
}
