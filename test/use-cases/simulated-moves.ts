/**
 * Moves between regions as plain figures, one seed after another, for distributions: what it took, what was lost, and
 * whether two regions ever took writes without the run saying so. Bundled by bench/drills.js, too.
 */
import type { RunDocument } from '../../src/report/schemas.ts';
import { regionDrill } from '../../src/runbooks/region-drill.ts';
import { regionFailover } from '../../src/runbooks/region-failover.ts';
import { writersAt } from '../../src/sandbox/world/global-database.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import type { MemoryState } from '../../src/state/memory-state.ts';
import { simulate } from './rehearsing.ts';

const runbooks = { drill: regionDrill, failover: regionFailover } as const;

/** What is moved, and how. */
export interface MoveCase {
  readonly scenario: string;
  readonly kind: keyof typeof runbooks;
  readonly mode: 'switchover' | 'failover';
}

type Phases = NonNullable<RunDocument['objectives']>['rto']['phases'];

/** Durations in milliseconds; null where nothing was measured. */
export interface MoveFigures {
  readonly seed: number;
  readonly verdict: RunDocument['verdict'];
  readonly rtoMs: number | null;
  readonly phases: Phases | null;
  /** By store: what was lost. */
  readonly lossMs: Readonly<Record<string, number | null>>;
  /** Of the way back, where there was one. */
  readonly backMs: number | null;
  /** True where two regions took writes at once and the run does not call it possible. */
  readonly hidesTwoWriters: boolean;
}

export async function moveOnce(
  { scenario, kind, mode }: MoveCase,
  seed: number,
  state?: MemoryState,
): Promise<MoveFigures> {
  const { document, sandbox } = await simulate(runbooks[kind], {
    scenario,
    mode: 'execute',
    seed,
    move: { kind, mode },
    ...(state === undefined ? {} : { state }),
  });
  const { objectives, failback, recovery, verdict } = document;
  const announced = [recovery, failback?.recovery].some((each) => each?.splitBrain === 'possible');
  return {
    seed,
    verdict,
    rtoMs: objectives?.rto.measuredMs ?? null,
    phases: objectives?.rto.phases ?? null,
    lossMs: Object.fromEntries((objectives?.rpo.stores ?? []).map(({ store, lossMs }) => [store, lossMs])),
    backMs: failback?.objectives.rto.measuredMs ?? null,
    hidesTwoWriters: !announced && hadTwoWriters(sandbox.world),
  };
}

/** Who writes changes at the beginnings of terms, at the ends of moves and of faults, and at no other moment. */
function hadTwoWriters(world: World): boolean {
  const { inventory } = world;
  const now = world.now();
  const moments = [
    ...[inventory.primary, inventory.recovery].flatMap(({ database }) => database.terms.map(({ from }) => from)),
    ...inventory.replication.moves.flatMap(({ movedAt }) => movedAt ?? []),
    ...inventory.faults.flatMap(({ from, to }) => [from, to ?? from]),
    now,
  ];
  return moments.some((at) => at >= inventory.startMs && at <= now && writersAt(inventory, at).length > 1);
}

/** What a dry run says of it, in milliseconds. */
export interface MovePrediction {
  readonly verdict: RunDocument['verdict'];
  readonly targetMs: number;
  readonly rtoMs: number | null;
  readonly phases: Phases | null;
  readonly document: RunDocument;
}

export async function predictMove(
  { scenario, kind, mode }: MoveCase,
  seed: number,
  state?: MemoryState,
): Promise<MovePrediction> {
  const { document } = await simulate(runbooks[kind], {
    scenario,
    mode: 'dry-run',
    seed,
    move: { kind, mode },
    ...(state === undefined ? {} : { state }),
  });
  const { objectives, verdict } = document;
  return {
    verdict,
    targetMs: objectives?.rto.targetMs ?? Number.NaN,
    rtoMs: objectives?.rto.predictedMs ?? null,
    phases: objectives?.rto.phases ?? null,
    document,
  };
}
