/**
 * What happens in a simulation, as plain data drawn from a seed: a world, a runbook, and everything that goes wrong
 * around it. A script can be printed, shortened and played again; it knows nothing of how it is played.
 */
import { seeded } from '../../src/sandbox/random.ts';
import { scenariosOf } from '../../src/use-cases/runbooks.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';

/** A span of the run's time, in milliseconds since it began. */
interface Span {
  readonly fromMs: number;
  readonly forMs: number;
}

/** Of the calls in the span, this share meets it. */
interface Some extends Span {
  readonly share: number;
}

/** When a process dies or is told to end: at its n-th record, or at its n-th change. */
export type Moment =
  | { readonly at: 'before-record' | 'after-record'; readonly count: number }
  | { readonly at: 'before-call' | 'after-call'; readonly count: number };

export type Mishap =
  | ({ readonly kind: 'throttled' } & Some)
  | ({ readonly kind: 'server-error' } & Some)
  | ({ readonly kind: 'reset' } & Some)
  | ({ readonly kind: 'slow'; readonly latencyMs: number } & Some)
  /** The call reaches AWS, and its answer reaches nobody: of reads and changes alike. */
  | ({ readonly kind: 'answer-lost' } & Some)
  /** Of the n-th change, whenever that is. */
  | { readonly kind: 'change-answer-lost'; readonly count: number }
  /** The machine's clock is set, or slept: from then on it is off by so much. */
  | { readonly kind: 'clock-jump'; readonly atMs: number; readonly byMs: number }
  | ({ readonly kind: 'credentials-expired' } & Span)
  | ({ readonly kind: 'region-hangs'; readonly region: 'primary' | 'recovery' } & Span)
  /** Failovers that are asked for within a region come to nothing, and those between regions never end. */
  | ({ readonly kind: 'failover-sticks' } & Span)
  /** RDS fails over once more, by itself. */
  | { readonly kind: 'failover-flips'; readonly atMs: number }
  /** An alarm rings at which a drill is to stop. */
  | ({ readonly kind: 'alarm' } & Span)
  /** Requests come so many times as often, and Auto Scaling acts on it. */
  | ({ readonly kind: 'load'; readonly factor: number } & Span)
  /** A colleague changes something by hand. */
  | {
      readonly kind: 'colleague';
      readonly atMs: number;
      readonly does: 'count' | 'minimum' | 'deployment' | 'scaling-off';
    }
  /** A colleague starts a run on the same stack. */
  | { readonly kind: 'second-run'; readonly atMs: number; readonly runbook: string }
  /** Somebody takes the lease away. */
  | { readonly kind: 'lease-taken'; readonly atMs: number }
  | { readonly kind: 'interrupted'; readonly moment: Moment }
  | {
      readonly kind: 'killed';
      readonly moment: Moment;
      /** Until somebody goes on. */
      readonly afterMs: number;
      /** Who goes on has another build: another digest of the same runbook. */
      readonly build: 'same' | 'other';
      /** On which host: from another one nobody sees that the process is gone. */
      readonly host: 'same' | 'other';
    };

export type MishapKind = Mishap['kind'];

/** How whoever is asked answers. */
export type Answers = 'yes' | 'no' | 'absent-first';

export interface Script {
  readonly seed: number;
  readonly scenario: string;
  /** In order, each after the one before has ended: a way back follows a way there. */
  readonly runbooks: readonly string[];
  readonly mode: 'execute' | 'dry-run';
  readonly answers: Answers;
  /** What becomes of a run that stopped and waits. */
  readonly afterwards: 'continue' | 'abort';
  /** Of the whole run, where it has one. */
  readonly timeoutMs?: number;
  readonly maxTasks: number;
  /** Whether the operator's program asks the database for the newest heartbeat. */
  readonly heartbeat: boolean;
  readonly mishaps: readonly Mishap[];
}

const second = 1_000;
const minute = 60 * second;

/** Stories: which runbooks follow each other, and how often they are drawn. A move takes ten times as long to simulate. */
const stories: readonly (readonly [weight: number, runbooks: readonly string[]])[] = [
  [9, ['latency']],
  [4, ['database-unavailable']],
  [6, ['crash-loop']],
  [5, ['errors']],
  [3, ['region-failover']],
  [1, ['region-failover', 'region-failback']],
  [2, ['region-drill']],
];

/** How often each kind of mishap is drawn, in comparison. */
const weights: Readonly<Record<MishapKind, number>> = {
  throttled: 4,
  'server-error': 4,
  reset: 4,
  slow: 3,
  'answer-lost': 3,
  'change-answer-lost': 6,
  'clock-jump': 3,
  'credentials-expired': 3,
  'region-hangs': 2,
  'failover-sticks': 3,
  'failover-flips': 2,
  alarm: 10,
  load: 2,
  colleague: 5,
  'second-run': 4,
  'lease-taken': 2,
  interrupted: 4,
  killed: 12,
};

export const mishapKinds = Object.keys(weights) as readonly MishapKind[]; // A record's keys are its keys.

class Dice {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  of<T>(all: readonly [T, ...T[]] | readonly T[]): T {
    const found = all[Math.floor(this.random() * all.length)];
    if (found === undefined) throw new RangeError('there is nothing to draw from');
    return found;
  }

  weighed<T>(all: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.random() * all.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of all) {
      left -= weight;
      if (left < 0) return value;
    }
    return this.of(all)[1];
  }
}

/** The script of a seed: always the same. */
export function scriptOf(seed: number): Script {
  const dice = new Dice(seed);
  const runbooks = dice.weighed(stories);
  const [first = 'latency'] = runbooks;
  const moves = moveOfRunbook(first) !== undefined;
  const scenario = dice.chance(0.1) ? 'healthy' : dice.of(scenariosOf({ id: first }));
  const mode = runbooks.length === 1 && dice.chance(0.12) ? 'dry-run' : 'execute';
  const answers = dice.weighed<Answers>([
    [20, 'yes'],
    [1, 'no'],
    [2, 'absent-first'],
  ]);
  // Most of what goes wrong has to meet the run while it runs: a diagnosis takes a minute, a move a quarter of an hour.
  const lengthMs = moves ? 20 * minute : 6 * minute;
  const count = dice.weighed([
    [1, 0],
    [4, 1],
    [4, 2],
    [3, 3],
    [2, 5],
  ]);
  return {
    seed,
    scenario,
    runbooks,
    mode,
    answers,
    afterwards: dice.chance(0.15) ? 'abort' : 'continue',
    ...(dice.chance(0.15) ? { timeoutMs: dice.whole(1, moves ? 40 : 15) * minute } : {}),
    maxTasks: dice.of([12, 20, 40]),
    heartbeat: dice.chance(0.8),
    mishaps: Array.from({ length: count }, () => mishapOf(dice, lengthMs, moves, runbooks.includes('region-drill'))),
  };
}

function mishapOf(dice: Dice, lengthMs: number, moves: boolean, isDrill: boolean): Mishap {
  // Of all runbooks only a drill stops at alarms.
  const kinds = isDrill ? mishapKinds : mishapKinds.filter((kind) => kind !== 'alarm');
  const kind = dice.weighed(kinds.map((each) => [weights[each], each] as const));
  const atMs = dice.chance(0.25) ? 0 : dice.whole(0, lengthMs);
  const span = { fromMs: atMs, forMs: dice.of([5 * second, 30 * second, 2 * minute, 10 * minute]) };
  const some = { ...span, share: dice.of([0.05, 0.3, 0.7, 1]) };
  switch (kind) {
    case 'throttled':
    case 'server-error':
    case 'reset':
    case 'answer-lost':
      return { kind, ...some };
    case 'slow':
      return { kind, ...some, latencyMs: dice.of([1 * second, 4 * second, 9 * second, 15 * second]) };
    case 'change-answer-lost':
      return { kind, count: dice.whole(1, moves ? 6 : 2) };
    case 'clock-jump':
      return { kind, atMs, byMs: dice.of([-30, -2, 2, 30, 90, 600]) * second };
    case 'credentials-expired':
    case 'alarm':
      return { kind, ...span };
    case 'region-hangs':
      return { kind, ...span, region: dice.of(['primary', 'recovery'] as const) };
    case 'failover-sticks':
      return { kind, ...span };
    case 'failover-flips':
      return { kind, atMs };
    case 'load':
      return { kind, ...span, forMs: 10 * minute, factor: dice.of([0.4, 1.5, 3]) };
    case 'colleague':
      return { kind, atMs, does: dice.of(['count', 'minimum', 'deployment', 'scaling-off'] as const) };
    case 'second-run':
      return {
        kind,
        atMs,
        runbook: dice.of([
          'latency',
          'database-unavailable',
          'crash-loop',
          'errors',
          ...(moves ? ['region-failover'] : []),
        ]),
      };
    case 'lease-taken':
      return { kind, atMs };
    case 'interrupted':
      return { kind, moment: momentOf(dice, moves) };
    case 'killed':
      return {
        kind,
        moment: momentOf(dice, moves),
        afterMs: dice.of([1 * second, 30 * second, 5 * minute]),
        build: dice.chance(0.3) ? 'other' : 'same',
        host: dice.chance(0.25) ? 'other' : 'same',
      };
  }
}

/** Half of them around changes, which are few among many records. */
function momentOf(dice: Dice, moves: boolean): Moment {
  return dice.chance(0.5)
    ? { at: dice.of(['before-call', 'after-call'] as const), count: dice.whole(1, moves ? 6 : 2) }
    : { at: dice.of(['before-record', 'after-record'] as const), count: dice.whole(1, moves ? 160 : 90) };
}
