/**
 * The site, by HTTP: Node's own fetch. One origin only: what a page says is data, and leads nowhere else. Long answers are
 * cut, and what is no text is hardly read.
 */
import { InspectionError, type WebAnswer, type WebInspection } from '../../cloud/inspection.ts';
import type { Clock } from '../../engine/clock.ts';
import { faultOf } from '../http-probe.ts';
import { limited, TimeIsUp } from '../time-limit.ts';

export interface WebOptions {
  /** The only site that is asked; none where it is not configured. */
  readonly site: string | undefined;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  /** Of nanoops, for the user agent. */
  readonly version: string;
  /** Milliseconds of real time, redirects included: 10 s unless given. */
  readonly limitMs?: number;
}

const defaultLimitMs = 10_000;
const mostRedirects = 3;
/** Decoded: a small answer may become a large one. */
const longestText = 4 * 1024 * 1024;
/** Of what is no text: enough to see what it is. */
const longestOther = 64 * 1024;
/** Among others these are judged; the rest is nobody's business. */
const longestHeader = 2_000;

export function openWeb({
  site,
  clock,
  signal: session,
  version,
  limitMs = defaultLimitMs,
}: WebOptions): WebInspection {
  const origin = site === undefined ? undefined : new URL(site).origin;

  async function one(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    if (new URL(url).origin !== origin) {
      throw new InspectionError('rejected', `${hostOf(url)} is not the site of cdn.url: it is not asked`, 'cdn.url');
    }
    return fetch(url, {
      headers: { 'user-agent': `nanoops/${version}`, ...headers },
      redirect: 'manual',
      credentials: 'omit',
      signal,
    });
  }

  return {
    get: (url, headers, signal) =>
      limited(clock, limitMs, [session, signal], async (ending) => {
        try {
          let at = url;
          let answer = await one(at, headers, ending);
          for (let count = 0; count < mostRedirects; count += 1) {
            const next = leadsTo(answer, at);
            if (next === undefined || new URL(next).origin !== origin) break;
            await answer.body?.cancel();
            at = next;
            answer = await one(at, headers, ending);
          }
          return await answerOf(answer, at);
        } catch (error) {
          if (ending.aborted && !(ending.reason instanceof TimeIsUp)) throw ending.reason;
          if (error instanceof InspectionError) throw error;
          const text = ending.aborted ? `no whole answer within ${limitMs / 1000} s` : faultOf(causeOf(error));
          throw new InspectionError(
            'unreachable',
            `${hostOf(url)}: ${text}`,
            'open it in a browser; cdn.url in nanoops.yaml',
            { cause: error },
          );
        }
      }),
  };
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function leadsTo(answer: Response, from: string): string | undefined {
  const location = answer.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === null || !URL.canParse(location, from)) {
    return undefined;
  }
  const next = new URL(location, from);
  return /^https?:$/.test(next.protocol) ? next.href : undefined;
}

/** fetch says only that it failed; why is within. */
function causeOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown reason');
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0];
  return cause instanceof Error ? cause : error;
}

async function answerOf(answer: Response, url: string): Promise<WebAnswer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of answer.headers) headers[name] = value.slice(0, longestHeader);
  const type = headers['content-type'] ?? '';
  const isText = /^text\/|json|javascript|ecmascript|xml/i.test(type);
  return { url, status: answer.status, headers, ...(await readText(answer, isText ? longestText : longestOther)) };
}

async function readText(answer: Response, most: number): Promise<{ readonly text: string; readonly isCut: boolean }> {
  if (answer.body === null) return { text: '', isCut: false };
  const decoder = new TextDecoder();
  let text = '';
  // Leaving the loop early ends the answer.
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= most) return { text: text.slice(0, most), isCut: true };
  }
  return { text: text + decoder.decode(), isCut: false };
}
