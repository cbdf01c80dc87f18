/** What the keeper of a run's leases asks of their store, and when it tells that one is lost. */
import { describe, expect, it } from 'vitest';
import { LeaseLostError, scopedLeases, type LeaseRequest, type LeaseStore } from '../../src/engine/lease-store.ts';
import { LeaseKeeper, type LeaseTimes } from '../../src/engine/leases.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { startMs } from './kit.ts';

const me = { runId: 'run-1', runbook: 'grow', environment: 'prod', who: 'ana@laptop', host: 'laptop', pid: 1 };
const another = { ...me, runId: 'run-2', who: 'ben@desk', since: startMs };
const times: LeaseTimes = { ttlMs: 60_000, beatMs: 15_000, graceMs: 10_000 };
const nobodyIsGone = () => false;

type Extension = Parameters<LeaseStore['renew']>[1];

/** A store that keeps what it was asked, and a keeper on it. `renew` may be replaced. */
function kept(more: { readonly pace?: number; readonly times?: LeaseTimes; readonly isGone?: () => boolean } = {}) {
  const clock: VirtualClock & { pace?: number } = new VirtualClock(startMs);
  if (more.pace !== undefined) clock.pace = more.pace;
  const { leases } = memoryState();
  const requests: LeaseRequest[] = [];
  const renewals: (Extension & { readonly resource: string })[] = [];
  const failing: { renew?: Error; release?: Error; slowMs: number } = { slowMs: 0 };
  const store: LeaseStore = {
    ...leases,
    acquire: (request) => {
      requests.push(request);
      return leases.acquire(request);
    },
    renew: async (lease, extend) => {
      renewals.push({ resource: lease.resource, ...extend });
      const { renew: error, slowMs } = failing;
      const renewed = error === undefined ? await leases.renew(lease, extend) : undefined;
      if (slowMs > 0) await clock.sleep(slowMs);
      if (renewed === undefined) throw error;
      return renewed;
    },
    release: async (lease) => {
      if (failing.release !== undefined) throw failing.release;
      return leases.release(lease);
    },
  };
  const keeper = new LeaseKeeper({
    store,
    clock,
    holder: me,
    isGone: more.isGone ?? nobodyIsGone,
    times: 'times' in more ? more.times : times,
  });
  return { clock, leases, requests, renewals, failing, keeper };
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('taking leases', () => {
  it('asks for each resource once, in one order for all runs, in the name of its step', async () => {
    const { keeper, requests, renewals } = kept();
    keeper.at('grow');
    expect(await keeper.acquire(['b', 'a', 'b'])).toBeUndefined();
    expect(requests).toEqual(
      ['a', 'b'].map((resource) => ({
        resource,
        holder: { ...me, since: startMs, step: 'grow' },
        nowMs: startMs,
        ttlMs: 60_000,
        graceMs: 10_000,
        isGone: nobodyIsGone,
      })),
    );
    expect(keeper.tokens).toEqual({ a: 1, b: 1 });
    expect(renewals).toEqual([]);
  });

  it('says no step before there is one', async () => {
    const { keeper, requests, renewals } = kept();
    await keeper.acquire(['a']);
    await keeper.ensure(1);
    expect(requests[0]?.holder).not.toHaveProperty('step');
    expect(renewals[0]).not.toHaveProperty('step');
  });

  it('holds for a minute, beats every 15 s and allows for 10 s between two clocks, unless told otherwise', async () => {
    const { keeper, requests, renewals, clock } = kept({ times: undefined });
    await keeper.acquire(['a']);
    keeper.beat(() => undefined);
    await clock.sleep(31_000);
    await keeper.release();
    expect(requests[0]).toMatchObject({ ttlMs: 60_000, graceMs: 10_000 });
    expect(renewals.map(({ nowMs }) => nowMs - startMs)).toEqual([15_000, 30_000]);
  });

  it('gives all of them as many times longer as its clock is faster', async () => {
    const { keeper, requests, renewals, clock } = kept({ pace: 100 });
    await keeper.acquire(['a']);
    keeper.beat(() => undefined);
    await clock.sleep(1_600_000);
    await keeper.release();
    expect(requests[0]).toMatchObject({ ttlMs: 6_000_000, graceMs: 1_000_000 });
    expect(renewals).toEqual([{ resource: 'a', nowMs: startMs + 1_500_000, ttlMs: 6_000_000 }]);
  });

  it('takes none where one is held, and gives that one', async () => {
    const { keeper, leases } = kept();
    await leases.acquire({ resource: 'b', holder: another, nowMs: startMs, isGone: nobodyIsGone, ...times });
    expect(await keeper.acquire(['a', 'b'])).toMatchObject({ resource: 'b', holder: { who: 'ben@desk' } });
    expect(keeper.tokens).toEqual({});
    expect((await leases.list()).map(({ resource }) => resource)).toEqual(['b']);
  });

  it('asks whether the holder is gone', async () => {
    const { keeper, leases } = kept({ isGone: () => true });
    await leases.acquire({ resource: 'a', holder: another, nowMs: startMs, isGone: nobodyIsGone, ...times });
    expect(await keeper.acquire(['a'])).toBeUndefined();
    expect(keeper.tokens).toEqual({ a: 2 });
  });
});

describe('naming the step', () => {
  it('is told at once, and once, while a lease is held', async () => {
    const { keeper, leases, renewals } = kept();
    await keeper.acquire(['a']);
    keeper.at('grow');
    keeper.at('grow');
    await keeper.ensure(1);
    expect(renewals.map(({ step }) => step)).toEqual(['grow', 'grow']);
    expect((await leases.list())[0]?.holder.step).toBe('grow');
  });

  it('is not told once the leases were given back', async () => {
    const { keeper, renewals, failing } = kept();
    await keeper.acquire(['a', 'b']);
    failing.release = new Error('away');
    const releasing = keeper.release();
    keeper.at('told');
    await releasing;
    expect(renewals).toEqual([]);
  });

  it('stops nothing where it cannot be told', async () => {
    const { keeper, renewals, failing, clock } = kept();
    await keeper.acquire(['a']);
    failing.renew = new Error('away');
    keeper.at('grow');
    // An error that nobody takes would fail the test's file.
    await clock.sleep(1);
    expect(renewals).toHaveLength(1);
  });
});

describe('renewing', () => {
  it('goes on until the leases are given back, by one beat however often it is begun', async () => {
    const { keeper, renewals, clock } = kept();
    await keeper.acquire(['a']);
    keeper.beat(() => undefined);
    keeper.beat(() => undefined);
    await clock.sleep(46_000);
    expect((await keeper.release()).map(({ resource }) => resource)).toEqual(['a']);
    const before = renewals.length;
    await clock.sleep(60_000);
    expect(renewals.map(({ nowMs }) => nowMs - startMs)).toEqual([15_000, 30_000, 45_000]);
    expect(renewals).toHaveLength(before);
  });

  it('tells once of a lease that somebody took away, and ends', async () => {
    const { keeper, leases, renewals, clock } = kept();
    const lost: LeaseLostError[] = [];
    await keeper.acquire(['a', 'b']);
    keeper.beat((error) => lost.push(error));
    await leases.revoke('b');
    await clock.sleep(100_000);
    expect(lost.map(({ resource, message }) => [resource, message])).toEqual([['b', 'the lease on b was taken away']]);
    expect(renewals.map(({ resource }) => resource)).toEqual(['a', 'b']);
  });

  it('outlasts a store that is away, until the lease runs out', async () => {
    const { keeper, failing, clock } = kept();
    const lost: { readonly error: LeaseLostError; readonly at: number }[] = [];
    await keeper.acquire(['a']);
    keeper.beat((error) => lost.push({ error, at: clock.now() - startMs }));
    failing.renew = new Error('the table does not answer');
    await clock.sleep(46_000);
    expect(lost).toEqual([]);
    delete failing.renew;
    await clock.sleep(15_000);
    failing.renew = new Error('the table does not answer');
    await clock.sleep(300_000);
    // It was renewed at 60 s, so that it ran out at 120 s.
    expect(lost).toHaveLength(1);
    expect(lost[0]?.at).toBe(120_000);
    expect(lost[0]?.error).toMatchObject({
      name: 'LeaseLostError',
      errorClass: 'locked',
      resource: 'a',
      message: 'the lease on a ran out, since it could not be renewed: the table does not answer',
      heldNow: { resource: 'a', token: 1, holder: { runId: 'run-1' } },
    });
  });

  it('tells nothing of what goes wrong once the leases are being given back', async () => {
    const { keeper, failing, clock, leases } = kept();
    const lost: LeaseLostError[] = [];
    await keeper.acquire(['a']);
    keeper.beat((error) => lost.push(error));
    Object.assign(failing, { renew: new LeaseLostError('a', 'somebody took it'), slowMs: 5_000 });
    await clock.sleep(16_000);
    await keeper.release();
    expect(clock.now() - startMs).toBe(20_000);
    expect(lost).toEqual([]);
    expect(await leases.list()).toEqual([]);
  });
});

describe('making sure', () => {
  it('is content where every lease outlives the moment', async () => {
    const { keeper } = kept();
    await keeper.acquire(['a', 'b']);
    await expect(keeper.ensure(59_999)).resolves.toBeUndefined();
    expect(keeper.outlives(startMs + 59_999)).toBe(true);
  });

  it('refuses where one runs out at that very moment', async () => {
    const { keeper } = kept();
    await keeper.acquire(['a']);
    expect(keeper.outlives(startMs + 60_000)).toBe(false);
    expect(await rejection(keeper.ensure(60_000))).toMatchObject({
      name: 'LeaseLostError',
      resource: 'a',
      message: 'the lease on a would run out before the change could be over',
      heldNow: { resource: 'a', token: 1 },
    });
  });

  it('looks at each of them', async () => {
    const { keeper, clock } = kept();
    await keeper.acquire(['a']);
    await clock.sleep(10_000);
    await keeper.acquire(['b']);
    expect(keeper.outlives(startMs + 59_999)).toBe(true);
    expect(keeper.outlives(startMs + 65_000)).toBe(false);
  });

  it.each([59_999, 60_000])('refuses what ran out while it was renewed, and only that: %d ms', async (slowMs) => {
    const { keeper, failing } = kept();
    await keeper.acquire(['a']);
    failing.slowMs = slowMs;
    const error = await rejection(keeper.ensure(0));
    expect(error === undefined).toBe(slowMs < 60_000);
  });

  it('counts from when the renewal is known, and not from when it was asked for', async () => {
    const { keeper, failing } = kept();
    await keeper.acquire(['a']);
    failing.slowMs = 30_000;
    await expect(keeper.ensure(29_999)).resolves.toBeUndefined();
    expect(await rejection(keeper.ensure(30_000))).toBeInstanceOf(LeaseLostError);
  });

  it('gives on what the store says', async () => {
    const { keeper, failing, leases } = kept();
    await keeper.acquire(['a']);
    failing.renew = new Error('away');
    expect(await rejection(keeper.ensure(0))).toBe(failing.renew);
    delete failing.renew;
    await leases.revoke('a');
    expect(await rejection(keeper.ensure(0))).toBeInstanceOf(LeaseLostError);
  });
});

describe('giving back', () => {
  it('leaves what cannot be given back to run out, and tells which it gave', async () => {
    const { keeper, failing, leases } = kept();
    await keeper.acquire(['a', 'b']);
    failing.release = new Error('away');
    expect(await keeper.release()).toEqual([]);
    expect(keeper.tokens).toEqual({});
    expect(await leases.list()).toHaveLength(2);
  });

  it('is not undone by a renewal that was under way', async () => {
    const { keeper, failing } = kept();
    await keeper.acquire(['a']);
    failing.slowMs = 5_000;
    const renewing = keeper.ensure(0);
    await keeper.release();
    await renewing;
    expect(keeper.tokens).toEqual({});
  });
});

describe('a scope', () => {
  it('keeps the leases of two accounts apart in one store', async () => {
    const { leases } = memoryState();
    const one = scopedLeases(leases, '111');
    const other = scopedLeases(leases, '11');
    const request = { resource: 'a', holder: another, nowMs: startMs, isGone: nobodyIsGone, ...times };
    const taken = await one.acquire(request);
    expect((await other.acquire(request)).acquired).toBe(true);
    expect((await one.acquire(request)).acquired).toBe(false);
    expect((await leases.list()).map(({ resource }) => resource)).toEqual(['11/a', '111/a']);
    expect((await one.list()).map(({ resource }) => resource)).toEqual(['111/a']);
    expect((await other.list()).map(({ resource }) => resource)).toEqual(['11/a']);
    expect(one.name).toBe(leases.name);

    if (!taken.acquired) throw new Error('it was not taken');
    const renewed = await one.renew(taken.lease, { nowMs: startMs + 5, ttlMs: 60_000 });
    expect(renewed.expiresAt).toBe(startMs + 60_005);
    expect(await one.revoke('a')).toMatchObject({ resource: '111/a' });
    expect(await one.revoke('a')).toBeUndefined();
    expect((await other.list()).map(({ resource }) => resource)).toEqual(['11/a']);
    await one.release(renewed);
    const [held] = await other.list();
    if (held === undefined) throw new Error('it is not held');
    await other.release(held);
    expect(await leases.list()).toEqual([]);
  });
});
