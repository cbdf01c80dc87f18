/** Ids of runs and incidents that are kept on this machine: for completion, which must not wait for a table. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { incidentJournals, runJournals } from '../state/journal-kind.ts';
import { isRunId, runsFolder, stateFolder } from '../state/state-folder.ts';
import type { Io } from './io.ts';

/** More than anybody reads. */
const most = 50;

export async function keptIds(io: Io, kind: 'runs' | 'incidents'): Promise<readonly string[]> {
  const folder = runsFolder(stateFolder(io.env, homedir), kind === 'runs' ? runJournals : incidentJournals);
  try {
    const names = await readdir(folder);
    // They begin with their time.
    return names.filter(isRunId).toSorted().toReversed().slice(0, most);
  } catch {
    // Nothing was kept yet, or not for these eyes: there is nothing to offer.
    return [];
  }
}
