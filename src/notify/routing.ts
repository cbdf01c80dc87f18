/**
 * Who hears of what: from how bad it is to who is paged, what the status page says, and which receivers are told. The
 * specification's sections 5 and 9.1 as data, which a configuration can override level by level. Pure.
 */
import type { IncidentSeverity, Notification, Severity } from '../cloud/notifier.ts';
import { severityLevels, type Paged } from '../cloud/severity-levels.ts';

/** Those that wake somebody up. */
export const pagers = ['pagerduty', 'opsgenie'] as const;

/** Those that tell without waking anybody: people, or programs. */
const feeds = ['slack', 'sns', 'webhook', 'eventbridge'] as const;

export type Feed = (typeof feeds)[number];
export type ReceiverName = (typeof pagers)[number] | 'statuspage' | Feed;

/** An incident goes by its own severity, everything else by its notification's. */
export type Level = IncidentSeverity | Severity;

export interface Route {
  /** Who is paged; empty: nobody. */
  readonly page: readonly Paged[];
  /** What the status page says; null where it says nothing of it. Only ever of incidents. */
  readonly statusPage: string | null;
  readonly tell: readonly Feed[];
}

export type Routing = Readonly<Partial<Record<Level, Partial<Route>>>>;

const incidentRoute = (severity: IncidentSeverity, tell: readonly Feed[]): Route => {
  const { page, statusPage } = severityLevels[severity];
  return { page, statusPage, tell };
};

/**
 * `critical` pages and `warning` is for mail and Slack (5.1, 5.2). SEV-4 alerts nobody: only the event bus has it, from which
 * a ticket can be made.
 */
export const defaultRoutes: Readonly<Record<Level, Route>> = {
  'SEV-1': incidentRoute('SEV-1', feeds),
  'SEV-2': incidentRoute('SEV-2', feeds),
  'SEV-3': incidentRoute('SEV-3', feeds),
  'SEV-4': incidentRoute('SEV-4', ['eventbridge']),
  critical: { page: ['on-call'], statusPage: null, tell: feeds },
  warning: { page: [], statusPage: null, tell: feeds },
  info: { page: [], statusPage: null, tell: feeds },
};

export function levelOf({ incident, severity }: Pick<Notification, 'incident' | 'severity'>): Level {
  return incident?.severity ?? severity;
}

/** The route of a notification, as far as the configuration does not say otherwise. */
export function routeOf(notification: Pick<Notification, 'incident' | 'severity'>, routing: Routing = {}): Route {
  const level = levelOf(notification);
  const { page, statusPage, tell } = routing[level] ?? {};
  const usual = defaultRoutes[level];
  return {
    page: page ?? usual.page,
    statusPage: statusPage === undefined ? usual.statusPage : statusPage,
    tell: tell ?? usual.tell,
  };
}

/**
 * The receivers that a notification is for, configured or not. That an incident was acknowledged or resolved goes to the
 * pagers whatever its severity is by now, and what becomes of it to the status page: it may have been worse before.
 */
export function receiversFor(
  notification: Pick<Notification, 'incident' | 'severity'>,
  routing?: Routing,
): readonly ReceiverName[] {
  const { page, statusPage, tell } = routeOf(notification, routing);
  const change = notification.incident?.change;
  const isPaged = page.length > 0 || change === 'acknowledged' || change === 'resolved';
  const isPublic = change !== undefined && (statusPage !== null || change !== 'opened');
  return [...(isPaged ? pagers : []), ...(isPublic ? (['statuspage'] as const) : []), ...tell];
}
