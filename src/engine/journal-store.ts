/**
 * Where journals are kept: the port, and what can go wrong behind it. A store keeps records in order and never alters
 * one; what they mean, and that their chain of hashes holds, is the journal's business (`journal.ts`). A journal is of a
 * run, or of something else that is told in events: an incident.
 */
import type { RunEvent } from './events.ts';

/** The version of the journal's form. A newer one is refused, an older one can be read. */
export const journalVersion = 1;

/** What every event has that is kept in a journal. `seq` counts from 1 without gaps; `at` is in epoch milliseconds. */
export interface KeptEvent {
  readonly type: string;
  readonly seq: number;
  readonly at: number;
}

/** An event as it is kept. */
export interface JournalRecord<Event extends KeptEvent = RunEvent> {
  readonly version: number;
  /** The `hash` of the record before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 of `previous` and the event, as hexadecimal digits. */
  readonly hash: string;
  readonly event: Event;
}

/** A journal as it was found. */
export interface StoredJournal<Event extends KeptEvent = RunEvent> {
  readonly records: readonly JournalRecord<Event>[];
  /**
   * True where the last line was cut off in the writing: it was never acknowledged, so nothing was done on its
   * strength. It is left out of `records`; the next `append` puts itself in its place.
   */
  readonly torn: boolean;
}

/** What is left of a journal whose records were shown. */
export interface ScannedJournal {
  readonly records: number;
  /** As in `StoredJournal`. */
  readonly torn: boolean;
}

export interface JournalStore<Event extends KeptEvent = RunEvent> {
  /** How the store is called in messages: a folder, or `DynamoDB table nanoops in us-east-1`. */
  readonly name: string;
  /**
   * Appends records to the journal of a run, all or none, and resolves once they are where a crash cannot take them. The
   * first record of a run has `event.seq` 1 and begins its journal.
   *
   * @throws StateError `conflict` when the journal already has a record of that `seq`: somebody else goes on with the run.
   */
  append(runId: string, records: readonly JournalRecord<Event>[]): Promise<void>;
  /** @throws StateError `not-found`, `corrupt`, `newer-version`. */
  read(runId: string): Promise<StoredJournal<Event>>;
  /**
   * Shows the records that `read` gives, one after another, without holding them all; resolves with how many there were, and
   * whether the journal is torn. Of stores that have nothing to gain by it there is none: see `scanJournal`.
   *
   * @throws StateError as `read` does; what was shown before that is worth nothing.
   */
  readonly scan?: (runId: string, show: (record: JournalRecord<Event>) => void) => Promise<ScannedJournal>;
  /** The ids of all that it holds, from the last to the first: of runs, newest first (their ids begin with their time). */
  list(): Promise<readonly string[]>;
}

/** Shows the records of a journal in any store, one after another; as `scan` says. */
export async function scanJournal<Event extends KeptEvent>(
  store: JournalStore<Event>,
  runId: string,
  show: (record: JournalRecord<Event>) => void,
): Promise<ScannedJournal> {
  if (store.scan !== undefined) return store.scan(runId, show);
  const { records, torn } = await store.read(runId);
  for (const record of records) show(record);
  return { records: records.length, torn };
}

/**
 * - `unwritable`: no space, a read-only folder, no permission, a closed table.
 * - `unreadable`: the store does not answer, or what it holds is no journal.
 * - `missing`: the store itself is not there: the table was never created.
 * - `not-found`: the store is there, the run is not.
 * - `corrupt`: what it holds was altered or damaged.
 * - `newer-version`: a newer nanoops wrote it.
 * - `conflict`: somebody else wrote first.
 */
export type StateErrorKind =
  | 'unwritable'
  | 'unreadable'
  | 'missing'
  | 'not-found'
  | 'corrupt'
  | 'newer-version'
  | 'conflict';

/** nanoops' own state cannot be read or written. The message says what, where, and what it means. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly errorClass = 'state';
  readonly kind: StateErrorKind;
  readonly details: { readonly nextStep: string };

  constructor(kind: StateErrorKind, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.details = { nextStep };
  }
}
