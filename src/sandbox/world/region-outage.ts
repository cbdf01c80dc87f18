/** What is wrong with a region as a whole, at a time: told by the faults alone. */
import type { WorldInventory } from './inventory.ts';

export type Side = 'primary' | 'recovery';

export interface RegionOutage {
  /** `down`: nothing in it answers, neither AWS's own endpoints nor the stack. `impaired`: a share of calls fails. */
  readonly kind: 'down' | 'impaired';
  /** Epoch milliseconds. */
  readonly since: number;
  /** Of calls and requests that fail, from 0 to 1. */
  readonly share: number;
}

/** Undefined while the region is well. */
export function regionOutageAt(_world: WorldInventory, _side: Side, _at: number): RegionOutage | undefined {
  return undefined;
}
