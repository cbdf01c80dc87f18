/** A change that a later step waits for: that it failed on the other side, or was taken back there, is told by that step. */
import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src/engine/change.ts';
import type { RunEvent } from '../../../src/engine/events.ts';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled, type Polled } from '../../../src/engine/step.ts';
import {
  died,
  eventsOf,
  setting,
  setTo,
  Stage,
  statusesOf,
  steps,
  type ABook,
  type Process,
  type SetChange,
} from './stage.ts';

interface Awaiting {
  /** Whose change the waiting step names as what it waits for. */
  readonly of?: 'grow' | 'turn' | 'nobody';
  /** What the waiting step sees in the end. */
  readonly ends?: 'reached' | 'failed';
  /** What it says of that. */
  readonly takenBack?: boolean;
  /** True where what was begun on the other side stays. */
  readonly leavesSomething?: boolean;
  /** How many looks at the change, once it was begun, cannot tell. */
  readonly unclear?: number;
  /** True where nothing puts the change back. */
  readonly isFinal?: boolean;
  /** True where whoever looks at the change sees that all is as before. */
  readonly isAsBefore?: boolean;
  /** Told of each look at the change. */
  readonly looked?: (change: SetChange) => void;
  /** True where whoever looks at the change sees only that all is as before. */
  readonly looksUnbegun?: boolean;
}

const gaveUp = 'the other side gave it up';

/** Turns `switch` on, grows `size`, which the other side begins and gives up, waits for how that ends, sets `last`. */
function growing(stage: Stage, options: Awaiting = {}): ABook {
  const { of = 'grow', ends = 'failed', takenBack = true, leavesSomething = false, looksUnbegun = false } = options;
  const { isFinal = false, isAsBefore = false } = options;
  let { unclear = 0 } = options;
  /** Once it was begun, whoever looks finds it given up. */
  const isGivenUp = (): boolean => {
    const isBegun = stage.world.applied.includes('size=3');
    if (isBegun && !leavesSomething) stage.world.meddle('size', 2);
    return isBegun;
  };
  const { approve, act, wait, decide } = steps;
  const changes = [setTo('switch', 0, 1), setTo('size', 2, 3), setTo('last', 0, 1)] as const;
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'Go?', facts: [], changes }) });
  const turn = act('turn', { ...setting, title: 'Turn', approval: consent, change: () => changes[0] });
  const grow = act('grow', {
    ...setting,
    title: 'Grow',
    needs: { turn },
    approval: consent,
    change: () => changes[1],
    look: async (change, context): Promise<Look> => {
      options.looked?.(change);
      if (stage.world.applied.includes('size=3') && unclear > 0) {
        unclear -= 1;
        return { state: 'unknown', detail: 'nobody answers' };
      }
      return isGivenUp() && change.input.to === 3 && !looksUnbegun
        ? { state: 'failed', detail: gaveUp, ...(isAsBefore ? { isAsBefore } : {}) }
        : setting.look(change, context);
    },
    ...(isFinal ? { reverse: undefined } : {}),
  });
  const awaited = { grow, turn, nobody: undefined }[of];
  const grown = wait('grown', {
    title: 'Wait',
    needs: { grow, turn },
    ...(awaited === undefined ? {} : { of: awaited }),
    calls: [],
    withinMs: 60_000,
    poll: async (): Promise<Polled<{ readonly ended: true }>> => {
      expect(isGivenUp()).toBe(true);
      return ends === 'failed'
        ? { state: 'failed', detail: gaveUp, takenBack }
        : { state: 'reached', output: { ended: true }, detail: gaveUp, takenBack };
    },
  });
  const last = act('last', {
    ...setting,
    title: 'Last',
    needs: { grown },
    approval: consent,
    change: () => changes[2],
  });
  const end = decide('end', {
    title: 'End',
    needs: { last: settled(last) },
    run: (needs) => ({ verdict: needs.last.known ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'growing',
    title: 'Growing',
    summary: 'Growing',
    steps: [consent, turn, grow, grown, last, end],
    conclusion: end,
    resources: () => ['world:size'],
  });
}

function aStage(): Stage {
  const stage = new Stage();
  stage.world.movingMs = 0;
  return stage;
}

/** Runs it undisturbed. */
async function whole(options: Awaiting = {}, stage = aStage()) {
  return { stage, ...(await stage.play({ book: growing(stage, options) })) };
}

/** Runs it until `size` was set and nobody heard of it; another process goes on from there. */
async function takenUp(options: Awaiting = {}) {
  const { log } = await whole(options);
  const stage = aStage();
  const death = { at: 'contact', nth: log.indexOf('set size=3') + 1, when: 'after' } as const;
  expect(await stage.start({ book: growing(stage, options), death })).toBe(died);
  expect(stage.world.applied).toEqual(['switch=1', 'size=3']);
  return { stage, ...(await stage.play({ book: growing(stage, options) })) };
}

/** What was told of each step's end, in order. */
const ends = ({ events }: Pick<Process, 'events'>) =>
  eventsOf(events, 'step.finished')
    .filter(({ stepId }) => stepId === 'grow' || stepId === 'grown')
    .map(({ stepId, status, detail }) => `${stepId} ${status}: ${detail}`);

const lookedUp = ({ events }: Pick<Process, 'events'>) =>
  eventsOf(events, 'change.looked-up').filter(({ stepId }) => stepId === 'grow');

const sentBack = ({ events }: Pick<Process, 'events'>) =>
  eventsOf(events, 'change.intended')
    .filter(({ direction }) => direction === 'undo')
    .map(({ stepId }) => stepId);

describe('a change that the other side gives up after it agreed', () => {
  it('is told as made, and the step that waits for it tells that it failed', async () => {
    const ended = await whole();
    expect(ended.result.verdict).toBe('failed');
    // The run did not put it back, and does not say so.
    expect(ends(ended)).toEqual(['grow succeeded: size 2 \u2192 3', `grown failed: ${gaveUp}`]);
  });

  it('is told so too by whoever takes the run up and sees it failed', async () => {
    const ended = await takenUp();
    const undisturbed = await whole();
    expect(ends(ended)).toEqual(ends(undisturbed));
    expect(statusesOf(ended)).toEqual(statusesOf(undisturbed));
    expect(ended.result).toMatchObject({ verdict: 'failed', outcome: undisturbed.result.outcome });
    expect(ended.stage.world.applied).toEqual(undisturbed.stage.world.applied);
    expect(lookedUp(ended)).toMatchObject([
      { direction: 'apply', state: 'failed', detail: gaveUp },
      { direction: 'apply', state: 'failed', detail: gaveUp, isAsBefore: true },
    ]);
  });

  it('is told so too where its answer was lost', async () => {
    const stage = aStage();
    stage.world.fates.set('size', ['lost']);
    const ended = await whole({}, stage);
    expect(ends(ended)).toEqual([
      `grow succeeded: size 2 \u2192 3 (its answer was lost; ${gaveUp})`,
      `grown failed: ${gaveUp}`,
    ]);
    expect(stage.world.applied).toEqual(['switch=1', 'size=3', 'switch=0']);
  });

  it('comes to the same wherever a process dies from then on', async () => {
    const undisturbed = await whole();
    const sent = eventsOf(undisturbed.events, 'change.intended').find(({ stepId }) => stepId === 'grow')?.seq ?? 0;
    expect(sent).toBeGreaterThan(0);
    for (let nth = sent; nth < undisturbed.events.length; nth += 1) {
      const stage = aStage();
      expect(await stage.start({ book: growing(stage), death: { at: 'event', nth } })).toBe(died);
      const after = await stage.play({ book: growing(stage) });
      expect(after.result).toMatchObject({ verdict: 'failed', outcome: undisturbed.result.outcome });
      expect(statusesOf(after)).toEqual(statusesOf(undisturbed));
      expect(stage.world.applied).toEqual(undisturbed.stage.world.applied);
    }
  });

  it.each([
    ['nobody waits for it', 'nobody'],
    ['one waits for another step', 'turn'],
  ] as const)('fails by itself for whoever takes the run up where %s', async (_what, of) => {
    const ended = await takenUp({ of, takenBack: false });
    expect(ended.result).toMatchObject({ verdict: 'failed', defect: undefined });
    expect(ends(ended)[0]).toBe(`grow failed: ${gaveUp}`);
    expect(statusesOf(ended)).toMatchObject({ grow: 'rolled-back', grown: 'blocked', turn: 'rolled-back' });
  });

  it('fails for whoever goes on, wherever a process died once that was seen: nothing is made on top of it', async () => {
    const options = { of: 'nobody', takenBack: false, leavesSomething: true } as const;
    const begun = await whole(options);
    const sent = begun.log.indexOf('set size=3') + 1;
    const past = async () => {
      const stage = aStage();
      const death = { at: 'contact', nth: sent, when: 'after' } as const;
      expect(await stage.start({ book: growing(stage, options), death })).toBe(died);
      return stage;
    };
    const seen = await takenUp(options);
    const from = lookedUp(seen)[0]?.seq ?? 0;
    expect(from).toBeGreaterThan(0);
    for (let nth = from; nth < seen.events.length; nth += 1) {
      const stage = await past();
      expect(await stage.start({ book: growing(stage, options), death: { at: 'event', nth } })).toBe(died);
      const { result } = await stage.play({ book: growing(stage, options) });
      expect(result).toMatchObject({ verdict: 'failed', defect: undefined });
      expect(stage.world.applied).not.toContain('last=1');
      expect(stage.world.state).toMatchObject({ size: 2, switch: 0 });
    }
  });
});

describe('a change that the other side took back', () => {
  it('is over where the step that waits for it has failed: it is not sent back, what was changed before it is', async () => {
    for (const ended of [await whole(), await takenUp()]) {
      const { stage, result } = ended;
      expect(lookedUp(ended).at(-1)).toMatchObject({ state: 'failed', detail: gaveUp, isAsBefore: true });
      expect(result.history.changes).toMatchObject([
        { stepId: 'turn', status: 'reverted' },
        { stepId: 'grow', status: 'taken-back' },
      ]);
      expect(sentBack(ended)).toEqual(['turn']);
      expect(stage.world.state).toMatchObject({ size: 2, switch: 0 });
      expect(stage.world.applied).toEqual(['switch=1', 'size=3', 'switch=0']);
    }
  });

  it('is over where that was an end to reach: the run goes on, and does not count it as made', async () => {
    for (const ended of [await whole({ ends: 'reached' }), await takenUp({ ends: 'reached' })]) {
      expect(ended.result.verdict).toBe('ok');
      expect(statusesOf(ended)).toMatchObject({ grow: 'succeeded', grown: 'succeeded', last: 'succeeded' });
      expect(ended.result.history.changes).toMatchObject([
        { stepId: 'turn', status: 'applied' },
        { stepId: 'grow', status: 'taken-back' },
        { stepId: 'last', status: 'applied' },
      ]);
    }
  });

  it('is not put back once more where the run fails later, by whatever process', async () => {
    const refused = aStage();
    refused.world.fates.set('last', ['refused']);
    const ended = await whole({ ends: 'reached' }, refused);
    expect(ended.result.verdict).toBe('failed');
    expect(sentBack(ended)).toEqual(['turn']);

    const stage = aStage();
    stage.world.fates.set('last', ['refused']);
    const seen = eventsOf(ended.events, 'step.finished').find(({ stepId }) => stepId === 'grown');
    const death = { at: 'event', nth: seen?.seq ?? 0 } as const;
    expect(await stage.start({ book: growing(stage, { ends: 'reached' }), death })).toBe(died);
    const after = await stage.play({ book: growing(stage, { ends: 'reached' }) });
    expect(after.result.verdict).toBe('failed');
    expect(sentBack(after)).toEqual(['turn']);
    expect(lookedUp(after)).toEqual([]);
  });

  it('is looked at before it counts as put back, where nobody says whose change that was', async () => {
    const ended = await whole({ of: 'nobody' });
    expect(ended.result).toMatchObject({ verdict: 'failed', defect: undefined });
    expect(lookedUp(ended)).toMatchObject([{ direction: 'undo', state: 'done', detail: 'size is 2' }]);
    expect(statusesOf(ended)).toMatchObject({ grow: 'rolled-back' });
  });

  it('is put back as any other where something of it was left', async () => {
    const ended = await whole({ takenBack: false, leavesSomething: true });
    expect(ended.result.verdict).toBe('failed');
    expect(sentBack(ended)).toEqual(['grow', 'turn']);
    expect(ended.stage.world.state).toMatchObject({ size: 2, switch: 0 });
  });

  it('is never sent again by whoever takes the run up, wherever a process died once it had failed', async () => {
    const options = { looksUnbegun: true };
    const undisturbed = await whole(options);
    const failed = eventsOf(undisturbed.events, 'step.finished').find(({ stepId }) => stepId === 'grown')?.seq ?? 0;
    expect(failed).toBeGreaterThan(0);
    for (let nth = failed; nth < undisturbed.events.length; nth += 1) {
      const stage = aStage();
      expect(await stage.start({ book: growing(stage, options), death: { at: 'event', nth } })).toBe(died);
      const { result } = await stage.play({ book: growing(stage, options) });
      expect(result.verdict).toBe('failed');
      expect(stage.world.applied).toEqual(['switch=1', 'size=3', 'switch=0']);
    }
  });

  it('is never sent again by whoever resumes the run, where it was interrupted as that failed', async () => {
    const stage = aStage();
    const stop = new AbortController();
    const interrupts = (event: RunEvent) => {
      if (event.type === 'step.finished' && event.stepId === 'grown') stop.abort(new Error('SIGINT'));
    };
    const book = growing(stage, { looksUnbegun: true });
    const first = await stage.play({ book, signal: stop.signal, emit: interrupts });
    expect(first.result.verdict).toBe('interrupted');
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(stage.world.applied).toEqual(['switch=1', 'size=3', 'switch=0']);
  });

  it('is told so where the run is aborted before anybody saw it, though nothing could have put it back', async () => {
    const options = { isFinal: true, isAsBefore: true };
    const { events } = await whole(options);
    const from = eventsOf(events, 'change.answered').find(({ stepId }) => stepId === 'grow')?.seq ?? 0;
    const to = eventsOf(events, 'step.finished').find(({ stepId }) => stepId === 'grown')?.seq ?? 0;
    expect(to).toBeGreaterThan(from + 1);
    for (let nth = from; nth < to; nth += 1) {
      const stage = aStage();
      expect(await stage.start({ book: growing(stage, options), death: { at: 'event', nth } })).toBe(died);
      const { result } = await stage.play({ book: growing(stage, options), purpose: 'abort' });
      expect(result.history.changes).toMatchObject([{ status: 'reverted' }, { stepId: 'grow', status: 'taken-back' }]);
      expect(result.verdict).toBe('attention');
      expect(stage.world.applied).toEqual(['switch=1', 'size=3', 'switch=0']);
    }
  });

  it.each([
    ['once its end was seen', { isAsBefore: true, ends: 'reached', takenBack: false }, 0],
    ['where something puts it back', { isFinal: false, leavesSomething: true, takenBack: false }, 0],
    ['but for once where it stays', { leavesSomething: true, takenBack: false }, 1],
  ] as const)(
    'is not looked for %s: it is told as standing until something else shows',
    async (_what, options, looks) => {
      const stage = aStage();
      stage.world.fates.set('last', ['refused']);
      const seen: string[] = [];
      const looked = (change: SetChange) => seen.push(change.summary);
      const ended = await whole({ isFinal: true, ...options, looked }, stage);
      expect(ended.result.verdict).toBe('failed');
      // The first look is that before it is sent.
      expect(seen.filter((summary) => summary === 'size 2 \u2192 3')).toHaveLength(1 + looks);
    },
  );

  it('leaves a run that was to be aborted, and was interrupted at once, as it was', async () => {
    const options = { ends: 'reached' } as const;
    const stage = aStage();
    stage.world.fates.set('last', ['refused']);
    const { events } = await whole(options, stage);
    const refused = eventsOf(events, 'change.answered').find(({ stepId }) => stepId === 'last')?.seq ?? 0;
    const again = aStage();
    again.world.fates.set('last', ['refused']);
    const book = growing(again, options);
    expect(await again.start({ book, death: { at: 'event', nth: refused } })).toBe(died);
    const aborted = await again.play({ book, purpose: 'abort', signal: AbortSignal.abort(new Error('SIGINT')) });
    expect(aborted.result.verdict).toBe('interrupted');
    expect(eventsOf(aborted.events, 'step.finished')).toEqual([]);
    // Whoever goes on has the same choice as before.
    const { result } = await again.play({ book });
    expect(result.verdict).toBe('ok');
    expect(again.world.applied).toEqual(['switch=1', 'size=3', 'last=1']);
  });

  it('ends as over, also of a step that was interrupted before it knew', async () => {
    const options = { isFinal: true, isAsBefore: true, of: 'nobody' } as const;
    const begun = async () => {
      const stage = aStage();
      stage.world.fates.set('size', ['lost']);
      const stop = new AbortController();
      const interrupts = (event: RunEvent) => {
        if (event.type === 'change.answered' && event.stepId === 'grow') stop.abort(new Error('SIGINT'));
      };
      const { result } = await stage.play({
        book: growing(stage, { ...options, unclear: 3 }),
        signal: stop.signal,
        emit: interrupts,
      });
      expect(result.history.changes[1]).toMatchObject({ stepId: 'grow', status: 'unknown' });
      return stage;
    };
    const undisturbed = await begun();
    const over = await undisturbed.play({ book: growing(undisturbed, options), purpose: 'abort' });
    expect(statusesOf(over)).toMatchObject({ grow: 'rolled-back', turn: 'rolled-back' });
    for (let nth = 1; nth < over.events.length; nth += 1) {
      const stage = await begun();
      const book = growing(stage, options);
      expect(await stage.start({ book, purpose: 'abort', death: { at: 'event', nth } })).toBe(died);
      const after = await stage.play({ book, purpose: 'abort' });
      expect(statusesOf(after)).toEqual(statusesOf(over));
      expect(after.result.history.changes).toEqual(over.result.history.changes);
    }
  });
});
