/** `nanoops tune` end to end, on the simulated AWS. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { iamActionOf } from '../../src/iam/actions.ts';
import { tuneChecks } from '../../src/checks/tune/checks.ts';
import { runMain } from '../support/run-main.ts';

interface Report {
  readonly verdict: string;
  readonly checks: readonly { readonly id: string; readonly status: string; readonly summary: string }[];
  readonly api: { readonly mutations: number; readonly byOperation: Readonly<Record<string, number>> };
}

async function tune(...words: readonly string[]): Promise<Report & { readonly exitCode: number }> {
  const { exitCode, stdout, stderr } = await runMain(['tune', ...words, '-o', 'json']);
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as Report), exitCode };
}

const statusesOf = ({ checks }: Report) => Object.fromEntries(checks.map(({ id, status }) => [id, status]));

test('a healthy stack is ok in everything, and every operation was declared', async () => {
  const report = await tune('--sandbox');
  expect(report.checks.map(({ id }) => id)).toEqual(tuneChecks.map(({ id }) => id));
  expect(new Set(report.checks.map(({ status }) => status))).toEqual(new Set(['ok']));
  expect(report).toMatchObject({ exitCode: 0, verdict: 'ok', api: { mutations: 0 } });
  const declared = tuneChecks.flatMap(({ observations }) => observations.flatMap(({ calls }) => calls));
  expect(declared).toEqual(expect.arrayContaining(Object.keys(report.api.byOperation)));
});

test('an untuned one is told of in each part', async () => {
  const report = await tune('--sandbox', 'untuned');
  const statuses = statusesOf(report);
  const fine = Object.entries(statuses).flatMap(([id, status]) => (status === 'ok' ? [id] : []));
  expect(fine).toEqual(['tune-pool-recycle', 'tune-query-cache', 'tune-cache-hit-rate', 'tune-cache-evictions']);
  expect(statuses['tune-pool-size']).toBe('breach');
  expect(report.exitCode).toBe(1);
  expect(JSON.stringify(report)).toContain('CREATE FULLTEXT INDEX ft_nanos_title ON nano_prod.nanos (title);');
});

test('a lost index shows as a full scan and as a candidate', async () => {
  const statuses = statusesOf(await tune('database', '--sandbox', 'slow-query'));
  expect(statuses).toMatchObject({ 'tune-full-scans': 'warning', 'tune-missing-indexes': 'warning' });
  expect(Object.keys(statuses)).not.toContain('tune-compression');
});

test('a region that is gone leaves unknown what was there, and asks the site all the same', async () => {
  const report = await tune('--sandbox', 'region-down');
  expect(statusesOf(report)).toMatchObject({
    'tune-slow-statements': 'unknown',
    'tune-cache-ttls': 'unknown',
    'tune-static-caching': 'ok',
    'tune-cdn-ttl': 'ok',
  });
  expect(report.exitCode).toBe(3);
});

test('the other region has no connection of its own', async () => {
  const { checks } = await tune('--sandbox', '--region', 'us-east-1');
  expect(checks.find(({ id }) => id === 'tune-slow-statements')).toMatchObject({
    status: 'not-configured',
    summary: 'database.connection leads to us-west-2',
  });
});

test('a part that there is not is refused', async () => {
  const { exitCode, stderr } = await runMain(['tune', 'nothing', '--sandbox']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('database');
});

test('the policy that its page gives is what its checks call', async () => {
  const page = await readFile(new URL('../../docs/tuning.md', import.meta.url), 'utf8');
  const policy: unknown = JSON.parse(/```json\n([^]*?)```/.exec(page)?.[1] ?? '');
  const calls = tuneChecks.flatMap(({ observations }) => observations.flatMap((each) => each.calls));
  const actions = new Set(calls.map((call) => iamActionOf(call.split(':')[0] ?? '', call.split(':')[1] ?? '')));
  expect(policy).toMatchObject({ Statement: [{ Action: [...actions].toSorted() }] });
});
