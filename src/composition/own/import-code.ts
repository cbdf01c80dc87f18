/**
 * Loads a team's TypeScript or JavaScript without a build step. `nanoops` in it means this very program, whether or not it is
 * installed beside the file, so that what is made there is made by the same modules (docs/decisions/0019-own-runbooks.md).
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { createJiti } from 'jiti/static';
import * as api from '../../api.ts';

const longestLoadMs = 10_000;

export interface ImportedCode {
  readonly exports: Readonly<Record<string, unknown>>;
  /** The text of every file of the team's that it is made of, by its absolute path: its own, and those that it imports. */
  readonly sources: ReadonlyMap<string, string>;
}

/** What went wrong in a team's code while it was loaded. */
export class ImportProblem extends Error {
  override readonly name = 'ImportProblem';
  /** Where, as far as it can be told: an absolute path, and a line from 1. */
  readonly place: { readonly file: string; readonly line?: number };

  constructor(message: string, place: ImportProblem['place'], cause: unknown) {
    super(message, { cause });
    this.place = place;
  }
}

/** @throws ImportProblem for whatever the file's text, or what it does when it is loaded, throws. */
export async function importCode(file: string): Promise<ImportedCode> {
  const jiti = createJiti(join(dirname(file), sep), {
    // Where others can write, a cache of code would be code of theirs.
    fsCache: false,
    tryNative: false,
    interopDefault: false,
    virtualModules: { nanoops: api },
  });
  const before = new Set(Object.keys(jiti.cache));
  const loaded = (): readonly string[] =>
    Object.keys(jiti.cache).filter((each) => !before.has(each) && !each.includes(`${sep}node_modules${sep}`));
  try {
    const exports: unknown = await withinTime(jiti.import(file));
    const sources = await Promise.all(loaded().map(async (each) => [each, await readFile(each, 'utf8')] as const));
    return {
      exports: typeof exports === 'object' && exports !== null ? { ...exports } : {},
      sources: new Map(sources),
    };
  } catch (error) {
    throw new ImportProblem(messageOf(error), placeIn(error, [file, ...loaded()]), error);
  } finally {
    // Modules are remembered by their paths: who loads the file again is to get what it says then.
    for (const each of loaded()) delete jiti.cache[each];
  }
}

/** Code that waits for what never comes would end the process without a word. */
async function withinTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it is not loaded after ${longestLoadMs / 1000} s: what does it wait for?`)),
      longestLoadMs,
    );
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const [first = ''] = said.split('\n');
  return first.replace(/^ParseError:\s*/, '').trim() || 'it cannot be loaded';
}

/** The first place in one of the team's files that the error tells of; else the first of the files, without a line. */
export function placeIn(error: unknown, files: readonly string[]): ImportProblem['place'] {
  const told = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : '';
  const places = files.flatMap((file) => {
    const at = told.indexOf(`${file}:`);
    const line = Number.parseInt(told.slice(at + file.length + 1), 10);
    return at === -1 || Number.isNaN(line) ? [] : [{ at, file, line }];
  });
  const [first] = places.toSorted((one, other) => one.at - other.at);
  return first === undefined ? { file: files[0] ?? '' } : { file: first.file, line: first.line };
}
