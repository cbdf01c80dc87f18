/**
 * Which resources of a stack each action is about, as IAM knows them. Source of every line: the Service Authorization
 * Reference, the table of the service's actions, column "Resource types".
 */
import { firstInstanceOf } from '../cloud/database-names.ts';
import type { RegionalStack } from '../cloud/stack.ts';
import { arnIn, globalArns, partitionOf, plainArn, type Ground } from './ground.ts';

/**
 * ARNs of what an action is about; none where the configuration has no use for it. `acts`: all that whoever asks may
 * change, which tells what it is about where the configuration alone does not.
 */
type Named = (ground: Ground, acts: ReadonlySet<string>) => readonly string[];
/** Those that the configuration alone tells. */
type Configured = (ground: Ground) => readonly string[];

/** Why an action is allowed on everything. */
interface Everything {
  readonly because: string;
}

const unscoped: Everything = { because: 'IAM knows no resource for it' };

/** One ARN or more for each half that has that part of the stack. */
function each(of: (half: RegionalStack, ground: Ground) => readonly (string | undefined)[]): Configured {
  return (ground) => ground.halves.flatMap((half) => of(half, ground).flatMap((arn) => arn ?? []));
}

/** Of every half that has the part: what is found by asking, and named in no configuration. */
function anyWhere(part: (half: RegionalStack) => unknown, service: string, ...resources: readonly string[]): Named {
  return each((half, ground) =>
    part(half) === undefined ? [] : resources.map((resource) => arnIn(ground, service, half.region, resource)),
  );
}

const ecs = (...resources: readonly ((name: { cluster: string; service: string }) => string)[]): Named =>
  each(({ compute }, ground) =>
    compute === undefined ? [] : resources.map((resource) => arnIn(ground, 'ecs', compute.region, resource(compute))),
  );
const ecsService = ecs(({ cluster, service: name }) => `service/${cluster}/${name}`);
const deployment = ecs(
  ({ cluster, service: name }) => `service/${cluster}/${name}`,
  ({ cluster, service: name }) => `service-deployment/${cluster}/${name}/*`,
);
const revision = ecs(
  ({ cluster, service: name }) => `service/${cluster}/${name}`,
  ({ cluster, service: name }) => `service-revision/${cluster}/${name}/*`,
);

const compute = ({ compute: part }: RegionalStack): unknown => part;
const database = ({ database: part }: RegionalStack): unknown => part;

const cluster: Configured = each(({ database: part }, ground) => [
  part && arnIn(ground, 'rds', part.region, `cluster:${part.cluster}`),
]);
/** Of a long name, a copy's has the beginning only: no identifier is longer than 63 characters. */
const longestKept = 40;
/** A copy, and its instances, are named after the cluster that they are of. */
function copyOf(name: string): string {
  return name.length > longestKept ? `${name.slice(0, longestKept)}*-restored-*` : `${name}-restored-*`;
}
const copiesAs = (type: 'cluster' | 'db'): Configured =>
  each(({ database: part }, ground) => [part && arnIn(ground, 'rds', part.region, `${type}:${copyOf(part.cluster)}`)]);
/** Instances, parameter groups and snapshots have names that no configuration holds. */
const instances = anyWhere(database, 'rds', 'db:*');
const globalCluster: Named = (ground) =>
  ground.stack.globalCluster === undefined
    ? []
    : globalArns(ground, 'rds', `global-cluster:${ground.stack.globalCluster}`);
/** Of a global database alone; otherwise the other region's cluster is a replica. */
const clusterOfGlobal: Named = (ground) => (ground.stack.globalCluster === undefined ? [] : cluster(ground));
const replica: Named = (ground) => (ground.stack.globalCluster === undefined ? cluster(ground) : []);

const together =
  (...parts: readonly Named[]): Named =>
  (ground, acts) =>
    parts.flatMap((part) => part(ground, acts));

/** Part of what an action is about, for whoever may change one of these, too. */
const alongWith =
  (operations: readonly string[], part: Configured): Named =>
  (ground, acts) =>
    operations.some((operation) => acts.has(operation)) ? part(ground) : [];
/** A cluster that is to take over and has no instance is given its first one, named after it. */
const firstInstance: Configured = each(({ database: part }, ground) => [
  part && arnIn(ground, 'rds', part.region, `cluster:${part.cluster}`),
  part && arnIn(ground, 'rds', part.region, `db:${firstInstanceOf(part.cluster)}`),
]);
const handingOver = [
  'rds:FailoverGlobalCluster',
  'rds:PromoteReadReplicaDBCluster',
  'rds:RemoveFromGlobalCluster',
  'rds:SwitchoverGlobalCluster',
];

const clusterAndCopies = together(cluster, copiesAs('cluster'));
/** A snapshot that was copied to the other region is of a cluster that is not there. */
const clusterAnywhere: Named = (ground) => {
  const { primary, recovery } = ground.stack;
  const names = [primary, recovery].flatMap((half) => half?.database?.cluster ?? []);
  return ground.halves.flatMap(({ region }) => names.map((name) => arnIn(ground, 'rds', region, `cluster:${name}`)));
};

const bucket: Named = each(({ storage }, ground) => [storage && plainArn(ground, 's3', storage.bucket)]);
const switchObject: Named = (ground) => {
  const { traffic } = ground.stack;
  if (traffic?.mechanism !== 'health-check') return [];
  return [plainArn(ground, 's3', `${traffic.switchObject.bucket}/${traffic.switchObject.key}`)];
};
const switchBucket: Named = (ground) => {
  const { traffic } = ground.stack;
  return traffic?.mechanism === 'health-check' ? [plainArn(ground, 's3', traffic.switchObject.bucket)] : [];
};
const zone: Configured = (ground) =>
  ground.stack.traffic === undefined
    ? []
    : [plainArn(ground, 'route53', `hostedzone/${ground.stack.traffic.hostedZoneId}`)];
/** The record's own health checks are found by reading the record. */
const healthChecks: Named = (ground) =>
  ground.stack.traffic === undefined ? [] : [plainArn(ground, 'route53', 'healthcheck/*')];
const records: Named = (ground) => (ground.stack.traffic?.mechanism === 'records' ? zone(ground) : []);
const changes: Named = (ground) =>
  ground.stack.traffic?.mechanism === 'records' ? [plainArn(ground, 'route53', 'change/*')] : [];
const controls: Named = ({ stack: { traffic } }) =>
  traffic?.mechanism === 'routing-control' ? Object.values(traffic.controls) : [];

const sessions: Named = (ground) => {
  const { sessionsTable } = ground.stack;
  if (sessionsTable === undefined) return [];
  return ground.halves.map(({ region }) => arnIn(ground, 'dynamodb', region, `table/${sessionsTable}`));
};

/** Log groups, with their streams. The database's are those below its prefix. */
const logGroups: Named = each(({ logs }, ground) => [
  ...[logs?.application, logs?.cache, logs?.trail].map(
    (group) => group && arnIn(ground, 'logs', group.region, `log-group:${group.logGroup}:*`),
  ),
  logs?.database && arnIn(ground, 'logs', logs.database.region, `log-group:${logs.database.logGroup}/*:*`),
]);

const cacheGroup: Named = each(({ cache }, ground) => [
  cache && arnIn(ground, 'elasticache', cache.region, `replicationgroup:${cache.replicationGroup}`),
]);
/** A replication group's nodes are named after it (Amazon ElastiCache API Reference, CreateReplicationGroup). */
const cacheNodes: Named = each(({ cache }, ground) => [
  cache && arnIn(ground, 'elasticache', cache.region, `cluster:${cache.replicationGroup}-*`),
]);

const distribution: Named = (ground) =>
  ground.distribution === undefined ? [] : globalArns(ground, 'cloudfront', `distribution/${ground.distribution}`);
/** AWS's own cache policies are of no account of yours. */
const cachePolicies: Named = ({ distribution: id, stack }) =>
  id === undefined ? [] : [`arn:${partitionOf(stack.primary.region)}:cloudfront::*:cache-policy/*`];

/** A secret's ARN ends in six characters that only it knows (Secrets Manager User Guide, "Secret ARN"). */
const configuredSecrets =
  (store: 'ssm' | 'secretsmanager'): Named =>
  (ground) =>
    ground.secrets.flatMap((secret) => {
      if (secret.store !== store) return [];
      const { name, region } = secret;
      if (name.startsWith('arn:')) return [name];
      return store === 'ssm'
        ? [arnIn(ground, 'ssm', region, `parameter/${name.replace(/^\//, '')}`)]
        : [arnIn(ground, 'secretsmanager', region, `secret:${name}-??????`)];
    });

/** What `alerts apply` and `dashboard apply` make, by how their names begin. */
const watching = (service: 'cloudwatch' | 'events' | 'sns', before: string): Named =>
  each(({ region }, ground) => [arnIn(ground, service, region, `${before}${ground.watch}-*`)]);
const alarms = watching('cloudwatch', 'alarm:');
const rules = watching('events', 'rule/');
const topics = watching('sns', '');
const dashboards: Named = (ground) => globalArns(ground, 'cloudwatch', `dashboard/${ground.watch}*`);

const resources: Readonly<Record<string, Named | Everything>> = {
  'acm:DescribeCertificate': anyWhere(({ api }) => api, 'acm', 'certificate/*'),
  'application-autoscaling:DescribeScalableTargets': unscoped,
  'application-autoscaling:DescribeScalingPolicies': unscoped,
  // A target's ARN holds an id of its own, not the service's name.
  'application-autoscaling:RegisterScalableTarget': anyWhere(compute, 'application-autoscaling', 'scalable-target/*'),
  'ce:GetCostAndUsage': { because: 'it is asked for the whole bill, by no billing view' },
  'cloudfront:GetCachePolicy': cachePolicies,
  'cloudfront:GetDistributionConfig': distribution,
  'cloudfront:ListInvalidations': distribution,
  'cloudtrail:LookupEvents': unscoped,
  'cloudwatch:DescribeAlarmHistory': anyWhere(() => true, 'cloudwatch', 'alarm:*'),
  'cloudwatch:DescribeAlarms': anyWhere(() => true, 'cloudwatch', 'alarm:*'),
  'cloudwatch:DeleteAlarms': alarms,
  'cloudwatch:DeleteDashboards': dashboards,
  'cloudwatch:GetDashboard': dashboards,
  'cloudwatch:GetMetricData': unscoped,
  'cloudwatch:ListTagsForResource': anyWhere(() => true, 'cloudwatch', 'alarm:*'),
  'cloudwatch:PutCompositeAlarm': alarms,
  'cloudwatch:PutDashboard': dashboards,
  'cloudwatch:PutMetricAlarm': alarms,
  'cloudwatch:PutMetricData': unscoped,
  'cloudwatch:TagResource': alarms,
  'cloudwatch:ListMetrics': unscoped,
  'dynamodb:DescribeContinuousBackups': sessions,
  'dynamodb:DescribeTable': sessions,
  'ec2:DescribeFlowLogs': unscoped,
  'ec2:DescribeSecurityGroups': unscoped,
  'ec2:DescribeSubnets': unscoped,
  'ecr:DescribeImages': anyWhere(compute, 'ecr', 'repository/*'),
  'ecs:DescribeServiceDeployments': deployment,
  'ecs:DescribeServiceRevisions': revision,
  'ecs:DescribeServices': ecsService,
  'ecs:DescribeTaskDefinition': unscoped,
  'ecs:DescribeTasks': ecs(({ cluster: name }) => `task/${name}/*`),
  'ecs:ListServiceDeployments': ecsService,
  'ecs:ListTasks': ecs(({ cluster: name }) => `container-instance/${name}/*`),
  'ecs:StopServiceDeployment': deployment,
  'ecs:UpdateService': ecsService,
  'elasticache:DescribeCacheClusters': cacheNodes,
  'elasticache:DescribeCacheParameters': anyWhere(({ cache }) => cache, 'elasticache', 'parametergroup:*'),
  'elasticache:DescribeReplicationGroups': cacheGroup,
  'elasticloadbalancing:DescribeListenerCertificates': unscoped,
  'elasticloadbalancing:DescribeListeners': unscoped,
  'elasticloadbalancing:DescribeLoadBalancers': unscoped,
  'elasticloadbalancing:DescribeTargetGroups': unscoped,
  'elasticloadbalancing:DescribeTargetHealth': unscoped,
  'guardduty:GetDetector': anyWhere(() => true, 'guardduty', 'detector/*'),
  'guardduty:GetFindings': unscoped,
  'guardduty:ListDetectors': unscoped,
  'guardduty:ListFindings': unscoped,
  'health:DescribeEvents': unscoped,
  'iam:GetRole': (ground) => globalArns(ground, 'iam', 'role/*'),
  // The roles of the task definition, which are found by reading it.
  'iam:PassRole': (ground) =>
    ground.halves.some(({ compute: part }) => part !== undefined) ? globalArns(ground, 'iam', 'role/*') : [],
  'iam:SimulatePrincipalPolicy': (ground) => [
    ...globalArns(ground, 'iam', 'role/*'),
    ...globalArns(ground, 'iam', 'user/*'),
  ],
  'logs:DescribeLogGroups': unscoped,
  'logs:FilterLogEvents': logGroups,
  'rds:CreateDBInstance': together(
    alongWith(['rds:RestoreDBClusterToPointInTime'], copiesAs('db')),
    alongWith(['rds:RestoreDBClusterToPointInTime'], copiesAs('cluster')),
    alongWith(handingOver, firstInstance),
    anyWhere(database, 'rds', 'og:*', 'pg:*', 'secgrp:*', 'subgrp:*'),
  ),
  'rds:DescribeDBClusterParameters': anyWhere(database, 'rds', 'cluster-pg:*'),
  'rds:DescribeDBClusterSnapshots': together(
    clusterAnywhere,
    copiesAs('cluster'),
    anyWhere(database, 'rds', 'cluster-snapshot:*'),
  ),
  'rds:DescribeDBClusters': clusterAndCopies,
  'rds:DescribeDBInstances': instances,
  'rds:DescribeDBParameters': anyWhere(database, 'rds', 'pg:*'),
  'rds:DescribeEvents': unscoped,
  'rds:DescribeGlobalClusters': globalCluster,
  'rds:FailoverDBCluster': together(cluster, instances),
  'rds:FailoverGlobalCluster': together(clusterOfGlobal, globalCluster),
  'rds:PromoteReadReplicaDBCluster': replica,
  'rds:RemoveFromGlobalCluster': together(clusterOfGlobal, globalCluster),
  'rds:RestoreDBClusterToPointInTime': together(
    clusterAndCopies,
    anyWhere(database, 'rds', 'cluster-pg:*', 'og:*', 'subgrp:*'),
  ),
  'rds:SwitchoverGlobalCluster': together(clusterOfGlobal, globalCluster),
  'route53-recovery-cluster:GetRoutingControlState': controls,
  'route53-recovery-cluster:UpdateRoutingControlState': controls,
  'route53-recovery-cluster:UpdateRoutingControlStates': controls,
  'route53:ChangeResourceRecordSets': records,
  'route53:GetChange': changes,
  'route53:GetHealthCheck': healthChecks,
  'route53:GetHealthCheckStatus': healthChecks,
  'route53:ListResourceRecordSets': zone,
  's3:DeleteObject': switchObject,
  's3:GetBucketVersioning': bucket,
  's3:GetLifecycleConfiguration': bucket,
  's3:GetMetricsConfiguration': bucket,
  's3:GetObject': switchObject,
  's3:GetReplicationConfiguration': bucket,
  's3:ListBucket': switchBucket,
  's3:PutObject': switchObject,
  // Of the task definition, which names them.
  'secretsmanager:DescribeSecret': anyWhere(compute, 'secretsmanager', 'secret:*'),
  'secretsmanager:GetSecretValue': configuredSecrets('secretsmanager'),
  'sns:Publish': ({ topicArn }) => (topicArn === undefined ? [] : [topicArn]),
  'sns:CreateTopic': topics,
  'sns:DeleteTopic': topics,
  'sns:GetTopicAttributes': topics,
  'sns:ListSubscriptionsByTopic': topics,
  'sns:ListTagsForResource': topics,
  'sns:SetTopicAttributes': topics,
  'sns:Subscribe': topics,
  'sns:TagResource': topics,
  'sns:Unsubscribe': topics,
  'events:DeleteRule': rules,
  'events:DescribeRule': rules,
  'events:ListRules': unscoped,
  'events:ListTagsForResource': rules,
  'events:ListTargetsByRule': rules,
  'events:PutRule': rules,
  'events:PutTargets': rules,
  'events:RemoveTargets': rules,
  'events:TagResource': rules,
  'events:PutEvents': (ground) =>
    ground.eventBus === undefined
      ? []
      : [arnIn(ground, 'events', ground.eventBus.region, `event-bus/${ground.eventBus.name}`)],
  'ssm:DescribeParameters': unscoped,
  'ssm:GetParameter': configuredSecrets('ssm'),
  'sts:AssumeRole': ({ roles }) => roles,
  'xray:BatchGetTraces': unscoped,
  'xray:GetServiceGraph': unscoped,
  'xray:GetTimeSeriesServiceStatistics': unscoped,
  'xray:GetTraceSegmentDestination': unscoped,
  'xray:GetTraceSummaries': unscoped,
};

/** What these make is called as whoever makes it likes. */
const naming: ReadonlySet<string> = new Set(['rds:CreateDBInstance', 'rds:RestoreDBClusterToPointInTime']);

/** True of actions whose resources follow from the configuration, whoever takes them. */
export function isScoped(action: string): boolean {
  return Object.hasOwn(resources, action) && !naming.has(action);
}

export type Scope =
  | { readonly kind: 'named'; readonly arns: readonly string[] }
  | { readonly kind: 'everything'; readonly because: string }
  /** The configuration has no use for the action. */
  | { readonly kind: 'unused' };

/**
 * What a stack's use of an action is about, by somebody who may change what `acts` names.
 *
 * @throws TypeError for an action that has no line in the table.
 */
export function scopeOf(action: string, ground: Ground, acts: ReadonlySet<string>): Scope {
  const found = resources[action];
  if (found === undefined) throw new TypeError(`${action} has no line in the table of src/iam/resources.ts`);
  if (typeof found !== 'function') return { kind: 'everything', because: found.because };
  const arns = [...new Set(found(ground, acts))].toSorted();
  return arns.length === 0 ? { kind: 'unused' } : { kind: 'named', arns };
}
