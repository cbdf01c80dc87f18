/** Under --sandbox nothing leaves the process: a process in which every way out is blocked, and recorded, notices none. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { nanoops } from '../package/nanoops.ts';
import { inTier } from '../support/tier.ts';

let blocker = '';
let record = '';

beforeAll(async () => {
  const { folder } = inject('installed');
  blocker = join(folder, 'block.cjs');
  record = join(folder, 'ways-out.txt');
  await writeFile(record, '');
  await writeFile(
    blocker,
    `
    const { appendFileSync } = require('node:fs');
    const block = (object, name, what) => {
      object[name] = () => {
        appendFileSync(${JSON.stringify(record)}, what + '\\n');
        throw new Error('blocked: ' + what);
      };
    };
    block(require('node:net').Socket.prototype, 'connect', 'socket');
    block(require('node:net').Server.prototype, 'listen', 'server');
    block(require('node:dgram').Socket.prototype, 'send', 'datagram');
    for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) block(require('node:dns'), name, 'dns');
    for (const name of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync']) {
      block(require('node:child_process'), name, 'process');
    }
    block(globalThis, 'fetch', 'fetch');
    `,
  );
});

const blocked = () => ({
  env: {
    NODE_OPTIONS: `--require=${blocker}`,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_PROFILE: 'somebody',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: '/nonexistent/config',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  },
});

test('the blocks do block', async () => {
  const { folder } = inject('installed');
  const { stdout } = await nanoops(['sandbox', 'config']);
  await writeFile(join(folder, 'blocked.yaml'), stdout);
  await nanoops(
    ['diagnose', 'latency', '-c', 'blocked.yaml', '--endpoint-url', 'http://127.0.0.1:9', '--timeout', '2s'],
    {
      env: { ...blocked().env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_PROFILE: undefined },
    },
  );
  expect(await readFile(record, 'utf8')).toContain('socket');
  await writeFile(record, '');
});

describe('with every way out blocked', () => {
  test.each(
    inTier({ all: ['slow-query', 'healthy', 'metrics-missing', 'network-az', 'bad-deploy'], some: ['slow-query'] }),
  )('%s', async (scenario) => {
    const { exitCode, stderr } = await nanoops(['diagnose', 'latency', '--sandbox', scenario, '--json'], blocked());
    expect([0, 1, 3]).toContain(exitCode);
    expect(stderr).toBe('');
    expect(await readFile(record, 'utf8')).toBe('');
  });

  test('a capture is replayed', async () => {
    const { folder } = inject('installed');
    const file = join(folder, 'blocked-capture.json');
    const captured = await nanoops(['capture', 'latency', '--sandbox', '--to', file, '--json'], blocked());
    const { exitCode, stdout, stderr } = await nanoops(['diagnose', 'latency', '--replay', file, '--json'], blocked());
    expect({ exitCode, stderr }).toEqual({ exitCode: captured.exitCode, stderr: '' });
    expect(JSON.parse(stdout).causes).toEqual(JSON.parse(captured.stdout).causes);
    expect(await readFile(record, 'utf8')).toBe('');
  });

  test.each([
    ['sandbox', 'list'],
    ['runbook', 'list'],
    ['runbook', 'show', 'latency'],
    ['config', 'schema'],
  ])('%s %s %s', async (...words) => {
    const { exitCode } = await nanoops(words.filter(Boolean), blocked());
    expect(exitCode).toBe(0);
    expect(await readFile(record, 'utf8')).toBe('');
  });
});
