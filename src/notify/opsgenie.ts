/**
 * Alerts in Opsgenie by its Alert API (https://docs.opsgenie.com/docs/alert-api): created, acknowledged and closed by alias,
 * one alias an incident. Its support ends on 2027-04-05, so this is as much as pages need. Knows nothing of what is told.
 */
import { createHash } from 'node:crypto';
import type { Delivery, IncidentSeverity, Notification, Severity } from '../cloud/notifier.ts';
import type { Paged } from '../cloud/severity-levels.ts';
import { createCaller, type CallerTools } from './caller.ts';
import { cutTo } from './lengths.ts';
import type { Receiver } from './receiver.ts';

export interface OpsgenieOptions extends CallerTools {
  /** Of the service region: `https://api.opsgenie.com`. */
  readonly url: string;
  /** Of an API integration. */
  readonly apiKey: string;
  /** The team that is paged where the manager is. */
  readonly managerTeam?: string;
  /** Who is to be paged of it. */
  readonly page: (notification: Notification) => readonly Paged[];
}

/** The limits of the page above, "Create Alert". */
const longestMessage = 130;
const longestAlias = 512;
const longestDescription = 15_000;
const longestEntity = 512;
const longestTag = 50;

const priorities = {
  'SEV-1': 'P1',
  'SEV-2': 'P2',
  'SEV-3': 'P3',
  'SEV-4': 'P4',
  critical: 'P1',
  warning: 'P3',
  info: 'P5',
} as const satisfies Record<IncidentSeverity | Severity, string>;

export function createOpsgenie({ url, apiKey, managerTeam, page, ...tools }: OpsgenieOptions): Receiver {
  const base = `${url.replace(/\/+$/, '')}/v2/alerts`;
  const caller = createCaller({
    receiver: 'opsgenie',
    subject: 'Opsgenie',
    setting: 'notify.opsgenie.url',
    hidden: [apiKey],
    ...tools,
  });

  async function post(address: string, body: object, signal: AbortSignal): Promise<Delivery> {
    const call = {
      url: new URL(address),
      headers: { authorization: `GenieKey ${apiKey}` },
      body: JSON.stringify(body),
    };
    return caller.delivery(await caller.send(() => call, signal));
  }

  const create = (notification: Notification, people: readonly Paged[], signal: AbortSignal): Promise<Delivery> => {
    const responders =
      people.includes('manager') && managerTeam !== undefined ? [{ type: 'team', name: managerTeam }] : [];
    return post(base, { ...alertOf(notification), ...(responders.length === 0 ? {} : { responders }) }, signal);
  };

  const follow = (
    notification: Notification,
    action: 'acknowledge' | 'close',
    signal: AbortSignal,
  ): Promise<Delivery> =>
    post(
      `${base}/${encodeURIComponent(aliasOf(notification))}/${action}?identifierType=alias`,
      { source: 'nanoops', note: cutTo(longestDescription, notification.title) },
      signal,
    );

  return {
    name: 'opsgenie',
    async send(notification, signal) {
      const change = notification.incident?.change;
      if (change === 'acknowledged') return follow(notification, 'acknowledge', signal);
      if (change === 'resolved') return follow(notification, 'close', signal);
      const people = page(notification);
      const told = await create(notification, people, signal);
      if (managerTeam !== undefined || !people.includes('manager')) return told;
      return { ...told, detail: `${told.detail}; no manager can be paged: notify.opsgenie.managerTeam is not set` };
    },
    /** What a test opens it closes: it leaves nothing open. */
    async test(notification, signal) {
      const created = await create(notification, ['on-call', 'manager'], signal);
      if (!created.delivered) return created;
      const closed = await follow(notification, 'close', signal);
      return closed.delivered
        ? { ...created, detail: `${created.detail}; closed again` }
        : { ...closed, detail: `an alert was made, and stays open: ${closed.detail}` };
    },
  };
}

function aliasOf({ key, service, environment, incident }: Notification): string {
  const text = incident === undefined ? key : `${service}/${environment}/${incident.id}`;
  return text.length <= longestAlias ? text : createHash('sha256').update(text).digest('hex');
}

function alertOf(notification: Notification): object {
  const { title, text, service, environment, runId, runbook, incident, severity } = notification;
  const details = { service, environment, runId, runbook, incident: incident?.id };
  return {
    message: cutTo(longestMessage, title),
    alias: aliasOf(notification),
    description: cutTo(longestDescription, text),
    priority: priorities[incident?.severity ?? severity],
    entity: cutTo(longestEntity, service),
    source: 'nanoops',
    tags: [service, environment].map((tag) => cutTo(longestTag, tag)),
    // Values are texts; what is not known is left out.
    details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
  };
}
