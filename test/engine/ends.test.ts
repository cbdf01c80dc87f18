/** How a run ends before its time: a step's limit, the run's limit, an interruption, a defect. Nothing hangs or leaks. */
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeadlineError } from '../../src/engine/errors.ts';
import { runbook } from '../../src/engine/runbook.ts';
import { settled } from '../../src/engine/step.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { decide, eventsOf, observe, play, recordOf, runbookOf, startMs, takes, Trouble } from './kit.ts';

const unhandled: unknown[] = [];
const warnings: unknown[] = [];
const onRejection = (reason: unknown) => unhandled.push(reason);
const onWarning = (warning: Error) => warnings.push(warning);

beforeEach(() => {
  process.on('unhandledRejection', onRejection);
  process.on('warning', onWarning);
});

afterEach(async () => {
  for (let turns = 0; turns < 5; turns += 1) await turn();
  process.off('unhandledRejection', onRejection);
  process.off('warning', onWarning);
  const heard = [...unhandled.splice(0), ...warnings.splice(0)];
  if (heard.length > 0) throw new AggregateError(heard, 'the run left a rejection or a warning behind');
});

/** A step that never ends by itself, and does not listen when it is told to. */
const deaf = (id: string, timeoutMs?: number) =>
  observe(id, { title: id, timeoutMs, run: () => new Promise<number>(() => undefined), detail: String });

/** Knows how many sleep on it. */
class CountingClock extends VirtualClock {
  pending = 0;

  override async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    this.pending += 1;
    try {
      await super.sleep(durationMs, signal);
    } finally {
      this.pending -= 1;
    }
  }
}

describe('a step that takes too long', () => {
  test('is unknown after its own limit, and is not tried again', async () => {
    const played = await play(runbookOf(deaf('hangs', 5_000), takes('other', 100)));
    expect(recordOf(played, 'hangs')).toMatchObject({
      status: 'unknown',
      errorClass: 'deadline',
      detail: "no answer within the step's 5 s",
      durationMs: 5_000,
      attempts: 1,
    });
    expect(recordOf(played, 'other').status).toBe('succeeded');
    expect(played.result.verdict).toBe('ok');
  });

  test('is told by its signal, with the reason', async () => {
    let reason: unknown;
    const step = observe('listens', {
      title: '',
      timeoutMs: 1_000,
      run: (_needs, { clock, signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason));
        return clock.sleep(60_000, signal);
      },
      detail: () => '',
    });
    await play(runbookOf(step));
    expect(reason).toBeInstanceOf(DeadlineError);
  });

  test('may fail later without anybody hearing of it', async () => {
    const clock = new VirtualClock(startMs);
    const late = observe('late', {
      title: '',
      timeoutMs: 100,
      run: async () => {
        await clock.sleep(500);
        throw new Error('too late to matter');
      },
      detail: () => '',
    });
    const played = await play(runbookOf(late, takes('long', 1_000)), { clock });
    expect(recordOf(played, 'late').status).toBe('unknown');
    expect(played.result.verdict).toBe('ok');
  });

  test('each attempt has the limit to itself', async () => {
    let calls = 0;
    const step = observe('twice', {
      title: '',
      timeoutMs: 1_000,
      run: async (_needs, { clock, signal }) => {
        calls += 1;
        await clock.sleep(800, signal);
        if (calls === 1) throw new Trouble('throttled');
        return calls;
      },
      detail: String,
    });
    expect(recordOf(await play(runbookOf(step)), 'twice')).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  test('a run that ends in time leaves nothing on the clock: a timer would keep the process alive', async () => {
    const clock = new CountingClock(startMs);
    const played = await play(runbookOf(takes('quick', 10)), { timeoutMs: 3_600_000, clock });
    expect(played.elapsedMs).toBe(10);
    expect(clock.pending).toBe(0);
  });
});

/** Three looks of rising length, and a conclusion that is unknown where any is missing. */
function concluding() {
  const quick = takes('quick', 100);
  const slow = takes('slow', 10_000);
  const never = takes('never', 10, { slow });
  const end = decide('end', {
    title: 'In short',
    needs: { quick: settled(quick), slow: settled(slow), never: settled(never) },
    run: (seen) => ({
      verdict: Object.values(seen).every((each) => each.known) ? ('ok' as const) : ('unknown' as const),
      quick: seen.quick.known,
    }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({ id: 'r', title: '', summary: '', steps: [quick, slow, never, end], conclusion: end });
}

describe("the run's limit", () => {
  test('ends what looks, and what decides still concludes from what was found', async () => {
    const played = await play(concluding(), { timeoutMs: 2_000 });
    expect(played.elapsedMs).toBe(2_000);
    expect(recordOf(played, 'quick').status).toBe('succeeded');
    expect(recordOf(played, 'slow')).toMatchObject({
      status: 'unknown',
      errorClass: 'deadline',
      detail: "the run's limit of 2 s was reached",
    });
    expect(recordOf(played, 'never')).toMatchObject({ status: 'blocked', attempts: 0 });
    expect(recordOf(played, 'end').status).toBe('succeeded');
    expect(played.result).toMatchObject({ verdict: 'unknown', outcome: { verdict: 'unknown', quick: true } });
  });

  test('a step that was to start after it is blocked by it', async () => {
    const first = takes('first', 1_000);
    const second = observe('second', {
      title: '',
      needs: { first: settled(first) },
      run: () => Promise.resolve(1),
      detail: String,
    });
    const played = await play(runbookOf(first, second), { timeoutMs: 500 });
    expect(recordOf(played, 'second')).toMatchObject({ status: 'blocked', errorClass: 'deadline', attempts: 0 });
  });

  test('a step that waits to be tried again says what it waited for', async () => {
    const step = observe('throttled', {
      title: '',
      retry: { attempts: { throttled: 5 }, baseDelayMs: 60_000, maxDelayMs: 60_000 },
      run: () => Promise.reject(new Trouble('throttled', 'rate exceeded')),
      detail: () => '',
    });
    const played = await play(runbookOf(step), { timeoutMs: 5_000 });
    expect(recordOf(played, 'throttled')).toMatchObject({
      status: 'unknown',
      attempts: 1,
      errorClass: 'deadline',
      detail: "rate exceeded; not tried again: the run's limit of 5 s was reached",
      durationMs: 5_000,
    });
  });
});

describe('an interruption', () => {
  test('blocks what runs and what waits, at once, and the verdict says so', async () => {
    const controller = new AbortController();
    const clock = new VirtualClock(startMs);
    const press = observe('ctrl-c', {
      title: '',
      run: async () => {
        await clock.sleep(250);
        controller.abort(new Error('SIGINT'));
      },
      detail: () => '',
    });
    const quick = takes('quick', 10);
    const slow = takes('slow', 60_000);
    const later = takes('later', 10, { slow });
    const played = await play(runbookOf(press, quick, slow, later, deaf('deaf')), { signal: controller.signal, clock });
    expect(played.result.verdict).toBe('interrupted');
    expect(played.elapsedMs).toBe(250);
    expect(recordOf(played, 'quick').status).toBe('succeeded');
    for (const id of ['slow', 'later', 'deaf']) expect(recordOf(played, id).status).toBe('blocked');
    expect(recordOf(played, 'slow').detail).toBe('the run was interrupted');
    expect(played.events.at(-1)).toMatchObject({ type: 'run.finished', verdict: 'interrupted' });
  });

  test('before the start, nothing looks at anything', async () => {
    let asked = 0;
    const step = observe('asks', {
      title: '',
      run: (_needs, { ports }) => ports.ask('anything'),
      detail: String,
    });
    const played = await play(runbookOf(step), {
      signal: AbortSignal.abort(),
      ports: {
        ask: () => {
          asked += 1;
          return Promise.resolve(1);
        },
      },
    });
    expect(asked).toBe(0);
    expect(played.result.verdict).toBe('interrupted');
    expect(recordOf(played, 'asks')).toMatchObject({ status: 'blocked', attempts: 0 });
    expect(eventsOf(played, 'step.started').map((event) => event.stepId)).not.toContain('asks');
  });

  test('is not waited for by a step between two attempts', async () => {
    const controller = new AbortController();
    const clock = new VirtualClock(startMs);
    const step = observe('throttled', {
      title: '',
      retry: { attempts: { throttled: 5 }, baseDelayMs: 60_000, maxDelayMs: 60_000 },
      run: () => Promise.reject(new Trouble('throttled', 'rate exceeded')),
      detail: () => '',
    });
    const press = observe('ctrl-c', {
      title: '',
      run: async () => {
        await clock.sleep(100);
        controller.abort();
      },
      detail: () => '',
    });
    const played = await play(runbookOf(step, press), { signal: controller.signal, clock });
    expect(played.elapsedMs).toBe(100);
    expect(recordOf(played, 'throttled')).toMatchObject({ status: 'blocked', attempts: 1 });
  });

  test('outranks a defect that comes with it', async () => {
    const controller = new AbortController();
    const clock = new VirtualClock(startMs);
    const both = observe('both', {
      title: '',
      run: async () => {
        await clock.sleep(10);
        controller.abort();
        throw new TypeError('and broken');
      },
      detail: () => '',
    });
    expect((await play(runbookOf(both), { signal: controller.signal, clock })).result.verdict).toBe('interrupted');
  });

  test('leaves no listener behind, however many steps there were', async () => {
    const controller = new AbortController();
    const steps = Array.from({ length: 40 }, (_, index) => takes(`step-${index}`, index));
    await play(runbookOf(...steps), { signal: controller.signal, timeoutMs: 60_000 });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

describe('a defect', () => {
  const broken = (afterMs: number) =>
    observe('broken', {
      title: '',
      run: async (_needs, { clock, signal }): Promise<number> => {
        await clock.sleep(afterMs, signal);
        throw new TypeError('undefined is not a function');
      },
      detail: String,
    });

  test('fails the run; what runs already ends, and nothing new is started', async () => {
    const quick = takes('quick', 500);
    const next = takes('next', 10, { quick });
    const played = await play(runbookOf(broken(100), quick, next));
    expect(played.result).toMatchObject({ verdict: 'failed', defect: new TypeError('undefined is not a function') });
    expect(recordOf(played, 'broken')).toMatchObject({ status: 'failed', errorClass: 'defect', attempts: 1 });
    expect(recordOf(played, 'quick').status).toBe('succeeded');
    expect(recordOf(played, 'next')).toMatchObject({
      status: 'blocked',
      detail: 'the run stopped before this step',
      attempts: 0,
    });
  });

  test('in a step that decides is one as well, and so is one in the line that tells what was found', async () => {
    const decides = decide('decides', {
      title: '',
      run: (): number => {
        throw new RangeError('cannot');
      },
      detail: String,
    });
    expect((await play(runbookOf(decides))).result.verdict).toBe('failed');
    const tells = observe('tells', {
      title: '',
      run: () => Promise.resolve({ list: [] as string[] }),
      detail: ({ list }) => list[0]?.toUpperCase() ?? JSON.parse('{'),
    });
    expect((await play(runbookOf(tells))).result.verdict).toBe('failed');
  });

  test('keeps the first of several', async () => {
    const second = observe('second', {
      title: '',
      run: async (_needs, { clock }): Promise<number> => {
        await clock.sleep(50);
        throw new TypeError('second');
      },
      detail: String,
    });
    const { result } = await play(runbookOf(broken(10), second));
    expect(result.defect).toEqual(new TypeError('undefined is not a function'));
  });

  test.each([['a text'], [undefined], [null], [{ errorClass: 'made-up' }]])(
    'may be anything thrown: %j',
    async (thrown) => {
      const step = observe('throws', { title: '', run: () => Promise.reject(thrown), detail: () => '' });
      expect((await play(runbookOf(step))).result.verdict).toBe('failed');
    },
  );

  test('ends a retry that waits', async () => {
    const throttled = observe('throttled', {
      title: '',
      retry: { attempts: { throttled: 2 }, baseDelayMs: 1_000, maxDelayMs: 1_000 },
      run: () => Promise.reject(new Trouble('throttled', 'rate exceeded')),
      detail: () => '',
    });
    const played = await play(runbookOf(throttled, broken(10)));
    expect(recordOf(played, 'throttled')).toMatchObject({
      status: 'blocked',
      attempts: 1,
      detail: 'rate exceeded; not tried again: the run stopped before this step',
    });
  });
});
