/**
 * Requests drawn from a minute's state: a sample large enough for percentiles, with the time that each spent in each
 * part. Metrics' percentiles, traces and log lines are all read off these rows, so that they agree.
 */
import type { Random } from '../../engine/clock.ts';
import { noise, seeded } from '../random.ts';
import { PIECE_MS, type ConnectionFailure, type Obstacle } from './database-trouble.ts';
import type { RegionInventory, WorldInventory } from './inventory.ts';
import type { MinuteState, TaskState } from './minute.ts';
import { lognormal, normalQuantile } from './queueing.ts';
import {
  api,
  cache,
  database,
  dependency,
  endpoints,
  objectStore,
  statements,
  type Endpoint,
  type StatementId,
} from './workload.ts';

/** How many requests of a minute are drawn, of the two to three thousand that came. */
const SAMPLE_SIZE = 300;

export type Failure =
  | 'none'
  | ConnectionFailure
  | 'too-many-connections'
  | 'read-only'
  | 'internal'
  | 'pool-timeout'
  | 'dependency-timeout'
  | 'dependency-error'
  | 's3-timeout'
  | 's3-error'
  | 'statement-timeout'
  | 'lock-wait'
  | 'lock-timeout'
  | 'overloaded'
  | 'out-of-memory'
  | 'deadline'
  | 'new-revision'
  | 'target-connection'
  | 'client';

/** A part of a request that a tracer sees, in the order in which it happened. */
export type Part =
  | { readonly kind: 'cache'; readonly ms: number; readonly hit: boolean; readonly command: string }
  /** `failed`: it never ran, for want of a connection, was refused, or was ended. */
  | { readonly kind: 'statement'; readonly ms: number; readonly statement: StatementId; readonly failed?: true }
  | { readonly kind: 's3'; readonly ms: number; readonly operation: 'GetObject' | 'PutObject'; readonly status: number }
  | { readonly kind: 'dependency'; readonly ms: number; readonly status: number }
  /** The application's own time: computing, collecting garbage, waiting for a connection. */
  | { readonly kind: 'self'; readonly ms: number };

export interface SampledRequest {
  /** 0 to `SAMPLE_SIZE` - 1. */
  readonly index: number;
  /** After the minute's start. */
  readonly offsetMs: number;
  readonly endpoint: Endpoint;
  readonly task: TaskState;
  readonly totalMs: number;
  /** The time that S3 itself took, without the network; 0 where it was not called. */
  readonly s3Ms: number;
  readonly parts: readonly Part[];
  readonly failure: Failure;
  readonly status: number;
}

export interface RequestSample {
  readonly requests: readonly SampledRequest[];
  /** Whether requests have their parts. */
  readonly hasParts: boolean;
  /** How many real requests one of these stands for. */
  readonly weight: number;
}

/** Quantiles of a lognormal distribution of mean 1, so that a variate costs one look-up. */
type Lognormal = Float64Array;

const TABLE_SIZE = 2 ** 14;
/** By the deviation of the logarithm, of which the workload has a handful. Constants, computed when they are needed. */
const tables = new Map<number, Lognormal>();

function lognormalOf(sigma: number): Lognormal {
  const known = tables.get(sigma);
  if (known !== undefined) return known;
  const table = Float64Array.from({ length: TABLE_SIZE }, (_, index) =>
    lognormal(1, sigma, normalQuantile((index + 0.5) / TABLE_SIZE)),
  );
  tables.set(sigma, table);
  return table;
}

/** Draws the minute's requests. The same state and seed give the same rows; their parts cost most of the time. */
export function sampleRequests(
  world: WorldInventory,
  region: RegionInventory,
  state: MinuteState,
  hasParts: boolean,
): RequestSample {
  const requests: SampledRequest[] = [];
  const count = drawAll(world, region, state, hasParts, (request) => requests.push({ ...request }));
  return { requests, hasParts, weight: count === 0 ? 0 : state.requests / count };
}

/**
 * Shows the same requests one after another, without their parts, to a visitor. The object is the same each time, which
 * saves a run that reads hours of metrics most of its time.
 */
export function visitRequests(
  world: WorldInventory,
  region: RegionInventory,
  state: MinuteState,
  visit: (request: SampledRequest) => void,
): void {
  drawAll(world, region, state, false, visit);
}

function drawAll(
  world: WorldInventory,
  region: RegionInventory,
  state: MinuteState,
  keepParts: boolean,
  visit: (request: SampledRequest) => void,
): number {
  const first = state.tasks[0];
  if (state.requests === 0 || first === undefined) return 0;
  const random = seeded(Math.floor(noise(world.seed, 'sample', region.region, state.minute) * 2 ** 32));
  const count = Math.min(SAMPLE_SIZE, state.requests);
  const drawing = new Drawing(state, random, keepParts, first);
  for (let index = 0; index < count; index += 1) visit(drawing.request(index, count));
  return count;
}

/** Follows one request after another through the application. One object for all of them, because there are many. */
class Drawing {
  private readonly state: MinuteState;
  private readonly random: Random;
  private readonly keepParts: boolean;
  /** The request that is being followed. */
  private readonly current: { -readonly [Key in keyof SampledRequest]: SampledRequest[Key] };
  private parts: Part[] = [];
  private totalMs = 0;
  private s3Ms = 0;
  private status = 0;
  /** What stands between the request and the database; `read-only`: nothing, until it writes. */
  private obstacle: Obstacle | 'read-only' | undefined;
  /** Retransmissions happen to requests of the zone whose network is at fault. */
  private loss = 0;
  // How much each part's times are spread.
  private readonly ofApi = lognormalOf(api.cpuSigma);
  private readonly ofCache = lognormalOf(cache.sigma);
  private readonly ofDatabase = lognormalOf(database.sigma);
  private readonly ofStore = lognormalOf(objectStore.sigma);
  private readonly ofDependency = lognormalOf(dependency.sigma);
  private readonly ofPauses = lognormalOf(0.5);
  private readonly ofWaits = lognormalOf(0.6);
  private readonly ofRefusals = lognormalOf(0.3);

  constructor(state: MinuteState, random: Random, keepParts: boolean, first: TaskState) {
    this.state = state;
    this.random = random;
    this.keepParts = keepParts;
    this.current = {
      index: 0,
      offsetMs: 0,
      endpoint: endpointAt(0),
      task: first,
      totalMs: 0,
      s3Ms: 0,
      parts: this.parts,
      failure: 'none',
      status: 0,
    };
  }

  /** The next request. The object is overwritten by the one after. */
  request(index: number, count: number): SampledRequest {
    const { current } = this;
    current.index = index;
    // Strata: each endpoint comes up as often as its share says, whatever the luck of the minute.
    current.endpoint = endpointAt((index + this.random()) / count);
    current.offsetMs = this.random() * 60_000;
    current.task = pick(this.state.tasks, this.random());
    if (this.keepParts) this.parts = [];
    this.totalMs = 0;
    this.s3Ms = 0;
    this.status = current.endpoint.okStatus;
    this.obstacle = this.state.database.trouble[Math.floor(current.offsetMs / PIECE_MS)]?.get(current.task.task.id);
    current.failure = this.outcome(current.endpoint, current.task);
    current.totalMs = this.totalMs;
    current.s3Ms = this.s3Ms;
    current.parts = this.parts;
    current.status = this.status;
    return current;
  }

  /** How the request ended; its status is 200 or 201 unless this says otherwise. */
  private outcome(endpoint: Endpoint, task: TaskState): Failure {
    const { state, random } = this;
    const zone = state.effects.zone?.zone === task.zoneIndex ? state.effects.zone : undefined;
    this.loss = zone?.loss ?? 0;
    if (zone !== undefined && random() < zone.connectionErrorShare) {
      return this.failed('target-connection', random() < 0.5 ? 502 : 504);
    }
    const { closedTargets } = state.effects;
    if (closedTargets > 0 && random() < closedTargets) return this.failed('target-connection', 504);
    if (task.refusedShare > 0 && random() < task.refusedShare) {
      this.self(2 + random() * 4);
      return this.failed('overloaded', 503);
    }
    const ownMs = this.draw(api.cpuMs * state.effects.apiCpu, this.ofApi) * task.slowdown;
    const pausedMs = random() < task.pauseShare ? this.draw(task.pauseMs, this.ofPauses) : 0;
    const revisionMs = task.waitMs > 0 ? this.draw(task.waitMs, this.ofWaits) : 0;
    this.self(ownMs * 0.3);

    const loadUser = this.misses('session');
    const loadProfile = this.misses('profile');
    if (!this.connects()) return this.failed('pool-timeout', 500);
    const refusal = this.turnedAway();
    if (refusal !== undefined) return this.failed(refusal, 500);
    if (loadUser && !this.query('user-by-id')) return this.failed('statement-timeout', 500);
    if (loadProfile && !this.query('profile-by-user')) return this.failed('statement-timeout', 500);
    if (!this.query('memberships-by-user')) return this.failed('statement-timeout', 500);
    this.self(pausedMs + revisionMs + ownMs * 0.3);
    if (task.starvedShare > 0 && random() < task.starvedShare) return this.failed('out-of-memory', 500);
    if (endpoint.fragment !== undefined && this.misses('fragment')) {
      if (this.refillMs() > cache.lockTimeoutMs) return this.failed('lock-timeout', 500);
      if (!this.query(endpoint.fragment)) return this.failed('statement-timeout', 500);
    }
    if (endpoint.primary !== undefined) {
      if (this.obstacle === 'read-only' && statements[endpoint.primary].kind === 'dml') {
        this.fruitless(endpoint.primary, this.draw(2, this.ofDatabase));
        return this.failed('read-only', 500);
      }
      const locked = state.effects.locked.get(endpoint.primary) ?? 0;
      if (locked > 0 && random() < locked) {
        this.fruitless(endpoint.primary, database.lockWaitMs);
        return this.failed('lock-wait', 500);
      }
      if (!this.query(endpoint.primary)) return this.failed('statement-timeout', 500);
    }
    if (task.errorShare > 0 && random() < task.errorShare) return this.failed('new-revision', 500);

    if (endpoint.s3 !== undefined) {
      const failure = this.callS3(endpoint.s3);
      if (failure !== undefined) return this.failed(failure, failure === 's3-timeout' ? 504 : 500);
    }
    if (endpoint.callsDependency) {
      const failure = this.callDependency();
      if (failure !== undefined) return this.failed(failure, failure === 'dependency-timeout' ? 504 : 502);
    }
    this.self(ownMs * 0.4);
    if (this.totalMs > api.deadlineMs) return this.failed('deadline', 504);
    const luck = random();
    if (luck < api.baseErrorShare) return this.failed('internal', 500);
    const usual = api.baseErrorShare + api.clientErrorShare;
    if (luck < usual) return this.failed('client', luck < 0.006 ? 404 : 422);
    if (luck < usual + state.effects.clientErrors) return this.failed('client', 404);
    return 'none';
  }

  private failed(failure: Failure, status: number): Failure {
    this.status = status;
    return failure;
  }

  /** Takes a connection from the pool; false when none came free in time. */
  private connects(): boolean {
    const pool = this.state.database.pool;
    const luck = this.random();
    if (luck < pool.lost) {
      this.self(api.poolTimeoutMs);
      return false;
    }
    if (luck < pool.lost + (1 - pool.lost) * pool.probability) {
      this.self(Math.min(api.poolTimeoutMs * 0.98, this.draw(pool.meanMs, this.ofPauses)));
    }
    return true;
  }

  /** Why the database does not let the request in, after what it took to learn that; undefined where it does. */
  private turnedAway(): ConnectionFailure | 'too-many-connections' | undefined {
    const { obstacle } = this;
    if (obstacle !== undefined && obstacle !== 'read-only' && this.random() < obstacle.share) {
      const certain = obstacle.failure === 'connect-timeout' || obstacle.failure === 'connection-lost';
      this.fruitless('memberships-by-user', certain ? obstacle.ms : this.draw(obstacle.ms, this.ofRefusals));
      return obstacle.failure;
    }
    const { refusedShare } = this.state.database;
    if (refusedShare > 0 && this.random() < refusedShare) {
      this.fruitless('memberships-by-user', this.draw(4, this.ofRefusals));
      return 'too-many-connections';
    }
    return undefined;
  }

  private fruitless(statement: StatementId, ms: number): void {
    this.add(ms, this.keepParts && { kind: 'statement', ms, statement, failed: true });
  }

  /** Looks a key up. */
  private misses(key: string): boolean {
    const hit = this.random() < this.state.hitRatio;
    const ms = this.draw(cache.lookupMs, this.ofCache) + this.lostPackets();
    this.add(ms, this.keepParts && { kind: 'cache', ms, hit, command: `GET ${key}` });
    return !hit;
  }

  /** Waits until somebody else, or oneself, may fill the key again. */
  private refillMs(): number {
    if (this.state.refillMs === 0) return 0;
    const ms = this.draw(this.state.refillMs, this.ofWaits);
    const waited = Math.min(ms, cache.lockTimeoutMs);
    this.add(waited, this.keepParts && { kind: 'cache', ms: waited, hit: false, command: 'SET NX lock:fragment' });
    return ms;
  }

  /** Runs a statement; false when the database ended it at its limit. */
  private query(statement: StatementId): boolean {
    const meanMs = this.state.database.statements.get(statement)?.meanMs ?? 0;
    const drawn = this.draw(meanMs, this.ofDatabase);
    const ms = Math.min(drawn, database.statementTimeoutMs) + this.lostPackets();
    const ended = drawn <= database.statementTimeoutMs;
    this.add(ms, this.keepParts && { kind: 'statement', ms, statement, ...(!ended && { failed: true }) });
    return ended;
  }

  private callS3(operation: 'GetObject' | 'PutObject'): 's3-timeout' | 's3-error' | undefined {
    const mean = operation === 'GetObject' ? this.state.objectStore.getMs : this.state.objectStore.putMs;
    const served = this.draw(mean, this.ofStore);
    const drawn = served + this.lostPackets();
    const ms = Math.min(drawn, objectStore.timeoutMs);
    const late = drawn > objectStore.timeoutMs;
    const refused = this.random() < this.state.objectStore.errorShare;
    this.s3Ms = Math.min(served, objectStore.timeoutMs);
    this.add(ms, this.keepParts && { kind: 's3', ms, operation, status: late ? 0 : refused ? 503 : 200 });
    if (late) return 's3-timeout';
    return refused ? 's3-error' : undefined;
  }

  private callDependency(): 'dependency-timeout' | 'dependency-error' | undefined {
    const drawn = this.draw(this.state.dependencyMs, this.ofDependency) + this.lostPackets();
    const ms = Math.min(drawn, dependency.timeoutMs);
    const late = drawn > dependency.timeoutMs;
    const { dependencyErrors } = this.state.effects;
    const refused = dependencyErrors > 0 && this.random() < dependencyErrors;
    this.add(ms, this.keepParts && { kind: 'dependency', ms, status: late ? 0 : refused ? 503 : 200 });
    if (late) return 'dependency-timeout';
    return refused ? 'dependency-error' : undefined;
  }

  private self(ms: number): void {
    this.add(ms, this.keepParts && { kind: 'self', ms });
  }

  private add(ms: number, part: Part | false): void {
    this.totalMs += ms;
    if (part !== false) this.parts.push(part);
  }

  private draw(mean: number, times: Lognormal): number {
    return mean * (times[Math.floor(this.random() * TABLE_SIZE)] ?? 1);
  }

  /** What a call pays for lost packets: a retransmission after 200 ms, doubling, as TCP does. */
  private lostPackets(): number {
    if (this.loss === 0) return 0;
    let delayMs = 3 + this.random() * 8;
    for (let timeoutMs = 200; this.random() < this.loss && timeoutMs <= 6400; timeoutMs *= 2) delayMs += timeoutMs;
    return delayMs;
  }
}

function pick(tasks: readonly TaskState[], share: number): TaskState {
  const task = tasks[Math.min(tasks.length - 1, Math.floor(share * tasks.length))];
  if (task === undefined) throw new RangeError('a minute without tasks has no requests to draw');
  return task;
}

function endpointAt(position: number): Endpoint {
  let sum = 0;
  for (const endpoint of endpoints) {
    sum += endpoint.share;
    if (position < sum) return endpoint;
  }
  const last = endpoints.at(-1);
  if (last === undefined) throw new RangeError('the workload has no endpoint');
  return last;
}
