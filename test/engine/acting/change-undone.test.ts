/** Putting one change back: by its reverse, made like any change, and done when reality says so. */
import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/engine/events.ts';
import { StateError } from '../../../src/engine/journal-store.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { answered, briefly, grown, intended, played, shrunk, stepId, type Scene } from './one-change.ts';
import { setTo, Trouble } from './stage.ts';

const applied = [intended(), answered('applied')] as const;
const begun = [...applied, intended(shrunk, 'undo')] as const;
const lost = () => new Trouble('unreachable', 'no answer within 10 s');

const undo = (scene: Scene) => played('undo', { past: applied, ...scene });

describe('a change that was made', () => {
  it('is put back by its reverse, once that is seen', async () => {
    const { end, events, sent, changing } = await undo({ looks: ['not-started', 'in-flight', 'done'] });
    expect(end).toEqual({ kind: 'made', made: true, detail: 'put back: size 3 → 2', attempts: 1 });
    expect(sent).toEqual([{ change: shrunk, at: 0 }]);
    expect(events).toEqual([
      intended(shrunk, 'undo'),
      answered('applied', 'undo'),
      { type: 'change.looked-up', stepId, direction: 'undo', state: 'done', detail: 'it is done' },
    ]);
    // It is the change that was put back, and not its reverse.
    expect(changing.records.settled()).toEqual([{ stepId, change: grown, status: 'reverted' }]);
    expect(changing.records.undoable()).toEqual([]);
  });

  it('is put back already where somebody did so', async () => {
    const { end, sent, events, changing } = await undo({ looks: ['done'] });
    expect(end).toEqual({ kind: 'made', made: false, detail: 'put back: it is done', attempts: 1 });
    expect(sent).toEqual([]);
    expect(briefly(events)).toEqual(['undo: seen done']);
    expect(changing.records.settled()).toMatchObject([{ status: 'reverted' }]);
  });

  it.each(['failed', 'drifted', 'unknown'] as const)('is left where it is %s', async (state) => {
    const { end, sent, events, changing } = await undo({ looks: [state], timeoutMs: 10_000 });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'unknown',
      detail: `not put back: it is ${state}`,
      attempts: 1,
    });
    expect({ sent, events }).toEqual({ sent: [], events: [] });
    expect(changing.records.undoable()).toMatchObject([{ status: 'applied' }]);
  });

  it('is waited for while something is under way, and sent then', async () => {
    const { end, sent } = await undo({ looks: ['in-flight', 'in-flight', 'not-started', 'done'] });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent).toEqual([{ change: shrunk, at: 4_000 }]);
  });

  it.each([undefined, 60_000])('is waited for no longer than it may take to be seen: %s ms', async (undoneWithinMs) => {
    const { end, elapsedMs } = await undo({ looks: ['in-flight'], undoneWithinMs });
    expect(end).toMatchObject({ kind: 'not-made', detail: 'not put back: it is in-flight' });
    expect(elapsedMs).toBe(undoneWithinMs ?? 300_000);
  });

  it('of which nobody can tell how it stands is looked at while its time lasts', async () => {
    const { end, sent } = await undo({ looks: ['unknown', 'unknown', 'not-started', 'done'] });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent.map(({ at }) => at)).toEqual([4_000]);
    const { elapsedMs } = await undo({ looks: ['unknown'], timeoutMs: 20_000 });
    expect(elapsedMs).toBe(12_000);
  });

  it('is put back also by a run that does not go on', async () => {
    const standstill = () => 'the run failed';
    const { end } = await undo({ looks: ['unknown', 'not-started', 'done'], standstill });
    expect(end).toMatchObject({ kind: 'made', made: true });
  });

  it('is waited for longer where it can be sent twice', async () => {
    const { end, elapsedMs } = await undo({ looks: ['unknown'], timeoutMs: 9_999, isIdempotent: true });
    expect(end).toMatchObject({ kind: 'not-made', detail: 'not put back: it is unknown' });
    expect(elapsedMs).toBe(300_000);
  });

  it('stays where nothing puts it back', async () => {
    const { end, looks, events } = await undo({ looks: [], isReversible: false });
    const detail = 'stays as it is, since it cannot be put back: size 2 → 3';
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail, attempts: 0 });
    expect({ looks, events }).toEqual({ looks: 0, events: [] });
  });
});

describe('a change of which nobody knows whether it was made', () => {
  const past = [intended()];

  it.each([[past], [[...past, answered('unknown')]]])('is put back where it is seen', async (events) => {
    const told = await undo({ past: events, looks: ['done', 'not-started', 'done'] });
    expect(told.end).toMatchObject({ kind: 'made', made: true, detail: 'put back: size 3 → 2' });
    expect(briefly(told.events)).toEqual(['apply: seen done', 'undo: intended', 'undo: applied', 'undo: seen done']);
    expect(told.changing.records.settled()).toEqual([{ stepId, change: grown, status: 'reverted' }]);
  });

  it('is put back once it is no longer under way', async () => {
    const { end } = await undo({ past, looks: ['in-flight', 'not-started', 'done'] });
    expect(end).toMatchObject({ kind: 'made', made: true });
  });

  it('has nothing to put back where it is not there', async () => {
    const { end, sent, events, changing } = await undo({ past, looks: ['not-started'] });
    expect(end).toEqual({ kind: 'made', made: false, detail: 'nothing to put back: it is not-started', attempts: 1 });
    expect(sent).toEqual([]);
    expect(briefly(events)).toEqual(['apply: seen not-started']);
    expect(changing.records.settled()).toMatchObject([{ status: 'failed' }]);
  });

  it('has nothing to put back where the other side gave it up, and all is as before', async () => {
    const { end, sent, events, changing } = await undo({ past, looks: ['failed, as before'], isReversible: false });
    expect(end).toEqual({ kind: 'made', made: false, detail: 'nothing to put back: it is as before', attempts: 1 });
    expect(sent).toEqual([]);
    const seen = { state: 'failed', detail: 'it is as before', isAsBefore: true };
    expect(events).toEqual([{ type: 'change.looked-up', stepId, direction: 'apply', ...seen }]);
    expect(changing.records.settled()).toMatchObject([{ status: 'taken-back' }]);
  });

  it('is put back where the other side gave it up, and left something of it', async () => {
    const { end, events, changing } = await undo({ past, looks: ['failed', 'not-started', 'done'] });
    expect(end).toMatchObject({ kind: 'made', made: true, detail: 'put back: size 3 → 2' });
    expect(briefly(events)).toEqual(['apply: seen failed', 'undo: intended', 'undo: applied', 'undo: seen done']);
    expect(changing.records.settled()).toMatchObject([{ status: 'reverted' }]);
  });

  it('may still be under way where it is begun once and does not show', async () => {
    const { end, sent, events } = await undo({ past, looks: ['not-started'], isOnce: true });
    expect(briefly(events)).toEqual(['apply: seen unknown']);
    const detail = 'it was begun before, and is not begun again: it may still be under way (it is not-started)';
    expect(end).toEqual({ kind: 'not-made', consequence: 'unknown', detail, attempts: 1 });
    expect(sent).toEqual([]);
  });

  it.each(['failed', 'drifted', 'unknown'] as const)(
    'that is begun once is judged by what is seen: %s',
    async (state) => {
      const { end } = await undo({ past, looks: [state], isOnce: true });
      expect(end.detail).toBe(`not put back: it is ${state}`);
    },
  );

  it('is left where the world is neither, whatever is seen later', async () => {
    const { end, sent } = await undo({ past, looks: ['drifted', 'not-started', 'done'] });
    expect(end).toMatchObject({ kind: 'not-made', detail: 'not put back: it is drifted' });
    expect(sent).toEqual([]);
  });

  it.each(['unknown', 'drifted'] as const)('is left where it is %s', async (state) => {
    const { end, sent, elapsedMs } = await undo({ past, looks: [state] });
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'unknown',
      detail: `not put back: it is ${state}`,
      attempts: 1,
    });
    expect(sent).toEqual([]);
    expect(elapsedMs).toBe(state === 'unknown' ? 20_000 : 0);
  });

  it('is waited for longer where it can be sent twice', async () => {
    const looks = [...Array.from({ length: 20 }, () => 'unknown' as const), 'done' as const, 'not-started' as const];
    const told = await undo({ past, looks: [...looks, 'done'], isIdempotent: true });
    expect(told.end).toMatchObject({ kind: 'made', made: true });
    expect((await undo({ past, looks: ['drifted'], isIdempotent: true })).elapsedMs).toBe(0);
  });
});

describe('putting back that a process began before it died', () => {
  const again = (scene: Scene) => undo({ past: begun, ...scene });

  it('is looked for until it is clear, and begun again where it does not show', async () => {
    const { end, sent } = await again({ looks: [...Array.from({ length: 11 }, () => 'not-started' as const), 'done'] });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent).toEqual([{ change: shrunk, at: 20_000 }]);
  });

  it('is not begun again where that may not be', async () => {
    const { end, sent } = await again({ looks: ['not-started'], isOnce: true });
    expect(end).toMatchObject({ consequence: 'unknown', detail: expect.stringContaining('is not begun again') });
    expect(sent).toEqual([]);
  });

  it('is over where it is seen', async () => {
    const { end, sent } = await again({ looks: ['done'] });
    expect(end).toMatchObject({ kind: 'made', made: false, detail: 'put back: it is done' });
    expect(sent).toEqual([]);
  });
});

describe('a reverse that may be begun once', () => {
  it('is begun where it was not yet', async () => {
    const { end, sent } = await undo({ looks: ['not-started', 'done'], isOnce: true });
    expect(end).toMatchObject({ kind: 'made', made: true });
    expect(sent).toHaveLength(1);
  });
});

describe('a reverse that is sent', () => {
  it('and refused leaves the change as it was made', async () => {
    const error = new Trouble('rejected', 'size cannot be set');
    const { end, events, changing } = await undo({ looks: ['not-started'], sends: [error] });
    expect(end).toMatchObject({ kind: 'not-made', consequence: 'undo', detail: 'size cannot be set', attempts: 1 });
    expect(briefly(events)).toEqual(['undo: intended', 'undo: failed']);
    expect(changing.records.undoable()).toEqual([{ stepId, change: grown, status: 'applied' }]);
  });

  it('and not answered is seen, or sent once more', async () => {
    const seen = await undo({ looks: ['not-started', 'in-flight', 'done'], sends: [lost()] });
    expect(seen.end).toMatchObject({ kind: 'made', made: true });
    expect(briefly(seen.events)).toEqual([
      'undo: intended',
      'undo: unknown',
      'undo: seen in-flight',
      'undo: seen done',
    ]);
    const unseen = await undo({ looks: ['not-started'], sends: [lost(), lost()] });
    expect(unseen.end).toMatchObject({ kind: 'not-made', attempts: 2 });
    expect(unseen.changing.records.undoable()).toMatchObject([{ change: grown, status: 'applied' }]);
    const unclear = await undo({ looks: ['not-started', 'unknown'], sends: [lost()] });
    expect(unclear.end).toMatchObject({ kind: 'not-made', consequence: 'unknown' });
    expect(unclear.changing.records.undoable()).toMatchObject([{ change: grown, status: 'reverting' }]);
  });

  it('and not answered is not back as long as it is under way', async () => {
    const scene = { looks: ['not-started', 'in-flight'] as const, sends: [lost()], undoneWithinMs: 4_000 };
    const { end, changing } = await undo(scene);
    expect(end).toMatchObject({ kind: 'not-made', detail: 'not seen put back: it is in-flight' });
    expect(changing.records.undoable()).toMatchObject([{ status: 'reverting' }]);
  });

  it('and throttled is sent again, as often as its time allows', async () => {
    const sends = [new Trouble('throttled'), new Trouble('throttled')];
    const { end, sent } = await undo({ looks: ['not-started', 'not-started', 'not-started', 'done'], sends });
    expect(end).toEqual({ kind: 'made', made: true, detail: 'put back: size 3 → 2', attempts: 3 });
    expect(sent).toHaveLength(3);
  });

  it.each(['failed', 'drifted'] as const)('and answered yes is not seen put back where it is %s', async (state) => {
    const { end, events, changing, elapsedMs } = await undo({ looks: ['not-started', state] });
    expect(elapsedMs).toBe(0);
    expect(end).toEqual({
      kind: 'not-made',
      consequence: 'unknown',
      detail: `not seen put back: it is ${state}`,
      attempts: 1,
    });
    expect(briefly(events)).toEqual(['undo: intended', 'undo: applied']);
    expect(changing.records.undoable()).toMatchObject([{ status: 'reverting' }]);
  });

  it.each([undefined, 30_000])('has its time to be seen, and no more: %s ms', async (undoneWithinMs) => {
    for (const state of ['not-started', 'in-flight', 'unknown'] as const) {
      const { end, elapsedMs } = await undo({ looks: ['not-started', state], undoneWithinMs });
      expect(end).toMatchObject({ consequence: 'unknown', detail: `not seen put back: it is ${state}` });
      expect(elapsedMs).toBe(undoneWithinMs ?? 300_000);
    }
  });

  it('is sent though the run has come to a stop of its own', async () => {
    const { sent } = await undo({ looks: ['not-started', 'done'], standstill: () => 'the run failed' });
    expect(sent).toHaveLength(1);
  });

  it('that cannot be written down is not sent, and the change stands', async () => {
    const error = new Trouble('state', 'the disk is full');
    const { end, sent, events, changing } = await undo({
      looks: ['not-started'],
      checkpoint: () => Promise.reject(error),
    });
    expect(end).toMatchObject({ consequence: 'suspend', detail: 'nothing sent: the disk is full', attempts: 0 });
    expect({ sent, events }).toEqual({ sent: [], events: [] });
    expect(changing.records.undoable()).toMatchObject([{ status: 'applied' }]);
  });
});

describe('a reverse whose intent cannot be written', () => {
  it('is not sent, and nobody says that it failed', async () => {
    const { journals } = memoryState();
    const full = new StateError('unwritable', 'the disk is full', 'make room');
    const { end, sent, events, changing } = await undo({
      looks: ['not-started'],
      journals: { ...journals, append: () => Promise.reject(full) },
    });
    expect(end).toMatchObject({ consequence: 'suspend', nextStep: 'make room' });
    expect(sent).toEqual([]);
    expect(briefly(events)).toEqual(['undo: intended']);
    expect(changing.records.undoable()).toMatchObject([{ status: 'reverting' }]);
  });
});

describe('of several changes', () => {
  const of = (id: string, from: number, to: number): readonly EventBody[] => [
    { ...intended(setTo(id, from, to)), stepId: `${id}-${to}` },
    { ...answered('applied'), stepId: `${id}-${to}` },
  ];

  it('the newest is put back first, and what was refused or is back is settled', async () => {
    const past = [...of('a', 1, 2), ...of('b', 1, 2), ...of('c', 1, 2)].map((event) =>
      event.type === 'change.answered' && event.stepId === 'b-2' ? { ...event, outcome: 'failed' as const } : event,
    );
    const { changing } = await undo({ past, looks: ['done'] });
    expect(changing.records.undoable().map((record) => record.stepId)).toEqual(['c-2', 'a-2']);
    expect(changing.records.settled().map((record) => record.stepId)).toEqual(['b-2', stepId]);
    expect(changing.records.stands('a-2')).toBe(true);
    expect(changing.records.stands('b-2')).toBe(false);
  });

  it('those that a later one brought back are told with it', async () => {
    const past = [...of('a', 1, 2), ...of('b', 1, 2), ...of('a', 2, 1)];
    expect((await undo({ past, looks: ['done'] })).changing.records.pairs()).toEqual([['a-2', 'a-1']]);
    const unknown = past.map((event) =>
      event.type === 'change.answered' && event.stepId === 'a-1' ? { ...event, outcome: 'unknown' as const } : event,
    );
    expect((await undo({ past: unknown, looks: ['done'] })).changing.records.pairs()).toEqual([]);
  });
});

it('putting back that was given up is not told as done, though somebody waits for the change', async () => {
  const { end } = await undo({ looks: ['not-started', 'failed'], sends: [lost()], isAwaited: true });
  expect(end).toMatchObject({ kind: 'not-made', detail: 'no answer within 10 s it is failed' });
});

describe('putting back that was sent by a process that died', () => {
  it('may have been done all the same where it is sent once more, and refused', async () => {
    const sends = [new Trouble('denied', 'not allowed')];
    const { end, changing } = await undo({ past: begun, looks: ['not-started'], sends });
    expect(end).toMatchObject({ kind: 'not-made', detail: 'not allowed' });
    expect(changing.records.undoable()).toMatchObject([{ status: 'reverting' }]);
  });
});

describe('how a change stands once nothing of it is under way', () => {
  it.each([
    { looks: ['done'], state: 'done', after: 0 },
    { looks: ['not-started'], state: 'not-started', after: 0 },
    { looks: ['in-flight', 'in-flight', 'done'], state: 'done', after: 4_000 },
    { looks: ['unknown', 'failed'], state: 'failed', after: 2_000 },
    { looks: ['in-flight'], state: 'in-flight', after: 300_000 },
    { looks: ['unknown'], state: 'unknown', after: 300_000 },
  ] as const)('is $state after $after ms', async ({ looks, state, after }) => {
    const { end, elapsedMs } = await played('look', { looks });
    expect(end).toEqual({ state, detail: `it is ${state}` });
    expect(elapsedMs).toBe(after);
  });
});
