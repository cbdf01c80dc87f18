/** From what was found, what was not, and what was done about it, to a verdict. */
import { settled, type NeedValues } from '../../engine/step.ts';
import { rootOf, verdictFor } from '../gaps.ts';
import { escalationFor } from '../grounds.ts';
import { decide, notify, type DiagnosisConclusion, type Message } from '../kit.ts';
import { noCrashes, rollBackStep } from './acting.ts';
import { advice } from './advice.ts';
import { diagnosis } from './diagnosis.ts';

export const escalation = decide('escalation', {
  title: 'Is it time to escalate?',
  needs: { diagnosis },
  skip: ({ diagnosis: { symptom } }) => (symptom.state === 'ongoing' ? undefined : 'tasks do not crash now'),
  run: ({ diagnosis: { symptom } }, { settings }) => escalationFor({ onset: symptom.onset }, settings),
  detail: (found) => found.summary,
});

const everything = {
  diagnosis: settled(diagnosis),
  advice: settled(advice),
  escalation: settled(escalation),
  rollBack: settled(rollBackStep),
  verified: settled(noCrashes),
};

function concluded({
  diagnosis: found,
  advice: remedies,
  escalation: due,
  rollBack,
  verified,
}: NeedValues<typeof everything>): DiagnosisConclusion {
  if (!found.known) {
    const summary = `whether tasks crash is unknown: ${rootOf(found.reason)}`;
    return { verdict: 'unknown', symptom: { state: 'unknown', summary }, causes: [], notes: [], nextSteps: [] };
  }
  const { symptom, causes, gaps, notes, nextSteps } = found.value;
  const made = rollBack.known ? `${rollBack.value.change.resource} ${rollBack.value.change.summary}` : undefined;
  return {
    verdict: verified.known ? 'ok' : verdictFor(symptom.state, gaps),
    symptom,
    causes: causes.map(({ help: _help, ...cause }) => {
      const remediation = remedies.known ? remedies.value[cause.cause] : undefined;
      return remediation === undefined ? cause : { ...cause, remediation };
    }),
    ...(due.known && !verified.known ? { escalation: due.value } : {}),
    ...(verified.known
      ? { outcome: { helped: true, summary: `no task has crashed for 5 minutes since ${made ?? ''}` } }
      : {}),
    notes: [
      ...(made !== undefined && !verified.known ? [`done, and not seen to have helped: ${made}`] : []),
      ...notes,
      ...gaps,
    ],
    nextSteps,
  };
}

export const conclusion = decide('conclusion', {
  title: 'In short',
  needs: everything,
  run: (ended) => concluded(ended),
  detail: ({ causes: [first], symptom: found, verdict, outcome }) => {
    if (outcome?.helped === true) return `mended: ${outcome.summary}`;
    const told = first?.summary ?? found.summary;
    return verdict === 'unknown' && found.state !== 'unknown' ? `${told}; but not everything could be looked at` : told;
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
});

export const tellOutcome = notify('tell-outcome', {
  title: 'Tell the team how it stands',
  needs: everything,
  skip: ({ rollBack }) => (rollBack.known ? undefined : 'nothing was changed'),
  message: (ended, { site, service }): Message => {
    const { verified } = ended;
    const told = concluded(ended);
    const name = site.compute?.service ?? service;
    const [first] = told.causes;
    return {
      severity: verified.known ? 'info' : 'critical',
      title: verified.known ? `tasks of ${name} stay up again` : `tasks of ${name} may still crash`,
      lines: [
        first?.summary ?? told.symptom.summary,
        ...(told.outcome === undefined ? [] : [told.outcome.summary]),
        ...told.notes.slice(0, 8),
      ],
    };
  },
});
