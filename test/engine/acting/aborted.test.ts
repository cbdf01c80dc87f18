/** A run that is aborted: what it still ends of what it had begun, what it puts back, and what it says of what it leaves. */
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
  Trouble,
  type ABook,
  type Process,
  type Starting,
} from './stage.ts';

interface Left extends Conclusion {
  readonly broken: Told;
  readonly grown: Told;
  readonly seen: Told;
  readonly judged: Told;
}

/** How a step ended for whoever needs it. */
type Told = 'known' | 'tried' | 'skipped' | 'unknown';

const told = (end: Settled<unknown>): Told =>
  end.known ? 'known' : end.tried === true ? 'tried' : end.because === 'skipped' ? 'skipped' : 'unknown';

interface Drilling {
  /** Called when the programs are started. */
  readonly breaks?: () => Promise<void>;
  readonly mends?: () => Promise<void>;
  readonly isOff?: boolean;
  /** False where nothing puts it back. */
  readonly isReversible?: boolean;
  /** What is said of what is left, besides how the steps stand. */
  readonly left?: () => Left['verdict'] | undefined;
  readonly judged?: (grown: Told) => string | undefined;
  readonly mendSkips?: () => string | undefined;
}

/** Looks, breaks something, grows `size`, waits for a person, mends what it broke, concludes. */
function drill(drilling: Drilling = {}) {
  const { observe, approve, manual, act, hook, tell, decide } = steps;
  const heard: string[] = [];
  const change = setTo('size', 2, 3);
  const seen = observe('seen', { title: 'Look', run: async () => heard.push('seen'), detail: String });
  const consent = approve('consent', {
    title: 'Ask',
    ask: () => ({ question: 'Drill?', facts: [], changes: [change] }),
  });
  const broken = hook('broken', {
    title: 'Break',
    needs: { consent },
    message: () => 'break',
    summary: String,
    send: async () => {
      heard.push('break');
      await drilling.breaks?.();
      return { delivered: drilling.isOff !== true, isOff: drilling.isOff === true, detail: 'exit 0' };
    },
  });
  const grow = act('grow', {
    ...setting,
    reverse: drilling.isReversible === false ? undefined : setting.reverse,
    title: 'Grow',
    needs: { broken: settled(broken) },
    approval: consent,
    change: () => change,
  });
  const hold = manual('hold', { title: 'Hold', needs: { grow }, ask: () => ({ question: 'Done?', facts: [] }) });
  const later = observe('later', {
    title: 'Look later',
    needs: { hold },
    run: async () => heard.push('later'),
    detail: String,
  });
  const mended = hook('mended', {
    title: 'Mend',
    needs: { broken: settled(broken), hold: settled(hold) },
    isVital: true,
    endsAnyway: true,
    skip: ({ broken: end }) => drilling.mendSkips?.() ?? (end.known || end.tried ? undefined : 'nothing was broken'),
    message: () => 'mend',
    summary: String,
    send: async () => {
      heard.push('mend');
      await drilling.mends?.();
      return { delivered: true, detail: 'exit 0' };
    },
  });
  const said = tell('said', {
    title: 'Tell',
    needs: { mended: settled(mended) },
    message: () => 'over',
    summary: String,
    send: async () => {
      heard.push('said');
      return { delivered: true, detail: 'told' };
    },
  });
  const judged = decide('judged', {
    title: 'Judge',
    needs: { grow: settled(grow), seen: settled(seen) },
    skip: ({ grow: end }) => drilling.judged?.(told(end)),
    run: ({ grow: end }) => told(end),
    detail: String,
  });
  const end = decide('end', {
    title: 'End',
    needs: { said: settled(said), judged: settled(judged) },
    run: (): Conclusion => {
      heard.push('end');
      return { verdict: 'ok' };
    },
    detail: ({ verdict }) => verdict,
  });
  const left = decide('left', {
    title: 'Left',
    needs: {
      broken: settled(broken),
      grow: settled(grow),
      seen: settled(seen),
      judged: settled(judged),
    },
    run: (ends): Left | undefined => {
      const verdict = drilling.left === undefined ? 'attention' : drilling.left();
      if (verdict === undefined) return undefined;
      return {
        verdict,
        broken: told(ends.broken),
        grown: told(ends.grow),
        seen: told(ends.seen),
        judged: told(ends.judged),
      };
    },
    detail: String,
  });
  const book: ABook = runbook({
    id: 'drill',
    title: 'Drill',
    summary: 'Drill',
    steps: [seen, consent, broken, grow, hold, later, mended, said, judged, end],
    conclusion: end,
    afterAbort: left,
    resources: () => ['world:size'],
  });
  return { book, heard };
}

/** Says yes to changes; nobody is there for anything else. */
const toChanges = () => {
  let asked = 0;
  return answering(async () => {
    asked += 1;
    return asked === 1
      ? { kind: 'given', by: 'ana', how: 'prompt' }
      : { kind: 'absent', reason: 'nobody is there', nextSteps: ['say so'] };
  });
};
const nobody = () => answering(async () => ({ kind: 'absent', reason: 'nobody is there', nextSteps: ['say so'] }));

/** Runs until it waits for a person, and is aborted then. */
async function aborted(drilling: Drilling = {}, stage = new Stage(), again: Omit<Starting, 'death'> = {}) {
  const first = await stage.play({ book: drill(drilling).book, approver: toChanges() });
  expect(first.result.verdict).toBe('awaiting-approval');
  const { book, heard } = drill(drilling);
  const process = await stage.play({ book, purpose: 'abort', approver: nobody(), ...again });
  return { stage, heard, ...process };
}

/** Dies when its change was answered, before anything was judged by it, and is aborted then. */
async function diedAndAborted(drilling: Drilling = {}) {
  const whole = await new Stage().play({ book: drill(drilling).book });
  const nth = theEvent(whole.events, 'change.answered').seq;
  const stage = new Stage();
  expect(await stage.start({ book: drill(drilling).book, death: { at: 'event', nth } })).toBe(died);
  const { book, heard } = drill(drilling);
  return { stage, heard, ...(await stage.play({ book, purpose: 'abort', approver: nobody() })) };
}

const startedIn = ({ events }: Pick<Process, 'events'>) => eventsOf(events, 'step.started').map(({ stepId }) => stepId);

describe('a run that is aborted', () => {
  it('ends what somebody was told to begin, puts back what it changed, and starts nothing else', async () => {
    const { stage, heard, events, result } = await aborted();
    expect(heard).toEqual(['mend']);
    expect(startedIn({ events })).toEqual(['mended']);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
    expect(result.verdict).toBe('attention');
    expect(statusesOf({ result })).toMatchObject({ mended: 'succeeded', grow: 'rolled-back' });
    const types = events.map(({ type }) => type);
    expect(types.indexOf('step.finished')).toBeLessThan(types.indexOf('run.undoing'));
    expect(theEvent(events, 'run.undoing').reason).toBe('the run was aborted');
    expect(theEvent(events, 'run.finished').verdict).toBe('attention');
  });

  it('says what it leaves: nothing is known of what was put back, and what was judged before stays', async () => {
    const { result, events } = await aborted();
    const left = { verdict: 'attention', broken: 'known', grown: 'unknown', seen: 'known', judged: 'known' };
    expect(result.outcome).toEqual(left);
    expect(theEvent(events, 'run.finished').outcome).toEqual(left);
  });

  it('judges by what is known what nobody had judged yet, and tells nothing of that', async () => {
    const judging: Told[] = [];
    const judged = (grown: Told): undefined => void judging.push(grown);
    const back = await diedAndAborted({ judged });
    expect(back.stage.world.state).toEqual({ size: 2, switch: 0 });
    expect(back.result.outcome).toMatchObject({ grown: 'unknown', judged: 'known' });
    expect(judging.at(-1)).toBe('unknown');
    expect(statusesOf(back)).not.toHaveProperty('judged');

    const stays = await diedAndAborted({ judged, isReversible: false });
    expect(stays.stage.world.state).toEqual({ size: 3, switch: 0 });
    expect(stays.result.outcome).toMatchObject({ grown: 'tried', judged: 'known' });
    expect(judging.at(-1)).toBe('tried');
  });

  it('says of what was sent, and of whose end nobody was told, that it was tried, also where no program was begun', async () => {
    const stays = await diedAndAborted({ isOff: true, isReversible: false });
    expect(stays.stage.world.state).toEqual({ size: 3, switch: 0 });
    expect(stays.heard).toEqual([]);
    expect(stays.result.outcome).toMatchObject({ grown: 'tried' });
    expect((await diedAndAborted({ isOff: true })).result.outcome).toMatchObject({ grown: 'unknown' });
  });

  it('is over also where its runbook has nothing to say of what it leaves', async () => {
    const stage = new Stage();
    stage.world.movingMs = 0;
    const calm = await new Stage().play();
    const nth = calm.log.indexOf('healthy') + 1;
    expect(await stage.start({ death: { at: 'contact', nth, when: 'before' } })).toBe(died);
    const { result, events } = await stage.play({ purpose: 'abort' });
    expect(result).toMatchObject({ verdict: 'attention', outcome: undefined });
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'attention' });
    expect(result.history.phase).toBe('ended');
    expect(theEvent(await stage.journaled(), 'run.finished').verdict).toBe('attention');
  });

  it('says that a judgement has nothing to judge', async () => {
    const judged = (grown: Told) => (grown === 'unknown' ? 'nothing was grown' : undefined);
    expect((await diedAndAborted({ judged })).result.outcome).toMatchObject({ judged: 'skipped' });
  });

  it('says nothing where there is nothing to say', async () => {
    const { result, events } = await aborted({ left: () => undefined });
    expect(result.verdict).toBe('attention');
    expect(result.outcome).toBeUndefined();
    expect('outcome' in theEvent(events, 'run.finished') && theEvent(events, 'run.finished').outcome).toBeUndefined();
  });

  it('ends with the defect of what it was to say, once all is put back', async () => {
    const defect = new TypeError('x is not a function');
    const { result, stage } = await aborted({
      left: () => {
        throw defect;
      },
    });
    expect(result).toMatchObject({ verdict: 'failed', defect });
    expect(result.outcome).toBeUndefined();
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('before it changed anything starts nothing, and has nothing to say', async () => {
    const stage = new Stage();
    await stage.play({ book: drill().book, approver: nobody() });
    const { book, heard } = drill();
    const { result, events } = await stage.play({ book, purpose: 'abort', approver: nobody() });
    expect(heard).toEqual([]);
    expect(startedIn({ events })).toEqual([]);
    expect(result).toMatchObject({ verdict: 'attention', outcome: undefined });
    expect(eventsOf(events, 'run.undoing')).toEqual([]);
  });

  it('ends what was begun by a program in which its process died', async () => {
    const whole = await new Stage().play({ book: drill().book });
    const begun = eventsOf(whole.events, 'step.started').find(({ stepId }) => stepId === 'broken')?.seq ?? 0;
    const stage = new Stage();
    expect(await stage.start({ book: drill().book, death: { at: 'event', nth: begun } })).toBe(died);
    const { book, heard } = drill();
    const { result, events } = await stage.play({ book, purpose: 'abort', approver: nobody() });
    expect(heard).toEqual(['mend']);
    expect(startedIn({ events })).toEqual(['mended']);
    expect(result.outcome).toMatchObject({ broken: 'tried', grown: 'unknown', seen: 'unknown' });
  });

  it('ends nothing where there was no program to start', async () => {
    const { heard, events, stage } = await aborted({ isOff: true });
    expect(heard).toEqual([]);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
    expect(startedIn({ events })).toEqual([]);
  });

  it.each([
    ['fails', { mends: () => Promise.reject(new Trouble('unreachable', 'ENOENT')) }, 'failed'],
    [
      'cannot be judged',
      {
        mendSkips: () => {
          throw new Trouble('denied', 'who are you');
        },
      },
      'unknown',
    ],
  ] as const)('has failed where what ends it %s, and puts back all the same', async (_what, drilling, status) => {
    const { result, stage } = await aborted(drilling);
    expect(result.verdict).toBe('failed');
    expect(statusesOf({ result })).toMatchObject({ mended: status, grow: 'rolled-back' });
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });

  it('has failed where what it changed could not be put back, and does not know where it could not look', async () => {
    const refused = new Stage();
    const no = await aborted({}, refused, { script: () => refused.world.fates.set('size', ['refused']) });
    expect(no.result.verdict).toBe('failed');
    expect(statusesOf(no)).toMatchObject({ grow: 'failed' });
    expect(no.result.outcome).toMatchObject({ grown: 'known' });

    const kept = await aborted({ isReversible: false });
    expect(kept.result.verdict).toBe('attention');
  });

  it('is aborted once more by whoever finds it interrupted', async () => {
    const stop = new AbortController();
    stop.abort(new Error('SIGINT'));
    const stage = new Stage();
    const first = await aborted({}, stage, { signal: stop.signal });
    expect(first.result.verdict).toBe('interrupted');
    expect(first.result.outcome).toMatchObject({ grown: 'known' });
    expect(first.events.at(-1)).toMatchObject({
      type: 'run.suspended',
      reason: 'the run was interrupted',
      nextSteps: ['nanoops runs resume', 'nanoops runs abort'],
    });
    const { book, heard } = drill();
    const second = await stage.play({ book, purpose: 'abort', approver: nobody() });
    expect(second.result.verdict).toBe('attention');
    expect(heard).toEqual(['mend']);
    expect(stage.world.state).toEqual({ size: 2, switch: 0 });
  });
});

it('a run of which only a step was to be carried out ends nothing that it has begun, and says nothing of what is left', async () => {
  const { book, heard } = drill();
  const stage = new Stage();
  await stage.play({ book, stepwise: {} });
  for (const stepId of ['seen', 'consent', 'broken']) {
    const { result, events } = await stage.play({ book, stepwise: { stepId } });
    expect(startedIn({ events })).toEqual([stepId]);
    expect(result.outcome).toBeUndefined();
  }
  expect(heard).toEqual(['seen', 'break']);
});

describe('a run that fails', () => {
  it('ends what it had begun before it puts anything back, and concludes', async () => {
    const stage = new Stage();
    stage.world.fates.set('size', ['refused']);
    const { book, heard } = drill();
    const { result } = await stage.play({ book });
    expect(result.verdict).toBe('failed');
    expect(heard).toEqual(['seen', 'break', 'mend', 'said', 'end']);
    expect(statusesOf({ result })).toMatchObject({
      grow: 'failed',
      hold: 'blocked',
      later: 'blocked',
      mended: 'succeeded',
    });
  });
});
