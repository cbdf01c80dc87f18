/**
 * Journals and leases in memory, with exactly the semantics of the stores that last: for tests, and for runs on a
 * simulated cloud that leave nothing behind. Records are kept as text, so that what is read is what was written and
 * nobody alters it by accident. A snapshot is plain data, and a store begun from it goes on where it was taken.
 */
import type { JournalRecord, JournalStore } from '../engine/journal-store.ts';
import type { Lease, LeaseStore } from '../engine/lease-store.ts';
import { conflict, firstSeqOf, linesOf, parseLines } from './journal-lines.ts';
import { leaseStoreOn, leaseText, parseLease, type LeaseRegister } from './lease-register.ts';
import { isRunId, notFound } from './state-folder.ts';

/** All that a store in memory holds. */
export interface MemorySnapshot {
  /** The text of each journal, as `journal-lines.ts` writes it, by run id. */
  readonly journals: { readonly [runId: string]: string };
  /** The newest version of each lease, by resource. */
  readonly leases: { readonly [resource: string]: { readonly version: number; readonly text: string } };
}

export interface MemoryState {
  readonly journals: JournalStore;
  readonly leases: LeaseStore;
  /** What it holds now; later changes do not reach it. */
  snapshot(): MemorySnapshot;
}

const storeName = 'memory';

/** `from`: what it holds at first; nothing when absent. */
export function memoryState(from: MemorySnapshot = { journals: {}, leases: {} }): MemoryState {
  const journals = new Map(
    Object.entries(from.journals).map(([runId, text]) => [runId, { text, last: parse(runId, text).length }]),
  );
  const leases = new Map(Object.entries(from.leases));
  return {
    journals: journalsOn(journals),
    leases: leaseStoreOn(registerOn(leases)),
    snapshot: () => ({
      journals: Object.fromEntries([...journals].map(([runId, { text }]) => [runId, text])),
      leases: Object.fromEntries(leases),
    }),
  };
}

// Nothing is awaited between a look and a write here: that is what makes each of them atomic.

function parse(runId: string, text: string): readonly JournalRecord[] {
  return parseLines(Buffer.from(text), `the journal of run ${runId}`).records;
}

/** `last`: the `seq` of the last record in the text. */
function journalsOn(journals: Map<string, { readonly text: string; readonly last: number }>): JournalStore {
  return {
    name: storeName,
    async append(runId, [head, ...rest]) {
      if (!isRunId(runId)) throw notFound(runId, storeName);
      if (head === undefined) return;
      const records = [head, ...rest] as const;
      const first = firstSeqOf(records);
      const { text, last } = journals.get(runId) ?? { text: '', last: 0 };
      if (last !== first - 1) throw conflict(runId, storeName, first, last);
      journals.set(runId, { text: text + linesOf(records), last: last + records.length });
    },
    async read(runId) {
      const journal = journals.get(runId);
      if (journal === undefined) throw notFound(runId, storeName);
      return { records: parse(runId, journal.text), torn: false };
    },
    async list() {
      return [...journals.keys()].toSorted((a, b) => (a < b ? 1 : -1));
    },
  };
}

function registerOn(versions: Map<string, { readonly version: number; readonly text: string }>): LeaseRegister {
  return {
    name: storeName,
    async read(resource) {
      const found = versions.get(resource);
      return found === undefined ? undefined : { version: found.version, lease: leaseOf(resource, found.text) };
    },
    async swap(seen, next) {
      const version = seen?.version ?? 0;
      if ((versions.get(next.resource)?.version ?? 0) !== version) return false;
      versions.set(next.resource, { version: version + 1, text: leaseText(next) });
      return true;
    },
    async all() {
      return [...versions].map(([resource, { text }]) => leaseOf(resource, text));
    },
  };
}

function leaseOf(resource: string, text: string): Lease {
  return parseLease(text, `the lease on ${resource}`);
}
