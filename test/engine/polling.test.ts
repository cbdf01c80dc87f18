/** Looking again and again: how often, for how long, and what it comes to. */
import { describe, expect, it } from 'vitest';
import { errorClasses } from '../../src/engine/errors.ts';
import { pollUntil } from '../../src/engine/polling.ts';
import type { Polled } from '../../src/engine/step.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { startMs, Trouble } from './kit.ts';

type Look = Polled<number> | Error;

const waiting = (detail: string): Look => ({ state: 'waiting', detail });
const reached: Look = { state: 'reached', output: 7, detail: 'it is there' };

/** Looks every 3 s for 10 s, at what is given, the last of it again and again. */
async function polled(looks: readonly Look[], stop = new AbortController().signal, during?: () => void) {
  const clock = new VirtualClock(startMs);
  const progressed: string[] = [];
  const at: number[] = [];
  const end = await pollUntil<number>({
    clock,
    everyMs: 3_000,
    withinMs: 10_000,
    stop,
    poll: async () => {
      const look = looks[Math.min(at.length, looks.length - 1)];
      at.push(clock.now() - startMs);
      during?.();
      if (look === undefined || look instanceof Error) throw look;
      return look;
    },
    progressed: (detail) => progressed.push(detail),
  });
  return { end, progressed, at };
}

describe('what is looked for', () => {
  it('is reached as soon as it is seen', async () => {
    const { end, progressed, at } = await polled([waiting('one'), waiting('one'), waiting('two'), reached]);
    expect(end).toEqual({ state: 'reached', output: 7, detail: 'it is there', looks: 4 });
    expect(progressed).toEqual(['one', 'two']);
    expect(at).toEqual([0, 3_000, 6_000, 9_000]);
  });

  it('has failed as soon as it is seen that it never comes', async () => {
    const { end } = await polled([waiting('one'), { state: 'failed', detail: 'it was given up' }, reached]);
    expect(end).toEqual({ state: 'failed', detail: 'it was given up', looks: 2 });
  });

  it('has failed where it is not reached within the time, and no look begins after that', async () => {
    const { end, at } = await polled([waiting('one')]);
    expect(end).toEqual({ state: 'failed', detail: 'not within 10 s: one', looks: 4 });
    expect(at).toEqual([0, 3_000, 6_000, 9_000]);
  });

  it('is looked for at the very end, too', async () => {
    const clock = new VirtualClock(startMs);
    const polling = {
      clock,
      everyMs: 5_000,
      withinMs: 10_000,
      stop: new AbortController().signal,
      progressed: () => {},
    };
    const end = await pollUntil({ ...polling, poll: async () => ({ state: 'waiting', detail: 'one' }) as const });
    expect(end).toMatchObject({ looks: 3 });
    expect(clock.now() - startMs).toBe(10_000);
  });
});

describe('a look that fails', () => {
  it.each(errorClasses)('is healed by more looks, or not: %s', async (errorClass) => {
    const error = new Trouble(errorClass, 'no answer');
    const { end, progressed } = await polled([error, error, reached]);
    const passes = ['throttled', 'unreachable', 'service-fault', 'deadline'].includes(errorClass);
    expect(end).toEqual(passes ? { ...reached, looks: 3 } : { state: 'unknown', error, looks: 1 });
    expect(progressed).toEqual(passes ? ['cannot look: no answer'] : []);
  });

  it('by the end leaves it unknown', async () => {
    const error = new Trouble('throttled');
    expect((await polled([waiting('one'), error])).end).toEqual({ state: 'unknown', error, looks: 4 });
    expect((await polled([error, waiting('one')])).end).toMatchObject({ state: 'failed' });
  });
});

describe('being told to stop', () => {
  it('before a look is made keeps it from being made', async () => {
    let looks = 0;
    const ended = polled([reached], AbortSignal.abort(new Error('stop')), () => (looks += 1));
    await expect(ended).rejects.toThrow('stop');
    expect(looks).toBe(0);
  });

  it.each<[string, Look]>([
    ['waits', waiting('one')],
    ['fails', new Trouble('denied')],
    ['fails for now', new Trouble('throttled')],
  ])('during a look that %s is what it comes to', async (_, look) => {
    const controller = new AbortController();
    const ended = polled([look], controller.signal, () => controller.abort(new Error('stop')));
    await expect(ended).rejects.toThrow('stop');
  });
});
