/**
 * One process of nanoops in a simulated world: the real engine, clients and stores, with every way out of it in the
 * simulation's hands, so that it can die at any moment. What is dead waits for ever and holds nothing up.
 */
import { setMaxListeners } from 'node:events';
import type { AwsCloud } from '../../src/aws/open-aws.ts';
import { openAws } from '../../src/aws/open-aws.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { extraNamesOf } from '../../src/composition/extra-names.ts';
import { openRehearsal, type OpenedRehearsal } from '../../src/composition/rehearse.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Stack } from '../../src/cloud/stack.ts';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import type { Clock } from '../../src/engine/clock.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { JournalStore } from '../../src/engine/journal-store.ts';
import type { Holder, LeaseStore } from '../../src/engine/lease-store.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import { createNobody } from '../../src/notify/nobody.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { sandboxGate } from '../../src/sandbox/gate.ts';
import { simulatedInspection } from '../../src/sandbox/inspection.ts';
import { simulatedHooks, simulatedOutside } from '../../src/sandbox/outside.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { simulatedServices } from '../../src/sandbox/services/services.ts';
import type { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { wireRequestHandler } from '../../src/sandbox/wire/request-handler.ts';
import { seededRequestIds } from '../../src/sandbox/wire/request-id.ts';
import type { CallContext, Fate } from '../../src/sandbox/wire/service.ts';
import { createWire } from '../../src/sandbox/wire/wire.ts';
import type { AppliedCall, World } from '../../src/sandbox/world/world.ts';
import type { MemoryState } from '../../src/state/memory-state.ts';
import { newRunId } from '../../src/use-cases/run-id.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { nothingDone, nothingNamed } from '../support/nothing-named.ts';

/** Told of what a process does, at the moment at which it does it, and deciding what becomes of it. */
export interface Director {
  readonly beforeRecord: (process: Process, event: RunEvent) => void;
  readonly afterRecord: (process: Process, runId: string, event: RunEvent) => void;
  readonly fateOf: (process: Process, call: CallContext) => Fate | undefined;
  readonly beforeChange: (process: Process, call: Omit<AppliedCall, 'at'>) => void;
  readonly afterChange: (process: Process, call: Omit<AppliedCall, 'at'>) => void;
  readonly answer: (question: AskedQuestion) => Answer;
}

/** What all processes of a simulation share. */
export interface Surroundings {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly world: World;
  readonly memory: MemoryState;
  readonly config: Config;
  readonly stack: Stack;
  /** How often each call was asked, on which latencies depend. */
  readonly asked: Map<string, number>;
  readonly director: Director;
  /** Those that live. */
  readonly living: Set<number>;
  /** What a process is given in the place of its own session. */
  readonly sessionOf: (session: Session) => Session;
}

export interface ProcessParts {
  readonly pid: number;
  readonly host: string;
  readonly who: string;
  /** The script's own run, or a colleague's. */
  readonly isMain: boolean;
  readonly mode: 'execute' | 'dry-run';
  readonly runbook: AnyRunbook;
}

export interface Process {
  readonly pid: number;
  readonly isMain: boolean;
  readonly session: Session;
  /** The operations by which its runbook changes something. */
  readonly changes: ReadonlySet<string>;
  /** How far its own clock is off. */
  skewMs: number;
  readonly isDead: boolean;
  /** Resolves when it is killed. */
  readonly died: Promise<void>;
  /** It does nothing any more from this moment on. */
  kill(): void;
  /** As a signal would. */
  interrupt(): void;
  close(): void;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function startProcess(around: Surroundings, parts: ProcessParts): Process {
  const { seed, clock: time, memory, config, stack, director, living } = around;
  const { pid, host, who, mode, runbook, isMain } = parts;
  let isDead = false;
  let announce: () => void = () => undefined;
  const died = new Promise<void>((resolve) => (announce = resolve));
  const isOver = died.then(() => undefined);
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) return never();
    try {
      const value = await work();
      return isDead ? await never() : value;
    } catch (error) {
      if (isDead) return never();
      throw error;
    }
  };
  const clock: Clock = {
    now: () => time.now() + self.skewMs,
    sleep: (durationMs, signal) => alive(() => time.sleep(durationMs, signal)),
    // Work of the dead must not hold the clock.
    busy: (work) =>
      alive(async () => {
        const done = await time.busy(() => Promise.race([work().then((value) => ({ value })), isOver]));
        return done === undefined ? never() : done.value;
      }),
  };

  const world = seenBy(around.world, {
    before: (call) => director.beforeChange(self, call),
    after: (call) => director.afterChange(self, call),
  });
  const gate = sandboxGate(world, {
    asked: around.asked,
    fates: (call) => (isDead ? { kind: 'hang' } : director.fateOf(self, call)),
  });
  const random = seeded(seed + pid);
  const wire = createWire({
    services: simulatedServices(world),
    gate,
    clock,
    requestIds: seededRequestIds(seed + pid),
  });
  const aws = {
    clock,
    random,
    requestHandler: wireRequestHandler(wire, { clock, requestTimeoutMs: 10_000 }),
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
  };
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  const changes = changesOf(runbook.steps);
  const looking: AwsCloud = openAws({ ...aws, mode: 'read-only', signal: ended.signal });
  const acting: AwsCloud = openAws({ ...aws, mode: { changes } });
  const outside = simulatedOutside(world, clock);
  let rehearsal: OpenedRehearsal | undefined;

  const session: Session = {
    config,
    stack,
    cloud: looking,
    outside,
    named: nothingNamed,
    inspection: simulatedInspection(world, clock),
    isSimulated: true,
    verify: () => Promise.resolve(),
    awsOptions: [],
    clock,
    random,
    signal: ended.signal,
    emit: () => undefined,
    acting: {
      changes: acting.changes,
      usage: () => acting.usage(),
      notifier: createNobody([]),
      named: nothingDone,
      hooks: simulatedHooks(world, clock),
      journals: journalsOf(memory.journals),
      ...(mode === 'execute' ? { leases: () => leasesOf(memory.leases) } : {}),
      approver: () => ({ ask: (question) => alive(() => Promise.resolve(director.answer(question))) }),
      digest: sha256,
      holder: { who, host, pid },
      // Of another host's processes nobody knows whether they live.
      isGone: (holder: Holder) => holder.host === host && !living.has(holder.pid),
      newRunId: (id) => newRunId(id, time.now(), random),
      reopen: {},
      begun: () => undefined,
      ...(mode === 'execute'
        ? {}
        : {
            rehearse: async (facts) => {
              rehearsal = await openRehearsal({
                facts,
                outside,
                stack,
                extraNames: extraNamesOf(config),
                clock,
                changes,
                openAws,
              });
              return rehearsal.rehearsal;
            },
          }),
    },
  };

  function journalsOf(store: JournalStore): JournalStore {
    return {
      name: store.name,
      append: (runId, records) =>
        alive(async () => {
          for (const record of records) {
            director.beforeRecord(self, record.event);
            if (isDead) return;
            await store.append(runId, [record]);
            director.afterRecord(self, runId, record.event);
            if (isDead) return;
          }
        }),
      read: (runId) => alive(() => store.read(runId)),
      list: () => alive(() => store.list()),
    };
  }

  function leasesOf(store: LeaseStore): LeaseStore {
    return {
      name: store.name,
      acquire: (request) => alive(() => store.acquire(request)),
      renew: (lease, extend) => alive(() => store.renew(lease, extend)),
      release: (lease) => alive(() => store.release(lease)),
      list: () => alive(() => store.list()),
      revoke: (resource) => alive(() => store.revoke(resource)),
    };
  }

  const self: Process = {
    pid,
    isMain,
    session: around.sessionOf(session),
    changes: new Set(changes),
    skewMs: 0,
    get isDead() {
      return isDead;
    },
    died,
    kill() {
      if (isDead) return;
      isDead = true;
      living.delete(pid);
      announce();
    },
    interrupt: () => ended.abort(new Error('interrupted by the simulation')),
    close() {
      living.delete(pid);
      looking.close();
      acting.close();
      rehearsal?.close();
    },
  };
  living.add(pid);
  return self;
}

/** The same world, with somebody told of each change that comes this way. */
function seenBy(
  world: World,
  told: {
    readonly before: (call: Omit<AppliedCall, 'at'>) => void;
    readonly after: (call: Omit<AppliedCall, 'at'>) => void;
  },
): World {
  return {
    get inventory() {
      return world.inventory;
    },
    get dynamics() {
      return world.dynamics;
    },
    now: () => world.now(),
    region: (name) => world.region(name),
    change(call, alter) {
      told.before(call);
      world.change(call, alter);
      told.after(call);
    },
  };
}
