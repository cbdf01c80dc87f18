/** A runbook on the simulated AWS, whole: the real clients, a journal in memory, and somebody who answers. */
import { createHash } from 'node:crypto';
import { openAws } from '../../../src/aws/open-aws.ts';
import type { Answer, AskedQuestion } from '../../../src/engine/approval.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { stackOf } from '../../../src/config/stack.ts';
import type { RunEvent } from '../../../src/engine/events.ts';
import { changesOf } from '../../../src/engine/runbook.ts';
import { createNobody } from '../../../src/notify/nobody.ts';
import type { AnyRunbook } from '../../../src/runbooks/kit.ts';
import { simulatedInspection } from '../../../src/sandbox/inspection.ts';
import { simulatedHooks, simulatedOutside } from '../../../src/sandbox/outside.ts';
import { seeded } from '../../../src/sandbox/random.ts';
import { openSandbox, sandboxConfig, sandboxStartMs, type Fates } from '../../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../../src/sandbox/wire/request-id.ts';
import { createWire } from '../../../src/sandbox/wire/wire.ts';
import { memoryState } from '../../../src/state/memory-state.ts';
import { newRunId } from '../../../src/use-cases/run-id.ts';
import { runRunbook } from '../../../src/use-cases/run-runbook.ts';
import type { Session } from '../../../src/use-cases/session.ts';
import { nothingDone, nothingNamed } from '../../support/nothing-named.ts';

export interface SimulatedOptions {
  readonly scenario: string;
  readonly seed?: number;
  readonly mode?: 'observe' | 'execute';
  /** What whoever is asked says; yes to everything when absent. */
  readonly answer?: (question: AskedQuestion) => Answer;
  readonly fates?: Fates;
}

const yes = (): Answer => ({ kind: 'given', by: 'ana', how: 'prompt' });

export async function simulated(runbook: AnyRunbook, options: SimulatedOptions) {
  const { scenario, seed = 1, mode = 'observe', answer = yes, fates } = options;
  const config = parseConfig(sandboxConfig, 'a test');
  const stack = stackOf(config);
  const clock = new VirtualClock(sandboxStartMs);
  const sandbox = openSandbox({ scenario, seed, stack, clock, ...(fates === undefined ? {} : { fates }) });
  const wire = createWire({
    services: sandbox.services,
    gate: sandbox.gate,
    clock,
    requestIds: seededRequestIds(seed),
  });
  const random = seeded(seed);
  const aws = {
    clock,
    random,
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    version: '0.0.0',
  };
  const cloud = openAws({ ...aws, mode: 'read-only' });
  const acting = openAws({ ...aws, mode: { changes: changesOf(runbook.steps) } });
  const events: RunEvent[] = [];
  const asked: AskedQuestion[] = [];
  const state = memoryState();
  const notifier = createNobody(['sns']);
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
    random,
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    ...(mode === 'observe'
      ? {}
      : {
          acting: {
            changes: acting.changes,
            usage: () => acting.usage(),
            notifier,
            named: nothingDone,
            hooks: simulatedHooks(sandbox.world, clock),
            journals: state.journals,
            leases: () => state.leases,
            approver: () => ({
              ask: (question) => {
                asked.push(question);
                return Promise.resolve(answer(question));
              },
            }),
            digest: (text) => createHash('sha256').update(text).digest('hex'),
            holder: { who: 'ana', host: 'here', pid: 1 },
            isGone: () => false,
            newRunId: (id) => newRunId(id, clock.now(), random),
            reopen: {},
            begun: () => undefined,
          },
        }),
  };
  const document = await runRunbook(session, { runbook, mode });
  const step = (id: string) => document.steps.find((each) => each.id === id);
  /** Another run on the world as it is by then. */
  const again = () => runRunbook(session, { runbook, mode });
  return { again, document, events, asked, step, sandbox, clock, told: notifier.kept(), state, session, cloud };
}
