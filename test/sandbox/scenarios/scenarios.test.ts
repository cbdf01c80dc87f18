/** The scenarios that come with nanoops, and what a broken one is answered. */
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import { NanoopsError } from '../../../src/errors.ts';
import { listScenarios, loadScenario, resolveTruth } from '../../../src/sandbox/scenarios/index.ts';
import { parseScenario, resolveFaults } from '../../../src/sandbox/scenarios/scenario.ts';
import { openSandbox, sandboxConfig, sandboxConfigFor } from '../../../src/sandbox/sandbox.ts';
import { snapshotOf } from '../../../src/sandbox/world/snapshot.ts';
import { resolveNames, sandboxStack } from '../../../src/sandbox/world/names.ts';

function refusal(act: () => unknown): NanoopsError {
  try {
    act();
  } catch (error) {
    if (error instanceof NanoopsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('every scenario states its truth in the names of the sandbox', () => {
  expect(
    listScenarios().map(({ id, runbook, truth }) => [id, runbook, truth.cause, truth.component, truth.exitCode]),
  ).toEqual([
    ['healthy', 'latency', null, null, 0],
    ['cpu-saturated', 'latency', 'cpu-saturated', 'nano-api', 1],
    ['memory-pressure', 'latency', 'memory-pressure', 'nano-api', 1],
    ['slow-query', 'latency', 'slow-query', 'nano-db', 1],
    ['connection-pool-exhausted', 'latency', 'connection-pool-exhausted', 'nano-api', 1],
    ['s3-slow', 'latency', 's3-slow', 'nano-zips', 1],
    ['cache-cold', 'latency', 'cache-cold', 'nano-cache', 1],
    ['downstream-dependency', 'latency', 'downstream-dependency', 'moderation.example.com', 1],
    ['network-az', 'latency', 'network-az', 'us-west-2b', 1],
    ['traffic-surge', 'latency', 'traffic-surge', 'nano-api', 1],
    ['bad-deploy', 'latency', 'bad-deploy', 'nano-api', 1],
    ['transient', 'latency', 'transient', 'nano-api', 0],
    ['metrics-missing', 'latency', null, null, 3],
    ['autoscaling-undoes', 'latency', 'cpu-saturated', 'nano-api', 1],
    ['deployment-in-progress', 'latency', 'bad-deploy', 'nano-api', 1],
    ['scale-out-does-not-help', 'latency', 'cpu-saturated', 'nano-api', 1],
    ['crash-loop', 'crash-loop', 'crash-loop', 'nano-api', 1],
    ['crash-loop-without-deployment', 'crash-loop', 'crash-loop-without-deployment', 'nano-api', 1],
    ['crash-loop-deployment-in-progress', 'crash-loop', 'crash-loop', 'nano-api', 1],
    ['tasks-replaced', 'crash-loop', null, null, 0],
    ['deploy-failing', 'errors', 'bad-deploy', 'nano-api', 1],
    ['dependency-failing', 'errors', 'dependency-failing', 'moderation.example.com', 1],
    ['database-failing', 'errors', 'database-failing', 'nano-db', 1],
    ['storage-throttled', 'errors', 'storage-throttled', 'nano-zips', 1],
    ['targets-unreachable', 'errors', 'targets-unreachable', 'nano-api', 1],
    ['errors-creeping', 'errors', 'dependency-failing', 'moderation.example.com', 1],
    ['deploy-coincides', 'errors', 'dependency-failing', 'moderation.example.com', 1],
    ['client-errors', 'errors', null, null, 0],
    ['writer-unreachable', 'database-unavailable', 'writer-unreachable', 'nano-db', 1],
    ['writer-unreachable-no-reader', 'database-unavailable', 'writer-unreachable', 'nano-db', 1],
    ['failover-under-way', 'database-unavailable', 'failover-under-way', 'nano-db', 1],
    ['failover-fails', 'database-unavailable', 'writer-unreachable', 'nano-db', 1],
    ['too-many-connections', 'database-unavailable', 'too-many-connections', 'nano-db', 1],
    ['read-only-writer', 'database-unavailable', 'read-only-writer', 'nano-db', 1],
    ['database-credentials', 'database-unavailable', 'database-credentials', 'nano-db', 1],
    ['security-group-changed', 'database-unavailable', 'security-group-changed', 'nano-db', 1],
    ['pool-exhausted-not-database', 'database-unavailable', 'connection-pool-exhausted', 'nano-api', 1],
    ['region-down', 'region-failover', 'region-down', 'us-west-2', 1],
    ['region-impaired', 'region-failover', 'region-impaired', 'us-west-2', 1],
    ['replication-stalled', 'region-failover', 'replication-stalled', 'nano-db-dr', 1],
    ['headless-secondary', 'region-failover', 'headless-secondary', 'nano-db-dr', 1],
    ['version-mismatch', 'region-failover', 'version-mismatch', 'nano-db-dr', 1],
    ['failover-stuck', 'region-failover', 'failover-stuck', 'nano-db-dr', 1],
    ['dns-control-plane-down', 'region-failover', 'dns-control-plane-down', 'api.nano.example', 1],
    ['split-brain-risk', 'region-failover', 'split-brain-risk', 'us-west-2', 1],
    ['capacity-short', 'region-failover', 'capacity-short', 'nano-api', 1],
    ['growth-steep', 'capacity forecast', null, null, 1],
    ['load-sustained', 'capacity forecast', null, null, 1],
    ['suspicious-access', 'checklist weekly', 'suspicious-access', '123456789012', 1],
    ['security-unseen', 'checklist weekly', null, null, 3],
    ['cost-jump', 'checklist weekly', 'cost-jump', '123456789012', 1],
    ['backups-missing', 'backup verify', 'backups-missing', 'nano-db', 1],
    ['backups-weak', 'backup verify', 'backups-weak', 'nano-db', 1],
    ['backups-unseen', 'backup verify', null, null, 3],
    ['untuned', 'tune', null, null, 1],
    ['logging-neglected', 'logs conformance', 'logging-neglected', 'nano-api', 1],
    ['budget-burning', 'slo', 'budget-burning', 'us-west-2', 1],
    ['budget-spent', 'slo', 'budget-spent', 'us-west-2', 1],
    ['alerts-critical', 'alerts check', 'alerts-critical', 'nano-api', 1],
    ['alerts-warning', 'alerts check', 'alerts-warning', 'nano-api', 1],
    ['early-warnings', 'checks run', 'early-warnings', 'nano-api', 1],
    ['outgrown', 'checks run', 'outgrown', '123456789012', 1],
    ['quiet-launch', 'checks run', 'quiet-launch', 'nano-api', 1],
    ['users-gone', 'checks run', 'users-gone', 'nano-api', 1],
    ['logging-half-done', 'logs conformance', 'logging-half-done', 'nano-api', 1],
    ['logs-lost', 'logs conformance', 'logs-lost', 'nano-api', 1],
    ['security-gaps', 'checklist weekly', 'security-gaps', '123456789012', 1],
    ['permissions-lost', 'checks run', null, null, 3],
    ['metrics-stopped', 'capacity forecast', null, null, 3],
  ]);
  for (const { summary } of listScenarios()) expect(summary).toMatch(/^[A-Z].{20,}[^.]$/);
});

test('a truth takes the names of the stack that is simulated', () => {
  const stack = {
    ...sandboxStack,
    primary: {
      ...sandboxStack.primary,
      region: 'eu-central-1',
      database: { region: 'eu-central-1', cluster: 'orders' },
    },
  };
  expect(resolveTruth(loadScenario('slow-query'), resolveNames(stack)).component).toBe('orders');
  expect(resolveTruth(loadScenario('network-az'), resolveNames(stack)).component).toBe('eu-central-1b');
});

test('a scenario may have the sandbox’s own stack in other regions', () => {
  expect(sandboxConfigFor('healthy')).toBe(sandboxConfig);
  const regions = { primary: 'us-east-1', recovery: 'us-west-2' };
  expect(sandboxConfigFor('dns-control-plane-down')).toEqual({ ...sandboxConfig, regions });
  const { stack, world } = openSandbox({ scenario: 'dns-control-plane-down', seed: 1 });
  expect(stack).toEqual(stackOf(parseConfig(sandboxConfigFor('dns-control-plane-down'), 'the sandbox')));
  expect([world.inventory.primary.region, world.inventory.recovery.region]).toEqual(['us-east-1', 'us-west-2']);
  const again = openSandbox({ snapshot: snapshotOf(world) });
  expect(again.stack).toEqual(stack);
});

test('an unknown scenario is refused with the names of those there are', () => {
  const error = refusal(() => loadScenario('slow-qery'));
  expect(error).toMatchObject({ code: 'UnknownScenario', exitCode: 2 });
  expect(error.details.join(' ')).toContain('slow-query');
  expect(refusal(() => loadScenario('toString')).code).toBe('UnknownScenario');
});

test('everything wrong with a file is told at once', () => {
  const text = `
id: Bad Id
summary: x
runbook: latency
faults:
  - { effect: arrivals, from: yesterday, factor: 2 }
  - { effect: meteor, from: -5m }
  - { effect: statement, from: -5m, statement: nothing, factor: 1, rowsExamined: 1 }
  - { effect: dependency, from: -5m, factor: 3, colour: red }
truth: { cause: x, component: moon, exitCode: 1 }
`;
  const error = refusal(() => parseScenario(text, 'bad.yaml'));
  expect(error.code).toBe('ScenarioInvalid');
  expect(error.message).toContain('bad.yaml');
  const all = error.details.join('\n');
  for (const place of ['id', 'faults.0.from', 'faults.1.effect', 'faults.2.statement', 'faults.3', 'truth.component']) {
    expect(all).toContain(`${place}: `);
  }
});

test('text that is no YAML, and a fault that refers to a missing onset, are refused', () => {
  expect(refusal(() => parseScenario('id: [', 'x.yaml')).code).toBe('ScenarioInvalid');
  const text =
    'id: x\nsummary: y\nrunbook: latency\nfaults: [{ effect: telemetry-gap, from: onset }]\ntruth: { cause: null, component: null, exitCode: 0 }';
  expect(refusal(() => parseScenario(text, 'x.yaml')).details).toEqual([
    'faults.0: refers to the onset, which the scenario does not set',
  ]);
});

test('faults are placed relative to the start and to the onset', () => {
  const text = `
id: placed
summary: y
runbook: latency
onset: -20m
faults:
  - { effect: arrivals, from: onset, to: onset + 5m, ramp: 30s, factor: [2, 2] }
  - { effect: telemetry-gap, from: -90s }
truth: { cause: null, component: null, exitCode: 0 }
`;
  const start = 10_000_000;
  expect(resolveFaults(parseScenario(text, 'placed.yaml'), 1, start)).toEqual([
    { effect: 'arrivals', factor: 2, from: start - 1_200_000, to: start - 900_000, rampMs: 30_000 },
    { effect: 'telemetry-gap', from: start - 90_000, rampMs: 0 },
  ]);
});
