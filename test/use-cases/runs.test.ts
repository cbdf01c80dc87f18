/** What several stores say together, where one of them cannot be read. */
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/composition/identity.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { recordOf } from '../../src/engine/journal.ts';
import { StateError, type JournalRecord, type StateErrorKind } from '../../src/engine/journal-store.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { listRuns, showRun, verifyRun } from '../../src/use-cases/runs.ts';
import type { StateStore, Stores } from '../../src/use-cases/stores.ts';

const one = '20261123T110000Z-latency-000001';
const two = '20261123T110500Z-latency-000002';

function started(runId: string): RunEvent {
  return {
    seq: 1,
    at: 0,
    type: 'run.started',
    runId,
    runbook: 'latency',
    title: 'API latency spike',
    mode: 'execute',
    environment: 'prod',
    steps: [],
  };
}

function recordsOf(...events: readonly RunEvent[]): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const event of events) records.push(recordOf(event, records.at(-1)?.hash ?? '0'.repeat(64), sha256));
  return records;
}

async function storeOf(name: string, ...runIds: readonly string[]): Promise<StateStore> {
  const { journals, leases } = memoryState();
  for (const runId of runIds) await journals.append(runId, recordsOf(started(runId)));
  return { name, journals, leases };
}

function refusing(kind: StateErrorKind): StateStore {
  const refuse = () => Promise.reject(new StateError(kind, 'the table cannot be read', 'look at the network'));
  return {
    name: 'the table',
    journals: { name: 'the table', append: refuse, read: refuse, list: refuse },
    leases: { name: 'the table', acquire: refuse, renew: refuse, release: refuse, list: refuse, revoke: refuse },
  };
}

function storesOf(own: StateStore, ...others: readonly StateStore[]): Stores {
  return { own, all: [own, ...others] };
}

describe('listRuns', () => {
  test('puts the runs of all stores in one list, newest first', async () => {
    const listed = await listRuns(storesOf(await storeOf('a', one), await storeOf('b', two)));
    expect(listed.exitCode).toBe(0);
    expect(listDocument.parse(listed.document).items).toMatchObject([
      { id: two, store: 'b', status: 'unfinished' },
      { id: one, store: 'a' },
    ]);
  });

  test('one store that cannot be read hides nothing of the other, and is told', async () => {
    const { document, exitCode } = await listRuns(storesOf(refusing('unreadable'), await storeOf('a', one)));
    expect(exitCode).toBe(3);
    expect(document.items).toMatchObject([
      { id: 'the table', status: 'unreadable', summary: 'the table cannot be read', nextStep: 'look at the network' },
      { id: one },
    ]);
  });

  test('no store that can be read is an error', async () => {
    await expect(listRuns(storesOf(refusing('unreadable')))).rejects.toThrow('the table cannot be read');
  });
});

describe('one run', () => {
  test.each<StateErrorKind>(['unreadable', 'missing', 'not-found'])(
    'is found behind a store that says %s',
    async (kind) => {
      const stores = storesOf(refusing(kind), await storeOf('a', one));
      expect((await showRun(stores, one)).document.runId).toBe(one);
      expect(await verifyRun(stores, one, sha256)).toMatchObject({ verdict: 'ok', store: 'a', records: 1 });
    },
  );

  test('that is in no store that can be read may be in the other: that is no "unknown run"', async () => {
    const stores = storesOf(refusing('unreadable'), await storeOf('a', one));
    await expect(showRun(stores, two)).rejects.toThrow('the table cannot be read');
    await expect(showRun(storesOf(await storeOf('a', one), refusing('not-found')), two)).rejects.toMatchObject({
      message: `there is no run "${two}" in a or the table`,
      details: [expect.stringContaining('a run that only looked keeps no journal')],
    });
  });

  test('whose journal is damaged is not looked for elsewhere', async () => {
    const stores = storesOf(refusing('corrupt'), await storeOf('a', one));
    await expect(showRun(stores, one)).rejects.toThrow(StateError);
    expect(await verifyRun(stores, one, sha256)).toMatchObject({
      exitCode: 1,
      store: 'the table',
      faults: ['the table cannot be read'],
      head: null,
    });
  });

  test('every fault of the chain is named', async () => {
    const { journals, leases } = memoryState();
    const ended: RunEvent = { seq: 2, at: 5, type: 'run.finished', verdict: 'ok', durationMs: 5 };
    const [first, second] = recordsOf(started(one), ended);
    if (first === undefined || second === undefined) throw new TypeError('two records were made');
    await journals.append(one, [first, { ...second, event: { ...ended, verdict: 'failed' } }]);
    const stores = storesOf({ name: 'a', journals, leases });
    expect((await verifyRun(stores, one, sha256)).faults).toEqual(['record 2 (run.finished) was altered']);
  });

  test('that died is unfinished: its document claims no good end', async () => {
    const { document } = await showRun(storesOf(await storeOf('a', one)), one);
    expect(document).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });
});
