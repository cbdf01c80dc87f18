/** Where runs and leases are kept: on this machine, and in a team's table where the configuration names one. */
import type { JournalStore, StoredJournal } from '../engine/journal-store.ts';
import { StateError } from '../engine/journal-store.ts';
import { faultsOf } from '../engine/journal.ts';
import type { RunEvent } from '../engine/events.ts';
import type { LeaseStore } from '../engine/lease-store.ts';
import { NanoopsError } from '../errors.ts';
import { misshapen, runShapes } from './event-shapes.ts';
import { sha256 } from './sha256.ts';

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
export async function findRun(stores: Stores, runId: string): Promise<FoundRun> {
  return readRun(stores, runId, async (store) => ({ ...(await store.journals.read(runId)), store }));
}

/** The first answer of a store that has the run. Throws as `findRun` does. */
export async function readRun<T>({ all }: Stores, runId: string, read: (store: StateStore) => Promise<T>): Promise<T> {
  let unread: unknown;
  for (const store of all) {
    try {
      return await read(store);
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

/**
 * What a run told, from its beginning. Nothing that was altered is shown, counted or gone on with: who reads it would take
 * it for what happened.
 *
 * @throws StateError `corrupt` for a journal that does not hold the beginning, whose chain of hashes does not hold, or whose
 * events are none.
 */
export function eventsOf(
  { records, store }: Pick<StoredJournal, 'records'> & { readonly store: Pick<StateStore, 'name'> },
  runId: string,
): readonly RunEvent[] {
  const events = records.map(({ event }) => event);
  const [altered, ...more] = faultsOf(records, sha256);
  const fault = altered ?? misshapen(events, runShapes);
  if (fault !== undefined) {
    const others = more.length === 0 ? '' : `, and ${more.length} more`;
    throw new StateError(
      'corrupt',
      `the journal of run ${runId} in ${store.name} was altered: ${fault}${others}. Nothing is read from it.`,
      `nanoops runs verify ${runId}`,
    );
  }
  if (events[0]?.type === 'run.started') return events;
  const problem = events.length === 0 ? 'holds no whole record' : 'does not begin with the start of a run';
  throw new StateError(
    'corrupt',
    `the journal of run ${runId} in ${store.name} ${problem}: either the run ended before it did anything, or the journal was altered`,
    'look at AWS itself for what the run did (CloudTrail), or begin a new one: nanoops runbook list',
  );
}

export interface Gathered<T> {
  readonly found: readonly T[];
  /** The stores that could not be read, each with why. */
  readonly unread: readonly { readonly name: string; readonly error: StateError }[];
}

/** Asks every store: one that does not answer must not hide what the others hold. @throws StateError where none answers. */
export async function gather<T>(
  { all }: Stores,
  ask: (store: StateStore) => Promise<readonly T[]>,
): Promise<Gathered<T>> {
  const answers = await Promise.all(
    all.map(async (store) => {
      try {
        return { found: await ask(store), unread: [] };
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        return { found: [], unread: [{ name: store.name, error }] };
      }
    }),
  );
  const unread = answers.flatMap((answer) => answer.unread);
  const [first] = unread;
  if (first !== undefined && unread.length === all.length) throw first.error;
  return { found: answers.flatMap((answer) => answer.found), unread };
}
