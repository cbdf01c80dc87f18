/** `dr lint` as it is typed: on the sandbox, on a file, with what the environment and the profile say. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportDocument } from '../../src/report/schemas.ts';
import { runMain, type Ended } from '../support/run-main.ts';
import { errorOf, newFolder } from './operator.ts';

/** The first one loads the simulated AWS and the SDK's clients, which a busy machine takes its time for. */
beforeAll(async () => {
  await runMain(['dr', 'lint', '--impaired', 'us-west-2', '--sandbox', '--quiet']);
}, 120_000);

const reportOf = ({ stdout }: Ended) => reportDocument.parse(JSON.parse(stdout));
const checkOf = (ended: Ended, id: string) => reportOf(ended).checks.find((check) => check.id === id);

describe('on the sandbox\u2019s own configuration', () => {
  test.each([
    ['us-west-2', 0, 'no step that region-failover cannot do without asks us-west-2'],
    ['us-east-1', 1, 'Route 53\u2019s API in us-east-1'],
  ])('without %s, as a person reads it', async (region, exitCode, words) => {
    const ended = await runMain(['dr', 'lint', '--impaired', region, '--sandbox'], { columns: 400 });
    expect(ended).toMatchObject({ exitCode, stderr: '' });
    expect(ended.stdout).toContain(words);
  });

  test('the record\u2019s TTL is all that is asked', async () => {
    const report = reportOf(await runMain(['dr', 'lint', '--impaired', 'us-west-2', '--sandbox', '--json']));
    expect(report.api).toEqual({ calls: 1, mutations: 0, byOperation: { 'route53:ListResourceRecordSets': 1 } });
  });

  test('where Route 53 does not answer, what else is found still is', async () => {
    const ended = await runMain([
      'dr',
      'lint',
      '--impaired',
      'us-east-1',
      '--sandbox',
      'dns-control-plane-down',
      '--json',
    ]);
    expect(ended.exitCode).toBe(1);
    expect(checkOf(ended, 'lint-ttl')?.status).toBe('unknown');
    expect(checkOf(ended, 'lint-traffic-switch')?.status).toBe('breach');
  });

  test.each([
    ['dr lint --sandbox --json', 2],
    ['dr lint --impaired us-west-9 --sandbox --json', 2],
    ['dr lint --impaired us-west-2 --sandbox --json --dry-run', 2],
    ['dr lint --impaired us-west-2 --sandbox --json --region us-west-2', 2],
    ['dr lint --impaired us-west-2 --sandbox --json --yes', 2],
    ['dr lint --impaired us-west-2 --json', 2],
  ])('%s is refused', async (line, exitCode) => {
    const ended = await runMain(line.split(' '), { cwd: await newFolder() });
    expect(ended.exitCode).toBe(exitCode);
    expect(errorOf(ended).nextStep).not.toBe('');
  });
});

const yaml = `
service: shop
regions: { primary: us-west-2, recovery: us-east-1 }
api: { loadBalancer: app/shop/1, writeProbe: { exec: [./write.sh] } }
state: { dynamodb: { table: nanoops, region: us-west-2 } }
`;

describe('on a file', () => {
  /** Types it in a folder with this file and these shared files of AWS; nothing of this machine's is read. */
  async function typed(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
    more: readonly string[] = [],
  ) {
    const cwd = await newFolder();
    await Promise.all(
      Object.entries({ 'nanoops.yaml': yaml, ...files }).map(([name, text]) => writeFile(join(cwd, name), text)),
    );
    return runMain(['dr', 'lint', '--impaired', 'us-west-2', '--json', ...more], {
      cwd,
      env: { AWS_CONFIG_FILE: join(cwd, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(cwd, 'credentials'), ...env },
    });
  }

  test('without DNS nothing is contacted, and no credentials are wanted', async () => {
    const ended = await typed({});
    expect(ended.exitCode).toBe(1);
    expect(reportOf(ended).api.calls).toBe(0);
    expect(checkOf(ended, 'lint-state')).toMatchObject({
      status: 'breach',
      nextStep: expect.stringContaining('us-east-1'),
    });
    expect(checkOf(ended, 'lint-credentials')?.status).toBe('ok');
  });

  const config = `
[default]
region = us-east-1

[profile ops]
sso_session = corporate
region = us-east-1

[sso-session corporate]
sso_region = us-west-2
sso_start_url = https://corporate.awsapps.com/start

[profile dr]
role_arn = arn:aws:iam::123456789012:role/dr
source_profile = ops
region = us-west-2
`;

  test('the default profile leads nowhere else', async () => {
    expect(checkOf(await typed({ config }), 'lint-credentials')?.status).toBe('ok');
  });

  test.each([
    ['AWS_PROFILE', { AWS_PROFILE: 'ops' }, []],
    ['--profile', { AWS_PROFILE: 'default' }, ['--profile', 'ops']],
  ])('the profile that %s names signs in through the region, by its session', async (_how, env, more) => {
    expect(checkOf(await typed({ config }, env, more), 'lint-credentials')).toMatchObject({
      status: 'breach',
      summary: expect.stringContaining('IAM Identity Center in us-west-2'),
    });
  });

  test('a role is assumed in the region of its profile, with what another profile signs in for', async () => {
    const check = checkOf(await typed({ config }, { AWS_PROFILE: 'dr' }), 'lint-credentials');
    expect(check?.evidence.map(({ source }) => source)).toEqual(['profile dr', 'profile ops']);
  });

  test('keys of the environment count before a profile that nobody named, and are not shown', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hidden-us-west-2-hidden' };
    const ended = await typed({ config: config.replace('[default]', '[default]\nsso_region = us-west-2') }, keys);
    expect(checkOf(ended, 'lint-credentials')?.status).toBe('ok');
    expect(ended.stdout).not.toContain('hidden');
  });

  test('a stack with a single region is refused', async () => {
    const ended = await typed({ 'nanoops.yaml': 'service: shop\nregions: { primary: us-west-2 }\n' });
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('NoRecoveryRegion');
  });

  test('AWS_REGION is what programs inherit', async () => {
    expect(checkOf(await typed({}, { AWS_REGION: 'us-west-2' }), 'lint-credentials')).toMatchObject({
      status: 'warning',
      evidence: [{ source: 'AWS_REGION', region: 'us-west-2' }],
    });
  });
});
