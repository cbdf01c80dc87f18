/**
 * Back to the version before where a deployment coincides with the onset and the faults begin at the service, once somebody agrees;
 * and whether requests succeed then. A person is called otherwise.
 */
import { confidenceText } from '../../cloud/quantity.ts';
import { valueOf } from '../../diagnosis/known.ts';
import type { Change } from '../../engine/change.ts';
import { settled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, notify, verifyMeasured, wait, type Message } from '../kit.ts';
import {
  applyVersion,
  lookAtVersion,
  planRollBack,
  pollVersion,
  reverseVersion,
  type VersionInput,
} from '../service-changes.ts';
import { advice } from './advice.ts';
import { diagnosis, type Diagnosis } from './diagnosis.ts';
import { serviceState } from './observations.ts';
import { helpsWithinMs, pollErrors } from './verified.ts';

const minuteMs = 60_000;

type RollBackPlan =
  | { readonly reason: string }
  | { readonly change: Change<VersionInput>; readonly grounds: readonly string[] };

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
  detail: (plan) =>
    'change' in plan ? `${plan.change.resource}: ${plan.change.summary}` : `not possible: ${plan.reason}`,
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

export const rollBackConsent = approve('approve-roll-back', {
  title: 'Agree to the version before',
  needs: { plan: rollBackPlan },
  skip: ({ plan }) => ('change' in plan ? undefined : plan.reason),
  ask: ({ plan }) => ({
    question: 'Go back to the version before, and see whether requests succeed?',
    facts: 'change' in plan ? [...plan.grounds, 'what does not help is put back'] : [],
    changes: 'change' in plan ? [plan.change] : [],
  }),
});

export const rollBackStep = act('roll-back', {
  title: 'Back to the version before',
  needs: { plan: rollBackPlan },
  approval: rollBackConsent,
  calls: ['ecs:DescribeServices'],
  changes: ['ecs:UpdateService', 'ecs:StopServiceDeployment'],
  change: ({ plan }) => part('change' in plan ? plan.change : undefined),
  look: lookAtVersion,
  apply: applyVersion,
  reverse: reverseVersion,
});

export const rolledBack = wait('rolled-back', {
  title: 'Every task is of the version before',
  needs: { plan: rollBackPlan, done: rollBackStep },
  calls: ['ecs:DescribeServices'],
  withinMs: 20 * minuteMs,
  everyMs: 5_000,
  poll: ({ plan }, context) =>
    pollVersion(part(context.settings.site.compute), 'change' in plan ? plan.change.input.to : '', context),
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
