/**
 * The vendors, as their documentation describes them. Strict: what a page does not name is refused.
 *
 * - PagerDuty: https://developer.pagerduty.com/docs/send-alert-event
 * - Opsgenie: https://docs.opsgenie.com/docs/alert-api
 * - Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, .../reference/block-kit/blocks
 * - Statuspage: https://developer.statuspage.io/#tag/incidents
 */
import * as z from 'zod';
import type { Asked, Vendor } from './vendor-server.ts';

export const keys = {
  pagerduty: 'R0N4LLR0UT1NGK3YR0N4LLR0UT1NGK3Y',
  manager: 'M4N4G3RM4N4G3RM4N4G3RM4N4G3RM4NA',
  opsgenie: 'g3n13k3y-0000-4000-8000-s3cr3t',
  statuspage: 'st4tusp4g3-s3cr3t-k3y',
  slackPath: '/services/T00000000/B00000000/s3cr3tXXXXXXXXXXXXXXXXXX',
} as const;

export const pageId = 'qfn30z5r6s5h';

const dedupKey = z.string().min(1).max(255);
const routingKey = z.enum([keys.pagerduty, keys.manager]);

const pagerDutyEvent = z.discriminatedUnion('event_action', [
  z.strictObject({
    event_action: z.literal('trigger'),
    routing_key: routingKey,
    dedup_key: dedupKey,
    client: z.string(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.strictObject({ event_action: z.literal('acknowledge'), routing_key: routingKey, dedup_key: dedupKey }),
  z.strictObject({ event_action: z.literal('resolve'), routing_key: routingKey, dedup_key: dedupKey }),
]);

export interface PagerDuty extends Vendor {
  /** Who was woken up, by routing key: a trigger of an open alert wakes nobody. */
  readonly woken: readonly string[];
  /** Alerts that are open or acknowledged. */
  readonly open: ReadonlyMap<string, 'triggered' | 'acknowledged'>;
}

export function pagerDuty(): PagerDuty {
  const open = new Map<string, 'triggered' | 'acknowledged'>();
  const woken: string[] = [];
  return {
    open,
    woken,
    faultsOf: (asked) => [
      ...(asked.method === 'POST' && asked.path === '/v2/enqueue' ? [] : [`${asked.method} ${asked.path}`]),
      ...faultsIn(pagerDutyEvent, asked.body),
    ],
    answer({ body }) {
      const event = pagerDutyEvent.parse(body);
      const id = `${event.routing_key} ${event.dedup_key}`;
      if (event.event_action === 'resolve') open.delete(id);
      else if (event.event_action === 'acknowledge') {
        if (open.has(id)) open.set(id, 'acknowledged');
      } else if (!open.has(id)) {
        open.set(id, 'triggered');
        woken.push(event.routing_key);
      }
      const said = { status: 'success', message: 'Event processed', dedup_key: event.dedup_key };
      return { status: 202, body: JSON.stringify(said) };
    },
  };
}

const opsgenieAlert = z.strictObject({
  message: z.string().min(1).max(130),
  alias: z.string().min(1).max(512),
  description: z.string().max(15_000),
  responders: z
    .array(z.strictObject({ type: z.literal('team'), name: z.string().min(1) }))
    .max(50)
    .optional(),
  tags: z.array(z.string().max(50)).max(20),
  details: z.record(z.string(), z.string()),
  entity: z.string().max(512),
  source: z.string().max(100),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']),
});
const opsgenieAction = z.strictObject({ source: z.string().max(100), note: z.string().max(25_000) });

export interface Opsgenie extends Vendor {
  /** By alias. */
  readonly open: ReadonlyMap<
    string,
    { readonly priority: string; readonly acknowledged: boolean; readonly count: number }
  >;
}

export function opsgenie(): Opsgenie {
  const open = new Map<string, { priority: string; acknowledged: boolean; count: number }>();
  const actionIn = ({ path }: Asked) => /^\/v2\/alerts\/([^/]+)\/(acknowledge|close)$/.exec(path);
  return {
    open,
    faultsOf(asked) {
      const action = actionIn(asked);
      const rightPath = action === null ? asked.path === '/v2/alerts' : asked.query.get('identifierType') === 'alias';
      return [
        ...(asked.method === 'POST' && rightPath ? [] : [`${asked.method} ${asked.path}?${asked.query.toString()}`]),
        ...(asked.headers.authorization === `GenieKey ${keys.opsgenie}` ? [] : ['authorization']),
        ...faultsIn(action === null ? opsgenieAlert : opsgenieAction, asked.body),
      ];
    },
    answer(asked) {
      const [, alias = '', what] = actionIn(asked) ?? [];
      const known = open.get(decodeURIComponent(alias));
      if (what === 'close') open.delete(decodeURIComponent(alias));
      else if (what === 'acknowledge') {
        if (known !== undefined) open.set(decodeURIComponent(alias), { ...known, acknowledged: true });
      } else {
        const alert = opsgenieAlert.parse(asked.body);
        const before = open.get(alert.alias);
        open.set(alert.alias, {
          priority: alert.priority,
          acknowledged: before?.acknowledged ?? false,
          count: (before?.count ?? 0) + 1,
        });
      }
      return { status: 202, body: '{"result":"Request will be processed","took":0.3,"requestId":"r-1"}' };
    },
  };
}

/** Escaped, and nothing else that Slack would parse. */
const slackText = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !/[<>]|&(?!amp;|lt;|gt;)/.test(text), { error: 'is not escaped' });
const plainText = (most: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: slackText(most), emoji: z.boolean().optional() });
const slackMessage = z.strictObject({
  text: slackText(40_000),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: plainText(150) }),
        z.strictObject({ type: z.literal('section'), text: plainText(3_000) }),
        z.strictObject({ type: z.literal('context'), elements: z.array(plainText(2_000)).min(1).max(10) }),
      ]),
    )
    .min(1)
    .max(50),
});
export type SlackMessage = z.output<typeof slackMessage>;

export interface Slack extends Vendor {
  readonly messages: readonly SlackMessage[];
}

export function slack(): Slack {
  const messages: SlackMessage[] = [];
  return {
    messages,
    faultsOf: (asked) => [
      ...(asked.method === 'POST' && asked.path === keys.slackPath ? [] : [`${asked.method} ${asked.path}`]),
      ...faultsIn(slackMessage, asked.body),
    ],
    answer({ body }) {
      messages.push(slackMessage.parse(body));
      return { status: 200, body: 'ok', type: 'text/html' };
    },
  };
}

const componentState = z.enum([
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
]);
const incidentFields = {
  status: z.enum(['investigating', 'identified', 'monitoring', 'resolved']),
  impact_override: z.enum(['none', 'maintenance', 'minor', 'major', 'critical']).optional(),
  body: z.string().optional(),
  component_ids: z.array(z.string()).optional(),
  components: z.record(z.string(), componentState).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
};
const createIncident = z.strictObject({ incident: z.strictObject({ name: z.string().min(1), ...incidentFields }) });
const updateIncident = z.strictObject({
  incident: z.strictObject({
    ...incidentFields,
    name: z.string().optional(),
    status: incidentFields.status.optional(),
  }),
});

export interface PageIncident {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly impact: string | undefined;
  /** What was said, in order. */
  readonly bodies: readonly string[];
  readonly metadata: unknown;
}

export interface Statuspage extends Vendor {
  readonly incidents: readonly PageIncident[];
  /** The states of the page's components. */
  readonly components: ReadonlyMap<string, string>;
  /** Makes the newest incident the oldest. */
  bury(): void;
}

/** `before`: incidents that others made, newest first. */
export function statuspage(componentIds: readonly string[] = [], before = 0): Statuspage {
  const base = `/v1/pages/${pageId}`;
  const strange = (index: number): PageIncident => {
    const own = { id: `other${index}`, name: 'Other', status: 'resolved', impact: 'none' };
    return { ...own, bodies: [], metadata: {} };
  };
  const incidents: PageIncident[] = Array.from({ length: before }, (_none, index) => strange(index));
  const components = new Map(componentIds.map((id) => [id, 'operational']));
  const touch = (touched: Readonly<Record<string, string>> = {}): void => {
    for (const [id, state] of Object.entries(touched)) components.set(id, state);
  };
  const idIn = ({ path }: Asked) => new RegExp(`^${base}/incidents/([a-z0-9]+)$`).exec(path)?.[1];
  const isList = ({ path }: Asked) => [`${base}/incidents`, `${base}/incidents/unresolved`].includes(path);
  return {
    incidents,
    components,
    bury() {
      incidents.push(...incidents.splice(0, 1));
    },
    faultsOf(asked) {
      const { method, path, headers, body } = asked;
      const authorization = headers.authorization === `OAuth ${keys.statuspage}` ? [] : ['authorization'];
      if (method === 'GET')
        return [...authorization, ...(isList(asked) || path === `${base}/components` ? [] : [path])];
      if (method === 'POST') {
        return [...authorization, ...(path === `${base}/incidents` ? [] : [path]), ...faultsIn(createIncident, body)];
      }
      const isKnown = incidents.some(({ id }) => id === idIn(asked));
      return [
        ...authorization,
        ...(method === 'PATCH' && isKnown ? [] : [`${method} ${path}`]),
        ...faultsIn(updateIncident, body),
      ];
    },
    answer(asked) {
      const { method, path, query, body } = asked;
      if (path.endsWith('/components'))
        return { status: 200, body: JSON.stringify([...components.keys()].map((id) => ({ id }))) };
      if (method === 'GET') {
        const isOpen = path.endsWith('/unresolved');
        const most = isOpen ? Infinity : Number(query.get('limit') ?? 100);
        const listed = incidents.filter(({ status }) => !isOpen || status !== 'resolved').slice(0, most);
        return { status: 200, body: JSON.stringify(listed) };
      }
      if (method === 'POST') {
        const { incident } = createIncident.parse(body);
        touch(incident.components);
        const { name, status, impact_override: impact, metadata, body: text } = incident;
        const made = {
          id: `inc${incidents.length}`,
          name,
          status,
          impact,
          bodies: text === undefined ? [] : [text],
          metadata,
        };
        incidents.unshift(made);
        return { status: 201, body: JSON.stringify(made) };
      }
      const index = incidents.findIndex(({ id }) => id === idIn(asked));
      const { incident } = updateIncident.parse(body);
      touch(incident.components);
      const known = incidents[index];
      if (known === undefined) return { status: 404, body: '{"error":"not found"}' };
      incidents[index] = {
        ...known,
        status: incident.status ?? known.status,
        impact: incident.impact_override ?? known.impact,
        bodies: [...known.bodies, ...(incident.body === undefined ? [] : [incident.body])],
        metadata: incident.metadata ?? known.metadata,
      };
      return { status: 200, body: JSON.stringify(incidents[index]) };
    },
  };
}

function faultsIn(schema: z.ZodType, body: unknown): readonly string[] {
  return schema.safeParse(body).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}
