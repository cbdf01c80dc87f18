/**
 * Suspicious access over a week: what GuardDuty found, who was denied what, who failed to log in, whether anybody was root,
 * and whether AWS has trouble with what the stack stands on. A source that could not be read makes the answer unknown,
 * unless another one has something to tell.
 */
import type {
  AccessEvent,
  AccessLog,
  Coverage,
  ServiceIssue,
  ThreatFinding,
  Threats,
} from '../../cloud/security-facts.ts';
import type { Caller } from '../../cloud/facts.ts';
import type { RegionalStack, Stack } from '../../cloud/stack.ts';
import { evidence, type Evidence } from '../../diagnosis/evidence.ts';
import type { Known } from '../../diagnosis/known.ts';
import { check, type CheckTold } from '../check.ts';
import { awsLine, breach, listed, ok, span, unknown, unseen, warning, type Judged, type Origin } from '../judged.ts';
import { against, amount, limitTexts, type Limit } from '../limits.ts';
import { accessSeen, globalRegion, regionsOf, trailOf, weekMs } from './security-observations.ts';

/** From here on a finding is high or critical (GuardDuty User Guide, "Severity levels of GuardDuty findings"). */
const graveSeverity = 7;
/** So many of each kind are named. */
const mostNamed = 3;

/** Something that somebody should look into. */
interface Notice {
  readonly status: 'breach' | 'warning';
  readonly text: string;
  readonly nextStep: string;
}

/** A source that could not be read. */
interface Gap {
  readonly what: string;
  readonly judged: Judged;
}

/** All that a week's sources tell. */
interface Picture {
  readonly notices: Notice[];
  readonly gaps: Gap[];
  readonly evidence: Evidence[];
  /** What limits the answer, to be said in it. */
  readonly limits: string[];
}

export const security = check('weekly-security', {
  title: 'Suspicious access',
  area: 'security',
  severity: 'critical',
  window: '7d',
  needs: accessSeen,
  judge: (seen, told, limit) => {
    const picture: Picture = { notices: [], gaps: [], evidence: [], limits: [] };
    const regions = regionsOf(told);
    const [here = '', there = ''] = regions;
    for (const [threats, region] of [[seen.threatsHere, here] as const, [seen.threatsThere, there] as const]) {
      known(threats, { operation: 'guardduty:ListFindings', region }, 'GuardDuty', picture, (found) =>
        addThreats(found, region, told, picture),
      );
    }
    const group = trailOf(told);
    const logs: AccessLog[] = [];
    known(
      seen.trail,
      { operation: 'logs:FilterLogEvents', region: group?.region ?? here },
      'logs.trail',
      picture,
      (log) => {
        if (log.isWritten) logs.push(log);
        else picture.gaps.push(emptyTrail(log, told));
      },
    );
    for (const [history, region] of [
      [seen.historyHere, here] as const,
      [seen.historyThere, there] as const,
      [seen.historyGlobal, globalRegion] as const,
    ]) {
      known(history, { operation: 'cloudtrail:LookupEvents', region }, 'CloudTrail', picture, (log) => logs.push(log));
    }
    const refused = addAccess(logs, seen.caller.known ? seen.caller.value : undefined, told, limit, picture);
    known(
      seen.serviceIssues,
      { operation: 'health:DescribeEvents', region: globalRegion },
      'AWS Health',
      picture,
      (found) => {
        if (found === null) {
          const text = 'not looked at: the account\u2019s support plan has no AWS Health API';
          picture.evidence.push(evidence({ operation: 'health:DescribeEvents', region: globalRegion }, text));
        } else addIssues(found.issues, found.source, told, picture);
      },
    );
    return conclusion(picture, refused, logs, told, limit);
  },
});

/** Told of what was seen; what should have been and was not is a gap. */
function known<T>(seen: Known<T>, origin: Origin, what: string, { gaps }: Picture, tell: (value: T) => void): void {
  if (seen.known) tell(seen.value);
  else if (seen.because === 'unknown') gaps.push({ what: `${what} in ${origin.region}`, judged: unseen(seen, origin) });
}

function emptyTrail({ source }: AccessLog, told: CheckTold): Gap {
  const text = `nothing at all was written to ${source.detail} for a day: its trail may be off`;
  const nextStep = `look whether a trail is still delivered there: ${awsLine(told, source.region, 'cloudtrail', 'describe-trails')}`;
  return { what: 'logs.trail', judged: unknown(text, [evidence(source, text)], { nextStep }) };
}

function addThreats(
  found: Threats,
  region: string,
  told: CheckTold,
  { notices, evidence: lines, limits }: Picture,
): void {
  const { detectors, suspended, findings, truncated, source } = found;
  const [off] = suspended;
  if (detectors.length === 0) {
    const text =
      off === undefined
        ? `nothing looks for threats in ${region}: GuardDuty is not set up`
        : `GuardDuty is switched off in ${region}`;
    lines.push(evidence({ ...source, operation: 'guardduty:ListDetectors' }, text));
    const nextStep =
      off === undefined
        ? awsLine(told, region, 'guardduty', 'create-detector', '--enable')
        : awsLine(told, region, 'guardduty', 'update-detector', '--detector-id', off, '--enable');
    notices.push({ status: 'warning', text, nextStep });
  } else if (findings.length === 0) {
    lines.push(evidence(source, `no finding of ${source.detail} over 7d`));
  }
  for (const finding of findings.slice(0, mostNamed)) lines.push(evidence(source, findingText(finding, told.nowMs)));
  const rest = findings.length - mostNamed;
  if (rest > 0) lines.push(evidence(source, `and ${rest}${truncated ? ' or more' : ''} further findings, none graver`));
  if (truncated) limits.push(`of GuardDuty\u2019s findings in ${region} only the ${findings.length} gravest were read`);
  const grave = findings.filter(({ severity }) => severity >= graveSeverity);
  const medium = findings.filter(({ severity }) => severity < graveSeverity);
  for (const [status, some] of [['breach', grave] as const, ['warning', medium] as const]) {
    const [first] = some;
    if (first === undefined) continue;
    const many = some.length === 1 ? '' : ` and ${some.length - 1} more`;
    const detector = [...detectors, ...suspended][0] ?? '';
    notices.push({
      status,
      text: `GuardDuty in ${region}: ${first.type}, severity ${first.severity}, on ${first.about}${many}`,
      nextStep: awsLine(
        told,
        region,
        ...['guardduty', 'get-findings', '--detector-id', detector, '--finding-ids'],
        ...some.slice(0, mostNamed).map(({ id }) => id),
      ),
    });
  }
}

function findingText({ type, severity, about, from, count, lastSeen, title }: ThreatFinding, nowMs: number): string {
  const origin = from === undefined ? '' : ` from ${from}`;
  return `${type}, severity ${severity}: ${about}${origin}, ${times(count)}, last ${span(nowMs - lastSeen)} ago: ${title}`;
}

/** Gives how many calls were refused and logins failed, those that nanoops itself was refused left out. */
function addAccess(
  logs: readonly AccessLog[],
  caller: Caller | undefined,
  told: CheckTold,
  limit: Limit,
  picture: Picture,
): number {
  const { notices, limits } = picture;
  const isOwn = (event: AccessEvent): boolean => caller !== undefined && isByCaller(event, caller);
  for (const log of logs) addLog(log, isOwn, told, picture);
  const events = logs.flatMap((log) => log.events).toSorted((a, b) => b.at - a.at);
  const of = (kind: AccessEvent['kind']) => events.filter((event) => event.kind === kind && !isOwn(event));
  const [roots, denied, failed] = [of('root'), of('denied'), of('failed-login')];
  const own = events.filter(isOwn).length;
  if (own > 0) limits.push(`${counted(own, 'denied call')} of nanoops itself left out`);
  const [root] = roots;
  if (root !== undefined) {
    const text = `root was used ${times(roots.length)}, last for ${root.call} from ${root.from} ${span(told.nowMs - root.at)} ago`;
    const lookUp = awsLine(
      told,
      root.region,
      ...['cloudtrail', 'lookup-events', '--lookup-attributes', 'AttributeKey=Username,AttributeValue=root'],
    );
    notices.push({
      status: 'breach',
      text,
      nextStep: `find out who that was, and change root\u2019s password and keys if nobody knows: ${lookUp}`,
    });
  }
  const refused = denied.length + failed.length;
  if (against(refused, limit) !== 'ok') {
    const [deniedMost] = grouped(denied, callerKey);
    if (deniedMost !== undefined) {
      const { who, from } = deniedMost.first;
      notices.push({
        status: 'warning',
        text: `${counted(denied.length, 'denied call')}, most by ${who} from ${from}`,
        nextStep: `ask ${who} whether these calls are known; if so give the permission or stop the caller, else take its credentials away`,
      });
    }
    const [failedMost] = grouped(failed, callerKey);
    if (failedMost !== undefined) {
      const { who, from } = failedMost.first;
      notices.push({
        status: 'warning',
        text: `${counted(failed.length, 'failed console login')}, most as ${who} from ${from}`,
        nextStep: `ask ${who} whether that was them; if not, change the password and see that MFA is on`,
      });
    }
  }
  const unreadable = logs.reduce((sum, log) => sum + log.unreadable, 0);
  if (unreadable > 0) limits.push(`${counted(unreadable, 'event')} could not be read`);
  for (const log of logs) {
    for (const part of log.coverage) {
      if (!part.truncated) continue;
      limits.push(`${part.what} in ${log.source.region} only over the last ${span(told.until - part.from)}`);
    }
  }
  return refused;
}

/**
 * What nanoops was refused when it looked around is no attack, and what it may not see it says itself. Anybody may write
 * its user agent: it has to be the same user, or the same role, too.
 */
function isByCaller({ kind, saysNanoops, who }: AccessEvent, { arn }: Caller): boolean {
  if (kind !== 'denied' || saysNanoops !== true) return false;
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  return role === undefined ? arn.endsWith(`/${who}`) : who.startsWith(`${role}/`);
}

function addLog(
  { events, coverage, source }: AccessLog,
  isOwn: (event: AccessEvent) => boolean,
  told: CheckTold,
  { evidence: lines }: Picture,
): void {
  const of = (kind: AccessEvent['kind'], own = false) =>
    events.filter((event) => event.kind === kind && isOwn(event) === own);
  const kinds = [
    [of('root'), 'use of root', 'uses of root'],
    [of('denied'), 'denied call', 'denied calls'],
    [of('denied', true), 'denied call of nanoops itself', 'denied calls of nanoops itself'],
    [of('failed-login'), 'failed console login', 'failed console logins'],
    [of('login'), 'console login', 'console logins'],
  ] as const;
  for (const [some, one, more] of kinds) {
    if (some.length === 0) continue;
    const groups = grouped(some, (event) => `${callerKey(event)} ${event.call} ${event.mfa}`);
    const named = groups.map(
      ({ first, count }) =>
        `${count} \u00d7 ${first.call.replace('signin:ConsoleLogin', 'login')} by ${first.who} from ${first.from}${mfaText(first)}`,
    );
    lines.push(evidence(source, `${some.length} ${some.length === 1 ? one : more}: ${listed(named, mostNamed)}`));
  }
  lines.push(evidence(source, `read: ${coverage.map((part) => coverageText(part, told)).join('; ')}`));
}

function mfaText({ kind, mfa }: AccessEvent): string {
  if (mfa === undefined || kind === 'failed-login') return '';
  return mfa ? ' with MFA' : ' without MFA';
}

function coverageText({ what, read, from, truncated }: Coverage, { until }: CheckTold): string {
  const reach = truncated
    ? `the newest only, back to ${momentText(from)} (${span(until - from)})`
    : `all of ${span(weekMs)}`;
  return `${what}, ${counted(read, 'event')}, ${reach}`;
}

function addIssues(
  issues: readonly ServiceIssue[],
  source: Origin,
  told: CheckTold,
  { notices, evidence: lines }: Picture,
): void {
  const names = servicesOf(told.stack, [told.site, told.standby]);
  const own = issues.filter(({ service }) => names.has(service));
  const [first] = own;
  if (first === undefined) {
    lines.push(
      evidence(source, `no open issue of AWS\u2019s own with what the stack uses in ${regionsOf(told).join(' and ')}`),
    );
    return;
  }
  for (const issue of own.slice(0, mostNamed)) {
    lines.push(evidence(source, `${issue.type} in ${issue.region}, open since ${momentText(issue.since)}`));
  }
  const more = own.length === 1 ? '' : ` and ${counted(own.length - 1, 'more issue')}`;
  notices.push({
    status: 'warning',
    text: `AWS has an open issue with ${first.service} in ${first.region}, for ${span(told.nowMs - first.since)}${more}`,
    nextStep: 'https://health.aws.amazon.com/health/home#/account/dashboard/open-issues',
  });
}

/** The services that the stack stands on, by their names in AWS Health. */
function servicesOf(
  { traffic, sessionsTable }: Stack,
  halves: readonly (RegionalStack | undefined)[],
): ReadonlySet<string> {
  // What strikes many services at once, and what nothing goes without.
  const names = ['MULTIPLE_SERVICES', 'IAM', 'VPC'];
  for (const half of halves) {
    if (half?.api !== undefined) names.push('ELASTICLOADBALANCING');
    if (half?.compute !== undefined) names.push('ECS', 'FARGATE', 'EC2');
    if (half?.database !== undefined) names.push('RDS');
    if (half?.cache !== undefined) names.push('ELASTICACHE');
    if (half?.storage !== undefined) names.push('S3');
    if (half?.logs !== undefined || half?.business !== undefined) names.push('CLOUDWATCH');
    if (half?.tracing !== undefined) names.push('XRAY');
  }
  if (traffic !== undefined) names.push('ROUTE53');
  if (sessionsTable !== undefined) names.push('DYNAMODB');
  return new Set(names);
}

function conclusion(
  { notices, gaps, evidence: lines, limits }: Picture,
  refused: number,
  logs: readonly AccessLog[],
  told: CheckTold,
  limit: Limit,
): Judged {
  const inOrder = [
    ...notices.filter(({ status }) => status === 'breach'),
    ...notices.filter(({ status }) => status === 'warning'),
  ];
  const found = [...lines, ...gaps.flatMap(({ judged }) => judged.evidence)];
  const shared = {
    ...limitTexts(limit),
    // Without a source for them they were not counted.
    ...(logs.length === 0 ? {} : { observed: { value: refused, unit: 'count', window: '7d', atMs: told.until } }),
  };
  const [worst] = inOrder;
  const notRead = gaps.length === 0 ? [] : [`not read: ${listed(gaps.map(({ what }) => what))}`];
  if (worst !== undefined) {
    const text = [...inOrder.map((notice) => notice.text), ...notRead].join('; ');
    const extras = { ...shared, nextStep: worst.nextStep };
    return worst.status === 'breach' ? breach(text, found, extras) : warning(text, found, extras);
  }
  const [gap] = gaps;
  if (gap !== undefined) {
    const { nextStep } = gap.judged;
    const more = gaps.length === 1 ? '' : ` (and ${listed(gaps.slice(1).map(({ what }) => what))})`;
    return unknown(`${gap.judged.summary}${more}; nothing suspicious in what could be read`, found, {
      ...shared,
      ...(nextStep === undefined ? {} : { nextStep }),
    });
  }
  const logins = logs.flatMap(({ events }) => events).filter(({ kind }) => kind === 'login').length;
  const tolerated = refused === 0 ? [] : [`${refused} denied calls and failed logins`];
  const text = [
    `nothing suspicious in ${listed(regionsOf(told))} over 7d`,
    counted(logins, 'console login'),
    ...tolerated,
    ...limits,
  ];
  return ok(text.join('; '), found, shared);
}

interface Group {
  readonly first: AccessEvent;
  readonly count: number;
}

/** By key, the biggest first. */
function grouped(events: readonly AccessEvent[], keyOf: (event: AccessEvent) => string): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    groups.set(key, { first: group?.first ?? event, count: (group?.count ?? 0) + 1 });
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}

function callerKey({ who, from }: AccessEvent): string {
  return `${who} ${from}`;
}

function counted(count: number, what: string): string {
  return `${amount(count, 'count')} ${what}${count === 1 ? '' : 's'}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${amount(count, 'count')} times`;
}

function momentText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
