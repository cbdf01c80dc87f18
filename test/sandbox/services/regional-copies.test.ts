/** Copies between the regions: how much S3 has still to copy, where that is told, and the database's snapshots. */
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import type { ReplicationBacklog } from '../../../src/cloud/recovery-facts.ts';
import { struck, type Struck } from './struck.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const west = { region: 'us-west-2', bucket: 'nano-zips' };
const east = { region: 'us-east-1', bucket: 'nano-zips-dr' };

function lastHour({ facts, clock }: Struck, back = false): Promise<ReplicationBacklog> {
  const window = { from: clock.now() - HOUR, to: clock.now() };
  return back
    ? facts.replicationBacklog(east, west, 'to-primary', window)
    : facts.replicationBacklog(west, east, 'to-recovery', window);
}

const values = (series: { readonly points: readonly { readonly value: number }[] }) =>
  series.points.map(({ value }) => value);

test('a healthy bucket is copied within seconds, and nothing waits for the way back', async () => {
  const world = struck();
  const { pendingOperations, pendingBytes, latency } = await lastHour(world);
  expect(pendingOperations.points.length).toBeGreaterThan(50);
  expect(Math.max(...values(pendingOperations))).toBeLessThan(200);
  expect(Math.max(...values(pendingBytes))).toBeLessThan(1e9);
  expect(Math.max(...values(latency))).toBeLessThan(15);
  const back = await lastHour(world, true);
  expect(new Set([...values(back.pendingOperations), ...values(back.latency)])).toEqual(new Set([0]));
});

test('what is pending is told where it goes to; what failed, where it comes from', async () => {
  const world = struck();
  const published = async (region: string, metric: string) => {
    const client = new CloudWatchClient(world.settings(region));
    const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: 'AWS/S3', MetricName: metric }));
    return Metrics.map(({ Dimensions = [] }) => Dimensions.find(({ Name }) => Name === 'RuleId')?.Value);
  };
  for (const metric of ['OperationsPendingReplication', 'BytesPendingReplication', 'ReplicationLatency']) {
    expect([metric, await published('us-east-1', metric)]).toEqual([metric, ['to-recovery']]);
    expect([metric, await published('us-west-2', metric)]).toEqual([metric, ['to-primary']]);
  }
  expect(await published('us-west-2', 'OperationsFailedReplication')).toEqual(['to-recovery']);
  expect(await published('us-east-1', 'OperationsFailedReplication')).toEqual(['to-primary']);
});

test('a backlog is in all three metrics, and its latency grows no faster than time', async () => {
  const world = struck(['effect: replication-backlog, from: -20m, operations: 40000, bytes: 9000000000']);
  const { pendingOperations, pendingBytes, latency } = await lastHour(world);
  expect(values(pendingOperations).at(-1)).toBeGreaterThan(40_000);
  expect(values(pendingBytes).at(-1)).toBeGreaterThan(9e9);
  const newest = latency.points.at(-1);
  expect(newest?.value).toBeGreaterThan(15 * 60);
  expect(newest?.value).toBeLessThan(21 * 60);
  expect(Math.max(...values(latency).slice(0, 35))).toBeLessThan(15);
});

test('a rule that is gone publishes nothing any more', async () => {
  const world = struck(['effect: missing, what: bucket-replication, from: -20m']);
  const { pendingOperations } = await lastHour(world);
  expect(pendingOperations.points.length).toBeGreaterThan(30);
  expect(pendingOperations.points.at(-1)?.at).toBeLessThan(world.startMs - 20 * MINUTE);
});

test('objects wait for a region that is down, and are made up for once it is back', async () => {
  const world = struck(['effect: region-down, region: recovery, from: -40m, to: -12m']);
  const { pendingOperations, latency } = await lastHour(world);
  const back = world.startMs - 12 * MINUTE;
  expect(pendingOperations.points.some(({ at }) => at >= world.startMs - 40 * MINUTE && at < back)).toBe(false);
  const after = pendingOperations.points.filter(({ at }) => at >= back).map(({ value }) => value);
  expect(after[0]).toBeGreaterThan(1_000);
  expect(after.at(-1)).toBeLessThan((after[0] ?? 0) / 2);
  expect(latency.points.find(({ at }) => at >= back)?.value).toBeGreaterThan(60);
});

test('the recovery region has copies of every night, and its own cluster’s snapshots', async () => {
  const { facts, startMs } = struck();
  const copies = await facts.clusterSnapshots({ region: 'us-east-1', cluster: 'nano-db' });
  expect(copies).toHaveLength(7);
  expect(new Set(copies.map(({ type, status }) => `${type} ${status}`))).toEqual(new Set(['manual available']));
  const ages = copies.map(({ at = 0 }) => Math.floor((startMs - at) / (24 * HOUR)));
  expect(ages).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const own = await facts.clusterSnapshots({ region: 'us-east-1', cluster: 'nano-db-dr' });
  expect(new Set(own.map(({ type, cluster }) => `${type} ${cluster}`))).toEqual(new Set(['automated nano-db-dr']));
  expect(own[0]?.at).toBeGreaterThan(startMs - 24 * HOUR);
});

test('no snapshot was made of a region while it was down, and none copied', async () => {
  // From one o'clock to four: the night's backup is made between two and three.
  const { facts } = struck(['effect: region-down, region: primary, from: -10h, to: -7h']);
  const newest = async (region: string, cluster: string) =>
    (await facts.clusterSnapshots({ region, cluster })).map(({ id }) => id.match(/\d{4}-\d\d-\d\d/)?.[0])[0];
  expect(await newest('us-west-2', 'nano-db')).toBe('2026-11-22');
  expect(await newest('us-east-1', 'nano-db')).toBe('2026-11-22');
  expect(await newest('us-east-1', 'nano-db-dr')).toBe('2026-11-23');
});
