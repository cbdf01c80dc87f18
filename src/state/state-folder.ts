/** Where nanoops keeps its own state on this machine, and how that folder is laid out. Nothing is read or made here. */
import { StateError } from '../engine/journal-store.ts';
import { isAbsolute, join } from 'node:path';
import { runJournals, type JournalKind } from './journal-kind.ts';

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

/** The folder that holds a folder for every run; for every incident. */
export function runsFolder(folder: string, { plural }: JournalKind = runJournals): string {
  return join(folder, plural);
}

/** Where incidents of the simulated AWS are kept, apart from those of anything real. */
export function simulatedFolder(folder: string): string {
  return join(folder, 'sandbox');
}

const runIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** True of what can be the id of a run or an incident: letters, digits, `.`, `_` and `-`, so that it names a file and no path. */
export function isRunId(text: string): boolean {
  return runIdForm.test(text);
}

/**
 * The folder of one run, of one incident.
 *
 * @throws StateError `not-found` for what cannot be the id of one.
 */
export function runFolder(folder: string, runId: string, kind: JournalKind = runJournals): string {
  if (!isRunId(runId)) throw notFound(runId, folder, kind);
  return join(runsFolder(folder, kind), runId);
}

/** `store` is how the store is called in messages. */
export function notFound(runId: string, store: string, { noun, list }: JournalKind = runJournals): StateError {
  return new StateError('not-found', `there is no ${noun} ${JSON.stringify(runId)} in ${store}`, list);
}
