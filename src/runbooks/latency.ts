/**
 * API latency spike: is it slow, since when, which component, and what helps. Looks at everything that does not depend
 * on anything else at once; traces and logs are read for the incident that the balancer's latency shows.
 */
import { quantity } from '../diagnosis/evidence.ts';
import { ageText } from '../diagnosis/symptom.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { decide, serviceResource, type DiagnosisConclusion, type Remediation } from './kit.ts';
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
} from './latency/observations.ts';
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
import { concludeLatency } from './latency/conclusion.ts';
import { diagnosis, isCause } from './latency/diagnosis.ts';
import { advise } from './latency/remedies.ts';

const minuteMs = 60_000;

/** Minutes after which an incident is not the on-call engineer's alone any more. */
const escalateAfterMinutes = 15;

const escalation = decide('escalation', {
  title: 'Is it time to escalate?',
  needs: { symptom, diagnosis },
  skip: ({ symptom: found }) => (found.state === 'ongoing' ? undefined : 'latency is not high now'),
  run: ({ symptom: found, diagnosis: { causes } }, { settings }) => {
    const ageMs = settings.window.to - (found.onset ?? settings.window.to);
    const age = ageText(ageMs);
    const basis = found.onsetGiven ? 'as given' : 'as measured';
    if (Math.round(ageMs / minuteMs) <= escalateAfterMinutes) {
      return { due: false, summary: `${age} old (${basis}); escalate after ${escalateAfterMinutes} min` };
    }
    const database = causes.some(isCause('slow-query')) ? ', and consider a failover of the database' : '';
    return { due: true, summary: `${age} old (${basis}): page the on-call architect${database}` };
  },
  detail: (found) => found.summary,
});

const everything = {
  symptom: settled(symptom),
  diagnosis: settled(diagnosis),
  traffic: settled(apiTraffic),
  zones: settled(zones),
  targets: settled(targets),
  utilisation: settled(utilisation),
  service: settled(serviceState),
  deployments: settled(deployments),
  stoppedTasks: settled(stoppedTasks),
  scalingLimits: settled(scalingLimits),
  database: settled(databaseState),
  databaseLoad: settled(databaseLoad),
  cacheLoad: settled(cacheLoad),
  bucketLoad: settled(storageLoad),
  errorLines: settled(errorLines),
  slowQueries: settled(slowQueries),
  slowTraces: settled(slowTraces),
  normalTraces: settled(normalTraces),
  escalation: settled(escalation),
  scaleOut: settled(scaleOutRemedy),
  rollBack: settled(rollBackRemedy),
  suggestIndex: settled(suggestIndexStep),
  reviewFlowLogs: settled(reviewFlowLogsStep),
  connectionLimit: settled(connectionLimit),
  reviewPool: settled(reviewPool),
  wait: settled(waitStep),
};

/** What a run that acts adds to what is concluded. */
const acted = {
  scaleOutDone: settled(scaleOutStep),
  rollBackDone: settled(rollBackStep),
  verified: settled(latencyDown),
  restored: settled(restoreMinimum),
};

const titles = Object.fromEntries(Object.entries(everything).map(([name, need]) => [name, need.settled.title]));

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: { ...everything, ...acted },
  run: ({ scaleOutDone, rollBackDone, verified, restored, ...ended }): DiagnosisConclusion => {
    const remedyFor = ({ cause, component }: { cause: string; component: string }): Remediation | undefined => {
      const step = {
        'cpu-saturated': ended.scaleOut,
        'traffic-surge': ended.scaleOut,
        'memory-pressure': ended.scaleOut,
        'bad-deploy': ended.rollBack,
        'slow-query': ended.suggestIndex,
        'network-az': ended.reviewFlowLogs,
        'connection-pool-exhausted': ended.reviewPool,
        transient: ended.wait,
      }[cause];
      return step?.known === true ? step.value : advise(cause, component);
    };
    const found = concludeLatency(ended, remedyFor, titles);
    if (!verified.known) return found;
    const done = [scaleOutDone, rollBackDone].flatMap((each) =>
      each.known ? [`${each.value.change.resource} ${each.value.change.summary}`] : [],
    );
    if (verified.value.assumed) {
      return { ...found, outcome: { helped: false, summary: `whether ${done.join('; ')} helps cannot be rehearsed` } };
    }
    const { escalation: _over, ...rest } = found;
    const isWhole = restored.known || restored.because === 'skipped';
    const summary = `p99 is at ${quantity(verified.value.p99, 's')} since ${done.join('; ')}`;
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
