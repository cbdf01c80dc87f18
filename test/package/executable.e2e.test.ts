/** The installed executable as a process: its streams, its exit code, and the cache it starts from. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';

import { nanoops } from './nanoops.ts';

const { folder } = inject('installed');
const executable = join(folder, 'node_modules/.bin/nanoops');

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'nanoops-executable-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

test('says its version and nothing else', async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/nanoops/package.json'), 'utf8'));
  expect(await nanoops(['--version'])).toEqual({ exitCode: 0, stdout: manifest.version, stderr: '' });
});

test('explains itself', async () => {
  const { exitCode, stdout, stderr } = await nanoops(['--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('Usage: nanoops');
});

test('wrong usage ends with 2, and stdout stays empty', async () => {
  const { exitCode, stdout, stderr } = await nanoops(['--no-such-flag']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('--no-such-flag');
});

test('a reader that goes away early is no error', async () => {
  const script = '"$0" --help | true; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = await execa('bash', ['-c', script, executable], { cwd: folder, stdin: 'ignore' });
  expect({ stdout, stderr }).toEqual({ stdout: '0', stderr: '' });
});

describe('warnings of the process', () => {
  const warned = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const preload = join(scratch, 'warn.cjs');
    await writeFile(preload, `setImmediate(() => process.emitWarning('old things are old'));\n`);
    return (await nanoops(args, { env: { NODE_OPTIONS: `--require ${preload}`, ...env } })).stderr;
  };

  test('are kept off the streams', async () => {
    expect(await warned(['--version'])).toBe('');
  });

  test.each(['-v', '--verbose'])('nor does %s, which is about the run, bring them', async (flag) => {
    expect(await warned(['runbook', 'list', flag])).toBe('');
  });

  test('are shown with NANOOPS_DEBUG', async () => {
    expect(await warned(['--version'], { NANOOPS_DEBUG: '1' })).toContain('old things are old');
  });
});

describe('the end of the process', () => {
  /** Starts the executable with something in it that is no part of it. */
  const startedWith = async (
    code: string,
    command = '"$0" --version',
  ): Promise<Awaited<ReturnType<typeof nanoops>>> => {
    const preload = join(scratch, 'preload.cjs');
    await writeFile(preload, code);
    const { exitCode, stdout, stderr } = await execa('bash', ['-c', command, executable], {
      cwd: folder,
      stdin: 'ignore',
      reject: false,
      maxBuffer: 50_000_000,
      env: { NODE_OPTIONS: `--require ${preload}`, XDG_CACHE_HOME: scratch },
    });
    return { exitCode, stdout, stderr };
  };

  test('does not wait for what nobody waits for any more', async () => {
    const { exitCode, stderr } = await startedWith(
      `require('node:net').createServer().listen(0); setTimeout(() => { process.exitCode = 99; }, 30_000);`,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('comes after everything has been said, however slowly it is read', async () => {
    const command = '"$0" config schema';
    // A stream makes the pipe one that does not wait for its reader, so that the stream has to.
    const keepsAlive = 'setTimeout(() => {}, 30_000); process.stdout;';
    const { stdout: whole } = await startedWith(
      keepsAlive,
      `${command} > "$XDG_CACHE_HOME/whole"; wc --bytes < "$XDG_CACHE_HOME/whole"`,
    );
    // More than a pipe holds: it takes a part of it at a time.
    expect(Number(whole)).toBeGreaterThan(2 * 65_536);
    const { stdout } = await startedWith(keepsAlive, `${command} | (sleep 2; wc --bytes)`);
    expect(Number(stdout)).toBe(Number(whole));
  });
});

test.each([
  ['text', '"$0" runbook list'],
  ['JSON', '"$0" runbook list -o json'],
  ['help', '"$0" --help'],
])('a full disk is told in a line and is no defect: %s', async (_name, command) => {
  const { exitCode, stderr } = await execa('bash', ['-c', `${command} > /dev/full`, executable], {
    cwd: folder,
    stdin: 'ignore',
    reject: false,
  });
  expect(exitCode).toBe(5);
  expect(stderr.match(/cannot write to standard output: no space left on device/gu)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at |defect/mu);
});

test('without a place for progress the result still comes', async () => {
  const { exitCode, stdout } = await execa('bash', ['-c', '"$0" diagnose latency --sandbox 2> /dev/full', executable], {
    cwd: folder,
    stdin: 'ignore',
    reject: false,
  });
  expect(exitCode).toBe(1);
  expect(stdout).toContain('slow-query');
});

test('a defect outside of everything is told as one, and ends with 5', async () => {
  const preload = join(scratch, 'break.cjs');
  await writeFile(preload, `setImmediate(() => { throw new Error('this cannot be'); });\n`);
  const { exitCode, stderr } = await nanoops(['--version'], { env: { NODE_OPTIONS: `--require ${preload}` } });
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/^nanoops broke: this is a defect of nanoops.*\nError: this cannot be/u);
});

describe('the code cache', () => {
  const version = async (env: NodeJS.ProcessEnv = {}): Promise<unknown> => {
    const { exitCode, stdout, stderr } = await nanoops(['--version'], { env: { XDG_CACHE_HOME: scratch, ...env } });
    return { exitCode, clean: stderr === '' && /^\d+\.\d+\.\d+/u.test(stdout) };
  };
  const works = { exitCode: 0, clean: true };
  const cache = (): string => join(scratch, 'nanoops');
  const cacheFiles = async (): Promise<readonly string[]> => {
    const entries = await readdir(cache(), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };

  test('is made in a folder that is closed to others, and used', async () => {
    expect(await version()).toEqual(works);
    expect((await stat(cache())).mode & 0o777).toBe(0o700);
    const before = await Promise.all((await cacheFiles()).map((file) => stat(file)));
    expect(before.length).toBeGreaterThan(0);
    expect(await version()).toEqual(works);
    const after = await Promise.all((await cacheFiles()).map((file) => stat(file)));
    expect(after.map(({ ino, mtimeMs }) => [ino, mtimeMs])).toEqual(before.map(({ ino, mtimeMs }) => [ino, mtimeMs]));
  });

  test('of a run that looks at a stack is used by the next, whatever ran between them', async () => {
    const look = () =>
      nanoops(['checks', 'run', 'api-availability', '--sandbox'], { env: { XDG_CACHE_HOME: scratch } });
    const made = async () => {
      const stats = await Promise.all((await cacheFiles()).map((file) => stat(file)));
      return stats.map(({ ino, mtimeMs }) => [ino, mtimeMs]);
    };
    expect((await look()).exitCode).toBe(0);
    expect(await version()).toEqual(works);
    const before = await made();
    expect(before.length).toBeGreaterThan(20);
    expect((await look()).exitCode).toBe(0);
    expect(await version()).toEqual(works);
    expect(await made()).toEqual(before);
  });

  test.each([
    [
      'damaged',
      (bytes: Buffer) => bytes.fill(0x5a, Math.floor(bytes.length * 0.6), Math.floor(bytes.length * 0.6) + 64),
    ],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.7))],
    ['emptied', () => Buffer.alloc(0)],
    ['of another source', (bytes: Buffer) => bytes.fill(0x20, 100, 101)],
  ])('that was %s is not used, and made anew', async (_name, spoil) => {
    await version();
    const files = await cacheFiles();
    const good = await Promise.all(files.map((file) => readFile(file)));
    await Promise.all(files.map((file, index) => writeFile(file, spoil(Buffer.from(good[index] ?? [])))));
    expect(await version()).toEqual(works);
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size > 1000));
    expect(sizes).not.toContain(false);
  });

  test('is not looked for through a link, nor where others may write', async () => {
    const elsewhere = join(scratch, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await symlink(elsewhere, cache());
    expect(await version()).toEqual(works);
    expect(await readdir(elsewhere)).toEqual([]);

    await rm(cache());
    await mkdir(cache());
    await chmod(cache(), 0o777);
    expect(await version()).toEqual(works);
    expect(await readdir(cache())).toEqual([]);
  });

  test('is done without where there is no place for it', async () => {
    await writeFile(cache(), 'a file');
    expect(await version()).toEqual(works);
    expect(await version({ XDG_CACHE_HOME: '/proc' })).toEqual(works);
    expect(await version({ XDG_CACHE_HOME: 'relative', HOME: '' })).toEqual(works);
  });

  test('is switched off as Node.js has it', async () => {
    expect(await version({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(works);
    expect(await readdir(scratch)).toEqual([]);
  });
});
