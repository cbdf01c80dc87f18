/** Where runs and leases are kept: on this machine, and in a team's table where the configuration names one. */
import { Telling, type RunHistory } from '../engine/history.ts';
import {
  scanJournal,
  StateError,
  type JournalRecord,
  type JournalStore,
  type StoredJournal,
} from '../engine/journal-store.ts';
import { Chain } from '../engine/journal.ts';
import type { RunEvent } from '../engine/events.ts';
import type { LeaseStore } from '../engine/lease-store.ts';
import { NanoopsError } from '../errors.ts';
import { runShapes, shapeChecker } from './event-shapes.ts';
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
  /** Why what is kept on this machine may be gone. */
  readonly fleeting?: string;
}

export interface FoundRun extends StoredJournal {
  readonly store: StateStore;
}

/** @throws NanoopsError `UnknownRun`; StateError where a store cannot be read and none has it. */
export async function findRun(stores: Stores, runId: string): Promise<FoundRun> {
  return readRun(stores, runId, async (store) => ({ ...(await store.journals.read(runId)), store }));
}

/** The first answer of a store that has the run. Throws as `findRun` does. */
export async function readRun<T>(
  { all, fleeting }: Stores,
  runId: string,
  read: (store: StateStore) => Promise<T>,
): Promise<T> {
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
    details: [
      ...(fleeting === undefined ? [] : [fleeting]),
      'a run that only looked keeps no journal: what it found is in its own report, and in the incident that it was linked with',
    ],
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
  const events: RunEvent[] = [];
  const reading = new Reading((event) => events.push(event));
  for (const record of records) reading.take(record);
  reading.end(runId, store);
  return events;
}

/**
 * Shows the events that `eventsOf` gives one after another, without holding them all; resolves with whether the last record
 * was cut off. Throws as `eventsOf` and the store do; what was shown before that is worth nothing.
 */
async function scanEvents(
  { journals, name }: Pick<StateStore, 'journals' | 'name'>,
  runId: string,
  show: (event: RunEvent) => void,
): Promise<{ readonly torn: boolean }> {
  const reading = new Reading(show);
  const { torn } = await scanJournal(journals, runId, (record) => reading.take(record));
  reading.end(runId, { name });
  return { torn };
}

/** What a run came to, by its events, each of which is shown. Throws as `scanEvents` does. */
export async function readHistory(
  store: Pick<StateStore, 'journals' | 'name'>,
  runId: string,
  show: (event: RunEvent) => void = () => undefined,
): Promise<{ readonly history: RunHistory; readonly torn: boolean }> {
  let telling: Telling | undefined;
  const { torn } = await scanEvents(store, runId, (event) => {
    show(event);
    if (telling !== undefined) telling.take(event);
    else if (event.type === 'run.started') telling = new Telling(event);
  });
  if (telling === undefined) throw new TypeError(`the events of run ${runId} do not begin with its start`);
  return { history: telling.history(), torn };
}

/** A run's records as they come in, checked one by one. Nothing is shown of what comes after a fault. */
class Reading {
  private readonly show: (event: RunEvent) => void;
  private readonly chain = new Chain(sha256);
  private readonly misshapenAt = shapeChecker(runShapes);
  private misshapen: string | undefined;
  private first: RunEvent['type'] | undefined;
  private records = 0;

  constructor(show: (event: RunEvent) => void) {
    this.show = show;
  }

  take(record: JournalRecord): void {
    const { event } = record;
    this.records += 1;
    this.first ??= event.type;
    this.chain.take(record);
    this.misshapen ??= this.misshapenAt(event, this.records);
    if (this.first !== 'run.started' || this.chain.faults.length > 0 || this.misshapen !== undefined) return;
    this.show(event);
  }

  /** @throws StateError as `eventsOf` says. */
  end(runId: string, store: Pick<StateStore, 'name'>): void {
    const [altered, ...more] = this.chain.faults;
    const fault = altered ?? this.misshapen;
    if (fault !== undefined) {
      const others = more.length === 0 ? '' : `, and ${more.length} more`;
      throw new StateError(
        'corrupt',
        `the journal of run ${runId} in ${store.name} was altered: ${fault}${others}. Nothing is read from it.`,
        `nanoops runs verify ${runId}`,
      );
    }
    if (this.first === 'run.started') return;
    const problem = this.records === 0 ? 'holds no whole record' : 'does not begin with the start of a run';
    throw new StateError(
      'corrupt',
      `the journal of run ${runId} in ${store.name} ${problem}: either the run ended before it did anything, or the journal was altered`,
      'look at AWS itself for what the run did (CloudTrail), or begin a new one: nanoops runbook list',
    );
  }
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
