/** The steps that move a stack: plan, ask, fence, database and capacity at once, application and traffic. */
import { settled } from '../../engine/step.ts';
import { part } from '../configured.ts';
import { applyInstance, lookAtInstance, pollInstance } from '../database-restore.ts';
import { act, approve, decide, hook, manual, notify, observe, wait, type Message } from '../kit.ts';
import {
  applyCount,
  applySuspension,
  lookAtCount,
  lookAtFence,
  lookAtSuspension,
  pollStopped,
  pollTasks,
  reverseCount,
  reverseSuspension,
  reverseUnlessStaying,
} from '../service-changes.ts';
import { applyRestart, lookAtRestart, pollRestart } from '../task-restart.ts';
import {
  applyDatabaseMove,
  databaseOperations,
  lookAtDatabaseMove,
  pollDatabaseMove,
  reverseDatabaseMove,
} from './database-move.ts';
import { detection } from './detection.ts';
import { fitness } from './fitness.ts';
import {
  alarms,
  globalDatabase,
  newBalancer,
  newDatabase,
  newLimits,
  newService,
  oldDatabase,
  oldLimits,
  oldService,
  records,
  replicationLag,
  switches,
  targetOf,
} from './observations.ts';
import {
  changesIn,
  lossText,
  planAgain,
  planFacts,
  planMove,
  stoppedWithinMs,
  type MovePlan,
  type Picture,
} from './plan.ts';
import { moveOf, pastMovesOf, spanText } from './settings.ts';
import { afterDecisionMs, restsOn } from './timing.ts';
import { applyTraffic, lookAtTraffic, pollTraffic, reverseTraffic, trafficOperations } from './traffic-move.ts';

const minuteMs = 60_000;
const serviceLooks = [
  'ecs:DescribeServices',
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingPolicies',
];
const databaseLooks = ['rds:DescribeGlobalClusters', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'];
const trafficLooks = [
  'route53:ListResourceRecordSets',
  'route53:GetChange',
  'route53-recovery-cluster:GetRoutingControlState',
  's3:HeadObject',
  's3:HeadBucket',
];

/** What a move is planned from, whoever plans it. */
export const looked = {
  detection,
  oldService: settled(oldService),
  oldLimits: settled(oldLimits),
  oldDatabase: settled(oldDatabase),
  global: settled(globalDatabase),
  newDatabase: settled(newDatabase),
  lag: settled(replicationLag),
  newService: settled(newService),
  newLimits: settled(newLimits),
  newBalancer: settled(newBalancer),
  records: settled(records),
  switches: settled(switches),
  alarms: settled(alarms),
};

const picture = { ...looked, fitness: settled(fitness) };

/** What was planned, and what it was planned from. */
export interface Planned {
  readonly plan: MovePlan;
  readonly facts: readonly string[];
  /** Epoch milliseconds; absent where the outage's beginning is not known. */
  readonly decideBy?: number;
}

export const movePlan = decide('plan', {
  title: 'Plan the move',
  needs: picture,
  run: (seen: Picture, { settings }): Planned => {
    const move = moveOf(settings);
    const plan = planMove(seen, move);
    const { outageAt } = seen.detection;
    const decideBy =
      outageAt === undefined ? undefined : outageAt + move.rtoMs - afterDecisionMs(pastMovesOf(move, plan.mode), 'p95');
    return { plan, facts: planFacts(plan, seen, move), ...(decideBy === undefined ? {} : { decideBy }) };
  },
  again: (present, first) => {
    const plan = planAgain(present.plan, first.plan);
    const shown = lossText(present.plan);
    return { ...present, plan, facts: present.facts.map((fact) => (fact === shown ? lossText(plan) : fact)) };
  },
  detail: ({ plan }, settings) => {
    const { from, to } = moveOf(settings);
    if (plan.blockers.length > 0) return `not possible: ${plan.blockers.join('; ')}`;
    const words = plan.mode === 'none' ? 'traffic alone' : plan.mode;
    return `${words}, ${from.region} \u2192 ${to.region}, ${changesIn(plan).length} changes`;
  },
});

const blocked = ({ plan }: Planned): string | undefined =>
  plan.blockers.length === 0 ? undefined : `not possible: ${plan.blockers[0] ?? ''}`;

export const tellTeam = notify('tell-team', {
  title: 'Tell the team that a move is planned',
  needs: { detection, planned: movePlan },
  message: ({ detection: seen, planned }, settings): Message => {
    const { from, to, isDrill } = moveOf(settings);
    const { plan, facts } = planned;
    return {
      severity: isDrill ? 'info' : 'critical',
      title: `${isDrill ? 'Drill: ' : ''}${settings.service} ${plan.blockers.length > 0 ? 'cannot be moved' : 'is to be moved'} from ${from.region} to ${to.region}`,
      lines: [...seen.evidence, ...(plan.blockers.length > 0 ? plan.blockers : facts), `run ${settings.runId}`],
    };
  },
});

export const consent = approve('approve-failover', {
  title: 'Agree to the move',
  needs: { planned: movePlan },
  skip: ({ planned }) => blocked(planned),
  ask: ({ planned }, settings) => {
    const move = moveOf(settings);
    const { from, to, rtoMs, rpoMs } = move;
    const { plan, facts, decideBy } = planned;
    const past = pastMovesOf(move, plan.mode);
    const expectedMs = afterDecisionMs(past, 'median');
    return {
      question: `Move ${settings.service} from ${from.region} to ${to.region}?`,
      facts: [
        ...facts,
        `after a yes it takes about ${spanText(expectedMs)}, by ${restsOn(past)}`,
        ...(decideBy === undefined
          ? []
          : [
              `yes by ${new Date(decideBy).toISOString().slice(11, 19)} UTC, or the RTO of ${spanText(rtoMs)} is missed`,
            ]),
        ...(plan.lossMs !== undefined && plan.lossMs > rpoMs ? [`the RPO of ${spanText(rpoMs)} is missed by it`] : []),
      ],
      changes: changesIn(plan),
      ...(decideBy === undefined ? {} : { decideBy }),
    };
  },
});

export const instanceStep = act('add-instance', {
  title: 'An instance for the cluster',
  where: 'to',
  needs: { planned: movePlan },
  approval: consent,
  skip: ({ planned }) => (planned.plan.instance === undefined ? 'there is one' : undefined),
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  changes: ['rds:CreateDBInstance'],
  change: ({ planned }) => part(planned.plan.instance),
  look: lookAtInstance,
  apply: applyInstance,
});

export const instanceReady = wait('instance-ready', {
  title: 'The instance is there',
  where: 'to',
  needs: { planned: movePlan, done: instanceStep },
  of: instanceStep,
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  withinMs: 25 * minuteMs,
  everyMs: 5_000,
  poll: ({ planned }, context) => pollInstance(part(planned.plan.instance), context),
});

/** Why nothing is stopped in the old region. */
function notFenced({ planned: { plan } }: { readonly planned: Planned }): string | undefined {
  if (plan.fences) return undefined;
  if (plan.splitBrain === 'possible') return 'it cannot be reached: two writers are possible';
  return plan.mode === 'switchover' ? 'a switchover fences by itself' : 'nothing that writes runs there';
}

/** Fences that are asked of a region that may be dying are waited for this long. */
const fencedWithinMs = minuteMs;

export const suspendScaling = act('suspend-scaling', {
  title: 'Auto Scaling starts nothing in the old region',
  where: 'from',
  needs: { planned: movePlan },
  approval: consent,
  skip: (needs) =>
    notFenced(needs) ?? (needs.planned.plan.suspend === undefined ? 'nothing of it would start tasks' : undefined),
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  changes: ['application-autoscaling:RegisterScalableTarget'],
  timeoutMs: fencedWithinMs,
  isOptional: true,
  isIdempotent: true,
  change: ({ planned }) => part(planned.plan.suspend),
  look: lookAtSuspension,
  apply: applySuspension,
  reverse: reverseSuspension,
});

export const fence = act('fence', {
  title: 'Stop what writes in the old region',
  where: 'from',
  needs: { planned: movePlan, suspended: settled(suspendScaling) },
  approval: consent,
  skip: (needs) => notFenced(needs) ?? (needs.planned.plan.fence === undefined ? 'no task is to run there' : undefined),
  calls: ['ecs:DescribeServices'],
  changes: ['ecs:UpdateService'],
  timeoutMs: fencedWithinMs,
  isOptional: true,
  isIdempotent: true,
  change: ({ planned }) => part(planned.plan.fence),
  look: lookAtFence,
  apply: applyCount,
  reverse: reverseCount,
});

/** When nothing of the service was seen to run any more. */
export const writersStopped = wait('writers-stopped', {
  title: 'Nothing writes there any more',
  where: 'from',
  needs: { planned: movePlan, consent, fenced: settled(fence) },
  skip: (needs) => {
    const { fenced } = needs;
    const isRefused = !fenced.known && ['denied', 'rejected', 'not-found'].includes(fenced.errorClass ?? '');
    return notFenced(needs) ?? (isRefused ? `it could not be stopped: ${fenced.reason}` : undefined);
  },
  calls: ['ecs:DescribeServices'],
  withinMs: stoppedWithinMs,
  everyMs: 3_000,
  isOptional: true,
  poll: (_needs, context) => pollStopped(part(moveOf(context.settings).from.compute), context),
});

/** The newest heartbeats, in the cluster that is left (where it can be asked) and in the one that takes over. */
export interface Heartbeats {
  readonly at: number;
  readonly old?: number;
  readonly new?: number;
  readonly detail: string;
}

const unlessHeartbeat = (settings: Parameters<typeof moveOf>[0]): string | undefined =>
  moveOf(settings).outside.heartbeat ? undefined : 'database.rpoProbe is not configured';

export const heartbeatsBefore = observe('heartbeats-before', {
  title: 'The newest writes, just before',
  where: 'outside',
  needs: { consent, stopped: settled(writersStopped), newDatabase, oldDatabase: settled(oldDatabase) },
  timeoutMs: minuteMs,
  skip: (_needs, settings) => unlessHeartbeat(settings),
  run: async ({ newDatabase: present, oldDatabase: left }, { ports, settings, clock, signal }): Promise<Heartbeats> => {
    const { from, to } = moveOf(settings);
    const oldEndpoint = left.known ? left.value.endpoint : undefined;
    const [old, fresh] = await Promise.all([
      left.known ? ports.outside.newestHeartbeat(targetOf(from, oldEndpoint), signal) : undefined,
      ports.outside.newestHeartbeat(targetOf(to, present.endpoint), signal),
    ]);
    return {
      at: clock.now(),
      ...(old?.at === undefined ? {} : { old: old.at }),
      ...(fresh.at === undefined ? {} : { new: fresh.at }),
      detail: fresh.detail,
    };
  },
  detail: (found) =>
    found.new === undefined
      ? `not known: ${found.detail}`
      : `${new Date(found.new).toISOString().slice(11, 19)} UTC is in the copy${
          found.old === undefined ? '' : `, ${new Date(found.old).toISOString().slice(11, 19)} UTC in the original`
        }`,
});

export const databaseStep = act('promote-database', {
  title: 'The database changes over',
  where: 'to',
  needs: {
    planned: movePlan,
    instance: settled(instanceReady),
    stopped: settled(writersStopped),
    before: settled(heartbeatsBefore),
  },
  approval: consent,
  // While this stands the old region must not begin to write again.
  seals: [suspendScaling, fence],
  skip: ({ planned, instance }) => {
    if (planned.plan.database === undefined) return 'there is no database to move';
    if (planned.plan.instance !== undefined && !instance.known) return `it has no instance yet: ${instance.reason}`;
    return undefined;
  },
  calls: databaseLooks,
  changes: databaseOperations,
  change: ({ planned }) => part(planned.plan.database),
  look: lookAtDatabaseMove,
  apply: applyDatabaseMove,
  reverse: reverseDatabaseMove,
  undoneWithinMs: 20 * minuteMs,
});

export const promoted = wait('database-promoted', {
  title: 'The new writer is there',
  where: 'to',
  needs: { planned: movePlan, done: databaseStep },
  calls: databaseLooks,
  withinMs: 20 * minuteMs,
  everyMs: 3_000,
  poll: ({ planned }, context) => pollDatabaseMove(part(planned.plan.database), context),
});

export const heartbeatsAfter = observe('heartbeats-after', {
  title: 'The newest writes that survived',
  where: 'outside',
  needs: { moved: promoted },
  timeoutMs: minuteMs,
  skip: (_needs, settings) => unlessHeartbeat(settings),
  run: async ({ moved }, { ports, settings, clock, signal }): Promise<Heartbeats> => {
    const fresh = await ports.outside.newestHeartbeat(targetOf(moveOf(settings).to, moved.endpoint), signal);
    return { at: clock.now(), ...(fresh.at === undefined ? {} : { new: fresh.at }), detail: fresh.detail };
  },
  detail: (found) =>
    found.new === undefined
      ? `not known: ${found.detail}`
      : `${new Date(found.new).toISOString().slice(11, 19)} UTC is the newest`,
});

export const capacityStep = act('scale-service', {
  title: 'Tasks for all of the load',
  where: 'to',
  needs: { planned: movePlan },
  approval: consent,
  skip: ({ planned: { plan } }) =>
    plan.capacity === undefined
      ? plan.tasks === undefined
        ? 'there is no service to scale'
        : 'there are enough'
      : undefined,
  calls: serviceLooks,
  changes: ['ecs:UpdateService', 'application-autoscaling:RegisterScalableTarget'],
  change: ({ planned }) => part(planned.plan.capacity),
  look: lookAtCount,
  apply: applyCount,
  reverse: reverseUnlessStaying,
});

export const capacityReady = wait('service-ready', {
  title: 'They run and are healthy',
  where: 'to',
  needs: { planned: movePlan, consent, done: settled(capacityStep) },
  skip: ({ planned }) => (planned.plan.tasks === undefined ? 'there is no service to wait for' : undefined),
  calls: [
    'ecs:DescribeServices',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
  ],
  withinMs: 15 * minuteMs,
  everyMs: 5_000,
  poll: ({ planned }, context) => {
    const { to } = moveOf(context.settings);
    const there = { ...context, settings: { ...context.settings, site: to } };
    return pollTasks(part(to.compute), planned.plan.tasks ?? 0, there);
  },
});

export const warmCache = hook('warm-cache', {
  title: 'The cache is filled',
  needs: { planned: movePlan, consent, moved: settled(promoted) },
  skip: (_needs, settings) => (moveOf(settings).outside.warm ? undefined : 'cache.warm is not configured'),
  message: (_needs, { settings }) => moveOf(settings).to.region,
  summary: (region) => `fill the cache in ${region} (cache.warm)`,
  send: async (_region, { ports, settings }) => {
    const { ok, detail } = await ports.hooks.run('warm-cache', targetOf(moveOf(settings).to));
    return { delivered: ok, detail };
  },
});

export const restartStep = act('restart-application', {
  title: 'The application starts anew',
  where: 'to',
  needs: { planned: movePlan, moved: promoted, ready: capacityReady },
  approval: consent,
  skip: ({ planned }) => (planned.plan.restart === undefined ? 'its tasks are not replaced' : undefined),
  calls: ['ecs:DescribeServices'],
  changes: ['ecs:UpdateService'],
  change: ({ planned }) => part(planned.plan.restart),
  look: lookAtRestart,
  apply: applyRestart,
});

export const restarted = wait('application-restarted', {
  title: 'Every task knows the new writer',
  where: 'to',
  needs: { planned: movePlan, done: restartStep },
  of: restartStep,
  calls: ['ecs:DescribeServices'],
  withinMs: 20 * minuteMs,
  everyMs: 5_000,
  poll: ({ planned }, context) => pollRestart(part(planned.plan.restart), context),
});

/** Traffic goes only to where requests can be answered. */
const ready = {
  planned: movePlan,
  moved: settled(promoted),
  capacity: settled(capacityReady),
  warmed: settled(warmCache),
};

function notReady({
  planned,
  moved,
  capacity,
}: {
  readonly planned: Planned;
  readonly moved: { readonly known: boolean };
  readonly capacity: { readonly known: boolean };
}): string | undefined {
  const { plan } = planned;
  if (plan.database !== undefined && !moved.known) return 'the database has not changed over';
  if (plan.tasks !== undefined && !capacity.known) return 'there are not enough healthy tasks';
  return undefined;
}

export const trafficStep = act('move-traffic', {
  title: 'Traffic is moved',
  where: 'dns',
  needs: ready,
  approval: consent,
  skip: (needs) => {
    const { plan } = needs.planned;
    if (plan.traffic === undefined) return plan.trafficDone ?? 'dns is not configured';
    return notReady(needs);
  },
  calls: trafficLooks,
  changes: trafficOperations,
  change: ({ planned }) => part(planned.plan.traffic),
  look: lookAtTraffic,
  apply: applyTraffic,
  reverse: reverseTraffic,
});

export const trafficByHand = manual('move-traffic-by-hand', {
  title: 'Somebody moves traffic',
  needs: { ...ready, consent },
  skip: (needs) => (needs.planned.plan.movesByHand ? notReady(needs) : 'traffic is not moved by hand'),
  ask: (_needs, settings) => {
    const { to } = moveOf(settings);
    return {
      question: `Move traffic to ${to.region} now, by whatever does it, and say so here.`,
      facts: [
        'dns is not configured, so nanoops cannot do it',
        `the load balancer there is ${to.api?.loadBalancer ?? 'not configured'}`,
      ],
    };
  },
});

export const trafficMoved = wait('traffic-moved', {
  title: 'The name leads to the new region',
  where: 'dns',
  needs: { planned: movePlan, done: trafficStep },
  calls: trafficLooks,
  withinMs: 15 * minuteMs,
  everyMs: 3_000,
  poll: ({ planned, done }, context) => pollTraffic(part(planned.plan.traffic), done, context),
});

export const resumeScaling = act('resume-scaling', {
  title: 'Auto Scaling follows the load again',
  where: 'to',
  // Not before the load comes: without any it would take the tasks away again.
  needs: { planned: movePlan, traffic: settled(trafficMoved), byHand: settled(trafficByHand) },
  approval: consent,
  skip: ({ planned: { plan }, traffic, byHand }) => {
    if (plan.resume === undefined) return 'it is not suspended';
    return traffic.known || byHand.known || plan.trafficDone !== undefined ? undefined : 'traffic was not moved';
  },
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  changes: ['application-autoscaling:RegisterScalableTarget'],
  isOptional: true,
  change: ({ planned }) => part(planned.plan.resume),
  look: lookAtSuspension,
  apply: applySuspension,
  reverse: reverseSuspension,
});
