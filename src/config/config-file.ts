/**
 * Finds and reads the configuration file, and nothing else: what is no ordinary file of reasonable size in UTF-8 is
 * refused with a reason, before it is read where that can be told.
 */
import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { NanoopsError, type NanoopsErrorOptions } from '../errors.ts';
import { nearest } from './nearest.ts';
import { printable, quoted } from './printable.ts';

const defaultFileName = 'nanoops.yaml';

/** Thousands of lines; a configuration has a hundred. */
const largestFileBytes = 256 * 1024;

/** How to come by a first configuration. */
export const startOne =
  'nanoops init finds your stack, and writes it. Or start from another one: nanoops sandbox config > nanoops.yaml, and put your names in it; nanoops config schema prints what it may hold.';

const tryOut = 'To try nanoops without a file or an account, add --sandbox: nanoops diagnose latency --sandbox.';
/** True with --sandbox, too, which takes the names of a file that is given. */
const tryWithout = 'The sandbox needs none: nanoops diagnose latency --sandbox.';

export interface ConfigText {
  /** The absolute path. */
  readonly file: string;
  /** The path as messages show it, relative to where the command was started. */
  readonly origin: string;
  readonly text: string;
}

/** The absolute path of `file`, or of the nearest `nanoops.yaml` from `cwd` upwards; undefined where it is not there. */
export async function findConfigFile(cwd: string, file?: string): Promise<string | undefined> {
  if (file === undefined) return nearestFile(cwd);
  const path = resolve(cwd, file);
  return (await isThere(path)) ? path : undefined;
}

/** Reads `file`, or the nearest `nanoops.yaml` from `cwd` upwards. Throws a NanoopsError that exits with 2. */
export async function readConfigFile(cwd: string, file?: string): Promise<ConfigText> {
  const path = file === undefined ? await searchUpwards(cwd) : resolve(cwd, file);
  const origin = relative(cwd, path) || path;
  const bytes = await readBounded(path, origin, cwd);
  return { file: path, origin, text: decode(bytes, origin) };
}

async function nearestFile(cwd: string): Promise<string | undefined> {
  let folder = resolve(cwd);
  for (;;) {
    const candidate = join(folder, defaultFileName);
    if (await isThere(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

async function searchUpwards(cwd: string): Promise<string> {
  const found = await nearestFile(cwd);
  if (found !== undefined) return found;
  const alike = await alikeIn(cwd, defaultFileName);
  const seen = alike === undefined ? '' : ` There is ${quoted(alike)}: pass it with --config, or rename it.`;
  throw failure('ConfigNotFound', `no ${defaultFileName} in ${printable(resolve(cwd))} or any folder above it`, {
    nextStep: `${startOne} Or name yours with --config <file>.${seen} ${tryOut}`,
  });
}

/** A link to something missing is there: it was meant, and is reported. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw unreadable(path, path, error);
  }
}

async function readBounded(path: string, origin: string, cwd: string): Promise<Uint8Array> {
  try {
    // Asked before opening: to open a pipe waits for its writer, and to open a device can do anything.
    refuseUnlessFile(await stat(path), origin);
    // Not blocking: between the two calls the file may have become a pipe.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      refuseUnlessFile(await handle.stat(), origin);
      const buffer = new Uint8Array(largestFileBytes + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > largestFileBytes) throw tooLarge(origin);
      return buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof NanoopsError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw await notFound(path, origin, cwd);
    throw unreadable(path, origin, error);
  }
}

interface Kind {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function refuseUnlessFile(found: Kind, origin: string): void {
  if (found.isDirectory()) {
    throw failure('ConfigUnreadable', `${printable(origin)} is a folder, not a file`, {
      nextStep: `Name the file in it: --config ${printable(join(origin, defaultFileName))}.`,
    });
  }
  if (!found.isFile()) {
    const what = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device';
    throw failure('ConfigUnreadable', `${printable(origin)} is ${what}, not a file`, {
      nextStep: 'Write the configuration to an ordinary file and pass that with --config.',
    });
  }
  if (found.size > largestFileBytes) throw tooLarge(origin, found.size);
}

function tooLarge(origin: string, size?: number): NanoopsError {
  const measured = size === undefined ? `more than ${largestFileBytes}` : String(size);
  return failure('ConfigTooLarge', `${printable(origin)} has ${measured} bytes; at most ${largestFileBytes} are read`, {
    nextStep: 'Check that --config names the configuration and not some other file.',
  });
}

async function notFound(path: string, origin: string, cwd: string): Promise<NanoopsError> {
  if (await isThere(path)) {
    return failure('ConfigUnreadable', `${printable(origin)} is a link to something that is not there`, {
      nextStep: 'Mend the link, or name the file itself with --config.',
    });
  }
  if (/[*?[{]/.test(origin)) {
    return failure('ConfigNotFound', `there is no file ${printable(origin)}, and this command takes one stack only`, {
      nextStep:
        'Name one file with --config. Patterns are for commands that report: status, slo, checks run, checklist weekly, alerts check, backup verify, dr readiness, logs errors, logs slow-queries, logs conformance, tune, capacity forecast.',
    });
  }
  const folder = dirname(path);
  const alike = await alikeIn(folder, basename(path));
  const meant = alike === undefined ? '' : ` Did you mean ${printable(relative(cwd, join(folder, alike)))}?`;
  return failure('ConfigNotFound', `there is no file ${printable(origin)} (looked for ${printable(path)})`, {
    nextStep: `Check the name after --config.${meant} ${tryWithout}`,
  });
}

async function alikeIn(folder: string, name: string): Promise<string | undefined> {
  try {
    const names = await readdir(folder);
    return nearest(
      name,
      names.filter((each) => /\.ya?ml$/.test(each)),
    );
  } catch {
    // Only a hint: a folder that cannot be listed gives none.
    return undefined;
  }
}

function unreadable(path: string, origin: string, cause: unknown): NanoopsError {
  const code = codeOf(cause);
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ELOOP: 'its links go in a circle',
    ENAMETOOLONG: 'the name is too long',
    EIO: 'the disk gave an error',
  };
  const reason = reasons[code ?? ''] ?? code ?? 'unknown reason';
  return failure('ConfigUnreadable', `${printable(origin)} cannot be read: ${reason}`, {
    nextStep: `Check it: ls -l ${printable(path)}`,
    cause,
  });
}

function decode(bytes: Uint8Array, origin: string): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw notUtf8(`${printable(origin)} is UTF-16, not UTF-8`);
  }
  try {
    // Takes a byte order mark away.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const { line, column } = firstInvalid(bytes);
    throw notUtf8(`${printable(origin)}:${line}:${column} is not UTF-8`);
  }
}

function notUtf8(message: string): NanoopsError {
  return failure('ConfigNotUtf8', message, { nextStep: 'Save the file as UTF-8; its text can stay as it is.' });
}

/** A line feed is never part of another character in UTF-8, so lines can be judged one by one. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let line = 1, from = 0; from <= bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, from);
    const to = feed === -1 ? bytes.length : feed;
    const slice = bytes.subarray(from, to);
    try {
      strict.decode(slice);
    } catch {
      // The only way to ask whether bytes are valid; the answer is the column.
      return { line, column: lenient.decode(slice).indexOf('\uFFFD') + 1 };
    }
    from = to + 1;
  }
  return { line: 1, column: 1 };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function failure(
  code: string,
  message: string,
  options: Pick<NanoopsErrorOptions, 'nextStep' | 'cause'>,
): NanoopsError {
  return new NanoopsError(message, { code, exitCode: 2, ...options });
}
