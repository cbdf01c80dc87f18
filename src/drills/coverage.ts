/** Which steps of the recovery runbooks were ever carried out: for real, on the simulated AWS only, or never. Pure. */
import type { StepSummary } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { pastRunOf } from './history.ts';

/** A runbook whose steps are part of another's: a drill carries out the steps of a failover. */
export interface Embedding {
  readonly runbook: string;
  readonly within: string;
  /** What its steps' ids begin with there. */
  readonly prefix: string;
}

export interface StepCoverage {
  readonly runbook: string;
  readonly stepId: string;
  readonly title: string;
  readonly kind: StepSummary['kind'];
  readonly coverage: 'real' | 'simulated' | 'never';
  /** When it last succeeded on a real stack and on a simulated one: the beginning of the run, epoch milliseconds. */
  readonly realAt?: number;
  readonly simulatedAt?: number;
}

export interface CoveredRunbook {
  readonly id: string;
  readonly steps: readonly StepSummary[];
}

/** Every step of the given runbooks, in order. Only a step that succeeded, and not in a dry run, was carried out. */
export function coverageOf(
  histories: readonly RunHistory[],
  runbooks: readonly CoveredRunbook[],
  embeddings: readonly Embedding[] = [],
): readonly StepCoverage[] {
  const last = lastSuccesses(histories);
  return runbooks.flatMap(({ id, steps }) =>
    steps.map((step) => {
      const names = [
        keyOf(id, step.id),
        ...embeddings
          .filter(({ runbook }) => runbook === id)
          .map(({ within, prefix }) => keyOf(within, `${prefix}${step.id}`)),
      ];
      const realAt = latest(names.map((name) => last.real.get(name)));
      const simulatedAt = latest(names.map((name) => last.simulated.get(name)));
      return {
        runbook: id,
        stepId: step.id,
        title: step.title,
        kind: step.kind,
        coverage: realAt !== undefined ? 'real' : simulatedAt !== undefined ? 'simulated' : 'never',
        ...(realAt === undefined ? {} : { realAt }),
        ...(simulatedAt === undefined ? {} : { simulatedAt }),
      };
    }),
  );
}

/** When each step last succeeded, by runbook and step. */
function lastSuccesses(histories: readonly RunHistory[]) {
  const last = { real: new Map<string, number>(), simulated: new Map<string, number>() };
  for (const history of histories) {
    const run = pastRunOf(history);
    if (run === undefined || run.isDryRun) continue;
    const seen = run.simulated ? last.simulated : last.real;
    for (const { stepId, status } of history.steps) {
      if (status !== 'succeeded') continue;
      const key = keyOf(history.runbook, stepId);
      seen.set(key, Math.max(run.at, seen.get(key) ?? run.at));
    }
  }
  return last;
}

function keyOf(runbook: string, stepId: string): string {
  return `${runbook}\n${stepId}`;
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.flatMap((time) => time ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}
