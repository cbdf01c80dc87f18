/**
 * What an account costs, as AWS told and charged for: `costs/<account>-<day>.json` in the cache's folder, the newest of each
 * account. Knows nothing of what the texts mean.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, systemCodeOf } from './file-errors.ts';
import { makeKeptFolder, namesIn, refuseLinks, replaceFile, textOf } from './private-files.ts';

export interface FileCosts {
  /**
   * The text that was kept for the account and the day (`2026-11-23`); undefined where there is none.
   *
   * @throws StateError `unreadable`
   */
  load(account: string, day: string): Promise<string | undefined>;
  /**
   * Keeps it, and nothing else of the account.
   *
   * @throws StateError `unwritable`
   */
  save(account: string, day: string, text: string): Promise<void>;
}

const accountForm = /^\d{12}$/;
const dayForm = /^\d{4}-\d{2}-\d{2}$/;

/** `folder`: see `cacheFolder`. It is made when the first text is kept. */
export function fileCosts(folder: string): FileCosts {
  const costs = join(folder, 'costs');
  const nameOf = (account: string, day: string): string => {
    if (!accountForm.test(account) || !dayForm.test(day)) throw new RangeError(`${account} ${day} names no costs`);
    return `${account}-${day}.json`;
  };
  return {
    async load(account, day) {
      const path = join(costs, nameOf(account, day));
      try {
        refuseLinks(costs, folder);
        return await textOf(path);
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined;
        throw fileError('unreadable', error, path, 'AWS is asked again.');
      }
    },
    async save(account, day, text) {
      const name = nameOf(account, day);
      const path = join(costs, name);
      try {
        await makeKeptFolder(costs, folder);
        await replaceFile(path, text);
        const others = (await namesIn(costs)).filter((other) => other.startsWith(`${account}-`) && other !== name);
        await Promise.all(others.map((other) => rm(join(costs, other), { force: true })));
      } catch (error) {
        throw fileError('unwritable', error, path, 'AWS will be asked again the next time.');
      }
    },
  };
}
