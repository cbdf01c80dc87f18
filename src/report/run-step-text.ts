/** A step of a run that goes on, in a sentence or two; what can be typed next stands beside it. */
import type { RunStepDocument } from './schemas.ts';
import { counted } from './wording.ts';

export function runStepText({ runId, step, repeated, left }: RunStepDocument): string {
  return `${headline({ runId, step, repeated })} ${left.length === 0 ? 'No step is left.' : `${counted(left.length, 'step')} left.`}`;
}

function headline({ runId, step, repeated }: Pick<RunStepDocument, 'runId' | 'step' | 'repeated'>): string {
  if (step === null) {
    return repeated
      ? `Run ${runId} was begun before; nothing was done.`
      : `Run ${runId} is begun; nothing was looked at or changed yet.`;
  }
  const { id, status, detail } = step;
  const ended = `"${id}" ${repeated ? 'ended before' : 'has ended'}: ${status}${detail === '' ? '' : ` (${detail})`}.`;
  return repeated ? `${ended} Nothing was done again.` : ended;
}
