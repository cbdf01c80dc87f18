/** The first run of somebody who knows nothing, with the installed package: what docs/first-run.md shows is what happens. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { nanoops } from './nanoops.ts';

const repository = dirname(dirname(import.meta.dirname));
const script = join(repository, 'scripts/first-run.js');
const program = join(inject('installed').folder, 'node_modules/.bin/nanoops');

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'nanoops-first-run-page-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

// Twelve commands one after the other, among them a runbook that is killed at every moment: it takes a while, and is the way that
// everybody goes first.
test('the page of the first run is what happens, with commands from pages and screens alone', async () => {
  const page = join(scratch, 'first-run.md');
  await execa(process.execPath, [script, page, '--', program]);
  // Where it differs for good: node scripts/first-run.js docs/first-run.md -- node bin/nanoops.js
  expect(await readFile(page, 'utf8')).toBe(await readFile(join(repository, 'docs/first-run.md'), 'utf8'));
});

test('the file to copy is the same on the screen and on the page', async () => {
  const { stdout } = await nanoops(['help', 'own-runbooks']);
  const page = await readFile(join(repository, 'docs/own-runbooks.md'), 'utf8');
  const [, file = ''] = /^```yaml\n(# runbooks\/[^]*?)^```/m.exec(page) ?? [];
  expect(file).not.toBe('');
  expect(stdout).toContain(file);
});
