/**
 * Posts notifications to a URL, as JSON of a versioned schema. The URL is a secret, whoever has it can post: it is in no
 * detail, message or error. Knows nothing of what is told. How a receiver checks a post is in docs/notifications.md.
 */
import type { Notification } from '../cloud/notifier.ts';
import { secretAddress } from './address.ts';
import { createCaller, type CallerTools } from './caller.ts';
import { partsOf } from './excerpt.ts';
import type { Receiver } from './receiver.ts';
import { signatureHeaders, signingKeyOf, webhookId } from './signature.ts';

export interface WebhookOptions extends CallerTools {
  /** `https:` or `http:`. */
  readonly url: string;
  /** Unsigned without one. See `signingKeyOf` for its forms. */
  readonly signingKey?: string;
}

const setting = 'notify.webhook.url';

/**
 * A receiver that posts to `url`; see `createCaller` for what is tried again.
 *
 * @throws NanoopsError `WebhookUrlInvalid` and `SigningKeyInvalid`, without the value.
 */
export function createWebhook({ url, signingKey, ...tools }: WebhookOptions): Receiver {
  const address = secretAddress(url, `the webhook\u2019s address (${setting})`);
  const key = signingKey === undefined ? undefined : signingKeyOf(signingKey);
  const hidden = partsOf(address);
  const caller = createCaller({ receiver: 'webhook', subject: 'the webhook', setting, hidden, ...tools });
  return {
    name: 'webhook',
    async send(notification, signal) {
      const id = webhookId(notification.key);
      const body = bodyOf(notification);
      const call = (atMs: number) => ({
        url: address,
        headers: { 'nanoops-delivery': id, ...(key === undefined ? {} : signatureHeaders(key, id, atMs, body)) },
        body,
      });
      return caller.delivery(await caller.send(call, signal));
    },
  };
}

function bodyOf(notification: Notification): string {
  const { at, key, severity, title, text, service, environment, runId, runbook, incident } = notification;
  return JSON.stringify({
    schema: 'nanoops/notification@1',
    key,
    severity,
    title,
    text,
    service,
    environment,
    runId,
    runbook,
    incident,
    at: new Date(at).toISOString(),
  });
}
