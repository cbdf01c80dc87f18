/** How a run's journal is written: in order, all of it or nothing more, and what is told of it. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { faultsOf, Journal, recordOf } from '../../src/engine/journal.ts';
import { scanJournal, StateError, type JournalRecord, type JournalStore } from '../../src/engine/journal-store.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { digest, runId } from './acting/stage.ts';
import { startMs } from './kit.ts';

const event = (seq: number): RunEvent => ({ type: 'step.started', stepId: `step-${seq}`, seq, at: startMs });

/** A store that keeps each batch, and fails where it is told to. */
function kept(append: (batch: number) => Promise<void> = () => Promise.resolve()) {
  const { journals } = memoryState();
  const batches: (readonly JournalRecord[])[] = [];
  const store: JournalStore = {
    ...journals,
    append: async (id, records) => {
      batches.push(records);
      await append(batches.length);
      await journals.append(id, records);
    },
  };
  return { store, batches, seqs: () => batches.map((batch) => batch.map((record) => record.event.seq)) };
}

function journalOn(store: JournalStore, before?: readonly JournalRecord[]): Journal {
  return new Journal(store, runId, { digest, clock: new VirtualClock(startMs), before });
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a record', () => {
  it('holds the hash of the one before, and 64 zeros where there is none', () => {
    const first = recordOf(event(1), undefined, digest);
    expect(first).toMatchObject({ version: 1, previous: '0'.repeat(64), event: event(1) });
    expect(recordOf(event(2), first.hash, digest).previous).toBe(first.hash);
  });

  it('is not made of what no journal can hold', () => {
    const odd: RunEvent = { type: 'run.finished', verdict: 'ok', durationMs: Number.NaN, seq: 1, at: startMs };
    expect(() => recordOf(odd, undefined, digest)).toThrow('the event run.finished.durationMs is NaN');
  });
});

describe('a journal', () => {
  it('writes what was added in its order, and what came during a write with the next one', async () => {
    let goOn: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => (goOn = resolve));
    const { store, seqs } = kept((batch) => (batch === 1 ? writing : Promise.resolve()));
    const journal = journalOn(store);
    journal.add(event(1));
    journal.add(event(2));
    await Promise.resolve();
    await Promise.resolve();
    journal.add(event(3));
    journal.add(event(4));
    goOn();
    await journal.synced();
    expect(seqs()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    journal.add(event(5));
    await journal.synced();
    expect(seqs()).toHaveLength(3);
    const { records } = await store.read(runId);
    expect(faultsOf(records, digest)).toEqual([]);
  });

  it('goes on from what it holds already', async () => {
    const { store } = kept();
    const first = journalOn(store);
    first.add(event(1));
    await first.synced();
    const { records: before } = await store.read(runId);
    const second = journalOn(store, before);
    second.add(event(2));
    await second.synced();
    expect(faultsOf((await store.read(runId)).records, digest)).toEqual([]);
  });

  it('has nothing to wait for where nothing was added', async () => {
    await expect(journalOn(kept().store).synced()).resolves.toBeUndefined();
  });
});

describe('a journal that cannot be written', () => {
  const full = new StateError('unwritable', 'the disk is full', 'make room');

  it('tells so once, and writes nothing any more', async () => {
    const { store, seqs } = kept((batch) => (batch === 2 ? Promise.reject(full) : Promise.resolve()));
    const journal = journalOn(store);
    const told: StateError[] = [];
    journal.watch((failure) => told.push(failure));
    for (const seq of [1, 2, 3]) {
      journal.add(event(seq));
      await rejection(journal.synced());
    }
    expect(seqs()).toEqual([[1], [2]]);
    expect(told).toEqual([full]);
    expect(await rejection(journal.synced())).toBe(full);
  });

  it('fails also where nobody watches', async () => {
    const journal = journalOn(kept(() => Promise.reject(full)).store);
    journal.add(event(1));
    expect(await rejection(journal.synced())).toBe(full);
  });

  it.each([
    { cause: new Error('EIO'), said: 'EIO' },
    { cause: 'no', said: 'no' },
  ])('says where, and what its store said: $said', async ({ cause, said }) => {
    const { store } = kept(() => Promise.reject(cause));
    const journal = journalOn(store);
    journal.add(event(1));
    expect(await rejection(journal.synced())).toMatchObject({
      name: 'StateError',
      errorClass: 'state',
      kind: 'unwritable',
      message: `the journal in memory cannot be written: ${said}`,
      details: { nextStep: 'look at that store' },
      cause,
    });
  });
});

describe('what is wrong with a chain', () => {
  const chain = (): JournalRecord[] => {
    const first = recordOf(event(1), undefined, digest);
    const second = recordOf(event(2), first.hash, digest);
    return [first, second, recordOf(event(3), second.hash, digest)];
  };

  it('is nothing where it holds', () => {
    expect(faultsOf(chain(), digest)).toEqual([]);
    expect(faultsOf([], digest)).toEqual([]);
  });

  it('is told of each record', () => {
    const [first, second, third] = chain();
    if (first === undefined || second === undefined || third === undefined) throw new Error('it is too short');
    expect(faultsOf([second, third], digest)).toEqual([
      'record 1 (step.started) says that it is number 2',
      'record 1 (step.started) does not follow the record before it',
      'record 2 (step.started) says that it is number 3',
    ]);
    expect(faultsOf([first, third], digest)).toEqual([
      'record 2 (step.started) says that it is number 3',
      'record 2 (step.started) does not follow the record before it',
    ]);
    expect(faultsOf([first, { ...second, event: event(2), hash: first.hash }, third], digest)).toEqual([
      'record 2 (step.started) was altered',
      'record 3 (step.started) does not follow the record before it',
    ]);
    const other = { ...second, event: { ...second.event, at: startMs + 1 } };
    expect(faultsOf([first, other, third], digest)).toEqual(['record 2 (step.started) was altered']);
  });
});

describe('a journal shown record by record', () => {
  const shownOf = async (store: JournalStore) => {
    const shown: number[] = [];
    return { scanned: await scanJournal(store, runId, (record) => shown.push(record.event.seq)), shown };
  };

  it('is read whole where its store has nothing better', async () => {
    const first = recordOf(event(1), undefined, digest);
    const records = [first, recordOf(event(2), first.hash, digest)];
    const { store } = kept();
    await store.append(runId, records);
    const torn: JournalStore = { ...store, read: async (id) => ({ ...(await store.read(id)), torn: true }) };
    expect(await shownOf(store)).toEqual({ scanned: { records: 2, torn: false }, shown: [1, 2] });
    expect(await shownOf(torn)).toEqual({ scanned: { records: 2, torn: true }, shown: [1, 2] });
  });

  it('is scanned where its store can', async () => {
    const { store } = kept();
    const scanning: JournalStore = {
      ...store,
      scan: (id, show) => {
        show(recordOf({ ...event(7), stepId: id }, undefined, digest));
        return Promise.resolve({ records: 1, torn: true });
      },
    };
    expect(await shownOf(scanning)).toEqual({ scanned: { records: 1, torn: true }, shown: [7] });
  });
});
