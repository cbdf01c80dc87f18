/**
 * The way out to AWS over HTTP: one handler for all clients, with bounded times. The only part of the adapter that waits
 * on the system's own timers, since a socket does not run on a run's clock.
 */
import type { HttpHandler, HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpHandlerOptions } from '@smithy/types';
import { Readable } from 'node:stream';
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
 * An HTTP handler whose attempts end in time. The SDK's own limits end a connection that does not come about and an
 * answer that does not begin; this one also ends an answer that never finishes. Connections are kept for the next
 * request, unless `keepAlive` is false.
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
  return {
    metadata: inner.metadata,
    async handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }> {
      const timeoutMs = options?.requestTimeout ?? timeouts.requestMs;
      const startedAt = performance.now();
      const { response } = await inner.handle(request, options);
      const body: unknown = response.body;
      if (body instanceof Readable) {
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
