/** The page of every key is what the schema says: `node scripts/config-reference.js` makes it anew. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationReference } from '../../scripts/config-reference.js';
import { runMain } from '../support/run-main.ts';

/** How wide a table is set, and what is escaped in it, is the formatter's business. */
const plain = (text: string): string => text.replaceAll(/-{3,}/g, '---').replaceAll(/ {2,}/g, ' ').replaceAll('\\', '');

test('the reference of the configuration is up to date', async () => {
  const { stdout } = await runMain(['config', 'schema']);
  const page = await readFile(join(import.meta.dirname, '../../docs/configuration-reference.md'), 'utf8');
  expect(plain(page)).toBe(plain(configurationReference(JSON.parse(stdout))));
});
