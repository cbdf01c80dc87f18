/** A sandbox behind the SDK's own clients, without a socket, for tests of what its services answer. */
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import {
  openSandbox,
  sandboxStartMs,
  type InventoryOptions,
  type Sandbox,
  type ScenarioOptions,
  type SnapshotOptions,
} from '../../../src/sandbox/sandbox.ts';
import { seededRequestIds } from '../../../src/sandbox/wire/request-id.ts';
import { wireRequestHandler } from '../../../src/sandbox/wire/request-handler.ts';
import { createWire } from '../../../src/sandbox/wire/wire.ts';

export interface Opened extends Sandbox {
  readonly clock: VirtualClock;
  /** Settings for a client of a region. */
  settings(region?: string): {
    readonly region: string;
    readonly requestHandler: ReturnType<typeof wireRequestHandler>;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
}

/** `options` beside the scenario and the seed: fates, whom to tell of changes. */
export function opened(scenario = 'healthy', seed = 1, options: Partial<ScenarioOptions> = {}): Opened {
  const clock = new VirtualClock(sandboxStartMs);
  return behindClients(openSandbox({ ...options, scenario, seed, clock }), clock);
}

/** A world that goes on from elsewhere, on a clock that stands at its present. */
export function reopened(options: Omit<SnapshotOptions, 'clock'> | Omit<InventoryOptions, 'clock'>): Opened {
  const clock = new VirtualClock('snapshot' in options ? options.snapshot.nowMs : options.inventory.startMs);
  return behindClients(openSandbox({ ...options, clock }), clock);
}

function behindClients(sandbox: Sandbox, clock: VirtualClock): Opened {
  const { services, gate, world } = sandbox;
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(world.inventory.seed) });
  const requestHandler = wireRequestHandler(wire, { clock, requestTimeoutMs: 60_000 });
  return {
    ...sandbox,
    clock,
    settings: (region = 'us-west-2') => ({
      region,
      requestHandler,
      credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
      maxAttempts: 1,
    }),
  };
}
