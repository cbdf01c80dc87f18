/** AWS/RDS: Aurora's metrics by instance, by role and by cluster, and the global database's lag. */
import type { Dynamics } from '../dynamics.ts';
import { gaussian, noise } from '../../random.ts';
import { slow } from '../demand.ts';
import type { RegionInventory } from '../inventory.ts';
import { lognormal } from '../queueing.ts';
import { database, statements } from '../workload.ts';
import { gauge, type Datum, type MetricSource, type MetricUnit } from './datum.ts';

const GIB = 2 ** 30;
const VOLUME_LIMIT_BYTES = 128 * 2 ** 40;
const VOLUME_BYTES_AT_START = 84 * GIB;
const VOLUME_GROWTH_BYTES_PER_MINUTE = 140_000;
/** The share of its work that a reader does of the writer's: reports, and the balance of reads. */
const READER_SHARE = 0.16;

interface Measure {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly at: (minute: number) => number | undefined;
}

export function databaseMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  const { cluster, instances } = region.database;
  const sources: MetricSource[] = [];
  const publish = (dimensions: Readonly<Record<string, string>>, measures: readonly Measure[]) => {
    for (const { name, unit, at } of measures) {
      const value = (minute: number): Datum | undefined => {
        const measured = at(minute);
        return measured === undefined ? undefined : gauge(measured);
      };
      sources.push({ namespace: 'AWS/RDS', name, dimensions, unit, at: value });
    }
  };
  const published = new Set<string>();
  for (const instance of instances) {
    const measures = instance.role === 'writer' ? writerMeasures(dynamics, region) : readerMeasures(dynamics, region);
    publish({ DBInstanceIdentifier: instance.id }, measures);
    const role = instance.role === 'writer' ? 'WRITER' : 'READER';
    if (published.has(role)) continue;
    published.add(role);
    publish({ DBClusterIdentifier: cluster, Role: role }, measures);
    if (published.size === 1) publish({ DBClusterIdentifier: cluster }, measures);
  }
  publish({ DBClusterIdentifier: cluster }, clusterMeasures(dynamics, region));
  return sources;
}

function writerMeasures(dynamics: Dynamics, region: RegionInventory): readonly Measure[] {
  const { seed } = dynamics.world;
  const load = (minute: number) => dynamics.state(region, minute).database;
  const wobble = (key: string, minute: number, share: number) =>
    1 + share * (noise(seed, region.region, key, minute) - 0.5) * 2;
  const latency = (kind: 'select' | 'dml', minute: number) => {
    let timeMs = 0;
    let perSecond = 0;
    for (const [id, state] of load(minute).statements) {
      if (statements[id].kind !== kind) continue;
      timeMs += state.perSecond * Math.min(state.meanMs, database.statementTimeoutMs);
      perSecond += state.perSecond;
    }
    return perSecond === 0 ? undefined : (timeMs / perSecond) * wobble(`${kind}-latency`, minute, 0.06);
  };
  const rate = (minute: number, kind?: 'select' | 'dml') => {
    let perSecond = 0;
    for (const [id, state] of load(minute).statements) {
      if (kind === undefined || statements[id].kind === kind) perSecond += state.perSecond;
    }
    return perSecond;
  };
  return [
    { name: 'CPUUtilization', unit: 'Percent', at: (minute) => Math.min(99.6, load(minute).utilisation * 100) },
    { name: 'DatabaseConnections', unit: 'Count', at: (minute) => load(minute).connections },
    { name: 'SelectLatency', unit: 'Milliseconds', at: (minute) => latency('select', minute) },
    { name: 'DMLLatency', unit: 'Milliseconds', at: (minute) => latency('dml', minute) },
    {
      name: 'CommitLatency',
      unit: 'Milliseconds',
      at: (minute) => 3.4 * Math.sqrt(load(minute).slowdown) * wobble('commit-latency', minute, 0.1),
    },
    { name: 'Queries', unit: 'Count/Second', at: (minute) => rate(minute) * 1.6 * wobble('queries', minute, 0.02) },
    { name: 'SelectThroughput', unit: 'Count/Second', at: (minute) => rate(minute, 'select') },
    { name: 'DMLThroughput', unit: 'Count/Second', at: (minute) => rate(minute, 'dml') },
    {
      name: 'Deadlocks',
      unit: 'Count/Second',
      at: (minute) => (noise(seed, region.region, 'deadlocks', minute) > 0.995 ? 1 / 60 : 0),
    },
    { name: 'LoginFailures', unit: 'Count/Second', at: () => 0 },
    {
      name: 'FreeableMemory',
      unit: 'Bytes',
      at: (minute) =>
        4.6 * GIB - load(minute).connections * 1.5 * 2 ** 20 + 0.05 * GIB * slow(seed, 'freeable', minute, 45),
    },
    {
      name: 'FreeLocalStorage',
      unit: 'Bytes',
      at: (minute) => 29 * GIB + 0.2 * GIB * slow(seed, 'local-storage', minute, 120),
    },
    {
      name: 'BufferCacheHitRatio',
      unit: 'Percent',
      at: (minute) => {
        const scans = [...load(minute).statements.values()].some((state) => state.rowsExamined > 100_000);
        return (scans ? 93.5 : 99.7) * wobble('buffer', minute, 0.001);
      },
    },
    {
      name: 'AuroraReplicaLagMaximum',
      unit: 'Milliseconds',
      at: (minute) => replicaLag(dynamics, region, minute),
    },
  ];
}

function readerMeasures(dynamics: Dynamics, region: RegionInventory): readonly Measure[] {
  const { seed } = dynamics.world;
  const load = (minute: number) => dynamics.state(region, minute).database;
  return [
    {
      name: 'CPUUtilization',
      unit: 'Percent',
      at: (minute) =>
        Math.max(
          2,
          6 + load(minute).utilisation * 100 * READER_SHARE + gaussian(seed, region.region, 'reader-cpu', minute),
        ),
    },
    {
      name: 'DatabaseConnections',
      unit: 'Count',
      at: (minute) => 5 + Math.round(2 * noise(seed, region.region, 'reader-connections', minute)),
    },
    {
      name: 'SelectLatency',
      unit: 'Milliseconds',
      at: (minute) => 6.5 * (1 + 0.1 * slow(seed, `reader-select-${region.region}`, minute)),
    },
    {
      name: 'FreeableMemory',
      unit: 'Bytes',
      at: (minute) => 5.8 * GIB + 0.05 * GIB * slow(seed, `reader-memory-${region.region}`, minute, 45),
    },
    {
      name: 'FreeLocalStorage',
      unit: 'Bytes',
      at: (minute) => 30 * GIB + 0.1 * GIB * slow(seed, `reader-storage-${region.region}`, minute, 120),
    },
    { name: 'AuroraReplicaLag', unit: 'Milliseconds', at: (minute) => replicaLag(dynamics, region, minute) },
  ];
}

/** Within a region replicas share the volume: some twenty milliseconds, more while the writer is busy. */
function replicaLag(dynamics: Dynamics, region: RegionInventory, minute: number): number {
  const busy = dynamics.state(region, minute).database.slowdown;
  return lognormal(18 * Math.sqrt(busy), 0.15, gaussian(dynamics.world.seed, region.region, 'replica-lag', minute));
}

function clusterMeasures(dynamics: Dynamics, region: RegionInventory): readonly Measure[] {
  const { world } = dynamics;
  const startMinute = Math.floor(world.startMs / 60_000);
  const used = (minute: number) => VOLUME_BYTES_AT_START + (minute - startMinute) * VOLUME_GROWTH_BYTES_PER_MINUTE;
  const measures: Measure[] = [
    { name: 'VolumeBytesUsed', unit: 'Bytes', at: used },
    { name: 'AuroraVolumeBytesLeftTotal', unit: 'Bytes', at: (minute) => VOLUME_LIMIT_BYTES - used(minute) },
  ];
  if (region.database.primary) return measures;
  // Only the secondary's region knows how far it is behind.
  const lagMs = (minute: number) => lognormal(205, 0.18, gaussian(world.seed, 'global-lag', minute));
  return [
    ...measures,
    { name: 'AuroraGlobalDBRPOLag', unit: 'Milliseconds', at: lagMs },
    { name: 'AuroraGlobalDBReplicationLag', unit: 'Milliseconds', at: (minute) => lagMs(minute) * 0.8 },
  ];
}
