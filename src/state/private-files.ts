/**
 * Files that only their owner can read, and that a crash leaves whole: folders 0700, files 0600, synced to the disk
 * before anybody relies on them. They lie where nanoops put them: below the root of its state, which the user may have
 * linked to another disk, nothing is reached by a link. Knows nothing of what they hold.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { systemCodeOf } from './file-errors.ts';

export const fileMode = 0o600;
const folderMode = 0o700;

/** What is half done carries this ending, and is no state. */
const temporaryEnding = '.tmp';

/** What opens a file as it is, and no other one by a link. Windows has no such thing, and lets few make links. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/** A link in the place of a folder, told as the system tells one in the place of a file (open(2), O_NOFOLLOW). */
class LinkInTheWay extends Error {
  override readonly name = 'LinkInTheWay';
  readonly code = 'ELOOP';
  readonly syscall = 'lstat';
  readonly path: string;

  constructor(path: string) {
    super(`ELOOP: a link, lstat '${path}'`);
    this.path = path;
  }
}

/** @throws an error of the system's kind where one of the folders below `root`, down to `path`, is a link. */
export function refuseLinks(path: string, root: string): void {
  let at = root;
  for (const name of relative(root, path).split(sep)) {
    at = join(at, name);
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (at !== root && found.isSymbolicLink()) throw new LinkInTheWay(at);
  }
}

/** The file itself: a link in its place is refused by the system. */
export function openKept(path: string, access: 'read' | 'alter'): Promise<FileHandle> {
  return open(path, (access === 'read' ? constants.O_RDONLY : constants.O_RDWR) | noFollow);
}

export function textOf(path: string): Promise<string> {
  return readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | noFollow });
}

export function bytesOf(path: string): Promise<Buffer> {
  return readFile(path, { flag: constants.O_RDONLY | noFollow });
}

/** Makes a folder of the state, below its root. */
export async function makeKeptFolder(path: string, root: string): Promise<void> {
  refuseLinks(path, root);
  await makeFolder(path);
}

/** Makes a folder and those above it, where they are missing, and waits until their names are on the disk. */
export async function makeFolder(path: string, mode: number = folderMode): Promise<void> {
  for (const missing of missingFolders(path)) {
    try {
      await mkdir(missing, { mode });
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error; // Somebody else was quicker.
    }
    await syncFolder(dirname(missing));
  }
}

/**
 * The folder and those above it that are not there, from the top. One by one, since `mkdir` of Node.js 20 never returns
 * where a folder is there and nothing can be made in it (`recursive`, below /proc).
 */
function missingFolders(path: string): readonly string[] {
  return existsSync(path) || dirname(path) === path ? [] : [...missingFolders(dirname(path)), path];
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await openFolder(path);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSyncFolders(error)) throw error;
  } finally {
    await handle.close();
  }
}

async function openFolder(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    // Windows opens no folders.
    if (systemCodeOf(error) === 'EISDIR' || (systemCodeOf(error) === 'EPERM' && process.platform === 'win32')) {
      return undefined;
    }
    throw error;
  }
}

/** Some file systems have names on the disk at once, and refuse to be asked (fsync(2), EINVAL). */
function cannotSyncFolders(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'EINVAL' || code === 'ENOTSUP' || (code === 'EPERM' && process.platform === 'win32');
}

/** Writes a file of a name that nobody has into `folder`, synced, and gives its path. */
export async function writeTemporary(folder: string, text: string): Promise<string> {
  const path = join(folder, `${randomUUID()}${temporaryEnding}`);
  const file = await open(path, 'wx', fileMode);
  try {
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Puts a file in the place of what bears its name: readers see the old one or the new one, and never a part. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = await writeTemporary(folder, text);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** The same for callers that cannot wait. Makes the folder, too. */
export function replaceFileSync(path: string, text: string): void {
  const folder = dirname(path);
  for (const missing of missingFolders(folder)) mkdirSync(missing, { mode: folderMode });
  const temporary = join(folder, `${randomUUID()}${temporaryEnding}`);
  const file = openSync(temporary, 'wx', fileMode);
  try {
    try {
      writeFileSync(file, text, 'utf8');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
