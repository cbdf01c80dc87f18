/**
 * A lint believes what steps declare: so whatever a move between regions really sends, and where, must be among it. Seen
 * at the gate of the simulated AWS, in every scenario of moves, and with each way of moving traffic.
 */
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { Stack } from '../../src/cloud/stack.ts';
import { destinationsOf } from '../../src/recovery-lint/places.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { regionDrill } from '../../src/runbooks/region-drill.ts';
import { regionFailback } from '../../src/runbooks/region-failback.ts';
import { regionFailover } from '../../src/runbooks/region-failover.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { sandboxConfigFor } from '../../src/sandbox/sandbox.ts';
import { simulate, type SimulatedOptions } from '../use-cases/rehearsing.ts';
import { inTier } from '../support/tier.ts';

/** Everything that a runbook's steps, and what stops it, may send, as `service:Operation@region`. */
function declaredBy({ steps, stop }: AnyRunbook, stack: Stack): ReadonlySet<string> {
  const regions = [stack.primary.region, ...(stack.recovery === undefined ? [] : [stack.recovery.region])];
  const layout = {
    primary: regions[0] ?? '',
    recovery: regions[1] ?? '',
    traffic: stack.traffic,
    globalCluster: stack.globalCluster,
  };
  return new Set([
    ...steps.flatMap((step) =>
      [...step.calls, ...step.changes].flatMap((operation) =>
        (destinationsOf(step, operation, layout) ?? []).map((region) => `${operation}@${region}`),
      ),
    ),
    ...(stop?.calls ?? []).flatMap((operation) => regions.map((region) => `${operation}@${region}`)),
  ]);
}

async function undeclared(runbook: AnyRunbook, options: Omit<SimulatedOptions, 'mode'>): Promise<readonly string[]> {
  const sent = new Set<string>();
  const { document } = await simulate(runbook, {
    ...options,
    mode: 'execute',
    fates: ({ service, operation, region }) => {
      sent.add(`${service}:${operation}@${region}`);
      return undefined;
    },
  });
  expect(document.verdict).not.toBe('interrupted');
  expect(sent.size).toBeGreaterThan(5);
  const declared = declaredBy(
    runbook,
    stackOf(parseConfig({ ...sandboxConfigFor(options.scenario), ...options.config }, 'a test')),
  );
  return [...sent].filter((each) => !declared.has(each)).toSorted();
}

const scenarios = [
  'healthy',
  ...listScenarios().flatMap(({ id, runbook }) => (runbook === 'region-failover' ? [id] : [])),
];

/** There and not, cut off, without an instance, and where the record cannot be changed. */
const tried = inTier({
  all: scenarios,
  some: ['healthy', 'region-down', 'headless-secondary', 'dns-control-plane-down', 'failover-stuck'],
});

test.each(tried)('a failover in %s sends nothing that its steps do not declare', async (scenario) => {
  expect(scenarios.length).toBeGreaterThan(8);
  expect(await undeclared(regionFailover, { scenario, move: { kind: 'failover', mode: 'failover' } })).toEqual([]);
});

test('nor does a drill, there and back', async () => {
  expect(await undeclared(regionDrill, { scenario: 'healthy', move: { kind: 'drill', mode: 'switchover' } })).toEqual(
    [],
  );
});

test('nor does a way back, of a stack that was moved or never was', async () => {
  const back = { scenario: 'healthy', move: { kind: 'failback', mode: 'switchover' } } as const;
  expect(await undeclared(regionFailback, back)).toEqual([]);
  const after = await simulate(regionFailover, {
    scenario: 'healthy',
    mode: 'execute',
    move: { kind: 'failover', mode: 'switchover' },
  });
  expect(await undeclared(regionFailback, { ...back, after })).toEqual([]);
});

describe('with another switch of traffic', () => {
  const record = { hostedZoneId: 'Z0123456789NANOEXAMPL', record: 'api.nano.example' };
  const control = (name: string): string =>
    `arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b/routingcontrol/${name}`;
  const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1', 'ap-southeast-2'];
  const routing = {
    ...record,
    mechanism: 'routing-control',
    routingControls: { primary: control('aa'), recovery: control('bb') },
    endpoints: regions.map((region) => ({
      region,
      url: `https://aaaaaaaa.route53-recovery-cluster.${region}.amazonaws.com/v1`,
    })),
  };
  const object = {
    ...record,
    mechanism: 'health-check',
    healthCheckId: '00000000-0000-4000-8000-000000000000',
    switchObject: { bucket: 'nano-switch', key: 'primary-serves' },
  };

  test.each([
    ['routing controls', 'region-down', routing],
    ['a health check', 'region-down', object],
    ['routing controls', 'dns-control-plane-down', routing],
  ])('%s, in %s', async (_what, scenario, dns) => {
    expect(
      await undeclared(regionFailover, { scenario, config: { dns }, move: { kind: 'failover', mode: 'failover' } }),
    ).toEqual([]);
  });
});

test('with the region gone, nothing of it is asked but what is short', async () => {
  const sent: string[] = [];
  await simulate(regionFailover, {
    scenario: 'region-down',
    mode: 'execute',
    move: { kind: 'failover', mode: 'failover' },
    fates: ({ service, operation, region }) => {
      if (region === 'us-west-2') sent.push(`${service}:${operation}`);
      return undefined;
    },
  });
  const short = regionFailover.steps.filter(({ where, timeoutMs }) => where === 'primary' && timeoutMs <= 15_000);
  const allowed = short.flatMap(({ calls }) => calls);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.filter((each) => !allowed.includes(each))).toEqual([]);
});
