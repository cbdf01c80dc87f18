/** From what was found, what was not, and what was done about it, to a verdict. */
import { settled, type NeedValues } from '../../engine/step.ts';
import { rootOf, verdictFor } from '../gaps.ts';
import { escalationFor } from '../grounds.ts';
import { decide, notify, type DiagnosisConclusion, type Message, type Remediation } from '../kit.ts';
import { connectionsBack, verifiedText } from './acting.ts';
import { advice } from './advice.ts';
import { diagnosis } from './diagnosis.ts';
import { failedOver, failoverAwaited, failOverStep } from './failing-over.ts';
import { restartStep } from './restarting.ts';
import { instanceReady, instanceStep, pointApplication, restoreStep } from './restoring.ts';
import type { ConnectionsVerified } from './verified.ts';

export const escalation = decide('escalation', {
  title: 'Is it time to escalate?',
  needs: { diagnosis },
  skip: ({ diagnosis: found }) => (found.symptom.state === 'ongoing' ? undefined : 'connections do not fail now'),
  run: ({ diagnosis: { causes, symptom } }, { settings }) => {
    const isWriter = causes[0]?.cause === 'writer-unreachable';
    const besides = isWriter ? { besides: ', who decides on a restore with you' } : {};
    return escalationFor({ onset: symptom.onset, ...besides }, settings);
  },
  detail: (found) => found.summary,
});

/** What is left once a failover came to nothing. */
function afterFailure(restored: string | undefined): Remediation {
  const again = 'another failover may work: nanoops diagnose database --fix tries it';
  return restored === undefined
    ? { stepId: 'restore-cluster', summary: `${again}; else restore a new cluster from the backups` }
    : { stepId: 'point-application', summary: `point the application at ${restored}, once it is ready; ${again}` };
}

const everything = {
  diagnosis: settled(diagnosis),
  advice: settled(advice),
  escalation: settled(escalation),
  failOver: settled(failOverStep),
  moved: settled(failedOver),
  awaited: settled(failoverAwaited),
  restart: settled(restartStep),
  restore: settled(restoreStep),
  instance: settled(instanceStep),
  ready: settled(instanceReady),
  pointed: settled(pointApplication),
  verified: settled(connectionsBack),
};

function helpedText(verified: ConnectionsVerified, made: readonly string[]): string {
  if (verified.isAssumed === true)
    return `whether ${made.length === 0 ? 'it' : made.join('; ')} helps cannot be rehearsed`;
  return made.length === 0 ? verifiedText(verified) : `${verifiedText(verified)}, since ${made.join('; ')}`;
}

function concluded({
  diagnosis: found,
  advice: remedies,
  escalation: due,
  ...done
}: NeedValues<typeof everything>): DiagnosisConclusion {
  if (!found.known) {
    const summary = `whether the service reaches its database is unknown: ${rootOf(found.reason)}`;
    return { verdict: 'unknown', symptom: { state: 'unknown', summary }, causes: [], notes: [], nextSteps: [] };
  }
  const { symptom, causes, gaps, notes, nextSteps } = found.value;
  const { verified, ready, pointed, moved, awaited } = done;
  const isBack = moved.known && !moved.value.failedOver;
  const made = [...(isBack ? [] : [done.failOver]), done.restart, done.restore, done.instance].flatMap((each) =>
    each.known ? [`${each.value.change.resource}: ${each.value.change.summary}`] : [],
  );
  const cameToNothing = [moved, awaited].flatMap((each) =>
    each.known && !each.value.failedOver ? [each.value.why] : [],
  );
  const restored = done.restore.known ? done.restore.value.change.resource : undefined;
  return {
    verdict: verified.known ? 'ok' : verdictFor(symptom.state, gaps),
    symptom,
    causes: causes.map((cause, index) => {
      const advised = remedies.known ? remedies.value[cause.cause] : undefined;
      // What came to nothing is not advised again without a word.
      const remediation = index === 0 && cameToNothing.length > 0 ? afterFailure(restored) : advised;
      return remediation === undefined ? cause : { ...cause, remediation };
    }),
    ...(due.known && !verified.known ? { escalation: due.value } : {}),
    ...(verified.known
      ? {
          outcome: {
            helped: verified.value.isAssumed !== true,
            summary: helpedText(verified.value, made),
          },
        }
      : {}),
    notes: [
      ...cameToNothing,
      ...(made.length > 0 && !verified.known && cameToNothing.length === 0
        ? [`done, and not seen to have helped: ${made.join('; ')}`]
        : []),
      ...(ready.known && !pointed.known ? ['the new cluster is ready; the application still uses the old one'] : []),
      ...(restored === undefined || (verified.known && verified.value.isAssumed === true)
        ? []
        : [`${restored} was made: it costs money until somebody deletes it, and is protected from deletion`]),
      ...notes,
      ...gaps,
    ],
    nextSteps: [
      ...(awaited.known && !awaited.value.failedOver ? ['nanoops diagnose database --fix'] : []),
      ...nextSteps,
    ],
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
  skip: ({ diagnosis: found }) =>
    found.known && found.value.symptom.state === 'ongoing' ? undefined : 'connections did not fail',
  message: (ended, { site, service }): Message => {
    const { verified } = ended;
    const told = concluded(ended);
    const name = site.compute?.service ?? service;
    const [first] = told.causes;
    const remedy = first?.remediation?.summary;
    return {
      severity: verified.known ? 'info' : 'critical',
      title: verified.known ? `${name} reaches its database again` : `${name} still cannot reach its database`,
      lines: [
        ...(first === undefined ? [told.symptom.summary] : [first.summary]),
        ...(told.outcome === undefined ? [] : [told.outcome.summary]),
        ...told.notes.slice(0, 8),
        ...(verified.known || remedy === undefined ? [] : [`what helps: ${remedy}`]),
        ...(told.escalation?.due === true && !verified.known ? [told.escalation.summary] : []),
      ],
    };
  },
});
