/**
 * A `requestHandler` for SDK clients that leads to a wire in this process: no socket is opened, and waiting is done on
 * the wire's clock. Serialisation, signing, retries and error handling stay the client's own. Failures look as those of
 * the SDK's handler for Node's http do.
 */
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import type {
  HttpHandlerOptions,
  HttpRequest,
  QueryParameterBag,
  RequestHandler,
  RequestHandlerOutput,
} from '@smithy/types';
import type { Clock } from '../../engine/clock.ts';
import { bytesOf, type WireRequest, type WireResponse } from './message.ts';
import type { Wire } from './wire.ts';

export interface WireRequestHandlerOptions {
  /** The wire's own clock. */
  readonly clock: Clock;
  /** After so many milliseconds without an answer a request fails with a `TimeoutError`; without it, it waits on. */
  readonly requestTimeoutMs?: number;
}

/** What SDK clients take as `requestHandler`. */
export interface WireRequestHandler extends RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions> {
  /** Clients offer their own defaults here; this handler has been told all it needs. */
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): Record<never, never>;
  destroy(): void;
}

export function wireRequestHandler(
  wire: Wire,
  { clock, requestTimeoutMs }: WireRequestHandlerOptions,
): WireRequestHandler {
  async function exchange(
    request: HttpRequest,
    options: HttpHandlerOptions,
  ): Promise<RequestHandlerOutput<HttpResponse>> {
    const signal = options.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
    const timeoutMs = options.requestTimeout ?? requestTimeoutMs ?? Infinity;
    const deadlineMs = clock.now() + timeoutMs;
    try {
      signal?.throwIfAborted();
      const outcome = await wire.handle(await wireRequestOf(request), { signal, patienceMs: timeoutMs });
      switch (outcome.kind) {
        case 'response':
          return { response: httpResponseOf(outcome.response) };
        case 'reset':
          throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
        case 'hang':
        case 'lost':
          await clock.sleep(deadlineMs - clock.now(), signal);
          throw Object.assign(new Error(`no answer within the request's limit of ${timeoutMs} ms`), {
            name: 'TimeoutError',
            code: 'ETIMEDOUT',
          });
      }
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      throw Object.assign(new Error('Request aborted', { cause: signal.reason }), { name: 'AbortError' });
    }
  }

  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (request, options = {}) => clock.busy(() => exchange(request, options)),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

async function wireRequestOf(request: HttpRequest): Promise<WireRequest> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: request.method,
    path: request.path,
    query: queryOf(request.query ?? {}),
    headers: { host: request.hostname, ...Object.fromEntries(headers) },
    body: await bytesOfBody(request.body),
  };
}

function queryOf(bag: QueryParameterBag): (readonly [string, string])[] {
  return Object.entries(bag).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => [name, item ?? ''] as const),
  );
}

async function bytesOfBody(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return bytesOf(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Readable) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(typeof chunk === 'string' ? bytesOf(chunk) : new Uint8Array(chunk));
    return Buffer.concat(chunks);
  }
  throw new TypeError('the sandbox reads request bodies that are text, bytes or Node.js streams');
}

/** Bytes as they are, which the SDK reads without a turn of the event loop; a stream only where it hands one on. */
function httpResponseOf({ status, headers, body, streamed }: WireResponse): HttpResponse {
  return new HttpResponse({
    statusCode: status,
    headers: { ...headers },
    body: streamed ? Readable.from([body], { objectMode: false }) : body,
  });
}
