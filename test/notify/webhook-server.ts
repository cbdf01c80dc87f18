/**
 * A webhook's other end on a real socket. It is strict: it checks method, headers, schema and signature of every post, and
 * answers as it was told; a post too many, or one too few, is a fault.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { serve } from '../aws/local-server.ts';
import { version } from '../../src/version.ts';

const schema = z.strictObject({
  schema: z.literal('nanoops/notification@1'),
  key: z.string().min(1),
  severity: z.enum(['critical', 'warning', 'info']),
  title: z.string().min(1),
  text: z.string(),
  service: z.string().min(1),
  environment: z.string().min(1),
  runId: z.string().min(1),
  runbook: z.string().min(1),
  at: z.iso.datetime({ precision: 3 }),
});

export interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly path: string;
  /** On the sender's clock. */
  readonly atMs: number;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface WebhookServer {
  /** Secret: a token is in its path and in its query. */
  readonly url: string;
  readonly posts: readonly Post[];
  /** What was wrong with the posts, and answers that nobody came for. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** What no detail and no message may hold. */
export const token = 'T0K3N-s3cr3t';
/** The same, in the query, where it is escaped. */
export const queryToken = 'qu3ry-s3cr3t+9';
const target = `/hooks/${token}?sig=${encodeURIComponent(queryToken)}`;

/** `key`: the bytes that posts must be signed with; without it they must not be signed. */
export async function webhookServer(
  answers: readonly Answer[],
  { nowMs, key }: { readonly nowMs: () => number; readonly key?: Buffer },
): Promise<WebhookServer> {
  const posts: Post[] = [];
  const faults: string[] = [];
  const left = [...answers];
  const local = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const post = { headers: request.headers, body: Buffer.concat(chunks), path: request.url ?? '', atMs: nowMs() };
      posts.push(post);
      faults.push(...faultsOf(request.method, post, key));
      const answer = left.shift();
      if (answer === undefined) faults.push('a post that nobody expected');
      (answer ?? status(500))(response, request);
    });
  });
  return {
    url: `${local.url}${target}`,
    posts,
    faults: () => [...faults, ...left.map(() => 'an answer that nobody came for')],
    close: () => local.close(),
  };
}

/** Checks as the specification tells receivers to, on its own terms. */
function faultsOf(method: string | undefined, { headers, body, path, atMs }: Post, key: Buffer | undefined): string[] {
  const faults: string[] = [];
  const expect = (truth: boolean, fault: string): void => {
    if (!truth) faults.push(fault);
  };
  const read = schema.safeParse(JSON.parse(body.toString('utf8')));
  const header = (name: string): string => String(headers[name] ?? 'absent');
  const id = header('nanoops-delivery');
  expect(method === 'POST', `method ${method}`);
  expect(path === target, `path ${path}`);
  expect(header('content-type') === 'application/json', `content-type ${header('content-type')}`);
  expect(header('user-agent') === `nanoops/${version}`, `user-agent ${header('user-agent')}`);
  expect(header('content-length') === String(body.length), `content-length ${header('content-length')}`);
  expect(/^[\w:/%-]+$/.test(id), `nanoops-delivery ${id}`);
  expect(read.success, `body ${read.error?.message}`);
  expect(read.success && decodeURIComponent(id) === read.data.key, `nanoops-delivery ${id} is another key`);
  if (key === undefined) {
    expect(!('webhook-signature' in headers), 'signed without a key');
    return faults;
  }
  const sent = header('webhook-timestamp');
  const [scheme, signature = '', ...more] = header('webhook-signature').split(',');
  const given = Buffer.from(signature, 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${sent}.`).update(body).digest();
  expect(header('webhook-id') === id, `webhook-id ${header('webhook-id')}`);
  expect(sent === String(Math.floor(atMs / 1_000)), `webhook-timestamp ${sent} at ${atMs}`);
  expect(scheme === 'v1' && more.length === 0, `webhook-signature ${header('webhook-signature')}`);
  expect(given.length === expected.length && timingSafeEqual(given, expected), 'the signature does not match');
  return faults;
}

export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (response) => {
    response.writeHead(code, headers);
    response.end(body);
  };
}
