/**
 * Watches a simulation and says what must never have happened. It knows the world's own truth, which nothing that is
 * judged has: each change as it arrives, each record as it is written, and what each run says of itself in the end.
 */
import { isDeepStrictEqual } from 'node:util';
import { sha256 } from '../../src/composition/identity.ts';
import { planHash } from '../../src/engine/change.ts';
import type { Question, RunEvent } from '../../src/engine/events.ts';
import { faultsOf } from '../../src/engine/journal.ts';
import { exitCodes } from '../../src/use-cases/exit-codes.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { databaseOperations } from '../../src/runbooks/move/database-move.ts';
import { writersAt } from '../../src/sandbox/world/global-database.ts';
import { recordsAt } from '../../src/sandbox/world/traffic-state.ts';
import { deploymentsUntil, type RegionInventory } from '../../src/sandbox/world/inventory.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import type { MemoryState } from '../../src/state/memory-state.ts';
import { parseLease } from '../../src/state/lease-register.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';
import { isArrivalOf, type Arrived } from './arrival.ts';

type Intended = Extract<RunEvent, { type: 'change.intended' }>;

/** What the simulation guarantees, or says that it does not hold. */
export const invariants = [
  'one writer',
  'intent first',
  'a valid token',
  'approved',
  'made once',
  'a dry run changes nothing',
  'met is measured',
  'unknown is not ok',
  'ends in a named state',
  'ends in time',
  'the report is the world',
  'undone is undone',
  'the chain holds',
  'the same bytes',
  'no lease is left',
] as const;

export type Invariant = (typeof invariants)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** A run as far as its journal and the world's changes tell it. */
interface Watched {
  readonly runbook: AnyRunbook;
  readonly isDryRun: boolean;
  /** Intents that are written and not answered, by step and direction. */
  readonly open: Map<string, Intended>;
  /** Questions, by the hash of their plan. */
  readonly asked: Map<string, Question>;
  /** Hashes of plans to which somebody said yes, as whoever was asked tells it. */
  readonly said: Set<string>;
  /** Hashes of changes that somebody agreed to. */
  readonly approved: Set<string>;
  /** True once somebody agreed that two regions may take writes. */
  mayHaveTwoWriters: boolean;
  /** What reached the world, by step and direction. */
  readonly made: Map<string, number>;
  /** How the world stood before its first change. */
  before?: unknown;
}

/** Who changes the world: one of the runs, or somebody else. */
export interface Actor {
  readonly runId: string | undefined;
  readonly name: string;
  /** The actor's own clock. */
  readonly now: () => number;
}

type Part = 'service' | 'database' | 'traffic';

interface Doing {
  readonly part: Part;
  readonly runId: string | undefined;
}

export class Witness {
  readonly violations: Violation[] = [];
  private readonly world: World;
  private readonly memory: MemoryState;
  private readonly runs = new Map<string, Watched>();
  /** All that changed the world by a call or by hand, oldest first. */
  private readonly doings: Doing[] = [];
  private hasTwoWriters = false;
  /** The run that moved the database last. */
  private mover: string | undefined;

  constructor(world: World, memory: MemoryState) {
    this.world = world;
    this.memory = memory;
  }

  private accuse(invariant: Invariant, detail: string): void {
    this.violations.push({ invariant, detail });
  }

  begun(runId: string, runbook: AnyRunbook, isDryRun: boolean): void {
    if (this.runs.has(runId)) return;
    this.runs.set(runId, {
      runbook,
      isDryRun,
      open: new Map(),
      asked: new Map(),
      said: new Set(),
      approved: new Set(),
      mayHaveTwoWriters: false,
      made: new Map(),
    });
  }

  /** Somebody was asked, and answered. */
  answered(runId: string, hash: string, isYes: boolean): void {
    if (isYes) this.runs.get(runId)?.said.add(hash);
  }

  /** A record is written, durably. */
  record(runId: string, event: RunEvent): void {
    this.lookAtWriters();
    const run = this.runs.get(runId);
    if (run === undefined) return;
    if (event.type === 'run.resumed') {
      // What a dead process meant to do is nobody's intent any more.
      run.open.clear();
    } else if (event.type === 'approval.requested') {
      run.asked.set(event.hash, event);
    } else if (event.type === 'approval.given') {
      if (!run.isDryRun && !run.said.has(event.hash)) {
        this.accuse('approved', `${runId}: a yes to ${event.stepId} is in the journal, and nobody gave it`);
      }
      const { changes = [], facts = [] } = run.asked.get(event.hash) ?? {};
      for (const change of changes) run.approved.add(planHash([change], sha256));
      // Who was told so and agreed has accepted it.
      const isTold = (fact: string) => fact.includes('split brain') || fact.includes('stays a writer, on its own');
      if (facts.some(isTold)) run.mayHaveTwoWriters = true;
    } else if (event.type === 'approval.lapsed') {
      for (const change of run.asked.get(event.hash)?.changes ?? []) run.approved.delete(planHash([change], sha256));
    } else if (event.type === 'change.intended') {
      run.open.delete(keyOf(event)); // The newest stands last.
      run.open.set(keyOf(event), event);
    } else if (event.type === 'change.answered') {
      run.open.delete(keyOf(event));
    } else if (event.type === 'change.looked-up' && event.direction === 'undo' && event.state === 'done') {
      // What was put back may be made again.
      run.made.delete(`${event.stepId} apply`);
    }
  }

  /** A call is about to change the world. */
  changing(actor: Actor, call: Arrived): void {
    const { runId } = actor;
    if (runId === undefined) return;
    const run = this.runs.get(runId);
    const what = `${call.operation} ${call.region} ${call.resource} (${call.detail}) by ${actor.name}`;
    if (run === undefined) {
      this.accuse('intent first', `${what}: its run has no journal`);
      return;
    }
    run.before ??= this.standing();
    if (run.isDryRun) this.accuse('a dry run changes nothing', what);
    const alike = [...run.open.values()].filter(({ change }) => change.operation === call.operation);
    const intent = alike.findLast(({ change }) => isArrivalOf(change, call, this.world));
    if (intent === undefined) {
      const [other] = alike.map(({ change }) => `${change.region} ${change.resource} ${JSON.stringify(change.after)}`);
      if (other === undefined) this.accuse('intent first', `${what}: no intent for it is open in the journal`);
      else this.accuse('approved', `${what}: agreed to was ${other}`);
      return;
    }
    this.checkApproval(run, intent, what, runId);
    this.checkTokens(actor, run, intent, what);
    this.checkOnce(runId, run, intent, what);
    if (databaseOperations.includes(call.operation)) this.mover = runId;
  }

  /** A call, or somebody by hand, has changed the world. */
  changed(runId: string | undefined, what: string): void {
    this.doings.push({ part: partOf(what), runId });
    this.lookAtWriters();
  }

  private checkApproval(
    run: Watched,
    { stepId, direction, change, hash }: Intended,
    what: string,
    runId: string,
  ): void {
    if (planHash([change], sha256) !== hash) this.accuse('approved', `${what}: the intent's hash is of another change`);
    // What puts a change back is agreed to with the change.
    if (direction === 'undo') {
      // Who finds made what it was about to make cannot tell that somebody else did.
      const others = this.othersDid(runId, change.operation);
      if (!run.made.has(`${stepId} apply`) && !others) {
        this.accuse('approved', `${what}: puts back what was never made`);
      }
      return;
    }
    if (!run.approved.has(hash)) this.accuse('approved', `${what}: nobody agreed to it`);
  }

  private checkTokens({ now }: Actor, { runbook }: Watched, { tokens }: Intended, what: string): void {
    const held = Object.entries(tokens);
    if (held.length === 0) this.accuse('a valid token', `${what}: no lease on anything (${runbook.id})`);
    const { leases } = this.memory.snapshot();
    for (const [resource, token] of held) {
      const kept = leases[resource];
      const lease = kept && parseLease(kept.text, resource);
      if (lease === undefined || lease.token !== token || lease.released) {
        this.accuse(
          'a valid token',
          `${what}: ${resource} is not held by token ${token} (the newest: ${lease?.token})`,
        );
      } else if (lease.expiresAt <= now()) {
        this.accuse('a valid token', `${what}: the lease on ${resource} has run out`);
      }
    }
  }

  private checkOnce(runId: string, run: Watched, intent: Intended, what: string): void {
    const key = keyOf(intent);
    const last = run.made.get(key);
    run.made.set(key, this.doings.length);
    if (last === undefined || isIdempotent(run.runbook, intent.stepId)) return;
    // Who finds it undone by somebody else may well make it again.
    const others = this.othersDid(runId, intent.change.operation, last);
    if (!others) this.accuse('made once', `${what}: step "${intent.stepId}" (${intent.direction}) had made it before`);
  }

  /** Whether somebody else than this run did something to what the operation is about, since so many doings. */
  private othersDid(runId: string, operation: string, since = 0): boolean {
    return this.doings.slice(since).some((doing) => doing.runId !== runId && doing.part === partOf(operation));
  }

  private lookAtWriters(): void {
    const hasTwo = writersAt(this.world.inventory, this.world.now()).length > 1;
    if (hasTwo && !this.hasTwoWriters && this.runs.get(this.mover ?? '')?.mayHaveTwoWriters !== true) {
      this.accuse('one writer', `two regions take writes, and nobody was asked that by ${this.mover ?? 'any run'}`);
    }
    this.hasTwoWriters = hasTwo;
  }

  /** A process has come to the end of a run, or to where it waits. */
  ended(runId: string, document: RunDocument): void {
    const run = this.runs.get(runId);
    if (document.exitCode !== exitCodes[document.verdict]) {
      this.accuse('ends in a named state', `${runId}: exit code ${document.exitCode} with ${document.verdict}`);
    }
    for (const note of document.notes ?? []) {
      if (note.startsWith('a defect of nanoops')) this.accuse('ends in a named state', `${runId}: ${note}`);
    }
    if (run === undefined) return;
    this.checkObjectives(document);
    this.checkUnknown(run, document);
    if (!run.isDryRun) this.checkReport(run, document);
    if (!run.isDryRun) this.checkWriters(run, document);
    if (!run.isDryRun) this.checkUndone(run, document);
  }

  private checkObjectives({ runId, objectives, failback }: RunDocument): void {
    for (const each of [objectives, failback?.objectives]) {
      if (each === undefined) continue;
      for (const [name, { met, measuredMs, targetMs }] of Object.entries({ RTO: each.rto, RPO: each.rpo })) {
        if (met === true && (measuredMs === null || measuredMs > targetMs)) {
          this.accuse('met is measured', `${runId}: ${name} is met with ${measuredMs} ms of ${targetMs}`);
        }
        if (met === false && measuredMs === null) {
          this.accuse('met is measured', `${runId}: ${name} is missed, and was not measured`);
        }
      }
      if (each.rpo.met === true && each.rpo.stores.some(({ store, lossMs }) => store === 'aurora' && lossMs === null)) {
        this.accuse('met is measured', `${runId}: RPO is met, and the database was not measured`);
      }
    }
  }

  private checkUnknown({ runbook }: Watched, document: RunDocument): void {
    if (document.verdict !== 'ok') return;
    const { runId, mutations, steps, suspended } = document;
    const optional = new Set(runbook.steps.flatMap(({ id, isOptional }) => (isOptional === true ? [id] : [])));
    const open = mutations.find(({ status }) => status === 'unknown');
    if (open !== undefined)
      this.accuse('unknown is not ok', `${runId}: ok, and the change of ${open.stepId} is unknown`);
    if (suspended !== undefined) this.accuse('unknown is not ok', `${runId}: ok, and it waits: ${suspended.reason}`);
    for (const { id, kind, status } of steps) {
      const counts = kind === 'act' || kind === 'wait' || kind === 'verify';
      if (counts && !optional.has(id) && (status === 'unknown' || status === 'blocked' || status === 'failed')) {
        this.accuse('unknown is not ok', `${runId}: ok, and the step ${id} is ${status}`);
      }
    }
  }

  private checkReport(run: Watched, { runId, mutations }: RunDocument): void {
    const told = new Map(mutations.map((each) => [each.stepId, each]));
    for (const key of run.made.keys()) {
      const [stepId = '', direction] = key.split(' ');
      const status = told.get(stepId)?.status;
      if (direction === 'apply' && (status === undefined || status === 'failed')) {
        this.accuse('the report is the world', `${runId}: ${stepId} changed the world, and is told as ${status}`);
      }
    }
    for (const { stepId, status, operation } of mutations) {
      if (status === 'applied' && !run.made.has(`${stepId} apply`) && !this.othersDid(runId, operation)) {
        this.accuse('the report is the world', `${runId}: ${stepId} is told as applied, and nothing reached the world`);
      }
    }
  }

  /** Whoever leaves two regions that take writes says so in the end, whatever was said when somebody was asked. */
  private checkWriters({ made, runbook }: Watched, { runId, suspended, recovery, failback, notes }: RunDocument): void {
    // Of two clusters that are apart one may be left to itself, with no task that would write to it.
    if (notes?.some((note) => note.includes('is a writer still, on its own')) === true) return;
    if (suspended !== undefined || made.size === 0 || moveOfRunbook(runbook.id) === undefined) return;
    const writers = writersAt(this.world.inventory, this.world.now());
    if (writers.length < 2 || [recovery, failback?.recovery].some((each) => each?.splitBrain === 'possible')) return;
    this.accuse('the report is the world', `${runId}: two regions take writes, and its report says nothing of it`);
  }

  /** Where all of it was put back, and nobody else did anything, the world is as it was. */
  private checkUndone(run: Watched, { runId, mutations }: RunDocument): void {
    if (run.before === undefined || this.doings.some((doing) => doing.runId !== runId)) return;
    const made = mutations.filter(({ status }) => status !== 'failed');
    if (made.length === 0 || made.some(({ status, restores }) => status !== 'reverted' && restores === undefined))
      return;
    const now = this.standing();
    if (!isDeepStrictEqual(now, run.before)) {
      this.accuse(
        'undone is undone',
        `${runId}: all of it is told as put back, and the world is ${JSON.stringify(now)} instead of ${JSON.stringify(run.before)}`,
      );
    }
  }

  /** At the end of all: what only the whole can tell. */
  async close(ended: ReadonlySet<string>): Promise<void> {
    this.lookAtWriters();
    for (const runId of await this.memory.journals.list()) {
      const { records } = await this.memory.journals.read(runId);
      for (const fault of faultsOf(records, sha256)) this.accuse('the chain holds', `${runId}: ${fault}`);
    }
    for (const { resource, holder } of await this.memory.leases.list()) {
      if (ended.has(holder.runId)) this.accuse('no lease is left', `${resource}, held by ${holder.runId}`);
    }
  }

  /** What changes of runbooks touch. How many tasks are wanted is the autoscaler's business too, and left out. */
  private standing(): unknown {
    const { inventory } = this.world;
    const now = this.world.now();
    const half = (region: RegionInventory) => ({
      min: region.scaling?.min,
      max: region.scaling?.max,
      suspended: region.scaling?.suspended ?? [],
      taskDefinition: deploymentsUntil(region, now)[0]?.taskDefinition,
      clusters: region.restoredDatabases.length,
    });
    return {
      primary: half(inventory.primary),
      recovery: half(inventory.recovery),
      records: recordsAt(inventory.traffic, now),
    };
  }
}

function keyOf({ stepId, direction }: Pick<Intended, 'stepId' | 'direction'>): string {
  return `${stepId} ${direction}`;
}

/** What of the stack an operation, or what somebody did by hand, is about. */
function partOf(operation: string): Part {
  const [service = '', name] = operation.split(':');
  if (service === 'by-hand') return name === 'FailoverDBCluster' ? 'database' : 'service';
  if (service === 'rds') return 'database';
  return service === 'ecs' || service === 'application-autoscaling' ? 'service' : 'traffic';
}

function isIdempotent({ steps }: AnyRunbook, stepId: string): boolean {
  const body = steps.find(({ id }) => id === stepId)?.body;
  return body?.form === 'change' && body.isIdempotent;
}
