/** A step of a run that goes on, in a few lines. */
import type { RunStepDocument } from './schemas.ts';
import { counted } from './wording.ts';

export function runStepLines({ runId, step, repeated, left, nextSteps }: RunStepDocument): readonly string[] {
  return [
    `${headline({ runId, step, repeated })} ${left.length === 0 ? 'No step is left.' : `${counted(left.length, 'step')} left.`}`,
    ...nextSteps.map((text) => `Goes on with: ${text}`),
  ];
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
