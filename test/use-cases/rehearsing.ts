/** A runbook on the simulated AWS, for real or as a dry run that keeps its model: the real clients, stores in memory. */
import { openAws } from '../../src/aws/open-aws.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import { openRehearsal, type OpenedRehearsal } from '../../src/composition/rehearse.ts';
import { extraNamesOf } from '../../src/composition/extra-names.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { simulatedInspection } from '../../src/sandbox/inspection.ts';
import { simulatedHooks, simulatedOutside } from '../../src/sandbox/outside.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { openSandbox, sandboxConfigFor, sandboxStartMs, type Fates, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../src/sandbox/wire/request-id.ts';
import { ServiceFault } from '../../src/sandbox/wire/service.ts';
import { createWire } from '../../src/sandbox/wire/wire.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { listening, type Request } from '../iam/requests.ts';
import { memoryState, type MemoryState } from '../../src/state/memory-state.ts';
import type { OwnOption } from '../../src/use-cases/own-command.ts';
import { newRunId } from '../../src/use-cases/run-id.ts';
import { runRunbook, type RunRequest } from '../../src/use-cases/run-runbook.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { nothingDone, nothingNamed } from '../support/nothing-named.ts';

export interface Simulated {
  readonly document: RunDocument;
  readonly events: readonly RunEvent[];
  /** The world that was looked at. */
  readonly sandbox: Sandbox;
  /** What the dry run made of it; absent where it was for real. */
  readonly model?: World;
  readonly told: readonly Notification[];
  readonly asked: readonly AskedQuestion[];
  readonly state: MemoryState;
  /** The world's inventory as it was before the run, as JSON. */
  readonly before: string;
}

export interface SimulatedOptions {
  readonly scenario: string;
  readonly mode: 'dry-run' | 'execute';
  /** Calls that are denied, as `service:Operation`. */
  readonly denied?: readonly string[];
  readonly seed?: number;
  /** Of a runbook that moves the stack to another region. */
  readonly move?: RunRequest['move'];
  /** What whoever is asked says; a yes to everything when absent. */
  readonly answer?: (question: AskedQuestion) => Answer;
  /** Of a team that keeps its runs in a table: what was typed to open the stack. */
  readonly team?: readonly OwnOption[];
  /** Laid over the sandbox's own configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What becomes of calls; none of `denied` is asked. */
  readonly fates?: Fates;
  /** Told of each request with what is in it. */
  readonly hear?: (request: Request) => void;
  /** Where journals are, past ones as well; a store of its own when absent. */
  readonly state?: MemoryState;
  /** What an earlier one of the same scenario left: its world goes on, and its journals are there. */
  readonly after?: Simulated;
}

export async function simulate(runbook: AnyRunbook, options: SimulatedOptions): Promise<Simulated> {
  const { scenario, mode, denied = [], seed = 1, move, answer, fates, hear } = options;
  const config = parseConfig({ ...sandboxConfigFor(scenario), ...options.config }, 'a test');
  const stack = stackOf(config);
  // A world is altered where it is.
  const left = options.after && structuredClone(options.after.sandbox.snapshot());
  const clock = new VirtualClock(left?.nowMs ?? sandboxStartMs);
  const sandbox = openSandbox({
    ...(left === undefined ? { scenario, seed, extraNames: extraNamesOf(config) } : { snapshot: left }),
    stack,
    clock,
    fates: (call, count) =>
      denied.includes(`${call.service}:${call.operation}`)
        ? {
            kind: 'fault',
            latencyMs: 20,
            fault: new ServiceFault('AccessDeniedException', 'not authorized to perform it', 403),
          }
        : fates?.(call, count),
  });
  const before = JSON.stringify(sandbox.world.inventory);
  const outside = simulatedOutside(sandbox.world, clock);
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
    requestHandler: wireRequestHandler(hear === undefined ? wire : listening(wire, sandbox.services, hear), {
      clock,
      requestTimeoutMs: 10_000,
    }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
  };
  const changes = changesOf(runbook.steps);
  const cloud = openAws({ ...aws, mode: 'read-only' });
  const acting = openAws({ ...aws, mode: { changes } });
  const { state = options.after?.state ?? memoryState() } = options;
  const events: RunEvent[] = [];
  const told: Notification[] = [];
  const asked: AskedQuestion[] = [];
  let opened: OpenedRehearsal | undefined;
  const session: Session = {
    config,
    stack,
    cloud,
    outside,
    named: nothingNamed,
    inspection: simulatedInspection(sandbox.world, clock),
    isSimulated: true,
    verify: () => Promise.resolve(),
    awsOptions: [],
    ...(options.team === undefined ? {} : { ownOptions: options.team }),
    clock,
    random,
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    acting: {
      changes: acting.changes,
      usage: () => acting.usage(),
      notifier: {
        notify: (notification) => {
          told.push(notification);
          return Promise.resolve([{ receiver: 'sns', delivered: true, detail: 'told' }]);
        },
      },
      named: nothingDone,
      hooks: simulatedHooks(sandbox.world, clock),
      journals: state.journals,
      isShared: options.team !== undefined,
      ...(mode === 'execute' ? { leases: () => state.leases } : {}),
      approver: () => ({
        ask: (question) => {
          asked.push(question);
          return Promise.resolve(answer?.(question) ?? { kind: 'given', by: 'ana', how: 'flag' });
        },
      }),
      digest: sha256,
      holder: { who: 'ana@here', host: 'here', pid: 1 },
      isGone: () => false,
      newRunId: (id) => newRunId(id, clock.now(), random),
      reopen: {},
      begun: () => undefined,
      ...(mode === 'execute'
        ? {}
        : {
            rehearse: async (facts) => {
              opened = await openRehearsal({
                facts,
                outside,
                stack,
                extraNames: extraNamesOf(config),
                clock,
                changes,
                openAws,
              });
              return opened.rehearsal;
            },
          }),
    },
  };
  try {
    const document = await runRunbook(session, { runbook, mode, ...(move === undefined ? {} : { move }) });
    const model = opened === undefined ? {} : { model: opened.world };
    return { document, events, sandbox, ...model, told, asked, state, before };
  } finally {
    cloud.close();
    acting.close();
    opened?.close();
    clock.close();
  }
}
