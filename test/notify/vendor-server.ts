/**
 * The other end of a receiver on a real socket: a vendor that checks every request against what the vendor publishes, and
 * answers as it says. A script may have it fail first; a request too many, or one too few, is a fault.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { serve } from '../aws/local-server.ts';
import { version } from '../../src/version.ts';
import type { Answer } from './webhook-server.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; undefined where there was none. */
  readonly body: unknown;
}

export interface Vendor {
  /** What is wrong with a request, a line each. */
  faultsOf(asked: Asked): readonly string[];
  /** What a request that is right comes to. */
  answer(asked: Asked): { readonly status: number; readonly body: string; readonly type?: string };
}

export interface VendorServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Requests whose effect the vendor carried out. */
  readonly done: readonly Asked[];
  faults(): readonly string[];
  close(): Promise<void>;
}

/** What a request comes to beside the vendor's own answer: `lost` is carried out, and its answer never comes. */
export type Step = Answer | 'own' | 'lost';

/** `script`: what the first requests come to. Those after it get the vendor's own answer. */
export async function vendorServer(vendor: Vendor, script: readonly Step[] = []): Promise<VendorServer> {
  const asked: Asked[] = [];
  const done: Asked[] = [];
  const faults: string[] = [];
  const left = [...script];
  const local = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor');
      const each: Asked = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      asked.push(each);
      const { headers } = request;
      if (headers['user-agent'] !== `nanoops/${version}`) faults.push(`user-agent ${headers['user-agent']}`);
      if (text !== '' && headers['content-type'] !== 'application/json') faults.push(`type ${headers['content-type']}`);
      faults.push(...vendor.faultsOf(each));
      const step = left.shift() ?? 'own';
      if (typeof step === 'function') {
        step(response, request);
        return;
      }
      const { status, body, type = 'application/json' } = vendor.answer(each);
      done.push(each);
      if (step === 'lost') {
        response.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
  });
  return {
    url: local.url,
    asked,
    done,
    faults: () => [...faults, ...left.map(() => 'an answer that nobody came for')],
    close: () => local.close(),
  };
}
