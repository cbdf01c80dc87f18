/** How the simulated world stands, in what changes touch: for comparing how two runs left it. Plain data. */
import { writerAt, databasesOf, instancesAt } from './world/database-state.ts';
import { deploymentsUntil, desiredAt, type RegionInventory } from './world/inventory.ts';
import type { World } from './world/world.ts';

export interface Standing {
  readonly regions: readonly {
    readonly region: string;
    readonly desired: number;
    readonly min: number | undefined;
    readonly max: number | undefined;
    readonly taskDefinition: string | undefined;
    readonly databases: readonly {
      readonly cluster: string;
      readonly writer: string | undefined;
      readonly instances: readonly string[];
    }[];
  }[];
  /** Every call that changed something, as often as it was made, in order of their names. */
  readonly calls: readonly string[];
}

export function standingOf(world: World): Standing {
  const { primary, recovery, calls } = world.inventory;
  const now = world.now();
  const regionAt = (region: RegionInventory) => ({
    region: region.region,
    desired: desiredAt(region, now),
    min: region.scaling?.min,
    max: region.scaling?.max,
    taskDefinition: deploymentsUntil(region, now)[0]?.taskDefinition,
    databases: databasesOf(region).map((database) => ({
      cluster: database.cluster,
      writer: writerAt(database, now),
      instances: instancesAt(database, now).map(({ id }) => id),
    })),
  });
  return {
    regions: [regionAt(primary), regionAt(recovery)],
    calls: calls
      .map(({ operation, region, resource, detail }) => `${operation} ${region} ${resource} ${detail}`)
      .toSorted(),
  };
}
