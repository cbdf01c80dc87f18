/** The simulated worlds of runs on the sandbox: `runs/<run id>/world.json`, so that such a run can be resumed, too. */
import { join } from 'node:path';
import { fileError, systemCodeOf } from './file-errors.ts';
import { makeKeptFolder, refuseLinks, replaceFile, replaceFileSync, textOf } from './private-files.ts';
import { runFolder } from './state-folder.ts';

export interface FileWorlds {
  /**
   * Keeps a run's world in the place of the one before; a crash leaves one of the two, whole.
   *
   * @throws StateError `unwritable`; `not-found` for what cannot be the id of a run.
   */
  saveWorld(runId: string, text: string): Promise<void>;
  /** The same, over when it returns: for a world that is kept before a simulated call is answered. */
  saveWorldSync(runId: string, text: string): void;
  /** The world as it was kept last; undefined where there is none. */
  loadWorld(runId: string): Promise<string | undefined>;
}

const fileName = 'world.json';
const lost = 'The simulated world was not kept, so this run could not be resumed.';

/** `folder`: see `stateFolder`. */
export function fileWorlds(folder: string): FileWorlds {
  const pathOf = (runId: string): string => join(runFolder(folder, runId), fileName);
  return {
    async saveWorld(runId, text) {
      const path = pathOf(runId);
      try {
        await makeKeptFolder(runFolder(folder, runId), folder);
        await replaceFile(path, text);
      } catch (error) {
        throw fileError('unwritable', error, path, lost);
      }
    },
    saveWorldSync(runId, text) {
      const path = pathOf(runId);
      try {
        refuseLinks(runFolder(folder, runId), folder);
        replaceFileSync(path, text);
      } catch (error) {
        throw fileError('unwritable', error, path, lost);
      }
    },
    async loadWorld(runId) {
      const path = pathOf(runId);
      try {
        refuseLinks(runFolder(folder, runId), folder);
        return await textOf(path);
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined;
        throw fileError('unreadable', error, path, 'How the simulated world stood is unknown.');
      }
    },
  };
}
