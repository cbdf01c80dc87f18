/** What the page on notifications says of permissions is what the clients of those who are told may send. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { actionsFor } from '../../src/iam/actions.ts';

test('the policy for telling is what the clients of those who are told may send', async () => {
  const page = await readFile(new URL('../../docs/notifications.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n(\{\n {2}"Version"[^]*?\n\})\n```/.exec(page) ?? [];
  const [{ Sid: id, Action: told }] = JSON.parse(json).Statement;
  expect(id).toBe('Tell');
  const files = ['notify/sns.ts', 'notify/eventbridge.ts', 'own-metrics.ts'];
  const sources = await Promise.all(
    files.map((file) => readFile(new URL(`../../src/aws/${file}`, import.meta.url), 'utf8')),
  );
  const sent = sources.flatMap((source) =>
    [...source.matchAll(/(?:changes: |only = )\['([\w:]+)'/g)].map(([, name = '']) => name),
  );
  expect(sent).toHaveLength(files.length);
  expect(told).toEqual(actionsFor(sent));
});
