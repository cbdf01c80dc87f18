/** Runbooks are built only when they are sound: by the compiler where it sees them, at run time otherwise. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  callsOf,
  changesOf,
  differencesOf,
  fingerprintOf,
  lookingPart,
  runbook,
  RunbookError,
  summarise,
} from '../../src/engine/runbook.ts';
import { settled, type AnyStep, type Settled } from '../../src/engine/step.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { decide, observe, runbookOf, takes, type AStep } from './kit.ts';

const cpu = observe('cpu', { title: 'CPU', run: () => Promise.resolve(44), detail: String });
const zones = observe('zones', { title: 'Zones', run: () => Promise.resolve(['a', 'b']), detail: String });
const end = decide('end', {
  title: 'End',
  needs: { cpu, zones: settled(zones) },
  run: (seen) => {
    expectTypeOf(seen.cpu).toEqualTypeOf<number>();
    expectTypeOf(seen.zones).toEqualTypeOf<Settled<string[]>>();
    // @ts-expect-error -- what a step does not name does not reach it
    void seen.memory;
    return { verdict: 'ok' as const };
  },
  detail: () => '',
});
const describing = { id: 'r', title: 'R', summary: 'A runbook' };

describe('what does not compile does not build either', () => {
  test('a need that is not among the steps', () => {
    expect(() =>
      runbook({
        ...describing,
        // @ts-expect-error -- "zones" is needed
        steps: [cpu, end],
        conclusion: end,
      }),
    ).toThrow(new RunbookError('runbook "r": step "end" needs "zones", which is not among the steps'));
  });

  test('an id that stands twice', () => {
    const again = observe('cpu', { title: 'Again', run: () => Promise.resolve('x'), detail: String });
    expect(() =>
      runbook({
        ...describing,
        // @ts-expect-error -- two steps called "cpu"
        steps: [cpu, again, zones, end],
        conclusion: end,
      }),
    ).toThrow(new RunbookError('runbook "r": two steps have the id "cpu"'));
  });

  test('the same step twice', () => {
    expect(() =>
      runbook({
        ...describing,
        // @ts-expect-error -- two steps called "cpu"
        steps: [cpu, zones, cpu, end],
        conclusion: end,
      }),
    ).toThrow('two steps have the id "cpu"');
  });

  test('a conclusion that concludes nothing, or something else', () => {
    const wrong = decide('wrong', { title: '', run: () => ({ verdict: 'splendid' as const }), detail: () => '' });
    // @ts-expect-error -- a number is no conclusion
    expect(runbook({ ...describing, steps: [cpu], conclusion: cpu }).conclusion).toBe(cpu);
    // @ts-expect-error -- no such verdict
    expect(runbook({ ...describing, steps: [wrong], conclusion: wrong }).conclusion).toBe(wrong);
  });

  test('steps made for other ports', () => {
    const { observe: elsewhere } = stepsFor<{ readonly telephone: string }, { readonly limit: number }>();
    const alien = elsewhere('alien', {
      title: '',
      run: (_needs, { ports }) => Promise.resolve(ports.telephone),
      detail: String,
    });
    // @ts-expect-error -- a runbook hands the same ports to all of its steps
    expect(runbook({ ...describing, steps: [cpu, zones, alien, end], conclusion: end }).steps).toContain(alien);
  });

  test('a deciding step that looks', () => {
    const peeks = decide('peeks', {
      title: '',
      run: (_needs, context) => {
        // @ts-expect-error -- deciding steps have no ports
        return context.ports === undefined ? 'nothing there' : 'something';
      },
      detail: String,
    });
    expect(peeks.kind).toBe('decide');
  });
});

test('sixty steps are not too many for the compiler', () => {
  const s = <const Id extends string>(id: Id) =>
    observe(id, { title: id, run: () => Promise.resolve(1), detail: String });
  const many = runbook({
    ...describing,
    steps: [
      ...([s('a0'), s('a1'), s('a2'), s('a3'), s('a4'), s('a5'), s('a6'), s('a7'), s('a8'), s('a9')] as const),
      ...([s('b0'), s('b1'), s('b2'), s('b3'), s('b4'), s('b5'), s('b6'), s('b7'), s('b8'), s('b9')] as const),
      ...([s('c0'), s('c1'), s('c2'), s('c3'), s('c4'), s('c5'), s('c6'), s('c7'), s('c8'), s('c9')] as const),
      ...([s('d0'), s('d1'), s('d2'), s('d3'), s('d4'), s('d5'), s('d6'), s('d7'), s('d8'), s('d9')] as const),
      ...([s('e0'), s('e1'), s('e2'), s('e3'), s('e4'), s('e5'), s('e6'), s('e7'), s('e8'), s('e9')] as const),
      ...([s('f0'), s('f1'), s('f2'), s('f3'), s('f4'), s('f5'), s('f6'), s('f7'), s('f8'), s('f9')] as const),
      cpu,
      zones,
      end,
    ],
    conclusion: end,
  });
  expect(many.steps).toHaveLength(63);
});

describe('runbooks that no compiler saw', () => {
  const unseen = (...steps: readonly AStep[]): readonly AStep[] => steps;

  test('a conclusion that is not among the steps', () => {
    const other = decide('other', { title: '', run: () => ({ verdict: 'ok' as const }), detail: () => '' });
    expect(() => runbook({ ...describing, steps: unseen(cpu), conclusion: other })).toThrow(
      new RunbookError('runbook "r": the conclusion "other" is not among the steps'),
    );
  });

  test('an id that stands twice', () => {
    const again = observe('cpu', { title: '', run: () => Promise.resolve(1), detail: String });
    expect(() => runbookOf(...unseen(cpu, again))).toThrow('two steps have the id "cpu"');
  });

  test('a need that is missing', () => {
    const lost = takes('lost', 1);
    expect(() => runbookOf(...unseen(takes('finder', 1, { lost })))).toThrow(
      'step "finder" needs "lost", which is not among the steps',
    );
  });

  test('steps that need each other in a circle', () => {
    const first: AStep = { ...takes('first', 1) };
    const second = takes('second', 1, { first });
    Object.assign(first, { needs: [{ step: second, optional: false }] });
    expect(() => runbookOf(first, second)).toThrow(/needs itself/);
    const narcissus: AStep = { ...takes('narcissus', 1) };
    Object.assign(narcissus, { needs: [{ step: narcissus, optional: true }] });
    expect(() => runbookOf(narcissus)).toThrow('step "narcissus" needs itself, by way of "narcissus"');
  });
});

describe('the order of the steps', () => {
  test('is as it was written, wherever needs allow it', () => {
    const a = takes('a', 1);
    const afterA = takes('after-a', 1, { a });
    const b = takes('b', 1);
    expect(runbookOf(a, afterA, b).steps.map((step) => step.id)).toEqual(['a', 'after-a', 'b', 'end']);
  });

  test('puts what is needed before what needs it, and moves nothing else', () => {
    const a = takes('a', 1);
    const b = takes('b', 1);
    const afterBoth = takes('after-both', 1, { a, b });
    const c = takes('c', 1);
    expect(runbookOf(c, afterBoth, b, a).steps.map((step) => step.id)).toEqual(['c', 'a', 'b', 'after-both', 'end']);
  });

  test('does not take long for a chain of 20,000 steps written backwards', () => {
    let previous: AStep = takes('link-0', 1);
    const chain = [previous];
    for (let index = 1; index < 20_000; index += 1) {
      previous = takes(`link-${index}`, 1, { previous });
      chain.push(previous);
    }
    const { steps } = runbookOf(...chain.toReversed());
    expect(steps[0]?.id).toBe('link-0');
    expect(steps).toHaveLength(20_001);
  });
});

test('the calls of a runbook are those of its steps, each once and in order', () => {
  const look = (id: string, calls: readonly string[]) =>
    observe(id, { title: id, calls, run: () => Promise.resolve(1), detail: String });
  const { steps } = runbookOf(look('a', ['rds:B', 'ecs:A']), look('b', ['ecs:A']), takes('c', 1));
  expect(callsOf(steps)).toEqual(['ecs:A', 'rds:B']);
});

test('a summary tells each step with its kind and its needs, optional ones too', () => {
  expect(summarise([cpu, zones, end])).toEqual([
    { id: 'cpu', title: 'CPU', kind: 'observe', needs: [] },
    { id: 'zones', title: 'Zones', kind: 'observe', needs: [] },
    { id: 'end', title: 'End', kind: 'decide', needs: ['cpu', 'zones'] },
  ]);
});

describe('a runbook that acts', () => {
  const acting = stepsFor<undefined, undefined, undefined>();
  const consent = acting.approve('consent', { title: 'Ask', ask: () => ({ question: '?', facts: [] }) });
  const message = {
    title: 'Start',
    message: () => '',
    summary: String,
    send: async () => ({ delivered: true, detail: '' }),
  };
  const program = acting.hook('program', { ...message, needs: { consent } });
  const look = acting.observe('look', { title: 'Look', calls: ['b:Get', 'a:Get'], run: async () => 1, detail: String });
  const last = acting.decide('last', {
    title: 'Last',
    needs: { look },
    run: () => ({ verdict: 'ok' as const }),
    detail: String,
  });
  const setting = acting.act('setting', {
    title: 'Set',
    approval: consent,
    calls: [],
    changes: [],
    change: () => Promise.reject(new Error('not by this')) as never,
    look: () => Promise.reject(new Error('not by this')),
    apply: () => Promise.reject(new Error('not by this')),
  });
  const waiting = { title: 'Wait', calls: [], withinMs: 1, poll: () => Promise.reject(new Error('not by this')) };

  const waits = [
    ['is no change', acting.wait('wait', { ...waiting, of: look, needs: { look, setting } })],
    ['it does not need', acting.wait('wait', { ...waiting, of: setting, needs: { look } })],
    ['it can do without', acting.wait('wait', { ...waiting, of: setting, needs: { setting: settled(setting) } })],
  ] as const;

  test.each(waits)('waits for no step that %s', (_what, wait) => {
    const all: readonly (typeof last | typeof setting | typeof look | typeof consent | typeof wait)[] = [
      ...[look, consent, setting, wait, last],
    ];
    const of = wait.body.form === 'poll' ? wait.body.of?.id : undefined;
    expect(() => runbook({ ...describing, steps: all, conclusion: last, resources: () => ['a'] })).toThrow(
      new RunbookError(`runbook "r": step "wait" waits for "${of ?? ''}", which is no change that it needs`),
    );
  });

  const steps = [look, consent, program, last] as const;
  const whole = { ...describing, steps, conclusion: last };

  test('says on what; one that does not act need not', () => {
    expect(() => runbook(whole)).toThrow(
      new RunbookError('runbook "r": it acts, but does not say on which resources (add "resources")'),
    );
    expect(runbook({ ...whole, resources: () => ['a'] }).resources(undefined)).toEqual(['a']);
    expect(runbook({ ...whole, steps: [look, consent, last] }).resources(undefined)).toEqual([]);
  });

  test('says what it leaves when it is aborted, by what is among its steps', () => {
    const resources = () => [];
    const left = acting.decide('left', { title: 'Left', needs: { look }, run: () => undefined, detail: String });
    expect(runbook({ ...whole, resources, afterAbort: left }).afterAbort).toBe(left);
    const other = acting.observe('other', { title: 'Other', run: async () => 1, detail: String });
    const beside = acting.decide('beside', {
      title: 'Left',
      needs: { look, other },
      run: () => undefined,
      detail: String,
    });
    expect(() => runbook({ ...whole, resources, afterAbort: beside })).toThrow(
      new RunbookError('runbook "r": "beside" needs "other", which is not among the steps'),
    );
    expect(runbook({ ...whole, resources })).not.toHaveProperty('afterAbort');
  });

  test('names every operation once, in their order', () => {
    const grow = { ...program, changes: ['b:Set', 'a:Set'] };
    expect(changesOf([grow, { ...program, changes: ['a:Set'] }, look])).toEqual(['a:Set', 'b:Set']);
    expect(callsOf([look, { ...look, calls: ['a:Get'] }])).toEqual(['a:Get', 'b:Get']);
  });

  test('has a fingerprint of its graph and of its text', () => {
    const texts: string[] = [];
    const digest = (text: string) => {
      texts.push(text);
      return `${texts.length}`.padEnd(64, '0');
    };
    const of = (all: typeof steps | readonly AnyStep[], source?: string) =>
      fingerprintOf({ id: 'r', steps: all, ...(source === undefined ? {} : { source }) }, digest);
    expect(of(steps)).toBe('100000000000');
    of(steps, 'text');
    of([{ ...look, needs: [{ step: consent, optional: true }] }]);
    expect(texts.map((text): unknown => JSON.parse(text))).toEqual([
      { id: 'r', graph: graphOf(steps) },
      { id: 'r', graph: graphOf(steps), source: 'text' },
      {
        id: 'r',
        graph: [{ ...graphOf([look])[0], needs: [{ id: 'consent', optional: true }] }],
      },
    ]);
  });

  const graphOf = (all: readonly AnyStep[]) =>
    all.map(({ id, kind, needs, calls, changes }) => ({
      id,
      kind,
      needs: needs.map((need) => ({ id: need.step.id, optional: need.optional })),
      calls,
      changes,
    }));

  test('differs from what it was by steps that came, went, or are others now', () => {
    const before = summarise(steps);
    const change = (id: string, more: object) => before.map((step) => (step.id === id ? { ...step, ...more } : step));
    expect(differencesOf(before, before)).toEqual([]);
    expect(differencesOf(before, before.slice(1))).toEqual(['step "look" is gone']);
    expect(differencesOf(before.slice(1), before)).toEqual(['step "look" (observe) is new']);
    expect(differencesOf(change('look', { kind: 'verify' }), before)).toEqual([
      'step "look" was of kind verify, and is of kind observe',
    ]);
    expect(differencesOf(change('program', { needs: [] }), before)).toEqual([
      'step "program" needed nothing, and needs consent',
    ]);
    expect(differencesOf(before, change('last', { needs: [] }))).toEqual([
      'step "last" needed look, and needs nothing',
    ]);
    expect(differencesOf(before, change('last', { needs: ['look', 'consent'] }))).toEqual([
      'step "last" needed look, and needs look, consent',
    ]);
  });

  test('loses to a run that only looks what serves nothing but acting', () => {
    const forAct = acting.observe('for-act', { title: '', run: async () => 1, detail: String });
    const shared = acting.observe('shared', { title: '', run: async () => 1, detail: String });
    const ask = acting.approve('ask', {
      title: '',
      needs: { forAct, shared },
      ask: () => ({ question: '', facts: [] }),
    });
    const reads = acting.decide('reads', { title: '', needs: { shared }, run: () => 1, detail: String });
    const alone = acting.observe('alone', { title: '', run: async () => 1, detail: String });
    expect(lookingPart([forAct, shared, ask, reads, alone])).toEqual([shared, reads, alone]);
  });
});

describe('a step', () => {
  const acting = stepsFor<undefined, undefined, undefined>();
  const ask = { title: 'Ask', ask: () => ({ question: '?', facts: [] }) };
  const poll = {
    title: 'Poll',
    calls: ['a:Get'],
    withinMs: 5,
    poll: async () => ({ state: 'waiting', detail: '' }) as const,
  };
  const assume = () => ({ output: 1, detail: 'assumed' });
  const message = {
    title: 'Tell',
    message: () => '',
    summary: String,
    send: async () => ({ delivered: true, detail: '' }),
  };
  const consent = acting.approve('consent', ask);
  const look = acting.observe('look', { title: 'Look', run: async () => 1, detail: String });
  const change = {
    title: 'Act',
    approval: consent,
    calls: ['a:Get'],
    changes: ['a:Set'],
    change: () => {
      throw new Error('not here');
    },
    look: async () => ({ state: 'done', detail: '' }) as const,
    apply: async () => undefined,
  };
  const made = [
    look,
    acting.decide('decide', { title: 'Decide', run: () => 1, detail: String }),
    consent,
    acting.manual('manual', ask),
    acting.act('act', change),
    acting.wait('wait', poll),
    acting.waitMeasured('wait-measured', { ...poll, assume }),
    acting.verify('verify', poll),
    acting.verifyMeasured('verify-measured', { ...poll, assume }),
    acting.tell('tell', message),
    acting.hook('hook', message),
    acting.hook('vital', { ...message, isVital: true, endsAnyway: true }),
  ] as const;

  test('is of the kind and the form that it was made for, and calls and changes what it says', () => {
    const described = made.map(({ id, kind, body, calls, changes, timeoutMs }) => ({
      id,
      is: `${kind}: ${body.form}`,
      calls,
      changes,
      timeoutMs,
    }));
    const nothing = { calls: [], changes: [], timeoutMs: 60_000 };
    const polled = { calls: ['a:Get'], changes: [], timeoutMs: 5 };
    expect(described).toEqual([
      { id: 'look', is: 'observe: run', ...nothing },
      { id: 'decide', is: 'decide: run', ...nothing },
      { id: 'consent', is: 'approve: ask', ...nothing },
      { id: 'manual', is: 'manual: ask', ...nothing },
      { id: 'act', is: 'act: change', calls: ['a:Get'], changes: ['a:Set'], timeoutMs: 180_000 },
      { id: 'wait', is: 'wait: poll', ...polled },
      { id: 'wait-measured', is: 'wait: poll', ...polled },
      { id: 'verify', is: 'verify: poll', ...polled },
      { id: 'verify-measured', is: 'verify: poll', ...polled },
      { id: 'tell', is: 'notify: tell', ...nothing },
      { id: 'hook', is: 'act: tell', ...nothing },
      { id: 'vital', is: 'act: tell', ...nothing },
    ]);
    const basis = made.flatMap(({ id, body }) => (body.form === 'poll' ? [[id, body.basis]] : []));
    expect(Object.fromEntries(basis)).toEqual({
      wait: 'state',
      'wait-measured': 'measurement',
      verify: 'state',
      'verify-measured': 'measurement',
    });
  });

  test('is vital, optional or done anyway where it says so, and seals nothing of itself', () => {
    const flags = made.map(({ id, body, ...step }) => [
      id,
      { vital: body.form === 'tell' && body.isVital, anyway: 'endsAnyway' in step && step.endsAnyway },
    ]);
    expect(Object.fromEntries(flags)).toMatchObject({
      tell: { vital: false, anyway: false },
      hook: { vital: false, anyway: false },
      vital: { vital: true, anyway: true },
    });
    const { body } = acting.act('act', change);
    expect(body).toMatchObject({ seals: [], reverse: undefined, isIdempotent: false, undoneWithinMs: undefined });
    expect(acting.act('act', { ...change, seals: [made[4]] }).body).toMatchObject({ seals: [made[4]] });
  });

  test('keeps what it yielded first where it looks again by that', async () => {
    const again = (now: number, first: number) => first * 10 + now;
    const found = acting.observe('found', { title: '', run: async () => 2, detail: String, again });
    const judged = acting.decide('judged', { title: '', run: () => 2, detail: String, again });
    const plain = acting.observe('plain', { title: '', run: async () => 2, detail: String });
    const clock = new VirtualClock(0);
    const context = { ports: undefined, settings: undefined, clock, signal: new AbortController().signal };
    for (const [step, keeps, later] of [
      [found, true, 12],
      [judged, true, 12],
      [plain, false, 2],
    ] as const) {
      expect(step.keepsFirst).toBe(keeps);
      if (step.body.form !== 'run') throw new Error('it runs');
      const first = await step.body.execute(new Map(), context);
      const then = await step.body.execute(new Map(), { ...context, first: 1 });
      expect([first, then]).toMatchObject([
        { kind: 'done', output: 2, detail: '2' },
        { kind: 'done', output: later, detail: `${later}` },
      ]);
    }
    expect(acting.decide('n', { title: '', run: () => 1, detail: String }).keepsFirst).toBe(false);
  });

  test('is not run without what it needs', async () => {
    const needy = acting.observe('needy', { title: '', needs: { look }, run: async () => 1, detail: String });
    const { body } = needy;
    if (body.form !== 'run') throw new Error('it runs');
    const clock = new VirtualClock(0);
    const context = { ports: undefined, settings: undefined, clock, signal: new AbortController().signal };
    await expect(body.execute(new Map(), context)).rejects.toThrow(new TypeError('step "look" has not ended'));
    const unknown: Settled<unknown> = { known: false, because: 'unknown', reason: 'x' };
    await expect(body.execute(new Map([[look, unknown]]), context)).rejects.toThrow(
      new TypeError('step "look" gave no value'),
    );
  });

  test('of any other form is skipped for the reason that it gives, from what it needs', () => {
    const needs = { look };
    const skip = ({ look: size }: { readonly look: number }) => (size === 1 ? 'it is one' : undefined);
    const skipping = [
      acting.approve('a', { ...ask, needs, skip }),
      acting.act('b', { ...change, needs, skip }),
      acting.wait('c', { ...poll, needs, skip }),
      acting.tell('d', { ...message, needs, skip }),
    ];
    for (const { body } of skipping) {
      if (body.form === 'run') throw new Error('it does not run');
      expect(body.skip(new Map([[look, { known: true, value: 1 }]]), undefined)).toBe('it is one');
      expect(body.skip(new Map([[look, { known: true, value: 2 }]]), undefined)).toBeUndefined();
    }
  });
});
