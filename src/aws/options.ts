/** What `openAws` is told. Plain values and ports; nothing here knows the AWS SDK beyond its types. */
import type { HttpHandler } from '@smithy/core/protocols';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { Clock, Random } from '../engine/clock.ts';

export interface Timeouts {
  /** Until the TCP connection stands. */
  readonly connectMs: number;
  /** For one attempt, from sending to the last byte of the answer. */
  readonly requestMs: number;
}

export const defaultTimeouts: Timeouts = { connectMs: 2_000, requestMs: 10_000 };

/**
 * What may be sent: `read-only` lets nothing through but the operations on the list of reads; `changes` names, as
 * `service:Operation` with the service's prefix in IAM, those that may be sent besides; `only` those that may be sent and
 * nothing else, reads included.
 */
export type Mode = 'read-only' | { readonly changes: readonly string[] } | { readonly only: readonly string[] };

/** One attempt at a call, once it is over. */
export interface AwsCall {
  /** The service's prefix in IAM. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly durationMs: number;
  /** Absent where no answer came. */
  readonly status?: number;
  readonly requestId?: string;
  /** The name of what went wrong: `ThrottlingException`, `TimeoutError`. */
  readonly error?: string;
}

export interface AwsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Held in each client, below everything that could get around it. */
  readonly mode: Mode;
  /**
   * A named profile of the shared configuration files, which must be there, as must one that `AWS_PROFILE` names.
   * Without either the SDK's own order holds.
   */
  readonly profile?: string;
  /** One endpoint for all services. Without it `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` hold. */
  readonly endpointUrl?: string;
  /**
   * The services, as variables call them, whose endpoint is named by variables or the shared configuration files: none when absent.
   */
  readonly servicesWithEndpoint?: readonly string[];
  /** Used instead of the standard credential chain. */
  readonly credentials?: AwsCredentialIdentity;
  /** Role ARNs by region, assumed through that region's STS before anything is asked of the region. */
  readonly roles?: Readonly<Record<string, string>>;
  /**
   * Carries the requests of all clients, in this process. Given together with `credentials`, nothing is read from
   * files, the environment or the network.
   */
  readonly requestHandler?: HttpHandler;
  /**
   * Ends every read under way; its reason is what callers see. A change is never ended by it: once sent, its answer is
   * waited for, as long as the time-out says.
   */
  readonly signal?: AbortSignal;
  readonly timeouts?: Timeouts;
  /**
   * Fewest calls rather than the soonest answer: reads of metrics wait for the look-ups without which others cannot be asked
   * for, so that all of a region and window travel together, and what is asked twice at the same time is asked once.
   */
  readonly fewestCalls?: boolean;
  /**
   * For many stacks looked at through one cloud: a call for metrics that is not full waits while others are under way, since
   * the next stack may fill it.
   */
  readonly fillsCalls?: boolean;
  /** The version of nanoops, for the user agent. */
  readonly version?: string;
  /**
   * Operations beside those on the list of reads that a team's own runbooks look by. They pass as reads where their names are those
   * of operations that read (`kindOfOperation`), and are refused like any other where not.
   */
  readonly namedReads?: readonly string[];
  /** Is told of every attempt at every call. */
  readonly onCall?: (call: AwsCall) => void;
}
