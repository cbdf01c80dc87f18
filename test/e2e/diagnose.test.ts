/** The main job as its users run it: the packed nanoops, installed into an empty folder, as a process of its own. */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runDocument } from '../../src/report/schemas.ts';
import { nanoops } from '../package/nanoops.ts';

describe('on the sandbox, from an empty folder', () => {
  test('names the slow statement, its component and what to do, and says nothing else', async () => {
    const { exitCode, stdout, stderr } = await nanoops(['diagnose', 'latency', '--sandbox']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('nano-db');
    expect(stdout).toContain('aws logs tail /aws/rds/cluster/nano-db/slowquery --region us-west-2');
    expect(stderr).toContain('Latency and requests at the balancer');
    expect(`${stdout}${stderr}`).not.toMatch(/warning|deprecat/i);
  });

  test('gives one valid document on stdout for a script, and nothing on stderr', async () => {
    const { exitCode, stdout, stderr } = await nanoops(['diagnose', 'latency', '--sandbox', 'cache-cold', '--json']);
    const run = runDocument.parse(JSON.parse(stdout));
    expect(run).toMatchObject({ runbook: 'latency', mode: 'observe', verdict: 'attention', exitCode: 1 });
    expect(run.causes[0]).toMatchObject({ rank: 1, cause: 'cache-cold', component: 'nano-cache' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('');
  });

  test('every line of ndjson is an event, numbered without a gap', async () => {
    const { stdout } = await nanoops(['diagnose', 'latency', '--sandbox', 'healthy', '-o', 'ndjson']);
    const events = stdout.split('\n').map((line) => JSON.parse(line));
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events[0].type).toBe('run.started');
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'ok' });
  });

  test('writes the report that was asked for', async () => {
    const { folder } = inject('installed');
    const file = join(folder, 'r.json');
    await nanoops(['diagnose', 'latency', '--sandbox', 'transient', '--report', file]);
    const { stdout } = await execa('cat', [file]);
    expect(runDocument.parse(JSON.parse(stdout)).causes[0]?.cause).toBe('transient');
  });

  test('a reader that closes the pipe early ends it without a word', async () => {
    const { folder } = inject('installed');
    const command = `${folder}/node_modules/.bin/nanoops diagnose latency --sandbox --json | head -c 10`;
    const { stdout, stderr } = await execa('bash', ['-c', command], { cwd: folder });
    expect(stdout).toHaveLength(10);
    expect(stderr).toBe('');
  });
});

describe('an AWS that accepts every call and answers none', () => {
  let server: Server;
  let url = '';
  let config = '';

  beforeAll(async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}`;
    config = join(inject('installed').folder, 'hanging.yaml');
    const { stdout } = await nanoops(['sandbox', 'config']);
    await writeFile(config, stdout.replace(/^account:.*\n/m, ''));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const env = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the run cleanly with 130', async (signal) => {
    const { folder } = inject('installed');
    const run = execa(
      join(folder, 'node_modules/.bin/nanoops'),
      ['diagnose', 'latency', '-c', config, '--endpoint-url', url, '--json'],
      { cwd: folder, env, reject: false, stdin: 'ignore' },
    );
    // The first visitor only asks what time it is there.
    await new Promise<void>((resolve) => {
      server.on('request', (request) => {
        if (request.method === 'POST') resolve();
      });
    });
    run.kill(signal);
    const { exitCode, stdout, stderr } = await run;
    expect(exitCode).toBe(130);
    expect(runDocument.parse(JSON.parse(stdout))).toMatchObject({ verdict: 'interrupted', exitCode: 130 });
    expect(stderr).toBe('');
  });

  test('a signal before anything is asked ends it with 130', async () => {
    const { folder } = inject('installed');
    const run = execa(
      join(folder, 'node_modules/.bin/nanoops'),
      ['diagnose', 'latency', '-c', config, '--endpoint-url', url, '--json'],
      { cwd: folder, env, reject: false, stdin: 'ignore' },
    );
    await new Promise<void>((resolve) => server.once('request', () => resolve()));
    run.kill('SIGINT');
    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 130 });
  });

  test('--timeout ends it in time: could not tell', async () => {
    const { exitCode, stdout } = await nanoops(
      ['diagnose', 'latency', '-c', config, '--endpoint-url', url, '--timeout', '300ms', '--json'],
      { env },
    );
    expect(exitCode).toBe(3);
    const run = runDocument.parse(JSON.parse(stdout));
    expect(run).toMatchObject({ verdict: 'unknown', causes: [] });
    expect(run.steps.find((step) => step.id === 'api-traffic')).toMatchObject({ status: 'unknown' });
  });
});

test('an account that cannot be confirmed stops the run in time, before it looks at anything', async () => {
  const asked: string[] = [];
  const server = createServer((request) => {
    let body = '';
    request.on('data', (data) => (body += String(data)));
    request.on('end', () => {
      if (request.method === 'POST') asked.push(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const { folder } = inject('installed');
  const { stdout: yaml } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'account.yaml'), yaml);
  const { exitCode, stdout } = await nanoops(
    [
      'diagnose',
      'latency',
      '-c',
      'account.yaml',
      '--endpoint-url',
      `http://127.0.0.1:${port}`,
      '--timeout',
      '1s',
      '--json',
    ],
    { env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' } },
  );
  server.closeAllConnections();
  server.close();
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'nanoops/error@1', error: { code: 'Deadline' } });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('GetCallerIdentity');
});

test('without credentials it says so, and what to type, before it looks at anything', async () => {
  const { folder } = inject('installed');
  const { stdout: yaml } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'nanoops.yaml'), yaml);
  const { exitCode, stdout, stderr } = await nanoops(['diagnose', 'latency', '--json'], {
    env: { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
  });
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'nanoops/error@1',
    exitCode: 3,
    error: { code: 'CredentialsMissing', nextStep: expect.stringContaining('aws ') },
  });
  expect(stderr).toBe('');
});
