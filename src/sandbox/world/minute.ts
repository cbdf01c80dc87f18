/**
 * The state of one region during one minute: demand, utilisations and the delays that follow from them, all means and
 * probabilities. Everything that is measured derives from here; nothing here depends on who asks or in which order.
 */
import { gaussian, noise, seeded } from '../random.ts';
import { baseArrivals, slow } from './demand.ts';
import { maxConnectionsAt, writerAt } from './database-state.ts';
import type { Obstacle, TroublePiece } from './database-trouble.ts';
import { effectsAt, type Effects, type Fault } from './faults.ts';
import { servingTasks, type RegionInventory, type Task, type WorldInventory } from './inventory.ts';
import { slowdown, waitingFor, type Waiting } from './queueing.ts';
import type { AnswerSpan } from './resolution.ts';
import { arrivalsIn } from './traffic.ts';
import { api, cache, database, dependency, endpoints, objectStore, statements, type StatementId } from './workload.ts';
import { troubleIn } from './writer-trouble.ts';

export const MINUTE_MS = 60_000;

export interface TaskState {
  readonly task: Task;
  /** 0, 1 or 2. */
  readonly zoneIndex: number;
  /** Demand for the task's processor over its capacity; above 1 when more is wanted than there is. */
  readonly utilisation: number;
  /** By how much processor work takes longer than alone. */
  readonly slowdown: number;
  /** Share of the reservation. */
  readonly memory: number;
  /** The share of requests that the garbage collector stops, and for how long on average. */
  readonly pauseShare: number;
  readonly pauseMs: number;
  /** The share of requests that cannot get the memory they need. */
  readonly starvedShare: number;
  /** What its revision adds to a request. */
  readonly waitMs: number;
  readonly errorShare: number;
  /** The share of requests that it turns away because too many are in it. */
  readonly refusedShare: number;
}

export interface StatementState {
  readonly perSecond: number;
  readonly meanMs: number;
  readonly rowsExamined: number;
}

export interface MinuteState {
  readonly minute: number;
  readonly effects: Effects;
  readonly arrivalsPerSecond: number;
  /** Requests that came during the minute. */
  readonly requests: number;
  /** Of these, the share that gets no answer because the region as a whole is impaired. */
  readonly failingShare: number;
  readonly tasks: readonly TaskState[];
  readonly hitRatio: number;
  /** How long a miss waits for others that fill the same key, on average. */
  readonly refillMs: number;
  readonly database: {
    readonly utilisation: number;
    readonly slowdown: number;
    readonly statements: ReadonlyMap<StatementId, StatementState>;
    /** Open to the writer, of all tasks together and of others. */
    readonly connections: number;
    /** What goes to instances that are not the writer any more, by the instance: connections, and the share of the work. */
    readonly stale: ReadonlyMap<string, { readonly connections: number; readonly share: number }>;
    /** The share of the work that goes to the writer. */
    readonly writerShare: number;
    readonly pool: Waiting;
    /** The share of requests that the writer turns away because it has all the connections that it takes. */
    readonly refusedShare: number;
    readonly loginFailuresPerSecond: number;
    /** What is in the way, in pieces of `PIECE_MS`; empty where nothing is. */
    readonly trouble: readonly TroublePiece[];
  };
  readonly objectStore: { readonly getMs: number; readonly putMs: number; readonly errorShare: number };
  readonly dependencyMs: number;
  /** True where something is so full or so wrong that requests may fail for it. */
  readonly stressed: boolean;
}

/** Who came to a region during a minute, whatever became of them. */
export interface Demand {
  readonly effects: Effects;
  readonly arrivalsPerSecond: number;
  readonly requests: number;
  readonly failingShare: number;
}

/** `spans` is what the world's name led to, and when. */
export function demandOf(
  world: WorldInventory,
  region: RegionInventory,
  minute: number,
  spans?: readonly AnswerSpan[],
): Demand {
  const at = minute * MINUTE_MS + MINUTE_MS / 2;
  const effects = effectsAt(region.role === 'primary' ? world.faults : [], at);
  const arrivals = arrivalsIn(world, region.role, minute, spans);
  // How many come is the clients' doing, wherever they are sent.
  const crowd = region.role === 'primary' ? effects.arrivals : effectsAt(world.faults, at).arrivals;
  const arrivalsPerSecond = arrivals.share === 0 ? 0 : baseArrivals(world.seed, minute) * crowd * arrivals.share;
  const expected = arrivalsPerSecond * 60;
  const requests =
    expected === 0
      ? 0
      : Math.max(
          0,
          Math.round(expected + Math.sqrt(expected) * gaussian(world.seed, region.region, 'requests', minute)),
        );
  return { effects, arrivalsPerSecond, requests, failingShare: arrivals.failing };
}

/** What happened in `region` during `minute`, counted from the epoch. */
export function minuteState(
  world: WorldInventory,
  region: RegionInventory,
  minute: number,
  spans?: readonly AnswerSpan[],
): MinuteState {
  const at = minute * MINUTE_MS + MINUTE_MS / 2;
  const faults = region.role === 'primary' ? world.faults : [];
  const { effects, arrivalsPerSecond, requests, failingShare } = demandOf(world, region, minute, spans);
  const tasks = taskStates(world, region, minute, at, effects, arrivalsPerSecond, faults);
  const progress = effects.cache?.progress ?? 0;
  const normalHitRatio = Math.min(0.97, cache.hitRatio + 0.006 * slow(world.seed, 'hit-ratio', minute));
  const hitRatio = normalHitRatio + ((effects.cache?.hitRatio ?? normalHitRatio) - normalHitRatio) * progress;
  const storage = {
    getMs: objectStore.getMs * effects.objectStore,
    putMs: objectStore.putMs * effects.objectStore,
    errorShare: 0.0002 + effects.objectStoreErrors,
  };
  const dependencyMs = dependency.ms * effects.dependency;
  const load = databaseState(
    world,
    region,
    minute,
    effects,
    arrivalsPerSecond,
    hitRatio,
    tasks,
    storage,
    dependencyMs,
    arrivalsPerSecond === 0
      ? []
      : troubleIn(
          world,
          region,
          faults,
          tasks.map((each) => each.task),
          minute,
        ),
  );
  const busiest = tasks.reduce((most, task) => Math.max(most, task.utilisation), 0);
  return {
    minute,
    effects,
    arrivalsPerSecond,
    requests,
    failingShare,
    tasks,
    hitRatio,
    refillMs: (effects.cache?.refillMs ?? 0) * progress,
    database: load,
    objectStore: storage,
    dependencyMs,
    stressed:
      effects.any ||
      busiest > 0.92 ||
      load.utilisation > 0.9 ||
      load.trouble.length > 0 ||
      tasks.some((task) => task.errorShare > 0) ||
      tasks.length === 0,
  };
}

function taskStates(
  world: WorldInventory,
  region: RegionInventory,
  minute: number,
  at: number,
  effects: Effects,
  arrivalsPerSecond: number,
  faults: readonly Fault[],
): readonly TaskState[] {
  const running = servingTasks(region, at);
  const rollouts = faults.filter((fault) => fault.effect === 'deployment');
  const newest = region.taskDefinitions.at(-1)?.id;
  // A sequence costs a tenth of independent draws, and nobody asks for one task alone.
  const random = seeded(Math.floor(noise(world.seed, region.region, 'task-cpu', minute) * 2 ** 32));
  const base = 0.55 + 0.008 * slow(world.seed, 'memory', minute, 90);
  return running.map((task) => {
    const rollout = rollouts.length > 0 && task.taskDefinition === newest ? rollouts[0] : undefined;
    const share = (1 + 0.04 * (fractionOf(task.id) - 0.5)) / running.length;
    const memory = memoryOf(task, at, base, effects, fractionOf(task.id.slice(8)));
    const pressure = Math.max(0, Math.min(1, (memory - 0.8) / 0.14));
    const cpuMs = api.cpuMs * effects.apiCpu * (1 + 0.25 * pressure) * (rollout?.cpuFactor ?? 1);
    const utilisation = Math.max(
      0.01,
      api.idleUtilisation +
        effects.steal +
        (arrivalsPerSecond * share * cpuMs) / 1000 +
        // The sum of three uniform numbers is near enough to a normal one.
        0.024 * (random() + random() + random() - 1.5),
    );
    return {
      task,
      zoneIndex: Math.max(0, region.zones.indexOf(task.zone)),
      utilisation,
      slowdown: slowdown(utilisation, 1),
      memory,
      pauseShare: 0.17 * pressure,
      pauseMs: effects.memory?.pauseMs ?? 0,
      starvedShare: 0.006 * pressure,
      waitMs: rollout?.waitMs ?? 0,
      errorShare: rollout?.errorShare ?? 0,
      refusedShare: Math.min(0.3, Math.max(0, (utilisation - 0.93) * 0.12)),
    };
  });
}

/** The number in [0, 1) that an identifier's first 32 bits stand for: each task has its own ways. */
function fractionOf(hexadecimal: string): number {
  return parseInt(hexadecimal.slice(0, 8), 16) / 2 ** 32;
}

/** A task that started during the leak has leaked for a shorter time than the others. */
function memoryOf(task: Task, at: number, base: number, effects: Effects, skew: number): number {
  const own = base + 0.02 * (skew - 0.5);
  if (effects.memory === undefined) return own;
  const age = Math.max(0, at - task.startedAt);
  const progress = Math.min(effects.memory.progress, age / Math.max(MINUTE_MS, effects.memory.rampMs));
  return Math.min(0.99, own + (effects.memory.level + 0.02 * (skew - 0.5) - own) * progress);
}

function databaseState(
  world: WorldInventory,
  region: RegionInventory,
  minute: number,
  effects: Effects,
  arrivals: number,
  hitRatio: number,
  running: readonly TaskState[],
  storage: MinuteState['objectStore'],
  dependencyMs: number,
  trouble: readonly TroublePiece[],
): MinuteState['database'] {
  const tasks = running.length;
  const at = minute * MINUTE_MS + MINUTE_MS / 2;
  /** The mean over all tasks and all of the minute of what their obstacles come to. */
  const mean = (of: (obstacle: Obstacle) => number): number => {
    let sum = 0;
    for (const piece of trouble) {
      for (const met of piece.values()) sum += met === 'read-only' ? 0 : of(met);
    }
    return sum === 0 ? 0 : sum / (trouble.length * tasks);
  };
  const unreached = mean(({ share }) => share);
  const waitedMs = mean(({ share, ms }) => share * ms);
  const reached = arrivals * (1 - unreached);
  const rates = statementRates(reached, hitRatio);
  let busy = 0;
  for (const [id, perSecond] of rates) busy += (perSecond * cpuOf(id, effects)) / 1000;
  const idle = arrivals > 0 ? database.idleUtilisation : 0.05;
  const utilisation = Math.max(
    0.01,
    idle + busy / database.cores + 0.01 * gaussian(world.seed, 'database-cpu', minute),
  );
  const slower = slowdown(utilisation, database.cores);
  const states = new Map<StatementId, StatementState>();
  let statementMsPerSecond = 0;
  for (const [id, perSecond] of rates) {
    const effect = effects.statements.get(id);
    const meanMs = cpuOf(id, effects) * slower + statements[id].ioMs * (effect?.factor ?? 1);
    statementMsPerSecond += perSecond * meanMs;
    states.set(id, { perSecond, meanMs, rowsExamined: effect?.rowsExamined ?? statements[id].rowsExamined });
  }
  // A session holds its connection from its first statement to its end: during calls to others too.
  let callMsPerSecond = 0;
  for (const endpoint of endpoints) {
    const s3Ms = endpoint.s3 === undefined ? 0 : endpoint.s3 === 'GetObject' ? storage.getMs : storage.putMs;
    const waits = s3Ms + (endpoint.callsDependency ? Math.min(dependencyMs, dependency.timeoutMs) : 0);
    callMsPerSecond += reached * endpoint.share * waits;
  }
  const held = (effects.hold?.share ?? 0) * (effects.hold?.heldMs ?? 0) * reached;
  const places = api.poolSize + api.poolOverflow;
  const inUse = tasks === 0 ? 0 : (statementMsPerSecond + callMsPerSecond + held) / 1000 / tasks;
  // Whoever waits for a connection to be made takes a place of the pool, and has no connection.
  const inPlaces = inUse + (tasks === 0 ? 0 : (arrivals * waitedMs) / 1000 / tasks);
  const heldMs = arrivals > 0 ? (inPlaces * tasks * 1000) / arrivals : 0;
  const open = Math.min(places, inUse + 3.3 * Math.sqrt(inUse) + api.spareConnections) * (1 - unreached);
  const stale = staleTasks(region, running, trouble);
  const staleCount = [...stale.values()].reduce((sum, count) => sum + count, 0);
  const wanted = Math.round(open * (tasks - staleCount));
  const limit = maxConnectionsAt(region.database, at);
  const others = Math.min(limit, effects.heldConnections + database.otherConnections);
  const got = Math.min(wanted, limit - others);
  return {
    utilisation,
    slowdown: slower,
    statements: states,
    connections: got + others,
    stale: new Map(
      [...stale].map(([instance, count]) => [
        instance,
        { connections: Math.round(open * count), share: count / tasks },
      ]),
    ),
    writerShare: staleCount === 0 ? 1 : 1 - staleCount / tasks,
    pool: waitingFor(places, inPlaces, heldMs, api.poolTimeoutMs),
    refusedShare: wanted === 0 ? 0 : 1 - got / wanted,
    loginFailuresPerSecond: arrivals * mean(({ failure, share }) => (failure === 'access-denied' ? share : 0)),
    trouble,
  };
}

/** How many tasks stay with an instance that is not the writer, by the instance, in the middle of the minute. */
function staleTasks(
  region: RegionInventory,
  running: readonly TaskState[],
  trouble: readonly TroublePiece[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const middle = trouble[Math.floor(trouble.length / 2)];
  for (const { task } of running) {
    const instance = middle?.get(task.id) === 'read-only' ? writerAt(region.database, task.startedAt) : undefined;
    if (instance !== undefined) counts.set(instance, (counts.get(instance) ?? 0) + 1);
  }
  return counts;
}

function cpuOf(id: StatementId, effects: Effects): number {
  const factor = effects.statements.get(id)?.factor ?? 1;
  return statements[id].cpuMs * Math.max(1, factor * database.scanCpuShare);
}

/** How often each statement runs in a second. */
function statementRates(arrivals: number, hitRatio: number): ReadonlyMap<StatementId, number> {
  const misses = 1 - hitRatio;
  const rates = new Map<StatementId, number>([
    ['memberships-by-user', arrivals],
    ['user-by-id', arrivals * misses],
    ['profile-by-user', arrivals * misses],
  ]);
  const add = (id: StatementId | undefined, perSecond: number) => {
    if (id !== undefined) rates.set(id, (rates.get(id) ?? 0) + perSecond);
  };
  for (const endpoint of endpoints) {
    add(endpoint.primary, arrivals * endpoint.share);
    add(endpoint.fragment, arrivals * endpoint.share * misses);
  }
  return rates;
}
