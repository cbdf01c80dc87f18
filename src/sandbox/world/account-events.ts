/**
 * What CloudTrail recorded in the simulated account, as records in its own form: people who log in to the console, deployments,
 * backups; and what an intruder does. CloudTrail User Guide, "CloudTrail record contents".
 */
import { hexNoise, noise } from '../random.ts';
import type { WorldInventory } from './inventory.ts';
import { CALLER_ROLE } from './names.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const EVENT_DAY_MS = 24 * HOUR_MS;

/** Where console logins and IAM's calls are recorded. */
const GLOBAL_REGION = 'us-east-1';
const OPERATORS = ['anna', 'jonas', 'mira'] as const;
const OFFICE_ADDRESS = '198.51.100.24';
const PIPELINE_ADDRESS = '192.0.2.44';
export const INTRUDER_ADDRESS = '203.0.113.77';

export interface AccountEvent {
  readonly at: number;
  readonly id: string;
  readonly region: string;
  readonly name: string;
  /** `iam.amazonaws.com` */
  readonly source: string;
  /** As LookupEvents knows who it was: a user's name, a session's, or root. */
  readonly username: string;
  readonly readOnly: boolean;
  /** The record, as JSON. */
  readonly document: string;
}

type Identity =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'root' }
  | { readonly kind: 'role'; readonly role: string; readonly session: string }
  | { readonly kind: 'service'; readonly service: string };

interface Happened {
  readonly at: number;
  readonly region: string;
  /** `iam:CreateUser` */
  readonly call: string;
  readonly by: Identity;
  readonly from: string;
  readonly readOnly?: boolean;
  /** The AWS CLI's where absent. */
  readonly agent?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Of the day that begins at `day`, oldest first. */
export function accountEventsOf(world: WorldInventory, day: number): readonly AccountEvent[] {
  const others = [...usual(world, day), ...intrusions(world, day), ...mistakes(world, day)]
    .toSorted((a, b) => a.at - b.at)
    .map((happened, index) => recorded(world, happened, `${day}/${index}`));
  const own = refusals(world, day).map((happened, index) => recorded(world, happened, `${day}/own/${index}`));
  return own.length === 0 ? others : [...others, ...own].toSorted((a, b) => a.at - b.at);
}

/** Somebody looks around with nanoops so often. */
const LOOKS_EVERY_MS = 6 * HOUR_MS;

/** What nanoops was refused since a fault took its permissions: every look tries all that it may not. */
function refusals({ names, faults, primary, startMs }: WorldInventory, day: number): readonly Happened[] {
  return faults.flatMap((fault) => {
    if (fault.effect !== 'permission-denied') return [];
    const end = Math.min(fault.to ?? Infinity, startMs, day + EVENT_DAY_MS);
    const looks = Math.max(0, Math.ceil((end - fault.from - HOUR_MS) / LOOKS_EVERY_MS));
    return Array.from({ length: looks }, (_, index) => fault.from + HOUR_MS + index * LOOKS_EVERY_MS)
      .filter((at) => at >= day)
      .flatMap((at) =>
        // What stands for many actions is not recorded as one.
        fault.actions
          .filter((action) => !action.includes('*'))
          .map((call, place): Happened => {
            const by = { kind: 'role', role: CALLER_ROLE, session: 'nanoops' } as const;
            const message = `User: arn:aws:sts::${names.account}:assumed-role/${CALLER_ROLE}/nanoops is not authorized to perform: ${call}`;
            return {
              at: at + place * 100,
              region: primary.region,
              call,
              by,
              from: OFFICE_ADDRESS,
              readOnly: true,
              agent: 'nanoops/0.1.0',
              error: { code: 'AccessDenied', message },
            };
          }),
      );
  });
}

function usual(world: WorldInventory, day: number): readonly Happened[] {
  const { seed, primary, recovery, names } = world;
  const luck = (name: string, index = 0) => noise(seed, 'account', name, index, day / EVENT_DAY_MS);
  const found: Happened[] = [];
  const weekday = new Date(day).getUTCDay();
  if (weekday >= 1 && weekday <= 5) {
    for (const [index, name] of OPERATORS.entries()) {
      if (luck('login', index) > 0.5) continue;
      found.push({
        ...login(true),
        at: day + (15 + 3 * luck('login-at', index)) * HOUR_MS,
        by: { kind: 'user', name },
        from: OFFICE_ADDRESS,
      });
    }
    if (luck('deploy') < 0.6) {
      const at = day + (17 + 4 * luck('deploy-at')) * HOUR_MS;
      const by = { kind: 'role', role: `${names.service}-deploy`, session: 'pipeline' } as const;
      const deployed = { region: primary.region, by, from: PIPELINE_ADDRESS };
      found.push({ ...deployed, at, call: 'ecs:RegisterTaskDefinition' });
      found.push({ ...deployed, at: at + 2 * MINUTE_MS, call: 'ecs:UpdateService' });
    }
  }
  const backup = { by: { kind: 'service', service: 'backup.amazonaws.com' }, from: 'backup.amazonaws.com' } as const;
  const backupAt = day + 2 * HOUR_MS + luck('backup') * HOUR_MS;
  found.push({ ...backup, at: backupAt, region: primary.region, call: 'rds:CreateDBClusterSnapshot' });
  found.push({ ...backup, at: backupAt + HOUR_MS, region: recovery.region, call: 'rds:CopyDBClusterSnapshot' });
  return found;
}

/** What somebody did that then went wrong; CloudTrail knows who, and not what for. */
function mistakes({ names, faults, primary }: WorldInventory, day: number): readonly Happened[] {
  const pipeline = { kind: 'role', role: `${names.service}-deploy`, session: 'pipeline' } as const;
  const operator = { kind: 'user', name: OPERATORS[1] } as const;
  const { region } = primary;
  const { cluster, service } = primary.names;
  const found = faults.flatMap((fault): readonly Happened[] => {
    if (fault.effect === 'deployment') {
      const deployed = { region, by: pipeline, from: PIPELINE_ADDRESS };
      const registered = { requestParameters: { family: service } };
      const updated = { requestParameters: { cluster, service } };
      return [
        { ...deployed, at: fault.from - 4 * MINUTE_MS, call: 'ecs:RegisterTaskDefinition', more: registered },
        { ...deployed, at: fault.from, call: 'ecs:UpdateService', more: updated },
      ];
    }
    if (fault.effect === 'targets-closed' || fault.effect === 'security-group-closed') {
      const groups = primary.securityGroups;
      const groupId = fault.effect === 'targets-closed' ? groups.service : groups.database;
      const call = 'ec2:RevokeSecurityGroupIngress';
      const more = { requestParameters: { groupId } };
      return [{ region, by: operator, from: OFFICE_ADDRESS, at: fault.from - 20_000, call, more }];
    }
    return [];
  });
  return found.filter(({ at }) => at >= day && at < day + EVENT_DAY_MS);
}

function login(succeeds: boolean, mfa = succeeds): Pick<Happened, 'region' | 'call' | 'more'> & Partial<Happened> {
  return {
    region: GLOBAL_REGION,
    call: 'signin:ConsoleLogin',
    more: {
      eventType: 'AwsConsoleSignIn',
      responseElements: { ConsoleLogin: succeeds ? 'Success' : 'Failure' },
      additionalEventData: {
        LoginTo: 'https://console.aws.amazon.com/console/home',
        MobileVersion: 'No',
        MFAUsed: mfa ? 'Yes' : 'No',
      },
      ...(!succeeds && { errorMessage: 'Failed authentication' }),
    },
  };
}

/** What a stolen key tries, in this order, again and again. The last one only reads. */
const ATTEMPTS = [
  { call: 'iam:CreateUser', isGlobal: true, code: 'AccessDenied' },
  { call: 'ec2:RunInstances', isGlobal: false, code: 'Client.UnauthorizedOperation' },
  { call: 's3:PutBucketPolicy', isGlobal: false, code: 'AccessDenied' },
  { call: 'iam:AttachUserPolicy', isGlobal: true, code: 'AccessDenied' },
  { call: 'secretsmanager:GetSecretValue', isGlobal: false, code: 'AccessDenied', readOnly: true },
] as const;

function intrusions(world: WorldInventory, day: number): readonly Happened[] {
  const { names, primary } = world;
  const found: Happened[] = [];
  for (const fault of world.faults) {
    if (fault.effect !== 'intrusion') continue;
    const { from: begin, root, denied, failedLogins } = fault;
    const times = (count: number, everyMs: number, afterMs: number) =>
      Array.from({ length: count }, (_, index) => begin + afterMs + index * everyMs);
    for (const at of times(failedLogins, 2 * MINUTE_MS, 0)) {
      found.push({ ...login(false), at, by: { kind: 'user', name: OPERATORS[0] }, from: INTRUDER_ADDRESS });
    }
    for (const [index, at] of times(denied, MINUTE_MS, 5 * MINUTE_MS).entries()) {
      const attempt = ATTEMPTS[index % ATTEMPTS.length] ?? ATTEMPTS[0];
      const session = primary.tasks[0]?.id ?? 'task';
      found.push({
        at,
        region: attempt.isGlobal ? GLOBAL_REGION : primary.region,
        call: attempt.call,
        by: { kind: 'role', role: `${names.service}-task`, session },
        from: INTRUDER_ADDRESS,
        readOnly: 'readOnly' in attempt,
        error: {
          code: attempt.code,
          message: `User: arn:aws:sts::${names.account}:assumed-role/${names.service}-task/${session} is not authorized to perform: ${attempt.call}`,
        },
      });
    }
    for (const [index, at] of times(root, 4 * MINUTE_MS, 90 * MINUTE_MS).entries()) {
      const by = { kind: 'root' } as const;
      if (index === 0) found.push({ ...login(true, false), at, by, from: INTRUDER_ADDRESS });
      else found.push({ at, region: GLOBAL_REGION, call: 'iam:CreateAccessKey', by, from: INTRUDER_ADDRESS });
    }
  }
  return found.filter(({ at }) => at >= day && at < day + EVENT_DAY_MS);
}

function recorded(world: WorldInventory, happened: Happened, key: string): AccountEvent {
  const { at, region, call, by, from, readOnly = false, agent = 'aws-cli/2.31.0', error, more } = happened;
  const { account } = world.names;
  const [service = '', name = ''] = call.split(':');
  const part = (which: string) => hexNoise(world.seed, 'account-event', key, which);
  const id = `${part('a')}-${part('b').slice(0, 4)}-4${part('b').slice(4, 7)}-a${part('c').slice(0, 3)}-${part('d')}${part('e').slice(0, 4)}`;
  const source = `${service}.amazonaws.com`;
  return {
    at,
    id,
    region,
    name,
    source,
    username: usernameOf(by),
    readOnly,
    document: JSON.stringify({
      eventVersion: '1.11',
      userIdentity: identityOf(by, account),
      // CloudTrail knows whole seconds.
      eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
      eventSource: source,
      eventName: name,
      awsRegion: region,
      sourceIPAddress: from,
      userAgent: by.kind === 'service' ? from : agent,
      ...(error && { errorCode: error.code, errorMessage: error.message }),
      requestParameters: null,
      responseElements: null,
      eventID: id,
      readOnly,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: 'Management',
      ...more,
    }),
  };
}

function usernameOf(by: Identity): string {
  switch (by.kind) {
    case 'root':
      return 'root';
    case 'user':
      return by.name;
    case 'role':
      return by.session;
    case 'service':
      return by.service;
  }
}

function identityOf(by: Identity, account: string): Readonly<Record<string, unknown>> {
  switch (by.kind) {
    case 'root':
      return { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account };
    case 'user':
      return {
        type: 'IAMUser',
        principalId: 'AIDASANDBOXSANDBOXSB',
        arn: `arn:aws:iam::${account}:user/${by.name}`,
        accountId: account,
        userName: by.name,
      };
    case 'role':
      return {
        type: 'AssumedRole',
        principalId: `AROASANDBOXSANDBOXSB:${by.session}`,
        arn: `arn:aws:sts::${account}:assumed-role/${by.role}/${by.session}`,
        accountId: account,
        sessionContext: { sessionIssuer: { type: 'Role', userName: by.role, accountId: account } },
      };
    case 'service':
      return { type: 'AWSService', invokedBy: by.service };
  }
}
