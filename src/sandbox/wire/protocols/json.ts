/**
 * awsJson1_0 and awsJson1_1: one path, the operation in `X-Amz-Target`, JSON in and out.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import { JsonCodec2 } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { responseOf, textOf, type WireRequest } from '../message.ts';
import { isPlainJson, membersOf, recordOf, structure, textMember } from '../schema.ts';
import type { ServiceFault } from '../service.ts';
import type { Protocol } from './protocol.ts';

const TIMESTAMP_EPOCH_SECONDS = 7;
const JSON_SETTINGS = {
  timestampFormat: { useTrait: true, default: TIMESTAMP_EPOCH_SECONDS },
  httpBindings: false,
  jsonName: false,
} as const;

/** Either version: they differ in the content type alone. */
export function jsonRpc(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  return {
    async decode(operation, request) {
      return readJson(NormalizedSchema.of(operation.input), request.body);
    },

    encode(operation, output, requestId) {
      const body = operation.output.isStructSchema() ? writeJson(operation.output, recordOf(output)) : '{}';
      return responseOf(200, { 'content-type': contentType, 'x-amzn-requestid': requestId }, body);
    },

    encodeFault(fault, { request, requestId }) {
      return responseOf(
        fault.status,
        {
          'content-type': contentType,
          'x-amzn-requestid': requestId,
          'x-amzn-errortype': fault.code,
          ...queryErrorHeader(fault, request),
        },
        writeJson(typedFault(fault), typedFaultMembers(fault)),
      );
    },
  };
}

/**
 * Services that once spoke the query protocol tell its code and type in a header, to clients that ask for it.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export function queryErrorHeader(fault: ServiceFault, request: WireRequest): Readonly<Record<string, string>> {
  if (request.headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${fault.code};${fault.status >= 500 ? 'Receiver' : 'Sender'}` };
}

/** An error as a structure that says its type, for the JSON and CBOR protocols. */
export function typedFault(fault: ServiceFault): StaticStructureSchema {
  const own = fault.detail === undefined ? [] : membersOf(NormalizedSchema.of(fault.detail.schema));
  return structure(fault.code, [
    textMember('__type'),
    textMember('message'),
    ...own.filter(([name]) => name.toLowerCase() !== 'message'),
  ]);
}

export function typedFaultMembers(fault: ServiceFault): Readonly<Record<string, unknown>> {
  return { ...fault.detail?.members, __type: fault.code, message: fault.message };
}

async function readJson(schema: NormalizedSchema, body: Uint8Array): Promise<unknown> {
  const text = textOf(body);
  if (text === '' || !schema.isStructSchema()) return {};
  const value: unknown = await new JsonCodec2(JSON_SETTINGS).createDeserializer().read(schema, text);
  return value;
}

/** Answers of thousands of lines are most of what a log's search costs: where a schema asks for nothing else, V8 writes them. */
function writeJson(schema: NormalizedSchema | StaticStructureSchema, value: unknown): string | Uint8Array {
  if (isPlainJson(NormalizedSchema.of(schema))) return JSON.stringify(value);
  const serializer = new JsonCodec2(JSON_SETTINGS).createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}
