import { expect, test } from 'vitest';
import { alertChecks } from '../../src/checks/catalogue.ts';
import type { AlarmSpec, MonitoringResource } from '../../src/cloud/monitoring.ts';
import { desiredMonitoring } from '../../src/monitoring/desired.ts';
import { replicaLagMetric } from '../../src/cloud/metrics.ts';
import { primarySite, recoverySite, settingsWith } from './stack.ts';

const west = desiredMonitoring(primarySite, settingsWith());
const east = desiredMonitoring(recoverySite, settingsWith());

function alarmOf(resources: readonly MonitoringResource[], name: string): AlarmSpec {
  const found = resources.find((each) => each.name === `nano-${name}`);
  if (found?.kind !== 'alarm') throw new Error(`there is no alarm nano-${name}`);
  return found.spec;
}

test('every rule is an alarm, or it is said why not and who watches it', () => {
  const names = new Set(west.resources.map(({ name }) => name));
  const told = new Map(west.notExpressible.map((each) => [each.id, each]));
  for (const { id } of alertChecks) expect([id, names.has(`nano-${id}`) !== told.has(id)]).toEqual([id, true]);
  expect([...told.keys()]).toEqual(['alert-slow-queries', 'alert-daily-active-users', 'slo-latency']);
  for (const { reason, watchedBy } of told.values()) expect([reason, watchedBy]).not.toContain('');
});

test('each alarm says what its check does: threshold, direction, window', () => {
  const gists = alertChecks.flatMap(({ id }) => {
    const found = west.resources.find(({ name }) => name === `nano-${id}`);
    if (found?.kind !== 'alarm') return [];
    const { comparison, threshold, periods, datapoints, metrics, missing } = found.spec;
    const [first] = Object.values(metrics);
    return [`${id} ${comparison} ${threshold} ${datapoints}/${periods}×${first?.periodSeconds}s ${missing}`];
  });
  expect(gists).toEqual([
    'alert-availability < 99 1/1×3600s missing',
    'alert-error-rate > 5 1/1×300s missing',
    'alert-replication-lag > 30000 1/5×60s notBreaching',
    'alert-s3-upload-failures > 10 1/1×300s notBreaching',
    'alert-crash-loop > 3 1/1×300s notBreaching',
    'alert-cpu-sustained > 75 10/10×60s missing',
    'alert-cache-hit-rate < 50 1/1×300s missing',
    'alert-moderation-queue > 100 1/1×3600s ignore',
  ]);
});

test('thresholds are the configuration’s', () => {
  const { resources } = desiredMonitoring(
    primarySite,
    settingsWith({ 'alert-availability': 98.5, 'alert-crash-loop': 7 }),
  );
  expect(alarmOf(resources, 'alert-availability').threshold).toBe(98.5);
  expect(alarmOf(resources, 'alert-crash-loop').threshold).toBe(7);
  const { limits } = settingsWith();
  const stricter = { ...limits, 'api-availability': { ...limits['api-availability'], target: 99.9 } };
  const burning = desiredMonitoring(primarySite, settingsWith({}, { limits: stricter })).resources;
  expect(alarmOf(burning, 'slo-burn-1h-long').threshold).toBe(1.44);
});

test('the burn of the budget is paired: both windows too fast, as the Site Reliability Workbook has it', () => {
  const thresholds = ['1h', '6h', '24h', '3d'].flatMap((pair) =>
    ['long', 'short'].map((side) => {
      const { threshold, metrics } = alarmOf(west.resources, `slo-burn-${pair}-${side}`);
      return [threshold, Object.values(metrics)[0]?.periodSeconds];
    }),
  );
  expect(thresholds).toEqual([
    [0.72, 3600],
    [0.72, 300],
    [0.3, 21_600],
    [0.3, 1800],
    [0.15, 86_400],
    [0.15, 7200],
    [0.05, 259_200],
    [0.05, 21_600],
  ]);
  // A single failure among few requests burns nothing down.
  expect(alarmOf(west.resources, 'slo-burn-1h-long').expression).toContain('>= 10');
});

test('one outage pages once: through one composite alarm, behind which the others keep still', () => {
  const paging = west.resources.filter(
    (each) => 'alarmActions' in each.spec && each.spec.alarmActions.some((arn) => arn.endsWith(':nano-critical')),
  );
  expect(paging.map(({ name }) => name)).toEqual([
    'nano-alert-replication-lag',
    'nano-api-failing',
    'nano-s3-upload-failures',
    'nano-crash-loop',
  ]);
  const rules = west.resources.flatMap((each) =>
    each.kind === 'composite-alarm' ? [[each.name, each.spec.rule]] : [],
  );
  expect(Object.fromEntries(rules)).toMatchObject({
    'nano-api-failing':
      'ALARM("nano-alert-availability") OR ALARM("nano-alert-error-rate") OR ALARM("nano-slo-burn-1h") OR ALARM("nano-slo-burn-6h")',
    'nano-crash-loop': 'ALARM("nano-alert-crash-loop") AND NOT ALARM("nano-api-failing")',
  });
});

test('nothing is named before it is made', () => {
  for (const { resources } of [west, east]) {
    const made = new Set<string>();
    for (const each of resources) {
      const named =
        each.kind === 'composite-alarm' ? [...each.spec.rule.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name) : [];
      const told = 'alarmActions' in each.spec ? each.spec.alarmActions.map((arn) => arn.split(':')[5] ?? '') : [];
      for (const name of [...named, ...told]) expect([each.name, made.has(name)]).toEqual([each.name, true]);
      made.add(each.name);
    }
  }
});

/** CloudWatch API Reference, PutMetricAlarm; Amazon EventBridge and SNS: the lengths of names. */
test('CloudWatch takes all of it', () => {
  for (const each of [...west.resources, ...east.resources]) {
    expect(each.name.length).toBeLessThanOrEqual(each.kind === 'event-rule' ? 64 : 255);
    if (each.kind !== 'alarm') continue;
    const { metrics, periods, datapoints, expression, description } = each.spec;
    const all = Object.entries(metrics);
    expect(all.length).toBeLessThanOrEqual(10);
    for (const [id, { periodSeconds }] of all) {
      expect(id).toMatch(/^[a-z]\w*$/);
      expect(periodSeconds * periods).toBeLessThanOrEqual(periodSeconds < 3600 ? 86_400 : 604_800);
    }
    expect(datapoints).toBeLessThanOrEqual(periods);
    expect((expression ?? '').length).toBeLessThanOrEqual(1024);
    expect(description.length).toBeLessThanOrEqual(1024);
    // An expression knows each of its metrics, and no other.
    const words = new Set((expression ?? all[0]?.[0] ?? '').match(/[a-z]\w*/g));
    expect([each.name, [...words].toSorted()]).toEqual([each.name, all.map(([id]) => id).toSorted()]);
  }
});

test('the region that stands by is silent while nobody asks it, and tells when nothing is copied any more', () => {
  const lag = alarmOf(east.resources, 'alert-replication-lag');
  expect(lag).toMatchObject({ missing: 'breaching', threshold: 30_000 });
  // As it is published there: with the region that it copies.
  expect(lag.metrics['lag']?.dimensions).toEqual({ DBClusterIdentifier: 'nano-db-dr', SourceRegion: 'us-west-2' });
  expect(alarmOf(east.resources, 'alert-cpu-sustained').missing).toBe('notBreaching');
  expect(alarmOf(east.resources, 'alert-error-rate')).toMatchObject({
    missing: 'notBreaching',
    expression: expect.stringContaining('>= 10'),
  });
  expect(east.notExpressible).toMatchObject([{ id: 'alert-s3-upload-failures', region: 'us-east-1' }]);
});

test('a cache of more nodes than an alarm can read is said to be one', () => {
  const cacheNodes = Array.from({ length: 6 }, (_, index) => `nano-cache-00${index + 1}`);
  const { resources, notExpressible } = desiredMonitoring({ ...primarySite, cacheNodes }, settingsWith());
  expect(resources.map(({ name }) => name)).not.toContain('nano-alert-cache-hit-rate');
  expect(notExpressible.find(({ id }) => id === 'alert-cache-hit-rate')?.reason).toContain('6 nodes');
});

test('a replica is told in seconds, and without an API each rule tells by itself', () => {
  const { globalCluster: _global, ...stack } = settingsWith().stack;
  const { api: _api, ...half } = primarySite.half;
  const settings = settingsWith({}, { stack });
  const { lagMetric: _lag, ...replica } = recoverySite;
  expect(alarmOf(desiredMonitoring(replica, settings).resources, 'alert-replication-lag').threshold).toBe(30);
  const { resources } = desiredMonitoring({ ...primarySite, half }, settings);
  expect(resources.some(({ kind }) => kind === 'composite-alarm')).toBe(false);
  expect(alarmOf(resources, 'alert-crash-loop').alarmActions).toHaveLength(1);
  // It copies nothing back.
  expect(resources.map(({ name }) => name)).not.toContain('nano-alert-replication-lag');
});

test('a cross-region replica that does not run publishes -1, which is no lag of a second less than none', () => {
  const lagMetric = replicaLagMetric({ region: 'us-east-1', cluster: 'nano-db-dr' });
  const { resources } = desiredMonitoring({ ...recoverySite, lagMetric }, settingsWith());
  const { expression, threshold } = alarmOf(resources, 'alert-replication-lag');
  const [, stopped] = /^IF\(lag < 0, (\d+), lag\)$/.exec(expression ?? '') ?? [];
  expect(threshold).toBe(30);
  expect(Number(stopped)).toBeGreaterThan(30);
  // The metrics of a global database know no such value.
  expect(alarmOf(east.resources, 'alert-replication-lag').expression).toBeNull();
});
