/**
 * What the sandbox's caller may do: the policy that nanoops asks for, less what a fault takes away. The gate refuses by
 * it, and the simulated IAM tells it.
 */
import { lasts } from './world/faults.ts';
import { CALLER_ROLE } from './world/names.ts';
import type { World } from './world/world.ts';
import { ServiceFault, type CallContext } from './wire/service.ts';

/** All reads, and the changes of nanoops' own policy, by their names in IAM. */
const policy: readonly string[] = [
  '*:BatchGet*',
  '*:Describe*',
  '*:Filter*',
  '*:Get*',
  '*:List*',
  '*:Lookup*',
  'application-autoscaling:RegisterScalableTarget',
  'cloudwatch:DeleteAlarms',
  'cloudwatch:DeleteDashboards',
  'cloudwatch:PutCompositeAlarm',
  'cloudwatch:PutDashboard',
  'cloudwatch:PutMetricAlarm',
  'dynamodb:CreateTable',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
  'ecs:StopServiceDeployment',
  'ecs:UpdateService',
  'events:DeleteRule',
  'events:PutRule',
  'events:PutTargets',
  'events:RemoveTargets',
  'iam:SimulatePrincipalPolicy',
  'logs:StartQuery',
  'logs:StopQuery',
  'rds:CreateDBInstance',
  'rds:FailoverDBCluster',
  'rds:FailoverGlobalCluster',
  'rds:PromoteReadReplicaDBCluster',
  'rds:RemoveFromGlobalCluster',
  'rds:RestoreDBClusterToPointInTime',
  'rds:SwitchoverGlobalCluster',
  'route53-recovery-cluster:UpdateRoutingControlState',
  'route53-recovery-cluster:UpdateRoutingControlStates',
  'route53:ChangeResourceRecordSets',
  's3:DeleteObject',
  's3:PutObject',
  'sns:CreateTopic',
  'sns:DeleteTopic',
  'sns:Publish',
  'sns:SetTopicAttributes',
  'sns:Subscribe',
  'sns:Unsubscribe',
  'sts:AssumeRole',
];

/** The caller as STS and refusals name it. */
export function callerArn(account: string): string {
  return `arn:aws:sts::${account}:assumed-role/${CALLER_ROLE}/nanoops`;
}

/** Whether the caller's policies allow an action, for example `rds:FailoverGlobalCluster`. */
export function allows(world: World, action: string): boolean {
  return policy.some((pattern) => covers(pattern, action)) && !isTakenAway(world, action);
}

/** The refusal of a call whose action a fault took away; undefined for any other call. */
export function refusalOf(world: World, { service, operation }: CallContext): ServiceFault | undefined {
  const action = iamActionOf(service, operation);
  if (!isTakenAway(world, action)) return undefined;
  const { code, status } = ownWords[service] ?? { code: 'AccessDeniedException', status: 400 };
  return new ServiceFault(
    code,
    `User: ${callerArn(world.inventory.names.account)} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    status,
  );
}

function isTakenAway(world: World, action: string): boolean {
  const now = world.now();
  return world.inventory.faults.some(
    (fault) =>
      fault.effect === 'permission-denied' &&
      lasts(fault, now) &&
      fault.actions.some((pattern) => covers(pattern, action)),
  );
}

/** IAM compares actions without regard to case; * stands for anything (IAM User Guide, "Action"). */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

/** Operations whose action has another name (Service Authorization Reference, Amazon S3). */
const renamed: Readonly<Record<string, string>> = {
  's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3:GetBucketReplication': 's3:GetReplicationConfiguration',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListBucketMetricsConfigurations': 's3:GetMetricsConfiguration',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
};

/** The action that allows an operation. */
export function iamActionOf(service: string, operation: string): string {
  const name = `${service}:${operation}`;
  return renamed[name] ?? name;
}

const accessDenied = { code: 'AccessDenied', status: 403 } as const;

/** What services say instead of `AccessDeniedException` and 400 (each one's API Reference, "Common Errors"). */
const ownWords: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  cloudwatch: accessDenied,
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  elasticache: accessDenied,
  elasticloadbalancing: accessDenied,
  iam: accessDenied,
  rds: accessDenied,
  route53: accessDenied,
  'route53-recovery-cluster': { code: 'AccessDeniedException', status: 403 },
  s3: accessDenied,
  sns: { code: 'AuthorizationError', status: 403 },
  sts: accessDenied,
  xray: { code: 'AccessDeniedException', status: 403 },
};
