/**
 * What every AWS protocol does on the server's side. Implementations know schemas and bytes; they know neither regions
 * nor worlds.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { WireRequest, WireResponse } from '../message.ts';
import type { ServiceFault, SimulatedOperation, SimulatedService } from '../service.ts';

/** An operation that a service offers, with its schemas ready to use. */
export interface WireOperation {
  readonly service: SimulatedService;
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  readonly simulated: SimulatedOperation;
}

export interface FaultContext {
  readonly request: WireRequest;
  readonly requestId: string;
  /** Absent when the request named no service that is simulated. */
  readonly service: SimulatedService | undefined;
}

export interface Protocol {
  /** The operation's input, in the SDK's shape. Throws what it likes on a body that cannot be read. */
  decode(operation: WireOperation, request: WireRequest): Promise<unknown>;
  /** The operation's output as the answer that its clients expect. */
  encode(operation: WireOperation, output: unknown, requestId: string): WireResponse;
  /** An error, with its code where this protocol's clients look for it. */
  encodeFault(fault: ServiceFault, context: FaultContext): WireResponse;
}
