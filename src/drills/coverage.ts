/** Which steps of the recovery runbooks were ever carried out: for real, on the simulated AWS only, or never. Pure. */
import type { StepSummary } from '../engine/events.ts';
import type { RunHistory } from '../engine/history.ts';
import { pastRunOf } from './history.ts';

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

/**
 * Every step of the given runbooks, in order. Only a step that succeeded, and not in a dry run, was carried out. The
 * recovery runbooks share their steps, under the same ids: what a drill carried out is carried out for a failover, too.
 */
export function coverageOf(
  histories: readonly RunHistory[],
  runbooks: readonly CoveredRunbook[],
): readonly StepCoverage[] {
  const last = lastSuccesses(histories);
  return runbooks.flatMap(({ id, steps }) =>
    steps.map((step) => {
      const realAt = last.real.get(step.id);
      const simulatedAt = last.simulated.get(step.id);
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

/** When each step last succeeded, by its id. */
function lastSuccesses(histories: readonly RunHistory[]) {
  const last = { real: new Map<string, number>(), simulated: new Map<string, number>() };
  for (const history of histories) {
    const run = pastRunOf(history);
    if (run === undefined || run.isDryRun) continue;
    const seen = run.simulated ? last.simulated : last.real;
    for (const { stepId, status } of history.steps) {
      if (status === 'succeeded') seen.set(stepId, Math.max(run.at, seen.get(stepId) ?? run.at));
    }
  }
  return last;
}
