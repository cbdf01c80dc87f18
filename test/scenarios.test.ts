/** Every scenario of the sandbox states its truth, and the diagnosis has to find it: rank 1, component, exit code. */
import { afterAll, describe, expect, test } from 'vitest';
import { callsOf } from '../src/engine/runbook.ts';
import { errors } from '../src/runbooks/errors.ts';
import { latency } from '../src/runbooks/latency.ts';
import { listScenarios } from '../src/sandbox/scenarios/index.ts';
import { runMain } from './support/run-main.ts';
import { inTier } from './support/tier.ts';

const seeds = inTier({ all: [1, 2, 3, 4, 5, 6, 7, 8], some: [1] });
const scenarios = listScenarios().filter(({ runbook }) => runbook === 'latency' || runbook === 'errors');
const declared = { latency: callsOf(latency.steps), errors: callsOf(errors.steps) };
const confusion = new Map<string, Map<string, number>>();

afterAll(() => {
  const truths = scenarios.map((scenario) => scenario.id);
  const answers = [...new Set([...confusion.values()].flatMap((row) => [...row.keys()]))].toSorted();
  const rows = truths.map((truth) => [
    truth,
    ...answers.map((answer) => String(confusion.get(truth)?.get(answer) ?? '·')),
  ]);
  const width = Math.max(...truths.map((truth) => truth.length));
  const legend = answers.map((answer, index) => `${index + 1} ${answer}`).join(', ');
  const lines = rows.map(
    ([truth = '', ...counts]) => `${truth.padEnd(width)}  ${counts.map((count) => count.padStart(3)).join('')}`,
  );
  const head = ' '.repeat(width + 2) + answers.map((_answer, index) => String(index + 1).padStart(3)).join('');
  console.log(`\nScenarios and first answers, ${seeds.length} seeds each\n${head}\n${lines.join('\n')}\n(${legend})`);
});

describe.each(scenarios)('$id', ({ id, runbook, truth }) => {
  const diagnosis = runbook === 'errors' ? 'errors' : 'latency';

  test.each(seeds)('seed %i', async (seed) => {
    const { exitCode, stdout, stderr } = await runMain([
      ...['diagnose', diagnosis, '--sandbox', id, '--seed', String(seed), '--json'],
    ]);
    expect(stderr).toBe('');
    const run = JSON.parse(stdout);
    const first = run.causes?.[0];
    const answer = first?.cause ?? `none (${run.verdict})`;
    const row = confusion.get(id) ?? new Map<string, number>();
    row.set(answer, (row.get(answer) ?? 0) + 1);
    confusion.set(id, row);

    expect({ cause: first?.cause ?? null, component: first?.component ?? null, exitCode }).toEqual(truth);
    expect(run.exitCode).toBe(exitCode);
    expect(run.api.mutations).toBe(0);
    expect(run.api.calls).toBeGreaterThan(5);
    expect(declared[diagnosis]).toEqual(expect.arrayContaining(Object.keys(run.api.byOperation)));
  });
});

describe('5xx are no news', () => {
  test.each(seeds)('in a healthy world, seed %i', async (seed) => {
    const { exitCode, stdout } = await runMain([
      ...['diagnose', 'errors', '--sandbox', 'healthy', '--seed', String(seed), '--json'],
    ]);
    expect([exitCode, JSON.parse(stdout).causes]).toEqual([0, []]);
  });
});

/** What other incidents do to requests, and whom a diagnosis of errors holds to it; another name for the same is right. */
const felt = inTier<readonly (readonly [string, string, string])[]>({
  all: [
    ['memory-pressure', 'memory-pressure', 'nano-api'],
    ['slow-query', 'database-failing', 'nano-db'],
    ['connection-pool-exhausted', 'connection-pool-exhausted', 'nano-api'],
    ['downstream-dependency', 'dependency-failing', 'moderation.example.com'],
    ['network-az', 'network-az', 'us-west-2b'],
    ['traffic-surge', 'service-overloaded', 'nano-api'],
    ['bad-deploy', 'bad-deploy', 'nano-api'],
    ['deployment-in-progress', 'bad-deploy', 'nano-api'],
    ['crash-loop-without-deployment', 'targets-unreachable', 'nano-api'],
    ['writer-unreachable', 'database-failing', 'nano-db'],
    ['too-many-connections', 'database-failing', 'nano-db'],
    ['read-only-writer', 'database-failing', 'nano-db'],
    ['database-credentials', 'database-failing', 'nano-db'],
    ['security-group-changed', 'database-failing', 'nano-db'],
    ['pool-exhausted-not-database', 'connection-pool-exhausted', 'nano-api'],
  ],
  some: [
    ['network-az', 'network-az', 'us-west-2b'],
    ['writer-unreachable', 'database-failing', 'nano-db'],
  ],
});

test.each(felt)('errors in %s are laid at %s, %s', async (scenario, cause, component) => {
  const { stdout } = await runMain(['diagnose', 'errors', '--sandbox', scenario, '--json']);
  expect(JSON.parse(stdout).causes[0]).toMatchObject({ cause, component });
});

test('the scenarios that a latency diagnosis must know are all there', () => {
  expect(scenarios.map((scenario) => scenario.id)).toEqual(
    expect.arrayContaining([
      ...['healthy', 'cpu-saturated', 'memory-pressure', 'slow-query', 'connection-pool-exhausted', 's3-slow'],
      ...['cache-cold', 'downstream-dependency', 'network-az', 'traffic-surge', 'bad-deploy', 'transient'],
      'metrics-missing',
    ]),
  );
});

test('the same seed gives the same run, to the byte', async () => {
  const words = ['diagnose', 'latency', '--sandbox', 'cache-cold', '--seed', '42', '-o', 'ndjson'];
  const [first, second] = [await runMain(words), await runMain(words)];
  expect(first.stdout.split('\n').length).toBeGreaterThan(20);
  expect(second).toEqual(first);
});
