/**
 * The wire over HTTP on loopback, so that any AWS client on this machine can talk to the sandbox with `--endpoint-url`.
 * It listens nowhere else: whoever can reach it can change the simulated world.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { NanoopsError } from '../../errors.ts';
import { responseOf, type WireRequest, type WireResponse } from './message.ts';
import { BODY_LIMIT_BYTES } from './request-body.ts';
import type { Wire } from './wire.ts';

export interface ServeOptions {
  /** A loopback address: `127.0.0.1`, `::1` or `localhost`. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Told of defects of the sandbox itself; the client is answered 500. */
  readonly onDefect?: (error: unknown) => void;
  /** How long a connection is kept without a request, in milliseconds; 0: as long as the client keeps it. Node.js's own time when absent. */
  readonly idleMs?: number;
  /** Headers for a visitor who is no AWS client: how the world's time goes. */
  readonly told?: () => Readonly<Record<string, string>>;
}

export interface WireServer {
  /** For `--endpoint-url` and `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Takes no more requests, ends those that hang, and resolves when the port is free again. */
  close(): Promise<void>;
}

const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];
/** How long running requests may go on after `close`. */
const CLOSING_GRACE_MS = 500;

/** Serves until closed. Throws a `NanoopsError` for a host that is not loopback, or a port that cannot be had. */
export async function serveWire(
  wire: Wire,
  { host, port, onDefect, idleMs, told = () => ({}) }: ServeOptions,
): Promise<WireServer> {
  if (!LOOPBACK_HOSTS.includes(host)) {
    throw new NanoopsError(`the sandbox listens on loopback only, not on ${host}`, {
      code: 'NotLoopback',
      exitCode: 2,
      details: ['Whoever reaches the sandbox can change the simulated world, and it checks no signature.'],
      nextStep: 'nanoops sandbox serve',
    });
  }
  /** One for each request under way: aborts when its client is gone, or the server closes. */
  const open = new Set<AbortController>();
  const server = createServer((incoming, outgoing) => {
    const ended = new AbortController();
    open.add(ended);
    outgoing.once('close', () => {
      open.delete(ended);
      ended.abort(new Error('the client is gone'));
    });
    exchange(wire, incoming, outgoing, ended.signal, told).catch((error: unknown) => {
      if (ended.signal.aborted) {
        // Nobody is left to be answered.
        incoming.destroy();
        return;
      }
      onDefect?.(error);
      send(outgoing, defectResponse(error));
    });
  });
  if (idleMs !== undefined) server.keepAliveTimeout = idleMs;

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(host, port, error)));
    server.listen({ host, port }, resolve);
  });
  // A server that listens on a host and port has an address of this kind.
  const address = server.address() as AddressInfo;
  const name = isIPv6(address.address) ? `[${address.address}]` : address.address;

  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        for (const ended of open) ended.abort(new Error('the sandbox is closing'));
        const grace = setTimeout(() => server.closeAllConnections(), CLOSING_GRACE_MS);
        server.close((error) => {
          clearTimeout(grace);
          if (error === undefined) resolve();
          else reject(error);
        });
        server.closeIdleConnections();
      }),
  };
}

async function exchange(
  wire: Wire,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
  told: () => Readonly<Record<string, string>>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    send(outgoing, tooLarge());
    return;
  }
  const request = wireRequestOf(incoming, body);
  if (isVisit(request)) {
    send(outgoing, explanation(told()));
    return;
  }
  const outcome = await wire.handle(request, { signal });
  switch (outcome.kind) {
    case 'response':
      send(outgoing, outcome.response);
      return;
    case 'reset':
    case 'lost':
      incoming.socket.resetAndDestroy();
      return;
    case 'hang':
      // The client gives up some day, and closes; a closing server does not wait for that.
      if (signal.aborted) incoming.socket.destroy();
      else signal.addEventListener('abort', () => incoming.socket.destroy(), { once: true });
  }
}

/** The whole body; nothing when it is larger than the limit, read to its end all the same so that an answer arrives. */
function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Uint8Array[] = [];
    let length = 0;
    incoming.on('data', (chunk: Uint8Array) => {
      length += chunk.byteLength;
      if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else chunks = [];
    });
    incoming.once('end', () => resolve(length <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined));
    incoming.once('error', reject);
  });
}

function wireRequestOf(incoming: IncomingMessage, body: Uint8Array): WireRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? [] : [...new URLSearchParams(target.slice(mark + 1))],
    headers: Object.fromEntries(headers),
    body,
  };
}

function send(outgoing: ServerResponse, response: WireResponse): void {
  outgoing.writeHead(response.status, response.headers);
  outgoing.end(response.body);
}

/** Somebody with a browser, rather than an AWS client. */
function isVisit(request: WireRequest): boolean {
  const signed =
    request.headers['authorization'] !== undefined || request.query.some(([name]) => name === 'X-Amz-Credential');
  return request.method === 'GET' && request.path === '/' && request.query.length === 0 && !signed;
}

function explanation(told: Readonly<Record<string, string>>): WireResponse {
  const lines = [
    'This is the nanoops sandbox: a simulated AWS. Nothing here is real, and nothing here costs money.',
    '',
    'Point any AWS client at this address. Credentials are not checked; the region and the service are read from the',
    'signature, so this one address serves them all:',
    '',
    '  export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox',
    '  aws rds describe-db-clusters --region us-west-2 --endpoint-url http://<this address>',
    '',
  ];
  return responseOf(200, { 'content-type': 'text/plain; charset=utf-8', ...told }, lines.join('\n'));
}

function tooLarge(): WireResponse {
  const message = `RequestEntityTooLarge: the sandbox reads bodies of at most ${BODY_LIMIT_BYTES} bytes\n`;
  return responseOf(413, { 'content-type': 'text/plain; charset=utf-8' }, message);
}

function defectResponse(error: unknown): WireResponse {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `InternalFailure: a defect of the sandbox, not of your request: ${reason}\n`;
  return responseOf(500, { 'content-type': 'text/plain; charset=utf-8' }, message);
}

function cannotListen(host: string, port: number, error: Error): NanoopsError {
  return new NanoopsError(`the sandbox cannot listen on ${host} port ${port}: ${error.message}`, {
    code: 'PortUnavailable',
    exitCode: 2,
    nextStep: 'nanoops sandbox serve --port 0',
    cause: error,
  });
}
