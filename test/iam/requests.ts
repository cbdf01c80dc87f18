/** What a stack is really asked, and by which ARNs IAM would judge it: the simulated AWS with the real clients, listened to. */
import { openAws } from '../../src/aws/open-aws.ts';
import { extraNamesOf } from '../../src/composition/extra-names.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { simulatedInspection } from '../../src/sandbox/inspection.ts';
import { simulatedOutside } from '../../src/sandbox/outside.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { openSandbox, sandboxConfigFor, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../src/sandbox/wire/request-id.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../../src/sandbox/wire/service.ts';
import { createWire, type Wire } from '../../src/sandbox/wire/wire.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { nothingNamed } from '../support/nothing-named.ts';

export interface Request extends CallContext {
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * The same wire, which tells what it is asked before a region's outage or a refusal can swallow it: IAM judges what is
 * asked, whatever becomes of it.
 */
export function listening(wire: Wire, services: readonly SimulatedService[], hear: (request: Request) => void): Wire {
  const ear = createWire({
    services: services.map((service) => ({
      ...service,
      operations: service.operations.map(({ schema }) => ({
        schema,
        handle: (input: never, call: CallContext) => {
          hear({ ...call, input });
          throw new ServiceFault('Heard', 'an ear answers nothing');
        },
      })),
    })),
    gate: () => ({ kind: 'answer', latencyMs: 0 }),
    clock: noTime,
    requestIds: () => 'heard',
  });
  return {
    handle: async (request, options) => {
      await ear.handle(request);
      return wire.handle(request, options);
    },
  };
}

const noTime: Clock = { now: () => 0, sleep: () => Promise.resolve(), busy: (work) => work() };

export interface Heard {
  readonly config: Config;
  readonly requests: readonly Request[];
}

/** Does some looking in a scenario, and gives what was asked. */
export async function heardWhile(
  scenario: string,
  work: (session: Session) => Promise<unknown>,
  over: Readonly<Record<string, unknown>> = {},
): Promise<Heard> {
  const config = parseConfig({ ...sandboxConfigFor(scenario), ...over }, 'a test');
  const stack = stackOf(config);
  const clock = new VirtualClock(sandboxStartMs);
  const sandbox = openSandbox({ scenario, seed: 1, stack, clock, extraNames: extraNamesOf(config) });
  const requests: Request[] = [];
  const { services, gate } = sandbox;
  const wire = listening(createWire({ services, gate, clock, requestIds: seededRequestIds(1) }), services, (request) =>
    requests.push(request),
  );
  const random = seeded(1);
  const cloud = openAws({
    clock,
    random,
    mode: 'read-only',
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
  });
  try {
    await work({
      config,
      stack,
      cloud,
      outside: simulatedOutside(sandbox.world, clock),
      named: nothingNamed,
      inspection: simulatedInspection(sandbox.world, clock),
      isSimulated: true,
      verify: () => Promise.resolve(),
      awsOptions: [],
      clock,
      random,
      signal: new AbortController().signal,
      emit: () => undefined,
    });
    return { config, requests };
  } finally {
    cloud.close();
    clock.close();
  }
}

const account = '123456789012';

/** The text of a member; a request that has none is no request of this kind. */
function text(input: Request['input'], member: string): string {
  const value = input[member];
  if (typeof value === 'string') return value;
  throw new TypeError(`no ${member} in ${JSON.stringify(input)}`);
}

function texts(input: Request['input'], member: string): readonly string[] {
  const value = input[member];
  if (Array.isArray(value)) return value.map(String);
  throw new TypeError(`no list ${member} in ${JSON.stringify(input)}`);
}

function optional(input: Request['input'], member: string): readonly string[] {
  return typeof input[member] === 'string' ? [text(input, member)] : [];
}

/** A name as an ARN, or the ARN that it is already. */
const asArn = (prefix: string) => (name: string) => (name.startsWith('arn:') ? name : `${prefix}${name}`);

type Judged = (input: Request['input'], at: (service: string) => string) => readonly string[];

const rds =
  (type: string, ...members: readonly string[]): Judged =>
  (input, at) =>
    members.flatMap((member) => optional(input, member).map(asArn(`${at('rds')}${type}:`)));
const both =
  (...parts: readonly Judged[]): Judged =>
  (input, at) =>
    parts.flatMap((part) => part(input, at));
const one =
  (...resources: readonly string[]): Judged =>
  (_input, at) =>
    resources.map((resource) => `${at(resource.split('|')[0] ?? '')}${resource.split('|')[1] ?? ''}`);
const servicesOf =
  (member: string): Judged =>
  (input, at) =>
    (Array.isArray(input[member]) ? texts(input, member) : [text(input, member)]).map(
      asArn(`${at('ecs')}service/${text(input, 'cluster')}/`),
    );
/** An ARN of a deployment or a revision, and of the service in it. */
const ofService =
  (member: string): Judged =>
  (input) =>
    (Array.isArray(input[member]) ? texts(input, member) : [text(input, member)]).flatMap((arn) => {
      const [, region, , cluster, service] = /^arn:aws:ecs:([^:]+):([^:]+):[^/]+\/([^/]+)\/([^/]+)\//.exec(arn) ?? [];
      return [arn, `arn:aws:ecs:${region}:${account}:service/${cluster}/${service}`];
    });
const bucket: Judged = (input) => [`arn:aws:s3:::${text(input, 'Bucket')}`];
const object: Judged = (input) => [`arn:aws:s3:::${text(input, 'Bucket')}/${text(input, 'Key')}`];
const table: Judged = (input, at) => [`${at('dynamodb')}table/${text(input, 'TableName')}`];
const globalDatabase: Judged = (input) =>
  optional(input, 'GlobalClusterIdentifier').map((id) => `arn:aws:rds::${account}:global-cluster:${id}`);

/** Written from the Service Authorization Reference and the API References, apart from the table that is tried by it. */
const judgedBy: Readonly<Record<string, Judged>> = {
  'acm:DescribeCertificate': (input) => [text(input, 'CertificateArn')],
  'application-autoscaling:RegisterScalableTarget': one('application-autoscaling|scalable-target/0ec5d4a1'),
  'cloudfront:GetCachePolicy': (input) => [`arn:aws:cloudfront::${account}:cache-policy/${text(input, 'Id')}`],
  'cloudfront:GetDistributionConfig': (input) => [`arn:aws:cloudfront::${account}:distribution/${text(input, 'Id')}`],
  'cloudfront:ListInvalidations': (input) => [
    `arn:aws:cloudfront::${account}:distribution/${text(input, 'DistributionId')}`,
  ],
  'cloudwatch:DescribeAlarmHistory': one('cloudwatch|alarm:*'),
  'cloudwatch:DescribeAlarms': one('cloudwatch|alarm:*'),
  'dynamodb:DescribeContinuousBackups': table,
  'dynamodb:DescribeTable': table,
  'ecr:DescribeImages': (input, at) => [`${at('ecr')}repository/${text(input, 'repositoryName')}`],
  'ecs:DescribeServiceDeployments': ofService('serviceDeploymentArns'),
  'ecs:DescribeServiceRevisions': ofService('serviceRevisionArns'),
  'ecs:DescribeServices': servicesOf('services'),
  'ecs:DescribeTasks': (input, at) => texts(input, 'tasks').map(asArn(`${at('ecs')}task/${text(input, 'cluster')}/`)),
  'ecs:ListServiceDeployments': servicesOf('service'),
  'ecs:ListTasks': (input, at) => [`${at('ecs')}container-instance/${text(input, 'cluster')}/*`],
  'ecs:StopServiceDeployment': ofService('serviceDeploymentArn'),
  'ecs:UpdateService': servicesOf('service'),
  'elasticache:DescribeCacheClusters': (input, at) => [`${at('elasticache')}cluster:${text(input, 'CacheClusterId')}`],
  'elasticache:DescribeCacheParameters': (input, at) => [
    `${at('elasticache')}parametergroup:${text(input, 'CacheParameterGroupName')}`,
  ],
  'elasticache:DescribeReplicationGroups': (input, at) => [
    `${at('elasticache')}replicationgroup:${text(input, 'ReplicationGroupId')}`,
  ],
  'guardduty:GetDetector': (input, at) => [`${at('guardduty')}detector/${text(input, 'DetectorId')}`],
  'iam:GetRole': (input) => [`arn:aws:iam::${account}:role/${text(input, 'RoleName')}`],
  'iam:SimulatePrincipalPolicy': (input) => [text(input, 'PolicySourceArn')],
  'logs:FilterLogEvents': (input, at) => [`${at('logs')}log-group:${text(input, 'logGroupName')}:log-stream:`],
  'rds:CreateDBInstance': both(rds('db', 'DBInstanceIdentifier'), rds('cluster', 'DBClusterIdentifier')),
  'rds:DescribeDBClusterParameters': rds('cluster-pg', 'DBClusterParameterGroupName'),
  'rds:DescribeDBClusterSnapshots': both(rds('cluster', 'DBClusterIdentifier'), one('rds|cluster-snapshot:*')),
  'rds:DescribeDBClusters': rds('cluster', 'DBClusterIdentifier'),
  // Asked by a filter, it is of all instances.
  'rds:DescribeDBInstances': one('rds|db:*'),
  'rds:DescribeDBParameters': rds('pg', 'DBParameterGroupName'),
  'rds:DescribeGlobalClusters': globalDatabase,
  'rds:FailoverDBCluster': both(rds('cluster', 'DBClusterIdentifier'), rds('db', 'TargetDBInstanceIdentifier')),
  'rds:FailoverGlobalCluster': both(globalDatabase, rds('cluster', 'TargetDbClusterIdentifier')),
  'rds:PromoteReadReplicaDBCluster': rds('cluster', 'DBClusterIdentifier'),
  'rds:RemoveFromGlobalCluster': both(globalDatabase, rds('cluster', 'DbClusterIdentifier')),
  'rds:RestoreDBClusterToPointInTime': both(
    rds('cluster', 'DBClusterIdentifier', 'SourceDBClusterIdentifier'),
    rds('cluster-pg', 'DBClusterParameterGroupName'),
    rds('subgrp', 'DBSubnetGroupName'),
  ),
  'rds:SwitchoverGlobalCluster': both(globalDatabase, rds('cluster', 'TargetDbClusterIdentifier')),
  'route53-recovery-cluster:GetRoutingControlState': (input) => [text(input, 'RoutingControlArn')],
  'route53-recovery-cluster:UpdateRoutingControlStates': (input) => {
    const entries = input['UpdateRoutingControlStateEntries'];
    return Array.isArray(entries) ? entries.map(({ RoutingControlArn: arn }) => String(arn)) : [];
  },
  'route53:ChangeResourceRecordSets': (input) => [`arn:aws:route53:::hostedzone/${text(input, 'HostedZoneId')}`],
  'route53:GetChange': (input) => [`arn:aws:route53:::change/${text(input, 'Id').replace(/^\/change\//, '')}`],
  'route53:GetHealthCheck': (input) => [`arn:aws:route53:::healthcheck/${text(input, 'HealthCheckId')}`],
  'route53:GetHealthCheckStatus': (input) => [`arn:aws:route53:::healthcheck/${text(input, 'HealthCheckId')}`],
  'route53:ListResourceRecordSets': (input) => [`arn:aws:route53:::hostedzone/${text(input, 'HostedZoneId')}`],
  's3:DeleteObject': object,
  's3:GetBucketLifecycleConfiguration': bucket,
  's3:GetBucketReplication': bucket,
  's3:GetBucketVersioning': bucket,
  's3:HeadBucket': bucket,
  's3:HeadObject': object,
  's3:ListBucketMetricsConfigurations': bucket,
  's3:PutObject': object,
  'secretsmanager:DescribeSecret': (input, at) => [asArn(`${at('secretsmanager')}secret:`)(text(input, 'SecretId'))],
};

/** The resources by which IAM judges a request: all of them have to be allowed. */
export function arnsOf({ service, operation, region, input }: Request): readonly string[] {
  const judged = judgedBy[`${service}:${operation}`];
  // What IAM knows no resource for is judged by everything.
  return judged === undefined ? ['*'] : judged(input, (name) => `arn:aws:${name}:${region}:${account}:`);
}
