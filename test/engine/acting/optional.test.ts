/** What a run can do without, what keeps a change from being put back, and what is sent until it is seen. */
import { describe, expect, it } from 'vitest';
import { runbook } from '../../../src/engine/runbook.ts';
import { settled } from '../../../src/engine/step.ts';
import {
  died,
  eventsOf,
  setting,
  setTo,
  Stage,
  type Process,
  statusesOf,
  steps,
  Trouble,
  World,
  type ABook,
  type Fate,
} from './stage.ts';

/**
 * Shuts `door` as well as it can, waits for that, sets `size`, which keeps the door shut, and `last`: how it stands then is
 * what the run is about.
 */
function shutting({ isIdempotent = false, waits = true, isOnce = false, isOptional = true } = {}): ABook {
  const { approve, act, wait, decide } = steps;
  const changes = [setTo('door', 1, 0), setTo('size', 2, 3), setTo('last', 0, 1)] as const;
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'Go?', facts: [], changes }) });
  const shut = act('shut', {
    ...setting,
    title: 'Shut',
    approval: consent,
    isOptional,
    isIdempotent,
    isOnce: () => isOnce,
    timeoutMs: 60_000,
    change: () => changes[0],
  });
  const isShut = wait('is-shut', {
    title: 'It is shut',
    needs: { consent, shut: settled(shut) },
    skip: () => (waits ? undefined : 'nobody waits'),
    calls: ['world:Read'],
    withinMs: 20_000,
    isOptional: true,
    poll: async (_needs, { ports }) => {
      const { value, moving } = await ports.read('door');
      return value === 0 && !moving
        ? { state: 'reached', output: { shut: true }, detail: 'shut' }
        : { state: 'waiting', detail: 'open' };
    },
  });
  const size = act('size', {
    ...setting,
    title: 'Size',
    needs: { isShut: settled(isShut) },
    approval: consent,
    seals: [shut],
    change: () => changes[1],
  });
  const last = act('last', { ...setting, title: 'Last', needs: { size }, approval: consent, change: () => changes[2] });
  const end = decide('end', {
    title: 'End',
    needs: { isShut: settled(isShut), last: settled(last) },
    run: (needs) => ({ verdict: needs.isShut.known || !waits ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'shutting',
    title: 'Shutting',
    summary: 'Shutting',
    steps: [consent, shut, isShut, size, last, end],
    conclusion: end,
    resources: () => ['world:door'],
  });
}

function staged(fates: Readonly<Record<string, readonly Fate[]>> = {}): Stage {
  const stage = new Stage(new World({ door: 1, size: 2, last: 0 }));
  for (const [name, those] of Object.entries(fates)) stage.world.fates.set(name, [...those]);
  return stage;
}

describe('a step that is optional', () => {
  it('is told where it failed, and the run goes on', async () => {
    const stage = staged({ door: ['refused'] });
    const ended = await stage.play({ book: shutting() });
    expect(ended.result.verdict).toBe('attention');
    expect(statusesOf(ended)).toMatchObject({
      shut: 'failed',
      'is-shut': 'failed',
      size: 'succeeded',
      last: 'succeeded',
    });
    expect(stage.world.applied).toEqual(['size=3', 'last=1']);
    expect(eventsOf(ended.events, 'run.undoing')).toEqual([]);
  });

  it('goes on also where it is nobody there who acts', async () => {
    const stage = staged({ door: ['expired'] });
    const ended = await stage.play({ book: shutting() });
    expect(ended.result.verdict).toBe('attention');
    expect(statusesOf(ended)).toMatchObject({ shut: 'failed', last: 'succeeded' });
  });

  it('is not tried again by a run that goes on after it', async () => {
    const whole = await staged({ door: ['refused'] }).play({ book: shutting() });
    const waited = whole.events.find((event) => event.type === 'step.finished' && event.stepId === 'is-shut');
    const stage = staged({ door: ['refused'] });
    const death = { at: 'event', nth: (waited?.seq ?? 0) + 1 } as const;
    expect(await stage.start({ book: shutting(), death })).toBe(died);
    const ended = await stage.play({ book: shutting() });
    expect(ended.result.verdict).toBe('attention');
    expect(stage.world.applied).toEqual(['size=3', 'last=1']);
  });
});

describe('a step that is optional, where the world has changed since the plan', () => {
  it('fails by itself, and asks nobody again', async () => {
    const stage = new Stage(new World({ door: 7, size: 2, last: 0 }));
    const ended = await stage.play({ book: shutting() });
    expect(statusesOf(ended)).toMatchObject({ shut: 'failed', size: 'succeeded', last: 'succeeded' });
    expect(eventsOf(ended.events, 'approval.lapsed')).toEqual([]);
  });
});

it('what was done for a change of which nobody can tell how it stands is put back', async () => {
  const stage = staged();
  stage.world.onRead = (name) =>
    name === 'size' ? Promise.reject(new Trouble('unreachable', 'no answer')) : Promise.resolve();
  const ended = await stage.play({ book: shutting() });
  expect(ended.result.verdict).toBe('failed');
  expect(statusesOf(ended)).toMatchObject({ size: 'failed', shut: 'rolled-back' });
  expect(stage.world.state).toEqual({ door: 1, size: 2, last: 0 });
});

describe('what a change seals', () => {
  it('stays while that change stands', async () => {
    const stage = staged({ last: ['refused'], size: [] });
    const ended = await stage.play({ book: shutting() });
    // `size` can be put back here, and then the door may be opened again.
    expect(ended.result.verdict).toBe('failed');
    expect(statusesOf(ended)).toMatchObject({ size: 'rolled-back', shut: 'rolled-back' });
    expect(stage.world.state).toEqual({ door: 1, size: 2, last: 0 });
  });

  it('stays where that change could not be put back', async () => {
    const stage = staged({ last: ['refused'], size: [{ slowMs: 0 }, 'refused'] });
    const ended = await stage.play({ book: shutting() });
    expect(ended.result.verdict).toBe('failed');
    expect(statusesOf(ended)).toMatchObject({ size: 'failed', shut: 'succeeded' });
    expect(stage.world.state).toEqual({ door: 0, size: 3, last: 0 });
  });

  it('is put back where that change was never made', async () => {
    const stage = staged({ size: ['refused'] });
    const ended = await stage.play({ book: shutting() });
    expect(ended.result.verdict).toBe('failed');
    expect(statusesOf(ended)).toMatchObject({ size: 'failed', shut: 'rolled-back' });
    expect(stage.world.state).toEqual({ door: 1, size: 2, last: 0 });
  });
});

describe('a change that can be sent twice', () => {
  it('is sent until it is seen, as long as its time lasts', async () => {
    const stage = staged({ door: ['reset', 'reset', 'reset', 'lost'] });
    const ended = await stage.play({ book: shutting({ isIdempotent: true }) });
    expect(ended.result.verdict).toBe('ok');
    expect(stage.world.applied).toEqual(['door=0', 'size=3', 'last=1']);
  });

  it('and is given up when its time is over', async () => {
    const resets = Array.from({ length: 100 }, (): Fate => 'reset');
    const stage = staged({ door: resets });
    const ended = await stage.play({ book: shutting({ isIdempotent: true, waits: false }) });
    expect(ended.result.verdict).toBe('ok');
    expect(statusesOf(ended)).toMatchObject({ shut: 'failed' });
    const shut = ended.events.find((event) => event.type === 'step.finished' && event.stepId === 'shut');
    expect(shut?.type === 'step.finished' ? shut.durationMs : NaN).toBeLessThanOrEqual(60_000 + 20_000);
  });
});

describe('a change that is begun once', () => {
  it.each([
    { isOnce: false, sendings: 2 },
    { isOnce: true, sendings: 1 },
  ])('is not sent again where no look shows it ($isOnce)', async ({ isOnce, sendings }) => {
    const stage = staged({ door: ['reset', 'reset'] });
    const ended = await stage.play({ book: shutting({ isOnce, waits: false }) });
    expect(statusesOf(ended)).toMatchObject({ shut: 'failed' });
    const intents = ended.events.filter((event) => event.type === 'change.intended' && event.stepId === 'shut');
    expect(intents).toHaveLength(sendings);
  });

  it('is not begun again either by whoever goes on, where its process died once it had been given up', async () => {
    const book = shutting({ isOnce: true, waits: false, isOptional: false });
    const intents = ({ events }: Pick<Process, 'events'>) =>
      eventsOf(events, 'change.intended').filter(({ stepId }) => stepId === 'shut');
    const whole = await staged({ door: ['reset'] }).play({ book });
    const failed = eventsOf(whole.events, 'step.finished').find(({ stepId }) => stepId === 'shut');
    expect(failed?.status).toBe('failed');
    const stage = staged({ door: ['reset'] });
    expect(await stage.start({ book, death: { at: 'event', nth: failed?.seq ?? 0 } })).toBe(died);
    const after = await stage.play({ book });
    expect(intents(whole)).toHaveLength(1);
    expect(intents(after)).toHaveLength(0);
    expect(stage.world.state).toMatchObject({ door: 1 });
    // Nobody knows whether it is still under way, and the run says so.
    expect(after.result.verdict).toBe('unknown');
    expect(after.result.history.changes[0]).toMatchObject({ stepId: 'shut', status: 'unknown' });
  });
});
