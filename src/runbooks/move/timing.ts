/**
 * When a move began and ended, by phases that add up, and how much of it lay within what was aimed for. Pure. What was not
 * measured is null, never zero, and never met.
 */
import { rtoPhases, type MoveSettings, type Objectives, type PastMoves, type RtoPhase } from '../kit.ts';

const minuteMs = 60_000;

/** The specification's own minute budget, which every move is compared with. */
export const budgetOf = [
  { id: 'detect', title: 'Detect', plannedMs: 2 * minuteMs },
  { id: 'decide', title: 'Decide', plannedMs: 3 * minuteMs },
  { id: 'database', title: 'Database', plannedMs: 5 * minuteMs },
  { id: 'dns', title: 'DNS', plannedMs: 1 * minuteMs },
  { id: 'caches', title: 'DNS caches of clients', plannedMs: 5 * minuteMs },
  { id: 'application', title: 'Application', plannedMs: 3 * minuteMs },
] as const;

/** The same budget by phase of RTO: what DNS and the application take is part of executing. */
export const plannedPhaseMs: Readonly<Record<RtoPhase, number>> = {
  detect: 2 * minuteMs,
  decide: 3 * minuteMs,
  execute: 9 * minuteMs,
  verify: 0,
  clients: 5 * minuteMs,
};

/** Moments of a move, epoch milliseconds; undefined where they were not reached, or not seen. */
export interface Moments {
  readonly outageAt?: number | undefined;
  readonly detectedAt?: number | undefined;
  readonly decidedAt?: number | undefined;
  /** The last change has taken effect. */
  readonly executedAt?: number | undefined;
  /** A healthy answer was seen from outside. */
  readonly verifiedAt?: number | undefined;
  /** The last client can follow. */
  readonly clientsAt?: number | undefined;
}

export type Phases = Readonly<Record<RtoPhase, number | null>>;

const order = ['outageAt', 'detectedAt', 'decidedAt', 'executedAt', 'verifiedAt', 'clientsAt'] as const;

/**
 * Each phase from the end of the one before it. Steps run at once, so that a later moment may be seen first: no phase is
 * negative, and all of them add up to the time from the outage to the last of the moments.
 */
export function phasesOf(moments: Moments): Phases {
  const durations: Partial<Record<RtoPhase, number | null>> = {};
  let before: number | undefined = moments.outageAt;
  for (const [index, phase] of rtoPhases.entries()) {
    const name = order[index + 1];
    const end: number | undefined = name === undefined ? undefined : moments[name];
    durations[phase] = before === undefined || end === undefined ? null : Math.max(0, end - before);
    // After a gap nothing adds up any more.
    before = before === undefined || end === undefined ? undefined : Math.max(before, end);
  }
  const { detect = null, decide = null, execute = null, verify = null, clients = null } = durations;
  return { detect, decide, execute, verify, clients };
}

/** Null as soon as one of them is. */
export function sumOf(phases: Phases): number | null {
  return rtoPhases.reduce<number | null>((sum, phase) => {
    const part = phases[phase];
    return sum === null || part === null ? null : sum + part;
  }, 0);
}

export interface StoreLoss {
  readonly store: string;
  readonly lossMs: number | null;
  readonly basis: string;
}

/** Of several stores the worst; null where one is not known, unless a known one is beyond the target already. */
export function worstLossMs(stores: readonly StoreLoss[], targetMs: number): number | null {
  if (stores.length === 0) return null;
  const known = stores.flatMap(({ lossMs }) => (lossMs === null ? [] : [lossMs]));
  const worst = known.length === 0 ? null : Math.max(...known);
  return known.length < stores.length && (worst === null || worst <= targetMs) ? null : worst;
}

function within(value: number | null, targetMs: number): boolean | null {
  return value === null ? null : value <= targetMs;
}

export interface ObjectivesParts {
  readonly move: Pick<MoveSettings, 'rtoMs' | 'rpoMs'>;
  readonly mode: 'dry-run' | 'execute';
  readonly phases: Phases;
  readonly stores: readonly StoreLoss[];
  /** What was expected before it began; in a dry run what it says. */
  readonly predictedRtoMs: number | null;
  readonly predictedRpoMs: number | null;
  /** What the predicted recovery time rests on; absent where there is none. */
  readonly rests?: Pick<Objectives['rto'], 'predictedP95Ms' | 'predictedFrom' | 'predictedRuns'>;
}

/** A dry run predicts and measures nothing; a real one measures, and keeps beside it what was predicted. */
export function objectivesOf(parts: ObjectivesParts): Objectives {
  const { move, mode, phases, stores, predictedRtoMs, predictedRpoMs, rests = {} } = parts;
  const isDry = mode === 'dry-run';
  const rtoMs = isDry ? null : sumOf(phases);
  const rpoMs = isDry ? null : worstLossMs(stores, move.rpoMs);
  return {
    rto: {
      targetMs: move.rtoMs,
      measuredMs: rtoMs,
      met: within(rtoMs, move.rtoMs),
      predictedMs: predictedRtoMs,
      ...(predictedRtoMs === null ? {} : rests),
      wouldMeet: within(predictedRtoMs, move.rtoMs),
      phases,
    },
    rpo: {
      targetMs: move.rpoMs,
      measuredMs: rpoMs,
      met: within(rpoMs, move.rpoMs),
      predictedMs: predictedRpoMs,
      wouldMeet: within(predictedRpoMs, move.rpoMs),
      stores,
    },
  };
}

const afterDecision = ['execute', 'verify', 'clients'] as const;

/** What a prediction of what follows the decision rests on. */
export function basisOf({ phases }: PastMoves): 'runs' | 'simulated-runs' | 'plan' {
  const known = afterDecision.map((phase) => phases[phase]);
  if (known.some((each) => each === undefined)) return 'plan';
  return known.some((each) => each?.simulated === true) ? 'simulated-runs' : 'runs';
}

/** The same in words. */
export function restsOn(past: PastMoves): string {
  const runs = past.phases.execute?.runs ?? 0;
  switch (basisOf(past)) {
    case 'plan':
      return 'the plan of minutes, since too few moves are known';
    case 'runs':
      return `${runs} past moves`;
    case 'simulated-runs':
      return `${runs} moves on the simulated AWS`;
  }
}

/** How long what follows the decision takes, by past moves where they are known, else by the plan. Milliseconds. */
export function afterDecisionMs({ phases }: PastMoves, quantile: 'median' | 'p95'): number {
  return afterDecision.reduce((sum, phase) => {
    const known = phases[phase];
    const value = quantile === 'p95' ? (known?.p95Ms ?? known?.medianMs) : known?.medianMs;
    return sum + (value ?? plannedPhaseMs[phase]);
  }, 0);
}

/** Phases as past moves took them, where a phase is known; the others as given. */
export function predictedPhases(given: Phases, { phases: past }: PastMoves): Phases {
  const of = (phase: RtoPhase): number | null => past[phase]?.medianMs ?? given[phase];
  return {
    // How long it took to see it is seen in a dry run too, where there is something to see.
    detect: given.detect ?? of('detect'),
    decide: of('decide'),
    execute: of('execute'),
    verify: of('verify'),
    clients: of('clients'),
  };
}
