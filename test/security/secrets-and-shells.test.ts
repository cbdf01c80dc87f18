/** Secrets are in no file, no report, no error and no command line; and nothing that is typed or named reaches a shell. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { NanoopsError } from '../../src/errors.ts';
import { sandboxConfig } from '../../src/sandbox/world/names.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const planted = 'hunter2-4f8e1c';
const env = () => ({
  XDG_STATE_HOME: folder,
  XDG_CACHE_HOME: folder,
  USER: 'ana',
  HOOK: `http://127.0.0.1:1/${planted}`,
});
const nanoops = (...words: readonly string[]) => runMain(words, { cwd: folder, env: env() });

async function textsBelow(path: string): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))).join('\n');
}

describe('a secret', () => {
  test('that is written out is refused, and not repeated', async () => {
    const places = [
      { notify: { slack: { webhookUrl: `https://hooks.slack.com/${planted}` } } },
      { database: { cluster: 'a', connection: { host: 'h', user: 'u', password: planted } } },
      {
        api: {
          loadBalancer: 'app/a/1',
          targetGroup: 'targetgroup/a/1',
          probeUrl: `https://ana:${planted}@nano.example/`,
        },
      },
    ];
    for (const place of places) {
      await writeFile(
        join(folder, 'nanoops.yaml'),
        stringify({ service: 'a', regions: { primary: 'us-west-2' }, ...place }),
      );
      for (const words of [
        ['config', 'validate'],
        ['config', 'show', '--json'],
        ['status', '--json', '-v'],
      ]) {
        const { exitCode, stdout, stderr } = await nanoops(...words);
        expect(exitCode).toBe(2);
        expect(`${stdout}${stderr}`).not.toContain(planted);
      }
    }
  });

  test('of a receiver that cannot be reached is in no error and in no file', async () => {
    const config = { ...sandboxConfig, notify: { webhook: { url: '${env:HOOK}' } } };
    await writeFile(join(folder, 'nanoops.yaml'), stringify(config));
    for (const words of [
      ['notify', 'test', 'webhook', '-v'],
      ['notify', 'test', 'webhook', '--json'],
      ['config', 'show'],
    ]) {
      const { stdout, stderr } = await nanoops(...words);
      expect(`${stdout}${stderr}`).not.toContain(planted);
      expect(`${stdout}${stderr}`).toMatch(/HOOK|webhook/);
    }
    expect(await textsBelow(folder)).not.toContain(planted);
  });

  test('cannot be given to a program as a word, where everybody’s process list shows it', () => {
    const command = { exec: ['mysql', '-p${env:DB_PASSWORD}'] };
    const config = { service: 'a', regions: { primary: 'us-west-2' }, database: { cluster: 'a', rpoProbe: command } };
    expect(() => parseConfig(config, 'the test')).toThrow(NanoopsError);
  });

  test('has no flag: what is typed is in everybody’s process list', async () => {
    const { stdout } = await nanoops('--help');
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands) {
      const help = await nanoops(command, '--help');
      expect(help.stdout).not.toMatch(/--[a-z-]*(?:password|secret|token|api-key|routing-key)/);
    }
  });
});

describe('what is printed to be typed', () => {
  test.each(['a b.yaml', '$(touch pwned).yaml', "it's; touch pwned #.yaml", '`touch pwned`.yaml', './-x.yaml'])(
    'names the file %j so that a shell takes it for one word',
    async (name) => {
      await writeFile(join(folder, name), 'service: a\nregions: { primary: us-west-2 }\n');
      const opened = ['incident', 'open', '--title', 'Slow', '--severity', 'SEV-3', '--no-look'];
      const { stdout } = await nanoops(...opened, '-c', name, '--endpoint-url', 'http://127.0.0.1:1');
      const printed = stdout.split('\n').flatMap((line) => /^next +(nanoops .*)$/.exec(line)?.[1] ?? []);
      expect(printed.length).toBeGreaterThan(0);
      for (const line of printed) {
        const { stdout: words } = await execa('sh', ['-c', `nanoops() { printf '%s\\n' "$@"; }; ${line}`], {
          cwd: folder,
        });
        expect(words.split('\n')).toContain(name);
      }
      expect(await readdir(folder)).not.toContain('pwned');
    },
  );
});
