/** Puts a world together: names from the stack, faults from the scenario and the seed, the inventory, and its dynamics. */
import type { Stack } from '../../cloud/stack.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { resolveFaults } from '../scenarios/scenario.ts';
import { buildInventory } from './build-inventory.ts';
import { Dynamics } from './dynamics.ts';
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

/** What services ask: the inventory, the dynamics, and the time. */
export interface World {
  readonly inventory: WorldInventory;
  readonly dynamics: Dynamics;
  /** Epoch milliseconds on the world's clock. */
  now(): number;
  /** Undefined for a region in which nothing exists. */
  region(name: string): RegionInventory | undefined;
}

export function buildWorld(plan: WorldPlan, now: () => number): World {
  const inventory = buildInventory({
    seed: plan.seed,
    startMs: plan.startMs,
    scenario: plan.scenario.id,
    names: resolveNames(plan.stack, plan.extraNames),
    faults: resolveFaults(plan.scenario, plan.seed, plan.startMs),
  });
  return {
    inventory,
    dynamics: new Dynamics(inventory),
    now,
    region: (name) => regionOf(inventory, name),
  };
}
