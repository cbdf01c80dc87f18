/**
 * A way to AWS on which answers go wrong, over real sockets: what a proxy, a login page, a bad network or somebody hostile
 * in between makes of them. Requests reach what is behind it, unless the fault is one of the way there, so that a change
 * whose answer is lost has been made.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const faults = [
  /** Half of the body, and then the end of the connection. */
  'cut',
  /** Half of the body, as if that were all. */
  'short',
  /** A reset in the middle of the body. */
  'reset-midway',
  /** A reset before anything is answered; the request has been heard. */
  'reset',
  /** No answer at all. */
  'silent',
  /** Headers, one at a time, and never the last. */
  'slow-headers',
  /** A byte now and then. */
  'drip',
  /** 200, and nothing. */
  'empty',
  /** 200 with a page, as a login portal answers. */
  'page',
  /** The same, called what AWS would call it. */
  'page-as-answer',
  /** A gateway's 502. */
  'gateway',
  /** Somewhere else. */
  'redirect',
  /** The answer in the other protocol's words. */
  'wrong-type',
  /** No HTTP. */
  'noise',
  /** More headers than a client takes. */
  'long-headers',
  /** Hundreds of megabytes of it. */
  'huge',
  /** The same, well-formed: one member that does not end. */
  'huge-member',
  /** Nested deeper than any stack. */
  'deep',
  /** XML entities that stand for billions of letters. */
  'entities',
  /** Members that every object inherits. */
  'prototype',
] as const;

/** `pages`: every list goes on, for ever. */
export type Fault = (typeof faults)[number] | 'pages';

export interface Passing {
  /** As the service names it: `UpdateService`, or method and path. */
  readonly operation: string;
  /** How often this operation was asked for before. */
  readonly before: number;
}

export interface FaultProxy {
  readonly url: string;
  /** Which fault befalls an answer; none when undefined. */
  fault: (passing: Passing) => Fault | undefined;
  /** What an answer is before anything befalls it. */
  alter: (operation: string, body: Buffer) => Buffer;
  /** What was asked, in order. */
  readonly asked: readonly string[];
  /** Of answers that were huge, as far as anybody took them. */
  readonly sentBytes: () => number;
  close(): Promise<void>;
}

const hugeBytes = 400_000_000;

export async function faultProxy(behind: string): Promise<FaultProxy> {
  const asked: string[] = [];
  const agent = new Agent({ keepAlive: true });
  const timers = new Set<NodeJS.Timeout>();
  const way: Way = { behind, agent, timers, sent: { bytes: 0 } };
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const operation = operationOf(incoming, body.toString());
      const before = asked.filter((each) => each === operation).length;
      asked.push(operation);
      const answer = await forwarded(incoming, firstPage(body), way);
      const altered = { ...answer, body: proxy.alter(operation, answer.body) };
      spoil(proxy.fault({ operation, before }), altered, outgoing, way);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    fault: () => undefined,
    alter: (_operation, body) => body,
    asked,
    sentBytes: () => way.sent.bytes,
    async close() {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
  return proxy;
}

interface Way {
  readonly behind: string;
  readonly agent: Agent;
  readonly timers: Set<NodeJS.Timeout>;
  readonly sent: { bytes: number };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function operationOf({ method = '', url = '/', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  return new URLSearchParams(body).get('Action') ?? `${method} ${url.split('?', 1)[0] ?? url}`;
}

async function forwarded(incoming: IncomingMessage, body: Buffer, way: Way): Promise<Answer> {
  const { url = '/', method } = incoming;
  const headers = { ...incoming.headers, 'content-length': String(body.length) };
  const answered = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(url, way.behind), { method, headers, agent: way.agent }, resolve).once('error', reject).end(body);
  });
  const kept = Object.entries(answered.headers).flatMap(([name, value]) =>
    typeof value === 'string' && !['connection', 'transfer-encoding', 'content-length', 'keep-alive'].includes(name)
      ? [[name, value] as const]
      : [],
  );
  return { status: answered.statusCode ?? 500, headers: Object.fromEntries(kept), body: await buffer(answered) };
}

const page = `<!DOCTYPE html><html><head><title>Sign in</title></head><body><script>alert(1)</script>\u001b[31mPlease sign in</body></html>`;

function spoil(fault: Fault | undefined, answer: Answer, outgoing: ServerResponse, way: Way): void {
  const { status, headers, body } = answer;
  const socket: Socket | null = outgoing.socket;
  const half = body.subarray(0, Math.ceil(body.length / 2));
  const every = (ms: number, work: () => void): void => {
    const timer = setInterval(() => (outgoing.destroyed ? clearInterval(timer) : work()), ms);
    way.timers.add(timer);
  };
  const whole = (text: Buffer | string, type = headers['content-type'] ?? '', as = 200): void => {
    outgoing.writeHead(as, { ...headers, 'content-type': type }).end(text);
  };
  const isXml = /xml/.test(headers['content-type'] ?? '') || body.subarray(0, 1).toString() === '<';
  switch (fault) {
    case undefined:
      whole(body, undefined, status);
      return;
    case 'cut':
      outgoing.writeHead(status, { ...headers, 'content-length': body.length + 1 });
      outgoing.write(half, () => socket?.destroy());
      return;
    case 'short':
      whole(half);
      return;
    case 'reset-midway':
      outgoing.writeHead(status, { ...headers, 'content-length': body.length + 1 });
      outgoing.write(half, () => socket?.resetAndDestroy());
      return;
    case 'reset':
      socket?.resetAndDestroy();
      return;
    case 'silent':
      return;
    case 'slow-headers':
      socket?.write('HTTP/1.1 200 OK\r\n');
      every(200, () => void socket?.write(`x-${Date.now()}: 1\r\n`));
      return;
    case 'drip': {
      outgoing.writeHead(status, { ...headers, 'content-length': body.length + 100_000 });
      let at = 0;
      every(
        200,
        () => void outgoing.write(body.subarray(at, (at += 1)).length === 0 ? ' ' : body.subarray(at - 1, at)),
      );
      return;
    }
    case 'empty':
      whole('');
      return;
    case 'page':
      whole(page, 'text/html; charset=utf-8');
      return;
    case 'page-as-answer':
      whole(page);
      return;
    case 'gateway':
      whole('<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html', 502);
      return;
    case 'redirect':
      outgoing.writeHead(302, { location: 'https://login.example/', 'content-type': 'text/html' }).end(page);
      return;
    case 'wrong-type':
      if (isXml) whole('{"message":"hello"}', 'application/json');
      else whole('<?xml version="1.0"?><Hello><Message>hello</Message></Hello>', 'text/xml');
      return;
    case 'noise':
      socket?.end('\u0000\u0001\u0002SSH-2.0-OpenSSH_9.6\r\n\r\n');
      return;
    case 'long-headers':
      socket?.end(`HTTP/1.1 200 OK\r\n${'x-a: '.padEnd(8_000, 'a').concat('\r\n').repeat(30)}\r\n`);
      return;
    case 'huge':
    case 'huge-member':
      stream(fault, { isXml, headers }, outgoing, way);
      return;
    case 'deep':
      whole(
        isXml ? '<a>'.repeat(200_000) + '</a>'.repeat(200_000) : `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      );
      return;
    case 'entities': {
      const names = Array.from({ length: 30 }, (_, index) => `e${index}`);
      const defined = names.map((name, index) =>
        index === 0 ? `<!ENTITY ${name} "aaaaaaaaaa">` : `<!ENTITY ${name} "${`&e${index - 1};`.repeat(10)}">`,
      );
      whole(`<?xml version="1.0"?><!DOCTYPE x [${defined.join('')}]><x><Message>&e29;</Message></x>`, 'text/xml');
      return;
    }
    case 'prototype':
      whole(
        isXml
          ? '<R><__proto__><polluted>1</polluted></__proto__><constructor><prototype><polluted>1</polluted></prototype></constructor></R>'
          : '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      );
      return;
    case 'pages':
      whole(endless(body.toString(), isXml), undefined, status);
      return;
  }
}

/** As fast as it is taken. */
function stream(
  fault: 'huge' | 'huge-member',
  { isXml, headers }: { readonly isXml: boolean; readonly headers: Answer['headers'] },
  outgoing: ServerResponse,
  { sent }: Way,
): void {
  outgoing.writeHead(200, headers);
  const piece = Buffer.alloc(1_000_000, fault === 'huge' ? (isXml ? '<a>b</a>' : '{"a":1},') : 'a');
  if (fault === 'huge-member') outgoing.write(isXml ? '<Answer><Message>' : '{"Message":"');
  let written = 0;
  const more = (): void => {
    while (written < hugeBytes && !outgoing.destroyed) {
      written += piece.length;
      sent.bytes += piece.length;
      if (!outgoing.write(piece)) {
        outgoing.once('drain', more);
        return;
      }
    }
    outgoing.end();
  };
  more();
}

/** A question for a page of ours is one for the first page to whoever is behind. */
function firstPage(body: Buffer): Buffer {
  if (!body.includes('page-')) return body;
  const text = body.toString();
  return Buffer.from(
    text
      .replaceAll(/,?"(?:NextToken|nextToken|Marker)":"page-\d+"/g, '')
      .replaceAll('{,', '{')
      .replaceAll(/&(?:Marker|NextToken|NextMarker)=page-\d+/g, ''),
  );
}

let pages = 0;

/** The list, and a word by which to ask for more of it, as each API names that. */
function endless(text: string, isXml: boolean): string {
  pages += 1;
  const token = `page-${pages}`;
  if (isXml) {
    return text
      .replace(/<(?:Marker|NextMarker|NextToken)>[^<]*<\/(?:Marker|NextMarker|NextToken)>/g, '')
      .replace(
        /(<\w+Result>)/,
        `$1<Marker>${token}</Marker><NextMarker>${token}</NextMarker><NextToken>${token}</NextToken>`,
      );
  }
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null) return text;
    return JSON.stringify({ ...document, NextToken: token, nextToken: token, Marker: token });
  } catch {
    return text;
  }
}
