/**
 * A new cluster from the backups, where there is no reader to make the writer, or a failover came to nothing. It is made
 * ready and no more: pointing the application at it is a person's to decide and to do.
 */
import type { DatabaseState } from '../../cloud/facts.ts';
import { servingOf, writerOf } from '../../diagnosis/database/statuses.ts';
import { ageText } from '../../diagnosis/incident.ts';
import { settled, type Settled } from '../../engine/step.ts';
import { awsCommand } from '../aws-command.ts';
import { part } from '../configured.ts';
import { stateText, type FailedOver } from '../database-changes.ts';
import {
  applyInstance,
  applyRestore,
  lookAtInstance,
  lookAtRestore,
  pollInstance,
  pollRestore,
  restoreChanges,
  restoredName,
  type RestoreChanges,
} from '../database-restore.ts';
import { groundsOf } from '../grounds.ts';
import { act, approve, decide, manual, observe, wait, type RunbookSettings } from '../kit.ts';
import { diagnosis, unlessLikeliest, type Diagnosis } from './diagnosis.ts';
import { failedOver, failOverPlan, type FailOverPlan } from './failing-over.ts';

const minuteMs = 60_000;
const looks = ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'];

/** Why a restore is not what is to be done; undefined where it is. */
function unlessNeeded(found: Diagnosis, plan: Settled<FailOverPlan>, moved: Settled<FailedOver>): string | undefined {
  const reason = unlessLikeliest(found, 'writer-unreachable');
  if (reason !== undefined) return reason;
  if (found.undecided.length > 0) return `first: ${found.undecided.join('; ')}`;
  if (moved.known) return moved.value.failedOver ? 'the failover was made' : undefined;
  return plan.known && 'change' in plan.value ? 'a failover comes first' : undefined;
}

/** Anew: since the diagnosis a failover may have been tried, and the backups go on. */
export const clusterNow = observe('cluster-now', {
  title: 'The cluster as it is now, and its backups',
  needs: { diagnosis, plan: settled(failOverPlan), moved: settled(failedOver) },
  skip: ({ diagnosis: found, plan, moved }) => unlessNeeded(found, plan, moved),
  calls: looks,
  run: (_needs, { ports, settings }) => ports.facts.databaseState(part(settings.site.database)),
  detail: (state) =>
    `${stateText(state)}; ${
      state.restorableTo === undefined
        ? 'nothing to restore from'
        : `restorable to ${new Date(state.restorableTo).toISOString()}`
    }`,
});

type RestorePlan =
  | { readonly reason: string }
  | (RestoreChanges & {
      readonly grounds: readonly string[];
      /** Of the command that tells the new cluster's endpoint. */
      readonly endpointCommand: string;
    });

export const restorePlan = decide('plan-restore', {
  title: 'Plan: a new cluster from the backups',
  needs: { diagnosis, state: clusterNow, moved: settled(failedOver) },
  run: ({ diagnosis: found, state, moved }, { settings, now }): RestorePlan => {
    const reason = impossible(state, moved);
    if (reason !== undefined) return { reason };
    const { restorableTo } = state;
    if (restorableTo === undefined) return { reason: 'RDS names no moment that it could be restored to' };
    const database = part(settings.site.database);
    const changes = restoreChanges(database, state, restoredName(database, settings.runId));
    if (changes === undefined) return { reason: 'no instance tells which class carries the load' };
    const why = moved.known ? moved.value.why : 'there is no reader that could become the writer';
    return {
      ...changes,
      grounds: [
        ...groundsOf(found.symptom.summary, found.causes),
        why,
        ...costs(database.cluster, restorableTo, now),
        moved.known
          ? 'another failover may work: to try it, decline this and run nanoops diagnose database --fix'
          : 'without a reader Aurora makes the writer anew by itself, often within 10 minutes',
      ],
      endpointCommand: endpointCommand(settings, changes.cluster.input.cluster),
    };
  },
  detail: (plan) =>
    'cluster' in plan ? `${plan.cluster.summary}; ${plan.instance.summary}` : `not possible: ${plan.reason}`,
});

/** A cluster that is on its way, and one that has a reader again, need no restore. */
function impossible(state: DatabaseState, moved: Settled<FailedOver>): string | undefined {
  if (servingOf(state.status) === 'failing-over') return 'a failover is under way: run this again when it is over';
  const writer = writerOf(state);
  const reader = state.instances.find(({ role, status }) => role === 'reader' && status === 'available');
  if (!moved.known && servingOf(state.status) === 'serving' && writer !== undefined && reader !== undefined) {
    return `${reader.id} could become the writer: run this again`;
  }
  return undefined;
}

function costs(cluster: string, restorableTo: number, now: number): readonly string[] {
  const until = new Date(restorableTo).toISOString();
  return [
    `it would hold what was written until ${until}, ${ageText(Math.max(0, now - restorableTo))} before this plan: what was written after that is not in it`,
    'it takes 10 to 30 minutes or more, by the size of the database, and some minutes more for its instance',
    `${cluster} stays as it is; the application goes on to use it until somebody points it at the new one`,
  ];
}

function endpointCommand({ site, awsOptions }: RunbookSettings, cluster: string): string {
  const query = 'DBClusters[0].Endpoint';
  return awsCommand(
    'rds describe-db-clusters',
    { region: site.region, 'db-cluster-identifier': cluster, query, output: 'text' },
    awsOptions,
  );
}

export const restoreConsent = approve('approve-restore', {
  title: 'Agree to a new cluster',
  needs: { plan: restorePlan },
  skip: ({ plan }) => ('cluster' in plan ? undefined : plan.reason),
  ask: ({ plan }) => ({
    question: 'Restore a new cluster from the backups?',
    facts: 'cluster' in plan ? plan.grounds : [],
    changes: 'cluster' in plan ? [plan.cluster, plan.instance] : [],
  }),
});

export const restoreStep = act('restore-cluster', {
  title: 'A new cluster from the backups',
  needs: { plan: restorePlan },
  approval: restoreConsent,
  calls: looks,
  changes: ['rds:RestoreDBClusterToPointInTime'],
  change: ({ plan }) => part('cluster' in plan ? plan.cluster : undefined),
  look: lookAtRestore,
  apply: applyRestore,
});

export const clusterRestored = wait('cluster-restored', {
  title: 'The new cluster is available',
  needs: { plan: restorePlan, done: restoreStep },
  of: restoreStep,
  calls: looks,
  withinMs: 120 * minuteMs,
  everyMs: 15_000,
  poll: ({ plan }, context) => pollRestore(part('cluster' in plan ? plan.cluster : undefined), context),
});

export const instanceStep = act('create-instance', {
  title: 'An instance in the new cluster',
  needs: { plan: restorePlan, restored: clusterRestored },
  approval: restoreConsent,
  calls: looks,
  changes: ['rds:CreateDBInstance'],
  change: ({ plan }) => part('instance' in plan ? plan.instance : undefined),
  look: lookAtInstance,
  apply: applyInstance,
});

export const instanceReady = wait('instance-ready', {
  title: 'Its instance takes connections',
  needs: { plan: restorePlan, done: instanceStep },
  of: instanceStep,
  calls: looks,
  withinMs: 45 * minuteMs,
  everyMs: 15_000,
  poll: ({ plan }, context) => pollInstance(part('instance' in plan ? plan.instance : undefined), context),
});

export const pointApplication = manual('point-application', {
  title: 'Point the application at the new cluster',
  needs: { plan: restorePlan, ready: instanceReady },
  ask: ({ plan }) => ({
    question: 'Is the application pointed at the new cluster?',
    facts:
      'cluster' in plan
        ? [
            `its endpoint: ${plan.endpointCommand}`,
            'users and passwords are those of the old cluster; what it manages in Secrets Manager itself is not taken over',
            'check the newest rows first: whoever wrote after the restored moment has to be told',
            'put the endpoint where the tasks read it, replace the tasks, and see that they can write',
            `make sure that nobody writes to ${plan.cluster.input.source.cluster} any more: two writers cannot be joined again`,
          ]
        : [],
  }),
});
