/**
 * Which of the application's rows a region's cluster holds, as counts and checksums: some are written every second, a
 * move with loss leaves out those that were not copied, and a cluster that went on by itself keeps its own.
 */
import { hexNoise } from '../random.ts';
import { lagAt, newestHeartbeatAt } from './global-database.ts';
import type { GlobalMove, WorldInventory } from './inventory.ts';
import type { Side } from './region-outage.ts';

const SECOND_MS = 1_000;
/** What is counted, by the number of the check: rows that come in a second. */
const RATES = [4, 7, 2] as const;

export interface HeldRows {
  readonly rows: number;
  /** Hexadecimal; the same for the same rows. */
  readonly checksum: string;
  /** Epoch milliseconds of the newest row. */
  readonly until: number;
}

/** The rows that a side's cluster holds at `at`; `check` tells several counts apart. */
export function rowsOf(world: WorldInventory, side: Side, check: number, at: number): HeldRows {
  return countedTo(world, side, check, at, Infinity);
}

/** Of those that it holds at `at`, the ones that were written up to `until`, epoch milliseconds. */
export function rowsUntil(world: WorldInventory, side: Side, check: number, at: number, until: number): HeldRows {
  return countedTo(world, side, check, at, until);
}

function countedTo(world: WorldInventory, side: Side, check: number, at: number, until: number): HeldRows {
  const end = Math.floor(Math.min(until, newestHeartbeatAt(world, side, at) ?? world.createdAt) / SECOND_MS);
  const gaps = lostBy(world, side, at)
    .map(({ copiedTo, movedAt = Infinity }) => ({
      from: Math.floor(copiedTo / SECOND_MS),
      to: Math.min(end, Math.floor(movedAt / SECOND_MS)),
    }))
    .filter(({ from, to }) => from < to);
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const seconds = end - Math.floor(world.createdAt / SECOND_MS) - lost;
  const rate = RATES[check % RATES.length] ?? 1;
  return {
    rows: seconds * rate,
    checksum: hexNoise(world.seed, 'rows', check, end, ...gaps.flatMap(({ from, to }) => [from, to])),
    until: end * SECOND_MS,
  };
}

/** The moves in which what the side holds now lost writes. */
function lostBy(world: WorldInventory, side: Side, at: number): readonly GlobalMove[] {
  const moves = world.replication.moves.filter((each) => each.movedAt !== undefined && each.movedAt <= at);
  const last = moves.at(-1);
  // Whoever was left behind, and is no copy again, has what it wrote itself.
  const kept = last?.from === side && lagAt(world, side, at) === undefined ? last : undefined;
  return moves.filter((each) => each.kind !== 'switchover' && each !== kept);
}
