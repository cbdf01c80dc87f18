/** Database unavailable, acted upon on the simulated AWS: the world is healed where it can be, and nothing is flipped back. */
import { describe, expect, test } from 'vitest';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { callsOf } from '../../src/engine/runbook.ts';
import { resumeRun } from '../../src/use-cases/run-runbook.ts';
import { databaseUnavailable } from '../../src/runbooks/database-unavailable.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { inTier } from '../support/tier.ts';
import { simulated } from './database-unavailable/simulated.ts';

const yes: Answer = { kind: 'given', by: 'ana', how: 'prompt' };
const absent: Answer = { kind: 'absent', reason: 'nobody is there', nextSteps: [] };
/** Agrees to changes, and has done nothing by hand. */
const agrees = ({ kind }: AskedQuestion): Answer => (kind === 'manual' ? absent : yes);

const scenarios = listScenarios().filter(({ runbook }) => runbook === databaseUnavailable.id);

describe.each(scenarios)('$id is diagnosed', ({ id, truth }) => {
  test.each(inTier({ all: [1, 2, 3], some: [1] }))('seed %i', async (seed) => {
    const { document } = await simulated(databaseUnavailable, { scenario: id, seed });
    const [first] = document.causes;
    expect({ cause: first?.cause, component: first?.component, exitCode: document.exitCode }).toEqual(truth);
    expect(first?.remediation?.summary).toBeTruthy();
    expect(document.api.mutations).toBe(0);
    expect(callsOf(databaseUnavailable.steps)).toEqual(expect.arrayContaining(Object.keys(document.api.byOperation)));
  });
});

test('a healthy database needs nothing', async () => {
  const { document } = await simulated(databaseUnavailable, { scenario: 'healthy', mode: 'execute' });
  expect(document).toMatchObject({ verdict: 'ok', causes: [], mutations: [], notes: [] });
});

test('a writer that nobody reaches is replaced by the reader, once, and connections come back', async () => {
  const { document, asked, told, step } = await simulated(databaseUnavailable, {
    scenario: 'writer-unreachable',
    mode: 'execute',
    answer: agrees,
  });
  expect(document.verdict).toBe('ok');
  expect(document.api.byOperation['rds:FailoverDBCluster']).toBe(1);
  expect(document.mutations).toMatchObject([
    { stepId: 'fail-over', status: 'applied', before: { writer: 'nano-db-1' }, after: { writer: 'nano-db-2' } },
  ]);
  expect(step('failed-over')?.detail).toContain('nano-db-2 writer available');
  expect(step('connections-back')?.detail).toMatch(/^(?:no|[12]) connection errors/);
  expect(asked.map(({ stepId }) => stepId)).toEqual(['approve-fail-over']);
  expect(asked[0]?.facts.join('\n')).toMatch(/nano-db-2[^]*under 60 s[^]*nothing that was committed is lost/);
  expect(told.map(({ severity }) => severity)).toEqual(['critical', 'info']);
  expect(document.outcome).toMatchObject({
    helped: true,
    summary: expect.stringMatching(/^connections are made again/),
  });
});

test('without a reader a new cluster is restored, and a person is told what is left to do', async () => {
  const { document, asked, step, cloud } = await simulated(databaseUnavailable, {
    scenario: 'writer-unreachable-no-reader',
    mode: 'execute',
    answer: agrees,
  });
  expect(document.verdict).toBe('awaiting-approval');
  expect(document.mutations?.map(({ operation }) => operation)).toEqual([
    'rds:RestoreDBClusterToPointInTime',
    'rds:CreateDBInstance',
  ]);
  const cluster = String(document.mutations?.[0]?.after?.['cluster']);
  expect(await cloud.facts.databaseState({ region: 'us-west-2', cluster })).toMatchObject({
    status: 'available',
    instances: [{ role: 'writer', status: 'available' }],
  });
  expect(asked.map(({ stepId }) => stepId)).toEqual(['approve-restore', 'point-application']);
  const facts = asked.map((each) => each.facts.join('\n'));
  expect(facts[0]).toMatch(/what was written after that is not in it/);
  expect(facts[0]).toMatch(/10 to 30 minutes or more/);
  expect(facts[1]).toContain(`--db-cluster-identifier ${cluster} --query 'DBClusters[0].Endpoint'`);
  expect(step('point-application')?.status).toBe('suspended');
});

test('a failover that comes to nothing is not undone, and a restore is offered in the same run', async () => {
  const { document, asked, step } = await simulated(databaseUnavailable, {
    scenario: 'failover-fails',
    mode: 'execute',
    answer: (question) => (question.stepId === 'approve-restore' ? absent : yes),
  });
  expect(document.verdict).toBe('awaiting-approval');
  expect(step('failed-over')).toMatchObject({ status: 'succeeded' });
  expect(step('failed-over')?.detail).toMatch(/^the failover came to nothing/);
  expect(document.api.byOperation['rds:FailoverDBCluster']).toBe(1);
  // The writer is the one that it was: nothing of the failover stays.
  expect(document.mutations).toMatchObject([{ operation: 'rds:FailoverDBCluster', status: 'reverted' }]);
  expect(asked.at(-1)?.facts.join('\n')).toMatch(/the failover came to nothing[^]*another failover may work/);
  expect(step('restore-cluster')?.status).not.toBe('succeeded');
});

test('a failover under way is waited for, and nothing is added to it', async () => {
  const { document, step, asked } = await simulated(databaseUnavailable, {
    scenario: 'failover-under-way',
    mode: 'execute',
  });
  expect(document).toMatchObject({ verdict: 'ok', mutations: [] });
  expect(step('failover-awaited')?.detail).toContain('nano-db-2 writer available');
  expect(asked).toEqual([]);
});

test('tasks that write to the old writer are replaced', async () => {
  const { document, asked } = await simulated(databaseUnavailable, { scenario: 'read-only-writer', mode: 'execute' });
  expect(document.verdict).toBe('ok');
  expect(document.mutations).toMatchObject([{ stepId: 'restart-tasks', operation: 'ecs:UpdateService' }]);
  expect(asked[0]?.changes[0]?.risk).toBe('irreversible');
});

test.each(['too-many-connections', 'database-credentials', 'security-group-changed', 'pool-exhausted-not-database'])(
  '%s is never failed over',
  async (scenario) => {
    const { document, asked } = await simulated(databaseUnavailable, { scenario, mode: 'execute' });
    expect(document).toMatchObject({ verdict: 'attention', mutations: [] });
    expect(document.causes[0]?.remediation?.summary).toContain('a failover would not help');
    expect(asked).toEqual([]);
  },
);

test('a failover whose answer was lost is not sent again: that would flip it back', async () => {
  const { document } = await simulated(databaseUnavailable, {
    scenario: 'writer-unreachable',
    mode: 'execute',
    fates: ({ operation }) => (operation === 'FailoverDBCluster' ? { kind: 'lost', latencyMs: 40 } : undefined),
  });
  expect(document.verdict).toBe('ok');
  expect(document.api.byOperation['rds:FailoverDBCluster']).toBe(1);
});

test('what nobody agreed to is the same plan minutes later, and is done once somebody does', async () => {
  let answer: Answer = absent;
  const begun = await simulated(databaseUnavailable, {
    scenario: 'writer-unreachable',
    mode: 'execute',
    answer: () => answer,
  });
  expect(begun.document).toMatchObject({ verdict: 'awaiting-approval', mutations: [] });
  await begun.clock.sleep(130_000, new AbortController().signal);
  answer = yes;
  const { records } = await begun.state.journals.read(begun.document.runId);
  const document = await resumeRun(begun.session, { runbook: databaseUnavailable, records, purpose: 'continue' });
  expect(document.verdict).toBe('ok');
  expect(new Set(begun.asked.map(({ hash }) => hash)).size).toBe(1);
});

test('after a failover that came to nothing, another run may try again', async () => {
  const options = { scenario: 'failover-fails', mode: 'execute' } as const;
  const first = await simulated(databaseUnavailable, {
    ...options,
    answer: ({ stepId }) => (stepId === 'approve-fail-over' ? yes : absent),
  });
  const document = await first.again();
  expect(document.verdict).toBe('ok');
  expect(document.mutations).toMatchObject([{ stepId: 'fail-over', status: 'applied' }]);
});
