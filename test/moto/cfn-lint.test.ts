/** The templates that `export` writes, and those in examples/, as AWS's own linter of CloudFormation reads them. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMain } from '../support/run-main.ts';

/** Where it is absent its test is skipped, and says so; in CI its absence is a failure. */
function linterIsAbsent(): boolean {
  const absent = spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status !== 0;
  if (absent && process.env['CI'] !== undefined) throw new Error('cfn-lint is not on the PATH: pipx install cfn-lint');
  if (absent) process.stderr.write('cfn-lint is not on the PATH, its test is skipped: pipx install cfn-lint\n');
  return absent;
}

describe.skipIf(linterIsAbsent())('exported templates', { timeout: 120_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nanoops-templates-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const exported = (...words: readonly string[]) =>
    runMain([...words, '--sandbox', '--json'], { cwd: folder, env: { XDG_STATE_HOME: folder } });

  it('pass without a finding, alarms of each region and the dashboard, in YAML and in JSON', async () => {
    for (const words of [
      ['alerts', 'export', '--file', 'alerts.yaml', '--format', 'yaml'],
      ['alerts', 'export', '--file', 'alerts.json'],
      ['dashboard', 'export', '--file', 'dashboard.yaml', '--format', 'yaml'],
    ]) {
      const { exitCode, stderr } = await exported(...words);
      expect({ words, exitCode, stderr }).toEqual({ words, exitCode: 0, stderr: '' });
    }
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual([
      'alerts.us-east-1.json',
      'alerts.us-east-1.yaml',
      'alerts.us-west-2.json',
      'alerts.us-west-2.yaml',
      'dashboard.yaml',
    ]);
    const { status, stdout, stderr } = spawnSync('cfn-lint', files, { cwd: folder, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    const template = JSON.parse(await readFile(join(folder, 'alerts.us-west-2.json'), 'utf8'));
    expect(Object.keys(template.Resources).length).toBeGreaterThan(25);
    // It fits any account.
    expect(JSON.stringify(template)).not.toMatch(/\b\d{12}\b/);
  });

  it('are one for stdout: of one region, or of none', async () => {
    const both = await exported('alerts', 'export');
    expect(both.exitCode).toBe(2);
    expect(JSON.parse(both.stdout).error).toMatchObject({ code: 'SeveralTemplates' });
    const one = await exported('alerts', 'export', '--region', 'us-east-1');
    expect(one.exitCode).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({ AWSTemplateFormatVersion: '2010-09-09' });
    const nowhere = await exported('dashboard', 'export', '--file', 'no/such/folder/x.yaml');
    expect({ exitCode: nowhere.exitCode, code: JSON.parse(nowhere.stdout).error.code }).toEqual({
      exitCode: 5,
      code: 'TemplateNotWritten',
    });
  });

  it('that are examples pass without a finding', () => {
    const examples = join(import.meta.dirname, '../../examples');
    const { status, stdout, stderr } = spawnSync('cfn-lint', ['scheduling/*.template.yaml'], {
      cwd: examples,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
