/**
 * Crash loop: do tasks crash more than three times in five minutes, is a deployment to blame, and what were their last
 * words? Back to the version before where one ran well; a person otherwise.
 */
import { runbook } from '../engine/runbook.ts';
import { noCrashes, page, rollBackConsent, rollBackPlan, rollBackStep, rolledBack } from './crash-loop/acting.ts';
import { advice } from './crash-loop/advice.ts';
import { conclusion, escalation, tellOutcome } from './crash-loop/conclusion.ts';
import { diagnosis, symptom } from './crash-loop/diagnosis.ts';
import {
  deployments,
  errorLines,
  serviceState,
  stoppedTasks,
  targets,
  utilisation,
} from './crash-loop/observations.ts';
import { serviceResource } from './kit.ts';

export const crashLoop = runbook({
  id: 'crash-loop',
  title: 'Crash loop',
  summary: 'Do tasks crash again and again, is a deployment to blame, and what helps',
  steps: [
    stoppedTasks,
    serviceState,
    deployments,
    errorLines,
    targets,
    utilisation,
    symptom,
    diagnosis,
    advice,
    escalation,
    rollBackPlan,
    page,
    rollBackConsent,
    rollBackStep,
    rolledBack,
    noCrashes,
    tellOutcome,
    conclusion,
  ],
  conclusion,
  resources: ({ site }) => (site.compute === undefined ? [] : [serviceResource(site.compute)]),
});
