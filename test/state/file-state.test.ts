import { execa } from 'execa';
import { rmSync, writeFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileJournalStore } from '../../src/state/file-journal.ts';
import { fileLeaseStore } from '../../src/state/file-leases.ts';
import { fileWorlds } from '../../src/state/file-worlds.ts';
import { stateFolder } from '../../src/state/state-folder.ts';
import { bundleScript, type BundledScript } from './bundle.ts';
import { describeStores, leaseRequest, noise, recordsOf, runId, stateErrorOf } from './store-suite.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'nanoops-state-'));
  folder = join(parent, 'state', 'nanoops');
});

afterEach(() => rm(parent, { recursive: true }));

const journalPath = () => join(folder, 'runs', runId, 'journal.ndjson');
const textOfJournal = () => readFile(journalPath(), 'utf8');

describe('state in files', () => {
  describeStores(async () => {
    const opened = () => ({ journals: fileJournalStore(folder), leases: fileLeaseStore(folder) });
    return { one: opened(), other: opened() };
  });
});

describe('the folder', () => {
  const homedir = () => '/home/ana';

  it('lies where the XDG specification wants it', () => {
    expect(stateFolder({}, homedir)).toBe('/home/ana/.local/state/nanoops');
    expect(stateFolder({ XDG_STATE_HOME: '' }, homedir)).toBe('/home/ana/.local/state/nanoops');
    expect(stateFolder({ XDG_STATE_HOME: '/var/state' }, homedir)).toBe('/var/state/nanoops');
  });

  it('is not made where somebody happens to stand', () => {
    expect(stateFolder({ XDG_STATE_HOME: 'state' }, homedir)).toBe('/home/ana/.local/state/nanoops');
  });

  it('is for its owner only, with everything in it', async () => {
    await fileJournalStore(folder).append(runId, recordsOf(1));
    await fileLeaseStore(folder).acquire(leaseRequest('ana'));
    await fileWorlds(folder).saveWorld(runId, '{}');
    fileWorlds(folder).saveWorldSync('another-run', '{}');
    const modes = await Promise.all(
      [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))].map(async (path) => {
        const found = await stat(path);
        return `${found.isDirectory() ? 'folder' : 'file'} ${(found.mode & 0o777).toString(8)}`;
      }),
    );
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
    expect(modes.filter((mode) => mode.startsWith('file'))).toHaveLength(4);
  });

  it('holds nothing but what was kept when all is done', async () => {
    await fileJournalStore(folder).append(runId, recordsOf(1));
    const leases = fileLeaseStore(folder);
    const answer = await leases.acquire(leaseRequest('ana'));
    if (!answer.acquired) throw new Error('it is free');
    for (let beat = 0; beat < 5; beat += 1) await leases.renew(answer.lease, { nowMs: beat, ttlMs: 1 });
    await leases.release(answer.lease);
    await fileWorlds(folder).saveWorld(runId, 'one');
    fileWorlds(folder).saveWorldSync(runId, 'two');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.map((entry) => entry.name).toSorted()).toEqual(['7.json', 'journal.ndjson', 'world.json']);
  });
});

describe('a journal in a file', () => {
  it('is a record of JSON a line', async () => {
    const journals = fileJournalStore(folder);
    await journals.append(runId, recordsOf(1));
    await journals.append(runId, recordsOf(2));
    const lines = (await textOfJournal()).split('\n');
    expect(lines.slice(0, 2).map((line): unknown => JSON.parse(line))).toEqual(recordsOf(1, 2));
    expect(lines.slice(2)).toEqual(['']);
  });

  describe.each([
    ['in the middle of a line', '{"version":1,"previous":"00'],
    ['before its newline', JSON.stringify(recordsOf(3)[0])],
    ['with zeros where its content was to be', `${'\0'.repeat(40)}\n`],
    ['between the records of a batch', `${JSON.stringify({ ...recordsOf(3)[0], more: 1 })}\n{"vers`],
    ['after the first record of a batch', `${JSON.stringify({ ...recordsOf(3)[0], more: 1 })}\n`],
  ])('that was cut off %s', (_, torn) => {
    it('leaves that out, and goes on in its place', async () => {
      const journals = fileJournalStore(folder);
      await journals.append(runId, recordsOf(1, 2));
      const whole = await textOfJournal();
      await appendFile(journalPath(), torn);
      expect(await journals.read(runId)).toEqual({ records: recordsOf(1, 2), torn: true });
      expect(await textOfJournal()).toBe(`${whole}${torn}`);

      await journals.append(runId, recordsOf(3, 3, 'anew'));
      expect(await journals.read(runId)).toEqual({
        records: [...recordsOf(1, 2), ...recordsOf(3, 3, 'anew')],
        torn: false,
      });
      expect((await textOfJournal()).startsWith(whole)).toBe(true);
    });
  });

  it('that was cut off in its first line can be begun again', async () => {
    const journals = fileJournalStore(folder);
    await mkdir(dirname(journalPath()), { recursive: true });
    await writeFile(journalPath(), '');
    expect(await journals.read(runId)).toEqual({ records: [], torn: true });
    await writeFile(journalPath(), '{"ver');
    expect(await journals.read(runId)).toEqual({ records: [], torn: true });
    await journals.append(runId, recordsOf(1));
    expect(await journals.read(runId)).toEqual({ records: recordsOf(1), torn: false });
  });

  it.each([
    ['a line that is no JSON', (lines: string[]) => lines.with(1, '{"version":1,'), 'line 2'],
    ['a line that is no record', (lines: string[]) => lines.with(2, '{"version":1}'), 'line 3'],
    ['an empty line', (lines: string[]) => lines.toSpliced(1, 0, ''), 'line 2'],
    ['a line that was taken out', (lines: string[]) => lines.toSpliced(1, 1), 'line 2'],
    ['a line that was put in', (lines: string[]) => lines.toSpliced(1, 0, lines[0] ?? ''), 'line 2'],
    ['a batch that another one interrupts', (lines: string[]) => lines.with(0, withMore(lines[0], 5)), 'line 2'],
  ])('is not read with %s', async (_, alter, place) => {
    const journals = fileJournalStore(folder);
    for (const record of recordsOf(1, 4)) await journals.append(runId, [record]);
    const lines = (await textOfJournal()).trimEnd().split('\n');
    await writeFile(journalPath(), `${alter(lines).join('\n')}\n`);
    const error = await stateErrorOf(journals.read(runId));
    expect(error.kind).toBe('corrupt');
    expect(error.message).toContain(journalPath());
    expect(error.message).toContain(place);
  });

  it('of a newer nanoops is neither read nor added to', async () => {
    const journals = fileJournalStore(folder);
    await journals.append(runId, recordsOf(1));
    await appendFile(journalPath(), `${JSON.stringify({ version: 2, somethingNew: true })}\n`);
    const before = await textOfJournal();
    expect((await stateErrorOf(journals.read(runId))).kind).toBe('newer-version');
    const error = await stateErrorOf(journals.append(runId, recordsOf(3)));
    expect(error.kind).toBe('newer-version');
    expect(error.details.nextStep).toContain('update nanoops');
    expect(await textOfJournal()).toBe(before);
  });

  it('finds its end behind records of any size', async () => {
    const journals = fileJournalStore(folder);
    const sizes = [1, 60_000, 65_536, 200_000, 1];
    for (const [index, size] of sizes.entries()) {
      await journals.append(runId, recordsOf(index + 1, index + 1, noise(size)));
    }
    expect((await journals.read(runId)).records).toHaveLength(sizes.length);
  });

  it('says that the disk is full, and what to do', async () => {
    const journals = fileJournalStore(folder);
    await journals.append(runId, recordsOf(1));
    const some = await open(journalPath());
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const writing = vi.spyOn(Object.getPrototypeOf(some), 'write').mockRejectedValue(full);
    await some.close();
    const error = await stateErrorOf(journals.append(runId, recordsOf(2)));
    expect(writing).toHaveBeenCalledTimes(1);
    writing.mockRestore();
    expect(error.kind).toBe('unwritable');
    expect(error.message).toContain('no space left');
    expect(error.message).toContain('nothing may be done on its strength');
    expect(error.details.nextStep).toContain('make room');
    expect((await journals.read(runId)).records).toEqual(recordsOf(1));
  });

  it('says what stands in the way of its folder', async () => {
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, 'a file');
    const error = await stateErrorOf(fileJournalStore(folder).append(runId, recordsOf(1)));
    expect(error.kind).toBe('unwritable');
    expect(error.message).toMatch(/EEXIST|ENOTDIR/u);
    expect((await stateErrorOf(fileJournalStore(folder).list())).kind).toBe('unreadable');
  });
});

function withMore(line: string | undefined, more: number): string {
  return `${(line ?? '').slice(0, -1)},"more":${more}}`;
}

describe.skipIf(process.platform === 'win32')('with processes of their own', () => {
  let script: BundledScript;

  beforeAll(async () => {
    script = await bundleScript(new URL('appending-process.ts', import.meta.url));
  });

  afterAll(() => script?.remove());

  const start = (...words: readonly (string | number)[]) =>
    execa('node', [script.path, ...words.map(String)], { reject: false });

  async function toldBy(process: ReturnType<typeof start>) {
    const { stdout, stderr } = await process;
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  it('every record of two who append at once is there once, in order', async () => {
    await fileJournalStore(folder).append(runId, recordsOf(1));
    const [ana, ben] = await Promise.all([
      toldBy(start('race', folder, runId, 'ana', 200)),
      toldBy(start('race', folder, runId, 'ben', 200)),
    ]);
    const { records, torn } = await fileJournalStore(folder).read(runId);
    const numbersOf = (name: string) =>
      records.filter(({ event }) => 'stepId' in event && event.stepId === name).map(({ event }) => event.seq);
    expect(torn).toBe(false);
    expect(records).toHaveLength(401);
    expect(numbersOf('ana')).toEqual(ana.written);
    expect(numbersOf('ben')).toEqual(ben.written);
    // They met: otherwise this proves nothing.
    expect(ana.conflicts + ben.conflicts).toBeGreaterThan(0);
    expect(await readdir(dirname(journalPath()))).toEqual(['journal.ndjson']);
  });

  it('nobody waits for one who died while appending', async () => {
    const journals = fileJournalStore(folder);
    await journals.append(runId, recordsOf(1));
    expect((await start('die', folder, runId)).signal).toBe('SIGKILL');
    expect(await readdir(dirname(journalPath()))).toHaveLength(2);
    await journals.append(runId, recordsOf(2));
    expect(await readdir(dirname(journalPath()))).toEqual(['journal.ndjson']);
  });

  it('a record that does not fit leaves the journal as it was', async () => {
    const journals = fileJournalStore(folder);
    await journals.append(runId, recordsOf(1, 2));
    const before = await textOfJournal();
    // Blocks of half or one kilobyte, by shell: some of the record is written before the limit is met.
    const limited = `ulimit -f 64; exec node "$0" once "$1" "$2" 3 1000000`;
    const { stdout } = await execa('sh', ['-c', limited, script.path, folder, runId]);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ kept: false, kind: 'unwritable' });
    expect(told.message).toContain('EFBIG');
    expect(await textOfJournal()).toBe(before);
    await journals.append(runId, recordsOf(3));
    expect((await journals.read(runId)).records).toEqual(recordsOf(1, 3));
  });

  it('a folder that may not be written is named, with what to do', async () => {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await chmod(parent, 0o755);
    await chmod(folder, 0o555);
    // Root may write everywhere, so the process is somebody else.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout } = await execa('node', [script.path, 'once', folder, runId, '1', '1'], nobody);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ kept: false, kind: 'unwritable' });
    expect(told.message).toContain(folder);
    expect(told.message).toContain('EACCES');
    expect(told.nextStep).toContain('XDG_STATE_HOME');
    await chmod(folder, 0o700);
  });
});

describe('leases in files', () => {
  it('that somebody altered are refused, and the file is named', async () => {
    const leases = fileLeaseStore(folder);
    await leases.acquire(leaseRequest('ana'));
    const [name = ''] = await readdir(join(folder, 'leases'));
    const path = join(folder, 'leases', name, '1.json');
    await writeFile(path, '{"form":1,"lease":{}}');
    const error = await stateErrorOf(leases.acquire(leaseRequest('ben')));
    expect(error.kind).toBe('corrupt');
    expect(error.message).toContain(path);
    await writeFile(path, '{"form":2}');
    expect((await stateErrorOf(leases.list())).kind).toBe('newer-version');
  });

  it('have one holder at a time, however many ask at once', async () => {
    let holder: string | undefined;
    let newest = 0;
    let refused = 0;
    const ask = async (name: string) => {
      const leases = fileLeaseStore(folder);
      for (let rounds = 0; rounds < 6;) {
        const answer = await leases.acquire(leaseRequest(name));
        if (!answer.acquired) {
          refused += 1;
          continue;
        }
        expect(holder).toBeUndefined();
        holder = name;
        expect(answer.lease.token).toBeGreaterThan(newest);
        newest = answer.lease.token;
        await leases.renew(answer.lease, { nowMs: 0, ttlMs: 1_000_000_000_000_000 });
        expect(holder).toBe(name);
        holder = undefined;
        await leases.release(answer.lease);
        rounds += 1;
      }
    };
    await Promise.all(['ana', 'ben', 'cleo', 'dan', 'eve'].map(ask));
    expect(newest).toBeGreaterThanOrEqual(30);
    expect(refused).toBeGreaterThan(30);
  });

  it('go to nobody who slept while others had it and left', async () => {
    const leases = fileLeaseStore(folder);
    const first = await leases.acquire(leaseRequest('ana'));
    if (!first.acquired) throw new Error('it is free');
    const [name = ''] = await readdir(join(folder, 'leases'));
    const version = (number: number) => join(folder, 'leases', name, `${number}.json`);
    const eve = { ...first.lease, token: 3, holder: { ...first.lease.holder, runId: 'run-of-eve' } };
    // Between looking and taking: the second version came and went, the third is there.
    const isGone = (holder: { readonly runId: string }) => {
      if (holder.runId === eve.holder.runId) return false;
      writeFileSync(version(3), JSON.stringify({ form: 1, lease: eve }));
      rmSync(version(1));
      return true;
    };
    expect(await leases.acquire(leaseRequest('ben', { isGone }))).toEqual({ acquired: false, held: eve });
    expect(await readdir(join(folder, 'leases', name))).toEqual(['3.json']);
  });

  it('are not touched by what a crash or a file manager left behind', async () => {
    const leases = fileLeaseStore(folder);
    await leases.acquire(leaseRequest('ana'));
    const [name = ''] = await readdir(join(folder, 'leases'));
    await writeFile(join(folder, 'leases', name, '2b0e.tmp'), '{"form":1,"lea');
    await writeFile(join(folder, 'leases', '.DS_Store'), '');
    expect(await leases.acquire(leaseRequest('ben'))).toMatchObject({ acquired: false });
    expect(await leases.list()).toHaveLength(1);
  });
});

describe('worlds', () => {
  it('are given back as they were kept last', async () => {
    const worlds = fileWorlds(folder);
    expect(await worlds.loadWorld(runId)).toBeUndefined();
    await worlds.saveWorld(runId, 'one');
    expect(await worlds.loadWorld(runId)).toBe('one');
    worlds.saveWorldSync(runId, 'Zürich');
    expect(await fileWorlds(folder).loadWorld(runId)).toBe('Zürich');
  });

  it('are no runs', async () => {
    fileWorlds(folder).saveWorldSync(runId, '{}');
    expect(await fileJournalStore(folder).list()).toEqual([]);
    expect((await stateErrorOf(fileJournalStore(folder).read(runId))).kind).toBe('not-found');
  });

  it('lead nowhere else', async () => {
    const worlds = fileWorlds(folder);
    expect((await stateErrorOf(worlds.loadWorld('../../../etc/passwd'))).kind).toBe('not-found');
    expect((await stateErrorOf(worlds.saveWorld('../x', '{}'))).kind).toBe('not-found');
    expect(() => worlds.saveWorldSync('../x', '{}')).toThrow('there is no run');
  });

  it('that cannot be kept leave the one before, and nothing else', async () => {
    const worlds = fileWorlds(folder);
    const path = join(folder, 'runs', runId, 'world.json');
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'in-the-way'), '');
    expect((await stateErrorOf(worlds.saveWorld(runId, 'x'))).kind).toBe('unwritable');
    expect(() => worlds.saveWorldSync(runId, 'x')).toThrow('could not be resumed');
    expect(await readdir(dirname(path))).toEqual(['world.json']);
  });
});
