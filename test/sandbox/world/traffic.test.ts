/** Where requests arrive after a record has changed, by clients' caches and by what is left of the region they leave. */
import { expect, test } from 'vitest';
import { openSandbox } from '../../../src/sandbox/sandbox.ts';
import { parseScenario } from '../../../src/sandbox/scenarios/scenario.ts';
import { Dynamics } from '../../../src/sandbox/world/dynamics.ts';
import type { Fault } from '../../../src/sandbox/world/faults.ts';
import type { WorldInventory } from '../../../src/sandbox/world/inventory.ts';
import { answerSpans } from '../../../src/sandbox/world/resolution.ts';
import { withRecords, recordsAt } from '../../../src/sandbox/world/traffic-state.ts';
import { inventoryOf } from '../../../src/sandbox/world/world.ts';
import { arrivalsIn, clientsAt, resolvedAt } from '../../../src/sandbox/world/traffic.ts';
import type { DnsRecord } from '../../../src/cloud/recovery-facts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

function worldWith(faults: readonly Fault[] = [], ttl = 60, seed = 5): WorldInventory {
  const { world } = openSandbox({ scenario: 'healthy', seed });
  const { inventory } = world;
  const records = inventory.traffic.records.map((record) => ({ ...record, ttl }));
  return { ...inventory, faults, traffic: { ...inventory.traffic, records } };
}

/** The API's record leads to the recovery region from a minute after the start on. */
function moved(world: WorldInventory, ttl?: number): WorldInventory {
  const at = world.startMs + MINUTE_MS;
  const records = recordsAt(world.traffic, at).map((record) => ({
    ...record,
    values: [world.recovery.balancerDnsName],
    ...(ttl !== undefined && { ttl }),
  }));
  return withRecords(world, records, at);
}

function insyncAt(world: WorldInventory): number {
  return world.traffic.recordChanges.at(-1)?.insyncAt ?? Number.NaN;
}

test('clients follow a record over its TTL, all but a few on open connections, which go within minutes', () => {
  const world = moved(worldWith());
  const from = insyncAt(world);
  expect(from - world.startMs - MINUTE_MS).toBeGreaterThanOrEqual(10 * SECOND_MS);
  expect(from - world.startMs - MINUTE_MS).toBeLessThanOrEqual(50 * SECOND_MS);
  expect(clientsAt(world, from - 1)).toEqual({ primary: 1, recovery: 0 });
  expect(clientsAt(world, from + 30 * SECOND_MS).recovery).toBeCloseTo(0.5, 1);
  const late = clientsAt(world, from + MINUTE_MS);
  expect(late.primary).toBeGreaterThan(0.005);
  expect(late.primary).toBeLessThan(0.05);
  expect(clientsAt(world, from + 4 * MINUTE_MS).recovery).toBeGreaterThan(0.99);
  for (let at = from; at < from + 5 * MINUTE_MS; at += 7 * SECOND_MS) {
    const { primary, recovery } = clientsAt(world, at);
    expect(primary + recovery).toBeCloseTo(1, 9);
  }
});

test('a TTL of five minutes keeps clients for five minutes, whatever the new record’s is', () => {
  const world = moved(worldWith([], 300), 60);
  const from = insyncAt(world);
  expect(clientsAt(world, from + 2 * MINUTE_MS).recovery).toBeLessThan(0.45);
  expect(clientsAt(world, from + 6 * MINUTE_MS).recovery).toBeGreaterThan(0.99);
});

test('moved back and forth, the shares stay shares', () => {
  const there = moved(worldWith());
  const at = insyncAt(there) + 20 * SECOND_MS;
  const back = withRecords(there, there.traffic.records, at);
  const from = insyncAt(back);
  for (const after of [1, 10, 30, 59, 90]) {
    const { primary, recovery } = clientsAt(back, from + after * SECOND_MS);
    expect(primary + recovery).toBeCloseTo(1, 9);
  }
  expect(clientsAt(back, from + 5 * MINUTE_MS).primary).toBeGreaterThan(0.99);
});

test('what is sent to a dead region is lost until the name leads elsewhere; then nobody stays there', () => {
  const { startMs } = worldWith();
  const down: Fault = { effect: 'region-down', region: 'primary', from: startMs, rampMs: 0 };
  const world = moved(worldWith([down]));
  const minute = Math.floor(startMs / MINUTE_MS);
  expect(arrivalsIn(world, 'primary', minute + 1)).toEqual({ share: 0, failing: 0 });
  expect(arrivalsIn(world, 'recovery', minute)).toEqual({ share: 0, failing: 0 });
  const end = insyncAt(world) + MINUTE_MS;
  expect(clientsAt(world, end)).toEqual({ primary: 0, recovery: 1 });
});

test('in an impaired region its share of requests gets no answer', () => {
  const { startMs } = worldWith();
  const world = worldWith([{ effect: 'region-impaired', region: 'primary', share: 0.5, from: startMs, rampMs: 0 }]);
  const minute = Math.floor(startMs / MINUTE_MS) + 2;
  expect(arrivalsIn(world, 'primary', minute)).toEqual({ share: 1, failing: 0.5 });
  const dynamics = new Dynamics(world);
  const { requests } = dynamics.state(world.primary, minute);
  expect(dynamics.counts(world.primary, minute).balancerServerErrors / requests).toBeCloseTo(0.5, 2);
});

test('the recovery region serves what arrives with the tasks that it has, and refuses writes while it may take none', () => {
  const before = moved(worldWith());
  const minute = Math.floor(insyncAt(before) / MINUTE_MS) + 6;
  const dynamics = new Dynamics(before);
  const state = dynamics.state(before.recovery, minute);
  expect(state.requests).toBeGreaterThan(1_500);
  expect(dynamics.state(before.primary, minute).requests).toBeLessThan(30);
  // Two tasks for the load of six.
  expect(Math.max(...state.tasks.map((task) => task.utilisation))).toBeGreaterThan(0.9);
  // Of all requests, those that publish, write in a chat or count a view write.
  const errors = dynamics.counts(before.recovery, minute).targetServerErrors / state.requests;
  expect(errors).toBeGreaterThan(0.18);
  const written: WorldInventory = {
    ...before,
    recovery: {
      ...before.recovery,
      database: {
        ...before.recovery.database,
        terms: [{ from: 0, writer: before.recovery.database.instances[0]?.id ?? '' }],
      },
      tasks: [
        ...before.recovery.tasks,
        ...before.primary.tasks.map((task) => ({ ...task, id: `a${task.id.slice(1)}` })),
      ],
    },
  };
  const writing = new Dynamics(written);
  expect(writing.counts(written.recovery, minute).targetServerErrors / state.requests).toBeLessThan(0.01);
  expect(writing.state(written.recovery, minute).database.utilisation).toBeGreaterThan(0.2);
});

test('a resolver with a cache goes on with what it has for at most a TTL', () => {
  const world = moved(worldWith());
  const from = insyncAt(world);
  expect(resolvedAt(world, from - 1)?.side).toBe('primary');
  expect(resolvedAt(world, from + MINUTE_MS)?.side).toBe('recovery');
  const seen = Array.from({ length: 61 }, (_, second) => resolvedAt(world, from + second * SECOND_MS)?.side);
  expect(seen.indexOf('recovery')).toBe(seen.lastIndexOf('primary') + 1);
  expect(seen).toEqual(Array.from({ length: 61 }, (_, second) => resolvedAt(world, from + second * SECOND_MS)?.side));
});

const target = (world: WorldInventory, side: 'primary' | 'recovery', extra: Partial<DnsRecord>): DnsRecord => ({
  name: world.names.record,
  type: 'A',
  values: [],
  alias: { dnsName: world[side].balancerDnsName, hostedZoneId: 'Z1', evaluateTargetHealth: true },
  setIdentifier: side,
  ...extra,
});

test('failover by records: a dead primary region is left by itself, once its balancer is seen to be gone', () => {
  const healthy = worldWith();
  const from = healthy.startMs + MINUTE_MS;
  const world: WorldInventory = {
    ...healthy,
    faults: [{ effect: 'region-down', region: 'primary', from, rampMs: 0 }],
    traffic: {
      ...healthy.traffic,
      records: [
        target(healthy, 'primary', { failover: 'PRIMARY' }),
        target(healthy, 'recovery', { failover: 'SECONDARY' }),
      ],
    },
  };
  expect(clientsAt(world, from)).toEqual({ primary: 1, recovery: 0 });
  expect(clientsAt(world, from + 10 * SECOND_MS)).toEqual({ primary: 1, recovery: 0 });
  expect(clientsAt(world, from + 3 * MINUTE_MS)).toEqual({ primary: 0, recovery: 1 });
});

test('weighted records: each by its weight, and by none where its weight is 0', () => {
  const healthy = worldWith();
  const weighing = (primary: number, recovery: number): WorldInventory => ({
    ...healthy,
    traffic: {
      ...healthy.traffic,
      records: [target(healthy, 'primary', { weight: primary }), target(healthy, 'recovery', { weight: recovery })],
    },
  });
  expect(clientsAt(weighing(90, 10), healthy.startMs).recovery).toBeCloseTo(0.1, 9);
  expect(clientsAt(weighing(0, 100), healthy.startMs)).toEqual({ primary: 0, recovery: 1 });
});

test('a check that is disabled counts as healthy: nothing fails over', () => {
  const healthy = worldWith();
  const from = healthy.startMs + MINUTE_MS;
  const withCheck = (disabled: boolean): WorldInventory => ({
    ...healthy,
    faults: [{ effect: 'region-down', region: 'primary', from, rampMs: 0 }],
    traffic: {
      ...healthy.traffic,
      records: (['primary', 'recovery'] as const).map((side) => ({
        name: healthy.names.record,
        type: 'CNAME',
        ttl: 60,
        values: [healthy[side].balancerDnsName],
        setIdentifier: side,
        failover: side === 'primary' ? 'PRIMARY' : 'SECONDARY',
        ...(side === 'primary' && { healthCheckId: 'check' }),
      })),
      healthChecks: [
        {
          id: 'check',
          type: 'HTTPS',
          disabled,
          inverted: false,
          intervalSeconds: 10,
          watches: { kind: 'balancer', side: 'primary' },
        },
      ],
    },
  });
  expect(clientsAt(withCheck(false), from + 4 * MINUTE_MS)).toEqual({ primary: 0, recovery: 1 });
  expect(clientsAt(withCheck(true), from + 4 * MINUTE_MS)).toEqual({ primary: 1, recovery: 0 });
});

test('a scenario may give the record another TTL', () => {
  const text = [
    'id: long-ttl',
    'summary: The record is kept for five minutes.',
    'runbook: dr-readiness',
    'dns: { ttl: 300 }',
    'truth: { cause: null, component: null, exitCode: 0 }',
  ].join('\n');
  const { stack, startMs } = openSandbox({ scenario: 'healthy', seed: 5 });
  const { traffic } = inventoryOf({ stack, scenario: parseScenario(text, 'long-ttl.yaml'), seed: 5, startMs });
  expect(traffic.records).toMatchObject([{ name: 'api.nano.example', ttl: 300 }]);
});

test('an ordinary world has one answer for ever', () => {
  expect(answerSpans(worldWith())).toHaveLength(1);
});
