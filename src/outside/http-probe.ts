/**
 * One GET, as a user who comes for the first time makes it: the name is looked up, the connection made and TLS agreed
 * anew each time, since a connection that was kept would lead to where the name led before. Follows no redirect and
 * keeps no body.
 */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ProbeAnswer } from '../cloud/outside.ts';
import type { Clock } from '../engine/clock.ts';
import { limited, TimeIsUp } from './time-limit.ts';

export interface HttpProbeOptions {
  /** `https:` or `http:`. */
  readonly url: string;
  readonly clock: Clock;
  /** Any of them ends it. */
  readonly signals: readonly AbortSignal[];
  /** Of nanoops, for the user agent. */
  readonly version: string;
  /** For all of it, the look-up of the name included: 5 s unless given. */
  readonly limitMs?: number;
  /** PEM of the authorities to trust instead of Node's own. */
  readonly ca?: string;
}

const defaultLimitMs = 5_000;
const longestBodyBytes = 64 * 1_024;

/**
 * Any 2xx or 3xx is `ok`, whatever becomes of the body; a body that breaks off or does not end in time is told.
 * `durationMs` is the time until the headers were there, or until it was given up.
 *
 * @throws the reason of a signal that aborted.
 */
export async function httpProbe(options: HttpProbeOptions): Promise<ProbeAnswer> {
  const { url, clock, signals, version, ca, limitMs = defaultLimitMs } = options;
  const beganAt = clock.now();
  const elapsedMs = (): number => Math.max(0, Math.round((clock.now() - beganAt) / (clock.pace ?? 1)));
  const failed = (detail: string): ProbeAnswer => ({ ok: false, durationMs: elapsedMs(), detail });
  return limited(clock, limitMs, signals, (signal) => {
    return new Promise<ProbeAnswer>((resolve, reject) => {
      const send = url.startsWith('https:') ? requestHttps : requestHttp;
      const request = send(url, {
        // Node makes one of its own for this request, which keeps neither connections nor TLS sessions.
        agent: false,
        headers: { 'user-agent': `nanoops/${version}`, accept: '*/*', 'cache-control': 'no-cache' },
        ...(ca === undefined ? {} : { ca }),
      });
      let answer: ProbeAnswer | undefined;
      const give = (given: ProbeAnswer): void => {
        signal.removeEventListener('abort', stop);
        resolve(given);
        request.destroy();
      };
      const stop = (): void => {
        const { reason } = signal;
        if (!(reason instanceof TimeIsUp)) {
          reject(reason);
          request.destroy();
        } else if (answer === undefined) give(failed(`no answer within ${limitMs / 1_000} s`));
        else give(withNote(answer, `its body did not end within ${limitMs / 1_000} s`));
      };
      signal.addEventListener('abort', stop, { once: true });
      request.once('response', (response) => {
        answer = answerOf(response, elapsedMs());
        const whole = answer;
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > longestBodyBytes) give(whole);
        });
        response.once('end', () => give(whole));
        response.on('error', () => give(withNote(whole, 'its body broke off')));
      });
      // Destroying it, in the end, may raise another one, when nobody listens for the answer any more.
      request.on('error', (error) => give(answer ?? failed(faultOf(error))));
      request.end();
    });
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, durationMs: number): ProbeAnswer {
  const ok = statusCode >= 200 && statusCode < 400;
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
  const redirect = isRedirect ? `, a redirect${placeOf(headers.location)}` : '';
  return { ok, status: statusCode, durationMs, detail: `${statusCode} in ${durationMs} ms${redirect}` };
}

/** Scheme and host alone: the rest of an address may hold what is nobody's business. */
function placeOf(location = ''): string {
  if (location.startsWith('/') && !location.startsWith('//')) return ' on the same host';
  if (!/^https?:/i.test(location) || !URL.canParse(location)) return '';
  const { origin } = new URL(location);
  return ` to ${origin.length > 100 ? `${origin.slice(0, 100)}…` : origin}`;
}

function withNote(answer: ProbeAnswer, note: string): ProbeAnswer {
  return { ...answer, detail: `${answer.detail}, but ${note}` };
}

/** Node's, OpenSSL's and the system's codes, as a person says them. */
const faults: Readonly<Record<string, string>> = {
  ENOTFOUND: 'name does not resolve',
  ENODATA: 'name does not resolve',
  EAI_AGAIN: 'name could not be looked up: the resolver does not answer',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed before an answer came',
  EPIPE: 'connection closed before an answer came',
  ECONNABORTED: 'connection closed before an answer came',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host cannot be reached from here',
  ENETUNREACH: 'network cannot be reached from here',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not valid yet',
  CERT_REVOKED: 'certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate comes without the chain that leads to its authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
};

export function faultOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return 'the request failed';
  const known = faults[code];
  if (known !== undefined) return known;
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers of the answer are too long';
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return `TLS was not agreed on (${code})`;
  return `the request failed (${code})`;
}
