/** Runbooks are built only when they are sound: by the compiler where it sees them, at run time otherwise. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { callsOf, runbook, RunbookError, summarise } from '../../src/engine/runbook.ts';
import { settled, type Settled } from '../../src/engine/step.ts';
import { stepsFor } from '../../src/engine/steps-for.ts';
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
