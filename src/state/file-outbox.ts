/**
 * What could not be delivered and waits: `outbox/<scope>/<when>-<what>.json` on this machine, readable by its owner alone.
 * Whoever sends one takes it first, by renaming it, so that two processes never send the same. Knows nothing of what is in them.
 */
import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../engine/journal-store.ts';
import { fileError, systemCodeOf } from './file-errors.ts';
import { makeKeptFolder, namesIn, refuseLinks, replaceFile, textOf } from './private-files.ts';

export interface FileOutbox {
  /**
   * Keeps a text under a name; one that waits under this name already stays.
   *
   * @throws StateError `unwritable`
   */
  keep(name: string, text: string, nowMs: number): Promise<void>;
  /**
   * What waits, oldest first. Not what somebody has taken, unless that is so long ago that they died of it.
   *
   * @throws StateError `unreadable`
   */
  list(nowMs: number): Promise<readonly Kept[]>;
  /**
   * What somebody has taken, and has neither sent nor given back so far.
   *
   * @throws StateError `unreadable`
   */
  taken(): Promise<readonly Kept[]>;
  /** False where somebody else took it, or it is gone. */
  take(id: string, nowMs: number): Promise<boolean>;
  /** @throws StateError `unwritable` */
  giveBack(id: string): Promise<void>;
  /** @throws StateError `unwritable` */
  remove(id: string): Promise<void>;
}

export interface Kept {
  readonly id: string;
  readonly keptAt: number;
  readonly text: string;
}

/** Sending takes seconds; a process that took one ten minutes ago is gone. */
const takenForMs = 10 * 60_000;
const mostWaiting = 1_000;

const waitingForm = /^(\d{13})-([0-9a-f]{32})\.json$/;
const takenForm = /^(\d{13}-[0-9a-f]{32})\.taken-(\d{13})$/;

/** `folder`: see `stateFolder`. `scope`: whose messages these are. */
export function fileOutbox(folder: string, scope: string): FileOutbox {
  const own = join(folder, 'outbox', `${scope.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 100)}-${digestOf(scope)}`);
  const pathOf = (id: string): string => join(own, `${id}.json`);
  const names = async (): Promise<readonly string[]> => {
    refuseLinks(own, folder);
    return namesIn(own);
  };
  const takenPathOf = async (id: string): Promise<string | undefined> =>
    (await names()).filter((name) => takenForm.exec(name)?.[1] === id).map((name) => join(own, name))[0];

  return {
    async keep(name, text, nowMs) {
      const what = digestOf(name);
      try {
        const waiting = await names();
        if (waiting.some((each) => each.includes(what))) return;
        if (waiting.length >= mostWaiting) {
          throw new StateError('unwritable', `${own} holds ${mostWaiting} messages that wait`, 'nanoops notify flush');
        }
        await makeKeptFolder(own, folder);
        await replaceFile(pathOf(`${String(nowMs).padStart(13, '0')}-${what}`), text);
      } catch (error) {
        if (error instanceof StateError) throw error;
        throw fileError('unwritable', error, own, 'The message is not sent later.');
      }
    },
    async list(nowMs) {
      try {
        for (const name of await names()) {
          const [, id, takenAt] = takenForm.exec(name) ?? [];
          if (id === undefined || nowMs - Number(takenAt) < takenForMs) continue;
          await rename(join(own, name), pathOf(id)).catch(ignoreMissing);
        }
        const kept: Kept[] = [];
        for (const name of (await names()).toSorted()) {
          const at = waitingForm.exec(name)?.[1];
          if (at === undefined) continue;
          const text = await textOf(join(own, name)).catch(ignoreMissing);
          if (text !== undefined) kept.push({ id: name.slice(0, -'.json'.length), keptAt: Number(at), text });
        }
        return kept;
      } catch (error) {
        throw fileError('unreadable', error, own, 'What waits to be sent is unknown.');
      }
    },
    async taken() {
      try {
        const kept: Kept[] = [];
        for (const name of (await names()).toSorted()) {
          const id = takenForm.exec(name)?.[1];
          const text = id === undefined ? undefined : await textOf(join(own, name)).catch(ignoreMissing);
          if (id !== undefined && text !== undefined) kept.push({ id, keptAt: Number(id.slice(0, 13)), text });
        }
        return kept;
      } catch (error) {
        throw fileError('unreadable', error, own, 'What others are sending is unknown.');
      }
    },
    async take(id, nowMs) {
      try {
        refuseLinks(own, folder);
        await rename(pathOf(id), join(own, `${id}.taken-${String(nowMs).padStart(13, '0')}`));
        return true;
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return false;
        throw fileError('unwritable', error, own, 'It was not sent.');
      }
    },
    async giveBack(id) {
      const taken = await takenPathOf(id);
      if (taken === undefined) return;
      try {
        await rename(taken, pathOf(id));
      } catch (error) {
        throw fileError('unwritable', error, own, 'It is sent some ten minutes later.');
      }
    },
    async remove(id) {
      try {
        for (const path of [pathOf(id), await takenPathOf(id)]) if (path !== undefined) await rm(path, { force: true });
      } catch (error) {
        throw fileError('unwritable', error, own, 'It may be sent a second time.');
      }
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Somebody else was quicker. */
function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) !== 'ENOENT') throw error;
}
