/**
 * What the application meets in a region whose own cluster takes no writes, on top of what the cluster itself is in: reads
 * are answered by its readers, writes are refused; and where the cluster has no instance, nothing is answered at all.
 */
import { instancesAt } from './database-state.ts';
import { databaseTrouble, PIECE_MS, type Obstacle, type TroublePiece } from './database-trouble.ts';
import type { Fault } from './faults.ts';
import { writersAt } from './global-database.ts';
import type { RegionInventory, Task, WorldInventory } from './inventory.ts';
import { api } from './workload.ts';

const MINUTE_MS = 60_000;
const nobodyThere: Obstacle = { failure: 'connect-timeout', share: 1, ms: api.connectTimeoutMs };

/** The minute's pieces in order, as `databaseTrouble` has them; none where nothing is in the way. */
export function troubleIn(
  world: WorldInventory,
  region: RegionInventory,
  faults: readonly Fault[],
  tasks: readonly Task[],
  minute: number,
): readonly TroublePiece[] {
  const own = databaseTrouble(region.database, faults, tasks, minute);
  const pieces = Array.from({ length: MINUTE_MS / PIECE_MS }, (_, index): TroublePiece => {
    const piece = own[index];
    const met = metAt(world, region, minute * MINUTE_MS + (index + 0.5) * PIECE_MS);
    if (met === undefined) return piece ?? new Map();
    return new Map(tasks.map(({ id }) => [id, (met === 'read-only' && piece?.get(id)) || met]));
  });
  return pieces.some((piece) => piece.size > 0) ? pieces : [];
}

function metAt(world: WorldInventory, region: RegionInventory, at: number): Obstacle | 'read-only' | undefined {
  if (!instancesAt(region.database, at).some((each) => each.availableAt <= at)) return nobodyThere;
  return writersAt(world, at).includes(region.role) ? undefined : 'read-only';
}
