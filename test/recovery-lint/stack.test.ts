/** What a lint says of state, receivers, programs and credentials. */
import { describe, expect, test } from 'vitest';
import { lint } from './stage.ts';

describe('journals and leases', () => {
  const kept = (region: string, impaired: string) =>
    lint({ config: { state: { dynamodb: { table: 'nanoops', region } } }, impaired }).check('lint-state');

  test.each([
    ['us-west-2', 'us-west-2', 'breach'],
    ['us-east-1', 'us-east-1', 'breach'],
    ['us-east-1', 'us-west-2', 'ok'],
    // Whatever is lost today: it is not there when the primary region is.
    ['us-west-2', 'us-east-1', 'warning'],
    ['eu-west-1', 'us-east-1', 'ok'],
  ])('a table in %s without %s: %s', (region, impaired, status) => {
    expect(kept(region, impaired).status).toBe(status);
  });

  test('what helps is said: the other region, or a third one', () => {
    expect(kept('us-west-2', 'us-west-2').nextStep).toContain('region: us-east-1');
    expect(kept('us-east-1', 'us-east-1').nextStep).toContain('third region');
  });

  test('on this machine it is told only', () => {
    expect(lint().check('lint-state')).toMatchObject({ status: 'ok', severity: 'info' });
  });
});

describe('receivers', () => {
  const told = (notify: Record<string, unknown>, impaired = 'us-west-2') =>
    lint({ config: { notify }, impaired }).check('lint-sinks');
  const topicIn = (region: string) => ({ topicArn: `arn:aws:sns:${region}:123456789012:nano` });

  test('a topic in the region, and no other receiver', () => {
    expect(told({ sns: topicIn('us-west-2') })).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('nobody would be told'),
      evidence: [{ source: 'nanoops.yaml:notify.sns.topicArn' }],
    });
    expect(told({ sns: topicIn('us-east-1') }).status).toBe('ok');
  });

  test('is a warning where another stays', () => {
    expect(told({ sns: topicIn('us-west-2'), webhook: { url: '${env:HOOK}' } })).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('1 other receiver stays'),
    });
  });

  test.each([
    // Resolved in the primary region, unless an ARN says otherwise.
    ['${ssm:/nano/hook}', 'us-west-2', 'breach'],
    ['${ssm:/nano/hook}', 'us-east-1', 'ok'],
    ['${secretsmanager:hook#url}', 'us-west-2', 'breach'],
    ['${secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:hook-AbCdEf}', 'us-west-2', 'ok'],
    ['${secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:hook-AbCdEf}', 'us-east-1', 'breach'],
    ['${env:HOOK}', 'us-west-2', 'ok'],
  ])('%s without %s: %s', (url, impaired, status) => {
    expect(told({ webhook: { url } }, impaired).status).toBe(status);
    expect(told({ webhook: { url: '${env:HOOK}', signingKey: url } }, impaired).status).toBe(status);
  });

  test('an event bus has its region beside it', () => {
    expect(told({ eventbridge: { bus: 'ops', region: 'us-west-2' } }).status).toBe('breach');
    expect(told({ eventbridge: { bus: 'ops', region: 'us-east-1' } }).status).toBe('ok');
  });

  test('nobody at all is told as not configured', () => {
    expect(lint().check('lint-sinks')).toMatchObject({ status: 'not-configured', severity: 'info' });
  });
});

describe('programs', () => {
  const ran = (...exec: string[]) => lint({ config: { drill: { consistency: [{ exec }] } } }).check('lint-programs');

  test.each([
    [['aws', 'rds', 'describe-db-clusters', '--region', 'us-west-2']],
    [['compare', '--region=us-west-2']],
    [['mysql', '-h', 'nano-db.cluster-abc.us-west-2.rds.amazonaws.com']],
    [['sh', '-c', 'check us-west-2a']],
  ])('%j names the region', (exec) => {
    expect(ran(...exec)).toMatchObject({
      status: 'warning',
      evidence: [{ source: 'nanoops.yaml:drill.consistency[0]', region: 'us-west-2' }],
      nextStep: expect.stringContaining('NANOOPS_REGION'),
    });
  });

  test.each([[['compare', '--region', 'us-east-1']], [['compare', 'us-west-21']], [['compare', 'not-us-west-2']]])(
    '%j does not',
    (exec) => {
      expect(ran(...exec).status).toBe('ok');
    },
  );

  test.each([
    [
      ['aws', 'rds', 'wait', 'db-cluster-available', '--db-cluster-identifier', 'nano-db-dr'],
      'aws rds wait db-cluster-available',
    ],
    [
      ['sh', '-c', 'cd /x && /usr/bin/aws --profile dr ecs wait services-stable; echo ok'],
      'aws --profile dr ecs wait services-stable',
    ],
  ])('%j waits as the SDKs do', (exec, words) => {
    expect(ran(...exec)).toMatchObject({ status: 'warning', evidence: [{ detail: expect.stringContaining(words) }] });
  });

  test.each([[['wait-for-it', 'db:3306']], [['sh', '-c', 'aws rds describe-db-clusters; wait 5']]])(
    '%j does not wait so',
    (exec) => {
      expect(ran(...exec).status).toBe('ok');
    },
  );

  test('what brings the outage about names its region by nature', () => {
    const injectOutage = { exec: ['./break.sh', 'us-west-2'] };
    expect(lint({ config: { drill: { injectOutage } } }).check('lint-programs').status).toBe('ok');
  });
});

describe('credentials', () => {
  const none = { variables: {}, profiles: [] };
  const profile = { name: 'ops', assumesRole: false };
  const asked = (
    credentials: NonNullable<Parameters<typeof lint>[0]>['credentials'],
    impaired = 'us-west-2',
    config = {},
  ) => lint({ credentials, impaired, config }).check('lint-credentials');

  test('the simulated AWS asks for none; the environment may lead nowhere', () => {
    expect(lint().check('lint-credentials').status).toBe('not-configured');
    expect(asked(none).status).toBe('ok');
  });

  test('IAM Identity Center in the region, of the profile or of the one it builds on', () => {
    const signsIn = { ...profile, ssoRegion: 'us-west-2' };
    expect(asked({ ...none, profiles: [signsIn] })).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'profile ops' }],
    });
    expect(
      asked({ ...none, profiles: [{ ...profile, name: 'dr', assumesRole: true, region: 'us-east-1' }, signsIn] })
        .status,
    ).toBe('breach');
    expect(asked({ ...none, profiles: [signsIn] }, 'us-east-1').status).toBe('ok');
  });

  test('a profile\u2019s role is assumed where the profile says', () => {
    const assuming = { ...profile, assumesRole: true };
    expect(asked({ ...none, profiles: [{ ...assuming, region: 'us-west-2' }] }).status).toBe('breach');
    expect(asked({ ...none, profiles: [{ ...assuming, region: 'us-east-1' }] }).status).toBe('ok');
    expect(asked({ ...none, profiles: [assuming] }).status).toBe('ok');
    // Without a role the region of a profile decides nothing.
    expect(asked({ ...none, profiles: [{ ...profile, region: 'us-west-2' }] }).status).toBe('ok');
  });

  test.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])('%s reaches programs', (name) => {
    const credentials = { ...none, variables: { [name]: 'us-west-2' } };
    expect(asked(credentials)).toMatchObject({ status: 'warning', summary: expect.stringContaining(name) });
    expect(asked(credentials, 'us-east-1').status).toBe('ok');
    const bare = { api: undefined, drill: {}, database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' } };
    expect(asked(credentials, 'us-west-2', bare).status).toBe('ok');
  });

  test('the global STS is in us-east-1', () => {
    const legacy = { ...none, variables: { AWS_STS_REGIONAL_ENDPOINTS: 'legacy' } };
    expect(asked(legacy, 'us-east-1')).toMatchObject({
      status: 'warning',
      nextStep: expect.stringContaining('regional'),
    });
    expect(asked(legacy).status).toBe('ok');
    expect(asked({ ...none, profiles: [{ ...profile, stsEndpoints: 'legacy' }] }, 'us-east-1').status).toBe('warning');
  });

  test('an endpoint in the region is a breach, another variable is none', () => {
    const endpoint = { AWS_ENDPOINT_URL_STS: 'https://sts.us-west-2.amazonaws.com' };
    expect(asked({ ...none, variables: endpoint })).toMatchObject({
      status: 'breach',
      evidence: [{ source: 'AWS_ENDPOINT_URL_STS' }],
    });
    expect(asked({ ...none, variables: { AWS_NOTE: 'us-west-2' } }).status).toBe('ok');
  });

  test('a role for one region alone is a warning, on the simulated AWS too', () => {
    const primary = 'arn:aws:iam::123456789012:role/ops';
    expect(lint({ config: { roles: { primary } } }).check('lint-credentials')).toMatchObject({
      status: 'warning',
      nextStep: expect.stringContaining('roles.recovery'),
    });
    expect(asked(none, 'us-west-2', { roles: { primary, recovery: primary } }).status).toBe('ok');
  });

  test('a breach is told before a warning', () => {
    const found = asked({ variables: { AWS_REGION: 'us-west-2' }, profiles: [{ ...profile, ssoRegion: 'us-west-2' }] });
    expect(found).toMatchObject({ status: 'breach', summary: expect.stringMatching(/Identity Center.*and 1 more/) });
    expect(found.evidence).toHaveLength(2);
  });
});
