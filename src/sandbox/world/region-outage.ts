/** What is wrong with a region as a whole, at a time: told by the faults alone. */
import { lasts, type Fault } from './faults.ts';
import type { WorldInventory } from './inventory.ts';

export type Side = 'primary' | 'recovery';

export interface RegionOutage {
  /** `down`: nothing in it answers, neither AWS's own endpoints nor the stack. `impaired`: a share of calls fails. */
  readonly kind: 'down' | 'impaired';
  /** Epoch milliseconds. */
  readonly since: number;
  /** Of calls and requests that fail, from 0 to 1. */
  readonly share: number;
  /** True where it is merely cut off: inside, everything lives on, and its database takes writes. */
  readonly livesOn: boolean;
}

/** Undefined while the region is well. As seen from outside of it. */
export function regionOutageAt(world: WorldInventory, side: Side, at: number): RegionOutage | undefined {
  let worst: RegionOutage | undefined;
  for (const fault of world.faults) {
    if (!lasts(fault, at)) continue;
    const outage = outageBy(fault, side);
    if (outage !== undefined && (worst === undefined || gravity(outage) > gravity(worst))) worst = outage;
  }
  return worst;
}

function outageBy(fault: Fault, side: Side): RegionOutage | undefined {
  const since = fault.from;
  if (fault.effect === 'region-down' && fault.region === side) return { kind: 'down', since, share: 1, livesOn: false };
  if (fault.effect === 'writer-cut-off' && side === 'primary') return { kind: 'down', since, share: 1, livesOn: true };
  if (fault.effect === 'region-impaired' && fault.region === side) {
    return { kind: 'impaired', since, share: fault.share, livesOn: true };
  }
  return undefined;
}

/** A dead region is worse than one that is cut off, and that is worse than an impaired one. */
function gravity({ kind, share, livesOn }: RegionOutage): number {
  return kind === 'down' ? (livesOn ? 2 : 3) : share;
}

/** True while nothing in the region runs. */
export function isDead(world: WorldInventory, side: Side, at: number): boolean {
  return world.faults.some((fault) => fault.effect === 'region-down' && fault.region === side && lasts(fault, at));
}

/** True while packets between the region and anything outside of it get lost, whether it lives or not. */
export function isCutOff(world: WorldInventory, side: Side, at: number): boolean {
  return regionOutageAt(world, side, at)?.kind === 'down';
}

/** When the region could be reached again, having been out of reach at `at`; undefined where no end is known. */
export function reachableFrom(world: WorldInventory, side: Side, at: number): number | undefined {
  let from = at;
  for (;;) {
    const fault = world.faults.find((each) => lasts(each, from) && outageBy(each, side)?.kind === 'down');
    if (fault === undefined) return from;
    if (fault.to === undefined) return undefined;
    from = fault.to;
  }
}

/** The side that a region is; undefined for one in which the stack has nothing. */
export function sideOf(world: WorldInventory, region: string): Side | undefined {
  return [world.primary, world.recovery].find((each) => each.region === region)?.role;
}
