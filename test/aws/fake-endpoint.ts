/**
 * An endpoint in this process: hands each request of the SDK's clients to a function, and its answer back as HTTP. What
 * is asked is kept, so that a test can look at it. Strict: what the function does not answer is an error.
 */
import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import type { HttpHandlerOptions } from '@smithy/types';
import { Readable } from 'node:stream';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import type { AwsOptions } from '../../src/aws/options.ts';
import type { Clock } from '../../src/engine/clock.ts';

export interface Asked {
  readonly operation: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body of a JSON request, the parameters of a form; of XML and of objects the text, as `body`. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: HttpHandlerOptions | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON, strings as they are. */
  readonly body: unknown;
}

export interface FakeEndpoint extends HttpHandler {
  readonly asked: Asked[];
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
}

function inputOf(text: string, type: string): Record<string, unknown> {
  if (type.includes('form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  if (type.includes('xml') || type.includes('octet-stream')) return { body: text };
  return text === '' ? {} : JSON.parse(text);
}

function readRequest(request: HttpRequest, options: HttpHandlerOptions | undefined): Asked {
  const text = textOf(request.body);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k.toLowerCase(), v]));
  const input = inputOf(text, headers['content-type'] ?? '');
  const target = headers['x-amz-target']?.split('.').at(-1);
  const operation =
    target ?? (typeof input['Action'] === 'string' ? input['Action'] : `${request.method} ${request.path}`);
  const query = Object.fromEntries(Object.entries(request.query).map(([name, value]) => [name, String(value ?? '')]));
  return { operation, host: request.hostname, path: request.path, query, headers, input, options };
}

/** `respond` may throw what a socket would. */
export function fakeEndpoint(respond: (asked: Asked, count: number) => Answer | Promise<Answer>): FakeEndpoint {
  const asked: Asked[] = [];
  return {
    asked,
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: HttpRequest, options?: HttpHandlerOptions) {
      const read = readRequest(request, options);
      asked.push(read);
      const answer = await respond(read, asked.length);
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      const response = new HttpResponse({
        statusCode: answer.status ?? 200,
        headers: { ...answer.headers },
        body: Readable.from([Buffer.from(body)]),
      });
      return { response };
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
}

export interface FakeClock extends Clock {
  /** How long each sleep was, in order. */
  readonly slept: number[];
}

export const startMs = Date.UTC(2026, 10, 23, 10, 0, 30);

/** A clock that moves only when somebody sleeps, and then at once. */
export function fakeClock(at = startMs): FakeClock {
  let nowMs = at;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    busy: (work) => work(),
    async sleep(durationMs, signal) {
      signal?.throwIfAborted();
      slept.push(durationMs);
      nowMs += durationMs;
    },
  };
}

export const testCredentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'test' };

/** A sealed cloud on an endpoint in this process. */
export function cloudOn(
  requestHandler: HttpHandler,
  more: Partial<AwsOptions> & { readonly clock?: Clock } = {},
): AwsCloud {
  return openAws({
    clock: fakeClock(),
    random: () => 0.5,
    credentials: testCredentials,
    mode: 'read-only',
    requestHandler,
    ...more,
  });
}

/** What a rejected promise was rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('this was expected to fail');
}
