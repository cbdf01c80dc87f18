/**
 * restJson1 and restXml: members travel in path, query, headers and body, each as its trait says.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html, aws-restjson1-protocol.html
 */
import { XmlCodec } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer, JsonCodec2, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { bytesOf, responseOf, textOf, type WireRequest, type WireResponse } from '../message.ts';
import { isS3, restOperation } from '../rest-route.ts';
import { bodyOf, locationOf, membersOf, recordOf } from '../schema.ts';
import type { ServiceFault } from '../service.ts';
import { typedFault, typedFaultMembers } from './json.ts';
import type { FaultContext, Protocol, WireOperation } from './protocol.ts';
import { errorResponse, XML_DECLARATION } from './query.ts';
import { faultMembers, faultStructure } from './xml-fault.ts';

const TIMESTAMP_DATE_TIME = 5;
const TIMESTAMP_EPOCH_SECONDS = 7;

type BodySchema = NormalizedSchema | StaticStructureSchema;

/** What JSON and XML do differently. */
interface BodyCodec {
  readonly contentType: string;
  readonly defaultTimestamp: typeof TIMESTAMP_DATE_TIME | typeof TIMESTAMP_EPOCH_SECONDS;
  read(schema: BodySchema, text: string): Promise<unknown>;
  write(schema: BodySchema, value: unknown, operation: WireOperation): string | Uint8Array;
  fault(fault: ServiceFault, context: FaultContext): WireResponse;
}

const jsonBody: BodyCodec = {
  contentType: 'application/json',
  defaultTimestamp: TIMESTAMP_EPOCH_SECONDS,
  async read(schema, text) {
    const value: unknown = await jsonCodec().createDeserializer().read(schema, text);
    return value;
  },
  write(schema, value) {
    return writeJson(schema, value);
  },
  fault(fault, { requestId }) {
    const headers = {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': fault.code,
    };
    return responseOf(fault.status, headers, writeJson(typedFault(fault), typedFaultMembers(fault)));
  },
};

const xmlBody: BodyCodec = {
  contentType: 'application/xml',
  defaultTimestamp: TIMESTAMP_DATE_TIME,
  async read(schema, text) {
    const value: unknown = xmlCodec('').createDeserializer().read(schema, text);
    return value;
  },
  write(schema, value, operation) {
    return writeXml(schema, value, operation.service.xmlNamespace ?? '');
  },
  fault(fault, context) {
    if (context.service === undefined || !isS3(context.service)) return errorResponse(fault, context);
    const body = writeXml(
      faultStructure('Error', fault, ['RequestId']),
      { ...faultMembers(fault), RequestId: context.requestId },
      '',
    );
    return responseOf(fault.status, { 'content-type': 'application/xml', 'x-amz-request-id': context.requestId }, body);
  },
};

export const restJson: Protocol = restProtocol(jsonBody);
export const restXml: Protocol = restProtocol(xmlBody);

function restProtocol(codec: BodyCodec): Protocol {
  const settings = {
    timestampFormat: { useTrait: true, default: codec.defaultTimestamp },
    httpBindings: true,
  } as const;

  return {
    async decode(operation, request) {
      const text = new FromStringShapeDeserializer(settings);
      const labels = restOperation(operation).labels(request);
      const bound = new Map<string, unknown>();
      for (const [name, member] of membersOf(operation.input)) {
        const value = await readBound(name, member, request, labels, codec, text);
        if (value !== undefined) bound.set(name, value);
      }
      const body = bodyOf(operation.input);
      if (body === undefined || request.body.byteLength === 0) return Object.fromEntries(bound);
      return { ...recordOf(await codec.read(body, textOf(request.body))), ...Object.fromEntries(bound) };
    },

    encode(operation, output, requestId) {
      const values = recordOf(output);
      const headers: Record<string, string> = isS3(operation.service)
        ? { 'x-amz-request-id': requestId }
        : { 'x-amzn-requestid': requestId };
      let { status } = restOperation(operation);
      let body: string | Uint8Array = '';
      let streamed = false;
      const text = new ToStringShapeSerializer(settings);
      for (const [name, member] of membersOf(operation.output)) {
        const value = values[name];
        if (value === undefined || value === null) continue;
        const location = locationOf(member);
        if (location.at === 'header') {
          text.write(member, value);
          headers[location.name] = text.flush();
        } else if (location.at === 'header-map') {
          for (const [key, item] of Object.entries(recordOf(value))) headers[location.prefix + key] = String(item);
        } else if (location.at === 'status') {
          status = Number(value);
        } else if (location.at === 'payload') {
          streamed = member.isStreaming();
          body = writePayload(member, value, operation, codec);
          headers['content-type'] ??= isPlain(member) ? 'application/octet-stream' : codec.contentType;
        }
      }
      const bodySchema = bodyOf(operation.output);
      if (bodySchema !== undefined) {
        body = codec.write(bodySchema, values, operation);
        headers['content-type'] = codec.contentType;
      }
      return { ...responseOf(status, headers, body), streamed };
    },

    encodeFault: (fault, context) => codec.fault(fault, context),
  };
}

async function readBound(
  name: string,
  member: NormalizedSchema,
  request: WireRequest,
  labels: ReadonlyMap<string, string>,
  codec: BodyCodec,
  text: FromStringShapeDeserializer,
): Promise<unknown> {
  const location = locationOf(member);
  switch (location.at) {
    case 'label': {
      const label = labels.get(name);
      return label === undefined ? undefined : text.read(member, label);
    }
    case 'query': {
      const sent = request.query.filter(([key]) => key === location.name).map(([, value]) => value);
      if (member.isListSchema())
        return sent.length === 0 ? undefined : sent.map((value): unknown => text.read(member.getValueSchema(), value));
      return sent[0] === undefined ? undefined : text.read(member, sent[0]);
    }
    case 'query-map':
      return Object.fromEntries(request.query);
    case 'header': {
      const header = request.headers[location.name];
      return header === undefined ? undefined : text.read(member, header);
    }
    case 'header-map': {
      const prefixed = Object.entries(request.headers).filter(([key]) => key.startsWith(location.prefix));
      return Object.fromEntries(prefixed.map(([key, value]) => [key.slice(location.prefix.length), value]));
    }
    case 'payload':
      if (request.body.byteLength === 0) return undefined;
      if (member.isBlobSchema()) return request.body;
      if (member.isStringSchema()) return textOf(request.body);
      return codec.read(member, textOf(request.body));
    case 'status':
    case 'body':
      return undefined;
  }
}

function writePayload(
  member: NormalizedSchema,
  value: unknown,
  operation: WireOperation,
  codec: BodyCodec,
): string | Uint8Array {
  if (!isPlain(member)) return codec.write(member, value, operation);
  return value instanceof Uint8Array ? value : bytesOf(String(value));
}

function isPlain(member: NormalizedSchema): boolean {
  return member.isBlobSchema() || member.isStringSchema();
}

function jsonCodec(): JsonCodec2 {
  return new JsonCodec2({
    timestampFormat: { useTrait: true, default: TIMESTAMP_EPOCH_SECONDS },
    httpBindings: true,
    jsonName: true,
  });
}

function xmlCodec(xmlNamespace: string): XmlCodec {
  return new XmlCodec({
    timestampFormat: { useTrait: true, default: TIMESTAMP_DATE_TIME },
    httpBindings: true,
    xmlNamespace,
    serviceNamespace: '',
  });
}

function writeJson(schema: BodySchema, value: unknown): string | Uint8Array {
  const serializer = jsonCodec().createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}

function writeXml(schema: BodySchema, value: unknown, xmlNamespace: string): string {
  const serializer = xmlCodec(xmlNamespace).createSerializer();
  serializer.write(schema, value);
  return `${XML_DECLARATION}${String(serializer.flush())}`;
}
