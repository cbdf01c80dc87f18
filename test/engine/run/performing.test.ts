/** One step carried out without a run around it: what is told of it meanwhile, and what whoever needs it hears. */
import { describe, expect, it } from 'vitest';
import { Asking } from '../../../src/engine/asking.ts';
import { Changing } from '../../../src/engine/changing.ts';
import type { EventBody } from '../../../src/engine/events.ts';
import { LeaseKeeper } from '../../../src/engine/leases.ts';
import { Leasing } from '../../../src/engine/leasing.ts';
import { Performing } from '../../../src/engine/performing.ts';
import type { Plain } from '../../../src/engine/plain.ts';
import { StepEnds } from '../../../src/engine/step-ends.ts';
import type { AnyStep, Polled, RunStep, Settled, Told } from '../../../src/engine/step.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { consentTo } from '../acting/one-change.ts';
import { runId, setting, setTo, startMs, steps, World, type Act, type Ports, type Settings } from '../acting/stage.ts';
import { checkpointed, partsOf, type PartsOptions } from './parts.ts';

type AStep = RunStep<Ports, Settings, Act>;

interface PerformingOptions extends Omit<PartsOptions, 'of'> {
  /** What steps came to before. */
  readonly results?: readonly (readonly [AnyStep, Settled<unknown>])[];
  /** What steps that keep it yielded when the run looked first. */
  readonly firsts?: ReadonlyMap<string, Plain>;
}

/** Carries out steps of a run that has come so far. */
function performingOf(of: readonly AStep[], { results: before = [], firsts, ...options }: PerformingOptions = {}) {
  const end = steps.decide('end', { title: 'End', run: () => 1, detail: String });
  const parts = partsOf({ of: [...of, end], ...options });
  const { acting, clock, course, log, results, mode } = parts;
  const world = new World({ size: 2 });
  world.now = () => clock.now();
  for (const [step, result] of before) results.set(step, result);
  const settings: Settings = { by: 1 };
  const ports = (): Ports => ({ read: (name) => world.read(name), healthy: async () => world.healthy });
  const emit = (body: EventBody) => log.emit(body);
  const common = { clock, random: () => 0.5, settings, ports };
  const act: Act = { set: (input) => world.set(input, clock), tell: async () => undefined };
  const own = acting && { ...acting, ports: act };
  const changing =
    own &&
    new Changing<Ports, Settings, Act>({
      ...common,
      acting: own,
      stop: course.stopped,
      standstill: (step) => course.standstill(step),
      hasTold: () => false,
      isAwaited: () => false,
      emit,
      history: log.before,
      checkpoint: () => log.checkpoint(),
    });
  const deeds = own &&
    changing && {
      ports: act,
      leasing: new Leasing({ acting: own, resources: () => ['world:size'], course, log }),
      asking: new Asking({ acting: own, runId, clock, mode, emit, history: log.before }),
      changing,
    };
  const stands = (stepId: string) => changing?.records.stands(stepId) === true;
  const ends = new StepEnds({ acting: own, mode, clock, course, log, stands });
  const performing = new Performing<Ports, Settings, Act>({
    ...common,
    mode,
    deeds,
    results,
    firsts,
    course,
    log,
    ends,
  });
  return { ...parts, world, changing, performing };
}

/** Carries out this one step. */
async function performed(step: AStep, options: PerformingOptions = {}) {
  const parts = performingOf([step], options);
  const result = await parts.performing.perform(step);
  return { ...parts, result, elapsedMs: parts.clock.now() - startMs };
}

const change = setTo('size', 2, 3);
const consent = steps.approve('consent', {
  title: 'Ask',
  ask: () => ({ question: 'Go?', facts: [], changes: [change] }),
});
const agreed = [[consent, { known: true, value: consentTo(change) }]] as const;

const waiting = { title: 'Wait', calls: [], withinMs: 9_000 } as const;
const growing = { ...setting, title: 'Grow', approval: consent, change: () => change } as const;
const telling = { title: 'Tell', message: () => 'hello', summary: (text: string) => `"${text}"` } as const;
const sending = (told: Told) => ({ ...telling, send: async () => told });
const sent: Told = { delivered: true, detail: 'sent' };

const reached = async () => ({ state: 'reached', output: { there: true }, detail: 'there' }) as const;
const grow = steps.act('grow', growing);

/** What is told of the end, without what is the same each time. */
function endIn(events: readonly EventBody[]) {
  const event = events.at(-1);
  if (event?.type !== 'step.finished') throw new Error('it has not ended');
  const { type: _type, startedAt: _startedAt, durationMs: _durationMs, ...end } = event;
  return end;
}

describe('a step for which there is nothing to do', () => {
  const skip = () => 'there is none';
  it.each([
    ['waits', steps.wait('it', { ...waiting, skip, poll: reached })],
    ['asks', steps.approve('it', { title: 'Ask', skip, ask: () => ({ question: 'Go?', facts: [], changes: [] }) })],
    ['acts', steps.act('it', { ...growing, skip })],
    ['tells', steps.tell('it', { ...sending(sent), skip })],
  ])('is told as begun and skipped, and why, where it %s', async (_what, step) => {
    const { result, events } = await performed(step);
    expect(result).toEqual({ known: false, because: 'skipped', reason: 'there is none' });
    expect(events).toMatchObject([
      { type: 'step.started', stepId: 'it' },
      { type: 'step.finished', stepId: 'it', status: 'skipped', detail: 'there is none', attempts: 1 },
    ]);
  });
});

describe('a step that waits', () => {
  it('says what it sees, each time that it sees something else', async () => {
    const seen = ['one', 'one', 'two'];
    const poll = async (): Promise<Polled<{ readonly there: true }>> => {
      const detail = seen.shift();
      return detail === undefined ? reached() : { state: 'waiting', detail };
    };
    const { events, result } = await performed(steps.wait('it', { ...waiting, poll }));
    expect(result).toEqual({ known: true, value: { there: true } });
    expect(events).toMatchObject([
      { type: 'step.started', stepId: 'it' },
      { type: 'step.progressed', stepId: 'it', detail: 'one' },
      { type: 'step.progressed', stepId: 'it', detail: 'two' },
      { type: 'step.finished', stepId: 'it', status: 'succeeded', detail: 'there', attempts: 4 },
    ]);
  });

  it('for less than one look may take does not wait longer for a look that never ends', async () => {
    const poll = () => new Promise<never>(() => undefined);
    const { elapsedMs, result } = await performed(steps.wait('it', { ...waiting, poll }));
    const reason = `no answer within the ${waiting.withinMs / 1_000} s of one look`;
    expect(result).toMatchObject({ known: false, because: 'unknown', reason, errorClass: 'deadline' });
    expect(elapsedMs).toBe(waiting.withinMs);
  });

  it('of what nobody says what a dry run is to assume ends a dry run by a defect', async () => {
    const assume = () => ({ output: { there: true }, detail: 'it is there' });
    const measured = steps.waitMeasured('it', { ...waiting, poll: reached, assume });
    const { body } = measured;
    if (body.form !== 'poll') throw new Error('it polls');
    const assumed = await performed(measured, { mode: 'dry-run' });
    expect(endIn(assumed.events)).toMatchObject({ status: 'planned', detail: 'it is there', attempts: 0 });
    // A team's own code is loaded without its types.
    for (const silent of [undefined, () => undefined as never]) {
      const step = { ...measured, body: { ...body, assume: silent } };
      const { events, course } = await performed(step, { mode: 'dry-run' });
      const detail = 'step "it" does not say what a dry run is to assume';
      expect(endIn(events)).toMatchObject({ status: 'failed', detail, errorClass: 'defect' });
      expect(course.defect).toBeInstanceOf(TypeError);
    }
  });
});

describe('in a run that only looks', () => {
  const alone = { onlyLooks: true } as const;

  it('a step may wait, and has nothing to note where what it waits for was taken back', async () => {
    const poll = async () => ({ state: 'failed', detail: 'taken back', takenBack: true }) as const;
    const { events, course } = await performed(steps.wait('it', { ...waiting, of: grow, poll }), alone);
    expect(endIn(events)).toMatchObject({ status: 'failed', detail: 'taken back' });
    expect(course.defect).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['step.started', 'step.finished']);
  });

  it.each([
    ['asks', consent],
    ['acts', grow],
    ['tells', steps.tell('told', sending(sent))],
  ])('a step that %s is a defect', async (_what, step) => {
    const { events, course, world } = await performed(step, alone);
    const detail = `step "${step.id}" would act in a run that only looks`;
    expect(events.map(({ type }) => type)).toEqual(['step.finished']);
    expect(endIn(events)).toMatchObject({ status: 'failed', detail, errorClass: 'defect' });
    expect(course.defect).toBeInstanceOf(TypeError);
    expect(world.applied).toEqual([]);
  });
});

describe('a step that may not act yet, since another run has its leases', () => {
  async function held(step: AStep) {
    const { leases: store } = memoryState();
    const clock = new VirtualClock(startMs);
    const holder = { runbook: 'grow', environment: 'prod', who: 'ben@desk', host: 'desk', pid: 7 };
    const keeper = (id: string) =>
      new LeaseKeeper({ store, clock, holder: { ...holder, runId: id }, isGone: () => false });
    await keeper('other').acquire(['world:size']);
    return performed(step, { leases: keeper(runId), results: agreed });
  }

  it.each([
    ['asks nobody', consent],
    ['sends nothing', grow],
  ])('%s, and is told as not begun', async (_what, step) => {
    const { events, result, world, course } = await held(step);
    expect(events.map(({ type }) => type)).toEqual(['lease.refused', 'step.finished']);
    const { reason = '' } = course.suspension ?? {};
    expect(endIn(events)).toEqual({ stepId: step.id, status: 'blocked', detail: reason, attempts: 0 });
    expect(result).toMatchObject({ known: false, because: 'unknown', reason });
    expect(world.applied).toEqual([]);
  });
});

it('a question is told as begun, and then asked', async () => {
  const { events } = await performed(consent);
  expect(events.map(({ type }) => type)).toEqual([
    'step.started',
    'approval.requested',
    'approval.given',
    'step.finished',
  ]);
  expect(events[0]).toEqual({ type: 'step.started', stepId: 'consent' });
});

describe('a step that acts', () => {
  it.each([
    ['did not come to an answer', []],
    ['was not given', [[consent, { known: false, because: 'unknown', reason: 'nobody is there' }]]],
  ] as const)('changes nothing where its consent %s', async (_what, results) => {
    const { events, world, course } = await performed(grow, { results });
    const detail = 'step "grow" would make a change that "consent" has not shown';
    expect(endIn(events)).toMatchObject({ status: 'failed', detail });
    expect(course.defect).toEqual(new TypeError(detail));
    expect(world.applied).toEqual([]);
  });

  it('tells whoever needs it that it was made, when, and what was answered', async () => {
    const apply = async () => ({ id: 'C1' });
    const { result, clock } = await performed(steps.act('grow', { ...growing, apply }), { results: agreed });
    const value = { change, made: true, sentAt: startMs, at: clock.now(), receipt: { id: 'C1' } };
    expect(result).toStrictEqual({ known: true, value });
  });

  it('says nothing of an answer where there was none to read', async () => {
    const { result, clock, world } = await performed(grow, { results: agreed });
    expect(result).toStrictEqual({ known: true, value: { change, made: true, sentAt: startMs, at: clock.now() } });
    expect(world.applied).toEqual(['size=3']);
  });

  it.each([
    ['in-flight', { isUnderWay: true }],
    ['done', {}],
  ] as const)('says of what it finds %s whether that is under way', async (state, how) => {
    const look = async () => ({ state, detail: 'as it is' });
    const { result, clock, world } = await performed(steps.act('grow', { ...growing, look }), { results: agreed });
    expect(result).toStrictEqual({ known: true, value: { change, made: false, ...how, at: clock.now() } });
    expect(world.applied).toEqual([]);
  });
});

describe('a step that tells', () => {
  const acted = { past: [checkpointed] } as const;

  it('keeps what became of that for whoever needs it, in this run and later', async () => {
    for (const told of [sent, { delivered: false, detail: 'nobody there' }]) {
      const { result, events } = await performed(steps.tell('told', sending(told)), acted);
      expect(result).toEqual({ known: true, value: told });
      expect(endIn(events)).toMatchObject({ status: told.delivered ? 'succeeded' : 'failed', output: told });
    }
  });

  it('only says in a dry run what it would tell, and has told nobody', async () => {
    const { result, events } = await performed(steps.tell('told', sending(sent)), { ...acted, mode: 'dry-run' });
    const told = { delivered: false, detail: 'would tell: "hello"' };
    expect(result).toEqual({ known: true, value: told });
    expect(endIn(events)).toMatchObject({ status: 'planned', detail: told.detail, attempts: 0, output: told });
  });

  it('is no reason to go on from what was seen before it; a program of somebody else is', async () => {
    const typesOf = async (step: AStep) => (await performed(step)).events.map(({ type }) => type);
    expect(await typesOf(steps.tell('told', sending(sent)))).toEqual(['step.started', 'step.finished']);
    expect(await typesOf(steps.hook('program', sending(sent)))).toEqual([
      'step.started',
      'run.checkpointed',
      'step.finished',
    ]);
  });

  it('by a program that the run needs may have done something all the same where it fails', async () => {
    const program = steps.hook('program', { ...sending({ delivered: false, detail: 'exit 1' }), isVital: true });
    const { result, course } = await performed(program);
    expect(result).toEqual({ known: false, because: 'unknown', reason: 'exit 1', tried: true });
    expect(course.failure).toBe('exit 1');
  });
});

describe('a single attempt', () => {
  it('is made only of what looks or concludes', async () => {
    const wait = steps.wait('it', { ...waiting, poll: reached });
    await expect(performingOf([wait]).performing.once(wait)).rejects.toThrow('step "it" does not run');
  });

  it('of what concludes is not ended by the run, which may end meanwhile', async () => {
    const decide = steps.decide('it', { title: 'Conclude', run: () => 1, detail: String });
    const look = steps.observe('it', { title: 'Look', run: async () => 1, detail: String });
    const ending = async (step: AStep) => {
      const parts = performingOf([step]);
      const execute = async (
        _results: unknown,
        { clock }: { readonly clock: { sleep(ms: number): Promise<void> } },
      ) => {
        parts.course.interrupt(new Error('SIGINT'));
        await clock.sleep(1);
        return { kind: 'done', output: 1, detail: 'one' } as const;
      };
      return parts.performing.once({ ...step, body: { form: 'run', execute } });
    };
    expect(await ending(decide)).toEqual({ kind: 'done', output: 1, detail: 'one' });
    await expect(ending(look)).rejects.toThrow('the run was interrupted');
  });

  it('is given what the step yielded first, where the run kept it', async () => {
    const contexts: object[] = [];
    const look = steps.observe('it', {
      title: 'Look',
      run: async (_needs, context) => {
        contexts.push(context);
        return 7;
      },
      again: (now, first) => now * 100 + first,
      detail: String,
    });
    const yielded = async (firsts?: ReadonlyMap<string, Plain>) =>
      (await performed(look, firsts === undefined ? {} : { firsts })).result;
    expect(await yielded(new Map([['it', 5]]))).toEqual({ known: true, value: 705 });
    expect(await yielded(new Map([['other', 5]]))).toEqual({ known: true, value: 7 });
    expect(await yielded()).toEqual({ known: true, value: 7 });
    expect(contexts[0]).toHaveProperty('first', 5);
    expect(contexts[1]).not.toHaveProperty('first');
    expect(contexts[2]).not.toHaveProperty('first');
  });
});
