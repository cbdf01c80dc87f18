/** What is read from a run's events, wherever they break off. */
import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent, StepStatus } from '../../src/engine/events.ts';
import { historyOf, isOver } from '../../src/engine/history.ts';
import { setTo } from './acting/stage.ts';
import { startMs } from './kit.ts';

const started: EventBody = {
  type: 'run.started',
  runId: 'run-1',
  runbook: 'grow',
  title: 'Grow',
  mode: 'execute',
  environment: 'prod',
  steps: [{ id: 'found', title: 'Look', kind: 'observe', needs: [] }],
};

/** The events with their numbers, a second apart. */
function told(...bodies: readonly EventBody[]): readonly RunEvent[] {
  return [started, ...bodies].map((body, index) => ({ ...body, seq: index + 1, at: startMs + index * 1_000 }));
}

const history = (...bodies: readonly EventBody[]) => historyOf(told(...bodies));

const finished = (stepId: string, status: StepStatus = 'succeeded', output?: number): EventBody => ({
  type: 'step.finished',
  stepId,
  status,
  detail: `${stepId} ${status}`,
  startedAt: startMs,
  durationMs: 5,
  attempts: 1,
  ...(output === undefined ? {} : { output }),
});

const checkpointed: EventBody = {
  type: 'run.checkpointed',
  steps: [{ stepId: 'found', status: 'succeeded', detail: 'size 2', output: 2 }],
};
const undoing: EventBody = { type: 'run.undoing', reason: 'it does not hold' };
const ended: EventBody = { type: 'run.finished', verdict: 'failed', durationMs: 9, outcome: { verdict: 'attention' } };
const suspended: EventBody = {
  type: 'run.suspended',
  verdict: 'awaiting-approval',
  reason: 'nobody is there',
  nextSteps: ['approve it'],
  durationMs: 9,
};
const resumed = (purpose: 'continue' | 'abort' = 'continue'): EventBody => ({
  type: 'run.resumed',
  by: 'ana',
  purpose,
  differences: [],
});

const change = setTo('size', 2, 3);
const back = setTo('size', 3, 2);
const intended = (direction: 'apply' | 'undo' = 'apply'): EventBody => ({
  type: 'change.intended',
  stepId: 'grow',
  direction,
  change: direction === 'apply' ? change : back,
  hash: 'abc',
  tokens: {},
});
type Outcome = Extract<EventBody, { type: 'change.answered' }>['outcome'];
const answered = (outcome: Outcome, direction: 'apply' | 'undo' = 'apply', receipt?: { id: string }): EventBody => ({
  type: 'change.answered',
  stepId: 'grow',
  direction,
  outcome,
  ...(receipt === undefined ? {} : { receipt }),
});
type Seen = Extract<EventBody, { type: 'change.looked-up' }>['state'];
const seen = (state: Seen, direction: 'apply' | 'undo' = 'apply'): EventBody => ({
  type: 'change.looked-up',
  stepId: 'grow',
  direction,
  state,
  detail: state,
});
const takenBack: EventBody = {
  type: 'change.looked-up',
  stepId: 'grow',
  direction: 'apply',
  state: 'failed',
  detail: 'failed',
  isAsBefore: true,
};

describe('a run that has only begun', () => {
  it('is its own beginning, and nothing more', () => {
    expect(history()).toMatchObject({
      runId: 'run-1',
      runbook: 'grow',
      title: 'Grow',
      mode: 'execute',
      environment: 'prod',
      startedAt: startMs,
      lastAt: startMs,
      seq: 1,
      summaries: [{ id: 'found', title: 'Look', kind: 'observe', needs: [] }],
      steps: [],
      open: [],
      changes: [],
      approvals: new Map(),
      phase: 'looking',
      remembered: [],
      firsts: new Map(),
      outcome: undefined,
      resumptions: 0,
      aborted: false,
    });
    expect(Object.keys(history())).not.toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^(fingerprint|context|waitingFor|undoingFor|verdict|suspended)$/),
      ]),
    );
  });

  it('keeps what it was begun with', () => {
    const [first] = told();
    if (first?.type !== 'run.started') throw new Error('it does not begin');
    const given = historyOf([{ ...first, fingerprint: 'f00', context: { stack: 'nano' } }]);
    expect(given).toMatchObject({ fingerprint: 'f00', context: { stack: 'nano' } });
  });

  it.each([{ events: [] }, { events: told(checkpointed).slice(1) }])('has to have a beginning', ({ events }) => {
    expect(() => historyOf(events)).toThrow(new TypeError('the events do not begin with the start of a run'));
  });
});

describe('steps', () => {
  it('are open from their start to their end, and told by their last end', () => {
    const events = [
      { type: 'step.started', stepId: 'found' },
      { type: 'step.started', stepId: 'plan' },
    ] as const;
    expect(history(...events).open).toEqual(['found', 'plan']);
    const after = history(...events, finished('found', 'suspended'), finished('plan'), finished('found'));
    expect(after.open).toEqual([]);
    expect(after.steps).toEqual([
      {
        stepId: 'found',
        status: 'succeeded',
        detail: 'found succeeded',
        startedAt: startMs,
        durationMs: 5,
        attempts: 1,
      },
      expect.objectContaining({ stepId: 'plan' }),
    ]);
    expect(after).toMatchObject({ lastAt: startMs + 5_000, seq: 6 });
  });

  it('leave what they yielded first for whoever looks again', () => {
    const { firsts, remembered } = history(
      finished('found', 'succeeded', 1),
      finished('plan'),
      resumed(),
      finished('found', 'succeeded', 2),
      checkpointed,
      finished('holds', 'succeeded', 3),
    );
    expect([...firsts]).toEqual([['found', 1]]);
    expect(remembered).toEqual([
      { stepId: 'found', status: 'succeeded', detail: 'size 2', output: 2 },
      { stepId: 'holds', status: 'succeeded', detail: 'holds succeeded', output: 3 },
    ]);
  });

  it('are remembered only once something may have been changed', () => {
    expect(history(finished('found', 'succeeded', 1)).remembered).toEqual([]);
    const { remembered } = history(checkpointed, finished('grow'), finished('found', 'failed'));
    expect(remembered).toEqual([
      { stepId: 'found', status: 'failed', detail: 'found failed' },
      { stepId: 'grow', status: 'succeeded', detail: 'grow succeeded' },
    ]);
    expect(remembered[0]).not.toHaveProperty('output');
  });

  it('keep what they yielded while what they changed is put back', () => {
    const { remembered } = history(
      checkpointed,
      undoing,
      finished('found', 'rolled-back'),
      finished('grow', 'rolled-back'),
      finished('told', 'succeeded', 4),
      finished('told', 'succeeded', 5),
    );
    expect(remembered.map(({ stepId, status, output }) => [stepId, status, output])).toEqual([
      ['found', 'succeeded', 2],
      ['grow', 'rolled-back', undefined],
      ['told', 'succeeded', 5],
    ]);
  });
});

describe('being taken up again', () => {
  it('forgets what it waited for, and who was at it', () => {
    const asked: EventBody = {
      type: 'approval.requested',
      stepId: 'consent',
      kind: 'approve',
      question: 'Grow?',
      facts: [],
      changes: [],
      hash: 'abc',
    };
    const waits = [{ type: 'step.started', stepId: 'found' }, asked, suspended] as const;
    expect(history(...waits)).toMatchObject({
      verdict: 'awaiting-approval',
      suspended: { reason: 'nobody is there', nextSteps: ['approve it'] },
      waitingFor: { stepId: 'consent', question: 'Grow?', hash: 'abc' },
    });
    const again = history(...waits, resumed());
    for (const gone of ['verdict', 'suspended', 'waitingFor']) expect(again).not.toHaveProperty(gone);
    expect(again).toMatchObject({ open: [], resumptions: 1, aborted: false });
    expect(history(...waits, resumed(), resumed('abort'))).toMatchObject({ resumptions: 2, aborted: true });
    expect(history(...waits, resumed('abort'), resumed()).aborted).toBe(false);
  });

  it('looks anew at what was only looked at, and keeps what stands beside a change', () => {
    expect(history(finished('found'), resumed()).steps).toEqual([]);
    expect(history(finished('found'), checkpointed, resumed()).steps).toHaveLength(1);
  });

  it('goes back from the end to where it was', () => {
    expect(history(ended)).toMatchObject({ phase: 'ended', verdict: 'failed', outcome: { verdict: 'attention' } });
    expect(history(ended, resumed()).phase).toBe('looking');
    expect(history(checkpointed, ended, resumed('abort')).phase).toBe('acting');
    expect(history(checkpointed, undoing, ended, resumed('abort'))).toMatchObject({
      phase: 'undoing',
      undoingFor: 'it does not hold',
    });
  });
});

describe('consent', () => {
  const given: EventBody = { type: 'approval.given', stepId: 'consent', hash: 'abc', by: 'ana', how: 'prompt' };
  const lapsed: EventBody = { type: 'approval.lapsed', stepId: 'consent', hash: 'abc', reason: 'size is 5' };

  it('is kept by its hash until it lapses', () => {
    const after = history(given, { ...given, hash: 'def', by: 'ben' });
    expect([...after.approvals]).toEqual([
      ['abc', { stepId: 'consent', by: 'ana', at: startMs + 1_000 }],
      ['def', { stepId: 'consent', by: 'ben', at: startMs + 2_000 }],
    ]);
    expect([...history(given, { ...given, hash: 'def' }, lapsed).approvals.keys()]).toEqual(['def']);
    expect(after).not.toHaveProperty('waitingFor');
  });

  it('that lapses before anything was changed lets the run look again', () => {
    const refused = [intended(), answered('failed')];
    expect(history(checkpointed, ...refused, lapsed)).toMatchObject({ phase: 'looking', remembered: [] });
    expect(history(checkpointed, lapsed)).toMatchObject({ phase: 'looking', remembered: [] });
  });

  it('that lapses afterwards does not', () => {
    const after = history(checkpointed, intended(), answered('applied'), lapsed);
    expect(after.phase).toBe('acting');
    expect(after.remembered).toHaveLength(1);
    expect(history(checkpointed, undoing, lapsed)).toMatchObject({ phase: 'undoing', remembered: [{}] });
  });
});

describe('coming to a stop', () => {
  const halted: EventBody = { type: 'run.halted', reason: 'errors rise' };

  it('puts back only where something may have been changed', () => {
    expect(history(halted)).toMatchObject({ phase: 'looking', undoingFor: 'errors rise' });
    expect(history(checkpointed, halted)).toMatchObject({ phase: 'undoing', undoingFor: 'errors rise' });
    expect(history(checkpointed, undoing)).toMatchObject({ phase: 'undoing', undoingFor: 'it does not hold' });
  });
});

describe('telling that something is back', () => {
  it('is the beginning of putting back, whatever else there is to put back', () => {
    const stands = history(checkpointed, finished('grow', 'rolled-back'));
    expect(stands.phase).toBe('undoing');
    expect(stands).not.toHaveProperty('undoingFor');
    expect(history(finished('grow', 'rolled-back')).phase).toBe('looking');
    expect(history(checkpointed, finished('grow', 'failed')).phase).toBe('acting');
  });

  it('of a run that was aborted is so for that reason', () => {
    const aborted: EventBody = { type: 'run.resumed', by: 'ana', purpose: 'abort', differences: [] };
    const stands = history(checkpointed, aborted, finished('grow', 'rolled-back'));
    expect(stands).toMatchObject({ phase: 'undoing', undoingFor: 'the run was aborted' });
    const before: EventBody = { type: 'run.undoing', reason: 'it does not hold' };
    const first = history(checkpointed, before, aborted, finished('grow', 'rolled-back'));
    expect(first.undoingFor).toBe('it does not hold');
  });
});

describe('a change', () => {
  it.each<[string, readonly EventBody[], string]>([
    ['was about to be sent', [], 'intended'],
    ['was answered yes', [answered('applied')], 'applied'],
    ['was answered no', [answered('failed')], 'failed'],
    ['was not answered', [answered('unknown')], 'unknown'],
    ['was not answered, and is seen', [answered('unknown'), seen('done')], 'applied'],
    ['was not answered, and is under way', [answered('unknown'), seen('in-flight')], 'applied'],
    ['was not answered, and is not there', [answered('unknown'), seen('not-started')], 'failed'],
    [
      'is not put back, since that was given up',
      [answered('applied'), intended('undo'), seen('failed', 'undo')],
      'applied',
    ],
    ['was not answered, and cannot be seen', [answered('unknown'), seen('unknown')], 'unknown'],
    ['is something else by now', [answered('applied'), seen('drifted')], 'applied'],
    ['is to be put back', [answered('applied'), intended('undo')], 'reverting'],
    ['may be put back', [answered('applied'), intended('undo'), answered('applied', 'undo')], 'reverting'],
    ['may or may not be', [answered('applied'), intended('undo'), answered('unknown', 'undo')], 'reverting'],
    ['is not put back', [answered('applied'), intended('undo'), answered('failed', 'undo')], 'applied'],
    ['was sent again, and refused then', [answered('unknown'), intended(), answered('failed')], 'unknown'],
    ['was sent by who died, and again, and refused then', [intended(), answered('failed')], 'unknown'],
    ['is not there, and is refused then', [seen('not-started'), intended(), answered('failed')], 'failed'],
    [
      'may be put back, though that was refused the second time',
      [
        answered('applied'),
        intended('undo'),
        answered('unknown', 'undo'),
        intended('undo'),
        answered('failed', 'undo'),
      ],
      'reverting',
    ],
    ['is seen put back', [answered('applied'), intended('undo'), seen('done', 'undo')], 'reverted'],
    ['is being put back', [answered('applied'), intended('undo'), seen('in-flight', 'undo')], 'reverting'],
    ['is seen not put back', [answered('applied'), intended('undo'), seen('not-started', 'undo')], 'applied'],
    ['is unclear', [answered('applied'), intended('undo'), seen('unknown', 'undo')], 'reverting'],
  ])('that %s', (_, events, status) => {
    // It stays the change that was made, not the one that puts it back.
    expect(history(checkpointed, intended(), ...events).changes).toEqual([{ stepId: 'grow', change, status }]);
  });

  it.each(['applied', 'unknown'] as const)('that was answered with %s, and was taken back, is over', (answer) => {
    const { changes } = history(checkpointed, intended(), answered(answer), takenBack);
    expect(changes).toEqual([{ stepId: 'grow', change, status: 'taken-back', gaveUp: 'failed' }]);
    expect(changes.every(isOver)).toBe(true);
  });

  it('was sent when it was sent first', () => {
    expect(history(checkpointed).sentAt).toEqual(new Map());
    const events = [checkpointed, intended(), answered('unknown'), seen('not-started'), intended(), intended('undo')];
    expect(history(...events).sentAt).toEqual(new Map([['grow', startMs + 2_000]]));
  });

  it('that was not answered, and was given up, is there still, until something else is seen of it', () => {
    const events = [checkpointed, intended(), answered('unknown'), seen('failed')];
    expect(history(...events).changes).toEqual([{ stepId: 'grow', change, status: 'applied', gaveUp: 'failed' }]);
    expect(history(...events).changes.some(isOver)).toBe(false);
    expect(history(...events, seen('done')).changes).toEqual([{ stepId: 'grow', change, status: 'applied' }]);
  });

  it('has the receipt of its own answer', () => {
    const receipt = { id: 'i-1' };
    const made = [checkpointed, intended(), answered('applied', 'apply', receipt)];
    expect(history(...made).changes[0]?.receipt).toEqual(receipt);
    expect(history(...made, seen('done')).changes[0]?.receipt).toEqual(receipt);
    const undone = [intended(), answered('applied'), intended('undo'), answered('applied', 'undo', receipt)];
    expect(history(checkpointed, ...undone).changes[0]).not.toHaveProperty('receipt');
  });

  it('that was refused and planned anew is the new one', () => {
    const other = setTo('size', 2, 4);
    const anew = { type: 'change.intended', stepId: 'grow', direction: 'apply', hash: 'def', tokens: {} } as const;
    const { changes } = history(checkpointed, intended(), answered('failed'), { ...anew, change: other });
    expect(changes).toEqual([{ stepId: 'grow', change: other, status: 'intended' }]);
  });

  it('that nobody intended is none', () => {
    expect(history(answered('applied'), seen('done')).changes).toEqual([]);
  });

  it('whose putting back alone is told is that one', () => {
    expect(history(intended('undo')).changes).toEqual([{ stepId: 'grow', change: back, status: 'reverting' }]);
  });
});

it('what is told on the way changes nothing', () => {
  const before = history(checkpointed);
  const lease = { resource: 'world:size', token: 1 } as const;
  const after = history(
    checkpointed,
    { type: 'step.retried', stepId: 'found', attempt: 1, delayMs: 5, errorClass: 'throttled', reason: 'slow down' },
    { type: 'step.progressed', stepId: 'found', detail: 'waiting' },
    { type: 'approval.declined', stepId: 'consent', hash: 'abc', by: 'ben' },
    { type: 'lease.acquired', ...lease },
    { type: 'lease.released', ...lease },
    { type: 'lease.refused', resource: 'world:size', holder: 'ben' },
    { type: 'lease.lost', ...lease, reason: 'gone' },
  );
  expect(after).toEqual({ ...before, seq: 9, lastAt: startMs + 8_000 });
});
