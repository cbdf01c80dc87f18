/**
 * What checks keep for the next run: `kept/<stack>.json` on this machine, one file for each stack, environment and region,
 * readable by its owner alone. Bounded. Knows nothing of what it holds.
 */
import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../engine/journal-store.ts';
import { fileError, systemCodeOf } from './file-errors.ts';
import { makeKeptFolder, refuseLinks, replaceFile, textOf } from './private-files.ts';

export interface KeptFiles {
  /**
   * By the id of the check; nothing where nothing was kept.
   *
   * @throws StateError `unreadable`, `corrupt`
   */
  load(stack: string): Promise<Readonly<Record<string, unknown>>>;
  /**
   * In the place of what was there; a crash leaves one of the two, whole.
   *
   * @throws StateError `unwritable`
   */
  save(stack: string, kept: Readonly<Record<string, unknown>>): Promise<void>;
}

const mostBytes = 8 * 1024 * 1024;

/** `folder`: see `stateFolder`. */
export function keptFiles(folder: string): KeptFiles {
  const keptIn = join(folder, 'kept');
  const pathOf = (stack: string): string => {
    // Readable, and one for each stack also where file systems do not tell `A` from `a`.
    const digest = createHash('sha256').update(stack).digest('hex').slice(0, 12);
    return join(keptIn, `${stack.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 100)}-${digest}.json`);
  };
  return {
    async load(stack) {
      const path = pathOf(stack);
      let text: string;
      try {
        refuseLinks(keptIn, folder);
        if ((await lstat(path)).size > mostBytes) throw corrupt(path, 'is larger than anything that is kept');
        text = await textOf(path);
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return {};
        throw fileError('unreadable', error, path, 'What earlier runs kept is unknown.');
      }
      const kept = objectIn(text);
      if (kept === undefined) throw corrupt(path, 'holds no JSON object');
      return kept;
    },
    async save(stack, kept) {
      const path = pathOf(stack);
      const text = `${JSON.stringify(kept)}\n`;
      if (Buffer.byteLength(text) > mostBytes) throw new RangeError(`${text.length} characters are too much to keep`);
      try {
        await makeKeptFolder(keptIn, folder);
        await replaceFile(path, text);
      } catch (error) {
        throw fileError('unwritable', error, path, 'The next run will not know what this one saw.');
      }
    },
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // No JSON: whoever asked says so.
  }
}

function corrupt(path: string, problem: string): StateError {
  return new StateError('corrupt', `${path} ${problem}`, `remove ${path}: the next runs begin anew`);
}
