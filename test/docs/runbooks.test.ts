/** The page of the runbooks shows them as they are: `node scripts/runbook-graphs.js` makes it anew. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runbookPage } from '../../scripts/runbook-graphs.js';
import { runMain } from '../support/run-main.ts';

/** How prose is broken into lines is the formatter's business. */
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('the graphs of the runbooks are up to date', async () => {
  const { items } = JSON.parse((await runMain(['runbook', 'list', '--json'])).stdout);
  const graphs = new Map<string, string>();
  for (const { id } of items) graphs.set(id, (await runMain(['runbook', 'show', id, '--format', 'mermaid'])).stdout);
  const page = await readFile(join(import.meta.dirname, '../../docs/runbooks.md'), 'utf8');
  expect(graphs.size).toBeGreaterThan(6);
  expect(plain(page)).toBe(plain(runbookPage(items, (id) => graphs.get(id) ?? '')));
});
