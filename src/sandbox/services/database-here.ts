/** What a call about databases is about: a region of the world and one of its clusters, at a time. */
import { faultsOn } from '../world/database-state.ts';
import type { Fault } from '../world/faults.ts';
import type { Database, RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import type { Arns } from './arns.ts';

export interface RegionHere {
  readonly world: World;
  readonly region: RegionInventory;
  readonly arns: Arns;
  readonly now: number;
}

export interface DatabaseHere extends RegionHere {
  readonly database: Database;
  readonly faults: readonly Fault[];
}

export function databaseHere(here: RegionHere, database: Database): DatabaseHere {
  return { ...here, database, faults: faultsOn(here.world.inventory, here.region, database) };
}

/** The cluster's ARN. */
export function clusterArn({ arns }: RegionHere, database: Database): string {
  return arns.databaseCluster().replace(/:cluster:.*$/, `:cluster:${database.cluster}`);
}
