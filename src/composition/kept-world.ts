/** Keeps a simulated run's world with its journal: as it was at the beginning, and after every change. */
import type { WorldSnapshot } from '../sandbox/sandbox.ts';
import type { Io } from './io.ts';
import { openFileState } from './stores.ts';

export interface KeptWorld {
  /** The text of a run's world; undefined where none was kept. */
  load(runId: string): Promise<string | undefined>;
  /** Called when the run is begun or taken up: who is refused keeps nothing over what others have done. */
  begun(runId: string, snapshot: () => WorldSnapshot): void;
  /** Called when the process is done with it. */
  ended(snapshot: WorldSnapshot): void;
  /** Called before a simulated change is answered: who dies afterwards finds it made. */
  readonly changed: (snapshot: WorldSnapshot) => void;
}

/** A rehearsal changes nothing in the world that it looks at, and keeps none. */
export async function keptWorld(io: Io, mode: 'dry-run' | 'execute'): Promise<KeptWorld> {
  const { worlds } = await openFileState(io);
  let run: string | undefined;
  const save = (snapshot: WorldSnapshot): void => {
    if (run !== undefined && mode === 'execute') worlds.saveWorldSync(run, JSON.stringify(snapshot));
  };
  return {
    load: (runId) => worlds.loadWorld(runId),
    begun(runId, snapshot) {
      run = runId;
      save(snapshot());
    },
    ended: save,
    changed: save,
  };
}
