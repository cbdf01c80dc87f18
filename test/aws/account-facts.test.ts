import { describe, expect, it, test } from 'vitest';
import { accessEventFrom } from '../../src/aws/facts/trail-event.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import { cloudOn, failureOf, fakeClock, fakeEndpoint, startMs, type Answer, type Asked } from './fake-endpoint.ts';

const region = 'us-west-2';
const minute = 60_000;
const day = 86_400_000;
const until = Math.floor(startMs / minute) * minute;
const window = { from: until - 7 * day, to: until };

const jsonError = (code: string): Answer => ({ status: 400, body: { __type: code, message: 'no' } });

const record = (more: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    eventTime: '2026-11-23T08:00:00Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userIdentity: { type: 'IAMUser', userName: 'anna', arn: 'arn:aws:iam::123456789012:user/anna' },
    ...more,
  });

const login = { eventSource: 'signin.amazonaws.com', eventName: 'ConsoleLogin' };
const root = { userIdentity: { type: 'Root', arn: 'arn:aws:iam::123456789012:root' } };

describe('a record of CloudTrail', () => {
  const seen = { at: Date.UTC(2026, 10, 23, 8), call: 'iam:CreateUser', region: 'us-east-1', who: 'anna' };

  it.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Client.UnauthorizedOperation'])(
    'with %s is a denied call',
    (errorCode) => {
      expect(accessEventFrom(record({ errorCode }))).toEqual({ ...seen, kind: 'denied', from: '203.0.113.7' });
    },
  );

  it.each([
    ['a call that went well', {}],
    ['another error', { errorCode: 'ThrottlingException' }],
    [
      'AWS Config, which tries what it may not',
      { errorCode: 'AccessDenied', userIdentity: { type: 'AssumedRole', invokedBy: 'config.amazonaws.com' } },
    ],
    [
      'a service of AWS',
      { errorCode: 'AccessDenied', userIdentity: { type: 'AWSService', invokedBy: 'ecs.amazonaws.com' } },
    ],
    ['what AWS does for root', { userIdentity: { type: 'Root', invokedBy: 'support.amazonaws.com' } }],
    ['what AWS does by itself', { ...root, eventType: 'AwsServiceEvent' }],
  ])('of %s is of no interest', (_name, more) => {
    expect(accessEventFrom(record(more))).toBeUndefined();
  });

  it.each([
    ['a login', { ...login, responseElements: { ConsoleLogin: 'Success' } }, 'login'],
    ['a login that failed', { ...login, responseElements: { ConsoleLogin: 'Failure' } }, 'failed-login'],
    ['root\u2019s login', { ...login, ...root, responseElements: { ConsoleLogin: 'Success' } }, 'root'],
    ['a try to log in as root', { ...login, ...root, responseElements: { ConsoleLogin: 'Failure' } }, 'failed-login'],
    ['anything that root does', root, 'root'],
  ])('of %s is told as such', (_name, more, kind) => {
    expect(accessEventFrom(record(more))).toMatchObject({ kind });
  });

  it.each([
    ['Yes', true],
    ['No', false],
  ])('says whether MFA was used: %s', (MFAUsed, mfa) => {
    const more = { ...login, responseElements: { ConsoleLogin: 'Success' }, additionalEventData: { MFAUsed } };
    expect(accessEventFrom(record(more))).toMatchObject({ mfa });
  });

  it('names a role by its session too', () => {
    const userIdentity = { type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/ci/build-7' };
    expect(accessEventFrom(record({ errorCode: 'AccessDenied', userIdentity }))).toMatchObject({ who: 'ci/build-7' });
  });

  it.each([
    ['nanoops/0.1.0', true],
    ['nanoops', true],
    ['[aws-sdk-js/3.900.0 nanoops/0.1.0 lang/js]', true],
    ['aws-cli/2.31.0', undefined],
    ['not-nanoops/0.1.0', undefined],
    ['nanoops-like/1', undefined],
    [undefined, undefined],
  ])('tells whether a denied caller says that it is nanoops: %s', (userAgent, saysNanoops) => {
    const found = accessEventFrom(record({ errorCode: 'AccessDenied', userAgent }));
    expect(found).toHaveProperty('kind', 'denied');
    expect(found).toEqual(expect.objectContaining(saysNanoops === undefined ? {} : { saysNanoops }));
    expect(Object.keys(Object(found)).includes('saysNanoops')).toBe(saysNanoops === true);
  });

  it.each(['', 'no JSON', '[]', '{}', record({ eventTime: 'yesterday' }), record({ eventName: 7 })])(
    'that is none is told as unreadable: %s',
    (text) => {
      expect(accessEventFrom(text)).toBe('unreadable');
    },
  );
});

describe('CloudTrail\u2019s event history', () => {
  /** So many pages for each attribute. */
  const history = (pages: Readonly<Record<string, number>>) =>
    fakeEndpoint(({ input }) => {
      const [{ AttributeValue = '' }] = input['LookupAttributes'] as [{ AttributeValue?: string }];
      const page = Number(input['NextToken'] ?? 1);
      const at = until / 1000 - page * 3600;
      const event = {
        EventId: `${AttributeValue}-${page}`,
        EventTime: at,
        CloudTrailEvent: record({ errorCode: 'AccessDenied' }),
      };
      const next = page < (pages[AttributeValue] ?? 1) ? { NextToken: String(page + 1) } : {};
      return { body: { Events: [event], ...next } };
    });

  it('is asked twice a second by one attribute at a time, and each look-up has a bound', async () => {
    const endpoint = history({ ConsoleLogin: 2, false: 99 });
    const clock = fakeClock();
    const log = await cloudOn(endpoint, { clock }).facts.recentAccess(region, window);
    expect(log.coverage).toEqual([
      { what: 'console logins', from: window.from, read: 2, truncated: false },
      { what: 'what root did', from: window.from, read: 1, truncated: false },
      { what: 'changes', from: until - 10 * 3_600_000, read: 10, truncated: true },
    ]);
    expect(endpoint.asked).toHaveLength(13);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(6_000);
    expect(new Set(endpoint.asked.map(({ host }) => host))).toEqual(new Set(['cloudtrail.us-west-2.amazonaws.com']));
    expect(endpoint.asked.map(({ input }) => (input['LookupAttributes'] as unknown[]).length)).toEqual(
      Array(13).fill(1),
    );
  });

  it('has the logins among the changes, where all of these are read', async () => {
    const endpoint = history({ false: 2 });
    const clock = fakeClock();
    const { coverage } = await cloudOn(endpoint, { clock }).facts.recentAccess(region, window);
    expect(coverage).toEqual([
      { what: 'what root did', from: window.from, read: 1, truncated: false },
      { what: 'changes', from: window.from, read: 2, truncated: false },
    ]);
    expect(endpoint.asked).toHaveLength(3);
  });

  it('tells an event once that two attributes find, and counts what it cannot read', async () => {
    const endpoint = fakeEndpoint(() => ({
      body: {
        Events: [
          { EventId: 'a', EventTime: until / 1000, CloudTrailEvent: record(root) },
          { EventId: 'b', EventTime: until / 1000, CloudTrailEvent: 'torn' },
        ],
      },
    }));
    const log = await cloudOn(endpoint).facts.recentAccess(region, window);
    expect([log.events.map(({ kind }) => kind), log.unreadable]).toEqual([['root'], 1]);
  });

  it('of global services is asked in us-east-1, as the caller of the region', async () => {
    const endpoint = history({});
    const { source } = await cloudOn(endpoint).facts.globalAccess('eu-west-1', window);
    expect(source.region).toBe('us-east-1');
    expect(endpoint.asked.map(({ host }) => host)).toEqual(Array(2).fill('cloudtrail.us-east-1.amazonaws.com'));
  });

  it('is asked once for all stacks of an account; what failed is asked again', async () => {
    const endpoint = history({});
    const { facts } = cloudOn(endpoint);
    await Promise.all([facts.recentAccess(region, window), facts.recentAccess(region, { ...window })]);
    await facts.recentAccess(region, window);
    expect(endpoint.asked).toHaveLength(2);
    let fails = true;
    const flaky = fakeEndpoint(() => (fails ? jsonError('AccessDeniedException') : { body: { Events: [] } }));
    const again = cloudOn(flaky).facts;
    expect(await failureOf(again.recentAccess(region, window))).toBeInstanceOf(CloudError);
    fails = false;
    expect((await again.recentAccess(region, window)).events).toEqual([]);
  });
});

describe('what was changed', () => {
  const at = new Date(until - 10 * minute);
  const event = (more: Readonly<Record<string, unknown>>) => ({
    EventId: String(more['eventName']),
    EventTime: at.getTime() / 1_000,
    CloudTrailEvent: record({ eventTime: at.toISOString(), ...more }),
  });

  it('is told with who and what, without what was refused and what AWS does by itself', async () => {
    const endpoint = fakeEndpoint(() => ({
      body: {
        Events: [
          event({
            eventSource: 'ec2.amazonaws.com',
            eventName: 'RevokeSecurityGroupIngress',
            requestParameters: { groupId: 'sg-1' },
          }),
          event({ eventSource: 'ecs.amazonaws.com', eventName: 'UpdateService', errorCode: 'AccessDenied' }),
          event({
            eventSource: 'rds.amazonaws.com',
            eventName: 'CreateDBSnapshot',
            userIdentity: { type: 'AWSService', invokedBy: 'backup.amazonaws.com' },
          }),
          { EventId: 'x', CloudTrailEvent: 'no record' },
        ],
      },
    }));
    const log = await cloudOn(endpoint).facts.recentChanges(region, window);
    expect(log).toMatchObject({ truncated: false, source: { operation: 'cloudtrail:LookupEvents', region } });
    expect(log.changes).toMatchObject([{ call: 'ec2:RevokeSecurityGroupIngress', about: 'sg-1' }]);
    expect(log.changes[0]?.who).not.toBe('');
  });
});

describe('the log group of a trail', () => {
  const group = { region, logGroup: 'trail' };
  const span = ({ input }: Asked) => [
    (until - Number(input['endTime']) - 1) / day,
    (until - Number(input['startTime'])) / day,
  ];

  it('is read day by day, the newest first, to the window\u2019s beginning', async () => {
    const endpoint = fakeEndpoint(({ input }) => ({
      body: { events: [{ timestamp: input['startTime'], message: record({ errorCode: 'AccessDenied' }) }] },
    }));
    const log = await cloudOn(endpoint).facts.trailLog(group, window);
    expect(endpoint.asked.slice(0, 7).map((asked) => span(asked))).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((d) => [d, d + 1]),
    );
    expect(log).toMatchObject({
      coverage: [{ from: window.from, read: 7, truncated: false }],
      isWritten: true,
    });
    expect(log.events).toHaveLength(7);
  });

  it('that is too much for the time is read as far as that goes, and says how far', async () => {
    const clock = fakeClock();
    const endpoint = fakeEndpoint(async ({ input }) => {
      await clock.sleep(15_000);
      return { body: { events: [{ timestamp: input['startTime'], message: record(root) }] } };
    });
    const log = await cloudOn(endpoint, { clock }).facts.trailLog(group, window);
    expect(log.coverage).toEqual([{ what: 'the log group', from: until - 3 * day, read: 3, truncated: true }]);
  });

  it.each([
    [[], false],
    [[{ timestamp: until, message: record() }], true],
  ])('with nothing suspicious in it is asked whether there is anything at all', async (events, isWritten) => {
    const endpoint = fakeEndpoint(({ input }) => ({
      body: { events: input['filterPattern'] === undefined ? events : [] },
    }));
    expect(await cloudOn(endpoint).facts.trailLog(group, window)).toMatchObject({ events: [], isWritten });
    expect(endpoint.asked.at(-1)?.input).toMatchObject({ limit: 1 });
  });
});

describe('GuardDuty', () => {
  const answers = (paths: Readonly<Record<string, unknown>>) =>
    fakeEndpoint(({ operation }) => {
      if (!(operation in paths)) throw new Error(`nobody expected ${operation}`);
      return { body: paths[operation] };
    });

  it('finds nothing where it is not set up, and says that it does not look', async () => {
    const endpoint = answers({ 'GET /detector': { detectorIds: [] } });
    expect(await cloudOn(endpoint).facts.threats(region, window)).toMatchObject({
      detectors: [],
      suspended: [],
      findings: [],
    });
  });

  it('is asked for what is at least medium, not archived and of the window, the gravest first', async () => {
    const finding = {
      id: 'f1',
      type: 'Recon:IAMUser/UserPermissions',
      severity: 5,
      updatedAt: '2026-11-23T08:00:00Z',
      resource: { resourceType: 'AccessKey', accessKeyDetails: { userName: 'anna' } },
      service: {
        count: 4,
        eventLastSeen: '2026-11-23T07:00:00Z',
        action: { awsApiCallAction: { remoteIpDetails: { ipAddressV4: '203.0.113.7' } } },
      },
    };
    const endpoint = answers({
      'GET /detector': { detectorIds: ['d1'] },
      'GET /detector/d1': { status: 'ENABLED' },
      'POST /detector/d1/findings': { findingIds: ['f1'], nextToken: '' },
      'POST /detector/d1/findings/get': { findings: [finding] },
    });
    const found = await cloudOn(endpoint).facts.threats(region, window);
    expect(found).toMatchObject({
      detectors: ['d1'],
      truncated: false,
      findings: [
        {
          id: 'f1',
          type: 'Recon:IAMUser/UserPermissions',
          severity: 5,
          count: 4,
          about: 'anna',
          from: '203.0.113.7',
          lastSeen: Date.UTC(2026, 10, 23, 7),
        },
      ],
    });
    expect(endpoint.asked.find(({ operation }) => operation.endsWith('/findings'))?.input).toMatchObject({
      findingCriteria: {
        criterion: {
          severity: { greaterThanOrEqual: 4 },
          'service.archived': { equals: ['false'] },
          updatedAt: { greaterThanOrEqual: window.from },
        },
      },
      sortCriteria: { attributeName: 'severity', orderBy: 'DESC' },
    });
  });

  it('that is switched off is told as such, with what it found before', async () => {
    const endpoint = answers({
      'GET /detector': { detectorIds: ['d1'] },
      'GET /detector/d1': { status: 'DISABLED' },
      'POST /detector/d1/findings': { findingIds: [] },
    });
    expect(await cloudOn(endpoint).facts.threats(region, window)).toMatchObject({ detectors: [], suspended: ['d1'] });
  });
});

describe('AWS Health', () => {
  it('is asked in us-east-1, for what is open in the stack\u2019s regions and in none', async () => {
    const endpoint = fakeEndpoint(() => ({
      body: {
        events: [{ service: 'RDS', eventTypeCode: 'AWS_RDS_OPERATIONAL_ISSUE', region, startTime: until / 1000 }],
      },
    }));
    expect(await cloudOn(endpoint).facts.serviceIssues('eu-west-1', ['eu-west-1', region])).toMatchObject({
      issues: [{ service: 'RDS', type: 'AWS_RDS_OPERATIONAL_ISSUE', region, since: until }],
    });
    const [asked] = endpoint.asked;
    expect(asked?.headers['authorization']).toContain('/us-east-1/health/');
    expect(asked?.input).toMatchObject({
      filter: { regions: ['eu-west-1', region, 'global'], eventTypeCategories: ['issue'], eventStatusCodes: ['open'] },
    });
  });

  it('that the support plan does not have is no failure; a permission that is missing is one', async () => {
    const answering = (code: string) =>
      cloudOn(fakeEndpoint(() => jsonError(code))).facts.serviceIssues(region, [region]);
    expect(await answering('SubscriptionRequiredException')).toBeUndefined();
    expect(await failureOf(answering('AccessDeniedException'))).toMatchObject({ kind: 'permission' });
  });
});

describe('Cost Explorer', () => {
  const account = { region, account: '123456789012' };
  const span = { fromDay: Date.UTC(2026, 10, 1), toDay: Date.UTC(2026, 10, 3) };
  const usd = (service: string, Amount: string, Unit = 'USD') => ({
    Keys: [service],
    Metrics: { UnblendedCost: { Amount, Unit } },
  });
  const of = (Start: string, ...Groups: readonly unknown[]) => ({ TimePeriod: { Start }, Groups });

  test('is asked once for one account, without what is no use, and its pages are put together', async () => {
    const endpoint = fakeEndpoint(({ input }) => ({
      body:
        input['NextPageToken'] === undefined
          ? {
              ResultsByTime: [of('2026-11-01', usd('RDS', '10.5')), of('2026-11-02', usd('RDS', '11'))],
              NextPageToken: 'x',
            }
          : { ResultsByTime: [of('2026-11-02', usd('S3', '2'))] },
    }));
    expect(await cloudOn(endpoint).facts.dailyCosts(account, span)).toMatchObject({
      currency: 'USD',
      pages: 2,
      readAt: startMs,
      days: [
        { day: span.fromDay, byService: { RDS: 10.5 } },
        { day: span.fromDay + day, byService: { RDS: 11, S3: 2 } },
      ],
    });
    expect(endpoint.asked[0]?.host).toBe('ce.us-east-1.amazonaws.com');
    expect(endpoint.asked[0]?.input).toMatchObject({
      TimePeriod: { Start: '2026-11-01', End: '2026-11-03' },
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost'],
      Filter: {
        And: [
          { Dimensions: { Key: 'LINKED_ACCOUNT', Values: ['123456789012'] } },
          { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: expect.arrayContaining(['Credit', 'Tax']) } } },
        ],
      },
    });
  });

  test.each([
    ['two currencies', [of('2026-11-01', usd('RDS', '1'), usd('S3', '1', 'EUR'))], 'several currencies'],
    ['no amount', [of('2026-11-01', { Keys: ['RDS'], Metrics: {} })], 'no amount'],
    ['no date', [of('soon', usd('RDS', '1'))], 'a day has no date'],
  ])('%s: the answer is refused', async (_name, ResultsByTime, text) => {
    const endpoint = fakeEndpoint(() => ({ body: { ResultsByTime } }));
    const error = await failureOf(cloudOn(endpoint).facts.dailyCosts(account, span));
    expect(error).toMatchObject({ kind: 'malformed-answer', message: expect.stringContaining(text) });
  });

  test('pages without an end cost no more than ten cents', async () => {
    const endpoint = fakeEndpoint((_asked, count) => ({ body: { ResultsByTime: [], NextPageToken: String(count) } }));
    expect(await failureOf(cloudOn(endpoint).facts.dailyCosts(account, span))).toMatchObject({
      kind: 'malformed-answer',
    });
    expect(endpoint.asked).toHaveLength(10);
  });
});
