/** Which steps of a run that is taken up again are still to be carried out. Pure. */
import type { StepStatus, StepSummary } from './events.ts';
import type { RunHistory } from './history.ts';
import type { AnyStep } from './step.ts';

interface Graph {
  readonly steps: readonly AnyStep[];
  readonly conclusion: AnyStep;
}

/**
 * What a run that goes on from here may still start: what has not ended, what waits, what failed, what was blocked by
 * one of these, and what looked or concluded without one of them because the run came to a stop. Putting back goes by
 * what was concluded before.
 */
export function openSteps(
  { steps, conclusion }: Graph,
  ended: ReadonlyMap<string, { readonly status: StepStatus }>,
  phase: 'acting' | 'undoing',
): Set<AnyStep> {
  const open = new Set<AnyStep>();
  for (const step of steps) {
    const status = ended.get(step.id)?.status;
    const mayBeFreed = step.needs.every(
      (need) => need.optional || open.has(need.step) || isDone(ended.get(need.step.id)?.status),
    );
    const isOpen = status === undefined || status === 'suspended' || (status === 'failed' && step.isOptional !== true);
    const wentAhead =
      phase === 'acting' &&
      hasEnded(step, status) &&
      (status === 'skipped' || !isActing(step)) &&
      step.needs.some((need) => open.has(need.step));
    const isFreed = status === 'blocked' && mayBeFreed;
    if (isOpen || isFreed || wentAhead || step === conclusion) open.add(step);
  }
  return open;
}

export function isNeededBy(others: ReadonlySet<AnyStep>, step: AnyStep): boolean {
  return [...others].some((other) => other.needs.some((need) => need.step === step));
}

/** Of a run whose steps are carried out each by a process of its own: those that have not ended, in the runbook's order. */
export function stepsLeft(graph: Graph, { remembered }: Pick<RunHistory, 'remembered'>): readonly AnyStep[] {
  const ended = new Map(remembered.map((step) => [step.stepId, step]));
  const open = openSteps(graph, ended, 'acting');
  const { conclusion } = graph;
  if (hasEnded(conclusion, ended.get(conclusion.id)?.status)) open.delete(conclusion);
  return graph.steps.filter((step) => open.has(step));
}

/** Of a run that is carried out step by step and is not at its end: the step that comes next, as far as its journal tells. */
export function nextStepOf(history: RunHistory): StepSummary | undefined {
  return history.isStepwise && history.phase === 'acting' ? stepsToCome(history)[0] : undefined;
}

/** Those that have not ended, as far as a run's journal tells. */
export function stepsToCome({ summaries, steps }: RunHistory): readonly StepSummary[] {
  const ended = new Set(steps.flatMap(({ stepId, status }) => (status === 'suspended' ? [] : [stepId])));
  return summaries.filter(({ id }) => !ended.has(id));
}

export function isDone(status: StepStatus | undefined): boolean {
  return status === 'succeeded' || status === 'planned';
}

/** With whatever it came to, other than waiting, failing, or being kept from its start. */
export function hasEnded({ isOptional }: AnyStep, status: StepStatus | undefined): boolean {
  return isDone(status) || status === 'skipped' || status === 'unknown' || (status === 'failed' && isOptional === true);
}

/** What it did is done, and is not repeated. */
function isActing({ kind }: AnyStep): boolean {
  return kind === 'act' || kind === 'approve' || kind === 'manual' || kind === 'notify';
}
