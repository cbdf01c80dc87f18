/** Requests that are meant for AWS and would go elsewhere: shown to whoever looks, refused to whoever changes, until it is typed. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { endpointsOf, tableEndpoint } from '../../src/composition/endpoints.ts';
import { openTeamState } from '../../src/composition/stores.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { recordOf } from '../../src/engine/journal.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import { sandboxConfigYaml } from '../../src/sandbox/config-file.ts';
import { linesOf, parseLines } from '../../src/state/journal-lines.ts';
import { openAws } from '../../src/aws/open-aws.ts';
import { openPageBucket } from '../../src/aws/publish-page.ts';
import { clusterEndpoint } from '../../src/aws/settings.ts';
import { openTable } from '../../src/aws/state/dynamodb-table.ts';
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
  'https://us-east-1.signin.aws.amazon.com',
  'https://us-west-2.oauth.signin.aws',
  'https://cn-north-1.signin.amazonaws.cn',
  'https://signin-fips.amazonaws-us-gov.com',
  'https://us-gov-west-1.signin-fips.amazonaws-us-gov.com',
  'https://s3-us-west-2.amazonaws.com',
  'https://s3-us-gov-west-1.amazonaws.com',
  'https://s3-external-1.amazonaws.com',
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
  'https://s3-website-us-west-2.amazonaws.com',
  'https://s3-evil.amazonaws.com',
  'https://signin.aws.amazon.com.evil.example',
  'https://evil.us-east-1.signin.aws.amazon.com',
  'https://us-east-1.signin.awsxamazon.com',
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
    ['s3', 'nano-zips.s3-accelerate.amazonaws.com'],
    ['s3', 'nano-zips.s3-accelerate.dualstack.amazonaws.com'],
    ['s3', 'abc.mrap.accesspoint.s3-global.amazonaws.com'],
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

describe('an endpoint that a file names', () => {
  /** The SDK reads this process's environment, nanoops the one that it is given. */
  const withFile = async (text: string, name = 'config'): Promise<Readonly<Record<string, string>>> => {
    const place = await mkdtemp(join(tmpdir(), 'nanoops-profile-'));
    await writeFile(join(place, name), text);
    const env = { AWS_CONFIG_FILE: join(place, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(place, 'credentials') };
    for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
    return env;
  };
  const fix = ['diagnose', 'crash-loop', '--fix', '--yes', '--json'];
  const ofServices = (service: string) =>
    `[default]\nservices = mine\n[services mine]\n${service} =\n  endpoint_url = ${elsewhere}/x\n`;

  const told: readonly (readonly [string, string, Record<string, string>])[] = [
    ['endpoint_url of profile default', `[default]\nendpoint_url = ${elsewhere}/x\n`, {}],
    ['endpoint_url of profile dr', `[profile dr]\nendpoint_url=${elsewhere}\n`, { AWS_PROFILE: 'dr' }],
    ['endpoint_url of ecs in services mine', ofServices('ecs'), {}],
    ['endpoint_url of application_auto_scaling in services mine', ofServices('application_auto_scaling'), {}],
    ['endpoint_url of profile default', `[default]\nendpoint_url = ${elsewhere}\n`, { AWS_ENDPOINT_URL_ECS: '' }],
  ];

  test.each(told)('is shown as one of a variable is, and no change is sent there: %s', async (name, text, more) => {
    const env = { ...(await withFile(text)), ...more };
    const looked = await nanoops(['status', '--timeout', '1ms'], env);
    expect(looked.stderr).toContain(`note: requests go to ${elsewhere} and not to AWS (${name})\n`);
    const { exitCode, stdout } = await nanoops(fix, env);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'EndpointElsewhere',
      message: `${name} sends requests to ${elsewhere}, which is not AWS; nothing was sent`,
      nextStep: `take ${name} out of ~/.aws/config; or, if that is where the changes are to be made: --endpoint-url ${elsewhere}`,
    });
    expect(await readdir(folder)).toEqual(['nanoops.yaml']);
  });

  test('of the credentials file counts as well', async () => {
    const env = await withFile(`[default]\nendpoint_url = ${elsewhere}\n`, 'credentials');
    const { stderr } = await nanoops(['status', '--timeout', '1ms'], env);
    expect(stderr).toContain('(endpoint_url of profile default)');
  });

  test.each<[string, string, Record<string, string>, RegExp | undefined]>([
    ['of another profile', `[profile dr]\nendpoint_url = ${elsewhere}\n`, {}, undefined],
    ['of a service that is not called', ofServices('lambda'), {}, undefined],
    ['of AWS', '[default]\nendpoint_url = https://ecs.us-west-2.amazonaws.com\n', {}, undefined],
    [
      'that the profile ignores',
      `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${elsewhere}\n`,
      {},
      undefined,
    ],
    [
      'that a variable stands before',
      `[default]\nendpoint_url = ${elsewhere}\n`,
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      undefined,
    ],
    [
      'that a variable of the service stands before',
      ofServices('ecs'),
      { AWS_ENDPOINT_URL_ECS: 'http://127.0.0.1:9' },
      undefined,
    ],
    [
      'that a variable says to ignore',
      `[default]\nendpoint_url = ${elsewhere}\n`,
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      undefined,
    ],
    [
      'that a variable says to ignore in letters that the SDK does not know',
      `[default]\nendpoint_url = ${elsewhere}\n`,
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' },
      /endpoint_url of profile default/,
    ],
    [
      'that the profile ignores, where a variable says nothing that the SDK knows',
      `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${elsewhere}\n`,
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'False' },
      undefined,
    ],
    [
      'that a variable says not to ignore',
      `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${elsewhere}\n`,
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
      /endpoint_url of profile default/,
    ],
  ])('is told of where it counts: one %s', async (_, text, more, note) => {
    const { stderr } = await nanoops(['status', '--timeout', '1ms'], { ...(await withFile(text)), ...more });
    expect(/\((endpoint_url of [^)]*)\)/.exec(stderr)?.[1] ?? '').toMatch(note ?? /^$/);
  });

  const here = 'http://127.0.0.1:9';
  test.each<[string, string, Record<string, string>, unknown]>([
    ['a variable', '', { AWS_ENDPOINT_URL: here }, [here, undefined, 'all']],
    ['one of a service', '', { AWS_ENDPOINT_URL_S3: here }, [undefined, undefined, ['S3']]],
    ['one of the table', '', { AWS_ENDPOINT_URL_DYNAMODB: here }, [undefined, here, ['DYNAMODB']]],
    ['a profile', `[default]\nendpoint_url = ${here}\n`, {}, [here, undefined, 'all']],
    [
      'a section of it',
      `[default]\nservices = mine\n[services mine]\ns3 =\n  endpoint_url = ${here}\n`,
      {},
      [undefined, undefined, ['S3']],
    ],
    ['nothing', '', { AWS_ENDPOINT_URL: '' }, [undefined, undefined, []]],
    [
      'what a variable says to ignore',
      `[default]\nendpoint_url = ${here}\n`,
      { AWS_ENDPOINT_URL: here, AWS_ENDPOINT_URL_DYNAMODB: here, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      [undefined, undefined, []],
    ],
    [
      'what the profile says to ignore',
      `[default]\nignore_configured_endpoint_urls = true\nendpoint_url = ${here}\n`,
      { AWS_ENDPOINT_URL: here, AWS_ENDPOINT_URL_DYNAMODB: here },
      [undefined, undefined, []],
    ],
  ])('counts everywhere or nowhere: %s', async (_, text, more, expected) => {
    const io = { env: { ...(await withFile(text)), ...more } };
    const { counting, services } = await endpointsOf({}, io);
    const all = services.length > 20 ? 'all' : services;
    expect([counting, await tableEndpoint({}, io), all]).toEqual(expected);
    expect((await endpointsOf({ endpointUrl: elsewhere }, io)).counting).toBe(elsewhere);
  });

  test('leads to where routing controls are, and to buckets by their path, as one of a variable does', () => {
    const aws = { clock: systemClock, random: Math.random };
    const cluster = 'https://a1.route53-recovery-cluster.us-west-2.amazonaws.com/v1';
    expect(clusterEndpoint(aws, cluster)).toEqual({ endpoint: cluster });
    expect(clusterEndpoint({ ...aws, servicesWithEndpoint: ['S3'] }, cluster)).toEqual({ endpoint: cluster });
    const servicesWithEndpoint = ['ROUTE53_RECOVERY_CLUSTER'];
    expect(clusterEndpoint({ ...aws, servicesWithEndpoint }, cluster)).toEqual({});
  });

  test('with a password is refused, and not repeated', async () => {
    const env = await withFile('[default]\nendpoint_url = https://ana:hunter2@aws.invalid\n');
    for (const words of [fix, ['status']]) {
      const { exitCode, stdout, stderr } = await nanoops(words, env);
      expect(exitCode).toBe(2);
      expect(stdout + stderr).toContain('endpoint_url of profile default holds more than the address');
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });

  test('is left by no change, whatever was found before', async () => {
    await withFile(`[default]\nendpoint_url = ${elsewhere}\n`);
    const aws = { clock: systemClock, random: Math.random, mode: { changes: ['ecs:UpdateService', 'sns:Publish'] } };
    const cloud = openAws({ ...aws, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
    try {
      const service = { region: 'us-west-2', cluster: 'nano', service: 'nano-api' };
      await expect(cloud.changes.setDesiredCount(service, 2)).rejects.toMatchObject({
        kind: 'refused-elsewhere',
        message: expect.stringContaining(`it would go to ${elsewhere}, which is not AWS`),
      });
      expect(cloud.usage().mutations).toBe(0);
    } finally {
      cloud.close();
    }
  });
});

describe('what is kept beside the stack', () => {
  test('is written to no table elsewhere, unless the address was typed', async () => {
    const table = {
      table: 'nanoops',
      region: 'us-west-2',
      clock: systemClock,
      random: () => 0,
      endpointUrl: elsewhere,
    };
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    const errorOf = async (more: { readonly goesAnywhere?: boolean }) => {
      const opened = openTable({ ...table, credentials, ...more });
      return opened.put({ pk: { S: 'run-1' }, sk: { S: '1' } }).then(
        () => 'written',
        (error: unknown) => String(error),
      );
    };
    expect(await errorOf({})).toContain(`it would go to ${elsewhere}, which is not AWS`);
    expect(await errorOf({ goesAnywhere: true })).not.toContain('which is not AWS');
  });

  test('is written to no table of a variable’s where another address was typed', async () => {
    const config = { state: { dynamodb: { table: 'nanoops', region: 'us-west-2' } } };
    const event = { type: 'run.started', runId: 'r', runbook: 'latency', title: '', mode: 'execute' } as const;
    const record = recordOf<RunEvent>({ ...event, environment: 'prod', steps: [], seq: 1, at: 0 }, undefined, sha256);
    const errorOf = async (endpointUrl: string) => {
      const env = { AWS_ENDPOINT_URL_DYNAMODB: elsewhere };
      const state = await openTeamState(config, { endpointUrl }, { clock: systemClock, random: () => 0, env });
      return state?.journals.append('r', [record]).then(
        () => 'written',
        (error: unknown) => String(error),
      );
    };
    expect(await errorOf('http://127.0.0.1:9')).toContain('which is not AWS');
    expect(await errorOf(elsewhere)).not.toContain('which is not AWS');
  });

  test('is put into no bucket elsewhere, unless the address was typed', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', elsewhere);
    const place = { bucket: 'status', prefix: '', region: 'us-west-2' };
    const file = { name: 'index.html', text: '', contentType: 'text/html', cacheControl: 'no-cache' };
    const errorOf = async (endpointUrl?: string) => {
      const bucket = openPageBucket(place, {
        clock: systemClock,
        random: () => 0,
        ...(endpointUrl && { endpointUrl }),
      });
      return bucket.put(file).then(
        () => 'put',
        (error: unknown) => String(error),
      );
    };
    expect(await errorOf()).toContain('which is not AWS');
    expect(await errorOf(elsewhere)).not.toContain('which is not AWS');
  });

  test('shows where a table is, also where the rest goes to an address that was typed', async () => {
    const config = `${sandboxConfigYaml()}\nstate:\n  dynamodb:\n    table: nanoops\n    region: us-west-2\n`;
    await writeFile(join(folder, 'table.yaml'), config);
    try {
      const words = ['status', '-c', 'table.yaml', '--endpoint-url', 'http://127.0.0.1:9', '--timeout', '1ms'];
      const { stderr } = await nanoops(words, { AWS_ENDPOINT_URL_DYNAMODB: elsewhere });
      expect(stderr).toContain(`note: requests go to ${elsewhere} and not to AWS (AWS_ENDPOINT_URL_DYNAMODB)\n`);
      const fix = ['diagnose', 'crash-loop', '--fix', '--yes', '--json', ...words.slice(1)];
      const { exitCode, stdout } = await nanoops(fix, { AWS_ENDPOINT_URL_DYNAMODB: elsewhere });
      expect([exitCode, JSON.parse(stdout).error]).toMatchObject([
        2,
        {
          code: 'EndpointElsewhere',
          message: `AWS_ENDPOINT_URL_DYNAMODB sends requests to ${elsewhere}, which is not AWS; nothing was sent`,
        },
      ]);
    } finally {
      await rm(join(folder, 'table.yaml'));
    }
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
