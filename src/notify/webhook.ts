/**
 * Posts notifications to a URL, as JSON of a versioned schema. The URL is a secret, whoever has it can post: it is in no
 * detail, message or error. Knows nothing of what is told. How a receiver checks a post is in docs/notifications.md.
 */
import type { Delivery, Notification } from '../cloud/notifier.ts';
import type { Clock, Random } from '../engine/clock.ts';
import { NanoopsError } from '../errors.ts';
import { excerptOf } from './excerpt.ts';
import type { Receiver } from './receiver.ts';
import { signatureHeaders, signingKeyOf, webhookId } from './signature.ts';
import { TimeLimitError, within } from './time-limit.ts';

export interface WebhookOptions {
  /** `https:` or `http:`. */
  readonly url: string;
  /** Unsigned without one. See `signingKeyOf` for its forms. */
  readonly signingKey?: string;
  readonly clock: Clock;
  /** For the jitter between attempts. */
  readonly random: Random;
  /** Of nanoops, for the user agent. */
  readonly version: string;
}

const attempts = 3;
const attemptMs = 5_000;
/** The first delay's ceiling; each next one is twice as high. */
const baseDelayMs = 1_000;
const longestRetryAfterMs = 10_000;

/** What one attempt led to: an answer, or why there was none. */
type Outcome =
  | { readonly status: number; readonly retryAfterMs: number; readonly excerpt?: string }
  | { readonly status?: undefined; readonly retryAfterMs: 0; readonly problem: string };

/**
 * A receiver that posts to `url`, up to three times, five seconds each: no answer, 429 and 5xx are tried again, and
 * `Retry-After` is heeded up to ten seconds. Redirects are not followed: they would take the body elsewhere.
 *
 * @throws NanoopsError `WebhookUrlInvalid` and `SigningKeyInvalid`, without the value.
 */
export function createWebhook({ url, signingKey, clock, random, version }: WebhookOptions): Receiver {
  const address = addressOf(url);
  const key = signingKey === undefined ? undefined : signingKeyOf(signingKey);

  async function attempt(id: string, body: string, signal: AbortSignal): Promise<Outcome> {
    let answer: Outcome | undefined;
    try {
      await within(clock, attemptMs, signal, async (attemptSignal) => {
        const response = await fetch(address, {
          method: 'POST',
          // Node hands out the redirect itself where browsers hide it, so that it can be told from a lost connection.
          redirect: 'manual',
          headers: {
            'content-type': 'application/json',
            'user-agent': `nanoops/${version}`,
            'nanoops-delivery': id,
            ...(key === undefined ? {} : signatureHeaders(key, id, clock.now(), body)),
          },
          body,
          signal: attemptSignal,
        });
        const { status, ok } = response;
        answer = { status, retryAfterMs: retryAfterMs(response.headers.get('retry-after'), clock.now()) };
        if (ok) await response.body?.cancel();
        else answer = { ...answer, excerpt: await excerptOf(response, address) };
      });
    } catch (error) {
      // An answer whose text breaks off or never ends is an answer all the same.
      return answer ?? { retryAfterMs: 0, problem: problemOf(error) };
    }
    return answer ?? { retryAfterMs: 0, problem: 'no answer' };
  }

  return {
    name: 'webhook',
    async send(notification, signal) {
      const id = webhookId(notification.key);
      const body = bodyOf(notification);
      let last: string | undefined;
      for (let count = 1; !signal.aborted; count += 1) {
        const outcome = await attempt(id, body, signal);
        const { status } = outcome;
        if (status !== undefined && status >= 200 && status < 300) {
          return delivery(true, `the webhook took it: HTTP ${status}${count === 1 ? '' : `, at attempt ${count}`}`);
        }
        // The attempt that was cut off says nothing about the webhook.
        if (signal.aborted && status === undefined) break;
        last = wordsOf(outcome);
        if (!mayHeal(status)) return delivery(false, `the webhook refused it: ${last}`);
        if (count === attempts) return delivery(false, `the webhook did not take it, ${attempts} attempts: ${last}`);
        const jitterMs = Math.round(random() * baseDelayMs * 2 ** (count - 1));
        await pause(clock, Math.max(outcome.retryAfterMs, jitterMs), signal);
      }
      return delivery(false, `the webhook did not take it in time: ${last ?? 'no answer'}`);
    },
  };
}

function delivery(delivered: boolean, detail: string): Delivery {
  return { receiver: 'webhook', delivered, detail };
}

/** Neither the text nor the parser's error, which quotes it, may be told. */
function addressOf(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const fault = address === undefined ? 'is not a URL' : faultOf(address);
  if (address !== undefined && fault === undefined) return address;
  throw new NanoopsError(`the webhook\u2019s address (notify.webhook.url) ${fault}`, {
    code: 'WebhookUrlInvalid',
    exitCode: 2,
    nextStep: 'put a URL such as https://host/path where the configuration says that the address is kept',
  });
}

function faultOf({ protocol, username, password }: URL): string | undefined {
  if (protocol !== 'https:' && protocol !== 'http:') return 'begins neither with https:// nor with http://';
  if (username !== '' || password !== '') return 'holds a user or a password, which are not sent';
  return undefined;
}

function bodyOf({ at, key, severity, title, text, service, environment, runId, runbook }: Notification): string {
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
    at: new Date(at).toISOString(),
  });
}

/** No answer, too many requests, or a fault of the other side. */
function mayHeal(status: number | undefined): boolean {
  return status === undefined || status === 429 || status >= 500;
}

/** RFC 9110, section 10.2.3: seconds, or a date. 0 for anything else. */
function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return waitMs > 0 ? Math.min(waitMs, longestRetryAfterMs) : 0;
}

async function pause(clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(durationMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function wordsOf(outcome: Outcome): string {
  const { status } = outcome;
  if (status === undefined) return outcome.problem;
  if (status >= 300 && status < 400) {
    return `HTTP ${status}, a redirect, which is not followed; make notify.webhook.url the address it leads to`;
  }
  return outcome.excerpt === undefined ? `HTTP ${status}` : `HTTP ${status}, "${outcome.excerpt}"`;
}

/** Only codes are told: the messages of `fetch` and of what it stands on name the host, or the whole URL. */
function problemOf(error: unknown): string {
  if (error instanceof TimeLimitError) return error.message;
  const code = codeOf(error);
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}

/** The first code of the error and of what caused it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code)) return error.code;
  return codeOf(error.cause);
}
