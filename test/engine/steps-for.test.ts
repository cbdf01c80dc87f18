/** What a step is that somebody writes: what its kind makes of it, and what it is where its writer leaves something out. */
import { describe, expect, it } from 'vitest';
import type { Approval } from '../../src/engine/approval.ts';
import { defaultRetryPolicy } from '../../src/engine/retry.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
import { setting, setTo, startMs, steps, type Act, type Ports, type Settings } from './acting/stage.ts';

const settings: Settings = { by: 1 };
const change = setTo('size', 2, 3);
const asked = { question: 'Go?', facts: [], changes: [change] };
const approval: Approval = { hash: 'abc', changes: [], by: 'ana', at: startMs };

/** One step of each kind, with nothing that can be left out. */
function plain() {
  const of = stepsFor<Ports, Settings, Act>();
  const consent = of.approve('consent', { title: 'Consent', ask: () => asked });
  const looking = {
    calls: ['world:Read'],
    withinMs: 9_000,
    poll: async () => ({ state: 'waiting', detail: 'not yet' }) as const,
  };
  const assume = () => ({ output: 5, detail: 'five' });
  const message = {
    message: () => 'hello',
    summary: (text: string) => `"${text}"`,
    send: async () => ({ delivered: true, detail: 'sent' }),
  };
  return {
    observe: of.observe('observe', { title: 'Observe', run: async () => 1, detail: String }),
    decide: of.decide('decide', { title: 'Decide', run: () => 1, detail: String }),
    consent,
    manual: of.manual('manual', { title: 'Manual', ask: () => ({ question: 'Done?', facts: [] }) }),
    act: of.act('act', {
      title: 'Act',
      approval: consent,
      calls: ['world:Read'],
      changes: ['world:Set'],
      change: () => change,
      look: async () => ({ state: 'done', detail: 'it is so' }),
      apply: async () => ({ id: 'C1' }),
    }),
    wait: of.wait('wait', { title: 'Wait', ...looking }),
    waitMeasured: of.waitMeasured('wait-measured', { title: 'Wait', ...looking, assume }),
    verify: of.verify('verify', { title: 'Verify', ...looking }),
    verifyMeasured: of.verifyMeasured('verify-measured', { title: 'Verify', ...looking, assume }),
    tell: of.tell('tell', { title: 'Tell', ...message }),
    hook: of.hook('hook', { title: 'Hook', ...message }),
  };
}

describe('a wait that tells how a change ended', () => {
  const consent = steps.approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [] }) });
  const grow = steps.act('grow', { ...setting, title: 'Grow', approval: consent, change: () => setTo('size', 2, 3) });
  const waiting = {
    title: 'Wait',
    needs: { grow },
    of: grow,
    calls: [],
    withinMs: 1,
    poll: () => Promise.reject(new Error('not by this')),
  };

  it.each([{ skip: () => undefined }, { isOptional: true }])('is always carried out, and counts: %j', (how) => {
    expect(() => steps.wait('grown', { ...waiting, ...how })).toThrow(
      new TypeError('step "grown" tells how "grow" ended: it has no "skip", and is not optional'),
    );
    expect(steps.wait('grown', { ...waiting, of: undefined, ...how }).id).toBe('grown');
    expect(steps.wait('grown', waiting).body).toMatchObject({ of: grow });
  });
});

describe('a step of which only the necessary is said', () => {
  const nothing = { where: undefined, needs: [], calls: [], changes: [], timeoutMs: 60_000, retry: defaultRetryPolicy };

  it('that looks or concludes calls nothing, changes nothing, has a minute and keeps nothing', () => {
    const { observe, decide } = plain();
    const looking = { ...nothing, keepsFirst: false, body: { form: 'run', execute: expect.any(Function) } };
    expect(observe).toEqual({ ...looking, id: 'observe', title: 'Observe', kind: 'observe' });
    expect(decide).toEqual({ ...looking, id: 'decide', title: 'Decide', kind: 'decide' });
  });

  it('that asks is answered within half an hour, and yields the answer', () => {
    const { consent, manual } = plain();
    for (const step of [consent, manual]) {
      expect(step).toMatchObject(nothing);
      if (step.body.form !== 'ask') throw new Error('it asks');
      expect(step.body.skip(new Map(), settings)).toBeUndefined();
      expect(step.body.answered(approval)).toBe(approval);
    }
    expect([consent, manual].map(({ id, title, kind }) => [id, title, kind])).toEqual([
      ['consent', 'Consent', 'approve'],
      ['manual', 'Manual', 'manual'],
    ]);
    const askedOf = ({ body }: typeof consent | typeof manual) => body.form === 'ask' && body.ask(new Map(), settings);
    expect(askedOf(consent)).toEqual({ ...asked, withinMs: 1_800_000 });
    expect(askedOf(manual)).toEqual({ question: 'Done?', facts: [], changes: [], withinMs: 1_800_000 });
  });

  it('that acts needs its consent, has three minutes, may be begun more than once, and cannot be put back', () => {
    const { act, consent } = plain();
    expect(act).toMatchObject({
      ...nothing,
      needs: [{ step: consent, optional: false }],
      id: 'act',
      title: 'Act',
      kind: 'act',
      calls: ['world:Read'],
      changes: ['world:Set'],
      timeoutMs: 180_000,
      isOptional: false,
    });
    const { body } = act;
    if (body.form !== 'change') throw new Error('it changes');
    expect(body).toMatchObject({ approval: consent, isIdempotent: false, seals: [] });
    expect(body.skip(new Map(), settings)).toBeUndefined();
    expect(body.change(new Map(), settings)).toBe(change);
    expect(body.reverse).toBeUndefined();
    expect(body.undoneWithinMs).toBeUndefined();
    expect(body.isOnce(change)).toBe(false);
    expect(body.changed(change, { made: true, at: 7 })).toEqual({ change, made: true, at: 7 });
  });

  it.each([
    ['wait', 'wait', 'state', false],
    ['waitMeasured', 'wait', 'measurement', true],
    ['verify', 'verify', 'state', false],
    ['verifyMeasured', 'verify', 'measurement', true],
  ] as const)('that looks again and again (%s) is a %s of a %s, and looks every 3 s', (name, kind, basis, assumes) => {
    const step = plain()[name];
    expect(step).toMatchObject({ ...nothing, kind, calls: ['world:Read'], timeoutMs: 9_000, isOptional: false });
    const { body } = step;
    if (body.form !== 'poll') throw new Error('it polls');
    expect(body).toMatchObject({ basis, everyMs: 3_000, of: undefined });
    expect(body.skip(new Map(), settings)).toBeUndefined();
    // What nobody said is to be assumed cannot be assumed.
    expect(body.assume?.(new Map(), settings)).toEqual(assumes ? { output: 5, detail: 'five' } : undefined);
    expect(body.assume === undefined).toBe(!assumes);
  });

  it('that tells, or starts a program, is not vital, and ends nothing', () => {
    const { tell, hook } = plain();
    expect(tell).toMatchObject({ ...nothing, id: 'tell', title: 'Tell', kind: 'notify', body: { isVital: false } });
    expect(hook).toMatchObject({
      ...nothing,
      id: 'hook',
      title: 'Hook',
      kind: 'act',
      endsAnyway: false,
      body: { isVital: false },
    });
    expect(tell).not.toHaveProperty('endsAnyway');
    for (const { body } of [tell, hook]) {
      if (body.form !== 'tell') throw new Error('it tells');
      expect(body.preview(new Map(), { settings, now: startMs })).toBe('"hello"');
      expect(body.told({ delivered: true, detail: 'sent' })).toEqual({ delivered: true, detail: 'sent' });
    }
  });
});
