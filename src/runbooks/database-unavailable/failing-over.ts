/** A failover to a reader, once somebody agrees; and waiting for one that Aurora or somebody else began. */
import { failoverTarget } from '../../diagnosis/database/failover-target.ts';
import { writerOf } from '../../diagnosis/database/statuses.ts';
import type { Change } from '../../engine/change.ts';
import { part } from '../configured.ts';
import {
  applyFailOver,
  failOverChange,
  lookAtFailOver,
  pollAwaited,
  pollFailOver,
  type FailOverInput,
} from '../database-changes.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, wait } from '../kit.ts';
import { diagnosis, unlessLikeliest } from './diagnosis.ts';
import { databaseEvents, databaseState } from './observations.ts';

const minuteMs = 60_000;
/** Typically under a minute; what takes ten times as long will not come by itself. */
const failsOverWithinMs = 10 * minuteMs;
const looks = ['rds:DescribeDBClusters', 'rds:DescribeDBInstances', 'rds:DescribeEvents'];

export type FailOverPlan =
  | { readonly reason: string }
  | {
      readonly change: Change<FailOverInput>;
      readonly grounds: readonly string[];
      /** What whoever agrees must know of the reader. */
      readonly concerns: readonly string[];
    };

export const failOverPlan = decide('plan-fail-over', {
  title: 'Plan: a failover to a reader',
  needs: { diagnosis, state: databaseState, events: databaseEvents },
  skip: ({ diagnosis: found }) => unlessLikeliest(found, 'writer-unreachable'),
  run: ({ diagnosis: found, state, events }, { settings }): FailOverPlan => {
    if (found.undecided.length > 0) return { reason: `first: ${found.undecided.join('; ')}` };
    const writer = writerOf(state);
    if (writer === undefined) return { reason: 'RDS names no writer' };
    const target = failoverTarget(state);
    if (target.target === undefined) return { reason: target.reason };
    const { instanceClass, zone = 'an unknown zone', promotionTier } = target.target;
    const tier = promotionTier === undefined ? '' : `, promotion tier ${promotionTier}`;
    return {
      change: failOverChange(part(settings.site.database), writer, target.target, events),
      grounds: [
        ...groundsOf(found.symptom.summary, found.causes),
        `the reader that would take over is ${target.target.id} (${instanceClass}, ${zone}${tier})`,
      ],
      concerns: target.concerns,
    };
  },
  detail: (plan) =>
    'change' in plan ? `${plan.change.resource}: ${plan.change.summary}` : `not possible: ${plan.reason}`,
});

export const failOverConsent = approve('approve-fail-over', {
  title: 'Agree to the failover',
  needs: { plan: failOverPlan },
  skip: ({ plan }) => ('change' in plan ? undefined : plan.reason),
  ask: ({ plan }) => ({
    question: 'Make the reader the writer, and see whether connections are made again?',
    facts:
      'change' in plan
        ? [
            ...plan.grounds,
            ...plan.concerns.map((each) => `but ${each}`),
            'it typically takes under 60 s; writes fail meanwhile, and open connections break',
            'the storage is shared by all instances: nothing that was committed is lost',
            'it cannot be put back; the old writer comes back as a reader',
          ]
        : [],
    changes: 'change' in plan ? [plan.change] : [],
  }),
});

export const failOverStep = act('fail-over', {
  title: 'The reader becomes the writer',
  needs: { plan: failOverPlan },
  approval: failOverConsent,
  calls: looks,
  changes: ['rds:FailoverDBCluster'],
  change: ({ plan }) => part('change' in plan ? plan.change : undefined),
  look: lookAtFailOver,
  apply: applyFailOver,
});

export const failedOver = wait('failed-over', {
  title: 'Another instance is the writer',
  needs: { plan: failOverPlan, done: failOverStep },
  of: failOverStep,
  calls: looks,
  withinMs: failsOverWithinMs,
  everyMs: 2_000,
  poll: ({ plan, done: { sentAt } }, context) =>
    pollFailOver(part('change' in plan ? plan.change : undefined), {
      ...context,
      ...(sentAt === undefined ? {} : { sentAt }),
    }),
});

/** Events of a failover under way may be this much older than the diagnosis. */
const beganWithinMs = 15 * minuteMs;

export const failoverAwaited = wait('failover-awaited', {
  title: 'The failover that is under way is over',
  needs: { diagnosis },
  skip: ({ diagnosis: found }) => {
    const reason = unlessLikeliest(found, 'failover-under-way');
    return reason === undefined ? undefined : 'no failover is under way';
  },
  calls: looks,
  withinMs: failsOverWithinMs,
  everyMs: 2_000,
  poll: ({ diagnosis: { at } }, context) =>
    pollAwaited(part(context.settings.site.database), at - beganWithinMs, context),
});
