/** What people are asked, and what their answers are worth. */
import { describe, expect, it } from 'vitest';
import { planHash } from '../../../src/engine/change.ts';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  answering,
  died,
  digest,
  eventsOf,
  setTo,
  setting,
  Stage,
  startMs,
  statusesOf,
  steps,
  theEvent,
  World,
  yes,
  type ABook,
} from './stage.ts';

const hash = planHash([setTo('size', 2, 3), setTo('switch', 0, 1)], digest);
const nobody = () =>
  answering(async () => ({ kind: 'absent', reason: 'nobody is there', nextSteps: [`approve ${hash}`] }));

describe('a question', () => {
  it('shows what a yes allows, and is kept before it is asked', async () => {
    const stage = new Stage();
    const { result } = await stage.play({
      approver: answering(async () => {
        const asked = theEvent(await stage.journaled(), 'approval.requested');
        expect(asked).toMatchObject({ question: 'Grow?', facts: ['it is small'], hash });
        expect(asked.changes.map(({ summary }) => summary)).toEqual(['size 2 \u2192 3', 'switch 0 \u2192 1']);
        expect(asked.deadlineAt).toBe(startMs + 30 * 60_000);
        return { kind: 'given', by: 'ana', how: 'prompt' };
      }),
    });
    expect(result.verdict).toBe('ok');
  });

  it('that is declined changes nothing, and is asked again by a run that is taken up', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      approver: answering(async () => ({ kind: 'declined', by: 'ben' })),
    });
    expect(result.verdict).toBe('awaiting-approval');
    expect(stage.world.applied).toEqual([]);
    expect(statusesOf({ result })).toMatchObject({ consent: 'suspended', grow: 'blocked' });
    expect(theEvent(events, 'approval.declined')).toMatchObject({ hash, by: 'ben' });
    const approver = yes();
    expect((await stage.play({ approver })).result.verdict).toBe('ok');
    expect(approver.asked).toBe(1);
  });

  it('that nobody answers suspends the run, with what to type', async () => {
    const stage = new Stage();
    const { result } = await stage.play({ approver: nobody() });
    expect(result.verdict).toBe('awaiting-approval');
    expect(result.history.suspended).toEqual({
      reason: 'nobody is there',
      nextSteps: [`approve ${hash}`, 'nanoops runs abort'],
    });
    expect(result.history.waitingFor).toMatchObject({ stepId: 'consent', hash });
  });

  it('is answered by a flag for its hash, and for no other', async () => {
    const flag = (given: string) =>
      answering(async (asked) =>
        asked === given
          ? { kind: 'given', by: 'ana', how: 'flag' }
          : { kind: 'absent', reason: 'it is for another plan', nextSteps: [] },
      );
    const stage = new Stage();
    expect((await stage.play({ approver: flag('000000000000') })).result.verdict).toBe('awaiting-approval');
    stage.world.meddle('size', 5);
    expect((await stage.play({ approver: flag(hash) })).result.verdict).toBe('awaiting-approval');
    stage.world.meddle('size', 2);
    const { result, events } = await stage.play({ approver: flag(hash) });
    expect(result.verdict).toBe('ok');
    expect(theEvent(events, 'approval.given')).toMatchObject({ hash, how: 'flag' });
  });
});

describe('a yes', () => {
  const onceGiven = async () => {
    const { events } = await new Stage().play();
    return { at: 'event', nth: theEvent(events, 'approval.given').seq } as const;
  };

  it('is remembered for the same plan by a run that is taken up', async () => {
    const stage = new Stage();
    expect(await stage.start({ death: await onceGiven() })).toBe(died);
    expect((await stage.journaled()).at(-1)?.type).toBe('approval.given');
    const approver = nobody();
    expect((await stage.play({ approver })).result.verdict).toBe('ok');
    expect(approver.asked).toBe(0);
  });

  it('is not worth anything for another plan', async () => {
    const stage = new Stage();
    expect(await stage.start({ death: await onceGiven() })).toBe(died);
    stage.world.meddle('size', 5);
    const approver = nobody();
    expect((await stage.play({ approver })).result.verdict).toBe('awaiting-approval');
    expect(approver.asked).toBe(1);
    expect(stage.world.applied).toEqual([]);
  });

  it('lapses when the world changes, and is asked for again even when the plan is the same again', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      emit: ({ type }) => {
        if (type === 'approval.given') stage.world.meddle('size', 5);
      },
    });
    expect(result.verdict).toBe('awaiting-approval');
    expect(theEvent(events, 'approval.lapsed')).toMatchObject({ stepId: 'consent', hash, reason: 'size is 5' });
    expect(statusesOf({ result })).toMatchObject({ grow: 'suspended' });
    expect(stage.world.applied).toEqual([]);
    stage.world.meddle('size', 2);
    const approver = yes();
    expect((await stage.play({ approver })).result.verdict).toBe('ok');
    expect(approver.asked).toBe(1);
  });

  it('lapses also after a change was refused for a while, and the plan is made anew', async () => {
    const stage = new Stage();
    stage.world.fates.set('size', ['expired']);
    expect((await stage.play()).result.verdict).toBe('failed');
    stage.world.meddle('size', 5);
    const lapsed = await stage.play();
    expect(lapsed.result.verdict).toBe('awaiting-approval');
    const approver = yes();
    const { result } = await stage.play({ approver });
    expect(result.verdict).toBe('ok');
    expect(approver.asked).toBe(1);
    expect(stage.world.applied).toEqual(['size=6', 'switch=1']);
  });

  it('does not lapse once something was changed: that is put back', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({
      emit: (event) => {
        if (event.type === 'step.started' && event.stepId === 'turn') stage.world.meddle('switch', 7);
      },
    });
    expect(result.verdict).toBe('failed');
    expect(eventsOf(events, 'approval.lapsed')).toEqual([]);
    expect(stage.world.state).toEqual({ size: 2, switch: 7 });
  });
});

/** Acts on what was asked, or on something else. */
function asking(shown: number, made: number): ABook {
  const { approve, act, decide } = steps;
  const consent = approve('consent', {
    title: 'Ask',
    ask: () => ({ question: 'Grow?', facts: [], changes: [setTo('size', 2, shown)] }),
  });
  const grow = act('grow', { ...setting, title: 'Grow', approval: consent, change: () => setTo('size', 2, made) });
  const end = decide('end', {
    title: 'End',
    needs: { grow: settled(grow) },
    run: () => ({ verdict: 'ok' as const }),
    detail: () => 'ok',
  });
  return runbook({
    id: 'asking',
    title: 'Asking',
    summary: 'Asks',
    steps: [consent, grow, end],
    conclusion: end,
    resources: () => ['world:size'],
  });
}

describe('a change that was not shown', () => {
  it('is a defect, and is not sent', async () => {
    const stage = new Stage();
    const { result, events } = await stage.play({ book: asking(3, 4) });
    expect(result.verdict).toBe('failed');
    expect(result.defect).toBeInstanceOf(TypeError);
    expect(eventsOf(events, 'change.intended')).toEqual([]);
    expect(stage.world.applied).toEqual([]);
  });
});

describe('what must be seen to hold', () => {
  it('and was not even looked at lets no conclusion be ok', async () => {
    const { observe, verify, decide } = steps;
    const gone = observe('gone', {
      title: 'Gone',
      run: (_needs, { ports }) => ports.read('gone'),
      detail: () => 'there',
    });
    const holds = verify('holds', {
      title: 'Verify',
      needs: { gone },
      calls: [],
      withinMs: 1_000,
      poll: async () => ({ state: 'reached', output: {}, detail: 'it holds' }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { holds: settled(holds) },
      run: () => ({ verdict: 'ok' as const }),
      detail: () => 'ok',
    });
    const book = runbook({ id: 'gap', title: 'Gap', summary: 'Gap', steps: [gone, holds, end], conclusion: end });
    const stage = new Stage();
    stage.world.expired = true;
    const { result } = await stage.play({ book });
    expect(statusesOf({ result })).toMatchObject({ gone: 'unknown', holds: 'blocked' });
    expect(result.verdict).toBe('unknown');
  });
});

describe('a manual step', () => {
  function manually(): ABook {
    const { manual, decide } = steps;
    const done = manual('done', {
      title: 'Turn the key',
      ask: () => ({ question: 'Turned?', facts: ['to the left'] }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { done },
      run: ({ done: { by } }) => ({ verdict: 'ok' as const, by }),
      detail: ({ by }) => by,
    });
    return runbook({ id: 'manual', title: 'M', summary: 'M', steps: [done, end], conclusion: end });
  }

  it('is done by a person, who says so', async () => {
    const { result, events } = await new Stage().play({ book: manually() });
    expect(result.outcome).toEqual({ verdict: 'ok', by: 'ana' });
    expect(theEvent(events, 'approval.requested')).toMatchObject({ kind: 'manual', changes: [] });
  });

  it('waits for one, and is not asked twice', async () => {
    const stage = new Stage();
    const book = manually();
    expect((await stage.play({ book, approver: nobody() })).result.verdict).toBe('awaiting-approval');
    const calm = await new Stage().play({ book });
    const given = calm.events.find(({ type }) => type === 'approval.given')?.seq ?? 0;
    const other = new Stage();
    expect(await other.start({ book, death: { at: 'event', nth: given } })).toBe(died);
    const approver = nobody();
    expect((await other.play({ book, approver })).result.verdict).toBe('ok');
    expect(approver.asked).toBe(0);
  });
});

describe('a dry run', () => {
  it('asks nobody, takes no leases, and says what it assumed', async () => {
    const stage = new Stage();
    const approver = nobody();
    const { result, events, log } = await stage.play({ mode: 'dry-run', approver });
    expect(result.verdict).toBe('attention');
    expect(approver.asked).toBe(0);
    expect(theEvent(events, 'approval.given')).toMatchObject({ how: 'assumed' });
    expect(log.filter((name) => /^(acquire|renew|tell)/.test(name))).toEqual([]);
    expect(stage.world.told).toEqual([]);
    expect(statusesOf({ result })).toMatchObject({
      consent: 'planned',
      grow: 'planned',
      grown: 'planned',
      turn: 'planned',
      told: 'planned',
    });
    const told = result.steps.find(({ stepId }) => stepId === 'told');
    expect(told?.detail).toBe('would tell: it holds');
  });

  it('assumes what is measured, and whatever rests on it is assumed too', async () => {
    const { observe, verifyMeasured, decide } = steps;
    const size = observe('size', {
      title: 'Look',
      run: async (_needs, { ports }) => (await ports.read('size')).value,
      detail: (value) => `size ${value}`,
    });
    const fast = verifyMeasured('fast', {
      title: 'Fast',
      needs: { size },
      calls: [],
      withinMs: 1_000,
      poll: async () => ({ state: 'reached', output: 1, detail: 'fast' }),
      assume: () => ({ output: 0, detail: 'that it is fast' }),
    });
    const end = decide('end', {
      title: 'End',
      needs: { fast },
      run: ({ fast: value }) => ({ verdict: 'ok' as const, value }),
      detail: () => 'ok',
    });
    const book = runbook({ id: 'fast', title: 'F', summary: 'F', steps: [size, fast, end], conclusion: end });
    const { result } = await new Stage(new World({ size: 2 })).play({ book, mode: 'dry-run' });
    expect(result.steps.map(({ stepId, basis }) => [stepId, basis])).toEqual([
      ['size', 'observed'],
      ['fast', 'assumed'],
      ['end', 'assumed'],
    ]);
    expect(result.outcome).toEqual({ verdict: 'ok', value: 0 });
  });
});
