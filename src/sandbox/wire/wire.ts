/**
 * The wire: from a request's bytes to a simulated service and back to the answer's bytes, with the fate that a call has
 * on its way. It knows protocols, schemas and time; what is behind the services and what decides fates is handed in.
 */
import type { Clock } from '../../engine/clock.ts';
import type { WireRequest, WireResponse } from './message.ts';
import type { WireOperation } from './protocols/protocol.ts';
import { unpacked } from './request-body.ts';
import type { RequestIds } from './request-id.ts';
import { createRouter, type Route } from './route.ts';
import { ServiceFault, type CallContext, type Gate, type SimulatedService } from './service.ts';

export interface WireOptions {
  readonly services: readonly SimulatedService[];
  /** Asked once for every call to a simulated operation, before the world sees it. */
  readonly gate: Gate;
  readonly clock: Clock;
  readonly requestIds: RequestIds;
}

/**
 * What a client sees of a call: an answer, a reset connection, or nothing. `lost`: the call reached the world, its answer
 * reached nobody. `hang`: no answer will come; the client waits as long as it likes.
 */
export type WireOutcome =
  | { readonly kind: 'response'; readonly response: WireResponse }
  | { readonly kind: 'hang' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'reset' };

export interface HandleOptions {
  /** Ends the waiting for a slow answer; the call itself has reached the world by then. */
  readonly signal?: AbortSignal;
  /** How long this client waits, in milliseconds: an answer that takes longer is a `hang`, told at once. */
  readonly patienceMs?: number;
}

export interface Wire {
  /**
   * Handles one request. The world sees a call when it arrives; its answer takes the latency that the gate gave, slept on
   * the clock. Rejects with the signal's reason, or with what a handler threw that is no `ServiceFault`: a defect.
   */
  handle(request: WireRequest, options?: HandleOptions): Promise<WireOutcome>;
}

export function createWire({ services, gate, clock, requestIds }: WireOptions): Wire {
  const route = createRouter(services);

  return {
    async handle(request, { signal, patienceMs = Infinity } = {}) {
      signal?.throwIfAborted();
      const found = route(request);
      const call: CallContext = {
        service: found.service?.service ?? found.scope?.signingName ?? 'unknown',
        operation: found.operationName,
        region: found.service?.homeRegion ?? found.scope?.region ?? 'unknown',
      };
      const requestId = requestIds(call);
      const refuse = (fault: ServiceFault) =>
        finished(found.protocol.encodeFault(fault, { request, requestId, service: found.service }), request);
      if (found.target instanceof ServiceFault) return { kind: 'response', response: refuse(found.target) };

      const fate = gate(call);
      if (fate.kind === 'hang' || fate.kind === 'reset') return { kind: fate.kind };
      const response =
        fate.kind === 'fault'
          ? refuse(fate.fault)
          : await answer(found, found.target, request, call, requestId).then((given) =>
              given instanceof ServiceFault ? refuse(given) : finished(given, request),
            );
      if (fate.latencyMs > patienceMs) return { kind: 'hang' };
      await clock.sleep(fate.latencyMs, signal);
      return fate.kind === 'lost' ? { kind: 'lost' } : { kind: 'response', response };
    },
  };
}

/** The service's answer to a call that has reached it, or its refusal. */
async function answer(
  found: Route,
  operation: WireOperation,
  request: WireRequest,
  call: CallContext,
  requestId: string,
): Promise<WireResponse | ServiceFault> {
  let input: unknown;
  try {
    input = await found.protocol.decode(operation, unpacked(request));
    if (typeof input !== 'object' || input === null || Array.isArray(input))
      throw new TypeError('it holds no structure');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new ServiceFault(
      'SerializationException',
      `${call.service}:${call.operation} cannot read the request: ${reason}`,
    );
  }
  try {
    // The input was read by this very operation's own schema, which is what its handler is typed by.
    const output = await operation.simulated.handle(input as never, call);
    return found.protocol.encode(operation, output, requestId);
  } catch (error) {
    if (error instanceof ServiceFault) return error;
    throw error;
  }
}

/**
 * What every answer has, whichever the protocol: a length, and no body to a HEAD. No date: the SDK's clients would take
 * the sandbox's time for a skew of their own clock, and repeat what failed.
 */
function finished(response: WireResponse, request: WireRequest): WireResponse {
  const isHead = request.method === 'HEAD';
  const told = isHead ? response.headers['content-length'] : undefined;
  const headers = { ...response.headers, 'content-length': told ?? String(response.body.byteLength) };
  return { ...response, headers, body: isHead ? new Uint8Array() : response.body };
}
