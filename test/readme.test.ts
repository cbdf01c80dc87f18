/** What the README promises about permissions is what the runbook declares, no more and no less. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { callsOf } from '../src/engine/runbook.ts';
import { latency } from '../src/runbooks/latency.ts';

/** S3 names some of its actions other than the operations that need them. */
const actionOf: Readonly<Record<string, string>> = {
  's3:ListBucketMetricsConfigurations': 's3:GetMetricsConfiguration',
};

test('the policy in the README is what a diagnosis needs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const policies = [...readme.matchAll(/```json\n(\{[^]*?\n\})\n```/g)].map(([, json]) => JSON.parse(json ?? ''));
  const [policy] = policies.filter((each) => each.Version === '2012-10-17');
  const needed = callsOf(latency.steps).map((call) => actionOf[call] ?? call);
  expect(policy.Statement[0].Action.toSorted()).toEqual(needed.toSorted());
});
