/** The least that IAM has to allow for some commands and runbooks, on the resources of one configuration. Asks nothing of AWS. */
import type { RegionalStack } from '../../cloud/stack.ts';
import type { Config } from '../../config/schema.ts';
import { isSecretRef } from '../../config/secrets.ts';
import { stackOf } from '../../config/stack.ts';
import type { Ground, StoredSecret } from '../../iam/ground.ts';
import { longestPolicy, policiesFor, sizeOf, type Work } from '../../iam/policy.ts';
import { creatingState, keepingState } from '../../iam/state.ts';
import type { PolicyReport } from '../../report/policy-schemas.ts';
import { prefixIn } from '../monitoring-look.ts';
import type { AnyCheck } from '../../checks/check.ts';
import type { AnyRunbook } from '../../runbooks/kit.ts';
import { findRunbook } from '../runbooks.ts';
import { sitesOf } from '../run-settings.ts';
import {
  commandsNamed,
  everyUse,
  rehearsed,
  together,
  usesOfCommand,
  usesOfOwn,
  usesOfOwnChecks,
  usesOfRunbook,
  type Uses,
} from './commands.ts';

export interface PolicyWanted {
  /** Words as typed: `diagnose latency`. */
  readonly commands: readonly string[];
  /** Of the team's own runbooks, those that are among them; with nothing named, all. */
  readonly own?: readonly (AnyRunbook & { readonly namesItself?: boolean })[];
  /** The team's own checks, which `checks run` runs too. */
  readonly ownChecks?: readonly AnyCheck[];
  /** Ids; with no command and no runbook named, everything that nanoops can do. */
  readonly runbooks: readonly string[];
  /** One of the configured regions; both when absent. */
  readonly region?: string | undefined;
  /** True where all of it is for dry runs. */
  readonly isDryRun?: boolean | undefined;
}

/** @throws NanoopsError `UnknownCommand`, `UnknownRunbook`, `UnknownRegion` */
export function iamPolicy(wanted: PolicyWanted, config: Config | undefined): PolicyReport {
  const commands = commandsNamed(wanted.commands);
  const { own = [], ownChecks = [] } = wanted;
  const isOwn = (id: string): boolean => own.some((each) => each.id === id);
  const runbooks = [...new Set(wanted.runbooks.filter((id) => !isOwn(id)).map((id) => findRunbook(id).id))];
  const meant = commands.length + wanted.runbooks.length === 0 ? everyUse() : { commands, runbooks };
  const each = [
    ...meant.commands.map(usesOfCommand),
    ...meant.runbooks.map((id) => usesOfRunbook(findRunbook(id))),
    ...own.map(usesOfOwn),
    ...(meant.commands.includes('checks run') ? [usesOfOwnChecks(ownChecks)] : []),
  ];
  const uses = together(wanted.isDryRun === true ? each.map(rehearsed) : each);
  const ground = config && groundOf(config, uses, wanted.region);
  const { documents, everything, unused } = policiesFor(workOf(uses, config), ground);
  const policies = documents.map((document, index) => ({
    name: documents.length === 1 ? 'nanoops' : `nanoops-${index + 1}`,
    size: sizeOf(document),
    // Plain data, which the schema's type wants writable.
    document: structuredClone(document) as PolicyReport['policies'][number]['document'],
  }));
  return {
    schema: 'nanoops/policy@1',
    commands: [...meant.commands],
    runbooks: [...meant.runbooks, ...own.map(({ id }) => id)],
    scoped: ground !== undefined,
    policies,
    everything: [...everything],
    unused: [...unused],
    notes: notesOf(policies.length, uses, ground),
  };
}

function workOf(uses: Required<Uses>, config: Config | undefined): Work {
  const { notify, roles } = config ?? {};
  const secrets = config === undefined ? [] : storedSecrets(config, uses);
  return {
    look: uses.look,
    act: uses.act,
    ownLook: uses.ownLook,
    ownAct: uses.ownAct,
    state: uses.keeps ? keepingState : [],
    stateInit: uses.creates ? creatingState : [],
    tell: uses.tells
      ? [
          ...(notify?.sns === undefined ? [] : ['sns:Publish']),
          ...(notify?.eventbridge === undefined ? [] : ['events:PutEvents']),
          // Of nanoops itself: who is told of a run tells how it went.
          ...(config?.observability?.metrics === undefined ? [] : ['cloudwatch:PutMetricData']),
        ]
      : [],
    secrets: [
      ...(secrets.some(({ store }) => store === 'ssm') ? ['ssm:GetParameter'] : []),
      ...(secrets.some(({ store }) => store === 'secretsmanager') ? ['secretsmanager:GetSecretValue'] : []),
    ],
    assume: roles?.primary === undefined && roles?.recovery === undefined ? [] : ['sts:AssumeRole'],
  };
}

/** @throws NanoopsError `UnknownRegion` */
function groundOf(config: Config, uses: Required<Uses>, region: string | undefined): Ground {
  const stack = stackOf(config);
  const { site } = sitesOf(stack, region);
  const halves: readonly RegionalStack[] =
    region === undefined ? [stack.primary, ...(stack.recovery === undefined ? [] : [stack.recovery])] : [site];
  const { roles, notify, cdn, state } = config;
  const byRegion: readonly (readonly [string | undefined, string | undefined])[] = [
    [stack.primary.region, roles?.primary],
    [stack.recovery?.region, roles?.recovery],
  ];
  const wanted = byRegion.flatMap(([home, role]) =>
    home !== undefined && role !== undefined && halves.some((half) => half.region === home)
      ? [[home, role] as const]
      : [],
  );
  return {
    stack,
    halves,
    roles: wanted.map(([, role]) => role),
    accounts: Object.fromEntries(
      wanted.flatMap(([home, role]) => {
        const account = /^arn:[^:]*:iam::(\d{12}):/.exec(role)?.[1];
        return account === undefined ? [] : [[home, account]];
      }),
    ),
    secrets: storedSecrets(config, uses),
    watch: prefixIn(config, stack),
    ...(cdn === undefined ? {} : { distribution: cdn.distribution }),
    ...(notify?.sns === undefined ? {} : { topicArn: notify.sns.topicArn }),
    ...(notify?.eventbridge === undefined
      ? {}
      : { eventBus: { name: notify.eventbridge.bus, region: notify.eventbridge.region } }),
    ...(state === 'file' ? {} : { table: { name: state.dynamodb.table, region: state.dynamodb.region } }),
  };
}

/** The references that what is done resolves, and that AWS keeps: those of receivers, and of what is connected to. */
function storedSecrets(config: Config, uses: Required<Uses>): readonly StoredSecret[] {
  const region = config.regions.primary;
  const places = [
    ...(uses.tells ? [config.notify] : []),
    ...(uses.connects ? [config.database?.connection, config.cache?.connection] : []),
  ];
  return places.flatMap(refsIn).flatMap(({ store, name }) => (store === 'env' ? [] : [{ store, name, region }]));
}

interface Ref {
  readonly store: 'env' | 'ssm' | 'secretsmanager';
  readonly name: string;
}

function refsIn(value: unknown): readonly Ref[] {
  if (isSecretRef(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(refsIn) : [];
}

function notesOf(count: number, uses: Required<Uses>, ground: Ground | undefined): string[] {
  const secrets = ground?.secrets ?? [];
  return [
    ...(ground === undefined
      ? ['no nanoops.yaml was found: everything is allowed on "*"; with one, only on what it names']
      : []),
    ...(ground !== undefined && ground.stack.account === undefined && ground.roles.length === 0
      ? ['no account is configured: ARNs are of any account; "account" in nanoops.yaml narrows them']
      : []),
    ...(count > 1
      ? [
          `${count} policies, since a managed policy has ${longestPolicy} characters at most: create and attach each (jq '.[0]')`,
        ]
      : []),
    ...(ground !== undefined && ground.roles.length > 0
      ? ['Assume is for who runs nanoops; what looks and acts is for the roles that it assumes']
      : []),
    ...(ground !== undefined && ground.table === undefined && (uses.keeps || uses.creates)
      ? ['state is kept in files: no table has to be allowed']
      : []),
    ...(uses.publishes
      ? ['incident publish to a bucket needs s3:PutObject besides, on the bucket and prefix that are typed']
      : []),
    ...(secrets.length > 0 ? ['secrets under a KMS key of your own need kms:Decrypt on that key besides'] : []),
  ];
}
