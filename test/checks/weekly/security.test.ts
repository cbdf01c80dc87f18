import { describe, expect, test } from 'vitest';
import { security } from '../../../src/checks/weekly/security.ts';
import type {
  AccessEvent,
  AccessLog,
  ServiceIssue,
  ThreatFinding,
  Threats,
} from '../../../src/cloud/security-facts.ts';
import { dayMs, denied, is, judged, lines, nowMs, skipped, told } from './told.ts';

const hourMs = 3_600_000;
const weekAgo = told.until - 7 * dayMs;

const finding = (severity: number, more: Partial<ThreatFinding> = {}): ThreatFinding => ({
  id: `f${severity}`,
  type: 'Recon:IAMUser/UserPermissions',
  title: 'Somebody asks what it may do.',
  severity,
  lastSeen: nowMs - 2 * hourMs,
  count: 3,
  about: 'nano-api-task',
  from: '203.0.113.7',
  ...more,
});

const threats = (region: string, findings: readonly ThreatFinding[] = [], more: Partial<Threats> = {}) =>
  is<Threats>({
    detectors: ['d1'],
    suspended: [],
    findings,
    truncated: false,
    source: { operation: 'guardduty:ListFindings', region, detail: 'severity 4 and above' },
    ...more,
  });

const event = (kind: AccessEvent['kind'], more: Partial<AccessEvent> = {}): AccessEvent => ({
  at: nowMs - 3 * hourMs,
  kind,
  call: kind === 'denied' ? 'iam:CreateUser' : 'signin:ConsoleLogin',
  region: 'us-east-1',
  who: kind === 'root' ? 'root' : 'anna',
  from: '198.51.100.24',
  ...(kind === 'login' ? { mfa: true } : {}),
  ...more,
});

const log = (region: string, events: readonly AccessEvent[] = [], more: Partial<AccessLog> = {}) =>
  is<AccessLog>({
    events,
    coverage: [{ what: 'changes', from: weekAgo, read: 40, truncated: false }],
    unreadable: 0,
    source: { operation: 'cloudtrail:LookupEvents', region, detail: 'event history' },
    ...more,
  });

const issues = (...found: readonly ServiceIssue[]) =>
  is({ issues: found, source: { operation: 'health:DescribeEvents', region: 'us-east-1', detail: 'open issues' } });

const calm = {
  'threats-site': threats('us-west-2'),
  'threats-standby': threats('eu-west-1'),
  'event-history-site': log('us-west-2'),
  'event-history-standby': log('eu-west-1'),
  'event-history-global': log('us-east-1', [event('login')]),
  'service-issues': issues(),
};

test('where everything was looked at and nothing is there, it says so, and how many logged in', () => {
  const result = judged(security, calm);
  expect(result).toMatchObject({
    status: 'ok',
    summary: 'nothing suspicious in us-west-2 and eu-west-1 over 7d; 1 console login',
    observed: { value: 0, unit: 'count', window: '7d' },
    target: '0',
  });
  expect(result.nextStep).toBeUndefined();
  expect(lines(result)).toContain(
    'cloudtrail:LookupEvents us-east-1 1 console login: 1 \u00d7 login by anna from 198.51.100.24 with MFA',
  );
});

describe('severity decides', () => {
  test.each([
    [4, 'warning'],
    [6.9, 'warning'],
    [7, 'breach'],
    [10, 'breach'],
  ])('a finding of %f is a %s', (severity, status) => {
    const result = judged(security, { ...calm, 'threats-standby': threats('eu-west-1', [finding(severity)]) });
    expect(result.status).toBe(status);
    expect(result.summary).toBe(
      `GuardDuty in eu-west-1: Recon:IAMUser/UserPermissions, severity ${severity}, on nano-api-task`,
    );
    expect(result.nextStep).toBe(
      `aws guardduty get-findings --detector-id d1 --finding-ids f${severity} --region eu-west-1 --profile ops`,
    );
    expect(lines(result)).toContain(
      `guardduty:ListFindings eu-west-1 Recon:IAMUser/UserPermissions, severity ${severity}: nano-api-task from 203.0.113.7, 3 times, last 2 h ago: Somebody asks what it may do.`,
    );
  });

  test('three are named, and the rest is counted', () => {
    const many = [9, 8, 7, 6, 5].map((severity) => finding(severity));
    const result = judged(security, { ...calm, 'threats-site': threats('us-west-2', many, { truncated: true }) });
    expect(result.status).toBe('breach');
    expect(result.summary).toContain('severity 9, on nano-api-task and 2 more; GuardDuty in us-west-2:');
    expect(lines(result).filter((line) => line.includes('severity 6'))).toEqual([]);
    expect(lines(result)).toContain('guardduty:ListFindings us-west-2 and 2 or more further findings, none graver');
  });
});

test.each([
  [
    'absent',
    { detectors: [] },
    'nothing looks for threats in eu-west-1: GuardDuty is not set up',
    'create-detector --enable',
  ],
  [
    'switched off',
    { detectors: [], suspended: ['d2'] },
    'GuardDuty is switched off in eu-west-1',
    'update-detector --detector-id d2 --enable',
  ],
])('a detector that is %s is itself worth a warning', (_name, more, summary, command) => {
  const result = judged(security, { ...calm, 'threats-standby': threats('eu-west-1', [], more) });
  expect(result).toMatchObject({
    status: 'warning',
    summary,
    nextStep: `aws guardduty ${command} --region eu-west-1 --profile ops`,
  });
});

test('root is never used: once is a breach, whatever else there is', () => {
  const events = [event('root', { call: 'iam:CreateAccessKey' }), event('denied')];
  const result = judged(security, { ...calm, 'event-history-global': log('us-east-1', events) });
  expect(result.status).toBe('breach');
  expect(result.summary).toBe(
    'root was used once, last for iam:CreateAccessKey from 198.51.100.24 3 h ago; 1 denied call, most by anna from 198.51.100.24',
  );
  expect(result.nextStep).toContain('AttributeKey=Username,AttributeValue=root --region us-east-1 --profile ops');
});

describe('denied calls and failed logins', () => {
  const four = [
    event('denied'),
    event('denied', { who: 'ci', from: '192.0.2.4', call: 'ec2:RunInstances' }),
    event('denied', { who: 'ci', from: '192.0.2.4', call: 'ec2:RunInstances' }),
    event('failed-login', { who: 'jonas', from: '203.0.113.9' }),
  ];
  const seen = { ...calm, 'event-history-site': log('us-west-2', four) };

  test('are counted, with who, what and from where', () => {
    const result = judged(security, seen);
    expect(result).toMatchObject({
      status: 'warning',
      summary: '3 denied calls, most by ci from 192.0.2.4; 1 failed console login, most as jonas from 203.0.113.9',
      observed: { value: 4 },
    });
    expect(lines(result)).toContain(
      'cloudtrail:LookupEvents us-west-2 3 denied calls: 2 \u00d7 ec2:RunInstances by ci from 192.0.2.4 and 1 \u00d7 iam:CreateUser by anna from 198.51.100.24',
    );
  });

  const role = is({ account: '123456789012', arn: 'arn:aws:sts::123456789012:assumed-role/ops-reader/nanoops' });
  const user = is({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/people/anna' });
  const own = event('denied', { who: 'ops-reader/earlier', call: 'rds:DescribeDBClusters', saysNanoops: true });

  test.each([
    ['its role, in whichever session', role, own],
    ['its user', user, { ...own, who: 'anna' }],
  ])('of nanoops itself are left out, and told: by %s', (_who, caller, refused) => {
    const result = judged(security, { ...calm, caller, 'event-history-site': log('us-west-2', [refused]) });
    expect(result).toMatchObject({ status: 'ok', observed: { value: 0 } });
    expect(result.summary).toContain('1 denied call of nanoops itself left out');
    expect(lines(result)).toContainEqual(
      expect.stringMatching(/1 denied call of nanoops itself: 1 \u00d7 rds:DescribeDBClusters by /),
    );
  });

  test.each([
    ['another role that says it is nanoops', role, { ...own, who: 'nano-api-task/1' }],
    ['a role whose name begins alike', role, { ...own, who: 'ops-reader-2/nanoops' }],
    ['another user that says it is nanoops', user, { ...own, who: 'hanna' }],
    ['the same role with another program', role, event('denied', { who: 'ops-reader/nanoops' })],
    ['nobody knows whom nanoops is', denied('sts:GetCallerIdentity'), own],
  ])('count where they are of %s', (_who, caller, refused) => {
    const result = judged(security, { ...calm, caller, 'event-history-site': log('us-west-2', [refused]) });
    expect(result).toMatchObject({ status: 'warning', observed: { value: 1 } });
  });

  test.each([
    [3, 'warning'],
    [4, 'ok'],
  ])('of which %i a week are let pass, four are %s', (target, status) => {
    const limits = { ...told.limits, 'weekly-security': { ...told.limits['weekly-security'], target } };
    expect(judged(security, seen, { limits }).status).toBe(status);
  });
});

test('what was read in part only is said: how far back, in the answer and in the evidence', () => {
  const coverage = [{ what: 'changes', from: told.until - 9 * hourMs, read: 500, truncated: true }];
  const result = judged(security, { ...calm, 'event-history-site': log('us-west-2', [], { coverage, unreadable: 2 }) });
  expect(result.status).toBe('ok');
  expect(result.summary).toContain('; 2 events could not be read; changes in us-west-2 only over the last 9 h');
  expect(lines(result)).toContain(
    'cloudtrail:LookupEvents us-west-2 read: changes, 500 events, the newest only, back to 2026-11-23 02:01 UTC (9 h)',
  );
});

describe('a source that could not be read', () => {
  test.each(Object.keys(calm))('%s: unknown, with what to do', (id) => {
    const result = judged(security, { ...calm, [id]: denied('some:Action') });
    expect(result).toMatchObject({ status: 'unknown', nextStep: 'allow some:Action' });
    expect(result.summary).toContain('the caller may not some:Action; nothing suspicious in what could be read');
  });

  test('does not hide what another one saw', () => {
    const result = judged(security, {
      ...calm,
      'threats-site': denied('guardduty:ListDetectors'),
      'event-history-global': log('us-east-1', [event('root')]),
    });
    expect(result.status).toBe('breach');
    expect(result.summary).toContain('; not read: GuardDuty in us-west-2');
  });

  test('without any record of access nothing was counted', () => {
    const none = denied('cloudtrail:LookupEvents');
    const histories = { 'event-history-site': none, 'event-history-standby': none, 'event-history-global': none };
    const result = judged(security, { ...calm, ...histories });
    expect(result.observed).toBeUndefined();
    expect(result.summary).toContain('(and CloudTrail in eu-west-1 and CloudTrail in us-east-1)');
  });
});

describe('the log group of a trail', () => {
  const trail = { region: 'us-west-2', logGroup: 'trail' };
  const site = { ...told.site, logs: { trail } };
  const source = { operation: 'logs:FilterLogEvents', region: 'us-west-2', detail: 'trail' };
  const seen = (isWritten: boolean) => {
    const { value } = log('us-west-2', [], { source }) as { value: AccessLog };
    return {
      'threats-site': calm['threats-site'],
      'threats-standby': calm['threats-standby'],
      'service-issues': calm['service-issues'],
      'trail-log': is({ ...value, isWritten }),
    };
  };

  test('is looked at in the place of the event history', () => {
    expect(judged(security, seen(true), { site })).toMatchObject({ status: 'ok' });
  });

  test('that nothing was written to for a day tells nothing', () => {
    expect(judged(security, seen(false), { site })).toMatchObject({
      status: 'unknown',
      summary: expect.stringContaining('nothing at all was written to trail for a day'),
      nextStep: expect.stringContaining('aws cloudtrail describe-trails --region us-west-2 --profile ops'),
    });
  });
});

describe('AWS Health', () => {
  const issue = (service: string) => ({
    service,
    type: `AWS_${service}_OPERATIONAL_ISSUE`,
    region: 'us-west-2',
    since: nowMs - 5 * hourMs,
  });

  test('an open issue with what the stack stands on is worth a warning', () => {
    const result = judged(security, { ...calm, 'service-issues': issues(issue('RDS'), issue('MULTIPLE_SERVICES')) });
    expect(result).toMatchObject({
      status: 'warning',
      summary: 'AWS has an open issue with RDS in us-west-2, for 5 h and 1 more issue',
    });
  });

  test('one with what it does not use is none', () => {
    const result = judged(security, { ...calm, 'service-issues': issues(issue('GAMELIFT')) });
    expect(result.status).toBe('ok');
  });

  test('a support plan without it is said, and does not count', () => {
    const result = judged(security, { ...calm, 'service-issues': is(null) });
    expect(result.status).toBe('ok');
    expect(lines(result)).toContain(
      'health:DescribeEvents us-east-1 not looked at: the account\u2019s support plan has no AWS Health API',
    );
  });
});

test('one region alone is told as one', () => {
  const { standby: _, ...alone } = told;
  const seen = { ...calm, 'threats-standby': skipped, 'event-history-standby': skipped };
  const result = security.judge((step) => seen[step.id as keyof typeof seen] ?? skipped, alone);
  expect(result.summary).toBe('nothing suspicious in us-west-2 over 7d; 1 console login');
});
