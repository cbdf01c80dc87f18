/**
 * Could we fail over now? Looks at both regions, plans a move without making any, and judges. What the primary region does
 * not tell stays unknown: the question is answered from the recovery side.
 */
import { answerOf, judgeReadiness, type Answer } from '../checks/readiness/readiness.ts';
import { verdictOf } from '../checks/verdict.ts';
import type { CheckResult } from '../checks/judged.ts';
import type { PlanSeen, ReadinessSeen } from '../checks/readiness/seen.ts';
import { runbook, type Conclusion } from '../engine/runbook.ts';
import { settled, type NeedValues } from '../engine/step.ts';
import { detection } from './move/detection.ts';
import {
  alarms,
  backlog,
  declared,
  globalDatabase,
  newBalancer,
  newCache,
  newDatabase,
  newLimits,
  newService,
  oldDatabase,
  oldLimits,
  oldService,
  oldTraffic,
  outside,
  records,
  replicationLag,
  switches,
} from './move/observations.ts';
import { looked } from './move/moving.ts';
import { changesIn, planMove, type Picture } from './move/plan.ts';
import { decide, type ReadinessSettings } from './readiness/kit.ts';
import { certificates, images, newTask, secrets } from './move/fitness.ts';
import {
  endpoints,
  healthChecks,
  newParameters,
  oldBalancer,
  oldParameters,
  oldTask,
  permissions,
  replication,
  sessions,
  snapshots,
  targets,
} from './readiness/observations.ts';

export interface ReadinessConclusion extends Conclusion {
  readonly checks: readonly CheckResult[];
  readonly answer: Answer;
}

/**
 * What nanoops would do: as things are, where the primary region answers, and if it were gone. What blocks the plan blocks
 * the move, whatever else is well.
 */
function plansOf(picture: Picture, { move }: ReadinessSettings): readonly PlanSeen[] {
  const { state } = picture.detection;
  const planned = (occasion: PlanSeen['occasion'], seen: Picture, wanted: typeof move): PlanSeen => {
    const plan = planMove(seen, wanted);
    return { occasion, mode: plan.mode, changes: changesIn(plan).length, blockers: plan.blockers };
  };
  // A replica can only be promoted, so that its drill is one of a failover.
  const mode = move.globalCluster === undefined ? 'failover' : 'switchover';
  const gone = state === 'cut-off' ? state : 'down';
  return [
    ...(state === 'well' || state === 'impaired' ? [planned('drill', picture, { ...move, isDrill: true, mode })] : []),
    planned(
      'outage',
      { ...picture, detection: { ...picture.detection, state: gone } },
      { ...move, isDrill: false, mode: 'failover' },
    ),
  ];
}

const plans = decide('plans', {
  title: 'What a move would be',
  needs: looked,
  run: (picture, { settings }): readonly PlanSeen[] => plansOf(picture, settings),
  detail: (all) => all.map(({ occasion, mode }) => `${occasion}: ${mode}`).join(', '),
});

const seenSteps = {
  region: settled(detection),
  outside: settled(outside),
  oldService: settled(oldService),
  oldLimits: settled(oldLimits),
  oldDatabase: settled(oldDatabase),
  oldBalancer: settled(oldBalancer),
  oldTask: settled(oldTask),
  oldParameters: settled(oldParameters),
  replication: settled(replication),
  global: settled(globalDatabase),
  newDatabase: settled(newDatabase),
  lag: settled(replicationLag),
  snapshots: settled(snapshots),
  newParameters: settled(newParameters),
  newService: settled(newService),
  newLimits: settled(newLimits),
  newTask: settled(newTask),
  images: settled(images),
  secrets: settled(secrets),
  targets: settled(targets),
  newBalancer: settled(newBalancer),
  certificates: settled(certificates),
  newCache: settled(newCache),
  backlog: settled(backlog),
  sessions: settled(sessions),
  records: settled(records),
  switches: settled(switches),
  endpoints: settled(endpoints),
  healthChecks: settled(healthChecks),
  alarms: settled(alarms),
  permissions: settled(permissions),
  plans: settled(plans),
};

const conclusion = decide('readiness', {
  title: 'Could we fail over now',
  needs: seenSteps,
  run: (found: NeedValues<typeof seenSteps>, { settings, now }): ReadinessConclusion => {
    const seen: ReadinessSeen = found;
    const told = { ...settings.told, nowMs: now };
    const checks = judgeReadiness(seen, told);
    return { verdict: verdictOf(checks, settings.failOn), checks, answer: answerOf(checks, seen, told) };
  },
  detail: ({ answer }) => answer.text,
});

export const regionReadiness = runbook({
  id: 'region-readiness',
  title: 'Readiness for a failover',
  summary: 'Could we fail over now: what blocks it, what slows it, how long it would take and what it would lose',
  steps: [
    declared,
    outside,
    oldService,
    oldLimits,
    oldDatabase,
    oldTraffic,
    oldBalancer,
    oldTask,
    oldParameters,
    replication,
    globalDatabase,
    newDatabase,
    replicationLag,
    snapshots,
    newParameters,
    newService,
    newLimits,
    newTask,
    images,
    secrets,
    targets,
    newBalancer,
    certificates,
    newCache,
    backlog,
    sessions,
    records,
    switches,
    endpoints,
    healthChecks,
    alarms,
    permissions,
    detection,
    plans,
    conclusion,
  ],
  conclusion,
});
