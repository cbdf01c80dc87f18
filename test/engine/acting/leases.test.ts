/** Who may change a resource, and what a run does when it may not any more. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/engine/events.ts';
import { StateError } from '../../../src/engine/journal-store.ts';
import type { Holder, LeaseStore } from '../../../src/engine/lease-store.ts';
import { answering, died, eventsOf, Stage, startMs, statusesOf, theEvent, type Death } from './stage.ts';

const otherId = '20261123T100100Z-grow-aaaaaa';
const another: Holder = {
  runId: otherId,
  runbook: 'grow',
  environment: 'prod',
  who: 'ben@desk',
  host: 'desk',
  pid: 7,
  since: startMs,
};
const times = { ttlMs: 60_000, graceMs: 10_000, isGone: () => false };

describe('a resource that another run holds', () => {
  it('stops the run before it asks, and says who holds it, since when and where it is', async () => {
    const stage = new Stage();
    stage.world.movingMs = 0; // Two processes do not share a clock.
    const first = stage.play({
      who: 'ben@desk',
      runId: otherId,
      approver: answering(async () => {
        const second = await stage.play();
        expect(second.result.verdict).toBe('locked');
        const { resource, holder } = theEvent(second.events, 'lease.refused');
        expect(resource).toBe('world:size');
        expect(holder).toBe(`run ${otherId} of ben@desk, since 2026-11-23T10:00:00.000Z, at step "consent"`);
        expect(eventsOf(second.events, 'approval.requested')).toEqual([]);
        expect(second.events.at(-1)).toMatchObject({
          type: 'run.suspended',
          verdict: 'locked',
          nextSteps: ['nanoops locks list', 'nanoops runs resume'],
        });
        expect(stage.world.applied).toEqual([]);
        return { kind: 'given', by: 'ben', how: 'prompt' };
      }),
    });
    expect((await first).result.verdict).toBe('ok');
    expect((await stage.play()).result.verdict).toBe('ok');
  });

  it('of which it needs two, takes neither', async () => {
    const stage = new Stage();
    const { leases } = stage.state;
    await leases.acquire({ resource: 'world:switch', holder: another, nowMs: startMs, ...times });
    const { result } = await stage.play();
    expect(result.verdict).toBe('locked');
    expect((await leases.list()).map(({ resource, holder }) => [resource, holder.who])).toEqual([
      ['world:switch', 'ben@desk'],
    ]);
  });

  it('is looked at all the same by a run that has changed nothing', async () => {
    const stage = new Stage();
    await stage.state.leases.acquire({ resource: 'world:size', holder: another, nowMs: startMs, ...times });
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('locked');
    expect(eventsOf(events, 'step.started').map(({ stepId }) => stepId)).toEqual(['found', 'plan', 'end']);
    expect(statusesOf({ result })).toMatchObject({ found: 'succeeded', plan: 'succeeded', consent: 'blocked' });
  });

  it('is left alone by a run that goes on after its changes: nothing is looked at, and nothing told', async () => {
    const stage = new Stage();
    stage.world.movingMs = 0;
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('healthy') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    await stage.state.leases.revoke('world:size');
    const later = startMs + 3_600_000;
    await stage.state.leases.acquire({ resource: 'world:size', holder: another, nowMs: later, ...times });
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('locked');
    expect(events.map(({ type }) => type)).toEqual(['run.resumed', 'lease.refused', 'run.suspended']);
    expect(stage.world.told).toEqual([]);
  });

  it('is not put back by a run that is aborted', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('healthy') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    await stage.state.leases.revoke('world:size');
    await stage.state.leases.acquire({
      resource: 'world:size',
      holder: another,
      nowMs: startMs + 3_600_000,
      ...times,
    });
    const { result } = await stage.play({ purpose: 'abort' });
    expect(result.verdict).toBe('locked');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    await stage.state.leases.revoke('world:size');
    expect((await stage.play({ purpose: 'abort' })).result.verdict).toBe('attention');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});

describe('a lease', () => {
  it('is renewed while the run lasts, tells the step, and is given back at the end', async () => {
    const stage = new Stage();
    stage.world.movingMs = 50_000;
    const seen: (string | undefined)[] = [];
    const { result, log, events } = await stage.play({
      emit: ({ type }) => {
        if (type !== 'change.answered') return;
        void stage.state.leases.list().then(([lease]) => seen.push(lease?.holder.step));
      },
    });
    expect(result.verdict).toBe('ok');
    expect(log.filter((name) => name === 'renew world:size').length).toBeGreaterThanOrEqual(5);
    expect(seen).toEqual(['grow', 'turn']);
    expect(await stage.state.leases.list()).toEqual([]);
    expect(eventsOf(events, 'lease.released').map(({ resource }) => resource)).toEqual(['world:size', 'world:switch']);
  });

  it('tells whoever finds it that its run puts back, or is aborted', async () => {
    const stepsOf = async (death: Death | undefined, purpose: 'continue' | 'abort') => {
      const stage = new Stage();
      stage.world.movingMs = 0;
      stage.world.healthy = false;
      const seen: (string | undefined)[] = [];
      const emit = (event: RunEvent) => {
        if (event.type !== 'change.answered' || event.direction !== 'undo') return;
        void stage.state.leases.list().then(([lease]) => seen.push(lease?.holder.step));
      };
      if (death !== undefined) await stage.start({ death });
      await stage.play({ emit, purpose });
      expect(stage.world.applied).toEqual(['size=3', 'switch=1', 'switch=0', 'size=2']);
      return seen;
    };
    expect(await stepsOf(undefined, 'continue')).toEqual(['undo', 'undo']);
    const nth = (await new Stage().play()).log.indexOf('healthy') + 1;
    expect(await stepsOf({ at: 'contact', nth, when: 'before' }, 'abort')).toEqual(['abort', 'abort']);
  });

  it('is the one whose token stands with every intent', async () => {
    const stage = new Stage();
    await stage.play({ approver: answering(async () => ({ kind: 'absent', reason: 'nobody', nextSteps: [] })) });
    const { events } = await stage.play();
    expect(eventsOf(events, 'lease.acquired').map(({ token }) => token)).toEqual([2, 2]);
    for (const { tokens } of eventsOf(events, 'change.intended')) {
      expect(tokens).toEqual({ 'world:size': 2, 'world:switch': 2 });
    }
  });

  it('is given back when the run waits for somebody', async () => {
    const stage = new Stage();
    const { result } = await stage.play({
      approver: answering(async () => ({ kind: 'absent', reason: 'nobody is there', nextSteps: ['approve it'] })),
    });
    expect(result.verdict).toBe('awaiting-approval');
    expect(await stage.state.leases.list()).toEqual([]);
  });

  it('that was taken over while its holder slept lets nothing more through', async () => {
    const stage = new Stage();
    const sleeping = asleepFrom(stage.state.leases);
    const { result, events } = await stage.play({
      leases: sleeping.store,
      approver: answering(async () => {
        sleeping.sleep();
        for (const resource of ['world:size', 'world:switch']) {
          const nowMs = startMs + 600_000;
          const answer = await stage.state.leases.acquire({ resource, holder: another, nowMs, ...times });
          expect(answer.acquired).toBe(true);
        }
        sleeping.wake();
        return { kind: 'given', by: 'ana', how: 'prompt' };
      }),
    });
    expect(result.verdict).toBe('locked');
    expect(stage.world.applied).toEqual([]);
    expect(eventsOf(events, 'change.intended')).toEqual([]);
    expect(result.history.suspended?.reason).toContain('ben@desk');
    expect((await stage.state.leases.list()).map(({ holder }) => holder.who)).toEqual(['ben@desk', 'ben@desk']);
  });

  it('that was taken away between two changes stops the second', async () => {
    const stage = new Stage();
    stage.world.movingMs = 40_000;
    const { result, events } = await stage.play({
      emit: (event) => {
        if (event.type === 'change.answered') void stage.state.leases.revoke('world:switch');
      },
    });
    expect(result.verdict).toBe('locked');
    expect(stage.world.applied).toEqual(['size=3']);
    expect(theEvent(events, 'lease.lost')).toMatchObject({ resource: 'world:switch', token: 1 });
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
  });

  it('that was lost keeps a failing run from putting back', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result } = await stage.play({
      emit: (event) => {
        if (event.type === 'run.undoing') void stage.state.leases.revoke('world:size');
      },
    });
    expect(result.verdict).toBe('locked');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});

describe('a store of leases that does not answer', () => {
  const away = new StateError('unreadable', 'the table does not answer', 'look at the table');

  it('when they are to be taken suspends the run: nothing was asked or sent', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      leases: { ...stage.state.leases, acquire: () => Promise.reject(away) },
    });
    expect(result.verdict).toBe('failed');
    expect(eventsOf(events, 'approval.requested')).toEqual([]);
    expect(result.history.suspended).toEqual({
      reason: 'the table does not answer',
      nextSteps: ['look at the table', 'nanoops runs resume'],
    });
  });

  it('when a run is taken up leaves it suspended, whether it is to go on or to be aborted', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('set switch=1') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    const leases = { ...stage.state.leases, acquire: () => Promise.reject(away) };
    for (const purpose of ['continue', 'abort'] as const) {
      const { result } = await stage.play({ leases, purpose });
      expect(result.verdict).toBe('failed');
      expect(result.history.suspended?.nextSteps).toContain('look at the table');
    }
    expect(stage.world.applied).toEqual(['size=3']);
    expect((await stage.play({ purpose: 'abort' })).result.verdict).toBe('attention');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it.each([
    { name: 'rejects', delayMs: 0 },
    { name: 'is slow, and then rejects', delayMs: 90_000 },
  ])('and $name lets no change through', async ({ delayMs }) => {
    const stage = new Stage();
    let isAway = false;
    let sleep: (ms: number) => Promise<void> = () => Promise.resolve();
    const leases: LeaseStore = {
      ...stage.state.leases,
      renew: async (lease, extend) => {
        if (!isAway) return stage.state.leases.renew(lease, extend);
        await sleep(delayMs);
        throw away;
      },
    };
    const { result } = await stage.play({
      leases,
      script: (clock) => {
        sleep = (ms) => clock.sleep(ms);
      },
      emit: ({ type }) => {
        isAway ||= type === 'change.answered';
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3']);
    expect(statusesOf({ result })).toMatchObject({ grow: 'succeeded', turn: 'suspended' });
    expect(result.history.suspended?.nextSteps).toContain('look at the table');
    expect((await stage.play()).result.verdict).toBe('ok');
  });

  it('in time lets no change through that the lease might not outlive', async () => {
    const stage = new Stage();
    let sleep: (ms: number) => Promise<void> = () => Promise.resolve();
    const { result, events } = await stage.play({
      script: (clock) => {
        sleep = (ms) => clock.sleep(ms);
      },
      leases: {
        ...stage.state.leases,
        // It renews, and says so when that is worth nothing any more.
        renew: async (lease, extend) => {
          const renewed = await stage.state.leases.renew(lease, extend);
          await sleep(55_000);
          return renewed;
        },
      },
    });
    expect(result.verdict).toBe('locked');
    expect(stage.world.applied).toEqual([]);
    expect(eventsOf(events, 'change.intended')).toEqual([]);
  });
});

/** A holder that sleeps: its renewals do not leave until it wakes. */
function asleepFrom(store: LeaseStore) {
  let wake: () => void = () => undefined;
  let awake: Promise<void> = Promise.resolve();
  return {
    store: {
      ...store,
      renew: async (lease, extend) => {
        await awake;
        return store.renew(lease, extend);
      },
    } satisfies LeaseStore,
    sleep: () => {
      awake = new Promise((resolve) => {
        wake = resolve;
      });
    },
    wake: () => wake(),
  };
}
