/** Where runs and leases are kept: on this machine, and in a team's table where the configuration names one. */
import type { JournalStore, StoredJournal } from '../engine/journal-store.ts';
import { StateError } from '../engine/journal-store.ts';
import type { LeaseStore } from '../engine/lease-store.ts';
import { NanoopsError } from '../errors.ts';

export interface StateStore {
  readonly name: string;
  readonly journals: JournalStore;
  readonly leases: LeaseStore;
}

/** `own` first: where new runs are kept. Simulated runs and rehearsals are always on this machine. */
export interface Stores {
  readonly own: StateStore;
  readonly all: readonly StateStore[];
}

export interface FoundRun extends StoredJournal {
  readonly store: StateStore;
}

/** @throws NanoopsError `UnknownRun`; StateError where a store cannot be read and none has it. */
export async function findRun({ all }: Stores, runId: string): Promise<FoundRun> {
  let unread: unknown;
  for (const store of all) {
    try {
      return { ...(await store.journals.read(runId)), store };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const isElsewhere = error.kind === 'not-found' || error.kind === 'missing' || error.kind === 'unreadable';
      if (!isElsewhere) throw error;
      if (error.kind !== 'not-found') unread ??= error;
    }
  }
  if (unread !== undefined) throw unread;
  throw new NanoopsError(`there is no run "${runId}" in ${all.map(({ name }) => name).join(' or ')}`, {
    code: 'UnknownRun',
    exitCode: 2,
    nextStep: 'nanoops runs list',
  });
}
