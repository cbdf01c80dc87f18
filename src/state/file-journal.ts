/**
 * Journals in files: `runs/<run id>/journal.ndjson`, a record a line, for the runs of one machine, and the same for its
 * incidents. What `append` resolves for is on the disk; what it rejects for was taken back.
 */
import { lstat, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunEvent } from '../engine/events.ts';
import type { JournalStore, KeptEvent } from '../engine/journal-store.ts';
import { alone } from './append-lock.ts';
import { fileError, systemCodeOf } from './file-errors.ts';
import { runJournals, type JournalKind } from './journal-kind.ts';
import { conflict, firstSeqOf, JournalLines, lastSeqOf, linesOf, parseLines, type Batch } from './journal-lines.ts';
import { bytesOf, fileMode, makeKeptFolder, namesIn, openKept, refuseLinks, syncFolder } from './private-files.ts';
import { isRunId, notFound, runFolder, runsFolder } from './state-folder.ts';

const fileName = 'journal.ndjson';
/** Enough for the last line of most journals. */
const tailBytes = 64 * 1024;
/** Of a journal that is read piece by piece: hundreds of lines. */
const pieceBytes = 256 * 1024;

/** `folder`: see `stateFolder`. It is made when the first record is written. `root`: of all state, where that is another one. */
export function fileJournalStore<Event extends KeptEvent = RunEvent>(
  folder: string,
  kind: JournalKind = runJournals,
  root: string = folder,
): JournalStore<Event> {
  return {
    name: folder,
    async append(runId, [head, ...rest]) {
      if (head === undefined) return;
      const records = [head, ...rest] as const;
      const first = firstSeqOf(records);
      const runPath = runFolder(folder, runId, kind);
      const path = join(runPath, fileName);
      try {
        await makeKeptFolder(runPath, root);
        const conflictAfter = (last: number) => conflict(runId, folder, first, last, kind);
        await alone(runPath, () => appendTo(path, runPath, { records, kind, conflictAfter }));
      } catch (error) {
        throw fileError('unwritable', error, path, 'The record was not kept, so nothing may be done on its strength.');
      }
    },
    async read(runId) {
      const path = join(runFolder(folder, runId, kind), fileName);
      const bytes = await contentOf(path, root, kind);
      if (bytes === undefined) throw notFound(runId, folder, kind);
      const { records, torn } = parseLines<Event>(bytes, path, kind);
      return { records, torn };
    },
    async scan(runId, show) {
      const path = join(runFolder(folder, runId, kind), fileName);
      const lines = new JournalLines<Event>(path, kind, show);
      const isBegun = await eachPieceOf(path, { root, kind }, (bytes) => lines.take(bytes));
      if (!isBegun) throw notFound(runId, folder, kind);
      return lines.end();
    },
    async list() {
      const runs = runsFolder(folder, kind);
      try {
        refuseLinks(runs, root);
        const names = (await namesIn(runs)).filter((name) => isRunId(name));
        const begun = await Promise.all(names.map((name) => isThere(join(runs, name, fileName))));
        return names.filter((_, index) => begun[index]).toSorted((a, b) => (a < b ? 1 : -1));
      } catch (error) {
        throw fileError('unreadable', error, runs, `Which ${kind.plural} there were is unknown.`);
      }
    },
  };
}

async function contentOf(path: string, root: string, kind: JournalKind): Promise<Buffer | undefined> {
  try {
    refuseLinks(dirname(path), root);
    return await bytesOf(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw unreadable(error, path, kind);
  }
}

function unreadable(error: unknown, path: string, { noun }: JournalKind): unknown {
  const lost = noun === 'run' ? 'What the run did so far is unknown.' : 'How the incident stands is unknown.';
  return fileError('unreadable', error, path, lost);
}

/** Shows the file piece by piece, in one piece of memory; false where there is none. */
async function eachPieceOf(
  path: string,
  { root, kind }: { readonly root: string; readonly kind: JournalKind },
  take: (bytes: Buffer) => void,
): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    refuseLinks(dirname(path), root);
    file = await openKept(path, 'read');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw unreadable(error, path, kind);
  }
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const bytesRead = await readPiece(file, piece, path, kind);
      if (bytesRead === 0) return true;
      take(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function readPiece(file: FileHandle, piece: Buffer, path: string, kind: JournalKind): Promise<number> {
  try {
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    return bytesRead;
  } catch (error) {
    throw unreadable(error, path, kind);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

interface Appended {
  readonly records: Batch<KeptEvent>;
  readonly kind: JournalKind;
  readonly conflictAfter: (last: number) => Error;
}

async function appendTo(path: string, runPath: string, { records, kind, conflictAfter }: Appended): Promise<void> {
  const expected = records[0].event.seq - 1;
  const { file, isNew } = await openJournal(path, expected === 0);
  if (file === undefined) throw conflictAfter(0);
  try {
    const { last, wholeBytes, size } = await endOf(file, path, kind);
    if (last !== expected) throw conflictAfter(last);
    try {
      if (size > wholeBytes) await file.truncate(wholeBytes);
      await writeAt(file, Buffer.from(linesOf(records)), wholeBytes);
      await file.sync();
      // A file is where a crash cannot take it once its name is.
      if (isNew) await syncFolder(runPath);
    } catch (error) {
      await takeBack(file, wholeBytes);
      if (isNew) await rm(path, { force: true });
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function openJournal(path: string, mayBegin: boolean): Promise<{ file?: FileHandle; isNew: boolean }> {
  try {
    return { file: await openKept(path, 'alter'), isNew: false };
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
  return mayBegin ? { file: await open(path, 'wx+', fileMode), isNew: true } : { isNew: true };
}

/** Where the next record goes, and the `seq` of the one before it. */
async function endOf(
  file: FileHandle,
  path: string,
  kind: JournalKind,
): Promise<{ last: number; wholeBytes: number; size: number }> {
  const { size } = await file.stat();
  const from = Math.max(0, size - tailBytes);
  const last = lastSeqOf(await bytesFrom(file, from, size), from === 0, path, kind);
  if (last !== undefined) return { last, wholeBytes: size, size };
  const { records, wholeBytes } = parseLines(await bytesFrom(file, 0, size), path, kind);
  return { last: records.length, wholeBytes, size };
}

async function bytesFrom(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** `write` may write less than it is given, and says why only when it is asked for the rest. */
async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Cuts off what a failed append wrote. Where that fails, too, a later reader finds it torn, or finds the record. */
async function takeBack(file: FileHandle, wholeBytes: number): Promise<void> {
  try {
    await file.truncate(wholeBytes);
    await file.sync();
  } catch {
    // The failure that led here is the one to tell: nothing is done on the strength of the record in either case.
  }
}
