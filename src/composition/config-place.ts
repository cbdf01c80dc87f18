/** Puts a configuration where it is to be: all of it or nothing, and never over another one that nobody gave up. */
import { constants } from 'node:fs';
import { access, copyFile, link, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import { NanoopsError } from '../errors.ts';

export interface ConfigPlace {
  /** As somebody would name it from the current folder. */
  readonly name: string;
  readonly path: string;
  check(): Promise<void>;
  write(text: string): Promise<{ readonly backup?: string }>;
}

export function configPlace(cwd: string, to: string, force: boolean): ConfigPlace {
  const path = resolve(cwd, to);
  const short = relative(cwd, path);
  const name = short.startsWith('..') ? path : short;
  return { name, path, check: () => check(path, name, force), write: (text) => write(path, name, text, force) };
}

async function check(path: string, name: string, force: boolean): Promise<void> {
  const there = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw notWritten(name, error, 2);
  });
  if (there !== undefined && !force) throw taken(name);
  if (there !== undefined && !there.isFile()) {
    throw new NanoopsError(`${name} is no ordinary file, so it is not replaced`, {
      code: 'FileNotWritten',
      exitCode: 2,
      nextStep: 'choose another name: --to <file>',
    });
  }
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw notWritten(name, error, 2);
  });
}

async function write(path: string, name: string, text: string, force: boolean): Promise<{ readonly backup?: string }> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { flag: 'wx', flush: true });
    if (force) {
      const backup = await keep(path);
      await rename(draft, path);
      return backup === undefined ? {} : { backup: join(dirname(name), backup) };
    }
    // A link is refused where something is: between the look and now somebody may have written it.
    await link(draft, path);
    return {};
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? taken(name) : notWritten(name, error, 5);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The name of the copy; undefined where there is nothing to keep. A copy of before is never replaced. */
async function keep(path: string): Promise<string | undefined> {
  for (let number = 0; ; number += 1) {
    const backup = `${path}.bak${number === 0 ? '' : `.${number}`}`;
    try {
      await copyFile(path, backup, constants.COPYFILE_EXCL);
      return basename(backup);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function taken(name: string): NanoopsError {
  return new NanoopsError(`there is a ${name} already, and it is not overwritten`, {
    code: 'FileExists',
    exitCode: 2,
    nextStep:
      'choose another name with --to <file>, look first with --dry-run, or replace it with --force (a copy is kept)',
  });
}

function notWritten(name: string, error: unknown, exitCode: 2 | 5): NanoopsError {
  return new NanoopsError(`${name} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
    code: 'FileNotWritten',
    exitCode,
    nextStep: 'choose another place: --to <file>',
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
