/** A sandbox behind the SDK's own clients, without a socket, for tests of what its services answer. */
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { openSandbox, sandboxStartMs, type Sandbox } from '../../../src/sandbox/sandbox.ts';
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

export function opened(scenario = 'healthy', seed = 1): Opened {
  const clock = new VirtualClock(sandboxStartMs);
  const sandbox = openSandbox({ scenario, seed, clock });
  const { services, gate } = sandbox;
  const wire = createWire({ services, gate, clock, requestIds: seededRequestIds(seed) });
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
