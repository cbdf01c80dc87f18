/** How a run ends by what has happened: its verdict, what it tells last, and what somebody types to go on. */
import { describe, expect, it } from 'vitest';
import { Ending } from '../../../src/engine/ending.ts';
import type { EventBody, StepStatus, Verdict } from '../../../src/engine/events.ts';
import type { JournalStore } from '../../../src/engine/journal-store.ts';
import { StateError } from '../../../src/engine/journal-store.ts';
import type { Conclusion } from '../../../src/engine/runbook.ts';
import { runId, startMs } from '../acting/stage.ts';
import { checkpointed, partsOf, sorts, theChange, type PartsOptions } from './parts.ts';

const all = Object.values(sorts());

interface Case extends PartsOptions {
  readonly purpose?: 'continue' | 'abort';
  readonly hasToPutBack?: boolean;
}

function endingOf({ purpose = 'continue', hasToPutBack = false, ...options }: Case = {}) {
  const parts = partsOf({ of: all, ...options });
  const { acting, mode, course, log } = parts;
  const ending = new Ending({ acting, mode, purpose, steps: all, course, log, hasToPutBack: () => hasToPutBack });
  return { ...parts, ending };
}

const finished = (stepId: string, status: StepStatus): EventBody => ({
  type: 'step.finished',
  stepId,
  status,
  detail: '',
  startedAt: startMs,
  durationMs: 0,
  attempts: 1,
});

/** How a change stands in the end. */
const change = (status: 'intended' | 'applied' | 'failed' | 'unknown' | 'reverting' | 'reverted', stepId = 'act') => {
  const intended: EventBody = {
    type: 'change.intended',
    stepId,
    direction: 'apply',
    change: theChange,
    hash: '',
    tokens: {},
  };
  const answered = (outcome: 'applied' | 'failed' | 'unknown'): EventBody => ({
    type: 'change.answered',
    stepId,
    direction: 'apply',
    outcome,
  });
  const undone: EventBody = { ...intended, direction: 'undo' };
  const seen: EventBody = { type: 'change.looked-up', stepId, direction: 'undo', state: 'done', detail: '' };
  switch (status) {
    case 'intended':
      return [checkpointed, intended];
    case 'reverting':
      return [checkpointed, intended, answered('applied'), undone];
    case 'reverted':
      return [checkpointed, intended, answered('applied'), undone, seen];
    case 'applied':
    case 'failed':
    case 'unknown':
      return [checkpointed, intended, answered(status)];
  }
};

const ok: Conclusion = { verdict: 'ok' };
const verdictOf = (options: Case, outcome: Conclusion | undefined = ok): Verdict =>
  endingOf(options).ending.verdict(outcome);

describe('the verdict of a run that has come to its end', () => {
  it('is what it concluded', () => {
    for (const verdict of ['ok', 'attention', 'unknown'] as const) {
      expect(verdictOf({}, { verdict })).toBe(verdict);
      expect(verdictOf({ onlyLooks: true, mode: 'observe' }, { verdict })).toBe(verdict);
    }
    expect(endingOf().ending.verdict(undefined)).toBe('unknown');
  });

  it.each([
    ['a change', change('unknown'), 'unknown'],
    ['a change that nobody answered', change('intended'), 'unknown'],
    ['a change that was made', change('applied'), 'ok'],
    ['an act', [finished('act', 'unknown')], 'unknown'],
    ['an act that was kept from its start', [finished('act', 'blocked')], 'unknown'],
    ['a wait', [finished('wait', 'blocked')], 'unknown'],
    ['a look', [finished('observe', 'unknown')], 'ok'],
    ['a message', [finished('notify', 'blocked')], 'ok'],
    ['an act that may fail', [finished('optional', 'unknown')], 'ok'],
    ['a wait that was skipped', [finished('wait', 'skipped')], 'ok'],
    ['a wait that was seen', [finished('wait', 'succeeded')], 'ok'],
  ] as const)('is no success while %s is open', (_what, past, verdict) => {
    expect(verdictOf({ past })).toBe(verdict);
    expect(verdictOf({ past }, { verdict: 'attention' })).toBe('attention');
    // Whoever only looks leaves nothing open.
    expect(verdictOf({ past, onlyLooks: true })).toBe('ok');
  });

  it('is no success while something that must hold was not seen to', () => {
    const verify = all.map((step) => (step.id === 'wait' ? { ...step, kind: 'verify' as const } : step));
    const { acting, mode, course, log } = partsOf({ of: verify, past: [finished('wait', 'unknown')] });
    const tools = { acting, mode, purpose: 'continue', steps: verify, course, log, hasToPutBack: () => false } as const;
    expect(new Ending(tools).verdict(ok)).toBe('unknown');
  });

  it('of a rehearsal that planned something asks for attention, where it does not judge that itself', () => {
    const dry = { mode: 'dry-run', past: change('applied') } as const;
    expect(verdictOf(dry)).toBe('attention');
    expect(verdictOf(dry, { verdict: 'ok', judgesRehearsal: true })).toBe('ok');
    expect(verdictOf(dry, { verdict: 'unknown' })).toBe('unknown');
    expect(verdictOf({ mode: 'dry-run' })).toBe('ok');
    expect(verdictOf({ mode: 'execute', past: change('applied') })).toBe('ok');
  });

  it('is that it failed, waits, was interrupted or found the resource held, in this order of weight', () => {
    const { ending, course } = endingOf();
    course.suspend({ verdict: 'awaiting-approval', reason: 'nobody', nextSteps: [] });
    expect(ending.verdict(ok)).toBe('awaiting-approval');
    course.fail('ill');
    expect(ending.verdict(ok)).toBe('failed');
    course.interrupt(new Error('SIGINT'));
    expect(ending.verdict(ok)).toBe('interrupted');
    const held = endingOf();
    held.course.suspend({ verdict: 'locked', reason: 'ben has it', nextSteps: [] });
    held.course.interrupt(new Error('SIGINT'));
    expect(held.ending.verdict(ok)).toBe('locked');
    const tripped = endingOf();
    tripped.course.trip(new TypeError('x'));
    expect(tripped.ending.verdict(ok)).toBe('failed');
  });
});

describe('the verdict of a run that was aborted', () => {
  it.each([
    ['nothing was changed', [], 'attention'],
    ['all is back', change('reverted'), 'attention'],
    ['it was never made', change('failed'), 'attention'],
    ['it may be half back', change('reverting'), 'failed'],
    ['it may be on its way', change('intended'), 'unknown'],
    ['nobody knows whether it is there', change('unknown'), 'unknown'],
    ['it stays, since nothing puts it back', change('applied'), 'attention'],
    ['it stays, since it could not be put back', [...change('applied'), finished('act', 'failed')], 'failed'],
    ['something else had failed', [...change('applied'), finished('wait', 'failed')], 'attention'],
    ['what had failed is back', [...change('reverted'), finished('act', 'failed')], 'attention'],
    [
      'one stays that could not be put back, and one is back',
      [
        ...change('reverted'),
        ...change('applied', 'optional'),
        finished('act', 'rolled-back'),
        finished('optional', 'failed'),
      ],
      'failed',
    ],
    ['what it broke is broken still', [...change('reverted'), finished('mend', 'failed')], 'failed'],
    ['what it broke may be broken still', [...change('reverted'), finished('mend', 'unknown')], 'failed'],
    ['what it broke is mended', [...change('reverted'), finished('mend', 'succeeded')], 'attention'],
    ['a program had failed', [...change('reverted'), finished('program', 'failed')], 'attention'],
  ] as const)('where %s', (_what, past, verdict) => {
    const { ending, course } = endingOf({ purpose: 'abort', past });
    course.fail('the run was aborted');
    expect(ending.verdict(undefined)).toBe(verdict);
    // What it says of what it leaves does not make it any better.
    expect(ending.verdict(ok)).toBe(verdict);
  });

  it('by a defect, or while it waits, is that', () => {
    const tripped = endingOf({ purpose: 'abort', past: change('reverted') });
    tripped.course.trip(new TypeError('x'));
    expect(tripped.ending.verdict(undefined)).toBe('failed');
    const waits = endingOf({ purpose: 'abort', past: change('applied') });
    waits.course.suspend({ verdict: 'awaiting-approval', reason: 'nobody', nextSteps: [] });
    expect(waits.ending.verdict(undefined)).toBe('awaiting-approval');
  });
});

describe('what a run tells last', () => {
  const ended = async (options: Case, before: (parts: ReturnType<typeof endingOf>) => void = () => undefined) => {
    const parts = endingOf(options);
    before(parts);
    await parts.ending.end(ok, () => 7, false);
    return parts;
  };

  it('is that it is over, how, and what it concluded', async () => {
    const { events } = await ended({});
    expect(events).toEqual([{ type: 'run.finished', verdict: 'ok', durationMs: 7, outcome: { verdict: 'ok' } }]);
  });

  it('is nothing where steps are still to come, each by itself', async () => {
    const { ending, events } = endingOf();
    await ending.end(ok, () => 7, true);
    expect(events).toEqual([]);
  });

  it('is what it waits for, also where steps are still to come', async () => {
    const { ending, events, course } = endingOf();
    course.suspend({ verdict: 'awaiting-approval', reason: 'nobody', nextSteps: ['say so'] });
    await ending.end(undefined, () => 7, true);
    expect(events).toEqual([
      { type: 'run.suspended', verdict: 'awaiting-approval', reason: 'nobody', nextSteps: ['say so'], durationMs: 7 },
    ]);
  });

  it.each([
    ['interrupted before it changed anything', {}, ['resume']],
    ['interrupted after a change', { past: change('applied') }, ['resume', 'abort']],
  ] as const)('is how it goes on: %s', async (_what, options, nextSteps) => {
    const { events } = await ended(options, ({ course }) => course.interrupt(new Error('SIGINT')));
    expect(events).toEqual([
      { type: 'run.suspended', verdict: 'interrupted', reason: 'the run was interrupted', nextSteps, durationMs: 7 },
    ]);
  });

  it('is how it goes on where its time was up after a change, and before one that it failed', async () => {
    const { events } = await ended({ past: change('applied') }, ({ course }) => course.timeUp(5_000));
    expect(events).toMatchObject([
      {
        type: 'run.suspended',
        verdict: 'failed',
        reason: "the run's limit of 5 s was reached",
        nextSteps: ['resume', 'abort'],
      },
    ]);
    const before = await ended({}, ({ course }) => course.timeUp(5_000));
    expect(before.events).toMatchObject([{ type: 'run.finished', verdict: 'ok' }]);
  });

  it('is how it is put back where it tripped over itself and something is to be', async () => {
    const trip = ({ course }: ReturnType<typeof endingOf>) => course.trip(new TypeError('x is not a function'));
    const { events } = await ended({ hasToPutBack: true, past: change('applied') }, trip);
    expect(events).toMatchObject([
      { type: 'run.suspended', verdict: 'failed', reason: 'x is not a function', nextSteps: ['abort', 'resume'] },
    ]);
    for (const options of [{}, { hasToPutBack: true, mode: 'dry-run' }] as const) {
      const over = await ended(options, trip);
      expect(over.events).toMatchObject([{ type: 'run.finished', verdict: 'failed' }]);
    }
  });

  it('is that it is over in any case where it only looked', async () => {
    const outcome: Conclusion = { verdict: 'ok' };
    const { ending, events, course } = endingOf({ onlyLooks: true });
    course.interrupt(new Error('SIGINT'));
    await ending.end(outcome, () => 7, false);
    expect(events).toEqual([{ type: 'run.finished', verdict: 'interrupted', durationMs: 7, outcome }]);
    // It is in no journal, and is told as it is.
    expect(events[0]?.type === 'run.finished' && events[0].outcome).toBe(outcome);
  });

  it('trips over a conclusion that no journal can hold, and over a journal that cannot be written', async () => {
    const outcome = { verdict: 'ok', at: new Date(startMs) } as const;
    const { ending, events, course } = endingOf();
    await ending.end(outcome, () => 7, false);
    expect(String(course.defect)).toContain('what the runbook concludes');
    expect(events).toEqual([{ type: 'run.finished', verdict: 'failed', durationMs: 7, outcome: undefined }]);

    const { events: lost, course: cut } = await ended({ journals: full }, ({ log }) =>
      log.emit({ type: 'run.undoing', reason: 'ill' }),
    );
    expect(cut.defect).toBeInstanceOf(StateError);
    expect(lost.at(-1)).toMatchObject({ verdict: 'failed' });
    // Its last word is what cannot be written.
    const last = await ended({ journals: fullAfter(1) });
    expect(last.course.defect).toBeInstanceOf(StateError);
    expect(last.events).toMatchObject([{ verdict: 'ok' }]);
  });
});

const full = fullAfter(0);

/** A store that takes in so many appends. */
function fullAfter(appends: number): JournalStore {
  let left = appends;
  return {
    name: 'a full disk',
    append: async () => {
      left -= 1;
      if (left < 0) throw new StateError('missing', 'no space left', 'make room');
    },
    read: async () => {
      throw new StateError('missing', `nothing of ${runId}`, 'look elsewhere');
    },
    list: async () => [],
  };
}
