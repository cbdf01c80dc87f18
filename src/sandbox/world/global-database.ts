/**
 * How the two regions' clusters stand to each other at any time: who takes writes, who copies whom and how far behind it
 * is. All of it is read from the records of moves and from the faults. One region's clusters by themselves are the business
 * of `database-state.ts`.
 */
import { gaussian } from '../random.ts';
import { clusterStatusAt, instancesAt, writerAt, type ClusterStatus } from './database-state.ts';
import { intensity, lasts } from './faults.ts';
import type { Database, GlobalMove, RegionInventory, WorldInventory } from './inventory.ts';
import { lognormal } from './queueing.ts';
import { answerSpans } from './resolution.ts';
import { isCutOff, isDead, reachableFrom, type Side } from './region-outage.ts';

const MINUTE_MS = 60_000;
const HEARTBEAT_MS = 1_000;
const LAG_SIGMA = 0.18;
/** A copy that follows again after a stop gets through so many seconds' writes in a second. */
const CATCHING_UP = 20;
/** A move is looked over before it begins. */
const PENDING_MS = 4_000;

const sides: readonly Side[] = ['primary', 'recovery'];

export function otherSide(side: Side): Side {
  return side === 'primary' ? 'recovery' : 'primary';
}

/** The sides whose own cluster takes writes at a time, whether anybody reaches it or not; two after a detach. */
export function writersAt(world: WorldInventory, at: number): readonly Side[] {
  return sides.filter(
    (side) =>
      !isDead(world, side, at) && (writerAt(world[side].database, at) !== undefined || hasNotHeard(world, side, at)),
  );
}

/** True of a cluster that lost its role while its region was cut off: nobody could tell it to stop. */
function hasNotHeard(world: WorldInventory, side: Side, at: number): boolean {
  const move = world.replication.moves.findLast((each) => each.movedAt !== undefined && each.movedAt <= at);
  if (move?.kind !== 'failover' || move.from !== side) return false;
  return world.faults.some(
    (fault) => fault.effect === 'writer-cut-off' && lasts(fault, move.startedAt) && lasts(fault, at),
  );
}

/** The side that others copy, or would: the last one to have been given the role. A detached cluster is not asked. */
export function primarySideAt({ replication }: WorldInventory, at: number): Side {
  const move = replication.moves.findLast(
    (each) =>
      (each.kind === 'switchover' || each.kind === 'failover') && each.movedAt !== undefined && each.movedAt <= at,
  );
  return move?.to ?? replication.firstPrimary;
}

/** The move that made the clusters independent of each other; undefined while they are not. */
function partingAt({ replication }: WorldInventory, at: number): GlobalMove | undefined {
  return replication.moves.find(
    (each) => (each.kind === 'detach' || each.kind === 'promotion') && each.movedAt !== undefined && each.movedAt <= at,
  );
}

/** The move that is under way at `at`. */
export function moveAt({ replication }: WorldInventory, at: number): GlobalMove | undefined {
  return replication.moves.findLast(
    (each) => each.startedAt <= at && (each.endedAt === undefined || at < each.endedAt),
  );
}

/** What RDS says of a move under way. */
export function moveStatusAt(move: GlobalMove, at: number): 'pending' | 'failing-over' | 'switching-over' {
  if (at < move.startedAt + PENDING_MS) return 'pending';
  return move.kind === 'switchover' ? 'switching-over' : 'failing-over';
}

/** When the side that lost its role was a copy again; undefined while no end is known, and where it needs no making anew. */
export function rebuiltAt(world: WorldInventory, move: GlobalMove): number | undefined {
  if (move.rebuildMs === undefined || move.endedAt === undefined) return undefined;
  const begins = reachableFrom(world, move.from, move.endedAt);
  return begins === undefined ? undefined : begins + move.rebuildMs;
}

/** The failover after which the side is still being made anew at `at`. */
function rebuildingAt(world: WorldInventory, side: Side, at: number): GlobalMove | undefined {
  const move = world.replication.moves.findLast((each) => each.movedAt !== undefined && each.movedAt <= at);
  if (move === undefined || move.from !== side || move.rebuildMs === undefined) return undefined;
  return at < (rebuiltAt(world, move) ?? Infinity) ? move : undefined;
}

interface Member {
  readonly side: Side;
  readonly isWriter: boolean;
  readonly synchronization: 'connected' | 'pending-resync';
}

/** The clusters of the global database, the writer first; none where there is no global database. */
export function membersAt(world: WorldInventory, at: number): readonly Member[] {
  if (world.replication.kind !== 'global') return [];
  const writer = primarySideAt(world, at);
  const all = partingAt(world, at) === undefined ? [writer, otherSide(writer)] : [writer];
  return all.map((side) => ({
    side,
    isWriter: side === writer,
    synchronization: rebuildingAt(world, side, at) === undefined ? 'connected' : 'pending-resync',
  }));
}

/** True while the side's own cluster belongs to the global database. */
export function isMember(world: WorldInventory, side: Side, at: number): boolean {
  return membersAt(world, at).some((each) => each.side === side);
}

/**
 * The instance that RDS calls the cluster's writer. Of a replica by the binary log it is the one that applies the log,
 * though it takes no writes; of a secondary in a global database it is none.
 */
export function leadAt(
  world: WorldInventory,
  region: RegionInventory,
  database: Database,
  at: number,
): string | undefined {
  const applies = world.replication.kind === 'replica' && database.cluster === region.database.cluster;
  return writerAt(database, at) ?? (applies ? instancesAt(database, at)[0]?.id : undefined);
}

/** The side that copies the other one at `at`, made anew or not; undefined where they are independent. */
export function copySideAt(world: WorldInventory, at: number): Side | undefined {
  return partingAt(world, at) === undefined ? otherSide(primarySideAt(world, at)) : undefined;
}

/** True where the region's own cluster copies, copied or will copy the other region's, as far as is known. */
export function isEverCopy({ replication }: WorldInventory, side: Side): boolean {
  return replication.firstPrimary !== side || replication.moves.some((each) => each.from === side);
}

/** Milliseconds by which the side's cluster is behind; undefined while it copies nothing. */
export function lagAt(world: WorldInventory, side: Side, at: number): number | undefined {
  if (copySideAt(world, at) !== side || rebuildingAt(world, side, at) !== undefined) return undefined;
  const first = stops(world, followsSince(world, at))[0];
  return first === undefined || at < first.from ? usualLag(world, at) : at - copiedTo(world, at);
}

/** The newest moment of the original whose writes the copy has at `at`. Asked only while there is a copy. */
export function copiedTo(world: WorldInventory, at: number): number {
  const since = followsSince(world, at);
  let to = -Infinity;
  let resumedAt = -Infinity;
  const following = (time: number): number =>
    Math.min(time - usualLag(world, time), to === -Infinity ? Infinity : to + (time - resumedAt) * CATCHING_UP);
  for (const stop of stops(world, since)) {
    if (stop.from > at) break;
    to = following(stop.from);
    if (at < stop.to) return to;
    resumedAt = stop.to;
  }
  return following(at);
}

/** When the present copy began to follow the present original. */
function followsSince(world: WorldInventory, at: number): number {
  const move = world.replication.moves.findLast((each) => each.movedAt !== undefined && each.movedAt <= at);
  if (move?.movedAt === undefined) return -Infinity;
  return move.rebuildMs === undefined ? move.movedAt : (rebuiltAt(world, move) ?? Infinity);
}

interface Stop {
  readonly from: number;
  readonly to: number;
}

/** When nothing is copied, the earliest first and none overlapping. */
function stops(world: WorldInventory, since: number): readonly Stop[] {
  const all = world.faults
    .filter(({ effect }) => effect === 'region-down' || effect === 'writer-cut-off' || effect === 'replication-stalled')
    .map(({ from, to = Infinity }): Stop => ({ from: Math.max(from, since), to }))
    .filter(({ from, to }) => from < to)
    .toSorted((one, other) => one.from - other.from);
  const apart: Stop[] = [];
  for (const stop of all) {
    const last = apart.at(-1);
    if (last !== undefined && stop.from <= last.to) {
      apart[apart.length - 1] = { from: last.from, to: Math.max(last.to, stop.to) };
    } else apart.push(stop);
  }
  return apart;
}

function usualLag({ seed, typical, replication, faults }: WorldInventory, at: number): number {
  const lagMs = faults.reduce(
    (lag, fault) => (fault.effect === 'replication-slow' ? lag * fault.factor ** intensity(fault, at) : lag),
    replication.usualLagMs,
  );
  if (typical === true) return lagMs;
  return lognormal(lagMs, LAG_SIGMA, gaussian(seed, 'global-lag', Math.floor(at / MINUTE_MS)));
}

/**
 * The newest heartbeat row (one is written every second) that the side's cluster holds, epoch milliseconds. The rows are
 * the application's: whoever takes over has those that it copied, until the application writes there.
 */
export function newestHeartbeatAt(world: WorldInventory, side: Side, at: number): number | undefined {
  return Math.floor(newestWriteAt(world, side, at) / HEARTBEAT_MS) * HEARTBEAT_MS;
}

function newestWriteAt(world: WorldInventory, side: Side, at: number): number {
  const under = moveAt(world, at);
  // Who leaves its original copies no more from then on.
  if (under?.to === side && under.movedAt !== undefined && under.kind !== 'switchover') return under.copiedTo;
  const move = world.replication.moves.findLast((each) => each.movedAt !== undefined && each.movedAt <= at);
  if (copySideAt(world, at) === side && !hasNotHeard(world, side, at)) {
    const rebuilding = rebuildingAt(world, side, at);
    // Until it is made anew it holds what it held when it lost its role.
    if (rebuilding !== undefined) return lastWrite(world, side, rebuilding.startedAt);
    return Math.min(copiedTo(world, at), newestWriteAt(world, otherSide(side), at));
  }
  if (move?.movedAt === undefined || move.to !== side || move.kind === 'switchover') return lastWrite(world, side, at);
  const served = servedUntil(world, side, move.movedAt, at);
  return served === undefined ? move.copiedTo : lastWrite(world, side, served);
}

/** The last moment, from `from` to `at`, at which the public name led to the side's application. */
function servedUntil(world: WorldInventory, side: Side, from: number, at: number): number | undefined {
  const spans = answerSpans(world);
  for (const [index, { from: begins, ttlMs, targets }] of [...spans.entries()].toReversed()) {
    const led = targets.some((target) => target.side === side && target.share > 0);
    // Some go by the answer until it runs out of their caches.
    const ends = (spans[index + 1]?.from ?? Infinity) + ttlMs;
    if (led && begins <= at && ends > from) return Math.min(at, ends);
  }
  return undefined;
}

/** The last moment up to `at` at which the side took writes, given that it does unless its region is dead or it is to hold still. */
function lastWrite(world: WorldInventory, side: Side, at: number): number {
  const moving = world.replication.moves.findLast((each) => each.startedAt <= at);
  const frozenAt =
    moving?.from === side && moving.frozenAt !== undefined && !hasNotHeard(world, side, at)
      ? Math.min(at, moving.frozenAt)
      : at;
  const fault = world.faults.find(
    (each) => each.effect === 'region-down' && each.region === side && lasts(each, frozenAt),
  );
  return fault?.from ?? frozenAt;
}

type MemberStatus = ClusterStatus | 'switching-over' | 'promoting';

/** What RDS says of a cluster, moves between the regions included. */
export function memberStatusAt(
  world: WorldInventory,
  region: RegionInventory,
  database: Database,
  at: number,
): MemberStatus {
  const own = clusterStatusAt(database, at);
  const move = database.cluster === region.database.cluster ? moveAt(world, at) : undefined;
  if (move === undefined || own !== 'available') return own;
  switch (move.kind) {
    case 'switchover':
      return 'switching-over';
    case 'failover':
      return 'failing-over';
    case 'detach':
    case 'promotion':
      return move.to === region.role ? 'promoting' : own;
  }
}

/** Whether the region can be reached and its cluster is available: what a planned move asks of both. */
export function isWell(world: WorldInventory, side: Side, at: number): boolean {
  const region = world[side];
  return !isCutOff(world, side, at) && memberStatusAt(world, region, region.database, at) === 'available';
}
