/** A stack whose regions are in different accounts: each region is asked with its own role, and each account is its role's. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';

let moto: MotoServer | undefined;
let folder = '';

const isAbsent = motoIsAbsent();

beforeAll(async () => {
  if (isAbsent) return;
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'nanoops-accounts-'));
});

afterAll(async () => {
  await moto?.close();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

// The SDK's chain looks for credentials in the process's own environment.
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'moto');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'moto');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

/** Runs the dry run of a failover on a stack of two accounts; credentials are moto's own, of account 123456789012. */
async function failOver(config: object) {
  const file = join(folder, 'nanoops.yaml');
  await writeFile(
    file,
    JSON.stringify({ service: 'shop', regions: { primary: 'us-west-2', recovery: 'us-east-1' }, ...config }),
  );
  const env = { XDG_STATE_HOME: folder, HOME: folder };
  const words = ['dr', 'failover', '--dry-run', '-c', file, '--endpoint-url', moto?.url ?? '', '--json'];
  const ended = await runMain(words, { env, cwd: folder });
  return { ...ended, document: JSON.parse(ended.stdout) };
}

describe.skipIf(isAbsent)('a stack of two accounts', () => {
  test('the region that takes over is in the account of its role', { timeout: 180_000 }, async () => {
    const { exitCode, document } = await failOver({
      account: '123456789012',
      roles: { recovery: 'arn:aws:iam::222222222222:role/nanoops' },
    });
    expect(exitCode).not.toBe(2);
    expect(document).toMatchObject({ schema: 'nanoops/run@1', runbook: 'region-failover' });
  });

  test('without a role for it, it is in the configured account', async () => {
    const { exitCode, document } = await failOver({ account: '111111111111' });
    expect(exitCode).toBe(2);
    expect(document.error).toMatchObject({ code: 'WrongAccount', message: expect.stringContaining('111111111111') });
  });
});
