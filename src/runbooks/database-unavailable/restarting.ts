/** New tasks of the same version, where those that run keep connections to what was the writer. */
import type { Change } from '../../engine/change.ts';
import { part } from '../configured.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, wait } from '../kit.ts';
import { applyRestart, lookAtRestart, planRestart, pollRestart, type RestartInput } from '../task-restart.ts';
import { diagnosis, unlessLikeliest } from './diagnosis.ts';
import { serviceState } from './observations.ts';

type RestartPlan =
  | { readonly reason: string }
  | { readonly change: Change<RestartInput>; readonly grounds: readonly string[] };

export const restartPlan = decide('plan-restart', {
  title: 'Plan: new tasks, with new connections',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => unlessLikeliest(found, 'read-only-writer'),
  run: ({ diagnosis: found, state }, { settings }): RestartPlan => {
    const plan = planRestart(part(settings.site.compute), state);
    return 'reason' in plan ? plan : { ...plan, grounds: groundsOf(found.symptom.summary, found.causes) };
  },
  detail: (plan) =>
    'change' in plan ? `${plan.change.resource}: ${plan.change.summary}` : `not possible: ${plan.reason}`,
});

export const restartConsent = approve('approve-restart', {
  title: 'Agree to new tasks',
  needs: { plan: restartPlan },
  skip: ({ plan }) => ('change' in plan ? undefined : plan.reason),
  ask: ({ plan }) => ({
    question: 'Replace the tasks, and see whether they can write?',
    facts:
      'change' in plan
        ? [...plan.grounds, 'the tasks that run are stopped as new ones take their place: that cannot be put back']
        : [],
    changes: 'change' in plan ? [plan.change] : [],
  }),
});

export const restartStep = act('restart-tasks', {
  title: 'New tasks of the same version',
  needs: { plan: restartPlan },
  approval: restartConsent,
  calls: ['ecs:DescribeServices'],
  changes: ['ecs:UpdateService'],
  change: ({ plan }) => part('change' in plan ? plan.change : undefined),
  look: lookAtRestart,
  apply: applyRestart,
});

export const tasksRestarted = wait('tasks-restarted', {
  title: 'Every task is a new one',
  needs: { plan: restartPlan, done: restartStep },
  of: restartStep,
  calls: ['ecs:DescribeServices'],
  withinMs: 20 * 60_000,
  everyMs: 5_000,
  poll: ({ plan }, context) => pollRestart(part('change' in plan ? plan.change : undefined), context),
});
