/**
 * API latency spike: is it slow, since when, which component, and what helps. Looks at everything that does not depend
 * on anything else at once; traces and logs are read for the incident that the balancer's latency shows.
 */
import { quantity } from '../diagnosis/evidence.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { decide, serviceResource, type DiagnosisConclusion } from './kit.ts';
import {
  latencyDown,
  restoreMinimum,
  rollBackConsent,
  rollBackPlan,
  rollBackStep,
  rolledBack,
  scaledOut,
  scaleOutConsent,
  scaleOutPlan,
  scaleOutStep,
} from './latency/acting.ts';
import {
  connectionLimit,
  flowLogs,
  reviewFlowLogsStep,
  reviewPool,
  rollBackRemedy,
  scaleOutRemedy,
  suggestIndexStep,
  waitStep,
} from './latency/advice.ts';
import { diagnosis } from './latency/diagnosis.ts';
import { escalation, findings } from './latency/findings.ts';
import {
  apiTraffic,
  symptom,
  zones,
  targets,
  utilisation,
  serviceState,
  deployments,
  stoppedTasks,
  scalingLimits,
  databaseState,
  databaseLoad,
  cacheLoad,
  storageLoad,
  errorLines,
  slowQueries,
  slowTraces,
  normalTraces,
  callGraph,
} from './latency/observations.ts';

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: {
    findings,
    scaleOutDone: settled(scaleOutStep),
    rollBackDone: settled(rollBackStep),
    verified: settled(latencyDown),
    restored: settled(restoreMinimum),
  },
  run: ({ findings: found, scaleOutDone, rollBackDone, verified, restored }): DiagnosisConclusion => {
    if (!verified.known) return found;
    const done = [scaleOutDone, rollBackDone].flatMap((each) => {
      if (!each.known) return [];
      const { change, made } = each.value;
      return [`${change.resource} ${change.summary}${made ? '' : ', which somebody else did'}`];
    });
    if (verified.value.assumed) {
      return { ...found, outcome: { helped: false, summary: `whether ${done.join('; ')} helps cannot be rehearsed` } };
    }
    const summary = `p99 is at ${quantity(verified.value.p99, 's')} since ${done.join('; ')}`;
    if (verified.value.partly) {
      const left = restored.known
        ? []
        : ['what was changed stays until somebody puts it back: nanoops runs abort does'];
      return {
        ...found,
        outcome: { helped: false, summary: `${summary}: better, and still above its target` },
        notes: [...left, ...found.notes],
      };
    }
    const { escalation: _over, ...rest } = found;
    const isWhole = restored.known || restored.because === 'skipped';
    return { ...rest, verdict: isWhole ? 'ok' : 'unknown', outcome: { helped: true, summary } };
  },
  detail: ({ causes: [first], symptom: found, verdict, outcome }) => {
    if (outcome?.helped === true) return `mended: ${outcome.summary}`;
    const told = first?.summary ?? found.summary;
    return verdict === 'unknown' && found.state !== 'unknown' ? `${told}; but not everything could be looked at` : told;
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
});

export const latency = runbook({
  id: 'latency',
  title: 'API latency spike',
  summary: 'Is the API slow, since when, which component is to blame, and what helps',
  steps: [
    apiTraffic,
    symptom,
    slowTraces,
    normalTraces,
    zones,
    targets,
    utilisation,
    serviceState,
    deployments,
    stoppedTasks,
    scalingLimits,
    databaseState,
    databaseLoad,
    cacheLoad,
    storageLoad,
    errorLines,
    slowQueries,
    callGraph,
    diagnosis,
    scaleOutRemedy,
    rollBackRemedy,
    suggestIndexStep,
    connectionLimit,
    reviewPool,
    flowLogs,
    reviewFlowLogsStep,
    waitStep,
    escalation,
    findings,
    scaleOutPlan,
    scaleOutConsent,
    scaleOutStep,
    scaledOut,
    rollBackPlan,
    rollBackConsent,
    rollBackStep,
    rolledBack,
    latencyDown,
    restoreMinimum,
    conclusion,
  ],
  conclusion,
  resources: ({ site }) => (site.compute === undefined ? [] : [serviceResource(site.compute)]),
});
