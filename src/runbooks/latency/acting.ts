/** What a latency runbook does, once somebody agrees: one task more, or the version before; and whether it helped. */
import type { LatencyPicture } from '../../diagnosis/latency/picture.ts';
import { signalsOf } from '../../diagnosis/latency/signals.ts';
import type { Change } from '../../engine/change.ts';
import { settled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, verifyMeasured, wait, type DiagnosedCause } from '../kit.ts';
import { pollLatency } from '../latency-verified.ts';
import { rollBackSteps, rollBackText, type RollBackPlan } from '../roll-back.ts';
import {
  applyCount,
  lookAtCount,
  planRollBack,
  planScaleOut,
  pollTasks,
  reverseCount,
  type CountInput,
} from '../service-changes.ts';
import { diagnosis } from './diagnosis.ts';
import { findings } from './findings.ts';
import { serviceState, scalingLimits } from './observations.ts';

const minuteMs = 60_000;
/** As long as a transient lasts: what has not come down by then was not helped. */
const helpsWithinMs = 12 * minuteMs;

/** Only the likeliest cause is acted on. */
function unlessLikeliest(
  { causes: [first], picture }: { causes: readonly DiagnosedCause[]; picture: LatencyPicture },
  ...ids: readonly string[]
): string | undefined {
  if (picture.symptom.state !== 'ongoing') return 'latency is not high now';
  return first !== undefined && ids.includes(first.cause) ? undefined : 'would not help against the likeliest cause';
}

/** Why nothing can be done, or what. */
type ScaleOutPlan =
  | { readonly reason: string }
  | {
      readonly change: Change<CountInput>;
      /** What puts Auto Scaling's minimum back once the task has helped. */
      readonly restore?: Change<CountInput>;
      readonly tasks: number;
      readonly grounds: readonly string[];
    };

export const scaleOutPlan = decide('plan-scale-out', {
  title: 'Plan: one task more',
  needs: { diagnosis, state: serviceState, limits: scalingLimits },
  skip: ({ diagnosis: found }) => unlessLikeliest(found, 'cpu-saturated', 'traffic-surge', 'memory-pressure'),
  run: ({ diagnosis: found, state, limits }, { settings }): ScaleOutPlan => {
    const service = part(settings.site.compute);
    const plan = planScaleOut(service, state, limits);
    if ('reason' in plan) return plan;
    const { change } = plan;
    // Auto Scaling keeps the minimum until somebody lowers it: once the task has helped, it decides alone again.
    const restore = change.input.sets === 'minimum-capacity' ? reverseCount(change) : undefined;
    return {
      change,
      ...(restore === undefined ? {} : { restore }),
      tasks: Math.max(state.desired + 1, change.input.to),
      grounds: groundsOf(found.picture.symptom.summary, found.causes),
    };
  },
  detail: (plan) =>
    'change' in plan ? `${plan.change.resource}: ${plan.change.summary}` : `not possible: ${plan.reason}`,
});

export const scaleOutConsent = approve('approve-scale-out', {
  title: 'Agree to one task more',
  needs: { plan: scaleOutPlan, findings: settled(findings) },
  skip: ({ plan }) => ('change' in plan ? undefined : plan.reason),
  ask: ({ plan }) => ({
    question: 'Start one task more, and see whether latency comes down?',
    facts: [
      ...('change' in plan ? plan.grounds : []),
      ...('change' in plan && plan.restore !== undefined
        ? ['the minimum is put back once latency is within its target; Auto Scaling then decides alone']
        : []),
      'what does not help is put back',
    ],
    changes: 'change' in plan ? [plan.change, ...(plan.restore === undefined ? [] : [plan.restore])] : [],
  }),
});

export const scaleOutStep = act('scale-out', {
  title: 'One task more',
  needs: { plan: scaleOutPlan },
  approval: scaleOutConsent,
  calls: [
    'ecs:DescribeServices',
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:DescribeScalingPolicies',
  ],
  changes: ['ecs:UpdateService', 'application-autoscaling:RegisterScalableTarget'],
  change: ({ plan }) => part('change' in plan ? plan.change : undefined),
  look: lookAtCount,
  apply: applyCount,
  reverse: reverseCount,
});

export const scaledOut = wait('scaled-out', {
  title: 'The task runs and is healthy',
  needs: { plan: scaleOutPlan, done: scaleOutStep },
  calls: [
    'ecs:DescribeServices',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
  ],
  withinMs: 10 * minuteMs,
  everyMs: 5_000,
  poll: ({ plan }, context) =>
    pollTasks(part(context.settings.site.compute), 'change' in plan ? plan.tasks : 0, context),
});

export const rollBackPlan = decide('plan-roll-back', {
  title: 'Plan: back to the version before',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => unlessLikeliest(found, 'bad-deploy'),
  run: ({ diagnosis: found, state }, { settings }): RollBackPlan => {
    const { suspectDeployment } = signalsOf(found.picture);
    if (suspectDeployment === undefined) return { reason: 'no deployment stands out' };
    const plan = planRollBack(part(settings.site.compute), state, suspectDeployment);
    return 'reason' in plan ? plan : { ...plan, grounds: groundsOf(found.picture.symptom.summary, found.causes) };
  },
  detail: rollBackText,
});

export const { rollBackConsent, rollBackStep, rolledBack } = rollBackSteps(rollBackPlan, findings, {
  hope: 'see whether latency comes down',
  fact: 'what does not help is put back',
});

export const latencyDown = verifyMeasured('latency-down', {
  title: 'Latency came down',
  needs: { scaledOut: settled(scaledOut), rolledBack: settled(rolledBack) },
  skip: (ended) =>
    Object.values(ended).every((each) => !each.known) ? 'nothing is known to have been changed' : undefined,
  calls: ['cloudwatch:GetMetricData'],
  withinMs: helpsWithinMs,
  everyMs: 30_000,
  poll: ({ scaledOut: scaled, rolledBack: rolled }, context) => {
    const done = [scaled, rolled].flatMap((each) => (each.known ? [each.value.at] : []));
    return pollLatency(Math.max(...done), context);
  },
  assume: (_needs, { objectives }) => ({
    output: { p99: objectives.apiLatencyP99.target, partly: false, assumed: true },
    detail: `assumed: p99 within its target of ${objectives.apiLatencyP99.target} s`,
  }),
});

export const restoreMinimum = act('restore-minimum', {
  title: 'The minimum as it was',
  needs: { plan: scaleOutPlan, done: scaleOutStep, scaled: scaledOut, verified: latencyDown },
  skip: ({ plan, done, verified }) => {
    if (!('change' in plan) || plan.restore === undefined || !done.made) return 'this run has not touched the minimum';
    return verified.partly
      ? 'latency is still above its target, which the minimum may be keeping from more'
      : undefined;
  },
  approval: scaleOutConsent,
  calls: [
    'ecs:DescribeServices',
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:DescribeScalingPolicies',
  ],
  changes: ['application-autoscaling:RegisterScalableTarget'],
  change: ({ plan }) => part('change' in plan ? plan.restore : undefined),
  look: lookAtCount,
  apply: applyCount,
});
