/** Tells the configured receivers what became of an incident, and writes down who heard of it. Never rejects for what a receiver does. */
import type { NotifiedIncident, Severity } from '../../cloud/notifier.ts';
import { severityLevels } from '../../cloud/severity-levels.ts';
import type { Incident } from '../../incident/incident.ts';
import { masked } from '../../incident/public-text.ts';
import type { Found } from './book.ts';
import type { IncidentDesk } from './desk.ts';

export interface News {
  readonly change: NotifiedIncident['change'];
  /** One line. */
  readonly title: string;
  /** Lines. */
  readonly text: readonly string[];
  readonly publicText?: string;
}

const severities: Readonly<Record<Incident['severity'], Severity>> = {
  'SEV-1': 'critical',
  'SEV-2': 'critical',
  'SEV-3': 'warning',
  'SEV-4': 'info',
};

/** @throws StateError where it cannot be written down; what was sent was sent. */
export async function tell(desk: IncidentDesk, found: Found, news: News): Promise<Found> {
  const { incident } = found;
  const { id, severity, service, environment, seq } = incident;
  const publicText = news.publicText ?? defaultText(incident, news.change);
  const told = await desk.notifier.notify({
    key: `incident/${id}/${seq}`,
    severity: severities[severity],
    title: `${severity} ${id}: ${news.title}`,
    text: [...news.text, `nanoops incident show ${id}`].join('\n'),
    service,
    environment,
    incident: {
      id,
      severity,
      change: news.change,
      ...(publicText === undefined ? {} : { publicText: masked(publicText, incident) }),
    },
    at: incident.lastAt,
  });
  // Who had nothing to be told of it neither heard nor failed to hear.
  const heard = told.filter(({ skipped }) => skipped !== true);
  if (heard.length === 0) return found;
  const written = {
    type: 'people.told' as const,
    change: news.change,
    told: heard.map(({ receiver, delivered, simulated, detail }) => ({ receiver, delivered, simulated, detail })),
  };
  return desk.book.write(
    found,
    () => incident.lastAt,
    () => [written],
  );
}

/** What customers read where nobody said more: the state that the severity stands for, if it is told at all. */
function defaultText({ severity }: Pick<Incident, 'severity'>, change: News['change']): string | undefined {
  const state = severityLevels[severity].statusPage;
  if (state === null) return undefined;
  switch (change) {
    case 'opened':
    case 'acknowledged':
      return `${state}: we are looking into it.`;
    case 'resolved':
      return 'Resolved.';
    case 'updated':
      return undefined;
  }
}
