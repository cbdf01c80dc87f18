/** Completion: what words may follow, and that bash makes of it what it should. zsh and fish are not everywhere; where they are, they read the script. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listChecks } from '../../src/use-cases/check-catalogue.ts';
import { completionScript, shells } from '../../src/use-cases/completion/scripts.ts';
import { listRunbooks } from '../../src/use-cases/runbooks.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { runMain } from '../support/run-main.ts';
import { newFolder } from './operator.ts';

/** What the last of these words may become. */
async function after(...words: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await runMain(['complete', '--', ...words]);
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

describe('what may follow', () => {
  test('commands, and those alone that begin so', async () => {
    expect(await after('')).toEqual(expect.arrayContaining(['status', 'diagnose', 'dr', 'iam', 'completion', 'help']));
    expect(await after('')).not.toContain('complete');
    expect(await after('ru')).toEqual(['runbook', 'runs']);
  });

  test('subcommands', async () => {
    expect(await after('diagnose', '')).toEqual(['latency', 'database', 'errors', 'crash-loop']);
    expect(await after('-q', 'iam', '')).toEqual(expect.arrayContaining(['policy']));
  });

  test('runbooks, scenarios, checks, areas', async () => {
    expect(await after('runbook', 'run', '')).toEqual(ids(listRunbooks().items));
    expect(await after('status', '--sandbox', '')).toEqual(expect.arrayContaining(ids(listScenarios())));
    expect(await after('checks', 'run', 'api-latency-p99', '')).toEqual(
      expect.arrayContaining([...ids(listChecks().items), 'database']),
    );
  });

  test('what begins a run, the steps that a run comes to next, and those that can be agreed to', async () => {
    const home = await newFolder();
    const env = { XDG_STATE_HOME: home };
    const there = async (...words: readonly string[]) =>
      (await runMain(['complete', '--', ...words], { env })).stdout
        .split('\n')
        .flatMap((line) => line.split('\t')[0] || []);
    expect(await there('runs', 'start', '')).toEqual(ids(listRunbooks().items));
    const runId = '20261127T090000Z-crash-loop-1';
    await runMain(['runs', 'start', 'crash-loop', '--sandbox', '--id', runId], { env });
    expect(await there('runs', 'step', '')).toEqual([runId]);
    expect((await there('runs', 'step', runId, '')).slice(0, 2)).toEqual(['stopped-tasks', 'service-state']);
    await runMain(['runs', 'step', runId, 'stopped-tasks'], { env });
    expect((await there('runs', 'step', runId, ''))[0]).toBe('service-state');
    expect(await there('runs', 'step', `${runId}x`, '')).toEqual([]);
    const asking = ['approve-roll-back'];
    expect(await there('runs', 'step', runId, 'approve-roll-back', '--approve', '')).toEqual(asking);
    expect(await there('runbook', 'run', 'crash-loop', '--approve', '')).toEqual(asking);
    expect(await there('diagnose', 'crash-loop', '--approve', '')).toEqual(asking);
    expect(await there('dr', 'failover', '--approve', 'approve-f')).toEqual(['approve-failover']);
    expect(await there('init', '--choose', 'database.c')).toEqual(['database.cluster=']);
  });

  test('flags, without those that are hidden', async () => {
    expect(await after('status', '--sa')).toEqual(['--sandbox']);
    expect(await after('checks', 'list', '--')).not.toContain('--approve');
  });

  test.each([
    [
      ['status', '-o', ''],
      ['human', 'json', 'ndjson', 'junit', 'markdown'],
    ],
    [
      ['status', '--output=j'],
      ['--output=json', '--output=junit'],
    ],
    [['status', '--output', 'm'], ['markdown']],
    [
      ['dr', 'drill', '--mode', ''],
      ['switchover', 'failover'],
    ],
    [['status', '--region', 'eu-south'], ['eu-south-1']],
    [
      ['status', '--fail-on', ''],
      ['warning', 'breach'],
    ],
    [['iam', 'policy', '--command', 'diagnose l'], ['diagnose latency']],
    [['iam', 'policy', '--runbook', 'latency', 'cra'], ['crash-loop']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'exit'], ['exit-codes']],
    [['help', 'dr', 'dri'], ['drill']],
    [['status', '--report', ''], [':files']],
    [['status', '-c', 'ser'], [':files']],
    [['status', '--report=re'], [':files']],
    // Where nothing is known, nothing is made up.
    [['frobnicate', ''], []],
    [['diagnose', 'frobnicate', ''], []],
    [['status', '--frobnicate', 'x', 'sta'], []],
    [['status', '--timeout', ''], []],
    [['runbook', 'run', '--', 'lat'], ['latency']],
    [['status', "'; rm -rf /"], []],
  ])('%j', async (words, expected) => {
    expect(await after(...words)).toEqual(expected);
  });

  test('runs and incidents of this machine, newest first', async () => {
    const home = await newFolder();
    const runs = ['20261101T100000Z-latency-aaaaaa', '20261102T100000Z-latency-bbbbbb'];
    for (const id of runs) await mkdir(join(home, 'nanoops', 'runs', id), { recursive: true });
    await mkdir(join(home, 'nanoops', 'incidents', '1126-tango'), { recursive: true });
    const asked = async (...words: readonly string[]) =>
      (await runMain(['complete', '--', ...words], { env: { XDG_STATE_HOME: home } })).stdout.trimEnd().split('\n');
    expect(await asked('runs', 'show', '')).toEqual(runs.toReversed());
    expect(await asked('incident', 'ack', '')).toEqual(['1126-tango']);
  });

  test('it loads nothing of AWS', async () => {
    const source = async (path: string) => readFile(new URL(`../../src/${path}`, import.meta.url), 'utf8');
    for (const path of ['commands/completion.ts', 'commands/completion-tree.ts', 'use-cases/completion/values.ts']) {
      expect(await source(path)).not.toMatch(/aws\/|open-session/);
    }
  });
});

describe('in bash', () => {
  /** What bash would put in the place of the word, with the answers of nanoops itself. */
  async function replies(line: string, typed: { readonly words: readonly string[] }): Promise<readonly string[]> {
    const folder = await newFolder();
    const breaks = ` \t\n"'><=;|&(:`;
    const { stdout } = await runMain(['complete', '--breaks', breaks, '--line', line]);
    const answer = join(folder, 'answer');
    await writeFile(answer, stdout);
    // Stands for nanoops: says what it said, and keeps what it was asked.
    const stub = join(folder, 'nanoops');
    await writeFile(stub, `#!/bin/bash\nprintf '%s\\n' "$@" > "${folder}/asked"\ncat "${answer}"\n`);
    await chmod(stub, 0o755);
    const script = join(folder, 'completion.bash');
    await writeFile(script, completionScript('bash'));
    const { stdout: shown, stderr } = spawnSync(
      'bash',
      [
        '--norc',
        '-c',
        `source "$1"; shift; COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]}-1))
         _nanoops_completion nanoops "\${COMP_WORDS[COMP_CWORD]}" ""
         (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        script,
        line,
        ...typed.words,
      ],
      { encoding: 'utf8', env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } },
    );
    expect(stderr).toBe('');
    // The line came through whole: quotes, stars and dollars.
    expect(await readFile(join(folder, 'asked'), 'utf8')).toContain(`--line\n${line}\n`);
    return shown.split('\n').filter((each) => each !== '');
  }

  test.each([
    ['nanoops diagnose la', ['nanoops', 'diagnose', 'la'], ['latency']],
    ['nanoops status --output=j', ['nanoops', 'status', '--output', '=', 'j'], ['json', 'junit']],
    [
      'nanoops status --output=',
      ['nanoops', 'status', '--output', '='],
      ['human', 'json', 'ndjson', 'junit', 'markdown'],
    ],
    [
      'nanoops iam policy --command "diagnose l',
      ['nanoops', 'iam', 'policy', '--command', '"diagnose l'],
      ['diagnose latency'],
    ],
    [String.raw`nanoops iam policy --command diagnose\ l`, ['nanoops'], [String.raw`diagnose\ latency`]],
    ["nanoops status -c 'services/*.yaml' --sandbox slow", ['nanoops'], ['slow-query']],
    ['nanoops status -c services/*.yaml --sandbox slow', ['nanoops'], ['slow-query']],
    ['nanoops status -c "$HOME/`x`.yaml" --sandbox slow', ['nanoops'], ['slow-query']],
    ['AWS_PROFILE=x nanoops diagnose cr', ['nanoops'], ['crash-loop']],
    ['nanoops frobnicate ', ['nanoops', 'frobnicate', ''], []],
  ])('%s', async (line, words, expected) => {
    expect(await replies(line, { words })).toEqual(expected);
  });
});

describe('the scripts', () => {
  test.each(shells)('%s: printed as it is, and read by that shell where it is here', async (shell) => {
    const { exitCode, stdout } = await runMain(['completion', shell]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(completionScript(shell));
    const folder = await newFolder();
    const file = join(folder, 'script');
    await writeFile(file, stdout);
    const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    // A shell that is not installed cannot say.
    expect(error === undefined ? { status, stderr } : undefined).toEqual(
      error === undefined ? { status: 0, stderr: '' } : undefined,
    );
  });

  test('another shell', async () => {
    const { exitCode, stderr } = await runMain(['completion', 'tcsh']);
    expect(exitCode).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('bash, zsh, fish');
  });
});
