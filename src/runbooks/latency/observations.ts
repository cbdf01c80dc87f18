/**
 * What a latency diagnosis looks at. Everything that depends on nothing else is looked at at once; traces and logs are
 * read for the incident that the balancer's latency shows.
 */
import { against } from '../../checks/limits.ts';
import { locatedText } from '../../diagnosis/call-graph.ts';
import { logLeadMs } from '../../diagnosis/incident.ts';
import { latencySymptom, type Symptom } from '../../diagnosis/symptom.ts';
import { settled } from '../../engine/step.ts';
import { latest, latestCount, part, unlessConfigured } from '../configured.ts';
import { foundLines } from '../found-lines.ts';
import { callGraphOf } from '../call-graph.ts';
import { decide, observe } from '../kit.ts';

const minuteMs = 60_000;

export const apiTraffic = observe('api-traffic', {
  title: 'Latency and requests at the balancer',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiTraffic(part(settings.site.api), settings.window),
  detail: (traffic, { window }) =>
    `p99 ${latest(traffic.latencyP99, window)}, p50 ${latest(traffic.latencyP50, window)}, ${latestCount(traffic.requests, window, 'requests', ' a minute')}`,
});

export const symptom = decide('symptom', {
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
    const p99Status =
      found.p99During === undefined || Number.isNaN(found.p99During)
        ? 'unknown'
        : against(found.p99During, { unit: 'count', better: 'lower', ...threshold });
    return { ...found, p99Status };
  },
  detail: ({ summary, p99Status }) => (p99Status === 'breach' ? `${summary}; above the alert threshold` : summary),
  isUnknown: ({ state }) => state === 'unknown',
});

export const zones = observe('zones', {
  title: 'The same by availability zone',
  calls: ['elasticloadbalancing:DescribeLoadBalancers', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.zoneTraffic(part(settings.site.api), settings.window),
  detail: (found, { window }) =>
    found.map((zone) => `${zone.zone} p99 ${latest(zone.latencyP99, window)}`).join(', ') || 'no zone reports',
});

export const targets = observe('targets', {
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

export const utilisation = observe('service-utilisation', {
  title: 'CPU, memory and network of the tasks',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceUtilisation(part(settings.site.compute), settings.window),
  detail: (use, { window }) => `CPU ${latest(use.cpuAverage, window)}, memory ${latest(use.memoryAverage, window)}`,
});

export const serviceState = observe('service-state', {
  title: 'Tasks and rollouts of the service',
  calls: ['ecs:DescribeServices'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.serviceState(part(settings.site.compute)),
  detail: (state) =>
    `${state.running} of ${state.desired} tasks run${state.pending > 0 ? `, ${state.pending} pending` : ''}` +
    (state.deployments.some((each) => each.rollout === 'in-progress') ? '; a rollout is under way' : ''),
});

export const deployments = observe('deployments', {
  title: 'Deployments',
  calls: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.deployments(part(settings.site.compute), settings.window),
  detail: (found) => (found.length === 0 ? 'none in the window' : `${found.length} in the window`),
});

export const stoppedTasks = observe('stopped-tasks', {
  title: 'Tasks that stopped',
  calls: ['ecs:ListTasks', 'ecs:DescribeTasks'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.stoppedTasks(part(settings.site.compute)),
  detail: (found) => (found.length === 0 ? 'none in the last hour' : `${found.length} in the last hour`),
});

export const scalingLimits = observe('scaling-limits', {
  title: 'Who owns the task count',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.scalingLimits(part(settings.site.compute)),
  detail: (limits) =>
    limits === undefined ? 'nobody scales it' : `Auto Scaling, ${limits.min} to ${limits.max} tasks`,
});

export const databaseState = observe('database-state', {
  title: 'The database cluster',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseState(part(settings.site.database)),
  detail: (state) =>
    `${state.status}; ${state.instances.map((each) => `${each.id} ${each.role} ${each.status}`).join(', ')}`,
});

export const databaseLoad = observe('database-load', {
  title: 'The database writer\u2019s load',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseLoad(part(settings.site.database), settings.window),
  detail: (load, { window }) =>
    `CPU ${latest(load.cpu, window)}, ${latestCount(load.connections, window, 'connections')}, SELECT ${latest(load.selectLatency, window)}`,
});

export const cacheLoad = observe('cache-load', {
  title: 'Hits and misses of the cache',
  calls: ['elasticache:DescribeReplicationGroups', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.cache, 'cache.replicationGroup'),
  run: (_needs, { ports, settings }) => ports.facts.cacheLoad(part(settings.site.cache), settings.window),
  detail: (load, { window }) =>
    `${latestCount(load.hits, window, 'hits', ' a minute')}, ${latestCount(load.misses, window, 'misses', ' a minute')}`,
});

export const storageLoad = observe('storage-load', {
  title: 'Request metrics of the bucket',
  calls: ['s3:ListBucketMetricsConfigurations', 'cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.storage, 'storage.bucket'),
  run: (_needs, { ports, settings }) => ports.facts.bucketLoad(part(settings.site.storage), settings.window),
  detail: (load, { window }) =>
    load === undefined
      ? 'not published (request metrics are opt-in)'
      : `first byte p99 ${latest(load.firstByteLatencyP99, window)}`,
});

export const errorLines = observe('error-lines', {
  title: 'ERROR and CRITICAL log lines',
  calls: ['logs:FilterLogEvents'],
  needs: { symptom: settled(symptom) },
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: (needs, { ports, settings }) => {
    const during = incidentOf(needs.symptom, settings.window);
    const window = { from: during.from - logLeadMs, to: during.to };
    return ports.facts.errorLines(part(settings.site.logs?.application), window, 500);
  },
  detail: (found) => foundLines(found),
});

export const slowQueries = observe('slow-queries', {
  title: 'The slow query log',
  calls: ['logs:FilterLogEvents'],
  needs: { symptom: settled(symptom) },
  skip: (_needs, { site }) => unlessConfigured(site.logs?.database, 'logs.database'),
  run: (needs, { ports, settings }) => {
    const { to } = incidentOf(needs.symptom, settings.window);
    const from = needs.symptom.known ? needs.symptom.value.before.from : settings.window.from;
    return ports.facts.slowQueries(part(settings.site.logs?.database), { from, to }, 800);
  },
  detail: (found) => foundLines(found, 'entry', 'entries'),
});

/** What is slow now is slow in its latest minutes; these are known before the onset is. */
const latestMs = 10 * minuteMs;

export const slowTraces = observe('slow-traces', {
  title: 'Traces of slow requests',
  calls: ['xray:GetTraceSummaries', 'xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'],
  skip: (_needs, { site }) => unlessConfigured(site.tracing, 'tracing.service'),
  run: (_needs, { ports, settings }) => {
    const { window, since = window.from, site, objectives } = settings;
    const latestMinutes = { from: Math.max(since, window.to - latestMs), to: window.to };
    const pace = { slowerThanMs: objectives.apiLatencyP95.target * 1000 };
    return ports.facts.traces(part(site.tracing), latestMinutes, pace, 15);
  },
  detail: (found) => `${found.matched}${found.truncated ? ' or more' : ''} slow, ${found.traces.length} read`,
});

/** An hour before, or before the given onset: when an incident is older than that, its quick requests are compared. */
export const normalTraces = observe('normal-traces', {
  title: 'Traces from before, to compare',
  calls: ['xray:GetTraceSummaries', 'xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'],
  skip: (_needs, { site }) => unlessConfigured(site.tracing, 'tracing.service'),
  run: (_needs, { ports, settings }) => {
    const { window, since, site, objectives } = settings;
    const to = since === undefined ? window.to - 60 * minuteMs : since - 3 * minuteMs;
    const pace = { fasterThanMs: objectives.apiLatencyP95.target * 1000 };
    return ports.facts.traces(part(site.tracing), { from: to - latestMs, to }, pace, 10);
  },
  detail: (found) => `${found.traces.length} read`,
});

/** Read for the incident, beside its logs: both wait for the onset, and for nothing else. */
export const callGraph = observe('call-graph', {
  title: 'Which calls became slow',
  calls: ['xray:GetServiceGraph', 'xray:GetTraceSegmentDestination'],
  needs: { symptom: settled(symptom) },
  skip: (needs, { site }) =>
    unlessConfigured(site.tracing, 'tracing.service') ??
    (needs.symptom.known && isAskedAbout(needs.symptom.value) ? undefined : 'latency is not known to be high now'),
  run: async (needs, { ports, settings }) => {
    if (!needs.symptom.known) throw new TypeError('a call graph is read for an incident that is known');
    return callGraphOf(needs.symptom.value, 'latency', ports, settings);
  },
  detail: locatedText,
});

/** It goes on, or the operator asks about a time that is over. */
function isAskedAbout({ state, onsetGiven }: Symptom): boolean {
  return state === 'ongoing' || (state === 'over' && onsetGiven);
}

/** The incident, or the last quarter of an hour where there is none or none could be made out. */
function incidentOf(
  found: { readonly known: true; readonly value: Symptom } | { readonly known: false },
  window: { readonly from: number; readonly to: number },
): { readonly from: number; readonly to: number } {
  return found.known ? found.value.during : { from: window.to - 15 * minuteMs, to: window.to };
}
