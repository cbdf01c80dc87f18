/** A runbook that is exported, with titles and names that somebody hostile chose: they are texts in it and nothing else. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asl from 'asl-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runMain } from '../support/run-main.ts';
import { machineOf, machineWords } from '../support/state-machines.ts';

const directive = '%%{init: {"securityLevel": "loose"}}%% <img src=x> \', $$.Execution.Input';
const click = '"]; click s1 "javascript:alert(1)" <b> \'{}\\';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-exports-'));
  await writeFile(join(folder, 'nanoops.yaml'), 'service: a\nregions: { primary: us-west-2 }\n');
  await mkdir(join(folder, 'runbooks'));
  const call = { service: 'sts', operation: 'GetCallerIdentity' };
  const runbook = { title: directive, summary: click, steps: [{ look: 'who', title: click, call }] };
  await writeFile(join(folder, 'runbooks', 'hostile.yaml'), stringify(runbook));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('as Mermaid', () => {
  test('it has no directive, no click and no tag but those of nanoops', async () => {
    const { exitCode, stdout } = await runMain(['runbook', 'export', 'hostile'], { cwd: folder });
    expect(exitCode).toBe(0);
    const [comment = '', kind, node = '', ...rest] = stdout.trimEnd().split('\n');
    expect(comment).toMatch(/^%% hostile: [^%{}"<>]+$/);
    expect(comment).toContain('securityLevel');
    expect(kind).toBe('flowchart TD');
    expect(node).toMatch(/^ {2}s1\(\["who<br\/>[^%{}"<>[\]]+"\]\)$/);
    // The step of nanoops' own that concludes.
    expect(rest.map((line) => line.trim())).toEqual(['s2{{"conclusion<br/>What it comes to"}}', 's1 --> s2']);
  });
});

describe('as a state machine', () => {
  test('it is one, whatever is in titles', async () => {
    const { machine } = await machineOf('hostile', ['-e', "x', $$.Execution.Input, '{}"], { cwd: folder });
    expect(asl(machine).errorsText('\n')).toBe('');
  });

  test.each(["x', $$.Execution.Input, '{}", "\\', $.run, '\\"])('%j is typed, and stays one word', async (name) => {
    const { way } = await machineOf('hostile', ['-e', name], { cwd: folder });
    expect(way.flatMap(({ command }) => (command === undefined ? [] : [command]))).toEqual([
      ['runs', 'start', 'hostile', '--id', '$.run.id', '-e', name],
      ['runs', 'step', '$.run.id', 'who', '-e', name],
      ['runs', 'step', '$.run.id', 'conclusion', '-e', name],
    ]);
  });

  test.each(["x')] || @.Name=='y", "'", '*', 'a b', '', 'x'.repeat(256)])(
    'a container called %j is refused: it would be part of a path',
    async (name) => {
      const words = ['runbook', 'export', 'hostile', ...machineWords, '--container', name, '--json'];
      const { exitCode, stdout } = await runMain(words, { cwd: folder });
      expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, 'NotAContainer']);
    },
  );
});
