/**
 * Opens the simulated AWS: a world that a scenario and a seed make, and the services that answer for it. It knows the
 * time by the clock it is given; how calls reach it is the wire's business.
 */
import type { Clock } from '../engine/clock.ts';
import type { Stack } from '../cloud/stack.ts';
import { noise } from './random.ts';
import { loadScenario, resolveTruth, type Truth } from './scenarios/index.ts';
import { simulatedServices } from './services/services.ts';
import type { Gate, SimulatedService } from './wire/service.ts';
import { sandboxStack, type ExtraNames } from './world/names.ts';
import { buildWorld, type World } from './world/world.ts';

export { sandboxConfig, sandboxStack } from './world/names.ts';

/** When the sandbox's stories happen if nobody says otherwise: three o'clock in the morning at the Pacific coast. */
export const sandboxStartMs = Date.UTC(2026, 10, 23, 11, 3, 0);

/** How long a simulated call takes, in milliseconds. */
const FASTEST_CALL_MS = 20;
const SLOWEST_CALL_MS = 80;

export interface SandboxOptions {
  /** The id of a scenario. */
  readonly scenario: string;
  readonly seed: number;
  /** Whose names the world takes; the sandbox's own when absent. */
  readonly stack?: Stack;
  /** Names that a stack does not hold. */
  readonly extraNames?: ExtraNames;
  /** The present of the scenario, in epoch milliseconds: the clock's time when absent, else `sandboxStartMs`. */
  readonly startMs?: number;
  /** The world's clock. Without one, time stands still at the start. */
  readonly clock?: Pick<Clock, 'now'>;
}

export interface Sandbox {
  readonly world: World;
  readonly services: readonly SimulatedService[];
  readonly gate: Gate;
  readonly startMs: number;
  readonly stack: Stack;
  readonly truth: Truth;
}

/** Throws a `NanoopsError` (`UnknownScenario`) for a scenario that there is not. */
export function openSandbox(options: SandboxOptions): Sandbox {
  const { seed, clock, stack = sandboxStack } = options;
  const startMs = options.startMs ?? clock?.now() ?? sandboxStartMs;
  const scenario = loadScenario(options.scenario);
  const world = buildWorld(
    { stack, scenario, seed, startMs, ...(options.extraNames && { extraNames: options.extraNames }) },
    clock === undefined ? () => startMs : () => clock.now(),
  );
  return {
    world,
    services: simulatedServices(world),
    gate: answeringGate(seed),
    startMs,
    stack,
    truth: resolveTruth(scenario, world.inventory.names),
  };
}

/** Every call is answered, after a time that depends on what was asked and how often before. */
function answeringGate(seed: number): Gate {
  const asked = new Map<string, number>();
  return ({ service, operation, region }) => {
    const key = `${service}:${operation}@${region}`;
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    const share = noise(seed, 'latency', key, count);
    return { kind: 'answer', latencyMs: Math.round(FASTEST_CALL_MS + (SLOWEST_CALL_MS - FASTEST_CALL_MS) * share) };
  };
}
