/** How well the simulated stack is set up: as it should be, less what an `untuned` fault says. */
import { lasts, type Untuned } from './faults.ts';
import type { World } from './world.ts';

export function isUntuned(world: World, part: Untuned): boolean {
  const now = world.now();
  return world.inventory.faults.some(
    (fault) => fault.effect === 'untuned' && lasts(fault, now) && fault.what.includes(part),
  );
}

/** What the cache throws away when it is full. */
export function evictionPolicy(world: World): string {
  return isUntuned(world, 'cache-policy') ? 'noeviction' : 'allkeys-lru';
}
