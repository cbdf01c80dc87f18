/** A run whose steps are carried out each by a process of its own: what each finds, and what becomes of the run where one fails. */
import { describe, expect, it } from 'vitest';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  answering,
  died,
  eventsOf,
  Stage,
  statusesOf,
  steps,
  theBook,
  theEvent,
  type ABook,
  type Process,
  type Starting,
} from './stage.ts';

/** A stage on which nothing takes longer than from one process to the next. */
function aStage(): Stage {
  const stage = new Stage();
  stage.world.movingMs = 0;
  return stage;
}

/** Begins a run, and carries out these steps, each by a process of its own. */
async function stepped(stage: Stage, stepIds: readonly string[], options: Omit<Starting, 'death' | 'stepwise'> = {}) {
  let last = await stage.play({ ...options, stepwise: {} });
  const all = [last];
  for (const stepId of stepIds) {
    last = await stage.play({ ...options, stepwise: { stepId } });
    all.push(last);
  }
  return { all, last };
}

const idsOf = ({ steps: all }: ABook) => all.map(({ id }) => id);
const typesOf = ({ events }: Pick<Process, 'events'>) => events.map(({ type }) => type);

describe('a run that is carried out step by step', () => {
  it('is begun without that anything is looked at, asked or taken', async () => {
    const stage = aStage();
    const { events, result, log } = await stage.play({ stepwise: {} });
    expect(events).toMatchObject([{ type: 'run.started', seq: 1, isStepwise: true }]);
    expect(result).toMatchObject({ verdict: 'unknown', steps: [] });
    expect(log).toEqual(['append']);
    expect(await stage.journaled()).toEqual(events);
  });

  it('comes to the same as one that is carried out at once, each step after those that it needs', async () => {
    const stage = aStage();
    const { all, last } = await stepped(stage, idsOf(theBook()));
    const whole = await aStage().play();
    expect(stage.world.applied).toEqual(['size=3', 'switch=1']);
    expect(stage.world.told).toEqual(['it holds']);
    expect(last.result).toMatchObject({ verdict: 'ok', outcome: whole.result.outcome });
    expect(statusesOf(last)).toEqual(statusesOf(whole));
    // Each carries out its own, and only the last one ends the run.
    expect(all.slice(1).map(({ events }) => eventsOf(events, 'step.finished').map(({ stepId }) => stepId))).toEqual(
      idsOf(theBook()).map((id) => [id]),
    );
    expect(all.map(typesOf).filter((types) => types.includes('run.finished'))).toHaveLength(1);
    expect(last.events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'ok' });
    expect(all[1]?.events[0]).toMatchObject({ type: 'run.resumed', purpose: 'step', by: 'ana@laptop' });
    expect(last.result.history).toMatchObject({ isStepwise: true, phase: 'ended', resumptions: 0 });
  });

  it('keeps what each step yields from the start, the conclusion among them, and needs no checkpoint', async () => {
    const stage = aStage();
    await stepped(stage, idsOf(theBook()));
    const events = await stage.journaled();
    expect(eventsOf(events, 'run.checkpointed')).toEqual([]);
    const outputs = new Map(eventsOf(events, 'step.finished').map(({ stepId, output }) => [stepId, output]));
    expect(outputs.get('found')).toEqual({ size: 2, switched: 0 });
    expect(outputs.get('end')).toEqual({ verdict: 'ok', size: { size: 3 } });
  });

  it('gives its leases back after each step, and takes them for the next', async () => {
    const stage = aStage();
    const { last } = await stepped(stage, ['found']);
    expect(typesOf(last)).toEqual([
      'run.resumed',
      'lease.acquired',
      'lease.acquired',
      'step.started',
      'step.finished',
      'lease.released',
      'lease.released',
    ]);
    expect(await stage.state.leases.list()).toEqual([]);
  });

  it('does not carry out a step whose needs have not ended, nor one that it does not have, and takes nothing', async () => {
    const stage = aStage();
    await stepped(stage, ['found']);
    const before = await stage.journaled();
    await expect(stage.play({ stepwise: { stepId: 'grow' } })).rejects.toThrow(
      '"grow" needs "plan", which has not ended',
    );
    await expect(stage.play({ stepwise: { stepId: 'shrink' } })).rejects.toThrow('the runbook has no step "shrink"');
    expect(await stage.state.leases.list()).toEqual([]);
    expect(await stage.journaled()).toEqual(before);
  });

  it('does not carry out again what has ended', async () => {
    const stage = aStage();
    const { last } = await stepped(stage, ['found', 'plan', 'consent', 'grow', 'grow']);
    expect(stage.world.applied).toEqual(['size=3']);
    expect(eventsOf(last.events, 'step.started')).toEqual([]);
    expect(typesOf(last)).not.toContain('run.finished');
  });

  it('concludes once, when it is the turn of that, by what was found until then', async () => {
    const stage = aStage();
    const { last } = await stepped(stage, [...idsOf(theBook()), 'end']);
    expect(last.result.verdict).toBe('ok');
    expect(eventsOf(last.events, 'step.finished')).toEqual([]);
  });

  it('goes on with a step whose process died in it, without sending anything twice', async () => {
    const stage = aStage();
    await stepped(stage, ['found', 'plan', 'consent']);
    const calm = aStage();
    const { last: whole } = await stepped(calm, ['found', 'plan', 'consent', 'grow']);
    const nth = whole.events.findIndex(({ type }) => type === 'change.answered') + 1;
    expect(nth).toBeGreaterThan(0);
    expect(await stage.start({ stepwise: { stepId: 'grow' }, death: { at: 'event', nth } })).toBe(died);
    const { result } = await stage.play({ stepwise: { stepId: 'grow' } });
    expect(statusesOf({ result })).toMatchObject({ grow: 'succeeded' });
    expect(stage.world.applied).toEqual(['size=3']);
  });
});

describe('a step that fails', () => {
  it('takes the run to its end at once: what was changed is put back, and it is concluded', async () => {
    const stage = aStage();
    const until = ['found', 'plan', 'consent', 'grow', 'grown', 'turn'];
    stage.world.healthy = false;
    const { last } = await stepped(stage, [...until, 'holds']);
    expect(last.result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['size=3', 'switch=1', 'switch=0', 'size=2']);
    expect(statusesOf(last)).toMatchObject({
      grow: 'rolled-back',
      turn: 'rolled-back',
      holds: 'failed',
      told: 'succeeded',
      end: 'succeeded',
    });
    expect(last.events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'failed' });
    expect(stage.world.told).toEqual(['it does not hold']);
  });

  it('leaves steps that nobody has begun to the next process where it waits for an answer', async () => {
    const stage = aStage();
    const approver = answering(async () => ({ kind: 'absent', reason: 'nobody is there', nextSteps: ['approve it'] }));
    const { last } = await stepped(stage, ['found', 'plan', 'consent'], { approver });
    expect(last.result.verdict).toBe('awaiting-approval');
    expect(last.events.at(-1)).toMatchObject({
      type: 'run.suspended',
      nextSteps: ['approve it', 'nanoops runs abort'],
    });
    const yes = await stage.play({ stepwise: { stepId: 'consent' } });
    expect(statusesOf(yes)).toMatchObject({ consent: 'succeeded' });
    expect(eventsOf(yes.events, 'run.finished')).toEqual([]);
  });

  it('with a defect ends the run by it', async () => {
    const stage = aStage();
    stage.world.onRead = () => Promise.reject(new TypeError('x is not a function'));
    const { last } = await stepped(stage, ['found']);
    expect(last.result).toMatchObject({ verdict: 'failed', defect: new TypeError('x is not a function') });
    expect(statusesOf(last)).toMatchObject({ found: 'failed', plan: 'blocked', end: 'blocked' });
    expect(last.events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'failed' });
  });

  it('blocks those that need it for good: they are not carried out by a later process', async () => {
    const { observe, decide } = steps;
    const looks: string[] = [];
    const first = observe('first', {
      title: 'First',
      run: async () => {
        looks.push('first');
        throw Object.assign(new Error('no answer'), { errorClass: 'denied' });
      },
      detail: String,
    });
    const second = observe('second', {
      title: 'Second',
      needs: { first },
      run: async () => looks.push('second'),
      detail: String,
    });
    const end = decide('end', {
      title: 'End',
      needs: { second: settled(second) },
      run: ({ second: { known } }) => ({ verdict: known ? ('ok' as const) : ('unknown' as const) }),
      detail: String,
    });
    const book: ABook = runbook({
      id: 'chain',
      title: 'Chain',
      summary: 'Chain',
      steps: [first, second, end],
      conclusion: end,
    });
    const stage = aStage();
    const { last } = await stepped(stage, ['first', 'second', 'second', 'end'], { book });
    expect(looks).toEqual(['first']);
    expect(statusesOf(last)).toEqual({ first: 'unknown', second: 'blocked', end: 'succeeded' });
    expect(eventsOf(await stage.journaled(), 'step.finished').map(({ stepId }) => stepId)).toEqual([
      'first',
      'second',
      'end',
    ]);
  });
});

describe('a stop condition, of a run that is carried out step by step', () => {
  const ringing = 'the alarm is ringing';
  /** Counts the looks; it rings from the given look on. */
  function watched(from: number) {
    const looks: number[] = [];
    const book: ABook = {
      ...theBook(),
      stop: {
        calls: [],
        everyMs: 3_600_000,
        watch: async ({ clock }) => {
          looks.push(clock.now());
          return looks.length >= from ? ringing : undefined;
        },
      },
    };
    return { book, looks };
  }

  it('is looked at before each step that may act, once something was changed', async () => {
    const { book, looks } = watched(Infinity);
    const stage = aStage();
    await stepped(stage, ['found', 'plan', 'consent', 'grow'], { book });
    expect(looks).toEqual([]);
    await stage.play({ book, stepwise: { stepId: 'grown' } });
    expect(looks).toHaveLength(1);
    await stage.play({ book, stepwise: { stepId: 'turn' } });
    expect(looks).toHaveLength(2);
    for (const stepId of ['holds', 'told', 'end']) await stage.play({ book, stepwise: { stepId } });
    // A conclusion needs no leave.
    expect(looks).toHaveLength(4);
  });

  it('that holds keeps the next step from being begun, and has put back what was changed', async () => {
    const { book } = watched(2);
    const stage = aStage();
    const { last } = await stepped(stage, ['found', 'plan', 'consent', 'grow', 'grown', 'turn'], { book });
    expect(last.result.verdict).toBe('failed');
    expect(theEvent(last.events, 'run.halted').reason).toBe(ringing);
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(statusesOf(last)).toMatchObject({ grow: 'rolled-back', turn: 'blocked' });
  });

  it('that held, where the process died of it, lets the next one end the run, whatever step that was to carry out', async () => {
    const stage = aStage();
    await stepped(stage, ['found', 'plan', 'consent', 'grow'], { book: watched(Infinity).book });
    const halted = { at: 'event', nth: 4 } as const;
    const grown = { stepId: 'grown' };
    expect(await stage.start({ book: watched(1).book, stepwise: grown, death: halted })).toBe(died);
    expect((await stage.journaled()).at(-1)).toMatchObject({ type: 'run.halted', reason: ringing });
    // Not all that it needs has ended.
    const { result, events } = await stage.play({ book: watched(Infinity).book, stepwise: { stepId: 'end' } });
    expect(result).toMatchObject({ verdict: 'failed', defect: undefined });
    expect(statusesOf({ result })).toMatchObject({ grow: 'rolled-back', turn: 'blocked', told: 'succeeded' });
    expect(stage.world.applied).toEqual(['size=3', 'size=2']);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'failed' });
  });

  it('is looked at where a program of somebody else has run, too', async () => {
    const { hook, observe, wait, decide } = steps;
    const program = hook('program', {
      title: 'Program',
      message: () => 'go',
      summary: (message) => message,
      send: async () => ({ delivered: true, detail: 'exit 0' }),
    });
    const look = observe('look', { title: 'Look', needs: { program }, run: async () => 1, detail: String });
    const next = wait('next', {
      title: 'Wait',
      needs: { look },
      calls: [],
      withinMs: 1_000,
      poll: async () => ({ state: 'reached', output: { done: true }, detail: 'done' }),
    });
    const end = decide('end', { title: 'End', run: () => ({ verdict: 'ok' as const }), detail: String });
    const { book: watching, looks } = watched(Infinity);
    const book: ABook = {
      ...runbook({
        id: 'program',
        title: 'Program',
        summary: 'Program',
        steps: [program, look, next, end],
        conclusion: end,
        resources: () => ['world:size'],
      }),
      stop: watching.stop,
    };
    const stage = aStage();
    await stepped(stage, ['program', 'look'], { book });
    expect(looks).toHaveLength(0);
    await stage.play({ book, stepwise: { stepId: 'next' } });
    expect(looks).toHaveLength(1);
  });
});

it('that is carried out step by step is aborted like any: what was changed is put back', async () => {
  const stage = aStage();
  await stepped(stage, ['found', 'plan', 'consent', 'grow', 'grown']);
  const { result, events } = await stage.play({ purpose: 'abort' });
  expect(events[0]).toMatchObject({ type: 'run.resumed', purpose: 'abort' });
  expect(result.verdict).toBe('attention');
  expect(stage.world.applied).toEqual(['size=3', 'size=2']);
});
