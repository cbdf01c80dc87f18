/** Who holds what, in all stores; and taking it away. */
import { describe, expect, test } from 'vitest';
import type { Lease, LeaseStore } from '../../src/engine/lease-store.ts';
import { StateError } from '../../src/engine/journal-store.ts';
import { NanoopsError } from '../../src/errors.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { listLocks, takeOverLock } from '../../src/use-cases/locks.ts';
import type { StateStore } from '../../src/use-cases/stores.ts';

const resource = 'prod/ecs:us-west-2:nano/nano-api';

async function storeWith(name: string, ...resources: readonly string[]): Promise<StateStore> {
  const { journals, leases } = memoryState();
  for (const each of resources) await acquire(leases, each, 'run-1');
  return { name, journals, leases };
}

function acquire(leases: LeaseStore, each: string, runId: string) {
  const holder = {
    runId,
    runbook: 'latency',
    environment: 'prod',
    who: 'bob@desk',
    host: 'desk',
    pid: 7,
    since: 1_000,
  };
  return leases.acquire({ resource: each, holder, nowMs: 1_000, ttlMs: 60_000, graceMs: 0, isGone: () => false });
}

async function unreadable(): Promise<StateStore> {
  const store = await storeWith('the table');
  const list = () => Promise.reject(new StateError('unreadable', 'no answer', 'look at the network'));
  return { ...store, leases: { ...store.leases, list } };
}

describe('listLocks', () => {
  test('by resource, with what is expired told apart', async () => {
    const stores = [await storeWith('a', 'z', resource), await storeWith('b', 'm')];
    const [own] = stores;
    if (own === undefined) throw new TypeError('no store');
    const { document, exitCode } = await listLocks({ own, all: stores }, 30_000);
    expect(exitCode).toBe(0);
    expect(listDocument.parse(document).items.map(({ id, store, expired }) => [id, store, expired])).toEqual([
      ['m', 'b', false],
      [resource, 'a', false],
      ['z', 'a', false],
    ]);
    expect((await listLocks({ own, all: stores }, 61_000)).document.items.every(({ expired }) => expired)).toBe(true);
  });

  test('a store that cannot be read is listed as that, and the code says it', async () => {
    const own = await unreadable();
    const { document, exitCode } = await listLocks({ own, all: [own, await storeWith('a', resource)] }, 30_000);
    expect(exitCode).toBe(3);
    expect(document.items).toMatchObject([{ id: 'the table', status: 'unreadable' }, { id: resource }]);
  });
});

describe('takeOverLock', () => {
  test('asks with what is held, and the holder\u2019s next renewal is refused', async () => {
    const own = await storeWith('a');
    const acquired = await acquire(own.leases, resource, 'run-1');
    if (!acquired.acquired) throw new TypeError('it was free');
    const asked: Lease[] = [];
    const document = await takeOverLock({ own, all: [own] }, resource, async (lease) => asked.push(lease) > 0);
    expect(asked).toMatchObject([{ resource, holder: { runId: 'run-1' } }]);
    expect(document).toMatchObject({ schema: 'nanoops/takeover@1', resource, store: 'a', from: { runId: 'run-1' } });
    await expect(own.leases.renew(acquired.lease, { nowMs: 2_000, ttlMs: 1_000 })).rejects.toThrow('taken away');
    const next = await acquire(own.leases, resource, 'run-2');
    expect(next.acquired && next.lease.token > acquired.lease.token).toBe(true);
  });

  test('a no leaves it where it is', async () => {
    const own = await storeWith('a', resource);
    const refused = takeOverLock({ own, all: [own] }, resource, () => Promise.resolve(false));
    await expect(refused).rejects.toMatchObject({ code: 'NotConfirmed', exitCode: 4 });
    expect(await own.leases.list()).toHaveLength(1);
  });

  test('what nobody holds cannot be taken', async () => {
    const own = await storeWith('a', resource);
    const missing = takeOverLock({ own, all: [own] }, 'other', () => Promise.resolve(true));
    await expect(missing).rejects.toBeInstanceOf(NanoopsError);
    await expect(missing).rejects.toMatchObject({ code: 'NotLocked', exitCode: 2 });
  });

  test('where a store cannot be read, it is not said that nobody holds it', async () => {
    const own = await unreadable();
    const taken = takeOverLock({ own, all: [own, await storeWith('a')] }, resource, () => Promise.resolve(true));
    await expect(taken).rejects.toThrow('no answer');
  });
});
