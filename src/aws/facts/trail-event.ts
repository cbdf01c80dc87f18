/** What a CloudTrail record says, as far as access goes. CloudTrail User Guide, "CloudTrail record contents". */
import type { AccessEvent } from '../../cloud/security-facts.ts';

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
  let record: Members;
  try {
    record = membersOf(JSON.parse(document));
  } catch {
    return 'unreadable';
  }
  const at = Date.parse(text(record['eventTime']) ?? '');
  const name = text(record['eventName']);
  if (Number.isNaN(at) || name === undefined) return 'unreadable';
  const identity = membersOf(record['userIdentity']);
  const kind = kindOf(record, identity);
  if (kind === undefined) return undefined;
  const mfa = text(membersOf(record['additionalEventData'])['MFAUsed']);
  return {
    at,
    kind,
    call: `${(text(record['eventSource']) ?? 'unknown').replace(/\.amazonaws\.com$/, '')}:${name}`,
    region: text(record['awsRegion']) ?? 'unknown',
    who: whoOf(identity),
    from: text(record['sourceIPAddress']) ?? 'unknown',
    ...(ownAgent.test(text(record['userAgent']) ?? '') ? { saysNanoops: true } : {}),
    ...(mfa === undefined ? {} : { mfa: mfa === 'Yes' }),
  };
}
