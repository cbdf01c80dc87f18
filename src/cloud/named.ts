/**
 * What a team's own runbooks and checks name themselves: calls of AWS by service and operation, programs, addresses. No words of
 * the domain's, and so nothing that a model could answer for.
 */

/** A call of AWS's API. `service` is the service's prefix in IAM, for example `elasticloadbalancing`. */
export interface NamedCall {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** Plain data, as the API Reference has it; times as ISO 8601, bytes as base64. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A program and its arguments, started without a shell in the configuration's folder. */
export interface NamedProgram {
  readonly exec: readonly string[];
  /** Milliseconds that it may take. */
  readonly withinMs: number;
  /** Of one that changes something: what it does to a simulated AWS, where no program is started and this is sent in its place. */
  readonly simulated?: NamedCall;
}

export interface NamedProgramAnswer {
  /** True where it exited with 0. */
  readonly ok: boolean;
  /** In one line. */
  readonly detail: string;
  /** What it printed, cut to 64 KiB. */
  readonly output: string;
}

export interface NamedAddress {
  readonly url: string;
  readonly withinMs: number;
}

export interface NamedAddressAnswer {
  /** True for a 2xx or 3xx answer. */
  readonly ok: boolean;
  readonly status?: number;
  readonly durationMs: number;
  /** In one line. */
  readonly detail: string;
}

/** What only looks. */
export interface NamedLooks {
  /**
   * The answer as plain data: times as ISO 8601, bytes as base64. Rejects with a `CloudError`, also for an operation whose name is
   * not one that reads.
   */
  call(call: NamedCall): Promise<unknown>;
  /** A program that its author has declared to change nothing. In a simulation it rejects with a `CloudError` `not-simulated`. */
  program(program: NamedProgram, signal: AbortSignal): Promise<NamedProgramAnswer>;
  /** One GET. In a simulation it rejects with a `CloudError` `not-simulated`. */
  address(address: NamedAddress, signal: AbortSignal): Promise<NamedAddressAnswer>;
}

/** What changes something: each is sent or started once. */
export interface NamedDeeds {
  /** Rejects with a `CloudError`, as the methods of `Changes` do. */
  call(call: NamedCall): Promise<void>;
  /** Rejects where it does not exit with 0. */
  program(program: NamedProgram): Promise<void>;
}
