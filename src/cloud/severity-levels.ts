/**
 * What each severity of an incident asks for: who is paged, what the status page says, what priority it has, whether a
 * ticket is due. The specification's section 9.1, as data; whoever routes or opens incidents reads it here.
 */
import type { IncidentSeverity } from './notifier.ts';

/** Who is woken up. */
export type Paged = 'on-call' | 'manager';

/** From everybody drops what they do, to whenever there is time. */
export type IncidentPriority = 'all-hands' | 'normal' | 'backlog';

export interface SeverityLevel {
  readonly title: string;
  /** Empty where nobody is paged. */
  readonly page: readonly Paged[];
  /** What customers read as the state of the service; null where the status page stays as it is. */
  readonly statusPage: string | null;
  readonly priority: IncidentPriority;
  /** Whether a ticket is to be created. */
  readonly ticket: boolean;
}

export const severityLevels: Readonly<Record<IncidentSeverity, SeverityLevel>> = {
  'SEV-1': {
    title: 'Critical: service down, or major impact',
    page: ['on-call', 'manager'],
    statusPage: 'Major Outage',
    priority: 'all-hands',
    ticket: false,
  },
  'SEV-2': {
    title: 'High: degraded performance, or partial impact',
    page: ['on-call'],
    statusPage: 'Degraded Performance',
    priority: 'normal',
    ticket: false,
  },
  'SEV-3': {
    title: 'Medium: feature broken, or limited impact',
    page: [],
    statusPage: 'Investigating',
    priority: 'normal',
    ticket: true,
  },
  'SEV-4': {
    title: 'Low: minor issue',
    page: [],
    statusPage: null,
    priority: 'backlog',
    ticket: true,
  },
};
