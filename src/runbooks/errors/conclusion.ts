/** From what was found, what was not, and what was done about it, to a verdict. */
import { quantity } from '../../diagnosis/evidence.ts';
import { settled, type NeedValues } from '../../engine/step.ts';
import { rootOf, verdictFor } from '../gaps.ts';
import { escalationFor, silentSteps } from '../grounds.ts';
import { decide, notify, type DiagnosisConclusion, type Message } from '../kit.ts';
import { errorsDown, rollBackStep } from './acting.ts';
import { advice } from './advice.ts';
import { diagnosis } from './diagnosis.ts';
import { apiOutcomes } from './observations.ts';

export const escalation = decide('escalation', {
  title: 'Is it time to escalate?',
  needs: { diagnosis },
  skip: ({ diagnosis: { symptom } }) => (symptom.state === 'ongoing' ? undefined : 'requests do not fail now'),
  run: ({ diagnosis: { symptom } }, { settings }) => escalationFor({ onset: symptom.onset }, settings),
  detail: (found) => found.summary,
});

const everything = {
  outcomes: settled(apiOutcomes),
  diagnosis: settled(diagnosis),
  advice: settled(advice),
  escalation: settled(escalation),
  rollBack: settled(rollBackStep),
  verified: settled(errorsDown),
};

function concluded({
  outcomes,
  diagnosis: found,
  advice: remedies,
  escalation: due,
  rollBack,
  verified,
}: NeedValues<typeof everything>): DiagnosisConclusion {
  const nextSteps =
    !outcomes.known && outcomes.because === 'skipped'
      ? ['add api.loadBalancer to nanoops.yaml: it counts how requests end']
      : [];
  if (!found.known) {
    const summary = `whether requests fail is unknown: ${rootOf(found.reason)}`;
    return { verdict: 'unknown', symptom: { state: 'unknown', summary }, causes: [], notes: [], nextSteps };
  }
  const { symptom, causes, gaps, missing, changed } = found.value;
  const { state, onset, endedAt, summary } = symptom;
  const isSilent = state === 'unknown' && nextSteps.length === 0;
  const made = rollBack.known ? `${rollBack.value.change.resource} ${rollBack.value.change.summary}` : undefined;
  const helped = verified.known && !verified.value.assumed;
  const outcome = !verified.known
    ? undefined
    : verified.value.assumed
      ? { helped: false, summary: `whether ${made ?? 'it'} helps cannot be rehearsed` }
      : {
          helped: true,
          summary: `5xx are at ${quantity(verified.value.share, 'ratio')} since ${made ?? 'the change'}`,
        };
  return {
    verdict: helped ? 'ok' : verdictFor(state, gaps),
    symptom: { state, onset, endedAt, summary },
    causes: causes.map((cause) => {
      const remediation = remedies.known ? remedies.value[cause.cause] : undefined;
      return remediation === undefined ? cause : { ...cause, remediation };
    }),
    ...(due.known && !helped ? { escalation: due.value } : {}),
    ...(outcome === undefined ? {} : { outcome }),
    notes: [
      ...(made !== undefined && !verified.known ? [`done, and not seen to have helped: ${made}`] : []),
      ...changed,
      ...gaps,
      ...missing,
    ],
    nextSteps: isSilent ? [...silentSteps, 'nanoops status'] : nextSteps,
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
  message: (ended, { service }): Message => {
    const { verified } = ended;
    const told = concluded(ended);
    const [first] = told.causes;
    return {
      severity: verified.known ? 'info' : 'critical',
      title: verified.known ? `requests to ${service} succeed again` : `requests to ${service} may still fail`,
      lines: [
        first?.summary ?? told.symptom.summary,
        ...(told.outcome === undefined ? [] : [told.outcome.summary]),
        ...told.notes.slice(0, 8),
      ],
    };
  },
});
