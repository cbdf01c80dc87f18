/** A healthy world but for what a test lets go wrong, with the facts that nanoops reads of it. */
import { openAws } from '../../../src/aws/open-aws.ts';
import type { Facts } from '../../../src/cloud/facts.ts';
import type { Stack } from '../../../src/cloud/stack.ts';
import { seeded } from '../../../src/sandbox/random.ts';
import { sandboxStack, sandboxStartMs } from '../../../src/sandbox/sandbox.ts';
import { parseScenario } from '../../../src/sandbox/scenarios/scenario.ts';
import { inventoryOf } from '../../../src/sandbox/world/world.ts';
import { reopened, type Opened } from './opened.ts';

export interface Struck extends Opened {
  readonly facts: Facts;
}

/** `faults`: in the YAML of scenarios, without the braces, for example `effect: missing, from: -1h, what: cache`. */
export function struck(faults: readonly string[] = [], stack: Stack = sandboxStack, seed = 1): Struck {
  const scenario = parseScenario(
    `
id: struck
summary: Something is not as it should be
runbook: latency
faults: [${faults.map((fault) => `{ ${fault} }`).join(', ')}]
truth: { cause: null, component: null, exitCode: 0 }
`,
    'struck.yaml',
  );
  const sandbox = reopened({ stack, inventory: inventoryOf({ stack, scenario, seed, startMs: sandboxStartMs }) });
  const { requestHandler, credentials } = sandbox.settings();
  const { facts } = openAws({
    clock: sandbox.clock,
    random: seeded(1),
    mode: 'read-only',
    requestHandler,
    credentials,
  });
  return { ...sandbox, facts };
}
