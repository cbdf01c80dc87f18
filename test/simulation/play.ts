/** Plays a script: opens its world, lets everything in it happen, and says what must not have happened. Time is virtual. */
import { sha256 } from '../../src/composition/identity.ts';
import { extraNamesOf } from '../../src/composition/extra-names.ts';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';
import type { Answer } from '../../src/engine/approval.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { historyOf } from '../../src/engine/history.ts';
import { StateError } from '../../src/engine/journal-store.ts';
import { NanoopsError } from '../../src/errors.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import { observe, type AnyRunbook } from '../../src/runbooks/kit.ts';
import { throttlingOf } from '../../src/sandbox/gate.ts';
import { noise } from '../../src/sandbox/random.ts';
import { openSandbox, sandboxConfigFor, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { VirtualClock } from '../../src/sandbox/virtual-clock.ts';
import { ServiceFault, type CallContext, type Fate } from '../../src/sandbox/wire/service.ts';
import { withFailover } from '../../src/sandbox/world/database-changes.ts';
import { instancesAt, writerAt } from '../../src/sandbox/world/database-state.ts';
import type { Fault } from '../../src/sandbox/world/faults.ts';
import { deploymentsUntil, desiredAt, type WorldInventory } from '../../src/sandbox/world/inventory.ts';
import {
  withDesiredCount,
  withLimits,
  withNewDeployment,
  withSuspended,
} from '../../src/sandbox/world/service-changes.ts';
import { openWorld, type AppliedCall, type World } from '../../src/sandbox/world/world.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { runDocumentOf } from '../../src/use-cases/run-document.ts';
import { resumeRun, runRunbook } from '../../src/use-cases/run-runbook.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { startProcess, type Director, type Process, type Surroundings } from './process.ts';
import type { Mishap, MishapKind, Moment, Script } from './script.ts';
import { Witness, type Violation } from './witness.ts';

/** What came of a simulation. */
export interface Outcome {
  readonly script: Script;
  readonly violations: readonly Violation[];
  /** What really struck, and how often: a mishap that met nobody is not counted. */
  readonly faults: Readonly<Partial<Record<MishapKind, number>>>;
  /** Runs that were begun, and how often one was taken up again. */
  readonly runs: number;
  readonly resumptions: number;
  /** Calls to the simulated AWS, and those that changed it. */
  readonly calls: number;
  readonly changes: number;
  readonly virtualMs: number;
  /** Verdicts of the script's own runs, in order. */
  readonly verdicts: readonly string[];
  /** What happened, a line each. */
  readonly trace: readonly string[];
  /** Of everything that was written and changed. */
  readonly digest: string;
}

/** What is otherwise than in the program: for planted bugs. */
export interface Playing {
  readonly sessionOf?: (session: Session) => Session;
  readonly documentOf?: (document: RunDocument) => RunDocument;
}

const second = 1_000;
const minute = 60 * second;
/** Nothing that a runbook waits for takes longer, all waits one after another: a cluster that is made anew may take a day. */
const longestRunMs = 30 * 60 * minute;
/** A run whose time is up finishes the change that is under way, looks what became of it, and ends. */
const endingMs = 4 * minute;
/** How long somebody waits before going on with a run that stopped, each time. */
const pausesMs = [5 * second, 2 * minute, 12 * minute, 12 * minute, 12 * minute];

export async function play(script: Script, playing: Playing = {}): Promise<Outcome> {
  return new Play(script, playing).result();
}

type Ended =
  | { readonly kind: 'document'; readonly document: RunDocument }
  | { readonly kind: 'died' }
  | { readonly kind: 'late' }
  | { readonly kind: 'threw'; readonly error: unknown };

class Play {
  private readonly script: Script;
  private readonly playing: Playing;
  private readonly clock = new VirtualClock(sandboxStartMs);
  private readonly memory = memoryState();
  private readonly world: World;
  private readonly witness: Witness;
  private readonly around: Surroundings;
  private readonly dead = new Set<Process>();
  private readonly struck = new Map<Mishap, number>();
  private readonly trace: string[] = [];
  private readonly verdicts: string[] = [];
  /** Runs that ended, or wait, with nobody at them. */
  private readonly left = new Set<string>();
  private readonly runIds = new Map<number, string>();
  private readonly over = new AbortController();
  private readonly colleagues: Promise<void>[] = [];
  private processes = 1_000;
  private calls = 0;
  private changes = 0;
  private records = 0;
  private sent = 0;
  private runs = 0;
  private resumptions = 0;
  private questions = 0;
  private main: Process | undefined;
  private died: Extract<Mishap, { kind: 'killed' }> | undefined;

  constructor(script: Script, playing: Playing) {
    this.script = script;
    this.playing = playing;
    const { seed, scenario, maxTasks, heartbeat } = script;
    const own = sandboxConfigFor(scenario);
    const { rpoProbe, ...database } = own.database;
    const config = parseConfig(
      {
        ...own,
        compute: { ...own.compute, maxTasks },
        database: heartbeat ? { ...database, rpoProbe } : database,
        drill: {
          ...own.drill,
          holdAfterFailover: '1m',
          // To watch alarms that never ring would cost a call every few seconds.
          ...(script.mishaps.some(({ kind }) => kind === 'alarm') ? { stopAlarms: [stopAlarm] } : {}),
        },
      },
      'the simulation',
    );
    const stack = stackOf(config);
    const { inventory } = openSandbox({
      scenario,
      seed,
      stack,
      clock: this.clock,
      extraNames: extraNamesOf(config),
    }).world;
    const faults = [...inventory.faults, ...script.mishaps.flatMap(faultsOf)];
    this.world = openWorld({ ...inventory, faults }, () => this.clock.now());
    this.witness = new Witness(this.world, this.memory);
    this.around = {
      seed,
      clock: this.clock,
      world: this.world,
      memory: this.memory,
      config,
      stack,
      asked: new Map(),
      director: this.director(),
      living: new Set(),
      sessionOf: playing.sessionOf ?? ((session) => session),
    };
  }

  async result(): Promise<Outcome> {
    for (const mishap of this.script.mishaps) this.schedule(mishap);
    for (const id of this.script.runbooks) {
      const isEnded = await this.story(id);
      if (!isEnded) break;
      await this.clock.sleep(2 * minute);
    }
    this.over.abort();
    await Promise.all(this.colleagues);
    await this.witness.close(this.left);
    const { calls } = this.world.inventory;
    const journals = JSON.stringify(this.memory.snapshot());
    this.clock.close();
    const outcome: Outcome = {
      script: this.script,
      violations: this.witness.violations,
      faults: this.faults(),
      runs: this.runs,
      resumptions: this.resumptions,
      calls: this.calls,
      changes: this.changes,
      virtualMs: this.clock.now() - sandboxStartMs,
      verdicts: this.verdicts,
      trace: this.trace,
      digest: sha256(JSON.stringify([journals, calls, this.trace, this.verdicts, this.clock.now()])),
    };
    // Node keeps a signal made of others, with whoever listens to it, until one of them is aborted: in what is dead that never was.
    for (const process of this.dead) {
      process.interrupt();
      process.close();
    }
    return outcome;
  }

  private faults(): Partial<Record<MishapKind, number>> {
    const counts: Partial<Record<MishapKind, number>> = {};
    for (const [{ kind }, times] of this.struck) counts[kind] = (counts[kind] ?? 0) + times;
    const lastedMs = this.clock.now() - sandboxStartMs;
    for (const mishap of this.script.mishaps) {
      // Whoever is about when it begins meets it.
      const isOfTheWorld = mishap.kind === 'load' || mishap.kind === 'failover-sticks' || mishap.kind === 'alarm';
      if (isOfTheWorld && mishap.fromMs < lastedMs) counts[mishap.kind] = (counts[mishap.kind] ?? 0) + 1;
    }
    return counts;
  }

  private strike(mishap: Mishap): void {
    this.struck.set(mishap, (this.struck.get(mishap) ?? 0) + 1);
  }

  private tell(text: string): void {
    const at = (this.clock.now() - sandboxStartMs) / second;
    this.trace.push(`${at.toFixed(3).padStart(10)} s  ${text}`);
  }

  private runbook(id: string, build: 'same' | 'other' = 'same'): AnyRunbook {
    const runbook = findRunbook(id);
    return build === 'same' ? runbook : { ...runbook, steps: [...runbook.steps, ofAnotherBuild] };
  }

  /** One runbook from its beginning to its end, whoever dies on the way. True where it ended. */
  private async story(id: string): Promise<boolean> {
    const { mode, timeoutMs } = this.script;
    let runbook = this.runbook(id);
    let host = 'here';
    let purpose: 'continue' | 'abort' = 'continue';
    const known = new Set(await this.memory.journals.list());
    /** How often somebody let it wait; who goes on after a death was not waiting. */
    let pauses = 0;
    for (let turn = 0; ; turn += 1) {
      const process = this.start(runbook, host, true);
      this.main = process;
      const runId = await this.newRun(known, process);
      // By then everything that goes wrong is over, and whoever goes on gives the run the time that it needs.
      const limitMs = turn >= pausesMs.length ? undefined : timeoutMs;
      const ended = await this.drive(process, limitMs, () =>
        runId === undefined || mode === 'dry-run'
          ? this.begin(process, runbook)
          : this.goOn(process, runbook, runId, purpose, limitMs),
      );
      if (ended.kind !== 'died') process.close();
      const current = this.runIds.get(process.pid) ?? runId;
      switch (ended.kind) {
        case 'late':
          this.accuse('ends in time', `${id}: not over after ${(limitMs ?? longestRunMs) / minute} min`);
          return false;
        case 'threw':
          this.tell(`${process.pid}: ${errorText(ended.error)}`);
          if (!isNamed(ended.error)) this.accuse('ends in a named state', `${id}: it threw ${errorText(ended.error)}`);
          break;
        case 'died': {
          const { afterMs = 0, build = 'same' } = this.died ?? {};
          host = this.died?.host === 'other' ? `another-${turn}` : host;
          // A rehearsal is gone with its model: another one is begun.
          if (mode === 'dry-run' && current !== undefined) known.add(current);
          runbook = this.runbook(id, build);
          await this.clock.sleep(afterMs);
          continue;
        }
        case 'document': {
          const { document } = ended;
          if (current !== undefined) this.left.add(current);
          this.witness.ended(document.runId, document);
          this.tell(`${process.pid}: ${document.verdict}${suspendedText(document)}`);
          if (document.suspended === undefined || mode === 'dry-run') {
            this.verdicts.push(document.verdict);
            return true;
          }
        }
      }
      const pauseMs = pausesMs[pauses];
      pauses += 1;
      if (pauseMs === undefined && this.script.answers !== 'no') {
        this.accuse('ends in a named state', `${id}: it waits still, and nothing is wrong any more`);
      }
      // Who said no says it again.
      if (pauseMs === undefined || (this.script.answers === 'no' && this.questions > 1)) {
        this.verdicts.push('waits');
        return false;
      }
      if (this.script.afterwards === 'abort') purpose = 'abort';
      await this.clock.sleep(pauseMs);
    }
  }

  /** The run that the story has begun; undefined while there is none. */
  private async newRun(known: ReadonlySet<string>, { pid }: Process): Promise<string | undefined> {
    const mine = (await this.memory.journals.list()).filter(
      (each) =>
        !known.has(each) && ![...this.runIds].some(([owner, runId]) => runId === each && this.isColleague(owner)),
    );
    const [runId] = mine;
    if (runId !== undefined) this.runIds.set(pid, runId);
    return runId;
  }

  private readonly others = new Set<number>();

  private isColleague(pid: number): boolean {
    return this.others.has(pid);
  }

  private start(runbook: AnyRunbook, host: string, isMain: boolean): Process {
    this.processes += 1;
    const pid = this.processes;
    if (!isMain) this.others.add(pid);
    const mode = isMain ? this.script.mode : 'execute';
    return startProcess(this.around, { pid, host, who: isMain ? 'ana' : 'ben', isMain, mode, runbook });
  }

  private begin(process: Process, runbook: AnyRunbook): Promise<RunDocument> {
    this.runs += 1;
    const { timeoutMs } = this.script;
    const mode = process.isMain ? this.script.mode : 'execute';
    const move = moveOfRunbook(runbook.id);
    this.tell(`${process.pid} begins ${runbook.id}`);
    return runRunbook(process.session, {
      runbook,
      mode,
      ...(move === undefined ? {} : { move }),
      ...(timeoutMs === undefined || !process.isMain ? {} : { timeoutMs }),
    });
  }

  private async goOn(
    process: Process,
    runbook: AnyRunbook,
    runId: string,
    purpose: 'continue' | 'abort',
    timeoutMs: number | undefined,
  ): Promise<RunDocument> {
    const { records } = await this.memory.journals.read(runId);
    if (records.length === 0) return this.begin(process, runbook);
    const history = historyOf(records.map(({ event }) => event));
    if (history.phase === 'ended') return runDocumentOf({ history });
    this.resumptions += 1;
    this.tell(`${process.pid} goes on with ${runId}: ${purpose}`);
    this.left.delete(runId);
    return resumeRun(process.session, { runbook, records, purpose, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  }

  private async drive(
    process: Process,
    timeoutMs: number | undefined,
    work: () => Promise<RunDocument>,
  ): Promise<Ended> {
    const limitMs = timeoutMs === undefined ? longestRunMs : timeoutMs + endingMs;
    const done = new AbortController();
    const running = async (): Promise<Ended> => {
      try {
        const document = await work();
        return { kind: 'document', document: this.playing.documentOf?.(document) ?? document };
      } catch (error) {
        return { kind: 'threw', error };
      }
    };
    const killed = process.died.then((): Ended => ({ kind: 'died' }));
    const late = this.clock.sleep(limitMs, done.signal).then(
      (): Ended => ({ kind: 'late' }),
      (): Ended => ({ kind: 'died' }), // Nobody waits for it any more.
    );
    const isDry = this.script.mode === 'dry-run';
    // A dry run lives on its model's clock, and the world's must not run away meanwhile.
    const run = isDry ? this.clock.busy(() => Promise.race([running(), killed])) : running();
    const ended = await Promise.race([run, killed, late]);
    done.abort();
    return ended;
  }

  private accuse(invariant: Violation['invariant'], detail: string): void {
    this.witness.violations.push({ invariant, detail });
  }

  private director(): Director {
    return {
      beforeRecord: (process, event) => {
        if (!process.isMain) return;
        this.records += 1;
        this.meet(process, 'before-record', this.records, event.type);
      },
      afterRecord: (process, runId, event) => {
        if (!this.runIds.has(process.pid)) {
          this.runIds.set(process.pid, runId);
          const isDryRun = process.isMain && this.script.mode === 'dry-run';
          if (event.type === 'run.started') this.witness.begun(runId, this.runbook(event.runbook), isDryRun);
        }
        this.tell(`${process.pid} ${event.seq} ${eventText(event)}`);
        this.witness.record(runId, event);
        if (process.isMain) this.meet(process, 'after-record', this.records, event.type);
      },
      fateOf: (process, call) => this.fateOf(process, call),
      beforeChange: (process, call) => {
        const actor = {
          runId: this.runIds.get(process.pid) ?? 'none',
          name: `process ${process.pid}`,
          now: () => this.clock.now() + process.skewMs,
        };
        this.witness.changing(actor, call);
      },
      afterChange: (process, call) => {
        this.changes += 1;
        this.tell(`${process.pid} changed the world: ${callText(call)}`);
        this.witness.changed(this.runIds.get(process.pid), call.operation);
        if (process.isMain) this.meet(process, 'after-call', this.sent, call.operation);
      },
      answer: ({ runId, hash }) => {
        const answer = this.answer();
        this.witness.answered(runId, hash, answer.kind === 'given');
        return answer;
      },
    };
  }

  private answer(): Answer {
    this.questions += 1;
    switch (this.script.answers) {
      case 'yes':
        return { kind: 'given', by: 'ana', how: 'flag' };
      case 'no':
        return { kind: 'declined', by: 'ana' };
      case 'absent-first':
        return this.questions > 1
          ? { kind: 'given', by: 'ana', how: 'flag' }
          : { kind: 'absent', reason: 'nobody was there', nextSteps: ['nanoops runs resume'] };
    }
  }

  /** A moment at which the process may die, or be told to end. */
  private meet(process: Process, at: Moment['at'], count: number, what: string): void {
    for (const mishap of this.script.mishaps) {
      if (mishap.kind !== 'killed' && mishap.kind !== 'interrupted') continue;
      if (mishap.moment.at !== at || mishap.moment.count !== count || this.struck.has(mishap)) continue;
      this.strike(mishap);
      this.tell(`${process.pid} is ${mishap.kind} ${at.replace('-', ' ')} ${count}, ${what}`);
      if (mishap.kind === 'interrupted') {
        process.interrupt();
        continue;
      }
      this.died = mishap;
      this.dead.add(process);
      process.kill();
    }
  }

  private fateOf(process: Process, call: CallContext): Fate | undefined {
    this.calls += 1;
    const isChange = process.changes.has(`${call.service}:${call.operation}`);
    if (process.isMain && isChange) {
      this.sent += 1;
      this.meet(process, 'before-call', this.sent, call.operation);
      if (process.isDead) return { kind: 'hang' };
    }
    const sinceMs = this.clock.now() - sandboxStartMs;
    for (const [index, mishap] of this.script.mishaps.entries()) {
      const fate = this.fateBy(mishap, index, call, sinceMs, process.isMain && isChange);
      if (fate === undefined) continue;
      this.strike(mishap);
      this.tell(`${process.pid} ${call.service}:${call.operation} ${call.region}: ${mishap.kind}`);
      return fate;
    }
    return undefined;
  }

  private fateBy(
    mishap: Mishap,
    index: number,
    call: CallContext,
    sinceMs: number,
    isOwnChange: boolean,
  ): Fate | undefined {
    if (mishap.kind === 'change-answer-lost') {
      return isOwnChange && this.sent === mishap.count && !this.struck.has(mishap)
        ? { kind: 'lost', latencyMs: 40 }
        : undefined;
    }
    if (!('fromMs' in mishap) || sinceMs < mishap.fromMs || sinceMs >= mishap.fromMs + mishap.forMs) return undefined;
    if ('share' in mishap && noise(this.script.seed, 'mishap', index, this.calls) >= mishap.share) return undefined;
    switch (mishap.kind) {
      case 'throttled':
        return { kind: 'fault', latencyMs: 30, fault: throttlingOf(call.service) };
      case 'server-error':
        return {
          kind: 'fault',
          latencyMs: 60,
          fault: new ServiceFault('InternalFailure', 'An internal error has occurred', 500),
        };
      case 'reset':
        return { kind: 'reset' };
      case 'slow':
        return { kind: 'answer', latencyMs: mishap.latencyMs };
      case 'answer-lost':
        return { kind: 'lost', latencyMs: 40 };
      case 'credentials-expired':
        return {
          kind: 'fault',
          latencyMs: 30,
          fault: new ServiceFault(
            'ExpiredTokenException',
            'The security token included in the request is expired',
            403,
          ),
        };
      case 'region-hangs':
        // The world lets its calls hang; here it is only noticed.
        if (call.region === this.world.inventory[mishap.region].region) this.strike(mishap);
        return undefined;
      case 'failover-sticks':
      case 'alarm':
      case 'load':
        return undefined;
    }
  }

  /** What happens at its time, whoever is about. */
  private schedule(mishap: Mishap): void {
    if (!('atMs' in mishap)) return;
    const happen = async (): Promise<void> => {
      try {
        await this.clock.sleep(mishap.atMs, this.over.signal);
      } catch {
        return; // The story was over before.
      }
      await this.happen(mishap);
    };
    this.colleagues.push(happen());
  }

  private async happen(mishap: Extract<Mishap, { readonly atMs: number }>): Promise<void> {
    switch (mishap.kind) {
      case 'clock-jump':
        if (this.main === undefined || this.main.isDead) return;
        this.main.skewMs += mishap.byMs;
        break;
      case 'failover-flips':
        this.byHand('RDS', 'FailoverDBCluster', flipped);
        break;
      case 'colleague':
        this.byHand('ben', mishap.does, (world, at) => byColleague(world, mishap.does, at));
        break;
      case 'lease-taken':
        await this.takeLeases();
        break;
      case 'second-run':
        this.strike(mishap);
        await this.secondRun(mishap.runbook);
        return;
    }
    this.strike(mishap);
    this.tell(`${mishap.kind} ${'byMs' in mishap ? mishap.byMs : 'does' in mishap ? mishap.does : ''}`.trimEnd());
  }

  private byHand(who: string, what: string, alter: (world: WorldInventory, at: number) => WorldInventory): void {
    const at = this.clock.now();
    const region = this.world.inventory.primary.region;
    const operation = `by-hand:${what}`;
    this.world.change({ operation, region, resource: 'nano', detail: who }, (world) => alter(world, at));
    this.witness.changed(undefined, operation);
  }

  private async takeLeases(): Promise<void> {
    const { leases } = this.memory;
    for (const { resource, holder } of await leases.list()) {
      await leases.revoke(resource);
      const other = { ...holder, runId: 'another-run', who: 'carla', host: 'elsewhere', pid: 1 };
      const terms = { nowMs: this.clock.now(), ttlMs: minute, graceMs: 0, isGone: () => false };
      await leases.acquire({ resource, holder: other, ...terms });
    }
  }

  private async secondRun(id: string): Promise<void> {
    const runbook = this.runbook(id);
    const process = this.start(runbook, 'there', false);
    const ended = await this.drive(process, undefined, () => this.begin(process, runbook));
    process.close();
    const runId = this.runIds.get(process.pid);
    if (runId !== undefined) this.left.add(runId);
    switch (ended.kind) {
      case 'document':
        this.witness.ended(ended.document.runId, ended.document);
        this.tell(`${process.pid}: ${ended.document.verdict}${suspendedText(ended.document)}`);
        return;
      case 'late':
        this.accuse('ends in time', `the second run, ${id}`);
        return;
      case 'threw':
        this.tell(`${process.pid}: ${errorText(ended.error)}`);
        if (!isNamed(ended.error)) this.accuse('ends in a named state', `${id}: it threw ${errorText(ended.error)}`);
        return;
      case 'died':
        throw new Error('nobody kills a colleague');
    }
  }
}

/** One that the simulated stack has. */
const stopAlarm = 'nano-api-cpu';

/** What the world itself has to know of a mishap. */
function faultsOf(mishap: Mishap): readonly Fault[] {
  if (!('fromMs' in mishap)) return [];
  const from = sandboxStartMs + mishap.fromMs;
  const span = { from, to: from + mishap.forMs, rampMs: 0 };
  switch (mishap.kind) {
    case 'region-hangs':
      return [{ ...span, effect: 'region-down', region: mishap.region }];
    case 'failover-sticks':
      return [
        { ...span, effect: 'global-failover-stuck' },
        { ...span, effect: 'failover-fails', times: 2 },
      ];
    case 'alarm':
      return [{ ...span, effect: 'alarm', name: stopAlarm }];
    case 'load':
      return [{ ...span, rampMs: 30_000, effect: 'arrivals', factor: mishap.factor }];
    case 'throttled':
    case 'server-error':
    case 'reset':
    case 'slow':
    case 'answer-lost':
    case 'credentials-expired':
      return [];
  }
}

/** The primary region's cluster fails over once more, where it can. */
function flipped(world: WorldInventory, at: number): WorldInventory {
  const { database } = world.primary;
  const writer = writerAt(database, at);
  const last = database.failovers.at(-1);
  const reader = instancesAt(database, at).find(({ id, availableAt }) => id !== writer && availableAt <= at)?.id;
  if (writer === undefined || reader === undefined || (last !== undefined && last.endedAt > at)) return world;
  return withFailover(world, world.primary, database, { at, writer, reader });
}

function byColleague(
  world: WorldInventory,
  does: Extract<Mishap, { kind: 'colleague' }>['does'],
  at: number,
): WorldInventory {
  const { primary } = world;
  const { region, scaling } = primary;
  switch (does) {
    case 'count':
      return withDesiredCount(world, region, desiredAt(primary, at) + 1, at);
    case 'minimum':
      return scaling === undefined
        ? world
        : withLimits(world, region, { min: Math.min(scaling.min + 1, scaling.max), max: scaling.max }, at);
    case 'deployment': {
      const newest = deploymentsUntil(primary, at)[0];
      return newest === undefined ? world : withNewDeployment(world, region, newest.taskDefinition, at);
    }
    case 'scaling-off':
      return withSuspended(world, region, ['scale-in', 'scale-out'], at);
  }
}

/** A step that the build before did not have: it makes the runbook another one, and looks at nothing. */
const ofAnotherBuild = observe('of-another-build', {
  title: 'What this build looks at besides',
  run: () => Promise.resolve('nothing'),
  detail: (seen) => seen,
});

/** How an error can end a run: with a name, and with what to do next. */
function isNamed(error: unknown): boolean {
  return error instanceof NanoopsError || error instanceof StateError;
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function suspendedText({ suspended }: RunDocument): string {
  return suspended === undefined ? '' : `, waits: ${suspended.reason}`;
}

function callText({ operation, region, resource, detail }: Omit<AppliedCall, 'at'>): string {
  return `${operation} ${region} ${resource} ${detail}`;
}

function eventText(event: RunEvent): string {
  const parts: readonly unknown[] = [
    event.type,
    'stepId' in event ? event.stepId : '',
    'direction' in event ? event.direction : '',
    'status' in event ? event.status : '',
    'state' in event ? event.state : '',
    'outcome' in event && event.type === 'change.answered' ? event.outcome : '',
    'detail' in event ? event.detail : '',
    'reason' in event ? event.reason : '',
    'verdict' in event ? event.verdict : '',
  ];
  return parts.filter((part) => part !== '' && part !== undefined).join(' ');
}
