/**
 * Back to the version before where a deployment coincides with the onset and the faults begin at the service, once somebody agrees;
 * and whether requests succeed then. A person is called otherwise.
 */
import { confidenceText } from '../../cloud/quantity.ts';
import { valueOf } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import { groundsOf } from '../grounds.ts';
import { decide, notify, verifyMeasured, type Message } from '../kit.ts';
import { rollBackSteps, rollBackText, type RollBackPlan } from '../roll-back.ts';
import { planRollBack } from '../service-changes.ts';
import { advice } from './advice.ts';
import { diagnosis, type Diagnosis } from './diagnosis.ts';
import { serviceState } from './observations.ts';
import { helpsWithinMs, pollErrors } from './verified.ts';

/** Why going back is not what is to be done; undefined where it is. */
function unlessRollBack({ symptom, causes: [first] }: Diagnosis): string | undefined {
  if (symptom.state !== 'ongoing') return 'requests do not fail now';
  return first?.cause === 'bad-deploy' ? undefined : 'would not help against the likeliest cause';
}

export const rollBackPlan = decide('plan-roll-back', {
  title: 'Plan: back to the version before',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => unlessRollBack(found),
  run: ({ diagnosis: { symptom, causes, suspect, faultsAreOwn }, state }, { settings }): RollBackPlan => {
    if (suspect === undefined) return { reason: 'no deployment stands out' };
    if (faultsAreOwn !== true) {
      return {
        reason:
          faultsAreOwn === undefined
            ? 'whether the faults begin at the service is not known: neither traces nor the log tell'
            : 'the faults do not begin at the service',
      };
    }
    const plan = planRollBack(part(settings.site.compute), state, suspect);
    return 'reason' in plan ? plan : { ...plan, grounds: groundsOf(symptom.summary, causes) };
  },
  detail: rollBackText,
});

export const page = notify('page', {
  title: 'Page the team',
  needs: { diagnosis, advice: settled(advice), plan: settled(rollBackPlan) },
  skip: ({ diagnosis: { symptom } }) => (symptom.state === 'ongoing' ? undefined : 'requests do not fail now'),
  message: ({ diagnosis: found, advice: remedies, plan }, { service }): Message => {
    const [first] = found.causes;
    const planned = plan.known && 'change' in plan.value ? plan.value.change.summary : undefined;
    const refused = plan.known && 'reason' in plan.value ? plan.value.reason : undefined;
    const remedy = first === undefined ? undefined : valueOf(remedies)?.[first.cause];
    return {
      severity: 'critical',
      title: `requests to ${service} fail`,
      lines: [
        found.symptom.summary,
        ...(first === undefined
          ? ['nothing was found that explains it']
          : [
              `${first.summary} (${confidenceText(first.confidence)})`,
              ...first.for.slice(0, 4).map(({ detail }) => detail),
            ]),
        ...found.changed.slice(-4),
        ...(planned === undefined ? [] : [`planned, and done once somebody agrees: ${planned}`]),
        ...(refused === undefined ? [] : [`not rolled back: ${refused}`]),
        ...(planned !== undefined || remedy === undefined ? [] : [`what helps: ${remedy.summary}`]),
        ...[...found.gaps, ...found.missing].slice(0, 5).map((each) => `not known: ${each}`),
      ],
    };
  },
});

export const { rollBackConsent, rollBackStep, rolledBack } = rollBackSteps(rollBackPlan, diagnosis, {
  hope: 'see whether requests succeed',
  fact: 'what does not help is put back',
});

export const errorsDown = verifyMeasured('errors-down', {
  title: 'Requests succeed',
  needs: { rolledBack },
  calls: ['cloudwatch:GetMetricData'],
  withinMs: helpsWithinMs,
  everyMs: 30_000,
  poll: ({ rolledBack: { at } }, context) => pollErrors(at, context),
  assume: (_needs, { objectives }) => ({
    output: { share: objectives.apiServerErrors.target, assumed: true },
    detail: `assumed: 5xx within the target of ${objectives.apiServerErrors.target * 100} %`,
  }),
});
