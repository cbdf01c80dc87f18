/** Requests that are meant for AWS and would go elsewhere: shown to whoever looks, refused to whoever changes, until it is typed. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { recordOf } from '../../src/engine/journal.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import { sandboxConfigYaml } from '../../src/sandbox/config-file.ts';
import { linesOf, parseLines } from '../../src/state/journal-lines.ts';
import { isElsewhere, isRequestElsewhere } from '../../src/cloud/endpoints.ts';
import { sha256 } from '../../src/use-cases/sha256.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-endpoints-'));
  await writeFile(join(folder, 'nanoops.yaml'), sandboxConfigYaml());
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

const nanoops = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runMain(words, { cwd: folder, env: { XDG_STATE_HOME: folder, USER: 'ana', ...env } });

/** A name that leads nowhere (RFC 6761). */
const elsewhere = 'https://aws.invalid';

test.each([
  'https://ecs.us-west-2.amazonaws.com',
  'https://ecs.us-west-2.amazonaws.com:443/',
  'https://rds-fips.us-gov-west-1.amazonaws.com',
  'https://monitoring.ap-southeast-4.amazonaws.com',
  'https://logs.us-gov-east-1.amazonaws.com',
  'https://ecs.cn-north-1.amazonaws.com.cn',
  'https://ecs.us-west-2.api.aws',
  'https://rds.cn-northwest-1.api.amazonwebservices.com.cn',
  'https://ecs.eusc-de-east-1.amazonaws.eu',
  'https://ec2.us-iso-east-1.c2s.ic.gov',
  'https://ec2.us-isob-east-1.sc2s.sgov.gov',
  'https://api.ecr.us-west-2.amazonaws.com',
  'https://api.ecr-fips.us-west-2.amazonaws.com',
  'https://ecr.us-west-2.api.aws',
  'https://s3.us-west-2.amazonaws.com',
  'https://s3.amazonaws.com',
  'https://s3.dualstack.us-west-2.amazonaws.com',
  'https://s3-fips.dualstack.us-west-2.amazonaws.com',
  'https://123456789012.ddb.us-west-2.amazonaws.com',
  'https://iam.amazonaws.com',
  'https://iam.us-gov.amazonaws.com',
  'https://iam.global.api.aws',
  'https://iam.cn-north-1.amazonaws.com.cn',
  'https://sts.amazonaws.com',
  'https://sts.us-west-2.amazonaws.com',
  'https://route53.amazonaws.com',
  'https://route53.us-gov.amazonaws.com',
  'https://cloudfront.amazonaws.com',
  'https://cloudfront.global.api.aws',
  'https://health.us-east-1.amazonaws.com',
  'https://global.health.amazonaws.com',
  'https://ce.us-east-1.amazonaws.com',
  'https://ce.us-east-1.api.aws',
  'https://xray.us-west-2.amazonaws.com',
  'https://a1b2c3d4.route53-recovery-cluster.us-west-2.amazonaws.com/v1',
  'https://portal.sso.us-west-2.amazonaws.com',
  'https://vpce-0a1b-x9.ecs.us-west-2.vpce.amazonaws.com',
  'https://vpce-0a1b-x9-us-west-2a.rds.us-west-2.vpce.amazonaws.com',
  'https://vpce-0a1b.api.ecr.us-west-2.vpce.amazonaws.com',
  'https://bucket.vpce-0a1b.s3.us-west-2.vpce.amazonaws.com',
  'https://vpce-0a1b.ecs.cn-north-1.vpce.amazonaws.com.cn',
  'http://127.0.0.1:4566',
  'http://localhost:4566',
  'http://[::1]:4566',
])('%s is AWS, or this machine', (url) => {
  expect(isElsewhere(url)).toBe(false);
});

test.each([
  'http://ecs.us-west-2.amazonaws.com',
  'https://amazonaws.com',
  'https://us-west-2.amazonaws.com',
  'https://amazonaws.com.evil.example',
  'https://evilamazonaws.com',
  'https://amazonaws.com@evil.example',
  'https://ecs.us-west-2.amazonaws.com@evil.example',
  'https://ecs.us-west-2.amazonaws.com.evil.example',
  'https://evil.example/ecs.us-west-2.amazonaws.com',
  'https://127.0.0.1.evil.example',
  'https://10.0.0.7',
  // Anybody's, by certificates of AWS's own or of the public.
  'https://abc123.execute-api.us-east-1.amazonaws.com',
  'https://abc123.execute-api.us-east-1.amazonaws.com/prod',
  'https://execute-api.us-east-1.amazonaws.com',
  'https://vpce-0a1b.execute-api.us-east-1.vpce.amazonaws.com',
  'https://abc123-vpce-0a1b.execute-api.us-east-1.amazonaws.com',
  'https://vpce-0a1b-x9.vpce-svc-0c2d.us-east-1.vpce.amazonaws.com',
  'https://ec2-203-0-113-7.us-west-2.compute.amazonaws.com',
  'https://ec2-203-0-113-7.compute-1.amazonaws.com',
  'https://evil-1234.us-west-2.elb.amazonaws.com',
  'https://evil-0a1b.elb.us-west-2.amazonaws.com',
  'https://evil.s3.us-west-2.amazonaws.com',
  'https://ecs.s3.us-west-2.amazonaws.com',
  'https://ecs.s3.amazonaws.com',
  'https://ecs.s3-us-west-2.amazonaws.com',
  'https://ecs.s3.dualstack.us-west-2.amazonaws.com',
  'https://evil.s3-website-us-west-2.amazonaws.com',
  'https://evil.s3-website.us-west-2.amazonaws.com',
  'https://evil-123456789012.s3-accesspoint.us-west-2.amazonaws.com',
  'https://evil-123456789012.s3-object-lambda.us-west-2.amazonaws.com',
  'https://ecs.us-west-2.s3.amazonaws.com',
  'https://evil.c1a2.us-west-2.rds.amazonaws.com',
  'https://search-evil.us-west-2.es.amazonaws.com',
  'https://abc123.appsync-api.us-west-2.amazonaws.com',
  'https://abc123-ats.iot.us-west-2.amazonaws.com',
  'https://abc123.execute-api.us-east-1.api.aws',
  'https://ecs.evil.amazonaws.com',
  'https://lambda.us-west-2.amazonaws.com',
  'https://evil.ecs.us-west-2.amazonaws.com',
])('%s is elsewhere', (url) => {
  expect(isElsewhere(url)).toBe(true);
});

describe('what the SDK makes of AWS’s endpoints for a request', () => {
  test.each([
    ['s3', 'nano-zips.s3.us-west-2.amazonaws.com'],
    ['s3', 'nano.zips.s3.dualstack.us-west-2.amazonaws.com'],
    ['s3', 'nano.s3-fips.us-gov-west-1.amazonaws.com'],
    ['s3', 'nano.s3.amazonaws.com'],
    ['s3', 'nano-123456789012.s3-accesspoint.us-west-2.amazonaws.com'],
    ['s3', 'nano--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com'],
    ['s3', 'nano.bucket.vpce-0a1b.s3.us-west-2.vpce.amazonaws.com'],
    ['events', 'abcde.veo.endpoint.events.amazonaws.com'],
    ['ecs', 'ecs.us-west-2.amazonaws.com'],
  ])('of %s, %s is AWS', (service, hostname) => {
    expect(isRequestElsewhere(service, { protocol: 'https:', hostname })).toBe(false);
  });

  test.each([
    ['ecs', 'https:', 'nano-zips.s3.us-west-2.amazonaws.com'],
    ['s3', 'http:', 'nano-zips.s3.us-west-2.amazonaws.com'],
    ['s3', 'https:', 'nano.s3-website.us-west-2.amazonaws.com'],
    ['s3', 'https:', 'nano.execute-api.us-west-2.amazonaws.com'],
    ['s3', 'https:', 'nano.s3.us-west-2.amazonaws.com.evil.example'],
    ['ecs', 'https:', 'x.endpoint.events.amazonaws.com'],
    ['constructor', 'https:', 'evil.example'],
  ])('of %s, %s//%s is not', (service, protocol, hostname) => {
    expect(isRequestElsewhere(service, { protocol, hostname })).toBe(true);
  });

  test('of a bucket on an emulator, this machine', () => {
    expect(isRequestElsewhere('s3', { protocol: 'http:', hostname: 'nano.localhost' })).toBe(false);
    expect(isRequestElsewhere('ecs', { protocol: 'http:', hostname: 'nano.localhost' })).toBe(true);
  });
});

describe('an endpoint that holds a password', () => {
  const secret = 'hunter2';
  const cases = [
    ['of a name and a password', `http://ana:${secret}@127.0.0.1:9`],
    ['of a name', `http://${secret}@127.0.0.1:9`],
    ['of a query', `http://127.0.0.1:9/?key=${secret}`],
    ['that is no address', `ana:${secret}@127.0.0.1`],
  ] as const;
  const commands = [
    ['diagnose', 'crash-loop', '--fix', '--yes'],
    ['runs', 'start', 'crash-loop', '--yes'],
    ['incident', 'open', 'something', '--severity', 'SEV2'],
    ['incident', 'list'],
    ['runs', 'list'],
    ['notify', 'test'],
    ['init', '--dry-run', '--region', 'us-west-2'],
    ['status'],
  ];

  test.each(cases)('is refused by every command, and not repeated: %s', async (_, url) => {
    for (const words of commands) {
      for (const form of [[], ['--json']]) {
        const { exitCode, stdout, stderr } = await nanoops([...words, '--endpoint-url', url, ...form]);
        expect(exitCode).toBe(2);
        expect(stdout + stderr).not.toContain(secret);
        expect(stdout + stderr).toContain('--endpoint-url');
      }
    }
    expect(await readdir(folder)).toEqual(['nanoops.yaml']);
  });

  test.each(cases)('in a variable too, before anything is kept: %s', async (_, url) => {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECS']) {
      for (const words of [commands[0] ?? [], ['status'], ['init', '--dry-run', '--region', 'us-west-2']]) {
        const { exitCode, stdout, stderr } = await nanoops(words, { [name]: url });
        expect(exitCode).toBe(2);
        expect(stdout + stderr).not.toContain(secret);
        expect(stdout + stderr).toContain(name);
      }
    }
    expect(await readdir(folder)).toEqual(['nanoops.yaml']);
  });
});

describe('an endpoint that a variable names', () => {
  test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_ECS'])('%s: no change is sent there', async (name) => {
    const { exitCode, stdout } = await nanoops(['diagnose', 'crash-loop', '--fix', '--yes', '--json'], {
      [name]: elsewhere,
    });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'EndpointElsewhere',
      message: `${name} sends requests to ${elsewhere}, which is not AWS; nothing was sent`,
      nextStep: expect.stringContaining(`unset ${name}`),
    });
    expect(await readdir(folder)).toEqual(['nanoops.yaml']);
  });

  test('is told of to whoever looks, by no more than its origin', async () => {
    const { stderr } = await nanoops(['status', '--timeout', '1ms'], { AWS_ENDPOINT_URL: `${elsewhere}/x` });
    expect(stderr).toContain(`note: requests go to ${elsewhere} and not to AWS (AWS_ENDPOINT_URL)\n`);
  });

  test('counts for nothing where AWS’s own variable says so', async () => {
    const env = { AWS_ENDPOINT_URL: elsewhere, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' };
    const { stderr } = await nanoops(['status', '--timeout', '1ms'], env);
    expect(stderr).not.toContain('note: requests go');
  });
});

test('a run whose journal says that it was begun elsewhere is gone on with where somebody types that', async () => {
  await nanoops(['diagnose', 'crash-loop', '--sandbox', '--fix', '--no-input']);
  const runs = join(folder, 'nanoops', 'runs');
  const [id = ''] = await readdir(runs);
  const path = join(runs, id, 'journal.ndjson');
  const { records } = parseLines(await readFile(path), path);
  const rewritten: JournalRecord[] = [];
  for (const { event } of records) {
    const context = { reopen: { config: join(folder, 'nanoops.yaml'), endpointUrl: elsewhere }, settings: {} };
    const put: RunEvent = event.type === 'run.started' ? { ...event, context } : event;
    rewritten.push(recordOf(put, rewritten.at(-1)?.hash, sha256));
  }
  await mkdir(join(runs, id), { recursive: true });
  await writeFile(path, linesOf(rewritten));
  const { exitCode, stdout } = await nanoops(['runs', 'resume', id, '--yes', '--json']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'EndpointElsewhere',
    nextStep: `nanoops runs resume ${id} --endpoint-url ${elsewhere}`,
  });
});
