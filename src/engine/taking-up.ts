/**
 * Takes over what an earlier part of a run left: once something was changed, the run goes on from what was known then, and does
 * not conclude anew from a world that it has changed itself. Pure.
 */
import type { RunHistory } from './history.ts';
import { hasEnded, isDone, isNeededBy, openSteps } from './open-steps.ts';
import type { AnyStep, Settled } from './step.ts';

export interface TakingUp {
  readonly history: RunHistory;
  /** Of this run, each after what it needs. */
  readonly steps: readonly AnyStep[];
  readonly conclusion: AnyStep;
  /** True of a run whose steps are carried out each by a process of its own. */
  readonly isStepwise: boolean;
  /** True where what every step yielded is remembered. */
  readonly keepsAll: boolean;
  /** Says of a step without a value whether its change may be in the world. */
  readonly triedOf: (step: AnyStep) => { readonly tried?: true };
}

/** What the steps came to that are not carried out any more. */
export function takenUp({
  history,
  steps,
  conclusion,
  isStepwise,
  keepsAll,
  triedOf,
}: TakingUp): ReadonlyMap<AnyStep, Settled<unknown>> {
  const results = new Map<AnyStep, Settled<unknown>>();
  if (history.phase === 'looking') return results;
  const kinds = new Map(history.summaries.map(({ id, kind }) => [id, kind]));
  const remembered = new Map(
    history.remembered.filter(({ stepId }) => kinds.has(stepId)).map((step) => [step.stepId, step]),
  );
  const open = openSteps({ steps, conclusion }, remembered, history.phase === 'undoing' ? 'undoing' : 'acting');
  // Whoever carries out single steps concludes when it is the conclusion's turn, and once.
  if (isStepwise && hasEnded(conclusion, remembered.get(conclusion.id)?.status)) open.delete(conclusion);
  const records = new Map(history.steps.map((step) => [step.stepId, step]));
  // Whoever needs a step stands after it.
  for (const step of steps.toReversed()) {
    const found = remembered.get(step.id);
    if (found === undefined || (step === conclusion && open.has(step))) continue;
    if (kinds.get(step.id) !== step.kind) {
      open.add(step);
      continue;
    }
    const { status, detail, output } = found;
    const { errorClass, nextStep } = records.get(step.id) ?? {};
    const told = {
      ...(errorClass === undefined ? {} : { errorClass }),
      ...(nextStep === undefined ? {} : { nextStep }),
    };
    const isBlocked = keepsAll && status === 'blocked' && !open.has(step);
    if (open.has(step) && hasEnded(step, status)) continue;
    if (output !== undefined || (isDone(status) && (keepsAll || !isNeededBy(open, step)))) {
      results.set(step, { known: true, value: output });
    } else if (status === 'skipped') {
      results.set(step, { known: false, because: 'skipped', reason: detail });
    } else if ((hasEnded(step, status) && !isDone(status)) || isBlocked || history.phase === 'undoing') {
      results.set(step, { known: false, because: 'unknown', reason: detail, ...told, ...triedOf(step) });
    } else {
      open.add(step);
    }
  }
  return results;
}
