/** Where nanoops keeps its own state on this machine, and how that folder is laid out. Nothing is read or made here. */
import { StateError } from '../engine/journal-store.ts';
import { isAbsolute, join } from 'node:path';

/**
 * `$XDG_STATE_HOME/nanoops`, or `~/.local/state/nanoops`. A relative path in the variable is invalid and ignored, as
 * the XDG Base Directory Specification wants it.
 *
 * @throws StateError `unwritable` where there is no home folder: one that depends on where one stands would be none.
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>>, homedir: () => string): string {
  const stateHome = env['XDG_STATE_HOME'] ?? '';
  if (isAbsolute(stateHome)) return join(stateHome, 'nanoops');
  const home = homedir();
  if (isAbsolute(home)) return join(home, '.local', 'state', 'nanoops');
  throw new StateError(
    'unwritable',
    'there is no home folder to keep journals and leases in. Nothing was done.',
    'set HOME, or XDG_STATE_HOME to a folder of your own',
  );
}

/** The folder that holds a folder for every run. */
export function runsFolder(folder: string): string {
  return join(folder, 'runs');
}

const runIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** True of what can be the id of a run: letters, digits, `.`, `_` and `-`, so that it names a file and no path. */
export function isRunId(text: string): boolean {
  return runIdForm.test(text);
}

/**
 * The folder of one run.
 *
 * @throws StateError `not-found` for what cannot be the id of a run.
 */
export function runFolder(folder: string, runId: string): string {
  if (!isRunId(runId)) throw notFound(runId, folder);
  return join(runsFolder(folder), runId);
}

/** `store` is how the store is called in messages. */
export function notFound(runId: string, store: string): StateError {
  return new StateError(
    'not-found',
    `there is no run ${JSON.stringify(runId)} in ${store}`,
    'nanoops runs list names the runs that are there',
  );
}
