/** What becomes of one call, and what the run makes of it. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/engine/events.ts';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  answering,
  died,
  eventsOf,
  setTo,
  setting,
  Stage,
  startMs,
  statusesOf,
  steps,
  Trouble,
  twoBranches,
  World,
  type ABook,
  type Fate,
} from './stage.ts';

function staged(fates: { readonly [name: string]: readonly Fate[] }, change: (world: World) => void = () => {}): Stage {
  const stage = new Stage();
  for (const [name, list] of Object.entries(fates)) stage.world.fates.set(name, [...list]);
  change(stage.world);
  return stage;
}

const undone = { size: 2, switch: 0 };
const done = { size: 3, switch: 1 };
const answersOf = (events: readonly RunEvent[]) => eventsOf(events, 'change.answered').map(({ outcome }) => outcome);

describe('a lost answer', () => {
  it.each([
    { name: 'shows at once', movingMs: 0, hiddenMs: 0 },
    { name: 'shows as in flight', movingMs: 15_000, hiddenMs: 0 },
    { name: 'shows after 10 s', movingMs: 0, hiddenMs: 10_000 },
  ])('of a change that $name is found by looking, and nothing is sent twice', async ({ movingMs, hiddenMs }) => {
    const stage = staged({ size: ['lost'] }, (world) => Object.assign(world, { movingMs, hiddenMs }));
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(answersOf(events)).toEqual(['unknown', 'applied']);
    expect(eventsOf(events, 'change.looked-up')).toHaveLength(1);
  });

  it('of a change that never arrived leads to its being sent once more', async () => {
    const stage = staged({ size: ['reset'] });
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(eventsOf(events, 'change.intended').map(({ stepId }) => stepId)).toEqual(['grow', 'grow', 'turn']);
  });

  it('of a change that never arrives at all ends in putting back', async () => {
    const stage = staged({ switch: ['reset', 'reset'] });
    const { result } = await stage.play();
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual(undone);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', turn: 'failed' });
  });

  it('while putting back is found by looking', async () => {
    const stage = staged({ switch: ['refused'], size: [{ slowMs: 0 }, 'lost'] });
    const { result } = await stage.play();
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(result.history.changes.map(({ status }) => status)).toEqual(['reverted', 'failed']);
  });
});

describe('throttling', () => {
  it('for a minute is waited out, and the change is made once', async () => {
    const stage = staged({ size: Array.from<Fate>({ length: 6 }).fill('throttled') });
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    const [first, ...more] = eventsOf(events, 'change.intended').filter(({ stepId }) => stepId === 'grow');
    expect(more).toHaveLength(6);
    expect((more.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(30_000);
  });

  it('that does not end puts back what was changed', async () => {
    const stage = staged({ switch: Array.from<Fate>({ length: 100 }).fill('throttled') });
    const { result } = await stage.play();
    expect(result.verdict).toBe('failed');
    expect(stage.world.state).toEqual(undone);
  });
});

describe('a definite no', () => {
  it('puts back what was changed before, newest first, and tells so', async () => {
    const stage = staged({ switch: ['refused'] });
    const { result, events } = await stage.play();
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(stage.world.told).toEqual(['it does not hold']);
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', turn: 'failed', holds: 'blocked' });
    expect(eventsOf(events, 'run.undoing')).toMatchObject([{ reason: 'switch cannot be set' }]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'failed' });
  });

  it('to putting one back leaves that one, and puts back the others', async () => {
    const stage = staged({ switch: [{ slowMs: 0 }, 'refused'] }, (world) => {
      world.healthy = false;
    });
    const { result } = await stage.play();
    expect(stage.world.state).toEqual({ size: 2, switch: 1 });
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', turn: 'failed' });
    expect(result.history.changes.map(({ status }) => status)).toEqual(['reverted', 'applied']);
  });
});

describe('a world that is so already', () => {
  it('is left alone: nothing is sent, and nothing of it is put back', async () => {
    const stage = new Stage(new World({ size: 2, switch: 1 }));
    stage.world.healthy = false;
    const { result } = await stage.play();
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(result.history.changes.map(({ stepId }) => stepId)).toEqual(['grow']);
    expect(statusesOf({ result })).toMatchObject({ turn: 'succeeded' });
  });
});

describe('credentials that expire', () => {
  it('before the first change suspend the run: nothing was sent, and it can be taken up', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      emit: ({ type }) => {
        if (type === 'approval.given') stage.world.expired = true;
      },
    });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'run.suspended' });
    expect(result.history.suspended?.nextSteps).toContain('mend credentials');
    stage.world.expired = false;
    expect((await stage.play()).result.verdict).toBe('ok');
    expect(stage.world.state).toEqual(done);
  });

  it('as a change is sent suspend it', async () => {
    const stage = staged({ switch: ['expired'] });
    const { result } = await stage.play();
    expect(result.verdict).toBe('failed');
    expect(result.history.suspended?.nextSteps).toEqual([
      'mend credentials',
      'nanoops runs resume',
      'nanoops runs abort',
    ]);
    expect(stage.world.applied).toEqual(['size=3']);
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
  });

  it.each(['grown', 'holds'])('while %s waits suspend it, and the wait is taken up', async (stepId) => {
    const stage = new Stage();
    let isOver = false;
    const { result } = await stage.play({
      book: verifyingByReading(),
      emit: (event) => {
        if (event.type === 'step.started' && event.stepId === stepId && !isOver) {
          isOver = true;
          stage.world.expired = true;
        }
      },
    });
    expect(result.history.suspended?.nextSteps).toContain('mend credentials');
    expect(statusesOf({ result })).toMatchObject({ [stepId]: 'suspended' });
    stage.world.expired = false;
    const resumed = await stage.play({ book: verifyingByReading() });
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3']);
  });

  it('while putting back suspend it, and the rest is put back later', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result } = await stage.play({
      emit: ({ type }) => {
        if (type === 'run.undoing') stage.world.expired = true;
      },
    });
    expect(result.history.suspended?.nextSteps).toContain('mend credentials');
    expect(stage.world.state).toEqual(done);
    stage.world.expired = false;
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('failed');
    expect(stage.world.state).toEqual(undone);
    expect(statusesOf(resumed)).toMatchObject({ grow: 'rolled-back', turn: 'rolled-back' });
  });
});

/** Grows, waits, and verifies by reading the world. */
function verifyingByReading(): ABook {
  const { approve, act, wait, verify, decide } = steps;
  const change = setTo('size', 2, 3);
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [], changes: [change] }) });
  const grow = act('grow', { ...setting, title: 'Grow', approval: consent, change: () => change });
  const poll = async (ports: { read(name: string): Promise<{ readonly moving: boolean }> }) =>
    (await ports.read('size')).moving
      ? ({ state: 'waiting', detail: 'it moves' } as const)
      : ({ state: 'reached', output: {}, detail: 'it stands' } as const);
  const options = { title: 'Look', calls: [], withinMs: 60_000 } as const;
  const grown = wait('grown', { ...options, needs: { grow }, poll: (_needs, { ports }) => poll(ports) });
  const holds = verify('holds', { ...options, needs: { grown }, poll: (_needs, { ports }) => poll(ports) });
  const end = decide('end', {
    title: 'End',
    needs: { holds: settled(holds) },
    run: ({ holds: held }) => ({ verdict: held.known ? ('ok' as const) : ('unknown' as const) }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'reading',
    title: 'Reading',
    summary: 'Reads',
    steps: [consent, grow, grown, holds, end],
    conclusion: end,
    resources: () => ['world:size'],
  });
}

describe('a program that trips over its own feet', () => {
  it('after it sent a change is a defect, and what became of the change is not held for known', async () => {
    const stage = staged({ size: ['broken'] });
    const { result, events } = await stage.play();
    expect(result.defect).toBeInstanceOf(TypeError);
    expect(answersOf(events)).toEqual(['unknown']);
    const aborted = await stage.play({ purpose: 'abort' });
    expect(aborted.result.verdict).toBe('attention');
    expect(stage.world.state).toEqual(undone);
  });
});

describe('an interruption', () => {
  const interrupted = async (stage: Stage, at: (event: RunEvent) => boolean, delayMs?: number) => {
    const controller = new AbortController();
    let clock: { sleep(ms: number): Promise<void> } | undefined;
    return stage.play({
      signal: controller.signal,
      script: (own) => {
        clock = own;
      },
      emit: (event) => {
        if (!at(event)) return;
        if (delayMs === undefined) controller.abort();
        else void clock?.sleep(delayMs).then(() => controller.abort());
      },
    });
  };

  it('while looking ends the run before anything was asked', async () => {
    const stage = new Stage();
    const { result, events } = await interrupted(stage, ({ type }) => type === 'run.started');
    expect(result.verdict).toBe('interrupted');
    expect(eventsOf(events, 'approval.requested')).toEqual([]);
    expect(result.history.suspended?.nextSteps).toEqual(['nanoops runs resume']);
    expect((await stage.play()).result.verdict).toBe('ok');
  });

  it.each(['before', 'while'] as const)('%s somebody is asked leaves the question open', async (when) => {
    const stage = new Stage();
    const controller = new AbortController();
    const { result } = await stage.play({
      signal: controller.signal,
      emit: ({ type }) => {
        if (when === 'before' && type === 'approval.requested') controller.abort();
      },
      approver: answering((_hash, signal) => {
        if (when === 'before') throw new Error('it was asked');
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          controller.abort();
        });
      }),
    });
    expect(result.verdict).toBe('interrupted');
    expect(statusesOf({ result })).toMatchObject({ consent: 'suspended', grow: 'blocked' });
    expect(await stage.state.leases.list()).toEqual([]);
    expect((await stage.play()).result.verdict).toBe('ok');
  });

  it.each([
    { name: 'is answered', fates: { size: [{ slowMs: 5_000 }] }, outcome: 'applied' },
    { name: 'is not answered', fates: { size: ['lost' as const] }, outcome: 'unknown' },
  ])('while a change is in flight that $name waits for its outcome and keeps it', async ({ fates, outcome }) => {
    const stage = staged(fates);
    const { result } = await interrupted(stage, ({ type }) => type === 'change.intended');
    expect(result.verdict).toBe('interrupted');
    expect(stage.world.applied).toEqual(['size=3']);
    const journaled = await stage.journaled();
    expect(answersOf(journaled)).toEqual([outcome]);
    expect(journaled.at(-1)).toMatchObject({ type: 'run.suspended', verdict: 'interrupted' });
    expect(await stage.state.leases.list()).toEqual([]);
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
  });

  it('in the midst of putting back can be taken up, and the rest is put back', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result } = await interrupted(
      stage,
      (event) => event.type === 'change.answered' && event.direction === 'undo',
      1_000,
    );
    expect(result.verdict).toBe('interrupted');
    expect(stage.world.state).toEqual({ size: 3, switch: 0 });
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('failed');
    expect(stage.world.state).toEqual(undone);
    expect(statusesOf(resumed)).toMatchObject({ grow: 'rolled-back', turn: 'rolled-back' });
  });
});

describe('the run\u2019s own limit', () => {
  it('suspends a run that has changed something, and the run goes on when it is taken up', async () => {
    const stage = new Stage();
    stage.world.movingMs = 40_000;
    const { result, events } = await stage.play({ timeoutMs: 20_000 });
    expect(result.verdict).toBe('failed');
    expect(events.at(-1)).toMatchObject({
      type: 'run.suspended',
      verdict: 'failed',
      nextSteps: ['nanoops runs resume', 'nanoops runs abort'],
    });
    expect(stage.world.applied).toEqual(['size=3']);
    const resumed = await stage.play();
    expect(resumed.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
  });

  it('holds for putting back, too', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    stage.world.movingMs = 20_000;
    const { result, events } = await stage.play({ timeoutMs: 60_000 });
    expect(result.verdict).toBe('failed');
    expect(events.at(-1)).toMatchObject({ type: 'run.suspended' });
    const resumed = await stage.play();
    expect(stage.world.state).toEqual(undone);
    expect(statusesOf(resumed)).toMatchObject({ grow: 'rolled-back', turn: 'rolled-back' });
  });
});

describe('putting back', () => {
  it('waits for what is still under way, and then sends it', async () => {
    const stage = new Stage();
    stage.world.movingMs = 40_000;
    stage.world.healthy = false;
    const { result } = await stage.play();
    expect(stage.world.applied).toEqual(['size=3', 'switch=1', 'switch=0', 'size=2']);
    expect(result.history.changes.map(({ status }) => status)).toEqual(['reverted', 'reverted']);
  });

  it('touches nothing that somebody else set since, and says so', async () => {
    const stage = new Stage();
    stage.world.healthy = false;
    const { result } = await stage.play({
      emit: ({ type }) => {
        if (type === 'run.undoing') stage.world.meddle('size', 9);
      },
    });
    expect(stage.world.state).toEqual({ size: 9, switch: 0 });
    const grow = result.steps.find(({ stepId }) => stepId === 'grow');
    expect(grow).toMatchObject({ status: 'failed' });
    expect(grow?.detail).toContain('size is 9');
  });
});

describe('independent branches', () => {
  function branches({ refuse }: { readonly refuse: boolean }): { readonly book: ABook; readonly stage: Stage } {
    const stage = new Stage(new World({ left: 1, right: 1 }));
    stage.world.fates.set('right', [{ slowMs: 8_000 }]);
    if (refuse) stage.world.fates.set('left', ['refused']);
    return { book: twoBranches(), stage };
  }

  it('are changed at once, with one checkpoint', async () => {
    const { book, stage } = branches({ refuse: false });
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(stage.world.state).toEqual({ left: 2, right: 2 });
    expect(eventsOf(events, 'run.checkpointed')).toHaveLength(1);
    expect(eventsOf(events, 'change.intended').map(({ at }) => at)).toEqual([startMs, startMs]);
  });

  it('wait for what is in flight where one fails, and put it back', async () => {
    const { book, stage } = branches({ refuse: true });
    const { result, events } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['right=2', 'right=1']);
    expect(statusesOf({ result })).toMatchObject({ left: 'failed', right: 'rolled-back' });
    expect(answersOf(events)).toEqual(['failed', 'applied', 'applied']);
  });

  it('send nothing more once one has failed', async () => {
    const { book, stage } = branches({ refuse: true });
    stage.world.fates.set('right', ['throttled']);
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual([]);
  });

  it('survive a death while both are in flight', async () => {
    const { book, stage } = branches({ refuse: false });
    stage.world.fates.set('left', ['lost']);
    expect(await stage.start({ book, death: { at: 'event', nth: 16 } })).toBe(died);
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(stage.world.applied.toSorted()).toEqual(['left=2', 'right=2']);
  });
});

describe('telling', () => {
  it('is never fatal', async () => {
    const stage = new Stage();
    const { tell, decide } = steps;
    const told = tell('told', {
      title: 'Tell',
      message: () => 'hello',
      summary: (message) => message,
      send: () => Promise.reject(new Trouble('unreachable', 'nobody listens')),
    });
    const end = decide('end', {
      title: 'End',
      needs: { told: settled(told) },
      run: ({ told: each }) => ({ verdict: 'ok' as const, delivered: each.known && each.value.delivered }),
      detail: ({ verdict }) => verdict,
    });
    const book = runbook({ id: 'telling', title: 'T', summary: 'T', steps: [told, end], conclusion: end });
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('ok');
    expect(result.outcome).toEqual({ verdict: 'ok', delivered: false });
    expect(result.steps[0]).toMatchObject({ status: 'failed', detail: 'nobody listens' });
  });

  it('is not repeated once it was kept that it was told', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const kept = calm.events.findIndex((event) => event.type === 'step.finished' && event.stepId === 'told') + 1;
    expect(await stage.start({ death: { at: 'event', nth: kept } })).toBe(died);
    expect((await stage.play()).result.verdict).toBe('ok');
    expect(stage.world.told).toEqual(['it holds']);
  });

  it('may be repeated by a run that died before that was kept: whoever receives it tells by its key', async () => {
    const stage = new Stage();
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('tell it holds') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'after' } })).toBe(died);
    expect((await stage.play()).result.verdict).toBe('ok');
    expect(stage.world.told).toEqual(['it holds', 'it holds']);
  });
});
