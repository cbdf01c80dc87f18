/**
 * API latency spike: is it slow, since when, which component, and what helps. Looks at everything that does not depend
 * on anything else at once; traces and logs are read for the incident that the balancer's latency shows.
 */
import { diagnoseLatency } from '../diagnosis/latency/diagnose.ts';
import { logLeadMs, signalsOf } from '../diagnosis/latency/signals.ts';
import type { LatencyPicture } from '../diagnosis/latency/picture.ts';
import { latencySymptom, type Symptom } from '../diagnosis/symptom.ts';
import { apiLatencyP99 } from '../checks/api-latency-p99.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { latest, part, unlessConfigured } from './configured.ts';
import { decide, observe, type DiagnosisConclusion, type DiagnosedCause, type Remediation } from './kit.ts';
import { concludeLatency } from './latency/conclusion.ts';
import { advise, reviewFlowLogs, rollBack, scaleOut, suggestIndex } from './latency/remedies.ts';

const minuteMs = 60_000;

const apiTraffic = observe('api-traffic', {
  title: 'Latency and requests at the balancer',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiTraffic(part(settings.site.api), settings.window),
  detail: (traffic) =>
    `p99 ${latest(traffic.latencyP99)}, p50 ${latest(traffic.latencyP50)}, ${latest(traffic.requests)} requests a minute`,
});

const symptom = decide('symptom', {
  title: 'Is it slow, and since when?',
  needs: { traffic: apiTraffic },
  run: ({ traffic }, { settings }) => {
    const threshold = settings.objectives.apiLatencyP99;
    const found = latencySymptom({
      p99: traffic.latencyP99,
      requests: traffic.requests,
      window: settings.window,
      since: settings.since,
      targetSeconds: threshold.target,
    });
    return { ...found, p99Status: apiLatencyP99.judge(found.p99During, threshold) };
  },
  detail: ({ summary, p99Status }) => (p99Status === 'breach' ? `${summary}; above the alert threshold` : summary),
});

const zones = observe('zones', {
  title: 'The same by availability zone',
  calls: ['elasticloadbalancing:DescribeLoadBalancers', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.zoneTraffic(part(settings.site.api), settings.window),
  detail: (found) => found.map((zone) => `${zone.zone} p99 ${latest(zone.latencyP99)}`).join(', ') || 'no zone reports',
});

const targets = observe('targets', {
  title: 'Health of the targets',
  calls: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
  skip: (_needs, { site }) => unlessConfigured(site.api?.targetGroup, 'api.targetGroup'),
  run: (_needs, { ports, settings }) => ports.facts.targetHealth(part(settings.site.api)),
  detail: (found) => {
    const healthy = found.filter((target) => target.state === 'healthy').length;
    const others = found.filter((target) => !['healthy', 'draining'].includes(target.state));
    const why = [...new Set(others.map((target) => target.reason ?? target.state))].join(', ');
    return `${healthy} of ${found.length} healthy${why === '' ? '' : `; the others: ${why}`}`;
  },
});

const utilisation = observe('service-utilisation', {
  title: 'CPU, memory and network of the tasks',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceUtilisation(part(settings.site.compute), settings.window),
  detail: (use) => `CPU ${latest(use.cpuAverage)}, memory ${latest(use.memoryAverage)}`,
});

const serviceState = observe('service-state', {
  title: 'Tasks and rollouts of the service',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
  detail: (state) =>
    `${state.running} of ${state.desired} tasks run${state.pending > 0 ? `, ${state.pending} pending` : ''}` +
    (state.deployments.some((each) => each.rollout === 'in-progress') ? '; a rollout is under way' : ''),
});

const deployments = observe('deployments', {
  title: 'Deployments',
  calls: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.deployments(part(settings.site.compute), settings.window),
  detail: (found) => (found.length === 0 ? 'none in the window' : `${found.length} in the window`),
});

const stoppedTasks = observe('stopped-tasks', {
  title: 'Tasks that stopped',
  calls: ['ecs:ListTasks', 'ecs:DescribeTasks'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.stoppedTasks(part(settings.site.compute)),
  detail: (found) => (found.length === 0 ? 'none in the last hour' : `${found.length} in the last hour`),
});

const scalingLimits = observe('scaling-limits', {
  title: 'Who owns the task count',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.scalingLimits(part(settings.site.compute)),
  detail: (limits) =>
    limits === undefined ? 'nobody scales it' : `Auto Scaling, ${limits.min} to ${limits.max} tasks`,
});

const databaseState = observe('database-state', {
  title: 'The database cluster',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBClusterParameters',
    'rds:DescribeDBParameters',
  ],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseState(part(settings.site.database)),
  detail: (state) =>
    `${state.status}; ${state.instances.map((each) => `${each.id} ${each.role} ${each.status}`).join(', ')}`,
});

const databaseLoad = observe('database-load', {
  title: 'The database writer\u2019s load',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseLoad(part(settings.site.database), settings.window),
  detail: (load) =>
    `CPU ${latest(load.cpu)}, ${latest(load.connections)} connections, SELECT ${latest(load.selectLatency)}`,
});

const cacheLoad = observe('cache-load', {
  title: 'Hits and misses of the cache',
  calls: ['elasticache:DescribeReplicationGroups', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.cache, 'cache.replicationGroup'),
  run: (_needs, { ports, settings }) => ports.facts.cacheLoad(part(settings.site.cache), settings.window),
  detail: (load) => `${latest(load.hits)} hits and ${latest(load.misses)} misses a minute`,
});

const storageLoad = observe('storage-load', {
  title: 'Request metrics of the bucket',
  calls: ['s3:ListBucketMetricsConfigurations', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.storage, 'storage.bucket'),
  run: (_needs, { ports, settings }) => ports.facts.bucketLoad(part(settings.site.storage), settings.window),
  detail: (load) =>
    load === undefined
      ? 'not published (request metrics are opt-in)'
      : `first byte p99 ${latest(load.firstByteLatencyP99)}`,
});

const errorLines = observe('error-lines', {
  title: 'ERROR and CRITICAL log lines',
  calls: ['logs:FilterLogEvents'],
  needs: { symptom: settled(symptom) },
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: (needs, { ports, settings }) => {
    const during = incidentOf(needs.symptom, settings.window);
    const window = { from: during.from - logLeadMs, to: during.to };
    return ports.facts.errorLines(part(settings.site.logs?.application), window, 500);
  },
  detail: (found) => `${found.lines.length}${found.truncated ? ' or more' : ''} lines`,
});

const slowQueries = observe('slow-queries', {
  title: 'The slow query log',
  calls: ['logs:FilterLogEvents'],
  needs: { symptom: settled(symptom) },
  skip: (_needs, { site }) => unlessConfigured(site.logs?.database, 'logs.database'),
  run: (needs, { ports, settings }) => {
    const { to } = incidentOf(needs.symptom, settings.window);
    const from = needs.symptom.known ? needs.symptom.value.before.from : settings.window.from;
    return ports.facts.slowQueries(part(settings.site.logs?.database), { from, to }, 300);
  },
  detail: (found) => `${found.lines.length}${found.truncated ? ' or more' : ''} entries`,
});

const slowTraces = observe('slow-traces', {
  title: 'Traces of slow requests',
  calls: ['xray:GetTraceSummaries', 'xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'],
  needs: { symptom: settled(symptom) },
  skip: (_needs, { site }) => unlessConfigured(site.tracing, 'tracing.service'),
  run: (needs, { ports, settings }) => {
    const { from, to } = incidentOf(needs.symptom, settings.window);
    const latestMinutes = { from: Math.max(from, to - 10 * minuteMs), to };
    const slowMs = settings.objectives.apiLatencyP95.target * 1000;
    return ports.facts.traces(part(settings.site.tracing), latestMinutes, slowMs, 15);
  },
  detail: (found) => `${found.matched}${found.truncated ? ' or more' : ''} slow, ${found.traces.length} read`,
});

const normalTraces = observe('normal-traces', {
  title: 'Traces from before, to compare',
  calls: ['xray:GetTraceSummaries', 'xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'],
  needs: { symptom },
  skip: (needs, { site }) =>
    unlessConfigured(site.tracing, 'tracing.service') ??
    (needs.symptom.state === 'ongoing' ? undefined : 'nothing to compare: latency is not high'),
  run: (needs, { ports, settings }) => {
    const { to } = needs.symptom.before;
    return ports.facts.traces(part(settings.site.tracing), { from: to - 10 * minuteMs, to }, 0, 10);
  },
  detail: (found) => `${found.traces.length} read`,
});

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
    return picture.symptom.state === 'ongoing' ? 'nothing found that explains it' : 'nothing to explain';
  },
});

const isCause =
  (...ids: readonly string[]) =>
  (cause: DiagnosedCause): boolean =>
    ids.includes(cause.cause);

const scaleOutStep = decide('scale-out', {
  title: 'One task more, within the limits',
  needs: { diagnosis, state: serviceState, limits: settled(scalingLimits) },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('cpu-saturated', 'traffic-surge', 'memory-pressure')) ? undefined : 'would not help here',
  run: ({ state, limits }, { settings }) => scaleOut(part(settings.site.compute), state, limits),
  detail: (remedy) => remedy.summary,
});

const rollBackStep = decide('roll-back', {
  title: 'Back to the version before',
  needs: { diagnosis, state: serviceState },
  skip: ({ diagnosis: found }) => (found.causes.some(isCause('bad-deploy')) ? undefined : 'no deployment is to blame'),
  run: ({ diagnosis: found, state }, { settings }): Remediation => {
    const { suspectDeployment } = signalsOf(found.picture);
    if (suspectDeployment === undefined) return { stepId: 'roll-back', summary: 'roll back the newest deployment' };
    return rollBack(part(settings.site.compute), state, suspectDeployment);
  },
  detail: (remedy) => remedy.summary,
});

const suggestIndexStep = decide('suggest-index', {
  title: 'An index that may help',
  needs: { diagnosis },
  skip: ({ diagnosis: found }) =>
    found.causes.some(isCause('slow-query')) ? undefined : 'the database is not to blame',
  run: ({ diagnosis: found }, { settings }) => {
    const { newlySlow, slowStatements } = signalsOf(found.picture);
    const worst = newlySlow ?? slowStatements.during[0];
    return suggestIndex(settings.site.region, settings.site.logs?.database?.logGroup, worst);
  },
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
  run: ({ diagnosis: found, flowLogs: logs }, { settings }) => {
    const zone = found.causes.find(isCause('network-az'))?.component ?? settings.site.region;
    return reviewFlowLogs(settings.site.region, zone, logs);
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
    const minutes = Math.round((settings.window.to - (found.onset ?? settings.window.to)) / minuteMs);
    const basis = found.onsetGiven ? 'as given' : 'as measured';
    if (minutes <= escalateAfterMinutes) {
      return { due: false, summary: `${minutes} min old (${basis}); escalate after ${escalateAfterMinutes} min` };
    }
    const database = causes.some(isCause('slow-query')) ? ', and consider a failover of the database' : '';
    return { due: true, summary: `${minutes} min old (${basis}): page the on-call architect${database}` };
  },
  detail: (found) => found.summary,
});

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: {
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
    wait: settled(waitStep),
  },
  run: (ended): DiagnosisConclusion => {
    const remedyFor = ({ cause, component }: { cause: string; component: string }): Remediation | undefined => {
      const step = {
        'cpu-saturated': ended.scaleOut,
        'traffic-surge': ended.scaleOut,
        'memory-pressure': ended.scaleOut,
        'bad-deploy': ended.rollBack,
        'slow-query': ended.suggestIndex,
        'network-az': ended.reviewFlowLogs,
        transient: ended.wait,
      }[cause];
      return step?.known === true ? step.value : advise(cause, component);
    };
    return concludeLatency(ended, remedyFor);
  },
  detail: (concluded) => concluded.causes[0]?.summary ?? concluded.symptom.summary,
});

/** The incident, or the last quarter of an hour where there is none or none could be made out. */
function incidentOf(
  found: { readonly known: true; readonly value: Symptom } | { readonly known: false },
  window: { readonly from: number; readonly to: number },
): { readonly from: number; readonly to: number } {
  return found.known ? found.value.during : { from: window.to - 15 * minuteMs, to: window.to };
}

export const latency = runbook({
  id: 'latency',
  title: 'API latency spike',
  summary: 'Is the API slow, since when, which component is to blame, and what helps',
  steps: [
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
    slowQueries,
    errorLines,
    slowTraces,
    normalTraces,
    diagnosis,
    scaleOutStep,
    rollBackStep,
    suggestIndexStep,
    flowLogs,
    reviewFlowLogsStep,
    waitStep,
    escalation,
    conclusion,
  ],
  conclusion,
});
