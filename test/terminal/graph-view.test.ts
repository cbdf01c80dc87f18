import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepSummary } from '../../src/engine/events.ts';
import { graphView, type Graph } from '../../src/terminal/graph-view.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { actingSteps } from './acting.ts';
import { stepSummaries } from './fixtures.ts';
import { nasty } from './nasty.ts';

function graphOf(steps: readonly StepSummary[]): Graph {
  return { id: 'latency', title: 'API latency spike', summary: 'Is the API slow, and what helps', steps };
}

function step(id: string, needs: readonly string[] = []): StepSummary {
  return { id, title: `About ${id}`, kind: needs.length === 0 ? 'observe' : 'decide', needs };
}

/** The drawn lines of the graph alone, each as its rails and its id. */
function rails(steps: readonly StepSummary[]): string[] {
  const lines = graphView(graphOf(steps), { columns: 100, color: false }).split('\n').slice(3, -2);
  return lines.map((line) => line.replace(/ {2}About .*/, '').trimEnd());
}

describe('a graph', () => {
  it.each([60, 80, 120])('reads well at %d columns', async (columns) => {
    const text = graphView(graphOf(stepSummaries), { columns, color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/graph-${columns}.txt`);
  });

  it.each([60, 120])('reads well where steps act, at %d columns', async (columns) => {
    const text = graphView(graphOf(actingSteps), { columns, color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/graph-acting-${columns}.txt`);
  });

  it('has a mark of its own for every kind of step, and says what it means', () => {
    const text = graphView(graphOf(actingSteps), { columns: 200, color: false });
    const kinds = new Set(actingSteps.map(({ kind }) => kind));
    expect(kinds.size).toBe(8);
    const legend = text.split('\n').at(-1)?.split('; ').slice(0, -1) ?? [];
    expect(new Set(legend.map((each) => each[0])).size).toBe(8);
    expect(legend).toContain('● changes something');
  });

  it.each([40, 60, 80, 120])('keeps within %d columns', (columns) => {
    const lines = graphView(graphOf(stepSummaries), { columns, color: false }).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  it('joins what feeds one step into one rail', () => {
    expect(rails([step('a'), step('b'), step('c', ['a', 'b'])])).toEqual(['╭─○ a', '├─○ b', '╰─◆ c']);
  });

  it('leaves out a way that follows from another', () => {
    const chain = [step('a'), step('b', ['a']), step('c', ['b'])];
    expect(rails([...chain.slice(0, 2), step('c', ['a', 'b'])])).toEqual(rails(chain));
  });

  it('does not let rails touch that only cross', () => {
    const drawn = rails([step('a'), step('b'), step('c', ['a']), step('d', ['b', 'c'])]);
    expect(drawn).toEqual(['╭───○ a', '│ ╭─○ b', '╰─┼─◆ c', '  ╰─◆ d']);
    expect(rails([step('a'), step('b'), step('x', ['b']), step('y', ['a'])])).toEqual([
      '╭───○ a',
      '│ ╭─○ b',
      '│ ╰─◆ x',
      '╰───◆ y',
    ]);
  });

  it('draws every step once, below all that it needs', () => {
    const graphs = fc
      .integer({ min: 1, max: 12 })
      .chain((size) =>
        fc.tuple(
          ...Array.from({ length: size }, (_each, index) =>
            fc.subarray(Array.from({ length: index }, (_, at) => `s${at}`)),
          ),
        ),
      )
      .map((needs) => needs.map((each, index) => step(`s${index}`, each)));
    fc.assert(
      fc.property(graphs, (steps) => {
        const order = rails(steps).map((line) => line.split(' ').at(-1) ?? '');
        expect(order.toSorted()).toEqual(steps.map(({ id }) => id).toSorted());
        for (const { id, needs } of steps) {
          for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
        }
      }),
    );
  });

  it('lets no text of a runbook reach the terminal as a command', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const steps = [{ id: text, title: text, kind: 'observe' as const, needs: [] }];
        const shown = graphView({ id: text, title: text, summary: text, steps }, { columns: 80, color: false });
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
