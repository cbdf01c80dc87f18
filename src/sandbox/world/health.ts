/** Which tasks a load balancer's health checks find unhealthy, and whether there is any task at all to send requests to. */
import { noise } from '../random.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import { MINUTE_MS, type MinuteState, type TaskState } from './minute.ts';
import { isMissing } from './region-needs.ts';

/**
 * The tasks that fail their checks during a minute. In a zone that loses packets a check fails now and then, two in a
 * row seldom: about every second minute one of the zone's tasks is out.
 */
export function unhealthyTasks(
  world: WorldInventory,
  region: RegionInventory,
  state: MinuteState,
): readonly TaskState[] {
  if (isMissing(world, region, 'target-health', (state.minute + 0.5) * MINUTE_MS)) return state.tasks;
  // Its checks come from where its requests come from. Two in a row have to fail.
  if (state.effects.closedTargets >= 0.5) return state.tasks;
  const zone = state.effects.zone;
  if (zone === undefined || zone.loss === 0) return [];
  const inZone = state.tasks.filter((task) => task.zoneIndex === zone.zone);
  const luck = noise(world.seed, 'health', state.minute);
  if (luck > 0.5 || inZone.length === 0) return [];
  return inZone.slice(0, 1);
}

/** True of a minute in which no task served, of those that are known to have been there. */
export function isUnserved(region: RegionInventory, state: MinuteState): boolean {
  return state.tasks.length === 0 && region.tasks.length > 0;
}
