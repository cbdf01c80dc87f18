/**
 * The databases of a world that is built from what was read of a live stack: each region's cluster, which of them takes
 * writes, what moves between them, and how far the copy is behind. What nobody could read of one side is taken from the
 * other, so that the model invents no difference between them. It knows facts and no adapter.
 */
import type { DatabaseState } from '../../cloud/facts.ts';
import type { GlobalDatabase, ReplicationLag } from '../../cloud/recovery-facts.ts';
import { hexNoise } from '../random.ts';
import { withMove } from './global-changes.ts';
import { otherSide } from './global-database.ts';
import type { Fault } from './faults.ts';
import type { Database, DatabaseInstance, Failover, GlobalMove, WorldInventory } from './inventory.ts';
import type { Side } from './region-outage.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** What is being made or failing over when it is seen has so long to go. */
const STILL_MAKING_MS = 5 * MINUTE_MS;
const STILL_MOVING_MS = 30 * SECOND_MS;
/** What is seen to be made anew after a failover has so long to go: the middle of what that takes, less a little. */
const STILL_REBUILDING_MS = 12 * MINUTE_MS;
/** How long ago a move ended that is known from what it left behind. */
const LONG_AGO_MS = 60 * MINUTE_MS;
/** A copy that is further behind than this does not follow. */
const FOLLOWING_MS = MINUTE_MS;

/** What was read of what is between the regions. */
export interface CapturedReplication {
  readonly global?: GlobalDatabase;
  /** Of the cluster that is a copy. */
  readonly lag?: ReplicationLag;
}

interface CapturedSide {
  readonly database?: DatabaseState;
  readonly unreachable?: boolean;
}

interface CapturedSides extends CapturedReplication {
  readonly primary: CapturedSide;
  readonly recovery?: CapturedSide;
}

const sides: readonly Side[] = ['primary', 'recovery'];

/** The world with the databases that were read; its own where none was. */
export function withCapturedDatabases(world: WorldInventory, captured: CapturedSides): WorldInventory {
  const { startMs } = world;
  const read = (side: Side): CapturedSide => captured[side] ?? {};
  const original = originalSide(world, captured);
  const past = pastMove(world, captured, original);
  const databases = (side: Side): Database => {
    const { database } = read(side);
    const version = database?.engineVersion ?? read(otherSide(side)).database?.engineVersion;
    const made = world[side].database;
    const like = database === undefined ? made : databaseFrom(world, made, database);
    const engineVersion = version ?? captured.global?.engineVersion ?? made.engineVersion;
    return { ...like, engineVersion, terms: termsOf(like, database, side, original, past) };
  };
  const seeded: WorldInventory = {
    ...world,
    primary: { ...world.primary, database: databases('primary') },
    recovery: { ...world.recovery, database: databases('recovery') },
    replication: {
      ...world.replication,
      firstPrimary: past?.from ?? original,
      usualLagMs: usualLag(captured.lag) ?? world.replication.usualLagMs,
      moves: past === undefined ? [] : [past],
    },
    faults: [
      ...failedWriter(read('primary').database, startMs),
      ...sides.flatMap((side) => (read(side).unreachable === true ? [outage(side, captured, original, startMs)] : [])),
      ...stall(captured, startMs),
    ],
  };
  const { moving } = captured.global ?? {};
  const to = moving?.to === undefined ? undefined : sideOfArn(world, moving.to);
  if (moving === undefined || to === undefined || to === original) return seeded;
  // How far it has come nobody tells, so that it has all of its time before it.
  return withMove(seeded, moving.allowsDataLoss === true ? 'failover' : 'switchover', to, startMs);
}

function sideOfArn(world: WorldInventory, arn: string): Side | undefined {
  return sides.find((side) => arn.split(':')[3] === world[side].region);
}

/** The side that takes writes, or that the other one copies. */
function originalSide(world: WorldInventory, { global, primary, recovery }: CapturedSides): Side {
  const writer = global?.members.find((each) => each.isWriter);
  const told = writer && sides.find((side) => world[side].region === writer.region);
  if (told !== undefined) return told;
  if (primary.database?.replicatesFrom !== undefined) return 'recovery';
  const writes = (side: CapturedSide | undefined) =>
    side?.database?.replicatesFrom === undefined &&
    side?.database?.instances.some((each) => each.role === 'writer') === true;
  return writes(recovery) && !writes(primary) && world.replication.kind === 'global' ? 'recovery' : 'primary';
}

/** The move that is known from what it left behind: a cluster by itself, or one that is being made anew. */
function pastMove(world: WorldInventory, captured: CapturedSides, original: Side): GlobalMove | undefined {
  const { startMs, replication } = world;
  const other = otherSide(original);
  const { database } = captured[other] ?? {};
  const at = startMs - LONG_AGO_MS;
  const move = { startedAt: at, movedAt: at, endedAt: at, outcome: 'completed' as const, copiedTo: at };
  if (replication.kind === 'replica') {
    const isOnItsOwn = database !== undefined && database.replicatesFrom === undefined;
    return isOnItsOwn ? { ...move, kind: 'promotion', from: original, to: other } : undefined;
  }
  const member = captured.global?.members.find((each) => each.region === world[other].region);
  if (captured.global !== undefined && member === undefined && database !== undefined) {
    return { ...move, kind: 'detach', from: original, to: other };
  }
  if (member?.synchronization !== 'pending-resync') return undefined;
  const rebuildMs = LONG_AGO_MS + STILL_REBUILDING_MS;
  return { ...move, kind: 'failover', from: other, to: original, frozenAt: at, rebuildMs };
}

function termsOf(
  database: Database,
  captured: DatabaseState | undefined,
  side: Side,
  original: Side,
  past: GlobalMove | undefined,
): Database['terms'] {
  const first = captured?.instances.find((each) => each.role === 'writer')?.id ?? database.instances[0]?.id;
  const writer = first === undefined ? {} : { writer: first };
  if (past?.kind === 'failover' && past.from === side) return [{ from: 0, to: past.startedAt, ...writer }];
  if (past?.to === side) return [{ from: past.startedAt, ...writer }];
  return side === original ? [{ from: 0, ...writer }] : [];
}

function databaseFrom(world: WorldInventory, made: Database, captured: DatabaseState): Database {
  const { startMs } = world;
  const order = captured.instances.toSorted((a, b) => (a.promotionTier ?? 15) - (b.promotionTier ?? 15));
  const instances = order.map(({ id, zone, instanceClass, status }, index): DatabaseInstance => ({
    id,
    zone: zone ?? made.instances[index]?.zone ?? '',
    resourceId: `db-${hexNoise(world.seed, id, 'a')}${hexNoise(world.seed, id, 'b')}`.toUpperCase(),
    instanceClass,
    createdAt: made.createdAt,
    availableAt: status === 'creating' ? startMs + STILL_MAKING_MS : made.createdAt,
  }));
  const endpointId = /^[^.]+\.cluster-([a-z0-9]+)\./.exec(captured.endpoint ?? '')?.[1];
  return {
    ...made,
    instances,
    availableAt: captured.status === 'creating' ? startMs + STILL_MAKING_MS : made.createdAt,
    ...(endpointId !== undefined && { endpointId }),
    ...(captured.subnetGroup !== undefined && { subnetGroup: captured.subnetGroup }),
    ...(captured.securityGroups.length > 0 && { securityGroups: captured.securityGroups }),
    ...(captured.parameterGroup !== undefined && { parameterGroup: captured.parameterGroup }),
    parameterChanges: [],
    failovers: failoversOf(captured, order, startMs),
  };
}

function failoversOf(
  { status }: DatabaseState,
  order: DatabaseState['instances'],
  startMs: number,
): readonly Failover[] {
  const writer = order.find((each) => each.role === 'writer')?.id;
  if (status !== 'failing-over' || writer === undefined) return [];
  const reader = order.find((each) => each.role === 'reader' && each.status === 'available')?.id;
  return [
    {
      startedAt: startMs - 10 * SECOND_MS,
      movedAt: startMs + STILL_MOVING_MS,
      endedAt: startMs + 2 * STILL_MOVING_MS,
      from: writer,
      to: reader ?? writer,
      outcome: 'completed',
      restartedAt: startMs + 2 * STILL_MOVING_MS,
    },
  ];
}

/** A writer that RDS says has failed is gone from the beginning. */
function failedWriter(captured: DatabaseState | undefined, startMs: number): readonly Fault[] {
  const failed = captured?.instances.some((each) => each.role === 'writer' && each.status === 'failed') === true;
  return failed ? [{ effect: 'writer-down', status: 'failed', from: startMs - MINUTE_MS, rampMs: 0 }] : [];
}

/** The newest moment of the original that the copy is known to hold. */
function copiedTo({ lag }: CapturedReplication): number | undefined {
  const newest = lag?.lag.points.at(-1);
  return newest && newest.at - newest.value;
}

/** A region that does not answer is down since its last write came across, or for a minute where nobody knows. */
function outage(side: Side, captured: CapturedReplication, original: Side, startMs: number): Fault {
  const known = side === original ? copiedTo(captured) : undefined;
  const from = Math.min(startMs - SECOND_MS, known ?? startMs - MINUTE_MS);
  return { effect: 'region-down', region: side, from, rampMs: 0 };
}

/** A copy that is far behind, though both regions answer, does not follow any more. */
function stall(captured: CapturedSides, startMs: number): readonly Fault[] {
  const newest = captured.lag?.lag.points.at(-1);
  const isCut = captured.primary.unreachable === true || captured.recovery?.unreachable === true;
  if (newest === undefined || isCut || newest.value <= FOLLOWING_MS) return [];
  const from = Math.min(startMs, newest.at - newest.value);
  return [{ effect: 'replication-stalled', from, rampMs: 0 }];
}

function usualLag(lag: ReplicationLag | undefined): number | undefined {
  const newest = lag?.lag.points.at(-1)?.value;
  return newest === undefined || newest > FOLLOWING_MS ? undefined : Math.max(1, newest);
}
