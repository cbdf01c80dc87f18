import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultText, survivalHeadline, survivalMarkdown } from '../../src/report/crash-table.ts';
import { survivalDocument } from '../../src/report/schemas.ts';
import { nasty } from '../terminal/nasty.ts';
import { broken, whole } from './survival.ts';

describe('what a runbook survives', () => {
  it.each([
    ['whole', whole],
    ['broken', broken],
  ])('reads well in Markdown: %s', async (name, survival) => {
    expect(survivalDocument.safeParse(survival).error).toBeUndefined();
    await expect(survivalMarkdown(survival)).toMatchFileSnapshot(`golden/survival-${name}.md`);
  });

  it('is whole only where everything that was tried was survived, and something was tried', () => {
    expect(survivalHeadline(whole).good).toBe(true);
    expect(survivalHeadline(broken).good).toBe(false);
    expect(survivalHeadline({ ...whole, rows: [], moments: 0, survived: 0 }).good).toBe(false);
    expect(survivalHeadline({ ...whole, survived: 44 }).good).toBe(false);
    expect(broken.rows.map(resultText)).toEqual(['survived', 'survived', 'did not survive', 'not tried']);
  });

  it('says so where it was not tried to the end', () => {
    expect(survivalHeadline({ ...whole, verdict: 'interrupted' })).toEqual({
      good: false,
      text: 'Interrupted: so far, latency survived 45 of 45 moments in 2 cases',
    });
  });

  it('has the same shape whatever its texts are', () => {
    const shape = (text: string): string[] =>
      survivalMarkdown({
        ...broken,
        runbook: text,
        rows: broken.rows.map((row) => ({
          ...row,
          scenario: text,
          fault: text,
          failures: row.failures.map(() => ({ moment: text, reason: text })),
        })),
      })
        .split('\n')
        .map((line) => /^(?:#+ |- `+|\| |\*\*|$)/.exec(line)?.[0].replaceAll('``', '`') ?? 'text');
    const expected = shape('x');
    fc.assert(
      fc.property(nasty, (text) => {
        expect(shape(`x${text.replaceAll('`', '')}`)).toEqual(expected);
      }),
    );
  });
});
