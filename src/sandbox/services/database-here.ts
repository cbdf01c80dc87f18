/** What a call about databases is about: a region of the world, at a time. */
import type { RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import type { Arns } from './arns.ts';

export interface DatabaseHere {
  readonly world: World;
  readonly region: RegionInventory;
  readonly arns: Arns;
  readonly now: number;
}
