/** The stages on which a runbook's survival is proved: simulated worlds, stores in memory, processes that die. */
import { setMaxListeners } from 'node:events';
import type { AwsCloud } from '../aws/open-aws.ts';
import type { AwsOptions } from '../aws/options.ts';
import { parseConfig } from '../config/load.ts';
import { stackOf } from '../config/stack.ts';
import type { Config } from '../config/schema.ts';
import type { Stack } from '../cloud/stack.ts';
import type { RunEvent } from '../engine/events.ts';
import type { JournalStore } from '../engine/journal-store.ts';
import { createNobody } from '../notify/nobody.ts';
import { simulatedInspection } from '../sandbox/inspection.ts';
import { simulatedNamed, simulatedProgram } from '../sandbox/named.ts';
import { simulatedHooks, simulatedOutside } from '../sandbox/outside.ts';
import { seeded } from '../sandbox/random.ts';
import { openSandbox, sandboxConfigFor, sandboxStartMs, type Sandbox, type WorldSnapshot } from '../sandbox/sandbox.ts';
import { standingOf } from '../sandbox/standing.ts';
import { VirtualClock } from '../sandbox/virtual-clock.ts';
import type { Fault } from '../sandbox/world/faults.ts';
import type { WorldInventory } from '../sandbox/world/inventory.ts';
import { wireRequestHandler } from '../sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../sandbox/wire/request-id.ts';
import { ServiceFault, type Fate } from '../sandbox/wire/service.ts';
import { createWire } from '../sandbox/wire/wire.ts';
import { memoryState, type MemorySnapshot, type MemoryState } from '../state/memory-state.ts';
import { newRunId } from '../use-cases/run-id.ts';
import type { Mishap, Moment, MomentKind, Recording, Stage, Theatre } from '../use-cases/survival.ts';
import { extraNamesOf } from './extra-names.ts';
import { sha256 } from './identity.ts';
import { sendingBy } from './simulated-deeds.ts';

export interface TheatreParts {
  readonly openAws: (options: AwsOptions) => AwsCloud;
  /** The operations by which the runbook changes something. */
  readonly changes: readonly string[];
  /** Those by which it looks, where it is a team's own. */
  readonly namedReads?: readonly string[];
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Laid over the configuration of the sandbox's own stack. */
  readonly overlay?: Readonly<Record<string, unknown>>;
  /** What goes wrong beside the scenario's own. */
  readonly faults?: readonly Fault[];
}

/** How long it takes until somebody goes on with a run whose process died. */
const restartMs = 5_000;
const minuteMs = 60_000;
/** Moments before anything is asked are all alike: some of them stand for all. */
const mostEarlyMoments = 3;

interface Kept extends Moment {
  readonly world: WorldSnapshot;
  readonly memory: MemorySnapshot;
}

interface Opened {
  readonly sandbox: Sandbox;
  readonly memory: MemoryState;
  readonly clock: VirtualClock;
}

/** What happens around a process: told of each record and each change, and deciding what becomes of changes. */
interface Director {
  readonly beforeRecord?: (event: RunEvent, opened: Opened) => void | Promise<void>;
  readonly afterRecord?: (event: RunEvent, opened: Opened) => void;
  /** `count`: the number of this change in the run, from 1. */
  readonly fateOf?: (operation: string, count: number, opened: Opened) => Fate | undefined;
  readonly afterChange?: (opened: Opened) => void;
}

type Beginning = { readonly scenario: string } | { readonly world: WorldSnapshot; readonly memory: MemorySnapshot };

export function createTheatre(parts: TheatreParts): Theatre {
  const opened = new WeakMap<Stage, Opened>();
  const configs = new Map<string, Pick<StageParts, 'config' | 'stack'>>();
  const recordings = new WeakMap<Recording, readonly Kept[]>();
  let processes = 1000;

  const configFor = (scenario: string): Pick<StageParts, 'config' | 'stack'> => {
    const known = configs.get(scenario);
    if (known !== undefined) return known;
    const laid = { ...sandboxConfigFor(scenario), ...parts.overlay };
    const config = parseConfig(laid, 'the sandbox\u2019s own configuration');
    const made = { config, stack: stackOf(config) };
    configs.set(scenario, made);
    return made;
  };
  const open = (beginning: Beginning, director: Director = {}, restartedAfterMs = restartMs): Stage => {
    processes += 1;
    const scenario = 'scenario' in beginning ? beginning.scenario : beginning.world.scenario;
    const { stage, inner } = openStage(
      { ...parts, ...configFor(scenario), pid: processes, restartedAfterMs },
      beginning,
      director,
    );
    opened.set(stage, inner);
    return stage;
  };
  const innerOf = (stage: Stage): Opened => {
    const inner = opened.get(stage);
    if (inner === undefined) throw new TypeError('a stage of another theatre');
    return inner;
  };

  return {
    record(scenario) {
      const kept: Kept[] = [];
      let hasAsked = false;
      const keep = (kind: MomentKind, label: string, { sandbox, memory }: Opened): void => {
        if (!hasAsked && kept.length >= mostEarlyMoments) return;
        kept.push({ kind, label, world: sandbox.snapshot(), memory: memory.snapshot() });
      };
      const stage = open(
        { scenario },
        {
          beforeRecord: (event, inner) => {
            if (event.type === 'approval.requested') hasAsked = true;
            if (isTelling(event)) keep('before-record', `record ${event.seq}, ${nameOf(event)}`, inner);
          },
          afterRecord: (event, inner) => keep('after-record', `record ${event.seq}, ${nameOf(event)}`, inner),
          fateOf: (operation, count, inner) => {
            keep('before-call', `change ${count}, ${operation}`, inner);
            return undefined;
          },
          afterChange: (inner) => keep('after-call', `change ${inner.sandbox.world.inventory.calls.length}`, inner),
        },
      );
      const recording: Recording = { stage, moments: kept };
      recordings.set(recording, kept);
      return recording;
    },

    resumeAt(recording, index) {
      const moment = recordings.get(recording)?.[index];
      if (moment === undefined) throw new RangeError(`the recording has no moment ${index}`);
      return open({ world: moment.world, memory: moment.memory });
    },

    disturbed: (scenario, mishap) => {
      const interruptions: (() => void)[] = [];
      const stage = open(
        { scenario },
        directorOf(mishap, () => interruptions.forEach((interrupt) => interrupt())),
      );
      interruptions.push(stage.interrupt);
      return stage;
    },

    again: (stage, afterMs) => {
      const { sandbox, memory } = innerOf(stage);
      return open({ world: sandbox.snapshot(), memory: memory.snapshot() }, {}, afterMs);
    },
  };
}

/** Before these a process may die in another state of the world than after the record before them. */
function isTelling({ type }: RunEvent): boolean {
  return (
    type.startsWith('change.') || type.startsWith('run.') || type.startsWith('approval.') || type === 'step.finished'
  );
}

function nameOf(event: RunEvent): string {
  return 'stepId' in event ? `${event.type} of ${event.stepId}` : event.type;
}

function directorOf(mishap: Mishap, interrupt: () => void): Director {
  switch (mishap.kind) {
    case 'lost-answer':
      return {
        fateOf: (_operation, count) => (count === mishap.call ? { kind: 'lost', latencyMs: 40 } : undefined),
      };
    case 'throttled-for-a-minute': {
      let from: number | undefined;
      return {
        fateOf: (_operation, _count, { clock }) => {
          from ??= clock.now();
          if (clock.now() >= from + minuteMs) return undefined;
          return { kind: 'fault', latencyMs: 30, fault: new ServiceFault('ThrottlingException', 'Rate exceeded') };
        },
      };
    }
    case 'credentials-expired':
      return {
        fateOf: (_operation, count) =>
          count < mishap.call
            ? undefined
            : {
                kind: 'fault',
                latencyMs: 30,
                fault: new ServiceFault(
                  'ExpiredTokenException',
                  'The security token included in the request is expired',
                  403,
                ),
              },
      };
    case 'interrupted':
      return {
        afterRecord: ({ seq }) => {
          if (seq === mishap.record) interrupt();
        },
      };
    case 'lease-lost': {
      let acts = 0;
      const kinds = new Map<string, string>();
      return {
        beforeRecord: async (event, { memory, clock }) => {
          if (event.type === 'run.started') for (const step of event.steps) kinds.set(step.id, step.kind);
          if (event.type !== 'step.started' || kinds.get(event.stepId) !== 'act') return;
          acts += 1;
          if (acts !== mishap.call) return;
          for (const { resource, holder } of await memory.leases.list()) {
            await memory.leases.revoke(resource);
            const other = { ...holder, runId: 'another-run', who: 'somebody else', pid: holder.pid + 1_000_000 };
            const terms = { nowMs: clock.now(), ttlMs: 60_000, graceMs: 0, isGone: () => false };
            await memory.leases.acquire({ resource, holder: other, ...terms });
          }
        },
      };
    }
  }
}

interface StageParts extends TheatreParts {
  readonly config: Config;
  readonly stack: Stack;
  readonly pid: number;
  readonly restartedAfterMs: number;
}

function openStage(
  { openAws, changes, namedReads = [], seed, signal, config, stack, faults = [], pid, restartedAfterMs }: StageParts,
  beginning: Beginning,
  director: Director,
): { readonly stage: Stage; readonly inner: Opened } {
  const isNew = 'scenario' in beginning;
  const clock = new VirtualClock(isNew ? sandboxStartMs : beginning.world.nowMs + restartedAfterMs);
  const memory = memoryState(isNew ? undefined : beginning.memory);
  const changing = new Set(changes);
  let made = 0;
  const common = {
    clock,
    fates: ({ service, operation }: { readonly service: string; readonly operation: string }): Fate | undefined => {
      const name = `${service}:${operation}`;
      if (!changing.has(name)) return undefined;
      made += 1;
      return director.fateOf?.(name, made, inner);
    },
    onChange: () => director.afterChange?.(inner),
  };
  const opening = { ...common, stack };
  const sandbox = isNew
    ? openSandbox({ ...opening, inventory: worldOf(beginning.scenario) })
    : openSandbox({ ...opening, snapshot: beginning.world });
  const inner: Opened = { sandbox, memory, clock };
  function worldOf(scenario: string): WorldInventory {
    const { inventory } = openSandbox({ scenario, seed, stack, clock, extraNames: extraNamesOf(config) }).world;
    return { ...inventory, faults: [...inventory.faults, ...faults] };
  }
  const ended = new AbortController();
  const random = seeded(seed + pid);
  const wire = createWire({
    services: sandbox.services,
    gate: sandbox.gate,
    clock,
    requestIds: seededRequestIds(seed),
  });
  const aws = {
    clock,
    namedReads,
    random,
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
  };
  const ending = AbortSignal.any([signal, ended.signal]);
  setMaxListeners(0, ending); // Every call under way listens, and there is no limit to these.
  const send = sendingBy(openAws, aws);
  /** What stands for a program meets with the same mishaps as what the runbook sends itself. */
  const sendsForProgram: typeof send = (call) => {
    changing.add(`${call.service}:${call.operation}`);
    return send(call);
  };
  const looking = openAws({ ...aws, mode: 'read-only', signal: ending });
  const acting = openAws({ ...aws, mode: { changes } });
  const close = (): void => {
    looking.close();
    acting.close();
    clock.close();
  };
  const stage: Stage = {
    session: {
      config,
      stack,
      cloud: looking,
      outside: simulatedOutside(sandbox.world, clock),
      named: simulatedNamed(looking.named.look),
      inspection: simulatedInspection(sandbox.world, clock),
      isSimulated: true,
      verify: () => Promise.resolve(),
      awsOptions: [],
      clock,
      random,
      signal: ending,
      emit: () => undefined,
      acting: {
        changes: acting.changes,
        usage: () => acting.usage(),
        notifier: createNobody([]),
        hooks: simulatedHooks(sandbox.world, clock),
        named: { call: acting.named.change, program: simulatedProgram(sendsForProgram) },
        journals: directed(memory.journals, director, inner),
        leases: () => memory.leases,
        approver: () => ({ ask: () => Promise.resolve({ kind: 'given', by: 'the test', how: 'flag' }) }),
        digest: sha256,
        holder: { who: `the test@${pid}`, host: 'theatre', pid },
        // One process at a time: whoever holds a lease and is another one is dead.
        isGone: (holder) => holder.pid !== pid,
        newRunId: (runbook) => newRunId(runbook, clock.now(), random),
        reopen: {},
        begun: () => undefined,
      },
    },
    standing: () => standingOf(sandbox.world),
    interrupt: () => ended.abort(new Error('interrupted by the test')),
    leasesHeld: async () => (await memory.leases.list()).length,
    readJournal: (runId) => memory.journals.read(runId),
    runIds: () => memory.journals.list(),
    close,
  };
  return { stage, inner };
}

/** Writes record by record, so that a process can be taken up between any two. */
function directed(store: JournalStore, { beforeRecord, afterRecord }: Director, inner: Opened): JournalStore {
  return {
    ...store,
    append: async (runId, records) => {
      for (const record of records) {
        await beforeRecord?.(record.event, inner);
        await store.append(runId, [record]);
        afterRecord?.(record.event, inner);
      }
    },
  };
}
