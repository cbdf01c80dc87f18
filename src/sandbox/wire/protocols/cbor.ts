/**
 * Smithy RPC v2 CBOR, which the aws command line speaks with CloudWatch.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { CborCodec } from '@smithy/core/cbor';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { StaticStructureSchema } from '@smithy/types';
import { responseOf, type WireResponse } from '../message.ts';
import { recordOf, structure } from '../schema.ts';
import { queryErrorHeader, typedFault, typedFaultMembers } from './json.ts';
import type { Protocol } from './protocol.ts';

export const rpcV2Cbor: Protocol = {
  async decode(operation, request) {
    if (request.body.byteLength === 0 || !operation.input.isStructSchema()) return {};
    const value: unknown = await new CborCodec().createDeserializer().read(operation.input, request.body);
    return value;
  },

  encode(operation, output, requestId) {
    const schema = operation.output.isStructSchema() ? operation.output : structure(`${operation.name}Output`, []);
    return answer(200, requestId, {}, schema, recordOf(output));
  },

  encodeFault(fault, { request, requestId }) {
    return answer(
      fault.status,
      requestId,
      queryErrorHeader(fault, request),
      typedFault(fault),
      typedFaultMembers(fault),
    );
  },
};

function answer(
  status: number,
  requestId: string,
  headers: Readonly<Record<string, string>>,
  schema: NormalizedSchema | StaticStructureSchema,
  value: unknown,
): WireResponse {
  const serializer = new CborCodec().createSerializer();
  serializer.write(schema, value);
  return responseOf(
    status,
    { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId, ...headers },
    serializer.flush(),
  );
}
