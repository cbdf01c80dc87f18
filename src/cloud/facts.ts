/**
 * Facts: what can be known about a stack, in the domain's words. One implementation asks AWS (`src/aws`). Every method
 * rejects with a `CloudError` when it could not find out, and gives empty series or `undefined` fields where there was
 * an answer that holds no data. A caller never needs to know which calls are batched or paged.
 */
import type {
  BucketRef,
  BusinessRef,
  CacheRef,
  DatabaseRef,
  LoadBalancerRef,
  LogGroupRef,
  ServiceRef,
  TracedServiceRef,
} from './stack.ts';
import type { CapacityFacts } from './capacity-facts.ts';
import type { CostFacts } from './cost-facts.ts';
import type { LogFacts } from './log-facts.ts';
import type { BackupFacts } from './backup-facts.ts';
import type { IncidentFacts } from './incident-facts.ts';
import type { MonitoringFacts } from './monitoring.ts';
import type { RecoveryFacts } from './recovery-facts.ts';
import type { SecurityFacts } from './security-facts.ts';
import type { ServiceGraphFacts } from './service-graph-facts.ts';
import type { Series, Source, Window } from './series.ts';
import type { TuningFacts } from './tuning-facts.ts';

/** Latency in seconds, at a load balancer: the time that targets took to answer. */
export interface ApiTraffic {
  readonly latencyP50: Series;
  readonly latencyP95: Series;
  readonly latencyP99: Series;
  readonly requests: Series;
  /** 5xx answered by targets. Only non-zero counts are published: a gap beside requests is a zero. */
  readonly targetServerErrors: Series;
  /** 5xx answered by the balancer itself (502, 503, 504, …). */
  readonly balancerServerErrors: Series;
  readonly targetClientErrors: Series;
  readonly targetConnectionErrors: Series;
  readonly healthyHosts: Series;
  readonly unhealthyHosts: Series;
}

/** How requests ended, as counts a period: ratios are made of their sums, over any span. */
export interface ApiOutcomes {
  /** Those that reached a target or were answered in its place; not those that the balancer refused beforehand. */
  readonly requests: Series;
  /** As everywhere, only non-zero counts of errors are published: a gap beside requests is a zero. */
  readonly targetServerErrors: Series;
  readonly balancerServerErrors: Series;
  /** 503: refused before a target was chosen, and not among `requests`. */
  readonly balancerUnavailable: Series;
  readonly targetClientErrors: Series;
  readonly balancerClientErrors: Series;
}

/** Seconds: the time that targets took to answer. */
export interface ApiLatency {
  readonly p95: Series;
  readonly p99: Series;
}

/** What the cluster's storage holds (Aurora User Guide, "Cluster-level metrics for Amazon Aurora"). */
export interface DatabaseStorage {
  readonly usedBytes: Series;
  /** Of Aurora MySQL only. */
  readonly leftBytes: Series;
  /** Of the writer: temporary tables and logs are there. */
  readonly freeLocalBytes: Series;
}

/** What the product counts of itself; every metric of the configured namespace, without dimensions. */
export interface BusinessMetrics {
  readonly dailyActiveUsers: Series;
  readonly newNanos: Series;
  /** Hours. */
  readonly chatResponse: Series;
  /** Hours, of the oldest item. */
  readonly moderationAge: Series;
  readonly moderationLength: Series;
}

/** One availability zone's share of the traffic. */
export interface ZoneTraffic {
  readonly zone: string;
  readonly latencyP99: Series;
  readonly requests: Series;
  readonly targetConnectionErrors: Series;
}

export interface TargetHealth {
  readonly id: string;
  readonly zone?: string;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable' | 'unknown';
  readonly reason?: string;
}

export interface ServiceUtilisation {
  /** Per cent of what the task reserves. */
  readonly cpuAverage: Series;
  readonly cpuMaximum: Series;
  readonly memoryAverage: Series;
  readonly memoryMaximum: Series;
  /** From Container Insights, which is opt-in: empty where it is off. Bytes per second. */
  readonly networkReceived: Series;
  readonly networkTransmitted: Series;
}

export interface Deployment {
  readonly id: string;
  readonly status: 'primary' | 'active' | 'inactive' | 'unknown';
  readonly rollout: 'completed' | 'in-progress' | 'failed' | 'unknown';
  readonly taskDefinition: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly failedTasks: number;
}

export interface ServiceState {
  readonly status: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly taskDefinition: string;
  readonly deployments: readonly Deployment[];
  /** Newest first. */
  readonly events: readonly { readonly at: number; readonly message: string }[];
  /** The subnets and security groups of an `awsvpc` service; empty otherwise. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly source: Source;
}

/** A finished or running deployment, from the service's deployment history. */
export interface DeploymentRecord {
  /** Its ARN. */
  readonly id: string;
  readonly status: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** The task definition that this deployment went to, and those it came from, where AWS still knows them. */
  readonly taskDefinition?: string;
  readonly previousTaskDefinitions: readonly string[];
}

export interface StoppedTask {
  readonly taskArn: string;
  /** The ARN of the version that the task ran. */
  readonly taskDefinition?: string;
  readonly stoppedAt?: number;
  readonly stopCode?: string;
  readonly reason?: string;
  readonly containers: readonly { readonly name: string; readonly exitCode?: number; readonly reason?: string }[];
}

/** What Application Auto Scaling does by itself, each of which can be suspended: by policies, in and out, and by schedule. */
export const scalingKinds = ['scale-in', 'scale-out', 'scheduled'] as const;

export type ScalingKind = (typeof scalingKinds)[number];

/** What suspends each, as AWS calls it (Application Auto Scaling API Reference, SuspendedState). */
export const suspensionNames = {
  'scale-in': 'DynamicScalingInSuspended',
  'scale-out': 'DynamicScalingOutSuspended',
  scheduled: 'ScheduledScalingSuspended',
} as const satisfies Record<ScalingKind, string>;

/** How Application Auto Scaling owns a service's task count; `undefined` where it does not. */
export interface ScalingLimits {
  readonly min: number;
  readonly max: number;
  readonly policies: readonly string[];
  /** What it does not do at present, in the order of `scalingKinds`; empty where nothing is suspended. */
  readonly suspended: readonly ScalingKind[];
}

export interface DatabaseInstance {
  readonly id: string;
  readonly role: 'writer' | 'reader';
  readonly status: string;
  readonly instanceClass: string;
  readonly zone?: string;
  readonly performanceInsights: boolean;
  /** Whether the instance runs with what its parameter groups say: `in-sync`, `pending-reboot`, `applying`, … */
  readonly parameterStatus?: string;
  /** Who is promoted first in a failover: 0 before 15. */
  readonly promotionTier?: number;
}

export interface DatabaseState {
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly multiAz: boolean;
  readonly instances: readonly DatabaseInstance[];
  /** CloudWatch log exports that are on: `error`, `slowquery`, `general`, `audit`. */
  readonly logExports: readonly string[];
  readonly port?: number;
  readonly securityGroups: readonly string[];
  readonly subnetGroup?: string;
  readonly parameterGroup?: string;
  /** The newest moment that the cluster can be restored to, as a new cluster; epoch milliseconds. */
  readonly restorableTo?: number;
  readonly arn?: string;
  /** The endpoint that follows the cluster's writer. */
  readonly endpoint?: string;
  /** The ARN of the cluster that this one is a replica of; absent for one that is none, and in a global database. */
  readonly replicatesFrom?: string;
  readonly backupRetentionDays?: number;
  readonly source: Source;
}

/**
 * Something that RDS did to a cluster, one of its instances or its parameter groups (Aurora User Guide, "Amazon RDS
 * event categories and event messages for Aurora").
 */
export interface DatabaseEvent {
  readonly at: number;
  /** The cluster, the instance or the parameter group that it is about. */
  readonly about: string;
  readonly kind:
    | 'failover-started'
    | 'failover-completed'
    | 'failover-failed'
    | 'writer-restored'
    | 'restarted'
    | 'unavailable'
    | 'parameters-changed'
    | 'other';
  readonly message: string;
}

/** A rule that lets packets in. */
export interface IngressRule {
  readonly group: string;
  /** `tcp`, `udp`, … or `all`. */
  readonly protocol: string;
  /** Undefined for all ports. */
  readonly fromPort?: number;
  readonly toPort?: number;
  /** What may send: security groups and address ranges. */
  readonly fromGroups: readonly string[];
  readonly fromRanges: readonly string[];
}

/** Of the writer, unless the name says otherwise. */
export interface DatabaseLoad {
  readonly cpu: Series;
  readonly connections: Series;
  /** Milliseconds, averages over a minute: no percentile of statements is published. */
  readonly selectLatency: Series;
  readonly dmlLatency: Series;
  readonly commitLatency: Series;
  readonly freeableMemory: Series;
  readonly queries: Series;
  readonly deadlocks: Series;
  /** Milliseconds, the greatest of the readers. */
  readonly replicaLag: Series;
}

export interface CacheLoad {
  readonly hits: Series;
  readonly misses: Series;
  /** Per cent, the busiest node. */
  readonly engineCpu: Series;
  readonly evictions: Series;
  readonly connections: Series;
  readonly nodes: readonly string[];
}

/** S3's request metrics, which are opt-in: `undefined` where the bucket has no metrics configuration. */
export interface BucketLoad {
  readonly requests: Series;
  /** Those of `requests` that were PUTs. */
  readonly uploads: Series;
  readonly clientErrors: Series;
  readonly serverErrors: Series;
  /** Milliseconds. */
  readonly firstByteLatencyP99: Series;
  readonly totalLatencyP99: Series;
}

export interface LogLine {
  readonly at: number;
  readonly stream: string;
  readonly message: string;
}

export interface LogSearch {
  readonly lines: readonly LogLine[];
  /** True where a limit ended the search: there may be more. */
  readonly truncated: boolean;
  readonly source: Source;
}

/** One segment or subsegment, flattened; times in epoch milliseconds. */
export interface TraceSpan {
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  /** X-Ray's origin or namespace: `AWS::ECS::Container`, `AWS::RDS`, `aws`, `remote`, … */
  readonly origin?: string;
  readonly namespace?: string;
  readonly start: number;
  readonly end: number;
  readonly inProgress: boolean;
  readonly fault: boolean;
  readonly error: boolean;
  readonly throttle: boolean;
  /** The statement, where the span is a query, sanitised by the SDK that wrote it. */
  readonly sql?: string;
  /** The AWS operation, where the span is a call to AWS: `GetObject`, … */
  readonly awsOperation?: string;
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  /** The exception that it failed with: its class, or what it said. */
  readonly exception?: string;
  /** True for a segment, false for a subsegment. */
  readonly segment: boolean;
  /** True for a segment that nobody sent: X-Ray made it up from somebody's call. */
  readonly inferred?: boolean;
  /** True of a call to something that traces itself: a segment of it is to come. */
  readonly expectsSegment?: boolean;
}

export interface Trace {
  readonly id: string;
  readonly start: number;
  readonly durationMs: number;
  readonly spans: readonly TraceSpan[];
}

/** A trace that was asked for by its id. */
export interface FoundTrace extends Trace {
  /** Segments and subsegments that could not be read. */
  readonly unreadable: number;
  /** True where it has more than X-Ray keeps, or more than is read. */
  readonly isCut: boolean;
  readonly source: Source;
}

export interface TraceSample {
  readonly traces: readonly Trace[];
  /** How many traces matched in all, of which `traces` are some. */
  readonly matched: number;
  readonly truncated: boolean;
  /** True where not all that match were looked at to choose from. */
  readonly isPartial?: boolean;
  /** Segments and subsegments that could not be read. */
  readonly unreadable?: number;
  readonly source: Source;
}

/** Which requests, by how long they took; all where neither is given. */
export interface RequestPace {
  readonly slowerThanMs?: number;
  readonly fasterThanMs?: number;
}

/** Which traces, and how far to look. */
export interface TraceSearch extends RequestPace {
  /** Only those that the service answered with 4xx or 5xx. */
  readonly failed?: boolean;
  /** Only those that the service answered with 5xx. */
  readonly faulty?: boolean;
  /** How many are wanted: the failed ones by the service’s own fault first where `failed` is set, then the slowest. */
  readonly limit: number;
  /** They are chosen of about so many that match, taken evenly from the window. */
  readonly among: number;
}

export interface FlowLog {
  readonly id: string;
  readonly resourceId: string;
  readonly trafficType: string;
  readonly destination: 'cloud-watch-logs' | 's3' | 'kinesis-data-firehose' | 'unknown';
  readonly logGroup?: string;
}

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

export interface Facts
  extends
    RecoveryFacts,
    SecurityFacts,
    CostFacts,
    CapacityFacts,
    LogFacts,
    BackupFacts,
    TuningFacts,
    ServiceGraphFacts,
    IncidentFacts,
    MonitoringFacts {
  caller(region: string): Promise<Caller>;

  apiTraffic(api: LoadBalancerRef, window: Window): Promise<ApiTraffic>;
  apiOutcomes(api: LoadBalancerRef, window: Window): Promise<ApiOutcomes>;
  apiLatency(api: LoadBalancerRef, window: Window): Promise<ApiLatency>;
  zoneTraffic(api: LoadBalancerRef, window: Window): Promise<readonly ZoneTraffic[]>;
  targetHealth(api: LoadBalancerRef): Promise<readonly TargetHealth[]>;

  serviceUtilisation(service: ServiceRef, window: Window): Promise<ServiceUtilisation>;
  serviceState(service: ServiceRef): Promise<ServiceState>;
  deployments(service: ServiceRef, window: Window): Promise<readonly DeploymentRecord[]>;
  stoppedTasks(service: ServiceRef): Promise<readonly StoppedTask[]>;
  scalingLimits(service: ServiceRef): Promise<ScalingLimits | undefined>;

  databaseState(database: DatabaseRef): Promise<DatabaseState>;
  /** `max_connections` of the writer, by its parameter groups or its class; undefined where it cannot be told. */
  connectionLimit(database: DatabaseRef): Promise<number | undefined>;
  databaseLoad(database: DatabaseRef, window: Window): Promise<DatabaseLoad>;
  databaseStorage(database: DatabaseRef, window: Window): Promise<DatabaseStorage>;
  /** What happened to the cluster, its instances and its parameter groups, newest first. RDS keeps 14 days. */
  databaseEvents(database: DatabaseRef, window: Window): Promise<readonly DatabaseEvent[]>;

  businessMetrics(business: BusinessRef, window: Window): Promise<BusinessMetrics>;

  cacheLoad(cache: CacheRef, window: Window): Promise<CacheLoad>;
  bucketLoad(bucket: BucketRef, window: Window): Promise<BucketLoad | undefined>;

  /**
   * Lines at ERROR or CRITICAL, structured or plain, newest last: the newest `limit`. With `enough`, reading ends where so many
   * of the window's oldest are found (`truncated` then), which is quick where a log is loud.
   */
  errorLines(group: LogGroupRef, window: Window, limit: number, enough?: number): Promise<LogSearch>;
  /** Entries of Aurora's slow query log, newest last. `group` is the prefix before `/slowquery`. */
  slowQueries(group: LogGroupRef, window: Window, limit: number): Promise<LogSearch>;

  /** Traces of requests that entered through `service`, at the given pace. */
  traces(service: TracedServiceRef, window: Window, pace: RequestPace, limit: number): Promise<TraceSample>;

  /** The same, of more that are looked at, and by how they ended. */
  searchTraces(service: TracedServiceRef, window: Window, search: TraceSearch): Promise<TraceSample>;
  /** Undefined where X-Ray has no such trace. */
  trace(region: string, id: string): Promise<FoundTrace | undefined>;

  flowLogs(region: string, subnets: readonly string[]): Promise<readonly FlowLog[]>;
  /** The rules of security groups that let packets in. */
  ingressRules(region: string, groups: readonly string[]): Promise<readonly IngressRule[]>;
}
