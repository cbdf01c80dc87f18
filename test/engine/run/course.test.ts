/** Whether a run goes on, and what its parts are ended by: the course, limits, leases, and what watches from beside. */
import { describe, expect, it } from 'vitest';
import { Course } from '../../../src/engine/course.ts';
import { DeadlineError, Halted, Interrupted } from '../../../src/engine/errors.ts';
import type { Lease, LeaseStore } from '../../../src/engine/lease-store.ts';
import { LeaseKeeper } from '../../../src/engine/leases.ts';
import { Leasing } from '../../../src/engine/leasing.ts';
import { limited } from '../../../src/engine/limited.ts';
import { Watching } from '../../../src/engine/watching.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { runId, startMs, Trouble } from '../acting/stage.ts';
import { checkpointed, partsOf, sorts, type PartsOptions } from './parts.ts';

const of = sorts();
const all = Object.values(of);

describe('the course of a run', () => {
  /** Which steps are still started. */
  const started = (course: Course) => all.filter((step) => course.standstill(step) === undefined).map(({ id }) => id);
  const everything = all.map(({ id }) => id);

  it('lets everything be started while nothing has happened', () => {
    expect(started(new Course())).toEqual(everything);
  });

  it('lets nothing that acts be started once the run has failed, but what ends what was begun, and messages', () => {
    const course = new Course();
    course.fail('ill');
    course.fail('worse');
    expect(course.failure).toBe('ill');
    expect(started(course)).toEqual(['observe', 'decide', 'notify', 'mend', 'end']);
    expect(course.standstill(of.act)).toBe('ill');
    expect(course.ending.aborted).toBe(false);
  });

  it('lets nothing that acts be started once the run waits', () => {
    const course = new Course();
    const suspension = { verdict: 'failed', reason: 'expired', nextSteps: [] } as const;
    course.suspend(suspension);
    course.suspend({ ...suspension, reason: 'again' });
    expect(course.suspension).toBe(suspension);
    expect(started(course)).toEqual(['observe', 'decide', 'end']);
    expect(course.standstill(of.mend)).toBe('expired');
  });

  it.each([
    ['interrupted', (course: Course) => course.interrupt('SIGINT'), 'the run was interrupted', true],
    ['out of time', (course: Course) => course.timeUp(5_000), "the run's limit of 5 s was reached", false],
    ['cut', (course: Course) => course.cut(new Error('the lease is lost')), 'the lease is lost', false],
  ] as const)('lets only conclusions be made once the run is %s', (_what, end, reason, isInterrupted) => {
    const course = new Course();
    end(course);
    expect(started(course)).toEqual(['decide', 'end']);
    expect(course.standstill(of.observe)).toBe(reason);
    expect(course).toMatchObject({ isInterrupted, stopped: { aborted: true }, ending: { aborted: true } });
  });

  it('lets nothing be started after a defect, of which the first counts', () => {
    const course = new Course();
    course.trip(undefined);
    course.trip(new Error('the second'));
    expect(course.defect).toEqual(new TypeError('a step threw undefined'));
    expect(started(course)).toEqual([]);
    expect(course.standstill(of.decide)).toBe('the run stopped before this step');
  });

  it('is halted for what rings, whatever else it failed for, and goes on looking', () => {
    const course = new Course();
    course.fail('ill');
    course.halt('it rings');
    expect(course.failure).toBe('it rings');
    expect(course.stopped.aborted).toBe(false);
    expect(course.ending.reason).toEqual(new Halted('it rings'));
    expect(started(course)).toContain('observe');
  });

  it('says what interrupted it, and how long it may have taken', () => {
    const course = new Course();
    course.interrupt('SIGINT');
    expect(course.stopped.reason).toBeInstanceOf(Interrupted);
    expect(course.stopped.reason).toMatchObject({ cause: 'SIGINT' });
    const late = new Course();
    late.timeUp(5_000);
    expect(late.stopped.reason).toBeInstanceOf(DeadlineError);
  });
});

describe('limited work', () => {
  const limitOf = (clock: VirtualClock, ending: AbortSignal) =>
    ({ clock, limitMs: 5_000, limitText: 'the 5 s', ending }) as const;

  it('has as much more time as its clock is faster', async () => {
    for (const [pace, elapsed] of [
      [undefined, 5_000],
      [3, 15_000],
    ] as const) {
      const clock = Object.assign(new VirtualClock(startMs), pace === undefined ? {} : { pace });
      const never = () => new Promise<never>(() => undefined);
      await expect(limited(limitOf(clock, new AbortController().signal), never)).rejects.toThrow(
        'no answer within the 5 s',
      );
      expect(clock.now() - startMs).toBe(elapsed);
    }
  });

  it('is listened for no longer than it lasts', async () => {
    const ending = new AbortController();
    let seen: AbortSignal | undefined;
    const clock = new VirtualClock(startMs);
    await limited(limitOf(clock, ending.signal), async (signal) => {
      seen = signal;
    });
    expect(clock.now()).toBe(startMs);
    ending.abort(new Error('over'));
    // Its own signal tells of it still, and nobody is left who would reject for it.
    expect(seen?.aborted).toBe(true);
  });
});

describe('the leases of a run', () => {
  const other: Lease = {
    resource: 'world:size',
    token: 3,
    holder: {
      runId: 'other',
      runbook: 'grow',
      environment: 'prod',
      who: 'ben@desk',
      host: 'desk',
      pid: 7,
      since: startMs,
    },
    expiresAt: startMs + 60_000,
    released: false,
  };

  function leasingOf(store: LeaseStore | undefined, options: PartsOptions = {}) {
    const clock = new VirtualClock(startMs);
    const { since: _since, ...holder } = other.holder;
    const leases = store && new LeaseKeeper({ store, clock, holder: { ...holder, runId }, isGone: () => false });
    const parts = partsOf({ of: all, ...(leases === undefined ? {} : { leases }), ...options });
    const { acting, course, log } = parts;
    if (acting === undefined) throw new Error('it acts');
    return { ...parts, clock, leases, leasing: new Leasing({ acting, resources: () => ['world:size'], course, log }) };
  }
  const failing = (error: Error): LeaseStore => ({
    ...memoryState().leases,
    acquire: async () => {
      throw error;
    },
  });

  it('are taken once, and told', async () => {
    const { leasing, events, leases } = leasingOf(memoryState().leases);
    expect(await Promise.all([leasing.take(), leasing.take()])).toEqual([true, true]);
    expect(events).toEqual([{ type: 'lease.acquired', resource: 'world:size', token: 1 }]);
    await leases?.release();
    const none = leasingOf(undefined);
    none.leasing.at('grow');
    expect(await none.leasing.take()).toBe(true);
    expect(none.events).toEqual([]);
  });

  it.each([
    [undefined, ''],
    ['grow', ', at step "grow"'],
  ] as const)('that another run holds, at step %s, let this one wait', async (step, at) => {
    const held = { ...other, holder: { ...other.holder, ...(step === undefined ? {} : { step }) } };
    const store: LeaseStore = { ...memoryState().leases, acquire: async () => ({ acquired: false, held }) };
    const { leasing, events, course } = leasingOf(store);
    expect(await leasing.take()).toBe(false);
    const holder = `run other of ben@desk, since 2026-11-23T10:00:00.000Z${at}`;
    expect(events).toEqual([{ type: 'lease.refused', resource: 'world:size', holder }]);
    expect(course.suspension).toEqual({
      verdict: 'locked',
      reason: `world:size is held by ${holder}`,
      nextSteps: ['locks', 'resume'],
    });
  });

  it.each([
    ['before a change', {}, ['mend state', 'resume']],
    ['after one', { past: [checkpointed] }, ['mend state', 'resume', 'abort']],
  ] as const)('that cannot be taken let it wait, %s', async (_what, options, nextSteps) => {
    const { leasing, course } = leasingOf(failing(new Trouble('state', 'no table')), options);
    expect(await leasing.take()).toBe(false);
    expect(course.suspension).toEqual({ verdict: 'failed', reason: 'no table', nextSteps });
  });

  it('that cannot be taken say nothing of what to do where nobody knows', async () => {
    const plain = Object.assign(new Error('no table'), { errorClass: 'state' });
    const { leasing, course } = leasingOf(failing(plain));
    expect(await leasing.take()).toBe(false);
    expect(course.suspension?.nextSteps).toEqual(['resume']);
  });

  it('that trip over themselves end the run', async () => {
    const { leasing, course } = leasingOf(failing(new TypeError('x is not a function')));
    await expect(leasing.take()).rejects.toThrow('x is not a function');
    expect(course.suspension).toBeUndefined();
  });

  it('that are lost cut the run, which waits for who has them', async () => {
    const store = memoryState().leases;
    const { leasing, events, course, clock, leases } = leasingOf(store);
    await leasing.take();
    await store.revoke('world:size');
    await clock.sleep(60_000);
    const { reason = '' } = course.suspension ?? {};
    expect(course.suspension).toEqual({ verdict: 'locked', reason, nextSteps: ['locks', 'resume'] });
    expect(events.at(-1)).toEqual({ type: 'lease.lost', resource: 'world:size', token: 1, reason });
    expect(reason).toContain('world:size');
    expect(course.stopped.aborted).toBe(true);
    await leases?.release();
  });
});

describe('what watches a run', () => {
  function watchingOf(watch: (() => Promise<string | undefined>) | undefined, options: PartsOptions = {}) {
    const parts = partsOf({ of: all, ...options });
    const { clock, course, log } = parts;
    let looks = 0;
    const counted = watch && (() => ((looks += 1), watch()));
    const condition = counted && { calls: [], everyMs: 1_000, watch: counted };
    const tools = { condition, timeoutMs: 5_000, ports: undefined, settings: undefined, clock, course, log };
    return { ...parts, looks: () => looks, watching: new Watching(tools), without: { ...tools, timeoutMs: undefined } };
  }
  /** Watches for so long. */
  async function watched(parts: ReturnType<typeof watchingOf>, ms: number) {
    const done = new AbortController();
    const watching = parts.watching.world(done.signal);
    await parts.clock.sleep(ms);
    done.abort();
    await watching;
    return parts.looks();
  }
  const acted = { past: [checkpointed] } as const;

  it('lets its time run out, unless it ends before', async () => {
    const { watching, course, clock } = watchingOf(undefined);
    const finished = new AbortController();
    finished.abort();
    await watching.time(finished.signal);
    expect(course.stopped.aborted).toBe(false);
    expect(clock.now()).toBe(startMs);
    await watching.time(new AbortController().signal);
    expect(course.stopped.reason).toEqual(
      new DeadlineError("the run's limit of 5 s was reached", {
        nextStep: 'give it longer with --timeout, or look at what does not answer',
      }),
    );
    expect(clock.now()).toBe(startMs + 5_000);
    const unlimited = watchingOf(undefined);
    await new Watching(unlimited.without).time(new AbortController().signal);
    expect(unlimited.course.stopped.aborted).toBe(false);
  });

  it('looks every second from the first change on, as long as the run has not failed', async () => {
    expect(
      await watched(
        watchingOf(async () => undefined, acted),
        3_500,
      ),
    ).toBe(3);
    expect(
      await watched(
        watchingOf(async () => undefined),
        3_500,
      ),
    ).toBe(0);
    const failed = watchingOf(async () => undefined, acted);
    failed.course.fail('ill');
    expect(await watched(failed, 3_500)).toBe(0);
    expect(await watched(watchingOf(undefined, acted), 3_500)).toBe(0);
  });

  it('halts the run once by what rings, and looks no more', async () => {
    const parts = watchingOf(async () => 'it rings', acted);
    expect(await watched(parts, 3_500)).toBe(1);
    expect(parts.events).toEqual([{ type: 'run.halted', reason: 'it rings' }]);
    expect(parts.course.failure).toBe('it rings');
  });

  it('ends what waits, and looks no more, where it trips over itself', async () => {
    const defect = new TypeError('x is not a function');
    const parts = watchingOf(() => Promise.reject(defect), acted);
    expect(await watched(parts, 3_500)).toBe(1);
    expect(parts.course).toMatchObject({ defect, failure: undefined });
    expect(parts.course.ending.reason).toEqual(new Halted('whether the run must stop cannot be watched any more'));
  });

  it('looks again where it could not', async () => {
    const parts = watchingOf(() => Promise.reject(new Trouble('throttled')), acted);
    expect(await watched(parts, 3_500)).toBe(3);
    expect(parts.course).toMatchObject({ defect: undefined, failure: undefined });
  });

  it('looks once, where somebody asks for it', async () => {
    const rings = watchingOf(async () => 'it rings');
    await rings.watching.once();
    expect(rings.course.failure).toBe('it rings');
    const none = watchingOf(undefined);
    await none.watching.once();
    expect(none.course.failure).toBeUndefined();
  });

  it('does not take the end of the run for a defect, nor what it saw then for a reason', async () => {
    const parts = watchingOf(async () => {
      parts.course.interrupt('SIGINT');
      return 'it rings';
    }, acted);
    expect(await watched(parts, 3_500)).toBe(1);
    expect(parts.events).toEqual([]);
    const trips = watchingOf(() => {
      trips.course.interrupt('SIGINT');
      return Promise.reject(new TypeError('aborted'));
    }, acted);
    expect(await watched(trips, 3_500)).toBe(1);
    expect(trips.course.defect).toBeUndefined();
  });
});
