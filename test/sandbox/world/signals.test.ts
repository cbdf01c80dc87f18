/** What an operator would see on the dashboards in each scenario: the hour before, against the last minutes. */
import { describe, expect, test } from 'vitest';
import { readings, type MetricName, type Readings } from './readings.ts';

const seeds = [1, 2, 3, 4, 5];
const BEFORE = [-110, -50] as const;
const DURING = [-7, -1] as const;

function before(seen: Readings, metric: MetricName, stat: string): number {
  return seen.over(metric, stat, ...BEFORE) ?? 0;
}

function during(seen: Readings, metric: MetricName, stat: string): number {
  return seen.over(metric, stat, ...DURING) ?? 0;
}

/** 5xx of the balancer and the targets, in per cent of the requests. */
function errorRate(seen: Readings, span: readonly [number, number]): number {
  const errors = (seen.over('targetErrors', 'Sum', ...span) ?? 0) + (seen.over('balancerErrors', 'Sum', ...span) ?? 0);
  return (100 * errors) / (seen.over('requests', 'Sum', ...span) ?? 1);
}

function hitRatio(seen: Readings, span: readonly [number, number]): number {
  const hits = seen.over('hits', 'Sum', ...span) ?? 0;
  return hits / (hits + (seen.over('misses', 'Sum', ...span) ?? 0));
}

/** What is out of the ordinary in the last minutes, beside latency and errors. */
function unusual(seen: Readings): readonly string[] {
  const measured: readonly (readonly [string, boolean])[] = [
    ['cpu', during(seen, 'cpu', 'Average') > 62],
    ['memory', during(seen, 'memory', 'Average') > 62],
    ['databaseCpu', during(seen, 'databaseCpu', 'Average') > 45],
    ['selectLatency', during(seen, 'selectLatency', 'Average') > 16],
    ['hits', hitRatio(seen, DURING) < 0.88],
    ['firstByte', during(seen, 'firstByte', 'p99') > 250],
  ];
  return measured.filter(([, odd]) => odd).map(([name]) => name);
}

describe.each(seeds)('seed %i', (seed) => {
  test.each(['healthy', 'slow-query', 'traffic-surge', 'transient'])(
    '%s: the hour before is within every target',
    (scenario) => {
      const seen = readings(scenario, seed);
      expect(before(seen, 'latency', 'p50')).toBeGreaterThan(0.08);
      expect(before(seen, 'latency', 'p50')).toBeLessThan(0.25);
      expect(before(seen, 'latency', 'p95')).toBeLessThan(0.6);
      expect(before(seen, 'latency', 'p99')).toBeLessThan(1);
      expect(before(seen, 'cpu', 'Average')).toBeGreaterThan(38);
      expect(before(seen, 'cpu', 'Average')).toBeLessThan(58);
      expect(before(seen, 'memory', 'Average')).toBeGreaterThan(50);
      expect(before(seen, 'memory', 'Average')).toBeLessThan(62);
      expect(before(seen, 'databaseCpu', 'Average')).toBeGreaterThan(25);
      expect(before(seen, 'databaseCpu', 'Average')).toBeLessThan(42);
      expect(before(seen, 'connections', 'Average')).toBeGreaterThan(35);
      expect(before(seen, 'connections', 'Average')).toBeLessThan(55);
      expect(hitRatio(seen, BEFORE)).toBeGreaterThan(0.88);
      expect(errorRate(seen, BEFORE)).toBeGreaterThan(0.005);
      expect(errorRate(seen, BEFORE)).toBeLessThan(0.05);
      for (const p99 of seen.each('latency', 'p99', ...BEFORE)) expect(p99).toBeLessThan(1.5);
    },
  );

  test('healthy: the last minutes are as the hour before', () => {
    const seen = readings('healthy', seed);
    expect(during(seen, 'latency', 'p99')).toBeLessThan(1.3 * before(seen, 'latency', 'p99'));
    expect(errorRate(seen, DURING)).toBeLessThan(0.25);
    expect(unusual(seen)).toEqual([]);
  });

  test.each([
    'cpu-saturated',
    'scale-out-does-not-help',
    'memory-pressure',
    'slow-query',
    'connection-pool-exhausted',
    's3-slow',
    'cache-cold',
    'downstream-dependency',
    'network-az',
    'traffic-surge',
    'bad-deploy',
  ])('%s: p99 is above three seconds for minutes, and requests fail more than before', (scenario) => {
    const seen = readings(scenario, seed);
    expect(seen.onset).toBeGreaterThanOrEqual(-40);
    expect(seen.onset).toBeLessThanOrEqual(-8);
    expect(during(seen, 'latency', 'p99')).toBeGreaterThan(3);
    const breaching = seen.each('latency', 'p99', ...DURING).filter((p99) => p99 !== undefined && p99 > 2.5);
    expect(breaching.length).toBe(DURING[1] - DURING[0]);
    // A killed task's requests fail in one minute, and not always in the last ones.
    const failing = scenario === 'memory-pressure' ? errorRate(seen, [-30, -1]) : errorRate(seen, DURING);
    // Tasks that one more would relieve are full, and turn nobody away yet.
    const least = scenario === 'cpu-saturated' ? 0 : 1.3 * errorRate(seen, BEFORE);
    expect(failing).toBeGreaterThan(least);
  });

  test('cpu-saturated: the tasks are full, at the usual traffic', () => {
    const seen = readings('cpu-saturated', seed);
    expect(during(seen, 'cpu', 'Average')).toBeGreaterThan(88);
    expect(during(seen, 'requests', 'Sum') / 6).toBeLessThan(1.15 * (before(seen, 'requests', 'Sum') / 60));
    expect(unusual(seen)).toEqual(['cpu']);
  });

  test('memory-pressure: memory is nearly full', () => {
    const seen = readings('memory-pressure', seed);
    expect(during(seen, 'memory', 'Maximum')).toBeGreaterThan(92);
    expect(during(seen, 'memory', 'Average')).toBeGreaterThan(82);
    expect(during(seen, 'cpu', 'Average')).toBeLessThan(75);
    expect(unusual(seen)).toEqual(['memory']);
  });

  test('slow-query: the database works, selects take long, connections are held', () => {
    const seen = readings('slow-query', seed);
    expect(during(seen, 'databaseCpu', 'Average')).toBeGreaterThan(1.8 * before(seen, 'databaseCpu', 'Average'));
    expect(during(seen, 'selectLatency', 'Average')).toBeGreaterThan(10 * before(seen, 'selectLatency', 'Average'));
    expect(during(seen, 'connections', 'Average')).toBeGreaterThan(1.3 * before(seen, 'connections', 'Average'));
    expect(unusual(seen)).toEqual(['databaseCpu', 'selectLatency']);
  });

  test('connection-pool-exhausted: connections stand at the pools’ limit, the database is calm', () => {
    const seen = readings('connection-pool-exhausted', seed);
    const counts = seen.each('connections', 'Maximum', ...DURING);
    expect(new Set(counts)).toEqual(new Set([6 * 30 + 3]));
    expect(unusual(seen)).toEqual([]);
  });

  test('s3-slow: the bucket is slow and refuses', () => {
    const seen = readings('s3-slow', seed);
    expect(during(seen, 'firstByte', 'p99')).toBeGreaterThan(10 * before(seen, 'firstByte', 'p99'));
    expect(during(seen, 's3Errors', 'Sum')).toBeGreaterThan(5);
    expect(unusual(seen)).toEqual(['firstByte']);
  });

  test('cache-cold: the hit ratio collapses, and the database feels it', () => {
    const seen = readings('cache-cold', seed);
    expect(hitRatio(seen, DURING)).toBeLessThan(0.3);
    expect(during(seen, 'databaseCpu', 'Average')).toBeGreaterThan(1.4 * before(seen, 'databaseCpu', 'Average'));
    expect(during(seen, 'databaseCpu', 'Average')).toBeLessThan(75);
    expect(unusual(seen)).toEqual(['databaseCpu', 'hits']);
  });

  test('downstream-dependency: nothing of our own is busy', () => {
    expect(unusual(readings('downstream-dependency', seed))).toEqual([]);
  });

  test('network-az: one zone is slow and cannot be reached, the others are as ever', () => {
    const seen = readings('network-az', seed);
    expect(during(seen, 'latencyB', 'p95')).toBeGreaterThan(5 * during(seen, 'latencyA', 'p95'));
    expect(during(seen, 'latencyA', 'p99')).toBeLessThan(1);
    expect(during(seen, 'connectionErrorsB', 'Sum')).toBeGreaterThan(50);
    expect(seen.over('connectionErrorsA', 'Sum', ...DURING)).toBeUndefined();
    expect(unusual(seen)).toEqual([]);
  });

  test('traffic-surge: more than twice the requests, and the tasks are full', () => {
    const seen = readings('traffic-surge', seed);
    expect(during(seen, 'requests', 'Sum') / 6).toBeGreaterThan((2.1 * before(seen, 'requests', 'Sum')) / 60);
    expect(during(seen, 'cpu', 'Average')).toBeGreaterThan(90);
    expect(during(seen, 'databaseCpu', 'Average')).toBeGreaterThan(1.5 * before(seen, 'databaseCpu', 'Average'));
  });

  test('bad-deploy: latency and errors jump with the rollout, nothing is busy', () => {
    const seen = readings('bad-deploy', seed);
    expect(during(seen, 'latency', 'p50')).toBeGreaterThan(4 * before(seen, 'latency', 'p50'));
    expect(errorRate(seen, DURING)).toBeGreaterThan(1);
    expect(unusual(seen)).toEqual([]);
  });

  test('transient: a spike that is over', () => {
    const seen = readings('transient', seed);
    expect(seen.over('latency', 'p99', -22, -18)).toBeGreaterThan(3);
    expect(during(seen, 'latency', 'p99')).toBeLessThan(1);
    expect(unusual(seen)).toEqual([]);
  });

  test('metrics-missing: nothing arrives any more', () => {
    const seen = readings('metrics-missing', seed);
    expect(before(seen, 'latency', 'p99')).toBeGreaterThan(0);
    for (const metric of ['latency', 'requests', 'cpu', 'databaseCpu', 'hits', 'firstByte'] as const) {
      expect(seen.over(metric, 'SampleCount', ...DURING)).toBeUndefined();
    }
  });
});

test('magnitudes and onsets vary with the seed', () => {
  const many = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => readings('s3-slow', seed));
  expect(new Set(many.map((seen) => Math.round(seen.onset))).size).toBeGreaterThan(4);
  expect(new Set(many.map((seen) => during(seen, 'firstByte', 'p50').toFixed(0))).size).toBe(8);
});
