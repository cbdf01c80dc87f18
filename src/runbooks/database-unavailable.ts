/**
 * Database unavailable: do connections fail, of what kind are the errors, and what does each kind call for? Only a writer
 * that nobody reaches calls for a failover, and only where that cannot help for a new cluster from the backups.
 */
import { runbook } from '../engine/runbook.ts';
import { connectionsBack, tellTeam } from './database-unavailable/acting.ts';
import { advice } from './database-unavailable/advice.ts';
import { conclusion, escalation, tellOutcome } from './database-unavailable/conclusion.ts';
import { diagnosis, symptom } from './database-unavailable/diagnosis.ts';
import {
  failedOver,
  failoverAwaited,
  failOverConsent,
  failOverPlan,
  failOverStep,
} from './database-unavailable/failing-over.ts';
import {
  apiTraffic,
  connectionLimit,
  databaseEvents,
  databaseLoad,
  databaseState,
  errorLines,
  ingressRules,
  serviceState,
  stoppedTasks,
} from './database-unavailable/observations.ts';
import { restartConsent, restartPlan, restartStep, tasksRestarted } from './database-unavailable/restarting.ts';
import {
  clusterNow,
  clusterRestored,
  instanceReady,
  instanceStep,
  pointApplication,
  restoreConsent,
  restorePlan,
  restoreStep,
} from './database-unavailable/restoring.ts';
import { databaseResource, serviceResource } from './kit.ts';

export const databaseUnavailable = runbook({
  id: 'database-unavailable',
  title: 'Database unavailable',
  summary: 'Do connections to the database fail, why, and what helps: few causes call for a failover',
  steps: [
    errorLines,
    databaseState,
    databaseEvents,
    ingressRules,
    databaseLoad,
    connectionLimit,
    apiTraffic,
    serviceState,
    stoppedTasks,
    symptom,
    diagnosis,
    advice,
    escalation,
    failOverPlan,
    restartPlan,
    tellTeam,
    failOverConsent,
    failOverStep,
    failedOver,
    failoverAwaited,
    restartConsent,
    restartStep,
    tasksRestarted,
    clusterNow,
    restorePlan,
    restoreConsent,
    restoreStep,
    clusterRestored,
    instanceStep,
    instanceReady,
    pointApplication,
    connectionsBack,
    tellOutcome,
    conclusion,
  ],
  conclusion,
  resources: ({ site }) => [
    ...(site.database === undefined ? [] : [databaseResource(site.database)]),
    ...(site.compute === undefined ? [] : [serviceResource(site.compute)]),
  ],
});
