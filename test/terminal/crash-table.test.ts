import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SurvivalDocument } from '../../src/report/schemas.ts';
import { crashTable } from '../../src/terminal/crash-table.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { broken, whole } from '../report/survival.ts';
import { nasty } from './nasty.ts';

const cases: readonly (readonly [string, SurvivalDocument])[] = [
  ['whole', whole],
  ['broken', broken],
];

describe.each(cases)('what a runbook survives: %s', (name, survival) => {
  it.each([60, 120])('reads well at %d columns', async (columns) => {
    const text = await crashTable(survival, { columns, color: false, verbose: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/survival-${name}-${columns}.txt`);
  });

  it('says by colour nothing that it does not say without', async () => {
    const plainly = await crashTable(survival, { columns: 80, color: false, verbose: false });
    const colored = await crashTable(survival, { columns: 80, color: true, verbose: false });
    expect(colored).not.toBe(plainly);
    expect(stripVTControlCharacters(colored)).toBe(plainly);
  });

  it.each([40, 60, 80, 120])('keeps within %d columns', async (columns) => {
    const lines = (await crashTable(survival, { columns, color: false, verbose: true })).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });
});

it('counts the failures that it leaves out, and leaves none out for who asks for everything', async () => {
  const some = await crashTable(broken, { columns: 120, color: false, verbose: false });
  const all = await crashTable(broken, { columns: 120, color: false, verbose: true });
  expect(some).toContain('and 1 more with -v');
  expect(some).not.toContain('after event 6');
  expect(all).toContain('after event 6');
});

it('lets no text of it reach the terminal as a command', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      const row = { scenario: text, fault: text, moments: 2, survived: 1, failures: [{ moment: text, reason: text }] };
      const survival: SurvivalDocument = { ...broken, runbook: text, rows: [row] };
      const shown = await crashTable(survival, { columns: 80, color: false, verbose: false });
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
