/**
 * What the root-cause engine reads: who calls whom, and how each component did in a normal period and in the incident. It knows
 * no AWS; X-Ray fills it like this.
 *
 * - `GetServiceGraph` gives components and calls: `Services[].Name` and `.Type` are `name` and `type`, each `Edges[].ReferenceId`
 *   is a call from that service. The service of `Type` "client" that stands before the first service is one, too.
 * - `GetTimeSeriesServiceStatistics`, asked once for the normal period and once for the incident with the same `Period`, gives the
 *   readings: of a component with an `EntitySelectorExpression` such as `service(id(name: "…", type: "…"))`, of a call with
 *   `edge(id(…), id(…))`. Of each `TimeSeriesServiceStatistics`, `Timestamp` is `at`, and of its `ServiceSummaryStatistics`
 *   (or `EdgeSummaryStatistics`) `TotalCount` is `requests`, `TotalResponseTime / TotalCount` is `meanSeconds` (NaN where
 *   `TotalCount` is 0), and `FaultStatistics.TotalCount + ErrorStatistics.ThrottleCount` is `faults`: to a caller, being
 *   throttled is a failure of the callee; other errors (4xx) are the caller's own. `ResponseTimeHistogram` gives
 *   `percentiles`: the first `Value` at which the sum of `Count` reaches the wanted share.
 */

/**
 * Readings of one component or call, by column: entry `i` of every column belongs to the period that begins at `at[i]`. NaN stands
 * for what was not measured, for example the latency of a period without requests.
 */
export interface Readings {
  /** Epoch milliseconds, rising, one period apart. */
  readonly at: readonly number[];
  /** How many were received in each period; 0 is a measurement, too. */
  readonly requests?: readonly number[];
  /** How many of them failed by the component's own fault. */
  readonly faults?: readonly number[];
  readonly meanSeconds?: readonly number[];
  /** Seconds by name, for example `p50` and `p99`. */
  readonly percentiles?: Readonly<Record<string, readonly number[]>>;
}

export interface CallComponent {
  /** Unique; the answer names components by it. */
  readonly id: string;
  /** Components of the same name are one thing seen from several sides. */
  readonly name: string;
  /** For example `AWS::Lambda::Function`, `client` or `remote`. */
  readonly type?: string;
  readonly normal: Readings;
  readonly incident: Readings;
}

/** A call between two components, by their ids. With readings of its own it is known who suffers how much from a shared callee. */
export interface Call {
  readonly from: string;
  readonly to: string;
  readonly normal?: Readings;
  readonly incident?: Readings;
}

export type SymptomKind = 'latency' | 'availability';

/** Where it hurts: slow answers, or failing ones. */
export interface HurtComponent {
  readonly component: string;
  readonly kind: SymptomKind;
}

export interface RootCauseInput {
  readonly components: readonly CallComponent[];
  readonly calls: readonly Call[];
  readonly symptom: HurtComponent;
}
