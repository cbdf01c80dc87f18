/** Everything that was looked at, concluded: what a run that acts goes on with, and all that it keeps of what it saw. */
import { settled } from '../../engine/step.ts';
import { escalationFor } from '../grounds.ts';
import { decide, type DiagnosisConclusion, type Remediation } from '../kit.ts';
import {
  connectionLimit,
  reviewFlowLogsStep,
  reviewPool,
  rollBackRemedy,
  scaleOutRemedy,
  suggestIndexStep,
  waitStep,
} from './advice.ts';
import { concludeLatency } from './conclusion.ts';
import { diagnosis, isCause } from './diagnosis.ts';
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
} from './observations.ts';
import { advise } from './remedies.ts';

export const escalation = decide('escalation', {
  title: 'Is it time to escalate?',
  needs: { symptom, diagnosis },
  skip: ({ symptom: found }) => (found.state === 'ongoing' ? undefined : 'latency is not high now'),
  run: ({ symptom: found, diagnosis: { causes } }, { settings }) => {
    const basis = found.onsetGiven ? 'as given' : 'as measured';
    const besides = causes.some(isCause('slow-query')) ? ', and consider a failover of the database' : '';
    return escalationFor({ onset: found.onset, basis, besides }, settings);
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
  callGraph: settled(callGraph),
  escalation: settled(escalation),
  scaleOut: settled(scaleOutRemedy),
  rollBack: settled(rollBackRemedy),
  suggestIndex: settled(suggestIndexStep),
  reviewFlowLogs: settled(reviewFlowLogsStep),
  connectionLimit: settled(connectionLimit),
  reviewPool: settled(reviewPool),
  wait: settled(waitStep),
};

const titles = Object.fromEntries(Object.entries(everything).map(([name, need]) => [name, need.settled.title]));

export const findings = decide('findings', {
  title: 'Is the picture whole?',
  needs: everything,
  run: (ended): DiagnosisConclusion => {
    const remedyFor = ({ cause, component }: { cause: string; component: string }): Remediation | undefined => {
      // Whatever it was, it settled by itself.
      if (ended.wait.known) return ended.wait.value;
      const step = {
        'cpu-saturated': ended.scaleOut,
        'traffic-surge': ended.scaleOut,
        'memory-pressure': ended.scaleOut,
        'bad-deploy': ended.rollBack,
        'slow-query': ended.suggestIndex,
        'network-az': ended.reviewFlowLogs,
        'connection-pool-exhausted': ended.reviewPool,
      }[cause];
      return step?.known === true ? step.value : advise(cause, component);
    };
    return concludeLatency(ended, remedyFor, titles);
  },
  detail: ({ notes }) => {
    if (notes.length === 0) return 'everything was looked at';
    return notes.length === 1 ? 'one thing could not be looked at' : `${notes.length} things could not be looked at`;
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
});
