/**
 * A cloud that says what a test tells it to. Strict: a fact or a change that no test provided is a defect of the test, a
 * question that no real adapter could answer (another region, a window that runs backwards or into the future) is
 * refused, and a closed cloud answers nothing. Stateful: what is changed shows in the facts, and it counts what it was
 * asked, as the real one does.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Changes } from '../../src/cloud/changes.ts';
import type { ApiUsage, Cloud } from '../../src/cloud/cloud.ts';
import { CloudError, type CloudErrorKind } from '../../src/cloud/errors.ts';
import type { DatabaseState, Facts, ScalingKind, ScalingLimits, ServiceState } from '../../src/cloud/facts.ts';
import type { DnsRecord, GlobalDatabase } from '../../src/cloud/recovery-facts.ts';
import type { Window } from '../../src/cloud/series.ts';
import type { Clock } from '../../src/engine/clock.ts';

type Answer<Name extends keyof Facts> = Awaited<ReturnType<Facts[Name]>>;
type Question<Name extends keyof Facts> = Parameters<Facts[Name]>;
type Work<Name extends keyof Facts> = (...question: Question<Name>) => Answer<Name> | Promise<Answer<Name>>;

/** Each fact's answer, its error, or what works one out from the question. */
export type Told = {
  readonly [Name in keyof Facts]?: Answer<Name> | Error | Work<Name>;
};

/**
 * What becomes of each change: `done` has its usual effect on the facts that were told as values (a count, a version, a
 * minimum, a writer), an error rejects and changes nothing, and a function gives the facts that hold from then on, or
 * throws.
 */
export type ToldChanges = {
  readonly [Name in keyof Changes]?: 'done' | Error | ((...asked: Parameters<Changes[Name]>) => Told | Promise<Told>);
};

/** The operation that each fact is counted as, and refused with. */
const operations: Readonly<Record<keyof Facts, string>> = {
  caller: 'sts:GetCallerIdentity',
  apiTraffic: 'cloudwatch:GetMetricData',
  apiOutcomes: 'cloudwatch:GetMetricData',
  apiLatency: 'cloudwatch:GetMetricData',
  databaseStorage: 'cloudwatch:GetMetricData',
  businessMetrics: 'cloudwatch:GetMetricData',
  zoneTraffic: 'cloudwatch:GetMetricData',
  targetHealth: 'elasticloadbalancing:DescribeTargetHealth',
  serviceUtilisation: 'cloudwatch:GetMetricData',
  serviceState: 'ecs:DescribeServices',
  deployments: 'ecs:ListServiceDeployments',
  stoppedTasks: 'ecs:ListTasks',
  scalingLimits: 'application-autoscaling:DescribeScalableTargets',
  databaseState: 'rds:DescribeDBClusters',
  connectionLimit: 'rds:DescribeDBInstances',
  databaseLoad: 'cloudwatch:GetMetricData',
  databaseEvents: 'rds:DescribeEvents',
  cacheLoad: 'cloudwatch:GetMetricData',
  runningTasks: 'cloudwatch:GetMetricData',
  cacheUse: 'cloudwatch:GetMetricData',
  bucketLoad: 'cloudwatch:GetMetricData',
  errorLines: 'logs:FilterLogEvents',
  slowQueries: 'logs:FilterLogEvents',
  logGroups: 'logs:DescribeLogGroups',
  logPortion: 'logs:FilterLogEvents',
  slowLogSettings: 'rds:DescribeDBClusterParameters',
  traces: 'xray:GetTraceSummaries',
  searchTraces: 'xray:GetTraceSummaries',
  trace: 'xray:BatchGetTraces',
  serviceGraph: 'xray:GetServiceGraph',
  serviceGraphs: 'xray:GetServiceGraph',
  callHistories: 'xray:GetTimeSeriesServiceStatistics',
  flowLogs: 'ec2:DescribeFlowLogs',
  ingressRules: 'ec2:DescribeSecurityGroups',
  databaseBackup: 'rds:DescribeDBClusters',
  bucketLifecycle: 's3:GetBucketLifecycleConfiguration',
  tableBackup: 'dynamodb:DescribeContinuousBackups',
  globalDatabase: 'rds:DescribeGlobalClusters',
  replicationLag: 'cloudwatch:GetMetricData',
  clusterSnapshots: 'rds:DescribeDBClusterSnapshots',
  clusterParameters: 'rds:DescribeDBClusterParameters',
  taskDefinition: 'ecs:DescribeTaskDefinition',
  imageExists: 'ecr:DescribeImages',
  secretExists: 'secretsmanager:DescribeSecret',
  loadBalancer: 'elasticloadbalancing:DescribeLoadBalancers',
  certificate: 'acm:DescribeCertificate',
  bucketReplication: 's3:GetBucketReplication',
  replicationBacklog: 'cloudwatch:GetMetricData',
  cacheState: 'elasticache:DescribeReplicationGroups',
  tableState: 'dynamodb:DescribeTable',
  records: 'route53:ListResourceRecordSets',
  recordChangeState: 'route53:GetChange',
  healthCheck: 'route53:GetHealthCheck',
  routingControls: 'route53-recovery-cluster:GetRoutingControlState',
  objectExists: 's3:HeadObject',
  alarmHistory: 'cloudwatch:DescribeAlarmHistory',
  alarms: 'cloudwatch:DescribeAlarms',
  permissions: 'iam:SimulatePrincipalPolicy',
  threats: 'guardduty:ListFindings',
  trailLog: 'logs:FilterLogEvents',
  recentAccess: 'cloudtrail:LookupEvents',
  recentChanges: 'cloudtrail:LookupEvents',
  globalAccess: 'cloudtrail:LookupEvents',
  serviceIssues: 'health:DescribeEvents',
  dailyCosts: 'ce:GetCostAndUsage',
  cacheParameters: 'elasticache:DescribeCacheParameters',
  distribution: 'cloudfront:GetDistributionConfig',
  invalidations: 'cloudfront:ListInvalidations',
  watching: 'cloudwatch:DescribeAlarms',
  watcher: 'cloudwatch:DescribeAlarms',
  dashboard: 'cloudwatch:GetDashboard',
  cacheNodes: 'elasticache:DescribeReplicationGroups',
  bucketFilter: 's3:ListBucketMetricsConfigurations',
  lagMetric: 'cloudwatch:ListMetrics',
};

/** Facts whose windows begin and end at any moment; metrics are of whole minutes. */
const byMoment: ReadonlySet<string> = new Set<keyof Facts>(['searchTraces', 'serviceGraph', 'serviceGraphs', 'traces']);

/** The operation that each change is. */
const changeOperations: Readonly<Record<keyof Changes, string>> = {
  setDesiredCount: 'ecs:UpdateService',
  setTaskDefinition: 'ecs:UpdateService',
  rollBackDeployment: 'ecs:StopServiceDeployment',
  restartTasks: 'ecs:UpdateService',
  setMinimumCapacity: 'application-autoscaling:RegisterScalableTarget',
  setSuspendedScaling: 'application-autoscaling:RegisterScalableTarget',
  failOverCluster: 'rds:FailoverDBCluster',
  restoreCluster: 'rds:RestoreDBClusterToPointInTime',
  createInstance: 'rds:CreateDBInstance',
  switchOverGlobal: 'rds:SwitchoverGlobalCluster',
  failOverGlobal: 'rds:FailoverGlobalCluster',
  removeFromGlobal: 'rds:RemoveFromGlobalCluster',
  promoteReplica: 'rds:PromoteReadReplicaDBCluster',
  replaceRecords: 'route53:ChangeResourceRecordSets',
  setRoutingControls: 'route53-recovery-cluster:UpdateRoutingControlStates',
  putObject: 's3:PutObject',
  deleteObject: 's3:DeleteObject',
  changeMonitoring: 'cloudwatch:PutMetricAlarm',
};

function cloudError(name: string, kind: CloudErrorKind, more: { readonly sent?: false } = {}): CloudError {
  const [service = '', operation = ''] = name.split(':');
  return new CloudError(kind, `${name} in us-west-2: ${kind}`, {
    service,
    operation,
    region: 'us-west-2',
    iamAction: name,
    ...more,
    nextStep: `allow ${name}`,
  });
}

/** What AWS answers a caller who may not ask. */
export function refusal(fact: keyof Facts, kind: CloudErrorKind = 'permission'): CloudError {
  return cloudError(operations[fact], kind);
}

export interface Asked {
  readonly fact: keyof Facts;
  readonly question: readonly unknown[];
}

export interface Changed {
  readonly change: keyof Changes;
  /** What it was called with. */
  readonly asked: readonly unknown[];
  /** False where it was rejected. */
  readonly done: boolean;
}

export interface FakeCloudOptions {
  /** The only regions that this cloud has. */
  readonly region: string | readonly string[];
  readonly clock: Clock;
  readonly changes?: ToldChanges;
}

export class FakeCloud implements Cloud {
  readonly asked: Asked[] = [];
  readonly facts: Facts;
  readonly changes: Changes;
  /** Every change that was asked for, in order of their answers. */
  readonly changed: Changed[] = [];
  /** The operations that were announced. */
  readonly prepared = new Set<string>();
  private told: Told;
  private readonly toldChanges: ToldChanges;
  private readonly regions: ReadonlySet<string>;
  private readonly clock: Clock;
  private closed = false;

  constructor(told: Told, { region, clock, changes = {} }: FakeCloudOptions) {
    this.told = told;
    this.toldChanges = changes;
    this.regions = new Set(typeof region === 'string' ? [region] : region);
    this.clock = clock;
    const names = Object.keys(operations) as (keyof Facts)[];
    // Every fact answers with its own answer, which no compiler can follow through a list of names.
    this.facts = Object.fromEntries(
      names.map((name) => [name, (...question: Question<typeof name>) => this.answer(name, question)]),
    ) as unknown as Facts;
    this.changes = {
      setDesiredCount: (...asked) =>
        this.change('setDesiredCount', asked, ([, desired]) => withTasks(this.told, desired)),
      setTaskDefinition: (...asked) =>
        this.change('setTaskDefinition', asked, ([, taskDefinition]) => withService(this.told, { taskDefinition })),
      rollBackDeployment: (...asked) => this.change('rollBackDeployment', asked),
      restartTasks: (...asked) => this.change('restartTasks', asked),
      setMinimumCapacity: (...asked) =>
        this.change('setMinimumCapacity', asked, ([, min]) => withMinimum(this.told, min)),
      setSuspendedScaling: (...asked) =>
        this.change('setSuspendedScaling', asked, ([, suspended]) => withSuspended(this.told, suspended)),
      failOverCluster: (...asked) =>
        this.change('failOverCluster', asked, ([, target]) => withWriter(this.told, target)),
      restoreCluster: (...asked) => this.change('restoreCluster', asked),
      createInstance: (...asked) => this.change('createInstance', asked),
      switchOverGlobal: (...asked) =>
        this.change('switchOverGlobal', asked, ([, target]) => withGlobalWriter(this.told, 'switchOverGlobal', target)),
      failOverGlobal: (...asked) =>
        this.change('failOverGlobal', asked, ([, target]) => withGlobalWriter(this.told, 'failOverGlobal', target)),
      removeFromGlobal: (...asked) =>
        this.change('removeFromGlobal', asked, ([, cluster]) => withoutMember(this.told, cluster)),
      promoteReplica: (...asked) => this.change('promoteReplica', asked, () => promoted(this.told)),
      replaceRecords: async (...asked) => {
        await this.change('replaceRecords', asked, ([, before, after]) => withRecords(this.told, before, after));
        return { changeId: `/change/C${this.changesOf('replaceRecords').length}` };
      },
      setRoutingControls: (...asked) =>
        this.change('setRoutingControls', asked, ([, states]) => withControls(this.told, states)),
      putObject: (...asked) => this.change('putObject', asked, () => withObject(this.told, true)),
      deleteObject: (...asked) => this.change('deleteObject', asked, () => withObject(this.told, false)),
      changeMonitoring: (...asked) => this.change('changeMonitoring', asked),
    };
  }

  prepare(region: string, announced: readonly string[]): void {
    // Some services are of no region, and prepared where their API is.
    const isGlobal =
      announced.length > 0 && announced.every((operation) => /^(?:cloudfront|route53|iam):/.test(operation));
    if (!this.regions.has(region) && !isGlobal) throw new TypeError(`${region} was to be prepared`);
    for (const operation of announced) this.prepared.add(operation);
  }

  usage(): ApiUsage {
    const byOperation: Record<string, number> = {};
    const names = [
      ...this.asked.map(({ fact }) => operations[fact]),
      ...this.changed.map(({ change }) => changeOperations[change]),
    ];
    for (const name of names) byOperation[name] = (byOperation[name] ?? 0) + 1;
    return { calls: names.length, mutations: this.changed.length, byOperation };
  }

  close(): void {
    this.closed = true;
  }

  /** What was asked of one fact, in order. */
  questions<Name extends keyof Facts>(fact: Name): readonly Question<Name>[] {
    // Every question was recorded with its own fact.
    return this.asked.filter((each) => each.fact === fact).map((each) => each.question as Question<Name>);
  }

  /** What one change was asked with, in order. */
  changesOf<Name extends keyof Changes>(change: Name): readonly Parameters<Changes[Name]>[] {
    // Every change was recorded with its own name.
    return this.changed.filter((each) => each.change === change).map((each) => each.asked as Parameters<Changes[Name]>);
  }

  /** Facts and changes that were provided and that nobody asked for. */
  unused(): readonly string[] {
    return [
      ...Object.keys(this.told).filter((name) => !this.asked.some(({ fact }) => fact === name)),
      ...Object.keys(this.toldChanges).filter((name) => !this.changed.some(({ change }) => change === name)),
    ];
  }

  private async answer<Name extends keyof Facts>(fact: Name, question: Question<Name>): Promise<Answer<Name>> {
    if (this.closed) throw new TypeError(`${fact} was asked of a closed cloud`);
    for (const part of question) this.check(fact, part);
    this.asked.push({ fact, question });
    if (!(fact in this.told)) throw new TypeError(`this test does not say what ${fact} answers`);
    const told: unknown = this.told[fact];
    if (told instanceof Error) throw told;
    // `Told` holds this fact's own answer, or what works one out, under its name; answers are never functions.
    return typeof told === 'function' ? (told as Work<Name>)(...question) : (told as Answer<Name>);
  }

  /** `effect` is what it usually changes in the facts that were told. */
  private async change<Name extends keyof Changes>(
    change: Name,
    asked: Parameters<Changes[Name]>,
    effect: (asked: Parameters<Changes[Name]>) => Told = () => ({}),
  ): Promise<void> {
    if (this.closed) throw new TypeError(`${change} was asked of a closed cloud`);
    for (const part of asked) this.check(change, part);
    const told = this.toldChanges[change];
    if (told === undefined) throw new TypeError(`this test does not say that ${change} may be asked for`);
    try {
      if (told instanceof Error) throw told;
      const facts = told === 'done' ? effect(asked) : await told(...asked);
      this.told = { ...this.told, ...facts };
    } catch (error) {
      this.changed.push({ change, asked, done: false });
      throw error;
    }
    this.changed.push({ change, asked, done: true });
  }

  private check(fact: keyof Facts | keyof Changes, part: unknown): void {
    if (isWindow(part)) {
      const end = this.clock.now();
      const isWhole = byMoment.has(fact) || (part.from % 60_000 === 0 && part.to % 60_000 === 0);
      if (!(part.from < part.to && part.to <= end && isWhole)) {
        throw new TypeError(`${fact} was asked for a window that cannot be: ${JSON.stringify(part)}`);
      }
    }
    if (typeof part === 'number' && !(Number.isInteger(part) && part >= 0)) {
      throw new TypeError(`${fact} was asked for ${part}`);
    }
    const region = regionOf(part);
    if (region !== undefined && !this.regions.has(region)) throw new TypeError(`${fact} was asked in ${region}`);
  }
}

function isWindow(part: unknown): part is Window {
  return typeof part === 'object' && part !== null && 'from' in part && 'to' in part;
}

function regionOf(part: unknown): string | undefined {
  return typeof part === 'object' && part !== null && 'region' in part ? String(part.region) : undefined;
}

/** A fact that was told as a value, which a change can alter; undefined where it is worked out, refused or not told. */
function valueOf<T extends object>(told: T | Error | ((...question: never[]) => unknown) | undefined): T | undefined {
  return told === undefined || told instanceof Error || typeof told === 'function' ? undefined : told;
}

function withService(told: Told, more: Partial<ServiceState>): Told {
  const service = valueOf<ServiceState>(told.serviceState);
  return service === undefined ? {} : { serviceState: { ...service, ...more } };
}

/** The tasks start at once. */
function withTasks(told: Told, desired: number): Told {
  return withService(told, { desired, running: desired, pending: 0 });
}

/** A count below the minimum is raised to it; only a service that is scaled by somebody has a minimum. */
function withMinimum(told: Told, min: number): Told {
  const limits = valueOf<ScalingLimits>(told.scalingLimits);
  if (limits === undefined) throw cloudError(changeOperations.setMinimumCapacity, 'invalid-request');
  const desired = valueOf<ServiceState>(told.serviceState)?.desired ?? min;
  return { scalingLimits: { ...limits, min }, ...(desired < min ? withTasks(told, min) : {}) };
}

function withSuspended(told: Told, suspended: readonly ScalingKind[]): Told {
  const limits = valueOf<ScalingLimits>(told.scalingLimits);
  if (limits === undefined) throw cloudError(changeOperations.setSuspendedScaling, 'invalid-request');
  return { scalingLimits: { ...limits, suspended } };
}

/** The target, or the reader of the lowest tier, and the writer change roles at once. */
function withWriter(told: Told, target: string | undefined): Told {
  const database = valueOf<DatabaseState>(told.databaseState);
  if (database === undefined) return {};
  const readers = database.instances
    .filter(({ role }) => role === 'reader')
    .toSorted((a, b) => (a.promotionTier ?? 1) - (b.promotionTier ?? 1));
  const next = target === undefined ? readers[0] : readers.find(({ id }) => id === target);
  if (next === undefined) throw cloudError(changeOperations.failOverCluster, 'invalid-request');
  const instances = database.instances.map((each) => ({
    ...each,
    role: each.id === next.id ? ('writer' as const) : ('reader' as const),
  }));
  return { databaseState: { ...database, instances } };
}

/** The cluster of that ARN writes from now on, at once; one that is no secondary cannot. */
function withGlobalWriter(told: Told, change: 'switchOverGlobal' | 'failOverGlobal', target: string): Told {
  const database = valueOf<GlobalDatabase>(told.globalDatabase);
  if (database === undefined) return {};
  if (!database.members.some(({ arn, isWriter }) => arn === target && !isWriter)) {
    throw cloudError(changeOperations[change], 'invalid-request');
  }
  const members = database.members.map((member) => ({ ...member, isWriter: member.arn === target }));
  return { globalDatabase: { ...database, members } };
}

function withoutMember(told: Told, cluster: string): Told {
  const database = valueOf<GlobalDatabase>(told.globalDatabase);
  if (database === undefined) return {};
  const members = database.members.filter(({ arn }) => arn !== cluster);
  if (members.length === database.members.length) throw cloudError(changeOperations.removeFromGlobal, 'not-found');
  return { globalDatabase: { ...database, members } };
}

function promoted(told: Told): Told {
  const database = valueOf<DatabaseState>(told.databaseState);
  if (database === undefined) return {};
  if (database.replicatesFrom === undefined) throw cloudError(changeOperations.promoteReplica, 'invalid-request');
  const { replicatesFrom: _, ...standalone } = database;
  return { databaseState: standalone };
}

/** As Route 53 has it: a set that is to be deleted must be as it is said to be, and one that is to be made must not be. */
function withRecords(told: Told, before: readonly DnsRecord[], after: readonly DnsRecord[]): Told {
  const sets = valueOf<readonly DnsRecord[]>(told.records);
  if (sets === undefined) return {};
  const same = (one: DnsRecord) => (other: DnsRecord) =>
    one.name === other.name && one.type === other.type && one.setIdentifier === other.setIdentifier;
  const gone = before.filter((record) => !after.some(same(record)));
  const made = after.filter((record) => !before.some(same(record)));
  const isPossible =
    gone.every((record) => sets.some((set) => isDeepStrictEqual(set, record))) &&
    !made.some((record) => sets.some(same(record)));
  if (!isPossible) throw cloudError(changeOperations.replaceRecords, 'invalid-request');
  const untouched = sets.filter((set) => ![...gone, ...after].some(same(set)));
  return { records: [...untouched, ...after] };
}

function withControls(told: Told, states: Readonly<Record<string, 'on' | 'off'>>): Told {
  const controls = valueOf<Readonly<Record<string, 'on' | 'off'>>>(told.routingControls);
  return controls === undefined ? {} : { routingControls: { ...controls, ...states } };
}

function withObject(told: Told, exists: boolean): Told {
  return typeof told.objectExists === 'boolean' ? { objectExists: exists } : {};
}
