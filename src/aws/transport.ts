/**
 * The way out to AWS over HTTP: one handler for all clients, with bounded times. The only part of the adapter that waits
 * on the system's own timers, since a socket does not run on a run's clock.
 */
import type { HttpHandler, HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpHandlerOptions } from '@smithy/types';
import { pipeline, Readable, Transform } from 'node:stream';
import { tooLargeCode } from './error-kind.ts';
import type { Timeouts } from './options.ts';

/** Nothing but nanoops speaks on its streams. */
export const silentLogger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`the answer was not complete after ${timeoutMs} ms`), { name: 'TimeoutError' });
}

/**
 * Bytes. The largest that AWS sends here are pages of audit records and of metrics, some megabytes each; what is larger is
 * none of AWS, and to take it in would cost this machine its memory. `together`: of all that are being read at one time.
 */
const mostBytes = { each: 16_000_000, together: 64_000_000 };

function tooLarge(): Error {
  const message = `the answer is larger than ${mostBytes.each / 1_000_000} MB, or all at once are than ${mostBytes.together / 1_000_000} MB`;
  return Object.assign(new Error(message), { code: tooLargeCode });
}

/** Ends an answer that is too large, as soon as that shows. */
function bounded(body: Readable, underWay: { bytes: number }): Readable {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      bytes += chunk.length;
      underWay.bytes += chunk.length;
      const isTooLarge = bytes > mostBytes.each || underWay.bytes > mostBytes.together;
      if (isTooLarge) next(tooLarge());
      else next(null, chunk);
    },
  });
  // Who reads it is told of what went wrong by the stream itself.
  pipeline(body, counted, () => undefined);
  counted.once('close', () => (underWay.bytes -= bytes));
  return counted;
}

/**
 * An HTTP handler whose attempts end in time. The SDK's own limits end a connection that does not come about and an
 * answer that does not begin; this one also ends an answer that never finishes, or that is larger than any of AWS.
 * Connections are kept for the next request, unless `keepAlive` is false.
 */
export function openTransport(timeouts: Timeouts, { keepAlive = true } = {}): HttpHandler {
  const inner = new NodeHttpHandler({
    connectionTimeout: timeouts.connectMs,
    requestTimeout: timeouts.requestMs,
    throwOnRequestTimeout: true,
    socketTimeout: timeouts.requestMs,
    logger: silentLogger,
    ...(keepAlive ? {} : { httpAgent: { keepAlive }, httpsAgent: { keepAlive } }),
  });
  const underWay = { bytes: 0 };
  return {
    metadata: inner.metadata,
    async handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }> {
      const timeoutMs = options?.requestTimeout ?? timeouts.requestMs;
      const startedAt = performance.now();
      const { response } = await inner.handle(request, options);
      if (response.body instanceof Readable) {
        const body = bounded(response.body, underWay);
        response.body = body;
        const remainingMs = Math.max(1, timeoutMs - (performance.now() - startedAt));
        const timer = setTimeout(() => body.destroy(timeoutError(timeoutMs)), remainingMs);
        body.once('close', () => clearTimeout(timer));
      }
      return { response };
    },
    destroy: () => inner.destroy(),
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
  };
}

/** The transport, but each request is carried by the one that `choose` names for the options that it is sent with. */
export function choosing(
  transport: HttpHandler,
  choose: (options: HttpHandlerOptions | undefined) => HttpHandler,
): HttpHandler {
  return {
    metadata: transport.metadata,
    handle(request, options) {
      return choose(options).handle(request, options);
    },
    destroy: () => transport.destroy?.(),
    updateHttpClientConfig: (key, value) => transport.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => transport.httpHandlerConfigs(),
  };
}
