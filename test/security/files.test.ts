/** What nanoops keeps on this machine: for its owner alone, in its own folder, whatever links and names lie in the way. */
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scanJournal } from '../../src/engine/journal-store.ts';
import { fileCosts } from '../../src/state/file-costs.ts';
import { fileJournalStore } from '../../src/state/file-journal.ts';
import { fileLeaseStore } from '../../src/state/file-leases.ts';
import { fileOutbox } from '../../src/state/file-outbox.ts';
import { fileWorlds } from '../../src/state/file-worlds.ts';
import { incidentJournals } from '../../src/state/journal-kind.ts';
import { keptFiles } from '../../src/state/kept-files.ts';
import { simulatedFolder } from '../../src/state/state-folder.ts';
import { recordsOf, runId } from '../state/store-suite.ts';
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

/** Every file below, with what is in it. */
async function textsBelow(path: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.toSorted().map(async (file) => [file, await readFile(file, 'utf8')] as const));
}

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
    await expect(leases.acquire({ ...request, nowMs: 100_000, isGone })).rejects.toMatchObject({ kind: 'unreadable' });
    await expect(leases.list()).rejects.toMatchObject({ kind: 'unreadable', message: expect.stringContaining(path) });
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

  test('leads a journal elsewhere: what is there is neither read nor gone on with, nor opened to others', async () => {
    const asked = await nanoops('diagnose', 'crash-loop', '--sandbox', '--fix', '--no-input', '--json');
    expect(asked.exitCode).toBe(4);
    const id: string = JSON.parse(asked.stdout).runId;
    const journal = join(state, 'nanoops', 'runs', id, 'journal.ndjson');
    const elsewhere = join(folder, 'elsewhere');
    await rename(journal, elsewhere);
    await chmod(elsewhere, 0o644);
    await symlink(elsewhere, journal);
    const before = await readFile(elsewhere, 'utf8');
    for (const words of [['show'], ['verify'], ['abort', '--yes'], ['resume', '--yes']]) {
      const { exitCode, stdout } = await nanoops('runs', ...words, id, '--json');
      expect([words, exitCode]).toEqual([words, 3]);
      const { message, nextStep } = JSON.parse(stdout).error;
      expect(message).toContain(`${journal} cannot be read: there is a link`);
      expect(nextStep).toContain(`ls -ld ${journal}`);
    }
    expect(await readFile(elsewhere, 'utf8')).toBe(before);
    expect((await lstat(elsewhere)).mode & 0o777).toBe(0o644);
  });

  const holder = { runId: 'r', runbook: 'latency', environment: 'prod', who: 'ana', host: 'h', pid: 1, since: 1 };
  const isGone = () => false;
  const lease = { resource: 'aurora:a', holder, nowMs: 1_000, ttlMs: 60_000, graceMs: 0, isGone };
  const simulated = (root: string) => fileJournalStore(simulatedFolder(root), incidentJournals, root);
  const outbox = (root: string) => fileOutbox(root, 'nano-api prod');
  const stores: Record<string, { write: (root: string) => unknown; read: (root: string) => Promise<unknown> }> = {
    'journals, appended to': {
      write: (root) => fileJournalStore(root).append(runId, recordsOf(1)),
      read: (root) => fileJournalStore(root).read(runId),
    },
    'journals, shown piece by piece': {
      write: (root) => fileJournalStore(root).append(runId, recordsOf(1)),
      read: (root) => scanJournal(fileJournalStore(root), runId, () => undefined),
    },
    'journals of simulated incidents': {
      write: (root) => simulated(root).append(runId, recordsOf(1)),
      read: (root) => simulated(root).read(runId),
    },
    leases: {
      write: (root) => fileLeaseStore(root).acquire({ ...lease, nowMs: 1_000_000 }),
      read: (root) => fileLeaseStore(root).list(),
    },
    'leases of a run on the sandbox': {
      write: (root) => fileLeaseStore(join(root, 'runs', runId, 'leases'), root).acquire(lease),
      read: (root) => fileLeaseStore(join(root, 'runs', runId, 'leases'), root).list(),
    },
    worlds: {
      write: (root) => fileWorlds(root).saveWorld(runId, '{}'),
      read: (root) => fileWorlds(root).loadWorld(runId),
    },
    'worlds, at once': {
      write: async (root) => fileWorlds(root).saveWorldSync(runId, '{}'),
      read: (root) => fileWorlds(root).loadWorld(runId),
    },
    'what checks keep': {
      write: (root) => keptFiles(root).save('a', { b: 1 }),
      read: (root) => keptFiles(root).load('a'),
    },
    'messages that wait': {
      write: (root) => outbox(root).keep(`n${Math.random()}`, 'text', 1),
      read: (root) => outbox(root).list(2),
    },
    'what the account costs': {
      write: (root) => fileCosts(root).save('111122223333', '2026-11-23', '{}'),
      read: (root) => fileCosts(root).load('111122223333', '2026-11-23'),
    },
  };

  test('in the place of the folder of all runs is refused, and one in the place of a run is listed as what it is', async () => {
    const journals = fileJournalStore(state);
    await journals.append(runId, recordsOf(1));
    const runs = join(state, 'runs');
    await rename(join(runs, runId), join(folder, 'run'));
    await symlink(join(folder, 'run'), join(runs, runId));
    expect(await journals.list()).toEqual([runId]);
    await expect(journals.read(runId)).rejects.toMatchObject({ kind: 'unreadable' });
    await rename(runs, join(folder, 'runs'));
    await symlink(join(folder, 'runs'), runs);
    await expect(journals.list()).rejects.toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining(`${runs} cannot be`),
    });
  });

  describe.each(Object.entries(stores))('%s', (_what, { write, read }) => {
    test('in the place of any folder below the root nothing is written through it, nor read', async () => {
      await write(state);
      const below = await readdir(state, { withFileTypes: true, recursive: true });
      const folders = below.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
      expect(folders.length).toBeGreaterThan(0);
      const elsewhere = join(folder, 'elsewhere');
      for (const each of folders) {
        await rename(each, elsewhere);
        await symlink(elsewhere, each);
        const before = await textsBelow(elsewhere);
        await expect((async () => write(state))()).rejects.toMatchObject({
          kind: expect.stringMatching(/^un(?:writable|readable)$/),
          message: expect.stringContaining(`${each} cannot be`),
        });
        await expect(read(state)).rejects.toMatchObject({
          kind: 'unreadable',
          details: { nextStep: expect.stringContaining(`ls -ld ${each}`) },
        });
        expect(await textsBelow(elsewhere)).toEqual(before);
        await rm(each);
        await rename(elsewhere, each);
      }
    });

    test('in the place of a file it is not read, and what it leads to stays as it is', async () => {
      await write(state);
      const below = await textsBelow(state);
      expect(below.length).toBeGreaterThan(0);
      const elsewhere = join(folder, 'elsewhere');
      for (const [file, text] of below) {
        await rename(file, elsewhere);
        await symlink(elsewhere, file);
        await expect(read(state)).rejects.toMatchObject({
          kind: 'unreadable',
          message: expect.stringContaining(`${file} cannot be read: there is a link`),
        });
        // What is written as a whole takes the link's place; what is added to is refused.
        await (async () => write(state))().catch(() => undefined);
        expect(await readFile(elsewhere, 'utf8')).toBe(text);
        await rm(file);
        await rename(elsewhere, file);
      }
    });

    test('the whole may be a link, to another disk', async () => {
      await mkdir(join(folder, 'disk'));
      await symlink(join(folder, 'disk'), state);
      await write(state);
      await read(state);
      expect(await readdir(join(folder, 'disk'))).not.toEqual([]);
    });
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
