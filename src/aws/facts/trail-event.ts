/** What a CloudTrail record says, as far as access goes. CloudTrail User Guide, "CloudTrail record contents". */
import type { AccessEvent, AccountChange } from '../../cloud/security-facts.ts';

type Members = Readonly<Record<string, unknown>>;

/** Codes of a call that was refused for a missing permission: services do not agree on one. */
const deniedCode = /^AccessDenied|UnauthorizedOperation$/;

/** nanoops’s own user agent, alone or beside others. */
const ownAgent = /(?:^|[\s[])nanoops(?:[/\s\]]|$)/;

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `deploy/i-0abc` of a role's session, a user's name, `root`. */
function whoOf(identity: Members): string {
  if (identity['type'] === 'Root') return 'root';
  const session = /:assumed-role\/(.+)$/.exec(text(identity['arn']) ?? '')?.[1];
  return (
    session ??
    text(identity['userName']) ??
    text(identity['arn'])?.replace(/^.*:user\//, '') ??
    text(identity['principalId']) ??
    text(identity['invokedBy']) ??
    text(identity['type']) ??
    'unknown'
  );
}

/** AWS on its own account, or on the account's behalf: AWS Config tries what it may not, day in, day out. */
function isByAws(record: Members, identity: Members): boolean {
  return (
    identity['type'] === 'AWSService' ||
    identity['invokedBy'] !== undefined ||
    record['eventType'] === 'AwsServiceEvent'
  );
}

function kindOf(record: Members, identity: Members): AccessEvent['kind'] | undefined {
  const isLogin = record['eventName'] === 'ConsoleLogin';
  const outcome = membersOf(record['responseElements'])['ConsoleLogin'];
  if (isLogin && outcome !== 'Success') return 'failed-login';
  if (isByAws(record, identity)) return undefined;
  if (identity['type'] === 'Root') return 'root';
  if (isLogin) return 'login';
  return deniedCode.test(text(record['errorCode']) ?? '') ? 'denied' : undefined;
}

/** Undefined for what is of no interest, `unreadable` for what is no record. */
export function accessEventFrom(document: string): AccessEvent | 'unreadable' | undefined {
  const read = recordIn(document);
  if (read === undefined) return 'unreadable';
  const { record, at } = read;
  const identity = membersOf(record['userIdentity']);
  const kind = kindOf(record, identity);
  if (kind === undefined) return undefined;
  const mfa = text(membersOf(record['additionalEventData'])['MFAUsed']);
  return {
    at,
    kind,
    call: read.call,
    region: text(record['awsRegion']) ?? 'unknown',
    who: whoOf(identity),
    from: text(record['sourceIPAddress']) ?? 'unknown',
    ...(ownAgent.test(text(record['userAgent']) ?? '') ? { saysNanoops: true } : {}),
    ...(mfa === undefined ? {} : { mfa: mfa === 'Yes' }),
  };
}

/** A change that was made: undefined for one that was refused or that AWS made by itself, and for what is no record. */
export function changeFrom(document: string): AccountChange | undefined {
  const read = recordIn(document);
  if (read === undefined) return undefined;
  const { record, at, call } = read;
  const identity = membersOf(record['userIdentity']);
  if (text(record['errorCode']) !== undefined || isByAws(record, identity)) return undefined;
  const about = aboutOf(membersOf(record['requestParameters']));
  return { at, call, who: whoOf(identity), ...(about === undefined ? {} : { about }) };
}

/** How AWS's own operations name what they change, the most telling first. */
const subjects = [
  'service',
  'groupId',
  'dBClusterIdentifier',
  'dBInstanceIdentifier',
  'dBClusterParameterGroupName',
  'replicationGroupId',
  'targetGroupArn',
  'loadBalancerArn',
  'resourceId',
  'roleName',
  'secretId',
  'bucketName',
  'tableName',
  'hostedZoneId',
  'functionName',
  'family',
  'name',
] as const;

function aboutOf(parameters: Members): string | undefined {
  for (const name of subjects) {
    const found = text(parameters[name]);
    if (found !== undefined) return found.split(':').at(-1)?.slice(0, 120);
  }
  return undefined;
}

function recordIn(
  document: string,
): { readonly record: Members; readonly at: number; readonly call: string } | undefined {
  let record: Members;
  try {
    record = membersOf(JSON.parse(document));
  } catch {
    return undefined; // No record: the caller says so.
  }
  const at = Date.parse(text(record['eventTime']) ?? '');
  const name = text(record['eventName']);
  if (Number.isNaN(at) || name === undefined) return undefined;
  const source = (text(record['eventSource']) ?? 'unknown').replace(/\.amazonaws\.com$/, '');
  return { record, at, call: `${source}:${name}` };
}
