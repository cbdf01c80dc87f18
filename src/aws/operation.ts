/** The name of the operation that a command stands for, read from the schema by which it is put on the wire. */
import { getSmithyContext } from '@smithy/core/transport';
import type { HandlerExecutionContext } from '@smithy/types';

/** A static operation schema holds its kind, its namespace and its name (`StaticOperationSchema` in @smithy/types). */
const nameIndex = 2;

/** What has no schema has no name, and so is on no list of reads. */
const unnamed = 'unnamed';

export function operationOfSchema(schema: unknown): string {
  const name: unknown = Array.isArray(schema) ? schema[nameIndex] : undefined;
  return typeof name === 'string' ? name : unnamed;
}

/** For middleware: not the command's class, whose name bundlers shorten, but what will be serialised. */
export function operationOfContext(context: HandlerExecutionContext): string {
  return operationOfSchema(getSmithyContext(context)['operationSchema']);
}
