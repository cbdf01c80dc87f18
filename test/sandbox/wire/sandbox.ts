/** A wire over simulated services, with a client's configuration for it, as the wire's tests need it. */
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../../src/sandbox/wire/request-id.ts';
import type { CallContext, Gate, SimulatedService } from '../../../src/sandbox/wire/service.ts';
import { createWire } from '../../../src/sandbox/wire/wire.ts';

export const START = Date.UTC(2026, 10, 23, 10);

export interface SandboxOptions {
  readonly services: readonly SimulatedService[];
  readonly gate?: Gate;
  readonly requestTimeoutMs?: number;
  readonly maxAttempts?: number;
}

const answers: Gate = () => ({ kind: 'answer', latencyMs: 20 });

export function sandbox({ services, gate = answers, requestTimeoutMs, maxAttempts = 1 }: SandboxOptions) {
  const clock = new VirtualClock(START);
  const calls: CallContext[] = [];
  const wire = createWire({
    services,
    clock,
    requestIds: seededRequestIds(7),
    gate(call) {
      calls.push(call);
      return gate(call);
    },
  });
  return {
    clock,
    wire,
    /** Calls that the gate saw, in order. */
    calls,
    config: {
      region: 'us-west-2',
      credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
      maxAttempts,
      requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs }),
    },
  };
}
