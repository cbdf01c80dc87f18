import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runDocument } from '../../src/report/schemas.ts';
import { summaryLines, type SummaryOptions } from '../../src/terminal/run-summary.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { infected, recoveries } from '../report/recovery.ts';
import { nasty } from './nasty.ts';

const names = Object.keys(recoveries) as (keyof typeof recoveries)[];

function shown(name: keyof typeof recoveries, options: Partial<SummaryOptions> = {}): string {
  const all = { columns: 120, color: false, verbosity: 0, timeZone: 'UTC', ...options } as const;
  return `${summaryLines(recoveries[name], all).join('\n')}\n`;
}

describe.each(names)('a recovery that ends "%s"', (name) => {
  it('is a document as scripts expect it', () => {
    expect(runDocument.safeParse(recoveries[name]).error).toBeUndefined();
  });

  it.each([60, 120])('reads well at %d columns', async (columns) => {
    await expect(shown(name, { columns })).toMatchFileSnapshot(`golden/recovery-${name}-${columns}.txt`);
  });

  it.each([60, 120])('reads well in colour at %d columns', async (columns) => {
    const text = shown(name, { columns, color: true });
    expect(stripVTControlCharacters(text)).toBe(shown(name, { columns }));
    await expect(text.replaceAll('\u001b', '␛')).toMatchFileSnapshot(`golden/recovery-${name}-${columns}-color.txt`);
  });

  it.each([40, 60, 79, 80, 120, 200])('keeps within %d columns, also with -v', (columns) => {
    for (const verbosity of [0, 1] as const) {
      const lines = shown(name, { columns, verbosity }).split('\n');
      expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    }
  });

  it('lets no text of it reach the terminal as a command', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom(0 as const, 1 as const), (text, verbosity) => {
        const options = { columns: 100, color: false, verbosity, timeZone: 'UTC' };
        const lines = summaryLines(infected(recoveries[name], text), options).join('\n');
        expect(lines.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a recovery', () => {
  it('tells both ways, the way there first', () => {
    const text = shown('drill');
    expect(text.indexOf('Objectives, way there')).toBeLessThan(text.indexOf('Objectives, way back'));
    expect(text).toContain('detect 0:04 · decide 0:11 · execute 4:19 · verify 0:40 · clients 1:00');
  });

  it('calls what is not measured that, and never met', () => {
    const text = shown('unmeasured');
    expect(text).toMatch(/RPO +not measured \(objective 15 min, predicted 1 s\).*\? not known/);
    expect(text).toMatch(/RTO +6 min 14 s of 1 h.*✓ met/);
    expect(shown('failed')).not.toMatch(/✓ met/);
  });

  it('tells what a dry run predicts from what was measured', () => {
    const text = shown('rehearsed');
    expect(text).toMatch(/RTO +predicted 6 min 42 s of 1 h +▒░{9} +✓ would be met/);
    expect(text).not.toMatch(/✓ met|█/);
  });

  it('marks a miss, and fills its bar', () => {
    expect(shown('missed')).toMatch(/RTO +1 h 12 min of 1 h +█{10} +✗ missed/);
  });

  it('compares with the plan of minutes for who asks for more', () => {
    expect(shown('drill')).not.toContain('Against the plan');
    expect(shown('drill', { verbosity: 1 })).toMatch(
      /Database +planned 5 min +predicted 3 min 2 s +measured 3 min 36 s/,
    );
  });

  it('warns of two writers', () => {
    expect(shown('failover')).toContain('Split brain is possible');
  });
});
