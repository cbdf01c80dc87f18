/** AWS/RDS: Aurora's metrics by instance, by role and by cluster, and the global database's lag. */
import type { Dynamics } from '../dynamics.ts';
import { gaussian, noise } from '../../random.ts';
import { slow } from '../demand.ts';
import { intensity } from '../faults.ts';
import { faultsOn, instancesAt, outageAt, writerAt } from '../database-state.ts';
import { isEverCopy, lagAt, otherSide } from '../global-database.ts';
import type { Database, DatabaseInstance, RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import { lognormal } from '../queueing.ts';
import { isCutOff, isDead } from '../region-outage.ts';
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

type Measures = ReadonlyMap<string, Measure>;

export function databaseMetrics(dynamics: Dynamics, region: RegionInventory): readonly MetricSource[] {
  return [
    ...clusterSources(dynamics, region, region.database),
    ...region.restoredDatabases.flatMap((restored) => clusterSources(dynamics, region, restored)),
  ];
}

/** By instance, by role and of the cluster. Whoever writes at a minute publishes a writer's metrics for it. */
function clusterSources(dynamics: Dynamics, region: RegionInventory, cluster: Database): readonly MetricSource[] {
  const sources: MetricSource[] = [];
  const publish = (dimensions: Readonly<Record<string, string>>, measures: readonly Measure[]) => {
    for (const { name, unit, at } of measures) {
      const value = (minute: number): Datum | undefined => {
        // What a dead region measured of itself nobody ever learns.
        const measured = isDead(dynamics.world, region.role, middleOf(minute)) ? undefined : at(minute);
        return measured === undefined ? undefined : gauge(measured);
      };
      sources.push({ namespace: 'AWS/RDS', name, dimensions, unit, at: value });
    }
  };
  const serves = cluster.cluster === region.database.cluster;
  const faults = faultsOn(dynamics.world, region, cluster);
  const writing = byName(serves ? writerMeasures(dynamics, region) : idleMeasures(dynamics, cluster));
  const reading = new Map(
    cluster.instances.map(({ id }) => [
      id,
      byName(serves ? readerMeasures(dynamics, region, id) : idleMeasures(dynamics, cluster)),
    ]),
  );
  const writer = (minute: number) => writerAt(cluster, middleOf(minute));
  const reader = (minute: number) =>
    instancesAt(cluster, middleOf(minute)).find((instance) => instance.id !== writer(minute))?.id;
  /** What an instance measures of itself, in the role that it has: nothing while it is not there. */
  const measured = (instance: DatabaseInstance, name: string, minute: number): number | undefined => {
    const at = middleOf(minute);
    const there = instance.availableAt <= at && (instance.deletedAt === undefined || instance.deletedAt > at);
    if (!there || outageAt(cluster, faults, instance.id, at) !== undefined) return undefined;
    return (writer(minute) === instance.id ? writing : reading.get(instance.id))?.get(name)?.at(minute);
  };
  /** The measures of whoever has a role at a minute. */
  const ofHolder = (measures: Measures, holder: (minute: number) => string | undefined) =>
    [...measures.values()].map(({ name, unit }): Measure => ({
      name,
      unit,
      at: (minute) => {
        const id = holder(minute);
        const instance = cluster.instances.find((each) => each.id === id);
        return instance && measured(instance, name, minute);
      },
    }));
  const roles: { role: string; measures: readonly Measure[] }[] = [];
  const writers = new Set([...cluster.terms.map((term) => term.writer), ...cluster.failovers.map((each) => each.to)]);
  if (cluster.terms.some((term) => term.writer !== undefined)) {
    roles.push({ role: 'WRITER', measures: ofHolder(writing, writer) });
  }
  /** Whoever wrote from the first to the last never was a reader. */
  const always = isAlwaysOriginal(cluster) ? cluster.terms[0]?.writer : undefined;
  const firstReader = cluster.instances.find(({ id }) => id !== always);
  if (firstReader !== undefined) {
    roles.push({ role: 'READER', measures: ofHolder(reading.get(firstReader.id) ?? new Map(), reader) });
  }
  for (const { id } of cluster.instances) {
    const wrote = writers.has(id);
    const read = id !== always || cluster.failovers.some((each) => each.from === id && each.to !== id);
    const own = new Map([...(wrote ? writing : []), ...((read && reading.get(id)) || [])]);
    publish(
      { DBInstanceIdentifier: id },
      ofHolder(own, () => id),
    );
  }
  for (const { role, measures } of roles) publish({ DBClusterIdentifier: cluster.cluster, Role: role }, measures);
  publish({ DBClusterIdentifier: cluster.cluster }, roles[0]?.measures ?? []);
  const copies = serves && isEverCopy(dynamics.world, region.role);
  const byLog = dynamics.world.replication.kind === 'replica';
  if (copies && byLog) publish({ DBClusterIdentifier: cluster.cluster, Role: 'WRITER' }, [logLag(dynamics, region)]);
  const ofCluster = [...clusterMeasures(dynamics), ...(copies && !byLog ? lagMeasures(dynamics, region) : [])];
  const volume = ofCluster.map(({ at, ...measure }) => ({
    ...measure,
    at: (minute: number) => (middleOf(minute) < cluster.availableAt ? undefined : at(minute)),
  }));
  publish({ DBClusterIdentifier: cluster.cluster }, volume);
  return sources;
}

/** True of a cluster that took writes ever since it was there. */
function isAlwaysOriginal({ terms: [first] }: Database): boolean {
  return first !== undefined && first.from === 0 && first.to === undefined;
}

function byName(measures: readonly Measure[]): Measures {
  return new Map(measures.map((measure) => [measure.name, measure]));
}

/** Who has which role in a minute is told by its middle. */
function middleOf(minute: number): number {
  return (minute + 0.5) * MINUTE_MS;
}

/** Of an instance that nobody uses. */
function idleMeasures(dynamics: Dynamics, cluster: Database): readonly Measure[] {
  const { seed } = dynamics.world;
  const wander = (what: string, minute: number) => slow(seed, `${cluster.cluster}-${what}`, minute, 45);
  return [
    { name: 'CPUUtilization', unit: 'Percent', at: (minute) => Math.max(1, 4 + 0.5 * wander('cpu', minute)) },
    { name: 'DatabaseConnections', unit: 'Count', at: () => 0 },
    { name: 'FreeableMemory', unit: 'Bytes', at: (minute) => 6.1 * GIB + 0.05 * GIB * wander('memory', minute) },
    { name: 'FreeLocalStorage', unit: 'Bytes', at: (minute) => 30 * GIB + 0.1 * GIB * wander('storage', minute) },
  ];
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
    return perSecond * load(minute).writerShare === 0
      ? undefined
      : (timeMs / perSecond) * wobble(`${kind}-latency`, minute, 0.06);
  };
  const rate = (minute: number, kind?: 'select' | 'dml') => {
    let perSecond = 0;
    for (const [id, state] of load(minute).statements) {
      if (kind === undefined || statements[id].kind === kind) perSecond += state.perSecond;
    }
    return perSecond * load(minute).writerShare;
  };
  const utilisation = (minute: number) => {
    const all = load(minute);
    return all.writerShare === 1
      ? all.utilisation
      : database.idleUtilisation + (all.utilisation - database.idleUtilisation) * all.writerShare;
  };
  return [
    { name: 'CPUUtilization', unit: 'Percent', at: (minute) => Math.min(99.6, utilisation(minute) * 100) },
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
    { name: 'LoginFailures', unit: 'Count/Second', at: (minute) => load(minute).loginFailuresPerSecond },
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

function readerMeasures(dynamics: Dynamics, region: RegionInventory, instance: string): readonly Measure[] {
  const { seed } = dynamics.world;
  const load = (minute: number) => dynamics.state(region, minute).database;
  return [
    {
      name: 'CPUUtilization',
      unit: 'Percent',
      at: (minute) =>
        Math.max(
          2,
          6 +
            load(minute).utilisation * 100 * (READER_SHARE + (load(minute).stale.get(instance)?.share ?? 0)) +
            gaussian(seed, region.region, 'reader-cpu', minute),
        ),
    },
    {
      name: 'DatabaseConnections',
      unit: 'Count',
      at: (minute) =>
        5 +
        Math.round(2 * noise(seed, region.region, 'reader-connections', minute)) +
        (load(minute).stale.get(instance)?.connections ?? 0),
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

function clusterMeasures(dynamics: Dynamics): readonly Measure[] {
  const { world } = dynamics;
  const startMinute = Math.floor(world.startMs / 60_000);
  const used = (minute: number) => {
    const usual = VOLUME_BYTES_AT_START + (minute - startMinute) * VOLUME_GROWTH_BYTES_PER_MINUTE;
    return world.faults.reduce(
      (bytes, fault) =>
        fault.effect === 'volume'
          ? bytes + (fault.share * VOLUME_LIMIT_BYTES - bytes) * intensity(fault, middleOf(minute))
          : bytes,
      usual,
    );
  };
  return [
    { name: 'VolumeBytesUsed', unit: 'Bytes', at: used },
    { name: 'AuroraVolumeBytesLeftTotal', unit: 'Bytes', at: (minute) => VOLUME_LIMIT_BYTES - used(minute) },
  ];
}

/** Only the secondary's region knows how far it is behind. */
function lagMeasures(dynamics: Dynamics, region: RegionInventory): readonly Measure[] {
  const lagMs = (minute: number) => lagAt(dynamics.world, region.role, middleOf(minute));
  const part = (share: number) => (minute: number) => {
    const lag = lagMs(minute);
    return lag === undefined ? undefined : lag * share;
  };
  return [
    { name: 'AuroraGlobalDBRPOLag', unit: 'Milliseconds', at: lagMs },
    { name: 'AuroraGlobalDBReplicationLag', unit: 'Milliseconds', at: part(0.8) },
  ];
}

/** A replica by the binary log tells -1 while it has no connection to its original. */
function logLag(dynamics: Dynamics, region: RegionInventory): Measure {
  const at = (minute: number): number | undefined => {
    const time = middleOf(minute);
    const lag = lagAt(dynamics.world, region.role, time);
    if (lag === undefined) return undefined;
    return isCutOff(dynamics.world, otherSide(region.role), time) ? -1 : lag / 1_000;
  };
  return { name: 'AuroraBinlogReplicaLag', unit: 'Seconds', at };
}
