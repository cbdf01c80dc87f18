/** What ends a run that acts, at any moment: when it is looked at, what it stops, and what is put back. */
import { describe, expect, it } from 'vitest';
import type { Approver } from '../../../src/engine/approval.ts';
import type { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import type { ObserveContext } from '../../../src/engine/step.ts';
import { runbook, type StopCondition } from '../../../src/engine/runbook.ts';
import {
  answering,
  died,
  eventsOf,
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
  type Ports,
  type Settings,
} from './stage.ts';

type Looking = ObserveContext<Ports, Settings>;

const everyMs = 1_000;
const ringing = 'the alarm api-5xx is ringing';

const watched = (watch: StopCondition<Ports, Settings>['watch'], book: ABook = theBook()): ABook => ({
  ...book,
  stop: { calls: ['world:Read'], everyMs, watch },
});

/** Holds from so long after the start. */
const rings = (afterMs: number) =>
  async function watch({ clock }: Looking): Promise<string | undefined> {
    return clock.now() >= startMs + afterMs ? ringing : undefined;
  };

/** Changes `size`, then does whatever comes while it is watched. */
function changesThen(then: 'wait' | 'ask' | 'observe' | 'slow change'): ABook {
  const { approve, act, wait, observe, manual, decide } = steps;
  const changes = [setTo('size', 2, 3), setTo('switch', 0, 1)] as const;
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'Both?', facts: [], changes }) });
  const grow = act('grow', { ...setting, title: 'Grow', approval: consent, change: () => changes[0] });
  const needs = { grow };
  const next = {
    wait: wait('next', {
      title: 'Wait',
      needs,
      calls: [],
      withinMs: 3_600_000,
      poll: async () => ({ state: 'waiting', detail: 'for ever' }) as const,
    }),
    ask: manual('next', { title: 'Ask', needs, ask: () => ({ question: 'Done?', facts: [] }) }),
    observe: observe('next', {
      title: 'Look',
      needs,
      timeoutMs: 3_600_000,
      run: async (_needs, { clock, signal }) => {
        await clock.sleep(3_000_000, signal);
        return 1;
      },
      detail: String,
    }),
    'slow change': act('next', { ...setting, title: 'Turn', needs, approval: consent, change: () => changes[1] }),
  }[then];
  const last = observe('last', { title: 'Last', needs: { next }, run: async () => 1, detail: String });
  const end = decide('end', { title: 'End', run: () => ({ verdict: 'ok' as const }), detail: String });
  return runbook({
    id: 'then',
    title: 'Then',
    summary: 'Then',
    steps: [consent, grow, next, last, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
}

/** Says yes to changes, and thinks for ever about anything else. */
function yesToChanges() {
  const clocks: VirtualClock[] = [];
  const approver: Approver = {
    ask: async ({ changes }, signal) => {
      if (changes.length === 0) await clocks[0]?.sleep(Infinity, signal);
      return { kind: 'given', by: 'ana', how: 'prompt' };
    },
  };
  return { approver, script: (clock: VirtualClock) => void clocks.push(clock) };
}

const toldEnd = (events: Parameters<typeof theEvent>[0]) => ({
  halted: theEvent(events, 'run.halted').reason,
  undoing: theEvent(events, 'run.undoing').reason,
});

describe('a stop condition', () => {
  it('is not looked at before the first change, however long that takes', async () => {
    const stage = new Stage();
    const looks: number[] = [];
    const { result, events } = await stage.play({
      book: watched(async ({ clock }) => {
        looks.push(clock.now());
        return undefined;
      }),
      approver: answering(async () => ({ kind: 'given', by: 'ana', how: 'prompt' })),
    });
    expect(result.verdict).toBe('ok');
    expect(looks.length).toBeGreaterThan(0);
    expect(Math.min(...looks)).toBeGreaterThan(theEvent(events, 'run.checkpointed').at);
    expect(looks.every((at, index) => index === 0 || at - (looks[index - 1] ?? 0) >= everyMs)).toBe(true);
  });

  it('that holds all the time does not keep a run from asking, and stops it after its first change', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({ book: watched(async () => ringing) });
    expect(result.verdict).toBe('failed');
    expect(theEvent(events, 'run.halted').seq).toBeGreaterThan(theEvent(events, 'run.checkpointed').seq);
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
  });

  it.each(['wait', 'ask', 'observe'] as const)('ends what goes on: %s', async (then) => {
    const stage = new Stage();
    const { result, events, clock } = await stage.play({
      book: watched(rings(10_000), changesThen(then)),
      ...yesToChanges(),
    });
    expect(result.verdict).toBe('failed');
    expect(toldEnd(events)).toEqual({ halted: ringing, undoing: ringing });
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', next: 'blocked', last: 'blocked' });
    expect(result.steps.find(({ stepId }) => stepId === 'next')?.detail).toBe(`stopped: ${ringing}`);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
    expect(clock.now() - startMs).toBeLessThan(60_000);
    expect(theEvent(events, 'run.finished')).toMatchObject({ verdict: 'failed' });
    expect(eventsOf(events, 'approval.declined')).toEqual([]);
  });

  it('lets a change that is under way come to its end, and puts back both, the newest first', async () => {
    const stage = new Stage();
    stage.world.fates.set('switch', [{ slowMs: 8_000 }]);
    const { result, events } = await stage.play({ book: watched(rings(3_000), changesThen('slow change')) });
    expect(result.verdict).toBe('failed');
    const answered = eventsOf(events, 'change.answered').find(({ stepId }) => stepId === 'next');
    expect(answered).toMatchObject({ outcome: 'applied' });
    expect(answered?.seq).toBeGreaterThan(theEvent(events, 'run.halted').seq);
    expect(stage.world.applied).toEqual(['size=3', 'switch=1', 'switch=0', 'size=2']);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', next: 'rolled-back' });
  });

  it('lets an answer that was lost be looked for, and puts that back too', async () => {
    const stage = new Stage();
    stage.world.fates.set('switch', ['lost']);
    stage.world.hiddenMs = 10_000;
    const { result } = await stage.play({ book: watched(rings(3_000), changesThen('slow change')) });
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('keeps a change that was not sent yet from being sent', async () => {
    const stage = new Stage();
    stage.world.fates.set('switch', Array(20).fill('throttled'));
    const { result } = await stage.play({ book: watched(rings(3_000), changesThen('slow change')) });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(result.steps.find(({ stepId }) => stepId === 'next')?.detail).toContain(ringing);
  });

  it.each(['unreachable', 'throttled', 'denied', 'service-fault'] as const)(
    'that cannot be looked at (%s) stops nothing',
    async (errorClass) => {
      const stage = new Stage();
      const { result } = await stage.play({ book: watched(() => Promise.reject(new Trouble(errorClass))) });
      expect(result.verdict).toBe('ok');
      expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    },
  );

  it('that never answers is given up after 30 s, and looked at again', async () => {
    const stage = new Stage();
    const signals: AbortSignal[] = [];
    const { result, clock } = await stage.play({
      book: watched(({ signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      }, changesThen('observe')),
      timeoutMs: 120_000,
    });
    expect(result.verdict).toBe('failed');
    expect(signals.length).toBeGreaterThan(2);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(clock.now() - startMs).toBeLessThan(130_000);
  });

  it('that never answers does not hold up the end of a run', async () => {
    const stage = new Stage();
    const quick = await new Stage().play();
    const { result, clock } = await stage.play({ book: watched(() => new Promise(() => undefined)) });
    expect(result.verdict).toBe('ok');
    expect(clock.now()).toBe(quick.clock.now());
  });

  it('with a defect ends the run at once, and leaves what was changed to whoever takes it up', async () => {
    const stage = new Stage();
    const { result, clock, events } = await stage.play({
      book: watched(() => Promise.reject(new TypeError('x is not a function')), changesThen('wait')),
    });
    expect(result).toMatchObject({ verdict: 'failed', defect: new TypeError('x is not a function') });
    expect(clock.now() - startMs).toBeLessThan(60_000);
    expect(stage.world.applied).toEqual(['size=3']);
    expect(theEvent(events, 'run.suspended')).toMatchObject({
      reason: 'x is not a function',
      nextSteps: ['nanoops runs abort', 'nanoops runs resume'],
    });
    const after = await stage.play({ book: changesThen('wait'), purpose: 'abort' });
    expect(after.result.verdict).toBe('attention');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('is not looked at in a dry run, nor by a run that puts back', async () => {
    let looks = 0;
    const count = async () => {
      looks += 1;
      return ringing;
    };
    const dry = await new Stage().play({ book: watched(count), mode: 'dry-run' });
    expect(eventsOf(dry.events, 'run.halted')).toEqual([]);
    expect(looks).toBe(0);

    const stage = new Stage();
    stage.world.movingMs = 0;
    await stage.start({ book: changesThen('wait'), death: { at: 'event', nth: 12 }, ...yesToChanges() });
    const { result } = await stage.play({ book: watched(count, changesThen('wait')), purpose: 'abort' });
    expect(result.verdict).toBe('attention');
    expect(looks).toBe(0);
  });

  it('is looked at in a run that is taken up after its first change', async () => {
    const stage = new Stage();
    const book = (watch: StopCondition<Ports, Settings>['watch']) => watched(watch, changesThen('wait'));
    const whole = await new Stage().play({ book: book(rings(10_000)) });
    const nth = eventsOf(whole.events, 'change.answered')[0]?.seq ?? 0;
    expect(await stage.start({ book: book(async () => undefined), death: { at: 'event', nth } })).toBe(died);
    const { result, events } = await stage.play({ book: book(async () => ringing) });
    expect(result.verdict).toBe('failed');
    expect(theEvent(events, 'run.halted').reason).toBe(ringing);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('tells of it once, whatever else fails at the same time', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result, events } = await stage.play({ book: watched(rings(16_000)) });
    expect(result.verdict).toBe('failed');
    expect(eventsOf(events, 'run.halted').length).toBeLessThanOrEqual(1);
    expect(eventsOf(events, 'run.undoing')).toHaveLength(1);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});

describe('a run that dies once it is halted', () => {
  const book = () => watched(rings(3_000), changesThen('slow change'));

  it('puts back when it is taken up, wherever it died', async () => {
    const prepared = () => {
      const stage = new Stage(new World({ size: 2, switch: 0 }));
      stage.world.movingMs = 0;
      stage.world.fates.set('switch', [{ slowMs: 8_000 }]);
      return stage;
    };
    const whole = await prepared().play({ book: book() });
    const halted = theEvent(whole.events, 'run.halted').seq;
    const last = theEvent(whole.events, 'run.finished').seq;
    expect(theEvent(whole.events, 'run.undoing').seq).toBeGreaterThan(halted);
    for (let nth = halted; nth < last; nth += 1) {
      const stage = prepared();
      expect(await stage.start({ book: book(), death: { at: 'event', nth } })).toBe(died);
      // The alarm is over by now: what was decided stays decided.
      const { result } = await stage.play({ book: watched(async () => undefined, changesThen('slow change')) });
      expect(result.verdict).toBe('failed');
      expect(stage.world.state).toEqual({ size: 2, switch: 0 });
      expect(result.history.undoingFor).toBe(ringing);
    }
  });

  it('is interrupted while it puts back, and goes on putting back', async () => {
    const stage = new Stage();
    const stop = new AbortController();
    const first = await stage.play({
      book: watched(rings(3_000), changesThen('wait')),
      signal: stop.signal,
      emit: ({ type }) => {
        if (type === 'run.undoing') stop.abort(new Error('SIGINT'));
      },
    });
    expect(first.result.verdict).toBe('interrupted');
    expect(theEvent(first.events, 'run.suspended').nextSteps).toEqual(['nanoops runs resume', 'nanoops runs abort']);
    const { result } = await stage.play({ book: watched(async () => undefined, changesThen('wait')) });
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('is interrupted the moment it is halted, and puts back when it is taken up', async () => {
    const stage = new Stage();
    const stop = new AbortController();
    const first = await stage.play({
      book: watched(rings(3_000), changesThen('wait')),
      signal: stop.signal,
      emit: ({ type }) => {
        if (type === 'run.halted') stop.abort(new Error('SIGINT'));
      },
    });
    expect(first.result.verdict).toBe('interrupted');
    expect(stage.world.applied).toEqual(['size=3']);
    const { result } = await stage.play({ book: changesThen('wait') });
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});
