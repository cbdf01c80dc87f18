/** A message that waits, as text. What an older or a newer nanoops wrote, and what is damaged, is nothing that can be sent. */
import type { NotifiedIncident, Notification } from '../cloud/notifier.ts';
import type { Waiting } from './outbox.ts';

const version = 1;

export function waitingText(receiver: string, notification: Notification): string {
  return `${JSON.stringify({ version, receiver, notification })}\n`;
}

/** Undefined for what cannot be read. */
export function waitingIn(text: string): Pick<Waiting, 'receiver' | 'notification'> | undefined {
  const value = objectIn(text);
  const receiver = textAt(value, 'receiver');
  const notification = notificationIn(memberOf(value, 'notification'));
  if (memberOf(value, 'version') !== version || receiver === undefined || notification === undefined) return undefined;
  return { receiver, notification };
}

const severities = ['critical', 'warning', 'info'] as const;
const incidentSeverities = ['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4'] as const;
const changes = ['opened', 'acknowledged', 'updated', 'resolved'] as const;

function notificationIn(value: unknown): Notification | undefined {
  const [key, title, text, service, environment] = ['key', 'title', 'text', 'service', 'environment'].map((name) =>
    textAt(value, name),
  );
  const severity = severities.find((each) => each === memberOf(value, 'severity'));
  const at = memberOf(value, 'at');
  const incident = incidentIn(memberOf(value, 'incident'));
  if (key === undefined || title === undefined || text === undefined || severity === undefined) return undefined;
  if (service === undefined || environment === undefined || typeof at !== 'number' || incident === 'damaged')
    return undefined;
  const runId = textAt(value, 'runId');
  const runbook = textAt(value, 'runbook');
  return {
    key,
    severity,
    title,
    text,
    service,
    environment,
    at,
    ...(runId === undefined ? {} : { runId }),
    ...(runbook === undefined ? {} : { runbook }),
    ...(incident === undefined ? {} : { incident }),
  };
}

function incidentIn(value: unknown): NotifiedIncident | 'damaged' | undefined {
  if (value === undefined) return undefined;
  const id = textAt(value, 'id');
  const severity = incidentSeverities.find((each) => each === memberOf(value, 'severity'));
  const change = changes.find((each) => each === memberOf(value, 'change'));
  if (id === undefined || severity === undefined || change === undefined) return 'damaged';
  const publicText = textAt(value, 'publicText');
  return { id, severity, change, ...(publicText === undefined ? {} : { publicText }) };
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Damaged: said by what is returned.
  }
}

function textAt(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
