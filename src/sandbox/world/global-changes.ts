/**
 * What moves the writer's role between the regions: switchover, managed failover, detach, promotion. Each takes its time,
 * which the seed draws and which is written down when the move begins. Whether it may begin is for the caller to know.
 */
import { drawn } from '../random.ts';
import { withDatabase } from './database-changes.ts';
import { faultsOn, instancesAt, outageAt } from './database-state.ts';
import { lasts } from './faults.ts';
import { copiedTo, moveAt, otherSide } from './global-database.ts';
import type { DatabaseInstance, GlobalMove, WorldInventory } from './inventory.ts';
import { isCutOff, type Side } from './region-outage.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

type Range = readonly [number, number];

/** Once the copy has caught up, until it takes writes. */
const SWITCHING: Range = [60 * SECOND_MS, 120 * SECOND_MS];
/** How long nobody takes writes during a switchover. */
const HOLDING_STILL: Range = [15 * SECOND_MS, 40 * SECOND_MS];
/** "Within a few minutes" (Aurora User Guide, "Performing managed failovers for Aurora global databases"). */
const FAILING_OVER: Range = [60 * SECOND_MS, 210 * SECOND_MS];
const SETTLING: Range = [5 * SECOND_MS, 20 * SECOND_MS];
const DETACHING: Range = [15 * SECOND_MS, 50 * SECOND_MS];
/** "Several minutes or longer", with a restart of its instances. */
const PROMOTING: Range = [3 * MINUTE_MS, 8 * MINUTE_MS];
/** Until the volume of whoever lost its role is made anew; hours, for a large one. */
const REBUILDING: Range = [6 * MINUTE_MS, 25 * MINUTE_MS];

/** Instances of the side's cluster that could take writes at `at`, the first choice first. */
export function ableInstances(world: WorldInventory, side: Side, at: number): readonly DatabaseInstance[] {
  const region = world[side];
  const faults = faultsOn(world, region, region.database);
  return instancesAt(region.database, at).filter(
    (each) => each.availableAt <= at && outageAt(region.database, faults, each.id, at) === undefined,
  );
}

/** The role moves to `to` from `at` on. */
export function withMove(world: WorldInventory, kind: GlobalMove['kind'], to: Side, at: number): WorldInventory {
  const move = plannedMove(world, kind, to, at);
  const moved = withRoles(world, move);
  const { replication } = moved;
  return { ...moved, replication: { ...replication, moves: [...replication.moves.map(endedBy(at)), move] } };
}

/** A move that got nowhere is given up by the next one. */
function endedBy(at: number): (move: GlobalMove) => GlobalMove {
  return (move) => (move.outcome === 'stuck' && move.endedAt === undefined ? { ...move, endedAt: at } : move);
}

function plannedMove(world: WorldInventory, kind: GlobalMove['kind'], to: Side, at: number): GlobalMove {
  const draw = (range: Range, what: string) =>
    Math.round(drawn(world, range, 'global', kind, world.replication.moves.length, what));
  const from = otherSide(to);
  const copied = copiedTo(world, at);
  const move = { kind, from, to, startedAt: at };
  switch (kind) {
    case 'switchover': {
      const movedAt = Math.round(at + (at - copied) + draw(SWITCHING, 'move'));
      const frozenAt = movedAt - draw(HOLDING_STILL, 'still');
      const lost = [from, to].some((side) => isCutOff(world, side, movedAt));
      if (lost) return { ...move, endedAt: movedAt, outcome: 'cancelled', copiedTo: copied };
      return {
        ...move,
        frozenAt,
        movedAt,
        endedAt: movedAt + draw(SETTLING, 'settling'),
        outcome: 'completed',
        copiedTo: frozenAt,
      };
    }
    case 'failover': {
      const sticks = world.faults.some((fault) => fault.effect === 'global-failover-stuck' && lasts(fault, at));
      if (sticks) return { ...move, outcome: 'stuck', copiedTo: copied };
      const movedAt = at + draw(FAILING_OVER, 'move');
      return {
        ...move,
        frozenAt: at,
        movedAt,
        endedAt: movedAt + draw(SETTLING, 'settling'),
        outcome: 'completed',
        copiedTo: copied,
        rebuildMs: draw(REBUILDING, 'rebuild'),
      };
    }
    case 'detach':
    case 'promotion': {
      const movedAt = at + draw(kind === 'detach' ? DETACHING : PROMOTING, 'move');
      return { ...move, movedAt, endedAt: movedAt, outcome: 'completed', copiedTo: copied };
    }
  }
}

/** Both clusters with the terms in which they take writes, as the move leaves them. */
function withRoles(world: WorldInventory, { from, to, frozenAt, movedAt, startedAt }: GlobalMove): WorldInventory {
  if (movedAt === undefined) return world;
  const leaving = world[from].database;
  const left =
    frozenAt === undefined
      ? world
      : withDatabase(world, world[from], {
          ...leaving,
          terms: leaving.terms.map((term) => (term.to === undefined ? { ...term, to: frozenAt } : term)),
        });
  const coming = left[to].database;
  const writer = (ableInstances(world, to, startedAt)[0] ?? coming.instances[0])?.id;
  return withDatabase(left, left[to], {
    ...coming,
    terms: [...coming.terms, { from: movedAt, ...(writer !== undefined && { writer }) }],
  });
}

/** A move that goes on for ever and has to be got round. */
export function isStuck(world: WorldInventory, at: number): boolean {
  return moveAt(world, at)?.outcome === 'stuck';
}
