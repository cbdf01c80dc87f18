/** When steps run: everything at once that can, in the order of the graph, told in full and the same every time. */
import { describe, expect, test } from 'vitest';
import { decide, eventsOf, observe, play, recordOf, runbookOf, startMs, takes, type AStep } from './kit.ts';

describe('wall time', () => {
  test('is the critical path, not the sum', async () => {
    const slow = takes('slow', 300);
    const quick = takes('quick', 100);
    const afterQuick = takes('after-quick', 150, { quick });
    const last = takes('last', 50, { slow, afterQuick });
    const played = await play(runbookOf(slow, quick, afterQuick, last));
    expect(played.elapsedMs).toBe(350);
    expect(eventsOf(played, 'run.finished')[0]).toMatchObject({ verdict: 'ok', durationMs: 350 });
    expect(recordOf(played, 'last')).toMatchObject({ startedAt: startMs + 300, durationMs: 50 });
  });

  test('a step starts when its own needs have ended, and waits for nobody else', async () => {
    const slow = takes('slow', 1_000);
    const quick = takes('quick', 10);
    const next = takes('next', 10, { quick });
    const played = await play(runbookOf(slow, quick, next));
    expect(recordOf(played, 'next').startedAt).toBe(startMs + 10);
  });

  test('a hundred steps of a second take a second', async () => {
    const steps = Array.from({ length: 100 }, (_, index) => takes(`step-${index}`, 1_000));
    expect((await play(runbookOf(...steps))).elapsedMs).toBe(1_000);
  });
});

describe('events', () => {
  test('tell the run from start to end, counted without gaps, in time order', async () => {
    const first = takes('first', 20);
    const second = takes('second', 10, { first });
    const { events } = await play(runbookOf(second, first));
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events.map((event) => event.at)).toEqual(events.map((event) => event.at).toSorted((a, b) => a - b));
    expect(events.map((event) => ('stepId' in event ? `${event.type} ${event.stepId}` : event.type))).toEqual([
      'run.started',
      'step.started first',
      'step.started end',
      'step.finished end',
      'step.finished first',
      'step.started second',
      'step.finished second',
      'run.finished',
    ]);
  });

  test('the first one lists every step with what it needs, before anything runs', async () => {
    const first = takes('first', 1);
    const second = takes('second', 1, { first });
    const { events } = await play(runbookOf(second, first));
    expect(events[0]).toMatchObject({
      type: 'run.started',
      runId: 'run-1',
      runbook: 'test',
      mode: 'observe',
      environment: 'prod',
      steps: [
        { id: 'first', kind: 'observe', needs: [] },
        { id: 'second', kind: 'observe', needs: ['first'] },
        { id: 'end', kind: 'decide', needs: [] },
      ],
    });
  });

  test('are the same to the byte for the same inputs', async () => {
    const build = () => {
      const a = takes('a', 30);
      const b = takes('b', 20);
      const flaky = observe('flaky', {
        title: 'Flaky',
        needs: { b },
        retry: { attempts: { throttled: 3 }, baseDelayMs: 100, maxDelayMs: 1_000 },
        run: async () => {
          throw Object.assign(new Error('slow down'), { errorClass: 'throttled' });
        },
        detail: () => '',
      });
      return runbookOf(a, b, flaky, takes('c', 5, { a, b }));
    };
    const dice = () => {
      let state = 42;
      return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    };
    const [first, second] = [await play(build(), { random: dice() }), await play(build(), { random: dice() })];
    expect(JSON.stringify(second.events)).toBe(JSON.stringify(first.events));
    expect(first.events.length).toBeGreaterThan(10);
  });

  test('a listener that throws fails the run, and does not leave it hanging', async () => {
    const heard: string[] = [];
    const { result } = await play(runbookOf(takes('a', 10), takes('b', 20)), {
      emit: (event) => {
        heard.push(event.type);
        if (event.type === 'step.finished') throw new Error('broken pipe');
      },
    });
    expect(result).toMatchObject({ verdict: 'failed', defect: new Error('broken pipe') });
    expect(heard.at(-1)).toBe('run.finished');
  });
});

describe('results', () => {
  test('values reach the steps that need them, with settings and the time', async () => {
    const asked: string[] = [];
    const cpu = observe('cpu', {
      title: 'CPU',
      run: (_needs, { ports }) => ports.ask('cpu'),
      detail: (value) => `CPU ${value} %`,
    });
    const judged = decide('judged', {
      title: 'Too high?',
      needs: { cpu },
      run: ({ cpu: value }, { settings, now }) => ({ high: value > settings.limit, now }),
      detail: ({ high, now }) => `${high} at ${now - startMs}`,
    });
    const played = await play(runbookOf(cpu, judged), {
      ports: {
        ask: (what) => {
          asked.push(what);
          return Promise.resolve(97);
        },
      },
    });
    expect(asked).toEqual(['cpu']);
    expect(recordOf(played, 'cpu')).toMatchObject({ status: 'succeeded', detail: 'CPU 97 %', attempts: 1 });
    expect(recordOf(played, 'judged').detail).toBe('true at 0');
  });

  test('the records stand in the order of the runbook, not in that of their ends', async () => {
    const { result } = await play(runbookOf(takes('slow', 500), takes('quick', 1)));
    expect(result.steps.map((step) => step.stepId)).toEqual(['slow', 'quick', 'end']);
  });
});

test('a chain of 1,000 steps, each needing all that a wide one found, runs without hurry', async () => {
  const wide = Array.from({ length: 500 }, (_, index) => takes(`wide-${index}`, 1));
  let previous: AStep = takes('link-0', 1, Object.fromEntries(wide.map((step) => [step.id, step])));
  const chain = [previous];
  for (let index = 1; index < 500; index += 1) {
    previous = takes(`link-${index}`, 1, { previous });
    chain.push(previous);
  }
  const played = await play(runbookOf(...chain.toReversed(), ...wide));
  expect(played.elapsedMs).toBe(501);
  expect(played.events.filter((event) => event.type === 'step.finished')).toHaveLength(1_001);
});
