/** Readiness on the simulated AWS, with faults of the test's own: the real clients, no store but one in memory. */
import { setMaxListeners } from 'node:events';
import { openAws } from '../../src/aws/open-aws.ts';
import { extraNamesOf } from '../../src/composition/extra-names.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import { simulatedInspection } from '../../src/sandbox/inspection.ts';
import { simulatedOutside } from '../../src/sandbox/outside.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { openSandbox, sandboxConfigFor, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../src/sandbox/wire/request-id.ts';
import { createWire } from '../../src/sandbox/wire/wire.ts';
import type { FaultEffect } from '../../src/sandbox/world/faults.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { readiness, type ReadinessDocument, type ReadinessWanted } from '../../src/use-cases/readiness.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { nothingNamed } from '../support/nothing-named.ts';

const dayMs = 86_400_000;

interface Asked extends Partial<Pick<ReadinessWanted, 'maxAge' | 'failOn'>> {
  readonly faults?: readonly FaultEffect[];
  /** Laid over the sandbox's own configuration; `undefined` takes a part away. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export async function readinessOn({ faults = [], config: laid = {}, ...wanted }: Asked): Promise<ReadinessDocument> {
  const raw = Object.fromEntries(
    Object.entries({ ...sandboxConfigFor('healthy'), ...laid }).filter(([, value]) => value !== undefined),
  );
  const config = parseConfig(raw, 'a test');
  const stack = stackOf(config);
  const clock = new VirtualClock(sandboxStartMs);
  const made = openSandbox({ scenario: 'healthy', seed: 1, stack, clock, extraNames: extraNamesOf(config) });
  const { inventory } = made.world;
  const from = sandboxStartMs - dayMs;
  const struck = { ...inventory, faults: faults.map((fault) => ({ ...fault, from, rampMs: 0 })) };
  const sandbox = openSandbox({ inventory: struck, stack, clock });
  const wire = createWire({ ...sandbox, clock, requestIds: seededRequestIds(1) });
  const { signal } = new AbortController();
  setMaxListeners(0, signal); // Every call under way listens.
  const cloud = openAws({
    clock,
    random: seeded(1),
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    version: '0.0.0',
    mode: 'read-only',
    signal,
  });
  const session: Session = {
    config,
    stack,
    cloud,
    outside: simulatedOutside(sandbox.world, clock),
    named: nothingNamed,
    inspection: simulatedInspection(sandbox.world, clock),
    isSimulated: true,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random: seeded(1),
    signal,
    emit: () => undefined,
  };
  const own = { name: 'memory', ...memoryState() };
  return readiness(session, {
    stores: { own, all: [own] },
    failOn: 'warning',
    wallMs: sandboxStartMs,
    isSandbox: true,
    ...wanted,
  });
}
