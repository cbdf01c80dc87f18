import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remembered } from '../../src/aws/credentials.ts';
import { openAws } from '../../src/aws/open-aws.ts';
import type { AwsOptions } from '../../src/aws/options.ts';
import { cloudOn, failureOf, fakeClock, fakeEndpoint, type FakeEndpoint } from './fake-endpoint.ts';

const region = 'us-west-2';
const hour = 3_600_000;

describe('the credential chain', () => {
  const environment = process.env;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nanoops-credentials-'));
    process.env = {
      PATH: environment['PATH'],
      HOME: folder,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      // Nothing on the network is asked in a test.
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  });

  afterEach(async () => {
    process.env = environment;
    await rm(folder, { recursive: true });
  });

  function cloudWith(endpoint: FakeEndpoint, more: Partial<AwsOptions> = {}) {
    return openAws({ clock: fakeClock(), random: () => 0, mode: 'read-only', requestHandler: endpoint, ...more });
  }

  const nothing = () => fakeEndpoint(() => ({ status: 500, body: {} }));

  it('finds out before anything is asked that there are no credentials', async () => {
    const endpoint = nothing();
    const error = await failureOf(cloudWith(endpoint).preflight(region));
    expect(error).toMatchObject({ kind: 'credentials-missing', errorClass: 'credentials', details: { region } });
    expect(String(error)).toContain('there are no AWS credentials for us-west-2');
    // Nobody has asked for it yet.
    expect(String(error)).not.toMatch(/GetCallerIdentity|AssumeRole/);
    expect(endpoint.asked).toEqual([]);
  });

  it('and says so for a fact that is asked without looking first', async () => {
    const error = await failureOf(cloudWith(nothing()).facts.caller(region));
    expect(error).toMatchObject({ kind: 'credentials-missing', details: { operation: 'GetCallerIdentity' } });
  });

  it('names the profile that is not there', async () => {
    const error = await failureOf(cloudWith(nothing(), { profile: 'nano-prod' }).preflight(region));
    expect(error).toMatchObject({ kind: 'credentials-missing' });
    expect(String(error)).toContain('nano-prod');
  });

  it('does not run as somebody else because of a typing error', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' });
    const error = await failureOf(cloudWith(nothing(), { profile: 'nano-pord' }).preflight(region));
    expect(error).toMatchObject({ kind: 'credentials-missing' });
  });

  it('nor because of one in AWS_PROFILE, which counts before the keys of the environment', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
    for (const more of [{}, keys]) {
      Object.assign(process.env, { AWS_PROFILE: 'nano-pord', ...more });
      const error = await failureOf(cloudWith(nothing()).preflight(region));
      expect(error).toMatchObject({ kind: 'credentials-missing' });
      expect(String(error)).toContain('no profile nano-pord');
    }
    process.env['AWS_PROFILE'] = '';
    await cloudWith(nothing()).preflight(region);
  });

  it.each([
    [
      'a source that is not there',
      'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gone',
      'using profile: [gone]',
    ],
    ['a process that fails', 'credential_process = /bin/sh -c "echo vault is sealed >&2; exit 1"', 'vault is sealed'],
    ['a process that prints something else', 'credential_process = /bin/echo hello', 'returned invalid JSON'],
  ])('shows what is wrong with a profile that has %s', async (_, settings, cause) => {
    await writeFile(join(folder, 'config'), `[profile nano-prod]\n${settings}\n`);
    process.env['AWS_PROFILE'] = 'nano-prod';
    for (const more of [{}, { profile: 'nano-prod' }]) {
      const error = await failureOf(cloudWith(nothing(), more).preflight(region));
      expect(error).toMatchObject({ kind: 'credentials-missing' });
      expect(String(error)).toContain('there are no AWS credentials of profile nano-prod for us-west-2');
      expect(String(error)).toContain(cause);
      expect(error).toMatchObject({ details: { nextStep: expect.stringContaining('--profile nano-prod') } });
    }
  });

  it('knows a session that is over from one that never was', async () => {
    await writeFile(
      join(folder, 'config'),
      [
        '[profile nano-prod]',
        'sso_start_url = https://nano.awsapps.com/start',
        'sso_region = us-west-2',
        'sso_account_id = 123456789012',
        'sso_role_name = oncall',
        'region = us-west-2',
      ].join('\n'),
    );
    const error = await failureOf(cloudWith(nothing(), { profile: 'nano-prod' }).preflight(region));
    expect(error).toMatchObject({ kind: 'credentials-expired' });
    expect(error).toMatchObject({
      details: { nextStep: expect.stringContaining('aws sso login --profile nano-prod') },
    });
  });

  it('takes the profile that is asked for, not the keys of the environment', async () => {
    await writeFile(
      join(folder, 'credentials'),
      '[nano-prod]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n',
    );
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' });
    const endpoint = nothing();
    const cloud = cloudWith(endpoint, { profile: 'nano-prod' });
    await cloud.preflight(region);
    await failureOf(cloud.facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }));
    expect(endpoint.asked[0]?.headers['authorization']).toContain('AKIAPROFILE');
  });
});

describe('credentials that the account refuses', () => {
  it.each([
    ['ExpiredTokenException', 'credentials-expired'],
    ['UnrecognizedClientException', 'credentials-invalid'],
    ['AccessDeniedException', 'permission'],
  ])('%s is %s', async (code, kind) => {
    const { facts } = cloudOn(fakeEndpoint(() => ({ status: 400, body: { __type: code, message: 'no' } })));
    const error = await failureOf(facts.serviceState({ region, cluster: 'nano', service: 'nano-api' }));
    expect(error).toMatchObject({ kind, details: { awsCode: code, operation: 'DescribeServices', region } });
  });
});

describe('a role for a region', () => {
  const role = 'arn:aws:iam::210987654321:role/nanoops';
  const assumed = (expires: string) =>
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  const services = { body: { services: [{ serviceName: 'nano-api' }] } };
  const service = (of: string) => ({ region: of, cluster: 'nano', service: 'nano-api' });

  it('is assumed once, at that region’s STS, and used there alone', async () => {
    const endpoint = fakeEndpoint(({ operation }) =>
      operation === 'AssumeRole' ? { body: assumed('2099-01-01T00:00:00Z') } : services,
    );
    const cloud = cloudOn(endpoint, { roles: { 'us-east-1': role } });
    const { facts } = cloud;
    await Promise.all([
      facts.serviceState(service('us-west-2')),
      facts.serviceState(service('us-east-1')),
      facts.scalingLimits(service('us-east-1')).catch(() => undefined),
    ]);
    await facts.serviceState(service('us-east-1'));
    const keys = endpoint.asked.map(({ host, headers }) => [
      host,
      /Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1],
    ]);
    expect(keys).toContainEqual(['ecs.us-west-2.amazonaws.com', 'AKIATEST']);
    expect(keys).toContainEqual(['ecs.us-east-1.amazonaws.com', 'ASIAROLE']);
    expect(keys).toContainEqual(['sts.us-east-1.amazonaws.com', 'AKIATEST']);
    expect(cloud.usage().byOperation['sts:AssumeRole']).toBe(1);
  });

  it('that may not be assumed is named as what was refused', async () => {
    const refusal =
      '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/nanoops</Message></Error></ErrorResponse>';
    const { facts } = cloudOn(
      fakeEndpoint(({ operation }) => (operation === 'AssumeRole' ? { status: 403, body: refusal } : services)),
      { roles: { 'us-east-1': role } },
    );
    const error = await failureOf(facts.serviceState(service('us-east-1')));
    expect(error).toMatchObject({ kind: 'permission', details: { iamAction: 'sts:AssumeRole', resource: role } });
  });

  it('is renewed before it ends, and a refusal is asked anew', async () => {
    let nowMs = 0;
    const answers = [new Date(hour), new Error('refused'), new Date(3 * hour)];
    const provider = remembered(
      async () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return { accessKeyId: 'a', secretAccessKey: 's', expiration: answer };
      },
      () => nowMs,
    );
    await provider();
    await provider();
    expect(answers).toHaveLength(2);
    nowMs = hour - 60_000;
    await failureOf(provider());
    expect((await provider()).expiration).toEqual(new Date(3 * hour));
  });
});
