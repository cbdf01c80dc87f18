/**
 * Opens the simulated AWS: a world that a scenario and a seed make, and the services that answer for it. It knows the
 * time by the clock it is given; how calls reach it is the wire's business.
 */
import type { Clock } from '../engine/clock.ts';
import type { Stack } from '../cloud/stack.ts';
import { sandboxGate, type Fates } from './gate.ts';
import { isScenarioId, loadScenario, resolveTruth, stackFor, type Truth } from './scenarios/index.ts';
import { simulatedServices } from './services/services.ts';
import type { Gate, SimulatedService } from './wire/service.ts';
import type { WorldInventory } from './world/inventory.ts';
import { sandboxConfig, sandboxStack, type ExtraNames, type StackRegions } from './world/names.ts';
import { snapshotOf, type WorldSnapshot } from './world/snapshot.ts';
import { inventoryOf, openWorld, type World } from './world/world.ts';

export { sandboxConfig, sandboxStack } from './world/names.ts';
export { parseSnapshot, snapshotFormat, type WorldSnapshot } from './world/snapshot.ts';
export type { Fates } from './gate.ts';

/** When the sandbox's stories happen if nobody says otherwise: three o'clock in the morning at the Pacific coast. */
export const sandboxStartMs = Date.UTC(2026, 10, 23, 11, 3, 0);

interface CommonOptions {
  /** Whose names the world takes; the sandbox's own when absent. A world that is taken up keeps the names it has. */
  readonly stack?: Stack;
  /** The world's clock. Without one, time stands still at the start, or where a snapshot was taken. */
  readonly clock?: Pick<Clock, 'now'>;
  /** What becomes of calls, where they are not to be answered as usual. */
  readonly fates?: Fates;
  /** Told of the world after every call that changed it, before the call is answered. What it throws, the call throws. */
  readonly onChange?: (snapshot: WorldSnapshot) => void;
}

/** A world that a scenario and a seed make. */
export interface ScenarioOptions extends CommonOptions {
  /** The id of a scenario. */
  readonly scenario: string;
  readonly seed: number;
  /** Names that a stack does not hold. */
  readonly extraNames?: ExtraNames;
  /** The present of the scenario, in epoch milliseconds: the clock's time when absent, else `sandboxStartMs`. */
  readonly startMs?: number;
}

/** A world that goes on where a snapshot was taken. */
export interface SnapshotOptions extends CommonOptions {
  readonly snapshot: WorldSnapshot;
}

/** A world that was made elsewhere, for example by `seedWorld`. */
export interface InventoryOptions extends CommonOptions {
  readonly inventory: WorldInventory;
}

export type SandboxOptions = ScenarioOptions | SnapshotOptions | InventoryOptions;

export interface Sandbox {
  readonly world: World;
  readonly services: readonly SimulatedService[];
  readonly gate: Gate;
  readonly startMs: number;
  readonly stack: Stack;
  readonly truth: Truth;
  /** The world as it is now, to be kept. */
  snapshot(): WorldSnapshot;
}

/**
 * @throws NanoopsError `UnknownScenario` for a scenario that there is not.
 * @throws RangeError for a clock that is behind the snapshot's time: a world does not go back.
 */
export function openSandbox(options: SandboxOptions): Sandbox {
  const { clock, fates, onChange, stack = ownStack(options) } = options;
  const { inventory, nowMs, asked } = beginning(options, stack);
  if (clock !== undefined && 'snapshot' in options && clock.now() < nowMs) {
    throw new RangeError(`the clock is at ${clock.now()}, behind the snapshot, which was taken at ${nowMs}`);
  }
  const world: World = openWorld(inventory, clock === undefined ? () => nowMs : () => clock.now(), {
    ...(onChange !== undefined && { onChange: () => onChange(snapshotOf(world, asked)) }),
  });
  return {
    world,
    services: simulatedServices(world),
    gate: sandboxGate(world, { asked, ...(fates !== undefined && { fates }) }),
    startMs: inventory.startMs,
    stack,
    truth: truthOf(inventory),
    snapshot: () => snapshotOf(world, asked),
  };
}

/** Where nobody gives a stack: the sandbox's own, where the scenario has it. */
function ownStack(options: SandboxOptions): Stack {
  const scenario =
    'scenario' in options
      ? options.scenario
      : 'snapshot' in options
        ? options.snapshot.scenario
        : options.inventory.scenario;
  // A world that was captured, or one of a scenario that is not the product's, is of no scenario in the list.
  return 'scenario' in options || isScenarioId(scenario) ? stackFor(loadScenario(scenario)) : sandboxStack;
}

/** The configuration of the sandbox's own stack, where the scenario has it. Throws as `openSandbox` does. */
export function sandboxConfigFor(scenario: string): typeof sandboxConfig | SandboxConfigElsewhere {
  const { regions } = loadScenario(scenario);
  return regions === undefined ? sandboxConfig : { ...sandboxConfig, regions };
}

type SandboxConfigElsewhere = Omit<typeof sandboxConfig, 'regions'> & { readonly regions: StackRegions };

interface Beginning {
  readonly inventory: WorldInventory;
  /** The time where no clock is given. */
  readonly nowMs: number;
  readonly asked: Map<string, number>;
}

function beginning(options: SandboxOptions, stack: Stack): Beginning {
  if ('snapshot' in options) {
    const { inventory, nowMs, asked } = options.snapshot;
    return { inventory, nowMs, asked: new Map(Object.entries(asked)) };
  }
  if ('inventory' in options) {
    return { inventory: options.inventory, nowMs: options.inventory.startMs, asked: new Map() };
  }
  const { seed, extraNames } = options;
  const startMs = options.startMs ?? options.clock?.now() ?? sandboxStartMs;
  const scenario = loadScenario(options.scenario);
  const inventory = inventoryOf({ stack, scenario, seed, startMs, ...(extraNames && { extraNames }) });
  return { inventory, nowMs: startMs, asked: new Map() };
}

/** A world that no scenario made has nothing wrong with it that anybody knows of. */
function truthOf({ scenario, names }: WorldInventory): Truth {
  if (!isScenarioId(scenario)) return { cause: null, component: null, exitCode: 0 };
  return resolveTruth(loadScenario(scenario), names);
}
