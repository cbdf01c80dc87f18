/** What a run that is aborted says of each step, to whoever ends what it began and to whoever judges what it leaves. */
import { describe, expect, it } from 'vitest';
import { runbook, type Conclusion } from '../../../src/engine/runbook.ts';
import { settled, type Settled } from '../../../src/engine/step.ts';
import {
  answering,
  died,
  eventsOf,
  setting,
  setTo,
  Stage,
  statusesOf,
  steps,
  theEvent,
  type ABook,
} from '../acting/stage.ts';

/** How steps ended, by their ids. */
type Ends = { readonly [stepId: string]: Settled<unknown> };

interface Leaving {
  /** False where nobody else's program is started. */
  readonly starts?: boolean;
  /** False where nothing puts the change back. */
  readonly isReversible?: boolean;
  /** True where whoever judges what is left cannot do without the change. */
  readonly needsGrown?: boolean;
}

const reason = 'the run was aborted';
const unknown: Settled<unknown> = { known: false, because: 'unknown', reason };
const tried: Settled<unknown> = { known: false, because: 'unknown', reason, tried: true };

/**
 * Looks twice, starts a program, grows `size`, waits for a person, looks later, mends, concludes. `mending` and `left` keep what
 * whoever mends, and whoever judges what is left, was told of the steps.
 */
function leaving({ starts = true, isReversible = true, needsGrown = false }: Leaving = {}) {
  const { observe, approve, manual, act, hook, decide } = steps;
  const mending: Ends[] = [];
  const left: Ends[] = [];
  const looks: string[] = [];
  const change = setTo('size', 2, 3);
  const seen = observe('seen', { title: 'Look', run: async () => 7, detail: String });
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'All?', facts: [], changes: [change] }) });
  const message = { message: () => 'text', summary: String };
  const broken = hook('broken', {
    ...message,
    title: 'Break',
    needs: { consent },
    skip: () => (starts ? undefined : 'there is no program'),
    send: async () => ({ delivered: true, detail: 'exit 0' }),
  });
  const grow = act('grow', {
    ...setting,
    reverse: isReversible ? setting.reverse : undefined,
    title: 'Grow',
    needs: { broken: settled(broken) },
    approval: consent,
    change: () => change,
  });
  const hold = manual('hold', { title: 'Hold', needs: { grow }, ask: () => ({ question: 'Done?', facts: [] }) });
  const later = observe('later', {
    title: 'Look later',
    needs: { hold },
    run: async () => looks.push('later'),
    detail: String,
  });
  const mended = hook('mended', {
    ...message,
    title: 'Mend',
    needs: { broken: settled(broken), grow: settled(grow), later: settled(later) },
    endsAnyway: true,
    send: async () => ({ delivered: true, detail: 'exit 0' }),
    skip: (ends) => {
      mending.push(ends);
      return starts ? undefined : 'nothing was broken';
    },
  });
  const swept = hook('swept', {
    ...message,
    title: 'Sweep what was looked at later',
    needs: { later },
    endsAnyway: true,
    send: async () => ({ delivered: true, detail: 'exit 0' }),
  });
  const judging = { title: 'Judge', detail: String };
  // By how the change ended, by the change itself, and by what comes after it.
  const noted = decide('noted', { ...judging, needs: { seen, grow: settled(grow) }, run: (ends) => ends.grow.known });
  const weighed = decide('weighed', { ...judging, needs: { seen, grow }, run: ({ grow: { made } }) => made });
  const doubted = decide('doubted', { ...judging, needs: { later: settled(later) }, run: (ends) => ends.later.known });
  const end = decide('end', {
    title: 'End',
    needs: { mended: settled(mended), swept: settled(swept), weighed: settled(weighed), noted, doubted },
    run: (): Conclusion => ({ verdict: 'ok' }),
    detail: ({ verdict }) => verdict,
  });
  const leftOf = decide('left', {
    title: 'Left',
    needs: {
      seen: settled(seen),
      broken: settled(broken),
      grow: needsGrown ? grow : settled(grow),
      later: settled(later),
      noted: settled(noted),
      weighed: settled(weighed),
      doubted: settled(doubted),
      end: settled(end),
    },
    run: (ends): Conclusion => {
      left.push({ ...ends, grow: 'known' in ends.grow ? ends.grow : { known: true, value: ends.grow } });
      return { verdict: 'attention' };
    },
    detail: String,
  });
  const book: ABook = runbook({
    id: 'grow',
    title: 'Grow',
    summary: 'Grow',
    steps: [seen, consent, broken, grow, hold, later, mended, swept, noted, weighed, doubted, end],
    conclusion: end,
    afterAbort: leftOf,
    resources: () => ['world:size'],
  });
  return { book, mending, left, looks };
}

const nobody = () => answering(async () => ({ kind: 'absent', reason: 'nobody is there', nextSteps: ['say so'] }));

/** Says yes to changes; nobody is there for anything else. */
function toChanges() {
  let asked = 0;
  return answering(async () => {
    asked += 1;
    return asked === 1
      ? { kind: 'given', by: 'ana', how: 'prompt' }
      : { kind: 'absent', reason: 'nobody is there', nextSteps: ['say so'] };
  });
}

async function abortedOn(stage: Stage, of: Leaving) {
  const { book, mending, left, looks } = leaving(of);
  const process = await stage.play({ book, purpose: 'abort', approver: nobody() });
  return { ...process, stage, mending: mending.at(-1), left: left.at(-1), looks };
}

/** Waits for a person once it has changed all that it changes, and is aborted then. */
async function waitedAndAborted(of: Leaving = {}) {
  const stage = new Stage();
  const first = await stage.play({ book: leaving(of).book, approver: toChanges() });
  expect(first.result.verdict).toBe('awaiting-approval');
  return abortedOn(stage, of);
}

/** Dies before anything was told of how its change, or its program, ended; and is aborted then. */
async function diedAndAborted(at: 'change' | 'program', of: Leaving = {}) {
  const calm = await new Stage().play({ book: leaving(of).book });
  const begun = eventsOf(calm.events, 'step.started').find(({ stepId }) => stepId === 'broken');
  const nth = at === 'change' ? theEvent(calm.events, 'change.answered').seq : begun?.seq;
  if (nth === undefined) throw new Error('nothing was begun');
  const stage = new Stage();
  expect(await stage.start({ book: leaving(of).book, death: { at: 'event', nth } })).toBe(died);
  return abortedOn(stage, of);
}

describe('whoever ends what an aborted run has begun', () => {
  it('is told that a program was begun, and that what comes after it was never begun', async () => {
    const { mending } = await diedAndAborted('program');
    const neverBegun = { known: false, because: 'skipped', reason };
    expect(mending).toEqual({ broken: tried, grow: neverBegun, later: neverBegun });
  });

  it('is told that a change was sent, though nobody has said how that ended', async () => {
    const { mending } = await diedAndAborted('change');
    expect(mending).toMatchObject({ broken: { known: true }, grow: tried });
  });

  it('has nothing to do where that is for what was never begun', async () => {
    const { events, result } = await diedAndAborted('program');
    expect(eventsOf(events, 'step.started').map(({ stepId }) => stepId)).toEqual(['mended']);
    expect(statusesOf({ result })).toMatchObject({ mended: 'succeeded', swept: 'skipped' });
  });
});

describe('whoever judges what an aborted run leaves', () => {
  it.each([
    ['somebody was told to begin something', true],
    ['nobody else was told of it', false],
  ])('is told how each step stands once all is put back, where %s', async (_where, starts) => {
    const { left, stage, result } = await diedAndAborted('change', { starts });
    expect(stage.world.state).toMatchObject({ size: 2 });
    expect(result).toMatchObject({ verdict: 'attention', outcome: { verdict: 'attention' }, defect: undefined });
    expect(left).toEqual({
      seen: { known: true, value: 7 },
      broken: starts
        ? { known: true, value: { delivered: true, detail: 'exit 0' } }
        : { known: false, because: 'skipped', reason: 'there is no program' },
      grow: unknown,
      later: unknown,
      // Judged now, by those.
      noted: { known: true, value: false },
      doubted: { known: true, value: false },
      // It needs the change, which is not known.
      weighed: unknown,
      end: unknown,
    });
  });

  it.each([true, false])(
    'is told that a change stays that nothing puts back (somebody was told to begin something: %s)',
    async (starts) => {
      const { left, stage } = await diedAndAborted('change', { starts, isReversible: false });
      expect(stage.world.state).toMatchObject({ size: 3 });
      expect(left).toMatchObject({ grow: tried, weighed: unknown });
    },
  );

  it('is told that a program was begun, whatever became of it', async () => {
    const { left } = await diedAndAborted('program');
    expect(left).toMatchObject({ broken: tried, grow: unknown, noted: unknown, doubted: { known: true } });
  });

  it('is told what was judged before as it was judged then, and of a change no more than is so now', async () => {
    const { left, looks } = await waitedAndAborted();
    expect(left?.['grow']).toEqual(unknown);
    expect(left).toMatchObject({ noted: { value: true }, weighed: { value: true }, doubted: { value: false } });
    expect(left?.['end']).toEqual(unknown);
    expect(looks).toEqual([]);
  });

  it('is told what the change was where it ended and stays', async () => {
    const { left } = await waitedAndAborted({ isReversible: false });
    expect(left).toMatchObject({ grow: { known: true, value: { change: setTo('size', 2, 3), made: true } } });
  });

  it('is not asked where it needs what is not known, which is no defect', async () => {
    const { left, result, events } = await waitedAndAborted({ needsGrown: true });
    expect(left).toBeUndefined();
    expect(result).toMatchObject({ verdict: 'attention', outcome: undefined, defect: undefined });
    expect(theEvent(events, 'run.finished').verdict).toBe('attention');
  });

  it('is asked where all that it needs is known', async () => {
    const { left, result } = await waitedAndAborted({ needsGrown: true, isReversible: false });
    expect(left).toMatchObject({ grow: { known: true } });
    expect(result.outcome).toEqual({ verdict: 'attention' });
  });
});
