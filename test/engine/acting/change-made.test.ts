/** Making one change: what is sent, what is asked of reality, and what it comes to. */
import { describe, expect, it } from 'vitest';
import { StateError } from '../../../src/engine/journal-store.ts';
import { LeaseLostError } from '../../../src/engine/lease-store.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { answered, briefly, consentTo, grown, intended, played, shrunk, stepId, type Seen } from './one-change.ts';
import { setTo, Trouble, startMs } from './stage.ts';

const lost = () => new Trouble('unreachable', 'no answer within 10 s');
const denied = new Trouble('denied', 'you may not');
/** As a run leaves it that made this change and another one. */
const another = [
  { ...intended(setTo('other', 1, 2)), stepId: 'other' },
  { ...answered('applied'), stepId: 'other' },
] as const;
const otherRefused = [another[0], { ...answered('failed'), stepId: 'other' }] as const;

describe('a change that nobody agreed to', () => {
  it.each([
    { consent: undefined },
    { consent: null },
    { consent: 'yes' },
    { consent: {} },
    { consent: { changes: 'all' } },
    { consent: consentTo() },
    { consent: consentTo(shrunk) },
  ])('is a defect, and nothing is looked at or sent: $consent', async ({ consent }) => {
    const { end, looks, sent, events } = await played('make', { looks: ['not-started'] }, { consent });
    const detail = 'step "grow" would make a change that "consent" has not shown';
    expect(end).toEqual({ kind: 'not-made', consequence: 'defect', detail, attempts: 0, error: new TypeError(detail) });
    expect({ looks, sent, events }).toEqual({ looks: 0, sent: [], events: [] });
  });

  it('is none where it is one of several that were agreed to', async () => {
    const consent = consentTo(shrunk, grown);
    expect((await played('make', { looks: ['not-started'] }, { consent })).end.kind).toBe('made');
  });
});

describe('a change that was not begun', () => {
  it('is sent once where reality is as before it', async () => {
    const { end, events, sent, looks, changing } = await played('make', {
      looks: ['not-started'],
      sends: [{ receipt: { id: 'i-1' } }],
    });
    expect(end).toEqual({ kind: 'made', made: true, detail: 'size 2 → 3', attempts: 1, receipt: { id: 'i-1' } });
    expect(events).toEqual([intended(), answered('applied', 'apply', { id: 'i-1' })]);
    expect(sent).toEqual([{ change: grown, at: 0 }]);
    expect(looks).toBe(1);
    expect(changing.records.undoable()).toEqual([{ stepId, change: grown, status: 'applied' }]);
    expect(changing.records.stands(stepId)).toBe(true);
    expect(changing.records.stands('other')).toBe(false);
    expect(changing.records.settled()).toEqual([]);
  });

  it('has no receipt where the answer gave none', async () => {
    const { end, events } = await played('make', { looks: ['not-started'] });
    expect(end).not.toHaveProperty('receipt');
    expect(events[1]).not.toHaveProperty('receipt');
    expect(events[1]).not.toHaveProperty('reason');
  });

  it.each(['done', 'in-flight'] as const)('is not sent where reality is %s', async (state) => {
    const { end, events, sent, changing } = await played('make', { looks: [state] });
    const told = { kind: 'made', made: false, detail: `nothing sent: it is ${state}`, attempts: 1 };
    expect(end).toStrictEqual(state === 'done' ? told : { ...told, isUnderWay: true });
    expect({ sent, events }).toEqual({ sent: [], events: [] });
    expect(changing.records.stands(stepId)).toBe(false);
  });

  it.each([true, false])('leads to putting back where the other side gave it up (awaited: %s)', async (isAwaited) => {
    const { end, changing } = await played('make', { looks: ['failed'], isAwaited });
    expect(end).toEqual({ kind: 'not-made', consequence: 'undo', detail: 'it is failed', attempts: 1 });
    expect(changing.records.of(stepId)).toBeUndefined();
  });

  it('is asked for again where the world has changed', async () => {
    const { end, events } = await played('make', { looks: ['drifted'] });
    const detail = 'the world has changed since this was planned: it is drifted';
    expect(end).toEqual({ kind: 'not-made', consequence: 'ask-again', detail, attempts: 1 });
    expect(events).toEqual([{ type: 'approval.lapsed', stepId: 'consent', hash: 'the plan', reason: 'it is drifted' }]);
  });

  it.each([
    { why: 'something was changed', scene: { past: another } },
    { why: 'something may have been told', scene: { hasTold: true } },
    { why: 'the run can do without it', scene: { isOptional: true } },
  ])('leads to putting back where the world has changed and $why', async ({ scene }) => {
    const { end, events } = await played('make', { looks: ['drifted'], ...scene });
    expect(end).toMatchObject({ kind: 'not-made', consequence: 'undo' });
    expect(events).toEqual([]);
  });

  it('is asked for again where all that was sent before was refused', async () => {
    const { end } = await played('make', { looks: ['drifted'], past: otherRefused });
    expect(end).toMatchObject({ consequence: 'ask-again' });
  });
});

describe('a world that cannot be read before the change', () => {
  it('leaves it unknown where nothing was changed yet', async () => {
    const { end, looks, sent } = await played('make', { looks: [denied] });
    const detail = 'how it stands cannot be read: you may not';
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail, attempts: 1 });
    expect({ looks, sent }).toEqual({ looks: 1, sent: [] });
  });

  it('is looked at every 2 s, while a request could still be over in time, where something was changed', async () => {
    const at: number[] = [];
    const { end } = await played('make', {
      looks: ['unknown'],
      past: another,
      timeoutMs: 20_000,
      onLook: (elapsedMs) => at.push(elapsedMs),
    });
    expect(at).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
    expect(end).toEqual({ kind: 'not-made', consequence: 'undo', detail: 'it is unknown', attempts: 1 });
  });

  it('is waited for until it can be read', async () => {
    const { end, sent } = await played('make', { looks: ['unknown', 'unknown', 'not-started'], past: another });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent).toEqual([{ change: grown, at: 4_000 }]);
  });

  it('is waited for also where the change can be sent twice', async () => {
    const { end, sent } = await played('make', { looks: ['unknown', 'not-started'], isIdempotent: true });
    expect(end).toMatchObject({ kind: 'made' });
    expect(sent).toEqual([{ change: grown, at: 2_000 }]);
  });

  it('is not waited for by a run that stops', async () => {
    const { looks } = await played('make', { looks: ['unknown'], past: another, standstill: () => 'it stops' });
    expect(looks).toBe(1);
  });

  it.each(['credentials', 'defect'] as const)('for want of %s is an error of its own', async (errorClass) => {
    const error = new Trouble(errorClass);
    await expect(played('make', { looks: [error] })).rejects.toBe(error);
  });

  it('is told to stop by the run, whatever the look says', async () => {
    const stop = new AbortController();
    const reason = new Error('the time is up');
    const ended = played('make', { looks: [denied], stop, onLook: () => stop.abort(reason) });
    await expect(ended).rejects.toBe(reason);
  });
});

describe('a change that was begun by a process that died', () => {
  const older = setTo('size', 2, 5);
  const begun = [intended(older)];
  const agreed = { consent: consentTo(older) };

  it('is finished as it was begun, whatever is planned today', async () => {
    const { end, sent, events } = await played(
      'make',
      { looks: ['not-started'], past: begun },
      { consent: consentTo(older, grown) },
    );
    expect(end).toEqual({ kind: 'made', made: true, detail: 'size 2 → 5', attempts: 1 });
    expect(sent.map(({ change }) => change)).toEqual([older]);
    // Nobody says no at once of what may still arrive.
    expect(sent[0]?.at).toBe(20_000);
    expect(briefly(events)).toEqual(['apply: seen not-started', 'apply: intended', 'apply: applied']);
  });

  it.each([
    { name: 'was refused', past: [...begun, answered('failed')] },
    { name: 'was put back', past: [...begun, answered('applied'), intended(setTo('size', 5, 2), 'undo')] },
  ])('is planned anew where it $name', async ({ name, past }) => {
    const events = name === 'was put back' ? [...past, seenBack] : past;
    const { sent } = await played('make', { looks: ['not-started'], past: events });
    expect(sent).toEqual([{ change: grown, at: 0 }]);
  });

  it.each([undefined, { id: 'i-1' }])('is not looked at where it was answered: %j', async (receipt) => {
    const past = [...begun, answered('applied', 'apply', receipt)];
    const { end, looks } = await played('make', { looks: ['drifted'], past }, agreed);
    const told = { kind: 'made', made: true, detail: 'size 2 → 5 (done before)', attempts: 1 };
    expect(end).toStrictEqual(receipt === undefined ? told : { ...told, receipt });
    expect(looks).toBe(0);
  });

  it.each([{}, { isAsBefore: true }])('is not made again where it was seen given up: %j', async (left) => {
    const seen = { type: 'change.looked-up', stepId, direction: 'apply', state: 'failed', detail: 'no' } as const;
    const past = [...begun, answered('unknown'), { ...seen, ...left }];
    const alone = await played('make', { looks: ['not-started'], past }, agreed);
    expect(alone.end).toEqual({ kind: 'not-made', consequence: 'undo', detail: 'no', attempts: 1 });
    // Whoever waits for it tells so.
    const awaited = await played('make', { looks: ['not-started'], past, isAwaited: true }, agreed);
    expect(awaited.end).toEqual({ kind: 'made', made: true, detail: 'size 2 → 5 (done before)', attempts: 1 });
    expect([...alone.sent, ...awaited.sent, alone.looks, awaited.looks]).toEqual([0, 0]);
  });

  it.each([
    { name: 'nobody knows', past: begun },
    { name: 'no answer came', past: [...begun, answered('unknown')] },
  ])('and of which $name is found by looking', async ({ past }) => {
    for (const state of ['done', 'in-flight'] as const) {
      const { end, sent, events, changing } = await played('make', { looks: [state], past }, agreed);
      expect(end).toEqual({ kind: 'made', made: true, detail: `size 2 → 5: it is ${state}`, attempts: 1 });
      expect(sent).toEqual([]);
      expect(events).toEqual([
        { type: 'change.looked-up', stepId, direction: 'apply', state, detail: `it is ${state}` },
      ]);
      expect(changing.records.undoable()).toEqual([{ stepId, change: older, status: 'applied' }]);
    }
    const failed = await played('make', { looks: ['failed'], past }, agreed);
    expect(failed.end).toMatchObject({ consequence: 'undo', detail: 'it is failed', attempts: 1 });
    // What was tried came to the world: it is there until it is put back.
    const stands = { stepId, change: older, status: 'applied', gaveUp: 'it is failed' };
    expect(failed.changing.records.undoable()).toEqual([stands]);
    const awaited = await played('make', { looks: ['failed'], past, isAwaited: true }, agreed);
    expect(awaited.end).toEqual({ kind: 'made', made: true, detail: 'size 2 → 5', attempts: 1 });
    expect(awaited.changing.records.undoable()).toEqual([stands]);
  });

  it('may have been made all the same where it is sent once more, and refused', async () => {
    for (const past of [begun, [...begun, answered('unknown')]]) {
      const looks = ['unknown'] as const;
      const sends = [new Trouble('denied', 'not allowed')];
      const { end, events, changing } = await played('make', { looks, past, sends, isIdempotent: true }, agreed);
      expect(end).toMatchObject({ kind: 'not-made', consequence: 'undo', detail: 'not allowed' });
      expect(briefly(events)).toEqual(['apply: seen unknown', 'apply: intended', 'apply: failed']);
      expect(changing.records.undoable()).toEqual([{ stepId, change: older, status: 'unknown' }]);
    }
    // What reality showed not to be there is not.
    const sends = [new Trouble('denied', 'not allowed')];
    const { changing } = await played('make', { looks: ['not-started'], past: begun, sends }, agreed);
    expect(changing.records.settled()).toMatchObject([{ status: 'failed' }]);
  });

  it('is unknown where the world is neither, and nobody is asked again', async () => {
    const { end, events, changing } = await played('make', { looks: ['drifted'], past: begun }, agreed);
    const detail = 'the world has changed since this was planned: it is drifted';
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail, attempts: 1 });
    expect(briefly(events)).toEqual(['apply: seen drifted']);
    expect(changing.records.undoable()).toMatchObject([{ status: 'intended' }]);
  });

  it('is unknown where the world cannot be read for 20 s', async () => {
    const { end, elapsedMs, looks } = await played('make', { looks: ['unknown'], past: begun }, agreed);
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail: 'it is unknown', attempts: 1 });
    expect({ elapsedMs, looks }).toEqual({ elapsedMs: 20_000, looks: 11 });
  });

  it('is sent all the same where sending it twice does what sending it once does', async () => {
    const scene = { looks: ['unknown'] as const, past: begun, isIdempotent: true };
    const { end, sent, events } = await played('make', scene, agreed);
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent).toEqual([{ change: older, at: 20_000 }]);
    expect(briefly(events)).toEqual(['apply: seen unknown', 'apply: intended', 'apply: applied']);
    const halted = await played('make', { ...scene, standstill: () => 'it stops' }, agreed);
    expect(halted.end).toMatchObject({ consequence: 'halt' });
  });

  it('is not begun again where that may not be', async () => {
    const scene = { looks: ['not-started'] as const, past: begun, isOnce: true };
    const { end, sent, events } = await played('make', scene, agreed);
    const detail = 'it was begun before, and is not begun again: it may still be under way (it is not-started)';
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail, attempts: 1 });
    expect(sent).toEqual([]);
    // Nor by whoever goes on from here: that it does not show is not kept as that it was not made.
    expect(briefly(events)).toEqual(['apply: seen unknown']);
  });

  it.each([
    ['reversible', 20_000],
    ['irreversible', 60_000],
    ['data-loss', 60_000],
  ] as const)('%s has %d ms in which to show', async (risk, ms) => {
    const planned = { ...grown, risk };
    const { elapsedMs } = await played('make', { looks: ['unknown'], past: [intended(planned)] }, { planned });
    expect(elapsedMs).toBe(ms);
  });
});

const seenBack = {
  type: 'change.looked-up',
  stepId,
  direction: 'undo',
  state: 'done',
  detail: 'it is done',
} as const;

describe('a sending that is answered no', () => {
  it('says why, and what to do, and leads to putting back', async () => {
    const error = new Trouble('rejected', 'size cannot be set');
    const { end, events, changing } = await played('make', { looks: ['not-started'], sends: [error] });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'undo',
      detail: 'size cannot be set',
      attempts: 1,
      errorClass: 'rejected',
      nextStep: 'mend rejected',
      error,
    });
    expect(events).toEqual([intended(), { ...answered('failed'), reason: 'size cannot be set' }]);
    expect(changing.records.settled()).toEqual([{ stepId, change: grown, status: 'failed' }]);
    expect(changing.records.stands(stepId)).toBe(false);
  });

  it.each([
    ['credentials', 'suspend'],
    ['denied', 'undo'],
    ['not-found', 'undo'],
    ['locked', 'undo'],
  ] as const)('for %s leads to: %s', async (errorClass, consequence) => {
    const { end, sent } = await played('make', { looks: ['not-started'], sends: [new Trouble(errorClass)] });
    expect(end).toMatchObject({ kind: 'not-made', consequence, errorClass });
    expect(sent).toHaveLength(1);
  });

  it('that says nothing of what to do is told without', async () => {
    const error = Object.assign(new Error('no'), { errorClass: 'denied' });
    expect((await played('make', { looks: ['not-started'], sends: [error] })).end).not.toHaveProperty('nextStep');
  });

  it('is sent again after a throttling, longer each time, and for three minutes at most', async () => {
    const throttled = Array.from({ length: 99 }, () => new Trouble('throttled', 'Rate exceeded'));
    const { end, events, sent } = await played('make', { looks: ['not-started'], sends: throttled });
    const delays = events.flatMap((event) => (event.type === 'step.retried' ? [event.delayMs] : []));
    expect(delays.slice(0, 6)).toEqual([1_500, 3_000, 6_000, 12_000, 15_000, 15_000]);
    expect(sent.map(({ at }) => at).slice(0, 4)).toEqual([0, 1_500, 4_500, 10_500]);
    expect(sent.at(-1)?.at).toBe(172_500);
    expect(end).toMatchObject({ consequence: 'undo', attempts: sent.length, errorClass: 'throttled' });
    expect(events[2]).toEqual({
      type: 'step.retried',
      stepId,
      attempt: 1,
      delayMs: 1_500,
      errorClass: 'throttled',
      reason: 'Rate exceeded',
    });
  });

  it('is sent again at the last moment that its time lasts, and not later', async () => {
    const sends = [new Trouble('throttled'), undefined];
    expect((await played('make', { looks: ['not-started'], sends, timeoutMs: 1_500 })).end.kind).toBe('made');
    expect((await played('make', { looks: ['not-started'], sends, timeoutMs: 1_499 })).end.kind).toBe('not-made');
  });

  it.each(['unreachable', 'service-fault'] as const)('since nothing left is sent again: %s', async (errorClass) => {
    const unsent = new Trouble(errorClass, 'no connection', false);
    const { end, events } = await played('make', { looks: ['not-started'], sends: [unsent, unsent, unsent] });
    expect(end).toMatchObject({ kind: 'made', made: true, attempts: 4 });
    expect(briefly(events).filter((each) => each.startsWith('apply'))).toEqual([
      ...Array.from({ length: 3 }, () => ['apply: intended', 'apply: failed']).flat(),
      'apply: intended',
      'apply: applied',
    ]);
  });

  it.each(['done', 'in-flight'] as const)('was made by somebody else where it then is %s', async (state) => {
    const scene = { looks: ['not-started', state], sends: [new Trouble('throttled')] } as const;
    const { end, sent } = await played('make', scene);
    const told = { kind: 'made', made: false, detail: `made by somebody else: it is ${state}`, attempts: 1 };
    expect(end).toStrictEqual(state === 'done' ? told : { ...told, isUnderWay: true });
    expect(sent).toHaveLength(1);
  });

  it.each(['drifted', 'failed'] as const)('leads to putting back where it then is %s', async (state) => {
    const scene = { looks: ['not-started', state], sends: [new Trouble('throttled', 'slow down')] } as const;
    const { end } = await played('make', scene);
    expect(end).toMatchObject({
      consequence: 'undo',
      detail: `slow down Meanwhile: it is ${state}`,
      errorClass: 'throttled',
      nextStep: 'mend throttled',
    });
  });

  it('is sent again where the world cannot be read meanwhile', async () => {
    const scene = { looks: ['not-started', 'unknown'], sends: [new Trouble('throttled')] } as const;
    expect((await played('make', scene)).end).toMatchObject({ kind: 'made', attempts: 2 });
  });
});

describe('a program that trips while it sends', () => {
  it('is a defect, and nobody knows what became of the change', async () => {
    const error = new TypeError('undefined is not a function');
    const { end, events, changing } = await played('make', { looks: ['not-started'], sends: [error] });
    const { message: detail } = error;
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'defect',
      detail,
      attempts: 1,
      errorClass: 'defect',
      error,
    });
    expect(events[1]).toEqual({ ...answered('unknown'), reason: detail });
    expect(changing.records.undoable()).toMatchObject([{ status: 'unknown' }]);
  });

  it.each(['a text', null, undefined])('may throw anything: %s', async (thrown) => {
    const { end, events } = await played('make', { looks: ['not-started'], sends: [{ thrown }] });
    expect(end).toMatchObject({ consequence: 'defect', detail: String(thrown), errorClass: 'defect' });
    expect(briefly(events)).toEqual(['apply: intended', 'apply: unknown']);
  });

  it.each([{ sent: false }, { sent: true }, 'no', null])(
    'is certain of it only where it says so: %j',
    async (details) => {
      const error = Object.assign(new TypeError('refused'), { details });
      const { events } = await played('make', { looks: ['not-started'], sends: [error] });
      const isCertain = typeof details === 'object' && details?.sent === false;
      expect(briefly(events)).toEqual(['apply: intended', `apply: ${isCertain ? 'failed' : 'unknown'}`]);
    },
  );
});

describe('a sending that is not answered', () => {
  it.each(['unreachable', 'service-fault', 'deadline'] as const)('is found by looking: %s', async (errorClass) => {
    const scene = { looks: ['not-started', 'not-started', 'done'] as const, sends: [new Trouble(errorClass, 'lost')] };
    const { end, events, sent } = await played('make', scene);
    const detail = 'size 2 → 3 (its answer was lost; it is done)';
    expect(end).toEqual({ kind: 'made', made: true, detail, attempts: 1 });
    expect(events.slice(1, 2)).toEqual([{ ...answered('unknown'), reason: 'lost' }]);
    expect(briefly(events)).toEqual(['apply: intended', 'apply: unknown', 'apply: seen done']);
    expect(sent).toHaveLength(1);
  });

  it('and is under way is made', async () => {
    const { end } = await played('make', { looks: ['not-started', 'in-flight'], sends: [lost()] });
    expect(end).toMatchObject({ kind: 'made', made: true });
  });

  it('is sent once more where it does not show for 20 s', async () => {
    const { end, events, sent } = await played('make', { looks: ['not-started'], sends: [lost()] });
    expect(end).toEqual({ kind: 'made', made: true, detail: 'size 2 → 3', attempts: 2 });
    expect(sent.map(({ at }) => at)).toEqual([0, 20_000]);
    expect(briefly(events)).toEqual([
      'apply: intended',
      'apply: unknown',
      'apply: seen not-started',
      'again in 0 ms',
      'apply: intended',
      'apply: applied',
    ]);
  });

  it('twice leads to putting back', async () => {
    const { end, sent } = await played('make', { looks: ['not-started'], sends: [lost(), lost(), lost()] });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'undo',
      detail: 'no answer within 10 s it is not-started',
      attempts: 2,
      errorClass: 'unreachable',
    });
    expect(sent).toHaveLength(2);
  });

  it('leads to putting back at once where it may be sent once only', async () => {
    const scene = { looks: ['not-started'] as const, sends: [lost(), lost()], isOnce: true };
    const { end, sent, events, changing } = await played('make', scene);
    expect(end).toMatchObject({ consequence: 'undo', attempts: 1 });
    expect(sent).toHaveLength(1);
    // It may still be under way: whoever goes on must not take it for never made, and begin it again.
    expect(briefly(events).at(-1)).toBe('apply: seen unknown');
    expect(changing.records.undoable()).toMatchObject([{ status: 'unknown' }]);
  });

  it('is not counted where a no came before: nothing was made by that', async () => {
    const sends = [new Trouble('throttled'), lost(), new Trouble('throttled'), lost()];
    const { end, sent } = await played('make', { looks: ['not-started'], sends });
    expect(end).toMatchObject({ consequence: 'undo', attempts: 4 });
    expect(sent).toHaveLength(4);
  });

  it.each(['unknown', 'drifted'] as const)('leaves it unknown where it is %s', async (state) => {
    const { end, events, changing } = await played('make', { looks: ['not-started', state], sends: [lost()] });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'unknown',
      detail: `no answer within 10 s it is ${state}`,
      attempts: 1,
      errorClass: 'unreachable',
    });
    expect(briefly(events).at(-1)).toBe(`apply: seen ${state}`);
    expect(changing.records.undoable()).toMatchObject([{ status: 'unknown' }]);
  });

  it('leads to putting back where the other side gave it up', async () => {
    const { end, sent, changing } = await played('make', { looks: ['not-started', 'failed'], sends: [lost()] });
    expect(end).toMatchObject({ consequence: 'undo', detail: 'no answer within 10 s it is failed', attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(changing.records.undoable()).toMatchObject([{ status: 'applied' }]);
  });

  it('is looked at with the time at which it was sent', async () => {
    const told: (number | undefined)[] = [];
    const onLook = (_elapsedMs: number, sentAt: number | undefined) => told.push(sentAt);
    const looks = ['not-started', 'unknown', 'done'] as const;
    await played('make', { looks, sends: [lost()], lookMs: 1_000, sendMs: 10_000, onLook });
    expect(told).toEqual([undefined, startMs + 1_000, startMs + 1_000]);
  });

  it('that is begun once is known to be made where it is seen', async () => {
    const { end, changing } = await played('make', { looks: ['not-started', 'done'], sends: [lost()], isOnce: true });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(changing.records.undoable()).toMatchObject([{ status: 'applied' }]);
  });

  it.each(['drifted', 'not-started'] as const)('was not made where it is %s, whatever waits for it', async (state) => {
    const { end } = await played('make', { looks: ['not-started', state], sends: [lost(), lost()], isAwaited: true });
    expect(end).toMatchObject({ kind: 'not-made' });
  });

  it('was made where what waits for it tells that the other side gave it up', async () => {
    const scene = { looks: ['not-started', 'failed'], sends: [lost()], isAwaited: true } as const;
    const { end, sent, changing } = await played('make', scene);
    expect(end).toEqual({
      kind: 'made',
      made: true,
      detail: 'size 2 → 3 (its answer was lost; it is failed)',
      attempts: 1,
    });
    expect(sent).toHaveLength(1);
    expect(changing.records.undoable()).toMatchObject([{ status: 'applied' }]);
  });
});

describe('a sending that is not answered, and may be made twice', () => {
  const scene = { isIdempotent: true, timeoutMs: 30_000, sendMs: 1_000 } as const;
  const never = Array.from({ length: 30 }, lost);

  it.each<[Seen]>([['not-started'], ['unknown']])('is sent again every 2 s while it is %s', async (seen) => {
    const looks = ['not-started', seen] as const;
    const { end, sent, events, elapsedMs } = await played('make', { ...scene, looks, sends: never });
    // One that takes the whole of its time has to be over in time.
    expect(sent.map(({ at }) => at)).toEqual([0, 3_000, 6_000, 9_000, 12_000, 15_000, 18_000, 21_000]);
    expect(briefly(events).slice(0, 4)).toEqual([
      'apply: intended',
      'apply: unknown',
      'again in 2000 ms',
      'apply: intended',
    ]);
    expect(events[2]).toMatchObject({ attempt: 1, errorClass: 'unreachable', reason: 'no answer within 10 s' });
    expect(end).toMatchObject({ consequence: seen === 'unknown' ? 'unknown' : 'undo', attempts: 8 });
    // The last one is looked for as long as any other.
    expect(elapsedMs).toBe(42_000);
  });

  it('is made as soon as it shows', async () => {
    const looks = ['not-started', 'not-started', 'done'] as const;
    const { end, sent } = await played('make', { ...scene, looks, sends: never });
    expect(end).toMatchObject({ kind: 'made', made: true, attempts: 2 });
    expect(sent).toHaveLength(2);
  });

  it('is sent once more at most where looking took the time that was left', async () => {
    const times = { timeoutMs: 20_000, lookMs: 8_000, sendMs: 1_000 };
    const { sent } = await played('make', { ...scene, ...times, looks: ['not-started'], sends: never });
    expect(sent.map(({ at }) => at)).toEqual([8_000, 17_000]);
  });

  it('has one limit for looking and sending', async () => {
    const { sent } = await played('make', { ...scene, looks: ['unknown', 'unknown', 'not-started'], sends: never });
    expect(sent.at(0)?.at).toBe(4_000);
    expect(sent.at(-1)?.at).toBe(22_000);
  });
});

describe('what must hold before anything is sent', () => {
  it('is that the run goes on', async () => {
    let asked = 0;
    const { end, sent, events } = await played('make', {
      looks: ['not-started'],
      sends: [new Trouble('throttled')],
      standstill: () => ((asked += 1) > 1 ? 'another step failed' : undefined),
    });
    const detail = 'nothing sent: another step failed';
    expect(end).toEqual({ kind: 'not-made', consequence: 'halt', detail, attempts: 1 });
    expect(sent).toHaveLength(1);
    expect(briefly(events)).toEqual(['apply: intended', 'apply: failed', 'again in 1500 ms']);
  });

  it('is that nobody stopped the run', async () => {
    const stop = new AbortController();
    const reason = new Error('interrupted');
    const ended = played('make', { looks: ['not-started'], stop, onLook: () => stop.abort(reason) });
    await expect(ended).rejects.toBe(reason);
  });

  it('is that the checkpoint was written first', async () => {
    const full = new StateError('unwritable', 'the disk is full', 'make room');
    const { end, sent, events } = await played('make', {
      looks: ['not-started'],
      checkpoint: () => Promise.reject(full),
    });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'suspend',
      detail: 'nothing sent: the disk is full',
      attempts: 0,
      errorClass: 'state',
      nextStep: 'make room',
    });
    expect({ sent, events }).toEqual({ sent: [], events: [] });
  });

  it('is that the intent was written, and not merely told', async () => {
    const { journals } = memoryState();
    const full = new StateError('unwritable', 'the disk is full', 'make room');
    const { end, sent, events, changing } = await played('make', {
      looks: ['not-started'],
      journals: { ...journals, append: () => Promise.reject(full) },
    });
    expect(end).toMatchObject({ consequence: 'suspend', detail: 'nothing sent: the disk is full', attempts: 0 });
    expect(sent).toEqual([]);
    expect(events).toEqual([intended(), { ...answered('failed'), reason: 'the disk is full' }]);
    expect(changing.records.stands(stepId)).toBe(false);
  });

  it('is that the lease outlives the request, as far as its store says', async () => {
    const { leases } = memoryState();
    const gone = new LeaseLostError('world:size', 'somebody took it');
    const { end, sent, events } = await played('make', {
      looks: ['not-started'],
      leases: { ...leases, renew: () => Promise.reject(gone) },
    });
    expect(end).toStrictEqual({
      kind: 'not-made',
      consequence: 'suspend',
      detail: 'nothing sent: somebody took it',
      attempts: 0,
      errorClass: 'locked',
    });
    expect({ sent, events }).toEqual({ sent: [], events: [] });
  });

  it.each([
    { when: 'before the intent is written', slowRenewal: 1, told: [] },
    { when: 'after it was written', slowRenewal: 2, told: ['apply: intended', 'apply: failed'] },
  ])('is that the lease outlives it also where renewing took long: $when', async ({ slowRenewal, told }) => {
    const { leases, journals } = memoryState();
    let renewals = 0;
    let sleep: (ms: number) => Promise<void> = () => Promise.resolve();
    const { end, sent, events } = await played('make', {
      looks: ['not-started'],
      script: (clock) => {
        sleep = (ms) => clock.sleep(ms);
      },
      leases: {
        ...leases,
        renew: async (lease, extend) => {
          const renewed = await leases.renew(lease, extend);
          renewals += 1;
          if (renewals === slowRenewal) await sleep(52_000);
          return renewed;
        },
      },
      journals: {
        ...journals,
        append: async (id, records) => {
          if (slowRenewal === 2 && records[0]?.event.seq === 1) await sleep(52_000);
          return journals.append(id, records);
        },
      },
    });
    const detail = 'nothing sent: the lease on world:size would run out before the change could be over';
    expect(end).toMatchObject({ consequence: 'suspend', detail, errorClass: 'locked' });
    expect(sent).toEqual([]);
    expect(briefly(events)).toEqual(told);
  });

  it('is told by the tokens that allow it', async () => {
    const { leases } = memoryState();
    const { events, sent } = await played('make', { looks: ['not-started'], leases });
    expect(events[0]).toEqual({ ...intended(), tokens: { 'world:size': 1 } });
    expect(sent).toHaveLength(1);
  });

  it.each([
    { name: 'is asked for once more where writing took long', slowMs: 55_000, renewals: 2 },
    { name: 'is not where it did not', slowMs: 5_000, renewals: 1 },
  ])('$name', async ({ slowMs, renewals }) => {
    const { leases, journals } = memoryState();
    let renewed = 0;
    let sleep: (ms: number) => Promise<void> = () => Promise.resolve();
    let isFirst = true;
    const { sent } = await played('make', {
      looks: ['not-started'],
      script: (clock) => {
        sleep = (ms) => clock.sleep(ms);
      },
      leases: {
        ...leases,
        renew: (lease, extend) => {
          renewed += 1;
          return leases.renew(lease, extend);
        },
      },
      journals: {
        ...journals,
        append: async (id, records) => {
          if (isFirst) await sleep(slowMs);
          isFirst = false;
          return journals.append(id, records);
        },
      },
    });
    expect(renewed).toBe(renewals);
    expect(sent.map(({ at }) => at)).toEqual([slowMs]);
  });

  it('is none of our own faults', async () => {
    const error = new TypeError('undefined is not a function');
    const ended = played('make', { looks: ['not-started'], checkpoint: () => Promise.reject(error) });
    await expect(ended).rejects.toBe(error);
  });
});
