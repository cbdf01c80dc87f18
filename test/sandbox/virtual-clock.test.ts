import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { scaledClock } from '../../src/sandbox/scaled-clock.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';

const START = Date.UTC(2026, 10, 23, 10);

/** Work that takes several turns of the event loop, none of them on the clock. */
async function realWork(turns = 20): Promise<void> {
  for (let index = 0; index < turns; index += 1) await turn();
}

describe('VirtualClock', () => {
  test('an hour passes in no time', async () => {
    const clock = new VirtualClock(START);
    const wallStart = performance.now();
    await clock.sleep(3_600_000);
    expect(clock.now()).toBe(START + 3_600_000);
    expect(performance.now() - wallStart).toBeLessThan(1_000);
  });

  test('stands still while nobody sleeps', async () => {
    const clock = new VirtualClock(START);
    await realWork();
    expect(clock.now()).toBe(START);
  });

  test('sleepers wake in order of their time, and of falling asleep where times are equal', async () => {
    const clock = new VirtualClock(START);
    const woken: string[] = [];
    const sleeper = async (name: string, durationMs: number) => {
      await clock.sleep(durationMs);
      woken.push(`${name}@${clock.now() - START}`);
    };
    await Promise.all([sleeper('c', 30), sleeper('a', 10), sleeper('d', 30), sleeper('b', 20), sleeper('now', 0)]);
    expect(woken).toEqual(['now@0', 'a@10', 'b@20', 'c@30', 'd@30']);
  });

  test('what a sleeper does after waking ends before the next one wakes, promise chains included', async () => {
    const clock = new VirtualClock(START);
    const log: string[] = [];
    const actor = async (name: string) => {
      await clock.sleep(10);
      log.push(`${name} wakes`);
      for (let index = 0; index < 50; index += 1) await Promise.resolve();
      log.push(`${name} is done`);
    };
    await Promise.all([actor('a'), actor('b')]);
    expect(log).toEqual(['a wakes', 'a is done', 'b wakes', 'b is done']);
  });

  test('a sleep that a woken sleeper starts comes before later ones', async () => {
    const clock = new VirtualClock(START);
    const log: number[] = [];
    await Promise.all([
      (async () => {
        await clock.sleep(10);
        await clock.sleep(5);
        log.push(clock.now() - START);
      })(),
      (async () => {
        await clock.sleep(20);
        log.push(clock.now() - START);
      })(),
    ]);
    expect(log).toEqual([15, 20]);
  });

  describe('busy', () => {
    test('time stands still while work is under way, however long it takes', async () => {
      const clock = new VirtualClock(START);
      const seen: number[] = [];
      await Promise.all([
        clock.sleep(1_000).then(() => seen.push(clock.now() - START)),
        clock.busy(async () => {
          await realWork(50);
          seen.push(clock.now() - START);
        }),
      ]);
      expect(seen).toEqual([0, 1_000]);
    });

    test('work that sleeps on the clock lets time pass meanwhile, and holds it again once awake', async () => {
      const clock = new VirtualClock(START);
      const log: string[] = [];
      await Promise.all([
        clock.busy(async () => {
          await realWork();
          await clock.sleep(100);
          await realWork();
          log.push(`work ends at ${clock.now() - START}`);
        }),
        clock.sleep(50).then(() => log.push(`sleeper wakes at ${clock.now() - START}`)),
        clock.sleep(101).then(() => log.push(`late sleeper wakes at ${clock.now() - START}`)),
      ]);
      expect(log).toEqual(['sleeper wakes at 50', 'work ends at 100', 'late sleeper wakes at 101']);
    });

    test('work within work counts once: it sleeps when its innermost sleeps', async () => {
      const clock = new VirtualClock(START);
      await clock.busy(() => clock.busy(() => clock.busy(() => clock.sleep(70))));
      expect(clock.now()).toBe(START + 70);
    });

    test('two works within one: the clock waits for the one that does not sleep', async () => {
      const clock = new VirtualClock(START);
      const log: string[] = [];
      await clock.busy(() =>
        Promise.all([
          clock.busy(async () => {
            await clock.sleep(10);
            log.push('sleeper');
          }),
          clock.busy(async () => {
            await realWork(50);
            log.push(`worker at ${clock.now() - START}`);
          }),
        ]),
      );
      expect(log).toEqual(['worker at 0', 'sleeper']);
    });

    test('work that fails gives the clock free, and its error on', async () => {
      const clock = new VirtualClock(START);
      await expect(clock.busy(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
      const thrower = () => {
        throw new Error('thrown at once');
      };
      await expect(clock.busy(thrower)).rejects.toThrow('thrown at once');
      await clock.sleep(5);
      expect(clock.now()).toBe(START + 5);
    });

    test('a sleep that outlives the work it was started in holds nothing', async () => {
      const clock = new VirtualClock(START);
      const { left } = await clock.busy(async () => ({ left: clock.sleep(40) }));
      await clock.busy(() => realWork());
      await left;
      expect(clock.now()).toBe(START + 40);
    });
  });

  describe('abort', () => {
    test('rejects with the reason at once, without moving time', async () => {
      const clock = new VirtualClock(START);
      const controller = new AbortController();
      const reason = new Error('interrupted');
      const asleep = clock.sleep(1_000, controller.signal);
      controller.abort(reason);
      await expect(asleep).rejects.toBe(reason);
      await realWork();
      expect(clock.now()).toBe(START);
    });

    test('a signal that has aborted before lets nobody sleep', async () => {
      const clock = new VirtualClock(START);
      await expect(clock.sleep(10, AbortSignal.abort('gone'))).rejects.toBe('gone');
      expect(clock.now()).toBe(START);
    });

    test('gives back the listener, whether the sleep ends or is aborted', async () => {
      const clock = new VirtualClock(START);
      const controller = new AbortController();
      const added = vi.spyOn(controller.signal, 'addEventListener');
      const removed = vi.spyOn(controller.signal, 'removeEventListener');
      await clock.sleep(10, controller.signal);
      const aborted = clock.sleep(10, controller.signal);
      controller.abort();
      await expect(aborted).rejects.toBe(controller.signal.reason);
      expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
        added.mock.calls.map(([, listener]) => listener),
      );
    });

    test('an endless sleep ends by its signal, and keeps nobody else from waking', async () => {
      const clock = new VirtualClock(START);
      const controller = new AbortController();
      const endless = clock.busy(() => clock.sleep(Infinity, controller.signal));
      await clock.sleep(60_000);
      controller.abort(new Error('gave up'));
      await expect(endless).rejects.toThrow('gave up');
      expect(clock.now()).toBe(START + 60_000);
    });
  });

  test('a sleep of NaN is refused', async () => {
    await expect(new VirtualClock(START).sleep(Number.NaN)).rejects.toThrow(RangeError);
  });

  test('the same actors make the same history', async () => {
    const history = async () => {
      const clock = new VirtualClock(START);
      const log: string[] = [];
      const actor = async (name: string, steps: readonly number[]) => {
        for (const step of steps) {
          await clock.busy(() => realWork(step % 7));
          await clock.sleep(step);
          log.push(`${name} ${clock.now() - START}`);
        }
      };
      await Promise.all([actor('a', [3, 5, 8]), actor('b', [8, 5, 3]), actor('c', [1, 1, 14])]);
      return log;
    };
    expect(await history()).toEqual(await history());
  });
});

describe('scaledClock', () => {
  test('runs at its speed from its start', () => {
    let wallMs = 5_000;
    const clock = scaledClock(START, 60, () => wallMs);
    expect(clock.now()).toBe(START);
    wallMs += 1_000;
    expect(clock.now()).toBe(START + 60_000);
  });

  test('sleeps its own milliseconds, and wakes no earlier', async () => {
    const clock = scaledClock(START, 1_000, () => performance.now());
    await clock.sleep(10_000);
    expect(clock.now()).toBeGreaterThanOrEqual(START + 10_000);
  });

  test('a sleep ends with its signal', async () => {
    const clock = scaledClock(START, 1, () => performance.now());
    const controller = new AbortController();
    const asleep = clock.sleep(3_600_000, controller.signal);
    controller.abort(new Error('closing'));
    await expect(asleep).rejects.toThrow('closing');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('closing');
  });

  test('busy merely calls', async () => {
    expect(await scaledClock(START, 1, () => 0).busy(async () => 'done')).toBe('done');
  });

  test.each([0, -1, Infinity, Number.NaN])('a speed of %d is refused', (speed) => {
    expect(() => scaledClock(START, speed, () => 0)).toThrow(RangeError);
  });
});
