/**
 * A simulated world as its users see it, and stand-ins for the programs that an operator configures: nothing of the
 * user's is started, and no packet leaves the process. What is told follows from the world and the clock alone.
 */
import type { Hooks, NewestHeartbeat, Outside, ProbeAnswer, ProgramAnswer, ProgramTarget } from '../cloud/outside.ts';
import type { Clock } from '../engine/clock.ts';
import { rowsOf, rowsUntil, type HeldRows } from './world/data.ts';
import { instancesAt, writerAt } from './world/database-state.ts';
import { PIECE_MS, type Obstacle } from './world/database-trouble.ts';
import { newestHeartbeatAt, writersAt } from './world/global-database.ts';
import { CHECKED_MS, servingTasks, type RegionInventory, type WorldInventory } from './world/inventory.ts';
import { isMissing } from './world/region-needs.ts';
import { isCutOff, regionOutageAt, sideOf, type Side } from './world/region-outage.ts';
import { resolvedAt } from './world/traffic.ts';
import type { World } from './world/world.ts';
import { troubleIn } from './world/writer-trouble.ts';
import { drawn, noise, type NoiseKey } from './random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How long a probe, or a program that asks a database, waits for an answer. */
const PATIENCE_MS = 5 * SECOND_MS;
/** What an answer takes, in milliseconds: of the API; of a program that asks a database; of one that counts its rows. */
const ANSWER_MS: readonly [number, number] = [25, 90];
const QUERY_MS: readonly [number, number] = [60, 240];
const COUNT_MS: readonly [number, number] = [2_000, 6_000];

/** What a request through the public name comes to before it is about anything. */
type Reached =
  | { readonly region: RegionInventory; readonly problem?: undefined }
  | { readonly problem: string; readonly waits: boolean; readonly status?: number };

/** The users' side of a world; of a dry run's model as well. Every wait is slept on `clock`, the world's own. */
export function simulatedOutside(world: World, clock: Clock): Outside {
  const takes = async (durationMs: number, signal: AbortSignal): Promise<number> => {
    signal.throwIfAborted();
    await clock.sleep(durationMs, signal);
    return durationMs;
  };
  const draw = (range: readonly [number, number], ...keys: readonly NoiseKey[]): number =>
    Math.round(drawn(world.inventory, range, ...keys, secondOf(world)));

  async function probe(signal: AbortSignal): Promise<ProbeAnswer> {
    const reached = reach(world);
    if (reached.problem === undefined) {
      const durationMs = await takes(draw(ANSWER_MS, 'probe'), signal);
      return { ok: true, status: 200, durationMs, detail: '200 OK' };
    }
    const { problem: detail, waits, status } = reached;
    const durationMs = await takes(waits ? PATIENCE_MS : draw(ANSWER_MS, 'probe'), signal);
    return { ok: false, ...(status !== undefined && { status }), durationMs, detail };
  }

  async function resolve(record: string, signal: AbortSignal): Promise<readonly string[]> {
    await takes(draw([1, 30], 'resolve'), signal);
    if (record.toLowerCase().replace(/\.$/, '') !== world.inventory.names.record) return [];
    const target = resolvedAt(world.inventory, world.now());
    return target === undefined ? [] : [target.name];
  }

  async function newestHeartbeat(target: ProgramTarget, signal: AbortSignal): Promise<NewestHeartbeat> {
    const problem = unreadable(world, target);
    if (problem !== undefined) {
      await takes(PATIENCE_MS, signal);
      return { detail: `simulated: ${problem}` };
    }
    await takes(draw(QUERY_MS, 'heartbeat', target.region), signal);
    const side = sideOf(world.inventory, target.region);
    const at = side && newestHeartbeatAt(world.inventory, side, world.now());
    return at === undefined
      ? { detail: `simulated: the cluster in ${target.region} holds no heartbeat` }
      : { at, detail: `simulated: newest heartbeat ${new Date(at).toISOString()}` };
  }

  async function writeAndRead(signal: AbortSignal): Promise<ProgramAnswer> {
    const reached = reach(world);
    const problem = reached.problem ?? unwritable(world, reached.region);
    const waits = reached.problem === undefined ? problem?.includes(TIMED_OUT) === true : reached.waits;
    await takes(waits ? PATIENCE_MS : draw(QUERY_MS, 'write'), signal);
    if (problem !== undefined) return answered(false, problem);
    return answered(true, `wrote a row through ${world.inventory.names.record} and read it back`);
  }

  async function consistency(
    index: number,
    target: ProgramTarget,
    before: string | undefined,
    signal: AbortSignal,
  ): Promise<ProgramAnswer> {
    const problem = unreadable(world, target);
    const side = sideOf(world.inventory, target.region);
    if (problem !== undefined || side === undefined) {
      await takes(PATIENCE_MS, signal);
      return answered(false, problem ?? `nothing of the stack is in ${target.region}`);
    }
    await takes(draw(COUNT_MS, 'consistency', index, target.region), signal);
    return compared(world, side, index, before);
  }

  return { probe, resolve, newestHeartbeat, writeAndRead, consistency };
}

/**
 * The operator's hooks on a simulated world: none is run, and the world is left as it is. A drill declares its outage, so
 * that none has to be made.
 */
export function simulatedHooks(world: World, clock: Clock): Hooks {
  return {
    async run(hook, { region }) {
      await clock.sleep(SECOND_MS);
      switch (hook) {
        case 'inject-outage':
          return answered(true, `the primary region, ${world.inventory.primary.region}, was not touched`);
        case 'end-outage':
          return answered(true, `nothing had been done to ${world.inventory.primary.region}, so nothing was undone`);
        case 'warm-cache':
          return answered(true, `no cache was warmed in ${region}`);
      }
    },
  };
}

function answered(ok: boolean, text: string, output = text): ProgramAnswer {
  return { ok, detail: `simulated: ${text}`, output };
}

const TIMED_OUT = `no answer within ${PATIENCE_MS / SECOND_MS} s`;

function secondOf(world: World): number {
  return Math.floor(world.now() / SECOND_MS);
}

/** Follows the public name, as a resolver with a cache of its own has it, to a region's load balancer. */
function reach(world: World): Reached {
  const { inventory } = world;
  const now = world.now();
  const target = resolvedAt(inventory, now);
  if (target === undefined) return { problem: `${inventory.names.record} does not resolve`, waits: false };
  const { side } = target;
  if (side === undefined) {
    return { problem: `${inventory.names.record} leads to ${target.name}, which is not simulated`, waits: false };
  }
  const region = inventory[side];
  const outage = regionOutageAt(inventory, side, now);
  if (outage !== undefined && noise(inventory.seed, 'probe-fails', secondOf(world)) < outage.share) {
    return { problem: TIMED_OUT, waits: true };
  }
  if (healthyTasks(inventory, region, now) === 0) {
    return { problem: '503 Service Unavailable', waits: false, status: 503 };
  }
  return { region };
}

/** Tasks that have passed their checks. */
function healthyTasks(inventory: WorldInventory, region: RegionInventory, at: number): number {
  if (isMissing(inventory, region, 'target-health', at)) return 0;
  return servingTasks(region, at).filter((task) => task.startedAt + CHECKED_MS <= at).length;
}

/** Why nobody can ask the database of a program's target; undefined where it answers. */
export function unreadable(world: World, { region: name, cluster }: ProgramTarget): string | undefined {
  const { inventory } = world;
  const now = world.now();
  const side = sideOf(inventory, name);
  if (side === undefined) return `nothing of the stack is in ${name}`;
  const { database } = inventory[side];
  if (cluster !== undefined && cluster !== database.cluster) return `${cluster} holds no heartbeat`;
  if (isCutOff(inventory, side, now)) return `${TIMED_OUT} from ${database.cluster} in ${name}`;
  return instancesAt(database, now).some((each) => each.availableAt <= now)
    ? undefined
    : `${database.cluster} in ${name} has no instance to connect to`;
}

/** Why a write through a region's API fails; undefined where it is taken. */
function unwritable(world: World, region: RegionInventory): string | undefined {
  const { inventory } = world;
  const now = world.now();
  const { cluster } = region.database;
  if (!writersAt(inventory, now).includes(region.role) || writerAt(region.database, now) === undefined) {
    return `500: ${cluster} in ${region.region} takes no writes`;
  }
  const tasks = servingTasks(region, now);
  const faults = region.role === 'primary' ? inventory.faults : [];
  const pieces = troubleIn(inventory, region, faults, tasks, Math.floor(now / MINUTE_MS));
  const piece = pieces[Math.floor((now % MINUTE_MS) / PIECE_MS)];
  const task = tasks[Math.floor(noise(inventory.seed, 'write-task', secondOf(world)) * tasks.length)];
  const met = task && piece?.get(task.id);
  if (met === undefined) return undefined;
  if (met === 'read-only') return `500: ${cluster} in ${region.region} takes no writes`;
  if (noise(inventory.seed, 'write-fails', secondOf(world)) >= met.share) return undefined;
  return `500: ${words[met.failure]} from ${cluster} in ${region.region}`;
}

const words: Readonly<Record<Obstacle['failure'], string>> = {
  'connect-timeout': TIMED_OUT,
  'connect-refused': 'connection refused',
  'connection-lost': 'connection lost',
  'connection-reset': 'connection reset',
  'access-denied': 'access denied',
};

/** A count and a checksum of what the side's cluster holds, compared with what was there before traffic moved. */
function compared(world: World, side: Side, index: number, before: string | undefined): ProgramAnswer {
  const { inventory } = world;
  const { cluster } = inventory[side].database;
  const held = rowsOf(inventory, side, index, world.now());
  const output = textOf(held);
  const was = before === undefined ? undefined : rowsIn(before);
  if (was === undefined) return answered(true, `${cluster} holds ${output}`, output);
  const then = rowsUntil(inventory, side, index, world.now(), was.until);
  const missing = was.rows - then.rows;
  if (missing === 0 && then.checksum === was.checksum) {
    return answered(true, `${cluster} holds ${output}; all ${was.rows} rows of before are there`, output);
  }
  const copied = new Date(then.until).toISOString();
  return answered(
    true,
    `${cluster} holds ${output}; ${missing} of the ${was.rows} rows of before, written after ${copied}, are missing`,
    output,
  );
}

function textOf({ rows, checksum, until }: HeldRows): string {
  return `rows=${rows} checksum=${checksum} until=${new Date(until).toISOString()}`;
}

/** Undefined for a text that no such check printed. */
function rowsIn(text: string): HeldRows | undefined {
  const found = /rows=(\d+) checksum=([0-9a-f]+) until=(\S+)/.exec(text);
  if (found === null) return undefined;
  const [, rows = '', checksum = '', until = ''] = found;
  return { rows: Number(rows), checksum, until: Date.parse(until) };
}
