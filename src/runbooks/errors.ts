/**
 * 5xx: do more requests fail than usual, since when, in which component do the faults begin, and what changed then? Back to the
 * version before where a deployment is to blame; a person otherwise.
 */
import { runbook } from '../engine/runbook.ts';
import { errorsDown, page, rollBackConsent, rollBackPlan, rollBackStep, rolledBack } from './errors/acting.ts';
import { advice } from './errors/advice.ts';
import { conclusion, escalation, tellOutcome } from './errors/conclusion.ts';
import { diagnosis } from './errors/diagnosis.ts';
import {
  apiOutcomes,
  apiTraffic,
  callGraph,
  changes,
  databaseEvents,
  databaseState,
  deployments,
  errorLines,
  failedTraces,
  serviceState,
  stoppedTasks,
  storageLoad,
  symptom,
  targets,
  utilisation,
  zones,
} from './errors/observations.ts';
import { serviceResource } from './kit.ts';

export const errors = runbook({
  id: 'errors',
  title: 'API errors (5xx)',
  summary: 'Do more requests fail than usual, in which component do the faults begin, and what helps',
  steps: [
    apiOutcomes,
    symptom,
    apiTraffic,
    zones,
    targets,
    serviceState,
    deployments,
    stoppedTasks,
    utilisation,
    databaseState,
    databaseEvents,
    storageLoad,
    errorLines,
    failedTraces,
    callGraph,
    changes,
    diagnosis,
    advice,
    escalation,
    rollBackPlan,
    page,
    rollBackConsent,
    rollBackStep,
    rolledBack,
    errorsDown,
    tellOutcome,
    conclusion,
  ],
  conclusion,
  resources: ({ site }) => (site.compute === undefined ? [] : [serviceResource(site.compute)]),
});
