/**
 * A stage for runs that act: a small world of named values, a runbook that changes two of them, and processes that can
 * die at any moment. A process that died touches nothing any more: whatever it calls never answers.
 */
import { createHash } from 'node:crypto';
import type { Answer, Approver } from '../../../src/engine/approval.ts';
import type { Change, Look } from '../../../src/engine/change.ts';
import type { Clock } from '../../../src/engine/clock.ts';
import type { ErrorClass } from '../../../src/engine/errors.ts';
import type { Basis, EventBody, RunEvent } from '../../../src/engine/events.ts';
import { Journal, recordOf } from '../../../src/engine/journal.ts';
import type { JournalRecord, JournalStore } from '../../../src/engine/journal-store.ts';
import type { Holder, LeaseStore } from '../../../src/engine/lease-store.ts';
import { LeaseKeeper, type LeaseTimes } from '../../../src/engine/leases.ts';
import { run, type RunOptions, type RunResult } from '../../../src/engine/run.ts';
import { runbook, type Conclusion, type Runbook } from '../../../src/engine/runbook.ts';
import { settled, type ObserveContext } from '../../../src/engine/step.ts';
import { stepsFor } from '../../../src/engine/steps-for.ts';
import { VirtualClock } from '../../../src/sandbox/virtual-clock.ts';
import { memoryState, type MemoryState } from '../../../src/state/memory-state.ts';

export const startMs = Date.UTC(2026, 10, 23, 10);
export const runId = '20261123T100000Z-grow-7k2m9x';
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
/** How a run of it begins. */
export const started: Extract<EventBody, { type: 'run.started' }> = {
  type: 'run.started',
  runId,
  runbook: 'grow',
  title: 'Grow',
  mode: 'execute',
  environment: 'prod',
  steps: [],
};
/** What the request of a change may take. */
const requestMs = 10_000;

/** What a cloud adapter throws: it says its class, and whether anything was sent. */
export class Trouble extends Error {
  readonly errorClass: ErrorClass;
  readonly details: { readonly nextStep: string; readonly sent?: boolean };

  constructor(errorClass: ErrorClass, message = `trouble: ${errorClass}`, sent?: boolean) {
    super(message);
    this.errorClass = errorClass;
    this.details = { nextStep: `mend ${errorClass}`, ...(sent === undefined ? {} : { sent }) };
  }
}

/**
 * What becomes of one call.
 *
 * - `lost`: it is applied, and nobody answers.
 * - `reset`: it never arrives, and nobody answers.
 * - `refused`, `throttled`, `expired`: the answer is no.
 * - `broken`: it is applied, and whoever sent it trips over its own feet.
 */
export type Fate = 'lost' | 'reset' | 'refused' | 'throttled' | 'expired' | 'broken' | { readonly slowMs: number };

export type SetInput = { readonly name: string; readonly from: number; readonly to: number };
export type SetChange = Change<SetInput>;

interface Value {
  readonly value: number;
  /** When it was set, and what it was before. */
  readonly set?: { readonly at: number; readonly before: number };
}

export class World {
  /** Follows the process that runs now. */
  now: () => number = () => startMs;
  private readonly values = new Map<string, Value>();
  /** Every change that was carried out, in order. */
  readonly applied: string[] = [];
  /** Every message that was told, in order. */
  readonly told: string[] = [];
  /** What becomes of the next calls that set a value, first come first served. */
  readonly fates = new Map<string, Fate[]>();
  /** How long a value that was set shows as before, and how long it is under way. */
  hiddenMs = 0;
  movingMs = 6_000;
  healthy = true;
  /** Set where whoever calls is nobody any more. */
  expired = false;
  /** Where told, called before a value is read. */
  onRead: ((name: string) => Promise<void>) | undefined;

  constructor(values: { readonly [name: string]: number }) {
    for (const [name, value] of Object.entries(values)) this.values.set(name, { value });
  }

  get state(): { readonly [name: string]: number } {
    return Object.fromEntries([...this.values].map(([name, { value }]) => [name, value]));
  }

  /** Somebody else sets it. */
  meddle(name: string, value: number): void {
    this.values.set(name, { value });
  }

  async read(name: string): Promise<{ readonly value: number; readonly moving: boolean }> {
    await this.onRead?.(name);
    if (this.expired) throw new Trouble('credentials', 'the session has expired');
    const { value, set } = this.values.get(name) ?? { value: 0 };
    const age = set === undefined ? Infinity : this.now() - set.at;
    if (set !== undefined && age < this.hiddenMs) return { value: set.before, moving: false };
    return { value, moving: age < this.hiddenMs + this.movingMs };
  }

  async set({ name, to }: SetInput, clock: Clock): Promise<void> {
    const fate = this.fates.get(name)?.shift();
    if (this.expired || fate === 'expired') throw new Trouble('credentials', 'the session has expired');
    if (fate === 'refused') throw new Trouble('rejected', `${name} cannot be set`);
    if (fate === 'throttled') throw new Trouble('throttled', 'Rate exceeded');
    if (fate === 'reset') throw new Trouble('unreachable', 'the connection was reset');
    if (typeof fate === 'object') await clock.sleep(fate.slowMs);
    this.values.set(name, { value: to, set: { at: this.now(), before: this.values.get(name)?.value ?? 0 } });
    this.applied.push(`${name}=${to}`);
    if (fate === 'lost') throw new Trouble('unreachable', 'no answer within 10 s');
    if (fate === 'broken') throw new TypeError('cannot read properties of undefined');
  }
}

export interface Ports {
  read(name: string): Promise<{ readonly value: number; readonly moving: boolean }>;
  healthy(): Promise<boolean>;
}

export interface Act {
  set(input: SetInput): Promise<void>;
  tell(message: string): Promise<void>;
}

export interface Settings {
  readonly by: number;
}

export const steps = stepsFor<Ports, Settings, Act>();
export type ABook = Runbook<Conclusion, Ports, Settings, Act>;

export function setTo(name: string, from: number, to: number): SetChange {
  return {
    operation: 'world:Set',
    region: 'here',
    resource: name,
    summary: `${name} ${from} \u2192 ${to}`,
    before: { [name]: from },
    after: { [name]: to },
    risk: 'reversible',
    blastRadius: 'nobody',
    input: { name, from, to },
  };
}

const reverseOf = ({ input: { name, from, to } }: SetChange): SetChange => setTo(name, to, from);

async function lookAt({ input }: SetChange, { ports }: ObserveContext<Ports, Settings>): Promise<Look> {
  const { value, moving } = await ports.read(input.name);
  const detail = `${input.name} is ${value}${moving ? ', moving' : ''}`;
  if (moving) return { state: 'in-flight', detail };
  if (value === input.to) return { state: 'done', detail };
  return { state: value === input.from ? 'not-started' : 'drifted', detail };
}

/** What every acting step here has in common. */
export const setting = {
  calls: ['world:Read'],
  changes: ['world:Set'],
  look: lookAt,
  apply: ({ input }: SetChange, { ports }: { readonly ports: Act }) => ports.set(input),
  reverse: reverseOf,
} as const;

const wait = (id: string, name: string, to: number, ports: Ports) =>
  ports
    .read(name)
    .then(({ value, moving }) =>
      value === to && !moving
        ? ({ state: 'reached', output: { [id]: to }, detail: `${name} is ${to}` } as const)
        : ({ state: 'waiting', detail: `${name} is ${value}` } as const),
    );

/** Grows `size`, waits for it, turns `switch` on, verifies, tells. */
export function theBook(): ABook {
  const { observe, decide, approve, act, wait: waitFor, verify, tell } = steps;
  const found = observe('found', {
    title: 'Look',
    run: async (_needs, { ports }) => ({
      size: (await ports.read('size')).value,
      switched: (await ports.read('switch')).value,
    }),
    detail: ({ size }) => `size ${size}`,
  });
  const plan = decide('plan', {
    title: 'Plan',
    needs: { found },
    run: ({ found: { size, switched } }, { settings: { by } }) => ({
      grow: setTo('size', size, size + by),
      turn: setTo('switch', switched, 1),
    }),
    detail: ({ grow }) => grow.summary,
  });
  const consent = approve('consent', {
    title: 'Ask',
    needs: { plan },
    ask: ({ plan: { grow, turn } }) => ({ question: 'Grow?', facts: ['it is small'], changes: [grow, turn] }),
  });
  const grow = act('grow', {
    ...setting,
    title: 'Grow',
    needs: { plan },
    approval: consent,
    change: ({ plan: planned }) => planned.grow,
  });
  const grown = waitFor('grown', {
    title: 'Wait',
    needs: { grow },
    calls: ['world:Read'],
    withinMs: 60_000,
    poll: ({ grow: { change } }, { ports }) => wait('size', 'size', Number(change.after['size']), ports),
  });
  const turn = act('turn', {
    ...setting,
    title: 'Turn on',
    needs: { plan, grown },
    approval: consent,
    change: ({ plan: planned }) => planned.turn,
  });
  const holds = verify('holds', {
    title: 'Verify',
    needs: { turn },
    calls: ['world:Read'],
    withinMs: 9_000,
    poll: async (_needs, { ports }) =>
      (await ports.healthy())
        ? { state: 'reached', output: { healthy: true }, detail: 'healthy' }
        : { state: 'waiting', detail: 'ill' },
  });
  const told = tell('told', {
    title: 'Tell',
    needs: { holds: settled(holds) },
    message: ({ holds: result }) => (result.known ? 'it holds' : 'it does not hold'),
    summary: (message) => message,
    send: async (message, { ports }) => {
      await ports.tell(message);
      return { delivered: true, detail: `told: ${message}` };
    },
  });
  const end = decide('end', {
    title: 'Conclude',
    needs: { found: settled(found), grow: settled(grow), holds: settled(holds) },
    run: (needs) => ({
      verdict: needs.holds.known ? ('ok' as const) : ('attention' as const),
      size: needs.grow.known ? needs.grow.value.change.after : null,
    }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'grow',
    title: 'Grow',
    summary: 'Grows',
    steps: [found, plan, consent, grow, grown, turn, holds, told, end],
    conclusion: end,
    resources: () => ['world:size', 'world:switch'],
  });
}

/** Sets `left` and `right`, which do not need each other. */
export function twoBranches(): ABook {
  const { approve, act, decide } = steps;
  const changes = [setTo('left', 1, 2), setTo('right', 1, 2)] as const;
  const consent = approve('consent', { title: 'Ask', ask: () => ({ question: 'Both?', facts: [], changes }) });
  const left = act('left', { ...setting, title: 'Left', approval: consent, change: () => changes[0] });
  const right = act('right', { ...setting, title: 'Right', approval: consent, change: () => changes[1] });
  const end = decide('end', {
    title: 'End',
    needs: { left: settled(left), right: settled(right) },
    run: (needs) => ({ verdict: needs.left.known && needs.right.known ? ('ok' as const) : ('attention' as const) }),
    detail: ({ verdict }) => verdict,
  });
  return runbook({
    id: 'both',
    title: 'Both',
    summary: 'Both',
    steps: [consent, left, right, end],
    conclusion: end,
    resources: () => ['world:left', 'world:right'],
  });
}

/** Where a process dies. */
export type Death =
  /** At its nth contact with the outside (a journal's append, a lease, a call), before that arrives or after it was carried out. */
  | { readonly at: 'contact'; readonly nth: number; readonly when: 'before' | 'after' }
  /** At its nth event, with all events until then, and no later one, in the journal. */
  | { readonly at: 'event'; readonly nth: number };

export const died = Symbol('died');

/** Lets contacts through until the process dies; from then on nothing answers. */
class Mortal {
  private contacts = 0;
  private events = 0;
  private dead = false;
  private readonly death: Death | undefined;
  private end: (value: typeof died) => void = () => undefined;
  readonly deathbed: Promise<typeof died>;
  /** What it was doing, for messages of tests. */
  readonly log: string[] = [];

  constructor(death: Death | undefined) {
    this.death = death;
    this.deathbed = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async contact<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.dead) return new Promise(() => undefined);
    this.contacts += 1;
    this.log.push(name);
    const isLast = this.death?.at === 'contact' && this.death.nth === this.contacts;
    if (isLast && this.death?.at === 'contact' && this.death.when === 'before') return this.die();
    const [result] = await Promise.allSettled([work()]);
    if (isLast) return this.die();
    if (this.dead) return new Promise(() => undefined);
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  /** Called with every event; `flush` writes what a faster disk would have had by now. */
  event(flush: () => void): void {
    if (this.dead) return;
    this.events += 1;
    if (this.death?.at !== 'event' || this.death.nth !== this.events) return;
    flush();
    void this.die();
  }

  get counts() {
    return { contacts: this.contacts, events: this.events };
  }

  private die(): Promise<never> {
    this.dead = true;
    this.end(died);
    return new Promise(() => undefined);
  }
}

export interface Process {
  readonly result: RunResult<Conclusion>;
  readonly events: readonly RunEvent[];
  readonly counts: { readonly contacts: number; readonly events: number };
  readonly log: readonly string[];
  readonly clock: VirtualClock;
}

export interface Starting {
  readonly death?: Death;
  readonly book?: ABook;
  readonly approver?: Approver;
  readonly purpose?: 'continue' | 'abort';
  readonly mode?: RunOptions<Conclusion, Ports, Settings, Act>['mode'];
  readonly timeoutMs?: number;
  readonly stepwise?: { readonly stepId?: string };
  readonly basisOf?: (stepId: string) => Basis;
  readonly settings?: Settings;
  readonly signal?: AbortSignal;
  readonly journals?: JournalStore;
  readonly leases?: LeaseStore;
  readonly times?: LeaseTimes;
  readonly who?: string;
  readonly runId?: string;
  /** Told of every event as it happens. */
  readonly emit?: (event: RunEvent) => void;
  /** Called with the clock, before the run begins: to let things happen later. */
  readonly script?: (clock: VirtualClock) => void;
  /** What is read of the run, in place of what its journal holds. */
  readonly before?: readonly JournalRecord[];
  /** Instead of a clock of its own. */
  readonly clock?: VirtualClock;
}

/** A world, a state, and processes that run on them one after another. */
export class Stage {
  readonly world: World;
  readonly state: MemoryState = memoryState();
  private nowMs = startMs;
  /** How many were started; the last one's `pid`. */
  processes = 0;

  constructor(world: World = new World({ size: 2, switch: 0 })) {
    this.world = world;
  }

  /** Starts a process on a fresh clock, some minutes later; it takes up what the journal holds. */
  async start(options: Starting = {}): Promise<Process | typeof died> {
    const mortal = new Mortal(options.death);
    this.processes += 1;
    const clock = options.clock ?? new VirtualClock(this.nowMs);
    this.world.now = () => clock.now();
    const id = options.runId ?? runId;
    const journals = mortalJournals(options.journals ?? this.state.journals, mortal);
    const leases = mortalLeases(options.leases ?? this.state.leases, mortal);
    const before = options.before ?? (await this.records(id));
    const events: RunEvent[] = [];
    const who = options.who ?? 'ana@laptop';
    const holder: Omit<Holder, 'since' | 'step'> = {
      runId: id,
      runbook: 'grow',
      environment: 'prod',
      who,
      host: 'laptop',
      pid: this.processes,
    };
    const { world } = this;
    const mode = options.mode ?? 'execute';
    options.script?.(clock);
    const running = run<Conclusion, Ports, Settings, Act>({
      runbook: options.book ?? theBook(),
      runId: id,
      mode,
      environment: 'prod',
      ports: {
        read: (name) => mortal.contact(`read ${name}`, () => world.read(name)),
        healthy: () => mortal.contact('healthy', async () => world.healthy),
      },
      settings: options.settings ?? { by: 1 },
      clock,
      random: () => 0.5,
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: options.timeoutMs,
      past: before.map(({ event }) => event),
      purpose: options.purpose,
      stepwise: options.stepwise,
      basisOf: options.basisOf,
      emit: (event) => {
        events.push(event);
        options.emit?.(event);
        mortal.event(() => this.flush(id, before, events));
      },
      acting: {
        ports: {
          set: (input) => mortal.contact(`set ${input.name}=${input.to}`, () => world.set(input, clock)),
          tell: (message) =>
            mortal.contact(`tell ${message}`, async () => {
              world.told.push(message);
            }),
        },
        journal: new Journal(journals, id, { digest, clock, before }),
        leases:
          mode === 'dry-run'
            ? undefined
            : new LeaseKeeper({ store: leases, clock, holder, isGone: () => false, times: options.times }),
        approver: options.approver ?? yes(),
        digest,
        by: who,
        context: { stack: 'nano' },
        requestMs,
        nextSteps: { resume: 'nanoops runs resume', abort: 'nanoops runs abort', locks: 'nanoops locks list' },
      },
    });
    // A process that has died may leave its run hanging; one that rejects afterwards is nobody's business.
    const ended = await Promise.race([running, mortal.deathbed]);
    this.nowMs = Math.max(this.nowMs, clock.now()) + 300_000;
    if (options.clock === undefined) clock.close();
    if (ended === died) return died;
    return { result: ended, events, counts: mortal.counts, log: mortal.log, clock };
  }

  /** Starts a process that is not to die. */
  async play(options: Omit<Starting, 'death'> = {}): Promise<Process> {
    const ended = await this.start(options);
    if (ended === died) throw new Error('it died');
    return ended;
  }

  async records(id = runId): Promise<readonly JournalRecord[]> {
    const ids = await this.state.journals.list();
    return ids.includes(id) ? (await this.state.journals.read(id)).records : [];
  }

  async journaled(id = runId): Promise<readonly RunEvent[]> {
    return (await this.records(id)).map(({ event }) => event);
  }

  private flush(id: string, before: readonly JournalRecord[], events: readonly RunEvent[]): void {
    let previous = before.at(-1)?.hash ?? '0'.repeat(64);
    const all = events.map((event) => {
      const record = recordOf(event, previous, digest);
      previous = record.hash;
      return record;
    });
    const known = parseSeq(this.state.snapshot().journals[id]);
    // Memory writes at once; a conflict would be a fault of the stage, and shows as an unhandled rejection.
    void this.state.journals.append(
      id,
      all.filter(({ event }) => event.seq > known),
    );
  }
}

function parseSeq(text: string | undefined): number {
  return text === undefined ? 0 : text.split('\n').length - 1;
}

function mortalJournals(store: JournalStore, mortal: Mortal): JournalStore {
  return {
    name: store.name,
    append: (id, records) => mortal.contact('append', () => store.append(id, records)),
    read: (id) => store.read(id),
    list: () => store.list(),
  };
}

function mortalLeases(store: LeaseStore, mortal: Mortal): LeaseStore {
  return {
    name: store.name,
    acquire: (request) => mortal.contact(`acquire ${request.resource}`, () => store.acquire(request)),
    renew: (lease, extend) => mortal.contact(`renew ${lease.resource}`, () => store.renew(lease, extend)),
    release: (lease) => mortal.contact(`release ${lease.resource}`, () => store.release(lease)),
    list: () => store.list(),
    revoke: (resource) => store.revoke(resource),
  };
}

/** Says yes to everything; `asked` counts. */
export function yes(): Approver & { asked: number } {
  return answering(async () => ({ kind: 'given', by: 'ana', how: 'prompt' }));
}

export function answering(
  answer: (hash: string, signal: AbortSignal) => Promise<Answer>,
): Approver & { asked: number } {
  const approver = {
    asked: 0,
    ask: ({ hash }: { readonly hash: string }, signal: AbortSignal) => {
      approver.asked += 1;
      return answer(hash, signal);
    },
  };
  return approver;
}

export function statusesOf({ result }: Pick<Process, 'result'>): { readonly [stepId: string]: string } {
  return Object.fromEntries(result.steps.map(({ stepId, status }) => [stepId, status]));
}

export function eventsOf<T extends RunEvent['type']>(events: readonly RunEvent[], type: T) {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

/** The one event of its type. */
export function theEvent<T extends RunEvent['type']>(events: readonly RunEvent[], type: T) {
  const [found, ...others] = eventsOf(events, type);
  if (found === undefined || others.length > 0) throw new Error(`${type}: ${others.length + (found ? 1 : 0)} of it`);
  return found;
}
