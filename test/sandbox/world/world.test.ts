/** The world as a whole: the same seed gives the same bytes, in any order; names follow the stack; capacity relieves. */
import { describe, expect, test } from 'vitest';
import type { Stack } from '../../../src/cloud/stack.ts';
import { openSandbox, sandboxConfig, sandboxStack, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { loadScenario } from '../../../src/sandbox/scenarios/index.ts';
import { applicationLog } from '../../../src/sandbox/world/logs/application.ts';
import { MetricCatalog } from '../../../src/sandbox/world/metrics/catalog.ts';
import type { WorldInventory } from '../../../src/sandbox/world/inventory.ts';
import { Dynamics } from '../../../src/sandbox/world/dynamics.ts';
import { quantile } from '../../../src/sandbox/world/metrics/datum.ts';
import { lognormal, normalQuantile, slowdown, waitingFor } from '../../../src/sandbox/world/queueing.ts';
import { TraceBook } from '../../../src/sandbox/world/traces.ts';
import { buildWorld, type World } from '../../../src/sandbox/world/world.ts';

const start = sandboxStartMs / 60_000;

/** Everything that a few minutes show, in the order of the minutes given; of a world that remembers nothing. */
function shown(seed: number, minutes: readonly number[]): ReadonlyMap<number, string> {
  const { inventory } = openSandbox({ scenario: 'slow-query', seed }).world;
  const forgotten = structuredClone(inventory);
  return shownIn(openSandbox({ inventory: forgotten, clock: { now: () => sandboxStartMs + 600_000 } }).world, minutes);
}

function shownIn(world: World, minutes: readonly number[]): ReadonlyMap<number, string> {
  const catalog = new MetricCatalog(world, 'us-west-2');
  const region = world.inventory.primary;
  const log = applicationLog(world.dynamics, region);
  const book = new TraceBook(world.dynamics, region);
  return new Map(
    minutes.map((minute) => {
      const metrics = catalog.sources().map((source) => [source.name, source.dimensions, catalog.read(source, minute)]);
      const traces = book.in(minute).map((trace) => book.segments(trace));
      return [minute, JSON.stringify([metrics, traces, log.events(minute)])];
    }),
  );
}

test('the same seed gives the same bytes, whatever is asked first; another seed gives others', () => {
  const minutes = [start - 90, start - 20, start - 3, start - 2];
  const forwards = shown(7, minutes);
  const backwards = shown(7, minutes.toReversed());
  const another = shown(8, minutes);
  for (const minute of minutes) {
    expect(backwards.get(minute)).toBe(forwards.get(minute));
    expect(another.get(minute)).not.toBe(forwards.get(minute));
  }
});

describe('worlds that begin alike share their past', () => {
  const minutes = [start - 40, start - 12, start - 2, start - 1, start, start + 3];
  const clock = { now: () => sandboxStartMs + 600_000 };
  const halved = (inventory: WorldInventory): WorldInventory => ({
    ...inventory,
    primary: {
      ...inventory.primary,
      desiredCounts: [...inventory.primary.desiredCounts, { at: clock.now(), count: 1 }],
    },
  });
  const call = { operation: 'ecs:UpdateService', region: 'us-west-2', resource: 'nano-api', detail: '' };

  test.each(['healthy', 'slow-query', 'bad-deploy', 'writer-unreachable', 'crash-loop', 'region-down'])(
    'and each sees it as one that shares nothing: %s',
    (scenario) => {
      const open = () => openSandbox({ scenario, seed: 5, clock }).world;
      const [first, second] = [open(), open()];
      expect(second.dynamics).not.toBe(first.dynamics);
      first.change(call, halved);
      const asked = shownIn(first, minutes.toReversed());
      const alone = openSandbox({ inventory: structuredClone(first.inventory), clock }).world;
      expect(shownIn(alone, minutes)).toEqual(asked);
      const untouched = openSandbox({ inventory: structuredClone(second.inventory), clock }).world;
      expect(shownIn(second, minutes)).toEqual(shownIn(untouched, minutes));
    },
  );

  test('and what happens to one before its beginning is not seen by the other', () => {
    const early = start - 10;
    const { inventory } = openSandbox({ scenario: 'healthy', seed: 6 }).world;
    const [one, other] = [new Dynamics(inventory), new Dynamics(inventory)];
    const before = other.counts(inventory.primary, early + 5);
    const broken: WorldInventory = {
      ...inventory,
      faults: [{ effect: 'writer-down', status: 'failed', from: early * 60_000, rampMs: 0 }],
    };
    one.replace(broken, early * 60_000);
    expect(one.counts(broken.primary, early + 5)).not.toEqual(before);
    expect(new Dynamics(inventory).counts(inventory.primary, early + 5)).toBe(before);
    expect(one.counts(broken.primary, early - 5)).toBe(other.counts(inventory.primary, early - 5));
  });
});

test('the inventory is plain data', () => {
  const { world } = openSandbox({ scenario: 'bad-deploy', seed: 3 });
  expect(JSON.parse(JSON.stringify(world.inventory))).toEqual(world.inventory);
});

test('the sandbox’s own configuration and stack name the same things', () => {
  expect(sandboxStack.primary.database?.cluster).toBe(sandboxConfig.database.cluster);
  expect(sandboxStack.recovery?.database?.cluster).toBe(sandboxConfig.database.recoveryCluster);
  expect(sandboxStack.primary.logs?.database?.logGroup).toBe(`/aws/rds/cluster/${sandboxConfig.database.cluster}`);
});

test('a stack of other names and regions is simulated under them', () => {
  const region = 'eu-central-1';
  const stack: Stack = {
    service: 'shop-api',
    environment: 'staging',
    account: '999988887777',
    primary: {
      region,
      api: { region, loadBalancer: 'app/front/0123456789abcdef' },
      compute: { region, cluster: 'shop', service: 'checkout' },
      database: { region, cluster: 'orders' },
    },
  };
  const { world } = openSandbox({ scenario: 'slow-query', seed: 1, stack });
  const { names } = world.inventory;
  expect(names).toMatchObject({
    account: '999988887777',
    globalCluster: 'shop-global',
    sessionsTable: 'shop-sessions',
  });
  // What the stack does not name is named after its service.
  expect(names.primary).toMatchObject({ databaseCluster: 'orders', cache: 'shop-cache', bucket: 'shop-zips' });
  expect(names.recovery.region).toBe('us-east-1');
  const catalog = new MetricCatalog(world, region);
  expect(catalog.find('AWS/ECS', 'CPUUtilization', { ClusterName: 'shop', ServiceName: 'checkout' })).toBeDefined();
  expect(
    catalog.find('AWS/ApplicationELB', 'RequestCount', { LoadBalancer: 'app/front/0123456789abcdef' }),
  ).toBeDefined();
  expect(JSON.stringify([names, world.inventory.primary, world.inventory.recovery])).not.toContain('nano');
  const trace = new TraceBook(world.dynamics, world.inventory.primary).in(start - 5)[0];
  expect(trace?.nodes.map((node) => node.name)).toContainEqual(expect.stringMatching(/^shop_staging@orders\.cluster-/));
});

describe('capacity', () => {
  /** The world with so many tasks of the newest deployment. */
  function withTasks(
    scenario: string,
    count: number,
  ): { readonly p99: number; readonly cpu: number; readonly errors: number } {
    const world = buildWorld(
      { stack: sandboxStack, scenario: loadScenario(scenario), seed: 5, startMs: sandboxStartMs },
      () => sandboxStartMs,
    ).inventory;
    const model = world.primary.tasks.at(-1);
    if (model === undefined) throw new Error('the world has no task');
    const extra = Array.from({ length: count - 6 }, (_, index) => ({ ...model, id: `${index}`.repeat(32) }));
    const grown: WorldInventory = {
      ...world,
      primary: { ...world.primary, tasks: [...world.primary.tasks, ...extra] },
    };
    const dynamics = new Dynamics(grown);
    const minute = start - 3;
    const state = dynamics.state(grown.primary, minute);
    return {
      p99: quantile(dynamics.latencies(grown.primary, minute).all, 0.99) ?? 0,
      cpu: Math.max(...state.tasks.map((task) => task.utilisation)),
      errors: dynamics.counts(grown.primary, minute).targetServerErrors,
    };
  }

  test.each(['cpu-saturated', 'scale-out-does-not-help', 'traffic-surge'])(
    '%s: one more task helps, two help more',
    (scenario) => {
      const [six, seven, eight] = [withTasks(scenario, 6), withTasks(scenario, 7), withTasks(scenario, 8)];
      expect(seven.cpu).toBeLessThan(six.cpu);
      expect(seven.p99).toBeLessThan(0.75 * six.p99);
      expect(eight.p99).toBeLessThan(0.75 * seven.p99);
      expect(eight.errors).toBeLessThanOrEqual(six.errors);
    },
  );

  test.each(['slow-query', 's3-slow'])('%s: more tasks do not help', (scenario) => {
    expect(withTasks(scenario, 8).p99).toBeGreaterThan(0.75 * withTasks(scenario, 6).p99);
  });
});

test('without a clock the time stands at the start; with one it is the clock’s', () => {
  expect(openSandbox({ scenario: 'healthy', seed: 1 }).world.now()).toBe(sandboxStartMs);
  let now = 1_900_000_000_000;
  const { world, startMs } = openSandbox({ scenario: 'healthy', seed: 1, clock: { now: () => now } });
  now += 5_000;
  expect([startMs, world.now()]).toEqual([1_900_000_000_000, 1_900_000_005_000]);
});

test('calls take 20 to 80 milliseconds, the same for the same seed', () => {
  const latencies = (seed: number) => {
    const { gate } = openSandbox({ scenario: 'healthy', seed });
    const call = { service: 'rds', operation: 'DescribeDBClusters', region: 'us-west-2' };
    return Array.from({ length: 20 }, () => gate(call)).map((fate) => (fate.kind === 'answer' ? fate.latencyMs : -1));
  };
  expect(latencies(4)).toEqual(latencies(4));
  expect(latencies(4)).not.toEqual(latencies(5));
  expect(Math.min(...latencies(4))).toBeGreaterThanOrEqual(20);
  expect(Math.max(...latencies(4))).toBeLessThanOrEqual(80);
});

test('hours of metrics are there at once', () => {
  const { world } = openSandbox({ scenario: 'slow-query', seed: 2 });
  const catalog = new MetricCatalog(world, 'us-west-2');
  const sources = catalog.sources().slice(0, 60);
  const before = process.cpuUsage();
  for (let minute = start - 180; minute < start; minute += 1)
    for (const source of sources) catalog.read(source, minute);
  const { user, system } = process.cpuUsage(before);
  // Processor time, not time on the wall: a quarter of a second where nothing else runs, four times that at worst.
  expect((user + system) / 1000).toBeLessThan(1_000);
});

describe('queueing', () => {
  test('work slows down with the load, without a jump and without end', () => {
    expect(slowdown(0, 1)).toBe(1);
    expect(slowdown(0.5, 1)).toBeCloseTo(2);
    expect(slowdown(0.5, 2)).toBeLessThan(slowdown(0.5, 1));
    for (const cores of [1, 2]) {
      let last = 0;
      for (let full = 0; full < 2; full += 0.005) {
        const now = slowdown(full, cores);
        expect(now).toBeGreaterThanOrEqual(last);
        expect(now - last).toBeLessThan(2);
        expect(now).toBeLessThanOrEqual(60);
        last = now;
      }
    }
  });

  test('nobody waits for a pool that is half empty; at its limit nearly everybody does', () => {
    expect(waitingFor(30, 10, 100, 10_000)).toMatchObject({ lost: 0 });
    expect(waitingFor(30, 10, 100, 10_000).probability).toBeLessThan(0.01);
    expect(waitingFor(30, 0, 0, 10_000)).toMatchObject({ probability: 0, lost: 0 });
    const full = waitingFor(30, 33, 5_000, 10_000);
    expect(full.probability).toBeGreaterThan(0.8);
    expect(full.lost).toBeGreaterThan(0.05);
    expect(full.meanMs).toBeLessThanOrEqual(10_000);
  });

  test('variates have the mean and the quantiles they should', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.96, 2);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 3);
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326, 2);
    const values = Array.from({ length: 20_000 }, (_, index) =>
      lognormal(7, 0.5, normalQuantile((index + 0.5) / 20_000)),
    );
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(7, 1);
  });
});
