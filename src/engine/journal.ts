/**
 * A run's journal: events, each with the hash of the one before, handed to a store in order. Hashes show that a record was
 * altered, lost or put in later; who can rewrite the whole file can rewrite its hashes too, so they prove care and not
 * innocence.
 */
import type { Digest } from './change.ts';
import type { Clock } from './clock.ts';
import type { RunEvent } from './events.ts';
import { journalVersion, StateError, type JournalRecord, type JournalStore, type KeptEvent } from './journal-store.ts';
import { canonicalTextOf } from './plain.ts';

const noHash = '0'.repeat(64);

/** `previous`: the hash of the record before; of none, where it is the first. */
export function recordOf<Event extends KeptEvent>(
  event: Event,
  previous: string | undefined,
  digest: Digest,
): JournalRecord<Event> {
  const before = previous ?? noHash;
  return { version: journalVersion, previous: before, hash: hashOf(event, before, digest), event };
}

function hashOf(event: KeptEvent, previous: string, digest: Digest): string {
  return digest(`${previous}\n${canonicalTextOf(event, `the event ${event.type}`)}`);
}

/** What is wrong with a journal, in the order of its records; empty where its chain holds. */
export function faultsOf(records: readonly JournalRecord<KeptEvent>[], digest: Digest): readonly string[] {
  const chain = new Chain(digest);
  for (const record of records) chain.take(record);
  return chain.faults;
}

/** A journal's chain of hashes, checked record by record: nothing of a record is kept but its hash. */
export class Chain {
  /** What is wrong with the records so far, in their order. */
  readonly faults: string[] = [];
  private readonly digest: Digest;
  private last: string | undefined;
  private records = 0;

  constructor(digest: Digest) {
    this.digest = digest;
  }

  /** The newest hash; undefined while there is no record. */
  get head(): string | undefined {
    return this.last;
  }

  take(record: JournalRecord<KeptEvent>): void {
    const { event, hash } = record;
    this.records += 1;
    const fault = (problem: string): void => {
      this.faults.push(`record ${this.records} (${event.type}) ${problem}`);
    };
    if (event.seq !== this.records) fault(`says that it is number ${event.seq}`);
    if (record.previous !== (this.last ?? noHash)) fault('does not follow the record before it');
    if (hashOf(event, record.previous, this.digest) !== hash) fault('was altered');
    this.last = hash;
  }
}

/** Writes a run's events, each after those before it. */
export class Journal {
  private readonly store: JournalStore;
  private readonly runId: string;
  private readonly digest: Digest;
  private readonly clock: Clock;
  private previous: string;
  private waiting: JournalRecord[] = [];
  private writing: Promise<void> | undefined;
  /** The first failure to write, after which nothing is written any more: a gap would be worse than an end. */
  private broken: StateError | undefined;
  private told: ((failure: StateError) => void) | undefined;

  /** `before`: what the journal holds already. */
  constructor(
    store: JournalStore,
    runId: string,
    tools: { readonly digest: Digest; readonly clock: Clock; readonly before?: readonly JournalRecord[] },
  ) {
    this.store = store;
    this.runId = runId;
    this.digest = tools.digest;
    this.clock = tools.clock;
    this.previous = tools.before?.at(-1)?.hash ?? noHash;
  }

  /** `tell` is called once, when something cannot be written. */
  watch(tell: (failure: StateError) => void): void {
    this.told = tell;
  }

  /** Takes an event in; it is written as soon as those before it are. */
  add(event: RunEvent): void {
    const record = recordOf(event, this.previous, this.digest);
    this.previous = record.hash;
    this.waiting.push(record);
    this.writing ??= this.clock.busy(() => this.drain());
  }

  /** @throws StateError when something of what was added so far could not be written. */
  async synced(): Promise<void> {
    await this.writing;
    if (this.broken !== undefined) throw this.broken;
  }

  private async drain(): Promise<void> {
    // What comes while a write is under way goes with the next one: a sync costs the same for one record and for ten.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      if (this.broken !== undefined) continue;
      try {
        await this.store.append(this.runId, batch);
      } catch (error) {
        this.broken = stateErrorOf(error, this.store.name);
        this.told?.(this.broken);
      }
    }
    this.writing = undefined;
  }
}

function stateErrorOf(error: unknown, store: string): StateError {
  if (error instanceof StateError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new StateError('unwritable', `the journal in ${store} cannot be written: ${said}`, 'look at that store', {
    cause: error,
  });
}
