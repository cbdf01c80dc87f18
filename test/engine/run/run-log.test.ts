/** What a run tells and keeps, without a run around it. */
import { describe, expect, it } from 'vitest';
import type { Basis, EventBody, StepStatus } from '../../../src/engine/events.ts';
import { settled, type AnyStep } from '../../../src/engine/step.ts';
import { startMs, steps, theBook } from '../acting/stage.ts';
import { checkpointed, partsOf, sorts, theChange, type PartsOptions } from './parts.ts';

const of = sorts();
const all = Object.values(of);
const logOf = (options: PartsOptions = {}) => partsOf({ of: all, ...options });
const end = { status: 'succeeded', detail: 'well', startedAt: startMs, attempts: 1 } as const;

const finished = (stepId: string, status: StepStatus = 'succeeded'): EventBody => ({
  type: 'step.finished',
  stepId,
  durationMs: 0,
  ...end,
  status,
});
const begun = (stepId: string): EventBody => ({ type: 'step.started', stepId });
const intended: EventBody = {
  type: 'change.intended',
  stepId: 'act',
  direction: 'apply',
  change: theChange,
  hash: '',
  tokens: {},
};

describe('events', () => {
  it('count from what was told before, and stand in the journal as they were told', async () => {
    const told: object[] = [];
    const { log, journals, acting } = logOf({ past: [begun('observe')], emit: (event) => told.push(event) });
    log.emit(begun('act'));
    log.emit(begun('wait'));
    expect(told).toEqual([
      { seq: 3, at: startMs, ...begun('act') },
      { seq: 4, at: startMs, ...begun('wait') },
    ]);
    expect(log.history()).toMatchObject({ seq: 4, open: ['observe', 'act', 'wait'] });
    await acting?.journal.synced();
    const [runId = ''] = await journals.list();
    expect((await journals.read(runId)).records.slice(2).map(({ event }) => event)).toEqual(told);
  });

  it('that cannot be told trip the run, and are kept all the same', () => {
    const defect = new TypeError('x is not a function');
    let isBroken = false;
    const { log, course } = logOf({
      emit: () => {
        if (isBroken) throw defect;
      },
    });
    isBroken = true;
    log.emit(begun('act'));
    expect(course.defect).toBe(defect);
    expect(log.history().open).toEqual(['act']);
  });
});

describe('the end of a step', () => {
  const outputOf = (step: AnyStep, options: PartsOptions, output: unknown = 7) => {
    const { log, events } = logOf(options);
    log.finish(step, end, output);
    const [event] = events;
    return event?.type === 'step.finished' && 'output' in event ? event.output : 'none';
  };

  it('says how long it took', () => {
    const { log, events, clock } = logOf();
    log.finish(of.act, { ...end, startedAt: clock.now() - 5_000 });
    expect(events).toEqual([
      { type: 'step.finished', stepId: 'act', durationMs: 5_000, ...end, startedAt: startMs - 5_000 },
    ]);
  });

  it('keeps what it yields once something was changed, and before that of steps that keep it', () => {
    expect(outputOf(of.observe, {})).toBe('none');
    expect(outputOf({ ...of.observe, keepsFirst: true }, {})).toBe(7);
    expect(outputOf({ ...of.observe, keepsFirst: false }, {})).toBe('none');
    expect(outputOf(of.observe, { past: [checkpointed] })).toBe(7);
    expect(outputOf(of.observe, { isStepwise: true })).toBe(7);
    const { log, events } = logOf({ past: [checkpointed] });
    log.finish(of.observe, end);
    expect(events[0]).not.toHaveProperty('output');
    expect(outputOf(of.observe, { past: [checkpointed], onlyLooks: true })).toBe('none');
  });

  it('keeps what is concluded only where steps come one by one', () => {
    expect(outputOf(of.end, { past: [checkpointed] })).toBe('none');
    expect(outputOf(of.end, { isStepwise: true })).toBe(7);
    expect(outputOf(of.decide, { past: [checkpointed] })).toBe(7);
  });

  it('says which step yields what no journal can hold', () => {
    expect(() => outputOf(of.observe, { past: [checkpointed] }, new Date(startMs))).toThrow(
      'what step "observe" yields',
    );
  });
});

describe('what a step of a rehearsal rests on', () => {
  /** A look, one that needs it, and one that needs that and nothing else. */
  function chain() {
    const { observe, decide } = steps;
    const first = observe('first', { title: 'First', run: async () => 1, detail: String });
    const second = observe('second', { title: 'Second', needs: { first }, run: async () => 1, detail: String });
    const last = decide('last', { title: 'Last', needs: { second: settled(second) }, run: () => 1, detail: String });
    return { first, second, last, of: [first, second, last] };
  }
  type Told = { readonly [stepId: string]: Basis | undefined };
  function bases(
    options: Omit<PartsOptions, 'of'>,
    ends: { readonly assumed?: boolean; readonly status?: StepStatus } = {},
  ): Told {
    const { first, second, last, of: graph } = chain();
    const { log, events } = partsOf({ of: graph, mode: 'dry-run', ...options });
    if (ends.assumed === true) log.assumed(first);
    log.finish(first, { ...end, status: ends.status ?? 'succeeded' });
    log.finish(second, end);
    log.finish(last, end);
    return Object.fromEntries(
      events.flatMap((event) => (event.type === 'step.finished' ? [[event.stepId, event.basis]] : [])),
    );
  }
  const allOf = (basis: Basis | undefined): Told => ({ first: basis, second: basis, last: basis });

  it('is what it saw, unless something else is known of it', () => {
    expect(bases({})).toEqual(allOf('observed'));
    expect(bases({ basisOf: () => 'assumed' })).toEqual(allOf('assumed'));
    expect(bases({ basisOf: (id) => (id === 'second' ? 'assumed' : 'observed') })).toEqual({
      first: 'observed',
      second: 'assumed',
      last: 'assumed',
    });
    expect(bases({ basisOf: (id) => (id === 'second' ? 'unknown' : 'assumed') })).toEqual({
      first: 'assumed',
      second: 'unknown',
      last: 'unknown',
    });
  });

  it('is assumed from the first step on that was not carried out', () => {
    expect(bases({}, { assumed: true })).toEqual(allOf('assumed'));
    // What it was is known better than what can be told of its calls.
    expect(bases({ basisOf: (id) => (id === 'first' ? 'unknown' : 'observed') }, { assumed: true })).toEqual(
      allOf('assumed'),
    );
  });

  it.each(['unknown', 'blocked', 'failed'] as const)('is unknown from one on that ended %s', (status) => {
    expect(bases({}, { status })).toEqual(allOf('unknown'));
    expect(bases({}, { status, assumed: true })).toEqual(allOf('unknown'));
  });

  it.each(['skipped', 'planned', 'suspended'] as const)('is what it saw where one ended %s', (status) => {
    expect(bases({}, { status })).toEqual(allOf('observed'));
  });

  it('is not told of a run that acts, nor of one that only looks', () => {
    expect(bases({ mode: 'execute' })).toEqual(allOf(undefined));
    expect(bases({ onlyLooks: true })).toEqual(allOf(undefined));
  });
});

describe('the checkpoint', () => {
  const book = theBook();
  const [found, plan, consent] = book.steps;
  if (found === undefined || plan === undefined || consent === undefined) throw new Error('there are three');

  it('keeps what later steps need, and how all others ended; once', async () => {
    const { log, events, results } = partsOf({ of: book.steps });
    for (const [step, value] of [
      [found, { size: 2 }],
      [plan, { grow: theChange }],
    ] as const) {
      log.finish(step, end, value);
      results.set(step, { known: true, value });
    }
    events.length = 0;
    expect(log.isCheckpointed).toBe(false);
    await log.checkpoint();
    await log.checkpoint();
    expect(log.isCheckpointed).toBe(true);
    expect(events).toEqual([
      {
        type: 'run.checkpointed',
        steps: [
          { stepId: 'found', status: 'succeeded', detail: 'well', output: { size: 2 } },
          { stepId: 'plan', status: 'succeeded', detail: 'well', output: { grow: theChange } },
        ],
      },
    ]);
  });

  it('keeps no value of what nobody needs, nor one that is not known', async () => {
    const { log, events, results } = logOf();
    log.finish(of.observe, end, 7);
    results.set(of.observe, { known: true, value: 7 });
    log.finish(of.consent, end, undefined);
    results.set(of.consent, { known: true, value: undefined });
    log.finish(of.wait, { ...end, status: 'unknown', detail: 'who knows' });
    results.set(of.wait, { known: false, because: 'unknown', reason: 'who knows' });
    log.finish(of.decide, end);
    results.set(of.notify, { known: true, value: 7 });
    events.length = 0;
    await log.checkpoint();
    expect(events).toEqual([
      {
        type: 'run.checkpointed',
        steps: [
          { stepId: 'observe', status: 'succeeded', detail: 'well' },
          { stepId: 'consent', status: 'succeeded', detail: 'well' },
          { stepId: 'wait', status: 'unknown', detail: 'who knows' },
        ],
      },
    ]);
  });

  it('is not made of what no journal can hold: nothing was changed then', async () => {
    const { log, results } = partsOf({ of: book.steps });
    log.finish(found, end, 1);
    results.set(found, { known: true, value: new Date(startMs) });
    await expect(log.checkpoint()).rejects.toThrow('what step "found" yields');
    expect(log.isCheckpointed).toBe(false);
  });

  it('stands in the journal when it is made, and is none where there is no journal', async () => {
    const { log, journals } = logOf();
    await log.checkpoint();
    const [runId = ''] = await journals.list();
    expect((await journals.read(runId)).records.at(-1)?.event.type).toBe('run.checkpointed');
    const looks = logOf({ onlyLooks: true });
    await looks.log.checkpoint();
    expect(looks.events).toEqual([]);
  });
});

describe('a run', () => {
  it('is checkpointed from what was told before, and from its start where its steps come one by one', () => {
    const state = (options: PartsOptions) => {
      const { log } = logOf(options);
      return { isCheckpointed: log.isCheckpointed, keepsAll: log.keepsAll, before: log.before?.phase };
    };
    expect(state({})).toEqual({ isCheckpointed: false, keepsAll: false, before: undefined });
    expect(state({ past: [] })).toEqual({ isCheckpointed: false, keepsAll: false, before: 'looking' });
    expect(state({ past: [checkpointed] })).toEqual({ isCheckpointed: true, keepsAll: false, before: 'acting' });
    expect(state({ isStepwise: true })).toEqual({ isCheckpointed: true, keepsAll: true, before: undefined });
    expect(state({ isStepwise: true, past: [] })).toEqual({ isCheckpointed: true, keepsAll: true, before: 'acting' });
  });

  it('has told those programs to do something that were begun, and were there to be', () => {
    const told = (...past: readonly EventBody[]) => [...logOf({ past }).log.toldBy()];
    expect(told(begun('program'), begun('mend'))).toEqual(['program', 'mend']);
    expect(told(begun('program'), finished('program', 'failed'))).toEqual(['program']);
    expect(told(begun('program'), finished('program', 'skipped'))).toEqual([]);
    expect(told(begun('program'), finished('program', 'skipped'), begun('program'))).toEqual(['program']);
    // A message and a change are no programs.
    expect(told(begun('notify'), begun('act'), finished('program'))).toEqual([]);
  });

  it('has acted once it is checkpointed; where steps come one by one, once one of them has', () => {
    const acted = (options: PartsOptions) => logOf(options).log.hasActed();
    expect(acted({})).toBe(false);
    expect(acted({ past: [begun('program')] })).toBe(false);
    expect(acted({ past: [checkpointed] })).toBe(true);
    expect(acted({ isStepwise: true })).toBe(false);
    expect(acted({ isStepwise: true, past: [finished('observe')] })).toBe(false);
    expect(acted({ isStepwise: true, past: [intended] })).toBe(true);
    expect(acted({ isStepwise: true, past: [begun('program')] })).toBe(true);
  });
});
