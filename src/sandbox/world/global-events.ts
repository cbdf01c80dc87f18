/**
 * What RDS tells of moves between the regions, in the words of the Aurora User Guide, "Amazon RDS event categories and event
 * messages for Aurora" (RDS-EVENT-0181 to 0187, 0238 to 0241, 0390, 0391, 0397). Follows from the records.
 */
import type { DatabaseEvent } from './database-events.ts';
import { rebuiltAt } from './global-database.ts';
import type { GlobalMove, WorldInventory } from './inventory.ts';
import { isCutOff, reachableFrom, type Side } from './region-outage.ts';

const SECOND_MS = 1_000;
/** From the move until the name that follows the writer leads to it. */
const NAME_MOVES_MS = 2 * SECOND_MS;
/** How long Aurora tries to block writes to whoever is to lose its role. */
const BLOCKING_MS = 12 * SECOND_MS;

/** Everything that the region's own cluster tells of moves, what is still to come included; in no particular order. */
export function moveEvents(world: WorldInventory, side: Side): readonly DatabaseEvent[] {
  return world.replication.moves.flatMap((move) => eventsOf(world, side, move));
}

function eventsOf(world: WorldInventory, side: Side, move: GlobalMove): readonly DatabaseEvent[] {
  switch (move.kind) {
    case 'switchover':
      return switchoverEvents(world, side, move);
    case 'failover':
      return failoverEvents(world, side, move);
    // Of these the guide has no event of the cluster's own.
    case 'detach':
    case 'promotion':
      return [];
  }
}

function switchoverEvents(world: WorldInventory, side: Side, move: GlobalMove): readonly DatabaseEvent[] {
  const { startedAt, frozenAt, movedAt, endedAt, outcome } = move;
  const tell = teller(world, side);
  const switchover = `Global switchover to ${clusterOf(world, move.to)}`;
  return [
    ...tell(startedAt + SECOND_MS, `${switchover} started.`),
    ...tell(frozenAt, `Old primary ${clusterOf(world, move.from)} successfully shut down.`),
    ...blocking(world, side, move),
    ...tell(movedAt, `New primary ${clusterOf(world, move.to)} was successfully promoted.`),
    ...nameMoves(world, side, move),
    ...tell(endedAt, `${switchover} ${outcome === 'completed' ? 'finished' : 'failed'}.`),
  ];
}

function failoverEvents(world: WorldInventory, side: Side, move: GlobalMove): readonly DatabaseEvent[] {
  const tell = teller(world, side);
  const { endedAt, outcome } = move;
  const failover = `Global failover to ${clusterOf(world, move.to)}`;
  if (outcome !== 'completed') return tell(endedAt, `${failover} failed.`);
  const resynchronizing = `resynchronizing members of ${clusterOf(world, move.to)} after global failover.`;
  const begins = endedAt === undefined ? undefined : reachableFrom(world, move.from, endedAt);
  return [
    ...blocking(world, side, move),
    ...nameMoves(world, side, move),
    ...tell(endedAt, `${failover} completed.`),
    ...tell(begins, `Started ${resynchronizing}`),
    ...tell(rebuiltAt(world, move), `Finished ${resynchronizing}`),
  ];
}

function clusterOf(world: WorldInventory, side: Side): string {
  return `DB cluster ${world[side].database.cluster} in Region ${world[side].region}`;
}

function teller(world: WorldInventory, side: Side) {
  return (at: number | undefined, message: string): readonly DatabaseEvent[] =>
    at === undefined
      ? []
      : [{ at, type: 'db-cluster', source: world[side].database.cluster, category: 'global failover', message }];
}

function nameMoves(world: WorldInventory, side: Side, { movedAt }: GlobalMove): readonly DatabaseEvent[] {
  if (movedAt === undefined) return [];
  const message = 'Aurora finished changing the DNS name that the global writer endpoint resolves to.';
  return teller(world, side)(movedAt + NAME_MOVES_MS, message);
}

/** Whether the old writer was kept from writing: told by it where it can be reached, or else by its successor. */
function blocking(world: WorldInventory, side: Side, { from, to, startedAt, frozenAt }: GlobalMove) {
  const began = frozenAt ?? startedAt;
  const fenced = !isCutOff(world, from, began);
  const instance = world[side].database.instances[0]?.id;
  if (side !== (fenced ? from : to) || instance === undefined) return [];
  const event: DatabaseEvent = {
    at: fenced ? began : began + BLOCKING_MS,
    type: 'db-instance',
    source: instance,
    category: 'notification',
    message: `Attempt to block writes for ${clusterOf(world, from)} ${fenced ? 'succeeded' : 'timed out'}.`,
  };
  return [event];
}
