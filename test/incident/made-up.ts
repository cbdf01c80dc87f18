/** Incidents as their events make them: opened at T+0, in minutes from there. */
import type { IncidentEvent, IncidentEventBody } from '../../src/incident/events.ts';
import { incidentOf, type Incident } from '../../src/incident/incident.ts';
import type { RunBrief } from '../../src/incident/runs.ts';

export const start = Date.UTC(2026, 10, 26, 22, 14);
export const minute = 60_000;

type Opening = Partial<Extract<IncidentEventBody, { type: 'incident.opened' }>>;

/** `then`: what happened after so many minutes. */
export function incidentWith(
  then: readonly (readonly [minutes: number, body: IncidentEventBody, by?: string])[],
  opening: Opening = {},
): Incident {
  const opened: IncidentEvent = {
    type: 'incident.opened',
    id: '1126-tango',
    title: 'API answers 503',
    severity: 'SEV-1',
    service: 'nano-api',
    environment: 'prod',
    trigger: { kind: 'hand' },
    detectedAt: start,
    names: ['nano-api', 'nano-db', 'nano', '/aws/ecs/nano-api'],
    ...opening,
    seq: 1,
    at: start,
    by: 'ana',
  };
  const events = then.map(([minutes, body, by = 'ana'], index): IncidentEvent => ({
    ...body,
    seq: index + 2,
    at: start + minutes * minute,
    by,
  }));
  return incidentOf([opened, ...events]);
}

export function runWith(more: Partial<RunBrief> = {}): RunBrief {
  return {
    runId: '20261126T221500Z-latency-7k2m9x',
    runbook: 'latency',
    mode: 'execute',
    verdict: 'ok',
    startedAt: start + minute,
    endedAt: start + 9 * minute,
    hasEnded: true,
    summary: 'p99 is at 490 ms',
    causes: [{ component: 'nano-api', cause: 'bad-deploy', confidence: 0.99, summary: 'slow since nano-api:61' }],
    changes: [
      {
        operation: 'ecs:UpdateService',
        region: 'us-west-2',
        resource: 'nano/nano-api',
        status: 'applied',
        summary: 'nano-api:61 → nano-api:60',
        at: start + 2 * minute,
      },
    ],
    helped: true,
    ...more,
  };
}
