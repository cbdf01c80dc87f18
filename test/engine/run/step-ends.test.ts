/** What a step comes to that has ended: what is told of it, what whoever needs it hears, and what follows for the run. */
import { describe, expect, it } from 'vitest';
import type { ChangeFailure, Consequence } from '../../../src/engine/change-end.ts';
import { DeadlineError, Halted, Interrupted } from '../../../src/engine/errors.ts';
import { StepEnds } from '../../../src/engine/step-ends.ts';
import type { EventBody } from '../../../src/engine/events.ts';
import { startMs, Trouble } from '../acting/stage.ts';
import { checkpointed, partsOf, sorts, type PartsOptions } from './parts.ts';

const of = sorts();
const all = Object.values(of);
const tries = { startedAt: startMs, attempts: 3 };

function endsOf(options: PartsOptions & { readonly stands?: readonly string[] } = {}) {
  const parts = partsOf({ of: all, ...options });
  const { acting, mode, clock, course, log } = parts;
  const stands = (stepId: string) => options.stands?.includes(stepId) === true;
  return { ...parts, ends: new StepEnds({ acting, mode, clock, course, log, stands }) };
}

/** The one event: that a step has ended, without what is the same each time. */
function told(events: readonly EventBody[]) {
  const [event, ...others] = events;
  if (event?.type !== 'step.finished' || others.length > 0) throw new Error('it is not the end of one step');
  const { type: _type, startedAt, durationMs, ...end } = event;
  expect({ startedAt, durationMs }).toEqual({ startedAt: startMs, durationMs: 0 });
  return end;
}

const unknown = (reason: string, more: object = {}) => ({ known: false, because: 'unknown', reason, ...more });
/** Once something was changed. */
const acted = { past: [checkpointed] } as const;

describe('a step whose need was not met', () => {
  it.each([
    ['skipped', 'skipped'],
    ['unknown', 'blocked'],
  ] as const)('is, where that was %s, %s', (because, status) => {
    const { ends, events } = endsOf();
    const reason = 'needs "observe": there is none';
    expect(ends.blocked(of.act, of.observe, { known: false, because, reason: 'there is none' })).toEqual({
      known: false,
      because,
      reason,
    });
    expect(told(events)).toEqual({ stepId: 'act', status, detail: reason, attempts: 0 });
  });

  it('names what stands at the beginning of the chain, and passes on what is known of that', () => {
    const { ends, events } = endsOf();
    const first = {
      known: false,
      because: 'unknown',
      reason: 'needs "observe": x',
      errorClass: 'denied',
      tried: true,
    } as const;
    expect(ends.blocked(of.act, of.wait, first)).toEqual(first);
    expect(told(events)).toMatchObject({ detail: 'needs "observe": x', errorClass: 'denied' });
    const other = { ...first, reason: 'it says: needs "observe": x' };
    expect(ends.blocked(of.act, of.wait, other)).toMatchObject({ reason: 'needs "wait": it says: needs "observe": x' });
  });

  it('is left out of a run that only looks', () => {
    expect(endsOf({ onlyLooks: true }).ends.leftOut()).toEqual({
      known: false,
      because: 'skipped',
      reason: 'this run only looks',
    });
  });
});

describe('a step that was not started', () => {
  it('says why the run does not go on', () => {
    const { ends, events, course } = endsOf();
    course.fail('it is ill');
    expect(ends.notStarted(of.act, { startedAt: startMs, attempts: 0 })).toEqual(unknown('it is ill'));
    expect(told(events)).toEqual({ stepId: 'act', status: 'blocked', detail: 'it is ill', attempts: 0 });
  });

  it('says what it was tried for before', () => {
    const { ends, events, course } = endsOf();
    course.fail('it is ill');
    const reason = 'no answer; not tried again: it is ill';
    expect(ends.notStarted(of.act, tries, 'no answer')).toEqual(unknown(reason));
    expect(told(events)).toMatchObject({ status: 'blocked', detail: reason, attempts: 3 });
  });

  it('says so where nothing says why', () => {
    expect(endsOf().ends.notStarted(of.act, tries)).toEqual(unknown('the run stopped before this step'));
  });

  it.each([
    ['in a run that has changed nothing', {}, 1, 'unknown'],
    ['before it was tried', {}, 0, 'blocked'],
    ['in a run that goes on later', acted, 1, 'blocked'],
  ] as const)('since the time was up, %s', (_what, options, attempts, status) => {
    const { ends, events, course } = endsOf(options);
    course.timeUp(5_000);
    const reason = "the run's limit of 5 s was reached";
    expect(ends.notStarted(of.observe, { startedAt: startMs, attempts })).toEqual(
      unknown(reason, { errorClass: 'deadline' }),
    );
    expect(told(events)).toEqual({ stepId: 'observe', status, detail: reason, attempts, errorClass: 'deadline' });
  });

  it('since the run was interrupted is no gap', () => {
    const { ends, events, course } = endsOf();
    course.interrupt(new Error('SIGINT'));
    expect(ends.notStarted(of.observe, tries)).toEqual(unknown('the run was interrupted'));
    expect(told(events)).toMatchObject({ status: 'blocked' });
  });
});

describe('a step that went well', () => {
  it('yields what it found', () => {
    const { ends, events } = endsOf(acted);
    expect(ends.succeeded(of.observe, { kind: 'done', output: 7, detail: 'seven' }, tries)).toEqual({
      known: true,
      value: 7,
    });
    expect(told(events)).toEqual({ stepId: 'observe', status: 'succeeded', detail: 'seven', attempts: 3, output: 7 });
  });

  it('yields also what says that it cannot be told', () => {
    const { ends, events } = endsOf();
    const outcome = { kind: 'done', output: 7, detail: 'seven?', isUnknown: true } as const;
    expect(ends.succeeded(of.decide, outcome, tries)).toEqual({ known: true, value: 7 });
    expect(told(events)).toMatchObject({ status: 'unknown', detail: 'seven?' });
  });

  it('or had nothing to do', () => {
    const { ends, events } = endsOf();
    expect(ends.succeeded(of.observe, { kind: 'skipped', reason: 'there is none' }, tries)).toEqual({
      known: false,
      because: 'skipped',
      reason: 'there is none',
    });
    expect(told(events)).toEqual({ stepId: 'observe', status: 'skipped', detail: 'there is none', attempts: 3 });
  });

  it.each([
    ['execute', 'succeeded'],
    ['dry-run', 'planned'],
  ] as const)('and acts, in a run of the mode %s, has %s', (mode, status) => {
    const { ends, events } = endsOf({ mode, ...acted });
    expect(ends.done(of.act, 'made', { made: true }, tries)).toEqual({ known: true, value: { made: true } });
    expect(told(events)).toMatchObject({ status, detail: 'made', attempts: 3, output: { made: true } });
  });
});

describe('a step that does not hold', () => {
  it('fails the run', () => {
    const { ends, events, course } = endsOf();
    expect(ends.failed(of.wait, 'not within 1 s', tries)).toEqual(unknown('not within 1 s'));
    expect(told(events)).toEqual({ stepId: 'wait', status: 'failed', detail: 'not within 1 s', attempts: 3 });
    expect(course.failure).toBe('not within 1 s');
  });

  it('fails nothing where it may', () => {
    const { ends, events, course } = endsOf();
    expect(ends.failed(of.optionalWait, 'not within 1 s', tries)).toEqual(unknown('not within 1 s'));
    expect(told(events)).toMatchObject({ status: 'failed' });
    expect(course.failure).toBeUndefined();
  });
});

it('a question that nobody answers lets the run wait', () => {
  const { ends, events, course } = endsOf();
  expect(ends.withheld(of.consent, 'nobody is there', ['approve it'], startMs)).toEqual(unknown('nobody is there'));
  expect(told(events)).toEqual({ stepId: 'consent', status: 'suspended', detail: 'nobody is there', attempts: 1 });
  expect(course.suspension).toEqual({
    verdict: 'awaiting-approval',
    reason: 'nobody is there',
    nextSteps: ['approve it', 'abort'],
  });
});

describe('a step that ended with an error', () => {
  it('is unknown, and says its class and what to do', () => {
    const { ends, events, course } = endsOf();
    const more = { errorClass: 'denied', nextStep: 'mend denied' } as const;
    expect(ends.gaveUp(of.observe, new Trouble('denied', 'no'), 'denied', tries)).toEqual(unknown('no', more));
    expect(told(events)).toEqual({ stepId: 'observe', status: 'unknown', detail: 'no', attempts: 3, ...more });
    expect(course).toMatchObject({ defect: undefined, failure: undefined, suspension: undefined });
  });

  it('has failed by a defect, which ends the run', () => {
    const { ends, events, course } = endsOf();
    const defect = new TypeError('x is not a function');
    expect(ends.gaveUp(of.observe, defect, 'defect', tries)).toEqual(unknown(defect.message, { errorClass: 'defect' }));
    expect(told(events)).toEqual({
      stepId: 'observe',
      status: 'failed',
      detail: defect.message,
      attempts: 3,
      errorClass: 'defect',
    });
    expect(course.defect).toBe(defect);
  });

  it('is stopped where a stop condition holds', () => {
    const { ends, events } = endsOf({ stands: ['act'] });
    expect(ends.gaveUp(of.act, new Halted('it rings'), 'rejected', tries)).toEqual(unknown('it rings'));
    expect(told(events)).toEqual({ stepId: 'act', status: 'blocked', detail: 'stopped: it rings', attempts: 3 });
  });

  it.each([
    ['that looks', of.observe, 'blocked', {}],
    ['that acts', of.act, 'suspended', { tried: true }],
    ['that waits', of.wait, 'suspended', {}],
  ] as const)('and was interrupted, one %s', (_what, step, status, tried) => {
    // Only a change can be in the world.
    const { ends, events } = endsOf({ stands: ['act', 'wait', 'observe'] });
    expect(ends.gaveUp(step, new Interrupted('SIGINT'), 'defect', tries)).toEqual(unknown('SIGINT', tried));
    expect(told(events)).toEqual({ stepId: step.id, status, detail: 'SIGINT', attempts: 3 });
  });

  it('since its lease is lost waits; what looks needs none', () => {
    const acts = endsOf();
    expect(acts.ends.gaveUp(of.act, new Trouble('locked', 'ben has it'), 'locked', tries)).toEqual(
      unknown('ben has it'),
    );
    expect(told(acts.events)).toMatchObject({ status: 'suspended' });
    expect(acts.course.defect).toBeUndefined();
    const looks = endsOf();
    looks.ends.gaveUp(of.observe, new Trouble('locked', 'ben has it'), 'locked', tries);
    expect(told(looks.events)).toMatchObject({ status: 'unknown', errorClass: 'locked' });
  });

  it('whose change was sent says so', () => {
    const { ends } = endsOf({ stands: ['act'] });
    expect(ends.gaveUp(of.act, new Trouble('denied', 'no'), 'denied', tries)).toMatchObject({ tried: true });
    expect(ends.gaveUp(of.optional, new Trouble('denied', 'no'), 'denied', tries)).not.toHaveProperty('tried');
    expect(ends.triedOf(of.act)).toEqual({ tried: true });
    expect(ends.triedOf(of.wait)).toEqual({});
  });
});

describe('a step whose caller is nobody any more', () => {
  const error = new Trouble('credentials', 'expired');
  const more = { errorClass: 'credentials', nextStep: 'mend credentials' } as const;

  it.each([
    ['an act', of.act, {}, 'suspended', ['mend credentials', 'resume']],
    ['an act, after a change', of.act, acted, 'suspended', ['mend credentials', 'resume', 'abort']],
    ['a look, after a change', of.observe, acted, 'blocked', ['mend credentials', 'resume', 'abort']],
  ] as const)('lets a run that acts wait: %s', (_what, step, options, status, nextSteps) => {
    const { ends, events, course } = endsOf(options);
    expect(ends.gaveUp(step, error, 'credentials', tries)).toEqual(unknown('expired', more));
    expect(told(events)).toEqual({ stepId: step.id, status, detail: 'expired', attempts: 3, ...more });
    expect(course.suspension).toEqual({ verdict: 'failed', reason: 'expired', nextSteps });
  });

  it('is told no next step where the error has none', () => {
    const { ends, events, course } = endsOf({ ...acted, stands: ['act'] });
    const plain = Object.assign(new Error('expired'), { errorClass: 'credentials' });
    expect(ends.gaveUp(of.act, plain, 'credentials', tries)).toEqual(
      unknown('expired', { errorClass: 'credentials', tried: true }),
    );
    expect(told(events)).not.toHaveProperty('nextStep');
    expect(course.suspension?.nextSteps).toEqual(['resume', 'abort']);
  });

  it.each([
    ['a look, before anything was changed', of.observe, {}],
    ['in a run that only looks', of.observe, { onlyLooks: true, ...acted }],
    ['in a dry run', of.act, { mode: 'dry-run', ...acted }],
    ['a step that may fail', of.optional, acted],
  ] as const)('does not let it wait: %s', (_what, step, options) => {
    const { ends, events, course } = endsOf(options);
    ends.gaveUp(step, error, 'credentials', tries);
    expect(told(events)).toMatchObject({ status: 'unknown', ...more });
    expect(course.suspension).toBeUndefined();
  });
});

describe('a step whose time is up', () => {
  const late = new DeadlineError('no answer');
  const ended = (options: PartsOptions, isRunOver: boolean, step: (typeof all)[number] = of.observe) => {
    const { ends, events, course } = endsOf(options);
    if (isRunOver) course.timeUp(5_000);
    ends.gaveUp(step, late, 'deadline', tries);
    expect(course.suspension).toBeUndefined();
    return told(events).status;
  };

  it("since the run's is, goes on later in a run that has changed something", () => {
    expect(ended(acted, true)).toBe('blocked');
    expect(ended(acted, true, of.wait)).toBe('suspended');
    expect(ended(acted, true, of.optional)).toBe('suspended');
  });

  it('is a gap otherwise', () => {
    expect(ended(acted, false)).toBe('unknown');
    expect(ended({}, true)).toBe('unknown');
    expect(ended({ ...acted, mode: 'dry-run' }, true)).toBe('unknown');
    expect(ended({ ...acted, onlyLooks: true }, true)).toBe('unknown');
  });
});

describe('a change that was not made', () => {
  const failure = (consequence: Consequence, more: Partial<ChangeFailure> = {}): ChangeFailure => ({
    kind: 'not-made',
    consequence,
    detail: 'it was not made',
    attempts: 2,
    ...more,
  });

  it.each([
    ['undo', 'failed'],
    ['ask-again', 'suspended'],
    ['suspend', 'suspended'],
    ['defect', 'failed'],
    ['unknown', 'unknown'],
    ['halt', 'blocked'],
  ] as const)('with the consequence "%s" is %s', (consequence, status) => {
    const { ends, events } = endsOf();
    expect(ends.notMade(of.act, failure(consequence), startMs)).toEqual(unknown('it was not made'));
    expect(told(events)).toEqual({ stepId: 'act', status, detail: 'it was not made', attempts: 2 });
  });

  it('fails the run, asks again, lets it wait or trips it, and otherwise does nothing to it', () => {
    const after = (consequence: Consequence, more: Partial<ChangeFailure> = {}, options: PartsOptions = {}) => {
      const { ends, course } = endsOf(options);
      ends.notMade(of.act, failure(consequence, more), startMs);
      const { failure: failed, suspension, defect } = course;
      return { failed, suspension, defect };
    };
    const nothing = { failed: undefined, suspension: undefined, defect: undefined };
    const reason = 'it was not made';
    const error = new TypeError('x');
    expect(after('undo')).toEqual({ ...nothing, failed: reason });
    expect(after('defect', { error })).toEqual({ ...nothing, defect: error });
    expect(after('unknown')).toEqual(nothing);
    expect(after('halt')).toEqual(nothing);
    expect(after('ask-again', {}, acted).suspension).toEqual({
      verdict: 'awaiting-approval',
      reason,
      nextSteps: ['resume', 'abort'],
    });
    expect(after('suspend').suspension).toEqual({ verdict: 'failed', reason, nextSteps: ['resume'] });
    const told2 = { errorClass: 'locked', nextStep: 'see who has it' } as const;
    expect(after('suspend', told2, acted).suspension).toEqual({
      verdict: 'locked',
      reason,
      nextSteps: ['see who has it', 'resume', 'abort'],
    });
  });

  it('says its class, what to do, and whether it may be in the world', () => {
    const { ends, events } = endsOf({ stands: ['act'] });
    const more = { errorClass: 'denied', nextStep: 'ask for it' } as const;
    expect(ends.notMade(of.act, failure('undo', more), startMs)).toEqual(
      unknown('it was not made', { ...more, tried: true }),
    );
    expect(told(events)).toMatchObject(more);
  });

  it('fails nothing where it may fail, also where its caller may not come in', () => {
    const { ends, events, course } = endsOf();
    ends.notMade(of.optional, failure('suspend', { errorClass: 'credentials' }), startMs);
    expect(told(events)).toMatchObject({ status: 'failed', errorClass: 'credentials' });
    expect(course).toMatchObject({ failure: undefined, suspension: undefined });
    const other = endsOf();
    other.ends.notMade(of.optional, failure('suspend', { errorClass: 'state' }), startMs);
    expect(other.course.suspension).toMatchObject({ verdict: 'failed' });
    const needed = endsOf();
    needed.ends.notMade(of.act, failure('suspend', { errorClass: 'credentials' }), startMs);
    expect(needed.course.suspension).toMatchObject({ verdict: 'failed' });
  });
});
