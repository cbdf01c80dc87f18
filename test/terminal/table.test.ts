import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListDocument } from '../../src/report/schemas.ts';
import { listTable, type Column } from '../../src/terminal/table.ts';
import { widthOf } from '../../src/terminal/text.ts';
import { nasty } from './nasty.ts';

const scenarios: ListDocument = {
  schema: 'nanoops/list@1',
  items: [
    { id: 'healthy', runbook: 'latency', summary: 'nothing is wrong' },
    {
      id: 'connection-pool-exhausted',
      runbook: 'latency',
      summary: 'the application holds all its connections to the database, and requests wait for one',
    },
    { id: 'metrics-missing', runbook: 'latency', summary: 'the telemetry is gone: nobody can tell' },
  ],
};

const columns: readonly Column[] = [
  { title: 'scenario', text: ({ id }) => id },
  { title: 'runbook', text: ({ runbook }) => String(runbook) },
  { title: 'what happens', text: ({ summary }) => String(summary) },
];

describe('a list', () => {
  it.each([40, 80, 120])('reads well at %d columns', async (width) => {
    const text = await listTable(scenarios, columns, { columns: width, color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/list-${width}.txt`);
  });

  it.each([40, 60, 80, 120, 200])('keeps within %d columns', async (width) => {
    const text = await listTable(scenarios, columns, { columns: width, color: false });
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('says so where there is nothing', async () => {
    expect(await listTable({ ...scenarios, items: [] }, columns, { columns: 80, color: false })).toBe(
      'nothing to list',
    );
    const options = { columns: 40, color: false, whenEmpty: 'no run is kept yet: what acts is listed here' };
    expect(await listTable({ ...scenarios, items: [] }, columns, options)).toBe(
      'no run is kept yet: what acts is listed\nhere',
    );
  });

  it('lets no text of an item reach the terminal as a command', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        const list: ListDocument = { schema: 'nanoops/list@1', items: [{ id: text, runbook: text, summary: text }] };
        const shown = await listTable(list, columns, { columns: 80, color: false });
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
