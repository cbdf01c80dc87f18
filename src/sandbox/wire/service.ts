/**
 * What a simulated AWS service looks like to the wire: its protocol's parameters and its operations, each the SDK's own
 * schema plus a handler from input to output, in the SDK's shapes. The wire knows nothing of the world behind it.
 */
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';

export type WireProtocol = 'query' | 'ec2-query' | 'json-1.0' | 'json-1.1' | 'rest-json' | 'rest-xml';

export interface CallContext {
  /** IAM prefix of the service, for example `rds`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
}

export interface SimulatedOperation {
  readonly schema: StaticOperationSchema;
  /** Throws a `ServiceFault` for what the service would refuse. */
  handle(input: never, call: CallContext): unknown;
}

export interface SimulatedService {
  /** The prefix of the service's IAM actions, as errors and fault scripts name it, for example `elasticloadbalancing`. */
  readonly service: string;
  /** The service name in the signature's credential scope, by which a request finds its service. */
  readonly signingName: string;
  readonly protocol: WireProtocol;
  /** Other protocols that clients of this service may speak: CloudWatch has three. */
  readonly alsoSpeaks?: readonly (WireProtocol | 'rpc-v2-cbor')[];
  /** The prefix of `X-Amz-Target`, for the JSON protocols. */
  readonly target?: string;
  readonly xmlNamespace?: string;
  /**
   * The one region of a global service: its calls count as made there, whichever region signed them. Route 53 has one, as
   * its API lives in us-east-1 and clients that are told another region sign for that.
   */
  readonly homeRegion?: string;
  readonly operations: readonly SimulatedOperation[];
}

/** What an error carries beside its message, for example the item of a `ConditionalCheckFailedException`. */
export interface FaultDetail {
  /** The SDK's schema of the error, for example `ConditionalCheckFailedException$`. */
  readonly schema: StaticErrorSchema;
  /** By the schema's member names. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** An error that the service answers, as AWS would put it. */
export class ServiceFault extends Error {
  override readonly name = 'ServiceFault';
  /** The wire's error code, for example `DBClusterNotFoundFault`. */
  readonly code: string;
  readonly status: number;
  readonly detail: FaultDetail | undefined;

  constructor(code: string, message: string, status = 400, detail?: FaultDetail) {
    super(message);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/**
 * What becomes of a call before and after the world has seen it. `lost` reaches the world (it is applied) but its
 * answer never reaches the client; `hang` and `reset` never reach the world.
 */
export type Fate =
  | { readonly kind: 'answer'; readonly latencyMs: number }
  | { readonly kind: 'fault'; readonly latencyMs: number; readonly fault: ServiceFault }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'lost'; readonly latencyMs: number };

/** Decides a call's fate: the world's regions, and a scenario's fault script, stand behind it. */
export type Gate = (call: CallContext) => Fate;
