import { describe, expect, it } from 'vitest';
import { memoryState } from '../../../src/state/memory-state.ts';
import { describeStores, leaseRequest, recordsOf, runId } from '../../state/store-suite.ts';

describe('state in memory', () => {
  describeStores(async () => {
    const state = memoryState();
    return { one: state, other: state };
  });
});

describe('a snapshot', () => {
  it('is what there was when it was taken, and a store goes on from it', async () => {
    const state = memoryState();
    await state.journals.append(runId, recordsOf(1, 2));
    await state.leases.acquire(leaseRequest('ana'));
    const snapshot = state.snapshot();
    await state.journals.append(runId, recordsOf(3));
    await state.leases.revoke(leaseRequest('ana').resource);

    const before = memoryState(JSON.parse(JSON.stringify(snapshot)));
    expect((await before.journals.read(runId)).records).toEqual(recordsOf(1, 2));
    expect((await before.leases.acquire(leaseRequest('ben'))).acquired).toBe(false);
    await before.journals.append(runId, recordsOf(3, 3, 'another'));
    expect((await state.journals.read(runId)).records).toEqual(recordsOf(1, 3));
  });

  it('keeps what is read apart from what is kept', async () => {
    const state = memoryState();
    const records = recordsOf(1);
    await state.journals.append(runId, records);
    const [read] = (await state.journals.read(runId)).records;
    Object.assign(read ?? {}, { hash: 'altered' });
    Object.assign(records[0] ?? {}, { hash: 'altered' });
    expect((await state.journals.read(runId)).records).toEqual(recordsOf(1));
  });
});
