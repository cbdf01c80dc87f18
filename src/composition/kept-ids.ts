/** What is kept on this machine, as completion asks for it, which must not wait for a table: ids of runs and incidents, steps of a run. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { incidentJournals, runJournals } from '../state/journal-kind.ts';
import { isRunId, runsFolder, stateFolder } from '../state/state-folder.ts';
import type { StepSummary } from '../engine/events.ts';
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

export async function keptSteps(io: Io, runId: string): Promise<readonly StepSummary[]> {
  const [{ fileJournalStore }, { readHistory }, { stepsToCome }] = await Promise.all([
    import('../state/file-journal.ts'),
    import('../use-cases/stores.ts'),
    import('../engine/open-steps.ts'),
  ]);
  try {
    const folder = stateFolder(io.env, homedir);
    const { history } = await readHistory({ journals: fileJournalStore(folder), name: folder }, runId);
    return history.isStepwise ? stepsToCome(history) : history.summaries;
  } catch {
    return []; // As above.
  }
}
