import { describe, expect, it } from 'vitest';
import { mermaid } from '../../src/report/mermaid.ts';
import { actingSteps } from '../terminal/acting.ts';
import { stepSummaries } from '../terminal/fixtures.ts';

describe('a Mermaid flowchart', () => {
  it('has every step with its kind as a shape, and the ways that do not follow from others', async () => {
    const text = mermaid({ id: 'latency', title: 'API latency spike', steps: stepSummaries });
    await expect(`${text}\n`).toMatchFileSnapshot('golden/latency.mmd');
  });

  it('has a shape of its own for every kind of step', async () => {
    const text = mermaid({ id: 'latency', title: 'API latency spike', steps: actingSteps });
    await expect(`${text}\n`).toMatchFileSnapshot('golden/acting.mmd');
    const shapes = text
      .split('\n')
      .flatMap((line) => /^ {2}s\d+([^"]+)"[^"]*"(.+)$/.exec(line)?.slice(1).join('…') ?? []);
    expect(new Set(shapes).size).toBe(new Set(actingSteps.map(({ kind }) => kind)).size);
  });

  it('cannot be told by a title how to draw', () => {
    const title = '%%{init: {"securityLevel": "loose"}}%%\n%%{wrap}%%';
    const [comment = '', ...rest] = mermaid({ id: title, title, steps: [] }).split('\n');
    expect(comment).toMatch(/^%% [^%{}"]+$/);
    expect(rest).toEqual(['flowchart TD']);
  });

  it('cannot be broken by a label, or by an id that means something to Mermaid', () => {
    const title = '"]; click s1 "javascript:alert(1)" %%{init: {}}%%\n`<b>` & #35;';
    const text = mermaid({ id: 'x', title: 'y', steps: [{ id: 'end', title, kind: 'decide', needs: [] }] });
    const [, , node = '', ...rest] = text.split('\n');
    expect(rest).toEqual([]);
    expect(node).toMatch(/^ {2}s1\{\{"end<br\/>[^"<>`{}[\]&%;]*(?:#\d+;[^"<>`{}[\]&%;]*)*"\}\}$/);
  });
});
