/**
 * awsQuery and ec2Query: forms in, XML out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-ec2-query-protocol.html
 */
import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { $SchemaRef, StaticStructureSchema } from '@smithy/types';
import { readForm } from '../form.ts';
import { responseOf, textOf, type WireRequest, type WireResponse } from '../message.ts';
import { membersOf, recordOf, structure, textMember } from '../schema.ts';
import type { ServiceFault } from '../service.ts';
import type { FaultContext, Protocol } from './protocol.ts';
import { faultMembers, faultStructure } from './xml-fault.ts';

const TIMESTAMP_DATE_TIME = 5;
const XML_TYPE = 'text/xml;charset=UTF-8';
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The query protocol of RDS, ElastiCache, ELB, STS, SNS, and CloudWatch's older clients. */
export const query: Protocol = {
  async decode(operation, request) {
    return readForm(operation.input, parametersOf(request), { ec2: false });
  },

  encode(operation, output, requestId) {
    const metadata = structure('ResponseMetadata', [textMember('RequestId')]);
    const members: [string, $SchemaRef][] = [['ResponseMetadata', metadata]];
    const values: Record<string, unknown> = { ResponseMetadata: { RequestId: requestId } };
    if (operation.output.isStructSchema()) {
      const result = `${operation.name}Result`;
      members.unshift([result, operation.simulated.schema[5]]);
      values[result] = recordOf(output);
    }
    return xmlAnswer(
      200,
      requestId,
      structure(`${operation.name}Response`, members),
      values,
      operation.service.xmlNamespace,
    );
  },

  encodeFault(fault, context) {
    return errorResponse(fault, context);
  },
};

/** EC2's variant: no result element, another error form, other list names. */
export const ec2Query: Protocol = {
  async decode(operation, request) {
    return readForm(operation.input, parametersOf(request), { ec2: true });
  },

  encode(operation, output, requestId) {
    const members = [textMember('requestId'), ...membersOf(operation.output)];
    const schema = structure(`${operation.name}Response`, members);
    return xmlAnswer(200, requestId, schema, { ...recordOf(output), requestId }, operation.service.xmlNamespace);
  },

  encodeFault(fault, { requestId }) {
    const error = faultStructure('Error', fault, []);
    const schema = structure('Response', [
      ['Errors', structure('Errors', [['Error', error]])],
      textMember('RequestID'),
    ]);
    const value = { Errors: { Error: faultMembers(fault) }, RequestID: requestId };
    return xmlAnswer(fault.status, requestId, schema, value, undefined);
  },
};

/** `<ErrorResponse>`, which the REST protocol in XML shares. */
export function errorResponse(fault: ServiceFault, { requestId, service }: FaultContext): WireResponse {
  const error = faultStructure('Error', fault, ['Type']);
  const schema = structure('ErrorResponse', [['Error', error], textMember('RequestId')]);
  const value = {
    Error: { ...faultMembers(fault), Type: fault.status >= 500 ? 'Receiver' : 'Sender' },
    RequestId: requestId,
  };
  return xmlAnswer(fault.status, requestId, schema, value, service?.xmlNamespace);
}

/** The parameters of a form, from the body and from the URL: both are allowed. */
export function parametersOf(request: WireRequest): URLSearchParams {
  const parameters = new URLSearchParams(textOf(request.body));
  for (const [name, value] of request.query) parameters.append(name, value);
  return parameters;
}

function xmlAnswer(
  status: number,
  requestId: string,
  schema: StaticStructureSchema,
  value: unknown,
  xmlNamespace: string | undefined,
): WireResponse {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: TIMESTAMP_DATE_TIME },
    httpBindings: false,
    xmlNamespace: xmlNamespace ?? '',
    serviceNamespace: '',
  });
  serializer.write(schema, value);
  const body = `${XML_DECLARATION}${String(serializer.flush())}`;
  return responseOf(status, { 'content-type': XML_TYPE, 'x-amzn-requestid': requestId }, body);
}
