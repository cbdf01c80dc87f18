/**
 * How every receiver that speaks HTTP is called: what may pass is tried again, `Retry-After` is heeded, redirects are not
 * followed, and nothing secret is in what is said afterwards. Knows no receiver in particular, and nothing of what is told.
 */
import type { Delivery } from '../cloud/notifier.ts';
import type { Clock, Random } from '../engine/clock.ts';
import { excerptOf, shortBodyOf } from './excerpt.ts';
import { TimeLimitError, within } from './time-limit.ts';

/** What all callers are made with. */
export interface CallerTools {
  readonly clock: Clock;
  /** For the jitter between attempts. */
  readonly random: Random;
  /** Of nanoops, for the user agent. */
  readonly version: string;
}

export interface CallerOptions extends CallerTools {
  /** As the configuration calls it: `webhook`. */
  readonly receiver: string;
  /** As sentences call it: `the webhook`. */
  readonly subject: string;
  /** The setting that holds its address: `notify.webhook.url`. */
  readonly setting: string;
  /** What no excerpt of an answer may repeat: keys, or the parts of a secret address. */
  readonly hidden: readonly string[];
  /**
   * True where the receiver knows a message again that comes twice. Where it does not, one whose answer was lost is not
   * sent again, since it may have come. True when absent.
   */
  readonly knowsAgain?: boolean;
}

export interface Call {
  readonly url: URL;
  /** POST unless given. */
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How much of an answer that is well is read. Nothing when absent, and a longer one is none. */
  readonly mostBytes?: number;
}

/** What calling led to, all attempts together. */
export type Answered =
  | { readonly kind: 'taken'; readonly status: number; readonly attempts: number; readonly body?: string }
  | { readonly kind: 'refused'; readonly status: number; readonly words: string }
  | {
      readonly kind: 'failed' | 'late';
      readonly words: string;
      readonly attempts: number;
      /** True where it may have come all the same: an answer was lost. */
      readonly mayHaveCome: boolean;
    };

export interface Caller {
  /** `call` is asked for each attempt anew, with when that is. Never rejects. */
  send(call: (atMs: number) => Call, signal: AbortSignal): Promise<Answered>;
  /** What is said of it. */
  delivery(answered: Answered): Delivery;
  delivered(detail: string): Delivery;
  /** It was not told; and why telling it again would be in vain. */
  refused(detail: string): Delivery;
}

const attempts = 3;
const attemptMs = 5_000;
/** The first delay's ceiling; each next one is twice as high. */
const baseDelayMs = 1_000;
const longestRetryAfterMs = 10_000;

/** What one attempt led to: an answer, or why there was none. */
type Outcome =
  | { readonly status: number; readonly retryAfterMs: number; readonly text?: string }
  | { readonly status?: undefined; readonly retryAfterMs: 0; readonly problem: string; readonly mayHaveCome: boolean };

/**
 * Up to three attempts, five seconds each: no answer, 420, 429 and 5xx are tried again, and `Retry-After` is heeded up to ten
 * seconds. Redirects are not followed: they would take the body, and the key, elsewhere.
 */
export function createCaller(options: CallerOptions): Caller {
  const { receiver, subject, setting, hidden, knowsAgain = true, clock, random, version } = options;

  async function attempt(call: Call, signal: AbortSignal): Promise<Outcome> {
    const { url, method = 'POST', headers = {}, body, mostBytes } = call;
    let answer: Outcome | undefined;
    try {
      await within(clock, attemptMs, signal, async (attemptSignal) => {
        const response = await fetch(url, {
          method,
          // Node hands out the redirect itself where browsers hide it, so that it can be told from a lost connection.
          redirect: 'manual',
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            'user-agent': `nanoops/${version}`,
            ...headers,
          },
          ...(body === undefined ? {} : { body }),
          signal: attemptSignal,
        });
        const { status, ok } = response;
        answer = { status, retryAfterMs: retryAfterMs(response.headers.get('retry-after'), clock.now()) };
        if (!ok) answer = { ...answer, text: await excerptOf(response, hidden) };
        else if (mostBytes === undefined) await response.body?.cancel();
        else answer = { ...answer, text: await shortBodyOf(response, mostBytes) };
      });
    } catch (error) {
      // An answer whose text breaks off or never ends is an answer all the same.
      return answer ?? { retryAfterMs: 0, problem: problemOf(error), mayHaveCome: !wasNeverSent(error) };
    }
    return answer ?? { retryAfterMs: 0, problem: 'no answer', mayHaveCome: true };
  }

  const delivery = (delivered: boolean, detail: string): Delivery => ({ receiver, delivered, detail });

  return {
    async send(call, signal) {
      let last: string | undefined;
      let mayHaveCome = false;
      for (let count = 1; !signal.aborted; count += 1) {
        const outcome = await attempt(call(clock.now()), signal);
        const { status } = outcome;
        if (status !== undefined && status >= 200 && status < 300) {
          const { text } = outcome;
          return { kind: 'taken', status, attempts: count, ...(text === undefined ? {} : { body: text }) };
        }
        mayHaveCome ||= status === undefined && outcome.mayHaveCome;
        // The attempt that was cut off says nothing about the receiver.
        if (signal.aborted && status === undefined) break;
        last = wordsOf(outcome, setting);
        if (status !== undefined && !mayHeal(status)) return { kind: 'refused', status, words: last };
        if (count === attempts || (mayHaveCome && !knowsAgain)) {
          return { kind: 'failed', words: last, attempts: count, mayHaveCome };
        }
        const jitterMs = Math.round(random() * baseDelayMs * 2 ** (count - 1));
        await pause(clock, Math.max(outcome.retryAfterMs, jitterMs), signal);
      }
      return { kind: 'late', words: last ?? 'no answer', attempts, mayHaveCome };
    },
    delivery(answered) {
      switch (answered.kind) {
        case 'taken': {
          const when = answered.attempts === 1 ? '' : `, at attempt ${answered.attempts}`;
          return delivery(true, `${subject} took it: HTTP ${answered.status}${when}`);
        }
        case 'refused':
          return delivery(false, `${subject} refused it: ${answered.words}`);
        case 'failed':
        case 'late': {
          const tries = answered.attempts === 1 ? '' : `, ${answered.attempts} attempts`;
          const how = answered.kind === 'late' ? ' in time' : tries;
          const said = `${subject} did not take it${how}: ${answered.words}`;
          if (answered.mayHaveCome && !knowsAgain)
            return delivery(false, `${said}; it may have come, and is not sent twice`);
          return { ...delivery(false, said), mayBeTakenLater: true };
        }
      }
    },
    delivered: (detail) => delivery(true, detail),
    refused: (detail) => delivery(false, detail),
  };
}

/** Too many requests (420 is Statuspage's), or a fault of the other side. */
function mayHeal(status: number): boolean {
  return status === 420 || status === 429 || status >= 500;
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

function wordsOf(outcome: Outcome, setting: string): string {
  const { status } = outcome;
  if (status === undefined) return outcome.problem;
  if (status >= 300 && status < 400) {
    return `HTTP ${status}, a redirect, which is not followed; make ${setting} the address it leads to`;
  }
  return outcome.text === undefined ? `HTTP ${status}` : `HTTP ${status}, "${outcome.text}"`;
}

/** Only codes are told: the messages of `fetch` and of what it stands on name the host, or the whole URL. */
function problemOf(error: unknown): string {
  if (error instanceof TimeLimitError) return error.message;
  const code = codeOf(error);
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}

/** Codes of connections that never stood, so that nothing went over them. */
const neverStood: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function wasNeverSent(error: unknown): boolean {
  return neverStood.has(codeOf(error) ?? '');
}

/** The first code of the error and of what caused it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code)) return error.code;
  return codeOf(error.cause);
}
