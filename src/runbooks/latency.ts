/**
 * API latency spike: is it slow, since when, which component, and what helps. Looks at everything that does not depend
 * on anything else at once; traces and logs are read for the incident that the balancer's latency shows.
 */
import { diagnoseLatency } from '../diagnosis/latency/diagnose.ts';
import { ageText } from '../diagnosis/symptom.ts';
import { signalsOf } from '../diagnosis/latency/signals.ts';
import type { LatencyPicture } from '../diagnosis/latency/picture.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { part, unlessConfigured } from './configured.ts';
import {
  decide,
  observe,
  type DiagnosisConclusion,
  type DiagnosedCause,
  type Remediation,
  type RunbookSettings,
} from './kit.ts';
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
import { concludeLatency } from './latency/conclusion.ts';
import {
  advise,
  reviewConnectionPool,
  reviewFlowLogs,
  rollBack,
  scaleOut,
  suggestIndex,
  tailSince,
  type Reach,
} from './latency/remedies.ts';

const minuteMs = 60_000;

function isUnjudged({ symptom: { state } }: LatencyPicture): boolean {
  return state === 'unknown';
}

const diagnosis = decide('diagnosis', {
  title: 'What explains it',
  needs: {
    symptom,
    traffic: settled(apiTraffic),
    zones: settled(zones),
    utilisation: settled(utilisation),
    service: settled(serviceState),
    deployments: settled(deployments),
    stoppedTasks: settled(stoppedTasks),
    database: settled(databaseState),
    databaseLoad: settled(databaseLoad),
    cacheLoad: settled(cacheLoad),
    bucketLoad: settled(storageLoad),
    errorLines: settled(errorLines),
    slowQueries: settled(slowQueries),
    slowTraces: settled(slowTraces),
    normalTraces: settled(normalTraces),
  },
  run: (seen, { settings }) => {
    const { site, service } = settings;
    const names = {
      service: site.compute?.service ?? service,
      tracedService: site.tracing?.service,
      database: site.database?.cluster,
      cache: site.cache?.replicationGroup,
      bucket: site.storage?.bucket,
    };
    const picture: LatencyPicture = { ...seen, region: site.region, names };
    return { picture, causes: diagnoseLatency(picture) };
  },
  detail: ({ causes, picture }) => {
    const [first] = causes;
    if (first !== undefined) return `${first.summary} (${Math.round(first.confidence * 100)} %)`;
    if (isUnjudged(picture)) return 'it cannot be judged: whether the API is slow is unknown';
    return picture.symptom.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
  isUnknown: ({ picture }) => isUnjudged(picture),
});

const isCause =
  (...ids: readonly string[]) =>
  (cause: DiagnosedCause): boolean =>
    ids.includes(cause.cause);

/** How suggested commands reach what the run looked at. */
function reachOf(
  { awsOptions, window }: RunbookSettings,
  { symptom: { onset, firstBadAt = onset } }: LatencyPicture,
  now: number,
): Reach {
  const began = Math.min(onset ?? window.to, firstBadAt ?? window.to);
  return { awsOptions, since: tailSince(began, window.to, now) };
}

const scaleOutStep = decide('scale-out', {
  title: 'One task more, within the limits',
  needs: { diagnosis, state: serviceState, limits: settled(scalingLimits) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('cpu-saturated', 'traffic-surge', 'memory-pressure')) ? undefined : 'would not help here',
  run: ({ diagnosis: { picture }, state, limits }, { settings, now }) =>
    scaleOut(part(settings.site.compute), state, limits, reachOf(settings, picture, now)),
  detail: (remedy) => remedy.summary,
});

const rollBackStep = decide('roll-back', {
  title: 'Back to the version before',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => (found.causes.some(isCause('bad-deploy')) ? undefined : 'no deployment is to blame'),
  run: ({ diagnosis: found, state }, { settings, now }): Remediation => {
    const { suspectDeployment } = signalsOf(found.picture);
    if (suspectDeployment === undefined) return { stepId: 'roll-back', summary: 'roll back the newest deployment' };
    return rollBack(part(settings.site.compute), state, suspectDeployment, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

const suggestIndexStep = decide('suggest-index', {
  title: 'An index that may help',
  needs: { diagnosis },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('slow-query')) ? undefined : 'the database is not to blame',
  run: ({ diagnosis: found }, { settings, now }) => {
    const { newlySlow, slowStatements } = signalsOf(found.picture);
    const worst = newlySlow ?? slowStatements.during[0];
    const { region, logs } = settings.site;
    return suggestIndex(region, logs?.database?.logGroup, worst, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

const connectionLimit = observe('connection-limit', {
  title: 'How many connections the database takes',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBClusterParameters',
    'rds:DescribeDBParameters',
  ],
  needs: { diagnosis },
  skip: ({ diagnosis: found }, { site }) =>
    unlessConfigured(site.database, 'database.cluster') ??
    (found.causes.some(isCause('connection-pool-exhausted')) ? undefined : 'connections are not to blame'),
  run: (_needs, { ports, settings }) => ports.facts.connectionLimit(part(settings.site.database)),
  detail: (limit) => (limit === undefined ? 'it cannot be told' : `${limit}`),
});

const reviewPool = decide('review-pool', {
  title: 'The size of the connection pool',
  needs: { diagnosis, limit: settled(connectionLimit), load: settled(databaseLoad), state: settled(serviceState) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('connection-pool-exhausted')) ? undefined : 'connections are not to blame',
  run: ({ limit, load, state }) => reviewConnectionPool(limit, load, state),
  detail: (remedy) => remedy.summary,
});

const flowLogs = observe('flow-logs', {
  title: 'VPC flow logs of the subnets',
  calls: ['ec2:DescribeSubnets', 'ec2:DescribeFlowLogs'],
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('network-az')) ? undefined : 'the network is not to blame',
  run: ({ state }, { ports, settings }) => ports.facts.flowLogs(settings.site.region, state.subnets),
  detail: (found) => (found.length === 0 ? 'none cover them' : found.map((log) => log.id).join(', ')),
});

const reviewFlowLogsStep = decide('review-flow-logs', {
  title: 'What the network saw',
  needs: { diagnosis, flowLogs: settled(flowLogs) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('network-az')) ? undefined : 'the network is not to blame',
  run: ({ diagnosis: found, flowLogs: logs }, { settings, now }) => {
    const zone = found.causes.find(isCause('network-az'))?.component ?? settings.site.region;
    return reviewFlowLogs(settings.site.region, zone, logs, reachOf(settings, found.picture, now));
  },
  detail: (remedy) => remedy.summary,
});

const waitStep = decide('wait', {
  title: 'Wait: it may settle by itself',
  needs: { symptom },
  skip: ({ symptom: found }) =>
    found.state === 'over' ? undefined : found.state === 'ongoing' ? 'it has not settled' : 'nothing to wait for',
  run: (): Remediation => ({
    stepId: 'wait',
    summary: 'nothing to do: it settled by itself; look again if it comes back',
  }),
  detail: (remedy) => remedy.summary,
});

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
  scaleOut: settled(scaleOutStep),
  rollBack: settled(rollBackStep),
  suggestIndex: settled(suggestIndexStep),
  reviewFlowLogs: settled(reviewFlowLogsStep),
  connectionLimit: settled(connectionLimit),
  reviewPool: settled(reviewPool),
  wait: settled(waitStep),
};

const titles = Object.fromEntries(Object.entries(everything).map(([name, need]) => [name, need.settled.title]));

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: everything,
  run: (ended): DiagnosisConclusion => {
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
    return concludeLatency(ended, remedyFor, titles);
  },
  detail: ({ causes: [first], symptom: found, verdict }) => {
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
    scaleOutStep,
    rollBackStep,
    suggestIndexStep,
    connectionLimit,
    reviewPool,
    flowLogs,
    reviewFlowLogsStep,
    waitStep,
    escalation,
    conclusion,
  ],
  conclusion,
});
