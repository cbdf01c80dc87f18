/**
 * How long recovery takes, by what past runs took. Pure. Real runs and simulated ones are never mixed, and too few runs
 * predict nothing.
 */
import type { RunHistory } from '../engine/history.ts';
import { medianOf, p95Of } from './figures.ts';
import { isOfStack, pastRunOf } from './history.ts';

/** Durations in milliseconds. */
export interface Prediction {
  readonly medianMs: number;
  /** By nearest rank; absent for fewer than five runs. */
  readonly p95Ms?: number;
  readonly runs: number;
  /** True where the runs were on the simulated AWS. */
  readonly simulated: boolean;
}

export type RtoPhase = 'detect' | 'decide' | 'execute' | 'verify' | 'clients';

export interface Predictions {
  /** By step id; steps of the drill that held them may be among them. One that succeeded in too few runs is absent. */
  readonly steps: Readonly<Record<string, Prediction>>;
  readonly phases: Readonly<Partial<Record<RtoPhase, Prediction>>>;
  /** Of the whole recovery time. */
  readonly rto?: Prediction;
}

export interface PredictionsWanted {
  readonly runbook: string;
  /** Only runs that did this to the database (`switchover`, `failover`, …); whatever they did when absent. */
  readonly mode?: string;
  /** Only real runs of this stack; of every stack when absent. */
  readonly stack?: { readonly service: string; readonly environment: string };
}

/**
 * The runs that tell of a runbook: its own, and drills, which carry out the steps of a failover and of a failback under
 * the ids that they have there. What a drill measured of the way back stands apart from the way there.
 */
const drilled: ReadonlyMap<string, 'there' | 'back'> = new Map([
  ['region-failover', 'there'],
  ['region-failback', 'back'],
]);

const phases: readonly RtoPhase[] = ['detect', 'decide', 'execute', 'verify', 'clients'];

/** Fewer are chance. */
const leastRuns = 3;

/**
 * From the steps that succeeded, and the recovery times that were measured, in runs that were no dry runs: of real runs
 * where there are three or more of a step, else of simulated ones where there are.
 */
export function predictionsFrom(
  histories: readonly RunHistory[],
  { runbook, mode, stack }: PredictionsWanted,
): Predictions {
  const steps = new Samples();
  const measured = new Samples();
  for (const history of histories) {
    const run = pastRunOf(history);
    if (run === undefined || run.isDryRun || (stack !== undefined && !isOfStack(run, stack))) continue;
    const way = run.runbook === runbook ? 'there' : run.kind === 'drill' ? drilled.get(runbook) : undefined;
    const times = way === 'back' ? run.back : way && run;
    if (times === undefined || (mode !== undefined && times.mode !== mode)) continue;
    for (const { stepId, status, durationMs } of history.steps) {
      if (status === 'succeeded') steps.add(stepId, durationMs, run.simulated);
    }
    for (const phase of phases) measured.add(phase, times.phases[phase], run.simulated);
    measured.add('rto', times.rtoMs, run.simulated);
  }
  const rto = measured.prediction('rto');
  return {
    steps: steps.predictions(),
    phases: Object.fromEntries(
      phases.flatMap((phase) => {
        const prediction = measured.prediction(phase);
        return prediction === undefined ? [] : [[phase, prediction]];
      }),
    ),
    ...(rto === undefined ? {} : { rto }),
  };
}

/** Durations by name, real ones and simulated ones apart. */
class Samples {
  private readonly byName = new Map<string, { readonly real: number[]; readonly simulated: number[] }>();

  add(name: string, durationMs: number | null | undefined, simulated: boolean): void {
    if (durationMs === null || durationMs === undefined) return;
    const known = this.byName.get(name) ?? { real: [], simulated: [] };
    this.byName.set(name, known);
    (simulated ? known.simulated : known.real).push(durationMs);
  }

  prediction(name: string): Prediction | undefined {
    const { real = [], simulated = [] } = this.byName.get(name) ?? {};
    const isSimulated = real.length < leastRuns;
    const chosen = isSimulated ? simulated : real;
    const medianMs = medianOf(chosen);
    if (chosen.length < leastRuns || medianMs === undefined) return undefined;
    const p95Ms = p95Of(chosen);
    return { medianMs, ...(p95Ms === undefined ? {} : { p95Ms }), runs: chosen.length, simulated: isSimulated };
  }

  predictions(): Readonly<Record<string, Prediction>> {
    return Object.fromEntries(
      [...this.byName.keys()].flatMap((name) => {
        const prediction = this.prediction(name);
        return prediction === undefined ? [] : [[name, prediction]];
      }),
    );
  }
}
