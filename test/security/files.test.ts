/** What nanoops keeps on this machine: for its owner alone, in its own folder, whatever links and names lie in the way. */
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileLeaseStore } from '../../src/state/file-leases.ts';
import { runMain } from '../support/run-main.ts';

let folder: string;
let state: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-files-'));
  state = join(folder, 'state');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const nanoops = (...words: readonly string[]) =>
  runMain(words, { cwd: folder, env: { XDG_STATE_HOME: state, XDG_CACHE_HOME: join(folder, 'cache'), USER: 'ana' } });

/** Every file and folder below, with its mode. */
async function modesBelow(path: string): Promise<readonly (readonly [string, number])[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return Promise.all(
    entries.map(async (entry) => {
      const { mode } = await lstat(join(entry.parentPath, entry.name));
      return [entry.isDirectory() ? `${entry.name}/` : entry.name, mode & 0o777] as const;
    }),
  );
}

test('journals, worlds, leases, incidents and captures are for their owner alone', async () => {
  expect((await nanoops('diagnose', 'crash-loop', '--sandbox', '--fix', '--yes')).exitCode).toBe(0);
  expect(
    (await nanoops('incident', 'open', '--title', 'Slow', '--severity', 'SEV-2', '--no-look', '--sandbox')).exitCode,
  ).toBe(0);
  await nanoops('capture', 'crash-loop', '--sandbox', '--to', 'capture.json');
  const modes = await modesBelow(state);
  expect(modes.length).toBeGreaterThan(5);
  for (const [name, mode] of modes)
    expect([name, mode.toString(8)]).toEqual([name, name.endsWith('/') ? '700' : '600']);
  expect((await lstat(join(folder, 'capture.json'))).mode & 0o777).toBe(0o600);
});

describe('a link that somebody planted', () => {
  test('in the place of a lease is not written through, and nobody gets the lease', async () => {
    const target = join(folder, 'precious');
    await writeFile(target, 'precious');
    const leases = fileLeaseStore(state);
    const holder = { runId: 'r', runbook: 'latency', environment: 'prod', who: 'ana', host: 'h', pid: 1, since: 1 };
    const request = { resource: 'aurora:nano-global', holder, nowMs: 1_000, ttlMs: 60_000, graceMs: 0 };
    const isGone = () => false;
    expect(await leases.acquire({ ...request, isGone })).toMatchObject({ acquired: true });
    const [first = ''] = await readdir(join(state, 'leases'));
    const path = join(state, 'leases', first, '1.json');
    await rm(path);
    await symlink(target, path);
    await expect(leases.acquire({ ...request, nowMs: 100_000, isGone })).rejects.toMatchObject({ kind: 'corrupt' });
    expect(await readFile(target, 'utf8')).toBe('precious');
  });

  test('in the place of a journal is not written through', async () => {
    const target = join(folder, 'precious');
    await writeFile(target, 'precious');
    const run = join(state, 'nanoops', 'runs', '20261123T100000Z-crash-loop-aaaaaa');
    await mkdir(run, { recursive: true });
    await symlink(target, join(run, 'journal.ndjson'));
    const { exitCode, stdout } = await nanoops('runs', 'list', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).items).toMatchObject([{ status: 'unreadable' }]);
    await nanoops('runs', 'resume', '20261123T100000Z-crash-loop-aaaaaa', '--yes');
    expect(await readFile(target, 'utf8')).toBe('precious');
  });

  test('in the place of a capture is refused', async () => {
    const target = join(folder, 'precious');
    await writeFile(target, 'precious');
    await symlink(target, join(folder, 'capture.json'));
    const { exitCode, stderr } = await nanoops('capture', 'crash-loop', '--sandbox', '--to', 'capture.json');
    expect(exitCode).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('there is a file already');
    expect(await readFile(target, 'utf8')).toBe('precious');
  });
});

describe('a report', () => {
  const report = (name: string) => nanoops('diagnose', 'crash-loop', '--sandbox', '--json', '--report', name);

  test('through a link to a file of another kind is refused before anything is done, and the file stays as it is', async () => {
    const target = join(folder, 'authorized_keys');
    await writeFile(target, 'ssh-ed25519 AAAA', { mode: 0o600 });
    await symlink('authorized_keys', join(folder, 'report.md'));
    const { exitCode, stdout } = await report(join(folder, 'report.md'));
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'ReportLinkLeadsElsewhere' });
    expect(await readFile(target, 'utf8')).toBe('ssh-ed25519 AAAA');
    expect((await readdir(folder)).toSorted()).toEqual(['authorized_keys', 'report.md']);
  });

  test('through a link to a report replaces that one, and stays closed to whom it was closed', async () => {
    await writeFile(join(folder, 'kept.md'), 'old', { mode: 0o600 });
    await symlink('kept.md', join(folder, 'report.md'));
    expect((await report(join(folder, 'report.md'))).exitCode).toBe(1);
    expect((await lstat(join(folder, 'report.md'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'kept.md'), 'utf8')).toMatch(/^# /);
    expect((await lstat(join(folder, 'kept.md'))).mode & 0o777).toBe(0o600);
  });
});

describe('a name that leads elsewhere', () => {
  const elsewhere = [
    '../../../etc/passwd',
    '/etc/passwd',
    '..',
    '.',
    'a/../../b',
    'a\\..\\b',
    '%2e%2e%2f',
    '-x',
    'a\0b',
    'x'.repeat(200),
  ];

  test.each([
    ['runs', 'show'],
    ['runs', 'verify'],
    ['runs', 'report'],
    ['runs', 'resume'],
    ['runs', 'abort'],
  ])('%s %s: is no run, and nothing is made', async (...words) => {
    for (const name of elsewhere) {
      const { exitCode, stderr } = await nanoops(...words, '--', name);
      expect([name, exitCode]).toEqual([name, 2]);
      expect(stderr).toMatch(/^error: /);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([['show'], ['ack'], ['resolve'], ['note']])(
    'incident %s: is no incident, and nothing is made',
    async (word) => {
      for (const name of elsewhere) {
        const { exitCode } = await nanoops(
          'incident',
          word,
          '--sandbox',
          '--',
          name,
          ...(word === 'note' ? ['text'] : []),
        );
        expect([name, exitCode]).toEqual([name, 2]);
      }
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('a report goes where it is told to, as a file of its kind, and nowhere else', async () => {
    await mkdir(join(folder, 'there.md'));
    for (const [path, code] of [
      ['../x.sh', 'ReportFormatUnknown'],
      ['missing/x.md', 'ReportFolderMissing'],
      ['there.md', 'ReportNotAFile'],
    ]) {
      const { exitCode, stdout } = await nanoops(
        'diagnose',
        'crash-loop',
        '--sandbox',
        '--json',
        '--report',
        join(folder, path ?? ''),
      );
      expect(exitCode).toBe(2);
      expect(JSON.parse(stdout).error).toMatchObject({ code });
    }
  });
});
