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
import { isElsewhere } from '../../src/use-cases/endpoints.ts';
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
  ['https://ecs.us-west-2.amazonaws.com', false],
  ['https://vpce-1.ecs.us-west-2.vpce.amazonaws.com', false],
  ['https://ecs.cn-north-1.amazonaws.com.cn', false],
  ['https://lambda.us-east-1.api.aws', false],
  ['http://127.0.0.1:4566', false],
  ['http://localhost:4566', false],
  ['http://ecs.us-west-2.amazonaws.com', true],
  ['https://amazonaws.com.evil.example', true],
  ['https://evilamazonaws.com', true],
  ['https://amazonaws.com@evil.example', true],
  ['https://127.0.0.1.evil.example', true],
  ['https://10.0.0.7', true],
])('%s is elsewhere: %s', (url, expected) => {
  expect(isElsewhere(url)).toBe(expected);
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

  test('is told of to whoever looks, without what it may hold of a password', async () => {
    const env = { AWS_ENDPOINT_URL: 'https://ana:hunter2@aws.invalid/x' };
    const { stderr } = await nanoops(['status', '--timeout', '1ms'], env);
    expect(stderr).toContain(`note: requests go to ${elsewhere} and not to AWS (AWS_ENDPOINT_URL)`);
    expect(stderr).not.toContain('hunter2');
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
