/** What events of an incident have to hold so that whoever reads them gets what their types promise. */
import * as z from 'zod';
import type { IncidentEvent } from '../../incident/events.ts';
import { text, texts, time, type Shape } from '../event-shapes.ts';

const severity = z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']);
const told = z.looseObject({ receiver: text, delivered: z.boolean(), detail: text });
const share = z.number().nullable();

const run = z.looseObject({
  runId: text,
  runbook: text,
  mode: text,
  verdict: text,
  startedAt: time,
  endedAt: time,
  summary: text,
  onset: time.optional(),
  hasEnded: z.boolean(),
  causes: z.array(z.looseObject({ component: text, cause: text, confidence: z.number(), summary: text })),
  changes: z.array(
    z.looseObject({ operation: text, region: text, resource: text, status: text, summary: text, at: time }),
  ),
  recovery: z
    .looseObject({
      rtoMs: share,
      rpoMs: share,
      stores: z.array(z.looseObject({ store: text, lossMs: share, basis: text })),
      lessons: texts,
    })
    .optional(),
});

const at = { at: time };

const evidence = z.looseObject({
  from: time,
  to: time,
  alarms: z.array(z.looseObject({ ...at, name: text, region: text, to: text, reason: text })),
  deployments: z.array(z.looseObject({ id: text, service: text, startedAt: time, status: text })),
  database: z.array(z.looseObject({ ...at, about: text, message: text })),
  logs: z.array(
    z.looseObject({ group: text, region: text, lines: z.array(z.looseObject({ ...at, stream: text, message: text })) }),
  ),
  series: z.array(
    z.looseObject({ id: text, label: text, unit: text, points: z.array(z.looseObject({ ...at, value: z.number() })) }),
  ),
  gaps: texts,
});

/** Beside what every event has. */
export const ofIncidents: Shape = { by: text, happenedAt: time.optional(), wallAt: time.optional() };

const said = { text: text.optional(), publicText: text.optional() };

/** By the type of the event. */
export const incidentShapes: Readonly<Record<IncidentEvent['type'], Shape>> = {
  'incident.opened': {
    id: text,
    title: text,
    severity,
    service: text,
    environment: text,
    trigger: z.looseObject({ kind: text }),
    detectedAt: time,
    beganAt: time.optional(),
    publicText: text.optional(),
    names: texts,
    simulated: z.looseObject({ scenario: text, seed: text }).optional(),
  },
  'incident.acknowledged': {},
  'incident.assigned': { role: z.enum(['commander', 'communications', 'operations']), who: text },
  'incident.noted': { text },
  'incident.updated': said,
  'severity.changed': { from: severity, to: severity },
  'beginning.found': { beganAt: time, basis: text },
  'cause.named': { summary: text, confirmed: z.boolean(), basis: text },
  'impact.stated': {
    impact: z.looseObject({
      summary: text.optional(),
      users: z.number().optional(),
      dataLost: text.optional(),
    }),
  },
  'action.added': { action: z.looseObject({ text, owner: text.optional(), due: text.optional() }) },
  'incident.mitigated': { text: text.optional() },
  'incident.resolved': said,
  'incident.reopened': { reason: text },
  'run.linked': { run },
  'evidence.kept': { evidence },
  'people.told': { change: text, told: z.array(told) },
  'postmortem.written': { path: text },
};
