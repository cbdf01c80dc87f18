/** What every store of nanoops' own state does, whatever it is made of: one suite, run over each implementation. */
import { describe, expect, it } from 'vitest';
import { StateError, type JournalRecord, type JournalStore } from '../../src/engine/journal-store.ts';
import {
  LeaseLostError,
  type Holder,
  type Lease,
  type LeaseRequest,
  type LeaseStore,
} from '../../src/engine/lease-store.ts';

export interface Stores {
  readonly journals: JournalStore;
  readonly leases: LeaseStore;
}

/** Two users of one new and empty store, who know nothing of each other. */
export type OpenStores = () => Promise<{ readonly one: Stores; readonly other: Stores }>;

export const runId = '20261123T110300Z-dr-failover-7k2m9x';
const startMs = Date.UTC(2026, 10, 23, 11, 3);

/** Records of a run, from one `seq` to another. `stepId` makes them differ. */
export function recordsOf(from: number, to = from, stepId = 'promote'): JournalRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    return {
      version: 1,
      previous: String(seq - 1).padStart(64, '0'),
      hash: String(seq).padStart(64, '0'),
      event: { type: 'step.started', stepId, seq, at: startMs + seq },
    };
  });
}

/** The `StateError` that a promise is rejected with. */
export async function stateErrorOf(promise: Promise<unknown>): Promise<StateError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof StateError) return error;
  throw error;
}

function holderOf(name: string, step?: string): Holder {
  return {
    runId: `run-of-${name}`,
    runbook: 'dr-failover',
    environment: 'prod',
    who: `${name}@laptop`,
    host: 'laptop',
    pid: 4711,
    since: startMs,
    ...(step === undefined ? {} : { step }),
  };
}

const ttlMs = 60_000;
const graceMs = 10_000;
const resource = 'aurora:nano-global';

export function leaseRequest(name: string, more: Partial<LeaseRequest> = {}): LeaseRequest {
  return { resource, holder: holderOf(name), nowMs: startMs, ttlMs, graceMs, isGone: () => false, ...more };
}

async function taken(store: LeaseStore, request: LeaseRequest): Promise<Lease> {
  const answer = await store.acquire(request);
  if (!answer.acquired) throw new Error(`${answer.held.holder.who} has it`);
  return answer.lease;
}

async function lossOf(promise: Promise<unknown>): Promise<LeaseLostError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof LeaseLostError) return error;
  throw error;
}

/** Text that no packer makes smaller, of characters that need one to three bytes. */
export function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(0x21 + (state % 0x2_000));
  }).join('');
}

export function describeStores(open: OpenStores): void {
  describe('journals', () => {
    it('gives back what was appended, in order and to the letter', async () => {
      const { one, other } = await open();
      await one.journals.append(runId, recordsOf(1, 3));
      await one.journals.append(runId, recordsOf(4, 4, 'Zürich „⚡“\n'));
      const { records, torn } = await other.journals.read(runId);
      expect(records).toEqual([...recordsOf(1, 3), ...recordsOf(4, 4, 'Zürich „⚡“\n')]);
      expect(torn).toBe(false);
    });

    it('goes on with a run that another process began', async () => {
      const { one, other } = await open();
      await one.journals.append(runId, recordsOf(1, 2));
      await other.journals.append(runId, recordsOf(3));
      await one.journals.append(runId, recordsOf(4));
      expect((await one.journals.read(runId)).records).toEqual(recordsOf(1, 4));
    });

    it('says of a run that it does not know where it looked and what to type', async () => {
      const { one } = await open();
      const error = await stateErrorOf(one.journals.read(runId));
      expect(error.kind).toBe('not-found');
      expect(error.message).toContain(runId);
      expect(error.message).toContain(one.journals.name);
      expect(error.details.nextStep).toContain('nanoops runs list');
    });

    it('keeps one of two records of one number', async () => {
      const { one, other } = await open();
      await one.journals.append(runId, recordsOf(1));
      await one.journals.append(runId, recordsOf(2));
      const error = await stateErrorOf(other.journals.append(runId, recordsOf(2, 2, 'another')));
      expect(error.kind).toBe('conflict');
      expect(error.message).toContain('somebody else');
      expect((await one.journals.read(runId)).records).toEqual(recordsOf(1, 2));
    });

    it('does not take the same record twice', async () => {
      const { one } = await open();
      await one.journals.append(runId, recordsOf(1));
      expect((await stateErrorOf(one.journals.append(runId, recordsOf(1)))).kind).toBe('conflict');
    });

    it('takes a batch as a whole or not at all', async () => {
      const { one, other } = await open();
      await one.journals.append(runId, recordsOf(1, 3));
      expect((await stateErrorOf(other.journals.append(runId, recordsOf(3, 5, 'another')))).kind).toBe('conflict');
      expect((await one.journals.read(runId)).records).toEqual(recordsOf(1, 3));
    });

    it('leaves no gaps, and no run that did not begin', async () => {
      const { one } = await open();
      expect((await stateErrorOf(one.journals.append(runId, recordsOf(2)))).kind).toBe('conflict');
      expect(await one.journals.list()).toEqual([]);
      await one.journals.append(runId, recordsOf(1));
      expect((await stateErrorOf(one.journals.append(runId, recordsOf(3)))).kind).toBe('conflict');
      expect((await one.journals.read(runId)).records).toEqual(recordsOf(1));
    });

    it('lets one of two get through who append at once', async () => {
      const { one, other } = await open();
      for (let seq = 1; seq <= 6; seq += 1) {
        const [mine, theirs] = await Promise.allSettled([
          one.journals.append(runId, recordsOf(seq, seq, 'mine')),
          other.journals.append(runId, recordsOf(seq, seq, 'theirs')),
        ]);
        expect([mine.status, theirs.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        const { records } = await one.journals.read(runId);
        expect(records.at(-1)).toEqual(recordsOf(seq, seq, mine.status === 'fulfilled' ? 'mine' : 'theirs')[0]);
      }
    });

    it('keeps records of a megabyte, and a hundred and fifty at once', async () => {
      const { one } = await open();
      const large = recordsOf(1, 1, noise(400_000));
      const packable = recordsOf(2, 2, 'x'.repeat(1_000_000));
      const many = recordsOf(3, 152);
      for (const batch of [large, packable, many]) await one.journals.append(runId, batch);
      expect((await one.journals.read(runId)).records).toEqual([...large, ...packable, ...many]);
    });

    it('lists runs, the newest first', async () => {
      const { one } = await open();
      expect(await one.journals.list()).toEqual([]);
      const ids = [
        '20261123T110300Z-latency-aaaaaa',
        '20261124T000000Z-latency-000000',
        '20251231T235959Z-latency-zzzzzz',
      ];
      for (const id of ids) await one.journals.append(id, recordsOf(1));
      expect(await one.journals.list()).toEqual([ids[1], ids[0], ids[2]]);
    });

    it.each(['../../escape', '..', '', 'a/b', 'a\0b', '.hidden', 'x'.repeat(200)])(
      'takes %j for no run',
      async (id) => {
        const { one } = await open();
        expect((await stateErrorOf(one.journals.append(id, recordsOf(1)))).kind).toBe('not-found');
        expect((await stateErrorOf(one.journals.read(id))).kind).toBe('not-found');
        expect(await one.journals.list()).toEqual([]);
      },
    );
  });

  describe('leases', () => {
    it('gives a resource to the first who asks, and tells the second who has it', async () => {
      const { one, other } = await open();
      const lease = await taken(one.leases, leaseRequest('ana'));
      expect(lease).toEqual({
        resource,
        token: 1,
        holder: holderOf('ana'),
        expiresAt: startMs + ttlMs,
        released: false,
      });
      expect(await other.leases.acquire(leaseRequest('ben'))).toEqual({ acquired: false, held: lease });
      expect(await other.leases.list()).toEqual([lease]);
    });

    it('gives it to the next when it was given back, under a higher token', async () => {
      const { one, other } = await open();
      const first = await taken(one.leases, leaseRequest('ana'));
      await one.leases.release(first);
      expect(await other.leases.list()).toEqual([]);
      const second = await taken(other.leases, leaseRequest('ben'));
      expect(second.token).toBeGreaterThan(first.token);
    });

    it('counts a lease until its grace is over, and no longer', async () => {
      const { one, other } = await open();
      const first = await taken(one.leases, leaseRequest('ana'));
      const overAt = first.expiresAt + graceMs;
      expect(await other.leases.acquire(leaseRequest('ben', { nowMs: overAt - 1 }))).toEqual({
        acquired: false,
        held: first,
      });
      // It is told as held for as long as nobody took it.
      expect(await other.leases.list()).toEqual([first]);
      const second = await taken(other.leases, leaseRequest('ben', { nowMs: overAt }));
      expect(second.token).toBeGreaterThan(first.token);
      expect(await one.leases.list()).toEqual([second]);
    });

    it('does not wait for a holder that is gone', async () => {
      const { one, other } = await open();
      const first = await taken(one.leases, leaseRequest('ana'));
      const isGone = (holder: Holder) => holder.runId === first.holder.runId;
      expect((await taken(other.leases, leaseRequest('ben', { isGone }))).token).toBeGreaterThan(first.token);
    });

    it('renews what is ours, and tells at which step we are', async () => {
      const { one, other } = await open();
      const lease = await taken(one.leases, leaseRequest('ana'));
      const nowMs = startMs + 30_000;
      const renewed = await one.leases.renew(lease, { nowMs, ttlMs, step: 'promote' });
      expect(renewed).toEqual({ ...lease, holder: holderOf('ana', 'promote'), expiresAt: nowMs + ttlMs });
      expect(await other.leases.list()).toEqual([renewed]);
      const again = await one.leases.renew(renewed, { nowMs: nowMs + 1, ttlMs });
      expect(again.holder.step).toBe('promote');
    });

    it('tells a holder who slept too long who has it now', async () => {
      const { one, other } = await open();
      const first = await taken(one.leases, leaseRequest('ana'));
      const second = await taken(other.leases, leaseRequest('ben', { nowMs: first.expiresAt + graceMs }));
      const loss = await lossOf(one.leases.renew(first, { nowMs: first.expiresAt + graceMs, ttlMs }));
      expect(loss.heldNow).toEqual(second);
      expect(loss.message).toContain('ben@laptop');
      await one.leases.release(first);
      expect(await other.leases.list()).toEqual([second]);
    });

    it('renews nothing that was given back', async () => {
      const { one } = await open();
      const lease = await taken(one.leases, leaseRequest('ana'));
      await one.leases.release(lease);
      await one.leases.release(lease);
      expect((await lossOf(one.leases.renew(lease, { nowMs: startMs, ttlMs }))).heldNow).toBeUndefined();
    });

    it('takes a lease away: its holder is refused, and the next one may have it', async () => {
      const { one, other } = await open();
      const lease = await taken(one.leases, leaseRequest('ana'));
      expect(await other.leases.revoke(resource)).toEqual(lease);
      expect(await other.leases.list()).toEqual([]);
      expect((await lossOf(one.leases.renew(lease, { nowMs: startMs, ttlMs }))).message).toContain('taken away');
      await one.leases.release(lease);
      const next = await taken(other.leases, leaseRequest('ben'));
      expect(next.token).toBeGreaterThan(lease.token + 1);
    });

    it('takes nothing away where nobody holds', async () => {
      const { one } = await open();
      expect(await one.leases.revoke(resource)).toBeUndefined();
      const lease = await taken(one.leases, leaseRequest('ana'));
      await one.leases.release(lease);
      expect(await one.leases.revoke(resource)).toBeUndefined();
    });

    it('lets one of two get it who ask at once, and never lets a token fall', async () => {
      const { one, other } = await open();
      let newest = 0;
      for (let round = 0; round < 6; round += 1) {
        const answers = await Promise.all([
          one.leases.acquire(leaseRequest('ana')),
          other.leases.acquire(leaseRequest('ben')),
        ]);
        const [winner, second] = answers.flatMap((answer) => (answer.acquired ? [answer.lease] : []));
        if (winner === undefined) throw new Error('nobody got it');
        expect(second).toBeUndefined();
        expect(winner.token).toBeGreaterThan(newest);
        newest = winner.token;
        await one.leases.release(winner);
      }
    });

    it('lets either its holder renew it or another have it, when both try at once', async () => {
      const { one, other } = await open();
      let lease = await taken(one.leases, leaseRequest('ana'));
      for (let round = 0; round < 6; round += 1) {
        const nowMs = lease.expiresAt + graceMs;
        const [renewed, asked] = await Promise.allSettled([
          one.leases.renew(lease, { nowMs, ttlMs }),
          other.leases.acquire(leaseRequest('ben', { nowMs })),
        ]);
        if (asked.status === 'rejected') throw asked.reason;
        expect(asked.value.acquired).toBe(renewed.status === 'rejected');
        lease = asked.value.acquired ? asked.value.lease : asked.value.held;
      }
    });

    it('tells resources apart, whatever they are called', async () => {
      const { one } = await open();
      const names = [
        'ecs:us-west-2:nano/nano-api',
        'ECS:us-west-2:nano/nano-api',
        '..',
        'a%2Fb',
        'a/b',
        'x'.repeat(400),
        `${'x'.repeat(399)}y`,
      ];
      for (const name of names)
        expect((await taken(one.leases, leaseRequest('ana', { resource: name }))).token).toBe(1);
      expect((await one.leases.list()).map((lease) => lease.resource)).toEqual(names.toSorted());
    });
  });
}
