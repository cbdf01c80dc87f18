/**
 * Facts about who calls whom, and how that went: counted by the tracing service from the requests that it sampled. Shares
 * and times are those of a sample; counts are not the requests that there were.
 */
import type { Source, Window } from './series.ts';
import type { TracedServiceRef } from './stack.ts';

/** What came to a component, or from one to another, and how it ended. */
export interface CallStatistics {
  readonly requests: number;
  readonly ok: number;
  /** The caller's fault, 4xx, throttled ones among them. */
  readonly errors: number;
  /** 429: to a caller, a failure of the callee. */
  readonly throttles: number;
  /** The component's own fault, 5xx. */
  readonly faults: number;
  /** Milliseconds, of all of them together. */
  readonly totalMs: number;
  /** How many took how long, the quickest first; empty where it was not given. */
  readonly latencies: readonly LatencyCount[];
}

export interface LatencyCount {
  readonly ms: number;
  readonly count: number;
}

/** What tells a component from others: the same thing may be seen from several sides, under one name and several types. */
export interface ComponentRef {
  readonly name: string;
  /** `AWS::ECS::Container`, `AWS::Lambda::Function`, `Database::SQL`, `client`, `remote`, … */
  readonly type?: string;
  /** Where it is another's. */
  readonly account?: string;
}

export interface GraphComponent extends ComponentRef {
  /** Unique within the graph. */
  readonly id: string;
  readonly state?: string;
  /** True where requests enter the system. */
  readonly isRoot: boolean;
  /** Absent of clients, which nothing comes to. */
  readonly statistics?: CallStatistics;
}

/** What one component asked of another. */
export interface GraphCall {
  /** Ids of components. */
  readonly from: string;
  readonly to: string;
  readonly statistics: CallStatistics;
}

export interface ServiceGraph {
  readonly components: readonly GraphComponent[];
  readonly calls: readonly GraphCall[];
  /** True where a limit ended the reading: there may be more. */
  readonly truncated: boolean;
  /** Calls to components that the answer does not hold. */
  readonly dangling: number;
  readonly source: Source;
}

/** A component, or the calls from one to another. */
export type GraphEntity =
  | { readonly kind: 'component'; readonly component: ComponentRef }
  | { readonly kind: 'call'; readonly from: ComponentRef; readonly to: ComponentRef };

export interface CallPeriod {
  /** When it begins, epoch milliseconds. */
  readonly at: number;
  readonly statistics: CallStatistics;
}

/** What came to an entity over time. A period in which nothing was sampled is absent. */
export interface CallHistory {
  readonly entity: GraphEntity;
  /** In order of time. */
  readonly periods: readonly CallPeriod[];
  readonly truncated: boolean;
  readonly source: Source;
}

export interface ServiceGraphFacts {
  /** All that was traced in a region, whatever asked for it. Empty where nothing was. */
  serviceGraph(traced: TracedServiceRef, window: Window): Promise<ServiceGraph>;
  /** The same of several windows, in their order, read at once: short ones give a history of every call, with a read each. */
  serviceGraphs(traced: TracedServiceRef, windows: readonly Window[]): Promise<readonly ServiceGraph[]>;
  /** A history for each entity, in their order. */
  callHistories(
    region: string,
    entities: readonly GraphEntity[],
    window: Window,
    periodSeconds: 60 | 300,
  ): Promise<readonly CallHistory[]>;
}
