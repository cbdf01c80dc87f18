/**
 * What the application's tasks meet when they turn to the database during a minute: nothing, or a connection that cannot
 * be had, or a writer that is none any more. Follows from the database's state and the faults; knows no request.
 */
import { outageAt, writerAt, type Outage } from './database-state.ts';
import { effectsAt, lasts, type Fault } from './faults.ts';
import type { Database, Task } from './inventory.ts';
import { api } from './workload.ts';

/** A minute is looked at in pieces of this length, so that a failover's seconds show. */
export const PIECE_MS = 5_000;
const MINUTE_MS = 60_000;

/** Connections that were open when a host went away hang until their read times out; so long they are what fails. */
const LOST_MS = 15_000;
/** A restart resets the connections that are open, at once. */
const RESET_MS = 5_000;

export type ConnectionFailure =
  | 'connect-timeout'
  | 'connect-refused'
  | 'connection-lost'
  | 'connection-reset'
  | 'access-denied';

/** The share of requests that fail so, and after how long. */
export interface Obstacle {
  readonly failure: ConnectionFailure;
  readonly share: number;
  readonly ms: number;
}

/** What each task meets, by its id, in a piece of a minute. `read-only`: it gets through, to an instance that takes no writes. */
export type TroublePiece = ReadonlyMap<string, Obstacle | 'read-only'>;

/** The minute's pieces in order; none where nothing is in the way. `minute` counts from the epoch. */
export function databaseTrouble(
  database: Database,
  faults: readonly Fault[],
  tasks: readonly Task[],
  minute: number,
): readonly TroublePiece[] {
  const start = minute * MINUTE_MS;
  const end = start + MINUTE_MS;
  const possible =
    database.failovers.some((each) => each.startedAt < end && each.restartedAt > start) ||
    faults.some(({ effect, from }) => troublesome.has(effect) && from < end);
  if (!possible) return [];
  const pieces = Array.from({ length: MINUTE_MS / PIECE_MS }, (_, index) =>
    pieceAt(database, faults, tasks, start + index * PIECE_MS + PIECE_MS / 2),
  );
  return pieces.some((piece) => piece.size > 0) ? pieces : [];
}

const troublesome: ReadonlySet<Fault['effect']> = new Set([
  'writer-down',
  'stale-writer',
  'bad-credentials',
  'security-group-closed',
]);

function pieceAt(database: Database, faults: readonly Fault[], tasks: readonly Task[], at: number): TroublePiece {
  const { denied, blocked, staleWriter } = effectsAt(faults, at);
  const rotated = faults.findLast((fault) => fault.effect === 'bad-credentials' && lasts(fault, at));
  const writer = writerAt(database, at);
  const met = (task: Task): Obstacle | 'read-only' | undefined => {
    if (blocked > 0) return { failure: 'connect-timeout', share: blocked, ms: api.connectTimeoutMs };
    const instance = staleWriter ? writerAt(database, task.startedAt) : writer;
    const outage = instance === undefined ? undefined : outageOf(database, faults, instance, at);
    if (outage !== undefined) return obstacleOf(outage, at);
    // A task reads the password when it starts.
    if (denied > 0 && rotated !== undefined && task.startedAt < rotated.from) {
      return { failure: 'access-denied', share: denied, ms: 9 };
    }
    return instance === writer ? undefined : 'read-only';
  };
  return new Map(
    tasks.flatMap((task) => {
      const obstacle = met(task);
      return obstacle === undefined ? [] : [[task.id, obstacle] as const];
    }),
  );
}

/** Nobody answers in the place of an instance that is gone. */
function outageOf(database: Database, faults: readonly Fault[], instance: string, at: number): Outage | undefined {
  const gone = database.instances.find((each) => each.id === instance)?.deletedAt ?? Infinity;
  return at < gone ? outageAt(database, faults, instance, at) : { kind: 'host', since: gone };
}

function obstacleOf(outage: Outage, at: number): Obstacle {
  const lasted = at - outage.since;
  if (outage.kind === 'host') {
    const failure = lasted < LOST_MS ? 'connection-lost' : 'connect-timeout';
    return { failure, share: 1, ms: api.connectTimeoutMs };
  }
  return lasted < RESET_MS
    ? { failure: 'connection-reset', share: 1, ms: 40 }
    : { failure: 'connect-refused', share: 1, ms: 6 };
}
