/**
 * Refuses web pages in the place of answers. The protocols in XML take a page that happens to be well-formed for an
 * answer without content, and "nothing there" is then believed of what a proxy or a login page said.
 */
import { HttpResponse } from '@smithy/core/protocols';
import type { Pluggable } from '@smithy/types';
import { answerError } from './errors.ts';
import { operationOfContext } from './operation.ts';
import { reads } from './reads.ts';

const htmlType = /\bhtml\b/i;
/** How an HTML document begins, with or without a doctype and comments before it. */
const htmlStart = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i;
/** Enough of a body to see what it is. */
const glanceBytes = 1_024;

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  // Symbol.asyncIterator was just seen; what a stream of an HTTP answer yields are bytes.
  for await (const chunk of body as AsyncIterable<unknown>) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `service` is the prefix in IAM. */
export function refusePages<I extends object, O extends object>(service: string, region: string): Pluggable<I, O> {
  return {
    applyToStack: (stack) =>
      stack.add(
        (next, context) => async (args) => {
          const result = await next(args);
          const { response } = result;
          if (!HttpResponse.isInstance(response) || response.statusCode >= 300) return result;
          const type = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
          // The type alone condemns nobody: emulators send good answers under it.
          if (type === undefined || !htmlType.test(type)) return result;
          const bytes = await bytesOf(response.body);
          if (!htmlStart.test(new TextDecoder().decode(bytes.subarray(0, glanceBytes)))) {
            response.body = bytes;
            return result;
          }
          const operation = operationOfContext(context);
          const call = { service, operation, region, read: reads.has(`${service}:${operation}`) };
          throw answerError('malformed-answer', call, `HTTP ${response.statusCode} with a web page`);
        },
        { step: 'deserialize', priority: 'low' },
      ),
  };
}
