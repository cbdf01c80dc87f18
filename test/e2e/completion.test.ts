/** Completion in zsh and fish themselves, with the installed program: what the line becomes, or what is offered. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { nanoops } from '../package/nanoops.ts';
import { isAbsent } from '../support/local-service.ts';

const run = '20261101T100000Z-latency-aaaaaa';
let folder = '';
let script: (shell: string) => string;
let env: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-completion-'));
  await mkdir(join(folder, 'state/nanoops/runs', run), { recursive: true });
  await mkdir(join(folder, 'my stacks'));
  await writeFile(join(folder, 'my stacks/a b.yaml'), '');
  await writeFile(join(folder, 're:port.md'), '');
  // One of the team's own, which completion finds without loading it.
  await mkdir(join(folder, 'runbooks'));
  await writeFile(join(folder, 'nanoops.yaml'), 'service: shop\n');
  await writeFile(join(folder, 'runbooks/warm-cache.yaml'), 'title: Not read\n');
  script = (shell) => join(folder, `nanoops.${shell}`);
  env = {
    HOME: folder,
    PATH: `${join(inject('installed').folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(inject('installed').folder, 'cache'),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a shell prints for lines that are typed into it: a line each. */
async function inShell(shell: string, words: readonly string[], lines: readonly string[]): Promise<readonly string[]> {
  await writeFile(script(shell), (await nanoops(['completion', shell])).stdout);
  const { stdout } = await execa(shell, words, { cwd: folder, env, input: `${lines.join('\n')}\n` });
  return stdout.split('\n');
}

describe.skipIf(isAbsent('zsh', 'apt-get install zsh'))('in zsh', () => {
  const driver = join(import.meta.dirname, 'completion/in-zsh.zsh');

  test('Tab writes the only candidate, quoted as the word was begun, and shows several with what they are', async () => {
    const screen = join(folder, 'screen');
    const typed: readonly (readonly [line: string, becomes: string])[] = [
      ['nanoops diagnose la', 'nanoops diagnose latency '],
      ['nanoops status --output=js', 'nanoops status --output=json '],
      ['nanoops iam policy --command "diagnose l', 'nanoops iam policy --command "diagnose latency" '],
      [
        String.raw`nanoops iam policy --command diagnose\ l`,
        String.raw`nanoops iam policy --command diagnose\ latency `,
      ],
      ['nanoops status --region eu-south', 'nanoops status --region eu-south-1 '],
      ['nanoops diagnose latency --sandbox slow', 'nanoops diagnose latency --sandbox slow-query '],
      ['nanoops runs show ', `nanoops runs show ${run} `],
      ['nanoops runbook run warm', 'nanoops runbook run warm-cache '],
      ["nanoops status -c 'my stacks/", "nanoops status -c 'my stacks/a b.yaml' "],
      ['nanoops status --report=re', String.raw`nanoops status --report=re:port.md `],
      ['true; AWS_PROFILE=x nanoops diagnose cr', 'true; AWS_PROFILE=x nanoops diagnose crash-loop '],
      ['nanoops frobnicate ', 'nanoops frobnicate '],
      ['nanoops dr ', 'nanoops dr '],
    ];
    const words = ['-f', driver, script('zsh'), screen];
    const lines = await inShell(
      'zsh',
      words,
      typed.map(([line]) => line),
    );
    expect(lines).toEqual(typed.map(([, becomes]) => becomes));
    expect(await readFile(screen, 'utf8')).toMatch(/readiness +-- could we fail over now\?/);
  });
});

describe.skipIf(isAbsent('fish', 'apt-get install fish'))('in fish', () => {
  const driver = join(import.meta.dirname, 'completion/in-fish.fish');

  test('what is offered goes on with the word as it is meant, quotes and backslashes aside', async () => {
    const typed: readonly (readonly [line: string, offered: string])[] = [
      ['nanoops diagnose ', 'latency|database|errors|crash-loop'],
      ['nanoops status --output=j', '--output=json|--output=junit'],
      ['nanoops iam policy --command "diagnose l', 'diagnose latency'],
      [String.raw`nanoops iam policy --command diagnose\ l`, 'diagnose latency'],
      ['nanoops status --region eu-south', 'eu-south-1'],
      ['nanoops diagnose latency --sandbox slow', 'slow-query'],
      ['nanoops runs show ', run],
      ['nanoops runbook run warm', 'warm-cache'],
      [String.raw`nanoops status -c my\ stacks/`, 'my stacks/a b.yaml'],
      ["nanoops status -c 'my stacks/", 'my stacks/a b.yaml'],
      ['nanoops status --report=re', '--report=re:port.md'],
      ['true; AWS_PROFILE=x nanoops diagnose cr', 'crash-loop'],
      ['nanoops frobnicate ', ''],
    ];
    const lines = await inShell(
      'fish',
      ['--no-config', driver, script('fish')],
      typed.map(([line]) => line),
    );
    expect(lines).toEqual(typed.map(([, offered]) => offered));
  });
});
