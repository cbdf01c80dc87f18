/**
 * Puts a world together: names from the stack, faults from the scenario and the seed, the inventory, and its dynamics.
 * The inventory is plain data that is replaced, never altered: by calls that change something, and by what was planned to
 * happen. Whoever asks gets the world as it is now.
 */
import type { Stack } from '../../cloud/stack.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { resolveFaults } from '../scenarios/scenario.ts';
import { buildInventory } from './build-inventory.ts';
import { Dynamics } from './dynamics.ts';
import { settled } from './happenings.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import { regionOf } from './inventory.ts';
import { resolveNames, type ExtraNames } from './names.ts';

export interface WorldPlan {
  readonly stack: Stack;
  readonly extraNames?: ExtraNames;
  readonly scenario: Scenario;
  readonly seed: number;
  /** The present of the scenario, to which its times are relative; epoch milliseconds. */
  readonly startMs: number;
}

/** A call that changed the world: for whoever proves what was done to it, and how often. */
export interface AppliedCall {
  readonly at: number;
  /** `service:Operation`. */
  readonly operation: string;
  readonly region: string;
  readonly resource: string;
  /** What it set, in short. */
  readonly detail: string;
}

/** What services ask: the inventory, the dynamics, and the time. */
export interface World {
  /** As it is now: what was due has happened. */
  readonly inventory: WorldInventory;
  readonly dynamics: Dynamics;
  /** Epoch milliseconds on the world's clock. */
  now(): number;
  /** Undefined for a region in which nothing exists. */
  region(name: string): RegionInventory | undefined;
  /**
   * A call changes the world, from now on: what was computed of the present minute and later ones is forgotten. The call
   * is kept in `inventory.calls`.
   */
  change(call: Omit<AppliedCall, 'at'>, alter: (world: WorldInventory) => WorldInventory): void;
}

export interface WorldOptions {
  /** Told of each new inventory after a call changed it, before the call is answered. */
  readonly onChange?: (inventory: WorldInventory) => void;
}

/** So many beginnings are kept: whoever plays one incident again and again has the same past each time. */
const BEGINNINGS_KEPT = 3;
const beginnings = new Map<string, WorldInventory>();

/** The same plan gives the same inventory, and often the same object. */
export function inventoryOf(plan: WorldPlan): WorldInventory {
  const key = JSON.stringify(plan);
  const inventory = beginnings.get(key) ?? inventoryAt(plan);
  beginnings.delete(key);
  beginnings.set(key, inventory);
  for (const oldest of beginnings.keys()) {
    if (beginnings.size <= BEGINNINGS_KEPT) break;
    beginnings.delete(oldest);
  }
  return inventory;
}

function inventoryAt(plan: WorldPlan): WorldInventory {
  return buildInventory({
    seed: plan.seed,
    startMs: plan.startMs,
    scenario: plan.scenario.id,
    names: resolveNames(plan.stack, plan.extraNames),
    faults: resolveFaults(plan.scenario, plan.seed, plan.startMs),
    ...(plan.scenario.scaling !== undefined && { scaling: plan.scenario.scaling }),
    ...(plan.scenario.dns !== undefined && { dns: plan.scenario.dns }),
  });
}

/** A world that goes on from an inventory, a saved one too. */
export function openWorld(inventory: WorldInventory, now: () => number, { onChange }: WorldOptions = {}): World {
  let current = inventory;
  const dynamics = new Dynamics(current);
  const replace = (next: WorldInventory, from: number): void => {
    current = next;
    dynamics.replace(next, from);
  };
  const settle = (): WorldInventory => {
    const due = current.happenings.reduce((first, each) => Math.min(first, each.at), Infinity);
    if (due <= now()) replace(settled(current, now()), due);
    return current;
  };
  return {
    get inventory() {
      return settle();
    },
    get dynamics() {
      settle();
      return dynamics;
    },
    now,
    region: (name) => regionOf(settle(), name),
    change(call, alter) {
      const before = settle();
      const after = alter(before);
      replace({ ...after, calls: [...after.calls, { at: now(), ...call }] }, now());
      onChange?.(current);
    },
  };
}

export function buildWorld(plan: WorldPlan, now: () => number, options: WorldOptions = {}): World {
  return openWorld(inventoryOf(plan), now, options);
}
