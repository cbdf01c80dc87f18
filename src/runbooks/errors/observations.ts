/**
 * What is looked at when requests fail: everything that depends on nothing else at once; logs, traces, calls and changes for the
 * incident that the balancer's counts show.
 */
import { locatedText } from '../../diagnosis/call-graph.ts';
import { errorSymptom, type ErrorSymptom } from '../../diagnosis/errors/symptom.ts';
import { logLeadMs, measuredOnset } from '../../diagnosis/incident.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { callGraphOf } from '../call-graph.ts';
import type { Known } from '../../diagnosis/known.ts';
import { settled } from '../../engine/step.ts';
import { part, unlessConfigured } from '../configured.ts';
import { foundLines } from '../found-lines.ts';
import { decide, observe } from '../kit.ts';

export {
  apiTraffic,
  databaseState,
  serviceState,
  stoppedTasks,
  storageLoad,
  targets,
  utilisation,
  zones,
} from '../latency/observations.ts';

const minuteMs = 60_000;

export const apiOutcomes = observe('api-outcomes', {
  title: 'How requests ended',
  calls: ['cloudwatch:GetMetricData'],
  skip: (_needs, { site }) => unlessConfigured(site.api, 'api.loadBalancer'),
  run: (_needs, { ports, settings }) => ports.facts.apiOutcomes(part(settings.site.api), settings.window),
  detail: ({ targetServerErrors, balancerServerErrors }, { window }) => {
    const recent = { from: window.to - 10 * minuteMs, to: window.to };
    const counted = (points: typeof targetServerErrors.points): string =>
      quantity(
        points.reduce((total, { at, value }) => total + (at >= recent.from ? value : 0), 0),
        'count',
      );
    return `5xx of the last 10 min: ${counted(targetServerErrors.points)} of targets, ${counted(balancerServerErrors.points)} of the balancer`;
  },
});

export const symptom = decide('symptom', {
  title: 'Do requests fail, and since when?',
  needs: { outcomes: apiOutcomes },
  run: ({ outcomes }, { settings }): ErrorSymptom & { readonly isAlarming: boolean } => {
    const { target, alert } = settings.objectives.apiServerErrors;
    const found = errorSymptom({ outcomes, window: settings.window, since: settings.since, target });
    return { ...found, isAlarming: (found.shareDuring ?? 0) >= alert };
  },
  detail: ({ summary, isAlarming }) => (isAlarming ? `${summary}; above the alert threshold` : summary),
  isUnknown: ({ state }) => state === 'unknown',
});

/** What needs an incident to be asked for. */
function unlessStruck(found: Known<ErrorSymptom>): string | undefined {
  const state = found.known ? found.value.state : 'unknown';
  return state === 'ongoing' || state === 'over' ? undefined : 'there is no incident to look into';
}

/** A step that asks for an incident is skipped where there is none. */
function incidentOf(found: Known<ErrorSymptom>): ErrorSymptom {
  if (!found.known) throw new TypeError('there is no incident to look into');
  return found.value;
}

export const deployments = observe('deployments', {
  title: 'Deployments',
  calls: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.deployments(part(settings.site.compute), settings.window),
  detail: (found) => (found.length === 0 ? 'none in the window' : `${found.length} in the window`),
});

export const databaseEvents = observe('database-events', {
  title: 'What RDS did to the database',
  calls: ['rds:DescribeEvents', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.databaseEvents(part(settings.site.database), settings.window),
  detail: (found) => {
    const told = found.filter(({ kind }) => kind !== 'other').map(({ message }) => message.replace(/\.$/, ''));
    return told.length === 0 ? 'no failover, outage or change of parameters' : told.slice(0, 3).join('; ');
  },
});

const mostLines = 1_500;

export const errorLines = observe('error-lines', {
  title: 'ERROR and CRITICAL log lines',
  calls: ['logs:FilterLogEvents'],
  needs: { symptom: settled(symptom) },
  skip: ({ symptom: found }, { site }) =>
    unlessConfigured(site.logs?.application, 'logs.application') ?? unlessStruck(found),
  run: ({ symptom: found }, { ports, settings }) => {
    const { during } = incidentOf(found);
    return ports.facts.errorLines(
      part(settings.site.logs?.application),
      { from: during.from - logLeadMs, to: during.to },
      mostLines,
    );
  },
  detail: (found) => foundLines(found),
});

/** So many failed requests show where faults begin; they are chosen of so many. */
const failedTraceCount = 15;
const among = 300;

export const failedTraces = observe('failed-traces', {
  title: 'Traces of failed requests',
  calls: ['xray:GetTraceSummaries', 'xray:BatchGetTraces', 'xray:GetTraceSegmentDestination'],
  needs: { symptom: settled(symptom) },
  skip: ({ symptom: found }, { site }) => unlessConfigured(site.tracing, 'tracing.service') ?? unlessStruck(found),
  run: ({ symptom: found }, { ports, settings }) =>
    ports.facts.searchTraces(part(settings.site.tracing), incidentOf(found).during, {
      faulty: true,
      limit: failedTraceCount,
      among,
    }),
  detail: (found) => `${found.matched}${found.truncated ? ' or more' : ''} failed, ${found.traces.length} read`,
});

export const callGraph = observe('call-graph', {
  title: 'Which calls began to fail',
  calls: ['xray:GetServiceGraph', 'xray:GetTraceSegmentDestination'],
  needs: { symptom: settled(symptom) },
  skip: ({ symptom: found }, { site }) => unlessConfigured(site.tracing, 'tracing.service') ?? unlessStruck(found),
  run: ({ symptom: found }, { ports, settings }) => callGraphOf(incidentOf(found), 'availability', ports, settings),
  detail: locatedText,
});

/** What was changed so long before the onset may have brought it about. */
const changesMs = 30 * minuteMs;

export const changes = observe('changes', {
  title: 'Changes around the onset',
  calls: ['cloudtrail:LookupEvents'],
  needs: { symptom: settled(symptom) },
  skip: ({ symptom: found }) => unlessStruck(found),
  run: ({ symptom: found }, { ports, settings }) => {
    const incident = incidentOf(found);
    const onset = measuredOnset(incident) ?? incident.during.from;
    return ports.facts.recentChanges(settings.site.region, {
      from: onset - changesMs,
      to: Math.min(onset + 3 * minuteMs, settings.lookedAt),
    });
  },
  detail: ({ changes: made }) => {
    const told = made.slice(0, 3).map(({ call, who }) => `${call} by ${who}`);
    return told.length === 0 ? 'nothing that CloudTrail knows of' : told.join(', ');
  },
});
