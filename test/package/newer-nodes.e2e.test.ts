/**
 * The packed tarball on the Node.js versions that users have, which may not be the one that runs these tests. Each is fetched from the
 * npm registry (the package `node` brings its executable), so that this is tried where there is time and a network.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { reportDocument, runDocument } from '../../src/report/schemas.ts';
import { inTier } from '../support/tier.ts';
import type { Ended } from './nanoops.ts';

const downloadMs = 180_000;
const hasDownloads = inTier({ all: true, some: false });

describe.runIf(hasDownloads).each([22, 24])('on Node.js %i', (major) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `nanoops-node-${major}-`));
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await execa('npm', ['install', '--no-audit', '--no-fund', `node@${major}`], { cwd: folder });
  }, downloadMs);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function nanoops(words: readonly string[]): Promise<Ended> {
    const script = join(inject('installed').folder, 'node_modules/nanoops/bin/nanoops.js');
    const { exitCode, stdout, stderr } = await execa(join(folder, 'node_modules/node/bin/node'), [script, ...words], {
      cwd: folder,
      stdin: 'ignore',
      reject: false,
      env: { XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: join(folder, 'state') },
    });
    return { exitCode, stdout, stderr };
  }

  test('that version is what runs', async () => {
    const { stdout } = await execa(join(folder, 'node_modules/node/bin/node'), ['--version']);
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  });

  test('it starts, the second time from the code cache, and says nothing else', async () => {
    for (const time of ['first', 'second'])
      expect({ time, ...(await nanoops(['--version'])) }).toEqual({
        time,
        exitCode: 0,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        stderr: '',
      });
  });

  test('it finds what is slow', async () => {
    const { exitCode, stdout, stderr } = await nanoops(['diagnose', 'latency', '--sandbox', '-q', '-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(runDocument.parse(JSON.parse(stdout)).causes?.[0]).toMatchObject({
      cause: 'slow-query',
      component: 'nano-db',
    });
  });

  test('it rehearses a drill', async () => {
    const { exitCode, stdout, stderr } = await nanoops(['dr', 'drill', '--dry-run', '--sandbox', '-q', '-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(runDocument.parse(JSON.parse(stdout))).toMatchObject({ mode: 'dry-run', verdict: 'ok' });
  });

  test('it checks', async () => {
    const { exitCode, stdout } = await nanoops(['checks', 'run', 'database', '--sandbox', '-o', 'json']);
    expect(exitCode).toBe(0);
    expect(reportDocument.parse(JSON.parse(stdout)).checks.length).toBeGreaterThan(3);
  });
});
