/**
 * Pages by PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): trigger, acknowledge, resolve.
 * One `dedup_key` an incident, so that whatever comes twice or from another process is one alert. Knows nothing of what is told.
 */
import { createHash } from 'node:crypto';
import type { Delivery, IncidentSeverity, Notification, Severity } from '../cloud/notifier.ts';
import type { Paged } from '../cloud/severity-levels.ts';
import { createCaller, type Answered, type CallerTools } from './caller.ts';
import { cutTo } from './lengths.ts';
import type { Receiver } from './receiver.ts';

export interface PagerDutyOptions extends CallerTools {
  /** Of the events API: `https://events.pagerduty.com`. */
  readonly url: string;
  /** The integration key of the service whose escalation policy has who is on call. */
  readonly routingKey: string;
  /** Of the one that has the manager. */
  readonly managerRoutingKey?: string;
  /** Who is to be paged of it. */
  readonly page: (notification: Notification) => readonly Paged[];
}

type Action = 'trigger' | 'acknowledge' | 'resolve';

/** "The maximum permitted length of this property is 1024 characters" (the page above, `summary`). */
const longestSummary = 1_024;
/** "The maximum permitted length of this property is 255 characters" (the page above, `dedup_key`). */
const longestKey = 255;
/** An event is 512 KB at most; this leaves room for the rest, and nobody reads more. */
const longestText = 50_000;
const longestAnswerBytes = 2_048;

const severities = {
  'SEV-1': 'critical',
  'SEV-2': 'error',
  'SEV-3': 'warning',
  'SEV-4': 'info',
  critical: 'critical',
  warning: 'warning',
  info: 'info',
} as const satisfies Record<IncidentSeverity | Severity, string>;

export function createPagerDuty(options: PagerDutyOptions): Receiver {
  const { url, routingKey, managerRoutingKey, page, ...tools } = options;
  const address = new URL(`${url.replace(/\/+$/, '')}/v2/enqueue`);
  const caller = createCaller({
    receiver: 'pagerduty',
    subject: 'PagerDuty',
    setting: 'notify.pagerduty.url',
    hidden: [routingKey, ...(managerRoutingKey === undefined ? [] : [managerRoutingKey])],
    ...tools,
  });

  async function send(key: string, action: Action, notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const body = JSON.stringify({ routing_key: key, ...eventOf(action, notification) });
    const answered = await caller.send(() => ({ url: address, body, mostBytes: longestAnswerBytes }), signal);
    const told = caller.delivery(answered);
    return told.delivered ? { ...told, detail: `${told.detail}${saidBy(answered)}` } : told;
  }

  /** All of them, each for itself: a manager's key that is wrong keeps nobody else asleep. */
  async function sendTo(
    people: readonly Paged[],
    action: Action,
    notification: Notification,
    signal: AbortSignal,
  ): Promise<Delivery> {
    const keys = people.flatMap((paged) => {
      const key = paged === 'manager' ? managerRoutingKey : routingKey;
      return key === undefined ? [] : [{ paged, key }];
    });
    const told = await Promise.all(
      keys.map(async ({ paged, key }) => ({ paged, delivery: await send(key, action, notification, signal) })),
    );
    const details = told.map(({ paged, delivery }) => (told.length === 1 ? '' : `${paged}: `) + delivery.detail);
    const isMissing = people.includes('manager') && managerRoutingKey === undefined;
    if (isMissing) details.push('no manager can be paged: notify.pagerduty.managerRoutingKey is not set');
    const left = told.filter(({ delivery }) => !delivery.delivered);
    return {
      receiver: 'pagerduty',
      delivered: told.length > 0 && left.length === 0,
      // Those who have it already know it again.
      ...(left.some(({ delivery }) => delivery.mayBeTakenLater === true) ? { mayBeTakenLater: true } : {}),
      detail: details.join('; '),
    };
  }

  const everybody: readonly Paged[] = managerRoutingKey === undefined ? ['on-call'] : ['on-call', 'manager'];
  return {
    name: 'pagerduty',
    send(notification, signal) {
      const action = actionOf(notification);
      return sendTo(action === 'trigger' ? page(notification) : everybody, action, notification, signal);
    },
    /** What a test triggers it resolves: it leaves nothing open. */
    async test(notification, signal) {
      const triggered = await sendTo(everybody, 'trigger', notification, signal);
      if (!triggered.delivered) return triggered;
      const resolved = await sendTo(everybody, 'resolve', notification, signal);
      return resolved.delivered
        ? { ...triggered, detail: `${triggered.detail}; resolved again` }
        : { ...resolved, detail: `it was triggered, and stays open: ${resolved.detail}` };
    },
  };
}

function actionOf({ incident }: Notification): Action {
  if (incident?.change === 'acknowledged') return 'acknowledge';
  return incident?.change === 'resolved' ? 'resolve' : 'trigger';
}

function eventOf(action: Action, notification: Notification): object {
  const { key, title, text, service, environment, runId, runbook, incident, at } = notification;
  const dedupKey = keyFrom(incident === undefined ? key : `${service}/${environment}/${incident.id}`);
  if (action !== 'trigger') return { event_action: action, dedup_key: dedupKey };
  return {
    event_action: action,
    dedup_key: dedupKey,
    client: 'nanoops',
    payload: {
      summary: cutTo(longestSummary, title),
      source: `${service} ${environment}`,
      severity: severities[incident?.severity ?? notification.severity],
      timestamp: new Date(at).toISOString(),
      component: service,
      group: environment,
      ...(runbook === undefined ? {} : { class: runbook }),
      custom_details: { text: cutTo(longestText, text), runId, incident: incident?.id, severity: incident?.severity },
    },
  };
}

/** The text itself where it may be a key; else what stands for it, always the same. */
function keyFrom(text: string): string {
  return text.length <= longestKey ? text : createHash('sha256').update(text).digest('hex');
}

/** What PagerDuty said besides, for whoever tests it: `, "Event processed"`. */
function saidBy(answered: Answered): string {
  const message =
    answered.kind === 'taken' ? /"message"\s*:\s*"([\w ,.-]{1,80})"/.exec(answered.body ?? '')?.[1] : undefined;
  return message === undefined ? '' : `, "${message}"`;
}
