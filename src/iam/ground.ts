/** What a policy is scoped to: the configured names, in the form in which IAM has them. */
import type { RegionalStack, Stack } from '../cloud/stack.ts';

/** Names that IAM wants and a stack's references do not hold. */
export interface Ground {
  readonly stack: Stack;
  /** The halves that are looked at: both, or the one that `--region` names. */
  readonly halves: readonly RegionalStack[];
  /** The CloudFront distribution's id. */
  readonly distribution?: string;
  /** ARNs of roles that are assumed. */
  readonly roles: readonly string[];
  /** Account ids by region, where the regions are in accounts of their own. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Secrets that the configuration refers to, for receivers of notifications and for what is connected to. */
  readonly secrets: readonly StoredSecret[];
  readonly topicArn?: string;
  readonly eventBus?: { readonly name: string; readonly region: string };
  /** How the names of alarms, topics, rules and the dashboard begin that `alerts` and `dashboard` make. */
  readonly watch: string;
  /** Of a team's state. */
  readonly table?: { readonly name: string; readonly region: string };
}

export interface StoredSecret {
  readonly store: 'ssm' | 'secretsmanager';
  /** The parameter's or the secret's name, or its ARN. */
  readonly name: string;
  /** Where it is asked for, unless it is an ARN. */
  readonly region: string;
}

/** By how a region's name begins (AWS General Reference, "Amazon Resource Names", partitions). */
const partitions: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['us-iso-', 'aws-iso'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
];

export function partitionOf(region: string): string {
  return partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** An account that nobody named may be any. */
const anyAccount = '*';

function accountIn({ stack, accounts }: Ground, region: string): string {
  return accounts[region] ?? stack.account ?? anyAccount;
}

/** The ARN of something that lives in a region. */
export function arnIn(ground: Ground, service: string, region: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountIn(ground, region)}:${resource}`;
}

/** The ARNs of something that is of an account and of no region: one for each account that the halves are in. */
export function globalArns(ground: Ground, service: string, resource: string): readonly string[] {
  const arns = ground.halves.map(
    ({ region }) => `arn:${partitionOf(region)}:${service}::${accountIn(ground, region)}:${resource}`,
  );
  return [...new Set(arns)];
}

/** The ARN of something whose name is unique in its partition, or of a service without accounts: S3, Route 53. */
export function plainArn({ stack }: Ground, service: string, resource: string): string {
  return `arn:${partitionOf(stack.primary.region)}:${service}:::${resource}`;
}
