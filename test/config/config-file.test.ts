import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { failureOf, minimal } from './example.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const load = (file?: string, cwd = folder) => loadConfig({ cwd, ...(file === undefined ? {} : { file }) });

test('the file is found from any folder below it, and named relative to there', async () => {
  const below = join(folder, 'a', 'b');
  await mkdir(below, { recursive: true });
  await writeFile(join(folder, 'nanoops.yaml'), minimal());
  const loaded = await load(undefined, below);
  expect(loaded).toMatchObject({ file: join(folder, 'nanoops.yaml'), origin: join('..', '..', 'nanoops.yaml') });
});

test('without a file, the error says where it looked and how to go on without one', async () => {
  const failure = await failureOf(() => load());
  expect(failure).toMatchObject({ code: 'ConfigNotFound', exitCode: 2 });
  expect(failure.message).toContain(folder);
  expect(failure.nextStep).toContain('nanoops diagnose latency --sandbox');
});

test('a file of almost that name is pointed out', async () => {
  await writeFile(join(folder, 'nanoops.yml'), minimal());
  expect((await failureOf(() => load())).nextStep).toContain('There is "nanoops.yml"');
  expect((await failureOf(() => load('nanops.yml'))).nextStep).toContain('Did you mean nanoops.yml?');
});

test('a named file that is not there is reported with its path', async () => {
  const failure = await failureOf(() => load('missing.yaml'));
  expect(failure).toMatchObject({ code: 'ConfigNotFound', exitCode: 2 });
  expect(failure.message).toContain(join(folder, 'missing.yaml'));
});

test('a pattern is told apart from a name: it is for commands that report', async () => {
  const failure = await failureOf(() => load('services/*.yaml'));
  expect(failure).toMatchObject({ code: 'ConfigNotFound', exitCode: 2 });
  expect(failure.nextStep).toContain('Patterns are for commands that report');
});

test('a folder, also one that is called nanoops.yaml, is no file', async () => {
  await mkdir(join(folder, 'nanoops.yaml'));
  for (const file of [undefined, '.', 'nanoops.yaml']) {
    const failure = await failureOf(() => load(file));
    expect(failure).toMatchObject({ code: 'ConfigUnreadable', exitCode: 2 });
    expect(failure.message).toContain('is a folder, not a file');
  }
});

test('a link to a file is followed', async () => {
  await writeFile(join(folder, 'real.yaml'), minimal());
  await symlink('real.yaml', join(folder, 'nanoops.yaml'));
  expect((await load()).config.service).toBe('nano-api');
});

test('a link to nothing, and one to itself, are reported', async () => {
  await symlink('gone.yaml', join(folder, 'nanoops.yaml'));
  await symlink('loop.yaml', join(folder, 'loop.yaml'));
  expect(await failureOf(() => load())).toMatchObject({
    code: 'ConfigUnreadable',
    message: expect.stringContaining('link'),
  });
  expect(await failureOf(() => load('loop.yaml'))).toMatchObject({
    code: 'ConfigUnreadable',
    message: expect.stringContaining('circle'),
  });
});

test.runIf(process.platform !== 'win32')(
  'a pipe that nobody writes to does not hang, nor does an endless device',
  async () => {
    // Node itself cannot make a pipe.
    const makePipe = 'mkfifo';
    execFileSync(makePipe, [join(folder, 'pipe.yaml')]);
    for (const [file, what] of [
      ['pipe.yaml', 'is a pipe'],
      ['/dev/zero', 'is a device'],
    ] as const) {
      const failure = await failureOf(() => load(file));
      expect(failure.code).toBe('ConfigUnreadable');
      expect(failure.message).toContain(what);
    }
  },
);

test('a file of 50 MB is refused by its size', async () => {
  const file = join(folder, 'nanoops.yaml');
  await writeFile(file, minimal());
  await truncate(file, 50 * 1024 * 1024);
  const failure = await failureOf(() => load());
  expect(failure).toMatchObject({ code: 'ConfigTooLarge', exitCode: 2 });
  expect(failure.message).toContain('52428800 bytes');
});

test('bytes that are not UTF-8 are reported with their place', async () => {
  const bytes = Buffer.concat([Buffer.from('service: a\n# caf'), Buffer.from([0xe9]), Buffer.from('\nregions: {}\n')]);
  await writeFile(join(folder, 'nanoops.yaml'), bytes);
  const failure = await failureOf(() => load());
  expect(failure).toMatchObject({ code: 'ConfigNotUtf8', exitCode: 2 });
  expect(failure.message).toBe('nanoops.yaml:2:6 is not UTF-8');
});

test('UTF-16 is named', async () => {
  await writeFile(join(folder, 'nanoops.yaml'), Buffer.from(`\uFEFF${minimal()}`, 'utf16le'));
  expect((await failureOf(() => load())).message).toBe('nanoops.yaml is UTF-16, not UTF-8');
});

test('a byte order mark and Windows line ends change nothing', async () => {
  await writeFile(join(folder, 'nanoops.yaml'), `\uFEFF${minimal('tracing: { service: x }').replaceAll('\n', '\r\n')}`);
  const { config, origins } = await load();
  expect(config.tracing?.service).toBe('x');
  expect(origins.get('service')).toEqual({ source: 'file', line: 1, column: 1 });
  expect(origins.get('tracing.service')).toEqual({ source: 'file', line: 3, column: 12 });
});

test.runIf(process.platform !== 'win32')(
  'control characters in the name of a file do not reach the message',
  async () => {
    const failure = await failureOf(() => load('a\u001B[31m.yaml'));
    expect(failure.message).toContain('a\\u001b[31m.yaml');
    expect(`${failure.message}${failure.nextStep}`).not.toMatch(/\p{Cc}/u);
  },
);
