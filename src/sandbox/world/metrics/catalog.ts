/** All metrics of a region, to be looked up by namespace, name and dimensions; and the times at which they can be read. */
import type { World } from '../world.ts';
import type { RegionInventory } from '../inventory.ts';
import { MINUTE_MS } from '../minute.ts';
import { intensity, type Fault } from '../faults.ts';
import { isDead } from '../region-outage.ts';
import { balancerMetrics } from './balancer.ts';
import { cacheMetrics } from './cache.ts';
import { databaseMetrics } from './database.ts';
import type { Datum, MetricSource } from './datum.ts';
import { businessMetrics, healthCheckMetrics } from './product.ts';
import { serviceMetrics } from './service.ts';
import { storageMetrics } from './storage.ts';

/** Global services publish here. */
const GLOBAL_REGION = 'us-east-1';
/** A minute's metrics can be read so long after it ended. */
const VISIBLE_AFTER_MS = 60_000;

export class MetricCatalog {
  private readonly world: World;
  private readonly byKey = new Map<string, MetricSource>();
  private readonly region: RegionInventory | undefined;

  constructor(world: World, regionName: string) {
    this.world = world;
    const region = world.region(regionName);
    this.region = region;
    for (const source of sourcesOf(world, regionName, region)) {
      const key = metricKey(source.namespace, source.name, source.dimensions);
      if (!this.byKey.has(key)) this.byKey.set(key, source);
    }
  }

  sources(): readonly MetricSource[] {
    return [...this.byKey.values()];
  }

  find(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): MetricSource | undefined {
    return this.byKey.get(metricKey(namespace, name, dimensions));
  }

  /** The minute's datum, as far as it has reached CloudWatch by now. */
  read(source: MetricSource, minute: number): Datum | undefined {
    const now = this.world.now();
    const { inventory } = this.world;
    if ((minute + 1) * MINUTE_MS + VISIBLE_AFTER_MS > now || minute * MINUTE_MS < inventory.createdAt) {
      return undefined;
    }
    const at = (minute + 0.5) * MINUTE_MS;
    // In a region that is dead nothing measures anything.
    const isSilent =
      this.region !== undefined &&
      (isDead(inventory, this.region.role, at) ||
        (this.region.role === 'primary' && isTelemetryGap(inventory.faults, at)));
    return isSilent ? undefined : source.at(minute);
  }
}

/** Told from the faults alone: a minute's whole state takes a hundred times as long. */
function isTelemetryGap(faults: readonly Fault[], at: number): boolean {
  return faults.some((fault) => fault.effect === 'telemetry-gap' && intensity(fault, at) > 0);
}

function sourcesOf(world: World, regionName: string, region: RegionInventory | undefined): readonly MetricSource[] {
  const { dynamics } = world;
  const regional =
    region === undefined
      ? []
      : [
          ...balancerMetrics(dynamics, region),
          ...serviceMetrics(dynamics, region),
          ...databaseMetrics(dynamics, region),
          ...cacheMetrics(dynamics, region),
          ...storageMetrics(dynamics, region),
          ...(region.role === 'primary' ? businessMetrics(dynamics) : []),
        ];
  return regionName === GLOBAL_REGION ? [...regional, ...healthCheckMetrics(dynamics)] : regional;
}

function metricKey(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(dimensions)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted();
  return [namespace, name, ...pairs].join('\n');
}
