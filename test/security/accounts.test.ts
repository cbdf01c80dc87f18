/** Credentials of another account than the configured one: whoever looks or acts with them is stopped, and only STS was asked. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { sandboxConfig } from '../../src/sandbox/world/names.ts';
import { serve, type LocalServer } from '../aws/local-server.ts';
import { runMain } from '../support/run-main.ts';

const ours = '123456789012';
const theirs = '999999999999';

let folder: string;
let aws: LocalServer;
/** `sts GetCallerIdentity us-west-2`, in order. */
let asked: string[];
/** Of whoever signs with a key. */
const accounts: Readonly<Record<string, string>> = { AKIDOURS: ours, AKIDTHEIRS: theirs };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-account-'));
  asked = [];
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDTHEIRS');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  aws = await serve((request, response) => {
    void (async () => {
      const [, key = '', region = '', service = ''] =
        /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
      const operation = new URLSearchParams(await text(request)).get('Action') ?? request.url ?? '';
      // Unsigned is the question whether it is a simulated AWS, which only an address of this machine is asked.
      if (service !== '') asked.push(`${service} ${operation} ${region}`);
      if (service === 'sts')
        response.setHeader('content-type', 'text/xml').end(stsAnswer(operation, accounts[key] ?? ''));
      else response.writeHead(403).end();
    })();
  });
});

afterEach(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** As STS words it; who assumes a role of ours is of our account. */
function stsAnswer(operation: string, account: string): string {
  const result =
    operation === 'AssumeRole'
      ? `<Credentials><AccessKeyId>AKIDOURS</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`
      : `<Arn>arn:aws:iam::${account}:user/eve</Arn><UserId>AIDA</UserId><Account>${account}</Account>`;
  return `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;
}

async function nanoops(words: readonly string[], config: object = {}) {
  const state = join(folder, 'state');
  await mkdir(state, { recursive: true });
  await writeFile(join(folder, 'nanoops.yaml'), stringify({ ...sandboxConfig, ...config }));
  const env = { XDG_STATE_HOME: state, XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder, USER: 'ana' };
  const ended = await runMain([...words, '--endpoint-url', aws.url, '--json'], { cwd: folder, env });
  return { ...ended, written: await readdir(state, { recursive: true }) };
}

const acting = [
  'diagnose crash-loop --fix --yes',
  'runbook run errors --yes',
  'dr failover --yes',
  'dr failback --yes',
  'dr drill --yes',
  'dr failover --dry-run',
  'alerts apply --yes',
  'dashboard apply --yes',
];
const looking = ['diagnose latency', 'status', 'dr readiness', 'backup verify', 'tune', 'logs errors', 'alerts plan'];

describe('with credentials of another account', () => {
  test.each([...acting, ...looking])('%s stops: only STS was asked, and nothing is kept', async (line) => {
    const { exitCode, stdout, written } = await nanoops(line.split(' '));
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'WrongAccount',
      message: `these credentials are of account ${theirs}, the configuration is for ${ours}`,
    });
    expect(exitCode).toBe(2);
    expect([...new Set(asked)]).toEqual([expect.stringMatching(/^sts GetCallerIdentity us-(?:west-2|east-1)$/)]);
    expect(written).toEqual([]);
  });

  test.each([
    ['diagnose crash-loop --fix --yes', 'recovery'],
    ['diagnose crash-loop --fix --yes', 'primary'],
    ['dr failover --yes', 'primary'],
    ['dr failback --yes', 'recovery'],
    ['alerts apply --yes', 'primary'],
    ['status', 'primary'],
  ])('%s stops where only the %s region has a role of the right one', async (line, region) => {
    const roles = { [region]: `arn:aws:iam::${ours}:role/nanoops` };
    const { exitCode, stdout, written } = await nanoops(line.split(' '), { roles });
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'WrongAccount' });
    expect(exitCode).toBe(2);
    expect(asked.filter((each) => !each.startsWith('sts '))).toEqual([]);
    expect(written).toEqual([]);
  });
});
