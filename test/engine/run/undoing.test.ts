/** What is put back of changes that were brought back by a later one, could not be made, or are sealed; and what is told of it. */
import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src/engine/change.ts';
import { Changing } from '../../../src/engine/changing.ts';
import type { EventBody, RunEvent } from '../../../src/engine/events.ts';
import type { LeaseStore } from '../../../src/engine/lease-store.ts';
import { LeaseKeeper } from '../../../src/engine/leases.ts';
import { Leasing } from '../../../src/engine/leasing.ts';
import { runbook } from '../../../src/engine/runbook.ts';
import { StepEnds } from '../../../src/engine/step-ends.ts';
import { settled } from '../../../src/engine/step.ts';
import { Undoing } from '../../../src/engine/undoing.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import {
  died,
  eventsOf,
  runId,
  setting,
  setTo,
  Stage,
  startMs,
  statusesOf,
  steps,
  theBook,
  theEvent,
  Trouble,
  World,
  type ABook,
  type Act,
  type Ports,
  type SetChange,
  type Settings,
} from '../acting/stage.ts';
import { checkpointed, partsOf } from './parts.ts';

interface There {
  /** False where nothing puts the way there back. */
  readonly isReversible?: boolean;
  /** What a look at the way back shows, once it was made. */
  readonly seen?: () => Look['state'] | Error;
  /** Something else that the run changes, besides, and whether that can be put back. */
  readonly besides?: boolean;
  readonly besidesReversible?: boolean;
  readonly holds?: boolean;
}

/** Sets `size` to 3 and back to 2, and may set `switch`; then it holds or does not. */
function thereAndBack({ isReversible, seen, besides, besidesReversible, holds = false }: There = {}): ABook {
  const { approve, act, verify, decide } = steps;
  const changes = [setTo('size', 2, 3), setTo('size', 3, 2), setTo('switch', 0, 1)] as const;
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'All?', facts: [], changes }) });
  const undone = (is: boolean | undefined) => (is === false ? undefined : setting.reverse);
  const there = act('there', {
    ...setting,
    reverse: undone(isReversible),
    title: 'There',
    approval: consent,
    change: () => changes[0],
  });
  let isMade = false;
  const back = act('back', {
    ...setting,
    reverse: undone(isReversible),
    title: 'Back',
    needs: { there },
    approval: consent,
    change: () => changes[1],
    look: async (change: SetChange, context) => {
      const state = isMade && change.input.to === 2 ? seen?.() : undefined;
      if (state instanceof Error) throw state;
      return state === undefined ? setting.look(change, context) : { state, detail: `it is ${state}` };
    },
    apply: async (change, context) => {
      await setting.apply(change, context);
      isMade = true;
    },
  });
  const other = act('other', {
    ...setting,
    reverse: undone(besidesReversible),
    title: 'Other',
    needs: { back },
    approval: consent,
    skip: () => (besides === true ? undefined : 'nothing else'),
    change: () => changes[2],
  });
  const held = verify('held', {
    title: 'Hold',
    needs: { back, other: settled(other) },
    calls: [],
    withinMs: 9_000,
    poll: async () =>
      holds ? { state: 'reached', output: { holds }, detail: 'holds' } : { state: 'failed', detail: 'does not hold' },
  });
  const end = decide('end', {
    title: 'End',
    needs: { held: settled(held) },
    run: ({ held: { known } }) => ({ verdict: known ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'there-and-back',
    title: 'There and back',
    summary: 'There and back',
    steps: [consent, there, back, other, held, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
}

const stage = () => {
  const made = new Stage();
  made.world.movingMs = 0;
  return made;
};
const made = ['size=3', 'size=2'];

/** One change among those of a run. */
interface Deed {
  readonly id: string;
  readonly change: SetChange;
  /** False where nothing puts it back. */
  readonly isReversible?: boolean;
  /** Which of those before it are not put back while it stands. */
  readonly seals?: readonly string[];
  /** Called before each look. */
  readonly looks?: (change: SetChange) => void;
}

const grown: Deed = { id: 'grow', change: setTo('size', 2, 3) };
const turned: Deed = { id: 'turn', change: setTo('switch', 0, 1) };

/** Makes the changes one after another; then it does not hold. */
function inTurn(deeds: readonly Deed[], { concludes }: { readonly concludes?: () => void } = {}): ABook {
  const { approve, act, verify, decide } = steps;
  const changes = deeds.map(({ change }) => change);
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'All?', facts: [], changes }) });
  const acts: ReturnType<typeof act>[] = [];
  for (const { id, change, isReversible, seals = [], looks } of deeds) {
    const step = act(id, {
      ...setting,
      reverse: isReversible === false ? undefined : setting.reverse,
      title: id,
      needs: Object.fromEntries(acts.map((before) => [before.id, before])),
      approval: consent,
      change: () => change,
      look: async (wanted: SetChange, context) => {
        looks?.(wanted);
        return setting.look(wanted, context);
      },
      seals: acts.filter((before) => seals.includes(before.id)),
    });
    acts.push(step);
  }
  const held = verify('held', {
    title: 'Hold',
    needs: Object.fromEntries(acts.map((before) => [before.id, before])),
    calls: [],
    withinMs: 9_000,
    poll: async () => ({ state: 'failed', detail: 'does not hold' }),
  });
  const end = decide('end', {
    title: 'End',
    needs: { held: settled(held) },
    run: () => {
      concludes?.();
      return { verdict: 'attention' as const };
    },
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'grow',
    title: 'In turn',
    summary: 'In turn',
    steps: [consent, ...acts, held, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
}

/** Died at the first event of which that is so. */
async function diedWhere(deeds: readonly Deed[], isIt: (event: RunEvent) => boolean) {
  const calm = await stage().play({ book: inTurn(deeds) });
  const nth = calm.events.find(isIt)?.seq ?? 0;
  expect(nth).toBeGreaterThan(0);
  const on = stage();
  expect(await on.start({ book: inTurn(deeds), death: { at: 'event', nth } })).toBe(died);
  return { on };
}

/** All is changed, and whether it holds is asked now. */
const isHolding = (event: RunEvent) => event.type === 'step.started' && event.stepId === 'held';

describe('what the run has brought back itself', () => {
  it('is not put back: it is where it was', async () => {
    const on = stage();
    const { result, events } = await on.play({ book: thereAndBack() });
    expect(result.verdict).toBe('failed');
    expect(on.world.applied).toEqual(made);
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
    expect(statusesOf({ result })).toMatchObject({ there: 'succeeded', back: 'succeeded' });
  });

  it('is not put back where somebody has changed it since', async () => {
    const on = stage();
    const { events } = await on.play({ book: thereAndBack({ seen: () => 'drifted' }) });
    expect(on.world.applied).toEqual(made);
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
  });

  it.each([
    ['is not so', () => 'not-started' as const],
    ['has failed', () => 'failed' as const],
    ['cannot be seen', () => new Trouble('denied')],
    ['cannot be looked at by anybody', () => new Trouble('credentials')],
    ['stumbles', () => new TypeError('x is not a function')],
  ])('is put back like any where it %s', async (_what, seen) => {
    const on = stage();
    const { events } = await on.play({ book: thereAndBack({ seen }) });
    expect(theEvent(events, 'run.undoing').reason).toBe('does not hold');
  });

  it('is waited for while it is under way', async () => {
    const on = stage();
    const shows: Look['state'][] = ['in-flight', 'in-flight', 'done'];
    const { events } = await on.play({ book: thereAndBack({ seen: () => shows.shift() ?? 'done' }) });
    expect(shows).toEqual([]);
    expect(on.world.applied).toEqual(made);
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
  });

  it('is not put back with what the run has changed besides', async () => {
    const on = stage();
    const { result, events } = await on.play({ book: thereAndBack({ besides: true }) });
    expect(on.world.applied).toEqual([...made, 'switch=1', 'switch=0']);
    expect(eventsOf(events, 'run.undoing')).toHaveLength(1);
    expect(statusesOf({ result })).toMatchObject({ there: 'succeeded', back: 'succeeded', other: 'rolled-back' });
  });

  it('though nothing puts it back is not parted from what is to be put back', async () => {
    const on = stage();
    const { result } = await on.play({ book: thereAndBack({ besides: true, isReversible: false }) });
    expect(on.world.applied).toEqual([...made, 'switch=1', 'switch=0']);
    expect(statusesOf({ result })).toMatchObject({ other: 'rolled-back' });
  });

  it('is all that there is, where nothing puts anything else back', async () => {
    const on = stage();
    const looks: number[] = [];
    const { events } = await on.play({
      book: thereAndBack({
        besides: true,
        isReversible: false,
        besidesReversible: false,
        seen: () => {
          looks.push(1);
          return 'done';
        },
      }),
    });
    expect(on.world.applied).toEqual([...made, 'switch=1']);
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
    expect(looks.length).toBeGreaterThan(0);
  });
});

describe('what was moved away together', () => {
  const traffic: Deed = { id: 'traffic', change: setTo('switch', 0, 1) };
  const away: Deed = { id: 'away', change: setTo('size', 2, 3), isReversible: false, seals: ['traffic'] };
  const home: Deed = { id: 'home', change: setTo('size', 3, 2) };
  const trafficHome: Deed = { id: 'traffic-home', change: setTo('switch', 1, 0) };

  it('stays away together while only part of it has come back', async () => {
    const on = stage();
    const { result } = await on.play({ book: inTurn([traffic, away, home]) });
    // What nothing puts back is where the rest of it is, and not where it came from.
    expect(on.world.state).toEqual({ size: 3, switch: 1 });
    expect(statusesOf({ result })).toMatchObject({ traffic: 'succeeded', away: 'succeeded', home: 'rolled-back' });
  });

  it('is left at home once all of it has come back', async () => {
    const on = stage();
    const { events } = await on.play({ book: inTurn([traffic, away, home, trafficHome]) });
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
    expect(on.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('is seen to be home also by a runbook that has no longer the step that brought it', async () => {
    const { on } = await diedWhere([grown, { ...home, id: 'shrink' }], isHolding);
    const { result } = await on.play({ book: inTurn([grown]), purpose: 'abort' });
    expect(result).toMatchObject({ verdict: 'attention', defect: undefined });
    expect(on.world.applied).toEqual(made);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back' });
  });
});

describe('what cannot be put back', () => {
  it('is told, and what was changed before it is put back all the same', async () => {
    const on = stage();
    on.world.healthy = false;
    // The second sending of each is the way back.
    on.world.fates.set('switch', []);
    const { result } = await on.play({
      book: theBook(),
      emit: ({ type }) => {
        if (type === 'run.undoing') on.world.fates.set('switch', ['refused']);
      },
    });
    expect(on.world.state).toEqual({ size: 2, switch: 1 });
    expect(statusesOf({ result })).toMatchObject({ turn: 'failed', grow: 'rolled-back' });
    expect(result.steps.find(({ stepId }) => stepId === 'turn')?.detail).toBe('switch cannot be set');
    expect(result).toMatchObject({ verdict: 'failed', defect: undefined });
  });

  /** Does not hold; what becomes of the first sending that is to put something back. */
  async function undone(fate: 'expired' | 'broken') {
    const on = stage();
    on.world.healthy = false;
    const played = await on.play({
      book: theBook(),
      emit: ({ type }) => {
        if (type === 'run.undoing') on.world.fates.set('switch', [fate]);
      },
    });
    return { on, ...played };
  }

  it('by somebody who is nobody any more, waits with all that was changed before it', async () => {
    const { on, result, events } = await undone('expired');
    expect(result).toMatchObject({ verdict: 'failed', defect: undefined });
    expect(on.world.applied).toEqual(['size=3', 'switch=1']);
    const nextSteps = ['mend credentials', 'nanoops runs resume', 'nanoops runs abort'];
    expect(theEvent(events, 'run.suspended').nextSteps).toEqual(nextSteps);
    expect(statusesOf({ result })).toMatchObject({ turn: 'suspended' });
    expect((await on.play()).result.verdict).toBe('failed');
    expect(on.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('since it trips over itself, ends the run by that', async () => {
    const { result } = await undone('broken');
    expect(result.verdict).toBe('failed');
    expect(result.defect).toBeInstanceOf(TypeError);
    expect(statusesOf({ result })).toMatchObject({ turn: 'failed' });
  });

  it('since looking trips over itself, ends the run there: nothing before it is touched', async () => {
    const on = stage();
    const defect = new TypeError('x is not a function');
    const turn: Deed = {
      ...turned,
      looks: ({ input }) => {
        if (input.to === 0) throw defect;
      },
    };
    const { result } = await on.play({ book: inTurn([grown, turn]) });
    expect(result).toMatchObject({ verdict: 'failed', defect });
    expect(on.world.applied).toEqual(['size=3', 'switch=1']);
    expect(statusesOf({ result })).toMatchObject({ turn: 'failed', grow: 'succeeded' });
  });

  it('where the run is interrupted meanwhile, is left to whoever takes it up', async () => {
    const on = stage();
    on.world.healthy = false;
    const stop = new AbortController();
    const { result } = await on.play({
      book: theBook(),
      signal: stop.signal,
      emit: (event) => {
        if (event.type === 'change.intended' && event.direction === 'undo') stop.abort(new Error('SIGINT'));
      },
    });
    expect(result.verdict).toBe('interrupted');
    // What is sent is sent to its end, and the one before it is not begun.
    expect(on.world.applied).toEqual(['size=3', 'switch=1', 'switch=0']);
    expect((await on.play()).result.verdict).toBe('failed');
    expect(on.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('of a step that the runbook has no more, is left alone', async () => {
    const on = stage();
    on.world.healthy = false;
    const nth = theEvent((await stage().play()).events, 'run.checkpointed').seq + 3;
    expect(await on.start({ death: { at: 'event', nth } })).toBe(died);
    const without = thereAndBack();
    const { result } = await on.play({ book: { ...without, id: 'grow' }, purpose: 'abort' });
    expect(result.defect).toBeUndefined();
    expect(on.world.applied).toEqual(['size=3']);
    expect(eventsOf(await on.journaled(), 'run.undoing')).toEqual([]);
  });

  it('of a step that the runbook has no more, keeps nothing before it from being put back', async () => {
    const { on } = await diedWhere([grown, turned], isHolding);
    const { result } = await on.play({ book: inTurn([grown]), purpose: 'abort' });
    expect(result).toMatchObject({ verdict: 'attention', defect: undefined });
    expect(on.world.state).toEqual({ size: 2, switch: 1 });
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back' });
  });

  it('though nobody knows whether it was made is looked for', async () => {
    const deeds: readonly Deed[] = [{ ...grown, isReversible: false }];
    const calm = await stage().play({ book: inTurn(deeds) });
    const on = stage();
    const nth = theEvent(calm.events, 'change.intended').seq;
    expect(await on.start({ book: inTurn(deeds), death: { at: 'event', nth } })).toBe(died);
    const { result, events } = await on.play({ book: inTurn(deeds), purpose: 'abort' });
    expect(theEvent(events, 'run.undoing').reason).toBe('the run was aborted');
    expect(on.world.applied).toEqual([]);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back' });
    expect(result.verdict).toBe('attention');
  });
});

describe('a run that may not put back', () => {
  it('since it tripped over itself, leaves what it has changed to whoever aborts it', async () => {
    const on = stage();
    const defect = new TypeError('x is not a function');
    const concludes = () => {
      throw defect;
    };
    const { result, events } = await on.play({ book: inTurn([grown, turned], { concludes }) });
    expect(result).toMatchObject({ verdict: 'failed', defect });
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
    expect(on.world.applied).toEqual(['size=3', 'switch=1']);
    const nextSteps = ['nanoops runs abort', 'nanoops runs resume'];
    expect(theEvent(events, 'run.suspended').nextSteps).toEqual(nextSteps);
    await on.play({ book: inTurn([grown, turned]), purpose: 'abort' });
    expect(on.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('since another run has one of its leases by now, touches nothing', async () => {
    const { undoing, course, events } = failedAlone();
    course.suspend({ verdict: 'locked', reason: 'world:size is lost', nextSteps: ['locks'] });
    await undoing.putBack('undo');
    expect(events).toEqual([]);
    expect(course.defect).toBeUndefined();
  });

  it('since the store of leases trips over itself, ends by that', async () => {
    const defect = new TypeError('x is not a function');
    const { undoing, course, events } = failedAlone({
      ...memoryState().leases,
      acquire: () => Promise.reject(defect),
    });
    await undoing.putBack('undo');
    expect(course.defect).toBe(defect);
    expect(events).toEqual([]);
  });

  /** One that has failed after it changed `size`, without a run around what puts back. */
  function failedAlone(store?: LeaseStore) {
    const { steps: all } = inTurn([grown]);
    const past: readonly EventBody[] = [
      checkpointed,
      { type: 'change.intended', stepId: 'grow', direction: 'apply', change: grown.change, hash: 'aaaa', tokens: {} },
      { type: 'change.answered', stepId: 'grow', direction: 'apply', outcome: 'applied' },
    ];
    const clock = new VirtualClock(startMs);
    const holder = { runId, runbook: 'grow', environment: 'prod', who: 'ana', host: 'laptop', pid: 1 };
    const leases = store && new LeaseKeeper({ store, clock, holder, isGone: () => false });
    const { acting, course, log, events, mode } = partsOf({ of: all, past, ...(leases ? { leases } : {}) });
    if (acting === undefined) throw new Error('it acts');
    const changing = new Changing<Ports, Settings, Act>({
      acting,
      clock,
      random: () => 0.5,
      settings: { by: 1 },
      ports: () => ({ read: async () => ({ value: 3, moving: false }), healthy: async () => true }),
      stop: course.stopped,
      standstill: (step) => course.standstill(step),
      hasTold: () => false,
      isAwaited: () => false,
      emit: (event) => log.emit(event),
      history: log.before,
      checkpoint: () => log.checkpoint(),
    });
    const leasing = new Leasing({ acting, resources: () => ['world:size'], course, log });
    const ends = new StepEnds({ acting, mode, clock, course, log, stands: (id) => changing.records.stands(id) });
    course.fail('it does not hold');
    const undoing = new Undoing<Ports, Settings, Act>({ steps: all, clock, changing, leasing, course, log, ends });
    return { undoing, course, events };
  }
});

describe('what is back before anything is put back', () => {
  /** Takes up a run that died at the nth event of a kind, and failed before that. */
  async function diedAt(isIt: (type: string, direction?: string) => boolean) {
    const whole = stage();
    whole.world.healthy = false;
    const calm = await whole.play();
    const nth =
      calm.events.find((event) => isIt(event.type, 'direction' in event ? event.direction : undefined))?.seq ?? 0;
    expect(nth).toBeGreaterThan(0);
    const on = stage();
    on.world.healthy = false;
    expect(await on.start({ death: { at: 'event', nth } })).toBe(died);
    return { on, ...(await on.play()) };
  }

  it('is told where its process died before it said so', async () => {
    const { on, events, result } = await diedAt(
      (type, direction) => type === 'change.looked-up' && direction === 'undo',
    );
    expect(result.verdict).toBe('failed');
    expect(on.world.applied).toEqual(['size=3', 'switch=1', 'switch=0', 'size=2']);
    expect(eventsOf(events, 'step.finished').filter(({ stepId }) => stepId === 'turn')).toMatchObject([
      { status: 'rolled-back', detail: 'put back: switch 0 \u2192 1', attempts: 0 },
    ]);
  });

  it('is told of no step that the runbook has no more', async () => {
    const { on } = await diedWhere([grown, turned], ({ type, ...event }) => {
      return type === 'change.looked-up' && 'direction' in event && event.direction === 'undo';
    });
    expect(on.world.state).toEqual({ size: 3, switch: 0 });
    const { result, events } = await on.play({ book: inTurn([grown]), purpose: 'abort' });
    expect(result).toMatchObject({ verdict: 'attention', defect: undefined });
    expect(eventsOf(events, 'step.finished').map(({ stepId }) => stepId)).toEqual(['grow']);
    expect(on.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('is not told again where it was told', async () => {
    const { events } = await diedAt((type) => type === 'run.finished');
    expect(eventsOf(events, 'step.finished').filter(({ stepId }) => stepId === 'turn')).toEqual([]);
  });

  it('is told where it was never made', async () => {
    const on = stage();
    on.world.fates.set('size', ['refused']);
    const calm = await on.play();
    const answered = theEvent(calm.events, 'change.answered').seq;
    const other = stage();
    other.world.fates.set('size', ['refused']);
    expect(await other.start({ death: { at: 'event', nth: answered } })).toBe(died);
    const { events, result } = await other.play({ purpose: 'abort' });
    expect(eventsOf(events, 'step.finished')).toMatchObject([
      { stepId: 'grow', status: 'rolled-back', detail: 'never made: size 2 \u2192 3' },
    ]);
    expect(result.verdict).toBe('attention');
    // It has said so.
    const again = await other.play({ purpose: 'abort' });
    expect(eventsOf(again.events, 'step.finished')).toEqual([]);
  });
});

describe('a change that seals another', () => {
  function sealing(): ABook {
    const { approve, act, verify, decide } = steps;
    const changes = [setTo('size', 2, 3), setTo('switch', 0, 1)] as const;
    const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'Both?', facts: [], changes }) });
    const fence = act('fence', { ...setting, title: 'Fence', approval: consent, change: () => changes[0] });
    const move = act('move', {
      ...setting,
      reverse: undefined,
      title: 'Move',
      needs: { fence },
      approval: consent,
      change: () => changes[1],
      seals: [fence],
    });
    const held = verify('held', {
      title: 'Hold',
      needs: { move: settled(move) },
      calls: [],
      withinMs: 1_000,
      poll: async () => ({ state: 'failed', detail: 'does not hold' }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { held: settled(held) },
      run: () => ({ verdict: 'attention' as const }),
      detail: String,
    });
    return runbook({
      id: 'sealing',
      title: 'Sealing',
      summary: 'Sealing',
      steps: [consent, fence, move, held, end],
      conclusion: end,
      resources: () => ['world:size', 'world:switch'],
    });
  }

  it('keeps it from being put back while it stands', async () => {
    const on = stage();
    const { result } = await on.play({ book: sealing() });
    expect(result.verdict).toBe('failed');
    expect(on.world.applied).toEqual(['size=3', 'switch=1']);
    expect(statusesOf({ result })).toMatchObject({ fence: 'succeeded', move: 'succeeded' });
  });

  it('keeps nothing else from being put back', async () => {
    const on = new Stage(new World({ size: 2, switch: 0, door: 0 }));
    on.world.movingMs = 0;
    const move: Deed = { id: 'move', change: setTo('door', 0, 1), isReversible: false, seals: ['turn'] };
    const { result } = await on.play({ book: inTurn([grown, turned, move]) });
    expect(on.world.state).toEqual({ size: 2, switch: 1, door: 1 });
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', turn: 'succeeded', move: 'succeeded' });
  });

  it('lets it be put back where it was not made', async () => {
    const on = new Stage(new World({ size: 2, switch: 0 }));
    on.world.movingMs = 0;
    on.world.fates.set('switch', ['refused']);
    const { result } = await on.play({ book: sealing() });
    expect(on.world.applied).toEqual(['size=3', 'size=2']);
    expect(statusesOf({ result })).toMatchObject({ fence: 'rolled-back', move: 'failed' });
  });
});
